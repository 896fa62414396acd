"""What a thread or task is doing with gradients just now: recording or not, inside a transform or not."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["inside_transform", "no_grad", "recording", "transforming"]

recording: ContextVar[bool] = ContextVar("recording", default=True)
inside_transform: ContextVar[bool] = ContextVar("inside_transform", default=False)


@contextmanager
def no_grad() -> Iterator[None]:
    """Compute without recording: results are constants, and no memory is kept for a backward pass.

    It holds for the current thread or asynchronous task alone. It also works as a decorator. A transform used inside,
    such as `grad`, records what it needs itself, and its result is then a plain array.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> w = mg.Tensor(2.0)
    >>> with mg.no_grad():
    ...     y = w * 3
    >>> y.requires_grad
    False
    """
    token = recording.set(False)
    try:
        yield
    finally:
        recording.reset(token)


@contextmanager
def transforming() -> Iterator[None]:
    """Record, and refuse conversions that would cut the graph unseen."""
    record_token, inside_token = recording.set(True), inside_transform.set(True)
    try:
        yield
    finally:
        recording.reset(record_token)
        inside_transform.reset(inside_token)
