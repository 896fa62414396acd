"""Large products computed another way: turned round, or in pieces, where that is faster.

``X @ dZ.T`` may take two thirds of the time of ``dZ @ X.T``; a product of a wide matrix and a narrow one is faster as
a stack of small products, which a BLAS computes without copying its operands first. Which way is fastest depends on
shapes, dtype and the machine, so it is measured. Not exact: sums are taken in another order.
"""

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.passes.building import made, transposed
from micrograd_nd.compiler.passes.flattening import formula
from micrograd_nd.compiler.program import Input, Operation, Program, Value, substituted, users_of
from micrograd_nd.primitives import Primitive, registry

__all__ = ["Choose", "Way", "plain_trial", "products_planned"]

# Smaller products are not worth the measurement; pieces are of so many rows or columns.
LARGE = 1 << 18
PIECES = range(40, 201)

contiguous = Primitive(np.ascontiguousarray)
contiguous.evaluate = np.ascontiguousarray
contiguous.rules = ()
contiguous.elementwise = contiguous.linear = False


class Way(NamedTuple):
    """One way to compute a product.

    Attributes
    ----------
    trial : callable
        From two matrices to a function of nothing that multiplies them, in memory that it has already.
    build : callable
        From two values, and the product that is replaced, to the value that takes its place.
    turned : bool
        The result lies in memory column by column.
    """

    trial: Callable[[Any, Any], Callable[[], Any]]
    build: Callable[[Value, Value, Operation], Value]
    turned: bool


Choose = Callable[[Value, Value, Sequence[Way]], "Way | None"]


def products_planned(program: Program, choose: Choose) -> Program:
    """Compute large products the way that ``choose(x, y, ways)`` finds best; None leaves one as it is."""
    instead: dict[Operation, Value] = {}
    free = dict(free_to_turn(program))
    operations = program.operations
    # Gradients first: how they lie decides how the state does, which other products take.
    for product in sorted(filter(is_large_product, operations), key=lambda x: x not in free):
        x, y = product.arguments
        way = choose(x, y, [way for way in ways_for(x, y) if product in free or not way.turned])
        if way is not None:
            instead[product] = way.build(x, y, product)
            for state in free.get(product, []) if way.turned else []:
                state.turned = True
    return (substituted(program, instead) or program) if instead else program


def free_to_turn(program: Program) -> list[tuple[Operation, list[Input]]]:
    """List products whose layout is nobody's concern: results; and gradients, with the state that they update."""
    users = users_of(program.operations, program.outputs)
    found: list[tuple[Operation, list[Input]]] = []
    for i, new in enumerate(program.outputs):
        leaves: list[Value] = [new]
        state: list[Input] = []
        if i in program.kept:
            formula(new, new, leaves := [])
            state = [program.kept[i], *(x for x in leaves if isinstance(x, Input) and x.owned)]
        found += [(x, state) for x in leaves if isinstance(x, Operation) and is_large_product(x) and users[x] == 1]
    return found


def is_large_product(x: Operation) -> bool:
    """Tell a product of two matrices that takes long."""
    if x.function is not np.matmul or not all(y.ndim == 2 and y.dtype == x.dtype for y in x.operands()):
        return False
    return x.size * x.arguments[0].shape[1] >= LARGE and min(x.shape) > 1 and x.dtype.kind == "f"


def ways_for(x: Value, y: Value) -> list[Way]:
    """List the ways to compute ``x @ y``, but for the plain one."""
    (h, k), m = x.shape, y.shape[1]
    found = [Way(lambda a, b: plain_trial(b.T, a.T), turned, turned=True)]
    found += [in_sums(k, n) for n in numbers_of_pieces(k)]
    found += [in_rows_turned(m, n) for n in numbers_of_pieces(m)]
    found += [in_rows(h, n) for n in numbers_of_pieces(h)]
    return found


def plain_trial(a: Any, b: Any) -> Callable[[], Any]:
    """Multiply two matrices as NumPy does by itself."""
    out = np.empty((a.shape[0], b.shape[1]), a.dtype)
    return lambda: np.dot(a, b, out)


def numbers_of_pieces(length: int) -> list[int]:
    """List into how many pieces of a good size something can be cut; at most four."""
    sizes = [size for size in PIECES if length % size == 0 and size < length]
    return [length // size for size in sizes[:: max(1, len(sizes) // 3)][:4]]


def turned(x: Value, y: Value, product: Operation) -> Value:
    """Write ``(y.T @ x.T).T``."""
    inner = made(registry[np.matmul], (transposed(y), transposed(x)), None, product.shape[::-1], product)
    return made(registry[np.transpose], (inner,), None, product.shape, product)


def in_sums(k: int, n: int) -> Way:
    """Make the way that adds up the products of `n` pieces of what is summed over."""

    def trial(a: Any, b: Any) -> Callable[[], Any]:
        by_columns = not a.flags.c_contiguous
        first = a.T.reshape(n, k // n, -1).swapaxes(1, 2) if by_columns else a.reshape(-1, n, k // n).swapaxes(0, 1)
        second = b.reshape(n, k // n, -1)
        parts, out = np.empty((n, a.shape[0], b.shape[1]), a.dtype), np.empty((a.shape[0], b.shape[1]), a.dtype)
        return lambda: np.add.reduce(np.matmul(first, second, parts), axis=0, out=out)

    def build(x: Value, y: Value, product: Operation) -> Value:
        h, m = product.shape
        if is_turned(x):
            layers = made(
                registry[np.reshape], (transposed(x),), {"shape": (n, k // n, h), "order": "C"}, (n, k // n, h), x
            )
            first = made(registry[np.swapaxes], (layers,), {"axis1": 1, "axis2": 2}, (n, h, k // n), x)
        else:
            layers = made(registry[np.reshape], (x,), {"shape": (h, n, k // n), "order": "C"}, (h, n, k // n), x)
            first = made(registry[np.swapaxes], (layers,), {"axis1": 0, "axis2": 1}, (n, h, k // n), x)
        second = made(registry[np.reshape], (y,), {"shape": (n, k // n, m), "order": "C"}, (n, k // n, m), y)
        parts = made(registry[np.matmul], (first, second), None, (n, h, m), product)
        return made(registry[np.sum], (parts,), {"axis": 0}, (h, m), product)

    return Way(trial, build, turned=False)


def in_rows(h: int, n: int) -> Way:
    """Make the way that multiplies `n` pieces of the rows of x with y."""

    def trial(a: Any, b: Any) -> Callable[[], Any]:
        pieces, out = a.reshape(n, h // n, -1), np.empty((n, h // n, b.shape[1]), a.dtype)
        return lambda: np.matmul(pieces, np.ascontiguousarray(b), out)

    def build(x: Value, y: Value, product: Operation) -> Value:
        m = product.shape[1]
        shape = (n, h // n, x.shape[1])
        pieces = made(registry[np.reshape], (x,), {"shape": shape, "order": "C"}, shape, x)
        parts = made(registry[np.matmul], (pieces, in_order(y)), None, (n, h // n, m), product)
        return made(registry[np.reshape], (parts,), {"shape": (h, m), "order": "C"}, (h, m), product)

    return Way(trial, build, turned=False)


def in_rows_turned(m: int, n: int) -> Way:
    """Make the way that turns the product round, and then multiplies `n` pieces of the rows of y.T with x.T."""
    way = in_rows(m, n)

    def build(x: Value, y: Value, product: Operation) -> Value:
        inner = made(registry[np.matmul], (transposed(y), transposed(x)), None, product.shape[::-1], product)
        whole = way.build(inner.arguments[0], inner.arguments[1], inner)
        return made(registry[np.transpose], (whole,), None, product.shape, product)

    return Way(lambda a, b: way.trial(b.T, a.T), build, turned=True)


def is_turned(x: Value) -> bool:
    """Tell a matrix that lies in memory column by column."""
    if isinstance(x, Input):
        return x.turned
    return isinstance(x, Operation) and x.function is np.transpose and not is_turned(x.arguments[0])


def in_order(x: Value) -> Value:
    """Bring a matrix that is a transpose into the order of its rows."""
    return made(contiguous, (x,), None, x.shape, x) if is_turned(x) else x
