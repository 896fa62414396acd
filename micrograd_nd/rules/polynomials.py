"""Values of polynomials, and the matrix of powers."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import as_array


@composition(np.polyval)
def polyval(p: Any, x: Any) -> Any:
    """Compute a polynomial by Horner's rule, from its highest coefficient on."""
    p, x = as_array(p), as_array(x)
    value = np.zeros(x.shape, np.result_type(p.dtype, x.dtype))[()]
    for i in range(p.shape[0]):
        value = value * x + p[i]
    return value


@composition(np.vander)
def vander(x: Any, N: int | None = None, increasing: bool = False) -> Any:
    """Lay the powers of numbers in rows."""
    x = as_array(x)
    if x.ndim != 1:
        raise ValueError(f"np.vander takes one axis of numbers; got shape {x.shape}")
    powers = np.arange(x.shape[0] if N is None else N)
    return x[:, None] ** (powers if increasing else powers[::-1])
