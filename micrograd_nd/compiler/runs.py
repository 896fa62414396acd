"""The text of an elementwise run: a loop over blocks, each of which goes through all operations while in cache."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd_nd.compiler.aliasing import writes_into
from micrograd_nd.compiler.blocks import block_of, is_flat, is_sum_in_blocks, rows_of
from micrograd_nd.compiler.clusters import Cluster
from micrograd_nd.compiler.expressions import Expression
from micrograd_nd.compiler.native import Kernel, kernel_text, staged
from micrograd_nd.compiler.program import Operation, Value
from micrograd_nd.compiler.storage import is_in_order

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
    sums = any(map(is_sum_in_blocks, cluster.members))
    flat = all(is_flat(x) or is_sum_in_blocks(x) for x in cluster.members) and all(
        x not in text.places or is_in_order(x, text.places) for x in cluster.kept
    )
    if not flat and (sums or rows_of(shape, *dtypes_of(cluster)) >= shape[0]):
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
        self.after: list[str] = []
        self.scratch: dict[str, np.dtype[Any]] = {}
        self.partial: dict[str, str] = {}
        self.free: list[str] = []
        self.of: dict[Value, str] = {}

    def write(self) -> None:
        """Write the loop, and what it needs before it and after it."""
        text, members = self.text, set(self.cluster.members)
        outside = dict.fromkeys(x for member in self.cluster.members for x in member.operands() if x not in members)
        operands = {x: text.operand(x, None).text for x in outside if x.shape}
        arrays = {x: self.whole(x) for x in self.cluster.kept if not is_sum_in_blocks(x)}
        outer = dict(text.texts)
        for x, name in operands.items():
            if self.is_cut(x):
                text.texts[x] = Expression(self.block(name, x))
        parts = {x: self.block(name, x) for x, name in arrays.items()}
        steps = self.steps()
        last = {x: i for i, step in enumerate(steps) for x in (*made_by(step), *step.operands())}
        for i, step in enumerate(steps):
            dying = [x for x in (*made_by(step), *step.operands()) if last[x] == i]
            if isinstance(step, Kernel):
                self.kernel(step, parts)
            elif is_sum_in_blocks(step):
                self.sum(step)
            else:
                self.step(step, parts, dying)
            self.free.extend(self.of.pop(x) for x in dying if x in self.of)
        sums: dict[Value, Expression] = {x: text.texts[x] for x in self.cluster.kept if is_sum_in_blocks(x)}
        text.texts = {**outer, **{x: Expression(name) for x, name in arrays.items()}, **sums}
        self.make_blocks()
        text.body.extend(self.before)
        names = [self.cut, *self.scratch, *self.partial]
        work, part = (text.given.given(object(), name) for name in ("work", "part"))
        text.body.append(f"def {work}({part}):")
        text.body.append(f"    for {', '.join(names)}{',' * (len(names) == 1)} in {part}:")
        text.body.extend(f"        {line}" for line in self.lines)
        text.body.append(f"share({work}, {self.blocks})")
        text.body.extend(self.after)

    def steps(self) -> Sequence[Operation | Kernel]:
        """List what is done with each block: single operations, or kernels where numba is to compile them."""
        members = self.cluster.members
        if not (self.text.native and self.flat):
            return members
        steps = staged(members, self.cluster.kept)
        at = {x: i for i, step in enumerate(steps) for x in made_by(step)}
        for new in self.cluster.kept:  # what is written over state comes after all that reads the state
            old = self.text.places[new].host if new in self.text.updated else None
            if old is not None and any(old in step.operands() for step in steps[at[new] + 1 :]):
                return members
        return steps

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

    def step(self, member: Operation, parts: Mapping[Operation, str], dying: Sequence[Value]) -> None:
        """Write one operation of the run."""
        self.text.texts.pop(member, None)
        if writes_into(member):
            into = self.target(member, parts, dying)
            self.lines.append(self.text.statement(member, into))
            self.text.texts[member] = Expression(into)
            return
        expression = self.text.expressed(member).text
        into = parts.get(member, "")
        name = into or self.text.given.given(object(), member.name or "")
        self.lines.append(f"{name}[...] = {expression}" if into else f"{name} = {expression}")
        self.text.texts[member] = Expression(name)

    def kernel(self, kernel: Kernel, parts: Mapping[Operation, str]) -> None:
        """Write the call of a kernel, and the kernel.

        It writes over nothing that it reads: where arrays may be the same, compilers do one element at a time.
        """
        reads = [self.text.operand(x, None).text for x in kernel.reads]
        writes = []
        for x in kernel.writes:
            self.text.texts.pop(x, None)
            writes.append(self.target(x, parts, ()))
            self.text.texts[x] = Expression(writes[-1])
        name = self.text.given.given(object(), "kernel")
        self.text.kernels.append(kernel_text(name, kernel))
        self.lines.append(f"{name}({', '.join([*reads, *writes])})")

    def target(self, x: Operation, parts: Mapping[Operation, str], dying: Sequence[Value]) -> str:
        """Say where a block of a result is written: where it is kept, over what nobody needs any more, or elsewhere."""
        if x in parts:
            return parts[x]
        over = next((y for y in dying if y is not x and y in self.of and same_kind(y, x)), None)
        self.of[x] = self.memory(x.dtype) if over is None else self.of.pop(over)
        return self.of[x]

    def sum(self, member: Operation) -> None:
        """Write a sum that is taken block by block: those of the blocks are added up in the end."""
        add = self.text.alias("np.add.reduce")
        sums, one = (self.text.given.given(object(), name) for name in ("sums", "one_sum"))
        self.partial[one] = sums
        self.text.setup.append(f"{sums} = np.empty({self.count()}, {self.text.dtype(member.dtype)})")
        self.lines.append(f"{add}({self.text.operand(member.arguments[0], None).text}, 0, None, {one}, True)")
        name = self.text.given.given(member, member.name or "")
        self.after.append(f"{name} = {add}({sums}, None, None, None, False)")
        self.text.texts[member] = Expression(name)

    def memory(self, dtype: np.dtype[Any]) -> str:
        """Find memory for a block."""
        for name in self.free:
            if self.scratch[name] == dtype:
                self.free.remove(name)
                return name
        name = self.text.given.given(object(), "")
        self.scratch[name] = dtype
        return name

    def length(self) -> int:
        """Count what is cut: elements, or layers along the first axis."""
        return int(np.prod(self.shape)) if self.flat else self.shape[0]

    def block_length(self) -> int:
        """Count how much of that is a block."""
        dtypes = dtypes_of(self.cluster)
        return block_of(*dtypes) if self.flat else rows_of(self.shape, *dtypes)

    def count(self) -> int:
        """Count the blocks."""
        return -(-self.length() // self.block_length())

    def make_blocks(self) -> None:
        """Write how the blocks of each thread, and memory for them, are made."""
        length, step = self.length(), self.block_length()
        rest = () if self.flat else self.shape[1:]
        cuts = ["slice(start, stop)", *(f"{name}[: stop - start]" for name in self.scratch)]
        cuts += [f"{sums}[start // {step}:][:1]" for sums in self.partial.values()]
        make = self.text.given.given(object(), "make_blocks")
        work = len(self.cluster.members) * int(np.prod(rest))
        blocks = (
            f"[({', '.join(cuts)},) for start in range(first, last, {step}) for stop in (min(start + {step}, last),)]"
        )
        self.text.setup += [
            f"def {make}(first, last):",
            *(f"    {self.scratch_made(x, dtype, (step, *rest))}" for x, dtype in self.scratch.items()),
            f"    return {blocks}",
            f"{self.blocks} = [{make}(first, last) for first, last in shares({length}, {step}, {work})]",
        ]

    def scratch_made(self, name: str, dtype: np.dtype[Any], shape: tuple[int, ...]) -> str:
        """Write how memory for a block is made."""
        nbytes = int(np.prod(shape)) * dtype.itemsize
        return f"{name} = aligned({nbytes}).view({self.text.dtype(dtype)}).reshape({shape})"


def made_by(step: Operation | Kernel) -> Sequence[Operation]:
    """List the values that a step leaves behind."""
    return step.writes if isinstance(step, Kernel) else (step,)


def dtypes_of(cluster: Cluster) -> list[np.dtype[Any]]:
    """List the dtypes of what a run computes block by block."""
    return [member.dtype for member in cluster.members]


def same_kind(x: Value, y: Value) -> bool:
    """Tell whether one value can be written over another."""
    return x.dtype == y.dtype and x.shape == y.shape
