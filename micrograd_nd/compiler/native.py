"""Native runs: the arithmetic of an elementwise run as loops over its blocks, which numba compiles.

NumPy has fast code for functions such as tanh, but goes through a block once for every sum, product and root. Here all
of those that nothing else has to be computed between are one loop, a *kernel*: each array is read once, and what lies
between stays in registers. The bits are NumPy's, since each of these operations has one right result (IEEE 754).
"""

import functools
import importlib
from collections.abc import Callable, Sequence
from types import ModuleType
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.expressions import number
from micrograd_nd.compiler.program import Literal, Operation, Value

__all__ = ["Kernel", "failures", "jit", "kernel_text", "numba", "staged"]

# How each operation is written for numba. The order of comparisons with NaN, of zeros, and the like, need no care here.
LOOPS: dict[Callable[..., Any], str] = {
    np.add: "{} + {}",
    np.subtract: "{} - {}",
    np.multiply: "{} * {}",
    np.divide: "{} / {}",
    np.negative: "-{}",
    np.square: "{0} * {0}",
    np.sqrt: "np.sqrt({})",
    np.absolute: "abs({})",
}
# What is cheaper computed again, up to so many operations, than stored from one kernel to the next.
CHEAP = frozenset({np.add, np.subtract, np.multiply, np.negative, np.square})
AGAIN = 4
DTYPES = frozenset(map(np.dtype, (np.float64, np.float32)))


class Kernel(NamedTuple):
    """Operations that are one loop.

    Attributes
    ----------
    members : list of Operation
        In the order in which they are computed.
    reads : list of Value
        What they need that others computed: arrays, and numbers that are no literals.
    writes : list of Operation
        Those of the members that others need.
    """

    members: list[Operation]
    reads: list[Value]
    writes: list[Operation]

    def operands(self) -> list[Value]:
        """List the values that it is computed from."""
        return self.reads


@functools.cache
def numba() -> ModuleType | None:
    """Import numba, if it is installed."""
    try:
        return importlib.import_module("numba")
    except ImportError:
        return None


def failures() -> tuple[type[Exception], ...]:
    """List what numba raises where it cannot compile a kernel after all."""
    errors = getattr(getattr(numba(), "core", None), "errors", None)
    return () if errors is None else (errors.NumbaError,)


def jit(function: Callable[..., Any]) -> Any:
    """Let numba compile a kernel when it is first called; divisions by zero give what they give in NumPy."""
    return numba().njit(error_model="numpy", nogil=True)(function)  # type: ignore[union-attr]


def is_native(operation: Operation) -> bool:
    """Tell what a kernel can compute to the same bits."""
    return (
        operation.function in LOOPS
        and operation.dtype in DTYPES
        and all(
            isinstance(x, Literal) and x.dtype.kind in "iuf" if x.weak else x.dtype == operation.dtype
            for x in operation.operands()
        )
    )


def staged(members: Sequence[Operation], kept: Sequence[Operation]) -> list[Operation | Kernel]:
    """Put the members of a run together into as few kernels as possible.

    Parameters
    ----------
    members : sequence of Operation
        All of one shape, each after those that it needs.
    kept : sequence of Operation
        Those of them that others need.

    Returns
    -------
    list
        Kernels and the operations between them, each after those that it needs.
    """
    stage = stages(members)
    number = {x: i for i, x in enumerate(members)}
    kernels: list[list[Operation]] = [[] for _ in range(max(stage.values(), default=-1) + 1)]
    for x in members:
        if is_native(x):
            kernels[stage[x]].append(x)
    closures = [sorted(with_cheap(kernel, stage), key=number.__getitem__) for kernel in kernels]
    needed: set[Value] = set(kept)
    for x in members:
        needed.update(x.operands() if not is_native(x) else ())
    for closure in closures:
        needed.update(y for x in closure for y in x.operands() if y not in set(closure))
    found: list[Operation | Kernel] = [x for x in members if stage[x] < 0]
    for i, (kernel, closure) in enumerate(zip(kernels, closures, strict=True)):
        inner = set(closure)
        reads = dict.fromkeys(
            y
            for x in closure
            for y in x.operands()
            if y not in inner and not (isinstance(y, Literal) and y.shape == ())
        )
        if len(closure) > 1:
            found.append(Kernel(closure, list(reads), [x for x in kernel if x in needed]))
        else:
            found.extend(closure)
        found.extend(x for x in members if stage[x] == i and not is_native(x))
    return found


def stages(members: Sequence[Operation]) -> dict[Operation, int]:
    """Say for each operation in which kernel it is computed, or after which.

    It is the latest of those that are early enough, so that little is stored from one kernel to the next.
    """
    stage: dict[Any, int] = {}
    users: dict[Value, list[Operation]] = {}
    for x in members:
        inner = [y for y in x.operands() if y in stage]
        for y in inner:
            users.setdefault(y, []).append(x)
        if is_native(x):
            stage[x] = max((stage[y] + (not is_native(y)) for y in inner), default=0)  # type: ignore[arg-type]
        else:
            stage[x] = max((stage[y] for y in inner), default=-1)
    for x in reversed(members):
        if is_native(x) and x in users:
            stage[x] = min(stage[user] for user in users[x])
    return stage


def with_cheap(kernel: Sequence[Operation], stage: dict[Operation, int]) -> set[Operation]:
    """Add to a kernel what it needs of earlier ones and is computed again."""
    found = set(kernel)
    for x in kernel:
        for y in x.operands():
            if y in stage and y not in found and (again := cheap(y, stage)) is not None:
                found |= again
    return found


def cheap(x: Any, stage: dict[Operation, int]) -> set[Operation] | None:
    """List what has to be computed for a value, if that is little, and all of it in kernels."""
    if x.function not in CHEAP or not is_native(x):
        return None
    found = {x}
    for y in x.operands():
        if y in stage and is_native(y):
            inner = cheap(y, stage)
            if inner is None:
                return None
            found |= inner
    return found if len(found) <= AGAIN else None


def kernel_text(name: str, kernel: Kernel) -> str:
    """Write a kernel: a function of the arrays that it reads, and of those that it writes."""
    names: dict[Value, str] = {}
    parameters, lines = [], []
    for i, x in enumerate(kernel.reads, start=1):
        parameters.append(f"x{i}")
        if x.shape:
            lines.append(f"a{i} = x{i}[i]")
        names[x] = f"a{i}" if x.shape else f"x{i}"

    for i, x in enumerate(kernel.members, start=1):
        operands = (names[y] if y in names else constant(y, x.dtype) for y in x.arguments)
        lines.append(f"t{i} = {LOOPS[x.function].format(*operands)}")
        names[x] = f"t{i}"
    for i, x in enumerate(kernel.writes, start=1):
        parameters.append(f"y{i}")
        lines.append(f"y{i}[i] = {names[x]}")
    head = [f"def {name}({', '.join(parameters)}):", "    for i in range(len(y1)):"]
    return "\n".join(["@jit", *head, *(f"        {line}" for line in lines)])


def constant(x: Any, dtype: np.dtype[Any]) -> str:
    """Write a literal as a number of a dtype."""
    text = number(dtype.type(x.data))
    return f"np.{dtype.name}({text})" if dtype == np.float32 else f"({text})" if text.startswith("-") else text
