"""Rules of eigenvalues and eigenvectors.

The eigenvalues of a Hermitian matrix have a derivative also where they are equal, as long as what is made of them
treats equal ones alike. Eigenvectors of equal eigenvalues have none: what asks for it gets infinities or NaN.

Eigenvectors are determined up to a factor of length one. Those of a Hermitian matrix are taken to move at right angles
to themselves, so that what does not depend on the factors, such as the projection ``v @ v.conj().T``, is right. Those
of any other matrix keep the length of 1 and the largest component real, which is how LAPACK makes them.

Hermitian matrices are read by one triangle, and the derivative lies in it, as in `micrograd_nd.rules.factorizations`.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array, fixed
from micrograd_nd.rules.matrices import between, conjugated, of_triangle, transposed, unit_like

EigResult: Any = type(np.linalg.eig(np.eye(1)))
EighResult: Any = type(np.linalg.eigh(np.eye(1)))


def eigvalsh_rule(g: Any, out: Any, a: Any, *, UPLO: Any = "L") -> Any:
    """Differentiate the eigenvalues of Hermitian matrices."""
    v = np.linalg.eigh(a, UPLO)[1]
    return of_triangle((conjugated(v) * g[..., None, :]) @ transposed(v), UPLO in "lL")


derivative(np.linalg.eigvalsh, eigvalsh_rule)


@primitive
def packed_eigh(a: Any, *, UPLO: Any) -> Any:
    """Compute eigenvalues and eigenvectors of Hermitian matrices: a row of the ones above the columns of the others."""
    return stacked(*np.linalg.eigh(a, UPLO))


def stacked(w: Any, v: Any) -> Any:
    """Put each eigenvalue above its eigenvector."""
    return np.concatenate([w[..., None, :], v], axis=-2)


def packed_eigh_rule(g: Any, out: Any, a: Any, *, UPLO: Any) -> Any:
    """Differentiate both."""
    w, v = out[..., 0, :], out[..., 1:, :]
    inner = between(transposed(v) @ g[..., 1:, :], np.real(w))
    whole = np.where(unit_like(a), np.real(g[..., :1, :]), inner)
    return of_triangle(conjugated(v) @ whole @ transposed(v), UPLO in "lL")


derivative(packed_eigh, packed_eigh_rule)


@composition(np.linalg.eigh)
def eigh(a: Any, UPLO: Any = "L") -> Any:
    """Compute eigenvalues and eigenvectors of Hermitian matrices."""
    both = packed_eigh(as_array(a), UPLO=UPLO)
    return EighResult(np.real(both[..., 0, :]), both[..., 1:, :])


@primitive
def packed_eig(a: Any) -> Any:
    """Compute eigenvalues and eigenvectors: a row of the ones above the columns of the others."""
    return stacked(*np.linalg.eig(a))


def packed_eig_rule(g: Any, out: Any, a: Any) -> Any:
    """Differentiate both."""
    w, v = out[..., 0, :], out[..., 1:, :]
    inner = between(transposed(v) @ normalised(g[..., 1:, :], v), w)
    return from_basis(np.where(unit_like(a), g[..., :1, :], inner), v)


def normalised(g: Any, v: Any) -> Any:
    """Leave out of a derivative the steps that change the length or the phase of an eigenvector."""
    along = np.sum(g * v, axis=-2, keepdims=True)
    g = g - conjugated(v) * np.real(along)
    if v.dtype.kind != "c":
        return g
    largest = np.arange(v.shape[-2])[:, None] == np.argmax(np.abs(v), axis=-2)[..., None, :]
    return g - np.where(largest, 1j * np.imag(along) / np.where(largest, np.real(v), 1), 0)


def from_basis(inner: Any, v: Any) -> Any:
    """Turn a derivative with respect to a matrix in the basis of eigenvectors into one in the usual basis."""
    return np.linalg.solve(transposed(v), inner @ transposed(v))


derivative(packed_eig, packed_eig_rule)


@composition(np.linalg.eig)
def eig(a: Any) -> Any:
    """Compute eigenvalues and eigenvectors."""
    both = packed_eig(of_one_kind(as_array(a)))
    return EigResult(both[..., 0, :], both[..., 1:, :])


def of_one_kind(a: Any) -> Any:
    """Refuse a real matrix in a compiled function: it has real eigenvalues or complex ones."""
    return a if a.dtype.kind == "c" else fixed(a, np.linalg.eig, "the dtype", "convert to complex first, a + 0j")


def eigvals_rule(g: Any, out: Any, a: Any) -> Any:
    """Differentiate the eigenvalues of any matrix."""
    w, v = np.linalg.eig(a)
    g = np.take_along_axis(g, same_order(out, w), axis=-1)
    return from_basis(np.where(unit_like(a), g[..., None, :], 0), v)


@primitive
def same_order(values: Any, w: Any) -> Any:
    """Tell where in `values` each of `w` is: LAPACK finds large matrices' in another order with their vectors."""
    usual = np.arange(w.shape[-1])
    if not w.size:
        return np.broadcast_to(usual, w.shape)
    nearest = np.argmin(np.abs(values[..., :, None] - w[..., None, :]), axis=-2)
    once = np.all(np.sort(nearest, axis=-1) == usual, axis=-1, keepdims=True)
    return np.where(once, nearest, usual)


constant(same_order)
derivative(np.linalg.eigvals, eigvals_rule, bind=lambda a: ((of_one_kind(as_array(a)),), {}))
