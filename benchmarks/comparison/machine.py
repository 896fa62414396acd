"""What a measurement ran on: the processor, NumPy's BLAS and its kernel, threads, versions."""

import os
import platform
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

STAT = Path("/proc/stat")
PACKAGES = ("numpy", "numba", "scikit-learn", "autograd", "mygrad", "torch", "jax", "jaxlib")


def describe() -> dict[str, Any]:
    """Return facts as JSON knows them. To be called before anything else loads a BLAS of its own."""
    return {
        "processor": processor(),
        "cores": available_cores(),
        "pinned": hasattr(os, "sched_setaffinity"),
        "python": platform.python_version(),
        "versions": {name: version for name in PACKAGES if (version := version_of(name))},
        "blas": blas(),
    }


def processor() -> str:
    """Return the processor's own name for itself, where the system tells."""
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.is_file():
        for line in cpuinfo.read_text(encoding="utf-8").splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def available_cores() -> int:
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@dataclass(frozen=True)
class Moment:
    """Seconds until now: of the clock, of all cores at work, and of this process at work."""

    clock: float
    busy: float
    own: float


def moment() -> Moment:
    """Read the clocks; where the system does not tell what all cores do, nothing else seems to run."""
    own = sum(os.times()[:2])
    busy = own
    if STAT.is_file():
        user, nice, system, _idle, _waiting, *others = STAT.read_text(encoding="ascii").splitlines()[0].split()[1:9]
        busy = sum(map(int, (user, nice, system, *others))) / os.sysconf("SC_CLK_TCK")
    return Moment(perf_counter(), busy, own)


def cores_used_by_others(start: Moment, end: Moment) -> float:
    """Return how many cores other processes kept busy between two moments, on average."""
    others = (end.busy - start.busy) - (end.own - start.own)
    return max(0.0, others / (end.clock - start.clock))


def version_of(package: str) -> str | None:
    try:
        return metadata.version(package)
    except metadata.PackageNotFoundError:
        return None


def blas() -> str:
    """Name NumPy's BLAS, the kernel that it chose for this processor, and its threads."""
    built_with = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    name = f"{built_with.get('name')} {built_with.get('version')}"
    try:
        from threadpoolctl import threadpool_info
    except ImportError:
        return f"{name}, kernel unknown (threadpoolctl is not installed)"
    for library in threadpool_info():
        if library["user_api"] == "blas":
            kernel = library.get("architecture", "unknown")
            return (
                f"{library['internal_api']} {library['version']}, kernel {kernel}, {library['num_threads']} thread(s)"
            )
    return name
