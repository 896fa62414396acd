"""Rules of scipy.special: error functions and the normal distribution."""

from math import pi, sqrt
from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.rules.optional import offer

ROOT_PI = sqrt(pi)

offer(special.erf, lambda g, out, x: g * (np.exp(-(x * x)) * (2 / ROOT_PI)))
offer(special.erfc, lambda g, out, x: g * (np.exp(-(x * x)) * (-2 / ROOT_PI)))
offer(special.erfi, lambda g, out, x: g * (np.exp(x * x) * (2 / ROOT_PI)))
offer(special.erfinv, lambda g, out, y: g * (np.exp(out * out) * (ROOT_PI / 2)))
offer(special.erfcinv, lambda g, out, y: g * (np.exp(out * out) * (-ROOT_PI / 2)))

offer(special.erfcx, lambda g, out, x: g * (erfcx_less_its_limit(x, out) * (2 / ROOT_PI)))
offer(special.dawsn, lambda g, out, x: -g * dawsn_less_its_limit(x, out))
offer(special.wofz, lambda g, out, z: g * (wofz_less_its_limit(z, out) * (-2j / ROOT_PI)))


def erfcx_less_its_limit(x: Any, out: Any) -> Any:
    """Return a product that tends to 1 to the right, less 1."""
    return less_one(x * out * ROOT_PI, -(x * x), np.real(x) > 0)


def dawsn_less_its_limit(x: Any, out: Any) -> Any:
    """Return a product that tends to 1 along the real numbers, less 1."""
    return less_one(2 * x * out, x * x, np.real(x * x) > 100)


def wofz_less_its_limit(z: Any, out: Any) -> Any:
    """Return a product that tends to 1 above the real numbers, less 1."""
    return less_one(z * out * (-1j * ROOT_PI), z * z, np.imag(z) >= 0)


offer(special.ndtr, lambda g, out, x: g * (np.exp(x * x * -0.5) / sqrt(2 * pi)))
offer(special.ndtri, lambda g, out, y: g * (np.exp(out * out * 0.5) * sqrt(2 * pi)))
# The density over the distribution, without either.
offer(special.log_ndtr, lambda g, out, x: g * (sqrt(2 / pi) / special.erfcx(x * -sqrt(0.5))))
offer(special.ndtri_exp, lambda g, out, y: g * (special.erfcx(out * -sqrt(0.5)) * sqrt(pi / 2)))
offer(
    special.owens_t,
    lambda g, out, h, a: g * (np.exp(h * h * -0.5) * special.erf(a * h * sqrt(0.5)) / (-2 * sqrt(2 * pi))),
    lambda g, out, h, a: g * (np.exp(h * h * (1 + a * a) * -0.5) / ((1 + a * a) * (2 * pi))),
)


def less_one(product: Any, square: Any, tends: Any) -> Any:
    """Subtract 1 from a product that tends to 1 where a square is large: by its asymptotic series there.

    With u = 1 / (2 * square) the series is 1 + u + 3 u**2 + 15 u**3 + ... (DLMF 7.12.1). Its least term is less than
    rounding where a square is 100; below, up to two digits cancel.
    """
    far = (np.abs(square) > 100) & tends
    u = 0.5 / np.where(far, square, 1)
    series: Any = 1
    for odd in range(29, 1, -2):
        series = 1 + odd * u * series
    return np.where(far, u * series, product - 1)
