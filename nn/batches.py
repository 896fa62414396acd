"""Batches: samples in a new order every epoch."""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.sample_weights import Weighted
from micrograd_nd.nn.settings import check_count

__all__ = ["BatchSource", "Batches"]

Array = NDArray[Any]


class BatchSource(Protocol):
    """What batches come from: each iteration is an epoch."""

    @property
    def m(self) -> int:
        """How many samples the epoch has; known at its end."""

    @property
    def steps(self) -> int | None:
        """How many batches an epoch has, where that is known."""

    def __iter__(self) -> Iterator[tuple[Array, Array | Weighted]]: ...


class Batches:
    """Each iteration is an epoch: pairs of columns of X and Y that together hold every sample once.

    Parameters
    ----------
    X : ndarray, shape (n_x, m)
    Y : ndarray, shape (n_y, m), or Weighted
        Weights go along with their samples.
    size : int or None
        Samples a batch; None for a single batch of all, in the order given. The last batch may be smaller.
    generator : numpy.random.Generator
        What each epoch's order is drawn from.

    Raises
    ------
    TypeError, ValueError
        For a size that is not a positive int.
    """

    def __init__(self, X: Array, Y: Array | Weighted, size: int | None, generator: np.random.Generator) -> None:
        if size is not None:
            check_count("batch_size", size)
        self.m = X.shape[1]
        self.size = size
        self.generator = generator
        # Rows that lie together in memory are gathered much faster than columns.
        self.X, self.Y = (X, Y) if size is None else (np.ascontiguousarray(X.T), by_samples(Y, transposed))

    def __len__(self) -> int:
        return 1 if self.size is None else -(-self.m // self.size)

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return len(self)

    def in_memory(self) -> dict[str, Array]:
        """Give the samples, labels and weights, by what they are called."""
        if isinstance(self.Y, Weighted):
            return {"X": self.X, "Y": self.Y.labels, "the weights": self.Y.weights}
        return {"X": self.X, "Y": self.Y}

    def __iter__(self) -> Iterator[tuple[Array, Array | Weighted]]:
        if self.size is None:
            yield self.X, self.Y
            return
        order = self.generator.permutation(self.m)
        for start in range(0, self.m, self.size):
            chosen = order[start : start + self.size]
            yield columns(chosen, self.X), by_samples(self.Y, partial(rows, chosen))


def by_samples(Y: Array | Weighted, change: Callable[[Array], Array]) -> Array | Weighted:
    """Change labels, and their weights along with them."""
    return Weighted(change(Y.labels), change(Y.weights)) if isinstance(Y, Weighted) else change(Y)


def transposed(A: Array) -> Array:
    """Lay a sample into a row."""
    return np.ascontiguousarray(A.T)


def columns(chosen: Array, samples: Array) -> Array:
    """Take some samples, a row each, as columns that each lie together in memory: what a matrix product reads."""
    return samples.take(chosen, axis=0).T


def rows(chosen: Array, samples: Array) -> Array:
    """Take some samples as columns of rows that each lie together: what lies so too is computed with them."""
    return np.ascontiguousarray(samples.take(chosen, axis=0).T)
