"""Batches that are made elsewhere: anything that gives pairs (X, Y), anew for every epoch."""

from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.preparation import Preparation

__all__ = ["GivenBatches", "check_batches", "check_begins_anew", "count_samples"]

Array = NDArray[Any]


class GivenBatches:
    """Each iteration is an epoch: the pairs that the source gives, checked and brought into the form that steps take.

    Parameters
    ----------
    source : iterable of (X, Y)
    preparation : Preparation
    noun : str
        What messages call one of the pairs.

    Attributes
    ----------
    m : int
        How many samples the last epoch had.
    """

    def __init__(self, source: Iterable[Any], preparation: Preparation, noun: str = "batch") -> None:
        self.source = source
        self.preparation = preparation
        self.noun = noun
        self.m = 0
        self.epochs = 0

    @property
    def steps(self) -> int | None:
        """How many batches there are, where the source knows."""
        length = getattr(self.source, "__len__", None)
        return None if length is None else int(length())

    def __iter__(self) -> Iterator[tuple[Array, Array]]:
        m = 0
        for number, given in enumerate(self.source, 1):
            X, Y = self.prepared(number, given)
            m += X.shape[1]
            yield X, Y
        if not m:
            raise ValueError(none_left(self.source, self.epochs, self.noun))
        self.m, self.epochs = m, self.epochs + 1

    def prepared(self, number: int, given: Any) -> tuple[Array, Array]:
        """Check a batch; errors say which it is."""
        X, Y = pair(number, given, self.noun)
        try:
            X = self.preparation.samples(X, "X")
            Y = self.preparation.labels(Y, X, "Y")
        except (TypeError, ValueError) as error:
            raise type(error)(f"{self.noun} {number}: {error}") from error
        return np.asfortranarray(X), np.ascontiguousarray(Y)


def check_batches(source: Any) -> None:
    """Refuse what gives no batches, or gives them only once.

    Raises
    ------
    TypeError
    """
    if not hasattr(source, "__iter__") or hasattr(source, "shape") or isinstance(source, str | bytes | dict):
        raise TypeError(
            f"fit takes samples and labels, fit(model, X, Y), or batches, an iterable of pairs (X, Y); got "
            f"{type(source).__name__} without labels"
        )
    check_begins_anew(source)


def check_begins_anew(source: Any) -> None:
    """Refuse what can be gone through only once.

    Raises
    ------
    TypeError
    """
    if isinstance(source, Iterator):
        raise TypeError(
            f"the batches are gone through once an epoch, and a {type(source).__name__} can be gone through only once: "
            "give a list, or an object whose __iter__ begins anew"
        )


def count_samples(source: Iterable[Any]) -> int:
    """Go through an epoch to count its samples."""
    shapes = [np.shape(pair(number, given)[0]) for number, given in enumerate(source, 1)]
    return max(1, sum(int(shape[1]) for shape in shapes if len(shape) == 2))


def pair(number: int, given: Any, noun: str = "batch") -> tuple[Any, Any]:
    """Refuse a batch that is no pair."""
    if not isinstance(given, tuple | list) or len(given) != 2:
        what = f"{len(given)} things" if isinstance(given, tuple | list) else type(given).__name__
        raise TypeError(f"{noun} {number} must be a pair (X, Y); got {what}")
    return given[0], given[1]


def none_left(source: Any, epochs: int, noun: str) -> str:
    """Say that an epoch had no batches."""
    name = type(source).__name__
    if not epochs:
        return f"there is no {noun} in the {name} that was given"
    return f"the {name} gave no {noun} in epoch {epochs + 1}: it must begin anew each time that it is gone through"
