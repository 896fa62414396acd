"""Functions f(x) / x where f(0) = 0, such as np.sinc: derivatives of any order, which are exact across 0.

Near 0 a derivative is the integral of s**n f(n + 1)(s x) over s from 0 to 1, which Gauss and Legendre's nodes give to
rounding; elsewhere it follows from those of lower order.
"""

from collections.abc import Callable
from functools import lru_cache
from math import factorial, pi
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.primitives import derivative, primitive

__all__ = ["EXPM1", "LOG1P", "SINE", "SINH", "quotient"]


class Numerator(NamedTuple):
    """A function that is 0 at 0, by its derivatives."""

    derivative: Callable[[Any, int], Any]
    """Of ``(x, n)``: the derivative of order n."""
    reach: Callable[[int], float]
    """Up to which absolute value of x the integral is used for the derivative of order n."""


SINE = Numerator(
    lambda x, n: (np.sin(x), np.cos(x), -np.sin(x), -np.cos(x))[n % 4],
    lambda n: n + 1.0,
)
SINH = Numerator(
    lambda x, n: np.cosh(x) if n % 2 else np.sinh(x),
    lambda n: n + 1.0,
)
EXPM1 = Numerator(
    lambda x, n: np.exp(x) if n else np.expm1(x),
    lambda n: n + 1.0,
)
LOG1P = Numerator(
    lambda x, n: (-1) ** (n - 1) * factorial(n - 1) / (1 + x) ** n if n else np.log1p(x),
    lambda n: 0.5,
)


@primitive
def quotient(x: Any, *, numerator: Numerator, order: int) -> Any:
    """Differentiate ``f(x) / x``.

    Parameters
    ----------
    x : array
        Real or complex.
    numerator : Numerator
        The function f.
    order : int
        How often; 0 gives the quotient itself.

    Returns
    -------
    array
        Of the shape and dtype of `x`.
    """
    x = np.asarray(x)
    near = np.abs(x) <= numerator.reach(order)
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


def by_integral(x: Any, numerator: Numerator, order: int) -> Any:
    """Sum over the nodes; without cancellation, since all terms of an odd or even integrand have one sign."""
    return sum(w * numerator.derivative(s * x, order + 1) for s, w in nodes(order))


def by_recurrence(x: Any, numerator: Numerator, order: int) -> Any:
    """Climb from order to order by the rule of Leibniz for ``x * (f(x) / x)``."""
    result = numerator.derivative(x, 0) / x
    for n in range(1, order + 1):
        result = (numerator.derivative(x, n) - n * result) / x
    return result


@lru_cache
def nodes(order: int) -> list[tuple[float, float]]:
    """List nodes between 0 and 1, and weights that include the power of the node."""
    points, weights = np.polynomial.legendre.leggauss(14 + 2 * order)
    return [
        ((p + 1) / 2, w / 2 * ((p + 1) / 2) ** order) for p, w in zip(points.tolist(), weights.tolist(), strict=True)
    ]
