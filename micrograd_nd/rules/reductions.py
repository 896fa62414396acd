"""Rules of functions that reduce axes: sums, means, products, extrema.

Equal extrema share the derivative evenly; an extremum that is NaN has the derivative NaN, as its value says. A start
value, `initial`, is an argument like the array itself. Elements that `where` leaves out have the derivative 0,
whatever they are.
"""

from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, composition, derivative
from micrograd_nd.rules.arguments import Axis, axes_of, given


def expand(reduced: Any, axis: Axis, keepdims: bool) -> Any:
    """Give a reduced array its lost axes back, of length 1, so that it broadcasts with what it was reduced from."""
    return reduced if axis is None or keepdims else np.expand_dims(reduced, axis)


def bind_sum(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    keepdims: Any = None,
    initial: Any = None,
    where: Any = None,
) -> Bound:
    """Take the start value as a second array."""
    return started(a, initial), given(axis=axis, dtype=dtype, out=out, keepdims=keepdims, where=where)


def bind_extremum(
    a: Any, axis: Axis = None, out: Any = None, keepdims: Any = None, initial: Any = None, where: Any = None
) -> Bound:
    """Take the start value as a second array."""
    return started(a, initial), given(axis=axis, out=out, keepdims=keepdims, where=where)


def started(a: Any, initial: Any) -> tuple[Any, ...]:
    """List the array arguments: the start value only where there is one."""
    return (a,) if initial is None or initial is np._NoValue else (a, initial)


def reduce_by(function: Any) -> Any:
    """Make of a reduction a function that takes the start value as a second array."""

    def evaluate(a: Any, initial: Any = None, **options: Any) -> Any:
        return function(a, **options) if initial is None else function(a, initial=initial, **options)

    return evaluate


def total(a: Any, initial: Any = None, *, axis: Axis = None, keepdims: bool = False, where: Any = True) -> Any:
    """Sum; the method does what the function does without its dispatch."""
    if initial is None and where is True:
        return a.sum(axis, None, None, keepdims)
    return np.sum(a, axis=axis, keepdims=keepdims, where=where, initial=0 if initial is None else initial)


def kept(g: Any, where: Any) -> Any:
    """Keep a derivative where elements took part."""
    return g if where is True else np.where(where, g, 0)


derivative(
    np.sum,
    lambda g, out, a, initial=None, *, axis=None, keepdims=False, where=True: kept(expand(g, axis, keepdims), where),
    lambda g, out, a, initial, *, axis=None, keepdims=False, where=True: g,
    bind=bind_sum,
    evaluate=total,
    linear="jointly",
    arity=1,
)


def mean_rule(g: Any, out: Any, a: Any, *, axis: Axis = None, keepdims: bool = False, where: Any = True) -> Any:
    """Spread the derivative of a mean evenly over the elements that took part."""
    return kept(divided(expand(g, axis, keepdims), count(a, out, axis, where)), where)


derivative(
    np.mean,
    mean_rule,
    evaluate=lambda a, *, axis=None, keepdims=False, where=True: a.mean(axis, None, None, keepdims, where=where),
    linear=True,
)


def count(a: Any, out: Any, axis: Axis, where: Any) -> Any:
    """Count the elements that each element of a reduction was made of; 1 where there are none."""
    if where is True:
        return a.size / max(out.size, 1) or 1.0
    return np.maximum(np.count_nonzero(np.broadcast_to(where, a.shape), axis=axis, keepdims=True), 1)


def divided(g: Any, number: Any) -> Any:
    """Divide by a count, in the dtype of `g`. A float16 need not be able to hold the count itself."""
    if g.dtype == np.float16:
        return g * np.float16(1 / number)
    return g / (number if isinstance(number, float) else number.astype(np.finfo(g.dtype).dtype))


def share(
    g: Any, out: Any, a: Any, initial: Any = None, *, axis: Axis = None, keepdims: bool = False, where: Any = True
) -> Any:
    """Spread the derivative of an extremum evenly over the elements that equal it."""
    chosen, _, number = ties(a, initial, expand(out, axis, keepdims), axis, where)
    return np.where(chosen, divided(expand(g, axis, keepdims), number), 0)


def share_of_initial(
    g: Any, out: Any, a: Any, initial: Any, *, axis: Axis = None, keepdims: bool = False, where: Any = True
) -> Any:
    """Give the start value of an extremum its part of the derivative."""
    _, chosen, number = ties(a, initial, expand(out, axis, keepdims), axis, where)
    return np.where(chosen, divided(expand(g, axis, keepdims), number), 0)


def ties(a: Any, initial: Any, extremum: Any, axis: Axis, where: Any) -> tuple[Any, Any, Any]:
    """Tell which elements equal the extremum, whether the start value does, and how many do: NaN where none does."""
    elements = a == extremum if where is True else (a == extremum) & where
    number = np.count_nonzero(elements, axis=axis, keepdims=True)
    start = np.False_ if initial is None else initial == extremum
    number = number if initial is None else number + start
    unknown = number == 0
    return elements | unknown, start | unknown, np.where(unknown, np.nan, number)


def largest(a: Any, initial: Any = None, *, axis: Axis = None, keepdims: bool = False, where: Any = True) -> Any:
    """Take the maximum; the method does what the function does without its dispatch."""
    if where is True and initial is None:
        return a.max(axis, None, keepdims)
    return reduce_by(np.max)(a, initial, axis=axis, keepdims=keepdims, where=where)


def smallest(a: Any, initial: Any = None, *, axis: Axis = None, keepdims: bool = False, where: Any = True) -> Any:
    """Take the minimum."""
    if where is True and initial is None:
        return a.min(axis, None, keepdims)
    return reduce_by(np.min)(a, initial, axis=axis, keepdims=keepdims, where=where)


for maximum in (np.max, np.amax):
    derivative(maximum, share, share_of_initial, bind=bind_extremum, evaluate=largest, arity=1)
for minimum in (np.min, np.amin):
    derivative(minimum, share, share_of_initial, bind=bind_extremum, evaluate=smallest, arity=1)


@composition(np.ptp)
def peak_to_peak(a: Any, axis: Axis = None, *, keepdims: bool = False) -> Any:
    """Subtract the minimum from the maximum."""
    return np.max(a, axis=axis, keepdims=keepdims) - np.min(a, axis=axis, keepdims=keepdims)


def product_rule(
    g: Any, out: Any, a: Any, initial: Any = 1, *, axis: Axis = None, keepdims: bool = False, where: Any = True
) -> Any:
    """Multiply by the product of all other elements, which no division gives where elements are zero."""
    factors = a if where is True else np.where(where, a, 1)
    axes = axes_of(axis, a.ndim)
    order = (*axes, *(i for i in range(a.ndim) if i not in axes))
    turned = np.transpose(factors, order)
    rest = turned.shape[len(axes) :]
    flat = np.reshape(turned, (int(np.prod(turned.shape[: len(axes)])), *rest))
    others = np.transpose(np.reshape(product_of_others(flat), turned.shape), np.argsort(order))
    return kept(expand(g * initial, axis, keepdims) * others, where)


def product_of_others(a: Any) -> Any:
    """For each element along the first axis, multiply all the others, in a tree of halves: linear in their number."""
    half = a.shape[0] // 2
    if half == 0:
        return np.ones(a.shape, a.dtype)
    if a.shape[0] == 2:
        return a[::-1]
    first, second, odd = a[:half], a[half : 2 * half], a[2 * half :]
    above = product_of_others(np.concatenate((first * second, odd)))
    pairs, last = above[:half], above[half:]
    return np.concatenate((pairs * second, pairs * first, last))


derivative(
    np.prod,
    product_rule,
    lambda g, out, a, initial, *, axis=None, keepdims=False, where=True: (
        g * np.prod(a, axis=axis, keepdims=keepdims, where=where)
    ),
    bind=bind_sum,
    evaluate=reduce_by(np.prod),
    arity=1,
)
