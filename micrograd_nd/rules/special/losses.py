"""Rules of scipy.special: Huber's losses, the transformations of Box and Cox."""

from typing import Any

import numpy as np
from scipy import special

from micrograd_nd.rules.optional import offer
from micrograd_nd.rules.quotients import EXPM1, LOG1P, quotient

offer(
    special.huber,
    lambda g, out, delta, r: g * np.maximum(np.abs(r) - delta, 0),
    lambda g, out, delta, r: g * np.clip(r, -delta, delta),
)
offer(
    special.pseudo_huber,
    lambda g, out, delta, r: g * pseudo_huber_by_delta(delta, r / delta),
    lambda g, out, delta, r: g * (r / np.hypot(1, r / delta)),
)


def pseudo_huber_by_delta(delta: Any, x: Any) -> Any:
    """Differentiate the pseudo-Huber loss with respect to its threshold, at the residual ``delta * x``."""
    root = np.hypot(1, x)
    return delta * np.square(x * x / (1 + root)) / root


# The derivatives with respect to lambda are those of expm1(t) / t and log1p(t) / t, exact across lambda = 0.
offer(
    special.boxcox,
    lambda g, out, x, power: g * x ** (power - 1),
    lambda g, out, x, power: g * by_power(np.log(x), power),
)
offer(
    special.boxcox1p,
    lambda g, out, x, power: g * (1 + x) ** (power - 1),
    lambda g, out, x, power: g * by_power(np.log1p(x), power),
)
offer(
    special.inv_boxcox,
    lambda g, out, y, power: g * (out / (1 + power * y)),
    lambda g, out, y, power: g * (out * inverse_by_power(y, power)),
)
offer(
    special.inv_boxcox1p,
    lambda g, out, y, power: g * ((1 + out) / (1 + power * y)),
    lambda g, out, y, power: g * ((1 + out) * inverse_by_power(y, power)),
)


def by_power(logarithm: Any, power: Any) -> Any:
    """Differentiate ``expm1(power * logarithm) / power`` with respect to the power."""
    return np.square(logarithm) * quotient(power * logarithm, numerator=EXPM1, order=1)


def inverse_by_power(y: Any, power: Any) -> Any:
    """Differentiate ``log1p(power * y) / power`` with respect to the power."""
    return np.square(y) * quotient(power * y, numerator=LOG1P, order=1)
