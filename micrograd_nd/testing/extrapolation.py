"""The derivative of a function of one number at 0, from its values alone, with an estimate of the error.

Knows nothing of arguments and directions: `slope` is given the function along a line.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Precision", "Slope", "first_step", "slope"]

Vector = NDArray[Any]
Line = Callable[[float], Vector]

# Three rows make an estimate with its error; a tableau is refined while it improves, at most to this many rows.
FEWEST = 3
MOST = 32
# Beyond this many columns nothing is gained, and what far too long steps left behind dies out.
COLUMNS = 5
# How many roundings of its largest value a function is taken to make.
ROUNDINGS = 4.0
# By how much steps grow where rounding is what limits them.
WIDER = 32.0


def shrinking(count: int) -> list[float]:
    """List factors of the first step: each about 1/1.8 of the one before, and of four binary digits.

    Halves would be more regular, and let roundings conspire: differences that are rounded alike agree.
    """
    mantissa, exponent = np.frexp(1.8 ** -np.arange(count))
    return list(map(float, np.ldexp(np.round(16 * mantissa) / 16, exponent)))


def jump_weights(steps: list[float]) -> list[Vector]:
    """Find, for each three steps, how to combine what one-sided slopes differ by there into what they do at 0.

    Of a smooth function the difference is a h + b h^3 + ..., of which the first two terms are cancelled.
    """
    triples = [np.array(steps[i : i + FEWEST]) / steps[i] for i in range(len(steps) - FEWEST + 1)]
    return [np.linalg.solve(np.stack([h**0, h, h**3]), np.array([1.0, 0.0, 0.0])) for h in triples]


STEPS = shrinking(MOST)
JUMP = jump_weights(STEPS)


class Precision(NamedTuple):
    """How exact values are.

    Attributes
    ----------
    eps : float
        Their largest relative rounding error.
    least : ndarray or float
        What each is never more exact than.
    drift : float
        By how much the number that the function is called with is rounded.
    """

    eps: float
    least: Any
    drift: float


class Slope(NamedTuple):
    """A derivative, and an estimate of the absolute error of each element."""

    value: Vector
    error: Vector

    @property
    def clear(self) -> bool:
        """Whether the errors are finite, and together not more than a hundredth of the derivative."""
        return bool(
            np.all(np.isfinite(self.error))
            and (np.sum(self.error) <= np.sum(np.abs(self.value)) / 100 or not np.any(self.value))
        )


def first_step(eps: float) -> float:
    """Choose the first step, in units of the scale of the arguments: 2**-6 for float64, 2**-3 for float32."""
    return float(2.0 ** round(np.log2(eps) / 9))


def slope(line: Line, start: Vector, step: float, precision: Precision, goal: float, widest: float) -> Slope:
    r"""Differentiate a function of one number at 0.

    Central differences :math:`(f(h) - f(-h)) / 2h` at shorter and shorter steps are extrapolated to :math:`h = 0`; of
    all the extrapolations the one with the smallest estimated error is taken (Ridders, "Accurate computation of F'(x)
    and F'(x)F''(x)", Advances in Engineering Software 4, 1982). Where rounding limits what short steps can tell,
    longer ones are tried, and believed if they agree.

    Parameters
    ----------
    line : callable
        From a number to a vector.
    start : ndarray
        Its value at 0.
    step : float
        The first, and largest, step.
    precision : Precision
        Of the values.
    goal : float
        The error to stop at, relative to the largest element.
    widest : float
        How far to go in search of a step at which rounding matters less.

    Returns
    -------
    Slope
        Where the function has a kink at 0, the error is at least half the jump of the derivative; where it is not
        defined on both sides, infinite.
    """
    found = tableau(line, start, step, precision, goal)
    while step < widest and not reached(found, goal) and np.any(found.error > precision.least):
        step = min(step * WIDER, widest)
        other = tableau(line, start, step, precision, goal)
        better = (other.error < found.error) & (np.abs(other.value - found.value) <= found.error + other.error)
        if not np.any(better):
            break
        found = Slope(np.where(better, other.value, found.value), np.where(better, other.error, found.error))
    return found


def tableau(line: Line, start: Vector, step: float, precision: Precision, goal: float) -> Slope:
    """Extrapolate from shorter and shorter steps, until the goal is reached or more of them make it worse."""
    with np.errstate(all="ignore"):
        best = Slope(np.zeros_like(start), np.full(start.shape, np.inf))
        best_step = np.full(start.shape, step)
        noise = Noise(start.shape)
        row: list[Vector] = []
        bends: list[Vector] = []
        worse = 0
        for level in range(MOST):
            h = step * STEPS[level]
            above, below = line(h), line(-h)
            row, before = extended((above - below) / (2 * h), row, level), row
            bends = [*bends[1 - FEWEST :], ((above - start) - (start - below)) / h]
            if level + 1 < FEWEST:
                continue
            jump = sum(weight * bend for weight, bend in zip(JUMP[level + 1 - FEWEST], bends, strict=True))
            size = np.maximum(np.maximum(np.abs(above), np.abs(below)), np.abs(start))
            doubt = (ROUNDINGS * (precision.eps * size + precision.least) + precision.drift * np.abs(row[0])) / h
            found = chosen(row, before, doubt + np.abs(jump) / 2)
            error = noise.allowed_for(found.error, h)
            better = error < best.error
            best = Slope(
                np.where(better, found.value, best.value),
                np.where(better, error, np.maximum(best.error, noise.size / best_step)),
            )
            best_step = np.where(better, h, best_step)
            # Nothing to see yet, and not for rounding: the steps still lead out of where the function is smooth.
            lost = ~(best.error <= np.maximum(np.max(np.abs(best.value), initial=0.0) / 8, 16 * doubt))
            worse = 0 if np.any(better | lost) else worse + 1
            if worse > 1 or reached(best, goal) or (not np.any(best.value) and not np.any(lost)):
                break
        return best


class Noise:
    """What rounding does to the values, as far as it can be seen: by it differences get worse as steps get shorter.

    Attributes
    ----------
    size : ndarray
        An estimate of the noise of each element, that is of its error times the step.
    """

    def __init__(self, shape: tuple[int, ...]) -> None:
        self.size = np.zeros(shape)
        self.last = np.full(shape, np.inf)
        self.fell = np.zeros(shape, bool)

    def allowed_for(self, error: Vector, h: float) -> Vector:
        """Raise an error that is small by a coincidence: below the noise once, and not twice in a row."""
        risen = np.isfinite(self.last) & (error >= self.last)
        self.size = np.where(risen, np.maximum(self.size, error * h), self.size)
        falls = error < self.size / h
        self.size = np.where(falls & self.fell, 0.0, self.size)
        self.last, self.fell = error, falls
        return np.maximum(error, self.size / h)


def chosen(row: list[Vector], before: list[Vector], doubt: Vector) -> Slope:
    """Take of a row of a tableau what differs least from its two neighbours of lower order."""
    value, error = row[0], np.full(row[0].shape, np.inf)
    for j in range(1, len(row)):
        spread = np.maximum(np.abs(row[j] - row[j - 1]), np.abs(row[j] - before[j - 1]))
        take = spread < error
        value, error = np.where(take, row[j], value), np.where(take, spread, error)
    return Slope(value, error + doubt)


def extended(first: Vector, row: list[Vector], level: int) -> list[Vector]:
    """Make the next row of a tableau, by Neville's scheme in the square of the step."""
    made = [first]
    for order, above in enumerate(row[: COLUMNS - 1], 1):
        factor = (STEPS[level - order] / STEPS[level]) ** 2
        made.append(made[-1] + (made[-1] - above) / (factor - 1))
    return made


def reached(found: Slope, goal: float) -> bool:
    """Tell whether every element is known to within the goal."""
    return bool(np.all(found.error <= goal * np.max(np.abs(found.value), initial=0.0)))
