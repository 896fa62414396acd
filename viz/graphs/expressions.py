"""Formulas as data: a call of a function on references to boxes, on values, and on other calls."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from micrograd_nd.compiler.program import replaced
from micrograd_nd.viz.graphs.notation import Operand, composed, literal
from micrograd_nd.viz.printable import visible

__all__ = [
    "Application",
    "Expression",
    "Reference",
    "Summary",
    "Written",
    "operand",
    "redirected",
    "references",
    "substituted",
    "written_out",
]


@dataclass(frozen=True, slots=True)
class Reference:
    """A box, by its id."""

    box: str


@dataclass(frozen=True, eq=False, slots=True)
class Written:
    """A number, or a few, that stand in the formula itself."""

    value: Any

    @property
    def shape(self) -> tuple[int, ...]:
        """Its own."""
        return np.shape(self.value)


@dataclass(frozen=True, slots=True)
class Name:
    """A name among options, which is written without quotes."""

    text: str

    def __str__(self) -> str:
        return self.text


@dataclass(frozen=True, eq=False, slots=True)
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


@dataclass(frozen=True, slots=True)
class Summary:
    """What stands for formulas that are not written out.

    Attributes
    ----------
    text : str
        What is told of them.
    arguments : tuple of Reference
        The boxes that they refer to.
    shape : tuple of int
        Of what they give in the end.
    """

    text: str
    arguments: tuple[Reference, ...]
    shape: tuple[int, ...]


Expression = Reference | Written | Application | Summary


def references(expression: Expression) -> Iterator[str]:
    """Go through the ids of the boxes in an expression, each as often as it stands there."""
    if isinstance(expression, Reference):
        yield expression.box
    elif isinstance(expression, Application):
        for argument in expression.arguments:
            if type(argument) is Reference:
                yield argument.box
            else:
                yield from references(argument)
        if expression.options:
            yield from in_options(expression.options)
    elif isinstance(expression, Summary):
        yield from (argument.box for argument in expression.arguments)


def in_options(nest: Any) -> Iterator[str]:
    """Go through the ids of the boxes in options: in a program the index of an element may be computed."""
    if isinstance(nest, Reference):
        yield nest.box
    elif isinstance(nest, Summary):
        yield from references(nest)
    elif isinstance(nest, tuple | list):
        for part in nest:
            yield from in_options(part)
    elif isinstance(nest, Mapping):
        yield from in_options(tuple(nest.values()))
    elif isinstance(nest, slice):
        yield from in_options((nest.start, nest.stop, nest.step))


def substituted(expression: Expression, box: str, instead: Expression) -> Expression:
    """Put an expression in the place of a reference."""
    if isinstance(expression, Reference):
        return instead if expression.box == box else expression
    if isinstance(expression, Application):
        return replace(expression, arguments=tuple(substituted(x, box, instead) for x in expression.arguments))
    return expression


def redirected(expression: Expression, instead: Mapping[str, "Summary"]) -> Expression:
    """Put what stands for boxes in the places of references to them, by their ids; also in options."""

    def new(x: Any) -> Any:
        return instead.get(x.box, x) if isinstance(x, Reference) else x

    if isinstance(expression, Application):
        arguments = tuple(redirected(argument, instead) for argument in expression.arguments)
        options = {name: replaced(option, new) for name, option in expression.options.items()}
        return replace(expression, arguments=arguments, options=options)
    if isinstance(expression, Summary):
        found = [argument for x in expression.arguments for argument in (new(x), *getattr(new(x), "arguments", ()))]
        return replace(expression, arguments=tuple(x for x in found if isinstance(x, Reference)))
    return new(expression)  # type: ignore[no-any-return]


def operand(expression: Expression, names: Mapping[str, str]) -> Operand:
    """Write an expression as it stands in a larger one."""
    if isinstance(expression, Reference):
        return Operand(names[expression.box])
    if isinstance(expression, Written):
        return literal(expression.value)
    if isinstance(expression, Summary):
        return Operand(visible(expression.text))
    arguments = [operand(argument, names) for argument in expression.arguments]
    options = {name: replaced(option, lambda x: shown(x, names)) for name, option in expression.options.items()}
    return composed(expression.function, arguments, options)


def shown(option: Any, names: Mapping[str, str]) -> Any:
    """Put the name of a box in the place of a reference, and a value in that of one that is written."""
    if isinstance(option, Reference):
        return Name(names[option.box])
    if isinstance(option, Summary):
        return Name(option.text)
    return option.value if isinstance(option, Written) else option


def written_out(expression: Expression, names: Mapping[str, str]) -> str:
    """Write an expression, with the names of the boxes that it refers to."""
    return operand(expression, names).text
