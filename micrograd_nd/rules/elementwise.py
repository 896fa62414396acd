"""Rules of arithmetic, powers, exponentials and logarithms, which work element by element.

Broadcasting and dtypes are the sweep's business. A rule of a function that is analytic for complex numbers is the same
expression as for real ones.
"""

import operator
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative
from micrograd_nd.rules.activations import sigmoid

LOG_2 = 0.6931471805599453
LOG_10 = 2.302585092994046

# Python's operators do what the ufuncs do, and do it ten times as fast on NumPy scalars.
derivative(np.add, lambda g, out, x, y: g, lambda g, out, x, y: g, evaluate=operator.add)
derivative(np.subtract, lambda g, out, x, y: g, lambda g, out, x, y: -g, evaluate=operator.sub)
derivative(np.multiply, lambda g, out, x, y: g * y, lambda g, out, x, y: g * x, evaluate=operator.mul)
derivative(np.divide, lambda g, out, x, y: g / y, lambda g, out, x, y: -g * out / y, evaluate=operator.truediv)
derivative(np.negative, lambda g, out, x: -g, evaluate=operator.neg)
derivative(np.positive, lambda g, out, x: g, evaluate=operator.pos)
derivative(np.reciprocal, lambda g, out, x: -g * (out * out))

derivative(
    np.power,
    lambda g, out, x, y: g * (y * x ** one_less(y, x)),
    lambda g, out, x, y: g * (out * log_of_base(x, out)),
    evaluate=operator.pow,
)
derivative(
    np.float_power,
    lambda g, out, x, y: g * (y * np.float_power(x, one_less(y, x))),
    lambda g, out, x, y: g * (out * log_of_base(x, out)),
)
derivative(np.square, lambda g, out, x: g * (2 * x))
derivative(np.sqrt, lambda g, out, x: g / (2 * out))
derivative(np.cbrt, lambda g, out, x: g / (3 * (out * out)))

derivative(np.exp, lambda g, out, x: g * out)
derivative(np.exp2, lambda g, out, x: g * (out * LOG_2))
derivative(np.expm1, lambda g, out, x: g * np.exp(x))
derivative(np.log, lambda g, out, x: g / x)
derivative(np.log2, lambda g, out, x: g / (x * LOG_2))
derivative(np.log10, lambda g, out, x: g / (x * LOG_10))
derivative(np.log1p, lambda g, out, x: g / (1 + x))

# Not exp(x - out), which for large arguments loses the digits that out has no room for.
derivative(
    np.logaddexp,
    lambda g, out, x, y: g * sigmoid(lead(x, y)),
    lambda g, out, x, y: g * sigmoid(lead(y, x)),
)
derivative(
    np.logaddexp2,
    lambda g, out, x, y: g * sigmoid(lead(x, y) * LOG_2),
    lambda g, out, x, y: g * sigmoid(lead(y, x) * LOG_2),
)


def log_of_base(x: Any, out: Any) -> Any:
    """Return the logarithm of the base of a power, with 0 where the base is 0: the power, its factor, is 0 there."""
    if isinstance(x, int | float | complex) and not isinstance(x, np.generic):
        return (complex(np.log(x + 0j)) if np.iscomplexobj(out) else float(np.log(x))) if x else 0.0
    base = np.where(x == 0, 1, x)
    # A negative base has a logarithm where the exponent is complex.
    return np.log(base + 0j if np.iscomplexobj(out) and not np.iscomplexobj(x) else base)


def one_less(y: Any, x: Any) -> Any:
    """Return ``y - 1``, the exponent in the derivative of a power; 1 where y, the factor before it, is 0.

    Where y is recorded its own derivative counts too, and ``y - 1`` is right unless x is 0 as well.
    """
    if isinstance(y, int | float | complex):
        return y - 1 if y else 1
    without = y == 0 if isinstance(y, np.ndarray | np.generic) else (y == 0) & (x == 0)
    return np.where(without, 1, y - 1)


def lead(x: Any, y: Any) -> Any:
    """Return ``x - y``; 0 between equal infinities."""
    with np.errstate(invalid="ignore"):
        return np.where((x == y) & np.isinf(x), 0, x - y)
