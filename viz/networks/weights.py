"""How weights look: strength is the width of a line, a sign its colour and its dashes."""

from collections.abc import Sequence
from math import isfinite
from typing import Any

import numpy as np

from micrograd_nd.nn.affine import Linear
from micrograd_nd.viz.drawing import tip
from micrograd_nd.viz.labels import beside, swatch, text
from micrograd_nd.viz.themes import Theme
from micrograd_nd.viz.values import number

__all__ = ["Weights"]

THINNEST, THICKEST = 0.4, 4.5


class Weights:
    """The weights of a drawn network, and the biases if these are drawn, on one scale for all layers.

    Attributes
    ----------
    largest : float
        The largest finite magnitude, drawn as the thickest line; 0 where there is none.
    """

    def __init__(self, layers: Sequence[Linear], biases: bool, colours: Theme) -> None:
        self.layers = layers
        self.colours = colours
        arrays = [np.asarray(p.numpy()) for layer in layers for p in (layer.W, *([layer.b] * biases))]
        self.largest = max((largest_of(array) for array in arrays), default=0.0)
        self.any_zero = any(bool(np.any(array == 0)) for array in arrays)
        self.all_finite = all(bool(np.all(np.isfinite(array))) for array in arrays)

    def looks(self, l: int, i: int, j: int | None) -> dict[str, str]:
        """Give the look of an arrow.

        Parameters
        ----------
        l : int
            Which of the layers.
        i : int
            The unit that it goes to.
        j : int or None
            The feature that it comes from; None for the bias.

        Returns
        -------
        dict of str to str
            Attributes of Graphviz: the magnitude is the width of the line, linearly from 0.4 to 4.5 points.
        """
        layer = self.layers[l]
        parameter, place, usual = (layer.b, (i, 0), "b") if j is None else (layer.W, (i, j), "W")
        w = float(parameter.numpy()[place])
        start = "" if j is None else f"from {j + 1} "
        told = f"{parameter.name or usual}, {start}to {i + 1}: {number(w)}"
        return {"tooltip": tip(told), "arrowhead": "none", **self.line(w)}

    def line(self, w: float) -> dict[str, str]:
        """Draw a weight as a line."""
        if not isfinite(w) or w == 0:
            kind = "zero" if w == 0 else "not-finite"
            return {"class": kind, "color": self.colours.muted, "style": "dotted", "penwidth": str(THINNEST * 2)}
        width = f"{THINNEST + (THICKEST - THINNEST) * abs(w) / self.largest:.4f}"
        kind, colour, style = (
            ("positive", self.colours.forward, "solid") if w > 0 else ("negative", self.colours.backward, "dashed")
        )
        return {"class": kind, "color": colour, "style": style, "penwidth": width}

    def legend(self) -> list[str]:
        """Explain the lines."""
        dotted = ["zero"] * self.any_zero + ["not a finite number"] * (not self.all_finite)
        parts = []
        if self.largest:
            parts += [swatch(self.colours.forward, 1), text(" positive", self.colours.forward), beside("", padding=6)]
            parts += [swatch(self.colours.backward, 3), text(" negative", self.colours.backward)]
        if dotted:
            parts += [beside("", padding=6), text(f"dotted: {' or '.join(dotted)}", self.colours.muted)]
        scale = [small(text(f"the thickest line is a weight of ±{number(self.largest, 3)}", self.colours.muted))]
        return [beside(*map(small, parts), padding=2), *(scale if self.largest else [])]


def largest_of(array: Any) -> float:
    """Find the largest finite magnitude."""
    finite = array[np.isfinite(array)]
    return float(np.max(np.abs(finite), initial=0.0))


def small(markup: str) -> str:
    """Write in small letters; what is no text stays as it is."""
    return markup if markup.startswith("<TABLE") else f'<FONT POINT-SIZE="11">{markup}</FONT>'
