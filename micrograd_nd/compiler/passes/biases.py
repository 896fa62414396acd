"""Biases folded into matrices: ``W @ A + b`` is one product of ``[W | b]`` with A and a row of ones under it.

There is then no addition and no sum over the samples: the derivative with respect to ``[W | b]`` is one product too. It
pays where W and b are state, which may lie side by side, and where A is made by the program, which may lie above ones.
Not exact: the bias is added within the product, so that last bits differ.
"""

import operator
from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.building import order_of
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, rewritten
from micrograd_nd.primitives import registry

__all__ = ["biases_folded"]

# An input is copied above its row of ones at every call: worth it only if it is not much larger than the result. In a
# product of more multiplications, odd sides cost more than the bias does.
SIZE_OF_INPUTS, LARGEST = 2, 1 << 18


def biases_folded(program: Program) -> Program:
    """Fold the biases that are state."""
    folding = Folding(set(program.kept.values()))
    for step in (folding.product, folding.weights, folding.bias):
        program = rewritten(program, step)
    return program


class Folding:
    """What has been folded so far."""

    def __init__(self, state: set[Input]) -> None:
        self.state = state
        self.with_bias: dict[tuple[Value, Value], Operation] = {}
        self.with_ones: dict[Value, Operation] = {}
        self.slopes: dict[Value, Operation] = {}

    def product(self, operation: Operation) -> Value:
        """Write ``W @ A + b`` as one product."""
        if operation.function is not np.add:
            return operation
        product, b = operation.arguments
        if not (isinstance(product, Operation) and product.function is np.matmul and b in self.state):
            return operation
        W, A = product.arguments
        if W not in self.state or W.ndim != 2 or A.ndim != 2 or b.shape != (W.shape[0], 1) or b.dtype != W.dtype:
            return operation
        if A.dtype != W.dtype or (isinstance(A, Input) and A.size > SIZE_OF_INPUTS * operation.size):
            return operation
        if isinstance(A, Literal) or W.size * A.shape[1] > LARGEST:
            return operation
        if (W, b) not in self.with_bias:
            self.with_bias[W, b] = joined([W, b], 1, -np.inf, f"{W.name}_{b.name}")
        if A not in self.with_ones:
            ones = Literal(np.ones((1, A.shape[1]), A.dtype), "ones")
            self.with_ones[A] = joined([A, ones], 0, order_of(A), f"{A.name or 'A'}_ones")
        arguments = (self.with_bias[W, b], self.with_ones[A])
        return Operation.make(product.primitive, arguments, None, operation, operation.order, operation.name)

    def weights(self, operation: Operation) -> Value:
        """Take ``dZ @ A.T`` out of the product with the row of ones too."""
        if operation.function is not np.matmul:
            return operation
        dZ, turned = operation.arguments
        A = turned.arguments[0] if isinstance(turned, Operation) and turned.function is np.transpose else None
        if A not in self.with_ones or dZ.ndim != 2:
            return operation
        return columns(self.slope(dZ, A, operation), slice(None, -1), operation)

    def bias(self, operation: Operation) -> Value:
        """Take the sum of dZ over the samples out of that product."""
        if operation.function is not np.sum or operation.options.get("axis") not in ((1,), 1):
            return operation
        found = self.slopes.get(operation.arguments[0])
        if found is None or operation.shape != (found.shape[0], 1):
            return operation
        return columns(found, slice(found.shape[1] - 1, None), operation)

    def slope(self, dZ: Any, A: Any, operation: Operation) -> Operation:
        """Make the product of dZ with A and its ones."""
        whole = self.with_ones[A]
        turned_like = np.empty(whole.shape[::-1], A.dtype)
        turned = Operation.make(registry[np.transpose], (whole,), None, turned_like, whole.order)
        like = np.empty((dZ.shape[0], whole.shape[0]), dZ.dtype)
        self.slopes[dZ] = Operation.make(registry[np.matmul], (dZ, turned), None, like, operation.order)
        return self.slopes[dZ]


def joined(parts: list[Any], axis: int, order: float, name: str) -> Operation:
    """Put matrices side by side, or one above the other."""
    shape = list(parts[0].shape)
    shape[axis] = sum(part.shape[axis] for part in parts)
    like = np.empty(shape, parts[0].dtype)
    return Operation.make(registry[np.concatenate], parts, {"axis": axis}, like, order, name)


def columns(whole: Operation, which: slice, operation: Operation) -> Operation:
    """Take some columns, in place of an operation."""
    options = {"index": (slice(None), which)}
    return Operation.make(registry[operator.getitem], (whole,), options, operation, operation.order, operation.name)
