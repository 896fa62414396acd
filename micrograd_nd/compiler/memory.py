"""Memory that begins at a cache line, so that no vector that is read or written lies across two."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["aligned"]

LINE = 64


def aligned(nbytes: int) -> NDArray[Any]:
    """Ask for memory; NumPy itself begins at any sixteenth byte."""
    memory = np.empty(nbytes + LINE, np.uint8)
    start = -memory.ctypes.data % LINE
    return memory[start : start + nbytes]
