"""Derivatives from values alone: central differences, extrapolated, with an estimate of their error."""

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = ["numerical_derivative"]

HALVINGS = 4


def numerical_derivative(
    f: Callable[[NDArray[np.float64]], ArrayLike], x: ArrayLike, direction: ArrayLike, *, step: float = 2.0**-8
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    r"""Differentiate a function along a direction, from its values alone.

    Central differences :math:`(f(x + hv) - f(x - hv)) / 2h`, at a step that is halved four times, are extrapolated to
    :math:`h = 0` (Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4, 1982).

    Parameters
    ----------
    f : callable
        From an array of the shape of `x` to an array; smooth within `step` of `x`.
    x : array_like
        Where, of any shape; taken as float64.
    direction : array_like
        Of the shape of `x`.
    step : float
        The largest step.

    Returns
    -------
    derivative : ndarray
        Of the shape that `f` returns, float64.
    error : ndarray
        An estimate of the absolute error of each element.

    Examples
    --------
    >>> from micrograd_nd.testing import numerical_derivative
    >>> value, error = numerical_derivative(np.exp, 1.0, 1.0)
    >>> abs(value - np.e) <= error < 1e-9
    np.True_
    """
    x = np.asarray(x, dtype=np.float64)
    direction = np.asarray(direction, dtype=np.float64)

    def difference(h: float) -> NDArray[np.float64]:
        above, below = (np.asarray(f(x + s * direction), dtype=np.float64) for s in (h, -h))
        return np.asarray((above - below) / (2 * h))

    steps = [step / 2**i for i in range(HALVINGS + 1)]
    column = [difference(h) for h in steps]
    best, error = column[-1], np.full(column[-1].shape, np.inf)
    for order in range(1, HALVINGS + 1):
        factor = 4.0**order
        finer = [(factor * b - a) / (factor - 1) for a, b in pairwise(column)]
        for (a, b), c in zip(pairwise(column), finer, strict=True):
            guess = np.maximum(np.abs(c - a), np.abs(c - b))
            best, error = np.where(guess < error, c, best), np.minimum(guess, error)
        column = finer
    size = np.maximum(np.abs(np.asarray(f(x), dtype=np.float64)), np.abs(best))
    return best, error + 8 * np.finfo(np.float64).eps * size / steps[-1]


def elementwise(f: Callable[..., Any], x: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Differentiate a scalar function with respect to each element of `x`; with the estimates of the error."""
    derivative, error = np.empty(x.shape), np.empty(x.shape)
    for index in np.ndindex(x.shape):
        unit = np.zeros(x.shape)
        unit[index] = 1
        derivative[index], error[index] = numerical_derivative(f, x, unit)
    return derivative, error
