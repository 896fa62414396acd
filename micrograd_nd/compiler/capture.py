"""Capturing: a function is run once on Tensors that stand for its inputs, and what they recorded becomes a program."""

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from itertools import count
from typing import Any, NamedTuple
from weakref import ReferenceType

import numpy as np

from micrograd_nd import tree
from micrograd_nd.compiler.naming import local_names, name_as_in_the_course
from micrograd_nd.compiler.program import NESTS, Input, Literal, Operation, Program, Value, replaced
from micrograd_nd.compiler.recording import Recorder
from micrograd_nd.graph import Constant, Node, Traced, next_serial
from micrograd_nd.handle import leaf, plain
from micrograd_nd.modes import TraceError, traced_by
from micrograd_nd.tensor import Tensor, tensor_of

__all__ = ["Captured", "capture"]


class Captured(NamedTuple):
    """A program, and how a call fits it.

    Attributes
    ----------
    program : Program
        Its inputs are first the arrays among the arguments, then the values of `closed_over`.
    closed_over : list of Tensor
        Tensors that the function used without taking them as arguments; every call reads them anew.
    form : tree
        What the function returned, with anything in place of the arrays.
    static : list
        For each leaf of the result, None where the program computes it, or the thing itself in a tuple.
    """

    program: Program
    closed_over: list[Tensor]
    form: Any
    static: list[Any]


def capture(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any], named: bool = True) -> Captured:
    """Run a function on Tensors in place of the arrays among its arguments.

    Looking for the names of what it computes takes a third of the time, and can be left out.

    Raises
    ------
    TraceError
        Where the function looks at a value.
    """
    start = next_serial()
    given = list(tree.leaves((args, kwargs)))
    names = unique(argument_names(f, args, kwargs))
    inputs = [stand_in(x, name) if is_input(x) else x for x, name in zip(given, names, strict=True)]
    nodes = {x.node: Input(x.node.out, name) for x, name in zip(inputs, names, strict=True) if type(x) is Tensor}
    recorder = Recorder()
    looking: AbstractContextManager[dict[Any, str]] = local_names(f) if named else nullcontext({})
    try:
        with traced_by(recorder), looking as names_of:
            inner_args, inner_kwargs = tree.rebuild((args, kwargs), inputs)
            returned = f(*inner_args, **inner_kwargs)
        results = list(tree.leaves(returned))
        form = tree.rebuild(returned, range(len(results)))  # without what was recorded
        static = [
            None if type(x) is Tensor else (np.array(x)[()] if isinstance(x, np.ndarray) else x,) for x in results
        ]
        found = [x.node for x in results if type(x) is Tensor]
        recorder.note_constants([x for x in results if type(x) is Tensor], found)
        del returned, results  # a Tensor that somebody holds even now is not the function's own
    finally:
        change = recorder.undo_changes(start)
    if change:
        raise TraceError(
            f"{change}, which a program would not do: take it as an argument and return its new value, or leave this "
            "function uncompiled"
        )
    reading = Reading(nodes, start, recorder.constants)
    outputs = [reading.value(node) for node in found]
    if named:
        reading.name(names_of, recorder.derivatives)
    program = Program([*nodes.values(), *reading.captured.values()], outputs)
    return Captured(program, list(reading.tensors.values()), form, static)


def is_input(x: Any) -> bool:
    """Tell what of the arguments every call may change; other things are part of the function."""
    return isinstance(x, np.ndarray | np.generic | Tensor) or type(x) in (float, complex)


def stand_in(x: Any, name: str) -> Tensor:
    """Make the Tensor that stands for an array among the arguments."""
    value = plain(x)
    if isinstance(value, np.ndarray) and not isinstance(value, np.matrix | np.ma.MaskedArray):
        value = np.asarray(value)[()]
    if hasattr(value, "dtype"):
        if value.dtype.kind not in "biufc":
            raise TypeError(f"a compiled function takes arrays of numbers; {name} has dtype {value.dtype}")
        if value.dtype.kind in "fc":
            tensor = tensor_of(Constant(value))
            tensor._node = leaf(tensor, value, name)
            return tensor
    traced = Traced(value, None, (), None)
    traced.name = name
    return tensor_of(traced)


class Reading:
    """Reads what was recorded into values of a program.

    Attributes
    ----------
    values : dict
        What each node became.
    start : int
        The serial number of when the function was called: what is older was there before.
    constants : mapping of Constant to Tensor
        Constant Tensors that were used. Those that somebody still holds were there before.
    captured : dict of Node to Input
        Nodes of Tensors that were there before.
    tensors : dict of Node to Tensor
        Those Tensors.
    """

    def __init__(self, inputs: Mapping[Any, Input], start: int, constants: Mapping[Any, ReferenceType[Tensor]]) -> None:
        self.values: dict[Any, Value] = dict(inputs)
        self.start = start
        self.constants = constants
        self.captured: dict[Any, Input] = {}
        self.tensors: dict[Any, Tensor] = {}

    def value(self, root: Any) -> Value:
        """Read a node, and all that it was computed from."""
        stack = [root]
        while stack:
            node = stack[-1]
            if node in self.values:
                stack.pop()
                continue
            needed = [] if self.is_leaf(node) else [x for x in operands(node) if x not in self.values]
            if needed:
                stack.extend(needed)
            else:
                self.values[stack.pop()] = self.read(node)
        return self.values[root]

    def name(self, named: Mapping[Any, str], derivatives: Mapping[Any, Any]) -> None:
        """Give values the names that they have for a person."""
        for node, name in named.items():
            value = self.values.get(node)
            if isinstance(value, Operation) and value.name is None:
                value.name = name
        for g, node in derivatives.items():
            value = self.values.get(node)
            if type(g) is Constant and isinstance(value, Operation) and value.shape == () and value.name is None:
                value.name = "J"  # what derivatives are taken of
        known = {
            self.values[g]: self.values[node]
            for g, node in derivatives.items()
            if g in self.values and node in self.values
        }
        name_as_in_the_course([x for x in self.values.values() if isinstance(x, Operation)], known)

    def is_leaf(self, node: Any) -> bool:
        """Tell what is not computed by the program."""
        return getattr(node, "primitive", None) is None or (type(node) is Node and node.serial > self.start)

    def read(self, node: Any) -> Value:
        """Read one node whose operands have been read."""
        if not self.is_leaf(node):
            if node.primitive.function is np.positive:
                (x,) = map(self.operand, node.inputs)
                if x.dtype == np.result_type(node.out):
                    return x  # type: ignore[no-any-return]
            arguments = tuple(replaced(x, self.operand) for x in node.inputs)
            options = {key: replaced(x, self.option) for key, x in (node.options or {}).items()}
            return Operation.make(
                node.primitive, arguments, options, node.out, -node.serial, node.name if hasattr(node, "name") else None
            )
        if (tensor := self.outside(node)) is not None:
            self.tensors[node] = tensor
            taken = {x.name for x in self.values.values() if isinstance(x, Input)}
            wish = node.name or f"captured_{len(self.captured)}"
            name = next(name for i in count(1) if (name := wish if i == 1 else f"{wish}_{i}") not in taken)
            self.captured[node] = Input(node.out, name)
            return self.captured[node]
        return Literal(held_constant(node.out), node.name)

    def outside(self, node: Any) -> Tensor | None:
        """Find the Tensor of a node that was there before, and that may hold other values at another call."""
        if type(node) is Node:
            return node() if node.serial > self.start else None
        tensor = self.constants[node]() if node in self.constants else None
        return tensor if tensor is not None and tensor.node is node else None

    def operand(self, x: Any) -> Any:
        """Read one operand."""
        if isinstance(x, Node | Constant):
            return self.values[x]
        if type(x) is Tensor:
            return self.values[x.node]
        is_number = isinstance(x, np.ndarray | np.generic) or type(x) in (bool, int, float, complex)
        return Literal(held_constant(x)) if is_number else x

    def option(self, x: Any) -> Any:
        """Read what may be a Tensor; anything else stays what it is."""
        if type(x) is Tensor:
            return self.values[x.node]
        return np.array(x, order="C") if isinstance(x, np.ndarray) else x


def operands(node: Any) -> list[Any]:
    """List the nodes that a node was computed from, also those in its options."""
    found: list[Any] = []

    def look(x: Any) -> Any:
        if isinstance(x, Node | Constant):
            found.append(x)
        elif type(x) is Tensor:
            found.append(x.node)
        elif type(x) in NESTS:
            replaced(x, look)

    for x in node.inputs:
        look(x)
    if node.options:
        replaced(node.options, look)
    return found


def held_constant(x: Any) -> Any:
    """Copy an array, which its owner may write to."""
    return np.array(x, order="C")[()] if isinstance(x, np.ndarray) else x


def argument_names(f: Callable[..., Any], args: Sequence[Any], kwargs: Mapping[str, Any]) -> list[str]:
    """Name every leaf of the arguments: by the Tensor's own name, its key in a dict, else the name of the parameter."""
    try:
        parameters = [
            p.name
            for p in inspect.signature(f).parameters.values()
            if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)
        ]
    except (TypeError, ValueError):
        parameters = []
    names = [parameters[i] if i < len(parameters) else f"x{i}" for i in range(len(args))]
    return [
        name
        for start, argument in [*zip(names, args, strict=True), *kwargs.items()]
        for name in leaf_names(argument, start)
    ]


def leaf_names(nest: Any, name: str) -> Iterator[str]:
    """Name the leaves of one argument."""
    if isinstance(nest, dict):
        for key, part in nest.items():
            yield from leaf_names(part, key if isinstance(key, str) and key.isidentifier() else f"{name}_{key}")
    elif hasattr(nest, "_fields"):
        for key, part in zip(nest._fields, nest, strict=True):
            yield from leaf_names(part, key)
    elif isinstance(nest, tuple | list):
        for i, part in enumerate(nest):
            yield from leaf_names(part, f"{name}_{i}")
    elif nest is not None:
        yield (nest.name if type(nest) is Tensor else None) or name


def unique(names: Sequence[str]) -> list[str]:
    """Number names that occur more than once."""
    taken: set[str] = set()
    result = []
    for name in names:
        candidate, number = name, 1
        while candidate in taken:
            number += 1
            candidate = f"{name}_{number}"
        taken.add(candidate)
        result.append(candidate)
    return result
