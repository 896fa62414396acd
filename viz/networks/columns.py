"""The columns of a drawn network: which units stand in them, what they are called, and what is written above."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple
from unicodedata import east_asian_width

from micrograd_nd.viz.networks.layers import Layer, called, features_after, features_before, shapes_of

__all__ = ["SMALLEST", "Column", "columns_of", "width_of"]

# The diameter of a circle, in points.
SMALLEST = 42
# A column of more units shows the first few and the last, and says how many are between.
MOST, FIRST, LAST = 8, 3, 2


class Column(NamedTuple):
    """A layer's circles.

    Attributes
    ----------
    kind : {"input", "unit", "output"}
    symbol : str
        What stands in each circle.
    number : int or None
        Of the layer, above the symbol.
    units : int
        How many there are.
    title : list of str
        Lines of text; the first is the heading.
    """

    kind: str
    symbol: str
    number: int | None
    units: int
    title: list[str]

    @property
    def shown(self) -> list[int | None]:
        """Which units are drawn, counted from 0, in order; None stands for those between."""
        if self.units <= MOST:
            return list(range(self.units))
        return [*range(FIRST), None, *range(self.units - LAST, self.units)]

    @property
    def diameter(self) -> float:
        """How large the circles are, in which the highest index has room."""
        return max(SMALLEST, 20 + 5.5 * len(str(self.units)))

    @property
    def between(self) -> int:
        """How many units are left out."""
        return self.units - sum(i is not None for i in self.shown)

    def unit(self, i: int) -> str:
        """Say which unit one is, in words."""
        what = "feature" if self.kind == "input" else "unit"
        return f"{what} {i + 1}" if self.number is None else f"{what} {i + 1} of layer {self.number}"


def columns_of(layers: Sequence[Layer]) -> Iterator[Column]:
    """List the columns: the inputs, and each linear layer with its activation."""
    features = features_before(layers)
    before = [layer.module for layer in layers if not layer.linear]
    for module in before:
        features_after(Layer(module), features)
    words = ", ".join(map(called, before))
    inputs = features or 0
    yield Column("input", "x", None, inputs, titled("input", words, count(inputs, "feature"), f"X ({inputs}, m)"))
    linear = [layer for layer in layers if layer.linear]
    for layer in linear:
        for module in (layer.module, *layer.then):
            features = features_after(Layer(module), features)
        units = features or 0
        heading = f"layer {layer.number}" if layer.number is not None else "layer"
        title = titled(heading, layer.activation, count(units, "unit"), shapes_of(layer))
        yield Column("output" if layer is linear[-1] else "unit", "a", layer.number, units, title)


def titled(heading: str, words: str, units: str, shapes: str) -> list[str]:
    """Put a title together, with words that are many on lines of their own."""
    parts = [*words.split(", "), units] if len(words) + len(units) > 26 else [", ".join(filter(None, (words, units)))]
    return [heading, *parts, shapes]


def count(n: int, what: str) -> str:
    """Write how many there are."""
    return f"{n:,} {what}" if n == 1 else f"{n:,} {what}s"


def width_of(lines: Sequence[str]) -> float:
    """Estimate, generously, how wide text is, in points."""
    return 8 * max(sum(1 + (east_asian_width(c) in "WF") for c in line) for line in lines)
