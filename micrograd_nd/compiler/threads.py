"""Threads: the blocks of a long run are shared out among the cores, since NumPy computes on several at a time."""

import os
from collections.abc import Callable, Sequence
from contextvars import copy_context
from itertools import pairwise
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from concurrent.futures import ThreadPoolExecutor

__all__ = ["share", "shares"]

# Elements times operations: below this, waking another thread takes longer than it saves.
WORTHWHILE = 1 << 20


class Pool:
    """The threads beside that which calls, made when they are first needed.

    Attributes
    ----------
    process : int
        Whose they are: a process that was forked has none of its parent's.
    """

    def __init__(self) -> None:
        self.process = 0
        self.executor: ThreadPoolExecutor | None = None

    def get(self) -> "ThreadPoolExecutor":
        """Find the threads, or make them."""
        from concurrent.futures import ThreadPoolExecutor  # which few programs need, and takes a while

        if self.executor is None or self.process != os.getpid():
            self.executor, self.process = ThreadPoolExecutor(cores(), "micrograd_nd"), os.getpid()
        return self.executor


POOL = Pool()


def cores() -> int:
    """Count the cores to use: those that the process may run on, or what OMP_NUM_THREADS says, as for a BLAS."""
    told = os.environ.get("OMP_NUM_THREADS", "").partition(",")[0].strip()
    if told.isdecimal() and int(told):
        return int(told)
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def shares(length: int, step: int, operations: int) -> list[tuple[int, int]]:
    """Share out blocks.

    Parameters
    ----------
    length : int
        What is cut into blocks: elements, or layers of an array.
    step : int
        How many are a block.
    operations : int
        How many elements are computed for each.

    Returns
    -------
    list of (int, int)
        For each thread where its part starts and stops; a single part where that is little.
    """
    blocks = -(-length // step)
    n = min(cores(), blocks) if length * operations >= WORTHWHILE else 1
    ends = [min(length, step * (blocks * i // n)) for i in range(n)] + [length]
    return list(pairwise(ends))


def share(work: Callable[[Any], None], parts: Sequence[Any]) -> None:
    """Call a function with every part, in threads of their own but for the first; return when all are done."""
    if len(parts) == 1:
        work(parts[0])
        return
    pool = POOL.get()
    others = [pool.submit(copy_context().run, work, part) for part in parts[1:]]
    errors: list[BaseException | None] = []
    try:
        work(parts[0])
    finally:
        errors.extend(other.exception() for other in others)
    for error in errors:
        if error is not None:
            raise error
