"""Equations in words, for who listens to the page."""

import re

from micrograd_nd.viz.walkthrough.equations import Equation, Name, Piece, Shown, Side, piece_text

__all__ = ["spoken", "spoken_equation"]

WORDS = {
    " × ": " times ",
    " · ": " times ",
    " ÷ ": " divided by ",
    " − ": " minus ",
    " ≥ ": " is at least ",
    " > ": " is more than ",
    " < ": " is less than ",
    "/d": " by d ",
    "/∂": " by d ",
    "−": "minus ",
    "∂": "d",
    "²": " squared",
    "³": " cubed",
    "^": " to the power of ",
    "√": "the square root of ",
    "Σ": "the sum of",
    "σ": "sigmoid",
    "ᵀ": " transposed",
    "…": "to",
}
SIGNS = {"=": "equals", "≈": "is about"}
# Of what is no finite number; a function may have such a name.
NUMBERS = {"inf": "infinity", "nan": "not a number"}
EXPONENT = re.compile(r"(?<=[0-9])e(?=−?[0-9])")


def spoken(side: Side) -> str:
    """Say a side of an equation, or a heading; names stay as they are.

    Examples
    --------
    >>> from micrograd_nd.viz.walkthrough.equations import Name
    >>> spoken(("d", Name("J"), "/d", Name("b"), " · ", Name("c"), "²"))
    'dJ by d b times c squared'
    """
    return "".join(spoken_piece(piece, in_full=len(side) == 1) for piece in side)


def spoken_piece(piece: Piece, *, in_full: bool) -> str:
    """Say a word, a name or a value."""
    said = piece_text(piece, in_full=in_full)
    if isinstance(piece, Name):
        return said
    said = EXPONENT.sub(" times 10 to the power of ", said)
    for sign, word in WORDS.items():
        said = said.replace(sign, word)
    for sign, word in NUMBERS.items() if isinstance(piece, Shown) else ():
        said = re.sub(rf"\b{sign}\b", word, said)
    return said


def spoken_equation(equation: Equation) -> str:
    """Say an equation."""
    first, *others = map(spoken, equation.sides)
    return first + "".join(f" {SIGNS[sign]} {side}" for sign, side in zip(equation.signs, others, strict=True))
