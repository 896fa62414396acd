"""Threads: the blocks of a long run are shared out among the cores, since NumPy computes on several at a time."""

import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from contextvars import Context, copy_context
from itertools import pairwise
from threading import Event, Lock
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


class Task:
    """One part of the work: whoever takes it first does it, a thread of the pool or the one that shares out."""

    __slots__ = ("context", "done", "error", "part", "taken", "work")

    def __init__(self, work: Callable[[Any], None], part: Any) -> None:
        self.work = work
        self.part = part
        self.context: Context = copy_context()
        self.taken = Lock()
        self.done = Event()
        self.error: BaseException | None = None

    def run(self) -> None:
        """Do it, unless it was taken."""
        if self.taken.acquire(blocking=False):
            try:
                self.context.run(self.work, self.part)
            except BaseException as error:  # noqa: BLE001 - raised where the work was shared out
                self.error = error
            finally:
                self.done.set()


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
    """Call a function with every part, in threads of their own but for the first.

    It returns, or raises, when none of them works any more, also after an interrupt: their memory is then used again.
    """
    if len(parts) == 1:
        work(parts[0])
        return
    tasks = [Task(work, part) for part in parts[1:]]
    try:
        with suppress(RuntimeError):  # while Python ends there are no threads to be had
            pool = POOL.get()
            for task in tasks:
                pool.submit(task.run)
        work(parts[0])
        for task in tasks:  # those that no thread has come to
            task.run()
    finally:
        settle(tasks)
    for task in tasks:
        if task.error is not None:
            raise task.error


def settle(tasks: Sequence[Task]) -> None:
    """Take what nobody has begun, and wait for all else, however often that is interrupted."""
    interrupt: BaseException | None = None
    waiting = [task for task in tasks if not task.taken.acquire(blocking=False)]
    while waiting:
        try:
            waiting[-1].done.wait()
            waiting.pop()
        except BaseException as error:  # noqa: BLE001 - raised below
            interrupt = error
    if interrupt is not None:
        raise interrupt
