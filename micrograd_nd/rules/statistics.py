"""Rules of variances and standard deviations, and what is composed of them: weighted averages, covariances.

The standard deviation of equal elements is a kink, like the absolute value at 0; its derivative there is 0 too.
"""

import warnings
from typing import Any

import numpy as np

from micrograd_nd.primitives import Bound, composition, derivative
from micrograd_nd.rules.arguments import Axis, anywhere, as_array, axes_of, given
from micrograd_nd.rules.reductions import count, expand, kept


def bind_variance(
    a: Any,
    axis: Axis = None,
    dtype: Any = None,
    out: Any = None,
    ddof: Any = 0,
    keepdims: Any = None,
    *,
    where: Any = None,
    mean: Any = None,
    correction: Any = None,
) -> Bound:
    """Take a mean that is known already as a second array, and NumPy's two names for the degrees of freedom."""
    if correction is not None and correction is not np._NoValue:
        if ddof != 0:
            raise TypeError("takes the degrees of freedom once, as ddof or correction")
        ddof = correction
    arrays = (a,) if mean is None or mean is np._NoValue else (a, mean)
    return arrays, given(axis=axis, dtype=dtype, out=out, ddof=ddof or None, keepdims=keepdims, where=where)


def evaluate_by(function: Any) -> Any:
    """Make of a variance a function that takes the mean as a second array."""

    def evaluate(a: Any, mean: Any = None, **options: Any) -> Any:
        return function(a, **options) if mean is None else function(a, mean=mean, **options)

    return evaluate


def variance_rule(
    g: Any,
    out: Any,
    a: Any,
    mean: Any = None,
    *,
    axis: Axis = None,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
) -> Any:
    """Differentiate a variance: twice the deviation, over the degrees of freedom."""
    a = kept(a, where)
    if mean is None:
        mean = np.mean(a, axis=axis, keepdims=True, where=where)
    return kept(expand(g, axis, keepdims) * factor(a, out, axis, ddof, where) * np.conjugate(a - mean), where)


def mean_of_variance_rule(
    g: Any,
    out: Any,
    a: Any,
    mean: Any,
    *,
    axis: Axis = None,
    ddof: float = 0,
    keepdims: bool = False,
    where: Any = True,
) -> Any:
    """Differentiate a variance with respect to the mean that was passed in: zero if that is the mean."""
    deviation = np.sum(np.conjugate(kept(a, where) - mean), axis=axis, keepdims=True, where=where)
    return -expand(g, axis, keepdims) * factor(a, out, axis, ddof, where) * deviation


def factor(a: Any, out: Any, axis: Axis, ddof: float, where: Any) -> Any:
    """Return two over the degrees of freedom, in the dtype of a variance."""
    freedom = np.maximum(as_array(count(a, out, axis, where)) - ddof, 0)
    return np.divide(2, freedom).astype(out.dtype)


derivative(np.var, variance_rule, mean_of_variance_rule, bind=bind_variance, evaluate=evaluate_by(np.var), arity=1)


def root_rule(rule: Any) -> Any:
    """Make of a rule of the variance that of its square root."""

    def deviation_rule(
        g: Any,
        out: Any,
        *arrays: Any,
        axis: Axis = None,
        ddof: float = 0,
        keepdims: bool = False,
        where: Any = True,
    ) -> Any:
        slope = np.where(out == 0, 0, g / (2 * np.where(out == 0, 1, out)))
        return rule(slope, out, *arrays, axis=axis, ddof=ddof, keepdims=keepdims, where=where)

    return deviation_rule


derivative(
    np.std,
    root_rule(variance_rule),
    root_rule(mean_of_variance_rule),
    bind=bind_variance,
    evaluate=evaluate_by(np.std),
    arity=1,
)


@composition(np.average)
def average(a: Any, axis: Axis = None, weights: Any = None, returned: bool = False, *, keepdims: Any = False) -> Any:
    """Divide a weighted sum by the sum of the weights."""
    a = as_array(a)
    keepdims = keepdims is not np._NoValue and keepdims
    if weights is None:
        mean = np.mean(a, axis=axis, keepdims=keepdims)
        total: Any = mean.dtype.type(a.size / max(mean.size, 1))
    else:
        weights = as_array(weights)
        whole = (np.float64,) if a.dtype.kind in "biu" else ()
        dtype = np.result_type(a.dtype, weights.dtype, *whole)
        a, weights = a.astype(dtype), aligned(weights.astype(dtype), a, axis)
        total = np.sum(weights, axis=axis, keepdims=keepdims)
        if anywhere(total == 0):
            raise ZeroDivisionError("the weights sum to zero")
        mean = np.sum(a * weights, axis=axis, keepdims=keepdims) / total
    if not returned:
        return mean
    return mean, total if np.shape(total) == mean.shape else np.broadcast_to(total, mean.shape)


def aligned(weights: Any, a: Any, axis: Axis) -> Any:
    """Lay weights along the axes that they are for."""
    if weights.shape == a.shape:
        return weights
    if axis is None:
        raise TypeError(f"weights of shape {weights.shape} for values of shape {a.shape} need an axis")
    axes = axes_of(axis, a.ndim)
    if weights.shape != tuple(a.shape[i] for i in axes):
        raise ValueError(f"weights of shape {weights.shape} do not fit the axes {axes} of values of shape {a.shape}")
    ordered = np.transpose(weights, np.argsort(axes))
    return np.reshape(ordered, tuple(n if i in axes else 1 for i, n in enumerate(a.shape)))


@composition(np.cov)
def covariance(
    m: Any,
    y: Any = None,
    rowvar: bool = True,
    bias: bool = False,
    ddof: int | None = None,
    fweights: Any = None,
    aweights: Any = None,
    *,
    dtype: Any = None,
) -> Any:
    """Multiply the deviations of variables from their means."""
    m = as_array(m)
    if dtype is None:
        dtype = np.result_type(*(as_array(x).dtype for x in (m, y) if x is not None), np.float64)
    X = variables(m, rowvar, m.ndim == 1).astype(dtype)
    if y is not None:
        y = as_array(y)
        X = np.concatenate((X, variables(y, rowvar, np.atleast_2d(y).shape[0] == 1).astype(dtype)))
    if X.shape[0] == 0:
        return np.zeros((0, 0))
    if ddof is None:
        ddof = 0 if bias else 1
    weights, freedom = weighing(fweights, aweights, ddof, X.shape[1])
    if anywhere(freedom <= 0):
        warnings.warn("Degrees of freedom <= 0 for slice", RuntimeWarning, stacklevel=5)
    mean = np.average(X, axis=1, weights=weights, keepdims=True)
    X = X - mean
    X = X if X.dtype == dtype else X.astype(dtype)
    weighted = X if weights is None else X * weights
    with np.errstate(divide="ignore"):
        scale = np.divide(1.0, np.maximum(freedom, 0))
    products = np.matmul(X, np.conjugate(weighted.T))
    return np.squeeze(products * scale.astype(products.dtype))


def variables(m: Any, rowvar: bool, is_row: bool) -> Any:
    """See the observations of cov as a matrix with a variable in each row."""
    if m.ndim > 2:
        raise ValueError(f"observations have at most 2 axes; got shape {m.shape}")
    matrix = np.atleast_2d(m)
    return matrix if rowvar or is_row else matrix.T


def weighing(frequencies: Any, importances: Any, ddof: int, number: int) -> tuple[Any, Any]:
    """Join the two kinds of weights of cov, and count the degrees of freedom that they leave."""
    for weights in (frequencies, importances):
        if weights is not None and np.shape(weights) != (number,):
            raise ValueError(f"cov has {number} observations, and weights of shape {np.shape(weights)}")
        if weights is not None and anywhere(as_array(weights) < 0):
            raise ValueError("the weights of cov cannot be negative")
    if frequencies is None and importances is None:
        return None, number - ddof
    if frequencies is not None:
        frequencies = as_array(frequencies).astype(np.float64)
        if anywhere(frequencies != np.rint(frequencies)):
            raise TypeError("fweights counts observations: it must be whole")
    if importances is None:
        return frequencies, np.sum(frequencies) - ddof
    importances = as_array(importances).astype(np.float64)
    weights = importances if frequencies is None else frequencies * importances
    total = np.sum(weights)
    return weights, total - ddof * np.sum(weights * importances) / total if ddof else total


@composition(np.corrcoef)
def correlation_coefficients(x: Any, y: Any = None, rowvar: bool = True, *, dtype: Any = None) -> Any:
    """Divide covariances by standard deviations."""
    c = np.cov(x, y, rowvar, dtype=dtype)
    if c.ndim == 0:
        return c / c
    deviation = np.sqrt(np.real(np.diagonal(c)))
    c = c / deviation[:, None] / deviation
    # Past the bounds by rounding alone; at them the derivative is 0 anyway.
    if c.dtype.kind == "c":
        return np.clip(np.real(c), -1, 1) + 1j * np.clip(np.imag(c), -1, 1)
    return np.clip(c, -1, 1)
