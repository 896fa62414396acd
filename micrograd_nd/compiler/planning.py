"""Planning: what is faster on this machine is found out by measuring it, once, when a program is made."""

from collections.abc import Callable, Sequence
from time import perf_counter
from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.products import Way, plain_trial
from micrograd_nd.compiler.program import Input, Operation, Value

__all__ = ["fastest", "is_faster"]

ROUNDS = 6
# A gain below this is not worth another order of the sums.
MARGIN = 0.92


def fastest(x: Value, y: Value, ways: Sequence[Way]) -> Way | None:
    """Find the way to compute ``x @ y`` that is clearly faster than NumPy's, for matrices that lie as these do.

    Returns
    -------
    Way or None
        None if there is none.
    """
    a, b = sample(x), sample(y)
    times = measured([plain_trial(a, b), *(way.trial(a, b) for way in ways)])
    best = min(range(len(times)), key=times.__getitem__)
    return ways[best - 1] if best and times[best] < MARGIN * times[0] else None


def is_faster(new: Callable[[], Any], usual: Callable[[], Any]) -> bool:
    """Tell whether one way to compute something is clearly faster than another."""
    first, second = measured([new, usual])
    return first < MARGIN * second


def measured(trials: Sequence[Callable[[], Any]]) -> list[float]:
    """Measure the shortest time that each takes, in seconds; the first time does not count."""
    times: list[list[float]] = [[] for _ in trials]
    for _ in range(ROUNDS):  # in turns, so that a disturbance meets all
        for trial, found in zip(trials, times, strict=True):
            start = perf_counter()
            trial()
            found.append(perf_counter() - start)
    return [min(found[1:]) for found in times]


def sample(x: Value) -> Any:
    """Make a matrix that lies in memory as a value does."""
    if isinstance(x, Operation) and x.function is np.transpose:
        return sample(x.arguments[0]).T
    if isinstance(x, Input) and x.turned:
        return np.full(x.shape[::-1], 0.5, x.dtype).T
    return np.full(x.shape, 0.5, x.dtype)
