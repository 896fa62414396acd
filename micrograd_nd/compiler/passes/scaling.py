"""Learning rates folded into the seed: a number that multiplies every gradient multiplies what they all come from.

``p - 0.1 * dW`` with ``dZ = (A - Y) / m`` becomes ``p - dW`` with ``dZ = (A - Y) * (0.1 / m)``: there is one small
product instead of one as large as the state. It is done where nothing else needs the gradients. Not exact: last bits
differ.
"""

import operator
from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, substituted
from micrograd_nd.primitives import registry

__all__ = ["scale_folded"]

# Of these each operand by itself scales the result; of the others, all operands together do.
PRODUCTS = frozenset({np.matmul, np.multiply})
LINEAR = frozenset(
    {
        np.add, np.subtract, np.negative, np.sum, np.transpose, np.reshape, np.swapaxes, np.broadcast_to,
        np.concatenate, np.stack, operator.getitem,
    }
)  # fmt: skip


def scale_folded(program: Program) -> Program:
    """Fold the factor that all gradients have in the updates of the state."""
    products = gradients_scaled(program)
    if not products:
        return program
    operations = program.operations
    users: dict[Value, set[Any]] = {}
    for operation in operations:
        for x in operation.operands():
            users.setdefault(x, set()).add(operation)
    for x in program.outputs:
        users.setdefault(x, set()).add(None)
    blocked: set[Value] = set()
    while (scaled := to_scale(operations, [factor_and_gradient(x)[1] for x in products], blocked)) is not None:
        outside = {x for x in scaled if users[x] - scaled.keys() - set(products)}
        if not outside:
            return applied(program, products, scaled)
        blocked |= outside
    return program


def gradients_scaled(program: Program) -> list[Operation]:
    """List the products of one number with the gradients, in updates of the form ``p - number * gradient``."""
    found: list[Operation] = []
    for i, old in program.kept.items():
        new = program.outputs[i]
        if not (isinstance(new, Operation) and new.function is np.subtract and new.arguments[0] is old):
            return []
        product = new.arguments[1]
        if not isinstance(product, Operation) or product.function is not np.multiply:
            return []
        factor, gradient = factor_and_gradient(product)
        if factor.shape != () or not isinstance(factor, Literal | Input) or not isinstance(gradient, Operation):
            return []
        found.append(product)
    return found if len({identity(factor_and_gradient(x)[0]) for x in found}) == 1 else []


def factor_and_gradient(product: Operation) -> list[Any]:
    """Sort the operands of a product: the number first."""
    return sorted(product.arguments, key=lambda x: x.shape != ())


def to_scale(operations: Sequence[Operation], gradients: list[Value], blocked: set[Value]) -> dict[Value, Any] | None:
    """Find what has to be scaled so that all gradients are, and for each the operands by which it is.

    Returns
    -------
    dict or None
        From a value to its operands that are to be scaled; to none where a literal factor in it can be changed.
    """
    ways: dict[Value, list[Value]] = {}
    for x in operations:
        if x not in blocked and (way := way_to_scale(x, ways)) is not None:
            ways[x] = way
    found: dict[Value, Any] = {}
    stack = list(gradients)
    while stack:
        value = stack.pop()
        if value not in ways:
            return None
        if value not in found:
            found[value] = ways[value]
            stack.extend(ways[value])
    return found


def way_to_scale(x: Operation, ways: dict[Value, Any]) -> list[Value] | None:
    """Find which operands of an operation have to be scaled."""
    if x.dtype.kind != "f":
        return None
    if x.function in (np.divide, np.multiply) and is_factor(x.arguments[1]):
        return []
    if x.function in PRODUCTS:
        return next(([y] for y in x.arguments if y in ways), None)
    if x.function is np.divide and x.arguments[0] in ways:
        return [x.arguments[0]]
    arrays = list(dict.fromkeys(x.operands()))
    return arrays if x.function in LINEAR and all(y in ways for y in arrays) else None


def is_factor(x: Any) -> bool:
    """Tell a number that a value is multiplied with, or divided by."""
    return isinstance(x, Literal) and x.shape == () and x.dtype.kind in "iuf"


def applied(program: Program, products: list[Operation], scaled: dict[Value, Any]) -> Program:
    """Change the literal factors, and leave out the products."""
    factor = factor_and_gradient(products[0])[0]
    instead: dict[Operation, Value] = {x: factor_and_gradient(x)[1] for x in products}
    for value, operands in scaled.items():
        if isinstance(value, Operation) and not operands:
            inner, number = value.arguments
            by = np.divide if value.function is np.divide else np.multiply
            scale = Operation.make(registry[by], (factor, number), None, factor, -np.inf)
            instead[value] = Operation.make(registry[np.multiply], (inner, scale), None, value, value.order, value.name)
    return substituted(program, instead) or program
