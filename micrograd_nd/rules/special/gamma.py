"""Rules of scipy.special: the gamma function and its kin.

The derivatives of psi are Hurwitz's zeta function at 2, 3, ..., so that every order follows from one rule.
"""

from math import pi
from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.primitives import constant, registry
from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.refusals import no_derivative

# The ufunc that special.zeta calls.
zeta = special._ufuncs._zeta

offer(special.gamma, lambda g, out, x: g * (out * special.psi(x)))
offer(special.gammaln, lambda g, out, x: g * special.psi(x))
offer(special.loggamma, lambda g, out, x: g * special.psi(x))
offer(special.rgamma, lambda g, out, x: g * reciprocal_gamma_slope(x, out))
offer(special.psi, lambda g, out, x: g * trigamma(x))
offer(
    zeta,
    no_derivative(zeta, "its exponent x"),
    lambda g, out, s, q: g * (-s * zeta(s + 1, q)),
)
if special.gammasgn not in registry:
    constant(special.gammasgn)

offer(
    special.beta,
    lambda g, out, a, b: g * (out * (special.psi(a) - special.psi(a + b))),
    lambda g, out, a, b: g * (out * (special.psi(b) - special.psi(a + b))),
)
offer(
    special.betaln,
    lambda g, out, a, b: g * (special.psi(a) - special.psi(a + b)),
    lambda g, out, a, b: g * (special.psi(b) - special.psi(a + b)),
)
offer(
    special.poch,
    lambda g, out, z, m: g * (out * (special.psi(z + m) - special.psi(z))),
    lambda g, out, z, m: g * (out * special.psi(z + m)),
)
offer(
    special.binom,
    lambda g, out, n, k: g * (out * (special.psi(n + 1) - special.psi(n - k + 1))),
    lambda g, out, n, k: g * (out * (special.psi(n - k + 1) - special.psi(k + 1))),
)


def trigamma(x: Any) -> Any:
    """Differentiate psi, of real numbers: SciPy has no zeta function of complex ones."""
    if np.iscomplexobj(x):
        raise TypeError("scipy.special.psi has a derivative rule for real numbers only; got complex ones")
    return zeta(2, x)


def reciprocal_gamma_slope(x: Any, out: Any) -> Any:
    """Differentiate 1 / gamma(x): left of 1/2 by reflection, since psi has its poles where it is finite."""
    left = np.real(x) < 0.5
    mirrored = np.where(left, 1 - x, 1)
    reflected = np.where(left, special.gamma(mirrored) * np.cos(pi * np.where(left, x, 0)), 0)
    return reflected - out * special.psi(np.where(left, 1 - x, x))


def log_gamma_density(a: Any, x: Any) -> Any:
    """Return the logarithm of the derivative of ``gammainc(a, x)``."""
    return special.xlogy(a - 1, x) - x - special.gammaln(a)


def log_beta_density(a: Any, b: Any, x: Any) -> Any:
    """Return the logarithm of the derivative of ``betainc(a, b, x)``."""
    return special.xlogy(a - 1, x) + special.xlog1py(b - 1, -x) - special.betaln(a, b)


for incomplete, sign in ((special.gammainc, 1), (special.gammaincc, -1)):
    offer(
        incomplete,
        no_derivative(incomplete, "its parameter a"),
        lambda g, out, a, x, sign=sign: g * (sign * np.exp(log_gamma_density(a, x))),
    )
for inverse, sign in ((special.gammaincinv, 1), (special.gammainccinv, -1)):
    offer(
        inverse,
        no_derivative(inverse, "its parameter a"),
        lambda g, out, a, y, sign=sign: g * (sign * np.exp(-log_gamma_density(a, out))),
    )
for incomplete, sign in ((special.betainc, 1), (special.betaincc, -1)):
    offer(
        incomplete,
        no_derivative(incomplete, "its parameter a"),
        no_derivative(incomplete, "its parameter b"),
        lambda g, out, a, b, x, sign=sign: g * (sign * np.exp(log_beta_density(a, b, x))),
    )
for inverse, sign in ((special.betaincinv, 1), (special.betainccinv, -1)):
    offer(
        inverse,
        no_derivative(inverse, "its parameter a"),
        no_derivative(inverse, "its parameter b"),
        lambda g, out, a, b, y, sign=sign: g * (sign * np.exp(-log_beta_density(a, b, out))),
    )
