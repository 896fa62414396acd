"""Steps: what the page tells one after the other, first forward, then backward."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from micrograd_nd.viz.graphs.scene import Arrow, Box, Scene
from micrograd_nd.viz.walkthrough.chain_rule import derivative_pieces, sum_of_shares, what_flows_back
from micrograd_nd.viz.walkthrough.equations import Equation, Name, Shown, Side, equation
from micrograd_nd.viz.walkthrough.formulas import Manuscript

__all__ = ["Phase", "Step", "count_of_steps", "steps_of"]

Phase = Literal["start", "forward", "backward", "end"]


@dataclass(frozen=True, eq=False)
class Step:
    """What is told at once.

    Attributes
    ----------
    phase : {"start", "forward", "backward", "end"}
    heading : Side
        What it is about.
    equations : tuple of Equation
    notes : tuple of str
        What has to be known to read the equations.
    reveals : tuple of str
        The ids of the parts of the picture that have been reached with it: boxes, arrows (``forward-n0-n1``,
        ``backward-n0-n1``), and the derivative in a box (``derivative-n0``).
    about : tuple of str
        The ids of the parts that are marked while it is told.
    """

    phase: Phase
    heading: Side
    equations: tuple[Equation, ...]
    notes: tuple[str, ...] = ()
    reveals: tuple[str, ...] = ()
    about: tuple[str, ...] = ()


def steps_of(scene: Scene) -> list[Step]:
    """Go through a scene: what is given, each box forward, each derivative backward, and all derivatives at the end.

    Parameters
    ----------
    scene : Scene
        With local derivatives, if it has derivatives.

    Returns
    -------
    list of Step

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.picture import scene_of
    >>> b, c = mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    >>> for step in steps_of(scene_of(2 * (b * c), local_derivatives=True)):
    ...     print(step.phase, *(equation.text() for equation in step.equations), sep="; ")
    start; b = 3; c = 2
    forward; t1 = b × c = 3 × 2 = 6
    forward; J = 2 × t1 = 2 × 6 = 12
    backward; dJ/dJ = 1
    backward; dJ/dt1 = 2
    backward; dJ/dc = dJ/dt1 · dt1/dc = 2 · b = 2 · 3 = 6
    backward; dJ/db = dJ/dt1 · dt1/db = 2 · c = 2 · 2 = 4
    end; dJ/db = 4; dJ/dc = 6
    """
    return [*start(scene), *forward(scene), *backward(scene), *end(scene)]


def count_of_steps(scene: Scene) -> int:
    """Count the steps of a scene, without their equations.

    Parameters
    ----------
    scene : Scene
        With local derivatives or without.

    Returns
    -------
    int
    """
    computed = sum(box.is_computed for box in scene.boxes)
    parts = [len(arrows) for arrows in arrows_back(scene).values()]
    back = sum(n + (n > 1) for n in parts) + 2 if scene.has_derivatives else 0
    return 1 + computed + back


def start(scene: Scene) -> Iterator[Step]:
    """Tell what is given."""
    given = [box for box in scene.boxes if not box.is_computed]
    ids = tuple(box.id for box in given)
    told = tuple(equation((Name(box.name),), (Shown(box.value, "forward"),)) for box in given)
    yield Step(
        "start",
        ("What is given" if given else "Nothing is given: every number stands in a formula",),
        told,
        scene.notes,
        ids,
        ids,
    )


def forward(scene: Scene) -> Iterator[Step]:
    """Compute box after box."""
    for box in scene.boxes:
        if box.is_computed:
            reached = (box.id, *(f"forward-{arrow.id}" for arrow in scene.arrows if arrow.target == box.id))
            yield Step("forward", ("Compute ", Name(box.name)), (computed(scene, box),), (), reached, reached)


def computed(scene: Scene, box: Box) -> Equation:
    """Write how a box is computed, in names and in numbers."""
    manuscript = Manuscript()
    written = manuscript.names_of(scene, box.expression), manuscript.numbers_of(scene, box.expression)
    sides = (manuscript.pieces(formula.text) for formula in written)
    return equation((Name(box.name),), *sides, (Shown(box.value, "forward"),))


def backward(scene: Scene) -> Iterator[Step]:
    """Go back from the result: to each box when all that was computed from it has its derivative."""
    if not scene.has_derivatives:
        return
    root = scene.by_id[scene.root]
    yield Step(
        "backward",
        ("Go back from ", Name(root.name)),
        (equation(derivative_pieces(scene, root), (Shown(root.derivative, "backward"),)),),
        ("The result changes as much as itself.",),
        (),
        (root.id,),
    )
    arriving = arrows_back(scene)
    for box in reversed(scene.boxes):
        arrows = arriving.get(box.id, [])
        for arrow in arrows:
            through = scene.by_id[arrow.target]
            told, notes = what_flows_back(scene, arrow, only=len(arrows) == 1)
            heading: Side = ("Go back to ", Name(box.name), " through ", Name(through.name))
            parts = (f"backward-{arrow.id}",)
            yield Step("backward", heading, (told,), notes, parts, (*parts, box.id))
        if len(arrows) > 1:
            heading = ("Add up what came back to ", Name(box.name))
            note = f"It was used {len(arrows)} times: its derivative is the sum over all ways to the result."
            parts = (f"derivative-{box.id}",)
            marked = (box.id, *(f"backward-{arrow.id}" for arrow in arrows))
            yield Step("backward", heading, (sum_of_shares(scene, box, arrows),), (note,), parts, marked)


def arrows_back(scene: Scene) -> dict[str, list[Arrow]]:
    """List the arrows on which something flows back, by the box it flows to; those nearest to the result first."""
    found: dict[str, list[Arrow]] = {}
    for arrow in reversed(scene.arrows):
        if arrow.share is not None:
            found.setdefault(arrow.source, []).append(arrow)
    return found


def end(scene: Scene) -> Iterator[Step]:
    """Tell the derivatives with respect to what was given."""
    if not scene.has_derivatives:
        return
    leaves = [box for box in scene.boxes if not box.is_computed and box.derivative is not None]
    told = tuple(equation(derivative_pieces(scene, box), (Shown(box.derivative, "backward"),)) for box in leaves)
    yield Step(
        "end", ("All derivatives with respect to what was given",), told, (), (), tuple(box.id for box in leaves)
    )
