"""How plots look: colours for light and dark backgrounds, and what tells things apart without colours.

A plot follows matplotlib's style: with ``matplotlib.style.use("dark_background")`` its text is light, and the colours
here are those that are seen on dark. They are of the palette of Okabe and Ito (2008), "Color universal design", which
readers with any colour vision tell apart; lines differ in their dashes and markers too.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

__all__ = [
    "BLUE",
    "DARK",
    "LIGHT",
    "MARKERS",
    "VERMILLION",
    "Ink",
    "contrast",
    "diverging",
    "ink",
    "line_style",
    "marker_of",
    "sequential",
]

DASHES: tuple[Any, ...] = ("-", "--", "-.", ":", (0, (8, 2)), (0, (3, 1, 1, 1, 1, 1)), (0, (1, 1)))
# Their number and that of the colours have no common divisor, so that pairs repeat late.
MARKERS = ("o", "^", "s", "D", "v", "P", "X", "<", "*")


@dataclass(frozen=True)
class Ink:
    """Colours for one kind of background.

    Attributes
    ----------
    lines : tuple of str
        For lines and text, the most distinct first.
    areas : tuple of str
        For areas and markers with an edge.
    muted : str
        For what stands back.
    text : str
        For text, and for lines that are to stand out from all areas.
    background : str
        What they are seen on.
    """

    lines: tuple[str, ...]
    areas: tuple[str, ...]
    muted: str
    text: str
    background: str


BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW = "#E69F00", "#56B4E9", "#F0E442"
LIGHT = Ink(
    lines=(BLUE, VERMILLION, GREEN, PURPLE, "#000000"),
    areas=(BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW),
    muted="#6B6B6B",
    text="#000000",
    background="#FFFFFF",
)
DARK = Ink(
    lines=(SKY, ORANGE, GREEN, PURPLE, YELLOW),
    areas=(SKY, ORANGE, GREEN, PURPLE, YELLOW, BLUE, VERMILLION),
    muted="#A8A8A8",
    text="#FFFFFF",
    background="#000000",
)


def ink(ax: "Axes") -> Ink:
    """Choose the colours for Axes by their text, which their style has made to be read."""
    return DARK if luminance(ax.xaxis.label.get_color()) > 0.5 else LIGHT


def line_style(ax: "Axes", number: int, points: int) -> dict[str, Any]:
    """Give colour, dashes and marker of a line of so many points, one of several."""
    lines = ink(ax).lines
    every = max(1, points // 8)
    # Lines that lie close together have their markers at different places.
    return {
        "color": lines[number % len(lines)],
        "linestyle": DASHES[number % len(DASHES)],
        "marker": MARKERS[number % len(MARKERS)],
        "markersize": 5,
        "markevery": (min(number * every // 4, max(points - 1, 0)), every),
    }


def marker_of(number: int) -> str:
    """Give the marker of a class."""
    return MARKERS[number % len(MARKERS)]


def diverging(ax: "Axes") -> "Colormap":
    """Make a scale from one colour by the background to another."""
    colours = ink(ax)
    return scale("diverging", (BLUE, colours.background, VERMILLION))


def sequential(ax: "Axes") -> "Colormap":
    """Make a scale from the background to one colour, on which black or white can be read everywhere."""
    return scale("sequential", ("#FFFFFF", BLUE, "#002A42") if ink(ax) is LIGHT else ("#000000", SKY))


def scale(name: str, colours: tuple[str, ...]) -> "Colormap":
    """Make a scale of colours, with nothing where there is no number."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name, colours)


def luminance(colour: Any) -> float:
    """Compute the relative luminance of a colour by the Web Content Accessibility Guidelines 2.2, from 0 to 1."""
    from matplotlib.colors import to_rgb

    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
    return sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colour: Any, other: Any) -> float:
    """Compute the contrast of two colours by the same guidelines, from 1 to 21."""
    low, high = sorted((luminance(colour), luminance(other)))
    return (high + 0.05) / (low + 0.05)
