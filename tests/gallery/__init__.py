"""The pictures of the documentation: the tests make each of them, ``make gallery`` writes them into docs/gallery."""

import io
from collections.abc import Callable
from pathlib import Path

from micrograd_nd import viz
from micrograd_nd.viz.films.palettes import indexed
from micrograd_nd.viz.plots.inks import ink

__all__ = ["FOLDER", "Gallery", "rendered", "small_png"]

FOLDER = Path(__file__).resolve().parents[2] / "docs" / "gallery"


class Gallery(dict[str, Callable]):
    """Functions that make a picture, by the name of its file without the ending."""

    def picture(self, function):
        """Put a function among the pictures, by its name."""
        self[function.__name__.replace("_", "-")] = function
        return function

    def in_both_themes(self, function):
        """Put what a function makes for a light page and for a dark one among the pictures."""
        for theme in ("light", "dark"):
            self[f"{function.__name__.replace('_', '-')}-{theme}"] = lambda theme=theme: function(theme)
        return function


def rendered(made):
    """The ending and the content of a file: of a graph, the text of an SVG or of a page, or a figure of matplotlib."""
    if hasattr(made, "savefig"):
        return ".png", in_few_colours(made)
    if isinstance(made, str):
        return ".html" if made.startswith("<!DOCTYPE html>") else ".svg", made.encode()
    return ".svg", viz.render(made, "svg")


def in_few_colours(figure):
    """A small file of a figure, for which 200 colours are enough."""
    from PIL import Image

    full, small = io.BytesIO(), io.BytesIO()
    figure.savefig(full, format="png", dpi=100)
    indexed(Image.open(full).convert("RGB"), ink(figure.axes[0]), 200).save(small, "PNG", optimize=True)
    return small.getvalue()


def small_png(graph):
    """A small file of a graph: most of its pixels are ground, and 64 colours are enough for the edges of letters."""
    from PIL import Image

    small = io.BytesIO()
    full = Image.open(io.BytesIO(viz.render(graph, "png"))).convert("RGB")
    full.quantize(64).save(small, "PNG", optimize=True)
    return small.getvalue()
