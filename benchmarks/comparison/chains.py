"""What a chain of scalar operations costs a node, from a thousand of them to a million.

Recording it, differentiating it and freeing it are timed apart, with Python's cyclic garbage collector off and on.
The cost a node should not depend on the length.
"""

import gc
import statistics
from collections.abc import Callable
from time import perf_counter
from typing import Any

from comparison.contenders import builder
from comparison.job import Missing, first_line

LENGTHS = (1_000, 10_000, 100_000, 1_000_000)
PHASES = ("forward", "backward", "freeing")

# Long chains take seconds: they are measured fewer times.
ROUNDS_OF = {1_000: 15, 10_000: 15, 100_000: 5, 1_000_000: 3}
REPEATS_OF = {1_000: 20, 10_000: 2}
# Nobody has to wait for a contender whose chain of a tenth of the length took longer than this.
PATIENCE = 6.0

Times = tuple[float, float, float]
Program = tuple[Callable[[int], Any], Callable[[Any], Any]]


def measure(contenders: list[str], lengths: tuple[int, ...] = LENGTHS) -> dict[str, Any]:
    """Return the median seconds a node of each phase, by collector, contender and length, and who is left out."""
    programs: dict[str, Program] = {}
    outcome: dict[str, Any] = {"medians": {}, "missing": {}, "stopped": {}}
    for name in contenders:
        try:
            if program := builder(name, "chain"):
                programs[name] = program()
        except Missing as missing:
            outcome["missing"][name] = str(missing)
        except Exception as error:  # noqa: BLE001 - a contender's failure is a finding, whatever it is
            outcome["missing"][name] = first_line(error)
    gc.collect()
    # What the libraries allocated when they were imported belongs to nobody's chain.
    gc.freeze()
    for collector in ("on", "off"):
        medians, stopped = growth(dict(programs), lengths, collect=collector == "on")
        outcome["medians"][collector], outcome["stopped"][collector] = medians, stopped
    return outcome


def growth(taking_part: dict[str, Program], lengths: tuple[int, ...], *, collect: bool) -> tuple[Any, dict[str, str]]:
    """Go from short chains to long ones, and leave behind whom they are too long for."""
    medians: dict[str, dict[str, list[float]]] = {name: {} for name in taking_part}
    stopped: dict[str, str] = {}
    for length in lengths:
        for name, times in interleaved(taking_part, length, collect).items():
            if isinstance(times, str):
                stopped[name] = f"{times} at {length:,}"
            else:
                medians[name][str(length)] = [statistics.median(phase) for phase in zip(*times, strict=True)]
                seconds = sum(medians[name][str(length)]) * length
                if seconds > PATIENCE and length != lengths[-1]:
                    stopped[name] = f"took {seconds:.0f} s at {length:,}"
        taking_part = {name: program for name, program in taking_part.items() if name not in stopped}
    return medians, stopped


def interleaved(programs: dict[str, Program], length: int, collect: bool) -> dict[str, list[Times] | str]:
    """Return the times of each contender, taken in rounds, or what it failed with."""
    times: dict[str, list[Times]] = {name: [] for name in programs}
    failed: dict[str, str] = {}
    for _ in range(ROUNDS_OF.get(length, 3)):
        for name in [name for name in programs if name not in failed]:
            try:
                times[name] += [timed(programs[name], length, collect) for _ in range(REPEATS_OF.get(length, 1))]
            except (RecursionError, MemoryError) as error:
                failed[name] = type(error).__name__
    return times | failed


def timed(program: Program, length: int, collect: bool) -> Times:
    """Time the phases, in seconds a node."""
    forward, backward = program
    gc.collect()
    (gc.enable if collect else gc.disable)()
    start = perf_counter()
    graph = forward(length)
    recorded = perf_counter()
    backward(graph)
    differentiated = perf_counter()
    del graph
    freed = perf_counter()
    gc.enable()
    return (recorded - start) / length, (differentiated - recorded) / length, (freed - differentiated) / length
