"""Measurements as Markdown."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from comparison.cell import Cell
from comparison.chains import LENGTHS, PHASES
from comparison.contenders import CONTENDERS
from comparison.workloads import DTYPES, WORKLOADS

ABSENT = "–"

# Quartiles further apart than this, relative to the median, come of something else that ran on the machine.
UNSTEADY = 0.25
# Cores that others may use. With two threads, one busy core costs a hundredfold those that spin until all are done.
BUSY = 0.1


@dataclass
class Run:
    """The workloads measured in one setting: a number of threads and a kernel of OpenBLAS."""

    threads: int
    kernel: str | None
    rounds: int
    machine: dict[str, Any]
    cells: list[Cell] = field(default_factory=list)

    @property
    def title(self) -> str:
        """The setting in words."""
        threads = "one thread" if self.threads == 1 else f"{self.threads} threads"
        return f"{threads}, OpenBLAS kernel {self.kernel}" if self.kernel else threads

    @property
    def stem(self) -> str:
        """The name of its files."""
        threads = "1-thread" if self.threads == 1 else f"{self.threads}-threads"
        return f"{threads}-{self.kernel}" if self.kernel else threads

    @property
    def workloads(self) -> list[str]:
        """What was measured, in the order of the tables."""
        present = {cell.workload for cell in self.cells}
        return [name for name in WORKLOADS if name in present]

    @property
    def dtypes(self) -> list[str]:
        """In what, the wider first."""
        present = {cell.dtype for cell in self.cells}
        return [name for name in DTYPES if name in present]

    @property
    def contenders(self) -> list[str]:
        """Who was timed in any cell, `hand` apart."""
        present = {name for cell in self.cells for name in cell.seconds}
        return [name for name in CONTENDERS if name in present and name != "hand"]

    def cell(self, workload: str, dtype: str) -> Cell:
        """Return the cell, an empty one where nothing was measured."""
        for cell in self.cells:
            if (cell.workload, cell.dtype) == (workload, dtype):
                return cell
        return Cell(workload, dtype)


def times(run: Run) -> str:
    """Write the table of ratios to `hand`, who is left out, and what it was measured on."""
    dtypes = " / ".join(run.dtypes)
    rows = [["workload", "hand, µs", *run.contenders]]
    for workload in run.workloads:
        cells = [run.cell(workload, dtype) for dtype in run.dtypes]
        rows.append(
            [
                f"`{workload}`",
                joined(microseconds(cell.seconds.get("hand")) for cell in cells),
                *(joined(two_digits(cell.ratio(name)) for cell in cells) for name in run.contenders),
            ]
        )
    explanation = (
        f"Multiples of what `hand` took in the same run, {dtypes}: below 1 is faster. Each is a median of {run.rounds} "
        "interleaved rounds."
    )
    return "\n\n".join(
        [
            f"# Time, {run.title}",
            explanation,
            table(rows),
            *left_out(run.cells),
            *disturbed(run.cells),
            setting(run.machine),
        ]
    )


def disturbed(cells: list[Cell]) -> list[str]:
    """Name what was disturbed, so that nobody reads it as a result."""
    busy = [f"{cell.workload} {cell.dtype} ({cell.others:.1f})" for cell in cells if cell.others > BUSY]
    unsteady = [
        f"`{name}` on {cell.workload} {cell.dtype} ({100 * spread:.0f} %)"
        for cell in cells
        for name, spread in cell.spread.items()
        if spread > UNSTEADY
    ]
    return [
        *([f"**Disturbed**: other processes used this many cores during {', '.join(busy)}."] if busy else []),
        *([f"Unsteady, the middle half of the rounds this far apart: {', '.join(unsteady)}."] if unsteady else []),
    ]


def left_out(cells: list[Cell]) -> list[str]:
    """Say who is missing and who is wrong, and where, each reason once."""
    paragraphs = []
    for heading, attribute in (("Missing", "missing"), ("Wrong, and so not timed", "wrong")):
        places: dict[tuple[str, str], list[str]] = {}
        for cell in cells:
            for name, reason in getattr(cell, attribute).items():
                places.setdefault((name, reason), []).append(f"{cell.workload} {cell.dtype}")
        if places:
            lines = [f"- `{name}`: {reason} ({', '.join(where)})" for (name, reason), where in places.items()]
            paragraphs.append(f"{heading}:\n\n" + "\n".join(lines))
    return paragraphs


def memory(sizes: dict[str, dict[str, int | str]], dtype: str, machine: dict[str, Any]) -> str:
    """Write the table of extra peak memory in MB, by workload and contender; a text says why there is none."""
    contenders = [name for name in CONTENDERS if any(isinstance(row.get(name), int) for row in sizes.values())]
    rows = [["workload", *contenders]]
    for workload, row in sizes.items():
        rows.append([f"`{workload}`", *(megabytes(row.get(name)) for name in contenders)])
    reasons = {
        f"- `{name}`, {workload}: {reason}"
        for workload, row in sizes.items()
        for name, reason in row.items()
        if isinstance(reason, str)
    }
    explanation = (
        f"MB at the peak beyond data and parameters, {dtype}, one thread, each contender in a process of its own. "
        "Buffers and results that a contender holds from run to run count."
    )
    return "\n\n".join(
        [
            "# Extra peak memory",
            explanation,
            table(rows),
            *(["\n".join(sorted(reasons))] if reasons else []),
            setting(machine),
        ]
    )


def chains(outcome: dict[str, Any], machine: dict[str, Any]) -> str:
    """Write, for the collector on and off, what a chain of scalar operations costs a node."""
    explanation = (
        f"Microseconds a node, {' / '.join(PHASES)}, by the length of the chain; `growth` is the cost a node of the "
        "longest chain over that of the shortest. `hand` multiplies numbers and records nothing."
    )
    paragraphs = ["# A chain of scalar operations", explanation]
    for collector, by_contender in outcome["medians"].items():
        rows = [["contender", *(f"{length:,}" for length in LENGTHS), "growth"]]
        for name, by_length in by_contender.items():
            phases = [by_length.get(str(length)) for length in LENGTHS]
            rows.append(
                [f"`{name}`", *(joined(microseconds(t) for t in p) if p else ABSENT for p in phases), growth(phases)]
            )
        paragraphs += [f"Cyclic garbage collector {collector}:", table(rows)]
        stopped = [f"- `{name}` stops: {reason}" for name, reason in outcome["stopped"].get(collector, {}).items()]
        paragraphs += ["\n".join(stopped)] if stopped else []
    missing = [f"- `{name}`: {reason}" for name, reason in outcome["missing"].items()]
    paragraphs += ["Missing:\n\n" + "\n".join(missing)] if missing else []
    return "\n\n".join([*paragraphs, setting(machine)])


def growth(phases: list[list[float] | None]) -> str:
    shortest, longest = phases[0], phases[-1]
    return f"{sum(longest) / sum(shortest):.1f}" if shortest and longest else ABSENT


def setting(machine: dict[str, Any]) -> str:
    """Say what it was measured on."""
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    pinned = f"pinned to {machine['cores']} core(s)" if machine["pinned"] else "not pinned to cores"
    return f"Measured on {machine['processor']}, {pinned}; {machine['blas']}; Python {machine['python']}, {versions}.\n"


def table(rows: list[list[str]]) -> str:
    head, *body = rows
    return "\n".join(f"| {' | '.join(row)} |" for row in [head, ["---"] * len(head), *body])


def joined(values: Iterable[str]) -> str:
    """Join the numbers of a cell; one mark says that there are none."""
    texts = list(values)
    return ABSENT if set(texts) <= {ABSENT} else " / ".join(texts)


def two_digits(ratio: float | None) -> str:
    if ratio is None:
        return ABSENT
    return f"{ratio:.2f}" if ratio < 10 else f"{ratio:.0f}"


def microseconds(seconds: float | None) -> str:
    if seconds is None:
        return ABSENT
    value = seconds * 1e6
    return f"{value:.2f}" if value < 10 else f"{value:.1f}" if value < 100 else f"{value:,.0f}"


def megabytes(size: int | str | None) -> str:
    return f"{size / 1e6:.1f}" if isinstance(size, int) else ABSENT
