"""Rules of functions that change the shape of an array or the order of its axes, and of the change of dtype."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, composition, derivative
from micrograd_nd.rules.arguments import as_array, axis_of


def bind_reshape(a: Any, shape: Any = None, order: str = "C", *, newshape: Any = None, copy: Any = None) -> Bound:
    """Take the shape under either of NumPy's names for it. A copy makes no difference to a value."""
    if order not in ("C", "F"):
        raise TypeError(f"has order 'C' or 'F' (the others depend on how memory is laid out); got order={order!r}")
    return (a,), {"shape": newshape if shape is None else shape, "order": order}


derivative(
    np.reshape,
    lambda g, out, a, *, shape, order: np.reshape(g, a.shape, order=order),
    bind=bind_reshape,
    evaluate=lambda a, *, shape, order: a.reshape(shape, order=order)[()],
    linear=True,
)
derivative(
    np.ravel,
    lambda g, out, a, *, shape, order: np.reshape(g, a.shape, order=order),
    bind=lambda a, order="C": bind_reshape(a, -1, order),
    evaluate=lambda a, *, shape, order: np.ravel(a, order=order),
    linear=True,
)
derivative(np.expand_dims, lambda g, out, a, *, axis: np.reshape(g, a.shape), linear=True)
derivative(
    np.squeeze,
    lambda g, out, a, *, axis=None: np.reshape(g, a.shape),
    evaluate=lambda a, *, axis=None: a.squeeze(axis)[()],
    linear=True,
)
derivative(
    np.broadcast_to,
    lambda g, out, a, *, shape: g,
    evaluate=lambda a, *, shape: np.broadcast_to(a, shape)[()],
    linear=True,
)
derivative(
    np.transpose,
    lambda g, out, a, *, axes=None: np.transpose(g, None if axes is None else inverse(axes)),
    linear=True,
)
derivative(np.swapaxes, lambda g, out, a, *, axis1, axis2: np.swapaxes(g, axis1, axis2), linear=True)
derivative(
    np.moveaxis,
    lambda g, out, a, *, source, destination: np.moveaxis(g, destination, source),
    linear=True,
)
derivative(
    np.ndarray.astype,
    lambda g, out, a, *, dtype: g,
    bind=lambda a, dtype: ((a,), {"dtype": dtype}),
    evaluate=lambda a, *, dtype: a.astype(dtype),
    linear=True,
)


def inverse(axes: Any) -> tuple[int, ...]:
    """Invert a permutation of axes, negative ones counted from the end."""
    return tuple(np.argsort(np.asarray(axes) % max(len(axes), 1)).tolist())


@composition(np.matrix_transpose)
def matrix_transpose(x: Any, /) -> Any:
    """Transpose each matrix of a stack."""
    if x.ndim < 2:
        raise ValueError(f"a matrix has two axes; got shape {x.shape}")
    return np.swapaxes(x, -1, -2)


composition(np.linalg.matrix_transpose)(matrix_transpose)


@composition(np.rollaxis)
def rollaxis(a: Any, axis: int, start: int = 0) -> Any:
    """Move one axis back until it stands before another."""
    axis = axis_of(axis, a.ndim)
    if not -a.ndim <= start <= a.ndim:
        raise np.exceptions.AxisError(f"start must be between {-a.ndim} and {a.ndim}; got {start}")
    start += a.ndim if start < 0 else 0
    return np.moveaxis(a, axis, start - 1 if axis < start else start)


@composition(np.broadcast_arrays)
def broadcast_arrays(*args: Any, subok: bool = False) -> Any:
    """Stretch arrays to the shape that they have together."""
    shape = np.broadcast_shapes(*map(np.shape, args))
    return tuple(np.broadcast_to(as_array(a), shape) for a in args)


def several(body: Any) -> Any:
    """Make of a function of one array one of any number, which gives a tuple of results for more than one."""

    def apply(*arys: Any) -> Any:
        results = tuple(body(as_array(a)) for a in arys)
        return results[0] if len(results) == 1 else results

    return apply


def two_axes(a: Any) -> Any:
    """Take a vector as a row."""
    return a if a.ndim >= 2 else np.reshape(a, (1, a.size))


def three_axes(a: Any) -> Any:
    """Take a vector as a row, and a matrix as a stack along the last axis."""
    return a if a.ndim >= 3 else two_axes(a)[:, :, None]


composition(np.atleast_1d)(several(lambda a: np.reshape(a, (1,)) if a.ndim == 0 else a))
composition(np.atleast_2d)(several(two_axes))
composition(np.atleast_3d)(several(three_axes))


@composition(np.copy)
def copy(a: Any, order: str = "K", subok: bool = False) -> Any:
    """Go on from the same values."""
    return a[...] if a.dtype == bool else np.positive(a)


if hasattr(np, "astype"):

    @composition(np.astype)
    def astype(x: Any, dtype: Any, /, *, copy: bool = True, device: Any = None) -> Any:
        """Convert as the method does."""
        return x.astype(dtype)
