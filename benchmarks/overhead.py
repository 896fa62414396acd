"""Report what recording and differentiating cost an operation, over NumPy's own time.

    python benchmarks/overhead.py

Contenders take turns in interleaved rounds; the median of each is reported. The cyclic garbage collector is off for
the overhead of single operations, and both off and on for chains, since it is the larger part of what they cost.
"""

import gc
import platform
import statistics
import sys
import timeit
from time import perf_counter

import numpy as np

import micrograd_nd as mg

ROUNDS = 15
CALLS = 2_000

x, y = np.array([0.5, 1.0, 2.0]), np.array([1.5, 2.5, 3.0])
s = np.float64(1.5)
names = {
    "np": np,
    "mg": mg,
    "x": x,
    "y": y,
    "s": s,
    "tx": mg.Tensor(x),
    "ty": mg.Tensor(y),
    "ts": mg.Tensor(s),
}


class Silent:
    """Takes part in NumPy's dispatch and does nothing: what is left is NumPy's own part of a call."""

    def __array_ufunc__(self, *args: object, **kwargs: object) -> None:
        return None


names["silent"] = Silent()

OPERATIONS = [
    ("number * number", "s * s", "ts * ts"),
    ("number * 3.0", "s * 3.0", "ts * 3.0"),
    ("vector + vector", "x + y", "tx + ty"),
    ("vector * vector", "x * y", "tx * ty"),
    ("vector * 3.0", "x * 3.0", "tx * 3.0"),
    ("vector @ vector", "x @ y", "tx @ ty"),
    ("-vector", "-x", "-tx"),
    ("vector[0]", "x[0]", "tx[0]"),
    ("np.multiply(vector, vector)", "np.multiply(x, y)", "np.multiply(tx, ty)"),
    ("np.tanh(vector)", "np.tanh(x)", "np.tanh(tx)"),
    ("vector.sum()", "x.sum()", "tx.sum()"),
    ("np.sum(vector)", "np.sum(x)", "np.sum(tx)"),
]


def microseconds(statement: str) -> float:
    return timeit.timeit(statement, globals=names, number=CALLS) / CALLS * 1e6


def operations() -> None:
    print("Recording one operation (vectors of 3), microseconds, collector off:\n")
    print("| operation | NumPy | recorded | over NumPy |")
    print("| --- | --- | --- | --- |")
    for label, plain, recorded in OPERATIONS:
        rounds = [(microseconds(plain), microseconds(recorded)) for _ in range(ROUNDS)]
        numpy_time, our_time = (statistics.median(column) for column in zip(*rounds, strict=True))
        print(f"| {label} | {numpy_time:.2f} | {our_time:.2f} | {our_time - numpy_time:.2f} |")
    dispatch = statistics.median(microseconds("np.tanh(silent)") for _ in range(ROUNDS))
    print(f"\nOf calls by NumPy's names, NumPy's dispatch alone takes {dispatch:.2f}.")


def chain(length: int) -> tuple[float, float, float]:
    """Time forward, backward and freeing of a chain of scalar products, in microseconds an operation."""
    start = perf_counter()
    t = mg.Tensor(1.0)
    for _ in range(length):
        t = t * 1.0000001
    recorded = perf_counter()
    t.backward()
    differentiated = perf_counter()
    del t
    freed = perf_counter()
    times = (recorded - start, differentiated - recorded, freed - differentiated)
    return tuple(time / length * 1e6 for time in times)  # type: ignore[return-value]


def chains() -> None:
    lengths = (1_000, 10_000, 100_000, 1_000_000)
    for collector in ("off", "on"):
        print(f"\nA chain of scalar products, microseconds an operation, collector {collector}:\n")
        print("| length | forward | backward | freeing | all |")
        print("| --- | --- | --- | --- | --- |")
        (gc.enable if collector == "on" else gc.disable)()
        results: dict[int, list[tuple[float, float, float]]] = {length: [] for length in lengths}
        for _ in range(5):
            for length in lengths:
                # As many operations for every length, so that medians are equally steady.
                results[length] += [chain(length) for _ in range(min(100, 1_000_000 // length))]
        totals = {}
        for length in lengths:
            parts = [statistics.median(column) for column in zip(*results[length], strict=True)]
            totals[length] = sum(parts)
            row = " | ".join(f"{part:.2f}" for part in (*parts, totals[length]))
            print(f"| {length:,} | {row} |")
        print(f"\n1,000,000 against 1,000: {totals[1_000_000] / totals[1_000]:.2f}")
    gc.enable()


def main() -> None:
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {platform.machine()}\n")
    gc.disable()
    operations()
    chains()


if __name__ == "__main__":
    sys.exit(main())
