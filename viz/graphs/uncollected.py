"""Work during which the cyclic garbage collector rests: a large scene is a million objects that form no cycles."""

import gc
from collections.abc import Iterator
from contextlib import contextmanager

__all__ = ["uncollected"]


@contextmanager
def uncollected() -> Iterator[None]:
    """Let the garbage collector rest, and then be as it was.

    What forms no cycles is freed all the same, when it is no longer used.

    Examples
    --------
    >>> with uncollected():
    ...     gc.isenabled()
    False
    >>> gc.isenabled()
    True
    """
    # It walks all that has been made, again and again as this becomes more: a third of the time, for nothing.
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()
