"""One turn of measuring, as a process of its own: ``python turn.py SIZE`` multiplies matrices and writes JSON.

It imports NumPy and nothing of this package: the variables that BLAS reads have to be set before NumPy loads, so each
setting needs a fresh process, and a fresh process should be ready soon.
"""

import json
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

__all__ = ["loaded_blas", "speeds"]

SECONDS = 0.25  # of multiplying, in all
REPEATS = 3  # at least, of each dtype


def main(arguments: list[str]) -> None:
    """Write what was measured, and what BLAS says of itself."""
    found = loaded_blas() or {}
    gflops, cores = speeds(int(arguments[0]))
    reply = {
        "kernels": found.get("architecture"),
        "threads": found.get("num_threads"),
        "cores": cores,
        "gflops": gflops,
    }
    sys.stdout.write(json.dumps(reply) + "\n")


def speeds(size: int, seconds: float = SECONDS) -> tuple[dict[str, float], float]:
    """Measure products of square matrices.

    Parameters
    ----------
    size : int
        Of a side.
    seconds : float
        How long to go on.

    Returns
    -------
    dict
        GFLOP/s for float64 and for float32: the median of products that take turns.
    float
        How many cores worked, on average.

    Examples
    --------
    >>> gflops, cores = speeds(8, seconds=0.0)
    >>> sorted(gflops)
    ['float32', 'float64']
    """
    drawn = np.random.default_rng(0).random((2, size, size))
    pairs = {name: drawn.astype(name) for name in ("float64", "float32")}
    out = {name: np.empty((size, size), name) for name in pairs}
    times: dict[str, list[float]] = {name: [] for name in pairs}
    for name, (a, b) in pairs.items():
        np.matmul(a, b, out=out[name])  # the first product wakes the threads and fetches the pages
    began, worked = time.perf_counter(), time.process_time()
    while len(times["float32"]) < REPEATS or time.perf_counter() < began + seconds:
        for name, (a, b) in pairs.items():
            start = time.perf_counter()
            np.matmul(a, b, out=out[name])
            times[name].append(time.perf_counter() - start)
    cores = (time.process_time() - worked) / (time.perf_counter() - began)
    return {name: 2e-9 * size**3 / statistics.median(spent) for name, spent in times.items()}, cores


def loaded_blas() -> dict[str, Any] | None:
    """Ask threadpoolctl for the BLAS library that NumPy has loaded.

    Returns
    -------
    dict or None
        Its entry in ``threadpool_info()``; empty for a library that threadpoolctl does not know; None without
        threadpoolctl.
    """
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return None
    libraries: list[dict[str, Any]] = [found for found in threadpool_info() if found.get("user_api") == "blas"]
    return max(libraries, key=belongs_to_numpy, default={})


def belongs_to_numpy(library: dict[str, Any]) -> bool:
    """Tell NumPy's own copy from that of SciPy, which may be loaded beside it."""
    folders = [folder.name for folder in Path(str(library.get("filepath", ""))).parents]
    return any(name in ("numpy", "numpy.libs") for name in folders[:2])


if __name__ == "__main__":
    main(sys.argv[1:])
