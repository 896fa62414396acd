"""What the rules of linear algebra say of matrices in stacks: transposes, triangles, quotients on the way to them."""

from typing import Any

import numpy as np

__all__ = [
    "adjoint",
    "between",
    "conjugated",
    "divided",
    "in_stacks",
    "matrix_diagonal",
    "of_triangle",
    "packed",
    "transposed",
    "unit_like",
    "unpacked",
]


def transposed(a: Any) -> Any:
    """Swap the last two axes: the transpose of each matrix in a stack."""
    return a.T if a.ndim == 2 else np.swapaxes(a, -1, -2)


def conjugated(a: Any) -> Any:
    """Conjugate complex numbers, and pass real ones on as they are."""
    return np.conjugate(a) if a.dtype.kind == "c" else a


def adjoint(a: Any) -> Any:
    """Transpose and conjugate each matrix in a stack."""
    return conjugated(transposed(a))


def matrix_diagonal(a: Any) -> Any:
    """Take the diagonal of each matrix in a stack."""
    return np.diagonal(a, 0, -2, -1)


def in_stacks(vectors: Any) -> Any:
    """Make each vector of a stack a matrix of one column."""
    return vectors[..., None]


def of_triangle(g: Any, lower: bool) -> Any:
    """Move the derivative with respect to a Hermitian matrix to the one triangle of it that is read.

    The function reads an element below the diagonal, and takes its conjugate for the one above; of the diagonal it
    reads the real part.
    """
    both = g + adjoint(g)
    n = g.shape[-1]
    read = np.tri(n, k=-1, dtype=bool)
    return np.where(read if lower else read.T, both, np.where(unit_like(g), both / 2, 0))


def between(products: Any, w: Any) -> Any:
    """Divide what mixes two eigenvectors by the gap between their eigenvalues; the diagonal is zero."""
    unit = unit_like(products)
    gaps = np.where(unit, 1, w[..., None, :] - w[..., :, None])
    return np.where(unit, 0, divided(products, gaps))


def unit_like(a: Any) -> Any:
    """Tell where the diagonal is."""
    return np.eye(a.shape[-1], dtype=bool)


def divided(numerator: Any, gap: Any) -> Any:
    """Divide by the gaps between eigenvalues.

    Where a gap is zero the quotient has no meaning. It stays zero where nothing asks for it; elsewhere it overflows, so
    that a derivative that does not exist is no number that could be taken for one.
    """
    tiny = np.finfo(gap.dtype).tiny
    return numerator / np.where(gap == 0, tiny, gap) / np.where(gap == 0, tiny, 1)


def packed(*parts: Any) -> Any:
    """Put the elements of matrices one after the other."""
    return np.concatenate(
        [np.reshape(part, (*part.shape[:-2], part.shape[-2] * part.shape[-1])) for part in parts], axis=-1
    )


def unpacked(values: Any, *shapes: tuple[int, int]) -> list[Any]:
    """Take matrices apart."""
    parts, start = [], 0
    for m, n in shapes:
        parts.append(np.reshape(values[..., start : start + m * n], (*values.shape[:-1], m, n)))
        start += m * n
    return parts
