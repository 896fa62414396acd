"""`ours_eager`: this package without compilation."""

from typing import Any

import micrograd_nd as mg
from comparison.contenders.ours_functions import make_cost, sum_of_expression
from comparison.job import Job, as_arrays
from comparison.workloads import RATE, ElementwiseProblem, NetworkProblem, ScalarProblem


def step(problem: NetworkProblem) -> Job:
    value_and_grad = mg.value_and_grad(make_cost(problem.network))
    parameters = {name: value.copy() for name, value in problem.parameters.items()}
    X, Y = problem.X, problem.Y
    J: Any = None

    def run() -> None:
        nonlocal J
        J, gradients = value_and_grad(parameters, X, Y)
        for name in parameters:
            parameters[name] -= RATE * gradients[name]

    return Job(run, lambda: as_arrays({"J": J, **parameters}))


def scalar(problem: ScalarProblem) -> Job:
    a, b, c = mg.Tensor(problem.a), mg.Tensor(problem.b), mg.Tensor(problem.c)
    J: Any = None

    def run() -> None:
        nonlocal J
        a.grad = b.grad = c.grad = None
        J = 3 * (a + b * c)
        J.backward()

    return Job(run, lambda: as_arrays({"J": J.item(), "da": a.grad, "db": b.grad, "dc": c.grad}))


def elementwise(problem: ElementwiseProblem) -> Job:
    value_and_grad = mg.value_and_grad(sum_of_expression)
    x = problem.x
    J: Any = None
    dx: Any = None

    def run() -> None:
        nonlocal J, dx
        J, dx = value_and_grad(x)

    return Job(run, lambda: as_arrays({"J": J, "dx": dx}))


def hvp(problem: NetworkProblem) -> Job:
    cost, X, Y = make_cost(problem.network), problem.X, problem.Y
    parameters, vector = problem.parameters, problem.vector
    product: Any = {}

    def run() -> None:
        nonlocal product
        product = mg.hvp(lambda p: cost(p, X, Y), (parameters,), (vector,))

    return Job(run, lambda: as_arrays(product))


def chain() -> tuple[Any, Any]:
    def forward(length: int) -> Any:
        t = mg.Tensor(1.0)
        for _ in range(length):
            t = t * 1.0000001
        return t

    return forward, lambda t: t.backward()
