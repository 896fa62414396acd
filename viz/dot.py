"""The DOT writer: a scene becomes a Graphviz graph, in which every box and arrow can be found by its id."""

from collections.abc import Iterator
from typing import Any

import graphviz
import numpy as np

from micrograd_nd.viz.labels import beside, equation, label, sized, stacked, text, value
from micrograd_nd.viz.legend import legend
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.scene import Arrow, Box, Kind, Scene
from micrograd_nd.viz.themes import BORDERS, Theme
from micrograd_nd.viz.values import is_small
from micrograd_nd.viz.values import text as value_text

__all__ = ["written_in_dot"]

FONT = "Helvetica,Arial,sans-serif"

NODES = {"shape": "box", "style": "filled", "fontname": FONT, "fontsize": "14", "margin": "0.11,0.06", "height": "0.4"}
EDGES = {"fontname": FONT, "fontsize": "12", "arrowsize": "0.7"}


def written_in_dot(
    scene: Scene,
    theme: Theme,
    *,
    direction: str = "LR",
    values: bool = True,
    title: str | None = None,
    with_legend: bool = True,
) -> graphviz.Digraph:
    """Write a scene as a Graphviz graph.

    Parameters
    ----------
    scene : Scene
        What to draw.
    theme : Theme
        Its colours.
    direction : {"LR", "RL", "TB", "BT"}
        Where the computation goes.
    values : bool
        Whether to write the values.
    title : str, optional
        What to write above it.
    with_legend : bool
        Whether to explain arrows and boxes below it, if there are any arrows.

    Returns
    -------
    graphviz.Digraph
        In it and in an SVG made of it, a box has the id of the scene's, and its kind as class; an arrow forward the id
        ``forward-`` and that of the scene's arrow, an arrow back ``backward-`` and the same.
    """
    picture = graphviz.Digraph(
        graph_attr={"bgcolor": theme.background, "fontcolor": theme.text},
        node_attr={**NODES, "fontcolor": theme.text},
        edge_attr=EDGES,
    )
    picture.attr("graph", rankdir=direction, ranksep="0.4", nodesep="0.3", fontname=FONT, fontsize="11")
    if with_legend and len(scene.boxes) > 1:
        picture.attr("graph", label=legend(scene, theme, values), labelloc="b")
    writing = Writing(scene, theme, values)
    if title is None:
        writing.into(picture)
    else:
        with picture.subgraph(name="cluster_titled") as titled:
            heading = stacked(*(sized(text(visible(line)), 16) for line in title.split("\n")))
            titled.attr("graph", label=label(heading), labelloc="t", peripheries="0", id="titled")
            writing.into(titled)
    return picture


class Writing:
    """One scene on its way into a graph."""

    def __init__(self, scene: Scene, theme: Theme, values: bool) -> None:
        self.scene = scene
        self.theme = theme
        self.values = values
        self.is_part = {arrow.id: is_part for arrow, is_part in scene.parts()}

    def into(self, picture: graphviz.Digraph) -> None:
        """Write boxes, then arrows: an arrow back is written after the one forward, which it is drawn under."""
        shared = {arrow.source for arrow in self.scene.arrows if self.is_part.get(arrow.id)}
        for box in self.scene.boxes:
            lines = [*self.described(box), *([self.derivative(box)] if box.id in shared else [])]
            picture.node(box.id, label(stacked(*lines)), id=box.id, **look(box.kind, self.theme))
        for arrow in self.scene.arrows:
            forward = {"id": f"forward-{arrow.id}", "class": "forward", "color": self.theme.forward}
            picture.edge(arrow.source, arrow.target, label=labelled(self.carried(arrow)), **forward)
            if arrow.id in self.is_part:
                backward = {"id": f"backward-{arrow.id}", "class": "backward", "color": self.theme.backward}
                styles = {"style": "dashed", "dir": "back"}
                picture.edge(arrow.source, arrow.target, label=labelled(self.flowing_back(arrow)), **backward, **styles)

    def described(self, box: Box) -> Iterator[str]:
        """Say what a box is, and its value."""
        if box.is_computed:
            yield text(f"{box.name} = {self.scene.formula(box)}")
            if self.values:
                yield value(box.value, self.theme.forward)
        else:
            yield equation(box.name, box.value) if self.values else text(box.name)

    def derivative(self, box: Box) -> str:
        """Show the derivative with respect to a box."""
        return equation(self.scene.derivative_name(box), box.derivative, self.theme.backward)

    def carried(self, arrow: Arrow) -> str:
        """Show what an arrow carries forward, if it is a number."""
        carried = self.scene.by_id[arrow.source].value
        is_number = np.ndim(carried) == 0 and is_small(carried)
        return text(value_text(carried), self.theme.forward) if self.values and is_number else ""

    def flowing_back(self, arrow: Arrow) -> str:
        """Show what flows back: the derivative with respect to the source, or the part of it that this arrow brings."""
        if not self.is_part[arrow.id]:
            return self.derivative(self.scene.by_id[arrow.source])
        share: Any = arrow.share
        if not is_small(share):
            return ""
        is_positive = np.ndim(share) == 0 and share > 0
        return text(f"+{value_text(share)}", self.theme.backward) if is_positive else value(share, self.theme.backward)


def look(kind: Kind, theme: Theme) -> dict[str, str]:
    """Give the look of a kind of box, and its kind as a class for style sheets."""
    border = BORDERS[kind]
    styles = ["rounded"] * border.rounded + ["dotted"] * border.dotted + ["filled"]
    found = {"class": kind, "fillcolor": theme.fills[kind], "color": theme.lines[kind], "style": ",".join(styles)}
    if border.thick:
        found["penwidth"] = "2.5"
    if border.double:
        found["peripheries"] = "2"
    return found


def labelled(markup: str) -> str:
    """Label an arrow, with room around the text; without a text, the room keeps the arrow off the one beside it."""
    return label(beside(markup, padding=4 if markup else 6))
