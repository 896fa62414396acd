"""How a picture looks: the colours of its themes, and the borders that tell kinds of boxes apart without colours."""

from dataclasses import dataclass

from micrograd_nd.viz.scene import Kind

__all__ = ["BORDERS", "THEMES", "Border", "Theme", "theme_called"]


@dataclass(frozen=True)
class Border:
    """What tells a kind of box in any colours.

    Attributes
    ----------
    rounded : bool
        Corners: nothing was computed.
    dotted : bool
        No derivative is taken.
    thick, double : bool
    """

    rounded: bool = False
    dotted: bool = False
    thick: bool = False
    double: bool = False


BORDERS: dict[Kind, Border] = {
    "parameter": Border(rounded=True, thick=True),
    "variable": Border(rounded=True),
    "input": Border(dotted=True),
    "constant": Border(rounded=True, dotted=True),
    "operation": Border(),
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
        Of values, of derivatives of the result, and of derivatives of single steps.
    fills, lines : dict
        Of the boxes of each kind, inside and around.
    """

    background: str
    text: str
    muted: str
    forward: str
    backward: str
    local: str
    fills: dict[Kind, str]
    lines: dict[Kind, str]


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
            "result": "#FFFFFF",
        },
        lines={
            "parameter": "#009E73",
            "variable": "#5C9ECC",
            "input": "#B0568A",
            "constant": "#808080",
            "operation": "#4D4D4D",
            "result": "#4D4D4D",
        },
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
            "result": "#22272D",
        },
        lines={
            "parameter": "#26B98B",
            "variable": "#5C9ECC",
            "input": "#CC79A7",
            "constant": "#999999",
            "operation": "#B3B3B3",
            "result": "#D9D9D9",
        },
    ),
}


def theme_called(name: str) -> Theme:
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
    if name not in tuple(THEMES):
        raise ValueError(f'theme is "light" or "dark"; got {name!r}')
    return THEMES[name]
