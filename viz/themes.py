"""How a picture looks: the colours of its themes, and the borders that tell kinds of boxes apart without colours.

Graphs of computations, drawings of networks and plots share them.
"""

from dataclasses import dataclass
from typing import Any, Literal

from micrograd_nd.viz.graphs.scene import Kind

__all__ = ["BORDERS", "NOTEBOOK", "THEMES", "Border", "Theme", "ThemeName", "on_any_page", "theme_called"]

ThemeName = Literal["light", "dark"]


@dataclass(frozen=True)
class Border:
    """What tells a kind of box in any colours.

    Attributes
    ----------
    rounded : bool
        Corners: nothing was computed.
    dotted : bool
        No derivative is taken.
    dashed : bool
        Operations are not shown.
    thick, double : bool
    """

    rounded: bool = False
    dotted: bool = False
    dashed: bool = False
    thick: bool = False
    double: bool = False


BORDERS: dict[Kind, Border] = {
    "parameter": Border(rounded=True, thick=True),
    "variable": Border(rounded=True),
    "input": Border(dotted=True),
    "constant": Border(rounded=True, dotted=True),
    "operation": Border(),
    "module": Border(thick=True),
    "summary": Border(dashed=True),
    "result": Border(double=True),
}


@dataclass(frozen=True)
class Theme:
    """The colours of a picture.

    Attributes
    ----------
    background, text, muted : str
        Of the page, of what is written, and of what is written beside it.
    forward, backward, local : str
        Of values, of derivatives of the result, and of derivatives of single steps. Of weights: forward and backward
        are positive and negative.
    fills, lines : dict
        Of the boxes of each kind, inside and around. The units of a network are filled as variables, its inputs as
        constants, its blocks as operations.
    grounds : tuple of str
        Of boxes around boxes, in turn from the outermost to the innermost.
    group : str
        Of the line around these.
    outline : str
        Of the line around units and blocks.
    connection : str
        Of connections that carry no sign.
    """

    background: str
    text: str
    muted: str
    forward: str
    backward: str
    local: str
    fills: dict[Kind, str]
    lines: dict[Kind, str]
    grounds: tuple[str, ...]
    group: str
    outline: str
    connection: str


# The hues are of the palette of Okabe and Ito, which readers with any colour vision tell apart: blue and vermillion for
# forward and backward, on dark ground sky blue and orange; bluish green for local derivatives and parameters, reddish
# purple for inputs. What is written in them is dark, or light, enough for every ground it stands on.
THEMES = {
    "light": Theme(
        background="#FFFFFF",
        text="#1A1A1A",
        muted="#595959",
        forward="#0069A5",
        backward="#B04600",
        local="#006B4E",
        fills={
            "parameter": "#E3F4EE",
            "variable": "#E8F2FA",
            "input": "#F9EFF5",
            "constant": "#F0F0F0",
            "operation": "#FFFFFF",
            "module": "#FFFFFF",
            "summary": "#FFFFFF",
            "result": "#FFFFFF",
        },
        lines={
            "parameter": "#009E73",
            "variable": "#5C9ECC",
            "input": "#B0568A",
            "constant": "#808080",
            "operation": "#4D4D4D",
            "module": "#4D4D4D",
            "summary": "#4D4D4D",
            "result": "#4D4D4D",
        },
        grounds=("#F7F9FB", "#EFF3F6"),
        group="#7B8A97",
        outline="#5B7F9E",
        connection="#8A8A8A",
    ),
    "dark": Theme(
        background="#15181C",
        text="#F2F2F2",
        muted="#B3B3B3",
        forward="#62BCEE",
        backward="#F0A92B",
        local="#42CFA2",
        fills={
            "parameter": "#15352B",
            "variable": "#172F42",
            "input": "#3A2332",
            "constant": "#2E2E2E",
            "operation": "#22272D",
            "module": "#22272D",
            "summary": "#22272D",
            "result": "#22272D",
        },
        lines={
            "parameter": "#26B98B",
            "variable": "#5C9ECC",
            "input": "#CC79A7",
            "constant": "#999999",
            "operation": "#B3B3B3",
            "module": "#B3B3B3",
            "summary": "#B3B3B3",
            "result": "#D9D9D9",
        },
        grounds=("#1B2026", "#252B33"),
        group="#76838F",
        outline="#7FA6C4",
        connection="#868C93",
    ),
}

# For the page that a notebook happens to have: nothing is filled, and `on_any_page` replaces these two by the colour of
# the page's text, in full and softer.
INK, SOFT = "#010203", "#020304"
KINDS = tuple(BORDERS)
NOTEBOOK = Theme(
    background="transparent",
    text=INK,
    muted=SOFT,
    forward="#2E86C1",
    backward="#D9660B",
    local="#2E9E78",
    fills=dict.fromkeys(KINDS, "transparent"),
    lines=dict.fromkeys(KINDS, "#5A8FB8"),
    grounds=("transparent",),
    group="#5A8FB8",
    outline="#5A8FB8",
    connection=SOFT,
)


def theme_called(name: Any) -> Theme:
    """Find a theme by its name.

    Parameters
    ----------
    name : {"light", "dark"}

    Returns
    -------
    Theme

    Raises
    ------
    ValueError
        For another name.
    """
    if not isinstance(name, str) or name not in THEMES:
        raise ValueError(f'theme is "light" or "dark"; got {name!r}')
    return THEMES[name]


def on_any_page(svg: str) -> str:
    """Give a picture in `NOTEBOOK` the colour of the text around it, whatever that is.

    Parameters
    ----------
    svg : str

    Returns
    -------
    str
    """
    for part in ("fill", "stroke"):
        svg = svg.replace(f'{part}="{INK}"', f'{part}="currentColor"')
        svg = svg.replace(f'{part}="{SOFT}"', f'{part}="currentColor" {part}-opacity="0.65"')
    return svg
