"""Samples and labels of a run: checked once, and brought into the form that steps take."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.data import samples
from micrograd_nd.nn.module import Module, evaluating
from micrograd_nd.nn.objective import Objective
from micrograd_nd.nn.predictions import parameter_dtype

__all__ = ["Preparation", "prepared"]

Array = NDArray[Any]


class Preparation:
    """Checks samples and labels against a model and its cost.

    Parameters
    ----------
    model : Module
    plan : Objective

    Attributes
    ----------
    n_y : int or None
        How many rows the model gives; None before it was first run.
    """

    def __init__(self, model: Module, plan: Objective) -> None:
        self.model = model
        self.plan = plan
        self.dtype = parameter_dtype(model)
        self.first = first_layer(model)
        self.n_y: int | None = None

    def samples(self, X: Any, name: str) -> Array:
        """Bring samples to the dtype of the parameters.

        Raises
        ------
        TypeError, ValueError
            For what are no samples of this model.
        """
        values = samples(X, self.dtype, name)
        if isinstance(self.first, Linear) and values.shape[0] != self.first.W.shape[1]:
            raise ValueError(self.first.mismatch(values.shape))
        return values

    def labels(self, Y: Any, X: Array, name: str) -> Array:
        """Bring the labels of prepared samples into the form that the cost takes.

        Raises
        ------
        TypeError, ValueError
            For labels that do not belong to what the model gives, or a model that does not give columns.
        """
        if self.n_y is None:
            self.n_y = self.rows(X[:, :1])
        return self.plan.prepare(Y, (self.n_y, X.shape[1]), X.dtype, name)

    def rows(self, X: Array) -> int:
        """Find how many rows the model gives for one sample."""
        with evaluating(self.model), mg.no_grad():
            out = self.plan.run(X)
        shape = np.shape(out.numpy() if isinstance(out, Tensor) else out)
        if len(shape) != 2 or shape[1] != 1:
            raise ValueError(f"the model must return (n_y, m) for samples (n_x, m); for m = 1 it returned {shape}")
        return int(shape[0])


def prepared(model: Module, plan: Objective, X: Any, Y: Any, suffix: str) -> tuple[Array, Array]:
    """Prepare samples and labels that are held in memory."""
    preparation = Preparation(model, plan)
    X = preparation.samples(X, f"X{suffix}")
    return X, preparation.labels(Y, X, f"Y{suffix}")


def first_layer(model: Module) -> Module | None:
    """Find what samples meet first."""
    while isinstance(model, Sequential):
        if not model.layers:
            return None
        model = model.layers[0]
    return model
