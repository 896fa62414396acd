"""What a picture of a computation shows: which things have a shape of their own, and which stand in formulas."""

from typing import Any

import numpy as np

from micrograd_nd.graph import Constant, Node, ancestors
from micrograd_nd.viz.values import is_small

__all__ = ["arguments", "drawn", "given_name", "inline", "kind", "value_of"]


def drawn(root: Node | Constant) -> list[Any]:
    """List what has a shape of its own in the picture: nodes, and before its first use each constant."""
    found: dict[int, Any] = {}
    for node in ancestors(root) if type(root) is Node else [root]:
        for x in (*arguments(node), node):
            found.setdefault(id(x), x)
    return list(found.values())


def arguments(x: Any) -> list[Any]:
    """List the arguments of an operation that have a shape of their own, each once."""
    inputs = x.inputs if type(x) is Node else ()
    return list({id(argument): argument for argument in inputs if not inline(argument)}.values())


def inline(x: Any) -> bool:
    """Tell whether an argument stands in the formula itself: an anonymous number, or a few."""
    if type(x) is Node or given_name(x):
        return False
    constant = value_of(x)
    return constant is None or (is_small(constant) and np.ndim(constant) < 2 and np.size(constant) <= 4)


def given_name(x: Any) -> str | None:
    """Return the name that the user gave; the arrays of some libraries have a ``name`` of another kind."""
    return x.name if type(x) is Node or type(x) is Constant else None


def value_of(x: Any) -> Any:
    """Return the array of a node or constant, or the plain array that it is."""
    return x.out if type(x) is Node or type(x) is Constant else x


def kind(x: Any) -> str:
    """Say what is drawn in the same way."""
    if type(x) is not Node:
        return "constant"
    return "leaf" if x.primitive is None else "operation"
