"""Sums as products: a BLAS adds up faster than NumPy does.

The sum over the samples of a matrix is its product with a column of ones; the sum of ``x * y`` is one inner product. It
is done in training steps, whose text is not the course's any more, and for sums of moderate length: NumPy adds long
ones more precisely. Not exact: sums are taken in another order.
"""

import numpy as np

from micrograd_nd.compiler.program import Literal, Operation, Program, Value, rewritten
from micrograd_nd.primitives import registry

__all__ = ["sums_as_products"]

LONGEST = 1 << 12


def sums_as_products(program: Program) -> Program:
    """Write sums as products, where there is state."""
    return rewritten(program, product_for) if program.kept else program


def product_for(operation: Operation) -> Value:
    """Write one sum as a product."""
    if operation.function is not np.sum or operation.dtype.kind != "f" or len(operation.arguments) != 1:
        return operation
    (x,) = operation.arguments
    axis = operation.options.get("axis")
    if not isinstance(x, Operation) or x.dtype != operation.dtype or not x.size or "where" in operation.options:
        return operation
    if axis in ((1,), 1) and x.ndim == 2 and operation.ndim == 2 and 1 < x.shape[1] <= LONGEST:
        ones = Literal(np.ones((x.shape[1], 1), x.dtype), "ones")
        return Operation.make(registry[np.matmul], (x, ones), None, operation, operation.order, operation.name)
    return total(x, operation) if operation.shape == () and x.size <= LONGEST else operation


def total(x: Operation, like: Operation) -> Value:
    """Write the sum of all elements: of a product as an inner product, of a sum or difference as that of its parts."""
    parts = x.arguments if x.function in (np.add, np.subtract) else ()
    alike = all(isinstance(y, Operation) and y.shape == x.shape and y.dtype == x.dtype for y in parts)
    if alike and any(map(is_product, parts)):
        return Operation.make(x.primitive, [total(y, like) for y in parts], None, like, like.order, like.name)
    if is_product(x):
        return Operation.make(registry[np.vdot], x.arguments, None, like, like.order, like.name)
    ones = Literal(np.ones(x.shape, x.dtype), "ones")
    return Operation.make(registry[np.vdot], (x, ones), None, like, like.order, like.name)


def is_product(x: Value) -> bool:
    """Tell a product, element by element, of arrays of one shape."""
    return (
        isinstance(x, Operation)
        and x.function is np.multiply
        and all(y.shape == x.shape and y.dtype == x.dtype for y in x.operands())
        and len(x.operands()) == 2
        and not any(isinstance(y, Literal) for y in x.operands())
    )
