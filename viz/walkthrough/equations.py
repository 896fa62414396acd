"""Equations as data: sides of words, names and values, and the sign between two of them."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, Literal

import numpy as np

from micrograd_nd.viz.values import extent, is_small, rows
from micrograd_nd.viz.values import text as value_text

__all__ = ["Equation", "Name", "Piece", "Role", "Shown", "Side", "equation", "is_rounded", "piece_text", "side_text"]

Role = Literal["forward", "backward", "local", "constant"]

# What arithmetic may leave at the end of a number without its being called rounded.
ULPS = 16


@dataclass(frozen=True)
class Name:
    """The name of a box."""

    text: str


@dataclass(frozen=True, eq=False)
class Shown:
    """A value that stands in an equation.

    Attributes
    ----------
    value : array
    role : {"forward", "backward", "local", "constant"}
        A value of the computation, a derivative of the result, one of a single step, or a number of the formula.
    """

    value: Any
    role: Role


Piece = str | Name | Shown
Side = tuple[Piece, ...]


@dataclass(frozen=True, eq=False)
class Equation:
    """Several sides that are equal.

    Attributes
    ----------
    sides : tuple of Side
    """

    sides: tuple[Side, ...]

    @property
    def signs(self) -> list[str]:
        """What stands between sides: ``≈`` beside a number that is written with fewer digits than it has."""
        rounded = [any(isinstance(piece, Shown) and is_rounded(piece.value) for piece in side) for side in self.sides]
        return ["≈" if left or right else "=" for left, right in pairwise(rounded)]

    def text(self) -> str:
        """Write it in a line."""
        first, *others = map(side_text, self.sides)
        return first + "".join(f" {sign} {side}" for sign, side in zip(self.signs, others, strict=True))


def equation(*sides: Sequence[Piece] | None) -> Equation:
    """Make an equation of sides; what is None, or reads like the side after it, is left out.

    Examples
    --------
    >>> equation((Name("u"),), (Shown(np.float64(2 / 3), "forward"),)).text()
    'u ≈ 0.66667'
    """
    kept: list[Side] = []
    for side in sides:
        if side is None:
            continue
        if kept and side_text(kept[-1]) == side_text(side):
            kept.pop()
        kept.append(tuple(side))
    return Equation(tuple(kept))


def side_text(side: Sequence[Piece]) -> str:
    """Write a side in a line; a large array within it by its shape alone."""
    return "".join(piece_text(piece, in_full=len(side) == 1) for piece in side)


def piece_text(piece: Piece, *, in_full: bool = True) -> str:
    """Write a piece in a line: of a small matrix its rows, of a large array shape, dtype and range, or the shape."""
    if isinstance(piece, str):
        return piece
    if isinstance(piece, Name):
        return piece.text
    matrix = rows(piece.value)
    if matrix is not None:
        return f"[{', '.join(f'[{row}]' for row in map(', '.join, matrix))}]"
    between = extent(piece.value)
    if between is None:
        return value_text(piece.value)
    return f"{value_text(piece.value)}, {between}" if in_full else str(piece.value.shape)


def is_rounded(value: Any) -> bool:
    """Tell whether a value is written with fewer digits than it has."""
    return any(not is_kept(written, x) for written, x in elements(value))


def elements(value: Any) -> Iterator[tuple[str, Any]]:
    """Go through the numbers that are written of a value, as they are written and as they are."""
    matrix = rows(value)
    if matrix is not None:
        yield from zip((cell for row in matrix for cell in row), np.ravel(value), strict=True)
    elif is_small(value):
        written = value_text(value).strip("[]").split(", ")
        yield from zip(written, np.ravel(value), strict=True)


def is_kept(written: str, x: Any) -> bool:
    """Tell whether a number can be read back, but for what arithmetic may have left at its end."""
    kind = np.asarray(x).dtype.kind
    if kind not in "fc" or not np.isfinite(x):
        return True
    read = complex(written.replace("−", "-").replace(" ", "").replace("i", "j"))
    return bool(abs(read - complex(x)) <= ULPS * float(np.finfo(np.asarray(x).dtype).eps) * abs(complex(x)))
