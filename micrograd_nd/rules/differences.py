"""Differences between neighbours, and what is composed of them: gradients on a grid, the trapezoidal rule."""

import operator
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import Axis, as_array, axes_of, axis_of, piece
from micrograd_nd.rules.padding import surrounded


@primitive
def lagged(a: Any, *, lag: int, axis: int) -> Any:
    """Subtract from each element the one that stands `lag` places before it."""
    return piece(a, axis, lag, None) - piece(a, axis, None, -lag)


derivative(
    lagged,
    lambda g, out, a, *, lag, axis: (
        -lagged(surrounded(g, widths=[(lag, lag) if i == axis else (0, 0) for i in range(a.ndim)]), lag=lag, axis=axis)
    ),
    linear=True,
)


@composition(np.diff)
def difference(a: Any, n: int = 1, axis: int = -1, prepend: Any = np._NoValue, append: Any = np._NoValue) -> Any:
    """Subtract neighbours, n times over."""
    n = operator.index(n)
    if n < 0:
        raise ValueError(f"the order of a difference is 0 or more; got n={n}")
    a = as_array(a)
    axis = axis_of(axis, a.ndim)
    if n and not (prepend is append is np._NoValue):
        a = np.concatenate([*edge(prepend, a, axis), a, *edge(append, a, axis)], axis=axis)
    for _ in range(n):
        if a.dtype == bool:
            a = np.not_equal(piece(a, axis, 1, None), piece(a, axis, None, -1))
        else:
            a = lagged(a, lag=1, axis=axis) if a.shape[axis] else a
    return a


def edge(values: Any, a: Any, axis: int) -> list[Any]:
    """Bring what is put before or after an array to its shape but along `axis`; a number stands for one layer."""
    if values is np._NoValue:
        return []
    if np.ndim(values) == 0:
        return [np.broadcast_to(values, (*a.shape[:axis], 1, *a.shape[axis + 1 :]))]
    return [values]


@composition(np.ediff1d)
def difference_of_all(ary: Any, to_end: Any = None, to_begin: Any = None) -> Any:
    """Subtract neighbours among all elements, in one axis."""
    flat = np.ravel(as_array(ary))
    inner = np.diff(flat)
    if to_begin is None and to_end is None:
        return inner
    first, last = ([] if values is None else [np.ravel(as_array(values))] for values in (to_begin, to_end))
    for end in (*first, *last):
        if not np.can_cast(end.dtype, flat.dtype, "same_kind"):
            raise TypeError(f"np.ediff1d of dtype {flat.dtype} takes no ends of dtype {end.dtype}")
    return np.concatenate([*(x.astype(flat.dtype) for x in first), inner, *(x.astype(flat.dtype) for x in last)])


@composition(np.gradient)
def gradient(f: Any, *varargs: Any, axis: Axis = None, edge_order: int = 1) -> Any:
    """Take central differences inside and one-sided ones at the ends, exact for polynomials of the second degree."""
    f = as_array(f)
    if f.dtype.kind in "biu":
        f = f.astype(np.float64)
    if edge_order not in (1, 2):
        raise ValueError(f"edge_order is 1 or 2; got {edge_order}")
    axes = axes_of(axis, f.ndim)
    spacings: Any = varargs or (1.0,)
    if len(spacings) == 1 and np.ndim(spacings[0]) == 0:
        spacings *= len(axes)
    if len(spacings) != len(axes):
        raise TypeError(f"np.gradient takes one spacing, or one for each of {len(axes)} axes; got {len(varargs)}")
    slopes = [slope(f, i, spacing, edge_order) for i, spacing in zip(axes, spacings, strict=True)]
    return slopes[0] if len(axes) == 1 else tuple(slopes)


def slope(f: Any, axis: int, spacing: Any, edge_order: int) -> Any:
    """Differentiate along one axis. `spacing` is the distance of neighbours, or the positions of all."""
    length = f.shape[axis]
    if length <= edge_order:
        raise ValueError(f"axis {axis} has {length} elements; edge_order={edge_order} needs {edge_order + 1}")
    steps = spacing if np.ndim(spacing) == 0 else distances(as_array(spacing), axis, f)
    if hasattr(steps, "dtype"):
        steps = steps.astype(np.finfo(f.dtype).dtype)
    inside = central(f, axis, steps)
    if edge_order == 1:
        start = lagged(piece(f, axis, 0, 2), lag=1, axis=axis) / at(steps, axis, 0)
        end = lagged(piece(f, axis, -2, None), lag=1, axis=axis) / at(steps, axis, -1)
    else:
        start = parabola(f, axis, (0, 1, 2), at(steps, axis, 0), at(steps, axis, 1))
        end = parabola(f, axis, (-1, -2, -3), -at(steps, axis, -1), -at(steps, axis, -2))
    return np.concatenate((start, inside, end), axis=axis)


def central(f: Any, axis: int, steps: Any) -> Any:
    """Differentiate inside, by both neighbours."""
    if np.ndim(steps) == 0:
        return lagged(f, lag=2, axis=axis) / (2.0 * steps)
    before, middle, after = piece(f, axis, None, -2), piece(f, axis, 1, -1), piece(f, axis, 2, None)
    left, right = piece(steps, axis, None, -1), piece(steps, axis, 1, None)
    return (
        -right / (left * (left + right)) * before
        + (right - left) / (left * right) * middle
        + left / (right * (left + right)) * after
    )


def parabola(f: Any, axis: int, indices: tuple[int, int, int], near: Any, far: Any) -> Any:
    """Differentiate at an end, by the parabola through it and the next two elements, `near` and `far` steps on."""
    end, second, third = (piece(f, axis, i, i + 1 or None) for i in indices)
    if np.ndim(near) == 0:
        terms = [-1.5 / near * end, 2.0 / near * second, -0.5 / near * third]
    else:
        terms = [
            -(2.0 * near + far) / (near * (near + far)) * end,
            (near + far) / (near * far) * second,
            -near / (far * (near + far)) * third,
        ]
    first, middle, last = terms if indices[0] == 0 else reversed(terms)
    return first + middle + last


def at(steps: Any, axis: int, index: int) -> Any:
    """Read one distance; if all are the same, that."""
    return steps if np.ndim(steps) == 0 else piece(steps, axis, index, index + 1 or None)


def distances(positions: Any, axis: int, f: Any) -> Any:
    """Lay the distances of neighbouring positions along an axis; of constants that are all equal, take one."""
    if positions.shape != (f.shape[axis],):
        raise ValueError(f"positions along axis {axis} must be {f.shape[axis]} in one axis; got {positions.shape}")
    if positions.dtype.kind in "biu":
        positions = positions.astype(np.float64)
    steps = np.diff(positions)
    if isinstance(steps, np.ndarray) and np.all(steps == steps[0]):
        return steps[0]
    return laid(steps, axis, f.ndim)


def laid(vector: Any, axis: int, ndim: int) -> Any:
    """Lay a vector along one axis."""
    return np.reshape(vector, [-1 if i == axis else 1 for i in range(ndim)])


@composition(np.trapezoid)
def trapezoid(y: Any, x: Any = None, dx: Any = 1.0, axis: int = -1) -> Any:
    """Sum trapezoids under `y`."""
    y = as_array(y)
    axis = axis_of(axis, y.ndim)
    widths = dx
    if x is not None:
        x = as_array(x)
        widths = laid(np.diff(x), axis, y.ndim) if x.ndim == 1 else np.diff(x, axis=axis - y.ndim)
    return np.sum(widths * (piece(y, axis, 1, None) + piece(y, axis, None, -1)) / 2.0, axis=axis)
