"""Rules of inverses and of the solutions of linear equations, also of those that have none or many.

Where the value is a rational function of the matrix, its derivative is solved for with the transposed matrix.
"""

from math import prod
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array, given, is_traced
from micrograd_nd.rules.matrices import adjoint, conjugated, in_stacks, transposed

constant(np.linalg.matrix_rank)


def inverse_rule(g: Any, out: Any, a: Any) -> Any:
    """Differentiate the inverse."""
    turned = transposed(out)
    return -(turned @ g @ turned)


derivative(np.linalg.inv, inverse_rule)


def solve_first(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Differentiate ``np.linalg.solve(a, b)`` with respect to the matrix."""
    if b.ndim == 1:
        g, out = in_stacks(g), in_stacks(out)
    return -(np.linalg.solve(transposed(a), g) @ transposed(out))


def solve_second(g: Any, out: Any, a: Any, b: Any) -> Any:
    """Differentiate ``np.linalg.solve(a, b)`` with respect to the right-hand side."""
    if b.ndim == 1:
        return np.linalg.solve(transposed(a), in_stacks(g))[..., 0]
    return np.linalg.solve(transposed(a), g)


derivative(np.linalg.solve, solve_first, solve_second, bind=lambda a, b: ((as_array(a), as_array(b)), {}))


@composition(np.linalg.tensorsolve)
def tensorsolve(a: Any, b: Any, axes: Any = None) -> Any:
    """Solve for an array of several axes."""
    a, b = as_array(a), as_array(b)
    if axes is not None:
        a = np.moveaxis(a, axes, range(a.ndim - len(axes), a.ndim))
    shape = a.shape[b.ndim :]
    if prod(shape) ** 2 != a.size:
        raise np.linalg.LinAlgError(f"the unknowns of shape {shape} are not as many as the equations: a is {a.shape}")
    return np.reshape(np.linalg.solve(np.reshape(a, (b.size, prod(shape))), np.ravel(b)), shape)


@composition(np.linalg.tensorinv)
def tensorinv(a: Any, ind: int = 2) -> Any:
    """Invert as a matrix from the last axes to the first `ind`."""
    a = as_array(a)
    if ind <= 0:
        raise ValueError(f"ind counts axes, at least one; got {ind}")
    rows, columns = a.shape[:ind], a.shape[ind:]
    return np.reshape(np.linalg.inv(np.reshape(a, (prod(rows), -1))), columns + rows)


# The pseudo-inverse, of matrices whose rank stays the same near by. The formula is Golub and Pereyra's, "The
# Differentiation of Pseudo-Inverses and Nonlinear Least Squares Problems", SIAM Journal on Numerical Analysis 10, 1973.


@primitive
def pseudo_inverse(a: Any, *, options: dict[str, Any]) -> Any:
    """Invert as far as can be."""
    return np.linalg.pinv(a, **options)


def pseudo_inverse_rule(g: Any, out: Any, a: Any, *, options: dict[str, Any]) -> Any:
    """Differentiate the pseudo-inverse."""
    turned, back = transposed(g), adjoint(out)
    result = -(transposed(out) @ g @ transposed(out))
    # What columns, and rows, leave out of the space: nothing, where there are as many that are independent.
    rows, columns = a.shape[-2:]
    lacking = deficient(a, out, "np.linalg.pinv")
    unknown = is_traced(lacking)
    if rows > columns or unknown or lacking:
        seen = turned @ out @ back
        missed = conjugated(seen - a @ (out @ seen))
        result = result + (missed if rows > columns or not unknown else np.where(lacking, missed, 0))
    if rows < columns or unknown or lacking:
        seen = back @ out @ turned
        missed = conjugated(seen - (seen @ out) @ a)
        result = result + (missed if rows < columns or not unknown else np.where(lacking, missed, 0))
    return result


@primitive
def deficient(a: Any, inverse: Any, name: str) -> Any:
    """Tell whether a matrix has less than full rank, which is the trace of a projection.

    Refuses what the formulas are not for, in the name of a function: they take the rank of a matrix to be that of its
    pseudo-inverse.
    """
    ranks = np.real(np.sum(a * np.swapaxes(inverse, -1, -2), axis=(-2, -1)))
    if a.size and np.any(np.linalg.matrix_rank(a, rtol=1e3 * float(np.finfo(a.dtype).eps)) > ranks + 0.5):
        raise np.linalg.LinAlgError(
            f"{name} left out singular values that are not zero, and has no derivative rule for that: compose it of "
            "np.linalg.svd, or choose a smaller rcond"
        )
    return np.any(ranks < min(a.shape[-2:]) - 0.5)


@primitive
def approved(a: Any, inverse: Any, name: str) -> Any:
    """Refuse what `deficient` refuses; else 1, a factor of what needs it to be so."""
    deficient(a, inverse, name)
    return np.finfo(a.dtype).dtype.type(1)


constant(deficient, approved)


derivative(pseudo_inverse, pseudo_inverse_rule)


@composition(np.linalg.pinv)
def pinv(a: Any, rcond: Any = None, hermitian: bool = False, *, rtol: Any = np._NoValue) -> Any:
    """Invert as far as can be; a Hermitian matrix by its lower triangle."""
    a = as_array(a)
    options = given(rcond=rcond, hermitian=hermitian or None, rtol=rtol)
    return pseudo_inverse(hermitian_of(a) if hermitian and a.size else a, options=options)


def hermitian_of(a: Any) -> Any:
    """Put together the matrix whose lower triangle this is."""
    n = a.shape[-1]
    filled = np.where(np.tri(n, dtype=bool), a, adjoint(a))
    return np.where(np.eye(n, dtype=bool), np.real(filled), filled) if a.dtype.kind == "c" else filled


@primitive
def least_squares(a: Any, b: Any, *, rcond: float | None) -> Any:
    """Find the shortest of the vectors for which ``a @ x`` comes closest to `b`."""
    return np.linalg.lstsq(a, b, rcond)[0]


def least_squares_first(g: Any, out: Any, a: Any, b: Any, *, rcond: float | None) -> Any:
    """Differentiate least squares with respect to the matrix."""
    if b.ndim == 1:
        g, out, b = in_stacks(g), in_stacks(out), in_stacks(b)
    inverse = np.linalg.pinv(a, cutoff(a, rcond))
    moved = inverse.T @ (g * approved(a, inverse, "np.linalg.lstsq"))
    rest = conjugated((b - a @ out) @ (conjugated(inverse) @ moved).T)
    return rest - moved @ out.T + conjugated(adjoint(inverse) @ out @ (g.T - moved.T @ a))


def least_squares_second(g: Any, out: Any, a: Any, b: Any, *, rcond: float | None) -> Any:
    """Differentiate least squares with respect to the right-hand side."""
    return np.linalg.pinv(a, cutoff(a, rcond)).T @ g


derivative(least_squares, least_squares_first, least_squares_second)


def cutoff(a: Any, rcond: float | None) -> float:
    """Say which singular values, relative to the largest, count as zero; a negative number stands for rounding."""
    eps = float(np.finfo(a.dtype if a.dtype.kind in "fc" else np.float64).eps)
    return eps * max(a.shape) if rcond is None else eps if rcond < 0 else float(rcond)


@composition(np.linalg.lstsq)
def lstsq(a: Any, b: Any, rcond: float | None = None) -> tuple[Any, Any, Any, Any]:
    """Solve by least squares: the solution, what is left, the rank, the singular values."""
    a, b = as_array(a), as_array(b)
    x, s = least_squares(a, b, rcond=rcond), np.linalg.svdvals(a)
    rank = np.sum(s > cutoff(a, rcond) * np.max(s, initial=0), dtype=np.int32)
    if a.shape[0] <= a.shape[1] or not (is_traced(rank) or rank == a.shape[1]):
        return x, np.zeros(0, s.dtype), rank, s
    rest = b - a @ x
    squares = np.sum(np.real(rest * conjugated(rest)), axis=0, keepdims=b.ndim == 1)
    # A program, whose shapes are fixed, has NaN for what is otherwise left out.
    return x, np.where(rank < a.shape[1], np.nan, squares) if is_traced(rank) else squares, rank, s
