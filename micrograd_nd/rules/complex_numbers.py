"""Rules of the parts of complex numbers: conjugates, real and imaginary parts, absolute values, signs, angles.

The derivative of a real result with respect to z = x + iy is d/dx - i d/dy: what is multiplied with dz has, as its real
part, the step of the result. These are the functions that are not analytic; the rules of all others do not tell
complex numbers from real ones.
"""

from math import pi
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array, fixed

derivative(np.conjugate, lambda g, out, x: np.conjugate(g))
derivative(np.real, lambda g, out, val: g, elementwise=True)
derivative(np.imag, lambda g, out, val: g * -1j, elementwise=True)
derivative(np.absolute, lambda g, out, x: g * direction(x, out), evaluate=abs)
derivative(np.fabs, lambda g, out, x: g * np.sign(x))
derivative(
    np.angle,
    lambda g, out, z, *, deg=False: g * ((-180j / pi if deg else -1j) / z) if np.iscomplexobj(z) else np.zeros_like(g),
    elementwise=True,
)


def direction(x: Any, size: Any) -> Any:
    """Return what a step in `x` is multiplied by for the step in its absolute value; 0 at 0."""
    return np.conjugate(x) / nonzero(size) if np.iscomplexobj(x) else np.sign(x)


@primitive
def real_sign(x: Any) -> Any:
    """Return the sign of a real number."""
    return np.sign(x)


@primitive
def complex_sign(z: Any) -> Any:
    """Return a complex number divided by its absolute value; 0 for 0."""
    return np.sign(z)


constant(real_sign)
# The step along the number itself does not count.
derivative(
    complex_sign,
    lambda g, out, z: np.where(z == 0, 0, (g - np.real(g * out) * np.conjugate(out)) / nonzero(np.abs(z))),
)


@composition(np.sign)
def sign(x: Any) -> Any:
    """Tell complex numbers from real ones, whose sign is piecewise constant."""
    return complex_sign(x) if np.iscomplexobj(x) else real_sign(x)


@composition(np.real_if_close)
def real_if_close(a: Any, tol: float = 100) -> Any:
    """Take the real part where all imaginary parts are about as small as rounding makes them."""
    a = as_array(a)
    if not np.iscomplexobj(a):
        return a
    a = fixed(a, np.real_if_close, "the dtype", "use np.real")
    allowed = tol * np.finfo(a.dtype).eps if tol > 1 else tol
    return np.real(a) if np.all(np.abs(np.imag(a)) < allowed) else a


def nonzero(size: Any) -> Any:
    """Replace 0 by 1, to divide by."""
    return np.where(size == 0, 1, size)
