"""Activations: as functions, as modules, and by name."""

from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import finite_number

__all__ = [
    "Identity",
    "LeakyReLU",
    "ReLU",
    "Sigmoid",
    "Softmax",
    "Tanh",
    "activation",
    "leaky_relu",
    "linear",
    "relu",
    "sigmoid",
    "softmax",
    "tanh",
]

sigmoid = mg.sigmoid
relu = mg.relu
leaky_relu = mg.leaky_relu


def tanh(x: Any) -> Any:
    """Hyperbolic tangent.

    Parameters
    ----------
    x : array_like or Tensor
        Of any shape.

    Returns
    -------
    array or Tensor
        Of the shape of `x`.
    """
    return np.tanh(x)


def softmax(x: Any, axis: int = 0) -> Any:
    r"""Exponentials that sum to one, :math:`e^{x_i} / \sum_j e^{x_j}`, by default in every column.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; in the course's layout ``(n_y, m)``.
    axis : int
        The axis that sums to one.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.softmax(np.zeros((2, 3)))
    array([[0.5, 0.5, 0.5],
           [0.5, 0.5, 0.5]])
    """
    return mg.softmax(x, axis=axis)


def linear(x: Any) -> Any:
    """No activation: what goes in comes out.

    Parameters
    ----------
    x : array or Tensor
        Of any shape.

    Returns
    -------
    array or Tensor
        `x` itself.
    """
    return x


class Sigmoid(Module):
    """Module of `sigmoid`."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.sigmoid(Z)


class Tanh(Module):
    """Module of `tanh`."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return np.tanh(Z)


class ReLU(Module):
    """Module of `relu`; the derivative at exactly 0 is 1."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.relu(Z)


class LeakyReLU(Module):
    """Module of `leaky_relu`.

    Parameters
    ----------
    slope : float
        The derivative below 0, finite.

    Raises
    ------
    TypeError, ValueError
        For a slope that is not a real number, or not finite.
    """

    def __init__(self, slope: float = 0.01) -> None:
        self.slope = finite_number("the slope", slope)

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.leaky_relu(Z, slope=self.slope)

    def __repr__(self) -> str:
        return f"LeakyReLU(slope={self.slope})" if self.slope != 0.01 else "LeakyReLU()"


class Softmax(Module):
    """Module of `softmax`: every column of the output sums to one."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every column."""
        return mg.softmax(Z, axis=0)


class Identity(Module):
    """Module of `linear`: no activation."""

    def forward(self, Z: Any) -> Any:
        """Return what came in."""
        return Z


ACTIVATIONS: dict[str, type[Module]] = {
    "sigmoid": Sigmoid,
    "tanh": Tanh,
    "relu": ReLU,
    "leaky_relu": LeakyReLU,
    "softmax": Softmax,
    "linear": Identity,
}


def activation(name: str) -> Module:
    """Make the activation module of this name.

    Parameters
    ----------
    name : {"sigmoid", "tanh", "relu", "leaky_relu", "softmax", "linear"}

    Returns
    -------
    Module

    Raises
    ------
    ValueError
        For an unknown name; the message lists the known ones.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.activation("relu")
    ReLU()
    """
    if name not in ACTIVATIONS:
        raise ValueError(f"unknown activation {name!r}; known are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[name]()
