"""Memory that begins at a cache line, so that no vector that is read or written lies across two."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["aligned", "lies_in"]

LINE = 64


def aligned(nbytes: int) -> NDArray[Any]:
    """Ask for memory; NumPy itself begins at any sixteenth byte."""
    memory = np.empty(nbytes + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + nbytes]


def lies_in(x: NDArray[Any], memory: Sequence[NDArray[Any]]) -> bool:
    """Tell whether a view may look at memory that `aligned` gave; most look at an array of their own, seen at once."""
    owner = x.base
    if type(owner) is np.ndarray and owner.flags.owndata:
        return any(owner is piece.base for piece in memory)
    return any(np.may_share_memory(x, piece) for piece in memory)
