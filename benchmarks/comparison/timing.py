"""Contenders take turns in interleaved rounds, so that whatever disturbs the machine disturbs all of them."""

import gc
import random
from time import perf_counter

from comparison.job import Job

# A turn lasts long enough that the clock and the first cold call do not matter.
TURN = 0.03
# Before its turn a contender runs for this long untimed: its arrays come back into the cache, and threads of the one
# before, which wait busily for more work, go to sleep.
REHEARSAL = 0.005


def interleaved(jobs: dict[str, Job], rounds: int, turn: float = TURN) -> dict[str, list[float]]:
    """Return the seconds a run of each contender, one number a round."""
    calls = {name: calls_in(job, turn) for name, job in jobs.items()}
    seconds: dict[str, list[float]] = {name: [] for name in jobs}
    order = list(jobs)
    shuffle = random.Random(0).shuffle  # noqa: S311 - for no secret
    gc.collect()
    # What the libraries allocated is nobody's garbage: the collector need not look at it in anyone's turn.
    gc.freeze()
    for _ in range(rounds):
        shuffle(order)
        for name in order:
            gc.collect()
            seconds[name].append(one_turn(jobs[name], calls[name]))
    gc.unfreeze()
    return seconds


def one_turn(job: Job, calls: int) -> float:
    """Return the seconds a run, over a number of runs."""
    run = job.run
    end = perf_counter() + REHEARSAL
    run()
    while perf_counter() < end:
        run()
    job.finish()
    start = perf_counter()
    for _ in range(calls):
        run()
    job.finish()
    return (perf_counter() - start) / calls


def calls_in(job: Job, turn: float) -> int:
    """Find how many runs fill a turn, once caches and compilers have warmed up."""
    one_turn(job, 3)
    calls = 1
    while True:
        start = perf_counter()
        for _ in range(calls):
            job.run()
        job.finish()
        took = perf_counter() - start
        if took > turn / 10:
            return max(1, round(calls * turn / took))
        calls *= 4
