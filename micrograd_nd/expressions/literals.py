"""Values as text: ``x=[1, 2], y=0.5`` on a command line. Literals only; nothing is evaluated."""

import ast
from collections.abc import Sequence
from keyword import iskeyword
from math import isfinite
from typing import Any

import numpy as np

from micrograd_nd.expressions.errors import ExpressionError
from micrograd_nd.expressions.source import Source

__all__ = ["read_values"]

# Of all texts together, and how many there may be.
LONGEST, MOST = 50_000, 500
MOST_AXES = 32


def read_values(texts: Sequence[str]) -> dict[str, Any]:
    """Read named values.

    Parameters
    ----------
    texts : sequence of str
        Each one value or several, as in ``"x=[1, 2], y=0.5"``.

    Returns
    -------
    dict
        From names to values. Numbers become float64 (or complex128), lists of numbers arrays of it; booleans, strings
        and None stay what they are, and so do tuples and dicts, of such values.

    Raises
    ------
    ExpressionError
        For what is no literal, a value without a name, a name given twice, lists of different lengths in one
        array, numbers beyond float64, and for more than 50,000 characters or 500 names.

    Examples
    --------
    >>> read_values(["x=[1, 2.5], y=-3", "W=[[1, 2], [3, 4]]"])
    {'x': array([1. , 2.5]), 'y': np.float64(-3.0), 'W': array([[1., 2.],
           [3., 4.]])}
    >>> read_values(["W=[[1, 2], [3]]"])
    Traceback (most recent call last):
        ...
    micrograd_nd.expressions.errors.ExpressionError: the lists of an array have one length; here is [3] after [1, 2]
      W=[[1, 2], [3]]
                 ^
    """
    if sum(map(len, texts)) > LONGEST or len(texts) > MOST:
        raise ExpressionError(f"values have at most {LONGEST:,} characters and {MOST} names", texts[0], 0)
    values: dict[str, Any] = {}
    for text in texts:
        source = source_of(text)
        for keyword in arguments(source):
            name = str(keyword.arg)
            if len(values) == MOST:
                raise source.error(
                    f"values have at most {LONGEST:,} characters and {MOST} names", source.start(keyword)
                )
            if name in values:
                raise source.error(f"{name} is given twice", source.start(keyword))
            values[name] = Literals(source, name).value(keyword.value)
    return values


def source_of(text: str) -> Source:
    """Read values as Python reads the arguments of a call."""
    name = text.partition("=")[0].strip()
    if iskeyword(name):
        raise ExpressionError(f"{name} is a word of Python's own: choose another name, such as {name}_", text, 0)
    try:
        return Source(text, LONGEST, "eval", around=("_(", "\n)"))
    except ExpressionError as error:
        # Of a bracket that is not closed Python says what is true of the call only.
        message = error.message.partition(": ")[0] if error.message.startswith("cannot read this") else error.message
        raise ExpressionError(f"{message}; write values as in x=[1, 2.5], y=-3", error.text, error.at) from None


def arguments(source: Source) -> list[ast.keyword]:
    """List the names and values of what was read."""
    call = source.tree.body if isinstance(source.tree, ast.Expression) else None
    if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and source.place(1, call.func.col_offset) < 0:
        nameless = [source.start(x) for x in call.args] + [source.start(x) for x in call.keywords if x.arg is None]
        if call.keywords and not nameless:
            return call.keywords
        at = min(nameless, default=0)
    else:
        at = 0
    raise source.error("every value has a name, as in x=[1, 2.5], y=-3", at)


class Literals:
    """Reads the literals of one value."""

    def __init__(self, source: Source, name: str) -> None:
        self.source = source
        self.name = name

    def value(self, node: ast.expr) -> Any:
        """Read a value: a nest, an array, a number, or what else is written as a constant."""
        if isinstance(node, ast.Tuple):
            return tuple(map(self.value, node.elts))
        if isinstance(node, ast.Dict):
            if any(not isinstance(key, ast.Constant) for key in node.keys):
                raise self.no_literal(node)
            return {key.value: self.value(x) for key, x in zip(node.keys, node.values, strict=True)}  # type: ignore[union-attr]
        if isinstance(node, ast.List):
            return self.nest(node)
        if isinstance(node, ast.Constant) and isinstance(node.value, bool | str | bytes | None):
            return node.value
        return self.number(node)

    def nest(self, node: ast.expr) -> Any:
        """Read lists in lists, all of one shape."""
        if not isinstance(node, ast.List | ast.Tuple):
            return self.number(node)
        parts = [self.nest(x) for x in node.elts]
        for part, x in zip(parts, node.elts, strict=True):
            if part.shape != parts[0].shape:
                shown = short(self.source.segment(node.elts[0]))
                raise self.source.error(
                    f"the lists of an array have one length; here is {short(self.source.segment(x))} after {shown}",
                    self.source.start(x),
                )
        if parts and parts[0].ndim >= MOST_AXES:
            raise self.source.error(f"an array has at most {MOST_AXES} axes", self.source.start(node))
        return np.array(parts, dtype=None if parts else float)

    def number(self, node: ast.expr) -> Any:
        """Read a number, its sign, or a real and an imaginary part."""
        if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub | ast.UAdd):
            if not isinstance(node.operand, ast.Constant):
                raise self.no_literal(node)
            x = self.number(node.operand)
            return -x if isinstance(node.op, ast.USub) else x
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add | ast.Sub):
            if isinstance(node.left, ast.BinOp) or not imaginary(node.right):
                raise self.no_literal(node)
            left, right = self.number(node.left), self.number(node.right)
            return left + right if isinstance(node.op, ast.Add) else left - right
        if not (isinstance(node, ast.Constant) and isinstance(node.value, int | float | complex)):
            raise self.no_literal(node)
        try:
            x = np.complex128(node.value) if isinstance(node.value, complex) else np.float64(float(node.value))
        except OverflowError:
            x = np.float64(np.inf)
        if not isfinite(abs(x)):
            raise self.source.error("this number is larger than a float64 can be, 1.8e308", self.source.start(node))
        return x

    def no_literal(self, node: ast.expr) -> ExpressionError:
        """Make the error of what would have to be evaluated."""
        return self.source.error(
            f"{self.name} is no literal: write numbers and lists of numbers, such as {self.name}=[1, 2.5]",
            self.source.start(node),
        )


def imaginary(node: ast.expr) -> bool:
    """Tell an imaginary number."""
    return isinstance(node, ast.Constant) and isinstance(node.value, complex)


def short(text: str) -> str:
    """Cut what is long."""
    return text if len(text) <= 20 else text[:19] + "…"
