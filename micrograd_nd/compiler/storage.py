"""Storage: which memory each value of a program is kept in, so that it is asked for once and used again.

A value that has a place is *static*: its array is the same at every call, so that views of it are made only once. The
operands of a concatenation or a stack are written where they belong in it, so that putting them together costs nothing.
"""

from collections.abc import Iterable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.aliasing import base, is_view, joins, lenders, pieces_of, touches, whole_of, writes_into
from micrograd_nd.compiler.clusters import Cluster
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value

__all__ = ["Place", "Storage", "is_at_home", "is_in_order", "slots", "storage"]


class Place(NamedTuple):
    """Where a value is: in memory of its own, or inside the place of another.

    Attributes
    ----------
    memory : int or None
        The number of the piece of memory.
    host : Value or None
        The value that it lies in.
    slot : str
        Where in it, in brackets.
    turned : bool
        Its elements lie there column by column.
    """

    memory: int | None = None
    host: Value | None = None
    slot: str = ""
    turned: bool = False


class Storage(NamedTuple):
    """Where the values of a program are.

    Attributes
    ----------
    places : dict of Value to Place
        Those that have one; any other value is made anew at every call.
    sizes : list of int
        The number of bytes of each piece of memory.
    lent : dict of Value to frozenset of Value
        For each value, those in whose memory it may lie.
    updated : frozenset of Value
        The updates that are written over what they are updates of.
    """

    places: Mapping[Value, Place]
    sizes: Sequence[int]
    lent: Mapping[Value, frozenset[Value]] = MappingProxyType({})
    updated: frozenset[Value] = frozenset()


def storage(program: Program, clusters: Sequence[Cluster]) -> Storage:
    """Give every value that can be written into an array a place, which is used again once nobody needs the value.

    What is returned is made anew at every call, and belongs to the caller; but for what is state.
    """
    returned = {base(x) for i, x in enumerate(program.outputs) if i not in program.kept}
    state = set(program.kept.values())
    operations = [x for cluster in clusters for x in cluster.members]
    passing = {x for cluster in clusters if len(cluster.members) > 1 for x in cluster.members if x not in cluster.kept}
    lent = lenders(operations)
    places = hosted(operations, returned | passing, state, homes(program))
    updated = in_place(program, clusters, lent, places, returned)
    allocation = Allocation(clusters, returned | passing, state, updated, places, lent)
    allocation.keep(lender for x in program.outputs for lender in lent.get(x, ()))
    return allocation.storage()._replace(lent=lent, updated=frozenset(updated))


def homes(program: Program) -> set[Value]:
    """List what is put together of state alone: where the state lies."""
    return {x for old, _ in program.updates for x in (old, *pieces_of(old)) if not isinstance(x, Input)}


def is_at_home(old: Value, places: Mapping[Value, Place]) -> bool:
    """Tell whether all that some state is put together of lies where it belongs in the whole, as one array does."""
    if isinstance(old, Input):
        return True
    if not isinstance(old, Operation) or not joins(old):
        return False
    for part, slot in zip(old.arguments, slots(old), strict=True):
        inner = whole_of(part)
        place = places.get(inner)
        if place is None or place.host is not old or place.slot != slot:
            return False
        if not is_at_home(inner, places):
            return False
    return True


def in_place(
    program: Program,
    clusters: Sequence[Cluster],
    lent: Mapping[Value, frozenset[Value]],
    places: Mapping[Value, Place],
    returned: set[Any],
) -> dict[Value, Value]:
    """Find which updates may be written over the state, since nothing needs its old values later."""
    number = {x: (i, j) for i, cluster in enumerate(clusters) for j, x in enumerate(cluster.members)}
    others = [x for i, x in enumerate(program.outputs) if i not in program.kept]
    used = [(o, x) for o in number if not is_view(o) for x in o.operands()]
    found: dict[Value, Value] = {}
    for old, new in program.updates:
        if not (isinstance(new, Operation) and writes_into(new)) or new in found or new in places or new in returned:
            continue
        pieces = {old, *pieces_of(old)}
        later = [*others, *(x for o, x in program.updates if o is not old)]
        if not is_at_home(old, places) or any(touches(x, pieces, lent) for x in later):
            continue
        readers = [(number[o], o, x) for o, x in used if touches(x, pieces, lent)]
        # In a run, every block has to be read before it is written: only what lies just so is.
        alone = len(clusters[number[new][0]].members) == 1
        if all(
            o in pieces or i[0] < number[new][0] or (i <= number[new] and (x is old or alone)) for i, o, x in readers
        ):
            found[new] = old
    return found


def hosted(
    operations: Sequence[Operation], returned: set[Any], state: set[Input], home: set[Value]
) -> dict[Value, Place]:
    """Find what can be written at once where it belongs in a concatenation or a stack."""
    places: dict[Value, Place] = {}
    # Only of elements that lie in order is another shape a view.
    reshaped = {base(x) for x in operations if x.function is np.reshape and is_view(x)}
    # Of elements that lie apart NumPy adds in another order.
    summed = {base(x) for operation in operations if adds(operation) for x in operation.operands()}
    for whole in reversed(operations):  # the outermost first
        if not joins(whole) or whole in returned:
            continue
        for part, slot in zip(whole.arguments, slots(whole), strict=True):
            inner = whole_of(part)
            if inner in places or inner in returned or inner.dtype != whole.dtype:
                continue
            together = is_contiguous_slot(whole) and (whole not in places or is_in_order(whole, places))
            if (inner is not part or inner in reshaped or inner in summed) and not together:
                continue
            if (isinstance(inner, Operation) and (writes_into(inner) or joins(inner)) and not is_view(inner)) or (
                inner in state and whole in home
            ):
                places[inner] = Place(host=whole, slot=slot, turned=inner in state and inner.turned)
    return places


def adds(operation: Operation) -> bool:
    """Tell what may compute sums otherwise than a matrix product does."""
    if is_view(operation) or joins(operation) or operation.primitive.elementwise:
        return False
    return operation.function not in (np.matmul, np.dot)


def is_in_order(x: Value, places: Mapping[Value, Place]) -> bool:
    """Tell whether the elements of a value that has a place lie one after the other."""
    place: Place | None = places[x]
    while place is not None and place.host is not None:
        if place.slot.startswith(":") or place.turned:
            return False
        place = places.get(place.host)  # the outermost gets its place last
    return place is None or not place.turned


def is_contiguous_slot(whole: Operation) -> bool:
    """Tell whether the parts of a whole lie one after the other."""
    return bool(whole.options.get("axis", 0) == 0)


def slots(whole: Operation) -> list[str]:
    """Write where the parts of a concatenation or a stack lie in it."""
    axis = whole.options.get("axis", 0) % whole.ndim
    before = ":, " * axis
    if whole.function is np.stack:
        return [f"{before}{i}" for i in range(len(whole.arguments))]
    ends = np.cumsum([part.shape[axis] for part in whole.arguments]).tolist()
    return [f"{before}{end - part.shape[axis]}:{end}" for end, part in zip(ends, whole.arguments, strict=True)]


class Allocation:
    """Hands out memory, step by step.

    Attributes
    ----------
    fresh : set of Value
        What gets no place: what is returned, and what only the run needs that it is part of.
    """

    def __init__(
        self,
        clusters: Sequence[Cluster],
        fresh: set[Any],
        state: set[Input],
        updated: Mapping[Value, Value],
        places: dict[Value, Place],
        lent: Mapping[Value, frozenset[Value]],
    ) -> None:
        self.clusters = clusters
        self.lent = lent
        self.fresh = fresh
        self.places = places
        self.updated = updated
        self.sizes: list[int] = []
        self.free: list[int] = []
        self.pinned: set[Any] = {self.unit(x) for x in state}
        for operation in (x for cluster in clusters for x in cluster.members):
            if joins(operation) and any(isinstance(part, Literal) for part in operation.arguments):
                self.pinned.add(self.unit(operation))
        self.last = self.last_uses()

    def unit(self, x: Any) -> Any:
        """Find the outermost value that a value lies in."""
        while x in self.places and (host := self.places[x].host) is not None:
            x = host
        return x

    def last_uses(self) -> dict[Any, int]:
        """Find the last step that needs each unit."""
        return {unit: i for i, cluster in enumerate(self.clusters) for unit in self.units_of(cluster)}

    def keep(self, values: Iterable[Value]) -> None:
        """Keep the memory of values to the end: results are copied from it."""
        self.last |= {self.unit(x): len(self.clusters) for x in values}

    def units_of(self, cluster: Cluster) -> Iterable[Any]:
        """List the units that a step needs, in the order in which it does."""
        for operation in cluster.members:
            if not is_view(operation):
                for x in (operation, *operation.operands()):
                    yield from map(self.unit, self.lent.get(x, (x,)))

    def storage(self) -> Storage:
        """Hand out all memory."""
        for unit in dict.fromkeys(self.pinned):
            self.own(unit)
        for i, cluster in enumerate(self.clusters):
            alone = len(cluster.members) == 1
            for operation in cluster.members if alone else cluster.kept:
                if not is_view(operation):
                    self.place(operation, i, alone)
            for unit in dict.fromkeys(self.units_of(cluster)):
                self.release(unit, i)
        return Storage(self.places, self.sizes)

    def place(self, operation: Operation, i: int, alone: bool) -> None:
        """Find a place for the result of an operation."""
        unit = self.unit(operation)
        if operation in self.updated:
            self.places[operation] = Place(host=self.updated[operation], slot="...")
        elif unit not in self.places and self.wants_place(unit):
            over = self.written_over(operation, i) if unit is operation and alone else None
            if over is None:
                self.own(unit)
            else:
                self.places[unit] = self.places[over]
                self.pinned.add(over)  # its memory is no longer its own to give back

    def wants_place(self, x: Any) -> bool:
        """Tell what is written into memory that stays."""
        if not isinstance(x, Operation) or x in self.fresh:
            return False
        return writes_into(x) or (joins(x) and any(p.host is x for p in self.places.values()))

    def own(self, x: Value) -> None:
        """Give a value memory of its own: a piece that is free and large enough, or a new one."""
        nbytes = x.size * x.dtype.itemsize
        fitting = [number for number in self.free if self.sizes[number] >= nbytes and x not in self.pinned]
        if fitting:
            number = min(fitting, key=lambda n: self.sizes[n])
            self.free.remove(number)
        else:
            number = len(self.sizes)
            self.sizes.append(nbytes)
        self.places[x] = Place(memory=number, turned=isinstance(x, Input) and x.turned)

    def release(self, x: Any, i: int) -> None:
        """Take back the memory of a value that nobody needs any more."""
        if self.last.get(x) == i and x in self.places and x not in self.pinned:
            memory = self.places[x].memory
            if memory is not None:
                self.free.append(memory)

    def written_over(self, operation: Operation, i: int) -> Any:
        """Find an operand that an elementwise operation may write its result over."""
        if not (operation.elementwise and isinstance(operation.function, np.ufunc)):
            return None
        if operation.dtype.kind == "c" and operation.size == 1:  # NumPy multiplies one in place with another last bit
            return None
        for x in operation.operands():
            whole = base(x)
            place = self.places.get(whole)
            if place is None or place.memory is None or whole in self.pinned or self.last.get(whole) != i:
                continue
            if x.shape != operation.shape or x.dtype != operation.dtype or not isinstance(whole, Operation):
                continue
            if all(y is x for y in operation.operands() if base(y) is whole) and x is whole and not joins(whole):
                return x
        return None
