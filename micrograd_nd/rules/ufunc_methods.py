"""The methods of ufuncs, such as ``np.add.reduce``, in terms of the functions that do the same."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import lookup, readable
from micrograd_nd.rules.arguments import Axis, given

__all__ = ["call_method"]

REDUCTIONS: dict[np.ufunc, Any] = {
    np.add: np.sum,
    np.multiply: np.prod,
    np.maximum: np.max,
    np.minimum: np.min,
    np.logical_and: np.all,
    np.logical_or: np.any,
}
ACCUMULATIONS: dict[np.ufunc, Any] = {np.add: np.cumsum, np.multiply: np.cumprod}


def call_method(ufunc: np.ufunc, method: str, args: Any, kwargs: dict[str, Any]) -> Any:
    """Call ``ufunc.method(*args, **kwargs)``, whose arguments may be Tensors."""
    if method == "reduce" and ufunc in REDUCTIONS:
        return reduced(REDUCTIONS[ufunc], *args, **kwargs)
    if method == "accumulate" and ufunc in ACCUMULATIONS:
        return accumulated(ACCUMULATIONS[ufunc], *args, **kwargs)
    if method == "outer" and lookup(ufunc) is not None and ufunc.nin == 2 and ufunc.signature is None:
        return outer(ufunc, *args, **kwargs)
    instead = REDUCTIONS.get(ufunc) if method == "reduceat" else None
    advice = f"{readable(instead)} of slices" if instead else "one that has, such as np.sum for np.add.reduce"
    raise TypeError(
        f"{readable(ufunc)}.{method} has no derivative rule: use {advice}, or compute on t.numpy() outside of the graph"
    )


def reduced(
    function: Any,
    array: Any,
    axis: Axis = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = None,
    where: Any = True,
) -> Any:
    """Reduce, over the first axis by default, and not over all as the function itself does."""
    where = None if where is True else where
    return function(
        array, axis=axis, **given(dtype=dtype, out=out, keepdims=keepdims or None, initial=initial, where=where)
    )


def accumulated(function: Any, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """Accumulate, along the first axis by default."""
    return function(array, axis=axis, **given(dtype=dtype, out=out))


def outer(ufunc: np.ufunc, a: Any, b: Any, **options: Any) -> Any:
    """Apply to every pair of elements: `a` gets an axis for each of b's, and they broadcast."""
    return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b, **options)
