"""Rules of functions that put arrays together."""

from collections.abc import Sequence
from itertools import accumulate
from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, composition, derivative
from micrograd_nd.rules.arguments import as_array, given


def bind_join(arrays: Any, axis: int | None = 0, out: Any = None, *, dtype: Any = None) -> Bound:
    """Take a sequence of arrays as that many arguments."""
    options: dict[str, Any] = {"axis": axis}
    if out is not None or dtype is not None:
        options |= given(out=out, dtype=dtype)
    return tuple(arrays), options


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
    bind=bind_join,
    evaluate=lambda *arrays, axis: np.concatenate(arrays, axis=axis),
    linear="jointly",
)
derivative(
    np.stack,
    joint=layers,
    bind=bind_join,
    evaluate=lambda *arrays, axis: np.stack(arrays, axis=axis),
    linear="jointly",
)


def several(function: Any, tup: Any) -> list[Any]:
    """Give each array of a sequence the axes that a join needs."""
    return [function(as_array(a)) for a in tup]


@composition(np.vstack)
def join_rows(tup: Any, *, dtype: Any = None) -> Any:
    """Join along the first axis; vectors are rows."""
    return np.concatenate(several(np.atleast_2d, tup), axis=0, dtype=dtype)


@composition(np.hstack)
def join_columns(tup: Any, *, dtype: Any = None) -> Any:
    """Join along the second axis, vectors along their only one."""
    arrays = several(np.atleast_1d, tup)
    return np.concatenate(arrays, axis=0 if arrays and arrays[0].ndim == 1 else 1, dtype=dtype)


@composition(np.dstack)
def join_depths(tup: Any) -> Any:
    """Join along the third axis."""
    return np.concatenate(several(np.atleast_3d, tup), axis=2)


@composition(np.column_stack)
def stack_columns(tup: Any) -> Any:
    """Join matrices and vectors, which are columns."""
    return np.concatenate(several(lambda a: a if a.ndim > 1 else np.reshape(a, (a.size, 1)), tup), axis=1)


@composition(np.block)
def block(arrays: Any) -> Any:
    """Join nested lists: the innermost along the last axis, the next along the one before, and so on."""
    depth = depth_of(arrays)
    return assemble(arrays, depth, max(depth, most_axes(arrays)))


def depth_of(nest: Any) -> int:
    """Count how deep lists are nested, which must be the same everywhere."""
    if isinstance(nest, tuple):
        raise TypeError("blocks are nested in lists, not in tuples")
    if not isinstance(nest, list):
        return 0
    depths = {depth_of(part) for part in nest}
    if len(depths) != 1:
        raise ValueError("blocks are nested equally deep everywhere, and no list is empty")
    return 1 + depths.pop()


def most_axes(nest: Any) -> int:
    """Find the largest number of axes of any block."""
    return max(map(most_axes, nest)) if isinstance(nest, list) else np.ndim(nest)


def assemble(nest: Any, depth: int, ndim: int) -> Any:
    """Join what is nested `depth` deep to one array of `ndim` axes."""
    if isinstance(nest, list):
        return np.concatenate([assemble(part, depth - 1, ndim) for part in nest], axis=-depth)
    block = as_array(nest)
    return np.reshape(block, (1,) * (ndim - block.ndim) + block.shape)


@composition(np.append)
def append(arr: Any, values: Any, axis: int | None = None) -> Any:
    """Join two arrays, flattened where no axis is named."""
    return np.concatenate((as_array(arr), as_array(values)), axis=axis)


@composition(np.insert)
def insert(arr: Any, obj: Any, values: Any, axis: int | None = None) -> Any:
    """Ask NumPy where each element comes from, and take it from there."""
    arr, values = as_array(arr), as_array(values).astype(as_array(arr).dtype)
    places = np.arange(arr.size + values.size)
    positions = np.insert(
        np.reshape(places[: arr.size], arr.shape), obj, np.reshape(places[arr.size :], values.shape), axis=axis
    )
    return np.concatenate((np.ravel(arr), np.ravel(values)))[positions]


@composition(np.delete)
def delete(arr: Any, obj: Any, axis: int | None = None) -> Any:
    """Take what NumPy leaves of the positions along an axis."""
    arr = np.ravel(as_array(arr)) if axis is None else as_array(arr)
    axis = 0 if axis is None else axis
    return np.take(arr, np.delete(np.arange(arr.shape[axis]), obj), axis=axis)


@composition(np.meshgrid)
def meshgrid(*xi: Any, copy: bool = True, sparse: bool = False, indexing: str = "xy") -> Any:
    """Lay vectors along the axes of a grid."""
    if indexing not in ("xy", "ij"):
        raise ValueError(f"indexing is 'xy' or 'ij'; got {indexing!r}")
    number = len(xi)
    axes = list(range(number))
    if indexing == "xy" and number > 1:
        axes[:2] = [1, 0]
    vectors = [as_array(x) for x in xi]
    laid: Sequence[Any] = [
        np.reshape(x, [x.size if i == axis else 1 for i in range(number)])
        for x, axis in zip(vectors, axes, strict=True)
    ]
    return tuple(laid) if sparse or not xi else np.broadcast_arrays(*laid)
