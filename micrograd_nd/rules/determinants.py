"""Rules of determinants, also of matrices that have no inverse."""

from typing import Any

import numpy as np

from micrograd_nd.modes import tracing
from micrograd_nd.primitives import composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array
from micrograd_nd.rules.matrices import matrix_diagonal, transposed

SlogdetResult: Any = type(np.linalg.slogdet(np.eye(1)))


def det_rule(g: Any, out: Any, a: Any) -> Any:
    """Multiply by the cofactors: the determinant times the inverse, where there is one."""
    weak = weak_directions(a, out, MOST if tracing() else None)
    if weak.shape[-1] == 0:
        return (g * out)[..., None, None] * transposed(np.linalg.inv(a))
    return g[..., None, None] * transposed(adjugate(a, weak[..., 0, :, :], transposed(weak[..., 1, :, :])))


derivative(np.linalg.det, det_rule)

# A program has room for so many directions. Of a matrix with more the cofactors are zero, and so are their derivatives.
MOST = 8


@primitive
def weak_directions(a: Any, det: Any, most: int | None) -> Any:
    """Find the directions in which matrices are nearly singular.

    Parameters
    ----------
    a, det : array
        Matrices and their determinants.
    most : int or None
        So many columns are returned, if the matrices have them; None for as many as there are weak directions.

    Returns
    -------
    array
        Left and right directions, as columns, in front of the last two axes: such that ``a + left @ right.T`` has an
        inverse that is not large.
    """
    n = a.shape[-1]
    none = np.zeros((*a.shape[:-2], 2, n, 0 if most is None else min(most, n)), a.dtype)
    tolerance = float(np.finfo(a.dtype).eps) ** 0.5
    with np.errstate(over="ignore", invalid="ignore"):
        # By Hadamard's inequality: the rows are far from dependent where the determinant is near its bound.
        bound = np.prod(np.linalg.vector_norm(a, axis=-1), axis=-1)
        if np.all(np.abs(det) > tolerance * bound) or not np.all(np.isfinite(a)):
            return none
    u, s, vh = np.linalg.svd(a, full_matrices=False)
    top = s[..., :1]
    weak = s <= tolerance * top
    if not np.any(weak):
        return none
    lift = np.where(weak, np.where(top > 0, top, 1) - s, 0)
    count = int(np.max(np.sum(weak, axis=-1))) if most is None else min(most, n)
    columns = np.stack([u * lift[..., None, :], np.swapaxes(vh, -1, -2)], axis=-3)
    return columns[..., n - count :]


constant(weak_directions)


def adjugate(a: Any, left: Any, right: Any) -> Any:
    r"""Compute the adjugate, the transpose of the cofactors, without the inverse of `a` itself.

    With :math:`A = B - L R`, where :math:`B` is far from singular, :math:`\det A = \det B \det M` and
    :math:`M = 1 - R B^{-1} L`: a small matrix, whose own adjugate takes no division.
    """
    whole = a + left @ right
    inverse = np.linalg.inv(whole)
    small = np.eye(right.shape[-2], dtype=a.dtype) - right @ inverse @ left
    det, adj = division_free(small)
    inner = det[..., None, None] * inverse + inverse @ left @ adj @ right @ inverse
    return np.linalg.det(whole)[..., None, None] * inner


def division_free(m: Any) -> tuple[Any, Any]:
    """Compute determinant and adjugate by the method of Faddeev and LeVerrier, which divides by whole numbers only."""
    n = m.shape[-1]
    unit = np.eye(n, dtype=m.dtype)
    adj, sign = np.broadcast_to(unit, m.shape), 1
    for k in range(1, n):
        product = m @ adj
        adj, sign = product - traces(product)[..., None, None] / k * unit, -sign
    return sign * traces(m @ adj) / n, sign * adj


def traces(m: Any) -> Any:
    """Sum the diagonal of each matrix in a stack."""
    return np.sum(matrix_diagonal(m), axis=-1)


@primitive
def sign_and_logarithm(a: Any) -> Any:
    """Compute the sign of the determinant and the logarithm of its size, side by side."""
    sign, logarithm = np.linalg.slogdet(a)
    return np.stack([sign, logarithm.astype(sign.dtype)], axis=-1)


def sign_and_logarithm_rule(g: Any, out: Any, a: Any) -> Any:
    """Differentiate both: of a complex logarithm, the real part, and the exponential of i times the imaginary part."""
    slope = g[..., 1]
    if a.dtype.kind == "c":
        slope = slope + 1j * np.imag(g[..., 0] * out[..., 0])
    return slope[..., None, None] * transposed(np.linalg.inv(a))


derivative(sign_and_logarithm, sign_and_logarithm_rule)


@composition(np.linalg.slogdet)
def slogdet(a: Any) -> Any:
    """Compute the sign of the determinant and the logarithm of its size."""
    packed = sign_and_logarithm(as_array(a))
    return SlogdetResult(packed[..., 0], np.real(packed[..., 1]))
