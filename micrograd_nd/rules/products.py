"""Rules of products of vectors and matrices: matmul, dot, inner, outer, and what is made of them.

The rules are those of real numbers: of a product of complex ones the derivative is the plain transpose, without
conjugates, but for the functions that conjugate an argument themselves.
"""

import operator
from math import prod
from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, composition, derivative
from micrograd_nd.rules.arguments import as_array
from micrograd_nd.rules.matrices import conjugated, transposed


def matmul_first(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Differentiate ``x @ y`` with respect to `x`."""
    if y.ndim == 1:
        return g[..., None] * y
    if x.ndim == 1:
        return (y @ g[..., None])[..., 0]
    return np.dot(g, y.T) if x.ndim == y.ndim == 2 else g @ transposed(y)  # np.dot starts in half the time


def matmul_second(g: Any, out: Any, x: Any, y: Any) -> Any:
    """Differentiate ``x @ y`` with respect to `y`."""
    if x.ndim == 1:
        return x * g if y.ndim == 1 else x[:, None] * g[..., None, :]
    if y.ndim == 1:
        return (transposed(x) @ g[..., None])[..., 0]
    if y.ndim == 2 < x.ndim:  # one matrix for all of a stack: one product, and no stack of them to be summed
        return np.reshape(x, (rows(x), x.shape[-1])).T @ np.reshape(g, (rows(g), g.shape[-1]))
    return np.dot(x.T, g) if x.ndim == y.ndim == 2 else transposed(x) @ g


derivative(np.matmul, matmul_first, matmul_second, evaluate=operator.matmul, linear=True)


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


def two_arrays(a: Any, b: Any) -> Bound:
    """Take two arrays and nothing else: NumPy 2.0 cannot tell the signatures of its oldest functions."""
    return (a, b), {}


derivative(np.dot, dot_first, dot_second, bind=two_arrays, linear=True)


def inner_first(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Differentiate ``np.inner(a, b)`` with respect to `a`."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return g * b
    return np.reshape(np.reshape(g, (rows(a), rows(b))) @ np.reshape(b, (rows(b), b.shape[-1])), a.shape)


def inner_second(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Differentiate ``np.inner(a, b)`` with respect to `b`."""
    a, b = as_array(a), as_array(b)
    if a.ndim == 0 or b.ndim == 0:
        return g * a
    return np.reshape(np.reshape(g, (rows(a), rows(b))).T @ np.reshape(a, (rows(a), a.shape[-1])), b.shape)


derivative(np.inner, inner_first, inner_second, bind=two_arrays, linear=True)
derivative(
    np.outer,
    lambda g, out, a, b: np.reshape(g @ np.ravel(b), np.shape(a)),
    lambda g, out, a, b: np.reshape(np.ravel(a) @ g, np.shape(b)),
    bind=two_arrays,
    linear=True,
)
# It conjugates the first array, and the steps in it: that is linear in real numbers, as far as derivatives go.
derivative(
    np.vdot,
    lambda g, out, a, b: np.reshape(conjugated(g * as_array(b)), np.shape(a)),
    lambda g, out, a, b: np.reshape(g * conjugated(as_array(a)), np.shape(b)),
    bind=two_arrays,
    linear=True,
)


def vecdot_rule(other: int) -> Any:
    """Make a rule of vecdot: the factor that conjugates is `other` 0."""

    def rule(g: Any, out: Any, a: Any, b: Any, *, axis: int = -1) -> Any:
        this, that = (b, a) if other == 0 else (a, b)
        # Vectors lie along the last axis first. Moved back, that axis is counted from the end, as shapes are aligned.
        g, that = g[..., None], np.moveaxis(that, axis, -1)
        term = g * conjugated(that) if other == 0 else conjugated(g * that)
        return np.moveaxis(term, -1, axis - this.ndim if axis >= 0 else axis)

    return rule


derivative(np.vecdot, vecdot_rule(other=1), vecdot_rule(other=0), linear=True)

if hasattr(np, "matvec"):
    derivative(
        np.matvec,
        lambda g, out, a, b: g[..., :, None] * b[..., None, :],
        lambda g, out, a, b: (transposed(a) @ g[..., None])[..., 0],
        linear=True,
    )
    derivative(
        np.vecmat,
        lambda g, out, a, b: conjugated((b @ g[..., None])[..., 0]),
        lambda g, out, a, b: conjugated(a)[..., :, None] * g[..., None, :],
        linear=True,
    )


@composition(np.linalg.matmul)
def matmul(x1: Any, x2: Any, /) -> Any:
    """Multiply matrices."""
    return np.matmul(x1, x2)


@composition(np.linalg.vecdot)
def vecdot(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Multiply vectors, the first conjugated."""
    return np.vecdot(x1, x2, axis=axis)  # type: ignore[call-overload]  # NumPy's stubs do not know of axis=


@composition(np.linalg.outer)
def outer_of_vectors(x1: Any, x2: Any, /) -> Any:
    """Multiply each element of one vector by each of another."""
    if np.ndim(x1) != 1 or np.ndim(x2) != 1:
        raise ValueError(f"np.linalg.outer takes two vectors; got shapes {np.shape(x1)} and {np.shape(x2)}")
    return np.outer(x1, x2)


@composition(np.cross)
def cross(a: Any, b: Any, axisa: int = -1, axisb: int = -1, axisc: int = -1, axis: int | None = None) -> Any:
    """Multiply vectors of three components; the third of vectors of two is zero."""
    if axis is not None:
        axisa = axisb = axisc = axis
    a, b = np.moveaxis(as_array(a), axisa, -1), np.moveaxis(as_array(b), axisb, -1)
    if not {a.shape[-1], b.shape[-1]} <= {2, 3}:
        raise ValueError(f"np.cross takes vectors of 3 or 2 components; got {a.shape[-1]} and {b.shape[-1]}")
    if a.shape[-1] == b.shape[-1] == 2:
        return a[..., 0] * b[..., 1] - a[..., 1] * b[..., 0]
    a, b = in_space(a), in_space(b)
    parts = [a[..., i] * b[..., j] - a[..., j] * b[..., i] for i, j in ((1, 2), (2, 0), (0, 1))]
    return np.moveaxis(np.stack(parts, axis=-1), -1, axisc)


def in_space(vectors: Any) -> Any:
    """Give vectors in a plane a third component."""
    if vectors.shape[-1] == 3:
        return vectors
    return np.concatenate([vectors, np.zeros((*vectors.shape[:-1], 1), vectors.dtype)], axis=-1)


@composition(np.linalg.cross)
def cross_in_space(x1: Any, x2: Any, /, *, axis: int = -1) -> Any:
    """Multiply vectors of three components."""
    x1, x2 = as_array(x1), as_array(x2)
    if x1.shape[axis] != 3 or x2.shape[axis] != 3:
        raise ValueError(f"np.linalg.cross takes vectors of 3 components; got {x1.shape[axis]} and {x2.shape[axis]}")
    return np.cross(x1, x2, axis=axis)


@composition(np.kron)
def kron(a: Any, b: Any) -> Any:
    """Put, for each element of one array, all of the other multiplied by it."""
    a, b = as_array(a), as_array(b)
    ndim = max(a.ndim, b.ndim)
    first, second = ((1,) * (ndim - x.ndim) + x.shape for x in (a, b))
    spread = np.reshape(a, [n for length in first for n in (length, 1)])
    product = spread * np.reshape(b, [n for length in second for n in (1, length)])
    return np.reshape(product, tuple(m * n for m, n in zip(first, second, strict=True)))


@composition(np.linalg.matrix_power)
def matrix_power(a: Any, n: Any) -> Any:
    """Multiply a matrix with itself, or its inverse with itself."""
    n = operator.index(n)
    if n == 0:
        return np.broadcast_to(np.eye(a.shape[-1], dtype=a.dtype), a.shape).copy()
    if n < 0:
        a, n = np.linalg.inv(a), -n
    if n == 3:  # the one power for which NumPy has an order of its own
        return (a @ a) @ a
    result: Any = None
    square: Any = None
    while n:
        square = a if square is None else square @ square
        n, odd = divmod(n, 2)
        if odd:
            result = square if result is None else result @ square
    return np.positive(result)


@composition(np.linalg.multi_dot)
def multi_dot(arrays: Any) -> Any:
    """Multiply a chain of matrices in the order that takes the fewest multiplications."""
    chain = [as_array(x) for x in arrays]
    if len(chain) < 2:
        raise ValueError(f"np.linalg.multi_dot takes two arrays or more; got {len(chain)}")
    if len(chain) == 2:
        return np.dot(*chain)
    if any(x.ndim != 2 for x in chain[1:-1]) or not {chain[0].ndim, chain[-1].ndim} <= {1, 2}:
        shapes = ", ".join(str(x.shape) for x in chain)
        raise ValueError(f"np.linalg.multi_dot takes matrices, the first and the last may be vectors; got {shapes}")
    row, column = chain[0].ndim == 1, chain[-1].ndim == 1
    if row:
        chain[0] = chain[0][None, :]
    if column:
        chain[-1] = chain[-1][:, None]
    product = multiplied(chain, cheapest_splits([chain[0].shape[0], *(x.shape[1] for x in chain)]), 0, len(chain) - 1)
    return product[(0 if row else slice(None), 0 if column else slice(None))] if row or column else product


def cheapest_splits(sides: list[int]) -> dict[tuple[int, int], int]:
    """Find where to part each piece of a chain of matrices, of so many rows and columns, by dynamic programming."""
    count = len(sides) - 1
    cost, split = {(i, i): 0 for i in range(count)}, {}
    for length in range(1, count):
        for i in range(count - length):
            j = i + length
            options = {k: cost[i, k] + cost[k + 1, j] + sides[i] * sides[k + 1] * sides[j + 1] for k in range(i, j)}
            split[i, j] = min(options, key=lambda k: options[k])
            cost[i, j] = options[split[i, j]]
    return split


def multiplied(chain: list[Any], split: dict[tuple[int, int], int], i: int, j: int) -> Any:
    """Multiply the piece of a chain from `i` to `j`."""
    if i == j:
        return chain[i]
    k = split[i, j]
    return np.dot(multiplied(chain, split, i, k), multiplied(chain, split, k + 1, j))
