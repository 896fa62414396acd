"""Simplification: algebra that is exact in floating-point numbers.

A rule here keeps every bit, NaN and the sign of zero included: multiplication by one, signs moved through products and
absorbed by sums, layouts undone.
"""

import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.building import made
from micrograd_nd.compiler.program import Literal, Operation, Program, Value, rewritten
from micrograd_nd.primitives import registry

__all__ = ["is_number", "operand_of", "simplified"]

Rule = Callable[[Operation], Value | None]


def simplified(program: Program) -> Program:
    """Apply the rules of this file to every operation, again to what they give."""

    def simplest(operation: Value) -> Value:
        while isinstance(operation, Operation):
            rules = RULES.get(operation.function, ())
            better = next((found for rule in rules if (found := rule(operation)) is not None), None)
            if better is None:
                return operation
            if better.name is None and isinstance(better, Operation):
                better.name = operation.name
            operation = better
        return operation

    return rewritten(program, simplest)


def rebuilt(function: Callable[..., Any], arguments: Any, like: Operation, **options: Any) -> Operation:
    """Make an operation that takes the place of another."""
    return Operation.make(registry[function], arguments, options, like, like.order)


def operand_of(x: Any, function: Callable[..., Any]) -> Any:
    """Return the only operand of an operation if it applies a function; None otherwise."""
    return x.arguments[0] if isinstance(x, Operation) and x.function is function and len(x.arguments) == 1 else None


def is_number(x: Any, number: float) -> bool:
    """Tell whether a value is a literal number."""
    return isinstance(x, Literal) and x.shape == () and bool(x.data == number)


def same_type(x: Value, operation: Operation) -> bool:
    """Tell whether a value can stand for the result of an operation."""
    return x.shape == operation.shape and x.dtype == operation.dtype and x.weak == operation.weak


def factor_one(operation: Operation) -> Value | None:
    """Leave out ``x * 1``, ``1 * x`` and ``x / 1``."""
    x, y = operation.arguments
    if operation.dtype.kind == "c":  # whose other part is multiplied by zero
        return None
    if is_number(y, 1) and same_type(x, operation):
        return x  # type: ignore[no-any-return]
    if operation.function is np.multiply and is_number(x, 1) and same_type(y, operation):
        return y  # type: ignore[no-any-return]
    return None


def double_negation(operation: Operation) -> Value | None:
    """Leave out ``-(-x)``."""
    return operand_of(operation.arguments[0], np.negative)  # type: ignore[no-any-return]


def sign_of_sum(operation: Operation) -> Value | None:
    """Write ``x + (-y)`` as ``x - y``, ``(-x) + y`` as ``y - x`` and ``x - (-y)`` as ``x + y``."""
    x, y = operation.arguments
    if (positive := negated(y, operation)) is not None:
        return rebuilt(np.subtract if operation.function is np.add else np.add, (x, positive), operation)
    if operation.function is np.add and (positive := negated(x, operation)) is not None:
        return rebuilt(np.subtract, (y, positive), operation)
    return None


def negated(x: Value, operation: Operation) -> Any:
    """Return what a negation is of, unless its result is converted first: of integers, that would be another number."""
    return operand_of(x, np.negative) if x.dtype == operation.dtype else None


def sign_of_product(operation: Operation) -> Value | None:
    """Write ``(-x) * y`` as ``-(x * y)``, and so for quotients, that the sign may meet a sum."""
    x, y = operation.arguments
    if operation.dtype.kind == "c":
        return None
    if (positive := negated(x, operation)) is not None:
        return rebuilt(np.negative, (rebuilt(operation.function, (positive, y), operation),), operation)
    if (positive := negated(y, operation)) is not None:
        return rebuilt(np.negative, (rebuilt(operation.function, (x, positive), operation),), operation)
    return None


def sign_of_layout(operation: Operation) -> Value | None:
    """Write a broadcast or a transpose of ``-x`` as the negative of it."""
    positive = operand_of(operation.arguments[0], np.negative)
    if positive is None:
        return None
    inner = rebuilt(operation.function, (positive,), operation, **operation.options)
    return rebuilt(np.negative, (inner,), operation)


def sign_of_literal(operation: Operation) -> Value | None:
    """Compute the negative of a number."""
    (x,) = operation.arguments
    return Literal(-x.data) if isinstance(x, Literal) and x.shape == () and x.dtype.kind in "fc" else None


def nothing_changed(operation: Operation) -> Value | None:
    """Leave out a reshape, broadcast or conversion to what the operand is already."""
    x = operation.arguments[0]
    return x if isinstance(x, Value) and same_type(x, operation) else None


def all_of_it(operation: Operation) -> Value | None:
    """Leave out ``x[()]`` and ``x[...]``."""
    index = operation.options["index"]
    return nothing_changed(operation) if index is ... or (type(index) is tuple and not index) else None


def form_of_number(operation: Operation) -> Value | None:
    """Stretch a number to another shape at once."""
    x = operation.arguments[0]
    if isinstance(x, Operation) and x.function is np.broadcast_to and x.arguments[0].shape == ():
        return rebuilt(np.broadcast_to, x.arguments, operation, shape=operation.shape)
    return None


def double_transpose(operation: Operation) -> Value | None:
    """Leave out the transpose of a transpose, and the transpose of a vector."""
    (x,) = operation.arguments
    if x.ndim < 2:
        return x  # type: ignore[no-any-return]
    if not (isinstance(x, Operation) and x.function is np.transpose):
        return None
    outer, inner = axes_of(operation), axes_of(x)
    order = tuple(inner[i] for i in outer)
    if order == tuple(range(x.ndim)):
        return x.arguments[0]  # type: ignore[no-any-return]
    return rebuilt(np.transpose, x.arguments, operation, axes=order)


def axes_of(operation: Operation) -> tuple[int, ...]:
    """List the axes of a transpose."""
    axes = operation.options.get("axes")
    n = operation.ndim
    return tuple(range(n - 1, -1, -1)) if axes is None else tuple(int(axis) % n for axis in axes)


def double_reshape(operation: Operation) -> Value | None:
    """Reshape once instead of twice."""
    x = operation.arguments[0]
    if not (isinstance(x, Operation) and x.function is np.reshape):
        return None
    if {operation.options.get("order", "C"), x.options.get("order", "C")} != {"C"}:
        return None
    return rebuilt(np.reshape, x.arguments, operation, **operation.options)


def run_of_rows(operation: Operation) -> Value | None:
    """Concatenate one piece instead of several that lie side by side in a stack."""
    if operation.options.get("axis") != 0 or operation.ndim != 1:
        return None
    parts: list[Any] = []
    for part in operation.arguments:
        row = row_of_stack(part)
        last = parts[-1] if parts else None
        if row is not None and isinstance(last, list) and last[0] is row[0] and last[2] == row[1]:
            last[2] += 1
            continue
        parts.append(part if row is None else [row[0], row[1], row[1] + 1, part])
    if len(parts) == len(operation.arguments):
        return None
    pieces = [rows(*part) if isinstance(part, list) else part for part in parts]
    return rebuilt(np.concatenate, pieces, operation, **operation.options)


def row_of_stack(x: Any) -> tuple[Operation, int] | None:
    """Tell of which array, and where in it, a vector is one flattened layer."""
    inner = x.arguments[0] if isinstance(x, Operation) and x.function is np.reshape and x.ndim == 1 else x
    if isinstance(inner, Operation) and inner.function is operator.getitem:
        index = inner.options["index"]
        whole = inner.arguments[0]
        if type(index) is int and isinstance(whole, Operation) and whole.ndim == inner.ndim + 1:
            return whole, index
    return None


def rows(whole: Operation, start: int, stop: int, part: Value) -> Value:
    """Take layers of an array, one after the other in a vector."""
    if stop - start == 1:
        return part
    layers: Operation = whole
    if stop - start < whole.shape[0]:
        options = {"index": slice(start, stop)}
        layers = made(registry[operator.getitem], (whole,), options, (stop - start, *whole.shape[1:]), whole)
    return made(registry[np.reshape], (layers,), {"shape": (layers.size,), "order": "C"}, (layers.size,), whole)


def as_ufunc(operation: Operation) -> Value:
    """Write a comparison by Python's operator as NumPy's, which can write into an array."""
    return rebuilt(UFUNCS[operation.function], operation.arguments, operation)


UFUNCS: dict[Callable[..., Any], np.ufunc] = {
    operator.lt: np.less,
    operator.le: np.less_equal,
    operator.gt: np.greater,
    operator.ge: np.greater_equal,
    operator.eq: np.equal,
    operator.ne: np.not_equal,
}


def product_of_matrices(operation: Operation) -> Value | None:
    """Write ``np.dot`` of two matrices as ``@``, which other passes look for."""
    if all(x.ndim == 2 for x in operation.operands()) and len(operation.operands()) == 2:
        return rebuilt(np.matmul, operation.arguments, operation)
    return None


RULES: dict[Callable[..., Any], tuple[Rule, ...]] = {
    np.multiply: (factor_one, sign_of_product),
    np.divide: (factor_one, sign_of_product),
    np.negative: (double_negation, sign_of_literal),
    np.add: (sign_of_sum,),
    np.subtract: (sign_of_sum,),
    np.broadcast_to: (nothing_changed, sign_of_layout),
    np.reshape: (nothing_changed, form_of_number, double_reshape, sign_of_layout),
    np.expand_dims: (form_of_number,),
    np.squeeze: (form_of_number,),
    np.ndarray.astype: (nothing_changed,),
    np.transpose: (form_of_number, double_transpose, sign_of_layout),
    np.positive: (nothing_changed,),
    operator.getitem: (all_of_it,),
    np.concatenate: (run_of_rows,),
    np.dot: (product_of_matrices,),
    **dict.fromkeys(UFUNCS, (as_ufunc,)),
}
