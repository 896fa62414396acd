"""Costs: the mean over m samples of a loss, from predictions or, better, from logits.

All are finite for finite logits and for probabilities of exactly 0 and 1, in value and derivative, and NaN where a
prediction is.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.data import binary_labels, class_indices, is_traced, refuse_masked, targets

__all__ = ["binary_cross_entropy", "cross_entropy", "mse"]


def binary_cross_entropy(prediction: Any, Y: ArrayLike | Tensor, *, from_logits: bool = False) -> Any:
    r"""Cost of logistic regression, :math:`J = -\frac1m \sum y \log a + (1 - y) \log(1 - a)`.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
        Probabilities A or, with `from_logits`, what the sigmoid is applied to, Z. Then ``dJ/dZ`` is
        ``(A - Y) / m``, exact also where A rounds to 0 or 1.
    Y : array_like, shape (n_y, m)
        Labels 0 and 1, constant. With several rows the losses of a column are added.
    from_logits : bool
        Says that `prediction` is Z.

    Returns
    -------
    Tensor
        0-d, of the dtype of `prediction`; a number if that is a plain array.

    Raises
    ------
    ValueError
        For other shapes, labels that are not 0 or 1, and predictions that are no probabilities.
    TypeError
        For a `Y` that is the recorded result of an operation.

    Notes
    -----
    A probability of exactly 0 given to what happened costs as much as the smallest that can be told from 0, so that
    the cost stays finite. It has no derivative there: compute from logits to learn from such a sample.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> Z = mg.Tensor([[0.0, 800.0]])
    >>> J = nn.binary_cross_entropy(Z, [[1, 0]], from_logits=True)
    >>> J.backward()
    >>> J.item(), Z.grad
    (400.34657359027997, array([[-0.25,  0.5 ]]))
    """
    prediction = as_prediction(prediction)
    Y = binary_labels(Y, prediction.shape, prediction.dtype)
    if from_logits:
        return binary_cost_of_logits(prediction, Y)
    check_probabilities(prediction)
    precision = np.finfo(prediction.dtype)
    happened = np.where(Y == 1, prediction, 1 - prediction)
    least = np.where(Y == 1, precision.tiny, precision.epsneg / 2)
    return mean_surprise(happened, least)


def cross_entropy(prediction: Any, Y: ArrayLike | Tensor, *, from_logits: bool = False) -> Any:
    r"""Cost of softmax regression, :math:`J = -\frac1m \sum \log a_y`, a_y the probability of the true class.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
        Probabilities A, a class a row or, with `from_logits`, what the softmax is applied to, Z. Then ``dJ/dZ`` is
        ``(A - Y) / m``.
    Y : array_like, shape (n_y, m) or (1, m)
        Constant: one-hot, or a row of class indices from 0 to ``n_y - 1``.
    from_logits : bool
        Says that `prediction` is Z.

    Returns
    -------
    Tensor
        0-d, of the dtype of `prediction`; a number if that is a plain array.

    Raises
    ------
    ValueError
        For other shapes, labels that name no class, and predictions that are no probabilities.
    TypeError
        For a `Y` that is the recorded result of an operation.

    Notes
    -----
    For a probability of exactly 0, see `binary_cross_entropy`. Logits of a column may differ by as much as the dtype
    can represent.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> Z = mg.Tensor([[0.0], [0.0]])
    >>> J = nn.cross_entropy(Z, [[1]], from_logits=True)
    >>> J.backward()
    >>> J.item(), Z.grad.tolist()
    (0.6931471805599453, [[0.5], [-0.5]])
    """
    prediction = as_prediction(prediction)
    true = class_mask(Y, prediction.shape)
    if from_logits:
        return cost_of_logits(prediction, true)
    check_probabilities(prediction)
    happened = np.sum(np.where(true | np.isnan(prediction), prediction, 0), axis=0, keepdims=True)
    return mean_surprise(happened, np.finfo(prediction.dtype).tiny)


def mse(prediction: Any, Y: Any, *, from_logits: bool = False) -> Any:
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

    Returns
    -------
    Tensor
        0-d, of the dtype of `prediction`; a number if neither is a Tensor.

    Raises
    ------
    ValueError
        For other shapes, and for a `Y` with a NaN or an infinity.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.mse(np.array([[1.0, 2.0], [3.0, 4.0]]), [[1.0, 2.0], [3.0, 6.0]])
    np.float64(2.0)
    """
    prediction = as_prediction(prediction)
    checked = targets(Y, prediction.shape, prediction.dtype)
    if isinstance(Y, Tensor) and Y.requires_grad:
        checked = Y if Y.dtype == prediction.dtype else Y.astype(prediction.dtype)  # type: ignore[assignment]
    return squared_cost(mg.sigmoid(prediction) if from_logits else prediction, checked)


# The costs themselves, of labels that have been checked: `fit` checks them once.


def binary_cost_of_logits(Z: Any, Y: NDArray[Any]) -> Any:
    """The loss is softplus(-z) for y = 1 and softplus(z) for y = 0, which keeps all digits of small losses."""
    return np.sum(mg.softplus((1 - 2 * Y) * Z)) / Z.shape[1]


def cost_of_logits(Z: Any, true: NDArray[np.bool_]) -> Any:
    """Choose, in each column, the log-probability of the true class: a product would give 0 * -inf."""
    with np.errstate(over="ignore"):
        log_A = mg.log_softmax(Z, axis=0)
    return np.sum(np.where(true, log_A, 0)) / -Z.shape[1]


def squared_cost(prediction: Any, Y: Any) -> Any:
    """Sum over a column, mean over the columns."""
    return np.sum(np.square(prediction - Y)) / prediction.shape[1]


def mean_surprise(happened: Any, least: Any) -> Any:
    """Mean of -log of the probabilities of what happened, each at least `least`, or NaN."""
    return np.sum(np.log(np.where(happened <= least, least, happened))) / -happened.shape[1]


def class_mask(Y: Any, shape: tuple[int, ...], name: str = "Y") -> NDArray[np.bool_]:
    """Mark the true class in each column."""
    n_y, m = shape
    mask: NDArray[np.bool_] = class_indices(Y, n_y, m, name) == np.arange(n_y)[:, None]
    return mask


def as_prediction(prediction: Any) -> Any:
    """Take floating-point matrices as they are, and make them of lists and integers."""
    refuse_masked(prediction, "prediction")
    if not hasattr(prediction, "dtype"):
        prediction = np.asarray(prediction)
    if prediction.dtype.kind in "biu":
        prediction = prediction.astype(np.float64)
    if prediction.dtype.kind != "f":
        raise TypeError(f"predictions must be real numbers; got dtype {prediction.dtype}")
    if prediction.ndim != 2 or not prediction.size:
        raise ValueError(f"predictions must be a matrix (n_y, m), a sample a column; got shape {prediction.shape}")
    return prediction


def check_probabilities(A: Any) -> None:
    """Refuse what lies outside of [0, 1], where it can be seen."""
    if is_traced(A):
        return
    values = A.numpy() if isinstance(A, Tensor) else A
    wrong = (values < 0) | (values > 1)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        raise ValueError(
            f"predictions must be probabilities from 0 to 1; got {values[row, column]} in row {row}, column {column}. "
            "For logits say from_logits=True"
        )
