"""What the batches of a run come from: samples in memory, samples in a file, or batches that are made elsewhere."""

from typing import Any

import numpy as np

from micrograd_nd.nn.batches import Batches, BatchSource
from micrograd_nd.nn.data import matrix
from micrograd_nd.nn.given_batches import GivenBatches, check_batches, count_samples
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.objective import Objective
from micrograd_nd.nn.out_of_core import BatchesInPlace, check_in_place, is_large
from micrograd_nd.nn.preparation import Preparation, prepared
from micrograd_nd.nn.sample_weights import ClassWeight, SampleWeight
from micrograd_nd.nn.settings import check_count
from micrograd_nd.nn.weighting import weighted_labels

__all__ = ["batches_of", "number_of_samples"]


def batches_of(
    model: Module,
    plan: Objective,
    X: Any,
    Y: Any,
    *,
    size: int | None,
    generator: np.random.Generator,
    sample_weight: SampleWeight | None,
    class_weight: ClassWeight | None,
) -> BatchSource:
    """Make the batches of what `fit` was given.

    Raises
    ------
    TypeError, ValueError
        For samples and labels that do not fit the model or each other, and for settings that make no sense.
    """
    if Y is None:
        return given(model, plan, X, size, sample_weight, class_weight)
    if size is not None:
        check_count("batch_size", size)
    if size is None or not (is_large(X) or is_large(Y)):
        X, Y = prepared(model, plan, X, Y, "")
        return Batches(X, weighted_labels(plan, Y, X.dtype, sample_weight, class_weight), size, generator)
    preparation = Preparation(model, plan)
    X = matrix(X, "X")
    check_in_place(preparation, X, Y)
    whole = class_weight is not None  # which looks at all labels
    Y = preparation.labels(Y, X, "Y") if whole else matrix(Y, "Y")
    labels = weighted_labels(plan, Y, preparation.dtype, sample_weight, class_weight)
    return BatchesInPlace(X, labels, size, generator, preparation, whole)


def number_of_samples(batches: BatchSource) -> int:
    """Find out before the first epoch how many samples it has; batches that are made elsewhere are gone through."""
    return count_samples(batches.source) if isinstance(batches, GivenBatches) else batches.m


def given(
    model: Module,
    plan: Objective,
    source: Any,
    size: int | None,
    sample_weight: SampleWeight | None,
    class_weight: ClassWeight | None,
) -> GivenBatches:
    """Take batches that are made elsewhere."""
    check_batches(source)
    if size is not None:
        raise ValueError("the batches that are given have their sizes already: leave batch_size out")
    if sample_weight is not None or class_weight is not None:
        raise ValueError("weights belong to samples, and are not known of batches that are given: use fit(model, X, Y)")
    return GivenBatches(source, Preparation(model, plan))
