"""Activations: as functions, as modules, and by name."""

from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import finite_number

__all__ = [
    "ELU",
    "GELU",
    "Identity",
    "LeakyReLU",
    "LogSoftmax",
    "ReLU",
    "SiLU",
    "Sigmoid",
    "Softmax",
    "Softplus",
    "Tanh",
    "activation",
    "elu",
    "gelu",
    "leaky_relu",
    "linear",
    "log_softmax",
    "relu",
    "sigmoid",
    "silu",
    "softmax",
    "softplus",
    "tanh",
]

sigmoid = mg.sigmoid
relu = mg.relu
leaky_relu = mg.leaky_relu
elu = mg.elu
gelu = mg.gelu
silu = mg.silu
softplus = mg.softplus


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


def log_softmax(x: Any, axis: int = 0) -> Any:
    r"""Logarithm of `softmax`, :math:`x_i - \log \sum_j e^{x_j}`, by default in every column.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; in the course's layout ``(n_y, m)``.
    axis : int
        The axis whose exponentials sum to one.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`. It loses no digits where a probability is small.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.log_softmax(np.array([[1000.0], [0.0]]))
    array([[    0.],
           [-1000.]])
    """
    return mg.log_softmax(x, axis=axis)


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


class ELU(Module):
    """Module of `elu`.

    Parameters
    ----------
    alpha : float
        What it tends to far below 0, with the other sign; finite.

    Raises
    ------
    TypeError, ValueError
        For an alpha that is not a real number, or not finite.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        self.alpha = finite_number("alpha", alpha)

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.elu(Z, alpha=self.alpha)

    def __repr__(self) -> str:
        return f"ELU(alpha={self.alpha})" if self.alpha != 1 else "ELU()"


class GELU(Module):
    """Module of `gelu`.

    Parameters
    ----------
    approximate : bool
        By tanh, which is faster; False takes the normal distribution itself.

    Raises
    ------
    TypeError
        For anything but True and False.
    """

    def __init__(self, approximate: bool = True) -> None:
        if not isinstance(approximate, bool):
            raise TypeError(f"approximate must be True or False; got {approximate!r}")
        self.approximate = approximate

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.gelu(Z, approximate=self.approximate)

    def __repr__(self) -> str:
        return "GELU()" if self.approximate else "GELU(approximate=False)"


class SiLU(Module):
    """Module of `silu`."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.silu(Z)


class Softplus(Module):
    """Module of `softplus`."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every element."""
        return mg.softplus(Z)


class Softmax(Module):
    """Module of `softmax`: every column of the output sums to one."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every column."""
        return mg.softmax(Z, axis=0)


class LogSoftmax(Module):
    """Module of `log_softmax`: the logarithms of the probabilities that `Softmax` gives."""

    def forward(self, Z: Any) -> Any:
        """Apply it to every column."""
        return mg.log_softmax(Z, axis=0)


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
    "elu": ELU,
    "gelu": GELU,
    "silu": SiLU,
    "softplus": Softplus,
    "softmax": Softmax,
    "log_softmax": LogSoftmax,
    "linear": Identity,
}


def activation(name: str) -> Module:
    """Make the activation module of this name.

    Parameters
    ----------
    name : str
        "sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax", "log_softmax" or
        "linear".

    Returns
    -------
    Module
        With the settings that it has by default.

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
