"""Functions f(x) / x where f(0) = 0, such as np.sinc: derivatives of any order, which are exact across 0.

Near 0 a derivative is the integral of s**n f(n + 1)(s x) over s from 0 to 1, which Gauss and Legendre's nodes give to
rounding; elsewhere it follows from those of lower order.
"""

from functools import lru_cache
from math import factorial, pi
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative, primitive

__all__ = ["EXPM1", "LOG1P", "SINE", "SINH", "quotient"]


# Functions that are 0 at 0.
SINE, SINH, EXPM1, LOG1P = "sin", "sinh", "expm1", "log1p"


@primitive
def quotient(x: Any, *, numerator: str, order: int) -> Any:
    """Differentiate ``f(x) / x``.

    Parameters
    ----------
    x : array
        Real or complex.
    numerator : str
        The function f: "sin", "sinh", "expm1" or "log1p".
    order : int
        How often; 0 gives the quotient itself.

    Returns
    -------
    array
        Of the shape and dtype of `x`.
    """
    x = np.asarray(x)
    near = np.abs(x) <= reach(numerator, order)
    result = np.empty(x.shape, x.dtype)
    result[near] = by_integral(x[near], numerator, order)
    result[~near] = by_recurrence(x[~near], numerator, order)
    return result[()]


derivative(
    quotient,
    lambda g, out, x, *, numerator, order: g * quotient(x, numerator=numerator, order=order + 1),
    elementwise=True,
)
derivative(np.sinc, lambda g, out, x: g * (pi * quotient(pi * x, numerator=SINE, order=1)), elementwise=True)


def slope(numerator: str, x: Any, n: int) -> Any:
    """Differentiate a numerator n times."""
    if numerator == "sin":
        return (np.sin(x), np.cos(x), -np.sin(x), -np.cos(x))[n % 4]
    if numerator == "sinh":
        return np.cosh(x) if n % 2 else np.sinh(x)
    if numerator == "expm1":
        return np.exp(x) if n else np.expm1(x)
    return (-1) ** (n - 1) * factorial(n - 1) / (1 + x) ** n if n else np.log1p(x)


def reach(numerator: str, n: int) -> float:
    """Say up to which absolute value of x the integral is used for the derivative of order n."""
    return 0.5 if numerator == "log1p" else n + 1.0


def by_integral(x: Any, numerator: str, order: int) -> Any:
    """Sum over the nodes; without cancellation, since all terms of an odd or even integrand have one sign."""
    return sum(w * slope(numerator, s * x, order + 1) for s, w in nodes(order))


def by_recurrence(x: Any, numerator: str, order: int) -> Any:
    """Climb from order to order by the rule of Leibniz for ``x * (f(x) / x)``."""
    result = slope(numerator, x, 0) / x
    for n in range(1, order + 1):
        result = (slope(numerator, x, n) - n * result) / x
    return result


@lru_cache
def nodes(order: int) -> list[tuple[float, float]]:
    """List nodes between 0 and 1, and weights that include the power of the node."""
    points, weights = np.polynomial.legendre.leggauss(14 + 2 * order)
    return [
        ((p + 1) / 2, w / 2 * ((p + 1) / 2) ** order) for p, w in zip(points.tolist(), weights.tolist(), strict=True)
    ]
