"""Derivatives of single steps as formulas: of a × b with respect to a, b; of tanh(z), 1 − a²."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from micrograd_nd.rules.activations import relu, sigmoid, softplus
from micrograd_nd.viz.graphs.expressions import Application, Expression, Reference, Written, references, written_out
from micrograd_nd.viz.graphs.scene import Arrow, Scene
from micrograd_nd.viz.walkthrough.formulas import CONDITIONS

__all__ = ["evaluated", "slope_formula"]

# Characters of a formula; beyond them the number alone is told.
LONGEST = 40


def slope_formula(scene: Scene, arrow: Arrow) -> Expression | None:
    """Find a formula for the derivative of a box with respect to one that it was computed from.

    Parameters
    ----------
    scene : Scene
        With local derivatives.
    arrow : Arrow
        From the one box to the other.

    Returns
    -------
    Expression or None
        Of the boxes of the formula, and of the one that is computed, which gives the local derivative of the arrow:
        whatever it is, it is compared with that. None where there is no short one.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.picture import scene_of
    >>> z = mg.Tensor(0.5, name="z")
    >>> scene = scene_of(np.tanh(z), local_derivatives=True)
    >>> written_out(slope_formula(scene, scene.arrows[0]), scene.names)
    '1 − J²'
    """
    box = scene.by_id[arrow.target]
    if arrow.local is None or not isinstance(arrow.local.value, np.ndarray | np.generic):
        return None
    values = {id: scene.by_id[id].value for id in (*box.inputs(), box.id)}
    with np.errstate(all="ignore"):
        found = slope(box.expression, arrow.source, Reference(box.id), values)
        if (
            found is None
            or len(written_out(found, scene.names)) > LONGEST
            or not gives(found, values, arrow.local.value)
        ):
            return None
    return found


def gives(formula: Expression, values: Mapping[str, Any], expected: Any) -> bool:
    """Tell whether a formula gives what it should: a number may stand for an array of equal elements."""
    found = np.asarray(evaluated(formula, values))
    is_constant = not list(references(formula))
    if found.dtype.kind not in "fiu" or not (found.shape == np.shape(expected) or (is_constant and found.ndim == 0)):
        return False
    # Less than half a unit in the last of the five digits that are written.
    return bool(np.allclose(found.astype(float), np.asarray(expected, float), rtol=4e-6, atol=0, equal_nan=True))


def evaluated(expression: Expression, values: Mapping[str, Any]) -> Any:
    """Compute an expression; None where that is not possible."""
    if isinstance(expression, Reference):
        return values[expression.box]
    if isinstance(expression, Written):
        return expression.value
    if not isinstance(expression, Application):
        return None
    arguments = [evaluated(argument, values) for argument in expression.arguments]
    if any(x is None for x in arguments):
        return None
    try:
        found = expression.function(*arguments, **expression.options)
    except (TypeError, ValueError):  # shapes that do not go together, or signs that truth values do not have
        return None
    return found * 1.0 if expression.function in CONDITIONS else found


def slope(expression: Expression, box: str, out: Expression, values: Mapping[str, Any]) -> Expression | None:
    """Differentiate an expression, whose value stands as `out`, with respect to a box in it."""
    if isinstance(expression, Reference):
        return ONE
    rule = SLOPES.get(expression.function) if isinstance(expression, Application) else None
    if rule is None or not isinstance(expression, Application) or any(expression.options.values()):
        return None
    terms: list[Expression] = []
    for i, argument in enumerate(expression.arguments):
        if box in references(argument):
            inner = slope(argument, box, argument, values)
            outer = rule(out, expression.arguments, values)[i]
            if inner is None:
                return None
            terms.append(times(outer, inner))
    total = terms[0]
    for term in terms[1:]:
        total = call(np.add, total, term)
    return total


def call(function: Callable[..., Any], *arguments: Expression) -> Expression:
    """Write a call."""
    return Application(function, arguments, {}, ())


def number(x: float) -> Expression:
    """Write a number."""
    return Written(np.float64(x))


ONE, TWO, MINUS_ONE = number(1), number(2), number(-1)


def times(x: Expression, y: Expression) -> Expression:
    """Multiply; by 1 is not at all, by −1 is a sign."""
    if x is ONE or y is ONE:
        return y if x is ONE else x
    if x is MINUS_ONE or y is MINUS_ONE:
        return call(np.negative, y if x is MINUS_ONE else x)
    return call(np.multiply, x, y)


def power_slopes(out: Expression, arguments: Sequence[Expression], values: Mapping[str, Any]) -> list[Expression]:
    """Of xⁿ: n xⁿ⁻¹ and xⁿ log x."""
    x, n = arguments
    known = isinstance(n, Written) and np.ndim(n.value) == 0
    less = number(float(n.value) - 1) if known and isinstance(n, Written) else call(np.subtract, n, ONE)
    reduced = x if known and isinstance(n, Written) and n.value == 2 else call(np.power, x, less)
    return [times(n, reduced), times(out, call(np.log, x))]


def mean_slopes(out: Expression, arguments: Sequence[Expression], values: Mapping[str, Any]) -> list[Expression]:
    """Of a mean of n elements: 1 ÷ n."""
    return [call(np.divide, ONE, number(np.size(evaluated(arguments[0], values))))]


def each(*slopes: Callable[..., Expression]) -> Callable[..., list[Expression]]:
    """Make a rule of one formula for each argument, of the value and the arguments."""
    return lambda out, arguments, values: [slope(out, *arguments) for slope in slopes]


# Of a function's value and its arguments, the derivative with respect to each argument, as courses write it.
SLOPES: dict[Callable[..., Any], Callable[..., list[Expression]]] = {
    np.add: each(lambda out, x, y: ONE, lambda out, x, y: ONE),
    np.subtract: each(lambda out, x, y: ONE, lambda out, x, y: MINUS_ONE),
    np.multiply: each(lambda out, x, y: y, lambda out, x, y: x),
    np.divide: each(
        lambda out, x, y: call(np.divide, ONE, y),
        lambda out, x, y: call(np.divide, call(np.negative, x), call(np.square, y)),
    ),
    np.dot: each(lambda out, x, y: y, lambda out, x, y: x),
    np.matmul: each(lambda out, x, y: y, lambda out, x, y: x),
    np.power: power_slopes,
    np.negative: each(lambda out, x: MINUS_ONE),
    np.positive: each(lambda out, x: ONE),
    np.square: each(lambda out, x: call(np.multiply, TWO, x)),
    np.sqrt: each(lambda out, x: call(np.divide, ONE, call(np.multiply, TWO, out))),
    np.reciprocal: each(lambda out, x: call(np.negative, call(np.square, out))),
    np.exp: each(lambda out, x: out),
    np.expm1: each(lambda out, x: call(np.add, out, ONE)),
    np.log: each(lambda out, x: call(np.divide, ONE, x)),
    np.log1p: each(lambda out, x: call(np.divide, ONE, call(np.add, ONE, x))),
    np.sin: each(lambda out, x: call(np.cos, x)),
    np.cos: each(lambda out, x: call(np.negative, call(np.sin, x))),
    np.tan: each(lambda out, x: call(np.add, ONE, call(np.square, out))),
    np.arctan: each(lambda out, x: call(np.divide, ONE, call(np.add, ONE, call(np.square, x)))),
    np.sinh: each(lambda out, x: call(np.cosh, x)),
    np.cosh: each(lambda out, x: call(np.sinh, x)),
    np.tanh: each(lambda out, x: call(np.subtract, ONE, call(np.square, out))),
    np.absolute: each(lambda out, x: call(np.sign, x)),
    sigmoid: each(lambda out, x: call(np.multiply, out, call(np.subtract, ONE, out))),
    softplus: each(lambda out, x: call(sigmoid, x)),
    relu: each(lambda out, x: call(np.greater_equal, x, number(0))),
    np.maximum: each(lambda out, x, y: call(np.greater, x, y), lambda out, x, y: call(np.less, x, y)),
    np.minimum: each(lambda out, x, y: call(np.less, x, y), lambda out, x, y: call(np.greater, x, y)),
    np.sum: each(lambda out, x: ONE),
    np.mean: mean_slopes,
}
