"""`torch_compile`: PyTorch, the whole training step compiled. It needs a C++ compiler."""

from collections.abc import Callable
from typing import Any

import torch

from comparison.contenders.torch_functions import Tensors, data, make_cost, tensors
from comparison.job import Job, Missing, as_arrays
from comparison.workloads import RATE, ElementwiseProblem, NetworkProblem, ScalarProblem, expression


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile for the shapes that come, or say that nothing can be compiled here."""
    try:
        from torch._inductor.cpp_builder import get_cpp_compiler

        get_cpp_compiler()
    except ImportError:
        pass  # the name is PyTorch's own; without it a missing compiler is a failure like any other
    except Exception as error:
        raise Missing("torch.compile needs a C++ compiler, and found none") from error
    program: Callable[..., Any] = torch.compile(function, dynamic=False)
    return program


def step(problem: NetworkProblem) -> Job:
    cost, (X, Y) = make_cost(problem.network), data(problem)
    parameters = tensors(problem.parameters)
    gradient_and_value = torch.func.grad_and_value(cost)

    @compiled
    def train_step(parameters: Tensors, X: Any, Y: Any) -> Any:
        gradients, J = gradient_and_value(parameters, X, Y)
        for name, parameter in parameters.items():
            parameter.sub_(gradients[name], alpha=RATE)
        return J

    J: Any = None

    def run() -> None:
        nonlocal J
        with torch.no_grad():
            J = train_step(parameters, X, Y)

    return Job(run, lambda: as_arrays({"J": J, **parameters}))


def scalar(problem: ScalarProblem) -> Job:
    a, b, c = (torch.tensor(value) for value in (problem.a, problem.b, problem.c))
    program = compiled(torch.func.grad_and_value(lambda a, b, c: 3 * (a + b * c), argnums=(0, 1, 2)))
    J: Any = None
    gradients: Any = None

    def run() -> None:
        nonlocal J, gradients
        gradients, J = program(a, b, c)

    return Job(run, lambda: as_arrays({"J": J} | dict(zip(("da", "db", "dc"), gradients, strict=True))))


def elementwise(problem: ElementwiseProblem) -> Job:
    x = torch.from_numpy(problem.x)
    program = compiled(torch.func.grad_and_value(lambda x: expression(x, torch).sum()))
    J: Any = None
    dx: Any = None

    def run() -> None:
        nonlocal J, dx
        dx, J = program(x)

    return Job(run, lambda: as_arrays({"J": J, "dx": dx}))


def hvp(problem: NetworkProblem) -> Job:
    """Forward over reverse: torch.compile does not take reverse over reverse."""
    cost, (X, Y) = make_cost(problem.network), data(problem)
    parameters, vector = tensors(problem.parameters), tensors(problem.vector)

    @compiled
    def multiply(parameters: Tensors, vector: Tensors, X: Any, Y: Any) -> Any:
        gradient = torch.func.grad(lambda p: cost(p, X, Y))
        return torch.func.jvp(gradient, (parameters,), (vector,))[1]

    product: Any = {}

    def run() -> None:
        nonlocal product
        product = multiply(parameters, vector, X, Y)

    return Job(run, lambda: as_arrays(product))
