"""`mygrad`: MyGrad, its memory guard off, which is its faster mode.

As for HIPS autograd, constants are arrays of the dtype: a Python number would make float64 of float32. MyGrad has no
second derivatives.
"""

from collections.abc import Callable
from typing import Any

import mygrad
import numpy as np

from comparison.job import Job, Missing, as_arrays
from comparison.workloads import RATE, ElementwiseProblem, NetworkProblem, ScalarProblem, expression

mygrad.turn_memory_guarding_off()


def make_cost(problem: NetworkProblem) -> Callable[[dict[str, Any]], Any]:
    network, L, X, Y = problem.network, problem.layers, problem.X, problem.Y
    zero, per_sample = (np.array(value, problem.X.dtype) for value in (0.0, 1 / network.m))

    def logits(parameters: dict[str, Any]) -> Any:
        A: Any = X
        for l in range(1, L):
            Z = mygrad.matmul(parameters[f"W{l}"], A) + parameters[f"b{l}"]
            A = mygrad.tanh(Z) if network.hidden == "tanh" else mygrad.maximum(Z, zero)
        return mygrad.matmul(parameters[f"W{L}"], A) + parameters[f"b{L}"]

    def binary_cross_entropy(parameters: dict[str, Any]) -> Any:
        Z = logits(parameters)
        return mygrad.sum(mygrad.logaddexp(zero, Z) - Y * Z) * per_sample

    def cross_entropy(parameters: dict[str, Any]) -> Any:
        Z = logits(parameters)
        shifted = Z - mygrad.max(Z, axis=0, keepdims=True)
        return (mygrad.sum(mygrad.log(mygrad.sum(mygrad.exp(shifted), axis=0))) - mygrad.sum(Y * shifted)) * per_sample

    return binary_cross_entropy if network.output == "sigmoid" else cross_entropy


def step(problem: NetworkProblem) -> Job:
    cost = make_cost(problem)
    parameters = {name: mygrad.tensor(value) for name, value in problem.parameters.items()}
    J: Any = None

    def run() -> None:
        nonlocal J
        J = cost(parameters)
        J.backward()
        for parameter in parameters.values():
            parameter.data -= RATE * parameter.grad

    return Job(run, lambda: as_arrays({"J": J.item()} | {name: value.data for name, value in parameters.items()}))


def scalar(problem: ScalarProblem) -> Job:
    a, b, c = mygrad.tensor(problem.a), mygrad.tensor(problem.b), mygrad.tensor(problem.c)
    J: Any = None

    def run() -> None:
        nonlocal J
        J = 3 * (a + b * c)
        J.backward()

    return Job(run, lambda: as_arrays({"J": J.item(), "da": a.grad, "db": b.grad, "dc": c.grad}))


def elementwise(problem: ElementwiseProblem) -> Job:
    x = mygrad.tensor(problem.x)
    J: Any = None

    def run() -> None:
        nonlocal J
        J = mygrad.sum(expression(x, mygrad, problem.x.dtype.type))
        J.backward()

    return Job(run, lambda: as_arrays({"J": J.item(), "dx": x.grad}))


def hvp(problem: NetworkProblem) -> Job:
    raise Missing("MyGrad has no second derivatives")


def chain() -> tuple[Any, Any]:
    def forward(length: int) -> Any:
        t = mygrad.tensor(1.0)
        for _ in range(length):
            t = t * 1.0000001
        return t

    return forward, lambda t: t.backward()
