"""Repeating: a function is traced twice, so that what would be different at every call is not taken for a constant.

Two programs that do the same have the same description, which also tells whether one was made before.
"""

from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.program import Literal, Operation, Program, Value
from micrograd_nd.compiler.randomness import is_random
from micrograd_nd.primitives import readable

__all__ = ["difference", "steps_of"]


def difference(first: Program, second: Program) -> str | None:
    """Say in what two traces of the same function differ; None if they do not."""
    (before, returned), (after, returned_then) = steps_of(first), steps_of(second)
    for i, (x, y) in enumerate(zip(before, after, strict=False)):
        if x != y:
            return of_operations(first.operations[i], second.operations[i])
    if len(before) != len(after) or len(first.outputs) != len(second.outputs):
        return f"it did {len(before)} operations the first time and {len(after)} the second"
    return None if returned == returned_then else "it returned something else"


def steps_of(program: Program) -> tuple[tuple[Any, ...], Any]:
    """Describe what a program applies to what, one after the other, and what it returns."""
    number: dict[Value, Any] = {x: ("input", i) for i, x in enumerate(program.inputs)}

    def of(x: Value) -> Any:
        return number.get(x, "other")

    steps = []
    for i, operation in enumerate(program.operations):
        applied = readable(operation.function) if is_random(operation) else operation.primitive
        options = identity(operation.options, of) if operation.options else None
        steps.append((applied, identity(operation.arguments, of), options))
        number[operation] = ("operation", i)
    return tuple(steps), identity(program.outputs, of)


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
