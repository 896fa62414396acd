"""Rules of functions that take numbers apart: remainders, integral and fractional parts, signs, exponents.

What is rounded is piecewise constant, so that a remainder moves with its dividend.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array

derivative(np.remainder, lambda g, out, x, y: g, lambda g, out, x, y: -g * np.floor_divide(x, y))
derivative(np.fmod, lambda g, out, x, y: g, lambda g, out, x, y: -g * np.rint((x - out) / y))
derivative(np.copysign, lambda g, out, x, y: np.where(np.signbit(x) == np.signbit(y), g, -g), None)
derivative(np.ldexp, lambda g, out, x, exponent: np.ldexp(g, exponent), None)
derivative(np.nextafter, lambda g, out, x, y: g, None)


@composition(np.divmod)
def quotient_and_remainder(x1: Any, x2: Any) -> tuple[Any, Any]:
    """Return the quotient, which is piecewise constant, and the remainder."""
    return np.floor_divide(x1, x2), np.remainder(x1, x2)


@primitive
def fractional_part(x: Any) -> Any:
    """Return the first result of ``np.modf``."""
    return np.modf(x)[0]


derivative(fractional_part, lambda g, out, x: g, elementwise=True)


@composition(np.modf)
def fraction_and_whole(x: Any) -> tuple[Any, Any]:
    """Return the fractional part, and the integral one, which is piecewise constant."""
    return fractional_part(x), np.trunc(x)


@primitive
def exponent_of(x: Any) -> Any:
    """Return the second result of ``np.frexp``."""
    return np.frexp(x)[1]


constant(exponent_of)


@composition(np.frexp)
def mantissa_and_exponent(x: Any) -> tuple[Any, Any]:
    """Return the mantissa, and the exponent, which is piecewise constant."""
    exponent = exponent_of(x)
    return np.ldexp(x, -exponent), exponent


def replace_by_part(
    g: Any, out: Any, x: Any, *, nan: Any = 0.0, posinf: Any = None, neginf: Any = None, copy: bool = True
) -> Any:
    """Keep a derivative where numbers are finite: of complex ones, the real and imaginary parts each by itself."""
    if not np.iscomplexobj(x):
        return np.where(np.isfinite(x), g, 0)
    return np.where(np.isfinite(np.real(x)), np.real(g), 0) + np.where(np.isfinite(np.imag(x)), np.imag(g), 0) * 1j


def finite(x: Any, *, copy: bool = True, **replacements: Any) -> Any:
    """Replace what is not finite, always in a copy."""
    return np.nan_to_num(as_array(x), **replacements)


derivative(np.nan_to_num, replace_by_part, evaluate=finite, elementwise=True)
