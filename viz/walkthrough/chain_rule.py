"""The chain rule along one arrow, written out: ``dJ/db = dJ/du · du/db = 3 · c = 3 · 2 = 6``."""

from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np

from micrograd_nd.viz.graphs.expressions import Application, Expression, references, written_out
from micrograd_nd.viz.graphs.notation import Operand, Rank, composed
from micrograd_nd.viz.graphs.pullbacks import pulled_back
from micrograd_nd.viz.graphs.scene import Arrow, Box, Scene
from micrograd_nd.viz.walkthrough.equations import Equation, Name, Shown, Side, equation, side_text
from micrograd_nd.viz.walkthrough.formulas import CONDITIONS, Manuscript, with_constants_apart
from micrograd_nd.viz.walkthrough.slopes import evaluated, slope_formula

__all__ = ["derivative_pieces", "sum_of_shares", "what_flows_back"]

CONDITIONS_MEAN = "A condition in brackets is 1 where it holds, else 0."


def derivative_pieces(scene: Scene, box: Box) -> Side:
    """Write the derivative of the result with respect to a box: ``dJ/du``."""
    return ("d", Name(scene.names[scene.root]), "/d", Name(box.name))


def what_flows_back(scene: Scene, arrow: Arrow, *, only: bool) -> tuple[Equation, tuple[str, ...]]:
    """Write what flows back along an arrow, and what has to be known to read it.

    Parameters
    ----------
    scene : Scene
    arrow : Arrow
        On which something flows back.
    only : bool
        Whether it is the whole derivative of the arrow's source, or a part of it.

    Returns
    -------
    Equation
    tuple of str
    """
    whole = derivative_pieces(scene, scene.by_id[arrow.source]) if only else None
    if arrow.local is not None and arrow.local.value is not None:
        return product(scene, arrow, arrow.local.value, whole)
    if arrow.local is not None and arrow.local.rule is not None:
        return in_matrices(scene, arrow, whole)
    part = ("part through ", Name(scene.names[arrow.target]))
    told = equation(whole or part, (Shown(arrow.share, "backward"),))
    if arrow.local is None:
        return told, ()
    return told, (f"No product of numbers: the Jacobian of this step has shape {arrow.local.shape}.",)


def sum_of_shares(scene: Scene, box: Box, arrows: Sequence[Arrow]) -> Equation:
    """Add up what flows back to a box on several arrows."""
    manuscript = Manuscript()
    first, *others = (manuscript.value(arrow.share, "backward") for arrow in arrows)
    total = reduce(lambda sum, share: composed(np.add, [sum, share]), others, first)
    derivative = (Shown(box.derivative, "backward"),)
    return equation(derivative_pieces(scene, box), manuscript.pieces(total.text), derivative)


def product(scene: Scene, arrow: Arrow, local: Any, whole: Side | None) -> tuple[Equation, tuple[str, ...]]:
    """Multiply the derivative at the end of an arrow by that of its step; at the result it is 1, and left out."""
    formula, notes = formula_and_notes(scene, arrow, local)
    incoming: Any = scene.by_id[arrow.target].derivative
    elementwise = bool(np.ndim(incoming) and np.ndim(local))
    manuscript = Manuscript()
    slopes = slopes_written(manuscript, scene, formula, local, in_numbers=not elementwise)
    if arrow.target == scene.root:
        chained = None if whole else local_pieces(scene, arrow)
        sides = slopes
    else:
        chained = chain(scene, arrow, " × " if elementwise else " · ")
        factors = [manuscript.value(incoming, "backward")] * len(slopes)
        if elementwise and formula is not None:
            factors[0] = derivative_operand(manuscript, scene, arrow.target)
        multiply = np.multiply if elementwise else np.dot
        sides = [composed(multiply, pair) for pair in zip(factors, slopes, strict=True)]
    numbers = (manuscript.pieces(side.text) for side in sides)
    return equation(whole, chained, *numbers, (Shown(arrow.share, "backward"),)), notes


def formula_and_notes(scene: Scene, arrow: Arrow, local: Any) -> tuple[Expression | None, tuple[str, ...]]:
    """Find the formula of a local derivative, and what has to be known to read it."""
    formula = slope_formula(scene, arrow)
    if formula is not None and np.ndim(local) and is_one_number(formula):
        step = side_text(local_pieces(scene, arrow))
        return None, (f"Each element of {step} is {written_out(formula, scene.names)}.",)
    return formula, (CONDITIONS_MEAN,) if formula is not None and holds_condition(formula) else ()


def is_one_number(formula: Expression) -> bool:
    """Tell whether a formula has the same value wherever it stands for an element."""
    return not list(references(formula)) and np.ndim(evaluated(formula, {})) == 0


def slopes_written(
    manuscript: Manuscript, scene: Scene, formula: Expression | None, local: Any, *, in_numbers: bool
) -> list[Operand]:
    """Write a local derivative: as a formula of names, of numbers, and as what that gives."""
    if formula is None:
        return [manuscript.value(local, "local")]
    found = [manuscript.names_of(scene, formula)]
    if in_numbers:
        found.append(manuscript.numbers_of(scene, formula))
    return [*found, manuscript.value(local, "local")]


def in_matrices(scene: Scene, arrow: Arrow, whole: Side | None) -> tuple[Equation, tuple[str, ...]]:
    """Write the rule of a step of arrays, in names and in numbers."""
    target = scene.by_id[arrow.target]
    expression, constants = with_constants_apart(target.expression)
    values = {**{id: scene.by_id[id].value for id in target.inputs()}, **constants}
    shapes = {id: np.shape(value) for id, value in values.items()}
    manuscript = Manuscript()

    def pieces(g: str, stand_ins: dict[str, Operand]) -> Side | None:
        texts = {id: x.text if x.rank is Rank.ATOM else f"({x.text})" for id, x in stand_ins.items()}
        found = pulled_back(expression, arrow.source, Operand(g, formula_rank=Rank.ATOM), texts, shapes)
        return None if found is None else manuscript.pieces(found.text)

    apart = {id: manuscript.value(value, "constant") for id, value in constants.items()}
    name = manuscript.name(target.name).text
    dZ = f"d{name}" if target.name.isidentifier() else f"d({name})"
    in_names = pieces(dZ, {**{id: manuscript.name(scene.names[id]) for id in target.inputs()}, **apart})
    g = manuscript.value(target.derivative, "backward").text
    numbers = pieces(g, {**{id: manuscript.value(values[id], "forward") for id in target.inputs()}, **apart})
    note = f"Here {side_text(manuscript.pieces(dZ))} stands for {side_text(derivative_pieces(scene, target))}."
    return equation(whole, in_names, numbers, (Shown(arrow.share, "backward"),)), (note,)


def chain(scene: Scene, arrow: Arrow, sign: str) -> Side:
    """Name the factors of what flows back along an arrow: ``dJ/du · du/dx``."""
    return (*derivative_pieces(scene, scene.by_id[arrow.target]), sign, *local_pieces(scene, arrow))


def local_pieces(scene: Scene, arrow: Arrow) -> Side:
    """Name the derivative of a step, with a round d where its source is used elsewhere too."""
    d = "d" if sum(other.source == arrow.source for other in scene.arrows) == 1 else "∂"
    return (d, Name(scene.names[arrow.target]), f"/{d}", Name(scene.names[arrow.source]))


def derivative_operand(manuscript: Manuscript, scene: Scene, id: str) -> Operand:
    """Write the derivative of the result with respect to a box, as it stands in a formula."""
    result, name = (manuscript.name(scene.names[box]).text for box in (scene.root, id))
    return Operand(f"d{result}/d{name}", formula_rank=Rank.ATOM)


def holds_condition(formula: Expression) -> bool:
    """Tell whether a condition stands in a formula."""
    if not isinstance(formula, Application):
        return False
    return formula.function in CONDITIONS or any(map(holds_condition, formula.arguments))
