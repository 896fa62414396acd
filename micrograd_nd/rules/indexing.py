"""Rules of reading and replacing elements, by every kind of index that NumPy has."""

import operator
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative, primitive


@primitive
def scatter_add(values: Any, *, shape: tuple[int, ...], index: Any) -> Any:
    """Add `values` into zeros of `shape` at `index`; an element named twice gets the sum."""
    total = np.zeros(shape, dtype=values.dtype)
    if _names_each_element_once(index):
        total[index] = values
    else:
        np.add.at(total, index, values)
    return total


def replaced(a: Any, values: Any, *, index: Any) -> Any:
    """Copy `a` with the elements at `index` replaced."""
    result = np.array(a)
    result[index] = values
    return result[()]


derivative(
    operator.getitem,
    lambda g, out, a, *, index: scatter_add(g, shape=a.shape, index=index),
    bind=lambda a, index: ((a,), {"index": index}),
    evaluate=lambda a, *, index: a[index],
)
derivative(scatter_add, lambda g, out, values, *, shape, index: g[index])
derivative(
    operator.setitem,
    lambda g, out, a, values, *, index: np.where(_touched(a.shape, index), 0, g),
    lambda g, out, a, values, *, index: np.where(_survives(a.shape, index), g[index], 0),
    bind=lambda a, index, values: ((a, values), {"index": index}),
    evaluate=replaced,
)


def _names_each_element_once(index: Any) -> bool:
    parts = index if isinstance(index, tuple) else (index,)
    arrays = [part for part in parts if not (part is None or part is ... or isinstance(part, slice | int | np.integer))]
    return not arrays or (len(arrays) == 1 and np.asarray(arrays[0]).dtype == bool)


def _touched(shape: tuple[int, ...], index: Any) -> Any:
    touched = np.zeros(shape, dtype=bool)
    touched[index] = True
    return touched


def _survives(shape: tuple[int, ...], index: Any) -> Any:
    """Of the values assigned, tell those that no later one overwrites (an index may name an element twice)."""
    if _names_each_element_once(index):
        return True
    owner = np.zeros(shape, dtype=np.intp)
    order = np.arange(owner[index].size).reshape(owner[index].shape)
    owner[index] = order
    return owner[index] == order
