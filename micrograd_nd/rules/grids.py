"""Functions that make arrays of a few numbers."""

import operator
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import anywhere, as_array


@composition(np.linspace)
def linspace(
    start: Any,
    stop: Any,
    num: Any = 50,
    endpoint: bool = True,
    retstep: bool = False,
    dtype: Any = None,
    axis: int = 0,
    *,
    device: Any = None,
) -> Any:
    """Divide the way from `start` to `stop` evenly."""
    num = operator.index(num)
    if num < 0:
        raise ValueError(f"the number of samples is 0 or more; got {num}")
    step_count = num - 1 if endpoint else num
    way = as_array(np.subtract(stop, start))
    if way.dtype.kind not in "fc":
        way = way.astype(np.float64)
    step = way / step_count if step_count > 0 else np.nan
    places = np.reshape(np.arange(num, dtype=way.dtype), (num,) + (1,) * np.ndim(way))
    samples = places * (step if step_count > 0 else way) + start
    if endpoint and num > 1:
        last = np.broadcast_to(stop, (1, *samples.shape[1:]))
        samples = np.concatenate((samples[:-1], last if last.dtype == samples.dtype else last.astype(samples.dtype)))
    samples = samples if axis == 0 else np.moveaxis(samples, 0, axis)
    if dtype is not None:
        samples = (np.floor(samples) if np.issubdtype(dtype, np.integer) else samples).astype(dtype)
    return (samples, step) if retstep else samples


@composition(np.logspace)
def logspace(
    start: Any, stop: Any, num: Any = 50, endpoint: bool = True, base: Any = 10.0, dtype: Any = None, axis: int = 0
) -> Any:
    """Take powers whose exponents are evenly spaced."""
    exponents = np.linspace(start, stop, num, endpoint)
    powers = np.power(base, exponents)
    powers = powers if axis == 0 else np.moveaxis(powers, 0, axis)
    return powers if dtype is None else powers.astype(dtype)


@composition(np.geomspace)
def geomspace(start: Any, stop: Any, num: Any = 50, endpoint: bool = True, dtype: Any = None, axis: int = 0) -> Any:
    """Go from `start` to `stop` by equal factors."""
    start, stop = as_array(start), as_array(stop)
    kind = np.result_type(start.dtype, stop.dtype, np.float64 if dtype is None else dtype)
    start, stop = (x if x.dtype == kind else x.astype(kind) for x in (start, stop))
    if anywhere(start == 0) or anywhere(stop == 0):
        raise ValueError("a geometric sequence holds no zero")
    factor = stop / start
    places = np.linspace(np.zeros(factor.shape, factor.dtype), 1, num, endpoint)
    samples = start * factor**places
    if endpoint and samples.shape[0] > 1:
        last = np.broadcast_to(stop, (1, *samples.shape[1:]))
        samples = np.concatenate((samples[:-1], last))
    samples = samples if axis == 0 else np.moveaxis(samples, 0, axis)
    return samples if dtype is None or samples.dtype == dtype else samples.astype(dtype)


@composition(np.full_like)
def full_like(
    a: Any,
    fill_value: Any,
    dtype: Any = None,
    order: str = "K",
    subok: bool = True,
    shape: Any = None,
    *,
    device: Any = None,
) -> Any:
    """Fill the shape of another array, with one value or with what stretches to it; the other's values do not count."""
    filled = np.broadcast_to(fill_value, np.shape(a) if shape is None else shape)
    return filled.astype(a.dtype if dtype is None else dtype)[()]
