"""Filling: a last, smaller batch is brought to the size of the others, so that one program makes all steps.

Its last sample is repeated, and the copies share its weight, so that the cost is the mean over the samples that it has.
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.activations import ACTIVATIONS
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.batches import Batches, BatchSource
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dense import Dense
from micrograd_nd.nn.models import MLP, LogisticRegression
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.objective import Objective
from micrograd_nd.nn.out_of_core import BatchesInPlace
from micrograd_nd.nn.residual import Residual
from micrograd_nd.nn.sample_weights import Weighted

__all__ = ["Filling", "filling"]

Array = NDArray[Any]

# Modules that compute a column of their output from the same column of their input, and draw nothing at random.
COLUMN_BY_COLUMN = frozenset({Sequential, MLP, LogisticRegression, Dense, Residual, Linear, *ACTIVATIONS.values()})

# An epoch may grow by one part in so many; beyond that a second program is the better choice.
WORTH_FILLING = 8


class Filling:
    """Brings batches to one size.

    Parameters
    ----------
    size : int
        Number of samples that all batches are to have.
    dtype : dtype
        Of the samples.
    """

    def __init__(self, size: int, dtype: np.dtype[Any]) -> None:
        self.size = size
        self.numbers = np.arange(size)
        self.even: Array = np.ones((1, size), dtype)

    def filled(self, X: Array, Y: Array | Weighted) -> tuple[Array, Weighted]:
        """Repeat the last sample; what is NaN or infinite then would be without that."""
        labels, weights = Y if isinstance(Y, Weighted) else (Y, None)
        m = X.shape[1]
        if m == self.size:
            return X, Weighted(labels, self.even if weights is None else weights)
        chosen = np.minimum(self.numbers, m - 1)
        share = self.size / m
        row = np.where(self.numbers < m - 1, share, share / (self.size - m + 1)).astype(self.even.dtype)[None]
        if weights is not None:
            row *= weights[:, chosen]
        return X.T[chosen].T, Weighted(np.ascontiguousarray(labels.T[chosen].T), row)


def filling(model: Module, plan: Objective, batches: BatchSource) -> Filling | None:
    """Find out whether batches can be filled, and whether that pays; None where not."""
    if not isinstance(batches, Batches | BatchesInPlace) or batches.size is None:
        return None
    last = batches.m % batches.size
    if not last or batches.m < batches.size or WORTH_FILLING * (batches.size - last) > batches.m:
        return None
    if not plan.means or not all(type(module) in COLUMN_BY_COLUMN for module in model.modules()):
        return None
    dtype = batches.X.dtype if isinstance(batches, Batches) else batches.preparation.dtype
    return Filling(batches.size, dtype)
