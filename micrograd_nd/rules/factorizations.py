"""Rules of the factorisations that solve linear equations: Cholesky's and the orthogonal-triangular one.

NumPy reads a Hermitian matrix by one triangle, and the derivative lies in that triangle: it is that of the function as
NumPy computes it, and agrees with finite differences. Other libraries spread it over both triangles. For a function of
``a @ a.T``, or of anything that is symmetric whatever its parameters are, it makes no difference.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import as_array
from micrograd_nd.rules.matrices import adjoint, conjugated, of_triangle, packed, transposed, unpacked

QRResult: Any = type(np.linalg.qr(np.eye(1)))


def cholesky_rule(g: Any, out: Any, a: Any, *, upper: bool = False) -> Any:
    """Differentiate Cholesky's factor: what moves the lower one is a triangle, half of its diagonal."""
    if upper:
        g, out = adjoint(g), adjoint(out)
    n = out.shape[-1]
    inner = transposed(out) @ g
    half = np.where(np.tri(n, k=-1, dtype=bool), inner, np.where(np.eye(n, dtype=bool), inner / 2, 0))
    left = np.linalg.solve(transposed(out), half)
    return of_triangle(transposed(np.linalg.solve(adjoint(out), transposed(left))), lower=not upper)


derivative(np.linalg.cholesky, cholesky_rule)


@primitive
def packed_qr(a: Any, *, mode: Any) -> Any:
    """Factorise, both factors in one array: their elements one after the other."""
    q, r = np.linalg.qr(a, mode)
    return packed(q, r)


def qr_shapes(a: Any, mode: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """Tell the shapes of both factors."""
    m, n = a.shape[-2:]
    k = m if mode == "complete" else min(m, n)
    return (m, k), (k, n)


def packed_qr_rule(g: Any, out: Any, a: Any, *, mode: Any) -> Any:
    """Differentiate both factors, of a matrix whose first columns are independent."""
    (gq, gr), (q, r) = unpacked(g, *qr_shapes(a, mode)), unpacked(out, *qr_shapes(a, mode))
    m, n = a.shape[-2:]
    if m >= n:
        return tall_qr_rule(gq, gr[..., :n, :], q, r[..., :n, :])
    # The first columns are factorised. The rest is the product of q's adjoint with the other columns.
    rest, g_rest = a[..., m:], gr[..., m:]
    gq = gq + conjugated(rest @ transposed(g_rest))
    return np.concatenate([tall_qr_rule(gq, gr[..., :m], q, r[..., :m]), conjugated(q) @ g_rest], axis=-1)


def tall_qr_rule(gq: Any, gr: Any, q: Any, r: Any) -> Any:
    """Differentiate the factors of a matrix with no more columns than rows.

    Columns of q beyond those of the matrix are any basis of what these leave out: it is taken to move without turning.
    LAPACK makes the diagonal of r real.
    """
    n = r.shape[-1]
    first, g_first = q[..., :n], gq[..., :n]
    b = gr @ transposed(r) - transposed(first) @ g_first
    above = np.where(np.tri(n, k=-1, dtype=bool).T, b, 0)
    moved = g_first + conjugated(first) @ (above + adjoint(above) + np.where(np.eye(n, dtype=bool), np.real(b), 0))
    if q.shape[-1] > n:
        rest, g_rest = q[..., n:], gq[..., n:]
        moved = moved - conjugated(rest) @ (adjoint(g_rest) @ conjugated(first))
    return transposed(np.linalg.solve(r, transposed(moved)))


derivative(packed_qr, packed_qr_rule)


@composition(np.linalg.qr)
def qr(a: Any, mode: Any = "reduced") -> Any:
    """Factorise into orthonormal columns and a triangle."""
    if mode not in ("reduced", "complete", "r"):
        raise ValueError(f"np.linalg.qr of Tensors has the modes 'reduced', 'complete' and 'r'; got {mode!r}")
    a = as_array(a)
    shapes_mode = "reduced" if mode == "r" else mode
    q, r = unpacked(packed_qr(a, mode=shapes_mode), *qr_shapes(a, shapes_mode))
    return r if mode == "r" else QRResult(q, r)
