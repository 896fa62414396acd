"""Equal work side by side: independent operations of one kind and shape become one operation on a stack.

The layers of a deep net have the derivatives of their activations, and of their weights, computed by one call each. The
stacks cost nothing where their parts are made by the program, since these are written where they belong. Exact.
"""

import operator
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.passes.building import made, order_of
from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, substituted
from micrograd_nd.primitives import registry

__all__ = ["equal_work_stacked"]

# Fewer than this are not worth it, nor are arrays of more bytes, whose time is not that of the calls.
FEWEST, LARGEST = 3, 1 << 16

# These do no harm to a row of ones, and so may be applied to what lies beside the values too.
HARMLESS = frozenset({np.add, np.subtract, np.multiply, np.negative, np.square})


class Group(NamedTuple):
    """Operations that can be one.

    Attributes
    ----------
    members : list of Operation
    columns : list
        For each operand, a value that is the same for all, or the list of those of each.
    """

    members: list[Operation]
    columns: list[Any]


def equal_work_stacked(program: Program) -> Program:
    """Stack what can be stacked, unless it would have to wait for itself."""
    groups = found_groups(program)
    if not groups:
        return program
    return substituted(program, Stacking(program, groups).instead) or program


def found_groups(program: Program) -> list[Group]:
    """Find independent operations of one kind, operands' shapes and dtypes."""
    operations = program.operations
    alike: dict[Any, list[Operation]] = {}
    for operation in operations:
        if operation.size * operation.dtype.itemsize <= LARGEST and (kind := kind_of(operation)) is not None:
            alike.setdefault(kind, []).append(operation)
    many = [group for group in alike.values() if len(group) >= FEWEST]
    bits = {operation: 1 << i for i, operation in enumerate(x for group in many for x in group)}
    before: dict[Value, int] = {}
    for operation in operations:
        before[operation] = bits.get(operation, 0)
        for x in operation.operands():
            before[operation] |= before.get(x, 0)
    result = []
    place: dict[Value, float] = {}
    for group in sorted(many, key=lambda group: max(x.order for x in group)):
        all_bits = sum(bits[x] for x in group)
        if all(before[x] & all_bits == bits[x] for x in group):
            members = sorted(group, key=lambda x: min(place.get(y, order_of(y)) for y in arrays_among(x)))
            columns = columns_of(members)
            if all(is_free(column) for column in columns if isinstance(column, list)):
                place.update(zip(members, range(len(members)), strict=True))
                result.append(Group(members, columns))
    return result


def is_free(column: Sequence[Value]) -> bool:
    """Tell values that can all be written where they belong in a stack: all different, made by the program or state."""
    sources = [untransposed(x) for x in column]
    made_here = all(isinstance(x, Operation) or (isinstance(x, Input) and x.owned) for x in sources)
    return made_here and len(set(sources)) == len(sources)


def untransposed(x: Value) -> Value:
    """Find what a value is the transpose of, if it is one."""
    while isinstance(x, Operation) and x.function is np.transpose:
        (x,) = x.arguments
    return x


def arrays_among(operation: Operation) -> list[Value]:
    """List the operands that are no numbers."""
    return [y for y in operation.operands() if y.shape != ()]


def kind_of(operation: Operation) -> Any:
    """Describe an operation, so that two with the same description can be stacked; None if it cannot be."""
    if operation.shape == () or operation.options or not operation.size:
        return None
    product = operation.function is np.matmul and all(x.ndim == 2 for x in operation.operands())
    if not product and not (isinstance(operation.function, np.ufunc) and operation.elementwise):
        return None
    return (id(operation.primitive), operation.shape, *(kind_of_operand(x, operation) for x in operation.arguments))


def kind_of_operand(x: Value, operation: Operation) -> Any:
    """Describe an operand: a number by what it is, an array by its shape and by what makes it.

    Derivatives of activations are then not taken for products with them, which have to wait for each other.
    """
    if isinstance(x, Literal) or x.shape == ():
        return identity(x)
    if operation.function is not np.matmul and x.shape != operation.shape:
        return id(x)
    makers: list[Any] = []
    source: Any = x
    while isinstance(source, Operation) and source.function is np.transpose:
        makers.append(np.transpose)
        source = source.arguments[0]
    makers.append(source.function if isinstance(source, Operation) else type(source))
    return (x.shape, x.dtype, operation.arguments.index(x), *makers)


def columns_of(members: Sequence[Operation]) -> list[Any]:
    """Sort operands by their position."""
    columns: list[Any] = []
    for column in zip(*(x.arguments for x in members), strict=True):
        same = isinstance(column[0], Literal) or column[0].shape == () or all(x is column[0] for x in column)
        columns.append(column[0] if same else list(column))
    return columns


class Slot(NamedTuple):
    """Where in a stack a value is: its layer, and the rows of that if they are not all."""

    whole: Operation
    layer: int
    rows: tuple[int, int] | None


class Stacking:
    """Makes the stacks.

    Attributes
    ----------
    instead : dict
        What takes the place of each member.
    """

    def __init__(self, program: Program, groups: Sequence[Group]) -> None:
        self.instead: dict[Operation, Value] = {}
        self.grouped: set[Value] = set()
        self.slot: dict[Value, Slot] = {}
        self.inside = parts_of_concatenations(program)
        self.stacks: dict[Value, tuple[list[Value], list[Operation]]] = {}
        for family in families([roots for group in groups for roots in self.roots(group)]):
            made: list[Operation] = []
            for x in family:
                self.stacks[x] = (family, made)
        for group in groups:
            self.apply(group)

    def roots(self, group: Group) -> list[list[Value]]:
        """List what has to be stacked for a group."""
        found = [self.root(column) for column in group.columns if isinstance(column, list)]
        self.grouped.update(group.members)
        return [column for column in found if not all(x in self.grouped for x in column)]

    def root(self, column: list[Value]) -> list[Value]:
        """Look through transposes, and from parts to the wholes that they lie in."""
        if all(isinstance(x, Operation) and x.function is np.transpose for x in column):
            return self.root([x.arguments[0] for x in column])  # type: ignore[attr-defined]
        wholes = [self.inside.get(x) for x in column]
        if all(x is not None and x[1] == wholes[0][1] for x in wholes):  # type: ignore[index]
            return [x[0] for x in wholes]  # type: ignore[index]
        return column

    def apply(self, group: Group) -> None:
        """Make one operation of a group."""
        order = max(x.order for x in group.members)
        first = group.members[0]
        wide = [self.wide(column, order) if isinstance(column, list) else (column, None) for column in group.columns]
        rows = {rows for column, (_, rows) in zip(group.columns, wide, strict=True) if isinstance(column, list)}
        if first.function in HARMLESS and len(rows) == 1 and (cut := rows.pop()) is not None:
            operands = [whole for whole, _ in wide]
            shape = next(
                x.shape  # type: ignore[union-attr]
                for x, column in zip(operands, group.columns, strict=True)
                if isinstance(column, list)
            )
        else:
            operands = [self.stack(column, order) if isinstance(column, list) else column for column in group.columns]
            shape, cut = (len(group.members), *first.shape), None
        whole = made(first.primitive, operands, None, shape, first, order)
        for i, x in enumerate(group.members):
            index = i if cut is None else (i, slice(*cut))
            self.instead[x] = made(registry[operator.getitem], (whole,), {"index": index}, x.shape, x, order)
            self.slot[x] = Slot(whole, i, cut)

    def wide(self, column: list[Value], order: float) -> tuple[Value | None, tuple[int, int] | None]:
        """Find a stack of what values lie in, and in which rows they do: it is in order where they are not."""
        if (slot := self.run_of_slots(column)) is not None and slot.rows is not None:
            return sliced(slot.whole, slot.layer, len(column), order), slot.rows
        if (root := self.root(column)) is not column and column[0] in self.inside:
            cut = self.inside[column[0]][1]
            return self.stack(root, order), (cut.start, cut.stop)
        return None, None

    def run_of_slots(self, column: list[Value]) -> Slot | None:
        """Find where a stack begins that values lie side by side in."""
        first = self.slot.get(column[0])
        if first is None:
            return None
        run = [Slot(first.whole, first.layer + i, first.rows) for i in range(len(column))]
        return first if [self.slot.get(x) for x in column] == run else None

    def stack(self, column: list[Value], order: float) -> Value:
        """Find or make the stack of some values."""
        n = len(column)
        first = column[0]
        if all(isinstance(x, Operation) and x.function is np.transpose for x in column):
            inner = self.stack([x.arguments[0] for x in column], order)  # type: ignore[attr-defined]
            return made(registry[np.swapaxes], (inner,), {"axis1": 1, "axis2": 2}, (n, *first.shape), first, order)
        if (root := self.root(column)) is not column:
            inner = self.stack(root, order)
            rows = self.inside[first][1]
            return made(
                registry[operator.getitem], (inner,), {"index": (slice(None), rows)}, (n, *first.shape), first, order
            )
        if (slot := self.run_of_slots(column)) is not None:
            layers = sliced(slot.whole, slot.layer, n, order)
            if slot.rows is None:
                return layers
            options = {"index": (slice(None), slice(*slot.rows))}
            return made(registry[operator.getitem], (layers,), options, (n, *first.shape), first, order)
        family, ready = self.stacks.get(first, (column, []))
        start = family.index(first)
        if family[start : start + n] != column:
            family, ready, start = column, [], 0
        if not ready:
            last = max(order_of(x) for x in family)
            shape = (len(family), *first.shape)
            ready.append(made(registry[np.stack], family, {"axis": 0}, shape, first, last))
        return sliced(ready[0], start, n, order)


def parts_of_concatenations(program: Program) -> dict[Value, tuple[Operation, slice]]:
    """Find values that lie above others in a matrix, and in which rows."""
    found: dict[Value, tuple[Operation, slice]] = {}
    for operation in program.operations:
        if operation.function is np.concatenate and operation.options.get("axis") == 0 and operation.ndim == 2:
            start = 0
            for x in operation.arguments:
                if isinstance(x, Operation | Input):
                    found.setdefault(x, (operation, slice(start, start + x.shape[0])))
                start += x.shape[0]
    return found


def families(columns: Sequence[list[Value]]) -> list[list[Value]]:
    """Unite lists that share values, in an order in which each of them is a run; those that do not fit are left out."""
    result: list[list[Value]] = []
    for column in columns:
        touching = [family for family in result if any(x in family for x in column)]
        united = sorted({x for family in (*touching, column) for x in family}, key=order_of)
        if not touching:
            result.append(list(column))
        elif all(is_run(part, united) for part in (*touching, column)):
            result = [family for family in result if family not in touching] + [united]
    return result


def is_run(part: Sequence[Value], whole: Sequence[Value]) -> bool:
    """Tell whether values stand side by side in a list, in this order."""
    start = whole.index(part[0])
    return list(whole[start : start + len(part)]) == list(part)


def sliced(whole: Operation, start: int, n: int, order: float) -> Operation:
    """Take some of a stack."""
    if (start, n) == (0, whole.shape[0]):
        return whole
    options = {"index": slice(start, start + n)}
    return made(registry[operator.getitem], (whole,), options, (n, *whole.shape[1:]), whole, max(order, whole.order))
