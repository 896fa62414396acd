"""The Axes that plots are drawn on: those that were given, or new ones, in the colours of a theme if one was named.

A theme colours Axes before anything is drawn on them, and all that is drawn takes its colours from the Axes. So a plot
in a theme and one in a style of matplotlib come about in the same way.

A new figure is one of pyplot's where the program uses pyplot or runs in IPython, so that it is shown as all others are;
elsewhere it needs no display, and no global state keeps it.
"""

import importlib
import sys
from typing import TYPE_CHECKING, Any, TypeVar, cast

from micrograd_nd.viz.networks.layers import LONGEST_WORD, cut
from micrograd_nd.viz.plots.inks import ink
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.themes import ThemeName, theme_called

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

A = TypeVar("A", bound="Axes")
# How strong the grid of Axes with depth is: it stands on three walls.
DEEP = 0.35
# What the ground that a theme lays under a whole figure is called in it.
GROUND = "ground"

__all__ = [
    "colour_bar",
    "given_or_new",
    "legend",
    "legend_text",
    "new_figure",
    "themed",
    "tidied",
    "whole_numbers",
    "written",
]


def given_or_new(ax: "Axes | None", theme: ThemeName | None, width: float = 6, height: float = 4) -> "Axes":
    """Take the Axes that were given, or make new ones, alone in a figure of so many inches; in a theme, if any.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError
        For what are no flat Axes.
    ValueError
        For an unknown theme. There is no new figure then.
    """
    if theme is not None:
        theme_called(theme)
    if ax is None:
        return themed(new_figure(width, height).add_subplot(), theme)
    from matplotlib.axes import Axes

    given: Any = ax
    if not isinstance(given, Axes) or given.name != "rectilinear":
        raise TypeError(f"ax must be flat matplotlib Axes, as figure.add_subplot() gives; got {type(ax).__name__}")
    return themed(ax, theme)


def themed(ax: A, theme: ThemeName | None) -> A:
    """Give Axes and their figure the colours of a theme, or leave them as they are; data keep the colours they have."""
    if theme is None:
        return ax
    colours = theme_called(theme)
    lay_ground(ax.figure, colours.background)
    ax.set_facecolor(colours.background)
    coloured(ax, text=colours.text, line=colours.muted)
    return ax


def lay_ground(figure: Any, colour: str) -> None:
    """Give a figure a ground, also where it is saved in a style that says what ground saved figures have."""
    from matplotlib import rcParams
    from matplotlib.patches import Rectangle

    figure.set_facecolor(colour)
    if rcParams["savefig.facecolor"] == "auto" or not hasattr(figure, "savefig"):  # as part of a figure
        return
    for old in [artist for artist in figure.patches if artist.get_gid() == GROUND]:
        old.remove()
    ground: dict[str, Any] = {"facecolor": colour, "linewidth": 0, "zorder": -1, "gid": GROUND, "in_layout": False}
    figure.add_artist(Rectangle((-1, -1), 3, 3, transform=figure.transFigure, **ground))


def coloured(ax: "Axes", text: Any, line: Any) -> None:
    """Colour what is around Axes: titles, labels, ticks and the lines that they stand at."""
    from matplotlib.colors import to_rgba
    from matplotlib.text import Text

    titles = [child for child in ax.get_children() if isinstance(child, Text) and child not in ax.texts]
    axes: Any = [getattr(ax, name) for name in ("xaxis", "yaxis", "zaxis") if hasattr(ax, name)]
    for written_out in (*titles, *(axis.label for axis in axes)):
        written_out.set_color(text)
    for axis in axes:
        axis.set_tick_params(which="both", color=line, labelcolor=text, grid_color=line)
        if ax.name == "3d":
            axis.line.set_color(line)
            axis._axinfo["grid"]["color"] = to_rgba(line, DEEP)  # matplotlib has no public way to it
    for spine in ax.spines.values():
        spine.set_color(line)


def legend(ax: "Axes", **options: Any) -> None:
    """Add a legend of what is drawn; the options are those of ``ax.legend``.

    Within the Axes it has a ground, by which lines that run behind it stand back, and nowhere a frame.
    """
    colours = ink(ax)
    within = "bbox_to_anchor" not in options
    frame: dict[str, Any] = {"facecolor": colours.background, "edgecolor": "none", "framealpha": 0.8}
    ax.legend(frameon=within, labelcolor=colours.text, **frame, **options)


def colour_bar(ax: "Axes", shown: Any, **options: Any) -> None:
    """Add the scale of an image or of contours beside Axes; the options are those of ``figure.colorbar``."""
    bar = ax.figure.colorbar(shown, ax=ax, **options)
    colours = ink(ax)
    bar.ax.set_facecolor(colours.background)  # seen through colours that are not opaque
    coloured(bar.ax, text=colours.text, line=colours.text)


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
    ax.grid(alpha=ink(ax).grid)
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
