"""What the classifiers in scikit-learn's convention have in common: classes, their weights, and predictions of a model.

This file knows a fitted model by what `nn.predict` and `nn.predict_proba` do with it, and nothing of how it was fitted.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sklearn.base import ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from micrograd_nd.nn import predictions
from micrograd_nd.nn.data import one_hot
from micrograd_nd.nn.sample_weights import check_weights
from micrograd_nd.nn.sklearn_data import checked

__all__ = ["ClassifierOfModel", "class_rows", "classes_of", "indices_of", "weighted_by_class"]

Array = NDArray[Any]


class ClassifierOfModel(ClassifierMixin):  # type: ignore[misc] # scikit-learn ships no types
    """Predictions of ``model_``, a `Sequential` that ends in a sigmoid or a softmax, in the labels of ``classes_``."""

    classes_: Array

    def predict(self, X: Any) -> Array:
        """Label samples.

        Parameters
        ----------
        X : array_like, shape (m, n_features)

        Returns
        -------
        ndarray, shape (m,)
            Of the most probable class, as in ``classes_``.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError
            For samples with other features than `fit` was given, or with a NaN or an infinity.
        """
        samples = self._columns(X)
        labels: Array = self.classes_[predictions.predict(self.model_, samples)[0]]
        return labels

    def predict_proba(self, X: Any) -> Array:
        """Give the probability of each class.

        Parameters
        ----------
        X : array_like, shape (m, n_features)

        Returns
        -------
        ndarray, shape (m, n_classes)
            In the order of ``classes_``, in the dtype that was trained in.

        Raises
        ------
        sklearn.exceptions.NotFittedError, ValueError
            As `predict`.
        """
        samples = self._columns(X)
        A = predictions.predict_proba(self.model_, samples)
        return np.vstack([1 - A, A]).T if len(A) == 1 else A.T

    def predict_log_proba(self, X: Any) -> Array:
        """Give the logarithm of the probability of each class.

        Parameters
        ----------
        X : array_like, shape (m, n_features)

        Returns
        -------
        ndarray, shape (m, n_classes)
            Of `predict_proba`; minus infinity where that is zero.

        Raises
        ------
        sklearn.exceptions.NotFittedError, ValueError
            As `predict`.
        """
        with np.errstate(divide="ignore"):
            logarithms: Array = np.log(self.predict_proba(X))
        return logarithms

    def _columns(self, X: Any) -> Array:
        """Check samples, and lay each into a column."""
        check_is_fitted(self, "model_")
        samples: Array = checked(self, X, reset=False).T
        return samples


def classes_of(y: Array) -> Array:
    """List the classes that occur, sorted.

    Raises
    ------
    ValueError
        For numbers that name no classes, and where there is but one class.
    """
    check_classification_targets(y)
    classes: Array = np.unique(y)
    if len(classes) < 2:
        raise ValueError(f"a classifier needs samples of at least 2 classes; y holds only one class, {classes[0]!r}")
    return classes


def indices_of(y: Array, classes: Array) -> NDArray[np.intp]:
    """Find each label among the classes.

    Raises
    ------
    ValueError
        For one that is not there.
    """
    indices: NDArray[np.intp] = np.searchsorted(classes, y).clip(max=len(classes) - 1)
    if (unknown := classes[indices] != y).any():
        raise ValueError(f"y holds {y[unknown][0]!r}, and the classes are {', '.join(map(repr, classes.tolist()))}")
    return indices


def class_rows(indices: NDArray[np.intp], n: int, dtype: Any) -> Array:
    """Write classes as a row of zeros and ones where there are two, and else as columns with a single 1."""
    row = indices.reshape(1, -1)
    return (row if n == 2 else one_hot(row, n)).astype(dtype)


def weighted_by_class(
    class_weight: Any, classes: Array, indices: NDArray[np.intp], sample_weight: Array | None
) -> Array | None:
    """Multiply the weights of samples by those of their classes.

    Parameters
    ----------
    class_weight : mapping, "balanced" or None
        By the label of the class; a class that is not named weighs 1. "balanced" lets the samples of each class weigh
        the same together.
    classes : ndarray, shape (n,)
    indices : ndarray of int, shape (m,)
        The class of each sample.
    sample_weight : ndarray of float64, shape (m,), or None

    Returns
    -------
    ndarray of float64, shape (m,), or None
        None where nothing is weighted.

    Raises
    ------
    TypeError, ValueError
        For another `class_weight`, and one that leaves every sample a weight of zero.
    """
    if class_weight is None:
        return sample_weight
    weights = np.ones(len(indices)) if sample_weight is None else sample_weight
    if isinstance(class_weight, str) and class_weight == "balanced":
        totals = np.bincount(indices, weights, minlength=len(classes))
        occurring = totals > 0
        of_class = np.where(occurring, totals.sum() / (occurring.sum() * np.where(occurring, totals, 1)), 0)
    else:
        of_class = listed(class_weight, classes.tolist())
    weighted = weights * of_class[indices]
    if not weighted.any():
        raise ValueError(f"with class_weight={class_weight!r} every sample weighs zero: there is nothing to learn from")
    return weighted


def listed(class_weight: Any, classes: list[Any]) -> Array:
    """Read the weights of classes, in their order."""
    if not isinstance(class_weight, Mapping):
        raise TypeError(f'class_weight must be a dict from labels to weights, "balanced" or None; got {class_weight!r}')
    if unknown := [label for label in class_weight if label not in classes]:
        names = ", ".join(map(repr, classes))
        raise ValueError(f"class_weight has a weight for {unknown[0]!r}, and the classes are {names}")
    weights = np.array([class_weight.get(label, 1.0) for label in classes], dtype=np.float64)
    check_weights(weights, "class_weight", "class")
    return weights
