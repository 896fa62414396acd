"""Rules of functions that reduce axes: sums, means, extrema. Equal extrema share the derivative evenly."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative

Axis = int | Sequence[int] | None


def expand(reduced: Any, axis: Axis, keepdims: bool) -> Any:
    """Give a reduced array its lost axes back, of length 1, so that it broadcasts with what it was reduced from."""
    return reduced if axis is None or keepdims else np.expand_dims(reduced, axis)


def share(g: Any, out: Any, a: Any, axis: Axis, keepdims: bool) -> Any:
    """Spread the derivative of an extremum evenly over the elements that equal it."""
    chosen = a == expand(out, axis, keepdims)
    number = np.maximum(np.sum(chosen, axis=axis, keepdims=True), 1).astype(g.dtype)
    return np.where(chosen, expand(g, axis, keepdims) / number, 0)


# The method does what the function does without its dispatch.
derivative(
    np.sum,
    lambda g, out, a, *, axis=None, keepdims=False: expand(g, axis, keepdims),
    evaluate=lambda a, axis=None, keepdims=False: a.sum(axis, None, None, keepdims),
)
derivative(
    np.mean,
    lambda g, out, a, *, axis=None, keepdims=False: expand(g, axis, keepdims) / (a.size / max(out.size, 1) or 1),
)
for extremum in (np.max, np.min, np.amax, np.amin):
    derivative(extremum, lambda g, out, a, *, axis=None, keepdims=False: share(g, out, a, axis, keepdims))
