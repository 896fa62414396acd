"""The cost of classification by margins, that of support vector machines."""

from typing import Any

from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.costs import Terms, as_prediction, check_reduction, reduced
from micrograd_nd.nn.data import binary_labels
from micrograd_nd.nn.sample_weights import SampleWeight, sample_row

__all__ = ["hinge", "hinge_terms"]


def hinge(
    prediction: Any, Y: ArrayLike | Tensor, *, reduction: str = "mean", sample_weight: SampleWeight | None = None
) -> Any:
    r"""Hinge cost, :math:`J = \frac1m \sum \max(0, 1 - s z)` with s = 1 for y = 1 and s = -1 for y = 0.

    A loss is zero where the score z is on the right side of 0 by at least 1 (Cortes and Vapnik, "Support-vector
    networks", Machine Learning 20, 1995). Labels are 0 and 1, as everywhere here; for labels -1 and 1 write
    ``(Y + 1) / 2``.

    Parameters
    ----------
    prediction : Tensor or array, shape (n_y, m)
        Scores Z, with no sigmoid applied: positive for label 1.
    Y : array_like, shape (n_y, m)
        Labels 0 and 1, constant. With several rows the losses of a column are added.
    reduction, sample_weight
        As for `mse`.

    Returns
    -------
    Tensor
        0-d, or (1, m) for "none", of the dtype of `prediction`; a number or an array if that is a plain array.

    Raises
    ------
    ValueError
        For other shapes, labels that are not 0 or 1, and weights that are negative, not finite or all zero.
    TypeError
        For a `Y` or a `sample_weight` that is the recorded result of an operation.

    Notes
    -----
    Where the margin is exactly 1, the derivative is that of the sloping side, as that of `relu` is at 0.

    `fit` judges scores by their sign. Of a model that ends in a sigmoid it takes the logits as scores, so that
    `predict` gives labels; of one that does not, labels are ``nn.predict(model, X) > 0``.

    Examples
    --------
    >>> import numpy as np
    >>> from micrograd_nd import nn
    >>> nn.hinge(np.array([[2.0, 0.5, 0.5]]), [[1, 1, 0]], reduction="none")
    array([[0. , 0.5, 1.5]])
    """
    check_reduction(reduction)
    prediction = as_prediction(prediction)
    Y = binary_labels(Y, prediction.shape, prediction.dtype)
    weights = sample_row(sample_weight, prediction.shape[1], prediction.dtype)
    return reduced(hinge_terms(prediction, Y), reduction, weights)


def hinge_terms(Z: Any, Y: NDArray[Any]) -> Terms:
    """Compute the losses, of labels that have been checked."""
    return Terms(mg.relu(1 + (1 - 2 * Y) * Z))
