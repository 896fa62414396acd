"""Linear: the affine layer Z = W A + b."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from micrograd_nd import Tensor
from micrograd_nd.nn.data import orientation_hint
from micrograd_nd.nn.initialisation import Weights, check_weights, initial_weights
from micrograd_nd.nn.module import Module

__all__ = ["Linear"]

# The highest number that a layer may be given: beyond any network.
MAX_NUMBER = 9999


class Linear(Module):
    """Affine layer, ``Z = W @ A_prev + b``, a sample a column.

    Parameters
    ----------
    n_in, n_out : int
        Number of features of a sample before and after.
    weights : {"he", "xavier", "small", "zeros", "orthogonal"} or callable
        How the weights start: normally distributed about 0 with standard deviation ``sqrt(2 / n_in)`` (for ReLU),
        ``sqrt(2 / (n_in + n_out))`` (for tanh, sigmoid, softmax) or 0.01, or all zero. With zeros in a hidden layer
        all its units stay alike for ever. Orthogonal weights are drawn such that W keeps lengths, as far as its shape
        allows (Saxe, McClelland and Ganguli 2014). A function ``weights(rng, shape)`` is given a
        `numpy.random.Generator` and ``(n_out, n_in)``, and returns an array of that shape. Biases start at zero.
    seed : int or numpy.random.Generator, optional
        Where the weights are drawn from; unpredictable by default.
    dtype : dtype
        Of the parameters, floating-point.
    layer : int, optional
        Its number in a network, for messages and for the names of its parameters. By default the outermost
        `Sequential` that holds the layer counts.

    Attributes
    ----------
    W : Tensor
        Weights, of shape ``(n_out, n_in)``.
    b : Tensor
        Biases, of shape ``(n_out, 1)``.

    Raises
    ------
    TypeError, ValueError
        For sizes or a number that are not positive integers, an unknown name in `weights`, weights of another shape
        or not of finite numbers, or a dtype without gradients.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> layer = nn.Linear(2, 3, weights="he", seed=1, layer=1)
    >>> layer.W.name, layer.W.shape, layer.b.name, layer.b.shape
    ('W1', (3, 2), 'b1', (3, 1))
    >>> layer(np.ones((2, 5))).shape
    (3, 5)
    >>> layer(np.ones((7, 5)))
    Traceback (most recent call last):
    ValueError: layer 1: W1 is (3, 2) and needs X of shape (2, m); got (7, 5)
    """

    own_tensors = ("W", "b")

    def __init__(
        self,
        n_in: int,
        n_out: int,
        *,
        weights: Weights = "xavier",
        seed: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
        layer: int | None = None,
    ) -> None:
        check_weights(weights)
        check_size("n_in", n_in)
        check_size("n_out", n_out)
        check_number(layer)
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"parameters are floating-point numbers; got dtype {np.dtype(dtype)}")
        self.set_parameters(initial_weights(weights, n_in, n_out, seed, dtype), np.zeros((n_out, 1)), dtype)
        self.number(layer)

    def forward(self, A_prev: Any) -> Any:
        """Compute Z.

        Parameters
        ----------
        A_prev : array_like or Tensor, shape (n_in, m)
            A sample a column.

        Returns
        -------
        Tensor, shape (n_out, m)

        Raises
        ------
        ValueError
            For any other shape. The message names the layer.
        """
        self.check(A_prev)
        return self.W @ A_prev + self.b

    def check(self, A_prev: Any) -> None:
        """Refuse an input of another shape than ``(n_in, m)``.

        Parameters
        ----------
        A_prev : array_like or Tensor

        Raises
        ------
        ValueError
            For any other shape. The message names the layer.
        """
        shape = A_prev.shape if hasattr(A_prev, "shape") else np.shape(A_prev)
        if len(shape) != 2 or shape[0] != self.W.shape[1]:
            raise ValueError(self.mismatch(shape))

    def set_parameters(self, W: Any, b: Any, dtype: DTypeLike) -> None:
        """Replace the parameters by new ones of the given values."""
        self.W = Tensor(W, dtype=dtype, name="W")
        self.b = Tensor(b, dtype=dtype, name="b")

    def number(self, layer: int | None) -> None:
        """Give the layer a number for good or, by None, leave that to the networks that will hold it."""
        self.numbered = layer is not None
        self.rename(layer)

    def count_as(self, position: int) -> None:
        """Take the position in a network as the number, unless one was given."""
        if not self.numbered:
            self.rename(position)

    def rename(self, layer: int | None) -> None:
        """Set the number, and name the parameters after it."""
        self.layer = layer if layer is None else int(layer)
        suffix = "" if layer is None else str(layer)
        self.W.name, self.b.name = f"W{suffix}", f"b{suffix}"

    def mismatch(self, shape: tuple[int, ...]) -> str:
        """Say that an input of this shape does not fit."""
        n_out, n_in = self.W.shape
        where = f"layer {self.layer}" if self.layer is not None else repr(self)
        needed = "X" if self.layer in (None, 1) else f"A{self.layer - 1}"
        hint = orientation_hint(shape, n_in, needed)
        return f"{where}: {self.W.name} is {(n_out, n_in)} and needs {needed} of shape ({n_in}, m); got {shape}{hint}"

    def __repr__(self) -> str:
        n_out, n_in = self.W.shape
        dtype = "" if self.W.dtype == np.float64 else f", dtype={self.W.dtype}"
        return f"Linear({n_in}, {n_out}{dtype})"


def check_size(name: str, size: Any) -> None:
    """Refuse what is no number of units."""
    if isinstance(size, bool) or not isinstance(size, int | np.integer):
        raise TypeError(f"{name} is a number of units, an int; got {size!r}")
    if size < 1:
        raise ValueError(f"{name} is a number of units, at least 1; got {size}")


def check_number(layer: Any) -> None:
    """Refuse what is no number of a layer."""
    if layer is None:
        return
    if isinstance(layer, bool) or not isinstance(layer, int | np.integer):
        raise TypeError(f"layer is the number of a layer, an int; got {layer!r}")
    if not 1 <= layer <= MAX_NUMBER:
        raise ValueError(f"layer is the number of a layer, from 1 to {MAX_NUMBER}; got {layer}")
