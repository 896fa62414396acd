"""Less detail: what reads as one formula becomes one box, ``z = w1 × x1 + w2 × x2 + b``."""

from dataclasses import replace
from typing import Any

import numpy as np

from micrograd_nd.viz.graphs.expressions import Application, Expression, Summary, operand, references, substituted
from micrograd_nd.viz.graphs.names import named
from micrograd_nd.viz.graphs.notation import MOST_ARGUMENTS
from micrograd_nd.viz.graphs.scene import Arrow, Box, Scene

__all__ = ["LONGEST", "folded"]

# What a reader takes in as part of a formula; an exponential or an activation is a step of its own.
ARITHMETIC = {
    np.add,
    np.subtract,
    np.multiply,
    np.divide,
    np.negative,
    np.positive,
    np.power,
    np.square,
    np.matmul,
    np.dot,
    np.transpose,
    np.sum,
    np.mean,
}
# Characters that a formula has at most.
LONGEST = 40


def folded(scene: Scene) -> Scene:
    """Fold each step of arithmetic into the one formula that uses it.

    Parameters
    ----------
    scene : Scene
        With derivatives or without.

    Returns
    -------
    Scene
        In which a box is left out, and its formula stands in that of the box that uses it, where it is the result of an
        addition, subtraction, multiplication, division, power, matrix product, transposition, sum or mean, has no
        name of its user's, is used once and in one place, by the same module's call, and the formula stays within 40
        characters. Along an arrow flows back what flowed back along all those whose place it takes. What was not given
        a name is numbered anew, unless there are boxes that stand for several.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> w, x, b = (mg.Tensor(value, name=name) for name, value in (("w", 2.0), ("x", 3.0), ("b", 1.0)))
    >>> scene = recorded(np.tanh(w * x + b) * 2)
    >>> [f"{box.name} = {scene.formula(box)}" for box in scene.boxes if box.is_computed]
    ['t1 = w × x', 't2 = t1 + b', 't3 = tanh(t2)', 'J = t3 × 2']
    >>> scene = folded(scene)
    >>> [f"{box.name} = {scene.formula(box)}" for box in scene.boxes if box.is_computed]
    ['t1 = tanh(w × x + b)', 'J = t1 × 2']
    """
    boxes = dict(scene.by_id)
    into: dict[str, str] = {}
    only_user = users_of_the_once_used(scene)
    for box in scene.boxes:
        user = boxes.get(only_user.get(box.id, ""))
        if user is None or user.group != box.group:
            continue
        if not (is_arithmetic(boxes[box.id]) and is_written_in_full(user)):
            continue
        whole = substituted(user.expression, box.id, unsigned(boxes[box.id].expression))
        if length(whole, scene.names) <= LONGEST:
            into[box.id] = user.id
            boxes[user.id] = replace(user, expression=whole, nodes=(*boxes.pop(box.id).nodes, *user.nodes))
    less = replace(scene, boxes=tuple(boxes.values()), arrows=tuple(joined(scene.arrows, into)))
    # Where a box stands for several, formulas may hold names of values that have no box: these must stay what they are.
    return less if any(isinstance(box.expression, Summary) for box in less.boxes) else named(less)


def users_of_the_once_used(scene: Scene) -> dict[str, str]:
    """Find, for each box that stands in one place of one formula, the box of that formula."""
    users: dict[str, list[str]] = {}
    for box in scene.boxes:
        if box.is_computed:
            for source in references(box.expression):
                users.setdefault(source, []).append(box.id)
    return {source: found[0] for source, found in users.items() if len(found) == 1}


def is_arithmetic(box: Box) -> bool:
    """Tell an unnamed step of arithmetic; what a program returns is no mere step, even if it is used once more."""
    expression = box.expression
    is_step = box.kind == "operation" and not box.given_name
    return is_step and isinstance(expression, Application) and expression.function in ARITHMETIC


def unsigned(expression: Expression) -> Expression:
    """Leave a plus sign out, which changes nothing: a derivative's graph has one where a transform took a value up."""
    is_signed = isinstance(expression, Application) and expression.function is np.positive
    return expression.arguments[0] if is_signed and isinstance(expression, Application) else expression


def is_written_in_full(box: Box) -> bool:
    """Tell a formula that leaves no argument out."""
    expression = box.expression
    if isinstance(expression, Summary):
        return False
    return not isinstance(expression, Application) or len(expression.arguments) <= MOST_ARGUMENTS


def length(expression: Expression, names: dict[str, str]) -> int:
    """Count the characters of a formula."""
    return len(operand(expression, names).text)


def joined(arrows: tuple[Arrow, ...], into: dict[str, str]) -> list[Arrow]:
    """Let arrows to what was folded go to where it was folded into, and join those between the same boxes."""
    final: dict[str, str] = {}
    for folded_box in reversed(into):  # what a box was folded into may have been folded later
        final[folded_box] = final.get(into[folded_box], into[folded_box])
    found: dict[tuple[str, str], list[Arrow]] = {}
    for arrow in arrows:
        if arrow.source not in into:
            found.setdefault((arrow.source, final.get(arrow.target, arrow.target)), []).append(arrow)
    return [
        replace(parts[0], id=f"{source}-{target}", target=target, share=total([part.share for part in parts]))
        for (source, target), parts in found.items()
    ]


def total(shares: list[Any]) -> Any:
    """Add up what flows back along several arrows; None where nothing does."""
    flowing = [share for share in shares if share is not None]
    with np.errstate(all="ignore"):
        return sum(flowing[1:], flowing[0]) if flowing else None
