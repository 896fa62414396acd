"""Optimisers: they move parameters against their gradients."""

from collections.abc import Iterable
from typing import Any, Protocol

from micrograd_nd import Tensor
from micrograd_nd.nn.settings import finite_number

__all__ = ["SGD", "Optimizer", "checked_rate"]


class Optimizer(Protocol):
    """What `fit` needs of an optimiser.

    One that has ``slots(parameters)`` and ``updated(parameters, gradients, slots, learning_rate)``, as `SGD` has, can
    be part of a compiled step: `slots` gives what it remembers at the time, since the first step is not compiled.
    """

    def zero_grad(self) -> None:
        """Forget the gradients."""

    def step(self) -> None:
        """Move the parameters."""


class SGD:
    """Gradient descent, ``p = p - learning_rate * dJ/dp``, stochastic where J is the cost of a mini-batch.

    Parameters
    ----------
    parameters : iterable of Tensor
        What to optimise, such as ``model.parameters()``.
    learning_rate : float
        Positive and finite.

    Raises
    ------
    TypeError
        For anything among the parameters that has no gradient, or a learning rate that is not a real number.
    ValueError
        For no parameters, or a learning rate that is not positive and finite.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> w = mg.Tensor([4.0])
    >>> sgd = nn.SGD([w], learning_rate=0.25)
    >>> for _ in range(3):
    ...     sgd.zero_grad()
    ...     (w * w).sum().backward()
    ...     sgd.step()
    >>> w
    Tensor([0.5], shape=(1,))
    """

    def __init__(self, parameters: Iterable[Tensor], learning_rate: float) -> None:
        self.parameters = list(parameters)
        self.learning_rate = checked_rate(learning_rate)
        if not self.parameters:
            raise ValueError("there are no parameters to optimise")
        for parameter in self.parameters:
            if not getattr(parameter, "requires_grad", False):
                raise TypeError(f"a parameter is a Tensor with requires_grad; got {parameter!r}")

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        for parameter in self.parameters:
            if parameter.grad is not None:
                parameter.data = descended(parameter.numpy(), parameter.grad, self.learning_rate)

    def slots(self, parameters: dict[str, Any]) -> tuple[()]:
        """Make what is remembered from step to step: nothing."""
        return ()

    def updated(
        self, parameters: dict[str, Any], gradients: dict[str, Any], slots: tuple[()], learning_rate: Any
    ) -> tuple[dict[str, Any], tuple[()]]:
        """Compute the parameters after a step, and what is then remembered, from arrays or Tensors.

        Parameters
        ----------
        parameters, gradients : dict of str to array or Tensor
        slots : tuple
            What is remembered.
        learning_rate : float or Tensor

        Returns
        -------
        parameters : dict of str to array or Tensor
        slots : tuple
        """
        return {name: descended(p, gradients[name], learning_rate) for name, p in parameters.items()}, slots


def descended(p: Any, gradient: Any, learning_rate: Any) -> Any:
    """Go against the gradient."""
    return p - learning_rate * gradient


def checked_rate(learning_rate: Any) -> float:
    """Refuse what is no learning rate."""
    rate = finite_number("the learning rate", learning_rate)
    if rate <= 0:
        raise ValueError(f"the learning rate must be a positive number, such as 0.01; got {learning_rate}")
    return rate
