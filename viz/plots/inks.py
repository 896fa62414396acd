"""How plots look: colours for light and dark backgrounds, and what tells things apart without colours.

A plot follows its Axes: where their text is light, by a theme of this package or a style of matplotlib, the colours are
those that are seen on dark. They are of the palette of Okabe and Ito (2008), "Color universal design", which
readers with any colour vision tell apart; lines differ in their dashes and markers too.
"""

from dataclasses import dataclass, replace
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
        For areas and markers with an edge. The first two are the ends of scales that have a middle.
    muted : str
        For what stands back.
    emphasis : str
        For what is wrong: text in it can be read.
    ramp : tuple of str
        What a scale that begins with the background goes on to.
    grid : float
        How strong lines are that values are read by, from 0 to 1.
    text : str
        For text, and for lines that are to stand out from all areas.
    background : str
        What they are seen on.
    """

    lines: tuple[str, ...]
    areas: tuple[str, ...]
    muted: str
    emphasis: str
    ramp: tuple[str, ...]
    grid: float
    text: str
    background: str


BLUE, VERMILLION, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, YELLOW = "#E69F00", "#56B4E9", "#F0E442"
LIGHT = Ink(
    lines=(BLUE, VERMILLION, GREEN, PURPLE, "#000000"),
    areas=(BLUE, VERMILLION, GREEN, PURPLE, ORANGE, SKY, YELLOW),
    muted="#6B6B6B",
    emphasis="#B04600",
    ramp=(BLUE, "#002A42"),
    grid=0.25,
    text="#000000",
    background="#FFFFFF",
)
DARK = Ink(
    lines=(SKY, ORANGE, GREEN, PURPLE, YELLOW),
    areas=(SKY, ORANGE, GREEN, PURPLE, YELLOW, BLUE, VERMILLION),
    muted="#A8A8A8",
    emphasis=ORANGE,
    ramp=(SKY,),
    grid=0.15,
    text="#FFFFFF",
    background="#000000",
)


def ink(ax: "Axes") -> Ink:
    """Choose the colours for Axes by their text, which a theme or a style has made to be read; that is among them."""
    from matplotlib.colors import to_hex

    text = ax.xaxis.label.get_color()
    colours = DARK if luminance(text) > 0.5 else LIGHT
    return replace(colours, text=to_hex(text), background=ground(ax) or colours.background)


def ground(ax: "Axes") -> str | None:
    """Find the colour that Axes are filled with, or else their figure; None where both let through what is behind."""
    from matplotlib.colors import to_hex, to_rgba

    grounds = (to_rgba(filled.get_facecolor()) for filled in (ax, ax.figure))
    return next((to_hex(colour) for colour in grounds if colour[3] == 1), None)


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
    return scale("diverging", (colours.areas[0], colours.background, colours.areas[1]))


def sequential(ax: "Axes") -> "Colormap":
    """Make a scale from the background to one colour, on which black or white can be read everywhere."""
    colours = ink(ax)
    return scale("sequential", (colours.background, *colours.ramp))


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
