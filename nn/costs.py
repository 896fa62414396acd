"""What all costs have in common: predictions that are checked, and the losses of samples brought to one number."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from micrograd_nd import Tensor
from micrograd_nd.nn.data import is_traced, refuse_masked

__all__ = ["REDUCTIONS", "Terms", "as_prediction", "averaged", "check_probabilities", "check_reduction", "reduced"]

REDUCTIONS = ("mean", "sum", "none")


@dataclass(frozen=True, slots=True)
class Terms:
    """What a cost is summed from.

    Attributes
    ----------
    values : Tensor or array, shape (n, m)
        Those of a column sum to the loss of its sample, times `per`.
    per : int
        So that a factor can be taken out of all sums, such as the minus before a logarithm.
    """

    values: Any
    per: int = 1


def reduced(terms: Terms, reduction: str, weights: Any = None) -> Any:
    """Bring losses to one number, or to a row of them.

    Parameters
    ----------
    terms : Terms
        Of m samples.
    reduction : {"mean", "sum", "none"}
        Checked, by `check_reduction`.
    weights : Tensor or array, shape (1, m), optional
        What each loss is multiplied by; "mean" is then the weighted one, over the sum of the weights.

    Returns
    -------
    Tensor, array or number
        0-d; for "none" of shape (1, m).

    Raises
    ------
    ValueError
        For weights of which no mean can be taken.
    """
    if reduction == "mean" and weights is None:
        return averaged(terms)
    if reduction == "mean":
        weights = weights / total_of(weights)
    weighted = terms.values if weights is None else weights * terms.values
    return over(np.sum(weighted, axis=0, keepdims=True) if reduction == "none" else np.sum(weighted), terms.per)


def averaged(terms: Terms, weights: Any = None) -> Any:
    """Take the mean over the samples: over m, not over the sum of the weights."""
    m = terms.values.shape[1]
    return np.sum(terms.values if weights is None else weights * terms.values) / (terms.per * m)


def over(values: Any, per: int) -> Any:
    """Divide, where there is something to divide by."""
    return values if per == 1 else values / per


def total_of(weights: Any) -> Any:
    """Sum the weights, which must give something to divide by."""
    with np.errstate(over="ignore"):
        total = np.sum(weights)
    if not is_traced(total) and not 0 < total < np.inf:
        raise ValueError(
            f"the weights of the samples sum to {total}, so there is no weighted mean: some must be positive, and "
            f"their sum finite in {total.dtype}"
        )
    return total


def check_reduction(reduction: Any) -> None:
    """Refuse what says not how to bring losses to one number."""
    if reduction not in REDUCTIONS:
        raise ValueError(f'reduction must be "mean", "sum" or "none"; got {reduction!r}')


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
