"""Elementwise runs: operations on large arrays of one shape that are executed together, block by block.

A block of every array stays in the processor's cache from one operation to the next, where whole arrays would go to
memory and back each time; what only the run itself needs is never stored at all.
"""

from collections.abc import Sequence
from heapq import heapify, heappop, heappush
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.blocks import block_of, is_flat, is_large, is_sum_in_blocks, rows_of
from micrograd_nd.compiler.program import Operation, Program, Value

__all__ = ["Cluster", "steps"]


class Cluster(NamedTuple):
    """Operations that are executed together; most are alone.

    Attributes
    ----------
    members : list of Operation
        Each after those that it needs.
    kept : list of Operation
        Those that others need.
    """

    members: list[Operation]
    kept: list[Operation]


def steps(program: Program) -> list[Cluster]:
    """List what a program does, one after the other, with its elementwise runs together."""
    operations = program.operations
    home = homes(operations)
    members: dict[Any, list[Operation]] = {}
    for operation in operations:
        members.setdefault(home[operation], []).append(operation)
    users: dict[Value, set[Any]] = {}
    for operation in operations:
        for x in operation.operands():
            users.setdefault(x, set()).add(home[operation])
    needed_at_end = {*program.outputs, *(x for update in program.updates for x in update)}
    found = {
        key: Cluster(group, [x for x in group if x in needed_at_end or users.get(x, set()) - {key}])
        for key, group in members.items()
    }
    return [found[key] for key in ordered(members, home)]


def homes(operations: Sequence[Operation]) -> dict[Operation, Any]:
    """Say for each operation with which others it is executed.

    Operations of one shape are, unless one of them needs, through something else, the result of another: how often a
    chain of operands leaves such a group is counted.
    """
    stage: dict[Value, int] = {}
    home: dict[Operation, Any] = {}
    for operation in operations:
        shape = operation.shape if is_blockwise(operation) else None
        stage[operation] = 0
        for x in operation.operands():
            if isinstance(x, Operation):
                together = shape is not None and is_blockwise(x) and x.shape == shape
                stage[operation] = max(stage[operation], stage[x] + (not together))
        home[operation] = operation if shape is None else (shape, stage[operation])
    with_sums(home)
    return home


def with_sums(home: dict[Operation, Any]) -> None:
    """Let sums that are taken in blocks be taken in the runs that make what they add up, if these have such blocks."""
    groups: dict[Any, list[Operation]] = {}
    for operation, key in home.items():
        groups.setdefault(key, []).append(operation)
    for operation in home:
        if is_sum_in_blocks(operation) and (x := operation.arguments[0]) in home and home[x] is not x:
            run = groups[home[x]]
            if all(map(is_flat, run)) and operation.options["block"] == block_of(*(y.dtype for y in run)):
                home[operation] = home[x]


def ordered(members: dict[Any, list[Operation]], home: dict[Operation, Any]) -> list[Any]:
    """Put clusters into an order in which each comes after those that it needs, else that of recording."""
    waiting = dict.fromkeys(members, 0)
    followers: dict[Any, set[Any]] = {key: set() for key in members}
    for key, group in members.items():
        for x in {x for operation in group for x in operation.operands() if isinstance(x, Operation)}:
            if home[x] != key and key not in followers[home[x]]:
                followers[home[x]].add(key)
                waiting[key] += 1
    number = {key: i for i, key in enumerate(members)}
    rank = {key: (max(x.order for x in group), number[key]) for key, group in members.items()}
    ready = [(*rank[key], key) for key, count in waiting.items() if not count]
    heapify(ready)
    result = []
    while ready:
        key = heappop(ready)[2]
        result.append(key)
        for follower in followers[key]:
            waiting[follower] -= 1
            if not waiting[follower]:
                heappush(ready, (*rank[follower], follower))
    return result


def is_blockwise(operation: Operation) -> bool:
    """Tell what can be computed block by block, along the first axis or along all as one."""
    if not is_large(operation) or not operation.elementwise or operation.layout is not None:
        return False
    if "c" in {x.dtype.kind for x in (operation, *operation.operands())}:
        return False  # a block of one complex number is computed to other bits than many
    function = operation.function
    known = function in (np.where, np.ndarray.astype) or (
        isinstance(function, np.ufunc) and function.nout == 1 and not operation.options
    )
    return known and (is_flat(operation) or rows_of(operation.shape, operation.dtype) < operation.shape[0])
