"""Descent: the steps of training, one a batch, and the way back when they lead nowhere."""

import warnings
from collections.abc import Callable
from math import isfinite
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn.batches import BatchSource
from micrograd_nd.nn.compiled_steps import CompiledSteps, Uncompilable
from micrograd_nd.nn.divergence import first_flaw
from micrograd_nd.nn.filling import Filling
from micrograd_nd.nn.history import Judged
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.objective import Cost, Objective
from micrograd_nd.nn.optimizers import Optimizer
from micrograd_nd.nn.sample_weights import Weighted

__all__ = ["Descent", "judged_by_metric", "plain"]

Array = NDArray[Any]


class Descent:
    """Steps against the gradient, and the parameters and buffers of the last step whose cost was finite.

    Parameters
    ----------
    model : Module
    plan : Objective
    optimizer : Optimizer
    compiled : bool
        Run steps, from the second on, as a compiled program, if there can be one. The first finds what is wrong with
        model, cost and optimiser.
    filling : Filling, optional
        What brings batches to the size that the program is made for.
    """

    def __init__(
        self, model: Module, plan: Objective, optimizer: Optimizer, compiled: bool, filling: Filling | None = None
    ) -> None:
        self.plan = plan
        self.model = model
        self.parameters = model.parameters()
        self.buffers = model.named_buffers()
        self.optimizer = optimizer
        self.good: list[Any] = []
        self.begun = False
        self.program = CompiledSteps(model, plan, optimizer, filling) if compiled else None

    def epoch(self, number: int, batches: BatchSource, advance: Callable[[], Any]) -> Judged:
        """Make a step a batch; the result is the mean over the samples."""
        total, total_metric = 0.0, 0.0
        for batch, (X, Y) in enumerate(batches, 1):
            m = X.shape[1]
            cost, metric = self.step(f"epoch {number}" + (f", batch {batch}" if batches.steps != 1 else ""), X, Y)
            total += m * cost
            total_metric += m * metric if metric is not None else 0.0
            advance()
        if not all(np.isfinite(values).all() for values in self.values()):
            raise self.diverged("a parameter is no longer finite", f"epoch {number}")
        return total / batches.m, total_metric / batches.m if self.plan.metric is not None else None

    def step(self, where: str, X: Array, Y: Array | Weighted) -> Judged:
        """Move the parameters once; the result is of before."""
        if self.begun and self.program is not None:
            try:
                cost, out = self.program.step(X, Y)
            except Uncompilable as error:
                warnings.warn(f"{error}. This run goes on uncompiled; compiled=False says so", stacklevel=4)
                self.synchronise()
                self.program = None
            else:
                if not isfinite(cost):
                    raise self.diverged(f"the cost became {cost}", where, X)
                return cost, judged_by_metric(self.plan, out, Y)
        cost, out = self.eager_step(where, X, Y)
        self.begun = True
        return cost, judged_by_metric(self.plan, out, Y)

    def eager_step(self, where: str, X: Array, Y: Array | Weighted) -> tuple[float, Any]:
        """Move the parameters once, by recording the graph of the cost."""
        before = self.nodes()
        try:
            out = self.plan.run(X)
            J = self.plan.judge(out, Y)
            if not isinstance(J, Tensor) or J.size != 1:
                raise TypeError(no_cost(self.plan.cost, J))
            penalty = None if self.plan.penalty is None else self.plan.penalty()
            cost = J.item() if penalty is None else J.item() + penalty.item()
            if isfinite(cost):
                self.good = before
                self.move(J, penalty)
        except BaseException:  # an interrupt would leave some parameters moved and others not
            self.give(before)
            raise
        if not isfinite(cost):
            self.good = self.good or before
            raise self.diverged(f"the cost became {cost}", where, X)
        return cost, out

    def move(self, J: Tensor, penalty: Tensor | None) -> None:
        """Move the parameters against the gradient of the cost."""
        for name, buffer in self.buffers:
            if buffer.requires_grad:
                raise TypeError(
                    f"the buffer {name} was changed by a value that is recorded, so that it would be trained through "
                    "all steps: change it by that value's detach()"
                )
        self.optimizer.zero_grad()
        J.backward()
        if not self.begun and all(parameter.grad is None for parameter in self.parameters):
            raise ValueError(
                "no parameter got a gradient, so there is nothing to train: the cost must be computed from the "
                "prediction, and the prediction from the parameters, without numpy(), item() or detach() on the way"
            )
        if penalty is not None:  # by itself, since it reaches parameters whether or not the cost does
            penalty.backward()
        self.optimizer.step()

    def nodes(self) -> list[Any]:
        """List what holds the values of parameters and buffers; they never change."""
        return [tensor.node for tensor in (*self.parameters, *(buffer for _, buffer in self.buffers))]

    def give(self, nodes: list[Any]) -> None:
        """Give parameters and buffers the values that they had."""
        tensors = (*self.parameters, *(buffer for _, buffer in self.buffers))
        for tensor, node in zip(tensors, nodes, strict=False):
            tensor._node = node

    def resume(self) -> None:
        """Go on from where another run was, with the steps that it would have made: all but its first are compiled."""
        self.begun = True
        self.good = self.nodes()

    def values(self) -> list[Array]:
        """List the values that the parameters have now."""
        running = self.program is not None and self.program.values()
        return running or [parameter.numpy() for parameter in self.parameters]

    def synchronise(self) -> None:
        """Give parameters and buffers the values that a program has moved on to."""
        if self.program is not None:
            self.program.synchronise()

    def restore(self) -> None:
        """Go back to where the cost was last seen to be finite."""
        if self.program is not None and self.program.restore():
            return
        self.give(self.good)

    def diverged(self, what: str, where: str, X: Array | None = None) -> FloatingPointError:
        """Go back, and say what happened."""
        flaw = "" if X is None else self.flaw(X)
        self.restore()
        if hasattr(self.optimizer, "forget"):  # what it remembers comes from where the parameters are no more
            self.optimizer.forget()
        rate = getattr(self.optimizer, "learning_rate", None)
        smaller = "" if rate is None else f" than {rate:g}"
        return FloatingPointError(
            f"{what} in {where}. Try a smaller learning rate{smaller}, and features scaled to about 1. "
            f"{flaw}The parameters are those of the last step with a finite cost"
        )

    def flaw(self, X: Array) -> str:
        """Say which layer was the first to go wrong on a batch."""
        if self.program is not None:
            self.program.rewind()
        return first_flaw(self.model, self.plan.run, X)


def no_cost(cost: Cost, J: Any) -> str:
    """Say that what a cost returned cannot be minimised."""
    shape = getattr(J, "shape", ())
    returned = f"a {type(J).__name__} of shape {shape}" if shape else repr(J)
    name = getattr(cost, "__name__", repr(cost))
    return f"a cost must return a 0-d Tensor computed from the prediction; {name} returned {returned}"


def judged_by_metric(plan: Objective, out: Any, Y: Array | Weighted) -> float | None:
    """Compute the metric of what came out of the model; weights do not matter to it."""
    labels = Y.labels if isinstance(Y, Weighted) else Y
    return None if plan.metric is None else float(plan.metric(plain(out), labels))


def plain(out: Any) -> Array:
    """Look at the values of what came out of the model."""
    return out.numpy() if isinstance(out, Tensor) else np.asarray(out)
