"""Factoring: a common factor of a sum is applied once.

``a / n - b / n`` becomes ``(a - b) / n``, and ``x * (1 / n)`` becomes ``x / n``. This is not exact: it rounds once
where the longer form rounds two or three times, so that last bits differ, and those here are the more precise ones.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.passes.simplifying import is_number, rebuilt
from micrograd_nd.compiler.program import Operation, Program, Value, rewritten

__all__ = ["factored"]


def factored(program: Program) -> Program:
    """Take common factors out of sums and differences."""
    return rewritten(program, simpler)


def simpler(operation: Operation) -> Value:
    """Apply the rule for an operation."""
    rule = RULES.get(operation.function)
    return (rule(operation) if rule else None) or operation


def product_with_reciprocal(operation: Operation) -> Value | None:
    """Write ``x * (1 / n)`` as ``x / n``."""
    for x, y in (operation.arguments, operation.arguments[::-1]):
        if isinstance(y, Operation) and y.function is np.divide and is_number(y.arguments[0], 1) and y.shape == ():
            n = y.arguments[1]
            if x.weak or x.dtype != operation.dtype or not (n.weak or n.dtype == operation.dtype):
                return None
            return rebuilt(np.divide, (x, n), operation)
    return None


def sum_of_multiples(operation: Operation) -> Value | None:
    """Write ``a * c + b * c`` as ``(a + b) * c``, and so for quotients and differences, where c is a number."""
    x, y = operation.arguments
    if not (isinstance(x, Operation) and isinstance(y, Operation) and x is not y and x.function is y.function):
        return None
    if x.shape != operation.shape != () or y.shape != operation.shape:
        return None
    for a, c in pairs(x):
        for b, d in pairs(y):
            if c.shape == () and identity(c) == identity(d) and a.shape == b.shape == operation.shape:
                if not same_dtype(a, b, operation):
                    continue
                inner = rebuilt(operation.function, (a, b), operation)
                return rebuilt(x.function, (inner, c), operation)
    return None


def same_dtype(*values: Value) -> bool:
    """Tell whether values are floating-point numbers of one kind."""
    return len({x.dtype for x in values}) == 1 and values[0].dtype.kind in "fc"


def pairs(operation: Operation) -> list[tuple[Any, ...]]:
    """Take a product apart, either way round, or a quotient."""
    if operation.function is np.multiply:
        return [operation.arguments, operation.arguments[::-1]]
    return [operation.arguments] if operation.function is np.divide else []


RULES: dict[Callable[..., Any], Callable[[Operation], Value | None]] = {
    np.multiply: product_with_reciprocal,
    np.add: sum_of_multiples,
    np.subtract: sum_of_multiples,
}
