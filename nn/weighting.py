"""Weights of training samples: those of samples and classes made one row, that goes along with the labels."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn import data
from micrograd_nd.nn.costs import total_of
from micrograd_nd.nn.objective import Objective, class_mask, takes
from micrograd_nd.nn.sample_weights import (
    ClassWeight,
    SampleWeight,
    Weighted,
    class_row,
    product,
    sample_row,
    two_classes,
)

__all__ = ["weighted_labels"]

Array = NDArray[Any]


def weighted_labels(
    plan: Objective,
    Y: Array,
    dtype: np.dtype[Any],
    sample_weight: SampleWeight | None,
    class_weight: ClassWeight | None,
) -> Array | Weighted:
    """Join all weights to the labels, scaled to a mean of 1, so that any batch may divide by its number of samples.

    Parameters
    ----------
    plan : Objective
        Which says whether labels are classes, and whether its cost takes weights.
    Y : ndarray, shape (n_y, m)
        Prepared labels.
    dtype : dtype
        Of the samples.
    sample_weight, class_weight
        As `fit` takes them.

    Returns
    -------
    ndarray or Weighted
        Just `Y` where nothing is weighted.

    Raises
    ------
    TypeError, ValueError
        For weights that make no sense, or that the cost does not take.
    """
    if sample_weight is None and class_weight is None:
        return Y
    if not takes(plan.cost, "sample_weight"):
        name = getattr(plan.cost, "__name__", repr(plan.cost))
        raise TypeError(
            f"{name} cannot be weighted: let it take a row sample_weight of shape (1, m), which is 1 on the average, "
            "and return sum(sample_weight * losses) / m"
        )
    weights = sample_row(sample_weight, Y.shape[1], dtype)
    if class_weight is not None:
        weights = product(weights, class_row(class_weight, classes(plan, Y), dtype))
    return Weighted(Y, weights * (weights.size / total_of(weights)))


def classes(plan: Objective, Y: Array) -> Array:
    """Mark the class of each sample in its column."""
    if plan.prepare is class_mask:
        return Y
    if plan.prepare is not data.binary_labels:
        raise ValueError(
            "class_weight needs a cost of classes, nn.binary_cross_entropy, nn.cross_entropy or nn.hinge; with another "
            "cost give each sample its weight: sample_weight"
        )
    return two_classes(Y)  # type: ignore[no-any-return]
