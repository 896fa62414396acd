"""The colours of a drawn network, on light and on dark pages, and on whatever page a notebook has."""

from typing import Any, NamedTuple

__all__ = ["NOTEBOOK", "THEMES", "Colours", "colours_of", "on_any_page"]


class Colours(NamedTuple):
    """The colours of a picture.

    Attributes
    ----------
    background : str
        Of the page.
    ink, muted : str
        Of text, and of what stands back behind it.
    line : str
        Of connections that carry no sign.
    positive, negative : str
        Of signs; what is negative is dashed too, so that no meaning is in a colour alone.
    given, unit, block : str
        What inputs, units and blocks are filled with.
    edge : str
        Of the line around these.
    """

    background: str
    ink: str
    muted: str
    line: str
    positive: str
    negative: str
    given: str
    unit: str
    block: str
    edge: str


# Hues of the palette of Okabe and Ito, blue and vermillion, on dark ground sky blue and orange: readers with any colour
# vision tell them apart.
THEMES = {
    "light": Colours(
        background="#FFFFFF",
        ink="#1A1A1A",
        muted="#595959",
        line="#8A8A8A",
        positive="#0069A5",
        negative="#B04600",
        given="#F0F0F0",
        unit="#E8F2FA",
        block="#FFFFFF",
        edge="#5B7F9E",
    ),
    "dark": Colours(
        background="#15181C",
        ink="#F2F2F2",
        muted="#B3B3B3",
        line="#868C93",
        positive="#62BCEE",
        negative="#F0A92B",
        given="#2E2E2E",
        unit="#172F42",
        block="#22272D",
        edge="#7FA6C4",
    ),
}

# For the page that a notebook happens to have: nothing is filled, and `on_any_page` replaces these two by the colour of
# the page's text, in full and softer.
INK, MUTED = "#010203", "#020304"
NOTEBOOK = Colours(
    background="transparent",
    ink=INK,
    muted=MUTED,
    line=MUTED,
    positive="#2E86C1",
    negative="#D9660B",
    given="transparent",
    unit="transparent",
    block="transparent",
    edge="#5A8FB8",
)


def colours_of(theme: Any) -> Colours:
    """Find the colours of a theme.

    Parameters
    ----------
    theme : {"light", "dark"}

    Returns
    -------
    Colours

    Raises
    ------
    ValueError
        For another name.
    """
    if not isinstance(theme, str) or theme not in THEMES:
        raise ValueError(f'theme is "light" or "dark"; got {theme!r}')
    return THEMES[theme]


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
        svg = svg.replace(f'{part}="{MUTED}"', f'{part}="currentColor" {part}-opacity="0.65"')
    return svg
