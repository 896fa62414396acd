"""Samples that are too many for memory: they stay where they are, and each batch is taken from there."""

import mmap
from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.data import matrix
from micrograd_nd.nn.preparation import Preparation
from micrograd_nd.nn.sample_weights import Weighted

__all__ = ["LARGE", "BatchesInPlace", "check_in_place", "is_large"]

Array = NDArray[Any]

# Arrays of more bytes than this are not copied.
LARGE = 2**30


def is_large(A: Any) -> bool:
    """Tell an array that is not to be copied: one that lies in a file, or takes more than `LARGE` bytes."""
    if not isinstance(A, np.ndarray):
        return False
    base: Any = A
    while isinstance(base, np.ndarray | memoryview):
        if isinstance(base, np.memmap):
            return True
        base = base.obj if isinstance(base, memoryview) else base.base
    return isinstance(base, mmap.mmap) or A.nbytes > LARGE


def check_in_place(preparation: Preparation, X: Any, Y: Any, suffix: str = "") -> None:
    """Find what is wrong with samples and labels in their shapes and in the first of them, without reading the rest.

    Raises
    ------
    TypeError, ValueError
        For what does not belong to each other or to the model.
    """
    X, Y = matrix(X, f"X{suffix}"), matrix(Y, f"Y{suffix}")
    first = preparation.samples(X[:, :1], f"X{suffix}")
    if Y.shape[1] != X.shape[1]:
        hint = f"; did you mean Y{suffix}.T?" if Y.shape[0] == X.shape[1] else ""
        raise ValueError(
            f"Y{suffix} must have a column for each of the {X.shape[1]} samples; its shape is {Y.shape}{hint}"
        )
    preparation.labels(Y[:, :1], first, f"Y{suffix}")


class BatchesInPlace:
    """Batches with the bits of `Batches`, of samples and labels that are prepared batch by batch.

    Parameters
    ----------
    X : ndarray, shape (n_x, m)
        Not prepared.
    Y : ndarray, shape (n_y, m), or Weighted
        Likewise, where `preparation` says so.
    size : int
    generator : numpy.random.Generator
    preparation : Preparation
    labels_are_prepared : bool
    """

    def __init__(
        self,
        X: Array,
        Y: Array | Weighted,
        size: int,
        generator: np.random.Generator,
        preparation: Preparation,
        labels_are_prepared: bool,
    ) -> None:
        self.m: int = X.shape[1]
        self.size = size
        self.generator = generator
        self.X = np.asarray(X)
        self.Y = Y
        self.preparation = preparation
        self.labels_are_prepared = labels_are_prepared

    @property
    def steps(self) -> int:
        """How many batches an epoch has."""
        return -(-self.m // self.size)

    def in_memory(self) -> dict[str, Array]:
        """Give the weights, by what they are called: all else may lie in a file, and is not prepared."""
        return {"the weights": self.Y.weights} if isinstance(self.Y, Weighted) else {}

    def __iter__(self) -> Iterator[tuple[Array, Array | Weighted]]:
        order = self.generator.permutation(self.m)
        for start in range(0, self.m, self.size):
            yield self.checked_batch(order[start : start + self.size])

    def checked_batch(self, chosen: NDArray[np.intp]) -> tuple[Array, Array | Weighted]:
        """Take some of the samples; where something is wrong with them, say with which by its own number."""
        try:
            return self.batch(chosen)
        except ValueError:
            for i in chosen.tolist():
                self.batch(np.array([i]), f"[:, {i}:{i + 1}]")
            raise

    def batch(self, chosen: NDArray[np.intp], where: str = "") -> tuple[Array, Array | Weighted]:
        """Take some of the samples, laid in memory as `Batches` does."""
        labels, weights = self.Y if isinstance(self.Y, Weighted) else (self.Y, None)
        X = self.preparation.samples(columns(self.X, chosen), f"X{where}")
        Y = columns(labels, chosen)
        if not self.labels_are_prepared:
            Y = self.preparation.labels(Y, X, f"Y{where}")
        X, Y = np.asfortranarray(X), np.ascontiguousarray(Y)
        return X, Y if weights is None else Weighted(Y, columns(weights, chosen))


def columns(A: Array, chosen: NDArray[np.intp]) -> Array:
    """Copy some columns, and nothing else."""
    return np.asarray(A).T[chosen].T
