"""Initialisation: the ways to choose the first weights of a layer, by name or by a function of one's own."""

from collections.abc import Callable
from math import sqrt
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn.settings import generator_of

__all__ = ["Weights", "check_weights", "initial_weights"]

Weights = str | Callable[[np.random.Generator, tuple[int, int]], ArrayLike]

# The standard deviation of normally distributed weights.
DEVIATIONS: dict[str, Callable[[int, int], float]] = {
    # He, Zhang, Ren and Sun (2015), equation 10: for ReLU
    "he": lambda n_in, n_out: sqrt(2 / n_in),
    # Glorot and Bengio (2010), equation 12: for tanh, sigmoid and softmax
    "xavier": lambda n_in, n_out: sqrt(2 / (n_in + n_out)),
    "small": lambda n_in, n_out: 0.01,
    "zeros": lambda n_in, n_out: 0.0,
}


def check_weights(weights: Any) -> None:
    """Refuse what is neither the name of a way to choose weights nor a function."""
    known = [*DEVIATIONS, "orthogonal"]
    if not callable(weights) and not (isinstance(weights, str) and weights in known):
        raise ValueError(f"weights must be one of {', '.join(known)}, or a function of (rng, shape); got {weights!r}")


def initial_weights(
    weights: Weights, n_in: int, n_out: int, seed: int | np.random.Generator | None, dtype: DTypeLike
) -> NDArray[Any]:
    """Choose weights of shape ``(n_out, n_in)``, in double precision or as a function of one's own returned them."""
    shape, rng = (n_out, n_in), generator_of(seed)
    if callable(weights):
        return checked(weights(rng, shape), weights, shape, dtype)
    if weights == "orthogonal":
        return orthogonal(rng, shape)
    deviation = DEVIATIONS[weights](n_in, n_out)
    return deviation * rng.standard_normal(shape) if deviation else np.zeros(shape)


def orthogonal(rng: np.random.Generator, shape: tuple[int, int]) -> NDArray[Any]:
    """Draw a matrix whose rows or columns, whichever are fewer, are orthonormal.

    Saxe, McClelland and Ganguli (2014), section 3. QR alone would favour some matrices: with the signs of R's diagonal
    moved to Q all are equally likely (Mezzadri 2007, "How to generate random matrices from the classical compact
    groups", section 5).
    """
    n_out, n_in = shape
    Q, R = np.linalg.qr(rng.standard_normal((max(shape), min(shape))))
    Q = Q * np.where(np.diag(R) < 0, -1.0, 1.0)
    return Q if n_out >= n_in else Q.T


def checked(W: Any, weights: Any, shape: tuple[int, int], dtype: DTypeLike) -> NDArray[Any]:
    """Refuse what is no matrix of first weights: of another shape, or not of finite real numbers."""
    name = getattr(weights, "__name__", repr(weights))
    W = W.numpy() if isinstance(W, Tensor) else np.asarray(W)
    if W.dtype.kind not in "biuf":
        raise TypeError(f"weights must be real numbers; {name} returned dtype {W.dtype}")
    if W.shape != shape:
        hint = ", its transpose" if W.shape == shape[::-1] else ""
        raise ValueError(f"weights must have shape (n_out, n_in), here {shape}; {name} returned {W.shape}{hint}")
    with np.errstate(over="ignore"):
        finite = np.isfinite(W.astype(dtype))
    if not finite.all():
        row, column = np.argwhere(~finite)[0]
        raise ValueError(f"weights must be finite; {name} returned {W[row, column]} in row {row}, column {column}")
    return W  # type: ignore[no-any-return]
