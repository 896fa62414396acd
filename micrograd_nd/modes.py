"""What a thread or task is doing with gradients just now: recording or not, watching, inside a transform or not."""

import functools
import inspect
from collections.abc import Callable
from contextvars import ContextVar, Token
from typing import Any, NamedTuple, TypeVar

__all__ = ["Mode", "current", "inside_transform", "mode", "no_grad", "recorded", "recording", "transforming"]

F = TypeVar("F", bound=Callable[..., Any])


class Mode(NamedTuple):
    """How operations are recorded.

    Counts, not flags: generators may leave in another order than they entered, so that a count is right where a stack
    of states is not.
    """

    paused: int
    watched: int


USUAL = Mode(0, 0)
# None stands for the usual mode: every operation asks for it.
mode: ContextVar[Mode | None] = ContextVar("mode", default=None)
inside_transform: ContextVar[bool] = ContextVar("inside_transform", default=False)


def current() -> Mode:
    """Return the mode in full."""
    return mode.get() or USUAL


def recording() -> bool:
    """Tell whether operations are recorded."""
    return not current().paused


def changed(paused: int = 0, watched: int = 0) -> Mode | None:
    """Count one more or one less of either."""
    now = current()
    new = Mode(max(now.paused + paused, 0), max(now.watched + watched, 0))
    return None if new == USUAL else new


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
        mode.set(changed(paused=1))

    def __exit__(self, *_: object) -> None:
        mode.set(changed(paused=-1))

    def __call__(self, function: F) -> F:
        """Decorate a function, whose body then computes without recording."""
        if inspect.isgeneratorfunction(function) or inspect.iscoroutinefunction(function):
            raise TypeError(f"no_grad cannot decorate {function.__name__}, whose body runs later: use it inside")

        @functools.wraps(function)
        def unrecorded(*args: Any, **kwargs: Any) -> Any:
            with self:
                return function(*args, **kwargs)

        return unrecorded  # type: ignore[return-value]


class recorded:
    """Record, whatever is the mode outside."""

    __slots__ = ("token",)

    token: Token[Mode | None]

    def __enter__(self) -> None:
        watched = current().watched
        self.token = mode.set(Mode(0, watched) if watched else None)

    def __exit__(self, *_: object) -> None:
        mode.reset(self.token)


class transforming(recorded):
    """Record, and refuse conversions that would cut the graph unseen."""

    __slots__ = ("inside",)

    inside: Token[bool]

    def __enter__(self) -> None:
        super().__enter__()
        self.inside = inside_transform.set(True)

    def __exit__(self, *_: object) -> None:
        inside_transform.reset(self.inside)
        super().__exit__()
