"""Rules of functions that turn, shift and repeat elements."""

from math import prod
from typing import Any

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import as_array, axis_of
from micrograd_nd.rules.indexing import scatter_add

derivative(np.flip, lambda g, out, m, *, axis=None: np.flip(g, axis), linear=True)
derivative(np.fliplr, lambda g, out, m: np.fliplr(g), linear=True)
derivative(np.flipud, lambda g, out, m: np.flipud(g), linear=True)
derivative(np.rot90, lambda g, out, m, *, k=1, axes=(0, 1): np.rot90(g, -k, axes), linear=True)
derivative(
    np.roll,
    lambda g, out, a, *, shift, axis=None: np.roll(g, tuple(np.negative(np.atleast_1d(shift)).tolist()), axis),
    evaluate=lambda a, *, shift, axis=None: np.roll(a, shift, axis)[()],
    linear=True,
)


def untile(g: Any, out: Any, A: Any, *, reps: Any) -> Any:
    """Sum over the copies of each element."""
    reps = tuple(np.atleast_1d(reps).tolist())
    ndim = max(len(reps), A.ndim)
    reps, shape = (1,) * (ndim - len(reps)) + reps, (1,) * (ndim - A.ndim) + A.shape
    split = np.reshape(g, [n for pair in zip(reps, shape, strict=True) for n in pair])
    return np.reshape(np.sum(split, axis=tuple(range(0, 2 * ndim, 2))), A.shape)


derivative(np.tile, untile, linear=True)


def unrepeat(g: Any, out: Any, a: Any, *, repeats: Any, axis: int | None = None) -> Any:
    """Sum over the copies of each element."""
    flat = np.ravel(a) if axis is None else a
    axis = 0 if axis is None else axis_of(axis, a.ndim)
    before, length, after = flat.shape[:axis], flat.shape[axis], flat.shape[axis + 1 :]
    if np.size(repeats) == 1:
        times = np.ravel(repeats).tolist()[0]
        total = np.sum(np.reshape(g, (*before, length, times, *after)), axis=axis + 1)
    else:
        index = (slice(None),) * axis + (np.repeat(np.arange(length), repeats),)
        total = scatter_add(g, shape=flat.shape, index=index)
    return np.reshape(total, a.shape)


derivative(np.repeat, unrepeat, linear=True)


@composition(np.resize)
def resize(a: Any, new_shape: Any) -> Any:
    """Fill a shape with the elements over and over."""
    flat = np.ravel(as_array(a))
    shape = (new_shape,) if np.ndim(new_shape) == 0 else tuple(new_shape)
    size = prod(shape)
    if size < 0 or any(n < 0 for n in shape):
        raise ValueError(f"the lengths of a shape are 0 or more; got {shape}")
    if flat.size == 0 or size == 0:
        return np.zeros(shape, flat.dtype)
    return np.reshape(np.tile(flat, -(-size // flat.size))[:size], shape)


@primitive
def overlap_add(windows: Any, *, shape: tuple[int, ...], window: tuple[int, ...], axes: tuple[int, ...]) -> Any:
    """Add windows that slid over an array back to where each of their elements came from."""
    total = np.zeros(shape, windows.dtype)
    for offset in np.ndindex(window):
        starts = [sum(o for o, i in zip(offset, axes, strict=True) if i == axis) for axis in range(len(shape))]
        places = tuple(slice(start, start + n) for start, n in zip(starts, windows.shape, strict=False))
        total[places] += windows[(..., *offset)]
    return total


derivative(
    overlap_add,
    lambda g, out, windows, *, shape, window, axes: sliding_window_view(g, window, axes),
    linear=True,
)
derivative(
    sliding_window_view,
    lambda g, out, x, *, window_shape, axis=None: overlap_add(
        g,
        shape=x.shape,
        window=tuple(np.atleast_1d(window_shape).tolist()),
        axes=tuple(range(x.ndim)) if axis is None else tuple((np.atleast_1d(axis) % x.ndim).tolist()),
    ),
    linear=True,
)
