"""Finding where the first NaN or infinity came from, and constants that were written to before they were needed.

Nothing here runs, and nothing is kept, unless `detect_anomaly` is on.
"""

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.modes import changed, mode
from micrograd_nd.primitives import Primitive, readable

__all__ = ["check_tangent", "detect_anomaly", "watch", "watched", "watching"]


class Origin(NamedTuple):
    """Where an operation was recorded, and copies of the plain arrays among its arguments, by their position."""

    line: str
    constants: dict[int, Any]


class detect_anomaly:
    """Stop at the operation that first makes a NaN or an infinity, forward or backward, and name it.

    It also notices a plain array beside a Tensor that was written to between the forward and the backward pass, which
    would change the derivative unseen. Both passes have to run inside. It holds for the current thread or asynchronous
    task; every operation is checked and every plain array copied, so it is for looking for a mistake.

    Raises
    ------
    FloatingPointError
        By an operation with finite arguments whose value, or the derivative of it, is not finite.
    RuntimeError
        By a backward pass that meets an array that has been written to.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> x = mg.Tensor([1.0, 0.0], name="x")
    >>> with mg.detect_anomaly(), np.errstate(divide="ignore"):
    ...     np.sqrt(x).sum().backward()
    Traceback (most recent call last):
    FloatingPointError: the derivative of np.sqrt with respect to argument 0 is inf at [1]...
    """

    def __enter__(self) -> None:
        mode.set(changed(watched=1))

    def __exit__(self, *_: object) -> None:
        mode.set(changed(watched=-1))


def watch(node: Any, primitive: Primitive, inputs: Sequence[Any]) -> None:
    """Check the value of an operation, and remember where it was recorded and from which arrays."""
    line = user_line()
    if flaw := new_flaw(node.out, values_of(inputs)):
        raise FloatingPointError(f"{readable(primitive.function)} made {flaw}, {line}, {of_arguments(inputs)}")
    if hasattr(node, "inputs"):
        node.origin = Origin(line, {i: x.copy() for i, x in enumerate(inputs) if isinstance(x, np.ndarray)})


def watched(pull: Callable[..., Sequence[tuple[Any, Any]]]) -> Callable[..., Sequence[tuple[Any, Any]]]:
    """Check what the rules are given and what they return."""

    def checked(node: Any, g: Any, wanted: Any, lift: Any) -> Sequence[tuple[Any, Any]]:
        with watching(node):
            terms = pull(node, g, wanted, lift)
        for parent, term in terms:
            i = next(i for i, x in enumerate(node.inputs) if x is parent)
            check_derivative("derivative", f" with respect to argument {i}", node, term, [g])
        return terms

    return checked


def check_tangent(node: Any, tangent: Any, sources: Sequence[Any]) -> None:
    """Check what forward mode found of an operation."""
    check_derivative("tangent", "", node, tangent, sources)


def check_derivative(what: str, by: str, node: Any, value: Any, sources: Sequence[Any]) -> None:
    """Refuse a derivative of an operation that is not finite, though what it was made from is."""
    if flaw := new_flaw(plain_value(value), list(map(plain_value, sources))):
        name = readable(node.primitive.function)
        raise FloatingPointError(
            f"the {what} of {name}{by} is {flaw}, {origin_of(node).line}, {of_arguments(node.inputs)}"
        )


@contextmanager
def watching(node: Any) -> Iterator[None]:
    """Before the rules of an operation are applied, see that its constants are what they were; name it in errors."""
    name, origin = readable(node.primitive.function), origin_of(node)
    for i, before in origin.constants.items():
        if not np.array_equal(node.inputs[i], before, equal_nan=True):
            raise RuntimeError(
                f"argument {i} of {name}, {origin.line}, was written to between the forward and the backward pass: the "
                "derivative would be that of other values. Pass a copy, or write to it later"
            )
    try:
        yield
    except FloatingPointError as error:  # by an operation of a rule that is recorded itself
        error.add_note(f"in the derivative of {name}, {origin.line}")
        raise


def origin_of(node: Any) -> Origin:
    """Find where a node was recorded."""
    return getattr(node, "origin", Origin("recorded before detect_anomaly was on", {}))


def new_flaw(value: Any, sources: Sequence[Any]) -> str | None:
    """Say which NaN or infinity is in `value`, and where, if the sources have none of the kind."""
    for found, name in ((np.isnan, "nan"), (np.isinf, "inf")):
        if np.any(at := found(value)) and not any(np.any(~np.isfinite(x)) for x in sources):
            index = ", ".join(map(str, np.argwhere(at)[0].tolist()))
            return f"{name} at [{index}]" if np.ndim(value) else name
    return None


def values_of(inputs: Sequence[Any]) -> list[Any]:
    """See the arguments of an operation as arrays."""
    return [getattr(x, "out", x) for x in inputs]


def of_arguments(inputs: Sequence[Any]) -> str:
    """Describe the arguments of an operation: small ones by value."""
    shown = [repr(x) if np.size(x) <= 8 else f"an array with shape {np.shape(x)}" for x in values_of(inputs)]
    return f"of {', '.join(' '.join(text.split()) for text in shown)}"


def plain_value(x: Any) -> Any:
    """See a Tensor, which a rule that is recorded itself returns, as its array."""
    return x.node.out if hasattr(x, "node") else x


def user_line() -> str:
    """Name the line of the user's code that is being run."""
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__", "").split(".")[0] in ("micrograd_nd", "numpy"):
        frame = frame.f_back
    return f"in {Path(frame.f_code.co_filename).name}, line {frame.f_lineno}" if frame is not None else "somewhere"
