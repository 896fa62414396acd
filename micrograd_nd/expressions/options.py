"""Arguments that are no arrays, such as ``axis=0``: written out as literals, each of a kind."""

import ast
from collections.abc import Callable
from typing import Any

__all__ = ["KINDS", "integer"]

# No array has more axes, and no position is further out than any array here is long.
MOST_AXES, LARGEST = 64, 10**9


def integer(node: ast.expr, largest: int = LARGEST) -> int | None:
    """Read an integer that is written out; None if it is none, or too large to be meant."""
    sign = 1
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1 if isinstance(node.op, ast.USub) else 1
        node = node.operand
    if isinstance(node, ast.Constant) and type(node.value) is int and node.value <= largest:
        return sign * node.value
    return None


def axis(node: ast.expr) -> int | None:
    """Read the number of an axis."""
    return integer(node, MOST_AXES)


def several(one: Callable[[ast.expr], int | None]) -> Callable[[ast.expr], Any]:
    """Read one, or a tuple or list of them as a tuple."""

    def read(node: ast.expr) -> int | tuple[int | None, ...] | None:
        if not isinstance(node, ast.Tuple | ast.List):
            return one(node)
        parts = tuple(map(one, node.elts))
        return None if None in parts or len(parts) > MOST_AXES else parts

    return read


def lengths(node: ast.expr) -> Any:
    """Read a shape."""
    return several(integer)(node)


def number(node: ast.expr) -> float | None:
    """Read a number."""
    sign = 1.0
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
        sign = -1.0 if isinstance(node.op, ast.USub) else 1.0
        node = node.operand
    if not (isinstance(node, ast.Constant) and isinstance(node.value, int | float)) or isinstance(node.value, bool):
        return None
    return sign * float(node.value) if abs(node.value) < 1e300 else None


def flag(node: ast.expr) -> bool | None:
    """Read True or False."""
    return node.value if isinstance(node, ast.Constant) and type(node.value) is bool else None


# How each kind is read, None if it is not of that kind; and what it is called.
KINDS: dict[str, tuple[Callable[[ast.expr], Any], str]] = {
    "int": (integer, "an integer, such as 2"),
    "ints": (several(integer), "an integer, or several, such as (2, 3)"),
    "axis": (axis, "the number of an axis, such as 0"),
    "axes": (several(axis), "the number of an axis, or several, such as (0, 1)"),
    "shape": (lengths, "one length or several, such as (2, 3)"),
    "number": (number, "a number, such as 0.5"),
    "flag": (flag, "True or False"),
}
