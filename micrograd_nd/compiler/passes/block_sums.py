"""Sums in blocks: the sum of a large array that nothing else needs is taken while its blocks are in cache.

The array is then never stored. NumPy adds up each block, and then what they come to. Not exact: sums are taken in
another order.
"""

import numpy as np

from micrograd_nd.compiler.blocks import SUM_IN_BLOCKS, block_of, is_flat, is_large
from micrograd_nd.compiler.program import Operation, Program, Value, substituted, users_of

__all__ = ["large_sums_in_blocks"]


def large_sums_in_blocks(program: Program) -> Program:
    """Take sums in blocks, where what is added up is computed element by element."""
    operations = program.operations
    users = users_of(operations, [*program.outputs, *(x for update in program.updates for x in update)])
    instead: dict[Operation, Value] = {}
    for operation in operations:
        if not is_sum_of_all(operation) or users[x := operation.arguments[0]] > 1:
            continue
        if is_large(x) and x.elementwise and is_flat(x) and x.layout is None and x.dtype == operation.dtype:
            options = {"block": block_of(x.dtype)}
            instead[operation] = Operation.make(
                SUM_IN_BLOCKS, (x,), options, operation, operation.order, operation.name
            )
    return (substituted(program, instead) if instead else None) or program


def is_sum_of_all(operation: Operation) -> bool:
    """Tell the sum of all elements of a computed array."""
    return (
        operation.function is np.sum
        and operation.shape == ()
        and operation.dtype.kind == "f"
        and len(operation.arguments) == 1
        and isinstance(operation.arguments[0], Operation)
        and not operation.options.keys() - {"axis", "keepdims"}
    )
