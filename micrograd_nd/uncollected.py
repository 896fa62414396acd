"""Work during which the cyclic garbage collector rests: it makes many objects, and nearly all are needed to its end."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the garbage collector rest, and then be as it was.

    What forms no cycles is freed all the same, when it is no longer used. A collection walks every object of the
    process, again and again as these become more, and takes longer the more packages are loaded.

    Examples
    --------
    >>> import gc
    >>> with uncollected():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
