"""NumPy's functions that apply a function of the caller's."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import as_array, axis_of


@composition(np.apply_along_axis)
def apply_along_axis(func1d: Any, axis: int, arr: Any, *args: Any, **kwargs: Any) -> Any:
    """Apply a function to each vector along an axis, and put the results in its place."""
    axis = axis_of(axis, arr.ndim)
    turned = np.moveaxis(arr, axis, -1)
    rest = turned.shape[:-1]
    if 0 in rest:
        raise ValueError(f"np.apply_along_axis has no vector to apply a function to in an array of shape {arr.shape}")
    results = [as_array(func1d(turned[index], *args, **kwargs)) for index in np.ndindex(rest)]
    shape = results[0].shape
    stacked = np.reshape(np.stack(results), (*rest, *shape))
    return np.moveaxis(stacked, range(len(rest), len(rest) + len(shape)), range(axis, axis + len(shape)))[()]


@composition(np.apply_over_axes)
def apply_over_axes(func: Any, a: Any, axes: Any) -> Any:
    """Apply a function with one axis after the other; an axis that it drops is kept with length 1."""
    ndim = a.ndim
    for axis in np.atleast_1d(axes).tolist():
        result = func(a, axis)
        a = result if result.ndim == ndim else np.expand_dims(result, axis_of(axis, ndim))
        if a.ndim != ndim:
            raise ValueError("the function of np.apply_over_axes keeps or drops the axis that it is given")
    return a
