"""The way into a program: arguments are taken apart, compared with what it was made for, and handed over one by one.

It is text too, made for one form of arguments: looking a program up by shapes and dtypes would take longer than a small
network's step.
"""

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from micrograd_nd.compiler.naming import Names
from micrograd_nd.compiler.program import Input

__all__ = ["MISS", "Entry", "Foreign"]

# What the entry returns where the arguments are others than the program was made for.
MISS = object()

# A value of such a type is compared; any other thing among the arguments has to be looked at more closely.
COMPARED = (int, bool, str, type(None))


class Foreign(Exception):
    """The state that was given is not that of the program: it has to be copied there."""


class Entry:
    """The text of one entry.

    Attributes
    ----------
    source : str or None
        Defines ``enter(args)``; None where the arguments can only be compared slowly.
    names : dict
        What the text names.
    """

    def __init__(self, parameters: Sequence[Any], inputs: Sequence[Input], state: set[Input]) -> None:
        self.names: dict[str, Any] = {"ndarray": np.ndarray, "MISS": MISS, "Foreign": Foreign}
        self.inputs = {x: f"x{i}" for i, x in enumerate(inputs)}
        self.state = state
        self.unpacking: list[str] = []
        self.checks: list[str] = []
        self.given = Names()
        self.possible = True
        arguments = [self.variable() for _ in parameters]
        for name, nest in zip(arguments, parameters, strict=True):
            self.look(nest, name)
        self.source = self.text(arguments) if self.possible else None

    def text(self, arguments: Sequence[str]) -> str:
        """Write everything."""
        lines = ["def enter(args):", "    try:"]
        if arguments:
            lines.append(f"        {', '.join(arguments)}, = args")
        lines += [f"        {line}" for line in self.unpacking]
        lines += ["    except (TypeError, ValueError, KeyError, IndexError):", "        return MISS"]
        if self.checks:
            lines += [f"    if {' or '.join(self.checks)}:", "        return MISS"]
        lines += [
            "    try:",
            "        run = idle.pop()",
            "    except IndexError:",
            "        return MISS" if self.state else "        run = bind()",
            "    try:",
            f"        return run({', '.join(self.inputs.values())})",
            "    except Foreign:",
            "        return MISS",
            "    finally:",
            "        idle.append(run)",
        ]
        return "\n".join(lines) + "\n"

    def variable(self) -> str:
        """Name something on the way."""
        return self.given.given(object(), "a")

    def look(self, nest: Any, name: str) -> None:
        """Write how one argument is taken apart and compared."""
        if isinstance(nest, Input):
            self.unpacking.append(f"{self.inputs[nest]} = {name}")
            if nest not in self.state:
                self.checks.extend(self.compared(nest))
        elif isinstance(nest, dict) and all(isinstance(key, str | int) for key in nest):
            self.checks.append(f"type({name}) is not dict or [*{name}] != {list(nest)!r}")
            self.parts([(f"{name}[{key!r}]", part) for key, part in nest.items()])
        elif type(nest) in (tuple, list) or hasattr(nest, "_fields"):
            self.checks.append(f"type({name}) is not {self.bound(type(nest))} or len({name}) != {len(nest)}")
            self.parts([(f"{name}[{i}]", part) for i, part in enumerate(nest)])
        elif type(nest) in COMPARED:
            self.checks.append(f"type({name}) is not {self.bound(type(nest))} or {name} != {nest!r}")
        else:
            self.possible = False

    def parts(self, parts: Sequence[tuple[str, Any]]) -> None:
        """Take apart the parts of a nest."""
        for text, part in parts:
            if isinstance(part, Input):
                self.look(part, text)
            else:
                name = self.variable()
                self.unpacking.append(f"{name} = {text}")
                self.look(part, name)

    def compared(self, x: Input) -> Iterator[str]:
        """Write what must be true of no array."""
        name = self.inputs[x]
        if x.weak:
            yield f"type({name}) is not {'complex' if x.dtype.kind == 'c' else 'float'}"
            return
        kinds = "ndarray" if x.shape else self.bound(x.dtype.type)
        yield f"type({name}) is not {kinds}"
        yield f"{name}.dtype is not {self.bound(x.dtype)}"
        if x.shape:
            yield f"{name}.shape != {x.shape}"

    def bound(self, thing: Any) -> str:
        """Name a thing."""
        name = self.given.given((type(thing), thing), "d")
        self.names[name] = thing
        return name
