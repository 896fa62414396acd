"""The normal distribution, which NumPy has none of, and the activation that is made with it, with their rules."""

from math import pi, sqrt
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative, primitive
from micrograd_nd.rules.activations import large, real, sigmoid

__all__ = ["gelu", "normal_cdf"]

# Beyond, the smaller tail is 0 in every dtype.
FAR = 40.0

# (1 + y) exp(y^2 / 2) P(X > y), for 0 <= y <= FAR, is a polynomial in (y - CENTRE) / (y + CENTRE), to 1e-16: the form
# of Shepherd and Laframboise (1981), "Chebyshev approximation of (1 + 2x) exp(x^2) erfc x in 0 <= x < infinity". The
# coefficients, of the highest power first, were computed in 60 digits by interpolation at Chebyshev's points.
CENTRE = 5.0
COEFFICIENTS = (
    7.519514242694345e-10, 3.977719908272422e-09, 3.5180215224753573e-10, -3.193142087507991e-08,
    -2.186097318751282e-08, 1.9880186832899552e-07, 1.2455844413329595e-07, -1.309925137980042e-06,
    -6.883972175738501e-08, 9.061184935388098e-06, -9.896519380427111e-06, -5.3608037514625635e-05,
    0.0001823342156756057, 7.791692131159477e-06, -0.0016760723509154356, 0.00652200065602172,
    -0.015170415402300888, 0.024536963244480906, -0.026401042966303377, 0.010002352385204274,
    0.03103036842596338, -0.0915522818340088, 0.46151582985003775,
)  # fmt: skip


@primitive
def normal_cdf(x: Any) -> Any:
    r"""Normal distribution, :math:`\Phi(x) = \int_{-\infty}^x e^{-t^2/2} dt / \sqrt{2\pi}`.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; integers are taken as float64.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`, between 0 and 1. Right to a few units in the last place, also where it is small.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.normal_cdf(np.array([-1e308, -10.0, 1e308])).tolist()
    [0.0, 7.61985302416053e-24, 1.0]
    """
    return cumulative(real(x, "normal_cdf"))


derivative(normal_cdf, lambda g, out, x: g * density(x), elementwise=True)


@primitive
def gelu(x: Any, approximate: bool = True) -> Any:
    r"""Gaussian error linear unit, :math:`x\,\Phi(x)`, or an approximation to it that is faster.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; integers are taken as float64.
    approximate : bool
        Compute :math:`x (1 + \tanh(\sqrt{2/\pi} (x + 0.044715 x^3))) / 2`, which is within 0.0005 of the other. False
        takes the normal distribution itself, which `normal_cdf` is.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`. No finite argument overflows, and small values keep their relative precision.

    Notes
    -----
    Hendrycks and Gimpel (2016), "Gaussian error linear units", section 2.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.gelu(np.array([-1.0, 0.0, 1.0])), mg.gelu(np.array([-1.0, 0.0, 1.0]), approximate=False)
    (array([-0.15880801,  0.        ,  0.84119199]), array([-0.15865525,  0.        ,  0.84134475]))
    """
    x = real(x, "gelu")
    if not approximate:
        return x * cumulative(x)
    e = np.exp(np.minimum(logit(x), large(x)))
    return x * (e / (1 + e))


derivative(
    gelu,
    lambda g, out, x, *, approximate=True: g * (approximate_slope(x) if approximate else exact_slope(x)),
    elementwise=True,
)


def exact_slope(x: Any) -> Any:
    """Compute the derivative of x times the normal distribution."""
    return normal_cdf(x) + x * density(x)


def cumulative(x: Any) -> Any:
    """Compute the distribution function of real numbers: the smaller tail, from which the larger follows."""
    near = bounded(x)
    y = np.abs(near)
    t = (y - CENTRE) / (y + CENTRE)
    scaled = COEFFICIENTS[0]
    for coefficient in COEFFICIENTS[1:]:
        scaled = scaled * t + coefficient
    tail = bell(near) * scaled / (1 + y)
    return np.where(x > 0, 1 - tail, tail)[()]


def density(x: Any) -> Any:
    """Compute the density of the standard normal distribution."""
    return bell(bounded(x)) * (1 / sqrt(2 * pi))


def bell(x: Any) -> Any:
    """Compute exp(-x^2 / 2): the square of what has few digits is exact, and the rest of the exponent is small."""
    short = np.trunc(x * 16) / 16
    return np.exp(short * short * -0.5) * np.exp((short - x) * (short + x) * 0.5)


def bounded(x: Any) -> Any:
    """Bring x to where its square does not overflow."""
    return np.minimum(np.maximum(x, -FAR), FAR)


# (1 + tanh(u)) / 2 is the sigmoid of 2u, and keeps its digits where tanh(u) is nearly -1.


def logit(x: Any) -> Any:
    """Compute what the sigmoid is taken of to approximate the normal distribution."""
    x = bounded(x)
    return x * (sqrt(8 / pi) + sqrt(8 / pi) * 0.044715 * (x * x))


def approximate_slope(x: Any) -> Any:
    """Compute the derivative of x times the sigmoid of `logit`."""
    z, x = logit(x), bounded(x)
    dz = sqrt(8 / pi) + 3 * sqrt(8 / pi) * 0.044715 * (x * x)
    share = sigmoid(z)
    return share + x * dz * (share * sigmoid(-z))
