"""A network as the course draws it: circles in columns, a column a layer, an arrow for each weight.

Every circle is given its place here, and Graphviz draws it there.
"""

from collections.abc import Iterator, Sequence
from functools import cached_property

from micrograd_nd.nn.module import Module
from micrograd_nd.viz.drawing import Drawing
from micrograd_nd.viz.labels import beside, label, stacked, text
from micrograd_nd.viz.networks.columns import SMALLEST, Column, columns_of, width_of
from micrograd_nd.viz.networks.layers import Layer, keeps_units, title_lines
from micrograd_nd.viz.networks.weights import Weights
from micrograd_nd.viz.themes import Theme

__all__ = ["can_be_units", "most_units", "not_units", "units_picture"]

FONT = "Helvetica,Arial,sans-serif"
# In points: the distance from the middle of one circle to that of the next.
STEP = 54


def can_be_units(layers: Sequence[Layer]) -> bool:
    """Tell whether a network is a row of linear layers, and what is between them leaves the units as they are."""
    return any(layer.linear for layer in layers) and not_units(layers) is None


def not_units(layers: Sequence[Layer]) -> Module | None:
    """Find a module that circles cannot show."""
    return next((layer.module for layer in layers if not layer.linear and not keeps_units(layer.module)), None)


def most_units(layers: Sequence[Layer]) -> int:
    """Count the units of the widest layer."""
    return max(layer.linear.W.shape[0] for layer in layers if layer.linear)


def units_picture(
    layers: Sequence[Layer], *, weights: bool, biases: bool, colours: Theme, direction: str, title: str | None
) -> Drawing:
    """Draw a network as circles in columns.

    Parameters
    ----------
    layers : sequence of Layer
        Of which `can_be_units` is true.
    weights, biases, direction, title
        As of `network`.
    colours : Theme

    Returns
    -------
    Drawing
        Nodes are ``l_i``, the unit i of column l, both counted from 0; ``l_b`` is a bias unit, ``l_gap`` what is left
        out, ``l_title`` a title.
    """
    return UnitsPicture(layers, weights, biases, colours, direction).drawn(title)


class UnitsPicture:
    """A drawing on its way: columns, and where they stand.

    Places are (along, across): how far in the direction of the network, and how far from its middle line.
    """

    def __init__(self, layers: Sequence[Layer], weights: bool, biases: bool, colours: Theme, direction: str) -> None:
        self.columns = list(columns_of(layers))
        self.linear = [layer.linear for layer in layers if layer.linear]
        self.biases = biases
        self.colours = colours
        self.direction = direction
        self.weights = Weights(self.linear, biases, colours) if weights else None
        self.tall = max(self.extent(column) for column in self.columns)
        self.picture = Drawing(
            "network",
            graph_attr={"layout": "nop2", "splines": "line", "outputorder": "edgesfirst", "pad": "0.12"},
            node_attr={"fontname": FONT, "fontsize": "14", "fontcolor": colours.text, "color": colours.outline},
            edge_attr={"color": colours.connection, "penwidth": "0.8", "arrowsize": "0.5"},
        )
        self.picture.attr("graph", bgcolor=colours.background)

    def drawn(self, title: str | None) -> Drawing:
        """Draw everything."""
        places = list(self.places())
        for l, along in enumerate(places):
            self.draw_column(l, along)
        for l in range(len(self.linear)):
            self.connect(l)
        self.draw_predictions(places[-1])
        self.draw_texts(places, title)
        return self.picture

    @property
    def upright(self) -> bool:
        """Whether columns are columns; in a network that runs up or down they are rows."""
        return self.direction in ("LR", "RL")

    def places(self) -> Iterator[float]:
        """Say how far along each column stands, with room for titles."""
        along = 0.0
        for l, column in enumerate(self.columns):
            if l:
                before = self.columns[l - 1]
                widest = (width_of(before.title) + width_of(column.title)) / 2 + 30
                highest = 16.0 * max(len(before.title), len(column.title)) + 24
                along += max(130 if self.upright else 110, widest if self.upright else highest)
            yield along

    def extent(self, column: Column) -> float:
        """Say how far from the middle the circles of a column reach."""
        bias = self.biases and column.kind != "output"
        return (len(column.shown) - 1 + bias) / 2 * self.step + column.diameter / 2

    @cached_property
    def step(self) -> float:
        """How far apart circles are: further where an index needs larger ones."""
        return max(STEP, *(column.diameter + STEP - SMALLEST for column in self.columns))

    def at(self, along: float, across: float) -> str:
        """Write a place as Graphviz reads it, whose y goes up."""
        x, y = {
            "LR": (along, -across),
            "RL": (-along, -across),
            "TB": (across, -along),
            "BT": (across, along),
        }[self.direction]
        return f"{x:.2f},{y:.2f}"

    def draw_column(self, l: int, along: float) -> None:
        """Draw the circles of a layer."""
        column, shown = self.columns[l], self.columns[l].shown
        bias = self.biases and column.kind != "output"
        first = -(len(shown) - 1 + bias) / 2 * self.step
        size = {"shape": "circle", "fixedsize": "true", "width": f"{column.diameter / 72:.3f}", "style": "filled"}
        fill = self.colours.fills["constant"] if column.kind == "input" else self.colours.fills["variable"]
        for place, i in enumerate(shown):
            where = self.at(along, first + place * self.step)
            if i is None:
                dots = "⋮" if self.upright else "⋯"
                more = [text(x, self.colours.muted) for x in (f"{column.between:,}", "more")]
                markup = stacked(text(dots), self.small(stacked(*more, padding=0)), padding=0)
                # Arrows that pass by must not run through the text.
                behind = {"style": "filled", "fillcolor": self.colours.background}
                self.write(f"{l}_gap", "gap", where, markup, tooltip=f"{column.between:,} more", **behind)
            else:
                symbol = indexed(column.symbol, column.number, i + 1)
                looks = {**size, "fillcolor": fill, "class": column.kind, "tooltip": column.unit(i)}
                self.picture.node(f"{l}_{i}", label(symbol), pos=where, **looks)
        if bias:
            where = self.at(along, first + len(shown) * self.step)
            looks = {**size, "style": "filled,dashed", "fillcolor": self.colours.background}
            looks |= {"class": "bias", "tooltip": "bias unit, always 1"}
            self.picture.node(f"{l}_b", label(text("1")), pos=where, **looks)

    def connect(self, l: int) -> None:
        """Draw the arrows from a column to the next."""
        after = [i for i in self.columns[l + 1].shown if i is not None]
        for j in self.columns[l].shown:
            for i in after:
                if j is not None:
                    self.picture.edge(f"{l}_{j}", f"{l + 1}_{i}", **self.looks(l, i, j))
        for i in after if self.biases else ():
            self.picture.edge(f"{l}_b", f"{l + 1}_{i}", **self.looks(l, i, None))

    def looks(self, l: int, i: int, j: int | None) -> dict[str, str]:
        """Give an arrow the look of its weight, or of its bias, if these are drawn."""
        if self.weights is not None:
            return self.weights.looks(l, i, j)
        start = "the bias" if j is None else self.columns[l].unit(j)
        return {"tooltip": f"from {start} to {self.columns[l + 1].unit(i)}"}

    def draw_predictions(self, along: float) -> None:
        """Draw what the network gives: an arrow from each output to its ŷ."""
        column = self.columns[-1]
        first = -(len(column.shown) - 1) / 2 * self.step
        for place, i in enumerate(column.shown):
            if i is not None:
                where = self.at(along + column.diameter / 2 + 38, first + place * self.step)
                symbol = indexed("ŷ", None, i + 1 if column.units > 1 else None)
                told = {"tooltip": f"prediction {i + 1}"}
                self.write(f"y_{i}", "prediction", where, beside(symbol, padding=3), **told)
                self.picture.edge(f"{len(self.columns) - 1}_{i}", f"y_{i}", **told, **{"class": "prediction"})

    def draw_texts(self, places: Sequence[float], title: str | None) -> None:
        """Write the titles of columns, that of the picture, and what line widths mean."""
        lines = max(len(column.title) for column in self.columns)
        for l, (column, along) in enumerate(zip(self.columns, places, strict=True)):
            beyond = 12 + (8 * len(column.title) if self.upright else width_of(column.title) / 2)
            where = self.at(along, -self.tall - beyond)
            self.write(f"{l}_title", "heading", where, self.heading(column.title), tooltip=column.title[0])
        heading = title_lines(title)
        legend = self.weights.legend() if self.weights else []
        middle = (places[0] + places[-1]) / 2
        above, below = 20 + 11 * len(heading), 14 + 8 * len(legend)
        first, last = places[0] - SMALLEST / 2, places[-1] + SMALLEST / 2 + 50
        over, under = {
            "TB": ((first - above, 0), (last + below, 0)),
            "BT": ((last + above, 0), (first - below, 0)),
        }.get(self.direction, ((middle, -self.tall - 16 * lines - above), (middle, self.tall + below)))
        if heading:
            markup = f'<FONT POINT-SIZE="18">{stacked(*map(text, heading), padding=0)}</FONT>'
            self.write("title", "title", self.at(*over), markup, tooltip="network")
        if legend:
            self.write("legend", "legend", self.at(*under), stacked(*legend, padding=1), tooltip="weights")

    def write(self, name: str, kind: str, where: str, markup: str, **options: str) -> None:
        """Set text at a place."""
        self.picture.node(name, label(markup), pos=where, shape="plain", **options, **{"class": kind})

    def heading(self, title: Sequence[str]) -> str:
        """Write the title of a column: what it is called, what it does, and in small letters its shapes."""
        first, *rest, last = title
        return stacked(
            f"<B>{text(first)}</B>", *map(text, rest), self.small(text(last or " ", self.colours.muted)), padding=0
        )

    def small(self, markup: str) -> str:
        """Write in small letters."""
        return f'<FONT POINT-SIZE="11">{markup}</FONT>'


def indexed(symbol: str, number: int | None, index: int | None) -> str:
    """Write a symbol with the number of its layer in brackets above and its index below."""
    letter = f'<FONT POINT-SIZE="15"><I>{text(symbol)}</I></FONT>'
    above = f"[{number}]" if number is not None else ""
    below = "" if index is None else str(index)
    if not above and not below:
        return letter
    cells = [f'<TD ALIGN="LEFT"><FONT POINT-SIZE="9">{text(part) or " "}</FONT></TD>' for part in (above, below)]
    rows = f'<TR><TD ROWSPAN="2">{letter}</TD>{cells[0]}</TR><TR>{cells[1]}</TR>'
    return f'<TABLE BORDER="0" CELLBORDER="0" CELLSPACING="0" CELLPADDING="0">{rows}</TABLE>'
