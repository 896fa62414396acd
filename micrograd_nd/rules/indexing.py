"""Rules of reading and replacing elements, by every kind of index that NumPy has."""

import operator
from typing import Any

import numpy as np
from numpy import ndarray

from micrograd_nd.primitives import constant, derivative, primitive
from micrograd_nd.rules.arguments import is_traced


@primitive
def scatter_add(values: Any, *, shape: tuple[int, ...], index: Any) -> Any:
    """Add `values` into zeros of `shape` at `index`; an element named twice gets the sum."""
    total = np.zeros(shape, dtype=values.dtype)
    if _names_each_element_once(index):
        total[index] = values
    elif total.ndim == 1 or 4 * values.size < total.size:
        np.add.at(total, index, values)
    else:  # NumPy adds at positions in one axis several times as fast
        positions = np.arange(total.size).reshape(shape)[index]
        np.add.at(total.reshape(-1), positions.reshape(-1), values.reshape(-1))
    return total


def read(a: Any, *, index: Any) -> Any:
    """Read elements; a single one as a scalar, also where an ellipsis is in the index."""
    out = a[index]
    return out[()] if type(out) is ndarray and not out.ndim else out


def replaced(a: Any, values: Any, *, index: Any) -> Any:
    """Copy `a` with the elements at `index` replaced."""
    result = np.array(a)
    result[index] = values
    return result[()]


derivative(
    operator.getitem,
    lambda g, out, a, *, index: scatter_add(g, shape=a.shape, index=index),
    bind=lambda a, index: ((a,), {"index": index}),
    evaluate=read,
    linear=True,
)
derivative(scatter_add, lambda g, out, values, *, shape, index: g[index], linear=True)
derivative(
    operator.setitem,
    lambda g, out, a, values, *, index: np.where(where_touched(a, index), 0, g),
    lambda g, out, a, values, *, index: of_values(g, a, values, index),
    bind=lambda a, index, values: ((a, values), {"index": index}),
    evaluate=replaced,
    linear="jointly",
)


def _names_each_element_once(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if not (part is None or part is ... or isinstance(part, slice | int | np.integer))]
    return not arrays or (len(arrays) == 1 and (np.size(arrays[0]) < 2 or np.asarray(arrays[0]).dtype == bool))


def where_touched(a: Any, index: Any) -> Any:
    """Tell which elements of an array an index names."""
    if is_traced_mask(index):
        return np.reshape(index, index.shape + (1,) * (a.ndim - index.ndim))
    return touched(*(index if isinstance(index, tuple) else (index,)), shape=a.shape)


def of_values(g: Any, a: Any, values: Any, index: Any) -> Any:
    """Differentiate an assignment with respect to the values that are assigned."""
    if is_traced_mask(index) and np.ndim(values) <= a.ndim - index.ndim:  # the same for all that the mask holds for
        return np.where(where_touched(a, index), g, 0)
    parts = index if isinstance(index, tuple) else (index,)
    return np.where(surviving(*parts, shape=a.shape), g[index], 0)


def is_traced_mask(index: Any) -> bool:
    """Tell a mask that only a program knows."""
    return is_traced(index) and not isinstance(index, tuple | list) and index.dtype.kind == "b"


@primitive
def touched(*index: Any, shape: tuple[int, ...]) -> Any:
    """Make a mask of the elements that an index names."""
    mask = np.zeros(shape, dtype=bool)
    mask[index] = True
    return mask


@primitive
def surviving(*index: Any, shape: tuple[int, ...]) -> Any:
    """Of the values assigned, tell those that no later one overwrites (an index may name an element twice)."""
    if _names_each_element_once(index):
        return True
    owner = np.zeros(shape, dtype=np.intp)
    order = np.arange(owner[index].size).reshape(owner[index].shape)
    owner[index] = order
    return owner[index] == order


constant(touched, surviving)
