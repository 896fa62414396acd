"""HeldOut: samples that a model is judged by and not trained on, some at a time, so that memory stays bounded."""

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

import micrograd_nd as mg
from micrograd_nd.nn.data import matrix
from micrograd_nd.nn.descent import judged_by_metric
from micrograd_nd.nn.history import Judged
from micrograd_nd.nn.module import Module, evaluating
from micrograd_nd.nn.objective import Objective
from micrograd_nd.nn.out_of_core import check_in_place, is_large
from micrograd_nd.nn.preparation import Preparation, prepared

__all__ = ["PIECE", "HeldOut"]

Array = NDArray[Any]

# The widest layer gives about so many bytes at a time.
PIECE = 2**25


class HeldOut:
    """Samples and labels, checked once, that cost and metric are computed on.

    They are run through the model in pieces. Costs and metrics that are means over the samples are those of the pieces,
    each counted by its number of samples; of others, outputs are put together first. Samples in a file, or of more
    than 1 GiB, stay where they are.

    Parameters
    ----------
    model : Module
    X : array_like, shape (n_x, m)
    Y : array_like, shape (n_y, m) or (1, m)
    plan : Objective
        Which says what the labels have to be.
    suffix : str
        What messages add to the names X and Y.

    Raises
    ------
    TypeError, ValueError
        For samples and labels that do not fit the model or each other, or are not finite.
    """

    def __init__(self, model: Module, plan: Objective, X: Any, Y: Any, suffix: str) -> None:
        self.model = model
        self.suffix = suffix
        self.preparation: Preparation | None = None
        if is_large(X) or is_large(Y):
            self.preparation = Preparation(model, plan)
            X, Y = matrix(X, f"X{suffix}"), matrix(Y, f"Y{suffix}")
            check_in_place(self.preparation, X, Y, suffix)
            self.X, self.Y = np.asarray(X), np.asarray(Y)
        else:
            self.X, self.Y = prepared(model, plan, X, Y, suffix)
        self.size = samples_at_once(model, self.X)
        if self.preparation is not None:
            for _ in self.pieces():  # now, when nothing has been changed yet
                pass

    def judged(self, plan: Objective) -> Judged:
        """Compute cost and metric.

        Parameters
        ----------
        plan : Objective
            As when this was made, also with a penalty.

        Returns
        -------
        cost : float
        metric : float or None
        """
        # An output that is not finite shows in the cost, as in training.
        with evaluating(self.model), mg.no_grad(), np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            if plan.means and self.in_pieces:
                return self.mean(plan)
            runs = [(plan.run(X), Y) for X, Y in self.pieces()]
            out, Y = runs[0] if len(runs) == 1 else (np.concatenate(parts, axis=1) for parts in zip(*runs, strict=True))
            return float(plan.total(out, Y)), judged_by_metric(plan, out, Y)

    @property
    def in_pieces(self) -> bool:
        """Whether there are, or may be, several pieces."""
        return bool(self.X.shape[1] > self.size)

    def mean(self, plan: Objective) -> Judged:
        """Take the means of the pieces together."""
        m, cost, metric = 0, 0.0, 0.0
        for X, Y in self.pieces():
            out = plan.run(X)
            m += X.shape[1]
            cost += X.shape[1] * float(plan.judge(out, Y))
            metric += X.shape[1] * (judged_by_metric(plan, out, Y) or 0.0)
        penalty = 0.0 if plan.penalty is None else float(plan.penalty())
        return cost / m + penalty, None if plan.metric is None else metric / m

    def pieces(self) -> Iterator[tuple[Array, Array]]:
        """Take samples and labels piece by piece, and prepare those that are not yet."""
        for start in range(0, self.X.shape[1], self.size):
            stop = start + self.size
            X, Y = self.X[:, start:stop], self.Y[:, start:stop]
            if self.preparation is not None:
                where = f"{self.suffix}[:, {start}:{start + X.shape[1]}]"
                X = self.preparation.samples(X, f"X{where}")
                Y = self.preparation.labels(Y, X, f"Y{where}")
            yield X, Y


def samples_at_once(model: Module, X: Array) -> int:
    """Choose how many samples a piece has, by the number of units of the widest layer."""
    parameters = model.parameters()
    widest = max([len(X), *(len(p) for p in parameters if p.ndim)])
    return int(max(1, PIECE // (widest * max([1, *(p.dtype.itemsize for p in parameters)]))))
