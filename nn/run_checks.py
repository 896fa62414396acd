"""What a run is refused for before its first step, and between epochs: errors that say what would be right."""

from typing import Any

import numpy as np

from micrograd_nd import Tensor
from micrograd_nd.nn.batches import Batches, BatchSource
from micrograd_nd.nn.callbacks import Training
from micrograd_nd.nn.descent import Descent
from micrograd_nd.nn.module import Module, walk
from micrograd_nd.nn.objective import check_function
from micrograd_nd.nn.out_of_core import BatchesInPlace

__all__ = [
    "check_finite",
    "check_moves",
    "check_optimizer_maker",
    "check_rate_can_change",
    "check_smallest_batch",
    "train_on",
]


def check_optimizer_maker(optimizer: Any) -> None:
    """Refuse what makes no optimiser, such as one that is made already."""
    if not callable(optimizer) and hasattr(optimizer, "step"):
        name = type(optimizer).__name__
        raise TypeError(
            f"optimizer must be a function that makes one, such as nn.{name}; got one that is made already. With "
            f"settings of its own: lambda parameters, rate: nn.{name}(parameters, rate, ...)"
        )
    check_function("optimizer", optimizer, "nn.SGD")


def check_finite(model: Module) -> None:
    """Refuse a model that has gone astray before, which no learning rate would bring back."""
    for name, parameter in model.named_parameters():
        if not np.isfinite(parameter.numpy()).all():
            raise ValueError(f"{name} holds a NaN or an infinity before the first step: make the model anew")


def check_smallest_batch(model: Module, batches: BatchSource) -> None:
    """Refuse a batch that is too small for a layer, where the sizes of batches are known before the first."""
    if not isinstance(batches, Batches | BatchesInPlace):
        return
    smallest = batches.m if batches.size is None else batches.m % batches.size or batches.size
    for module in model.modules():
        if hasattr(module, "check_size"):
            module.check_size(smallest)


def check_moves(model: Module, optimizer: Any) -> None:
    """Refuse what is no optimiser, and one of which is known that it moves nothing of the model."""
    if not (hasattr(optimizer, "step") and hasattr(optimizer, "zero_grad")):
        raise TypeError(
            "optimizer(parameters, learning_rate) must return an object with step() and zero_grad(), such as nn.SGD; "
            f"got {optimizer!r}"
        )
    moved = getattr(optimizer, "parameters", None)
    if not isinstance(moved, list) or not all(isinstance(parameter, Tensor) for parameter in moved):
        return
    own = {id(parameter) for parameter in model.parameters()}
    if own and not any(id(parameter) in own for parameter in moved):
        raise ValueError(
            f"the {type(optimizer).__name__} moves no parameter of this {type(model).__name__}: it was made with those "
            "of another model, maybe one that this is a copy of. Make it with the parameters that fit gives: "
            "optimizer=lambda parameters, rate: ..."
        )


def check_rate_can_change(optimizer: Any) -> None:
    """Refuse an optimiser that a schedule would not reach."""
    if not hasattr(optimizer, "learning_rate"):
        name = type(optimizer).__name__
        raise TypeError(f"a schedule sets the attribute learning_rate of the optimiser, and {name} has none")


def train_on(descent: Descent, run: Training) -> None:
    """Bring a model back into training after callbacks, and refuse what would not take part in the run."""
    if all(vars(type(callback)).get("only_looks") for callback in run.callbacks):  # not of what a subclass adds
        return
    if run.model is not descent.model or run.optimizer is not descent.optimizer:
        raise ValueError("a run goes on with the model and optimiser that it began with: for others begin a new run")
    now = set()
    for _, part in walk(descent.model):
        if isinstance(part, Module):
            part.training = True
        elif part.requires_grad and not part.node.inputs:  # type: ignore[union-attr]
            now.add(id(part))
    if now != set(map(id, descent.parameters)):
        raise ValueError(
            "the model has other parameters than when the run began, which would not be trained. To give one other "
            "values during a run, set its data, layer.W.data = values; for other layers begin a new run"
        )
