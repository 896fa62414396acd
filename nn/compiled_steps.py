"""Steps of training as a compiled program: forward, backward and update in one, on parameters that it keeps itself."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor, tree
from micrograd_nd.compiler import Compiled
from micrograd_nd.graph import Constant
from micrograd_nd.nn.filling import Filling
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.objective import Objective
from micrograd_nd.nn.sample_weights import Weighted

__all__ = ["CompiledSteps", "Uncompilable"]

Array = NDArray[Any]


class Uncompilable(TypeError):
    """A model, cost or optimiser is such that no program can be made of a step."""


class CompiledSteps:
    """Runs steps as a program, and knows where the parameters and buffers were.

    While it runs, their values are its own; the model has them again after `synchronise`.

    Parameters
    ----------
    model : Module
    plan : Objective
    optimizer : Optimizer
        With parameters, a learning rate, and methods ``slots`` and ``updated``, as `SGD` has.
    filling : Filling, optional
        Brings all batches to one size.
    """

    def __init__(self, model: Module, plan: Objective, optimizer: Any, filling: Filling | None = None) -> None:
        self.filling = filling
        self.modules = model.modules()
        own = getattr(optimizer, "parameters", None) if hasattr(optimizer, "updated") else None
        self.parameters: list[Tensor] = model.parameters() if own is None else list(own)
        self.buffers = model.buffers()
        self.tensors = [*self.parameters, *self.buffers]
        self.names = distinct([tensor.name or "p" for tensor in self.tensors])
        self.optimizer = optimizer
        self.train = train(self.parameters, self.buffers, plan, optimizer)
        self.repeats = are_known(self.modules, plan, optimizer)
        self.programs: dict[Any, Callable[..., Any]] = {}
        self.homes: dict[Any, Any] = {}
        self.state: Any = None
        self.given: list[Any] = []
        self.before = Copies()

    def step(self, X: Array, Y: Array | Weighted) -> tuple[float, Any]:
        """Make one step; the cost and the output are of before.

        Raises
        ------
        Uncompilable
            Where there can be no program; nothing has been changed then.
        """
        if self.state is None:
            self.begin()
        elif self.nodes() != self.given:
            self.take_over()
        self.before.take(self.held())
        m = X.shape[1]
        if self.filling is not None:
            X, Y = self.filling.filled(X, Y)
        # One program for each size of batch, so that each is entered at once and keeps state where it is.
        size = (X.shape, *((Y.shape,) if isinstance(Y, np.ndarray) else (x.shape for x in Y)))
        attributes = {} if size in self.homes else {id(part): (part, dict(vars(part))) for part in self.modules}
        if size not in self.programs:
            self.programs[size] = Compiled(self.train, donate=0, measure=False, named=False, repeats=self.repeats)
        try:
            # A program is made for the layout of what it is given, which must not depend on the steps before.
            state = moved_to(self.homes[size], self.state) if size in self.homes else laid_out(self.state)
            state, J, out = self.programs[size](state, X, Y, float(self.optimizer.learning_rate))
        except mg.TraceError as error:
            raise Uncompilable(f"no program can be made of a step: {error}") from error
        except BaseException:  # an interrupt would leave some parameters moved and others not
            self.undo()
            raise
        finally:
            changed = put_back(attributes)
        if changed:
            raise Uncompilable(f"no program can be made of a step: it changes {changed}, which a program would not")
        self.state = self.homes[size] = state
        if isfinite(J):
            self.before.keep()
        return float(J), out if m == X.shape[1] else out[:, :m]

    def begin(self) -> None:
        """Take the values that the parameters and buffers have."""
        name = type(self.optimizer).__name__
        if not hasattr(self.optimizer, "updated") or overrides_step(type(self.optimizer)):
            raise Uncompilable(f"no program can be made of a step of {name}, which has no method updated()")
        self.state = self.taken(None)

    def take_over(self) -> None:
        """Take the values that somebody has given to parameters or buffers during the run, and keep all others."""
        for tensor, node, x in zip(self.tensors, self.given, self.held(), strict=True):
            if tensor.node is node:
                tensor.data = x
        self.state = self.taken(self.state[1])

    def taken(self, slots: Any) -> Any:
        """Make the state of the values that parameters and buffers have."""
        n = len(self.parameters)
        values = {name: p.numpy() for name, p in zip(self.names, self.parameters, strict=False)}
        buffers = {name: buffer.numpy() for name, buffer in zip(self.names[n:], self.buffers, strict=True)}
        self.given = self.nodes()
        return values, self.optimizer.slots(values) if slots is None else slots, buffers

    def nodes(self) -> list[Any]:
        """List what tells whether a parameter or buffer was given other values."""
        return [tensor.node for tensor in self.tensors]

    def values(self) -> list[Array]:
        """List the values that the parameters have now; none before the first step."""
        return [] if self.state is None else list(self.state[0].values())

    def held(self) -> list[Array]:
        """List the values that the parameters and then the buffers have now; none before the first step."""
        return [] if self.state is None else [*self.state[0].values(), *self.state[2].values()]

    def synchronise(self) -> None:
        """Give the parameters and buffers of the model the values that they have here, and the optimiser its memory.

        One that somebody has given other values since keeps them.
        """
        before = list(zip(self.tensors, self.given, self.held(), strict=False))
        changed = [tensor.node is not node for tensor, node, _ in before]
        self.give([tensor.numpy() if new else x for new, (tensor, _, x) in zip(changed, before, strict=True)])
        if any(changed):  # so that the next step takes them over
            self.given = [node if new else t.node for new, (t, node, _) in zip(changed, before, strict=True)]
        self.hand_over_slots()

    def hand_over_slots(self) -> None:
        """Give the optimiser what it remembers now."""
        if self.state is not None and hasattr(self.optimizer, "remember"):
            values, slots, _ = self.state
            self.optimizer.remember(slots, values)

    def undo(self) -> None:
        """Go back to the values that parameters and buffers had before the last step."""
        values, slots, buffers = self.state
        before = iter(map(np.array, self.before.last))
        self.state = ({name: next(before) for name in values}, slots, {name: next(before) for name in buffers})

    def rewind(self) -> None:
        """Give parameters and buffers the values that the last step was computed with; nothing before the first."""
        self.give(self.before.last)

    def restore(self) -> bool:
        """Give the parameters and buffers the values that they had before the last step whose cost was finite."""
        values = self.before.good
        self.give(values)
        self.state = None
        return bool(values)

    def give(self, values: Sequence[Array]) -> None:
        """Give the parameters and buffers of the model some values."""
        for tensor, x in zip(self.tensors, values, strict=False):
            tensor.data = x
        self.given = self.nodes()


def train(
    parameters: Sequence[Tensor], buffers: Sequence[Tensor], plan: Objective, optimizer: Any
) -> Callable[..., Any]:
    """Make the function of one step: from state, batch and learning rate to the new state, the cost and the output."""

    def step(state: Any, X: Any, Y: Any, learning_rate: Any) -> tuple[Any, Any, Any]:
        values, slots, held = state

        def cost(values: Any) -> tuple[Any, Any]:
            constants = [value.detach() for value in held.values()]
            with standing_for([*parameters, *buffers], [*values.values(), *constants]):
                out = plan.run(X)
                J = plan.total(out, Y)
                # What the model made of its buffers is still theirs here.
                return J, (out, {name: buffer.detach() for name, buffer in zip(held, buffers, strict=True)})

        (J, (out, moved)), gradients = mg.value_and_grad(cost, has_aux=True)(values)
        gradients = {name: g for name, g in gradients.items() if is_reached(g)}
        return (*optimizer.updated(values, gradients, slots, learning_rate), moved), J, out

    return step


def are_known(modules: Sequence[Module], plan: Objective, optimizer: Any) -> bool:
    """Tell steps whose every part is this package's own: they are the same every time, and need not be traced twice."""
    held = [x for part in modules for x in vars(part).values() if callable(x) and not isinstance(x, Module)]
    parts = [*map(type, modules), type(optimizer), plan.run, plan.cost, *held]
    return all(str(getattr(part, "__module__", None)).startswith("micrograd_nd.") for part in parts)


def laid_out(state: Any) -> Any:
    """Copy state to where the last axis is next in memory."""
    return tree.rebuild(state, [np.array(x, order="C") if isinstance(x, np.ndarray) else x for x in tree.leaves(state)])


def moved_to(home: Any, state: Any) -> Any:
    """Copy state to where a program left its own, so that it need not make memory for it."""
    if home is state:
        return state
    leaves = [
        (old, new) if isinstance(old, np.ndarray) else (new, new)
        for old, new in zip(tree.leaves(home), tree.leaves(state), strict=True)
    ]
    for old, new in leaves:
        if old is not new:
            np.copyto(old, new)
    return tree.rebuild(state, [old for old, _ in leaves])


def is_reached(gradient: Tensor) -> bool:
    """Tell the gradient of a parameter that the cost depends on; that of any other is a constant, of zeros."""
    return type(gradient.node) is not Constant or bool(np.any(gradient.node.out))


def put_back(attributes: dict[int, tuple[Module, dict[str, Any]]]) -> str | None:
    """Give modules the attributes that they had, and name one that was another."""
    changed = None
    for module, before in attributes.values():
        for name, value in vars(module).items():
            if value is not before.get(name):
                changed = f"{type(module).__name__}.{name}"
        vars(module).clear()
        vars(module).update(before)
    return changed


def overrides_step(optimizer: type) -> bool:
    """Tell a class whose own ``step`` does not have its own ``updated`` beside it."""
    made = [name for c in optimizer.__mro__ for name in ("updated", "step") if name in vars(c)]
    return made[:1] == ["step"]


class Copies:
    """What parameters and buffers were before the last step, and before the last whose cost was finite."""

    def __init__(self) -> None:
        self.last: list[Array] = []
        self.good: list[Array] = []

    def take(self, values: Sequence[Array]) -> None:
        """Copy the values before a step."""
        if len(self.last) == len(values):
            for old, new in zip(self.last, values, strict=True):
                np.copyto(old, new)
        else:
            self.last = [np.array(x) for x in values]

    def keep(self) -> None:
        """Say that the cost was finite; the older copies' memory is used again."""
        self.last, self.good = self.good, self.last


@contextmanager
def standing_for(tensors: Sequence[Tensor], values: Sequence[Tensor]) -> Iterator[None]:
    """Let Tensors stand for the parameters and buffers of a model for a while."""
    before = [tensor._node for tensor in tensors]
    for tensor, value in zip(tensors, values, strict=True):
        tensor._node = value._node
    try:
        yield
    finally:
        for tensor, node in zip(tensors, before, strict=True):
            tensor._node = node


def distinct(names: Sequence[str]) -> list[str]:
    """Number names that several have."""
    return [name if names.count(name) == 1 else f"{name}_{i}" for i, name in enumerate(names, 1)]
