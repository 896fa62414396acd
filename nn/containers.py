"""Sequential: modules one after the other."""

from collections.abc import Iterator
from typing import Any

from micrograd_nd.nn.activations import LogSoftmax, Sigmoid, Softmax
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.module import Module, call_like

__all__ = ["Sequential"]


class Sequential(Module):
    """Modules of which each takes the output of the one before.

    Parameters
    ----------
    *layers : Module
        In order. `Linear` layers that were given no number get theirs, counted from 1, also those in a `Sequential`
        among the layers, whose own count no longer holds then.

    Raises
    ------
    TypeError
        For a layer that is not a module.

    Examples
    --------
    >>> import numpy as np
    >>> from micrograd_nd import nn
    >>> model = nn.Sequential(nn.Linear(2, 4, seed=1), nn.Tanh(), nn.Linear(4, 1, seed=2), nn.Sigmoid())
    >>> model
    Sequential(Linear(2, 4), Tanh(), Linear(4, 1), Sigmoid())
    >>> [(path, parameter.name) for path, parameter in model.named_parameters()]
    [('layers.0.W', 'W1'), ('layers.0.b', 'b1'), ('layers.2.W', 'W2'), ('layers.2.b', 'b2')]
    >>> model(np.ones((2, 5))).shape
    (1, 5)
    """

    def __init__(self, *layers: Module) -> None:
        for layer in layers:
            if not isinstance(layer, Module):
                raise TypeError(not_a_layer(layer))
        self.layers = list(layers)
        self.count_layers()

    def count_layers(self) -> None:
        """Number the linear layers that were given no number."""
        linear = [module for module in self.modules() if isinstance(module, Linear)]
        for position, layer in enumerate(linear, 1):
            layer.count_as(position)

    def forward(self, X: Any) -> Any:
        """Apply all layers.

        Parameters
        ----------
        X : array_like or Tensor
            As the first layer takes it.

        Returns
        -------
        Tensor
            As the last layer returns it.
        """
        for layer in self.layers:
            X = layer(X)
        return X

    def logits(self, X: Any) -> Any:
        """Apply all layers but a sigmoid, a softmax or its logarithm at the end, to compute costs from.

        Parameters
        ----------
        X : array_like or Tensor
            As the first layer takes it.

        Returns
        -------
        Tensor
        """
        if not self.layers:
            return X
        *before, last = self.layers
        for layer in before:
            X = layer(X)
        if isinstance(last, Sequential):
            return last.logits(X)
        return X if isinstance(last, Sigmoid | Softmax | LogSoftmax) else last(X)

    @property
    def last(self) -> Module | None:
        """The module that makes the output, also where it is nested in another `Sequential`."""
        last = self.layers[-1] if self.layers else None
        return last.last if isinstance(last, Sequential) else last

    def __len__(self) -> int:
        return len(self.layers)

    def __getitem__(self, index: int) -> Module:
        return self.layers[index]

    def __iter__(self) -> Iterator[Module]:
        return iter(self.layers)

    def __repr__(self) -> str:
        return call_like(type(self).__name__, map(repr, self.layers))


def not_a_layer(layer: Any) -> str:
    """Say why something cannot stand in a Sequential."""
    if isinstance(layer, type) and issubclass(layer, Module):
        return f"a layer is a module, not its class: write {layer.__name__}(), not {layer.__name__}"
    if isinstance(layer, list | tuple):
        return "Sequential takes its layers one by one: Sequential(*layers)"
    return f"a layer is a Module, such as nn.ReLU() for the function relu; got {layer!r}"
