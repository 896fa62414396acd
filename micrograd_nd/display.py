"""Displayed: what shows itself in a notebook. How it looks is known to `micrograd_nd.viz`, which is imported then."""

from typing import Any

__all__ = ["Displayed"]


class Displayed:
    """Base of what a notebook shows as more than text, where there is what `micrograd_nd.viz` needs for that."""

    __slots__ = ()

    def _repr_mimebundle_(self, include: Any = None, exclude: Any = None) -> dict[str, str]:
        """Give a notebook the ways to show this, of which it takes the one that it can show best."""
        try:
            from micrograd_nd.viz.notebooks.notebook import mimebundle
        except ImportError:
            return {"text/plain": repr(self)}
        return mimebundle(self)
