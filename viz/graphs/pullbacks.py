"""The chain rule of a step in matrices, as a formula: of Z = W X, what flows back to W is dZ Xᵀ.

The rules are those of the engine, of the few functions that a formula of a course is made of, written for readers.
"""

from collections.abc import Callable, Mapping, Sequence
from math import prod
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.viz.graphs.expressions import Application, Expression, Reference, operand, references
from micrograd_nd.viz.graphs.notation import Operand, Rank, composed, literal

__all__ = ["Shapes", "pulled_back"]

Shapes = Mapping[str, tuple[int, ...]]


class Step(NamedTuple):
    """One call on the way back.

    Attributes
    ----------
    g : Operand
        What flows to its value.
    arguments : sequence of Operand
    shapes : sequence of tuple
        Of the arguments.
    shape : tuple
        Of the value.
    position : int
        Of the argument that is asked for.
    options : mapping
    """

    g: Operand
    arguments: Sequence[Operand]
    shapes: Sequence[tuple[int, ...]]
    shape: tuple[int, ...]
    position: int
    options: Mapping[str, Any]


def pulled_back(
    expression: Expression, box: str, g: Operand, names: Mapping[str, str], shapes: Shapes
) -> Operand | None:
    """Write what flows back to a box from a formula in which it stands.

    Parameters
    ----------
    expression : Expression
        The formula.
    box : str
        The id of a box in it.
    g : Operand
        What flows to the value of the formula: ``dZ``.
    names, shapes : mapping
        The names and shapes of boxes, by their ids.

    Returns
    -------
    Operand or None
        None where the box stands in several places, or the formula is no such chain of matrix products, sums and
        arithmetic.
    """
    if isinstance(expression, Reference):
        return g if expression.box == box else None
    if not isinstance(expression, Application):
        return None
    positions = [i for i, argument in enumerate(expression.arguments) if box in references(argument)]
    rule = RULES.get(expression.function)
    if len(positions) != 1 or rule is None:
        return None
    (position,) = positions
    arguments = [operand(argument, names) for argument in expression.arguments]
    given = [shape_of(argument, shapes) for argument in expression.arguments]
    term = rule(Step(g, arguments, given, expression.shape, position, expression.options))
    return None if term is None else pulled_back(expression.arguments[position], box, term, names, shapes)


def shape_of(expression: Expression, shapes: Shapes) -> tuple[int, ...]:
    """Find the shape of what an expression gives."""
    if isinstance(expression, Reference):
        return shapes[expression.box]
    return expression.shape


def elementwise(*rules: Callable[..., Operand | None]) -> Callable[[Step], Operand | None]:
    """Make a rule of one for each argument, of g and the arguments; broadcasting is undone here."""

    def rule(step: Step) -> Operand | None:
        if step.options:
            return None
        term = rules[step.position](step.g, *step.arguments)
        return None if term is None else unbroadcast(term, step.shape, step.shapes[step.position])

    return rule


def unbroadcast(term: Operand, shape: tuple[int, ...], to: tuple[int, ...]) -> Operand:
    """Sum over the axes along which an argument was repeated."""
    if shape == to:
        return term
    if prod(to) == 1:
        return composed(np.sum, [term])
    extra = len(shape) - len(to)
    stretched = [i for i in range(extra, len(shape)) if shape[i] != to[i - extra]]
    axes = (*range(extra), *stretched)
    options: dict[str, Any] = {"axis": axes if len(axes) > 1 else axes[0]}
    if stretched:
        options["keepdims"] = True
    return composed(np.sum, [term], options)


def product_rule(step: Step) -> Operand | None:
    """Of matrices: dX = dZ Yᵀ and dY = Xᵀ dZ; of a matrix and a column: dY = Xᵀ dZ."""
    x, y = step.arguments
    dimensions = tuple(map(len, step.shapes))
    if step.options:
        return None
    if step.position == 0 and dimensions == (2, 2):
        return composed(np.matmul, [step.g, transposed(y)])
    if step.position == 1 and dimensions in ((2, 2), (2, 1)):
        return composed(np.matmul, [transposed(x), step.g])
    return None


def transposition_rule(step: Step) -> Operand | None:
    """Of a matrix."""
    return transposed(step.g) if not step.options and len(step.shape) == 2 else None


def repetition_rule(step: Step, of: Operand | None = None) -> Operand | None:
    """Of a sum along axes."""
    axis = step.options.get("axis")
    if axis is None or not {"axis", "keepdims"} >= {name for name, x in step.options.items() if x is not None}:
        return None
    along = f"axis {axis}" if isinstance(axis, int) else f"axes {axis}"
    return Operand(f"{(of or step.g).text} repeated along {along}", formula_rank=Rank.LOOSE)


def mean_rule(step: Step) -> Operand | None:
    """Of a mean along axes."""
    count = prod(step.shapes[0]) // max(prod(step.shape), 1)
    return repetition_rule(step, composed(np.divide, [step.g, literal(count)]))


def transposed(x: Operand) -> Operand:
    """Transpose; twice is not at all."""
    if x.formula_rank is Rank.POWER and x.text.endswith("ᵀ"):
        return Operand(x.text.removesuffix("ᵀ"), formula_rank=Rank.ATOM)
    return composed(np.transpose, [x])


def times(*factors: Operand) -> Operand:
    """Multiply, element by element, numbers first."""
    first, *others = sorted(factors, key=lambda factor: factor.is_name)
    for factor in others:
        first = composed(np.multiply, [first, factor])
    return first


def minus(x: Operand) -> Operand:
    """Change the sign."""
    return composed(np.negative, [x])


def over(x: Operand, y: Operand) -> Operand:
    """Divide."""
    return composed(np.divide, [x, y])


RULES: dict[Callable[..., Any], Callable[[Step], Operand | None]] = {
    np.add: elementwise(lambda g, x, y: g, lambda g, x, y: g),
    np.subtract: elementwise(lambda g, x, y: g, lambda g, x, y: minus(g)),
    np.multiply: elementwise(lambda g, x, y: times(g, y), lambda g, x, y: times(g, x)),
    np.divide: elementwise(
        lambda g, x, y: over(g, y), lambda g, x, y: over(times(minus(g), x), composed(np.square, [y]))
    ),
    np.negative: elementwise(lambda g, x: minus(g)),
    np.positive: elementwise(lambda g, x: g),
    np.square: elementwise(lambda g, x: times(literal(2), g, x)),
    np.matmul: product_rule,
    np.dot: product_rule,
    np.transpose: transposition_rule,
    np.sum: repetition_rule,
    np.mean: mean_rule,
}
