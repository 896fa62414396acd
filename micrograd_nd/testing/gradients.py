"""Analytic derivatives held against numerical ones."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from micrograd_nd.testing.numerical import elementwise
from micrograd_nd.transforms import grad

__all__ = ["check_gradients"]

RELATIVE = 1e-7


def check_gradients(f: Callable[..., Any], *args: ArrayLike, order: int = 2, seed: int = 0) -> None:
    """Check the derivatives of a function, element by element, against extrapolated central differences.

    The function's result is projected onto a random direction, and the gradient of that number is compared with
    `numerical_derivative`. For the next order the gradient function itself is checked in the same way.

    Parameters
    ----------
    f : callable
        From arrays to one array, written in NumPy; smooth within 1/256 of the arguments.
    *args : array_like
        Where. All are differentiated with respect to, in float64.
    order : int
        How many orders of derivatives to check.
    seed : int
        Of the random projections.

    Raises
    ------
    AssertionError
        Where the two differ by more than the estimated error of the numerical derivative plus 1e-7 of the largest
        element; it names the order, the argument, the element and both values.

    Examples
    --------
    >>> from micrograd_nd.testing import check_gradients
    >>> check_gradients(lambda x, y: np.tanh(x) * y, np.array([0.5, -1.0]), 2.0)
    """
    rng = np.random.default_rng(seed)
    points = [np.array(x, dtype=np.float64) for x in args]
    everything = tuple(range(len(points)))
    for level in range(1, order + 1):
        scalar = projected(f, np.shape(f(*points)), rng)
        gradient = grad(scalar, everything)
        for number, (x, analytic) in enumerate(zip(points, gradient(*points), strict=True)):
            compare(scalar, points, number, x, np.asarray(analytic), level)
        f = flattened(gradient)


def projected(f: Callable[..., Any], shape: tuple[int, ...], rng: np.random.Generator) -> Callable[..., Any]:
    """Reduce an array-valued function to one number, along a random direction with no small component."""
    direction = rng.uniform(0.5, 1.5, shape) * rng.choice([-1.0, 1.0], shape)
    return lambda *xs: np.sum(direction * f(*xs))


def flattened(gradient: Callable[..., Sequence[Any]]) -> Callable[..., Any]:
    """Join several gradients into one vector."""
    return lambda *xs: np.concatenate([np.ravel(g) for g in gradient(*xs)])


def compare(
    scalar: Callable[..., Any],
    points: Sequence[NDArray[np.float64]],
    number: int,
    x: NDArray[np.float64],
    analytic: NDArray[np.float64],
    level: int,
) -> None:
    """Compare one argument's gradient with the numerical one."""
    numerical, error = elementwise(lambda moved: scalar(*points[:number], moved, *points[number + 1 :]), x)
    if analytic.shape != x.shape:
        raise AssertionError(f"derivative {level}, argument {number}: shape {analytic.shape} where {x.shape} is right")
    allowed = error + RELATIVE * np.max(np.abs(numerical), initial=1e-3)
    difference = np.abs(analytic - numerical)
    wrong = ~(difference <= allowed)
    if np.any(wrong):
        worst = np.unravel_index(np.argmax(np.where(wrong, difference / allowed, -1)), x.shape)
        index = ", ".join(map(str, worst))
        raise AssertionError(
            f"derivative {level} with respect to argument {number}, element [{index}]: analytic {analytic[worst]!r}, "
            f"numerical {numerical[worst]!r} with an error of about {error[worst]:.1e}\nat {points!r}"
        )
