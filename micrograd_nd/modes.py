"""What a thread or task is doing with gradients just now: recording or not, inside a transform or not."""

import functools
import inspect
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, TypeVar

__all__ = ["inside_transform", "no_grad", "paused", "transforming"]

F = TypeVar("F", bound=Callable[..., Any])

# How many times no_grad has been entered and not left. Generators may leave in another order than they entered, so that
# a count is right where a stack of states is not.
paused: ContextVar[int] = ContextVar("paused", default=0)
inside_transform: ContextVar[bool] = ContextVar("inside_transform", default=False)


class no_grad:
    """Compute without recording: results are constants, and no memory is kept for a backward pass.

    It holds for the current thread or asynchronous task alone. It also works as a decorator. A transform used inside,
    such as `grad`, records what it needs itself, and its result is then a plain array.

    Raises
    ------
    TypeError
        As a decorator of a generator or a coroutine function, whose body runs later; use ``with`` inside of it.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> w = mg.Tensor(2.0)
    >>> with mg.no_grad():
    ...     y = w * 3
    >>> y.requires_grad
    False
    """

    def __enter__(self) -> None:
        paused.set(paused.get() + 1)

    def __exit__(self, *_: object) -> None:
        paused.set(max(paused.get() - 1, 0))

    def __call__(self, function: F) -> F:
        """Decorate a function, whose body then computes without recording."""
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise TypeError(f"no_grad cannot decorate {function.__name__}, whose body runs later: use it inside")

        @functools.wraps(function)
        def unrecorded(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return unrecorded  # type: ignore[return-value]


@contextmanager
def transforming() -> Iterator[None]:
    """Record, and refuse conversions that would cut the graph unseen."""
    paused_token, inside_token = paused.set(0), inside_transform.set(True)
    try:
        yield
    finally:
        paused.reset(paused_token)
        inside_transform.reset(inside_token)
