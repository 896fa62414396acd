"""Broadcasts made implicit: an operation that stretches its operands itself needs none that was stretched before."""

import numpy as np

from micrograd_nd.compiler.program import Operation, Program, Value, rewritten

__all__ = ["broadcasts_made_implicit"]


def broadcasts_made_implicit(program: Program) -> Program:
    """Give elementwise operations what was broadcast, wherever their other operands have the whole shape."""
    return rewritten(program, with_narrow_operands)


def with_narrow_operands(operation: Operation) -> Operation:
    """Take operands before they were broadcast, one after the other, as long as the shape of the result stays."""
    if not operation.elementwise:
        return operation
    arguments = list(operation.arguments)
    for i, x in enumerate(arguments):
        if isinstance(x, Operation) and x.function is np.broadcast_to:
            narrow = [*arguments[:i], x.arguments[0], *arguments[i + 1 :]]
            if np.broadcast_shapes(*(y.shape for y in narrow if isinstance(y, Value))) == operation.shape:
                arguments = narrow
    if tuple(arguments) == operation.arguments:
        return operation
    return Operation.make(operation.primitive, arguments, operation.options, operation, operation.order, operation.name)
