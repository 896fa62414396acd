"""Flat updates: the same formula for every part of the state is applied once, to all of them laid out in one array.

Gradient descent on thirty matrices is then two operations and not sixty. Exact: every element is computed as before.
"""

import operator
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.passes.building import made, order_of, transposed
from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.program import Input, Operation, Program, Value
from micrograd_nd.primitives import registry

__all__ = ["formula", "updates_flattened"]

# What comes last: nothing else may need the old values any more.
LAST = 1e300

# An update is taken apart into so many operations, one in another.
DEEPEST = 60


class Update(NamedTuple):
    """One part of the state.

    Attributes
    ----------
    old : list of Input
        What it consists of: one array, or a matrix and its bias.
    new : list of Value
        What takes their places.
    formula : tuple
        How the new is computed, with numbers in place of the arrays that enter.
    leaves : list of list of Value
        Those arrays, for each of `old`.
    """

    old: list[Input]
    new: list[Value]
    formula: Any
    leaves: list[list[Value]]


def updates_flattened(program: Program) -> Program:
    """Lay out the state, and all that enters the formulas of its updates, in flat arrays."""
    outputs = list(program.outputs)
    updates: list[tuple[Value, Value]] = []
    groups: dict[Any, list[Update]] = {}
    for update in found_updates(program):
        groups.setdefault((update.old[0].dtype, identity(update.formula)), []).append(update)
    number = {x: i for i, x in program.kept.items()}
    for group in groups.values():
        if sum(len(update.old) for update in group) == 1:
            (update,) = group
            updates.append((update.old[0], update.new[0]))
            continue
        old, new = flattened(group)
        updates.append((old, new))
        start = 0
        for update in group:
            for x, piece in zip(update.old, pieces(new, start, update.old), strict=True):
                piece.name = outputs[number[x]].name
                outputs[number[x]] = piece
            start += sum(x.size for x in update.old)
    return replace(program, outputs=outputs, updates=updates)


def found_updates(program: Program) -> list[Update]:
    """Find the formula of each part of the state; a matrix and its bias that lie side by side are one part."""
    beside = {}
    for operation in program.operations:
        if operation.function is np.concatenate and operation.options.get("axis") == 1:
            W, *rest = operation.arguments
            if len(rest) == 1 and all(x in program.kept.values() for x in operation.arguments):
                beside[W] = rest[0]
    of = {x: program.outputs[i] for i, x in program.kept.items()}
    formulas: dict[Input, tuple[Any, list[Value]]] = {}
    for x, new in of.items():
        leaves: list[Value] = []
        formulas[x] = (formula(new, new, leaves), leaves)
    pairs = paired(beside, formulas)
    seconds = set(pairs.values())
    result = []
    for x in of:
        if x not in seconds:
            parts = [x, pairs[x]] if x in pairs else [x]
            leaves_of = [formulas[part][1] for part in parts]
            result.append(Update(parts, [of[part] for part in parts], formulas[x][0], leaves_of))
    return result


def paired(beside: Mapping[Input, Input], formulas: Mapping[Input, tuple[Any, list[Value]]]) -> dict[Input, Input]:
    """Choose which matrices are one part with their biases; so is then what an optimiser remembers of both."""
    pairs: dict[Input, Input] = {}
    seconds: set[Input] = set()
    waiting: list[tuple[Any, Any]] = [*beside.items()]
    for x, y in waiting:
        (form, leaves), (other_form, other_leaves) = formulas[x], formulas[y]
        if x in pairs or x in seconds or y in pairs or y in seconds or identity(form) != identity(other_form):
            continue
        pairs[x] = y
        seconds.add(y)
        waiting.extend(
            (a, b)
            for a, b in zip(leaves, other_leaves, strict=True)
            if a is not b and a in formulas and b in formulas and (a.shape, b.shape) == (x.shape, y.shape)
        )
    return pairs


def formula(x: Value, whole: Value, leaves: list[Value], depth: int = 0) -> Any:
    """Describe how a value is computed element by element, and list the arrays that enter; long ones not to the end."""
    if x.shape == ():
        return ("number", x)
    if (
        isinstance(x, Operation)
        and isinstance(x.function, np.ufunc)
        and x.primitive.elementwise
        and x.shape == whole.shape
        and x.dtype == whole.dtype
        and depth < DEEPEST
        and all(y.shape in ((), whole.shape) for y in x.operands())
    ):
        return (x.primitive.name, x.primitive, *(formula(y, whole, leaves, depth + 1) for y in x.arguments))
    if x not in leaves:
        leaves.append(x)
    return ("array", leaves.index(x), x.dtype)


def flattened(group: Sequence[Update]) -> tuple[Value, Value]:
    """Apply the formula of a group once; the old and the new state, flat."""
    count = len(group[0].leaves[0])
    columns = [laid_out(group, [[leaves[i] for leaves in update.leaves] for update in group]) for i in range(count)]
    old = laid_out(group, [update.old for update in group])
    old.name = "state"
    return old, applied(group[0].formula, columns, old, LAST)


def laid_out(group: Sequence[Update], parts: Sequence[Sequence[Value]]) -> Operation:
    """Put arrays one after the other, the elements of each in the order of the state that it belongs to."""
    flat = [
        flat_view(side_by_side(part) if len(part) > 1 else transposed(part[0]) if update.old[0].turned else part[0])
        for update, part in zip(group, parts, strict=True)
    ]
    shape = (sum(x.size for x in flat),)
    return made(registry[np.concatenate], flat, {"axis": 0}, shape, flat[0], max(map(order_of, flat)))


def flat_view(x: Value) -> Value:
    """See an array as a vector."""
    if x.ndim == 1:
        return x
    return made(registry[np.reshape], (x,), {"shape": (x.size,), "order": "C"}, (x.size,), x)


def side_by_side(parts: Sequence[Value]) -> Any:
    """Put a matrix and a column together; columns of one matrix are that matrix."""
    wholes = {x.arguments[0] if isinstance(x, Operation) and x.function is operator.getitem else None for x in parts}
    width = sum(x.shape[1] for x in parts)
    if len(wholes) == 1 and (whole := wholes.pop()) is not None and whole.shape == (parts[0].shape[0], width):
        return whole
    like = np.empty((parts[0].shape[0], width), parts[0].dtype)
    return Operation.make(registry[np.concatenate], parts, {"axis": 1}, like, max(map(order_of, parts)))


def applied(form: Any, columns: Sequence[Value], like: Value, order: float) -> Any:
    """Apply a formula to flat arrays."""
    if form[0] == "number":
        return form[1]
    if form[0] == "array":
        return columns[form[1]]
    arguments = [applied(part, columns, like, order / 2) for part in form[2:]]
    return Operation.make(form[1], arguments, None, like, order)


def pieces(flat: Value, start: int, parts: Sequence[Input]) -> list[Operation]:
    """Take one part of the state out of the flat array again."""
    size = sum(x.size for x in parts)
    cut = Operation.make(
        registry[operator.getitem], (flat,), {"index": slice(start, start + size)}, np.empty(size, flat.dtype), LAST
    )
    shape = parts[0].shape if len(parts) == 1 else (parts[0].shape[0], sum(x.shape[1] for x in parts))
    shape = shape[::-1] if parts[0].turned else shape
    whole = Operation.make(
        registry[np.reshape], (cut,), {"shape": shape, "order": "C"}, np.empty(shape, flat.dtype), LAST
    )
    if len(parts) == 1:
        return [transposed(whole) if parts[0].turned else whole]  # type: ignore[list-item]
    W, b = parts
    return [
        Operation.make(registry[operator.getitem], (whole,), {"index": (slice(None), which)}, x, LAST)
        for x, which in ((W, slice(None, -1)), (b, slice(W.shape[1], None)))
    ]
