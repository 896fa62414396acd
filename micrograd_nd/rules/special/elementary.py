"""Rules of scipy.special: exponentials, logistic functions, trigonometry in degrees, Lambert's W."""

from math import pi
from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.primitives import constant, registry
from micrograd_nd.rules.elementwise import LOG_2, LOG_10, log_of_base, one_less
from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.quotients import EXPM1, quotient
from micrograd_nd.rules.refusals import no_derivative

offer(special.exp2, lambda g, out, x: g * (out * LOG_2))
offer(special.exp10, lambda g, out, x: g * (out * LOG_10))
offer(special.expm1, lambda g, out, x: g * np.exp(x))
offer(special.log1p, lambda g, out, x: g / (1 + x))
offer(special.cbrt, lambda g, out, x: g / (3 * (out * out)))
offer(special.cosm1, lambda g, out, x: -g * np.sin(x))
offer(special.exprel, lambda g, out, x: g * quotient(x, numerator=EXPM1, order=1))
offer(
    special.powm1,
    lambda g, out, x, y: g * (y * x ** one_less(y, x)),
    lambda g, out, x, y: g * ((out + 1) * log_of_base(x, out)),
)

offer(special.expit, lambda g, out, x: g * (out * special.expit(-x)))
offer(special.log_expit, lambda g, out, x: g * special.expit(-x))
offer(special.logit, lambda g, out, x: g / (x * (1 - x)))

offer(special.sindg, lambda g, out, x: g * (special.cosdg(x) * (pi / 180)))
offer(special.cosdg, lambda g, out, x: g * (special.sindg(x) * (-pi / 180)))
offer(special.tandg, lambda g, out, x: g * ((1 + out * out) * (pi / 180)))
offer(special.cotdg, lambda g, out, x: g * ((1 + out * out) * (-pi / 180)))
offer(
    special.radian,
    lambda g, out, d, m, s: g * (pi / 180),
    lambda g, out, d, m, s: g * (pi / 180 / 60),
    lambda g, out, d, m, s: g * (pi / 180 / 3600),
)
if special.round not in registry:
    constant(special.round)


def principal(g: Any, out: Any, z: Any, k: Any, tolerance: Any) -> Any:
    """Differentiate Lambert's W, whose branch and tolerance are no variables."""
    return g * (np.exp(-out) / (1 + out))


# The ufunc that special.lambertw calls.
offer(special._ufuncs._lambertw, principal, None, no_derivative(special._ufuncs._lambertw, "its tolerance"))
offer(special.wrightomega, lambda g, out, z: g * (out / (1 + out)))
