"""Functions that choose elements: by position, by condition, among arrays."""

from math import prod
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, constant, primitive
from micrograd_nd.rules.arguments import anywhere, as_array, axes_of, axis_of, fixed, is_traced
from micrograd_nd.rules.indexing import scatter_add

CHOOSE = "use np.where(condition, x, y)"

constant(np.argwhere, np.nanargmax, np.nanargmin, np.ix_, np.unravel_index, np.ravel_multi_index)
constant(np.diag_indices_from, np.tril_indices_from, np.triu_indices_from)


@composition(np.take)
def take(a: Any, indices: Any, axis: int | None = None, *, mode: str = "raise") -> Any:
    """Take elements, or whole layers along an axis."""
    a = as_array(a)
    if axis is None:
        a, axis = np.ravel(a), 0
    axis = axis_of(axis, a.ndim)
    indices = within(indices, a.shape[axis], mode)
    if is_traced(indices) and not is_traced(a):
        return looked_up(a, indices, axis)
    return a[(slice(None),) * axis + (indices,)]


@primitive
def looked_up(a: Any, indices: Any, axis: int) -> Any:
    """Take from an array what stands at positions that only a program knows."""
    return np.take(a, indices, axis=axis)


constant(looked_up)


def within(indices: Any, length: int, mode: str) -> Any:
    """Bring positions past the ends back, as `mode` says; NumPy itself refuses them when reading by an index."""
    if not isinstance(indices, int) or isinstance(indices, bool):
        indices = as_array(indices)
        if not indices.size or indices.dtype == bool:  # numbers to np.take, and no mask
            indices = np.asarray(indices, np.intp)
    if mode == "raise":
        return indices
    if mode == "wrap":
        return indices % length
    if mode == "clip":
        return np.clip(indices, 0, length - 1)
    raise ValueError(f"mode is 'raise', 'wrap' or 'clip'; got {mode!r}")


@composition(np.take_along_axis)
def take_along_axis(arr: Any, indices: Any, axis: int | None = -1) -> Any:
    """Take elements along an axis, by positions of its own for each row."""
    arr, indices = as_array(arr), as_array(indices)
    if indices.dtype.kind not in "iu":
        raise IndexError(f"np.take_along_axis takes whole numbers; got dtype {indices.dtype}")
    if axis is None:
        return np.ravel(arr)[indices]
    if arr.ndim != indices.ndim:
        raise ValueError(f"indices have as many axes as the array, {arr.ndim}; got {indices.ndim}")
    axis = axis_of(axis, arr.ndim)
    if is_traced(indices) and not is_traced(arr):
        return looked_up_along(arr, indices, axis)
    rows = np.ix_(*(np.arange(1 if i == axis else n) for i, n in enumerate(arr.shape)))
    return arr[tuple(indices if i == axis else row for i, row in enumerate(rows))]


@primitive
def looked_up_along(a: Any, indices: Any, axis: int) -> Any:
    """Take from an array what stands along an axis at positions that only a program knows."""
    return np.take_along_axis(a, indices, axis)


constant(looked_up_along)


@composition(np.compress)
def compress(condition: Any, a: Any, axis: int | None = None) -> Any:
    """Take the layers where a condition holds."""
    if np.ndim(condition) != 1:
        raise ValueError(f"the condition of compress has one axis; got shape {np.shape(condition)}")
    return np.take(a, np.flatnonzero(fixed(as_array(condition), np.compress, "the shape", CHOOSE)), axis=axis)


@composition(np.extract)
def extract(condition: Any, arr: Any) -> Any:
    """Take the elements where a condition holds."""
    return np.ravel(as_array(arr))[np.flatnonzero(fixed(as_array(condition), np.extract, "the shape", CHOOSE))]


@composition(np.select)
def select(condlist: Any, choicelist: Any, default: Any = 0) -> Any:
    """Take each element from the first array whose condition holds there."""
    if len(condlist) != len(choicelist) or not len(condlist):
        raise ValueError(f"np.select needs as many conditions as choices; got {len(condlist)} and {len(choicelist)}")
    if any(as_array(condition).dtype != bool for condition in condlist):
        raise TypeError("the conditions of np.select are of booleans")
    candidates = [*choicelist, default]
    numbers = [isinstance(x, int | float | complex) and not isinstance(x, np.generic) for x in candidates]
    dtype = np.result_type(*(x if n else as_array(x).dtype for x, n in zip(candidates, numbers, strict=True)))
    *choices, result = (np.asarray(x, dtype) if n else as_array(x) for x, n in zip(candidates, numbers, strict=True))
    for condition, choice in zip(reversed(condlist), reversed(choices), strict=True):
        result = np.where(condition, choice, result)
    return result


@composition(np.choose)
def choose(a: Any, choices: Any, *, mode: str = "raise") -> Any:
    """Take each element from the array whose number stands there."""
    number = as_array(a)
    if number.dtype.kind not in "biu":
        raise TypeError(f"np.choose takes the numbers of choices, whole; got dtype {number.dtype}")
    if mode == "raise" and anywhere((number < 0) | (number >= len(choices))):
        raise ValueError(f"np.choose has {len(choices)} choices, numbered from 0")
    number = within(number, len(choices), mode)
    result = choices[len(choices) - 1]
    for i in range(len(choices) - 2, -1, -1):
        result = np.where(number == i, choices[i], result)
    shape = np.broadcast_shapes(np.shape(number), np.shape(result))
    return np.copy(result) if prod(shape) == np.size(result) else np.broadcast_to(result, shape)


@composition(np.bincount)
def bincount(x: Any, weights: Any = None, minlength: int = 0) -> Any:
    """Sum the weights that each number in `x` has."""
    numbers = np.asarray(fixed(x, np.bincount, "the shape", "leave the numbers out of the arguments"))
    if weights is None or numbers.size == 0:  # of nothing NumPy counts, with weights too
        return np.bincount(numbers, minlength=minlength)
    if np.shape(weights) != numbers.shape or numbers.ndim != 1:
        raise ValueError(f"np.bincount takes vectors of one length; got shapes {numbers.shape} and {np.shape(weights)}")
    length = len(np.bincount(numbers, minlength=minlength))
    return scatter_add(as_array(weights).astype(np.float64), shape=(length,), index=numbers)


@composition(np.piecewise)
def piecewise(x: Any, condlist: Any, funclist: Any, *args: Any, **kw: Any) -> Any:
    """Apply each function where its condition holds; of several that hold, the last; one more function elsewhere."""
    x = as_array(x)
    if np.ndim(condlist) == 0 or (np.ndim(condlist[0]) == 0 and x.ndim):
        condlist = [condlist]
    conditions = [fixed(as_array(condition), np.piecewise, "the shape of a part", CHOOSE) for condition in condlist]
    conditions = [condition.astype(bool) for condition in conditions]
    if len(funclist) == len(conditions) + 1:
        conditions.append(~np.logical_or.reduce(conditions))
    if len(funclist) != len(conditions):
        raise ValueError(f"np.piecewise has {len(conditions)} conditions and {len(funclist)} functions")
    result: Any = np.zeros(x.shape, x.dtype)
    for condition, function in zip(conditions, funclist, strict=True):
        values = function(x[condition], *args, **kw) if callable(function) else function
        spread = np.broadcast_to(values, (int(np.count_nonzero(condition)),)).astype(x.dtype)
        result = np.where(condition, scatter_add(spread, shape=x.shape, index=condition), result)
    return result[()]


@composition(np.trim_zeros)
def trim_zeros(filt: Any, trim: str = "fb", axis: Any = None) -> Any:
    """Leave out the zeros at the front and at the back."""
    a = fixed(as_array(filt), np.trim_zeros, "the shape", "cut by positions that you know")
    places = np.argwhere(a)
    cuts: list[Any] = [slice(None)] * a.ndim
    for i in axes_of(axis, a.ndim):
        first, last = (int(places[:, i].min()), int(places[:, i].max())) if len(places) else (a.shape[i], -1)
        cuts[i] = slice(first if "f" in trim.lower() else None, last + 1 if "b" in trim.lower() else None)
    return a[tuple(cuts)]
