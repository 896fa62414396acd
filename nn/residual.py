"""Residual: layers whose result is added to what they were given."""

from typing import Any

import numpy as np

from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.module import Module, call_like

__all__ = ["Residual"]


class Residual(Module):
    """Residual block, ``A + f(A)``, where f is its layers one after the other.

    He, Zhang, Ren and Sun (2016), "Deep residual learning for image recognition", equation 1.

    Parameters
    ----------
    *layers : Module
        As of `Sequential`. What they return has the shape of what they are given.

    Attributes
    ----------
    block : Sequential
        The layers.

    Raises
    ------
    TypeError
        For a layer that is not a module.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.Sequential(nn.Linear(2, 4, seed=1), nn.Residual(nn.Linear(4, 4, seed=2), nn.Tanh()))
    >>> model
    Sequential(Linear(2, 4), Residual(Linear(4, 4), Tanh()))
    >>> [(path, parameter.name) for path, parameter in model.named_parameters()][2:]
    [('layers.1.block.layers.0.W', 'W2'), ('layers.1.block.layers.0.b', 'b2')]
    """

    def __init__(self, *layers: Module) -> None:
        self.block = Sequential(*layers)

    def forward(self, A: Any) -> Any:
        """Apply all layers, and add what came in.

        Parameters
        ----------
        A : array_like or Tensor
            As the first layer takes it.

        Returns
        -------
        array or Tensor
            Of the shape of `A`.

        Raises
        ------
        ValueError
            When the layers return another shape than they were given.
        """
        A = A if hasattr(A, "shape") else np.asarray(A)
        change = self.block(A)
        if change.shape != A.shape:
            raise ValueError(
                f"{self!r} adds what its layers return to what they are given, so both must have one shape: given "
                f"{A.shape}, they returned {change.shape}"
            )
        return A + change

    def __repr__(self) -> str:
        return call_like("Residual", map(repr, self.block))
