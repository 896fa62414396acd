"""`torch_eager`: PyTorch as it is."""

from typing import Any

import torch

from comparison.contenders.torch_functions import data, make_cost, tensors
from comparison.job import Job, as_arrays
from comparison.workloads import RATE, ElementwiseProblem, NetworkProblem, ScalarProblem, expression


def step(problem: NetworkProblem) -> Job:
    cost, (X, Y) = make_cost(problem.network), data(problem)
    parameters = tensors(problem.parameters)
    leaves = [value.requires_grad_() for value in parameters.values()]
    J: Any = None

    def run() -> None:
        nonlocal J
        J = cost(parameters, X, Y)
        gradients = torch.autograd.grad(J, leaves)
        with torch.no_grad():
            for parameter, gradient in zip(leaves, gradients, strict=True):
                parameter.sub_(gradient, alpha=RATE)

    return Job(run, lambda: as_arrays({name: value.detach() for name, value in {"J": J, **parameters}.items()}))


def scalar(problem: ScalarProblem) -> Job:
    a, b, c = leaves = [torch.tensor(value).requires_grad_() for value in (problem.a, problem.b, problem.c)]
    J: Any = None
    gradients: Any = None

    def run() -> None:
        nonlocal J, gradients
        J = 3 * (a + b * c)
        gradients = torch.autograd.grad(J, leaves)

    return Job(run, lambda: as_arrays({"J": J.detach()} | dict(zip(("da", "db", "dc"), gradients, strict=True))))


def elementwise(problem: ElementwiseProblem) -> Job:
    x = torch.from_numpy(problem.x).requires_grad_()
    J: Any = None
    dx: Any = None

    def run() -> None:
        nonlocal J, dx
        J = expression(x, torch).sum()
        (dx,) = torch.autograd.grad(J, x)

    return Job(run, lambda: as_arrays({"J": J.detach(), "dx": dx}))


def hvp(problem: NetworkProblem) -> Job:
    """Reverse over reverse, which is what PyTorch's users write."""
    cost, (X, Y) = make_cost(problem.network), data(problem)
    parameters = tensors(problem.parameters)
    leaves = [value.requires_grad_() for value in parameters.values()]
    vector = list(tensors(problem.vector).values())
    product: Any = ()

    def run() -> None:
        nonlocal product
        gradients = torch.autograd.grad(cost(parameters, X, Y), leaves, create_graph=True)
        product = torch.autograd.grad(gradients, leaves, vector)

    return Job(run, lambda: as_arrays(dict(zip(parameters, product, strict=True))))


def chain() -> tuple[Any, Any]:
    def forward(length: int) -> Any:
        start = torch.tensor(1.0, dtype=torch.float64, requires_grad=True)
        t: Any = start
        for _ in range(length):
            t = t * 1.0000001
        return start, t

    return forward, lambda graph: graph[1].backward()
