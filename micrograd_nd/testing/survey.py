"""The whole registry surveyed: how far analytic first derivatives are from numerical ones, function by function.

Needs Hypothesis, which draws the arguments.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.primitives import readable
from micrograd_nd.testing.comparison import analytic_jacobian
from micrograd_nd.testing.coordinates import argument_names
from micrograd_nd.testing.numerical import by_columns
from micrograd_nd.testing.problem import Problem, prepared

__all__ = ["LIMIT", "Row", "survey", "survey_report"]

# How far an analytic derivative may be from the numerical one, relative to the largest element.
LIMIT = 1e-9


class Row(NamedTuple):
    """What was seen of a function.

    Attributes
    ----------
    name : str
        Of the function.
    examples : int
        How many calls were drawn.
    disagreement : float
        The largest difference of the two derivatives, relative to the largest element of the derivative.
    doubt : float
        The estimated error of the numerical derivative there, in the same units.
    zeros : int
        In how many of the calls the derivative could not be told from zero, and was not compared.
    """

    name: str
    examples: int
    disagreement: float
    doubt: float
    zeros: int


def survey(examples: int = 20, matching: str = "") -> Iterator[Row]:
    """Compare the derivatives of every differentiable function in the registry, the same examples every time.

    Parameters
    ----------
    examples : int
        How many calls to draw of each.
    matching : str
        A part of the names of the functions to look at; all by default.

    Yields
    ------
    Row

    Raises
    ------
    ImportError
        Without Hypothesis.
    """
    try:
        from micrograd_nd.testing.cases import CASES
    except ModuleNotFoundError as error:
        raise ImportError(f"{error.name} draws the calls: pip install 'micrograd-nd[testing]'") from error

    for function, cases in CASES.items():
        if matching in readable(function):
            yield looked_at(readable(function), cases, examples)


def looked_at(name: str, cases: Any, examples: int) -> Row:
    """Draw calls of one function, and keep the worst."""
    from hypothesis import HealthCheck, Phase, given, settings

    seen: list[tuple[float, float] | None] = []

    def look(case: Any) -> None:
        names = argument_names(case.function, len(case.arrays))
        seen.append(disagreement(prepared(case.function, case.arrays, names)))

    drawing: Any = settings(
        max_examples=examples,
        database=None,
        derandomize=True,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    drawn: Any = given(cases)
    drawing(drawn(look))()
    told = [pair for pair in seen if pair is not None]
    worst, doubt = max(told, default=(0.0, 0.0))
    return Row(name, len(seen), worst, doubt, len(seen) - len(told))


def disagreement(problem: Problem) -> tuple[float, float] | None:
    """Compare the Jacobians: difference and estimated error, relative to the largest element; None for zeros."""
    numerical = by_columns(problem, "auto", None)
    analytic = analytic_jacobian(problem, "reverse")
    difference = np.abs(analytic - numerical.value)
    largest = float(np.max(np.abs(analytic), initial=0.0))
    if np.all(difference <= numerical.error) and largest <= np.max(numerical.error, initial=0.0):
        return None
    at = np.argmax(difference)
    scale = largest or float(np.max(np.abs(numerical.value)))
    return float(difference.flat[at]) / scale, float(numerical.error.flat[at]) / scale


def survey_report(rows: list[Row]) -> tuple[list[str], bool]:
    """Write what was seen, the worst last, and tell whether all of it is within the limit."""
    rows = sorted(rows, key=lambda row: row.disagreement)
    width = max(len(row.name) for row in rows)
    lines = [f"{'function':<{width}}  calls  zeros  disagreement  estimated error"]
    lines += [
        f"{row.name:<{width}}  {row.examples:>5}  {row.zeros:>5}  {row.disagreement:>12.1e}  {row.doubt:>15.1e}"
        for row in rows
    ]
    worst = rows[-1]
    good = worst.disagreement < LIMIT
    calls, zeros = (sum(counts) for counts in zip(*[(row.examples, row.zeros) for row in rows], strict=True))
    lines += [
        "",
        "disagreement: of the analytic and the numerical first derivative, relative to its largest element;",
        "estimated error: of the numerical one at that place; zeros: derivatives that cannot be told from zero.",
    ]
    summary = f"{len(rows)} functions, {calls} calls, {zeros} of them zeros: the worst disagreement is "
    lines.append(f"{summary}{worst.disagreement:.1e} ({worst.name}), {'below' if good else 'NOT below'} {LIMIT:.0e}")
    return lines, good
