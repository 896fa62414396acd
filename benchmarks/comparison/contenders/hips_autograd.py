"""`autograd`: HIPS autograd, which has a NumPy of its own.

A constant that meets a traced array is an array of its dtype: where it is a Python number, autograd computes in
float64 and halves the speed of float32.
"""

from collections.abc import Callable
from typing import Any

import autograd
import autograd.numpy as anp
import numpy as np
from autograd.tracer import getval, isbox

from comparison.contenders import by_gradient
from comparison.job import Job, as_arrays
from comparison.workloads import Array, ElementwiseProblem, NetworkProblem, Parameters, ScalarProblem, expression


def untraced(Z: Any) -> Array:
    """Return the values alone: the shift that keeps exponentials small has no derivative."""
    while isbox(Z):
        Z = getval(Z)
    values: Array = Z
    return values


def make_cost(problem: NetworkProblem) -> Callable[[Parameters, Array, Array], Any]:
    network, L = problem.network, problem.layers
    zero, per_sample = (np.array(value, problem.X.dtype) for value in (0.0, 1 / network.m))

    def logits(parameters: Parameters, X: Array) -> Any:
        A = X
        for l in range(1, L):
            Z = anp.dot(parameters[f"W{l}"], A) + parameters[f"b{l}"]
            A = anp.tanh(Z) if network.hidden == "tanh" else Z * (Z > 0)
        return anp.dot(parameters[f"W{L}"], A) + parameters[f"b{L}"]

    def binary_cross_entropy(parameters: Parameters, X: Array, Y: Array) -> Any:
        Z = logits(parameters, X)
        return anp.sum(anp.logaddexp(zero, Z) - Y * Z) * per_sample

    def cross_entropy(parameters: Parameters, X: Array, Y: Array) -> Any:
        Z = logits(parameters, X)
        shifted = Z - np.max(untraced(Z), axis=0, keepdims=True)
        return (anp.sum(anp.log(anp.sum(anp.exp(shifted), axis=0))) - anp.sum(Y * shifted)) * per_sample

    return binary_cross_entropy if network.output == "sigmoid" else cross_entropy


def step(problem: NetworkProblem) -> Job:
    return by_gradient.step(autograd.value_and_grad(make_cost(problem)), problem)


def scalar(problem: ScalarProblem) -> Job:
    return by_gradient.scalar(autograd.value_and_grad(lambda a, b, c: 3 * (a + b * c), argnum=(0, 1, 2)), problem)


def elementwise(problem: ElementwiseProblem) -> Job:
    return by_gradient.elementwise(autograd.value_and_grad(lambda x: anp.sum(expression(x, anp))), problem)


def hvp(problem: NetworkProblem) -> Job:
    cost, X, Y = make_cost(problem), problem.X, problem.Y
    make_product = autograd.make_hvp(lambda p: cost(p, X, Y))
    parameters, vector = problem.parameters, problem.vector
    product: Any = {}

    def run() -> None:
        nonlocal product
        product = make_product(parameters)[0](vector)

    return Job(run, lambda: as_arrays(product))


def chain() -> tuple[Any, Any]:
    def forward(length: int) -> Any:
        def repeated(t: Any) -> Any:
            for _ in range(length):
                t = t * 1.0000001
            return t

        return autograd.make_vjp(repeated)(1.0)[0]

    return forward, lambda pullback: pullback(1.0)
