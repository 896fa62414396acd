"""Rules of functions that move elements without changing them, and of the change of dtype."""

from typing import Any

import numpy as np

from micrograd_nd.primitive import Bound, derivative


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


def piece(g: Any, out: Any, *arrays: Any, index: int, axis: int | None) -> Any:
    """Cut from the derivative of a concatenation the part of one array."""
    along = [np.size(a) if axis is None else np.shape(a)[axis] for a in arrays[: index + 1]]
    part = slice(sum(along[:-1]), sum(along))
    if axis is None:
        return np.reshape(g[part], np.shape(arrays[index]))
    return g[(*[slice(None)] * (axis % g.ndim), part)]


derivative(
    np.concatenate,
    each=piece,
    bind=bind_sequence,
    evaluate=lambda *arrays, axis: np.concatenate(arrays, axis=axis),
)
derivative(
    np.stack,
    each=lambda g, out, *arrays, index, axis: g[(*[slice(None)] * (axis % g.ndim), index)],
    bind=bind_sequence,
    evaluate=lambda *arrays, axis: np.stack(arrays, axis=axis),
)
