"""Analytic derivatives held against numerical ones: along random directions, and element by element.

One random pair, ``<v, J u>`` of the numerical derivative and ``<J^T v, u>`` of the analytic one, tells in a handful of
evaluations whether a whole Jacobian is right: what is wrong with it shows, unless by a coincidence of probability
zero. Where it shows, the element that is most wrong is looked for.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.testing.extrapolation import Slope
from micrograd_nd.testing.problem import Label, Problem

__all__ = [
    "Compared",
    "Finding",
    "Mode",
    "analytic_jacobian",
    "by_elements",
    "by_projections",
    "compared",
    "element",
    "numerical_jacobian",
]

Mode = Literal["reverse", "forward"]
Vector = NDArray[Any]

# How many roundings an analytic derivative is taken to suffer, for each of the terms that it is summed from.
ROUNDINGS = 32.0
# By how many of its own last digits the arguments are moved, to see how exact an analytic derivative can be.
SHAKES = (-3.0, -1.0, 2.0)
# As many elements are looked at one by one; among more, the worst is found by halving.
FEW = 32
# Up to as many are compared one by one where along a random direction nothing clear can be seen.
MANY = 1000


class Finding(NamedTuple):
    """An element of a Jacobian that is wrong.

    Attributes
    ----------
    mode : str
        How the analytic value was computed.
    label : tuple
        What is differentiated, and by what.
    analytic, numerical : float
        The two values.
    error : float
        By how much they may differ.
    """

    mode: str
    label: Label
    analytic: float
    numerical: float
    error: float


class Compared(NamedTuple):
    """Two Jacobians, a row for each element of the result, and by how much they may differ."""

    analytic: Vector
    numerical: Vector
    allowed: Vector


def by_projections(problem: Problem, modes: Sequence[Mode], u: Vector, v: Vector) -> Finding | None:
    """Check one random pair; where it shows that something is wrong, find out what."""
    u, numerical = problem.steady(u, goal=problem.eps**0.5)
    if not numerical.clear and 1 < problem.inputs.size * problem.outputs.size <= MANY:
        found = by_elements(problem, modes)  # what a kink in one argument hides in another shows there
        if found is not None:
            return found
    for mode in modes:
        analytic = computed(problem, mode, u, v)
        if badness(problem, mode, analytic, numerical, u, v) <= 1:
            continue
        # Once more with care: at other steps, and seeing what roundings do to either derivative.
        careful = again(problem, numerical, u)
        noise = shaken(problem, mode, analytic, u, v)
        if not badness(problem, mode, analytic, careful, u, v, noise) <= 1:
            found = worst(problem, mode, u, v)
            shows = not abs(found.analytic - found.numerical) <= found.error
            return found if shows else whole(problem, mode, analytic, careful, u, v)
    return None


def by_elements(problem: Problem, modes: Sequence[Mode]) -> Finding | None:
    """Check every element of the Jacobian."""
    numerical = numerical_jacobian(problem)
    for mode in modes:
        seen = compared(problem, mode, numerical)
        excess = ratio(np.abs(seen.analytic - seen.numerical), seen.allowed)
        if np.any(excess > 1):
            at = np.unravel_index(np.argmax(excess), excess.shape)
            label = element(problem, int(at[0]), int(at[1]))
            return Finding(mode, label, seen.analytic[at], seen.numerical[at], seen.allowed[at])
    return None


def compared(problem: Problem, mode: Mode, numerical: Slope) -> Compared:
    """Compute the analytic Jacobian beside the numerical one; with care where they disagree."""
    analytic = analytic_jacobian(problem, mode)
    allowed = numerical.error + rounding(problem) * np.max(np.abs(analytic), initial=0.0)
    wrong = ~(np.abs(analytic - numerical.value) <= allowed)
    if np.any(wrong):
        moved = [analytic_jacobian(problem, mode, x) for x in shaken_arguments(problem, np.ones(problem.inputs.size))]
        allowed += 8 * np.max(np.abs(moved - analytic), axis=0)
        value, error = numerical.value.copy(), numerical.error.copy()
        for j in np.flatnonzero(np.any(wrong, axis=0)):
            u = problem.scales * np.eye(1, problem.inputs.size, int(j))[0]
            found = Slope(value[:, j] * u[j], error[:, j] * u[j])
            careful = again(problem, found, u)
            value[:, j], allowed[:, j] = careful.value / u[j], allowed[:, j] + careful.error / u[j]
        numerical = Slope(value, error)
    return Compared(analytic, numerical.value, allowed)


def again(problem: Problem, found: Slope, u: Vector) -> Slope:
    """Repeat a numerical derivative at other steps; what it differs by is part of its error."""
    other = problem.numerical(u, goal=problem.eps**0.8, first=0.61)
    with np.errstate(invalid="ignore"):
        apart = np.abs(other.value - found.value)
    return Slope(other.value, other.error + np.where(np.isfinite(found.error), apart, 0.0))


def numerical_jacobian(problem: Problem) -> Slope:
    """Differentiate with respect to one element of the arguments after another, each a column."""
    goal = problem.eps**0.75
    value, error = np.zeros((2, problem.outputs.size, problem.inputs.size), problem.inputs.dtype)
    for j in range(problem.inputs.size):
        value[:, j], error[:, j] = column(problem, j, goal)
    return Slope(value, error)


def analytic_jacobian(problem: Problem, mode: Mode, x: Vector | None = None) -> Vector:
    """Compute the same matrix by rows, in reverse mode, or by columns, in forward mode."""
    made = np.zeros((problem.outputs.size, problem.inputs.size), problem.inputs.dtype)
    if mode == "reverse":
        for k, unit in enumerate(np.eye(problem.outputs.size)):
            made[k] = problem.pull(unit, x)
    else:
        for j, unit in enumerate(np.eye(problem.inputs.size)):
            made[:, j] = problem.push(unit, x)
    return made


def rounding(problem: Problem) -> float:
    """Bound the rounding error of an analytic derivative, relative to the terms that it is summed from."""
    return float(ROUNDINGS * problem.eps * (problem.inputs.size + problem.outputs.size) ** 0.5)


# Along a direction


def computed(problem: Problem, mode: Mode, u: Vector, v: Vector, x: Vector | None = None) -> Vector:
    """Compute the analytic derivative that a mode gives: of a combination of the results, or along a direction."""
    return problem.pull(v, x) if mode == "reverse" else problem.push(u, x)


def badness(
    problem: Problem, mode: Mode, analytic: Vector, numerical: Slope, u: Vector, v: Vector, noise: Any = 0.0
) -> float:
    """Tell how much larger the difference of two derivatives is than their errors allow."""
    if mode == "reverse":
        difference = abs(analytic @ u - v @ numerical.value)
        terms = np.abs(analytic) @ np.abs(u) + np.abs(v) @ np.abs(numerical.value)
        doubt = np.sum(np.abs(v) * numerical.error)
    else:
        difference = np.abs(analytic - numerical.value)
        terms = np.max(np.abs(analytic), initial=0.0) + np.max(np.abs(numerical.value), initial=0.0)
        doubt = numerical.error
    # What is smaller than any floating-point number may have become zero on the way.
    lost = float(np.sum(np.abs(u))) * problem.tiny
    return float(np.max(ratio(difference, doubt + rounding(problem) * terms + lost + noise), initial=0.0))


def ratio(difference: Any, allowed: Any) -> Any:
    """Divide, where nothing is nothing, and what cannot be compared is infinitely wrong."""
    with np.errstate(all="ignore"):
        quotient = np.where(difference == 0, 0.0, difference / allowed)
    return np.where(np.isnan(quotient) | ~np.isfinite(allowed), np.inf, quotient)


def shaken(problem: Problem, mode: Mode, analytic: Vector, u: Vector, v: Vector) -> Any:
    """Measure how much an analytic derivative changes when the arguments change by roundings."""
    changes = [computed(problem, mode, u, v, x) - analytic for x in shaken_arguments(problem, u)]
    if mode == "reverse":
        return 8 * max(abs(change @ u) for change in changes)
    return 8 * np.max(np.abs(changes), axis=0)


def shaken_arguments(problem: Problem, u: Vector) -> list[Vector]:
    """Move the arguments by some of their last digits."""
    return [problem.x * (1 + k * problem.eps * np.sign(u)) for k in SHAKES]


# The worst element


def worst(problem: Problem, mode: Mode, u: Vector, v: Vector) -> Finding:
    """Find the element of the Jacobian that is most wrong along `u` and `v`."""
    goal = problem.eps**0.6
    gradient = problem.pull(v) if mode == "reverse" else None

    def wrong_inputs(chosen: Any) -> float:
        part = only(u, chosen)
        analytic = problem.push(part) if gradient is None else gradient
        return badness(problem, mode, analytic, problem.numerical(part, goal), part, v)

    j = most(wrong_inputs, problem.inputs.size)
    along = np.eye(1, problem.inputs.size, j)[0]
    numerical = column(problem, j, goal)

    def wrong_outputs(chosen: Any) -> float:
        part = only(v, chosen)
        if mode == "reverse":
            return badness(problem, mode, problem.pull(part), numerical, along, part)
        at = Slope(numerical.value[chosen], numerical.error[chosen])
        return badness(problem, mode, tangent[chosen], at, along, v)

    tangent = problem.push(along) if mode == "forward" else numerical.value
    k = most(wrong_outputs, problem.outputs.size)
    across = np.eye(1, problem.outputs.size, k)[0]
    analytic = problem.pull(across)[j] if mode == "reverse" else tangent[k]
    error = numerical.error[k] + rounding(problem) * abs(analytic)
    return Finding(mode, element(problem, k, j), analytic, numerical.value[k], error)


def whole(problem: Problem, mode: Mode, analytic: Vector, numerical: Slope, u: Vector, v: Vector) -> Finding:
    """Report a difference that is too small to show in any one element: along the random direction."""
    if mode == "reverse":
        label = ("(v · result)", [*problem.label(0)[1], "u"])
        doubt = float(np.sum(np.abs(v) * numerical.error))
        return Finding(mode, label, float(analytic @ u), float(v @ numerical.value), doubt)
    k = int(np.argmax(ratio(np.abs(analytic - numerical.value), numerical.error)))
    result, before = problem.label(k)
    return Finding(mode, (result, [*before, "u"]), analytic[k], numerical.value[k], numerical.error[k])


def most(wrong: Callable[[Any], float], size: int) -> int:
    """Find what is most wrong of so many, by halving and then one by one."""
    candidates = np.arange(size)
    while candidates.size > FEW:
        candidates = max(np.array_split(candidates, 2), key=wrong)
    return int(max(candidates, key=lambda i: wrong([i])))


def only(direction: Vector, chosen: Any) -> Vector:
    """Keep some elements of a direction."""
    part = np.zeros_like(direction)
    part[chosen] = direction[chosen]
    return part


def column(problem: Problem, j: int, goal: float) -> Slope:
    """Differentiate with respect to one element of the arguments."""
    u, found = problem.steady(problem.scales * np.eye(1, problem.inputs.size, j)[0], goal)
    return Slope(found.value / u[j], found.error / u[j])


def element(problem: Problem, k: int, j: int) -> Label:
    """Name an element of the Jacobian."""
    result, before = problem.label(k)
    return result, [*before, problem.inputs.name_of(j)]
