"""Rules of scipy.special: integrals, whose derivatives are their integrands."""

from math import pi
from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.primitives import composition, derivative, primitive, registry
from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.quotients import LOG1P, SINE, SINH, quotient
from micrograd_nd.rules.refusals import no_derivative

offer(special.expi, lambda g, out, x: g * (np.exp(x) / x))
offer(special.exp1, lambda g, out, x: -g * (np.exp(-x) / x))
offer(special.expn, no_derivative(special.expn, "its order n"), lambda g, out, n, x: -g * order_below(n, x, out))
offer(special.spence, lambda g, out, z: -g * quotient(z - 1, numerator=LOG1P, order=0))


def order_below(n: Any, x: Any, out: Any) -> Any:
    """Return the exponential integral of order n - 1, also of order -1, which SciPy has not."""
    if isinstance(n, int) and n > 0:
        return special.expn(n - 1, x)
    # From the recurrence, since the one of order 0 is exp(-x) / x.
    of_zero = (np.exp(-x) + out) / x
    return np.where(n == 0, of_zero, special.expn(np.where(n == 0, 0, n - 1), x))


@primitive
def sine_integral(x: Any) -> Any:
    """Return the first result of ``scipy.special.sici``."""
    return special.sici(x)[0]


@primitive
def cosine_integral(x: Any) -> Any:
    """Return the second result of ``scipy.special.sici``."""
    return special.sici(x)[1]


@primitive
def hyperbolic_sine_integral(x: Any) -> Any:
    """Return the first result of ``scipy.special.shichi``."""
    return special.shichi(x)[0]


@primitive
def hyperbolic_cosine_integral(x: Any) -> Any:
    """Return the second result of ``scipy.special.shichi``."""
    return special.shichi(x)[1]


@primitive
def fresnel_sine_integral(z: Any) -> Any:
    """Return the first result of ``scipy.special.fresnel``."""
    return special.fresnel(z)[0]


@primitive
def fresnel_cosine_integral(z: Any) -> Any:
    """Return the second result of ``scipy.special.fresnel``."""
    return special.fresnel(z)[1]


derivative(sine_integral, lambda g, out, x: g * quotient(x, numerator=SINE, order=0), elementwise=True)
derivative(cosine_integral, lambda g, out, x: g * (np.cos(x) / x), elementwise=True)
derivative(
    hyperbolic_sine_integral,
    lambda g, out, x: g * quotient(x, numerator=SINH, order=0),
    elementwise=True,
)
derivative(hyperbolic_cosine_integral, lambda g, out, x: g * (np.cosh(x) / x), elementwise=True)
derivative(fresnel_sine_integral, lambda g, out, z: g * np.sin(z * z * (pi / 2)), elementwise=True)
derivative(fresnel_cosine_integral, lambda g, out, z: g * np.cos(z * z * (pi / 2)), elementwise=True)

if special.sici not in registry:

    @composition(special.sici)
    def sine_and_cosine_integral(x: Any) -> tuple[Any, Any]:
        """Return both integrals."""
        return sine_integral(x), cosine_integral(x)


if special.shichi not in registry:

    @composition(special.shichi)
    def hyperbolic_sine_and_cosine_integral(x: Any) -> tuple[Any, Any]:
        """Return both integrals."""
        return hyperbolic_sine_integral(x), hyperbolic_cosine_integral(x)


if special.fresnel not in registry:

    @composition(special.fresnel)
    def fresnel_integrals(z: Any) -> tuple[Any, Any]:
        """Return both integrals."""
        return fresnel_sine_integral(z), fresnel_cosine_integral(z)
