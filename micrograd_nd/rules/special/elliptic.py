"""Rules of scipy.special: elliptic integrals.

By hypergeometric functions, which are exact where the usual expressions, of the form (E - (1 - m) K) / m, cancel.
"""

from math import pi
from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.refusals import no_derivative

MODULUS = "its parameter m"

offer(special.ellipk, lambda g, out, m: g * slope_of_first_kind(m, 1 - m))
offer(special.ellipkm1, lambda g, out, p: -g * slope_of_first_kind(1 - p, p))
offer(special.ellipe, lambda g, out, m: g * (hypergeometric(0.5, 1.5, m) * (-pi / 8)))
offer(
    special.ellipkinc,
    lambda g, out, phi, m: g / np.sqrt(1 - m * np.square(np.sin(phi))),
    no_derivative(special.ellipkinc, MODULUS),
)
offer(
    special.ellipeinc,
    lambda g, out, phi, m: g * np.sqrt(1 - m * np.square(np.sin(phi))),
    no_derivative(special.ellipeinc, MODULUS),
)


def slope_of_first_kind(m: Any, complement: Any) -> Any:
    """Differentiate the complete integral of the first kind."""
    return hypergeometric(0.5, 0.5, m) * (pi / 8) / complement


def hypergeometric(a: float, b: float, m: Any) -> Any:
    """Evaluate 2F1(a, b; 2; m) in the precision of `m`: SciPy takes double for Python's numbers."""
    same = m.dtype.type
    return special.hyp2f1(same(a), same(b), same(2), m)
