"""How much memory a contender needs at its peak beyond what it was given. Linux tells."""

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

from comparison.contenders import builder
from comparison.job import Job, Missing
from comparison.workloads import kind_of, make_problem

STATUS, RESET = Path("/proc/self/status"), Path("/proc/self/clear_refs")

# glibc keeps freed memory for later by default. So set, large arrays go back to the system at once.
ENVIRONMENT = {"MALLOC_MMAP_THRESHOLD_": "65536", "MALLOC_TRIM_THRESHOLD_": "0", "MALLOC_TOP_PAD_": "0"}

RUNS = 3

# Operations of the chain whose memory is measured.
CHAIN = 100_000


def extra_peak(contender: str, workload: str, dtype: str) -> int:
    """Return the bytes at the peak of a few runs, less what there was before the contender was set up.

    Arrays that it keeps from run to run count, and so do its results; the data and parameters that it is given do not.
    A first run on a small problem loads the libraries and their compilers; what compilers use is over before the peak.

    Raises
    ------
    Missing
        Where the contender cannot take part, or the system does not tell.
    """
    if not RESET.exists():
        raise Missing("peak memory is read from Linux's /proc")
    build = builder(contender, kind_of(workload))
    if build is None:
        raise Missing("does not take part")
    small = set_up(build, workload, dtype, small=True)()
    for _ in range(RUNS):
        small.run()
    small.finish()
    ready = set_up(build, workload, dtype, small=False)
    before = status("VmRSS")
    job = ready()
    job.run()
    job.finish()
    RESET.write_text("5", encoding="ascii")  # the peak is counted from here
    for _ in range(RUNS):
        job.run()
    job.finish()
    return max(0, status("VmHWM") - before)


def set_up(build: Callable[..., Any], workload: str, dtype: str, *, small: bool) -> Callable[[], Job]:
    """Draw the data; what is returned sets up the contender."""
    if workload != "chain":
        problem = make_problem(workload, dtype, small=small)
        return lambda: cast(Job, build(problem))
    forward, backward = build()
    length = CHAIN // 100 if small else CHAIN
    return lambda: Job(run=lambda: backward(forward(length)), read=dict)


def status(field: str) -> int:
    """Read a size in bytes from the kernel's account of this process."""
    for line in STATUS.read_text(encoding="ascii").splitlines():
        if line.startswith(f"{field}:"):
            return int(line.split()[1]) * 1024
    raise Missing(f"the system does not tell {field}")
