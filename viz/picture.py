"""The picture of a computation: a Tensor becomes a Graphviz graph, with values forward and derivatives back."""

from collections.abc import Iterator
from typing import Any

import graphviz
import numpy as np

from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.backflow import Backflow
from micrograd_nd.viz.contents import arguments, drawn, inline, kind, value_of
from micrograd_nd.viz.drawing import Drawing
from micrograd_nd.viz.labels import BACKWARD, FORWARD, MUTED, beside, equation, label, stacked, swatch, text, value
from micrograd_nd.viz.names import named
from micrograd_nd.viz.notation import Operand, written
from micrograd_nd.viz.values import is_small
from micrograd_nd.viz.values import text as value_text

__all__ = ["graph"]

FONT = "Helvetica,Arial,sans-serif"

NODES = {"shape": "box", "style": "filled", "fontname": FONT, "fontsize": "14", "margin": "0.11,0.06", "height": "0.4"}
EDGES = {"fontname": FONT, "fontsize": "12", "arrowsize": "0.7"}
STYLES = {
    "leaf": {"style": "rounded,filled", "fillcolor": "#E8F2FA", "color": "#8FBBDD"},
    "constant": {"style": "rounded,filled", "fillcolor": "#EFEFEF", "color": "#B5B5B5", "fontcolor": "#4D4D4D"},
    "operation": {"fillcolor": "white", "color": "#4D4D4D"},
    "forward": {"color": FORWARD, "fontcolor": FORWARD},
    "backward": {"color": BACKWARD, "fontcolor": BACKWARD, "style": "dashed", "dir": "back"},
}


def graph(J: Tensor, *, gradients: bool = True, values: bool = True, direction: str = "LR") -> graphviz.Digraph:
    """Draw how a Tensor was computed, and the derivatives that flow back through it.

    A light rounded shape is a leaf with its value, a grey one a constant, a box an operation and its value. Solid blue
    arrows carry values forward, dashed orange ones derivatives back. Where a value was used several times, each
    arrow back carries its part, and the value shows their sum. Large arrays are shown as shape and dtype. What has no
    name is called x1, x2, ... (leaves), t1, t2, ... (operations), c1, c2, ... (constant arrays), and the result J.

    Parameters
    ----------
    J : Tensor
        The result. Derivatives are those of this result; they need not have been computed before, and no ``grad`` is
        changed. If it has several elements, there are none in the picture, and the legend says so.
    gradients : bool
        Whether to draw the derivatives.
    values : bool
        Whether to write the values.
    direction : {"LR", "RL", "TB", "BT"}
        Where the computation goes: from left to right, top to bottom, or the reverse.

    Returns
    -------
    graphviz.Digraph
        Its ``source`` is the graph in the DOT language, with nodes n0, n1, ... oldest first; `draw` makes a file of it.

    Raises
    ------
    TypeError
        If `J` is not a Tensor.
    ValueError
        For another direction.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import viz
    >>> a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    >>> picture = viz.graph(3 * (a + b * c))
    >>> "t1 = b × c" in picture.source, "dJ/dt1 = 3" in picture.source
    (True, True)
    """
    if not isinstance(J, Tensor):
        raise TypeError(f"viz.graph draws how a Tensor was computed; got {type(J).__name__}")
    if direction not in ("LR", "RL", "TB", "BT"):
        raise ValueError(f'direction is "LR", "RL", "TB" or "BT" (from left to right, ...); got {direction!r}')
    root = J.node
    things = drawn(root)
    names = named(things, root)
    flow = Backflow(root, names) if gradients else None
    picture = Drawing(node_attr=NODES, edge_attr=EDGES)
    picture.attr("graph", rankdir=direction, ranksep="0.4", nodesep="0.3", fontname=FONT, fontsize="11")
    if len(things) > 1:
        picture.attr("graph", label=legend(values, flow), labelloc="b")
    identifiers = {id(x): f"n{i}" for i, x in enumerate(things)}
    for x in things:
        lines = [*described(x, names, values), *(flow.total(x) if flow else ())]
        picture.node(identifiers[id(x)], label(stacked(*lines)), **styled(kind(x)))
    for x in things:
        for parent in arguments(x):
            ends = identifiers[id(parent)], identifiers[id(x)]
            carried = text(value_text(value_of(parent))) if values and is_number(value_of(parent)) else ""
            picture.edge(*ends, **labelled(carried), **styled("forward"))
            if flow and (back := flow.part(parent, x)) is not None:
                picture.edge(*ends, **labelled(back), **styled("backward"))
    return picture


def described(x: Any, names: dict[int, str], values: bool) -> Iterator[str]:
    """Say what a thing is, and its value."""
    name = names[id(x)]
    if kind(x) == "operation":
        operands = [
            Operand(value_text(value_of(y)), is_name=False) if inline(y) else Operand(names[id(y)]) for y in x.inputs
        ]
        yield text(f"{name} = {written(x.primitive.function, operands, x.options)}")
        if values:
            yield value(x.out, FORWARD)
    else:
        yield equation(name, value_of(x)) if values else text(name)


def legend(values: bool, flow: Backflow | None) -> str:
    """Explain the arrows."""
    parts = [swatch(FORWARD, 1), text(" forward: values" if values else " forward", FORWARD)]
    if flow and flow.obstacle is None:
        parts += [beside("", padding=8), swatch(BACKWARD, 3), text(" backward: derivatives", BACKWARD)]
    elif flow and flow.obstacle:
        parts += [beside("", padding=8), text(flow.obstacle, MUTED)]
    return label(beside(*parts, padding=2))


def is_number(array: Any) -> bool:
    """Tell whether a value is short enough for an arrow."""
    return np.ndim(array) == 0 and is_small(array)


def labelled(markup: str) -> dict[str, str]:
    """Label an edge, with room around the text; without a text, the room keeps the arrow off the one beside it."""
    return {"label": label(beside(markup, padding=4 if markup else 6))}


def styled(name: str) -> dict[str, str]:
    """Give the look of a kind of thing, and its kind as a class for style sheets."""
    return {"class": name, **STYLES[name]}
