"""How the history of a training looks on the page of a notebook: its curve, and its first and last epochs."""

from collections.abc import Iterator, Sequence
from math import isfinite

from micrograd_nd.nn.history import History
from micrograd_nd.viz.hypertext import attempt, paragraph, section, table
from micrograd_nd.viz.notebooks.curve import curves
from micrograd_nd.viz.values import number

__all__ = ["history_page"]

FIRST, LAST = 4, 4


def history_page(history: History) -> str:
    """Show how training went: why it ended, the cost as a curve, and the first and last epochs as a table.

    Parameters
    ----------
    history : History

    Returns
    -------
    str
        HTML.
    """
    costs = {name: values for name, values in history.series().items() if name in ("cost", "validation cost")}
    curve = attempt(lambda: curves(costs, along="epoch"))
    return section(*(paragraph(line, strong=not i) for i, line in enumerate(told(history))), curve, epochs(history))


def told(history: History) -> Iterator[str]:
    """Say how long training took and why it ended."""
    epochs = len(history)
    yield f"{epochs:,} epoch{'s' * (epochs != 1)} in {sum(history.seconds):.2f} s"
    if history.stopped is not None:
        yield f"stopped: {history.stopped}"
    if history.interrupted:
        yield "interrupted from the keyboard"
    if odd := sum(not isfinite(cost) for cost in history.cost):
        yield f"the cost of {odd:,} epoch{'s' * (odd != 1)} is not a finite number"


def epochs(history: History) -> str:
    """Set the first and the last epochs into a table."""
    series = {**history.series(), "learning rate": history.learning_rate, "seconds": history.seconds}
    series = {name: values for name, values in series.items() if values}
    count = len(history)
    shown = range(count) if count <= FIRST + LAST + 1 else [*range(FIRST), None, *range(count - LAST, count)]
    between = ["⋮", *(["⋮"] * len(series))]
    rows = [between if i is None else [f"{i + 1:,}", *(entry(values, i) for values in series.values())] for i in shown]
    return table(["epoch", *series], rows, words=0) if count else ""


def entry(values: Sequence[float], i: int) -> str:
    """Write what a series has for an epoch, if it has something."""
    return number(values[i], 4) if i < len(values) else ""
