"""Steps of training as a compiled program: forward, backward and update in one, on parameters that it keeps itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import numpy as np
from numpy.typing import NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.objective import Objective

__all__ = ["CompiledSteps", "Uncompilable"]

Array = NDArray[Any]


class Uncompilable(TypeError):
    """A model, cost or optimiser is such that no program can be made of a step."""


class CompiledSteps:
    """Runs steps as a program, and knows where the parameters were.

    While it runs, the parameters' values are its own; the model has them again after `synchronise`.

    Parameters
    ----------
    model : Module
    plan : Objective
    optimizer : Optimizer
        With a learning rate and methods ``slots`` and ``updated``, as `SGD` has.
    """

    def __init__(self, model: Module, plan: Objective, optimizer: Any) -> None:
        self.parameters = model.parameters()
        self.names = distinct([parameter.name or "p" for parameter in self.parameters])
        self.optimizer = optimizer
        self.program = mg.compile(train(self.parameters, plan, optimizer), donate=0, measure=False)
        self.state: Any = None
        self.given: list[Any] = []
        self.before = Copies()

    def step(self, X: Array, Y: Array) -> tuple[float, Any]:
        """Make one step; the cost and the output are of before.

        Raises
        ------
        Uncompilable
            Where there can be no program; nothing has been changed then.
        """
        if self.state is None or any(p.node is not node for p, node in zip(self.parameters, self.given, strict=True)):
            self.begin()
        self.before.take(list(self.state[0].values()))
        try:
            self.state, J, out = self.program(self.state, X, Y, self.optimizer.learning_rate)
        except mg.TraceError as error:
            raise Uncompilable(f"no program can be made of a step: {error}") from error
        return float(J), out

    def begin(self) -> None:
        """Take the values that the parameters have."""
        if not hasattr(self.optimizer, "updated"):
            name = type(self.optimizer).__name__
            raise Uncompilable(f"no program can be made of a step of {name}, which has no method updated()")
        values = dict(zip(self.names, (parameter.numpy() for parameter in self.parameters), strict=True))
        self.state = (values, self.optimizer.slots(values))
        self.given = [parameter.node for parameter in self.parameters]
        self.before = Copies()

    def values(self) -> list[Array]:
        """List the values that the parameters have now; none before the first step."""
        return [] if self.state is None else list(self.state[0].values())

    def synchronise(self) -> None:
        """Give the parameters of the model the values that they have here."""
        self.give(self.values())

    def restore(self) -> bool:
        """Give the parameters the values that they had before the last step but one, whose cost was finite."""
        values = self.before.earlier()
        self.give(values)
        return bool(values)

    def give(self, values: Sequence[Array]) -> None:
        """Give the parameters of the model some values."""
        for parameter, x in zip(self.parameters, values, strict=False):
            parameter.data = x
        self.given = [parameter.node for parameter in self.parameters]


def train(parameters: Sequence[Tensor], plan: Objective, optimizer: Any) -> Callable[..., Any]:
    """Make the function of one step: from state, batch and learning rate to the new state, the cost and the output."""

    def step(state: Any, X: Any, Y: Any, learning_rate: Any) -> tuple[Any, Any, Any]:
        values, slots = state

        def cost(values: Any) -> tuple[Any, Any]:
            with standing_for(parameters, list(values.values())):
                out = plan.run(X)
                return plan.cost(out, Y), out

        (J, out), gradients = mg.value_and_grad(cost, has_aux=True)(values)
        return optimizer.updated(values, gradients, slots, learning_rate), J, out

    return step


class Copies:
    """What the parameters were before each of the last two steps."""

    def __init__(self) -> None:
        self.last: list[Array] = []
        self.previous: list[Array] = []

    def take(self, values: Sequence[Array]) -> None:
        """Copy the values before a step; the older copies' memory is used again."""
        self.last, self.previous = self.previous, self.last
        if len(self.last) == len(values):
            for old, new in zip(self.last, values, strict=True):
                np.copyto(old, new)
        else:
            self.last = [np.array(x) for x in values]

    def earlier(self) -> list[Array]:
        """List the values before the last step but one, or before the last if there was no other."""
        return self.previous or self.last


@contextmanager
def standing_for(parameters: Sequence[Tensor], values: Sequence[Tensor]) -> Iterator[None]:
    """Let Tensors stand for the parameters of a model for a while."""
    before = [parameter._node for parameter in parameters]
    for parameter, value in zip(parameters, values, strict=True):
        parameter._node = value._node
    try:
        yield
    finally:
        for parameter, node in zip(parameters, before, strict=True):
            parameter._node = node


def distinct(names: Sequence[str]) -> list[str]:
    """Number names that several have."""
    return [name if names.count(name) == 1 else f"{name}_{i}" for i, name in enumerate(names, 1)]
