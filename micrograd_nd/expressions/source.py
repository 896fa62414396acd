"""Text to a syntax tree, within limits, and from the tree back to places in the text.

Python's own parser reads the text, and nothing else of Python is used: no code is compiled or run. The parser counts
places in lines and UTF-8 bytes; people count characters.
"""

import ast
import unicodedata
import warnings
from collections.abc import Sequence
from itertools import accumulate
from textwrap import dedent
from typing import Literal

from micrograd_nd.expressions.errors import ExpressionError

__all__ = ["Source"]

DEEPEST = 120

# What people copy from formulas, and what is meant.
MEANT = {"−": "-", "–": "-", "×": "*", "·": "*", "⋅": "*", "∗": "*", "÷": "/", "²": "**2", "³": "**3", "√": "sqrt(...)"}


class Source:
    """A text and its syntax tree.

    Parameters
    ----------
    text : str
        What was written.
    longest : int
        How many characters it may have.
    mode : {"exec", "eval"}
        Whether it is parts, or one expression.
    around : (str, str)
        What is put before and after the text to make it what `mode` says.

    Attributes
    ----------
    text : str
        As written, without blanks around it, nor before all of its lines.
    tree : ast.Module or ast.Expression
        How Python reads it.

    Raises
    ------
    ExpressionError
        If it is too long, nested too deep, has characters that cannot be seen, or is not Python's syntax.
    """

    def __init__(
        self, text: str, longest: int, mode: Literal["exec", "eval"] = "exec", around: tuple[str, str] = ("", "")
    ) -> None:
        self.text = text = dedent(text).strip(" \t\n")
        if len(text) > longest:
            raise ExpressionError(f"{len(text)} characters are more than the {longest} that are read", text, longest)
        self.check_characters()
        self.shift = len(around[0])
        code = around[0] + text + around[1]
        self.lines = code.split("\n")
        self.starts = [0, *accumulate(len(line) + 1 for line in self.lines)]
        self.tree = self.parsed(code, mode)
        self.check_depth()

    def check_characters(self) -> None:
        """Refuse what cannot be seen: other blanks, zeros, marks that turn the line around, halves of characters."""
        for at, c in enumerate(self.text):
            if not (c.isprintable() or c in "\t\n"):
                name = unicodedata.name(c, "")
                raise self.error(f"the character U+{ord(c):04X}{' ' if name else ''}{name} has no place here", at)

    def parsed(self, code: str, mode: Literal["exec", "eval"]) -> ast.AST:
        """Parse, whatever Python's parser makes of hostile text."""
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # of what is refused afterwards: escapes in strings, calls of numbers
                # Of a syntax error Python looks up the line in the file of that name: there is none without a name.
                return ast.parse(code, filename="", mode=mode)
        except SyntaxError as error:
            line, column = error.lineno or 1, error.offset or 1
            at = self.starts[min(line, len(self.lines)) - 1] + column - 1 - self.shift
            raise self.error(self.syntax_message(error, at), at) from None
        except (ValueError, MemoryError, RecursionError, OverflowError):
            raise self.error("this is nested too deep, or has a number too long, to be read", 0) from None

    def syntax_message(self, error: SyntaxError, at: int) -> str:
        """Say what Python's parser found, or what was meant by the signs of mathematics."""
        sign = self.text[at : at + 1] if at >= 0 else ""
        return f"for {sign} write {MEANT[sign]}" if sign in MEANT else f"cannot read this: {error.msg}"

    def check_depth(self) -> None:
        """Refuse a tree that is too deep, without going down into it by recursion."""
        layer: Sequence[ast.AST] = [self.tree]
        for _ in range(DEEPEST):
            layer = [child for node in layer for child in ast.iter_child_nodes(node)]
            if not layer:
                return
        at = min((self.start(node) for node in layer if isinstance(node, ast.expr)), default=0)
        raise self.error(f"operations are nested {DEEPEST} deep here: write it in parts, u = ...; J = ...", at)

    def start(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Find where a node begins."""
        return self.place(node.lineno, node.col_offset)

    def end(self, node: ast.expr | ast.stmt | ast.keyword) -> int:
        """Find where a node ends."""
        return self.place(node.end_lineno or node.lineno, node.end_col_offset or node.col_offset)

    def sign(self, left: ast.expr, right: ast.expr, sign: str) -> int:
        """Find the sign between two operands."""
        return max(self.text.find(sign, self.end(left), self.start(right)), self.end(left))

    def segment(self, node: ast.expr) -> str:
        """Return what was written for a node, in one line."""
        return " ".join(self.text[self.start(node) : self.end(node)].split())

    def place(self, line: int, column: int) -> int:
        """Count characters where the parser counts lines and UTF-8 bytes."""
        before = self.lines[line - 1].encode()[:column].decode()
        return self.starts[line - 1] + len(before) - self.shift

    def error(self, message: str, at: int) -> ExpressionError:
        """Make the error of a place."""
        return ExpressionError(message, self.text, at)
