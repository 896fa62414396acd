"""The rule of np.i0, whose derivatives NumPy does not have."""

from math import ceil, cos, pi, sqrt
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative, primitive


@primitive
def i0_derivative(x: Any, *, order: int) -> Any:
    """Differentiate the modified Bessel function I0.

    It is the mean of cosh(x cos t) over a quarter of a turn, a mean that evenly spaced points give to rounding; each
    derivative brings a factor cos t.

    Parameters
    ----------
    x : array
        Real.
    order : int
        How often.

    Returns
    -------
    array
        Of the shape and dtype of `x`.
    """
    number = points_needed(float(np.max(np.abs(x), initial=0)), order)
    total = np.zeros_like(x)
    for cosine in (cos((i + 0.5) / number * pi / 2) for i in range(number)):
        total = total + cosine**order * (np.sinh if order % 2 else np.cosh)(cosine * x)
    return total / number


derivative(i0_derivative, lambda g, out, x, *, order: g * i0_derivative(x, order=order + 1), elementwise=True)
derivative(np.i0, lambda g, out, x: g * i0_derivative(x, order=1), evaluate=lambda x: np.i0(x)[()], elementwise=True)


def points_needed(size: float, order: int) -> int:
    """Count the points that make the error of the mean less than that of rounding, for arguments up to `size`."""
    return 12 + order + ceil(5 * sqrt(min(710.0, size)))
