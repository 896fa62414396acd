"""Functions that leave NaN out: its derivative is 0. Where nothing is left, value and derivative are NaN.

Medians and quantiles that do so are with the other quantiles.
"""

import warnings
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import Axis, anywhere, as_array


def filled(a: Any, number: float) -> tuple[Any, Any]:
    """Put a number in the place of each NaN, and tell where there was none."""
    a = as_array(a)
    if a.dtype.kind not in "fc":
        return a, np.True_
    missing = np.isnan(a)
    return np.where(missing, number, a), ~missing


def joint(where: Any, present: Any) -> Any:
    """Join the elements that a caller chose with those that are there."""
    return present if where is np._NoValue or where is True else present & where


@composition(np.nansum)
def sum_of_numbers(a: Any, axis: Axis = None, dtype: Any = None, **options: Any) -> Any:
    """Sum what is no NaN."""
    return np.sum(filled(a, 0)[0], axis=axis, dtype=dtype, **options)


@composition(np.nanprod)
def product_of_numbers(a: Any, axis: Axis = None, dtype: Any = None, **options: Any) -> Any:
    """Multiply what is no NaN."""
    return np.prod(filled(a, 1)[0], axis=axis, dtype=dtype, **options)


@composition(np.nancumsum)
def running_sum_of_numbers(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Sum what is no NaN so far."""
    return np.cumsum(filled(a, 0)[0], axis=axis, dtype=dtype)


@composition(np.nancumprod)
def running_product_of_numbers(a: Any, axis: int | None = None, dtype: Any = None) -> Any:
    """Multiply what is no NaN so far."""
    return np.cumprod(filled(a, 1)[0], axis=axis, dtype=dtype)


@composition(np.nanmean)
def mean_of_numbers(
    a: Any, axis: Axis = None, dtype: Any = None, *, keepdims: Any = np._NoValue, where: Any = np._NoValue
) -> Any:
    """Take the mean of what is no NaN."""
    a, present = filled(a, 0)
    return np.mean(a, axis=axis, dtype=dtype, keepdims=keepdims, where=joint(where, present))


def of_numbers(function: Any) -> Any:
    """Make of a variance or a standard deviation that of what is no NaN."""

    def compute(
        a: Any,
        axis: Axis = None,
        dtype: Any = None,
        *,
        ddof: float = 0,
        keepdims: Any = np._NoValue,
        where: Any = np._NoValue,
        mean: Any = np._NoValue,
        correction: Any = np._NoValue,
    ) -> Any:
        a, present = filled(a, 0)
        options = {"ddof": ddof, "keepdims": keepdims, "mean": mean, "correction": correction}
        return function(a, axis=axis, dtype=dtype, where=joint(where, present), **options)

    return compute


composition(np.nanvar)(of_numbers(np.var))
composition(np.nanstd)(of_numbers(np.std))


@composition(np.nanmax)
def maximum_of_numbers(a: Any, axis: Axis = None, **options: Any) -> Any:
    """Take the maximum of what is no NaN."""
    return np.max(bounded(as_array(a), axis, -np.inf), axis=axis, **options)


@composition(np.nanmin)
def minimum_of_numbers(a: Any, axis: Axis = None, **options: Any) -> Any:
    """Take the minimum of what is no NaN."""
    return np.min(bounded(as_array(a), axis, np.inf), axis=axis, **options)


def bounded(a: Any, axis: Any, bound: float) -> Any:
    """Replace NaN by a bound, but where nothing else is left along `axis`."""
    if a.dtype.kind not in "fc":
        return a
    missing = np.isnan(a)
    nothing = np.all(missing, axis=axis, keepdims=True) & (a.size > 0)
    if anywhere(nothing):
        warnings.warn("All-NaN slice encountered", RuntimeWarning, stacklevel=6)
    return np.where(missing & ~nothing, bound, a)
