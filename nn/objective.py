"""What is minimised and what is reported: the cost and the metric that belong to a model and its labels."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from inspect import signature
from numbers import Real
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn import cross_entropies, data
from micrograd_nd.nn.activations import (
    ELU,
    GELU,
    Identity,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
    sigmoid,
)
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.costs import Terms, averaged, check_probabilities
from micrograd_nd.nn.cross_entropies import (
    binary_cross_entropy,
    binary_terms_of_logits,
    class_terms_of_logits,
    cross_entropy,
)
from micrograd_nd.nn.hinge_cost import hinge, hinge_terms
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.predictions import accuracy, highest_is
from micrograd_nd.nn.regression_costs import (
    absolute_terms,
    half_mse,
    half_squared_terms,
    huber,
    huber_terms,
    mae,
    mse,
    squared_terms,
)
from micrograd_nd.nn.sample_weights import Weighted

__all__ = ["Cost", "Metric", "Objective", "check_function", "class_mask", "default_cost", "objective", "takes"]

Array = NDArray[Any]
Cost = Callable[..., Any]
Metric = Callable[[Array, Array], float]

# What costs are summed from, of labels that have been checked.
OF_SCORES: list[tuple[Cost, Callable[[Any, Any], Terms]]] = [
    (binary_cross_entropy, binary_terms_of_logits),
    (hinge, hinge_terms),
]
REGRESSION: list[tuple[Cost, Callable[[Any, Any], Terms]]] = [
    (mse, squared_terms),
    (half_mse, half_squared_terms),
    (mae, absolute_terms),
    (huber, huber_terms),
]


# What gives no probabilities at the end of a network.
NO_PROBABILITIES = (Linear, Identity, Tanh, ReLU, LeakyReLU, ELU, GELU, SiLU, Softplus)


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
        From what `run` returned, and prepared labels, to a 0-d Tensor. Some take a row of weights, ``sample_weight``.
    metric : callable or None
        From the values of what `run` returned, and prepared labels, to a number.
    metric_name : str
        What to call it.
    penalty : callable or None
        Makes a 0-d Tensor of the parameters, to be added to the cost.
    means : bool
        Whether cost and metric are known to be means over the samples.
    """

    run: Callable[[Any], Any]
    prepare: Callable[[Any, tuple[int, ...], np.dtype[Any], str], Array]
    cost: Cost
    metric: Metric | None
    metric_name: str
    penalty: Callable[[], Any] | None = None
    means: bool = False

    def judge(self, out: Any, Y: Array | Weighted) -> Any:
        """Compute the cost of what `run` returned, without the penalty; weighted, it is still over m."""
        if not isinstance(Y, Weighted):
            return self.cost(out, Y)
        if takes(self.cost, "reduction"):
            return self.cost(out, Y.labels, sample_weight=Y.weights, reduction="sum") / Y.labels.shape[1]
        return self.cost(out, Y.labels, sample_weight=Y.weights)

    def total(self, out: Any, Y: Array | Weighted) -> Any:
        """Compute what is minimised and reported."""
        J = self.judge(out, Y)
        return J if self.penalty is None else J + self.penalty()


def objective(model: Module, cost: Cost | None, metric: Metric | Literal[False] | None) -> Objective:
    """Find the cost of a model: from logits where it ends in the activation that belongs to the cost."""
    if metric is False:
        return replace(objective(model, cost, None), metric=None)
    if cost is None:
        cost = default_cost(model)
    check_function("cost", cost, "nn.mse")
    if metric is not None:
        check_function("metric", metric, "nn.accuracy")
    name = getattr(metric, "__name__", "metric") if metric is not None else "accuracy"
    known = any(cost is mean for mean in (cross_entropy, *(mean for mean, _ in (*OF_SCORES, *REGRESSION))))
    means = known and (metric is None or metric is accuracy)
    return replace(
        judging(model, cost, metric if metric is None or means else giving_numbers(metric), name), means=means
    )


def judging(model: Module, cost: Cost, metric: Metric | None, name: str) -> Objective:
    """Judge a model by its logits where they are known, else by its output."""
    if isinstance(model, Sequential) and isinstance(model.last, Sigmoid):
        for known, terms in OF_SCORES:
            if cost is known:
                judge = on_output(sigmoid, metric) if metric else exact_rows
                return Objective(model.logits, data.binary_labels, mean_of(terms), judge, name)
    if isinstance(model, Sequential) and isinstance(model.last, Softmax | LogSoftmax) and cost is cross_entropy:
        judge = on_output(model.last, metric) if metric else highest_row
        return Objective(model.logits, class_mask, mean_of(class_terms_of_logits), judge, name)
    return of_output(model, cost, metric, name)


def of_output(model: Module, cost: Cost, metric: Metric | None, name: str) -> Objective:
    """Judge a model by its output."""
    if cost is binary_cross_entropy or cost is cross_entropy:
        check_gives_probabilities(model, cost)
        labels = data.binary_labels if cost is binary_cross_entropy else class_mask
        return Objective(model, labels, cost, on_probabilities(metric or accuracy), name)
    if cost is hinge:  # of scores, not of probabilities as accuracy takes them
        if isinstance(model, Sequential) and isinstance(model.last, Softmax):
            raise ValueError(
                f"nn.hinge is a cost of scores, and {type(model).__name__} ends in a softmax: use nn.cross_entropy, or "
                "a model with a linear or sigmoid output"
            )
        judge = exact_rows if metric is None or metric is accuracy else metric
        return Objective(model, data.binary_labels, mean_of(hinge_terms), judge, name)
    for known, terms in REGRESSION:
        if cost is known:
            return Objective(model, data.targets, mean_of(terms), metric, name)
    return Objective(model, any_targets, cost, metric, name)


def check_gives_probabilities(model: Module, cost: Cost) -> None:
    """Refuse a model that is seen to end in something else than the probabilities that a cost is computed from."""
    last = model.last if isinstance(model, Sequential) else None
    if not isinstance(last, (*NO_PROBABILITIES, Sigmoid if cost is cross_entropy else LogSoftmax)):
        return
    kind, needed = ("", "sigmoid") if cost is binary_cross_entropy else (" that sum to 1", "softmax")
    raise ValueError(
        f"nn.{cost.__name__} is a cost of probabilities{kind}, and {type(model).__name__} ends in {last!r}: let it end "
        f'in a {needed}, nn.MLP(..., output="{needed}"), or choose another cost'
    )


def giving_numbers(metric: Metric) -> Metric:
    """Let a metric of the user's own say what is wrong with it where it returns no number."""
    if metric is accuracy:
        return metric

    def number(A: Array, Y: Array) -> float:
        value: Any = metric(A, Y)
        if np.ndim(value) or not isinstance(value, Real | np.ndarray | np.bool_ | Tensor):
            shape = f" of shape {np.shape(value)}" if np.ndim(value) else ""
            name = getattr(metric, "__name__", repr(metric))
            raise TypeError(f"a metric must return a number; {name} returned a {type(value).__name__}{shape}")
        return float(value)

    return number


def on_probabilities(metric: Metric) -> Metric:
    """Make a metric that looks whether it is given probabilities, which a compiled cost does not."""

    def checking(A: Array, Y: Array) -> float:
        check_probabilities(A)
        return metric(A, Y)

    return checking


def mean_of(terms: Callable[[Any, Any], Terms]) -> Cost:
    """Make a cost of its terms, of labels that have been checked."""

    def cost(out: Any, Y: Array, sample_weight: Any = None) -> Any:
        return averaged(terms(out, Y), sample_weight)

    return cost


def takes(function: Callable[..., Any], name: str) -> bool:
    """Tell whether a function has a parameter of this name."""
    try:
        return name in signature(function).parameters
    except (TypeError, ValueError):  # some functions written in C
        return False


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
        return binary_cross_entropy
    return cross_entropy if isinstance(model.last, Softmax | LogSoftmax) else mse


def class_mask(Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Array:
    """Mark the true class in each column."""
    return cross_entropies.class_mask(Y, shape, name)


def any_targets(Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str) -> Array:
    """Check what a cost of the user's own is given: a matrix of finite numbers, a sample a column."""
    Y = data.matrix(Y, name)
    data.check_shape(Y, name, (Y.shape[0], shape[1]))
    return data.samples(Y, dtype, name)


def exact_rows(Z: Array, Y: Array) -> float:
    """Fraction of columns whose logits have the right sign in every row; that of NaN is wrong."""
    return share(np.where(Y, Z > 0, Z <= 0).all(axis=0))


def highest_row(Z: Array, true: Array) -> float:
    """Fraction of columns whose highest logit is that of the true class."""
    top = Z.max(axis=0)
    highest = top == Z
    if np.count_nonzero(highest) != len(top) or np.isnan(top.max()):  # several in a column, or none
        return share(highest_is(true.argmax(axis=0), Z))
    return float(np.count_nonzero(highest & true) / len(top))


def share(right: Any) -> float:
    """Compute the mean of truths, which NumPy's own method takes five times as long for."""
    return float(np.count_nonzero(right) / right.size)


def on_output(activation: Callable[[Any], Any], metric: Metric) -> Metric:
    """Make a metric of outputs one of logits."""
    return lambda Z, Y: metric(activation(Z), Y)
