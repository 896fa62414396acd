"""What is minimised and what is reported: the cost and the metric that belong to a model and its labels."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn import costs, data
from micrograd_nd.nn.activations import LogSoftmax, Sigmoid, Softmax, sigmoid
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.predictions import accuracy, highest_is

__all__ = ["Cost", "Metric", "Objective", "check_function", "objective"]

Array = NDArray[Any]
Cost = Callable[[Any, Any], Any]
Metric = Callable[[Array, Array], float]


@dataclass(frozen=True)
class Objective:
    """How `fit` runs a model and judges what comes out.

    Attributes
    ----------
    run : callable
        From samples to what the cost is computed from: the output, or the logits.
    prepare : callable
        ``prepare(Y, shape, dtype, name)`` checks labels and brings them into the form that `cost` takes.
    cost : callable
        From what `run` returned, and prepared labels, to a 0-d Tensor.
    metric : callable or None
        From the values of what `run` returned, and prepared labels, to a number.
    metric_name : str
        What to call it.
    """

    run: Callable[[Any], Any]
    prepare: Callable[[Any, tuple[int, ...], np.dtype[Any], str], Array]
    cost: Cost
    metric: Metric | None
    metric_name: str


def objective(model: Module, cost: Cost | None, metric: Metric | None) -> Objective:
    """Find the cost of a model: from logits where it ends in the activation that belongs to the cost."""
    if cost is None:
        cost = default_cost(model)
    check_function("cost", cost, "nn.mse")
    if metric is not None:
        check_function("metric", metric, "nn.accuracy")
    name = getattr(metric, "__name__", "metric") if metric is not None else "accuracy"
    if isinstance(model, Sequential) and cost is costs.binary_cross_entropy and isinstance(model.last, Sigmoid):
        judge = on_output(sigmoid, metric) if metric else exact_rows
        return Objective(model.logits, data.binary_labels, costs.binary_cost_of_logits, judge, name)
    if isinstance(model, Sequential) and cost is costs.cross_entropy and isinstance(model.last, Softmax | LogSoftmax):
        judge = on_output(model.last, metric) if metric else highest_row
        return Objective(model.logits, class_mask, costs.cost_of_logits, judge, name)
    if cost is costs.binary_cross_entropy:
        return Objective(model, data.binary_labels, cost, metric or accuracy, name)
    if cost is costs.cross_entropy:
        return Objective(model, class_mask, cost, metric or accuracy, name)
    if cost is costs.mse:
        return Objective(model, data.targets, costs.squared_cost, metric, name)
    return Objective(model, any_targets, cost, metric, name)


def check_function(name: str, function: Any, example: str) -> None:
    """Refuse what cannot be called, such as the name of a function."""
    if not callable(function):
        raise TypeError(f"{name} must be a function, such as {example}; got {function!r}")


def default_cost(model: Module) -> Cost:
    """Choose the cost that the last activation is made for."""
    if not isinstance(model, Sequential):
        raise ValueError(
            f"{type(model).__name__} is not a Sequential, so its last activation cannot be seen; say which cost to "
            "minimise: cost=nn.binary_cross_entropy, cost=nn.cross_entropy or cost=nn.mse"
        )
    if isinstance(model.last, Sigmoid):
        return costs.binary_cross_entropy
    return costs.cross_entropy if isinstance(model.last, Softmax | LogSoftmax) else costs.mse


def class_mask(Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Array:
    """Mark the true class in each column."""
    return costs.class_mask(Y, shape, name)


def any_targets(Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Array:
    """Check what a cost of the user's own is given: a matrix of finite numbers, a sample a column."""
    Y = data.matrix(Y, name)
    data.check_shape(Y, name, (Y.shape[0], shape[1]))
    return data.samples(Y, dtype, name)


def exact_rows(Z: Array, Y: Array) -> float:
    """Fraction of columns whose logits have the right sign in every row; that of NaN is wrong."""
    return float(np.where(Y, Z > 0, Z <= 0).all(axis=0).mean())


def highest_row(Z: Array, true: Array) -> float:
    """Fraction of columns whose highest logit is that of the true class."""
    return float(highest_is(true.argmax(axis=0), Z).mean())


def on_output(activation: Callable[[Any], Any], metric: Metric) -> Metric:
    """Make a metric of outputs one of logits."""
    return lambda Z, Y: metric(activation(Z), Y)
