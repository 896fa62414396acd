"""Parameter groups: which parameters an optimiser moves, and with which settings each group of them."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, NamedTuple

from micrograd_nd import Tensor
from micrograd_nd.nn.settings import checked_rate, fraction, nonnegative_number, positive_number, truth

__all__ = ["Group", "Parameters", "groups_of"]

# What an optimiser is given: parameters, or groups of them with settings.
Parameters = Iterable[Tensor | Mapping[str, Any]]

# What a setting has to be, whichever optimiser has it.
CHECKS: dict[str, Callable[[str, Any], Any]] = {
    "momentum": fraction,
    "nesterov": truth,
    "beta": fraction,
    "beta1": fraction,
    "beta2": fraction,
    "epsilon": positive_number,
    "weight_decay": nonnegative_number,
}


class Group(NamedTuple):
    """Parameters that are moved with the same settings.

    Attributes
    ----------
    parameters : list of Tensor
    relative_rate : float
        Their learning rate over that of the optimiser.
    settings : dict
        All others by name.
    """

    parameters: list[Tensor]
    relative_rate: float
    settings: dict[str, Any]


def groups_of(
    optimizer: str, parameters: Parameters, learning_rate: float | None, settings: Mapping[str, Any]
) -> tuple[float, list[Group]]:
    """Read what an optimiser was given.

    Parameters
    ----------
    optimizer : str
        What it is called.
    parameters : iterable of Tensor, or of dict
        Parameters, or groups: dicts with ``"parameters"`` and settings that replace those of the optimiser.
    learning_rate : float, optional
        Of the optimiser; by default that of the first group.
    settings : mapping
        All others of the optimiser.

    Returns
    -------
    learning_rate : float
    groups : list of Group

    Raises
    ------
    TypeError, ValueError
        For settings that make no sense or are unknown, and for parameters that are none, stand twice or have no
        gradient.
    """
    given = as_dicts(parameters)
    own = {name: checked(name, value, name) for name, value in settings.items()}
    if learning_rate is None:
        learning_rate = first_rate(optimizer, given)
    rate = checked_rate(learning_rate)
    groups = [group_of(optimizer, i, dict(group), rate, own) for i, group in enumerate(given)]
    refuse_twice([group.parameters for group in groups])
    return rate, groups


def as_dicts(parameters: Parameters) -> Sequence[Mapping[str, Any]]:
    """Take parameters without groups as one group."""
    if isinstance(parameters, Tensor | Mapping):
        kind = "a Tensor" if isinstance(parameters, Tensor) else "a dict"
        raise TypeError(
            f"an optimiser takes a list of parameters, or of groups of them; got {kind}: put it into a list"
        )
    found: list[Any] = list(parameters)
    if not found:
        raise ValueError("there are no parameters to optimise")
    if not any(isinstance(x, Mapping) for x in found):
        return [{"parameters": found}]
    for x in found:
        if not isinstance(x, Mapping):
            raise TypeError(f"parameters beside groups of parameters must be in a group too; got {x!r}")
    return found


def group_of(optimizer: str, number: int, given: dict[str, Any], rate: float, own: Mapping[str, Any]) -> Group:
    """Read one group."""
    where = f"group {number}"
    if "parameters" not in given:
        raise ValueError(f'{where} has no "parameters"; it has {", ".join(map(repr, given)) or "nothing"}')
    parameters = given.pop("parameters")
    parameters = [parameters] if isinstance(parameters, Tensor) else list(parameters)
    if not parameters:
        raise ValueError(f"{where} holds no parameters")
    for parameter in parameters:
        if not getattr(parameter, "requires_grad", False):
            raise TypeError(f"a parameter is a Tensor with requires_grad; got {parameter!r}")
    relative = checked_rate(given.pop("learning_rate")) / rate if "learning_rate" in given else 1.0
    for name in given:
        if name not in own:
            known = ", ".join(["learning_rate", *own])
            raise ValueError(f"{where} has an unknown setting {name!r}; {optimizer} knows {known} for a group")
    settings = {name: checked(name, value, f"{name} of {where}") for name, value in given.items()}
    return Group(parameters, relative, {**own, **settings})


def checked(name: str, value: Any, called: str) -> Any:
    """Refuse a setting that makes no sense."""
    return CHECKS[name](called, value) if name in CHECKS else value


def first_rate(optimizer: str, groups: Sequence[Mapping[str, Any]]) -> Any:
    """Find the learning rate where each group has its own."""
    for i, group in enumerate(groups):
        if "learning_rate" not in group:
            hint = f": group {i} has none of its own" if len(groups) > 1 else ""
            raise TypeError(f"{optimizer}: the learning rate must be a number, such as 0.01; got None{hint}")
    return groups[0]["learning_rate"]


def refuse_twice(groups: Sequence[Sequence[Tensor]]) -> None:
    """Refuse a parameter that would be moved twice a step."""
    seen: dict[int, int] = {}
    for number, group in enumerate(groups):
        for parameter in group:
            if id(parameter) in seen:
                first = seen[id(parameter)]
                where = f"groups {first} and {number}" if first != number else "the parameters twice"
                name = parameter.name or f"a parameter of shape {parameter.shape}"
                raise ValueError(f"{name} stands in {where}, and would be moved twice a step")
            seen[id(parameter)] = number
