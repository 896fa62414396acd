"""Rules of functions that move elements without changing them, and of the change of dtype."""

from itertools import accumulate
from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, derivative


def bind_reshape(a: Any, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Bound:
    """Take the shape under either of NumPy's names for it. A copy makes no difference to a value."""
    if order not in ("C", "F"):
        raise TypeError(f"has order 'C' or 'F' (the others depend on how memory is laid out); got order={order!r}")
    return (a,), {"shape": newshape if shape is None else shape, "order": order}


derivative(
    np.reshape,
    lambda g, out, a, *, shape, order: np.reshape(g, a.shape, order=order),
    bind=bind_reshape,
    evaluate=lambda a, *, shape, order: np.reshape(a, shape, order=order),
)
derivative(
    np.ravel,
    lambda g, out, a, *, shape, order: np.reshape(g, a.shape, order=order),
    bind=lambda a, order="C": bind_reshape(a, -1, order),
    evaluate=lambda a, *, shape, order: np.ravel(a, order=order),
)
derivative(np.expand_dims, lambda g, out, a, *, axis: np.reshape(g, a.shape))
derivative(np.squeeze, lambda g, out, a, *, axis=None: np.reshape(g, a.shape))
derivative(np.broadcast_to, lambda g, out, a, *, shape: g)
derivative(np.transpose, lambda g, out, a, *, axes=None: np.transpose(g, None if axes is None else inverse(axes)))
derivative(np.swapaxes, lambda g, out, a, *, axis1, axis2: np.swapaxes(g, axis1, axis2))
derivative(np.moveaxis, lambda g, out, a, *, source, destination: np.moveaxis(g, destination, source))
derivative(
    np.ndarray.astype,
    lambda g, out, a, *, dtype: g,
    bind=lambda a, dtype: ((a,), {"dtype": dtype}),
    evaluate=lambda a, *, dtype: a.astype(dtype),
)


def inverse(axes: Any) -> tuple[int, ...]:
    """Invert a permutation of axes, negative ones counted from the end."""
    return tuple(np.argsort(np.asarray(axes) % max(len(axes), 1)).tolist())


def bind_sequence(arrays: Any, axis: int | None = 0) -> Bound:
    """Take a sequence of arrays as that many arguments."""
    return tuple(arrays), {"axis": axis}


def pieces(g: Any, out: Any, *arrays: Any, axis: int | None) -> list[Any]:
    """Cut the derivative of a concatenation into those of its parts."""
    lengths = [np.size(a) if axis is None else np.shape(a)[axis] for a in arrays]
    ends = list(accumulate(lengths))
    before = () if axis is None else (slice(None),) * (axis % g.ndim)
    parts = [g[(*before, slice(end - length, end))] for length, end in zip(lengths, ends, strict=True)]
    return [np.reshape(part, np.shape(a)) for part, a in zip(parts, arrays, strict=True)] if axis is None else parts


def layers(g: Any, out: Any, *arrays: Any, axis: int) -> list[Any]:
    """Take the derivative of a stack apart."""
    before = (slice(None),) * (axis % g.ndim)
    return [g[(*before, i)] for i in range(len(arrays))]


derivative(
    np.concatenate,
    joint=pieces,
    bind=bind_sequence,
    evaluate=lambda *arrays, axis: np.concatenate(arrays, axis=axis),
)
derivative(
    np.stack,
    joint=layers,
    bind=bind_sequence,
    evaluate=lambda *arrays, axis: np.stack(arrays, axis=axis),
)
