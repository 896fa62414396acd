"""Labels in Graphviz's HTML-like markup. All text goes through `text`, which escapes it."""

import html
from collections.abc import Sequence
from typing import Any

from micrograd_nd.viz import values

__all__ = ["BACKWARD", "FORWARD", "MUTED", "beside", "equation", "label", "stacked", "swatch", "text", "value"]

# Blue and vermillion of the palette of Okabe and Ito, which readers with any colour vision tell apart.
FORWARD, BACKWARD, MUTED = "#0072B2", "#D55E00", "#6B6B6B"


def label(markup: str) -> str:
    """Mark a text as markup, as Graphviz wants it."""
    return f"<{markup}>"


def text(plain: str, colour: str | None = None) -> str:
    """Escape a text, whatever is in it: Graphviz would also replace a backslash and N by the name of the node."""
    escaped = html.escape(plain).replace("\\", "\\\\")
    return f'<FONT COLOR="{colour}">{escaped}</FONT>' if colour else escaped


def stacked(*lines: str, padding: int = 2) -> str:
    """Set lines of markup one under the other."""
    return _table([[line] for line in lines], padding)


def beside(*parts: str, padding: int = 0) -> str:
    """Set markup side by side."""
    return _table([parts], padding)


def value(array: Any, colour: str | None = None) -> str:
    """Show a value: a small matrix in brackets, anything else in one line."""
    rows = values.rows(array)
    return text(values.text(array), colour) if rows is None else _matrix(rows, colour)


def equation(name: str, array: Any, colour: str | None = None) -> str:
    """Show a name with its value, or with shape and dtype."""
    if values.rows(array) is not None:
        return beside(text(f"{name} = ", colour), value(array, colour))
    if values.is_small(array):
        return text(f"{name} = {values.text(array)}", colour)
    return stacked(text(name, colour), text(values.text(array), colour), padding=1)


def swatch(colour: str, dashes: int) -> str:
    """Draw a short line for a legend, solid or of several dashes."""
    length = 26 if dashes == 1 else 6
    dash = f'<TD WIDTH="{length}" HEIGHT="2" FIXEDSIZE="TRUE" BGCOLOR="{colour}"></TD>'
    spacing = 0 if dashes == 1 else 4
    return f'<TABLE BORDER="0" CELLSPACING="{spacing}" CELLPADDING="0"><TR>{dash * dashes}</TR></TABLE>'


def _matrix(rows: Sequence[Sequence[str]], colour: str | None) -> str:
    left, right = (
        f'<TD BORDER="1" SIDES="{sides}" WIDTH="4" COLOR="{colour or MUTED}"></TD>' for sides in ("LTB", "RTB")
    )
    gap = '</TD><TD WIDTH="5"></TD><TD>'
    cells = _table([[gap.join(text(cell, colour) for cell in row)] for row in rows], 2)
    brackets = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{left}<TD>{cells}</TD>{right}</TR></TABLE>'
    # A table fills its cell and shares the room evenly among its columns: these take what would tear brackets apart.
    margin = '<TD COLSPAN="20"></TD>'
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{margin}<TD>{brackets}</TD>{margin}</TR></TABLE>'


def _table(rows: Sequence[Sequence[str]], padding: int) -> str:
    body = "".join(f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in row)}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{body}</TABLE>'
