"""Common subexpressions: what is computed twice is computed once."""

from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, rewritten
from micrograd_nd.compiler.randomness import is_random

__all__ = ["merged"]


def merged(program: Program) -> Program:
    """Let operations that apply the same primitive to the same operands, with the same options, be one.

    Random draws stay apart.
    """
    seen: dict[Any, Operation] = {}

    def first(operation: Operation) -> Value:
        if is_random(operation):
            return operation
        key = (id(operation.primitive), identity(operation.arguments), identity(operation.options))
        same = seen.setdefault(key, operation)
        if same.name is None:
            same.name = operation.name
        return same

    return rewritten(program, first)


def identity(x: Any) -> Any:
    """Make a key that two things share only if they are the same to an operation: 1, 1.0 and True are not."""
    kind = type(x)
    if kind is Operation or kind is Input:
        return id(x)
    if kind is tuple or kind is int or kind is str or x is None:  # most of what there is
        return (kind, *[identity(part) for part in x]) if kind is tuple else (kind, x)
    if isinstance(x, tuple | list):
        return (kind, *[identity(part) for part in x])
    if isinstance(x, Literal):
        return ("literal", identity(x.data))
    if isinstance(x, dict):
        return tuple([(key, identity(x[key])) for key in sorted(x)])
    if isinstance(x, slice):
        return (slice, identity(x.start), identity(x.stop), identity(x.step))
    if isinstance(x, np.ndarray | np.generic):
        return (kind, x.dtype.str, x.shape, x.tobytes())
    if isinstance(x, float | complex):
        return (kind, repr(x))  # 0.0 is not -0.0
    try:
        hash(x)
    except TypeError:
        return id(x)
    return (kind, x)
