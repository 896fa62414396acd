"""Rules of sums of products: matmul, dot, outer."""

import operator
from math import prod
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative


def transposed(a: Any) -> Any:
    """Swap the last two axes: the transpose of each matrix in a stack."""
    return a.T if a.ndim == 2 else np.swapaxes(a, -1, -2)


def matmul_first(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Differentiate ``x @ y`` with respect to `x`."""
    if y.ndim == 1:
        return g[..., None] * y
    if x.ndim == 1:
        return (y @ g[..., None])[..., 0]
    return g @ transposed(y)


def matmul_second(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Differentiate ``x @ y`` with respect to `y`."""
    if x.ndim == 1:
        return x * g if y.ndim == 1 else x[:, None] * g[..., None, :]
    if y.ndim == 1:
        return (transposed(x) @ g[..., None])[..., 0]
    return transposed(x) @ g


derivative(np.matmul, matmul_first, matmul_second, evaluate=operator.matmul)


def dot_first(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Differentiate ``np.dot(a, b)`` with respect to `a`."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return g * b
    if a.ndim == b.ndim == 2:
        return g @ b.T
    columns = columns_of(b)
    return np.reshape(np.reshape(g, (rows(a), columns.shape[1])) @ columns.T, a.shape)


def dot_second(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Differentiate ``np.dot(a, b)`` with respect to `b`."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return g * a
    if a.ndim == b.ndim == 2:
        return a.T @ g
    flat = np.reshape(a, (rows(a), a.shape[-1]))
    product = flat.T @ np.reshape(g, (rows(a), columns_of(b).shape[1]))
    if b.ndim == 1:
        return product[:, 0]
    return np.moveaxis(np.reshape(product, (b.shape[-2], *b.shape[:-2], b.shape[-1])), 0, -2)


def rows(a: Any) -> int:
    """Count the vectors along the last axis."""
    return prod(a.shape[:-1])


def columns_of(b: Any) -> Any:
    """See the second argument of dot as one matrix, its summed axis first."""
    if b.ndim == 1:
        return b[:, None]
    return np.reshape(np.moveaxis(b, -2, 0), (b.shape[-2], prod(b.shape[:-2]) * b.shape[-1]))


def as_array(a: Any) -> Any:
    """Let a Python number stand for a 0-d array."""
    return a if hasattr(a, "ndim") else np.asarray(a)


derivative(np.dot, dot_first, dot_second, bind=lambda a, b: ((a, b), {}))
derivative(
    np.outer,
    lambda g, out, a, b: np.reshape(g @ np.ravel(b), np.shape(a)),
    lambda g, out, a, b: np.reshape(np.ravel(a) @ g, np.shape(b)),
    bind=lambda a, b: ((a, b), {}),
)
