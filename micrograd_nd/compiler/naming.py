"""Names: of the values in a program, and of the lines in its text."""

import inspect
import keyword
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import FrameType
from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Input, Operation, Value
from micrograd_nd.handle import Handle
from micrograd_nd.rules.activations import leaky_relu, relu, sigmoid, softmax

__all__ = ["Names", "local_names", "name_as_in_the_course"]

OURS = frozenset({"micrograd_nd", "numpy"})
ACTIVATIONS = frozenset({np.tanh, sigmoid, relu, leaky_relu, softmax})


class Names:
    """Gives every value a name that nothing else has."""

    def __init__(self, reserved: Iterable[str] = ("np", "scipy")) -> None:
        self.reserved = frozenset(reserved)
        self.taken: set[str] = set(self.reserved)
        self.of: dict[Any, str] = {}
        self.count = 0

    def take(self, name: str) -> None:
        """Keep a name from being given."""
        self.taken.add(name)

    def given(self, thing: Any, wish: str) -> str:
        """Name a thing as wished, with a number if that name is taken."""
        if thing in self.of:
            return self.of[thing]
        if not wish:
            self.count += 1
            wish = f"t{self.count}"
        base = "".join(c if (c.isalnum() and c.isascii()) or c == "_" else "_" for c in wish)
        base = f"_{base}" if base[:1].isdigit() or keyword.iskeyword(base) else base
        name, number = base, 1
        while name in self.taken:
            number += 1
            name = f"{base}_{number}"
        self.taken.add(name)
        self.of[thing] = name
        return name


@contextmanager
def local_names(f: Callable[..., Any]) -> Iterator[dict[Any, str]]:
    """Collect what `f`, and users' functions that it calls, call the Tensors that they make: their local variables.

    They are read as each function returns; where a profiler is on, it is left alone, and there are no names.
    """
    found: dict[Any, str] = {}
    own = getattr(inspect.unwrap(f), "__code__", None)
    if sys.getprofile() is not None:
        yield found
        return

    def look(frame: FrameType, event: str, _: Any) -> None:
        if event != "return":  # called at every call of anything, too
            return
        if frame.f_code is own or frame.f_globals.get("__name__", "").split(".")[0] not in OURS:
            for name, value in frame.f_locals.items():
                if isinstance(value, Handle) and name.isidentifier():
                    found.setdefault(value.node, name)

    sys.setprofile(look)
    try:
        yield found
    finally:
        sys.setprofile(None)


def name_as_in_the_course(operations: Sequence[Operation], derivatives: Mapping[Value, Value]) -> None:
    """Give values the names that the course has for them.

    Parameters
    ----------
    operations : sequence of Operation
        In the order of recording. ``W1 @ X + b1`` is named Z1, an activation of Z1 is named A1.
    derivatives : mapping
        From the derivative of a result with respect to a value to that value; of v it is named dv.
    """
    for operation in operations:
        name = course_name(operation)
        # In a loop over layers Z is the name of the last alone.
        if name is not None and operation.name in (None, name[0]):
            operation.name = name
    for derivative, value in derivatives.items():
        if derivative.name is None and value.name is not None and isinstance(derivative, Operation):
            derivative.name = f"d{value.name}"


def course_name(operation: Operation) -> str | None:
    """Find the name of a linear part and of an activation."""
    if operation.function is np.add and isinstance(operation.arguments[1], Input):
        product, b = operation.arguments
        if isinstance(product, Operation) and product.function in (np.matmul, np.dot):
            W = product.arguments[0]
            number = (b.name or "")[1:]
            if isinstance(W, Input) and W.name == f"W{number}" and b.name == f"b{number}":
                return f"Z{number}"
    if operation.function in ACTIVATIONS:
        (Z, *_) = operation.arguments
        name = Z.name or ""
        if name[:1] == "Z" and (name[1:].isdigit() or name == "Z"):
            return f"A{name[1:]}"
    return None
