"""Rules of norms of vectors and matrices, and of condition numbers.

The derivative of a norm at zero is 0, as that of the absolute value is. Elements that attain a maximum share it evenly.
"""

from functools import partial
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import Axis, as_array, axes_of
from micrograd_nd.rules.matrices import conjugated

# What np.linalg.norm calls the root of the sum of squares.
EUCLIDEAN = (None, 2, "fro", "f")
# The largest of no sizes at all is zero.
EXTREMA: dict[bool, Any] = {True: partial(np.max, initial=0), False: np.min}


@primitive
def root_of_powers(x: Any, *, by: Any, ord: Any, axis: Axis, keepdims: bool) -> Any:
    """Compute a norm that is a root of a sum of powers, by the function of NumPy's that was called."""
    return by(x, ord=ord, axis=axis, keepdims=keepdims)


def root_of_powers_rule(g: Any, out: Any, x: Any, *, by: Any, ord: Any, axis: Axis, keepdims: bool) -> Any:
    """Differentiate a root of a sum of powers."""
    if axis is not None and not keepdims:
        axes = axes_of(axis, x.ndim)
        g, out = np.expand_dims(g, axes), np.expand_dims(out, axes)
    length = np.where(out == 0, 1, out)
    slope = conjugated(x) * (np.where(out == 0, 0, g) / length)
    if ord in EUCLIDEAN:
        return slope
    size = np.abs(x) / length
    return slope * np.where(size == 0, 0, np.where(size == 0, 1, size) ** (float(ord) - 2))


derivative(root_of_powers, root_of_powers_rule)


@composition(np.linalg.norm)
def norm(x: Any, ord: Any = None, axis: Axis = None, keepdims: bool = False) -> Any:
    """Compute a norm of vectors or matrices."""
    x = as_array(x)
    axes = axes_of(axis, x.ndim)
    if len(axes) == 2 and (ord == 2 or ord not in EUCLIDEAN):
        return of_matrices(x, ord, axes, keepdims)
    if len(axes) == 1:
        return of_vectors(x, ord, axes, keepdims, np.linalg.norm)
    return root_of_powers(x, by=np.linalg.norm, ord=ord, axis=axis, keepdims=keepdims)


@composition(np.linalg.vector_norm)
def vector_norm(x: Any, /, *, axis: Axis = None, keepdims: bool = False, ord: Any = 2) -> Any:
    """Compute a norm of all elements, or of those along axes."""
    return of_vectors(as_array(x), ord, axis, keepdims, np.linalg.vector_norm)


@composition(np.linalg.matrix_norm)
def matrix_norm(x: Any, /, *, keepdims: bool = False, ord: Any = "fro") -> Any:
    """Compute a norm of each matrix in a stack."""
    return np.linalg.norm(x, ord, (-2, -1), keepdims)


def of_vectors(x: Any, ord: Any, axis: Axis, keepdims: bool, by: Any) -> Any:
    """Compute a norm of vectors, those that are no roots by other functions."""
    if ord == 0:
        nonzero = np.asarray(x != 0)
        return nonzero.astype(np.finfo(x.dtype).dtype).sum(axis=axis, keepdims=keepdims)
    if ord == 1:
        return np.sum(np.abs(x), axis=axis, keepdims=keepdims)
    if ord in (np.inf, -np.inf):
        return EXTREMA[ord > 0](np.abs(x), axis=axis, keepdims=keepdims)
    if by is np.linalg.norm and isinstance(axis, tuple):
        (axis,) = axis
    return root_of_powers(x, by=by, ord=ord, axis=axis, keepdims=keepdims)


def of_matrices(x: Any, ord: Any, axes: tuple[int, ...], keepdims: bool) -> Any:
    """Compute a norm of matrices: of sums along one of their axes, or of their singular values."""
    if ord in (1, -1, np.inf, -np.inf):
        sums = np.sum(np.abs(x), axis=axes[0] if abs(ord) == 1 else axes[1], keepdims=True)
        return EXTREMA[ord > 0](sums, axis=axes, keepdims=keepdims)
    if ord not in (2, -2, "nuc"):
        raise ValueError(f"norms of matrices are 'fro', 'nuc', 1, -1, 2, -2, inf and -inf; got {ord!r}")
    s = np.linalg.svdvals(np.moveaxis(x, axes, (-2, -1)))
    value = np.sum(s, axis=-1) if ord == "nuc" else EXTREMA[ord > 0](s, axis=-1)
    return np.expand_dims(value, axes) if keepdims else value


@composition(np.linalg.cond)
def cond(x: Any, p: Any = None) -> Any:
    """Compute condition numbers; those by the inverse need one."""
    x = as_array(x)
    if p is not None and p not in (2, -2):
        return np.linalg.norm(x, p, (-2, -1)) * np.linalg.norm(np.linalg.inv(x), p, (-2, -1))
    s = np.linalg.svdvals(x)
    with np.errstate(divide="ignore", invalid="ignore"):
        return s[..., -1] / s[..., 0] if p == -2 else s[..., 0] / s[..., -1]
