"""Small pieces of HTML for notebooks. All text is escaped, and takes the colours of the page that it is on."""

import html
from collections.abc import Callable, Iterable, Sequence

__all__ = ["attempt", "escaped", "paragraph", "preformatted", "section", "table"]

LINES, COLUMNS = 300, 400
# A notebook may give what is laid out the letters of its text, in which nothing stands under anything.
LETTERS = "var(--jp-code-font-family,ui-monospace,Menlo,Consolas,'DejaVu Sans Mono',monospace)"


def attempt(show: Callable[[], str]) -> str:
    """Show something, or nothing where that fails.

    Parameters
    ----------
    show : callable
        Makes a text, such as a piece of HTML.

    Returns
    -------
    str
    """
    try:
        return show()
    except Exception:  # noqa: BLE001 - a display must not stand in the way of work
        return ""


def escaped(text: str) -> str:
    r"""Escape a text, whatever is in it; what has no glyph is written as Python writes it.

    Examples
    --------
    >>> print(escaped('<b onclick="x">\x00'))
    &lt;b onclick=&quot;x&quot;&gt;\x00
    """
    shown = (c if c.isprintable() or c in "\n\u200c\u200d" else repr(c)[1:-1] for c in text)
    return html.escape("".join(shown))


def section(*parts: str) -> str:
    """Set pieces one under the other, in the page's own colours."""
    return f'<div style="color:inherit;max-width:100%;overflow-x:auto">{"".join(parts)}</div>'


def paragraph(text: str, *, strong: bool = False) -> str:
    """Write a line."""
    weight = "font-weight:bold;" if strong else ""
    return f'<div style="{weight}margin:0.3em 0">{escaped(text)}</div>'


def preformatted(text: str) -> str:
    """Write text as it is laid out; of very much of it the beginning, and how much more there is."""
    lines = text.splitlines()
    shown = [line if len(line) <= COLUMNS else f"{line[: COLUMNS - 1]}…" for line in lines[:LINES]]
    shown += [f"… {len(lines) - LINES:,} more lines"] * (len(lines) > LINES)
    style = "margin:0.3em 0;color:inherit;background:none;line-height:1.35;white-space:pre;overflow-x:auto"
    style += f";font-family:{LETTERS}"
    return f'<pre style="{style}">{escaped(chr(10).join(shown))}</pre>'


def table(head: Sequence[str], rows: Iterable[Sequence[str]], *, words: int = 1) -> str:
    """Write a table.

    Parameters
    ----------
    head : sequence of str
        What each column is called.
    rows : iterable of sequence of str
        Cells.
    words : int
        How many columns, from the left, are words; the others are numbers and stand to the right.

    Returns
    -------
    str

    Examples
    --------
    >>> table(["name", "size"], [["W<1>", "8"]]).count("W&lt;1&gt;")
    1
    """
    sides = ["left" if i < words else "right" for i in range(len(head))]
    top = table_row("th", head, sides, ";border-bottom:1px solid currentColor")
    body = "".join(table_row("td", line, sides, "") for line in rows)
    style = "border-collapse:collapse;color:inherit;margin:0.3em 0"
    return f'<table style="{style}"><thead>{top}</thead><tbody>{body}</tbody></table>'


def table_row(tag: str, line: Sequence[str], sides: Sequence[str], more: str) -> str:
    """Write a row of a table, each cell to its side."""
    style = f"padding:0.15em 0.7em;white-space:nowrap{more};text-align:"
    cells = (f'<{tag} style="{style}{side}">{escaped(x)}</{tag}>' for x, side in zip(line, sides, strict=True))
    return f"<tr>{''.join(cells)}</tr>"
