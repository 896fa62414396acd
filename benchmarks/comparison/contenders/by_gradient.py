"""The workloads in terms of a function that returns a value and its gradients, whichever library made it."""

from collections.abc import Callable
from typing import Any

from comparison.job import Job, as_arrays
from comparison.workloads import RATE, ElementwiseProblem, NetworkProblem, ScalarProblem

__all__ = ["elementwise", "scalar", "step"]


def step(value_and_grad: Callable[..., Any], problem: NetworkProblem) -> Job:
    """Write the update in NumPy, in place."""
    parameters = {name: value.copy() for name, value in problem.parameters.items()}
    X, Y = problem.X, problem.Y
    J: Any = None

    def run() -> None:
        nonlocal J
        J, gradients = value_and_grad(parameters, X, Y)
        for name in parameters:
            parameters[name] -= RATE * gradients[name]

    return Job(run, lambda: as_arrays({"J": J, **parameters}))


def scalar(value_and_grad: Callable[..., Any], problem: ScalarProblem) -> Job:
    """Compute J and its three derivatives."""
    a, b, c = problem.a, problem.b, problem.c
    J: Any = None
    gradients: Any = None

    def run() -> None:
        nonlocal J, gradients
        J, gradients = value_and_grad(a, b, c)

    return Job(run, lambda: as_arrays({"J": J} | dict(zip(("da", "db", "dc"), gradients, strict=True))))


def elementwise(value_and_grad: Callable[..., Any], problem: ElementwiseProblem) -> Job:
    """Compute the sum of the expression and its derivative."""
    x = problem.x
    J: Any = None
    dx: Any = None

    def run() -> None:
        nonlocal J, dx
        J, dx = value_and_grad(x)

    return Job(run, lambda: as_arrays({"J": J, "dx": dx}))
