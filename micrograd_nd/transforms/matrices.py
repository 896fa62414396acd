"""Whole Jacobians and Hessians, a row or a column at a time: whichever are fewer."""

import functools
from collections.abc import Callable, Sequence
from math import prod
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.graph import Node
from micrograd_nd.handle import plain
from micrograd_nd.tensor import Tensor
from micrograd_nd.transforms.forward import push
from micrograd_nd.transforms.reverse import check_function, check_holomorphic
from micrograd_nd.transforms.tracing import Argnums, Trace, chosen_positions, is_number, zeros_like

__all__ = ["hessian", "jacobian"]


def jacobian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Make the function that computes the derivative of every element of a result by every element of an argument.

    Parameters
    ----------
    f : callable
        From arrays, or nests of arrays, to arrays or nests of arrays.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to; several give a tuple of Jacobians.
    has_aux : bool
        Says that `f` returns a pair ``(result, aux)``, of which only the result is differentiated.

    Returns
    -------
    callable
        Takes what `f` takes. The Jacobian has the shape ``result.shape + argument.shape`` and the argument's precision;
        where the result is a nest,
        it has that form, with a nest of the form of the argument in place of each array. With `has_aux` it returns
        ``(jacobian, aux)``. Of a real result by a complex argument x + iy it holds df/dx - i df/dy.

    Raises
    ------
    TypeError, ValueError
        As for `vjp`; and when a complex result of a complex argument is not holomorphic in it.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.jacobian(lambda x: np.array([x[0] * x[1], x[1]], like=x))(np.array([2.0, 3.0]))
    array([[3., 2.],
           [0., 1.]])
    """
    check_function(f)

    @functools.wraps(f)
    def matrix(*args: Any, **kwargs: Any) -> Any:
        trace = Trace(f, args, kwargs, chosen_positions(argnums, args), has_aux)
        outs, ins = [x.out for x in trace.roots], [x.out for x in trace.targets]
        by_rows = sum(map(np.size, outs)) < sum(map(np.size, ins)) or "c" in {x.dtype.kind for x in ins}
        blocks = rows(trace) if by_rows else columns(trace)
        nested = [tree.rebuild(trace.chosen, line) for line in blocks]
        result = tree.rebuild(trace.result, [line[0] if is_number(argnums) else line for line in nested])
        return (result, trace.extra) if has_aux else result

    return matrix


def hessian(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Make the function that computes all second derivatives.

    Parameters
    ----------
    f : callable
        From arrays, or nests of arrays, to real numbers.
    argnums : int or sequence of int
        As for `jacobian`.
    has_aux : bool
        As for `jacobian`.

    Returns
    -------
    callable
        Takes what `f` takes. The Hessian has the shape ``result.shape + argument.shape + argument.shape``; several
        arguments give a tuple of tuples of such blocks.

    Raises
    ------
    TypeError, ValueError
        As for `jacobian`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.hessian(lambda x: x[0] ** 2 * x[1])(np.array([2.0, 3.0]))
    array([[6., 4.],
           [4., 0.]])
    """
    return jacobian(jacobian(f, argnums, has_aux), argnums, has_aux)


def rows(trace: Trace) -> list[list[Any]]:
    """Sweep back once for each element of the result."""
    return [
        [assembled(lines, root.out, x, 0) for lines, x in zip(by_target, trace.targets, strict=True)]
        for number, root in enumerate(trace.roots)
        for by_target in [swept(trace, number)]
    ]


def swept(trace: Trace, number: int) -> list[list[Any]]:
    """List, for each target, the derivative of every element of one root."""
    out = trace.roots[number].out
    lines = [pulled(trace, number, unit) for unit in units(out)]
    by_target = [[line[i] for line in lines] for i in range(len(trace.targets))]
    if out.dtype.kind != "c":
        return by_target
    turned = [pulled(trace, number, unit * -1j) for unit in units(out)]
    return [both_parts(rows, [line[i] for line in turned], trace.targets[i]) for i, rows in enumerate(by_target)]


def both_parts(real: list[Any], imaginary: list[Any], target: Node) -> list[Any]:
    """Put together the derivatives of the real and the imaginary part of a result, which must agree with each other."""
    if target.out.dtype.kind != "c":
        return [r + 1j * i for r, i in zip(real, imaginary, strict=True)]
    if real:
        check_holomorphic(np.stack(plain(real)), np.stack(plain(imaginary)) * 1j)
    return real


def pulled(trace: Trace, number: int, unit: Any) -> list[Any]:
    """Sweep back from one root."""
    seeds = [unit if i == number else None for i in range(len(trace.roots))]
    return list(tree.leaves(trace.pull(seeds)))


def columns(trace: Trace) -> list[list[Any]]:
    """Push forward once for each element of the arguments."""
    blocks: list[list[Any]] = [[] for _ in trace.roots]
    for number, target in enumerate(trace.targets):
        lines: list[list[Any]] = [[] for _ in trace.roots]
        for unit in units(target.out):
            directions = [unit if i == number else zeros_like(x.out) for i, x in enumerate(trace.targets)]
            for line, v in zip(lines, push(trace, directions), strict=True):
                line.append(v)
        for block, line, root in zip(blocks, lines, trace.roots, strict=True):
            block.append(assembled(line, root.out, target, -1))
    return blocks


def units(value: Any) -> Any:
    """Make the arrays like `value` that are one in one place and zero elsewhere."""
    for index in np.ndindex(np.shape(value)):
        unit = np.zeros(np.shape(value), value.dtype)
        unit[index] = 1
        yield unit[()]


def assembled(lines: Sequence[Any], out: Any, target: Node, axis: int) -> Any:
    """Put rows or columns together to a block of the Jacobian."""
    shape = (*np.shape(out), *np.shape(target.out))
    dtype = np.result_type(target.out, np.complex64) if out.dtype.kind == "c" else target.out.dtype
    if not prod(shape):
        return np.zeros(shape, dtype)
    block: Any = np.reshape(np.stack(lines, axis=axis), shape)
    block = block if block.dtype == dtype else block.astype(dtype)
    return block if type(block) is Tensor else block[()]
