"""Rules of convolution and correlation."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative
from micrograd_nd.rules.arguments import as_array


def widened(g: Any, a: Any, v: Any, mode: str) -> Any:
    """Put the derivative of a convolution back to where its elements are in the full one."""
    long, short = max(np.size(a), np.size(v)), min(np.size(a), np.size(v))
    before = {"full": 0, "same": (short - 1) // 2, "valid": short - 1}[mode]
    after = long + short - 1 - before - g.shape[0]
    return np.concatenate((np.zeros(before, g.dtype), g, np.zeros(after, g.dtype)))


derivative(
    np.convolve,
    lambda g, out, a, v, *, mode="full": np.convolve(widened(g, a, v, mode), np.atleast_1d(v)[::-1], mode="valid"),
    lambda g, out, a, v, *, mode="full": np.convolve(widened(g, a, v, mode), np.atleast_1d(a)[::-1], mode="valid"),
    linear=True,
)


@composition(np.correlate)
def correlate(a: Any, v: Any, mode: Any = "valid") -> Any:
    """Convolve with the reversed conjugate."""
    a, kernel = np.atleast_1d(as_array(a)), np.conjugate(np.atleast_1d(as_array(v))[::-1])
    if mode == "same" and a.size < kernel.size:
        # Of an even number of shifts, NumPy centres correlations of a shorter with a longer one the other way.
        return np.convolve(a, kernel)[a.size // 2 : a.size // 2 + kernel.size]
    return np.convolve(a, kernel, mode=mode)
