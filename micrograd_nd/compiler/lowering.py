"""Lowering: functions that NumPy does not have become the NumPy operations of their bodies.

The fast rendering needs it, to give every step a buffer; the clear one keeps ``sigmoid(Z)``, and writes the same body
down once. The bits are the same.
"""

import inspect
from typing import Any

import numpy as np

from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.passes.merging import merged
from micrograd_nd.compiler.passes.simplifying import simplified
from micrograd_nd.compiler.program import Literal, Operation, Program, Value, replaced, rewritten
from micrograd_nd.primitives import registry
from micrograd_nd.rules import activations, gaussian

__all__ = ["body_of", "lowered"]

# Users' own functions stay whole: what they do beside computing would be done once only, while they are traced.
EXPANDED = frozenset(getattr(family, name) for family in (activations, gaussian) for name in family.__all__)

# NumPy's operator ** does these for an array with such an exponent, where np.power does something else.
POWERS = {2.0: np.square, 0.5: np.sqrt, -1.0: np.reciprocal}


def lowered(program: Program) -> Program:
    """Replace the functions of `micrograd_nd` by what they are made of, and powers by what NumPy makes of them."""
    return merged(rewritten(rewritten(program, inlined), plain_power))


def plain_power(operation: Operation) -> Value:
    """Replace a power that is a square, a root or a reciprocal."""
    if operation.function is not np.power:
        return operation
    x, exponent = operation.arguments
    if not (isinstance(exponent, Literal) and exponent.weak and x.shape and x.dtype.kind in "fc"):
        return operation
    function = POWERS.get(exponent.data)
    if function is None or x.dtype != operation.dtype:
        return operation
    return Operation.make(registry[function], (x,), {}, operation, operation.order, operation.name)


def inlined(operation: Operation) -> Value:
    """Put the operations of a function's body in the place of its call; leave it where its body cannot be traced."""
    body = body_of(operation)
    return operation if body is None else spliced(body, operation)


def body_of(operation: Operation) -> Program | None:
    """Trace the body of a function: a program whose inputs are the operands of a call that are no literals."""
    if operation.function not in EXPANDED or any(isinstance(x, Value) for x in operation.options.values()):
        return None
    if not all(isinstance(x, Value) for x in operation.arguments):
        return None
    try:
        captured = capture(*call_of(operation), {})
    except TypeError:
        return None
    body = simplified(captured.program)
    (result,) = body.outputs if len(body.outputs) == 1 else (None,)
    return body if isinstance(result, Operation) and result.dtype == operation.dtype else None


def call_of(operation: Operation) -> tuple[Any, list[Any]]:
    """Make the function of the operands that are no literals, and arrays like them."""
    evaluate = operation.primitive.evaluate
    operands = [x for x in operation.arguments if not isinstance(x, Literal)]

    def body(*arrays: Any) -> Any:
        given = iter(arrays)
        arguments = [x.data if isinstance(x, Literal) else next(given) for x in operation.arguments]
        return evaluate(*arguments, **operation.options)

    parameters = list(inspect.signature(evaluate).parameters.values())
    body.__signature__ = inspect.Signature(  # type: ignore[attr-defined]
        [p for p, x in zip(parameters, operation.arguments, strict=False) if not isinstance(x, Literal)]
    )
    body.__wrapped__ = inspect.unwrap(evaluate)  # type: ignore[attr-defined]  # whose variables have names
    return body, [like(x) for x in operands]


def like(x: Value) -> Any:
    """Make an array, or a number, like a value."""
    if x.weak:
        return x.dtype.type(1).item()
    if x.layout is None:
        return np.ones(x.shape, x.dtype)[()]
    return np.ones([x.shape[axis] for axis in x.layout], x.dtype).transpose(np.argsort(x.layout))


def spliced(body: Program, operation: Operation) -> Value:
    """Give the operations of a body the operands of a call, and their places in the order."""
    given = [x for x in operation.arguments if not isinstance(x, Literal)]
    instead: dict[Any, Any] = dict(zip(body.inputs, given, strict=True))
    steps = body.operations

    def new(x: Any) -> Any:
        return instead.get(x, x) if isinstance(x, Value) else x

    for i, step in enumerate(steps):
        instead[step] = Operation.make(
            step.primitive,
            replaced(step.arguments, new),
            replaced(step.options, new),
            step,
            operation.order + (i + 1 - len(steps)) / (len(steps) + 1),
            operation.name if step is body.outputs[0] else None,
        )
    result: Value = instead[body.outputs[0]]
    return result
