"""Labels in Graphviz's HTML-like markup. All text goes through `text`, which escapes it."""

import html
import re
from collections.abc import Sequence
from typing import Any

from micrograd_nd.viz import heat, values
from micrograd_nd.viz.themes import Border

__all__ = [
    "MARK",
    "MUTED",
    "beside",
    "bordered",
    "centred",
    "equation",
    "in_order",
    "label",
    "sized",
    "stacked",
    "strip",
    "swatch",
    "text",
    "value",
]

# Of a longer text the middle is left out: Graphviz reads no label of more than 16,384 characters, and there are several
# texts in one, of up to six characters for each when escaped.
LONGEST, LAST = 500, 100
# For brackets where no colour is given.
MUTED = "#6B6B6B"
# Hebrew, Arabic and their kin: a word, or several.
LEFTWARD = "[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc\U00010800-\U00010fff\U0001e800-\U0001efff]"
TO_THE_LEFT = re.compile(rf"{LEFTWARD}(?:\s*{LEFTWARD})*")
# Has no width and counts as a letter that runs to the right.
MARK = "\u200e"


def label(markup: str) -> str:
    """Mark a text as markup, as Graphviz wants it."""
    return f"<{markup}>"


def text(plain: str, colour: str | None = None) -> str:
    """Escape a text, whatever is in it: Graphviz would also replace a backslash and N by the name of the node."""
    shown = plain if len(plain) <= LONGEST else f"{plain[: LONGEST - LAST - 1]}…{plain[-LAST:]}"
    escaped = html.escape(in_order(shown)).replace("\\", "\\\\")
    return f'<FONT COLOR="{colour}">{escaped}</FONT>' if colour else escaped


def in_order(plain: str) -> str:
    """Keep what is around words of a script that runs to the left in its order, which they would turn round."""
    marked = TO_THE_LEFT.sub(lambda words: f"{words[0]}{MARK}", plain)
    return plain if marked == plain else f"{MARK}{marked}"


def stacked(*lines: str, padding: int = 2) -> str:
    """Set lines of markup one under the other."""
    return _table([[line] for line in lines], padding)


def beside(*parts: str, padding: int = 0) -> str:
    """Set markup side by side."""
    return _table([parts], padding)


def sized(markup: str, points: int) -> str:
    """Set markup in another size."""
    return f'<FONT POINT-SIZE="{points}">{markup}</FONT>'


def centred(markup: str) -> str:
    """Keep a table as wide as it is, in the middle of whatever it stands in."""
    # A table fills its cell and shares the room evenly among its columns: these take what would tear it apart.
    margin = '<TD COLSPAN="20"></TD>'
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{margin}<TD>{markup}</TD>{margin}</TR></TABLE>'


def value(array: Any, colour: str | None = None) -> str:
    """Show a value: a small matrix in brackets, a large one by shape, range and heat strip, else one line."""
    rows = values.rows(array)
    if rows is not None:
        return _matrix(rows, colour)
    line = text(values.text(array), colour)
    extent = values.extent(array)
    cells = heat.cells(array) if extent else None
    if extent is None or cells is None:
        return line
    return stacked(line, text(extent, colour), strip(cells), padding=1)


def strip(cells: Sequence[float | None]) -> str:
    """Show numbers between 0 and 1 as a row of coloured cells, and what is no number as a gap."""
    grounds = ["" if cell is None else f' BGCOLOR="{heat.colour(cell)}"' for cell in cells]
    drawn = "".join(f'<TD WIDTH="8" HEIGHT="9" FIXEDSIZE="TRUE"{ground}></TD>' for ground in grounds)
    return centred(f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{drawn}</TR></TABLE>')


def equation(name: str, array: Any, colour: str | None = None) -> str:
    """Show a name with its value, or with shape and dtype."""
    if values.rows(array) is not None:
        return centred(beside(text(f"{name} = ", colour), value(array, colour)))
    if values.is_small(array):
        return text(f"{name} = {values.text(array)}", colour)
    return stacked(text(name, colour), value(array, colour), padding=1)


def swatch(colour: str, dashes: int) -> str:
    """Draw a short line for a legend, solid or of several dashes."""
    length = 26 if dashes == 1 else 6
    dash = f'<TD WIDTH="{length}" HEIGHT="2" FIXEDSIZE="TRUE" BGCOLOR="{colour}"></TD>'
    spacing = 0 if dashes == 1 else 4
    return f'<TABLE BORDER="0" CELLSPACING="{spacing}" CELLPADDING="0"><TR>{dash * dashes}</TR></TABLE>'


def bordered(border: Border, fill: str, line: str) -> str:
    """Draw a small box for a legend, with the border of a kind."""
    styles = ",".join(["ROUNDED"] * border.rounded + ["DOTTED"] * border.dotted + ["DASHED"] * border.dashed)
    attributes = f' BGCOLOR="{fill}" STYLE="{styles}"' if styles else f' BGCOLOR="{fill}"'
    width, height = (14, 7) if border.double else (20, 12)
    inner = _framed(f'<TD WIDTH="{width}" HEIGHT="{height}"></TD>', line, 2 if border.thick else 1, 0, attributes)
    return _framed(f"<TD>{inner}</TD>", line, 1, 2) if border.double else inner


def _framed(cell: str, line: str, width: int, spacing: int, attributes: str = "") -> str:
    table = f'<TABLE BORDER="{width}" COLOR="{line}" CELLBORDER="0" CELLSPACING="{spacing}" CELLPADDING="0"'
    return f"{table}{attributes}><TR>{cell}</TR></TABLE>"


def _matrix(rows: Sequence[Sequence[str]], colour: str | None) -> str:
    left, right = (
        f'<TD BORDER="1" SIDES="{sides}" WIDTH="4" COLOR="{colour or MUTED}"></TD>' for sides in ("LTB", "RTB")
    )
    gap = '</TD><TD WIDTH="5"></TD><TD>'
    cells = _table([[gap.join(text(cell, colour) for cell in row)] for row in rows], 2)
    brackets = f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="0"><TR>{left}<TD>{cells}</TD>{right}</TR></TABLE>'
    return centred(brackets)


def _table(rows: Sequence[Sequence[str]], padding: int) -> str:
    body = "".join(f"<TR>{''.join(f'<TD>{cell}</TD>' for cell in row)}</TR>" for row in rows)
    return f'<TABLE BORDER="0" CELLSPACING="0" CELLPADDING="{padding}">{body}</TABLE>'
