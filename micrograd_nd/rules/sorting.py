"""Functions that put elements in order. Each place has the derivative of the element that landed there.

Equal elements land in some order, and take the derivatives of their places in that order.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array

constant(np.argpartition, np.lexsort, np.searchsorted, np.digitize, np.isin)


@primitive
def permuted(a: Any, *, order: Any, axis: int) -> Any:
    """Take elements along an axis in an order that holds each position once."""
    return np.take_along_axis(a, order, axis)


@primitive
def inverted(order: Any, *, axis: int) -> Any:
    """Invert permutations along an axis."""
    positions = np.expand_dims(np.arange(order.shape[axis]), tuple(range(1, order.ndim)))
    inverse = np.empty_like(order)
    np.put_along_axis(inverse, order, np.moveaxis(positions, 0, axis), axis)
    return inverse


constant(inverted)
derivative(
    permuted,
    lambda g, out, a, *, order, axis: permuted(g, order=inverted(order, axis=axis), axis=axis),
    linear=True,
)


@composition(np.sort)
def sort(a: Any, axis: int | None = -1, kind: Any = None, order: None = None, *, stable: Any = None) -> Any:
    """Take the elements in ascending order."""
    unnamed(order)
    a, axis = (np.ravel(as_array(a)), 0) if axis is None else (as_array(a), axis)
    return permuted(a, order=np.argsort(a, axis, kind or ("stable" if stable else None)), axis=axis)


@composition(np.partition)
def partition(a: Any, kth: Any, axis: int | None = -1, kind: Any = "introselect", order: None = None) -> Any:
    """Take the elements so that those at `kth` stand where a sort would bring them."""
    unnamed(order)
    a, axis = (np.ravel(as_array(a)), 0) if axis is None else (as_array(a), axis)
    return permuted(a, order=np.argpartition(a, kth, axis, kind), axis=axis)


def unnamed(order: Any) -> None:
    """Refuse the order of named fields: Tensors have none."""
    if order is not None:
        raise TypeError(f"Tensors have no named fields to be ordered by; got order={order!r}")
