"""The Axes that plots are drawn on: those that were given, or new ones.

A new figure is one of pyplot's where the program uses pyplot or runs in IPython, so that it is shown as all others are;
elsewhere it needs no display, and no global state keeps it.
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any, cast

from micrograd_nd.viz.networks.layers import LONGEST_WORD, cut
from micrograd_nd.viz.plots.inks import LIGHT, ink
from micrograd_nd.viz.printable import visible

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["given_or_new", "legend_text", "new_figure", "tidied", "whole_numbers", "written"]


def given_or_new(ax: "Axes | None", width: float = 6, height: float = 4) -> "Axes":
    """Take the Axes that were given, or make new ones, alone in a figure of so many inches."""
    if ax is None:
        return new_figure(width, height).add_subplot()
    from matplotlib.axes import Axes

    given: Any = ax
    if not isinstance(given, Axes) or given.name != "rectilinear":
        raise TypeError(f"ax must be flat matplotlib Axes, as figure.add_subplot() gives; got {type(ax).__name__}")
    return ax


def new_figure(width: float, height: float, *, shown: bool = True) -> "Figure":
    """Make a figure of so many inches; with `shown` one of pyplot's, where that is in use."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'micrograd-nd[plot]'") from None
    pyplot = pyplot_in_use() if shown else None
    if pyplot is not None:
        return cast(Figure, pyplot.figure(figsize=(width, height), layout="constrained"))
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure


def pyplot_in_use() -> Any:
    """Find pyplot, if the program has imported it or runs in IPython, which shows pyplot's figures."""
    ipython = sys.modules.get("IPython")
    if ipython is not None and ipython.get_ipython() is not None:
        return importlib.import_module("matplotlib.pyplot")
    return sys.modules.get("matplotlib.pyplot")


def tidied(ax: "Axes", x: str, y: str) -> "Axes":
    """Label the axes, and leave only the lines that help to read values."""
    ax.set_xlabel(x)
    ax.set_ylabel(y)
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25 if ink(ax) is LIGHT else 0.15)
    ax.set_axisbelow(True)
    return ax


def written(name: Any, longest: int = LONGEST_WORD) -> str:
    r"""Write a name as it is: nothing in it is mathematics, and so long that the plot has room beside it.

    Examples
    --------
    >>> print(written("$x$"), len(written("y" * 300)))
    \$x\$ 44
    """
    return "\n".join(cut(visible(line), longest) for line in str(name).split("\n")).replace("$", r"\$")


def legend_text(label: Any) -> str:
    """Write a label such that legends have it: matplotlib leaves out what is empty or begins with an underscore."""
    text = written(label)
    return f"\u200b{text}" if not text or text.startswith("_") else text


def whole_numbers(axis: Any) -> None:
    """Let an axis of epochs, layers or classes have ticks at whole numbers only."""
    from matplotlib.ticker import MaxNLocator

    axis.set_major_locator(MaxNLocator(integer=True, steps=[1, 2, 5, 10], min_n_ticks=1))
