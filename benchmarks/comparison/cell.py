"""One workload in one dtype, measured: every contender set up, checked against `hand`, and timed."""

import statistics
from dataclasses import dataclass, field

from comparison.checking import after_steps, disagreement, is_finite
from comparison.contenders import builder
from comparison.job import Job, Missing, Result, first_line
from comparison.machine import cores_used_by_others, moment
from comparison.timing import TURN, interleaved
from comparison.workloads import Problem, kind_of, make_problem


@dataclass
class Cell:
    """The median seconds a run of each contender, and why others have none.

    The spread is how far the quartiles of the rounds are apart, relative to the median; `others` is how many cores
    other processes kept busy meanwhile.
    """

    workload: str
    dtype: str
    seconds: dict[str, float] = field(default_factory=dict)
    spread: dict[str, float] = field(default_factory=dict)
    others: float = 0.0
    missing: dict[str, str] = field(default_factory=dict)
    wrong: dict[str, str] = field(default_factory=dict)

    def ratio(self, contender: str) -> float | None:
        """How long a contender takes, as a multiple of `hand` in the same run."""
        if contender not in self.seconds or "hand" not in self.seconds:
            return None
        return self.seconds[contender] / self.seconds["hand"]


def measure(
    workload: str, dtype: str, contenders: list[str], rounds: int, *, small: bool = False, turn: float = TURN
) -> Cell:
    """Time the contenders that are there and right. `hand` always takes part, since everything is compared with it."""
    problem = make_problem(workload, dtype, small=small)
    cell = Cell(workload, dtype)
    jobs = right_jobs(problem, list(dict.fromkeys(["hand", *contenders])), cell)
    start = moment()
    measured = interleaved(jobs, rounds, turn)
    cell.others = cores_used_by_others(start, moment())
    for name, times in measured.items():
        if is_finite(jobs[name]):
            first, median, third = statistics.quantiles(times, n=4, method="inclusive")
            cell.seconds[name], cell.spread[name] = median, (third - first) / median
        else:
            cell.wrong[name] = "was no longer finite after the timing"
    return cell


def right_jobs(problem: Problem, contenders: list[str], cell: Cell) -> dict[str, Job]:
    """Set up the contenders; who is missing, fails or computes something else is noted in the cell."""
    jobs: dict[str, Job] = {}
    expected: Result = {}
    for name in contenders:
        try:
            build = builder(name, kind_of(cell.workload))
            if build is None:
                continue
            job = build(problem)
            result = after_steps(job)
        except Missing as missing:
            cell.missing[name] = str(missing)
        except Exception as error:  # noqa: BLE001 - a contender's failure is a finding, whatever it is
            cell.wrong[name] = first_line(error)
        else:
            expected = expected or result
            if difference := disagreement(expected, result, problem.start, cell.dtype):
                cell.wrong[name] = difference
            else:
                jobs[name] = job
    return jobs
