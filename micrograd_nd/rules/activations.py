"""Functions that NumPy has none of, with their rules: exact and stable for arguments of any size."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from micrograd_nd.primitives import derivative, primitive
from micrograd_nd.rules.arguments import is_traced
from micrograd_nd.rules.reductions import expand

__all__ = ["elu", "leaky_relu", "log_softmax", "logsumexp", "relu", "sigmoid", "silu", "softmax", "softplus"]

Axis = int | Sequence[int] | None


def real(x: Any, function: str) -> Any:
    """Take lists and booleans as numbers, and refuse complex ones, for which these functions are something else."""
    x = x if hasattr(x, "dtype") else np.asarray(x)
    if x.dtype.kind not in "biuf":
        raise TypeError(f"mg.{function} takes real numbers; got dtype {x.dtype}")
    return x + 0.0 if x.dtype.kind == "b" else x


@primitive
def sigmoid(x: Any) -> Any:
    r"""Logistic function, :math:`1 / (1 + e^{-x})`.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; integers are taken as float64.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`, between 0 and 1. No argument overflows, and small values keep their relative
        precision.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.sigmoid(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.5, 1.0]
    """
    x = real(x, "sigmoid")
    e = np.exp(np.minimum(x, large(x)))
    return e / (1 + e)


def large(x: Any) -> float:
    """Say from where on 1 is nothing beside the exponential, to rounding; the exponential itself does not overflow."""
    return 11.0 if x.dtype == np.float16 else 40.0


# Not out * (1 - out), which loses every digit where out is nearly 1.
derivative(sigmoid, lambda g, out, x: g * (out * sigmoid(-x)), elementwise=True)


@primitive
def relu(x: Any) -> Any:
    """Rectified linear unit, ``max(0, x)``. Its derivative at exactly 0 is 1.

    Parameters
    ----------
    x : array or Tensor
        Of any shape.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.relu(np.array([-2.0, 0.0, 3.0])).tolist()
    [0.0, 0.0, 3.0]
    """
    return np.maximum(real(x, "relu"), 0)


derivative(relu, lambda g, out, x: g * (x >= 0), elementwise=True)


@primitive
def leaky_relu(x: Any, slope: float = 0.01) -> Any:
    """Return x where it is positive and ``slope * x`` where it is negative. Its derivative at exactly 0 is 1.

    Parameters
    ----------
    x : array or Tensor
        Of any shape.
    slope : float
        The derivative below 0.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.leaky_relu(np.array([-2.0, 0.0, 3.0])).tolist()
    [-0.02, 0.0, 3.0]
    """
    x = real(x, "leaky_relu")
    if type(slope) is float and 0 < slope <= 1:
        return np.maximum(x, slope * x)
    return np.where(x >= 0, x, slope * x)[()]


derivative(leaky_relu, lambda g, out, x, *, slope=0.01: np.where(x >= 0, g, slope * g), elementwise=True)


@primitive
def elu(x: Any, alpha: float = 1.0) -> Any:
    r"""Exponential linear unit, x where it is positive and :math:`\alpha (e^x - 1)` elsewhere.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; integers are taken as float64.
    alpha : float
        What it tends to far below 0, with the other sign, and its derivative at exactly 0.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`. Small values keep their relative precision.

    Notes
    -----
    Clevert, Unterthiner and Hochreiter (2016), "Fast and accurate deep network learning by exponential linear units".

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.elu(np.array([-800.0, 0.0, 800.0])).tolist()
    [-1.0, 0.0, 800.0]
    """
    x = real(x, "elu")
    return np.maximum(x, 0) + alpha * np.expm1(np.minimum(x, 0))


# Not out + alpha, which loses every digit where out is nearly -alpha.
derivative(
    elu,
    lambda g, out, x, *, alpha=1.0: np.where(x > 0, g, g * (alpha * np.exp(np.minimum(x, 0)))),
    elementwise=True,
)


@primitive
def silu(x: Any) -> Any:
    r"""Sigmoid linear unit, also called swish, :math:`x / (1 + e^{-x})`.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; integers are taken as float64.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`. No finite argument overflows, and small values keep their relative precision.

    Notes
    -----
    Hendrycks and Gimpel (2016), "Gaussian error linear units", section 2; Ramachandran, Zoph and Le (2017), "Searching
    for activation functions".

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.silu(np.array([-800.0, 0.0, 1.0, 800.0])).tolist()
    [-0.0, 0.0, 0.7310585786300049, 800.0]
    """
    x = real(x, "silu")
    e = np.exp(np.minimum(x, large(x)))
    return x * (e / (1 + e))


derivative(silu, lambda g, out, x: g * (sigmoid(x) + out * sigmoid(-x)), elementwise=True)


@primitive
def softplus(x: Any) -> Any:
    r"""Smooth ramp, :math:`\log(1 + e^x)`, without overflow.

    Parameters
    ----------
    x : array or Tensor
        Of any shape; integers are taken as float64.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.softplus(np.array([-800.0, 0.0, 800.0])).tolist()
    [0.0, 0.6931471805599453, 800.0]
    """
    x = real(x, "softplus")
    limit = large(x)
    return np.log1p(np.exp(np.minimum(x, limit))) + np.maximum(x - limit, 0)


derivative(softplus, lambda g, out, x: g * sigmoid(x), elementwise=True)


@primitive
def logsumexp(a: Any, axis: Axis = None, keepdims: bool = False) -> Any:
    r"""Logarithm of a sum of exponentials, :math:`\log \sum_i e^{a_i}`, without overflow.

    Parameters
    ----------
    a : array or Tensor
        Of any shape; ``-inf`` stands for a term that is not there. Infinite terms share the derivative evenly.
    axis : int, tuple of int or None
        The axes to sum over; all by default.
    keepdims : bool
        Keep them as axes of length 1.

    Returns
    -------
    array or Tensor
        Of the reduced shape.

    Notes
    -----
    In a compiled function the derivative is that of `softmax`, NaN beside infinite terms.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.logsumexp(np.array([1000.0, 1000.0]))
    np.float64(1000.6931471805599)
    """
    a = real(a, "logsumexp")
    top = np.max(a, axis=axis, keepdims=True)
    total = np.sum(np.exp(a - finite(top)), axis=axis, keepdims=True)
    # One of the terms is 1 where the largest is finite. Where it is not, it is the result.
    result = np.log(np.maximum(total, 1)) + top
    return result if keepdims else np.squeeze(result, axis=axis)[()]


def finite(top: Any) -> Any:
    """Bring infinities to the ends of what the dtype holds."""
    if top.dtype.kind != "f":
        return top
    largest = float(np.finfo(top.dtype).max)
    return np.minimum(np.maximum(top, -largest), largest)


derivative(
    logsumexp,
    lambda g, out, a, *, axis=None, keepdims=False: (
        expand(g, axis, keepdims) * weights(expand(out, axis, keepdims), a, axis)
    ),
)


def weights(out: Any, a: Any, axis: Axis) -> Any:
    """Return the share of each exponential in their sum; infinite ones share it evenly, and none has any of nothing."""
    if is_traced(out):
        return softmax(a, axis=axis)
    unbounded = np.isinf(out)
    if not np.any(unbounded):
        return np.exp(a - out)
    infinite = a == np.inf
    even = infinite / np.maximum(np.count_nonzero(infinite, axis=axis, keepdims=True), 1)
    return np.where(unbounded, even.astype(a.dtype), np.exp(np.where(unbounded, 0, a - np.where(unbounded, 0, out))))


@primitive
def softmax(x: Any, axis: Axis = None) -> Any:
    r"""Exponentials that sum to one, :math:`e^{x_i} / \sum_j e^{x_j}`, without overflow.

    Parameters
    ----------
    x : array or Tensor
        Of any shape.
    axis : int, tuple of int or None
        The axes that sum to one; all together by default. In the course's layout, where a sample is a column,
        that is ``axis=0``.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.softmax(np.array([[1000.0, 0.0], [1000.0, 0.0]]), axis=0).tolist()
    [[0.5, 0.5], [0.5, 0.5]]
    """
    x = real(x, "softmax")
    e = np.exp(x - np.max(x, axis=axis, keepdims=True))
    return e / np.sum(e, axis=axis, keepdims=True)


derivative(
    softmax,
    lambda g, out, x, *, axis=None: out * (g - np.sum(g * out, axis=axis, keepdims=True)),
)


@primitive
def log_softmax(x: Any, axis: Axis = None) -> Any:
    r"""Logarithm of `softmax`, :math:`x_i - \log \sum_j e^{x_j}`, without overflow or loss.

    Parameters
    ----------
    x : array or Tensor
        Of any shape.
    axis : int, tuple of int or None
        As in `softmax`.

    Returns
    -------
    array or Tensor
        Of the shape and dtype of `x`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.log_softmax(np.array([1000.0, 0.0])).tolist()
    [0.0, -1000.0]
    """
    x = real(x, "log_softmax")
    shifted = x - np.max(x, axis=axis, keepdims=True)
    return shifted - np.log(np.sum(np.exp(shifted), axis=axis, keepdims=True))


derivative(
    log_softmax,
    lambda g, out, x, *, axis=None: g - np.exp(out) * np.sum(g, axis=axis, keepdims=True),
)
