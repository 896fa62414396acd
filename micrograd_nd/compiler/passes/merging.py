"""Common subexpressions: what is computed twice is computed once."""

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, rewritten
from micrograd_nd.compiler.randomness import is_random

__all__ = ["Itself", "identity", "merged"]


def merged(program: Program) -> Program:
    """Let operations that apply the same primitive to the same operands, with the same options, be one.

    Random draws stay apart.
    """
    seen: dict[Any, Operation] = {}

    def first(operation: Operation) -> Value:
        if is_random(operation):
            return operation
        same = seen.setdefault(identity_of(operation), operation)
        if same.name is None:
            same.name = operation.name
        return same

    return rewritten(program, first)


def identity_of(operation: Operation) -> Any:
    """Make a key that two operations share only if they do the same to the same operands; made once for each."""
    if operation.identity is None:
        options = identity(operation.options) if operation.options else None
        operation.identity = (id(operation.primitive), identity(operation.arguments), options)
    return operation.identity


def identity(x: Any, of: Callable[[Value], Any] = id) -> Any:
    """Make a key that two things share only if they are the same to an operation: 1, 1.0 and True are not.

    What is not known before a program runs is told apart by `of`.
    """
    kind = type(x)
    if kind is Operation or kind is Input:
        return of(x)
    if kind is int or kind is str or x is None:  # most of what there is
        return (kind, x)
    if isinstance(x, tuple | list):
        return (kind, *[identity(part, of) for part in x])
    if isinstance(x, Literal):
        return ("literal", identity(x.data))
    if isinstance(x, dict):
        return tuple([(key, identity(x[key], of)) for key in sorted(x)])
    if isinstance(x, slice):
        return (slice, identity(x.start, of), identity(x.stop, of), identity(x.step, of))
    if isinstance(x, np.ndarray | np.generic):
        # The bytes of an array of objects are where these are, now.
        held = tuple([identity(part, of) for part in x.ravel()]) if x.dtype.hasobject else x.tobytes()
        return (kind, x.dtype.str, x.shape, held)
    if isinstance(x, float | complex):
        return (kind, repr(x))  # 0.0 is not -0.0
    try:
        hash(x)
    except TypeError:
        return Itself(x)
    return (kind, x)


class Itself:
    """Keeps a thing that is the same as nothing but itself."""

    __slots__ = ("thing",)

    def __init__(self, thing: Any) -> None:
        self.thing = thing

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Itself) and other.thing is self.thing

    def __hash__(self) -> int:
        return id(self.thing)
