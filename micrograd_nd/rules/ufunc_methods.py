"""The methods of ufuncs, such as ``np.add.reduce``, in terms of the functions that do the same."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import lookup, readable

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

NOT_GIVEN = object()


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
    axis: Any = 0,
    dtype: Any = None,
    out: Any = None,
    keepdims: bool = False,
    initial: Any = NOT_GIVEN,
    where: Any = True,
) -> Any:
    """Reduce, over the first axis by default, and not over all as the function itself does."""
    options = {"axis": axis} | ({"keepdims": True} if keepdims else {})
    given = {"dtype": (dtype, None), "out": (out, None), "initial": (initial, NOT_GIVEN), "where": (where, True)}
    return function(array, **options, **{name: x for name, (x, default) in given.items() if x is not default})


def accumulated(function: Any, array: Any, axis: int = 0, dtype: Any = None, out: Any = None) -> Any:
    """Accumulate, along the first axis by default."""
    return function(array, axis=axis, **{k: x for k, x in {"dtype": dtype, "out": out}.items() if x is not None})


def outer(ufunc: np.ufunc, a: Any, b: Any, **options: Any) -> Any:
    """Apply to every pair of elements: `a` gets an axis for each of b's, and they broadcast."""
    return ufunc(np.reshape(a, np.shape(a) + (1,) * np.ndim(b)), b, **options)
