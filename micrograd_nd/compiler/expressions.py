"""How an operation is written in NumPy: a table from functions to expressions.

An expression is a text with its precedence, so that parentheses stand only where Python needs them.
"""

import operator
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.program import Operation, Value
from micrograd_nd.primitives import readable

__all__ = ["ATOM", "Expression", "expression", "is_written_in_numpy", "number", "text_of", "written"]

ATOM, POWER, SIGN, PRODUCT, SUM, AND, XOR, OR, COMPARISON = 100, 80, 70, 60, 50, 39, 37, 35, 30


class Expression(NamedTuple):
    """A piece of a program's text."""

    text: str
    precedence: int = ATOM

    def inside(self, precedence: int) -> str:
        """Write it as an operand of something that binds so strongly."""
        return self.text if self.precedence >= precedence else f"({self.text})"


# The operators by which evaluation works too, so that nothing is computed another way than in eager code.
BINARY: dict[Callable[..., Any], tuple[str, int]] = {
    np.add: ("+", SUM),
    np.subtract: ("-", SUM),
    np.multiply: ("*", PRODUCT),
    np.divide: ("/", PRODUCT),
    np.matmul: ("@", PRODUCT),
    np.less: ("<", COMPARISON),
    np.less_equal: ("<=", COMPARISON),
    np.greater: (">", COMPARISON),
    np.greater_equal: (">=", COMPARISON),
    np.equal: ("==", COMPARISON),
    np.not_equal: ("!=", COMPARISON),
    operator.lt: ("<", COMPARISON),
    operator.le: ("<=", COMPARISON),
    operator.gt: (">", COMPARISON),
    operator.ge: (">=", COMPARISON),
    operator.eq: ("==", COMPARISON),
    operator.ne: ("!=", COMPARISON),
    np.bitwise_and: ("&", AND),
    np.bitwise_or: ("|", OR),
    np.bitwise_xor: ("^", XOR),
}


def expression(operation: Operation, write: Callable[[Any], Expression], names: Mapping[Any, str]) -> Expression:
    """Write an operation.

    Parameters
    ----------
    operation : Operation
    write : callable
        Writes an operand.
    names : mapping
        What the functions are called that are not NumPy's, by primitive.
    """
    function, arguments = operation.function, operation.arguments
    if function in BINARY and len(arguments) == 2:
        sign, precedence = BINARY[function]
        x, y = map(write, arguments)
        return Expression(
            f"{x.inside(precedence + (sign in COMPARISONS))} {sign} {y.inside(precedence + 1)}", precedence
        )
    if function is np.power:
        x, y = map(write, arguments)
        return Expression(f"{x.inside(POWER + 1)}**{y.inside(POWER)}", POWER)
    if function is np.negative:
        return Expression(f"-{write(arguments[0]).inside(SIGN)}", SIGN)
    if function in SPECIAL:
        return SPECIAL[function](operation, write)
    name = names.get(operation.primitive) or text_of(function)
    texts = [written(x, write) for x in arguments]
    texts += [f"{key}={written(x, write)}" for key, x in operation.options.items()]
    return Expression(f"{name}({', '.join(texts)})")


def text_of(function: Callable[..., Any]) -> str:
    """Write a function of NumPy's or SciPy's as one that has imported both calls it."""
    private = isinstance(function, np.ufunc) and function.__name__.startswith("_")
    return f"scipy.special._ufuncs.{function.__name__}" if private else readable(function)


COMPARISONS = frozenset({"<", "<=", ">", ">=", "==", "!="})


def is_written_in_numpy(operation: Operation) -> bool:
    """Tell whether `expression` writes an operation by what NumPy has alone."""
    function = operation.function
    if function in BINARY or function in SPECIAL or function in (np.power, np.negative):
        return True
    return operation.primitive.evaluate is function and readable(function).startswith(("np.", "scipy."))


def written(x: Any, write: Callable[[Any], Expression]) -> str:
    """Write an argument: a value, a nest of them, or something else; `write` names what has no text."""
    if isinstance(x, Value):
        return write(x).text
    if type(x) is tuple:
        return f"({', '.join(written(part, write) for part in x)}{',' if len(x) == 1 else ''})"
    if type(x) is list:
        return f"[{', '.join(written(part, write) for part in x)}]"
    if type(x) is dict:
        return "{" + ", ".join(f"{key!r}: {written(part, write)}" for key, part in x.items()) + "}"
    if isinstance(x, slice):
        return f"slice({', '.join(written(part, write) for part in (x.start, x.stop, x.step))})"
    return constant(x) or write(x).text


def constant(x: Any) -> str:
    """Write what is no value; nothing where that cannot be done."""
    if isinstance(x, np.ndarray):
        return array(x)
    if isinstance(x, np.generic):
        return typed_number(x)
    if isinstance(x, np.dtype):
        return dtype_name(x)
    if isinstance(x, type) and issubclass(x, np.generic):
        return f"np.{x.__name__}"
    if x is None or type(x) in (bool, int, str, float, complex, range):
        return number(x)
    if x is Ellipsis:
        return "..."
    if x in (bool, int, float, complex):
        return str(x.__name__)
    name = readable(x) if callable(x) else ""
    return name if name.startswith("np.") and known_to_numpy(name) is x else ""


def known_to_numpy(name: str) -> Any:
    """Look something up by the name that texts have for it."""
    found: Any = np
    for part in name.split(".")[1:]:
        found = getattr(found, part, None)
    return found


def array(x: Any) -> str:
    """Write an array, so that it is read back to the bit."""
    if x.size == 0:
        return f"np.zeros({x.shape}, {dtype_name(x.dtype)})"

    def nest(part: Any) -> str:
        return f"[{', '.join(map(nest, part))}]" if isinstance(part, list) else number(part)

    return f"np.array({nest(x.tolist())}, dtype={dtype_name(x.dtype)})"


def dtype_name(dtype: np.dtype[Any]) -> str:
    """Write a dtype."""
    return "np.bool_" if dtype.kind == "b" else f"np.{dtype.name}"


def typed_number(x: Any) -> str:
    """Write a NumPy scalar."""
    return f"{dtype_name(x.dtype)}({number(x)})"


def number(x: Any) -> str:
    """Write a number, so that it is read back to the bit, without saying its dtype."""
    x = x.item() if isinstance(x, np.generic) else x
    if isinstance(x, complex):
        return f"complex({number(x.real)}, {number(x.imag)})"
    if isinstance(x, float):
        if x != x:
            return "np.nan"
        if x in (np.inf, -np.inf):
            return "np.inf" if x > 0 else "-np.inf"
    return repr(x)


def call(name: str) -> Callable[..., Expression]:
    """Write a call with the options that are not None; of numbers, it gives a number."""

    def write_call(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
        texts = [written(x, write) for x in operation.arguments]
        texts += [f"{key}={written(x, write)}" for key, x in operation.options.items() if x is not None]
        return Expression(f"{name}({', '.join(texts)})" + scalar(operation))

    return write_call


def reduction(name: str, second: str = "initial") -> Callable[..., Expression]:
    """Write a reduction, whose second argument, if there is one, is an option to NumPy."""

    def write_reduction(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
        texts = [write(operation.arguments[0]).text]
        options = dict(operation.options)
        if len(operation.arguments) > 1:
            options[second] = operation.arguments[1]
        axis = options.pop("axis", None)
        if axis is not None:
            axis = axis[0] if isinstance(axis, tuple) and len(axis) == 1 else axis
            texts.append(f"axis={written(axis, write)}")
        texts += [f"{key}={written(x, write)}" for key, x in options.items() if not (key == "keepdims" and not x)]
        return Expression(f"{name}({', '.join(texts)})")

    return write_reduction


def transpose(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
    """Write ``x.T``, or a transpose with its axes."""
    text = write(operation.arguments[0])
    axes = operation.options.get("axes")
    if axes is None or tuple(axes) == tuple(range(operation.ndim))[::-1]:
        return Expression(f"{text.inside(ATOM)}.T")
    return Expression(f"np.transpose({text.text}, {tuple(axes)})")


def reshape(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
    """Write a reshape of the shape that comes out."""
    order = operation.options.get("order", "C")
    tail = "" if order == "C" else f", order={order!r}"
    return Expression(f"np.reshape({write(operation.arguments[0]).text}, {operation.shape}{tail})" + scalar(operation))


def scalar(operation: Operation) -> str:
    """Make a number of a 0-d array, which numbers in NumPy are not."""
    return "[()]" if operation.shape == () else ""


def index(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
    """Write an index in brackets."""
    text = write(operation.arguments[0]).inside(ATOM)
    tail = scalar(operation) if "Ellipsis" in repr(operation.options["index"]) else ""
    return Expression(f"{text}[{position(operation.options['index'], write)}]{tail}")


def position(x: Any, write: Callable[[Any], Expression]) -> str:
    """Write what stands in brackets."""
    if isinstance(x, tuple) and x:
        return ", ".join(position(part, write) for part in x) + ("," if len(x) == 1 else "")
    if isinstance(x, slice):
        start, stop, step = ("" if part is None else written(part, write) for part in (x.start, x.stop, x.step))
        return f"{start}:{stop}" + (f":{step}" if step else "")
    return written(x, write)


def where(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
    """Write a choice; of numbers, a number."""
    return Expression(f"np.where({', '.join(write(x).text for x in operation.arguments)})" + scalar(operation))


def joined(name: str) -> Callable[..., Expression]:
    """Write a function of a list of arrays."""

    def write_joined(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
        parts = ", ".join(write(x).text for x in operation.arguments)
        return Expression(f"{name}([{parts}]{''.join(f', {k}={x!r}' for k, x in operation.options.items())})")

    return write_joined


def astype(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
    """Write a change of dtype."""
    return Expression(
        f"{write(operation.arguments[0]).inside(ATOM)}.astype({written(np.dtype(operation.options['dtype']), write)})"
    )


def held(operation: Operation, write: Callable[[Any], Expression]) -> Expression:
    """Write what only derivatives see."""
    return write(operation.arguments[0])


SPECIAL: dict[Callable[..., Any], Callable[..., Expression]] = {
    np.transpose: transpose,
    np.reshape: reshape,
    np.ravel: reshape,
    operator.getitem: index,
    np.ndarray.astype: astype,
    np.where: where,
    np.concatenate: joined("np.concatenate"),
    np.stack: joined("np.stack"),
    np.squeeze: call("np.squeeze"),
    np.broadcast_to: call("np.broadcast_to"),
    np.absolute: call("np.abs"),
    np.i0: call("np.i0"),
    np.nan_to_num: call("np.nan_to_num"),
    np.roll: call("np.roll"),
    np.tensordot: call("np.tensordot"),
    np.var: reduction("np.var", "mean"),
    np.std: reduction("np.std", "mean"),
    np.mean: reduction("np.mean"),
    **{f: reduction(f"np.{f.__name__}") for f in (np.sum, np.prod, np.max, np.min)},
    np.amax: reduction("np.max"),
    np.amin: reduction("np.min"),
}
