"""How much each sample counts in a cost: weights given sample by sample, or class by class."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn.data import is_traced, refuse_masked, refuse_recorded

__all__ = ["ClassWeight", "SampleWeight", "Weighted", "class_row", "product", "sample_row", "two_classes"]

Array = NDArray[Any]
SampleWeight = ArrayLike | Tensor
ClassWeight = Mapping[int, float] | ArrayLike | str


class Weighted(NamedTuple):
    """Labels, and how much each of their samples counts.

    Attributes
    ----------
    labels : ndarray, shape (n_y, m)
    weights : ndarray, shape (1, m)
    """

    labels: Array
    weights: Array


def sample_row(sample_weight: SampleWeight | None, m: int, dtype: np.dtype[Any]) -> Any:
    """Check weights, and bring them to a row of a dtype.

    Parameters
    ----------
    sample_weight : array_like, shape (m,) or (1, m), or None
    m : int
        How many samples there are.
    dtype : dtype
        Of the predictions.

    Returns
    -------
    ndarray of shape (1, m), or None
        While a function is compiled a Tensor stays one.

    Raises
    ------
    TypeError
        For what are no real numbers, and for the recorded result of an operation: weights are constants.
    ValueError
        For other shapes, and weights that are negative or not finite.
    """
    if sample_weight is None:
        return None
    refuse_recorded(sample_weight, "sample_weight", "weights")
    weights = real_numbers(sample_weight, "sample_weight")
    if weights.shape not in ((m,), (1, m)):
        raise ValueError(f"sample_weight must be of shape ({m},) or (1, {m}), a weight a sample; got {weights.shape}")
    row = weights.reshape(1, m)
    if is_traced(row):
        return row.astype(dtype)
    check_weights(row[0], "sample_weight", "column")
    return finite_in(row, "sample_weight", dtype)


def class_row(class_weight: ClassWeight, true: Any, dtype: np.dtype[Any]) -> Any:
    """Give each sample the weight of its class.

    Parameters
    ----------
    class_weight : mapping, array_like or "balanced"
        By the index of the class; classes that a mapping does not name weigh 1. "balanced" gives a class that m_k of
        the m samples belong to the weight ``m / (K * m_k)``, K the number of classes that occur, as scikit-learn does.
    true : array of bool, shape (n, m)
        Marks the class of each sample.
    dtype : dtype
        Of the predictions.

    Returns
    -------
    ndarray, shape (1, m)
        While a function is compiled of labels that it is given, a Tensor.

    Raises
    ------
    TypeError, ValueError
        For weights of other classes, or that are negative or not finite.
    """
    of_class = balanced(true) if isinstance(class_weight, str) and class_weight == "balanced" else None
    if of_class is None:
        of_class = listed(class_weight, true.shape[0], dtype)
    return np.sum(np.where(true, of_class.astype(dtype), 0), axis=0, keepdims=True)


def balanced(true: Any) -> Any:
    """Weigh classes so that each counts as much as any other."""
    counts = np.sum(true, axis=1, keepdims=True)
    return true.shape[1] / (np.sum(counts > 0) * np.maximum(counts, 1))


def listed(class_weight: Any, n: int, dtype: np.dtype[Any]) -> Array:
    """Read the weights of n classes, as a column."""
    if isinstance(class_weight, str):
        raise ValueError(f'class_weight must be a dict, an array, or "balanced"; got {class_weight!r}')
    if isinstance(class_weight, Mapping):
        unknown = [key for key in class_weight if not is_class(key, n)]
        if unknown:
            raise ValueError(f"class_weight has a weight for {unknown[0]!r}, and the classes are 0 to {n - 1}")
        class_weight = [class_weight.get(k, 1.0) for k in range(n)]
    weights = real_numbers(class_weight, "class_weight")
    if weights.shape != (n,):
        raise ValueError(f"class_weight must be of shape ({n},), a weight a class; got {weights.shape}")
    if is_traced(weights):
        return weights.reshape(n, 1)  # type: ignore[no-any-return]
    check_weights(weights, "class_weight", "class")
    return finite_in(weights.reshape(n, 1), "class_weight", dtype)


def two_classes(Y: Any) -> Any:
    """Mark the class, 0 or 1, of each sample in a row of labels."""
    if Y.shape[0] != 1:
        raise ValueError(f"class_weight needs one label a sample, so Y of shape (1, m); got {Y.shape}")
    return np.concatenate([Y == 0, Y == 1])


def product(*rows: Any) -> Any:
    """Multiply the weights that there are; None where there are none."""
    first, *more = [row for row in rows if row is not None] or [None]
    for row in more:
        first = first * row
    return first


def real_numbers(weights: Any, name: str) -> Any:
    """Take an array of real numbers; while a function is compiled a Tensor stays one."""
    refuse_masked(weights, name)
    values: Any = weights
    if not is_traced(weights):
        values = weights.numpy() if isinstance(weights, Tensor) else np.asarray(weights)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers; got dtype {values.dtype}")
    return values


def is_class(key: Any, n: int) -> bool:
    """Tell the index of one of n classes."""
    return isinstance(key, int | np.integer) and not isinstance(key, bool) and bool(0 <= key < n)


def check_weights(weights: Array, name: str, place: str) -> None:
    """Refuse weights that are negative or not finite."""
    wrong = ~((weights >= 0) & (weights < np.inf))
    if wrong.any():
        i = int(np.argmax(wrong))
        raise ValueError(f"{name} must hold finite numbers that are not negative; got {weights[i]} for {place} {i}")


def finite_in(weights: Array, name: str, dtype: np.dtype[Any]) -> Array:
    """Bring weights to a dtype that can represent them."""
    with np.errstate(over="ignore"):
        converted = weights.astype(dtype, copy=False)
    if not np.isfinite(converted).all():
        raise ValueError(f"{name} holds {weights.max()}, which is too large for {dtype}")
    return converted
