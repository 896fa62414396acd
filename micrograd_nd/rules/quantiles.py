"""Medians and quantiles: order statistics, found by a partition of positions and interpolated.

Of equal elements, one gets the derivative that a quantile at them has. Where NaN is among the elements, value and
derivative are NaN. The functions whose names begin with nan leave NaN out.
"""

import warnings
from collections.abc import Callable
from math import prod
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import Axis, anywhere, as_array, axes_of, is_traced

Position = Callable[[Any, Any], Any]


def plotting_position(alpha: float, beta: float) -> Position:
    """Make the position of a quantile among n sorted elements, by Hyndman and Fan's parameters.

    "Sample quantiles in statistical packages", The American Statistician 50(4), 1996.
    """
    return lambda n, q: n * q + (alpha + q * (1 - alpha - beta)) - 1


# Where a quantile is among n sorted elements; between two of them it is interpolated.
POSITIONS: dict[str, Position] = {
    "linear": lambda n, q: (n - 1) * q,
    "hazen": plotting_position(1 / 2, 1 / 2),
    "weibull": plotting_position(0, 0),
    "median_unbiased": plotting_position(1 / 3, 1 / 3),
    "normal_unbiased": plotting_position(3 / 8, 3 / 8),
    "interpolated_inverted_cdf": plotting_position(0, 1),
    "lower": lambda n, q: np.floor((n - 1) * q),
    "higher": lambda n, q: np.ceil((n - 1) * q),
    "nearest": lambda n, q: np.rint((n - 1) * q),
    "midpoint": lambda n, q: (np.floor((n - 1) * q) + np.ceil((n - 1) * q)) / 2,
}


@composition(np.median)
def median(a: Any, axis: Axis = None, *, overwrite_input: bool = False, keepdims: bool = False) -> Any:
    """Take the element in the middle, or the mean of the two."""
    return middle(as_array(a), axis, keepdims, missing=False)


@composition(np.nanmedian)
def median_of_numbers(a: Any, axis: Axis = None, *, overwrite_input: bool = False, keepdims: Any = False) -> Any:
    """Take the median of the elements that are not NaN."""
    return middle(as_array(a), axis, keepdims, missing=True)


def quantiles(share: Callable[[Any], Any], missing: bool) -> Callable[..., Any]:
    """Make a function that interpolates between the sorted elements; `q` may be differentiated with respect to.

    `share` tells the share of the elements that lie below, `missing` whether NaN stands for one that is not there.
    """

    def compute(
        a: Any,
        q: Any,
        axis: Axis = None,
        *,
        overwrite_input: bool = False,
        method: str = "linear",
        keepdims: Any = False,
    ) -> Any:
        return interpolated(as_array(a), share(q), axis, method, keepdims, missing)

    return compute


def itself(q: Any) -> Any:
    """Take parts of one as they are."""
    return q


def hundredths(q: Any) -> Any:
    """Bring percentages to parts of one."""
    return q / 100 if isinstance(q, int | float) else as_array(q) / 100


composition(np.quantile)(quantiles(itself, missing=False))
composition(np.nanquantile)(quantiles(itself, missing=True))
composition(np.percentile)(quantiles(hundredths, missing=False))
composition(np.nanpercentile)(quantiles(hundredths, missing=True))


def middle(a: Any, axis: Axis, keepdims: Any, missing: bool) -> Any:
    """Take the mean of the one or two elements in the middle, along `axis`."""
    rows = in_rows(a, axis)
    if rows.shape[-1] == 0:
        return np.mean(a, axis=axis, keepdims=asked(keepdims))
    number = numbers(rows, missing)
    positions = [np.maximum(np.atleast_1d((number - 1) // 2), 0), np.atleast_1d(number // 2)]
    low, high = ordered(rows, positions, missing)
    return restored((low / 2 + high / 2)[..., 0], a, axis, keepdims)


def interpolated(a: Any, q: Any, axis: Axis, method: str, keepdims: Any, missing: bool) -> Any:
    """Interpolate between order statistics along `axis`, at positions that `method` says."""
    if method not in POSITIONS:
        raise TypeError(f"quantiles of Tensors have the methods {', '.join(POSITIONS)}; got {method!r}")
    if a.dtype.kind == "c":
        raise TypeError(f"quantiles are of real numbers; got dtype {a.dtype}")
    dtype = a.dtype if isinstance(q, int | float) and a.dtype.kind == "f" else None
    q = as_array(q)
    if anywhere(~((q >= 0) & (q <= 1))):
        raise ValueError("quantiles lie in the range [0, 1], percentiles in [0, 100]")
    rows = in_rows(a, axis)
    number = numbers(rows, missing)
    if missing:
        number = number.astype(q.dtype)
    position = POSITIONS[method](number, np.reshape(q, -1))
    position = np.clip(position, 0, np.maximum(number - 1, 0).astype(position.dtype))
    before = np.floor(position)
    low, high = ordered(rows, [before.astype(np.intp), np.ceil(position).astype(np.intp)], missing)
    if method in ("lower", "higher", "nearest"):
        values = low
    else:
        part = position - before if dtype is None else (position - before).astype(dtype)
        # From the nearer side, so that the ends are exact.
        values = np.where(part < 0.5, low + (high - low) * part, high - (high - low) * (1 - part))
    result = np.reshape(np.moveaxis(values, -1, 0), (*q.shape, *rows.shape[:-1]))
    return restored(result, a, axis, keepdims, q.ndim)


def in_rows(a: Any, axis: Axis) -> Any:
    """Lay the axes that are reduced last, as one."""
    if axis is None:
        return np.ravel(a)
    axes = axes_of(axis, a.ndim)
    rest = [i for i in range(a.ndim) if i not in axes]
    lengths = [a.shape[i] for i in axes]
    return np.reshape(np.transpose(a, (*rest, *axes)), (*(a.shape[i] for i in rest), prod(lengths)))


def numbers(rows: Any, missing: bool) -> Any:
    """Count the elements of a row: of each row, where NaN stands for one that is missing."""
    if not missing:
        return rows.shape[-1]
    number = np.count_nonzero(~np.isnan(rows), axis=-1, keepdims=True)
    if anywhere(number == 0):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=6)
    return number


def ordered(rows: Any, positions: list[Any], missing: bool) -> list[Any]:
    """Take the elements of each row that a sort would bring to some positions; NaN where the row holds one."""
    if missing:  # a sort brings NaN to the end, past all positions
        order = np.argsort(rows, axis=-1)
        return [np.take_along_axis(rows, np.take_along_axis(order, i, axis=-1), axis=-1) for i in positions]
    if any(map(is_traced, positions)):
        order = np.argsort(rows, axis=-1)
    else:
        order = np.argpartition(rows, np.unique(np.concatenate([*positions, [rows.shape[-1] - 1]])), axis=-1)
    found = [np.take_along_axis(rows, order[..., i], axis=-1) for i in positions]
    if rows.dtype.kind not in "fc":
        return found
    largest = np.take_along_axis(rows, order[..., -1:], axis=-1)
    known = np.where(np.isnan(largest), np.nan, 1).astype(np.finfo(rows.dtype).dtype)
    return [elements * known for elements in found]


def restored(result: Any, a: Any, axis: Axis, keepdims: Any, leading: int = 0) -> Any:
    """Keep reduced axes with length 1, behind the `leading` axes of the quantiles, where that is asked for."""
    if not asked(keepdims):
        return result[()]
    axes = axes_of(axis, a.ndim)
    return np.reshape(result, (*result.shape[:leading], *(1 if i in axes else n for i, n in enumerate(a.shape))))


def asked(keepdims: Any) -> bool:
    """Read keepdims, which some functions leave without a value by default."""
    return keepdims is not np._NoValue and bool(keepdims)
