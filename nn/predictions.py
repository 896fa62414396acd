"""What a trained model says: labels and probabilities for samples, and how many of the labels are right."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.activations import LogSoftmax, Sigmoid, Softmax
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.data import binary_labels, class_indices, matrix, samples
from micrograd_nd.nn.module import Module, evaluating
from micrograd_nd.nn.settings import check_count

__all__ = ["accuracy", "confusion_matrix", "highest_is", "parameter_dtype", "predict", "predict_proba"]


def predict(model: Module, X: ArrayLike | Tensor) -> NDArray[Any]:
    """Label samples.

    Parameters
    ----------
    model : Sequential
        Such as `LogisticRegression` or `MLP`.
    X : array_like, shape (n_x, m)
        A sample a column; converted to the dtype of the parameters.

    Returns
    -------
    ndarray
        Where the model ends in a sigmoid, 1 for probabilities above one half and 0 for others, of shape ``(n_y, m)``;
        in a softmax or its logarithm, the index of the most probable class, of shape ``(1, m)``; else the output
        itself. Yours to write to.

    Raises
    ------
    TypeError
        For a model whose last activation cannot be seen.
    ValueError
        For samples of the wrong shape, or with a NaN or an infinity.
    FloatingPointError
        Where a label would have to be made of NaN.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.LogisticRegression(1)
    >>> model.layers[0].W.data = [[2.0]]
    >>> nn.predict(model, [[-1.0, 3.0]])
    array([[0, 1]])
    """
    if not isinstance(model, Sequential):
        raise TypeError(
            f"{type(model).__name__} is not a Sequential, so its last activation cannot be seen. From its output A, "
            "labels are (A.numpy() > 0.5).astype(int) after a sigmoid, A.numpy().argmax(axis=0, keepdims=True) "
            "after a softmax"
        )
    X = samples(X, parameter_dtype(model))
    with evaluating(model), mg.no_grad():
        Z = model.logits(X)
    values: NDArray[Any] = Z.numpy() if isinstance(Z, Tensor) else Z
    if not isinstance(model.last, Sigmoid | Softmax | LogSoftmax):
        return np.array(values)
    if (nan := np.isnan(values)).any():
        column = np.argwhere(nan)[0][1]
        raise FloatingPointError(f"the model gives NaN for the sample in column {column}, which has no label then")
    return (values > 0).astype(np.int64) if isinstance(model.last, Sigmoid) else values.argmax(axis=0, keepdims=True)


def predict_proba(model: Module, X: ArrayLike | Tensor) -> NDArray[Any]:
    """Give the probabilities of labels.

    Parameters
    ----------
    model : Sequential
        That ends in a sigmoid, a softmax or its logarithm.
    X : array_like, shape (n_x, m)
        A sample a column; converted to the dtype of the parameters.

    Returns
    -------
    ndarray, shape (n_y, m)
        After a sigmoid the probability of 1, in every row; after a softmax that of each class, a class a row. It is
        NaN where the model gives NaN. Yours to write to.

    Raises
    ------
    TypeError
        For a model whose output is not known to be of probabilities.
    ValueError
        For samples of the wrong shape, or with a NaN or an infinity.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.predict_proba(nn.MLP([2, 4], output="softmax", weights="zeros"), [[1.0], [2.0]]).tolist()
    [[0.25], [0.25], [0.25], [0.25]]
    """
    last = model.last if isinstance(model, Sequential) else model
    if not isinstance(last, Sigmoid | Softmax | LogSoftmax):
        raise TypeError(
            f"the output of {type(model).__name__} is not known to be of probabilities: a Sequential that ends in "
            "nn.Sigmoid() or nn.Softmax() is needed. model(X) gives the output of any other"
        )
    X = samples(X, parameter_dtype(model))
    with evaluating(model), mg.no_grad():
        A = model(X)
    values = np.array(A.numpy() if isinstance(A, Tensor) else A)
    return np.exp(values) if isinstance(last, LogSoftmax) else values


def accuracy(prediction: ArrayLike | Tensor, Y: ArrayLike | Tensor) -> float:
    """Fraction of samples that are labelled rightly.

    Parameters
    ----------
    prediction : array_like or Tensor
        Labels as `predict` gives them, of an integer dtype, or probabilities: of 1 in a row ``(1, m)``, of each class
        in columns ``(n_y, m)``.
    Y : array_like
        The true labels: 0 and 1, class indices ``(1, m)``, or one-hot ``(n_y, m)``.

    Returns
    -------
    float
        From 0 to 1. A column of several 0/1 labels is right if all of them are, and one with a NaN is wrong.

    Raises
    ------
    ValueError
        For shapes that do not fit each other.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.accuracy([[0.9, 0.2, 0.6]], [[1, 0, 0]])
    0.6666666666666666
    >>> nn.accuracy([[2, 0, 1]], [[2, 0, 2]])
    0.6666666666666666
    """
    values = matrix(prediction, "prediction")
    n_y, m = values.shape
    if values.dtype.kind != "f":
        true = matrix(Y, "Y")
        if n_y == 1 < true.shape[0]:
            true = class_indices(true, true.shape[0], m)
        elif true.shape != values.shape:
            raise ValueError(f"Y must have the shape of the labels, {values.shape}; got {true.shape}")
        elif (wrong := true != np.floor(true)).any():
            raise ValueError(
                f"Y must hold the true labels, whole numbers; got {true[wrong][0]}. The prediction comes first: "
                "accuracy(prediction, Y)"
            )
        return float((values == true).all(axis=0).mean())
    if n_y == 1:
        return float(np.where(binary_labels(Y, values.shape, values.dtype), values > 0.5, values <= 0.5).mean())
    return float(highest_is(class_indices(Y, n_y, m), values).mean())


def confusion_matrix(
    prediction: ArrayLike | Tensor, Y: ArrayLike | Tensor, *, classes: int | None = None
) -> NDArray[np.int64]:
    """Count the samples of each class by the label that they were given.

    Parameters
    ----------
    prediction : array_like or Tensor
        As for `accuracy`: labels as `predict` gives them, of an integer dtype, or probabilities, of 1 in a row
        ``(1, m)``, of each class in columns ``(n_y, m)``.
    Y : array_like
        The true labels: 0 and 1, class indices ``(1, m)``, or one-hot ``(n_y, m)``.
    classes : int, optional
        How many there are. By default as many as `prediction` or `Y` has rows, where one has several; else up to the
        highest label in either, and at least 2.

    Returns
    -------
    ndarray of int64, shape (classes, classes)
        Row k, column j: how many samples of class k were labelled j. The diagonal counts the right ones.

    Raises
    ------
    ValueError
        For shapes that do not fit each other, labels that name no class, several labels a sample, and probabilities
        of NaN, which no label can be made of.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.confusion_matrix([[0.9, 0.2, 0.6, 0.7]], [[1, 0, 0, 1]])
    array([[1, 1],
           [0, 2]])
    """
    values = matrix(prediction, "prediction")
    true = matrix(Y, "Y")
    labels = values if values.dtype.kind != "f" else labels_of(values)
    if labels.shape[0] != 1:
        raise ValueError(f"a confusion matrix needs one label a sample, so labels (1, m); got shape {labels.shape}")
    if classes is None:
        rows = max(true.shape[0], values.shape[0])
        highest = max(np.max(A, initial=1, where=np.isfinite(A)) for A in (labels, true))
        classes = rows if rows > 1 else int(highest) + 1
    check_count("classes", classes)
    if classes < 2:
        raise ValueError(f"there are at least 2 classes; got classes={classes}")
    m = labels.shape[1]
    at = class_indices(true, classes, m) * classes + class_indices(labels, classes, m, "prediction")
    return np.bincount(at[0], minlength=classes**2).astype(np.int64).reshape(classes, classes)


def labels_of(values: NDArray[Any]) -> NDArray[np.int64]:
    """Label samples by their probabilities."""
    if (nan := np.isnan(values)).any():
        column = np.argwhere(nan)[0][1]
        raise ValueError(f"the prediction is NaN for the sample in column {column}, which has no label then")
    if len(values) == 1 and (wrong := (values < 0) | (values > 1)).any():
        value = values[wrong][0]
        raise ValueError(f"predictions must be labels, of an integer dtype, or probabilities from 0 to 1; got {value}")
    return (values > 0.5).astype(np.int64) if len(values) == 1 else values.argmax(axis=0, keepdims=True)


def highest_is(classes: NDArray[np.intp], values: NDArray[Any]) -> NDArray[np.bool_]:
    """Tell, of each column, whether its highest value is that of its class; in a column with a NaN, none is."""
    right: NDArray[np.bool_] = (values.argmax(axis=0) == classes) & ~np.isnan(values).any(axis=0)
    return right


def parameter_dtype(model: Module) -> np.dtype[Any]:
    """Find the dtype that samples are converted to."""
    parameters = model.parameters()
    return parameters[0].dtype if parameters else np.dtype(np.float64)
