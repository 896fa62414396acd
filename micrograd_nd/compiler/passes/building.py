"""Making the operations that passes add to a program."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Operation, Value
from micrograd_nd.primitives import Primitive, registry

__all__ = ["made", "order_of", "transposed"]


def order_of(x: Value) -> float:
    """Say when a value is there."""
    return x.order if isinstance(x, Operation) else -np.inf


def made(
    primitive: Primitive,
    arguments: Sequence[Any],
    options: dict[str, Any] | None,
    shape: tuple[int, ...],
    like: Value,
    order: float | None = None,
) -> Operation:
    """Make an operation of a shape, of the dtype of another value, and there when that is unless an order is given."""
    operation = Operation.make(primitive, arguments, options, like, order_of(like) if order is None else order)
    operation.shape, operation.weak, operation.layout = shape, False, None
    return operation


def transposed(x: Value) -> Value:
    """Transpose, or take back a transpose."""
    if isinstance(x, Operation) and x.function is np.transpose:
        return x.arguments[0]  # type: ignore[no-any-return]
    return made(registry[np.transpose], (x,), None, x.shape[::-1], x)
