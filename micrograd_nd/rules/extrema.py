"""Rules of functions that choose, element by element: extrema, bounds, conditions.

Where two arguments of an extremum are equal, each gets half of the derivative. Complex numbers are ordered as NumPy
orders them, by their real parts first.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, derivative

derivative(
    np.maximum,
    lambda g, out, x, y: np.where(x > y, g, np.where(x == y, g / 2, 0)),
    lambda g, out, x, y: np.where(y > x, g, np.where(x == y, g / 2, 0)),
)
derivative(
    np.minimum,
    lambda g, out, x, y: np.where(x < y, g, np.where(x == y, g / 2, 0)),
    lambda g, out, x, y: np.where(y < x, g, np.where(x == y, g / 2, 0)),
)
derivative(
    np.fmax,
    lambda g, out, x, y: np.where((x > y) | stands_alone(x, y), g, np.where(x == y, g / 2, 0)),
    lambda g, out, x, y: np.where((y > x) | stands_alone(y, x), g, np.where(x == y, g / 2, 0)),
)
derivative(
    np.fmin,
    lambda g, out, x, y: np.where((x < y) | stands_alone(x, y), g, np.where(x == y, g / 2, 0)),
    lambda g, out, x, y: np.where((y < x) | stands_alone(y, x), g, np.where(x == y, g / 2, 0)),
)


def stands_alone(x: Any, other: Any) -> Any:
    """Tell where `x` is taken because the other is not a number."""
    return np.isnan(other) & ~np.isnan(x)


def bind_where(condition: Any, *choices: Any) -> Bound:
    """Take both choices; without them np.where is another function."""
    if len(choices) != 2:
        raise TypeError("takes a condition and two arrays to choose from; np.nonzero gives positions")
    return (condition, *choices), {}


def chosen(condition: Any, x: Any, y: Any) -> Any:
    """Choose; of 0-d arrays, to a number."""
    result: Any = np.where(condition, x, y)
    return result[()]


derivative(
    np.where,
    None,
    lambda g, out, condition, x, y: np.where(condition, g, 0),
    lambda g, out, condition, x, y: np.where(condition, 0, g),
    bind=bind_where,
    evaluate=chosen,
    elementwise=True,
)


def bind_clip(a: Any, a_min: Any = None, a_max: Any = None, *, min: Any = None, max: Any = None) -> Bound:
    """Take the bounds under either of NumPy's names for them."""
    if (a_min is not None and min is not None) or (a_max is not None and max is not None):
        raise TypeError("takes a bound once, as a_min or min, as a_max or max")
    return (a, a_min if min is None else min, a_max if max is None else max), {}


derivative(
    np.clip,
    lambda g, out, a, low, high: np.where(below(a, low) | above(a, high), 0, g),
    lambda g, out, a, low, high: np.where(below(a, low) & ~above(low, high), g, 0),
    lambda g, out, a, low, high: np.where(above(a, high) | above(low, high), g, 0),
    bind=bind_clip,
    elementwise=True,
)


def below(a: Any, low: Any) -> Any:
    """Tell where `a` is less than a bound that may be None."""
    return np.False_ if a is None or low is None else a < low


def above(a: Any, high: Any) -> Any:
    """Tell where `a` is greater than a bound that may be None."""
    return np.False_ if a is None or high is None else a > high


derivative(np.heaviside, None, lambda g, out, x1, x2: np.where(x1 == 0, g, 0))
