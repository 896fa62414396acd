"""The costs of classification by probabilities: the mean of -log of the probability of what happened.

Both are finite for finite logits and for probabilities of exactly 0 and 1, in value and derivative, and NaN where a
prediction is.
"""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.costs import Terms, as_prediction, check_probabilities, check_reduction, reduced
from micrograd_nd.nn.data import binary_labels, class_indices
from micrograd_nd.nn.sample_weights import ClassWeight, SampleWeight, class_row, product, sample_row, two_classes

__all__ = ["binary_cross_entropy", "binary_terms_of_logits", "class_mask", "class_terms_of_logits", "cross_entropy"]


def binary_cross_entropy(
    prediction: Any,
    Y: ArrayLike | Tensor,
    *,
    from_logits: bool = False,
    reduction: str = "mean",
    sample_weight: SampleWeight | None = None,
    class_weight: ClassWeight | None = None,
) -> Any:
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
    reduction : {"mean", "sum", "none"}
        The mean of the losses of the samples, their sum, or the losses themselves, as a row (1, m).
    sample_weight : array_like, shape (1, m) or (m,), optional
        What each loss is multiplied by, not negative. The mean is then the weighted one, ``sum(w * loss) / sum(w)``.
    class_weight : mapping, array_like of shape (2,) or "balanced", optional
        What the losses of each class are multiplied by, also: ``{0: 1.0, 1: 5.0}``. Classes that a mapping does not
        name weigh 1. "balanced" is, for a class that m_k of the m samples belong to, ``m / (K * m_k)`` with K the
        number of classes that occur. For a single row of labels only.

    Returns
    -------
    Tensor
        0-d, or (1, m) for "none", of the dtype of `prediction`; a number or an array if that is a plain array.

    Raises
    ------
    ValueError
        For other shapes, labels that are not 0 or 1, predictions that are no probabilities, and weights that are
        negative, not finite or all zero.
    TypeError
        For a `Y` or a `sample_weight` that is the recorded result of an operation.

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
    >>> nn.binary_cross_entropy(np.array([[0.5, 0.5, 0.25]]), [[1, 1, 0]], reduction="none")
    array([[0.69314718, 0.69314718, 0.28768207]])
    """
    check_reduction(reduction)
    prediction = as_prediction(prediction)
    Y = binary_labels(Y, prediction.shape, prediction.dtype)
    weights = sample_row(sample_weight, prediction.shape[1], prediction.dtype)
    if class_weight is not None:
        weights = product(weights, class_row(class_weight, two_classes(Y), prediction.dtype))
    if from_logits:
        return reduced(binary_terms_of_logits(prediction, Y), reduction, weights)
    check_probabilities(prediction)
    return reduced(binary_terms(prediction, Y), reduction, weights)


def cross_entropy(
    prediction: Any,
    Y: ArrayLike | Tensor,
    *,
    from_logits: bool = False,
    reduction: str = "mean",
    sample_weight: SampleWeight | None = None,
    class_weight: ClassWeight | None = None,
) -> Any:
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
    reduction : {"mean", "sum", "none"}
        The mean of the losses of the samples, their sum, or the losses themselves, as a row (1, m).
    sample_weight : array_like, shape (1, m) or (m,), optional
        What each loss is multiplied by, not negative. The mean is then the weighted one, ``sum(w * loss) / sum(w)``.
    class_weight : mapping, array_like of shape (n_y,) or "balanced", optional
        What the losses of each class are multiplied by, also; see `binary_cross_entropy`.

    Returns
    -------
    Tensor
        0-d, or (1, m) for "none", of the dtype of `prediction`; a number or an array if that is a plain array.

    Raises
    ------
    ValueError
        For other shapes, labels that name no class, predictions that are no probabilities, and weights that are
        negative, not finite or all zero.
    TypeError
        For a `Y` or a `sample_weight` that is the recorded result of an operation.

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
    check_reduction(reduction)
    prediction = as_prediction(prediction)
    true = class_mask(Y, prediction.shape)
    weights = sample_row(sample_weight, prediction.shape[1], prediction.dtype)
    if class_weight is not None:
        weights = product(weights, class_row(class_weight, true, prediction.dtype))
    if from_logits:
        return reduced(class_terms_of_logits(prediction, true), reduction, weights)
    check_probabilities(prediction)
    return reduced(class_terms(prediction, true), reduction, weights)


# Of labels that have been checked: `fit` checks them once.


def binary_terms_of_logits(Z: Any, Y: NDArray[Any]) -> Terms:
    """The loss is softplus(-z) for y = 1 and softplus(z) for y = 0, which keeps all digits of small losses."""
    return Terms(mg.softplus((1 - 2 * Y) * Z))


def binary_terms(A: Any, Y: NDArray[Any]) -> Terms:
    """Take the logarithms of the probabilities of what happened."""
    precision = np.finfo(A.dtype)
    happened = np.where(Y == 1, A, 1 - A)
    return Terms(log_of_at_least(np.where(Y == 1, precision.tiny, precision.epsneg / 2), happened), per=-1)


def class_terms_of_logits(Z: Any, true: NDArray[np.bool_]) -> Terms:
    """Choose, in each column, the log-probability of the true class: a product would give 0 * -inf."""
    with np.errstate(over="ignore"):
        log_A = mg.log_softmax(Z, axis=0)
    return Terms(np.where(true, log_A, 0), per=-1)


def class_terms(A: Any, true: NDArray[np.bool_]) -> Terms:
    """Take the logarithm of the probability of the true class; one of NaN makes its column NaN."""
    happened = np.sum(np.where(true | np.isnan(A), A, 0), axis=0, keepdims=True)
    return Terms(log_of_at_least(np.finfo(A.dtype).tiny, happened), per=-1)


def log_of_at_least(least: Any, probability: Any) -> Any:
    """Take the logarithm of probabilities, each at least `least`, or NaN."""
    return np.log(np.where(probability <= least, least, probability))


def class_mask(Y: Any, shape: tuple[int, ...], name: str = "Y") -> NDArray[np.bool_]:
    """Mark the true class in each column."""
    n_y, m = shape
    mask: NDArray[np.bool_] = class_indices(Y, n_y, m, name) == np.arange(n_y)[:, None]
    return mask
