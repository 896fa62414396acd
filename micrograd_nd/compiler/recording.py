"""Recording: what is put in the way of every operation of a function that is compiled."""

import operator
from collections.abc import Callable, Sequence
from typing import Any
from weakref import ReferenceType, ref

import numpy as np

from micrograd_nd.anomalies import user_line
from micrograd_nd.calls import compose, explain, refuse_output, sorted_arguments
from micrograd_nd.compiler.randomness import drawing
from micrograd_nd.graph import Constant, Node, Traced
from micrograd_nd.handle import constant_value, described, holds_tensor, plain, remember
from micrograd_nd.modes import TraceError, current
from micrograd_nd.primitives import Primitive, readable, registry
from micrograd_nd.tensor import PLAIN, Tensor, known, tensor_of

__all__ = ["Recorder"]

# What these say depends on shapes and dtypes alone, which a program is made for.
OF_SHAPE = frozenset({
    np.shape, np.ndim, np.size, np.result_type, np.iscomplexobj, np.isrealobj,
    np.zeros_like, np.ones_like, np.empty_like,
})  # fmt: skip
# What these return has a shape that depends on values.
OF_UNKNOWN_SHAPE = frozenset({np.nonzero, np.flatnonzero, np.argwhere})
# Options that say what shape a result has.
OF_SHAPE_OPTIONS = frozenset({"shape", "repeats", "reps", "n", "axis", "axes", "window_shape"})

held = Primitive(np.positive)
held.evaluate = np.positive
held.rules = ()


class Recorder:
    """The tracer: it records every operation, also those that have no derivative.

    Attributes
    ----------
    derivatives : dict
        From the derivative of a result with respect to a node to that node.
    constants : dict
        From the nodes of constant Tensors that were used to these Tensors.
    changes : list
        Of Tensors that were changed in place: each with the node that it held before, and where that was.
    """

    def __init__(self) -> None:
        self.derivatives: dict[Any, Any] = {}
        self.constants: dict[Any, ReferenceType[Tensor]] = {}
        self.changes: list[tuple[ReferenceType[Tensor], Any, str]] = []

    def apply(self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function, some of whose arguments are Tensors."""
        try:
            primitive = known(function)
        except TypeError as error:
            raise TraceError(
                f"{readable(function)}, {user_line()}, has no derivative rule, and cannot be compiled without: keep it "
                "outside of the compiled function, register a rule, or leave this function uncompiled"
            ) from error
        refuse_output(function, kwargs.pop("out", None))
        if primitive.rules is None:
            return compose(primitive, args, kwargs)
        if primitive.rules != ():
            return self.record(primitive, *sorted_arguments(primitive, args, kwargs))
        if function in OF_SHAPE:
            return function(*plain(list(args)), **plain(kwargs))
        if function in OF_UNKNOWN_SHAPE:
            raise TraceError(
                f"the shape of what {readable(function)} returns, {user_line()}, depends on values, and a compiled "
                "program is made for shapes: use np.where(condition, x, y), or leave this function uncompiled"
            )
        return self.record(primitive, args, kwargs)

    def record(self, primitive: Primitive, args: Sequence[Any], options: dict[str, Any] | None) -> Tensor:
        """Apply a primitive to arrays and options that may hold Tensors."""
        refuse_unknown_shape(primitive, options or {})
        inputs = [operand(x, primitive, args) for x in args]
        self.note_constants(args, inputs)
        try:
            out = primitive.evaluate(*values_of(inputs, primitive), **plain(options or {}))
        except (TypeError, ValueError) as error:
            explain(error, primitive, args)
            raise
        if isinstance(out, tuple | list):
            raise TraceError(f"{readable(primitive.function)}, {user_line()}, returns several arrays: not compiled")
        if not (hasattr(out, "dtype") or all(isinstance(value_of(x), int | float | complex) for x in inputs)):
            out = np.asarray(out)[()]
        tensor = tensor_of(Constant(out))
        tracked = primitive.rules != () and any(type(x) is Node for x in inputs)
        if tracked and not current().paused:
            tensor._node = remember(tensor, primitive, tuple(inputs), options or None, out)
        else:
            tensor._node = Traced(out, primitive, tuple(inputs), options or None)
        return tensor

    def note_derivative(self, node: Any, g: Tensor) -> None:
        """Hear that a Tensor is the derivative of a result with respect to a node."""
        self.derivatives.setdefault(g.node, node)

    def note_constants(self, args: Sequence[Any], nodes: Sequence[Any]) -> None:
        """Hear of which Tensors, among the arguments of an operation, are the nodes that are constants."""
        for x, node in zip(args, nodes, strict=True):
            if type(node) is Constant:
                self.constants.setdefault(node, ref(x))

    def note_change(self, x: Tensor, before: Any) -> None:
        """Hear that a Tensor, which held another node before, is changed in place."""
        self.changes.append((ref(x), before, user_line()))

    def undo_changes(self, start: int) -> str | None:
        """Give Tensors from outside of the function back what they held, and name one that it changed."""
        found = None
        for reference, before, where in reversed(self.changes):
            x = reference()
            if x is None or getattr(before, "serial", start + 1) <= start:  # the function made it
                continue
            if x._node is not before:
                x._node = before
                found = f"{described(x)} is changed in place, {where}"
        return found

    def hold(self, x: Tensor) -> Tensor:
        """Let no derivative pass a Tensor."""
        state = x.node
        self.note_constants((x,), (state,))
        return tensor_of(Traced(state.out, held, (state,), None))

    def draw(self, generator: np.random.Generator, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Tensor:
        """Let a generator draw at every call of the program, and not now."""
        primitive = drawing(generator, name)
        inputs = [x.node if type(x) is Tensor else x for x in args]
        out = primitive.function.sample(*map(value_of, inputs), **plain(kwargs))  # type: ignore[attr-defined]
        return tensor_of(Traced(out, primitive, tuple(inputs), kwargs or None))

    def fresh(self, x: Tensor) -> Tensor:
        """Make a Tensor that derivatives are taken with respect to of one that has none."""
        state = x.node
        tensor = tensor_of(state)
        tensor._node = remember(tensor, registry[np.positive], (state,), None, np.asarray(state.out)[()])
        return tensor


def refuse_unknown_shape(primitive: Primitive, options: dict[str, Any]) -> None:
    """Refuse a result whose shape depends on values: of a mask as an index, of a number of repetitions."""
    if primitive.function is operator.getitem:
        index = options["index"]
        parts = index if isinstance(index, tuple) else (index,)
        ends = (x for part in parts if isinstance(part, slice) for x in (part.start, part.stop, part.step))
        unknown = any(type(x) is Tensor for x in ends) or any(type(x) is Tensor and x.dtype == bool for x in parts)
        what, instead = "an array at this index", "np.where(mask, x, y) in place of x[mask]"
    else:
        name = readable(primitive.function)
        unknown = name.startswith("np.") and any(holds_tensor(options.get(option)) for option in OF_SHAPE_OPTIONS)
        what, instead = f"what {name} returns", "a Python int for what is counted"
    if unknown:
        raise TraceError(
            f"the shape of {what}, {user_line()}, depends on values, and a compiled program is made for shapes: use "
            f"{instead}, or leave this function uncompiled"
        )


def operand(x: Any, primitive: Primitive, args: Sequence[Any]) -> Any:
    """Take the node of a Tensor, and anything else as eager code does."""
    if type(x) is Tensor:
        return x.node
    if type(x) in PLAIN or primitive.rules == ():
        return x
    return constant_value(x, primitive, next((y for y in args if type(y) is Tensor), None))


def values_of(operands: Sequence[Any], primitive: Primitive) -> list[Any]:
    """See operands as arrays; a single number as one of NumPy's, which has the methods of an array."""
    values = [value_of(x) for x in operands]
    if len(values) == 1 and type(values[0]) in (float, complex) and not isinstance(primitive.function, np.ufunc):
        return [np.asarray(values[0])[()]]
    return values


def value_of(x: Any) -> Any:
    """See an operand as an array."""
    return x.out if isinstance(x, Node | Constant) else plain(x)
