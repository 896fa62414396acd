"""Blocks: the pieces in which large arrays are worked through, so small that some of each array stay in cache."""

from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Operation
from micrograd_nd.primitives import Primitive

__all__ = ["SUM_IN_BLOCKS", "block_of", "is_flat", "is_large", "is_sum_in_blocks", "rows_of"]

# Elements of a block, if they have eight bytes, and of the smallest array that is worth taking apart.
BLOCK, LARGE = 1 << 14, 1 << 15


def is_large(x: Operation) -> bool:
    """Tell what is worth taking apart."""
    return x.shape != () and x.size >= LARGE


def is_flat(operation: Operation) -> bool:
    """Tell whether all operands have the shape of the result, or are numbers."""
    return all(x.shape in ((), operation.shape) for x in operation.operands())


def block_of(*dtypes: np.dtype[Any]) -> int:
    """Count the elements of a block of arrays of such dtypes."""
    return BLOCK * 8 // max(dtype.itemsize for dtype in dtypes)


def rows_of(shape: tuple[int, ...], *dtypes: np.dtype[Any]) -> int:
    """Count the layers along the first axis that make a block."""
    return max(1, block_of(*dtypes) * shape[0] // int(np.prod(shape)))


def sum_in_blocks(x: Any, block: int) -> Any:
    """Add up an array: its blocks, and then what they come to."""
    x = np.reshape(x, -1)
    return np.sum(np.array([np.sum(x[start : start + block]) for start in range(0, x.size, block)]))


SUM_IN_BLOCKS = Primitive(sum_in_blocks)
SUM_IN_BLOCKS.evaluate = sum_in_blocks
SUM_IN_BLOCKS.rules = ()
SUM_IN_BLOCKS.elementwise = SUM_IN_BLOCKS.linear = False


def is_sum_in_blocks(operation: Operation) -> bool:
    """Tell a sum of all elements that is taken block by block."""
    return operation.primitive is SUM_IN_BLOCKS
