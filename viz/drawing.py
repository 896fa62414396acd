"""Drawing: a Graphviz graph that shows itself in a notebook, by whatever Graphviz there is."""

from typing import Any

import graphviz

from micrograd_nd.viz.names import visible
from micrograd_nd.viz.rendering import render

__all__ = ["Drawing", "tip", "without_prologue"]


class Drawing(graphviz.Digraph):  # type: ignore[misc]  # graphviz ships no types
    """A picture: its ``source`` is in the DOT language, `save` writes it to a file, and a notebook shows it.

    Examples
    --------
    >>> drawing = Drawing(body=["a -> b"])
    >>> drawing.source.split()
    ['digraph', '{', 'a', '->', 'b}']
    """

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None, **_: Any) -> dict[str, str]:
        """Show the picture, or without Graphviz its source."""
        bundle = {"text/plain": self.source}
        try:
            picture = render(self, "svg").decode()
        except Exception:  # noqa: BLE001 - a display must not stand in the way of work; viz.render says what is wrong
            return bundle
        bundle["image/svg+xml"] = without_prologue(picture)
        return bundle


def tip(plain: str) -> str:
    """Write what is told to who points at something, whatever is in it: it is no markup, and names no node."""
    told: str = graphviz.nohtml(visible(plain).replace("\\", "\\\\"))
    return told


def without_prologue(svg: str) -> str:
    """Leave out what precedes the picture in a file, to set it into a page."""
    return svg[svg.index("<svg") :]
