"""The error of an expression: what is wrong, what would be right, and a caret under the place."""

import unicodedata

__all__ = ["ExpressionError"]

BEFORE, AFTER = 50, 26
LONGEST = 240


class ExpressionError(ValueError):
    """What was written cannot be read, or not be computed.

    Parameters
    ----------
    message : str
        What is wrong, and what would be right, in one line.
    text : str
        What was written.
    at : int
        The place in it, counted in characters.

    Attributes
    ----------
    message, text, at
        As given, the middle of a long message left out. ``str(error)`` has the message, and below it the line of the
        text with a caret under the place; of a long line, the part around it.

    Examples
    --------
    >>> print(ExpressionError("for a power write **", "a^2", 1))
    for a power write **
      a^2
       ^
    """

    def __init__(self, message: str, text: str, at: int) -> None:
        super().__init__(message)
        self.message = printable(message if len(message) <= LONGEST else message[:100] + "…" + message[100 - LONGEST :])
        self.text = text
        self.at = min(max(at, 0), len(text))

    def __str__(self) -> str:
        return f"{self.message}\n{pointed(self.text, self.at)}"


def pointed(text: str, at: int) -> str:
    """Show the line that a place is in, and a caret under the place."""
    start = text.rfind("\n", 0, at) + 1
    before, after = text[start:at], text[at:].partition("\n")[0]
    if len(before) > BEFORE:
        before = "…" + before[1 - BEFORE :]
    if len(after) > AFTER:
        after = after[: AFTER - 1] + "…"
    shown = printable(before)
    return f"  {shown}{printable(after)}\n  {' ' * width(shown)}^"


def printable(text: str) -> str:
    """Write what has no glyph, and what would turn the line around, as Python writes it."""
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in text)


def width(text: str) -> int:
    """Count the columns of a terminal: two for wide characters, none for marks over others."""
    return sum(0 if unicodedata.combining(c) else 1 + (unicodedata.east_asian_width(c) in "WF") for c in text)
