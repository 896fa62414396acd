"""Rules of contractions of any number of axes: tensordot and einsum.

The derivative of an einsum is an einsum with the labels changed round, which has a derivative by the same rule.
"""

from collections.abc import Sequence
from functools import lru_cache
from math import prod
from string import ascii_letters, ascii_lowercase, ascii_uppercase
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.primitives import Bound, composition, constant, derivative, primitive
from micrograd_nd.rules.arguments import as_array, axes_of

Axes = tuple[tuple[int, ...], tuple[int, ...]]

# From so many multiplications on it pays to look for a good order of contraction, and for matrix products in it.
MANY = 2**16


def bind_tensordot(a: Any, b: Any, axes: Any = 2) -> Bound:
    """Name the axes of each array that are summed over, counted from the start."""
    a, b = as_array(a), as_array(b)
    if np.ndim(axes) == 0:
        first, second = range(a.ndim - axes, a.ndim), range(axes)
    else:
        first, second = axes
    return (a, b), {"axes": (axes_of(first, a.ndim), axes_of(second, b.ndim))}


def tensordot_first(g: Any, out: Any, a: Any, b: Any, *, axes: Axes) -> Any:
    """Differentiate ``np.tensordot(a, b, axes)`` with respect to `a`: contract with what is free in `b`."""
    summed_a, summed_b = axes
    free_a, free_b = others(summed_a, a.ndim), others(summed_b, b.ndim)
    product = np.tensordot(g, b, (tuple(range(len(free_a), g.ndim)), free_b))
    # What is left of b lies in the order that b has it in.
    order = (*free_a, *(summed_a[summed_b.index(axis)] for axis in sorted(summed_b)))
    return np.transpose(product, np.argsort(order))


def tensordot_second(g: Any, out: Any, a: Any, b: Any, *, axes: Axes) -> Any:
    """Differentiate ``np.tensordot(a, b, axes)`` with respect to `b`: contract with what is free in `a`."""
    summed_a, summed_b = axes
    free_a, free_b = others(summed_a, a.ndim), others(summed_b, b.ndim)
    product = np.tensordot(a, g, (free_a, tuple(range(len(free_a)))))
    order = (*(summed_b[summed_a.index(axis)] for axis in sorted(summed_a)), *free_b)
    return np.transpose(product, np.argsort(order))


def others(axes: Sequence[int], ndim: int) -> tuple[int, ...]:
    """List the axes that are not among `axes`."""
    return tuple(axis for axis in range(ndim) if axis not in axes)


derivative(
    np.tensordot,
    tensordot_first,
    tensordot_second,
    bind=bind_tensordot,
    evaluate=lambda a, b, *, axes: np.tensordot(a, b, axes)[()],
    linear=True,
)


@composition(np.linalg.tensordot)
def tensordot(x1: Any, x2: Any, /, *, axes: Any = 2) -> Any:
    """Sum products over axes of two arrays."""
    return np.tensordot(x1, x2, axes)


@composition(np.einsum)
def einsum(*operands: Any, optimize: Any = False, dtype: Any = None) -> Any:
    """Sum products over labelled axes: two arrays at a time, so that what they have in common is computed once."""
    if len(operands) < 2:
        raise TypeError("takes subscripts and the arrays that they stand for")
    subscripts, given = (operands[0], operands[1:]) if isinstance(operands[0], str) else spelled(operands)
    arrays = [as_array(x) if dtype is None else as_array(x).astype(dtype) for x in given]
    subscripts = written_out(subscripts, tuple(x.ndim for x in arrays))
    if len(arrays) <= 2:
        return einsum_of_two(*arrays, subscripts=subscripts, optimize=bool(optimize))
    inputs, _, output = subscripts.partition("->")
    terms = inputs.split(",")
    for group in order_of_contraction(subscripts, [x.shape for x in arrays], optimize):
        chosen = [(arrays.pop(i), terms.pop(i)) for i in sorted(group, reverse=True)]
        while len(chosen) > 1:
            (a, first), (b, second) = chosen.pop(), chosen.pop()
            still_needed = set(output).union(*terms, *(term for _, term in chosen))
            kept = "".join(label for label in dict.fromkeys(first + second) if label in still_needed)
            kept = kept if terms or chosen else output
            product = einsum_of_two(a, b, subscripts=f"{first},{second}->{kept}", optimize=bool(optimize))
            chosen.append((product, kept))
        arrays.append(chosen[0][0])
        terms.append(chosen[0][1])
    return arrays[0]


def order_of_contraction(subscripts: str, shapes: Sequence[tuple[int, ...]], optimize: Any) -> Sequence[Any]:
    """Ask NumPy which arrays to multiply first: the positions in a list, to the end of which the product goes."""
    stand_ins = [np.broadcast_to(0.0, shape) for shape in shapes]
    found: Sequence[Any] = np.einsum_path(subscripts, *stand_ins, optimize=optimize or "greedy")[0][1:]
    return found


@primitive
def einsum_of_two(*arrays: Any, subscripts: str, optimize: bool) -> Any:
    """Sum products of one or two arrays over labelled axes."""
    return np.einsum(subscripts, *arrays, optimize=optimize)[()]


def spelled(operands: Sequence[Any]) -> tuple[str, Sequence[Any]]:
    """Bring ``einsum(a, [0, 1], b, [1, 2], [0, 2])`` to the other form: letters in the order of the numbers."""
    letters = ascii_uppercase + ascii_lowercase

    def term(labels: Any) -> str:
        return "".join("..." if label is ... else letters[label] for label in labels)

    pairs = len(operands) // 2
    inputs = ",".join(term(labels) for labels in operands[1 : 2 * pairs : 2])
    output = "->" + term(operands[-1]) if len(operands) % 2 else ""
    return inputs + output, operands[0 : 2 * pairs : 2]


@lru_cache(maxsize=1024)
def written_out(subscripts: str, ndims: tuple[int, ...]) -> str:
    """Put letters for an ellipsis, and the result that NumPy means where none is given."""
    subscripts = subscripts.replace(" ", "")
    inputs, arrow, output = subscripts.partition("->")
    terms = inputs.split(",")
    if len(terms) != len(ndims):
        raise ValueError(f"the subscripts {subscripts!r} are of {len(terms)} arrays; got {len(ndims)}")
    hidden = [ndim - len(term) + 3 if "..." in term else 0 for term, ndim in zip(terms, ndims, strict=True)]
    if min(hidden) < 0:
        raise ValueError(f"the subscripts {subscripts!r} have more letters than arrays of {ndims} axes")
    if not arrow:
        named = "".join(terms).replace(".", "")
        output = ("..." if "..." in inputs else "") + "".join(sorted(x for x in set(named) if named.count(x) == 1))
    if max(hidden) and "..." not in output:
        raise ValueError(f"the result of {subscripts!r} must have the '...' that stands for axes of the arrays")
    free = [letter for letter in ascii_letters if letter not in subscripts]
    dots = "".join(free[: max(hidden)])
    # Axes that an ellipsis stands for are aligned at the last, as broadcasting does it.
    terms = [term.replace("...", dots[len(dots) - n :]) for term, n in zip(terms, hidden, strict=True)]
    return f"{','.join(terms)}->{output.replace('...', dots)}"


class Plan(NamedTuple):
    """How the derivative with respect to one operand is put together.

    Attributes
    ----------
    product : str
        Subscripts of the product of the cotangent with the other operands; the result has each label of the operand
        once, as far as they are to be had.
    lost : tuple of int
        Where labels are missing, that were summed over and that no other operand has.
    repeated : tuple of int
        The axes of the operand that repeat a label of an axis before.
    diagonals : tuple of str
        For each of them, subscripts that spread the product over it: on its diagonal with the axis before.
    """

    product: str
    lost: tuple[int, ...]
    repeated: tuple[int, ...]
    diagonals: tuple[str, ...]


@lru_cache(maxsize=1024)
def plan(subscripts: str, position: int) -> Plan:
    """Change the labels of an einsum round for the derivative with respect to the operand at a position."""
    inputs, _, output = subscripts.partition("->")
    factors = inputs.split(",")
    labels = factors.pop(position)
    once = "".join(dict.fromkeys(labels))
    found = "".join(label for label in once if label in "".join((output, *factors)))
    lost = tuple(axis for axis, label in enumerate(once) if label not in found)
    repeated = tuple(axis for axis, label in enumerate(labels) if label in labels[:axis])
    free = [letter for letter in ascii_letters if letter not in labels]
    spread, diagonals = once, []
    for letter, axis in zip(free, repeated, strict=False):
        before, spread = spread, spread[:axis] + letter + spread[axis:]
        diagonals.append(f"{before},{labels[axis]}{letter}->{spread}")
    return Plan(f"{','.join((output, *factors))}->{found}", lost, repeated, tuple(diagonals))


def einsum_rule(position: int) -> Any:
    """Make the rule for the operand at a position."""

    def rule(g: Any, out: Any, *arrays: Any, subscripts: str, optimize: bool) -> Any:
        todo = plan(subscripts, position)
        factors = [x for i, x in enumerate(arrays) if i != position]
        fast = optimize or multiplications(subscripts, arrays) > MANY
        found = einsum_of_two(g, *factors, subscripts=todo.product, optimize=fast)
        product = np.expand_dims(found, todo.lost) if todo.lost else found
        for axis, diagonal in zip(todo.repeated, todo.diagonals, strict=True):
            unit = np.eye(arrays[position].shape[axis], dtype=g.dtype)
            product = einsum_of_two(product, unit, subscripts=diagonal, optimize=False)
        return product

    return rule


def multiplications(subscripts: str, arrays: Sequence[Any]) -> int:
    """Count the products that are summed if no order of contraction is thought of."""
    terms = subscripts.partition("->")[0].split(",")
    lengths: dict[str, int] = {}
    for term, x in zip(terms, arrays, strict=True):
        for label, length in zip(term, x.shape, strict=True):
            lengths[label] = max(length, lengths.get(label, 1))
    return prod(lengths.values())


# Two arrays need no sorting: that is what the arity says.
derivative(
    einsum_of_two, einsum_rule(0), einsum_rule(1), bind=lambda *arrays, **options: (arrays, options), linear=True
).arity = 2
constant(np.einsum_path)
