"""The picture of a computation: a Tensor becomes a scene, what is asked for is done to it, and it is drawn."""

from typing import Any, Literal

import graphviz

from micrograd_nd.compiler.function import Compiled
from micrograd_nd.nn.module import Module
from micrograd_nd.tensor import Tensor
from micrograd_nd.uncollected import uncollected
from micrograd_nd.viz.graphs.backflow import with_derivatives
from micrograd_nd.viz.graphs.collapsing import collapsed
from micrograd_nd.viz.graphs.dot import written_in_dot
from micrograd_nd.viz.graphs.folding import folded
from micrograd_nd.viz.graphs.local_derivatives import with_local_derivatives
from micrograd_nd.viz.graphs.module_groups import grouped
from micrograd_nd.viz.graphs.program_scenes import scheduled
from micrograd_nd.viz.graphs.recorded_scenes import recorded
from micrograd_nd.viz.graphs.repeats import without_repeats
from micrograd_nd.viz.graphs.scene import Scene
from micrograd_nd.viz.graphs.summarising import summarised
from micrograd_nd.viz.themes import theme_called

__all__ = ["graph", "scene_of"]


def graph(
    J: Tensor | Compiled,
    *,
    gradients: bool = True,
    values: bool = True,
    direction: Literal["LR", "RL", "TB", "BT"] = "LR",
    theme: Literal["light", "dark"] = "light",
    title: str | None = None,
    legend: bool = True,
    detail: Literal["low", "high"] = "high",
    local_derivatives: bool = False,
    model: Module | None = None,
    collapse: Literal["layers", "repeats"] | int | None = None,
) -> graphviz.Digraph:
    """Draw how a Tensor was computed, and the derivatives that flow back through it.

    A rounded shape is a leaf with its value, a box an operation and its value, one with a double border the result; a
    dotted border says that no derivative is taken. Solid blue arrows carry values forward, dashed orange ones
    derivatives back. Where a value was used several times, each arrow back carries its part, and the value shows their
    sum. Large arrays are shown as shape, dtype, range and a strip of means. What has no name is called x1, x2, ...
    (leaves), t1, t2, ... (operations), c1, c2, ... (constant arrays), and the result J.

    Parameters
    ----------
    J : Tensor or Compiled
        The result. Derivatives are those of this result; they need not have been computed before, and no ``grad`` is
        changed. If it has several elements, there are none in the picture, and the legend says so. Of a function that
        `mg.compile` made, the program of the last call is drawn: its operations in their order, with shapes in the
        place of values, and no derivatives but those that it computes itself.
    gradients : bool
        Whether to draw the derivatives.
    values : bool
        Whether to write the values.
    direction : {"LR", "RL", "TB", "BT"}
        Where the computation goes: from left to right, top to bottom, or the reverse.
    theme : {"light", "dark"}
        The colours: for a light page or a dark one.
    title : str, optional
        What to write above the picture, of any number of lines.
    legend : bool
        Whether to explain arrows and boxes below it.
    detail : {"low", "high"}
        ``"high"`` draws every operation; ``"low"`` folds steps of arithmetic that have no name and are used once into
        the formula that uses them, as long as it stays within 40 characters: ``z = w × x + b``.
    local_derivatives : bool
        Whether to write on each arrow back the derivative of the one step, ``dv/du = 1``: the derivative at its end
        times this is what flows back; arrays are multiplied element by element. Where a step is no such product, the
        rule is written, ``dW = dZ Xᵀ`` with dZ for dJ/dZ, or the shape of the Jacobian.
    model : Module, optional
        Whose parameters are told from other variables, and called by their paths where they have no names.
    collapse : {"layers", "repeats"} or int, optional
        What becomes one box, with its result for a value. ``"layers"``: each module that holds no other; a number: each
        module nested so deep, 1 for the outermost. ``"repeats"``: what is done four times or more in a row, between the
        first time and the last, layers and steps of a loop alike; after the other two this is done too. Boxes then say
        what they stand for, and the legend how many operations are not shown.

    Returns
    -------
    graphviz.Digraph
        Its ``source`` is the graph in the DOT language, with nodes n0, n1, ... oldest first; `draw` makes a file of it.
        In an SVG the element of a box has such an id, that of an arrow ``forward-n0-n1`` or ``backward-n0-n1``; their
        classes are their kinds.

    Raises
    ------
    TypeError
        If `J` is neither, the model no Module, or the title no text.
    ValueError
        For another direction, theme, detail or collapse, and for a compiled function that was not called.

    Notes
    -----
    A picture of at most 300 boxes and 600 arrows, which lead past at most 10,000 boxes, is drawn in full. What has more
    is summarised, whatever its size: repetitions first, as by ``"repeats"``; then modules, from those that hold no
    other outwards; then operations without a name that are used once, each into the one that uses it. Where that leaves
    too many boxes still, or fewer than 12, the operations are cut, in their order, into 16 stretches.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import viz
    >>> a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    >>> picture = viz.graph(3 * (a + b * c))
    >>> "t1 = b × c" in picture.source, "dJ/dt1 = 3" in picture.source
    (True, True)
    """
    if direction not in ("LR", "RL", "TB", "BT"):
        raise ValueError(f'direction is "LR", "RL", "TB" or "BT" (from left to right, ...); got {direction!r}')
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title is a text; got {type(title).__name__}")
    colours = theme_called(theme)
    scene = scene_of(
        J,
        gradients=gradients,
        detail=detail,
        local_derivatives=local_derivatives,
        model=model,
        collapse=collapse,
        in_full=False,
    )
    return written_in_dot(scene, colours, direction=direction, values=values, title=title, with_legend=legend)


def scene_of(
    J: Tensor | Compiled,
    *,
    gradients: bool = True,
    detail: Literal["low", "high"] = "high",
    local_derivatives: bool = False,
    model: Module | None = None,
    collapse: Literal["layers", "repeats"] | int | None = None,
    in_full: bool = True,
) -> Scene:
    """Make the scene that `graph` draws: boxes and arrows as data, with their numbers.

    Parameters
    ----------
    J, gradients, detail, local_derivatives, model, collapse
        As for `graph`.
    in_full : bool
        Whether to leave a scene as large as it is, too large perhaps for a picture.

    Returns
    -------
    Scene

    Raises
    ------
    TypeError, ValueError
        As for `graph`.
    """
    if not isinstance(J, Tensor | Compiled):
        raise TypeError(
            f"viz.graph draws how a Tensor was computed, or a program of mg.compile; got {type(J).__name__}"
        )
    if detail not in ("low", "high"):
        raise ValueError(f'detail is "low" or "high"; got {detail!r}')
    if model is not None and not isinstance(model, Module):
        raise TypeError(f"model is a Module whose parameters are in the picture; got {type(model).__name__}")
    check_collapse(collapse)
    with uncollected():
        scene = found_scene(J, model, collapse, in_full)
        if gradients and isinstance(J, Tensor):
            scene = with_derivatives(scene)
        if detail == "low":
            scene = folded(scene)
        return with_local_derivatives(scene) if local_derivatives and isinstance(J, Tensor) else scene


def found_scene(
    J: Tensor | Compiled, model: Module | None, collapse: Literal["layers", "repeats"] | int | None, in_full: bool
) -> Scene:
    """Make the scene with all boxes, then with as many as are to be drawn."""
    scene = scheduled(J.made().recipe.program) if isinstance(J, Compiled) else grouped(recorded(J, model=model))
    if collapse is not None:
        scene = with_less(scene, collapse)
    return scene if in_full else summarised(scene)


def check_collapse(collapse: Any) -> None:
    """Refuse what names nothing that could become one box."""
    depth = isinstance(collapse, int) and not isinstance(collapse, bool) and collapse >= 1
    if collapse not in (None, "layers", "repeats") and not depth:
        raise ValueError(
            'collapse is "layers", "repeats", or how deep the modules are nested that become boxes, 1 for the '
            f"outermost; got {collapse!r}"
        )


def with_less(scene: Scene, collapse: Literal["layers", "repeats"] | int) -> Scene:
    """Let boxes stand for modules, and for what repeats itself."""
    if collapse != "repeats":
        scene = collapsed(scene, None if collapse == "layers" else collapse)
    return without_repeats(scene)
