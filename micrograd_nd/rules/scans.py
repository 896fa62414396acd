"""Rules of running sums and products."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative
from micrograd_nd.rules.arguments import as_array


def along_first(a: Any, axis: int | None) -> Any:
    """Bring the axis of a scan to the front; without one, it runs over all elements."""
    return np.ravel(a) if axis is None else np.moveaxis(a, axis, 0)


def back(scanned: Any, a: Any, axis: int | None) -> Any:
    """Undo `along_first`."""
    return np.reshape(scanned, a.shape) if axis is None else np.moveaxis(scanned, 0, axis)


def sum_rule(g: Any, out: Any, a: Any, *, axis: int | None = None) -> Any:
    """Sum from the end: each element is in all running sums from its own on."""
    return back(np.flip(np.cumsum(np.flip(along_first(g, axis), 0), 0), 0), a, axis)


def product_rule(g: Any, out: Any, a: Any, *, axis: int | None = None) -> Any:
    """Multiply what comes before an element by the weighted products of what comes after it: no division by zeros."""
    factors, g, out = (along_first(x, axis) for x in (a, g, out))
    before = np.concatenate((np.ones_like(factors[:1]), out[:-1]))
    return back(before * recurrence(g, factors[1:]), a, axis)


def recurrence(g: Any, factors: Any) -> Any:
    """Solve ``h[i] = g[i] + factors[i] * h[i + 1]`` from the end, by halving: linear in the length, any factors."""
    length = g.shape[0]
    if length < 2:
        return g
    last = g[length - 1 :] if length % 2 else g[:0]
    even, odd = g[0 : length - 1 : 2], g[1::2]
    inner, outer = factors[0::2][: odd.shape[0]], factors[1::2]
    # Of pairs: h[2i] = (even + inner * odd) + inner * outer * h[2i + 2].
    halved = recurrence(np.concatenate((even + inner * odd, last)), inner[: outer.shape[0]] * outer)
    following = halved[1:]
    known = odd[: following.shape[0]] + outer[: following.shape[0]] * following
    odd = np.concatenate((known, odd[following.shape[0] :]))
    pairs = np.stack((halved[: odd.shape[0]], odd), axis=1)
    return np.concatenate((np.reshape(pairs, (2 * odd.shape[0], *g.shape[1:])), halved[odd.shape[0] :]))


derivative(np.cumsum, sum_rule, linear=True)
derivative(np.cumprod, product_rule)

if hasattr(np, "cumulative_sum"):

    @composition(np.cumulative_sum)
    def running_sum(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
        """Sum along the one axis of `x`, or one that is named."""
        return begun(np.cumsum, 0, x, axis, dtype, include_initial)

    @composition(np.cumulative_prod)
    def running_product(x: Any, /, *, axis: int | None = None, dtype: Any = None, include_initial: bool = False) -> Any:
        """Multiply along the one axis of `x`, or one that is named."""
        return begun(np.cumprod, 1, x, axis, dtype, include_initial)


def begun(scan: Any, start: int, x: Any, axis: int | None, dtype: Any, include_initial: bool) -> Any:
    """Scan, with the value of no elements in front if that is asked for."""
    x = np.atleast_1d(as_array(x))
    if axis is None:
        if x.ndim > 1:
            raise ValueError(f"of an array of several axes one must be named, axis=; got shape {x.shape}")
        axis = 0
    result = scan(x, axis=axis, dtype=dtype)
    if not include_initial:
        return result
    shape = list(x.shape)
    shape[axis] = 1
    return np.concatenate((np.full(shape, start, dtype=result.dtype), result), axis=axis)
