"""np.interp, by what it is composed of: differentiable with respect to where, the points and the values."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import anywhere, as_array
from micrograd_nd.rules.selecting import take


@composition(np.interp)
def interpolate(x: Any, xp: Any, fp: Any, left: Any = None, right: Any = None, period: Any = None) -> Any:
    """Interpolate linearly. On a point the slope is that to its right, on the last one that to its left."""
    x, xp, fp = double(x), double(xp), double(fp)
    if np.ndim(xp) != 1 or np.shape(xp) != np.shape(fp) or not np.size(xp):
        raise ValueError(f"np.interp takes points and values of one axis; got shapes {np.shape(xp)} and {np.shape(fp)}")
    if period is not None:
        x, xp, fp = wrapped(x, xp, fp, period)
        left = right = None
    last = np.size(xp) - 1
    before = np.clip(np.searchsorted(xp, x, side="right") - 1, 0, max(last - 1, 0))
    # From the last point itself its value is met exactly.
    start = np.where(x == xp[last], last, before)
    value = take(fp, start)
    value = value + take(slopes(xp, fp), before) * (x - take(xp, start)) if last else value + 0 * x
    value = np.where(x < xp[0], fp[0] if left is None else left, value)
    return np.where(x > xp[last], fp[last] if right is None else right, value)


def double(x: Any) -> Any:
    """Compute in double precision, as NumPy does here for every dtype."""
    x = as_array(x)
    dtype = np.dtype(np.complex128 if np.iscomplexobj(x) else np.float64)
    return x if x.dtype == dtype else x.astype(dtype)


def slopes(xp: Any, fp: Any) -> Any:
    """Return the slope between each two points; where they coincide it is never used."""
    width = xp[1:] - xp[:-1]
    return (fp[1:] - fp[:-1]) / np.where(width == 0, 1, width)


def wrapped(x: Any, xp: Any, fp: Any, period: Any) -> tuple[Any, Any, Any]:
    """Bring everything into one period, with the points in order and one more on either side."""
    period = abs(period)
    if anywhere(period == 0):
        raise ValueError("np.interp needs a period that is not zero")
    x, xp = np.remainder(x, period), np.remainder(xp, period)
    order = np.argsort(xp)
    xp, fp = take(xp, order), take(fp, order)
    return x, np.concatenate((xp[-1:] - period, xp, xp[:1] + period)), np.concatenate((fp[-1:], fp, fp[:1]))
