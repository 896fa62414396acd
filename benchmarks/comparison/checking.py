"""Whether a contender computes what `hand` computes. Who does not is not timed."""

import numpy as np

from comparison.job import Job, Result
from comparison.workloads import Parameters

STEPS = 3

# How far the change that the steps made may be from what `hand` made, relative to its size; and rounding of the values
# themselves, in units of their dtype's precision.
TOLERANCE = {"float64": 1e-9, "float32": 1e-3}
ROUNDINGS = 4


def after_steps(job: Job) -> Result:
    """Run a few times, and read."""
    for _ in range(STEPS):
        job.run()
    job.finish()
    return job.read()


def disagreement(expected: Result, result: Result, start: Parameters, dtype: str) -> str | None:
    """Say in what a result differs from the expected one, if it does.

    Parameters are compared by how much they changed since the start: one step changes them little, so that a wrong
    gradient would hide behind them.
    """
    if expected.keys() != result.keys():
        return f"gives {', '.join(result)} where hand gives {', '.join(expected)}"
    for name, right in expected.items():
        value = result[name]
        if name != "J" and (value.shape, value.dtype) != (right.shape, np.dtype(dtype)):
            return f"{name} is {value.dtype}{value.shape}, not {dtype}{right.shape}"
        change = np.linalg.norm(right - start.get(name, 0))
        allowed = TOLERANCE[dtype] * change + ROUNDINGS * np.finfo(dtype).eps * np.linalg.norm(right)
        error = np.linalg.norm(value - right)
        if not error <= allowed:
            return f"{name} is off by {error / change:.1e} of its size after {STEPS} runs"
    return None


def is_finite(job: Job) -> bool:
    """Look for NaN and infinity after the timing, which can be fast or slow for the wrong reason."""
    return all(np.all(np.isfinite(value)) for value in job.read().values())
