"""How operations are written as mathematics: ``b × c``, ``σ(z)``, ``sum(x, axis=0)``.

`NOTATION` holds the functions that have a sign of their own; all others are written as calls.
"""

import operator
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.primitives import readable
from micrograd_nd.rules.activations import relu, sigmoid
from micrograd_nd.viz.names import visible
from micrograd_nd.viz.values import number, text

__all__ = ["Operand", "written"]


class Operand(NamedTuple):
    """An argument as it stands in a formula: the name of a value, or a value itself."""

    text: str
    is_name: bool = True


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
    options = {name: value for name, value in (options or {}).items() if value is not None}
    if function in INDEXED:
        return visible(INDEXED[function](*operands, **options))
    if function in NOTATION and not options:
        return NOTATION[function](*operands)
    extra = [f"{name}={option(value)}" for name, value in options.items()]
    return call(function_name(function), *operands, *(Operand(visible(x)) for x in extra))


def infix(sign: str) -> Callable[[Operand, Operand], str]:
    """Write a sign between two operands; a leading minus needs no parentheses."""
    return lambda x, y: f"{x.text if is_negative(x) else enclosed(x)} {sign} {enclosed(y)}"


def prefix(sign: str) -> Callable[[Operand], str]:
    """Write a sign before an operand."""
    return lambda x: sign + enclosed(x)


def function_of(name: str) -> Callable[..., str]:
    """Write a call under another name."""
    return lambda *operands: call(name, *operands)


def power(x: Operand, y: Operand) -> str:
    """Write a power, with a superscript where every font has it."""
    superscript = {"2": "²", "3": "³"}.get(y.text)
    return enclosed(x) + superscript if superscript and not y.is_name else f"{enclosed(x)}^{enclosed(y)}"


def total(x: Operand, *initial: Operand) -> str:
    """Write a sum, and what it starts from."""
    return " + ".join([*map(enclosed, initial), f"Σ {enclosed(x)}"])


def product(x: Operand, y: Operand) -> str:
    """Write a matrix product as mathematics does, side by side, unless one would look like an index."""
    return f"{enclosed(x)} {enclosed(y)}" if x.is_name and y.is_name else f"{enclosed(x)} @ {enclosed(y)}"


def element(x: Operand, *, index: Any) -> str:
    """Write what is read at an index."""
    return f"{enclosed(x)}[{index_text(index)}]"


def replaced(x: Operand, values: Operand, *, index: Any) -> str:
    """Write what an assignment to elements makes of an array."""
    return f"{enclosed(x)} with [{index_text(index)}] = {values.text}"


NOTATION: dict[Callable[..., Any], Callable[..., str]] = {
    np.add: infix("+"),
    np.subtract: infix("−"),
    np.multiply: infix("×"),
    np.divide: infix("÷"),
    np.matmul: product,
    np.dot: infix("·"),
    np.power: power,
    np.square: lambda x: power(x, Operand("2", is_name=False)),
    np.negative: prefix("−"),
    np.positive: prefix("+"),
    np.sqrt: prefix("√"),
    np.sum: total,
    np.absolute: lambda x: f"|{x.text}|",
    np.transpose: lambda x: f"{enclosed(x)}ᵀ",
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
}


def enclosed(x: Operand) -> str:
    """Put parentheses where an operand would otherwise fall apart: 3 + 4i is a number of two terms."""
    loose = any(c in (" +-−,=" if x.is_name else " −") for c in x.text) and not x.text.startswith("[")
    return f"({x.text})" if loose else x.text


def is_negative(x: Operand) -> bool:
    """Tell a number of one term with a minus before it."""
    return not x.is_name and x.text.startswith("−") and " " not in x.text


def call(name: str, *operands: Operand) -> str:
    """Write a call; of many arguments, the first four and the last."""
    texts = [x.text for x in operands]
    return f"{name}({', '.join(texts if len(texts) <= 6 else [*texts[:4], '…', texts[-1]])})"


def function_name(function: Callable[..., Any]) -> str:
    """Name a function without its package; f if it has no name."""
    name = readable(function).rpartition(".")[2]
    return "f" if name == "<lambda>" else visible(name)


def option(value: Any) -> str:
    """Write an argument that is no array operand."""
    if isinstance(value, np.ndarray):
        return text(value)
    shown = str(value) if isinstance(value, str | tuple | list | dict) else None
    if shown is None:
        shown = number(value) if isinstance(value, int | float | np.number) else str(value)
    return shown.replace("-", "−") if len(shown) <= 30 else shown[:29] + "…"


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
