"""A program: what a traced function computes, as a list of operations on values.

Values are data: an `Input`, a `Literal`, or the result of an `Operation`. Nothing here knows how a program came about
or how it will be run.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from heapq import heapify, heappop, heappush
from math import prod
from typing import Any

import numpy as np

from micrograd_nd.primitives import Primitive, readable

__all__ = [
    "NESTS",
    "Input",
    "Literal",
    "Operation",
    "Program",
    "Value",
    "replaced",
    "rewritten",
    "substituted",
    "users_of",
    "values_in",
]

# What values may be nested in.
NESTS = frozenset({tuple, list, dict, slice})


class Value:
    """An array that a program works with.

    Attributes
    ----------
    shape : tuple of int
    dtype : dtype
    weak : bool
        A Python number, which takes the dtype of what it meets.
    layout : tuple of int or None
        The axes in the order in which NumPy lays them in memory, from the slowest; None for that in which they stand.
    name : str or None
        What a person calls it.
    """

    __slots__ = ("dtype", "layout", "name", "shape", "weak")

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    weak: bool
    layout: tuple[int, ...] | None
    name: str | None

    def __init__(self, like: Any, name: str | None = None) -> None:
        self.shape = np.shape(like)
        self.layout = layout_of(like)
        self.weak = not hasattr(like, "dtype")
        self.dtype = np.result_type(like)
        self.name = name

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return len(self.shape)


class Input(Value):
    """A value that every call gives anew.

    Attributes
    ----------
    owned : bool
        It is state: the program keeps it in memory of its own from one call to the next.
    turned : bool
        It lies there column by column.
    """

    __slots__ = ("owned", "turned")

    def __init__(self, like: Any, name: str | None = None, owned: bool = False) -> None:
        super().__init__(like, name)
        self.owned = owned
        self.turned = False

    def __repr__(self) -> str:
        return f"Input({self.name}, {self.shape})"


class Literal(Value):
    """A value that is the same at every call.

    Attributes
    ----------
    data : array or number
    """

    __slots__ = ("data",)

    def __init__(self, data: Any, name: str | None = None) -> None:
        super().__init__(data, name)
        self.data = data

    def __repr__(self) -> str:
        return f"Literal({self.data!r})"


class Operation(Value):
    """The result of applying a primitive.

    Attributes
    ----------
    primitive : Primitive
    arguments : tuple
        Values, and nests of them.
    options : dict
        The other arguments, which may hold values too.
    order : float
        Greater than that of operations that were recorded before.
    identity : object or None
        What passes have found it to be told from others by.
    """

    __slots__ = ("_operands", "arguments", "identity", "options", "order", "primitive")

    primitive: Primitive
    arguments: tuple[Any, ...]
    options: dict[str, Any]
    order: float
    identity: Any
    _operands: list[Value]

    def __repr__(self) -> str:
        return f"Operation({readable(self.primitive.function)}, {self.shape}, name={self.name!r})"

    @property
    def function(self) -> Callable[..., Any]:
        """The function that is applied, as users call it."""
        return self.primitive.function

    @classmethod
    def make(
        cls,
        primitive: Primitive,
        arguments: Sequence[Any],
        options: dict[str, Any] | None,
        like: Any,
        order: float,
        name: str | None = None,
    ) -> "Operation":
        """Make an operation whose result is like an array or another value."""
        operation = cls.__new__(cls)
        operation.primitive = primitive
        operation.arguments = tuple(arguments)
        operation.options = options or {}
        operation._operands = values_in(operation.arguments)
        if options:
            operation._operands += values_in(options)
        operation.order = order
        operation.identity = None
        operation.name = name
        if isinstance(like, Value):
            operation.shape, operation.dtype, operation.weak = like.shape, like.dtype, like.weak
            operation.layout = like.layout
        else:
            operation.layout = layout_of(like)
            operation.shape, operation.weak = np.shape(like), not hasattr(like, "dtype")
            operation.dtype = np.result_type(like)
        return operation

    @property
    def elementwise(self) -> bool:
        """Whether each element depends on the same element of the operands, broadcast, and on no other."""
        function = self.function
        return self.primitive.elementwise or (isinstance(function, np.ufunc) and function.signature is None)

    def operands(self) -> list[Value]:
        """List the values that it is computed from."""
        return self._operands


@dataclass(frozen=True, eq=False)
class Program:
    """What is computed from what.

    Attributes
    ----------
    inputs : list of Input
        In the order in which a call gives them.
    outputs : list of Value
        In the order in which a call returns them.
    updates : list of (Value, Value)
        What is state, from one call to the next, and what takes its place in the end.
    kept : dict of int to Input
        Which outputs are the new values of which inputs, all part of the state.
    operations : tuple of Operation
        All that an output needs, each after those that it needs, else in the order of recording.
    """

    inputs: list[Input]
    outputs: list[Value]
    updates: Sequence[tuple[Value, Value]] = ()
    kept: Mapping[int, Input] = field(default_factory=dict)

    @cached_property
    def operations(self) -> tuple[Operation, ...]:
        """Find them, once."""
        found: dict[Operation, None] = {}  # in an order that is the same every time
        stack: list[Value] = [*self.outputs, *(x for update in self.updates for x in update)]
        while stack:
            value = stack.pop()
            if isinstance(value, Operation) and value not in found:
                found[value] = None
                stack.extend(value.operands())
        recorded = sorted(found, key=lambda operation: operation.order)
        return tuple(recorded if are_in_order(recorded) else in_order(list(found)))


def are_in_order(operations: Sequence[Operation]) -> bool:
    """Tell whether each comes after those that it needs."""
    waiting: set[Value] = set(operations)
    for operation in operations:
        if not waiting.isdisjoint(operation.operands()):
            return False
        waiting.remove(operation)
    return True


def in_order(found: Sequence[Operation]) -> list[Operation]:
    """Put operations into an order in which each comes after those that it needs, else that of recording."""
    waiting = dict.fromkeys(found, 0)
    users: dict[Operation, list[Operation]] = {operation: [] for operation in found}
    for operation in found:
        for needed in set(operation.operands()):
            if isinstance(needed, Operation):
                users[needed].append(operation)
                waiting[operation] += 1
    number = {operation: i for i, operation in enumerate(found)}
    ready = [(o.order, number[o], o) for o, count in waiting.items() if not count]
    heapify(ready)
    ordered = []
    while ready:
        operation = heappop(ready)[2]
        ordered.append(operation)
        for user in users[operation]:
            waiting[user] -= 1
            if not waiting[user]:
                heappush(ready, (user.order, number[user], user))
    return ordered


def layout_of(x: Any) -> tuple[int, ...] | None:
    """Find the order of the axes of an array in memory; None for the order in which they stand."""
    if not isinstance(x, np.ndarray) or x.flags.c_contiguous or 0 in x.strides:
        return None
    long = [axis for axis in range(x.ndim) if x.shape[axis] != 1]
    found = sorted(long, key=lambda axis: -abs(x.strides[axis]))
    return None if found == long else (*(axis for axis in range(x.ndim) if axis not in long), *found)


def values_in(nest: Any) -> list[Value]:
    """List the values in a nest of tuples, lists, dicts and slices."""
    found: list[Value] = []
    gather(nest, found)
    return found


def gather(nest: Any, found: list[Value]) -> None:
    """Add the values of a nest to a list."""
    if isinstance(nest, Value):
        found.append(nest)
    elif isinstance(nest, tuple):
        for part in nest:
            if isinstance(part, Value):
                found.append(part)
            else:
                gather(part, found)
    elif isinstance(nest, list):
        gather(tuple(nest), found)
    elif isinstance(nest, dict):
        gather(tuple(nest.values()), found)
    elif isinstance(nest, slice):
        gather((nest.start, nest.stop, nest.step), found)


def replaced(nest: Any, replace: Callable[[Any], Any]) -> Any:
    """Replace what is no nest in a nest of tuples, lists, dicts and slices."""
    kind = type(nest)
    if kind is tuple:
        return tuple([replaced(part, replace) if type(part) in NESTS else replace(part) for part in nest])
    if kind is list:
        return [replaced(part, replace) for part in nest]
    if kind is dict:
        return {key: replaced(part, replace) for key, part in nest.items()}
    if kind is slice:
        return slice(*(replaced(part, replace) for part in (nest.start, nest.stop, nest.step)))
    return replace(nest)


def rewritten(program: Program, rule: Callable[[Operation], Value]) -> Program:
    """Replace every operation by what a rule makes of it, once its operands have been replaced.

    The rule may return the operation itself. What takes the place of a value that has a name takes the name too. If
    nothing is replaced, the program is returned itself.
    """
    instead: dict[Value, Value] = {}

    def new(x: Any) -> Any:
        return instead.get(x, x) if isinstance(x, Value) else x

    for operation in program.operations:
        changed = operation
        if instead and not instead.keys().isdisjoint(operation.operands()):
            changed = Operation.make(
                operation.primitive,
                replaced(operation.arguments, new),
                replaced(operation.options, new),
                operation,
                operation.order,
                operation.name,
            )
        result = rule(changed)
        if result is not operation:
            instead[operation] = result
            if operation.name is not None and result.name is None and isinstance(result, Operation):
                result.name = operation.name
    if not instead:
        return program
    return replace(
        program, outputs=[new(x) for x in program.outputs], updates=[(new(x), new(y)) for x, y in program.updates]
    )


def substituted(program: Program, instead: Mapping[Operation, Value]) -> Program | None:
    """Put values in the places of others, also within what takes a place.

    Returns
    -------
    Program or None
        None if something would have to wait for itself.
    """
    done: dict[Value, Value] = {}
    roots = [*program.outputs, *(x for update in program.updates for x in update)]
    stack: list[Value] = list(roots)
    begun: set[Value] = set()
    while stack:
        x = stack[-1]
        if x in done:
            stack.pop()
            continue
        target = instead.get(x, x) if isinstance(x, Operation) else x
        needed = [target] if target is not x else target.operands() if isinstance(target, Operation) else []
        waiting = [y for y in needed if y not in done]
        if waiting:
            if x in begun:
                return None
            begun.add(x)
            stack.extend(waiting)
            continue
        stack.pop()
        done[x] = done[target] if target is not x else rebuilt_from(target, done)
    return replace(
        program, outputs=[done[x] for x in program.outputs], updates=[(done[x], done[y]) for x, y in program.updates]
    )


def rebuilt_from(x: Value, done: Mapping[Value, Value]) -> Value:
    """Make an operation anew if any of its operands has been replaced."""
    if not isinstance(x, Operation) or all(done[y] is y for y in x.operands()):
        return x

    def new(y: Any) -> Any:
        return done[y] if isinstance(y, Value) else y

    return Operation.make(x.primitive, replaced(x.arguments, new), replaced(x.options, new), x, x.order, x.name)


def users_of(operations: Sequence[Operation], outputs: Sequence[Value]) -> dict[Value, int]:
    """Count how often each value is used, by operations and as a result."""
    counts: dict[Value, int] = {}
    for x in [*outputs, *(x for operation in operations for x in operation.operands())]:
        counts[x] = counts.get(x, 0) + 1
    return counts
