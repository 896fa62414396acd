"""Equations in words, for who listens to the page."""

from micrograd_nd.viz.walkthrough.equations import Equation, Name, Side, piece_text

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


def spoken(side: Side) -> str:
    """Say a side of an equation, or a heading; names stay as they are.

    Examples
    --------
    >>> from micrograd_nd.viz.walkthrough.equations import Name
    >>> spoken(("d", Name("J"), "/d", Name("b"), " · ", Name("c"), "²"))
    'dJ by d b times c squared'
    """
    said = []
    for piece in side:
        text = piece_text(piece, in_full=len(side) == 1)
        for sign, word in WORDS.items() if not isinstance(piece, Name) else ():
            text = text.replace(sign, word)
        said.append(text)
    return "".join(said)


def spoken_equation(equation: Equation) -> str:
    """Say an equation."""
    first, *others = map(spoken, equation.sides)
    return first + "".join(f" {SIGNS[sign]} {side}" for sign, side in zip(equation.signs, others, strict=True))
