"""Validation samples in whatever form `fit` takes them: a pair of arrays, or batches that are made elsewhere."""

from collections.abc import Iterable, Iterator
from typing import Any

from numpy.typing import NDArray

from micrograd_nd.nn.given_batches import GivenBatches, check_begins_anew
from micrograd_nd.nn.held_out import HeldOut
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.objective import Objective
from micrograd_nd.nn.preparation import Preparation

__all__ = ["HeldOutBatches", "held_out_of"]

Array = NDArray[Any]


class HeldOutBatches(HeldOut):
    """Pairs (X, Y) that cost and metric are computed on, gone through anew each time; each is a piece.

    They are gone through once here, to be checked when nothing has been changed yet.

    Parameters
    ----------
    model : Module
    plan : Objective
    source : iterable of (X, Y)

    Raises
    ------
    TypeError, ValueError
        For what can be gone through only once, and for samples and labels that do not fit the model or each other, or
        are not finite; the message says in which batch.
    """

    def __init__(self, model: Module, plan: Objective, source: Iterable[Any]) -> None:
        check_begins_anew(source)
        self.model = model
        self.batches = GivenBatches(source, Preparation(model, plan), "validation batch")
        for _ in self.batches:
            pass

    in_pieces = True

    def pieces(self) -> Iterator[tuple[Array, Array]]:
        """Take the pairs, prepared."""
        return iter(self.batches)


def held_out_of(model: Module, plan: Objective, validation: Any) -> HeldOut:
    """Make what a model is judged by of what `fit` was given.

    Parameters
    ----------
    model : Module
    plan : Objective
    validation : (X, Y), or iterable of such pairs
        Two things are a pair, unless each of the two is a pair of matrices.

    Raises
    ------
    TypeError, ValueError
        For what is neither, and as `HeldOut` and `HeldOutBatches` raise them.
    """
    listed = isinstance(validation, tuple | list)
    if listed and len(validation) == 2 and not all(map(is_batch, validation)):
        return HeldOut(model, plan, validation[0], validation[1], "_val")
    no_batches = hasattr(validation, "shape") or isinstance(validation, str | bytes | dict)
    of_arrays = listed and len(validation) > 0 and hasattr(validation[0], "shape")
    if no_batches or of_arrays or not hasattr(validation, "__iter__"):
        got = f"{len(validation)} things" if listed else type(validation).__name__
        raise TypeError(f"validation must be a pair (X_val, Y_val), or batches, an iterable of such pairs; got {got}")
    return HeldOutBatches(model, plan, validation)


def is_batch(thing: Any) -> bool:
    """Tell a pair of matrices."""
    shapes = [getattr(part, "shape", ()) for part in thing] if isinstance(thing, tuple | list) else []
    return list(map(len, shapes)) == [2, 2]
