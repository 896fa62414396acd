"""How operations are written as mathematics: ``b × c``, ``σ(z)``, ``sum(x, axis=0)``.

`NOTATION` holds the functions that have a sign of their own; all others are written as calls.
"""

import operator
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.primitives import readable
from micrograd_nd.rules.activations import relu, sigmoid
from micrograd_nd.rules.contractions import einsum_of_two
from micrograd_nd.viz.printable import visible
from micrograd_nd.viz.values import number, text

__all__ = ["MOST_ARGUMENTS", "Operand", "Rank", "composed", "literal", "written"]

# Of a call that has more, some are left out.
MOST_ARGUMENTS = 6


class Rank(IntEnum):
    """How firmly a formula holds together, from what falls apart at any sign to what never does."""

    LOOSE = 0
    SUM = 1
    NEGATIVE = 2
    DOT = 3
    PRODUCT = 4
    JUXTAPOSED = 5
    POWER = 6
    ATOM = 7


class Operand(NamedTuple):
    """An argument as it stands in a formula: the name of a value, a value itself, or a formula.

    Attributes
    ----------
    text : str
    is_name : bool
        Whether it is a name, or a formula of names; not a number.
    formula_rank : Rank or None
        Of a formula; that of a name or a number is read off its text.
    """

    text: str
    is_name: bool = True
    formula_rank: Rank | None = None

    @property
    def rank(self) -> Rank:
        """How firmly it holds together: 3 + 4i is a number of two terms."""
        if self.formula_rank is not None:
            return self.formula_rank
        if self.text.startswith("["):
            return Rank.ATOM
        if self.is_name:
            return Rank.LOOSE if any(c in " +-−×÷·/^,=" for c in self.text) else Rank.ATOM
        return Rank.SUM if " " in self.text else Rank.NEGATIVE if self.text.startswith("−") else Rank.ATOM


def written(function: Callable[..., Any], operands: Sequence[Operand], options: dict[str, Any] | None = None) -> str:
    """Write an operation in one line.

    Parameters
    ----------
    function : callable
        What users call: ``np.add``, ``mg.sigmoid``, one of their own.
    operands : sequence of Operand
        Its array arguments.
    options : dict, optional
        Its other arguments.

    Returns
    -------
    str

    Examples
    --------
    >>> written(np.multiply, [Operand("b"), Operand("−2", is_name=False)])
    'b × (−2)'
    >>> written(np.sum, [Operand("x")], {"axis": 0})
    'sum(x, axis=0)'
    """
    return composed(function, operands, options).text


def composed(
    function: Callable[..., Any], operands: Sequence[Operand], options: dict[str, Any] | None = None
) -> Operand:
    """Write an operation as it stands in a larger formula, where it may need parentheses.

    Parameters
    ----------
    function, operands, options
        As for `written`.

    Returns
    -------
    Operand

    Examples
    --------
    >>> total = composed(np.add, [Operand("a"), Operand("u")])
    >>> written(np.multiply, [Operand("3", is_name=False), total])
    '3 × (a + u)'
    """
    options = {name: value for name, value in (options or {}).items() if value is not None}
    if function in INDEXED:
        formula = INDEXED[function](*operands, **options)
        return Operand(visible(formula), formula_rank=RANKS.get(function, Rank.ATOM))
    if function in NOTATION and not options:
        return Operand(NOTATION[function](*operands), formula_rank=RANKS.get(function, Rank.ATOM))
    extra = [f"{name}={option(value)}" for name, value in options.items()]
    formula = call(function_name(function), *operands, *(Operand(visible(x)) for x in extra))
    return Operand(formula, formula_rank=Rank.ATOM)


def literal(value: Any) -> Operand:
    """Write a number, or a few, as it stands in a formula."""
    return Operand(text(value), is_name=False)


def enclosed(x: Operand, least: Rank = Rank.POWER) -> str:
    """Put parentheses around what would fall apart beside a sign that binds operands of that rank."""
    return x.text if x.rank >= least else f"({x.text})"


def sum_of(x: Operand, y: Operand) -> str:
    """Write a sum; a sum within it needs no parentheses, a sign in the middle does."""
    return f"{leading(x, Rank.SUM)} + {trailing(y, Rank.SUM)}"


def difference(x: Operand, y: Operand) -> str:
    """Write a difference."""
    return f"{leading(x, Rank.SUM)} − {trailing(y, Rank.DOT)}"


def product(x: Operand, y: Operand) -> str:
    """Write a product of numbers, or element by element."""
    return f"{leading(x, Rank.PRODUCT)} × {trailing(y, Rank.JUXTAPOSED)}"


def quotient(x: Operand, y: Operand) -> str:
    """Write a quotient."""
    return f"{leading(x, Rank.PRODUCT)} ÷ {trailing(y, Rank.JUXTAPOSED)}"


def scalar_product(x: Operand, y: Operand) -> str:
    """Write ``np.dot``."""
    return f"{leading(x, Rank.POWER)} · {trailing(y, Rank.POWER)}"


def matrix_product(x: Operand, y: Operand) -> str:
    """Write a matrix product as mathematics does, side by side, unless one would look like an index."""
    sign = " " if x.is_name and y.is_name else " @ "
    return f"{leading(x, Rank.JUXTAPOSED)}{sign}{trailing(y, Rank.POWER)}"


def leading(x: Operand, least: Rank) -> str:
    """Write what comes first: a minus before it needs no parentheses."""
    return x.text if x.rank is Rank.NEGATIVE else enclosed(x, least)


def trailing(x: Operand, least: Rank) -> str:
    """Write what follows a sign: a minus before it would be a second one."""
    return f"({x.text})" if x.rank is Rank.NEGATIVE else enclosed(x, least)


def prefix(sign: str) -> Callable[[Operand], str]:
    """Write a sign before an operand."""
    return lambda x: sign + enclosed(x, Rank.JUXTAPOSED)


def function_of(name: str) -> Callable[..., str]:
    """Write a call under another name."""
    return lambda *operands: call(name, *operands)


def power(x: Operand, y: Operand) -> str:
    """Write a power, with a superscript where every font has it."""
    superscript = {"2": "²", "3": "³"}.get(y.text)
    base = enclosed(x, Rank.ATOM)
    return base + superscript if superscript and not y.is_name else f"{base}^{enclosed(y, Rank.ATOM)}"


def total(x: Operand, *initial: Operand) -> str:
    """Write a sum of elements, and what it starts from."""
    return " + ".join([*map(enclosed, initial), f"Σ {enclosed(x)}"])


def element(x: Operand, *, index: Any) -> str:
    """Write what is read at an index."""
    return f"{enclosed(x, Rank.ATOM)}[{index_text(index)}]"


def replaced(x: Operand, values: Operand, *, index: Any) -> str:
    """Write what an assignment to elements makes of an array."""
    return f"{enclosed(x)} with [{index_text(index)}] = {values.text}"


NOTATION: dict[Callable[..., Any], Callable[..., str]] = {
    np.add: sum_of,
    np.subtract: difference,
    np.multiply: product,
    np.divide: quotient,
    np.matmul: matrix_product,
    np.dot: scalar_product,
    np.power: power,
    np.square: lambda x: power(x, Operand("2", is_name=False)),
    np.negative: prefix("−"),
    np.positive: prefix("+"),
    np.sqrt: lambda x: f"√{enclosed(x, Rank.ATOM)}",
    np.sum: total,
    np.absolute: lambda x: f"|{x.text}|",
    np.transpose: lambda x: f"{enclosed(x, Rank.ATOM)}ᵀ",
    np.maximum: function_of("max"),
    np.minimum: function_of("min"),
    sigmoid: function_of("σ"),
    relu: function_of("ReLU"),
}

INDEXED: dict[Callable[..., Any], Callable[..., str]] = {
    operator.getitem: element,
    operator.setitem: replaced,
    np.reshape: lambda x, *, shape, order="C": call("reshape", x, Operand(option(shape))),
    np.ravel: lambda x, *, shape=-1, order="C": call("ravel", x),
    np.ndarray.astype: lambda x, *, dtype: f"{enclosed(x)} as {np.dtype(dtype)}",
    einsum_of_two: lambda *arrays, subscripts, optimize: call("einsum", Operand(f'"{subscripts}"'), *arrays),
}


# What is not listed holds together by itself: a call, |x|.
RANKS: dict[Callable[..., Any], Rank] = {
    np.add: Rank.SUM,
    np.subtract: Rank.SUM,
    np.negative: Rank.NEGATIVE,
    np.positive: Rank.NEGATIVE,
    np.multiply: Rank.PRODUCT,
    np.divide: Rank.PRODUCT,
    np.matmul: Rank.JUXTAPOSED,
    np.dot: Rank.DOT,
    np.power: Rank.POWER,
    np.square: Rank.POWER,
    np.sqrt: Rank.POWER,
    np.transpose: Rank.POWER,
    np.sum: Rank.LOOSE,
    operator.setitem: Rank.LOOSE,
    np.ndarray.astype: Rank.LOOSE,
}


def call(name: str, *operands: Operand) -> str:
    """Write a call; of many arguments, the first four and the last."""
    texts = [x.text for x in operands]
    return f"{name}({', '.join(texts if len(texts) <= MOST_ARGUMENTS else [*texts[:4], '…', texts[-1]])})"


def function_name(function: Callable[..., Any]) -> str:
    """Name a function without its package; f if it has no name."""
    name = readable(function).rpartition(".")[2]
    return "f" if name == "<lambda>" else visible(name)


def option(value: Any) -> str:
    """Write an argument that is no array operand."""
    if isinstance(value, np.ndarray):
        return text(value)
    if isinstance(value, str):
        shown = value
    elif isinstance(value, int | float | np.number):
        shown = number(value)
    else:
        shown = str(value).replace("-", "−")
    return shown if len(shown) <= 30 else shown[:29] + "…"


def index_text(index: Any) -> str:
    """Write an index as it stands between brackets."""
    if isinstance(index, tuple) and index:
        return ", ".join(map(index_text, index))
    if isinstance(index, slice):
        parts = ["" if part is None else option(part) for part in (index.start, index.stop, index.step)]
        return ":".join(parts if parts[2] else parts[:2])
    if isinstance(index, np.ndarray) and index.dtype == bool:
        return f"mask {index.shape}"
    return "..." if index is ... else option(index)
