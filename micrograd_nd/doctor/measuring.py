"""How settings are measured: in turns, each turn a process of its own, so that what disturbs one disturbs all."""

import json
import os
import signal
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from micrograd_nd.doctor import turn
from micrograd_nd.doctor.candidates import AS_IS, Setting

__all__ = ["DTYPES", "Failed", "Measured", "Measurements", "Turn", "measure", "parsed", "run_turn"]

DTYPES = ("float64", "float32")
ROUNDS = 7
FEWEST_ROUNDS = 3
BUDGET = 12.0  # seconds, after which no round begins
TIMEOUT = 15.0  # seconds, of one turn
# The largest matrices whose product should take no longer than PRODUCT seconds, judged by the smallest.
SIZES = (512, 1024, 2048)
PRODUCT = 0.1


class Turn(NamedTuple):
    """What one process measured.

    Attributes
    ----------
    kernels : str or None
        What BLAS says of its kernels there.
    threads : int or None
        And of its threads.
    cores : float
        How many cores worked, on average: fewer than threads where others compute, or something limits the process.
    gflops : dict
        Speeds by dtype.
    """

    kernels: str | None
    threads: int | None
    cores: float
    gflops: Mapping[str, float]


class Failed(Exception):
    """A turn gave nothing; the message says why."""


Runner = Callable[[Mapping[str, str | None], int], Turn]


@dataclass
class Measured:
    """What was measured of one setting.

    Attributes
    ----------
    setting : Setting
    turns : list of Turn
    dropped : str
        Why it was not measured to the end; ``""`` where it was.
    ratios : dict
        By dtype, how many times as fast as things are: the median over rounds of the ratio in a round.
    """

    setting: Setting
    turns: list[Turn] = field(default_factory=list)
    dropped: str = ""
    ratios: dict[str, float] = field(default_factory=dict)

    @property
    def gflops(self) -> dict[str, float]:
        """The median speed by dtype; empty where nothing was measured."""
        if not self.turns:
            return {}
        return {dtype: statistics.median(one.gflops[dtype] for one in self.turns) for dtype in DTYPES}

    @property
    def cores(self) -> float | None:
        """How many cores worked, on average; the median of the turns."""
        return statistics.median(one.cores for one in self.turns) if self.turns else None

    @property
    def kernels(self) -> str | None:
        """What BLAS says of its kernels under this setting."""
        return self.turns[0].kernels if self.turns else None

    @property
    def threads(self) -> int | None:
        """How many threads BLAS says it has under this setting."""
        return self.turns[0].threads if self.turns else None


@dataclass
class Measurements:
    """What was measured.

    Attributes
    ----------
    size : int
        Of a side of the matrices.
    rounds : int
        How many turns each setting had.
    rows : list of Measured
        The first is of things as they are.
    failure : str
        Why nothing could be measured; ``""`` where it could.
    """

    size: int
    rounds: int
    rows: list[Measured]
    failure: str = ""


def measure(settings: Sequence[Setting], runner: Runner, clock: Callable[[], float] = time.monotonic) -> Measurements:
    """Measure settings in interleaved rounds.

    Parameters
    ----------
    settings : sequence of Setting
        The first is `AS_IS`, which the others are compared with.
    runner : callable
        Makes one turn in an environment with these changes, with matrices of this size, as `run_turn` does.
    clock : callable
        The seconds that passed.

    Returns
    -------
    Measurements
    """
    rows = [Measured(setting) for setting in settings]
    try:
        size = fitting_size(runner(AS_IS.changes, SIZES[0]).gflops["float64"])
    except Failed as failed:
        return Measurements(0, 0, [], str(failed))
    end = clock() + BUDGET
    rounds = 0
    while rounds < ROUNDS and (rounds < FEWEST_ROUNDS or clock() < end):
        # There and back: a machine that grows slower or faster favours nobody.
        take_turns(rows if rounds % 2 == 0 else rows[::-1], size, runner)
        rounds += 1
        if rows[0].dropped:
            return Measurements(size, 0, [], rows[0].dropped)
        if rounds == 1:
            drop_the_same(rows)
    for row in rows:
        if not row.dropped:
            row.ratios = ratios(row.turns, rows[0].turns)
    return Measurements(size, rounds, rows)


def fitting_size(gflops: float) -> int:
    """Choose matrices that are large enough for threads and small enough for a user's patience.

    Examples
    --------
    >>> fitting_size(0.5), fitting_size(50.0), fitting_size(1000.0)
    (512, 1024, 2048)
    """
    return max((size for size in SIZES if 2e-9 * size**3 <= PRODUCT * gflops), default=SIZES[0])


def take_turns(rows: Sequence[Measured], size: int, runner: Runner) -> None:
    """Give one turn to each setting that is still in."""
    for row in rows:
        if not row.dropped:
            try:
                row.turns.append(runner(row.setting.changes, size))
            except Failed as failed:
                row.dropped = str(failed)


def drop_the_same(rows: Sequence[Measured]) -> None:
    """Drop settings that change nothing, as OpenBLAS tells of kernels that it was built without."""
    now = rows[0]
    seen = {now.kernels: now.setting.label}
    for row in rows[1:]:
        if row.dropped:
            continue
        if row.setting.subject == "kernels" and row.kernels is not None:
            if row.kernels in seen:
                row.dropped = f"gives the {row.kernels} kernels too"
            seen.setdefault(row.kernels, row.setting.label)
        elif row.setting.subject == "threads" and row.threads is not None and row.threads == now.threads:
            row.dropped = f"gives {row.threads} thread{'s' * (row.threads > 1)} too"


def ratios(turns: Sequence[Turn], others: Sequence[Turn]) -> dict[str, float]:
    """How many times as fast the first turns are as the others: the median of the rounds."""
    rounds = list(zip(turns, others, strict=True))
    return {
        dtype: statistics.median(mine.gflops[dtype] / theirs.gflops[dtype] for mine, theirs in rounds)
        for dtype in DTYPES
    }


def run_turn(changes: Mapping[str, str | None], size: int) -> Turn:
    """Make one turn in a process of its own.

    Parameters
    ----------
    changes : dict
        Variables to set; None for those to unset.
    size : int
        Of a side of the matrices.

    Raises
    ------
    Failed
        When the process crashes, takes too long, or gives no measurement.
    """
    environment = {**os.environ, **{name: value for name, value in changes.items() if value is not None}}
    for name in [name for name, value in changes.items() if value is None]:
        environment.pop(name, None)
    command = [sys.executable, "-P", str(turn.__file__), str(size)]
    try:
        done = subprocess.run(  # noqa: S603 - our own file
            command, env=environment, capture_output=True, text=True, errors="replace", timeout=TIMEOUT, check=False
        )
    except subprocess.TimeoutExpired:
        raise Failed(f"took longer than {TIMEOUT:.0f} seconds") from None
    except OSError as error:
        raise Failed(f"Python could not be started: {error}") from error
    if done.returncode:
        raise Failed(crash(done.returncode, done.stderr))
    return parsed(done.stdout)


def crash(status: int, stderr: str) -> str:
    """Say how a process ended."""
    if status < 0:
        try:
            return f"crashed ({signal.Signals(-status).name})"
        except ValueError:
            return f"crashed (signal {-status})"
    last = (stderr.strip().splitlines() or ["no message"])[-1]
    return f"ended with status {status:#x}: {last}" if status > 255 else f"ended with status {status}: {last}"


def parsed(text: str) -> Turn:
    """Read what a turn wrote.

    Examples
    --------
    >>> parsed('{"kernels": "Zen", "threads": 2, "cores": 1.9, "gflops": {"float64": 40, "float32": 80}}').kernels
    'Zen'

    Raises
    ------
    Failed
        When it is something else.
    """
    try:
        reply = json.loads((text.strip().splitlines() or [""])[-1])
        gflops = {dtype: float(reply["gflops"][dtype]) for dtype in DTYPES}
        kernels, threads, cores = reply["kernels"], reply["threads"], float(reply["cores"])
        return checked(Turn(kernels and str(kernels), None if threads is None else int(threads), cores, gflops))
    except (ValueError, KeyError, TypeError):
        raise Failed(f"gave no measurement but {text.strip()[:40]!r}") from None


def checked(one: Turn) -> Turn:
    """Refuse speeds that are none."""
    if not all(0 < speed < float("inf") for speed in one.gflops.values()):
        raise Failed(f"measured {dict(one.gflops)}")
    return one
