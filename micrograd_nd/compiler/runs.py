"""The text of an elementwise run: a loop over blocks, each of which goes through all operations while in cache."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd_nd.compiler.clusters import BLOCK, Cluster, is_flat, rows_of
from micrograd_nd.compiler.expressions import Expression
from micrograd_nd.compiler.program import Operation, Value
from micrograd_nd.compiler.storage import is_in_order, writes_into

if TYPE_CHECKING:
    from micrograd_nd.compiler.fast import FastText

__all__ = ["run_written"]


def run_written(text: "FastText", cluster: Cluster) -> bool:
    """Write a run into the text of a program.

    Returns
    -------
    bool
        False where its arrays lie in memory so that they cannot be cut into blocks; nothing has been written then.
    """
    shape = cluster.members[0].shape
    flat = all(is_flat(x) for x in cluster.members) and all(
        x not in text.places or is_in_order(x, text.places) for x in cluster.kept
    )
    if not flat and rows_of(shape) >= shape[0]:
        return False
    Run(text, cluster, shape, flat).write()
    return True


class Run:
    """One run on its way to a text."""

    def __init__(self, text: "FastText", cluster: Cluster, shape: tuple[int, ...], flat: bool) -> None:
        self.text = text
        self.cluster = cluster
        self.shape = shape
        self.flat = flat
        self.blocks = text.given.given(object(), "blocks")
        self.cut = text.given.given(object(), "block")
        self.before: list[str] = []
        self.lines: list[str] = []
        self.scratch: dict[str, np.dtype[Any]] = {}
        self.free: list[str] = []
        self.of: dict[Value, str] = {}

    def write(self) -> None:
        """Write the loop, and what it needs before it."""
        text, members = self.text, set(self.cluster.members)
        outside = dict.fromkeys(x for member in self.cluster.members for x in member.operands() if x not in members)
        operands = {x: text.operand(x, None).text for x in outside if x.shape}
        arrays = {x: self.whole(x) for x in self.cluster.kept}
        outer = dict(text.texts)
        for x, name in operands.items():
            if self.is_cut(x):
                text.texts[x] = Expression(self.block(name, x))
        parts = {x: self.block(name, x) for x, name in arrays.items()}
        last = {x: i for i, member in enumerate(self.cluster.members) for x in (member, *member.operands())}
        for i, member in enumerate(self.cluster.members):
            self.step(member, parts, [x for x in (member, *member.operands()) if last[x] == i])
        text.texts = {**outer, **{x: Expression(name) for x, name in arrays.items()}}
        self.make_blocks()
        text.body.extend(self.before)
        names = [self.cut, *self.scratch]
        text.body.append(f"for {', '.join(names)}{',' * (len(names) == 1)} in {self.blocks}:")
        text.body.extend(f"    {line}" for line in self.lines)

    def is_cut(self, x: Value) -> bool:
        """Tell what is taken block by block, and not whole at every block."""
        return x.shape == self.shape or (
            not self.flat and x.ndim == len(self.shape) and x.shape[0] == self.shape[0] != 1
        )

    def block(self, array: str, x: Value) -> str:
        """Write the block of an array."""
        if self.flat and x.ndim != 1:
            vector = self.text.given.given(object(), f"{array}_flat")
            self.before.append(f"{vector} = {array}.reshape(-1)")
            array = vector
        name = self.text.given.given(object(), f"{array}_block")
        self.lines.append(f"{name} = {array}[{self.cut}]")
        return name

    def whole(self, x: Operation) -> str:
        """Name the whole of an array that others need: in its place, or made anew."""
        if x in self.text.places:
            return self.text.static(x)
        name = self.text.given.given(x, x.name or "")
        self.before.append(f"{name} = {self.text.alias('np.empty')}({x.shape}, {self.text.dtype(x.dtype)})")
        return name

    def step(self, member: Operation, parts: dict[Operation, str], dying: Sequence[Value]) -> None:
        """Write one operation of the run."""
        self.text.texts.pop(member, None)
        into = parts.get(member)
        if writes_into(member):
            over = next((x for x in dying if x is not member and x in self.of and same_kind(x, member)), None)
            if into is None and over is not None:
                into = self.of[member] = self.of.pop(over)
            elif into is None:
                into = self.of[member] = self.memory(member.dtype)
            self.lines.append(self.text.statement(member, into))
            self.text.texts[member] = Expression(into)
        else:
            expression = self.text.expressed(member).text
            name = into or self.text.given.given(object(), member.name or "")
            self.lines.append(f"{name}[...] = {expression}" if into else f"{name} = {expression}")
            self.text.texts[member] = Expression(name)
        for x in dying:
            if x in self.of:
                self.free.append(self.of.pop(x))

    def memory(self, dtype: np.dtype[Any]) -> str:
        """Find memory for a block."""
        for name in self.free:
            if self.scratch[name] == dtype:
                self.free.remove(name)
                return name
        name = self.text.given.given(object(), "")
        self.scratch[name] = dtype
        return name

    def make_blocks(self) -> None:
        """Write how the blocks, and the memory for each, are made."""
        length = int(np.prod(self.shape)) if self.flat else self.shape[0]
        step = BLOCK if self.flat else rows_of(self.shape)
        step = max(1, step * 8 // max(member.dtype.itemsize for member in self.cluster.members))
        rest = () if self.flat else self.shape[1:]
        for name, dtype in self.scratch.items():
            self.text.setup.append(f"{name} = np.empty({(step, *rest)}, {self.text.dtype(dtype)})")
        cuts = ["slice(start, stop)", *(f"{name}[: stop - start]" for name in self.scratch)]
        self.text.setup.append(
            f"{self.blocks} = [({', '.join(cuts)},) for start in range(0, {length}, {step}) "
            f"for stop in (min(start + {step}, {length}),)]"
        )


def same_kind(x: Value, y: Value) -> bool:
    """Tell whether one value can be written over another."""
    return x.dtype == y.dtype and x.shape == y.shape
