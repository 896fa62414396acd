"""The costs of regression: how far predictions are from numbers."""

from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.costs import Terms, as_prediction, check_reduction, reduced
from micrograd_nd.nn.data import targets
from micrograd_nd.nn.sample_weights import SampleWeight, sample_row
from micrograd_nd.nn.settings import finite_number

__all__ = [
    "absolute_terms",
    "half_mse",
    "half_squared_terms",
    "huber",
    "huber_terms",
    "mae",
    "mse",
    "squared_terms",
]


def mse(
    prediction: Any,
    Y: Any,
    *,
    from_logits: bool = False,
    reduction: str = "mean",
    sample_weight: SampleWeight | None = None,
) -> Any:
    r"""Mean squared error, :math:`J = \frac1m \sum_{i=1}^m \lVert \hat y^{(i)} - y^{(i)} \rVert^2`.

    The squares of a column are added and the columns averaged.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
        Predictions or, with `from_logits`, what a sigmoid is to be applied to first.
    Y : array_like or Tensor, shape (n_y, m)
        What they should be; a Tensor has a derivative here.
    from_logits : bool
        Says to apply the sigmoid.
    reduction : {"mean", "sum", "none"}
        The mean of the losses of the samples, their sum, or the losses themselves, as a row (1, m).
    sample_weight : array_like, shape (1, m) or (m,), optional
        What each loss is multiplied by, not negative. The mean is then the weighted one, ``sum(w * loss) / sum(w)``.

    Returns
    -------
    Tensor
        0-d, or (1, m) for "none", of the dtype of `prediction`; a number or an array if neither is a Tensor.

    Raises
    ------
    ValueError
        For other shapes, a `Y` with a NaN or an infinity, and weights that are negative, not finite or all zero.
    TypeError
        For a `sample_weight` that is the recorded result of an operation.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.mse(np.array([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 2.0], [3.0, 6.0]])
    np.float64(2.0)
    """
    prediction, Y, weights = checked(prediction, Y, reduction, sample_weight)
    return reduced(squared_terms(mg.sigmoid(prediction) if from_logits else prediction, Y), reduction, weights)


def half_mse(prediction: Any, Y: Any, *, reduction: str = "mean", sample_weight: SampleWeight | None = None) -> Any:
    r"""Half the mean squared error, :math:`J = \frac{1}{2m} \sum \lVert \hat y - y \rVert^2`, of linear regression.

    The half makes the derivative of a loss the error itself, :math:`\hat y - y`.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
    Y : array_like or Tensor, shape (n_y, m)
        What they should be; a Tensor has a derivative here.
    reduction, sample_weight
        As for `mse`.

    Returns
    -------
    Tensor
        As of `mse`.

    Raises
    ------
    TypeError, ValueError
        As from `mse`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> prediction = mg.Tensor([[1.0, 5.0]])
    >>> J = nn.half_mse(prediction, [[1.0, 2.0]])
    >>> J.backward()
    >>> J.item(), prediction.grad
    (2.25, array([[0. , 1.5]]))
    """
    prediction, Y, weights = checked(prediction, Y, reduction, sample_weight)
    return reduced(half_squared_terms(prediction, Y), reduction, weights)


def mae(prediction: Any, Y: Any, *, reduction: str = "mean", sample_weight: SampleWeight | None = None) -> Any:
    r"""Mean absolute error, :math:`J = \frac1m \sum_i \lVert \hat y^{(i)} - y^{(i)} \rVert_1`.

    The magnitudes of a column are added and the columns averaged. The derivative is taken to be 0 where a prediction is
    exact.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
    Y : array_like or Tensor, shape (n_y, m)
        What they should be; a Tensor has a derivative here.
    reduction, sample_weight
        As for `mse`.

    Returns
    -------
    Tensor
        As of `mse`.

    Raises
    ------
    TypeError, ValueError
        As from `mse`.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.mae(np.array([[1.0, 5.0]]), [[1.0, 2.0]])
    np.float64(1.5)
    """
    prediction, Y, weights = checked(prediction, Y, reduction, sample_weight)
    return reduced(absolute_terms(prediction, Y), reduction, weights)


def huber(
    prediction: Any,
    Y: Any,
    *,
    delta: float = 1.0,
    reduction: str = "mean",
    sample_weight: SampleWeight | None = None,
) -> Any:
    r"""Huber's cost: half the square of small errors, and no more than proportional to large ones.

    The loss of an error e is :math:`e^2 / 2` up to :math:`|e| = \delta` and :math:`\delta (|e| - \delta / 2)` beyond,
    so that an outlier pulls no harder than :math:`\delta` (Huber, "Robust estimation of a location parameter", Annals
    of Mathematical Statistics 35, 1964). Those of a column are added and the columns averaged.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
    Y : array_like or Tensor, shape (n_y, m)
        What they should be; a Tensor has a derivative here.
    delta : float
        From where on an error is large; positive and finite.
    reduction, sample_weight
        As for `mse`.

    Returns
    -------
    Tensor
        As of `mse`.

    Raises
    ------
    TypeError, ValueError
        As from `mse`, and for another `delta`.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.huber(np.array([[0.5, 9.0]]), [[0.0, 0.0]], reduction="none")
    array([[0.125, 8.5  ]])
    """
    delta = finite_number("delta", delta)
    if delta <= 0:
        raise ValueError(f"delta, from where on an error is large, must be positive; got {delta}")
    prediction, Y, weights = checked(prediction, Y, reduction, sample_weight)
    return reduced(huber_terms(prediction, Y, delta), reduction, weights)


def checked(prediction: Any, Y: Any, reduction: str, sample_weight: SampleWeight | None) -> tuple[Any, Any, Any]:
    """Check what all costs of regression take; the weights come as a row, or None."""
    check_reduction(reduction)
    prediction = as_prediction(prediction)
    numbers: Any = targets(Y, prediction.shape, prediction.dtype)
    if isinstance(Y, Tensor) and Y.requires_grad:
        numbers = Y if Y.dtype == prediction.dtype else Y.astype(prediction.dtype)
    return prediction, numbers, sample_row(sample_weight, prediction.shape[1], prediction.dtype)


# Of targets that have been checked: `fit` checks them once.


def squared_terms(prediction: Any, Y: Any) -> Terms:
    """Square the errors."""
    return Terms(np.square(prediction - Y))


def half_squared_terms(prediction: Any, Y: Any) -> Terms:
    """Square the errors, which the loss is half of."""
    return Terms(np.square(prediction - Y), per=2)


def absolute_terms(prediction: Any, Y: Any) -> Terms:
    """Take the magnitudes of the errors."""
    return Terms(np.abs(prediction - Y))


def huber_terms(prediction: Any, Y: Any, delta: float = 1.0) -> Terms:
    """Write both branches as one product, which has the right derivatives of every order, and squares nothing large."""
    error = prediction - Y
    bounded = np.clip(error, -delta, delta)
    return Terms(bounded * (error - bounded / 2))
