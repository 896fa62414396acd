"""What optimisers have in common whose update is one formula for every element: groups, clipping, memory, steps.

This file knows nothing of any particular formula.
"""

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np

from micrograd_nd.nn.clipping import clip_by_norm, clip_by_value
from micrograd_nd.nn.parameter_groups import Group, Parameters, groups_of
from micrograd_nd.nn.settings import positive_number

__all__ = ["ElementwiseOptimizer"]


class ElementwiseOptimizer:
    """Base of optimisers; a subclass says what it remembers, and how a parameter is moved.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        What to optimise, such as ``model.parameters()``, or groups with settings of their own.
    learning_rate : float, optional
        Positive and finite; by default that of the first group, if each has its own.
    clip_value, clip_norm : float, optional
        Limits of `clip_by_value` and `clip_by_norm` on the gradients of all parameters, in this order.
    **settings
        What the formula needs, and groups may replace.

    Attributes
    ----------
    parameters : list of Tensor
        Of all groups.
    groups : list of Group
        With ``parameters`` and ``settings``.
    learning_rate : float
        May be set between steps. Groups that were given their own keep its ratio to this one.
    """

    # Whether the formula needs the number of the step.
    counts = False

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None,
        clip_value: float | None,
        clip_norm: float | None,
        **settings: Any,
    ) -> None:
        rate, self.groups = groups_of(type(self).__name__, parameters, learning_rate, settings)
        self.learning_rate: float = rate
        self.clip_value = None if clip_value is None else positive_number("clip_value", clip_value)
        self.clip_norm = None if clip_norm is None else positive_number("clip_norm", clip_norm)
        self.parameters = [parameter for group in self.groups for parameter in group.parameters]
        self.group_of = [i for i, group in enumerate(self.groups) for _ in group.parameters]
        self.names = [str(i) for i in range(len(self.parameters))]
        self.memory: dict[str, Any] = {}
        self.forget()

    def kinds(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Name the arrays that are remembered of a parameter, each of its shape and zero in the beginning."""
        return ()

    def numbers(self, rate: Any, steps: Any, settings: Mapping[str, Any]) -> Any:
        """Compute what is the same for all elements, from the learning rate and, if they are counted, the steps."""
        return rate

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Compute a parameter after a step, and what is then remembered of it, from arrays or Tensors."""
        raise NotImplementedError(f"{type(self).__name__} must define formula()")

    def zero_grad(self) -> None:
        """Forget the gradient of every parameter."""
        for parameter in self.parameters:
            parameter.grad = None

    def step(self) -> None:
        """Move every parameter that has a gradient."""
        given = list(zip(self.names, self.parameters, strict=True))
        gradients = {name: parameter.grad for name, parameter in given if parameter.grad is not None}
        values = {name: parameter.numpy() for name, parameter in given}
        moved, self.memory = self.updated(values, gradients, self.memory, self.learning_rate)
        for name, parameter in given:
            if name in gradients:
                parameter.data = moved[name]

    def updated(
        self, parameters: dict[str, Any], gradients: dict[str, Any], slots: dict[str, Any], learning_rate: Any
    ) -> tuple[dict[str, Any], dict[str, Any]]:
        """Compute the parameters after a step, and what is then remembered, from arrays or Tensors.

        Parameters
        ----------
        parameters : dict of str to array or Tensor
            In the order of the attribute.
        gradients : dict of str to array or Tensor
            A parameter without stays as it is, and so does what is remembered of it.
        slots : dict
            What is remembered: as `slots` made it, or this method.
        learning_rate : float or Tensor

        Returns
        -------
        parameters : dict of str to array or Tensor
        slots : dict
        """
        if not gradients:
            return parameters, slots
        gradients = self.clipped(gradients)
        moved = dict(parameters)
        after = {kind: dict(values) if isinstance(values, dict) else values for kind, values in slots.items()}
        if self.counts:
            after["steps"] = slots["steps"] + 1.0
        numbers = [self.numbers_of(group, learning_rate, after.get("steps")) for group in self.groups]
        for (name, p), i in zip(parameters.items(), self.group_of, strict=True):
            if name not in gradients:
                continue
            settings = self.groups[i].settings
            memory = {kind: slots[kind][name] for kind in self.kinds(settings)}
            moved[name], new = self.formula(p, gradients[name], memory, numbers[i], settings)
            for kind, value in new.items():
                after[kind][name] = value
        return moved, after

    def numbers_of(self, group: Group, learning_rate: Any, steps: Any) -> Any:
        """Compute the numbers of a group."""
        rate = learning_rate if group.relative_rate == 1 else learning_rate * group.relative_rate
        return self.numbers(rate, steps, group.settings)

    def clipped(self, gradients: dict[str, Any]) -> dict[str, Any]:
        """Apply the limits."""
        if self.clip_value is not None:
            gradients = clip_by_value(gradients, self.clip_value)
        return gradients if self.clip_norm is None else clip_by_norm(gradients, self.clip_norm)

    def slots(self, parameters: dict[str, Any]) -> dict[str, Any]:
        """Copy what is remembered now.

        Parameters
        ----------
        parameters : dict of str to array
            In the order of the attribute.

        Returns
        -------
        dict
            For each kind of memory a dict of the same names; ``"steps"`` is a number.
        """
        return renamed(self.memory, dict(zip(self.names, parameters, strict=True)))

    def remember(self, slots: dict[str, Any], parameters: dict[str, Any]) -> None:
        """Take over what `updated` returned, such as that of a program that made the steps.

        Parameters
        ----------
        slots : dict
        parameters : dict of str to array
            Whose names it has, in the order of the attribute.
        """
        self.memory = renamed(slots, dict(zip(parameters, self.names, strict=True)))

    def forget(self) -> None:
        """Remember nothing of steps before, as in the beginning."""
        self.memory = {"steps": 0.0} if self.counts else {}
        for name, parameter, i in zip(self.names, self.parameters, self.group_of, strict=True):
            for kind in self.kinds(self.groups[i].settings):
                self.memory.setdefault(kind, {})[name] = np.zeros(parameter.shape, parameter.dtype)

    def settings(self) -> dict[str, Any]:
        """Give what was chosen when it was made, but for the learning rate, and which parameters it moves.

        Returns
        -------
        dict of str to object
            In what JSON has. Where there are several groups, what they may differ in is named by the group.

        Examples
        --------
        >>> import micrograd_nd as mg
        >>> from micrograd_nd import nn
        >>> nn.Momentum([mg.Tensor([4.0], name="w")], learning_rate=0.25, clip_norm=1.0).settings()
        {'clip_value': None, 'clip_norm': 1.0, 'parameters': ['w'], 'beta': 0.9, 'weight_decay': 0.0}
        """
        chosen: dict[str, Any] = {"clip_value": self.clip_value, "clip_norm": self.clip_norm}
        for i, group in enumerate(self.groups):
            parameters = [parameter.name or f"of shape {parameter.shape}" for parameter in group.parameters]
            own = {"parameters": parameters, **group.settings}
            if group.relative_rate != 1:
                own["ratio of the learning rate"] = group.relative_rate
            chosen |= own if len(self.groups) == 1 else {f"{name} of group {i}": value for name, value in own.items()}
        return chosen

    def state_dict(self) -> dict[str, Any]:
        """Copy all that changes from step to step, but for the parameters.

        Returns
        -------
        dict of str to array or number
            ``"learning_rate"``, ``"steps"`` where they are counted, and arrays, each named by its kind and the number
            of its parameter, such as ``"mean.0"``.

        Examples
        --------
        >>> import micrograd_nd as mg
        >>> from micrograd_nd import nn
        >>> nn.SGD([mg.Tensor([4.0])], learning_rate=0.25, momentum=0.9).state_dict()
        {'learning_rate': 0.25, 'velocity.0': array([0.])}
        """
        return {"learning_rate": self.learning_rate} | {
            name: np.array(value) if isinstance(value, np.ndarray) else value for name, value in flat(self.memory)
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on from where another run was, or on an error change nothing.

        With the parameters it had and the same settings, every step then has the bits that it would have had there.

        Parameters
        ----------
        state : mapping of str to array or number
            What `state_dict` returned: exactly its names, shapes and dtypes.

        Raises
        ------
        TypeError
            If `state` is not a mapping.
        ValueError
            If names, shapes or dtypes differ, or numbers make no sense; the message lists all differences.
        """
        if not isinstance(state, Mapping):
            raise TypeError(f"load_state_dict needs a dict of arrays and numbers; got {type(state).__name__}")
        own = self.state_dict()
        if problems := list(differences(own, state)):
            lines = "\n  ".join(problems)
            raise ValueError(f"the state does not fit this {type(self).__name__}:\n  {lines}")
        memory: dict[str, Any] = {}
        for name, _ in flat(self.memory):
            kind, _, parameter = name.partition(".")
            if parameter:
                memory.setdefault(kind, {})[parameter] = np.array(state[name])
            else:
                memory[kind] = float(state[name])
        self.learning_rate, self.memory = float(state["learning_rate"]), memory


def flat(memory: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """List what is remembered, each under one name."""
    for kind, values in memory.items():
        if isinstance(values, dict):
            yield from ((f"{kind}.{name}", value) for name, value in values.items())
        else:
            yield kind, values


def renamed(memory: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Copy what is remembered, under other names of the parameters."""
    return {
        kind: {names[name]: np.array(value) for name, value in values.items()} if isinstance(values, dict) else values
        for kind, values in memory.items()
    }


def differences(own: Mapping[str, Any], state: Mapping[str, Any]) -> Iterator[str]:
    """Say, a line each, in what a state differs from that of an optimiser."""
    for name, value in own.items():
        if name not in state:
            yield f"{name} is missing"
            continue
        given = np.asarray(state[name])
        if not isinstance(value, np.ndarray):
            if given.shape != () or given.dtype.kind not in "iuf" or not 0 <= given < np.inf:
                yield f"{name} must be a number, finite and not negative; got {state[name]!r}"
        elif given.shape != value.shape:
            yield f"{name} must have shape {value.shape}; got {given.shape}"
        elif given.dtype != value.dtype:
            yield f"{name} must have dtype {value.dtype}; got {given.dtype}"
    yield from (f"{name} is unexpected" for name in state if name not in own)
