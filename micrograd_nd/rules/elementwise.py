"""Rules of functions that work element by element: arithmetic, exponentials, extrema, choices.

Broadcasting and dtypes are the sweep's business. Where two arguments of an extremum are equal, each gets half.
"""

import operator
from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, derivative

# Python's operators do what the ufuncs do, and do it ten times as fast on NumPy scalars.
derivative(np.add, lambda g, out, x, y: g, lambda g, out, x, y: g, evaluate=operator.add)
derivative(np.subtract, lambda g, out, x, y: g, lambda g, out, x, y: -g, evaluate=operator.sub)
derivative(np.multiply, lambda g, out, x, y: g * y, lambda g, out, x, y: g * x, evaluate=operator.mul)
derivative(np.divide, lambda g, out, x, y: g / y, lambda g, out, x, y: -g * out / y, evaluate=operator.truediv)
derivative(np.negative, lambda g, out, x: -g, evaluate=operator.neg)
derivative(np.positive, lambda g, out, x: g, evaluate=operator.pos)
derivative(np.absolute, lambda g, out, x: g * np.sign(x), evaluate=operator.abs)
derivative(
    np.power,
    lambda g, out, x, y: g * (y * x ** one_less(y, x)),
    lambda g, out, x, y: g * (out * log_of_base(x)),
    evaluate=operator.pow,
)

derivative(np.exp, lambda g, out, x: g * out)
derivative(np.expm1, lambda g, out, x: g * np.exp(x))
derivative(np.log, lambda g, out, x: g / x)
derivative(np.log1p, lambda g, out, x: g / (1 + x))
derivative(np.sqrt, lambda g, out, x: g / (2 * out))
derivative(np.square, lambda g, out, x: g * (2 * x))
derivative(np.tanh, lambda g, out, x: g * (1 - out * out))
derivative(np.sin, lambda g, out, x: g * np.cos(x))
derivative(np.cos, lambda g, out, x: -g * np.sin(x))

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
    np.where,
    None,
    lambda g, out, condition, x, y: np.where(condition, g, 0),
    lambda g, out, condition, x, y: np.where(condition, 0, g),
    bind=lambda condition, x, y: ((condition, x, y), {}),
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
)


def log_of_base(x: Any) -> Any:
    """Return the logarithm of the base of a power, with 0 where the base is 0: the power, its factor, is 0 there."""
    if isinstance(x, int | float) and not isinstance(x, np.generic):
        return float(np.log(x)) if x else 0.0
    return np.log(np.where(x == 0, 1, x))


def one_less(y: Any, x: Any) -> Any:
    """Return ``y - 1``, the exponent in the derivative of a power; 1 where y, the factor before it, is 0.

    Where y is recorded its own derivative counts too, and ``y - 1`` is right unless x is 0 as well.
    """
    if isinstance(y, int | float):
        return y - 1 if y else 1
    without = y == 0 if isinstance(y, np.ndarray | np.generic) else (y == 0) & (x == 0)
    return np.where(without, 1, y - 1)


def below(a: Any, low: Any) -> Any:
    """Tell where `a` is less than a bound that may be None."""
    return np.False_ if a is None or low is None else a < low


def above(a: Any, high: Any) -> Any:
    """Tell where `a` is greater than a bound that may be None."""
    return np.False_ if a is None or high is None else a > high
