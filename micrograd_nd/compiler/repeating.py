"""Repeating: a function is traced twice, so that what would be different at every call is not taken for a constant."""

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.program import Literal, Operation, Program, Value
from micrograd_nd.compiler.randomness import is_random
from micrograd_nd.primitives import readable

__all__ = ["difference"]


def difference(first: Program, second: Program) -> str | None:
    """Say in what two traces of the same function differ; None if they do not."""
    number: dict[Value, Any] = {}
    for i, inputs in enumerate(zip(first.inputs, second.inputs, strict=False)):
        number.update(dict.fromkeys(inputs, ("input", i)))

    def of(x: Value) -> Any:
        return number.get(x, "other")

    before, after = first.operations, second.operations
    for i, (x, y) in enumerate(zip(before, after, strict=False)):
        if key(x, of) != key(y, of):
            return of_operations(x, y)
        number[x] = number[y] = ("operation", i)
    if len(before) != len(after) or len(first.outputs) != len(second.outputs):
        return f"it did {len(before)} operations the first time and {len(after)} the second"
    same = identity(first.outputs, of) == identity(second.outputs, of)
    return None if same else "it returned something else"


def key(operation: Operation, of: Callable[[Value], Any]) -> Any:
    """Describe an operation by what it applies to what."""
    applied = readable(operation.function) if is_random(operation) else id(operation.primitive)
    return (applied, identity(operation.arguments, of), identity(operation.options, of) if operation.options else None)


def of_operations(x: Operation, y: Operation) -> str:
    """Put the difference of two operations into words."""
    name = readable(x.function)
    if x.primitive is not y.primitive:
        return f"where it applied {name} the first time it applied {readable(y.function)} the second"
    for a, b in zip(x.operands(), y.operands(), strict=False):
        if isinstance(a, Literal) and isinstance(b, Literal) and not np.array_equal(a.data, b.data, equal_nan=True):
            kind = f"an array of shape {a.shape}" if a.shape else f"the number {a.data}"
            return f"{name} was given {kind} the first time and other values the second"
    return f"{name} was given something else the second time"
