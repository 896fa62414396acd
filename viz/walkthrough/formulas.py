"""Formulas in pieces: of names, or with the numbers filled in."""

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np

from micrograd_nd.viz.graphs.expressions import Application, Expression, Reference, Summary, Written
from micrograd_nd.viz.graphs.notation import Operand, Rank, composed, literal
from micrograd_nd.viz.graphs.scene import Scene
from micrograd_nd.viz.values import is_small
from micrograd_nd.viz.walkthrough.equations import Name, Piece, Role, Shown, Side, is_rounded

__all__ = ["CONDITIONS", "Manuscript", "with_constants_apart"]

MARK = re.compile("⟦−?([0-9]+)⟧")

# Signs that only derivatives of single steps need: a condition in brackets is 1 where it holds, else 0.
CONDITIONS: dict[Callable[..., Any], str] = {
    np.greater_equal: "≥",
    np.greater: ">",
    np.less: "<",
}


class Manuscript:
    """A formula on its way to pieces: while it is written as text, a mark stands for each name and value.

    Examples
    --------
    >>> manuscript = Manuscript()
    >>> b, c = manuscript.name("b"), manuscript.value(np.float64(-2), "forward")
    >>> manuscript.pieces(composed(np.multiply, [b, c]).text)[:2]
    (Name(text='b'), ' × (')
    """

    def __init__(self) -> None:
        self.marked: list[Piece] = []

    def name(self, name: str) -> Operand:
        """Set a name, as it stands in a formula."""
        return Operand(self.mark(Name(name)), formula_rank=Operand(name).rank)

    def names_of(self, scene: Scene, expression: Expression) -> Operand:
        """Write an expression with the names of boxes."""
        whole, constants = with_constants_apart(expression)
        apart = {id: self.value(x, "constant") for id, x in constants.items()}
        return written_with(whole, lambda id: apart[id] if id in apart else self.name(scene.names[id]))

    def numbers_of(self, scene: Scene, expression: Expression) -> Operand:
        """Write an expression with the values of boxes."""
        whole, constants = with_constants_apart(expression)
        apart = {id: self.value(x, "constant") for id, x in constants.items()}
        return written_with(
            whole, lambda id: apart[id] if id in apart else self.value(scene.by_id[id].value, "forward")
        )

    def value(self, value: Any, role: Role) -> Operand:
        """Set a value, as it stands in a formula."""
        if is_small(value) and np.ndim(value) < 2:
            shown = literal(value)
            mark = self.mark(Shown(value, role), "−" if shown.text.startswith("−") else "")
            return Operand(mark, is_name=False, formula_rank=shown.rank)
        return Operand(self.mark(Shown(value, role)), formula_rank=Rank.ATOM)

    def mark(self, piece: Piece, sign: str = "") -> str:
        """Put a mark for a piece, which tells a minus in front of it."""
        self.marked.append(piece)
        return f"⟦{sign}{len(self.marked) - 1}⟧"

    def pieces(self, written: str) -> Side:
        """Put the pieces into a text in the place of their marks."""
        found: list[Piece] = []
        at = 0
        for match in MARK.finditer(written):
            if int(match[1]) < len(self.marked):
                found += [written[at : match.start()], self.marked[int(match[1])]]
                at = match.end()
        return tuple(piece for piece in (*found, written[at:]) if piece != "")


def with_constants_apart(expression: Expression) -> tuple[Expression, dict[str, Any]]:
    """Put references in the place of constants that are written with fewer digits than they have.

    Parameters
    ----------
    expression : Expression

    Returns
    -------
    Expression
    dict
        The constants by the names that stand for them, which no box has as id.
    """
    constants: dict[str, Any] = {}

    def put_apart(part: Expression) -> Expression:
        if isinstance(part, Written) and is_rounded(part.value):
            id = f"constant {len(constants)}"
            constants[id] = part.value
            return Reference(id)
        if isinstance(part, Application):
            return replace(part, arguments=tuple(map(put_apart, part.arguments)))
        return part

    return put_apart(expression), constants


def written_with(expression: Expression, stand_in: Callable[[str], Operand]) -> Operand:
    """Write an expression, of what stands for each box.

    Parameters
    ----------
    expression : Expression
    stand_in : callable
        Of the id of a box.

    Returns
    -------
    Operand
    """
    if isinstance(expression, Reference):
        return stand_in(expression.box)
    if isinstance(expression, Written):
        return literal(expression.value)
    if isinstance(expression, Summary):
        return Operand(expression.text, formula_rank=Rank.ATOM)
    arguments = [written_with(argument, stand_in) for argument in expression.arguments]
    if expression.function in CONDITIONS:
        left, right = arguments
        return Operand(f"[{left.text} {CONDITIONS[expression.function]} {right.text}]", formula_rank=Rank.ATOM)
    if expression.function in (np.add, np.subtract):
        arguments[1:] = map(unsigned, arguments[1:])
    return composed(expression.function, arguments, dict(expression.options))


def unsigned(x: Operand) -> Operand:
    """Put parentheses around a product that begins with a minus, to follow a plus."""
    if x.rank is Rank.NEGATIVE or not x.text.startswith(("−", "⟦−")):
        return x
    return Operand(f"({x.text})", x.is_name, Rank.ATOM)
