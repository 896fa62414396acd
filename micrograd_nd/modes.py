"""What a thread or task is doing with gradients just now: recording or not, watching, tracing, inside a transform."""

import functools
import inspect
from collections.abc import Callable, Sequence
from contextvars import ContextVar, Token
from typing import Any, NamedTuple, Protocol, TypeVar

__all__ = [
    "Mode",
    "TraceError",
    "Tracer",
    "current",
    "inside_transform",
    "mode",
    "no_grad",
    "recorded",
    "recording",
    "traced_by",
    "tracer",
    "tracing",
    "transforming",
]

F = TypeVar("F", bound=Callable[..., Any])


class TraceError(TypeError):
    """A compiled function asked for a value, which is different at every call of its program."""


class Tracer(Protocol):
    """What `compile` puts in the way of every operation, so that none is left out of the program."""

    def apply(self, function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Call a function, some of whose arguments are Tensors."""

    def record(self, primitive: Any, args: Sequence[Any], options: dict[str, Any] | None) -> Any:
        """Apply a primitive to arrays and options that may hold Tensors."""

    def hold(self, x: Any) -> Any:
        """Let no derivative pass a Tensor."""

    def note_derivative(self, node: Any, g: Any) -> None:
        """Hear that a Tensor is the derivative of a result with respect to a node."""

    def note_constants(self, args: Sequence[Any], nodes: Sequence[Any]) -> None:
        """Hear of which Tensors, among the arguments of an operation, are the nodes that are constants."""

    def note_change(self, x: Any, before: Any) -> None:
        """Hear that a Tensor, which held another node before, is changed in place."""

    def draw(self, generator: Any, name: str, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        """Let a random generator draw."""

    def fresh(self, x: Any) -> Any:
        """Make a Tensor that derivatives are taken with respect to of one that has none."""


class Mode(NamedTuple):
    """How operations are recorded.

    Counts, not flags: generators may leave in another order than they entered, so that a count is right where a stack
    of states is not.
    """

    paused: int = 0
    watched: int = 0
    tracer: Tracer | None = None


USUAL = Mode()
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
    return unless_usual(now._replace(paused=max(now.paused + paused, 0), watched=max(now.watched + watched, 0)))


def unless_usual(new: Mode) -> Mode | None:
    """Let None stand for the usual mode."""
    return None if new == USUAL else new


def tracer() -> Tracer | None:
    """Return what traces the operations; None in eager code."""
    now = mode.get()
    return None if now is None else now.tracer


def tracing() -> bool:
    """Tell whether a function is being traced by `compile`: values may then not be looked at."""
    return tracer() is not None


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
        now = mode.get()
        self.token = mode.set(unless_usual(now._replace(paused=0)) if now is not None and now.paused else now)

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


class traced_by(transforming):
    """Let a tracer see every operation."""

    __slots__ = ("found",)

    def __init__(self, found: Tracer) -> None:
        self.found = found

    def __enter__(self) -> None:
        super().__enter__()
        mode.set(Mode(tracer=self.found))
