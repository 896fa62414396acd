"""A network as blocks in a row, with the shapes of what runs between them and numbers of parameters."""

from collections.abc import Iterator, Sequence
from typing import Any

import graphviz

from micrograd_nd.nn.module import Module
from micrograd_nd.nn.residual import Residual
from micrograd_nd.viz.drawing import Drawing, tip
from micrograd_nd.viz.labels import beside, label, stacked, text
from micrograd_nd.viz.networks.layers import (
    Layer,
    behaves_as,
    called,
    cut,
    features_after,
    features_before,
    layers_of,
    shapes_of,
    title_lines,
)
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.themes import Theme

__all__ = ["blocks_picture"]

FONT = "Helvetica,Arial,sans-serif"
# A row of more blocks shows the first and the last, and says how many are between.
MOST, FIRST, LAST = 40, 12, 12
# How much of a repr stands in a block.
LINES, COLUMNS = 10, 60


def blocks_picture(model: Module, *, colours: Theme, direction: str, title: str | None) -> Drawing:
    """Draw a network as blocks.

    Parameters
    ----------
    model : Module
    colours : Theme
    direction, title
        As of `network`.

    Returns
    -------
    Drawing
        Nodes are X, n0, n1, ... in the order in which the blocks run, and Y; a `Residual` is a cluster.
    """
    return BlocksPicture(colours, direction).drawn(model, title)


class BlocksPicture:
    """A drawing on its way.

    Attributes
    ----------
    count : int
        How many nodes there are.
    seen : set of int
        The parameters, by ``id``, that a block has counted.
    """

    def __init__(self, colours: Theme, direction: str) -> None:
        self.colours = colours
        self.count = 0
        self.seen: set[int] = set()
        self.picture = Drawing(
            "network",
            graph_attr={
                "rankdir": direction,
                "bgcolor": colours.background,
                "fontname": FONT,
                "fontcolor": colours.text,
            },
            node_attr={"fontname": FONT, "fontsize": "13", "fontcolor": colours.text, "color": colours.outline},
            edge_attr={"fontname": FONT, "fontsize": "11", "fontcolor": colours.muted, "color": colours.connection},
        )
        self.picture.attr("graph", ranksep="0.35", nodesep="0.3", fontsize="12")
        self.picture.attr("node", shape="box", style="filled", fillcolor=colours.fills["operation"], margin="0.14,0.08")
        self.picture.attr("edge", arrowsize="0.7")

    def drawn(self, model: Module, title: str | None) -> Drawing:
        """Draw everything."""
        total = numbered(sum(p.size for p in model.parameters()))
        layers = layers_of(model)
        features = features_before(layers)
        ends = {"shape": "plain", "style": "", "fontsize": "16", "class": "end"}
        self.picture.node("X", label(beside("<I>X</I>", padding=3)), tooltip="input", **ends)
        last, features = self.draw_row(self.picture, layers, "X", features)
        self.picture.node("Y", label(beside("<I>Ŷ</I>", padding=3)), tooltip="prediction", **ends)
        self.connect(last, "Y", features)
        lines = [f'<FONT POINT-SIZE="18">{text(x)}</FONT>' for x in title_lines(title)]
        whole = stacked(*lines, text(total, self.colours.muted), padding=2)
        self.picture.attr("graph", label=label(whole), labelloc="b" if title is None else "t")
        return self.picture

    def draw_row(
        self, graph: graphviz.Digraph, layers: Sequence[Layer], source: str, features: int | None
    ) -> tuple[str, int | None]:
        """Draw layers one after the other; return the last node, and how many features come out of it."""
        for layer in layers if len(layers) <= MOST else layers[:FIRST]:
            source, features = self.draw_layer(graph, layer, source, features)
        if len(layers) > MOST:
            source, features = self.draw_gap(graph, layers[FIRST:-LAST], source, features)
            for layer in layers[-LAST:]:
                source, features = self.draw_layer(graph, layer, source, features)
        return source, features

    def draw_layer(
        self, graph: graphviz.Digraph, layer: Layer, source: str, features: int | None
    ) -> tuple[str, int | None]:
        """Draw one layer."""
        if behaves_as(layer.module, Residual):
            return self.draw_residual(graph, layer, source, features)
        after = features_after(layer, features)
        name = called(layer.module) if layer.number is None else f"layer {layer.number}"
        node = self.node(graph, stacked(*self.described(layer), padding=1), name, **{"class": "block"})
        self.connect(source, node, features)
        return node, after

    def draw_gap(
        self, graph: graphviz.Digraph, layers: Sequence[Layer], source: str, features: int | None
    ) -> tuple[str, int | None]:
        """Say what is left out."""
        before = features
        for layer in layers:
            features = features_after(layer, features)
        news = sum(self.new_parameters(layer.module) for layer in layers)
        lines = text("⋮"), text(f"{len(layers):,} more blocks"), small(text(numbered(news), self.colours.muted))
        markup, name = stacked(*lines, padding=1), f"{len(layers):,} more blocks"
        node = self.node(graph, markup, name, shape="plain", style="", **{"class": "gap"})
        self.connect(source, node, before)
        return node, features

    def draw_residual(
        self, graph: graphviz.Digraph, layer: Layer, source: str, features: int | None
    ) -> tuple[str, int | None]:
        """Draw a box around layers, and the arrow that goes past them to where it is added."""
        inside = layers_of(block_of(layer.module))
        after = features_after(layer, features)
        features = features_before(inside) if features is None else features
        news = self.new_parameters(layer.module, count=False)
        with graph.subgraph(name=f"cluster_{self.count}") as box:
            box.attr(style="rounded,dashed", color=self.colours.outline, margin="14", **{"class": "residual"})
            name = type(layer.module).__name__
            box.attr(tooltip=tip(name))
            # What the box is called stands where the ways part, and no arrow runs through it.
            heading = [f"<B>{text(visible(name))}:</B>{text(' A + f(A)')}"]
            heading += [small(text(numbered(news), self.colours.muted))] * (news > 0)
            plain = {"shape": "plain", "style": ""}
            start = self.node(box, stacked(*heading, padding=2), name, **plain, **{"class": "fork"})
            self.connect(source, start, features)
            last, result = self.draw_row(box, inside, start, features)
            if None not in (features, result) and features != result:
                raise ValueError(
                    f"{called(layer.module)} adds what its layers return to what they are given, so both must have as "
                    f"many features: given {features}, they return {result}"
                )
            round = {"shape": "circle", "margin": "0", "width": "0.32", "fixedsize": "true", "class": "sum"}
            plus = self.node(box, "<B>+</B>", "sum", **round)
            self.connect(last, plus, result)
            # A node of its own, unlike the label of an arrow, is sure to lie in the box.
            skip = self.node(box, beside(text("A", self.colours.muted), padding=3), "A", **plain, **{"class": "skip"})
            self.connect(start, skip, None, arrowhead="none", weight="1", **{"class": "skip"})
            self.connect(skip, plus, None, weight="1", **{"class": "skip"})
        return plus, after if after is not None else result

    def node(self, graph: graphviz.Digraph, markup: str, told: str, **options: str) -> str:
        """Add a node, and what is told to who points at it."""
        name = f"n{self.count}"
        self.count += 1
        graph.node(name, label(markup), tooltip=tip(told), **options)
        return name

    def connect(self, source: str, target: str, features: int | None, **options: str) -> None:
        """Draw an arrow with the shape of what runs along it; in the whole picture, since it may lead out of a box."""
        written = "" if features is None else f"({features:,}, m)"
        shape = {"label": label(text(f" {written} "))} if written else {}
        self.picture.edge(source, target, **({"weight": "10", "tooltip": written or "A"} | shape | options))

    def described(self, layer: Layer) -> Iterator[str]:
        """Say what a block is, and how many parameters it has."""
        module = layer.module
        if (linear := layer.linear) is not None:
            units = linear.W.shape[0]
            heading = f"layer {layer.number}" if layer.number is not None else "layer"
            yield f"<B>{text(heading)}:</B>{text(f' {layer.activation}, {units:,} unit' + 's' * (units != 1))}"
            yield small(text(shapes_of(layer)))
        else:
            yield from written(module)
        if module.parameters():
            news = self.new_parameters(module)
            yield small(text(numbered(news) if news else "its parameters are counted before", self.colours.muted))

    def new_parameters(self, module: Module, count: bool = True) -> int:
        """Count the numbers that parameters hold which no block before has; remember these, unless told not to."""
        news = [p for p in module.parameters() if id(p) not in self.seen]
        if count:
            self.seen.update(map(id, news))
        return sum(p.size for p in news)


def block_of(residual: Any) -> Module:
    """Take what a residual block adds to what it is given."""
    return residual.block  # type: ignore[no-any-return]


def written(module: Module) -> Iterator[str]:
    """Write a module as it writes itself, in one line or several."""
    lines = repr(module).splitlines() or [" "]
    if len(lines) == 1 and len(lines[0]) <= COLUMNS:
        yield f"<B>{text(called(module))}</B>"
        return
    yield f"<B>{text(cut(visible(type(module).__name__), COLUMNS))}</B>"
    shown = [cut(visible(line), COLUMNS) for line in lines[:LINES]]
    shown += [f"… {len(lines) - LINES:,} more lines"] * (len(lines) > LINES)
    rows = "".join(f'<TR><TD ALIGN="LEFT">{small(text(line or " "))}</TD></TR>' for line in shown)
    yield f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'


def numbered(parameters: int) -> str:
    """Write how many parameters there are."""
    return f"{parameters:,} parameter{'s' * (parameters != 1)}"


def small(markup: str) -> str:
    """Write in small letters."""
    return f'<FONT POINT-SIZE="11">{markup}</FONT>'
