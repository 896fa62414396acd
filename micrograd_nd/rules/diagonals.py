"""Rules of diagonals and triangles."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import as_array, axes_of

derivative(np.tril, lambda g, out, m, *, k=0: np.tril(g, k), linear=True)
derivative(np.triu, lambda g, out, m, *, k=0: np.triu(g, k), linear=True)


@primitive
def on_diagonal(values: Any, *, shape: tuple[int, ...], offset: int, axis1: int, axis2: int) -> Any:
    """Put values, along their last axis, on a diagonal of zeros of `shape`."""
    result = np.zeros(shape, values.dtype)
    turned = np.moveaxis(result, (axis1, axis2), (-2, -1))
    places = np.arange(values.shape[-1])
    turned[..., places + max(-offset, 0), places + max(offset, 0)] = values
    return result


def diagonal_rule(g: Any, out: Any, a: Any, *, offset: int = 0, axis1: int = 0, axis2: int = 1) -> Any:
    """Put the derivative on the diagonal."""
    first, second = axes_of((axis1, axis2), a.ndim)
    return on_diagonal(g, shape=a.shape, offset=offset, axis1=first, axis2=second)


derivative(np.diagonal, diagonal_rule, linear=True)
derivative(
    on_diagonal,
    lambda g, out, values, *, shape, offset, axis1, axis2: np.diagonal(g, offset, axis1, axis2),
    linear=True,
)


@composition(np.linalg.diagonal)
def matrix_diagonal(x: Any, /, *, offset: int = 0) -> Any:
    """Take the diagonal of each matrix of a stack."""
    return np.diagonal(x, offset, -2, -1)


@composition(np.trace)
def trace(a: Any, offset: int = 0, axis1: int = 0, axis2: int = 1, dtype: Any = None) -> Any:
    """Sum a diagonal."""
    return np.sum(np.diagonal(a, offset, axis1, axis2), axis=-1, dtype=dtype)


@composition(np.linalg.trace)
def matrix_trace(x: Any, /, *, offset: int = 0, dtype: Any = None) -> Any:
    """Sum the diagonal of each matrix of a stack."""
    return np.sum(np.diagonal(x, offset, -2, -1), axis=-1, dtype=dtype)


@composition(np.diag)
def diag(v: Any, k: int = 0) -> Any:
    """Make a diagonal matrix of a vector, or take the diagonal of a matrix."""
    v = as_array(v)
    if v.ndim == 2:
        return np.diagonal(v, k)
    if v.ndim != 1:
        raise ValueError(f"np.diag takes a vector or a matrix; got shape {v.shape}")
    size = v.shape[0] + abs(k)
    return on_diagonal(v, shape=(size, size), offset=k, axis1=0, axis2=1)


@composition(np.diagflat)
def diagflat(v: Any, k: int = 0) -> Any:
    """Make a diagonal matrix of all elements."""
    return np.diag(np.ravel(as_array(v)), k)
