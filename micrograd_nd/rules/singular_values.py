"""Rules of singular values and singular vectors.

As with eigenvectors (`micrograd_nd.rules.eigenvalues`), singular vectors of equal singular values have no derivative,
and a pair of singular vectors is determined up to a common factor of length one, which is taken not to turn the right
one. Vectors beyond the number of singular values, which ``full_matrices=True`` gives, are any basis of what the others
leave out, which is taken to move without turning: what depends on the space that they span, and not on the basis, is
right. The derivative of a singular value is 0 where it is 0.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import as_array
from micrograd_nd.rules.matrices import (
    adjoint,
    between,
    conjugated,
    divided,
    packed,
    transposed,
    unit_like,
    unpacked,
)

SVDResult: Any = type(np.linalg.svd(np.eye(1)))
Shape = tuple[int, int]


def svdvals_rule(g: Any, out: Any, x: Any) -> Any:
    """Differentiate singular values."""
    u, _, vh = np.linalg.svd(x, full_matrices=False)
    return (conjugated(u) * np.where(out > 0, g, 0)[..., None, :]) @ conjugated(vh)


derivative(np.linalg.svdvals, svdvals_rule)


@primitive
def packed_svd(a: Any, *, full_matrices: bool) -> Any:
    """Factorise, the three factors in one array: their elements one after the other."""
    u, s, vh = np.linalg.svd(a, full_matrices=full_matrices)
    return packed(u, s[..., None, :], vh)


def svd_shapes(a: Any, full_matrices: bool) -> tuple[Shape, Shape, Shape]:
    """Tell the shapes of the factors, that of the singular values a row."""
    m, n = a.shape[-2:]
    k = min(m, n)
    return ((m, m), (1, k), (n, n)) if full_matrices else ((m, k), (1, k), (k, n))


def packed_svd_rule(g: Any, out: Any, a: Any, *, full_matrices: bool) -> Any:
    """Differentiate the three factors."""
    m, n = a.shape[-2:]
    k = min(m, n)
    (u, s, vh), (gu, gs, gvh) = (unpacked(x, *svd_shapes(a, full_matrices)) for x in (out, g))
    s, gs = np.real(s), np.real(gs)
    rest_u, rest_gu, rest_vh, rest_gvh = u[..., k:], gu[..., k:], vh[..., k:, :], gvh[..., k:, :]
    u, gu, vh, gvh = u[..., :k], gu[..., :k], vh[..., :k, :], gvh[..., :k, :]
    left, right = conjugated(u), conjugated(vh)
    within_u, within_v = transposed(u) @ gu, right @ adjoint(gvh)

    mixed_u, mixed_v = between(within_u, s[..., 0, :] ** 2), between(within_v, s[..., 0, :] ** 2)
    inner = (mixed_u + adjoint(mixed_u)) * s + transposed(s) * (mixed_v + adjoint(mixed_v))
    if a.dtype.kind == "c":
        gs = gs + 1j * divided(np.where(unit_like(inner), np.imag(within_u), 0), s)
    result = left @ np.where(unit_like(inner), gs, inner) @ right
    if m > k:
        result = result + divided(gu - left @ within_u, s) @ right
    if n > k:
        result = result + left @ divided(gvh - adjoint(within_v) @ right, transposed(s))
    if full_matrices and m > k:
        result = result - conjugated(rest_u) @ divided(adjoint(rest_gu) @ left, s) @ right
    if full_matrices and n > k:
        result = result - left @ divided(right @ adjoint(rest_gvh), transposed(s)) @ conjugated(rest_vh)
    return result


derivative(packed_svd, packed_svd_rule)


@composition(np.linalg.svd)
def svd(a: Any, full_matrices: bool = True, compute_uv: bool = True, hermitian: bool = False) -> Any:
    """Factorise into orthonormal columns, singular values, and orthonormal rows."""
    a = as_array(a)
    if hermitian:
        return hermitian_svd(a, compute_uv)
    if not compute_uv:
        return np.linalg.svdvals(a)
    u, s, vh = unpacked(packed_svd(a, full_matrices=bool(full_matrices)), *svd_shapes(a, full_matrices))
    return SVDResult(u, np.real(s[..., 0, :]), vh)


def hermitian_svd(a: Any, compute_uv: bool) -> Any:
    """Take the sizes of eigenvalues, the largest first, and put their signs into the right factor."""
    if not compute_uv:
        s = np.abs(np.linalg.eigvalsh(a))
        return np.take_along_axis(s, np.argsort(s)[..., ::-1], axis=-1)
    w, v = np.linalg.eigh(a)
    order = np.argsort(np.abs(w))[..., ::-1]
    w, v = np.take_along_axis(w, order, axis=-1), np.take_along_axis(v, order[..., None, :], axis=-1)
    sign = np.where(w < 0, -1, 1).astype(w.dtype)
    return SVDResult(v, np.abs(w), adjoint(v * sign[..., None, :]))
