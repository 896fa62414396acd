"""Aliasing: which values of a program lie in whose memory, and which can be written into an array that is given.

A view looks at the memory of its operand; a result that is fresh shares none; what joins arrays can be written in
parts. All of it is known from the operations alone.
"""

import operator
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Input, Operation, Value
from micrograd_nd.primitives import readable

__all__ = [
    "REDUCTIONS",
    "base",
    "is_fresh",
    "is_view",
    "joins",
    "lenders",
    "pieces_of",
    "touches",
    "whole_of",
    "writes_into",
]

VIEWS = frozenset({np.transpose, np.swapaxes, np.moveaxis, np.broadcast_to, np.expand_dims, np.squeeze})
MAYBE_VIEWS = VIEWS | {np.reshape, operator.getitem}
# Reductions, by the ufunc that can write them into a given array.
REDUCTIONS = {
    np.sum: "np.add",
    np.max: "np.maximum",
    np.min: "np.minimum",
    np.amax: "np.maximum",
    np.amin: "np.minimum",
}
# Functions whose results are new arrays. Any other may return its argument, or a view of it, as np.real does.
FRESH = frozenset({
    np.where, np.concatenate, np.stack, np.ndarray.astype, np.mean, np.prod, np.var, np.std, np.dot, np.inner, np.outer,
    np.vdot, np.tensordot, np.clip, np.cumsum, np.cumprod, np.roll, np.repeat, np.tile, np.convolve, np.tril, np.triu,
    np.argmax, np.argmin, np.argsort, np.argpartition, np.searchsorted, np.any, np.all, np.count_nonzero, np.sinc,
    np.round, np.i0, np.nan_to_num, operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne,
    *REDUCTIONS,
})  # fmt: skip


def is_view(operation: Operation) -> bool:
    """Tell what makes no new values, but looks at those of its operand another way."""
    function = operation.primitive.function
    if function not in MAYBE_VIEWS or operation.shape == () or not operation.arguments:
        return False
    if not isinstance(operation.arguments[0], Value):
        return False
    if function is np.reshape:
        return is_contiguous(operation.arguments[0]) and operation.options.get("order", "C") == "C"
    return function is not operator.getitem or is_basic(operation.options["index"])


def is_basic(index: Any) -> bool:
    """Tell an index of integers and slices, which gives a view."""
    return all(map(is_basic_part, index)) if isinstance(index, tuple) else is_basic_part(index)


def is_basic_part(part: Any) -> bool:
    """Tell an integer or a slice that is the same at every call."""
    if isinstance(part, slice):
        return not (isinstance(part.start, Value) or isinstance(part.stop, Value) or isinstance(part.step, Value))
    return part is None or part is Ellipsis or (isinstance(part, int | np.integer) and not isinstance(part, bool))


def is_selection(index: Any) -> bool:
    """Tell an index that chooses elements one by one, and so copies them; an integer that is computed may not."""
    parts = index if isinstance(index, tuple) else (index,)
    return any(isinstance(part, list) or (hasattr(part, "shape") and part.shape != ()) for part in parts)


def is_contiguous(x: Value) -> bool:
    """Tell whether the elements of a value are known to lie in order, so that another shape of it is a view."""
    if isinstance(x, Input):
        return x.owned and not x.turned
    if not isinstance(x, Operation) or x.shape == ():
        return False
    if x.function is np.reshape and is_view(x):
        return True
    if x.function is np.transpose and isinstance(x.arguments[0], Input):
        return x.arguments[0].turned
    if x.function is operator.getitem:  # of rows, or of a piece of a vector
        index = x.options["index"]
        return is_basic(index) and isinstance(index, slice) and index.step is None and is_contiguous(x.arguments[0])
    return writes_into(x) or joins(x)


def joins(operation: Operation) -> bool:
    """Tell what only puts arrays together."""
    return operation.function in (np.concatenate, np.stack) and operation.size > 0 and operation.layout is None


def writes_into(operation: Operation) -> bool:
    """Tell whether the result can be written into a given array."""
    function = operation.function
    if operation.shape == () or operation.size == 0 or operation.options.keys() - {"axis", "keepdims"}:
        return False
    if operation.layout is not None:  # sums would add in another order
        return False
    if isinstance(function, np.ufunc):
        return function.nout == 1 and not operation.options
    return function in REDUCTIONS and len(operation.arguments) == 1


def base(x: Any) -> Any:
    """Find whose memory a value lies in."""
    while isinstance(x, Operation) and is_view(x):
        x = x.arguments[0]
    return x


def is_fresh(operation: Operation) -> bool:
    """Tell whether a result is known to share no memory with what it was computed from."""
    if isinstance(operation.function, np.ufunc) or operation.function in FRESH or operation.shape == ():
        return True
    if operation.function is operator.getitem:
        return is_selection(operation.options["index"])
    return readable(operation.function).startswith(("np.fft.", "np.linalg."))


def lenders(operations: Sequence[Operation]) -> dict[Value, frozenset[Value]]:
    """List, for each value, those in whose memory it may lie."""
    found: dict[Value, frozenset[Value]] = {}
    for operation in operations:
        parts = () if is_fresh(operation) else operation.arguments[:1] if is_view(operation) else operation.operands()
        own = () if is_view(operation) else (operation,)
        found[operation] = frozenset(own).union(*(found.get(x, {x}) for x in parts))
    return found


def touches(x: Value, pieces: set[Any], lent: Mapping[Value, frozenset[Value]]) -> bool:
    """Tell whether a value may lie in the memory of others."""
    return not pieces.isdisjoint(lent.get(x, (x,)))


def pieces_of(x: Any) -> Iterable[Any]:
    """List what lies in a value that was put together."""
    if isinstance(x, Operation) and joins(x):
        for part in x.arguments:
            yield base(part)
            yield from pieces_of(base(part))


def whole_of(x: Any) -> Any:
    """Find what a value is all the elements of, in the order in which they lie, in another form."""
    while isinstance(x, Operation) and is_view(x) and is_other_form(x):
        (x,) = x.arguments
    return x


def is_other_form(view: Operation) -> bool:
    """Tell a view of all elements in the order in which they lie."""
    x = view.arguments[0]
    return view.function is np.reshape or (view.function is np.transpose and isinstance(x, Input) and x.turned)
