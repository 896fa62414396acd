"""Broadcasts made implicit: an operation that stretches its operands itself needs none that was stretched before."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Literal, Operation, Program, Value, rewritten

__all__ = ["broadcasts_made_implicit"]

# Of these NumPy takes a number as it takes an array of it, whatever else it is given.
ARITHMETIC = frozenset({np.add, np.subtract, np.multiply, np.divide, np.maximum, np.minimum})


def broadcasts_made_implicit(program: Program) -> Program:
    """Give elementwise operations what was broadcast, wherever their other operands have the whole shape."""
    return rewritten(program, with_narrow_operands)


def with_narrow_operands(operation: Operation) -> Operation:
    """Take operands before they were broadcast, one after the other, as long as the shape of the result stays."""
    if not operation.elementwise:
        return operation
    arguments = list(operation.arguments)
    for i, x in enumerate(arguments):
        others = [y for y in (*arguments[:i], *arguments[i + 1 :]) if isinstance(y, Value)]
        before = unstretched(x, others, operation)
        if before is not None and np.broadcast_shapes(before.shape, *(y.shape for y in others)) == operation.shape:
            arguments[i] = before
    if tuple(arguments) == operation.arguments:
        return operation
    return Operation.make(operation.primitive, arguments, operation.options, operation, operation.order, operation.name)


def unstretched(x: Any, others: Sequence[Value], operation: Operation) -> Value | None:
    """Find what was broadcast: an array that was, or the number that all elements of a literal are."""
    if isinstance(x, Operation) and x.function is np.broadcast_to:
        return x.arguments[0]  # type: ignore[no-any-return]
    if operation.function not in ARITHMETIC or not isinstance(x, Literal) or not x.shape or x.dtype.kind != "f":
        return None
    if not is_one_number(x.data):
        return None
    # A Python number takes the dtype of the others.
    alike = all(y.dtype == x.dtype and not y.weak for y in others)
    return Literal(x.data.reshape(-1)[0].item(), x.name) if alike else None


def is_one_number(x: Any) -> bool:
    """Tell an array whose elements are all the same number, to the bit."""
    elements = np.ascontiguousarray(x).reshape(-1)
    if not elements.size or np.isnan(elements[0]):  # of which there are several
        return False
    return bytes(elements) == bytes(elements[:1]) * elements.size
