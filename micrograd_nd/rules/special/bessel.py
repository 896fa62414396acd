"""Rules of scipy.special: Bessel functions, with respect to their arguments; nobody has them with respect to the order.

From the recurrences between three orders (DLMF 10.6, 10.29).
"""

from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.primitives import Primitive, composition, derivative, primitive, registry
from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.refusals import no_derivative


def offer_of_order(function: Any, rule: Any) -> Primitive:
    """Register the rule of the second argument of a function of order and argument."""
    return offer(function, no_derivative(function, "its order"), rule)


def mean_of_neighbours(function: Any, v: Any, z: Any) -> Any:
    """Return half the sum of the two functions of neighbouring orders."""
    return (function(v - 1, z) + function(v + 1, z)) / 2


def fall_of_neighbours(function: Any, v: Any, z: Any) -> Any:
    """Return half the difference of the two functions of neighbouring orders."""
    return (function(v - 1, z) - function(v + 1, z)) / 2


offer_of_order(special.jv, lambda g, out, v, z: g * fall_of_neighbours(special.jv, v, z))
offer_of_order(special.yv, lambda g, out, v, z: g * fall_of_neighbours(special.yv, v, z))
offer_of_order(special.yn, lambda g, out, n, x: g * fall_of_neighbours(special.yn, n, x))
offer_of_order(special.hankel1, lambda g, out, v, z: g * fall_of_neighbours(special.hankel1, v, z))
offer_of_order(special.hankel2, lambda g, out, v, z: g * fall_of_neighbours(special.hankel2, v, z))
offer_of_order(special.iv, lambda g, out, v, z: g * mean_of_neighbours(special.iv, v, z))
offer_of_order(special.kv, lambda g, out, v, z: -g * mean_of_neighbours(special.kv, v, z))
offer_of_order(special.kn, lambda g, out, n, x: -g * mean_of_neighbours(special.kn, n, x))

# With a factor exp(z), exp(-iz), exp(iz) that keeps them of moderate size.
offer_of_order(special.kve, lambda g, out, v, z: g * (out - mean_of_neighbours(special.kve, v, z)))
offer_of_order(special.hankel1e, lambda g, out, v, z: g * (fall_of_neighbours(special.hankel1e, v, z) - 1j * out))
offer_of_order(special.hankel2e, lambda g, out, v, z: g * (fall_of_neighbours(special.hankel2e, v, z) + 1j * out))

# Here the factor is exp of minus the absolute value of the real or the imaginary part, and so not analytic.
for shrunk, rule in (
    (special.ive, lambda g, out, v, z: g * mean_of_neighbours(special.ive, v, z) + shrinking_by_real(g * out, z)),
    (special.jve, lambda g, out, v, z: g * fall_of_neighbours(special.jve, v, z) + shrinking_by_imag(g * out, z)),
    (special.yve, lambda g, out, v, z: g * fall_of_neighbours(special.yve, v, z) + shrinking_by_imag(g * out, z)),
):
    offer_of_order(shrunk, rule).elementwise = False


def shrinking_by_real(weight: Any, z: Any) -> Any:
    """Differentiate the logarithm of exp(-abs(real(z))), where `weight` is what its step is multiplied with."""
    return -np.real(weight) * np.sign(np.real(z))


def shrinking_by_imag(weight: Any, z: Any) -> Any:
    """Differentiate the logarithm of exp(-abs(imag(z))), where `weight` is what its step is multiplied with."""
    return np.real(weight) * np.sign(np.imag(z)) * 1j if np.iscomplexobj(z) else 0


offer(special.j0, lambda g, out, x: -g * special.j1(x))
offer(special.j1, lambda g, out, x: g * ((special.j0(x) - special.jv(2, x)) / 2))
offer(special.y0, lambda g, out, x: -g * special.y1(x))
offer(special.y1, lambda g, out, x: g * (special.y0(x) - out / x))
offer(special.i0, lambda g, out, x: g * special.i1(x))
offer(special.i1, lambda g, out, x: g * ((special.i0(x) + special.iv(2, x)) / 2))
offer(special.k0, lambda g, out, x: -g * special.k1(x))
offer(special.k1, lambda g, out, x: -g * (special.k0(x) + out / x))
offer(special.i0e, lambda g, out, x: g * (special.i1e(x) - np.sign(x) * out))
offer(special.i1e, lambda g, out, x: g * ((special.i0e(x) + special.ive(2, x)) / 2 - np.sign(x) * out))
offer(special.k0e, lambda g, out, x: g * (out - special.k1e(x)))
offer(special.k1e, lambda g, out, x: g * (out - (special.k0e(x) + special.kve(2, x)) / 2))


@primitive
def airy_ai(z: Any) -> Any:
    """Return the first result of ``scipy.special.airy``."""
    return special.airy(z)[0]


@primitive
def airy_ai_prime(z: Any) -> Any:
    """Return the second result of ``scipy.special.airy``."""
    return special.airy(z)[1]


@primitive
def airy_bi(z: Any) -> Any:
    """Return the third result of ``scipy.special.airy``."""
    return special.airy(z)[2]


@primitive
def airy_bi_prime(z: Any) -> Any:
    """Return the last result of ``scipy.special.airy``."""
    return special.airy(z)[3]


derivative(airy_ai, lambda g, out, z: g * airy_ai_prime(z), elementwise=True)
derivative(airy_bi, lambda g, out, z: g * airy_bi_prime(z), elementwise=True)
# By Airy's equation.
derivative(airy_ai_prime, lambda g, out, z: g * (z * airy_ai(z)), elementwise=True)
derivative(airy_bi_prime, lambda g, out, z: g * (z * airy_bi(z)), elementwise=True)

if special.airy not in registry:

    @composition(special.airy)
    def airy(z: Any) -> tuple[Any, Any, Any, Any]:
        """Return both functions of Airy, each with its derivative."""
        return airy_ai(z), airy_ai_prime(z), airy_bi(z), airy_bi_prime(z)
