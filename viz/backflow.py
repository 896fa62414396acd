"""The derivatives in a picture: what flows back along each arrow, found by the engine's own sweep."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd_nd.graph import Constant, Node, seed_for, sweep
from micrograd_nd.viz.contents import arguments
from micrograd_nd.viz.labels import BACKWARD, equation, text, value
from micrograd_nd.viz.values import is_small
from micrograd_nd.viz.values import text as value_text

__all__ = ["Backflow"]


class Backflow:
    """The derivatives in a picture: what is written on each arrow back, and beside a value used several times."""

    def __init__(self, root: Node | Constant, names: dict[int, str]) -> None:
        self.names = names
        self.root = root
        self.users: dict[int, int] = {}
        self.cotangents: dict[Node, Any] = {}
        self.obstacle = obstacle(root, names)
        if type(root) is Node and self.obstacle is None:
            with np.errstate(all="ignore"):
                self.cotangents = dict(sweep({root: seed_for(root)}))
            for node in self.cotangents:
                for parent in arguments(node):
                    self.users[id(parent)] = self.users.get(id(parent), 0) + 1

    def total(self, x: Any) -> Sequence[str]:
        """Show the derivative beside a value, if several arrows bring parts of it."""
        return (self.derivative(x),) if type(x) is Node and self.users.get(id(x), 0) > 1 else ()

    def part(self, parent: Any, user: Node) -> str | None:
        """Show what flows back from `user` to `parent`; None if nothing does."""
        if type(parent) is not Node or parent not in self.cotangents or user not in self.cotangents:
            return None
        if self.users[id(parent)] == 1:
            return self.derivative(parent)
        with np.errstate(all="ignore"):
            _, *parts = sweep({user: self.cotangents[user]}, wanted={parent})
        if not parts:
            return None
        ((_, share),) = parts
        if not is_small(share):
            return ""
        signed = np.ndim(share) == 0 and share > 0
        return text(f"+{value_text(share)}") if signed else value(share, BACKWARD)

    def derivative(self, x: Node) -> str:
        """Show the derivative with respect to a node."""
        return equation(f"d{self.names[id(self.root)]}/d{self.names[id(x)]}", self.cotangents[x], BACKWARD)


def obstacle(root: Node | Constant, names: dict[int, str]) -> str | None:
    """Say why there are no derivatives of a result, if there are none."""
    if np.size(root.out) != 1:
        return f"no derivatives: they are taken of one number, and {names[id(root)]} has shape {np.shape(root.out)}"
    if root.out.dtype.kind != "f":
        return f"no derivatives: {names[id(root)]} is of dtype {root.out.dtype}"
    return None
