"""`ours_eager`: this package without compilation."""

from typing import Any

import micrograd_nd as mg
from comparison.contenders import by_gradient
from comparison.contenders.ours_functions import make_cost, sum_of_expression
from comparison.job import Job, as_arrays
from comparison.workloads import ElementwiseProblem, NetworkProblem, ScalarProblem


def step(problem: NetworkProblem) -> Job:
    return by_gradient.step(mg.value_and_grad(make_cost(problem.network)), problem)


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
    return by_gradient.elementwise(mg.value_and_grad(sum_of_expression), problem)


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
