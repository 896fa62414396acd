"""Formulas as data: a call of a function on references to boxes, on values, and on other calls."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from micrograd_nd.viz.notation import Operand, composed, literal

__all__ = ["Application", "Expression", "Reference", "Written", "operand", "references", "substituted", "written_out"]


@dataclass(frozen=True)
class Reference:
    """A box, by its id."""

    box: str


@dataclass(frozen=True, eq=False)
class Written:
    """A number, or a few, that stand in the formula itself."""

    value: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Its own."""
        return np.shape(self.value)


@dataclass(frozen=True, eq=False)
class Application:
    """A call.

    Attributes
    ----------
    function : callable
        As users call it: ``np.add``.
    arguments : tuple of Expression
        Its array arguments.
    options : mapping
        Its other arguments.
    shape : tuple of int
        Of what it gives.
    """

    function: Callable[..., Any]
    arguments: tuple["Expression", ...]
    options: Mapping[str, Any]
    shape: tuple[int, ...]


Expression = Reference | Written | Application


def references(expression: Expression) -> Iterator[str]:
    """Go through the ids of the boxes in an expression, each as often as it stands there."""
    if isinstance(expression, Reference):
        yield expression.box
    elif isinstance(expression, Application):
        for argument in expression.arguments:
            yield from references(argument)


def substituted(expression: Expression, box: str, instead: Expression) -> Expression:
    """Put an expression in the place of a reference."""
    if isinstance(expression, Reference):
        return instead if expression.box == box else expression
    if isinstance(expression, Application):
        return replace(expression, arguments=tuple(substituted(x, box, instead) for x in expression.arguments))
    return expression


def operand(expression: Expression, names: Mapping[str, str]) -> Operand:
    """Write an expression as it stands in a larger one."""
    if isinstance(expression, Reference):
        return Operand(names[expression.box])
    if isinstance(expression, Written):
        return literal(expression.value)
    arguments = [operand(argument, names) for argument in expression.arguments]
    return composed(expression.function, arguments, dict(expression.options))


def written_out(expression: Expression, names: Mapping[str, str]) -> str:
    """Write an expression, with the names of the boxes that it refers to."""
    return operand(expression, names).text
