"""The DOT writer: a scene becomes a Graphviz graph, in which every box and arrow can be found by its id."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import graphviz
import numpy as np

from micrograd_nd.viz.drawing import Drawing, tip
from micrograd_nd.viz.graphs.expressions import Summary
from micrograd_nd.viz.graphs.layout import layout
from micrograd_nd.viz.graphs.legend import legend
from micrograd_nd.viz.graphs.scene import Arrow, Box, Group, Kind, Scene
from micrograd_nd.viz.labels import beside, equation, label, sized, stacked, text, value
from micrograd_nd.viz.printable import visible
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
    picture = Drawing(
        graph_attr={"bgcolor": theme.background, "fontcolor": theme.text},
        node_attr={**NODES, "fontcolor": theme.text},
        edge_attr=EDGES,
    )
    picture.attr(
        "graph", rankdir=direction, ranksep="0.4", nodesep="0.3", fontname=FONT, fontsize="11", **layout(scene)
    )
    if with_legend and len(scene.boxes) > 1:
        picture.attr("graph", label=legend(scene, theme, values), labelloc="b")
    writing = Writing(scene, theme, values)
    if not title:
        writing.into(picture)
    else:
        with picture.subgraph(name="cluster_titled") as titled:
            heading = stacked(*(sized(text(visible(line) or " "), 16) for line in title.split("\n")))
            titled.attr("graph", label=label(heading), labelloc="t", peripheries="0", id="titled")
            writing.into(titled)
    return picture


class Writing:
    """One scene on its way into a graph."""

    def __init__(self, scene: Scene, theme: Theme, values: bool) -> None:
        self.scene = scene
        self.theme = theme
        self.values = values
        self.uses = Counter(arrow.source for arrow in scene.arrows)
        self.parts = Counter(arrow.source for arrow in scene.arrows if arrow.share is not None)

    def into(self, picture: graphviz.Digraph) -> None:
        """Write boxes, in the groups that they lie in, then arrows, each back after the one forward."""
        groups = {group.id: self.opened(group) for group in self.scene.groups}
        for box in self.scene.boxes:
            shared = self.parts[box.id] > 1
            lines = [*self.described(box), *([self.derivative(box)] if shared else [])]
            inside = picture if box.group is None else groups[box.group]
            inside.node(box.id, label(stacked(*lines)), id=box.id, **look(box.kind, self.theme))
        for group in reversed(self.scene.groups):
            outside = picture if group.outer is None else groups[group.outer]
            outside.subgraph(groups[group.id])
        for arrow in self.scene.arrows:
            ends = arrow.source, arrow.target
            flows = arrow.share is not None
            beside_forward = [*self.carried(arrow), *([] if flows else self.local(arrow))]
            picture.edge(*ends, labelled(beside_forward), id=f"forward-{arrow.id}", **forward(self.theme))
            if flows:
                beside_backward = [*self.flowing_back(arrow), *self.local(arrow)]
                picture.edge(*ends, labelled(beside_backward), id=f"backward-{arrow.id}", **backward(self.theme))

    def opened(self, group: Group) -> graphviz.Digraph:
        """Begin the box around the boxes of a group."""
        depth = 0
        outer = group.outer
        while outer is not None:
            depth, outer = depth + 1, self.scene.group_by_id[outer].outer
        ground = self.theme.grounds[depth % len(self.theme.grounds)]
        cluster = Drawing(name=f"cluster_{group.id}")
        cluster.attr(
            "graph",
            label=label(beside(sized(text(visible(group.title)), 13), padding=3)),
            tooltip=tip(group.title),
            labelloc="t",
            labeljust="l",
            style="rounded,filled",
            fillcolor=ground,
            color=self.theme.group,
            margin="10",
            peripheries="1",
            id=group.id,
            **{"class": "group"},
        )
        return cluster

    def described(self, box: Box) -> Iterator[str]:
        """Say what a box is, and its value."""
        if isinstance(box.expression, Summary):
            yield f"<B>{text(self.scene.formula(box))}</B>"
            if self.values:
                yield equation(box.name, box.value, self.theme.forward)
            else:
                yield text(box.name)
            yield from (sized(text(visible(remark), self.theme.muted), 11) for remark in box.remarks)
        elif box.is_computed:
            yield text(f"{box.name} = {self.scene.formula(box)}")
            if self.values:
                yield value(box.value, self.theme.forward)
        else:
            yield equation(box.name, box.value, self.theme.text) if self.values else text(box.name)

    def derivative(self, box: Box) -> str:
        """Show the derivative with respect to a box."""
        return equation(self.scene.derivative_name(box), box.derivative, self.theme.backward)

    def carried(self, arrow: Arrow) -> Iterator[str]:
        """Show what an arrow carries forward, if it is a number."""
        carried = self.scene.by_id[arrow.source].value
        if self.values and np.ndim(carried) == 0 and is_small(carried):
            yield text(value_text(carried), self.theme.forward)

    def flowing_back(self, arrow: Arrow) -> Iterator[str]:
        """Show what flows back: the derivative with respect to the source, or the part of it that this arrow brings."""
        share: Any = arrow.share
        if self.parts[arrow.source] == 1:
            yield self.derivative(self.scene.by_id[arrow.source])
        elif np.ndim(share) == 0 and is_small(share) and share > 0:
            yield text(f"+{value_text(share)}", self.theme.backward)
        elif is_small(share):
            yield value(share, self.theme.backward)

    def local(self, arrow: Arrow) -> Iterator[str]:
        """Show the derivative of the target with respect to the source, or how what flows back is computed.

        Of a source that is used elsewhere too it is a partial one: the target may depend on it in other ways. That of
        the result is what flows back itself.
        """
        local, only = arrow.local, self.uses[arrow.source] == 1
        if local is None or (only and arrow.target == self.scene.root and arrow.share is not None):
            return
        source, target = self.scene.names[arrow.source], self.scene.names[arrow.target]
        name = f"d{target}/d{source}" if only else f"∂{target}/∂{source}"
        if local.value is not None:
            yield equation(name, local.value, self.theme.local)
        elif local.rule is not None:
            yield text(f"d{source} = {local.rule}" if only else f"+ {local.rule}", self.theme.local)
        else:
            yield text(f"{name}: Jacobian {local.shape}", self.theme.local)


def forward(theme: Theme) -> dict[str, str]:
    """Give the look of an arrow forward."""
    return {"class": "forward", "color": theme.forward}


def backward(theme: Theme) -> dict[str, str]:
    """Give the look of an arrow back: drawn from its head to its tail, so that it does not turn the order of boxes."""
    return {"class": "backward", "color": theme.backward, "style": "dashed", "dir": "back"}


def look(kind: Kind, theme: Theme) -> dict[str, str]:
    """Give the look of a kind of box, and its kind as a class for style sheets."""
    border = BORDERS[kind]
    styles = ["rounded"] * border.rounded + ["dotted"] * border.dotted + ["dashed"] * border.dashed + ["filled"]
    found = {"class": kind, "fillcolor": theme.fills[kind], "color": theme.lines[kind], "style": ",".join(styles)}
    if border.thick:
        found["penwidth"] = "2.5"
    if border.dotted:
        found["penwidth"] = "1.6"
    if border.double:
        found["peripheries"] = "2"
    return found


def labelled(lines: list[str]) -> str:
    """Label an arrow, with room around the text; without a text, the room keeps the arrow off the one beside it."""
    if not lines:
        return label(beside("", padding=6))
    return label(beside(lines[0] if len(lines) == 1 else stacked(*lines, padding=1), padding=6))
