"""The pictures of the documentation: the tests make each of them, ``make gallery`` writes them into docs/gallery."""

from collections.abc import Callable
from pathlib import Path

from micrograd_nd import viz

__all__ = ["FOLDER", "Gallery", "rendered"]

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
    """The ending and the content of a picture's file."""
    if isinstance(made, str):
        return ".html" if made.startswith("<!DOCTYPE html>") else ".svg", made.encode()
    return ".svg", viz.render(made, "svg")
