"""`ours_compiled`: this package, the whole training step compiled to NumPy alone, parameters donated."""

from collections.abc import Callable
from typing import Any

import micrograd_nd as mg
from comparison.contenders import by_gradient
from comparison.contenders.ours_functions import make_cost, make_train_step, product_sum, sum_of_expression
from comparison.job import Job, Missing, as_arrays
from comparison.workloads import ElementwiseProblem, NetworkProblem, ScalarProblem


def compiled(function: Callable[..., Any], **options: Any) -> Callable[..., Any]:
    """Compile, or say that this version of the package cannot."""
    if not hasattr(mg, "compile"):
        raise Missing("this version of micrograd_nd has no mg.compile")
    program: Callable[..., Any] = mg.compile(function, native=False, **options)
    return program


def step(problem: NetworkProblem) -> Job:
    train_step = compiled(make_train_step(problem.network), donate=0)
    parameters = {name: value.copy() for name, value in problem.parameters.items()}
    X, Y = problem.X, problem.Y
    J: Any = None

    def run() -> None:
        nonlocal parameters, J
        parameters, J = train_step(parameters, X, Y)

    return Job(run, lambda: as_arrays({"J": J, **parameters}))


def scalar(problem: ScalarProblem) -> Job:
    return by_gradient.scalar(compiled(mg.value_and_grad(product_sum, argnums=(0, 1, 2))), problem)


def elementwise(problem: ElementwiseProblem) -> Job:
    return by_gradient.elementwise(compiled(mg.value_and_grad(sum_of_expression)), problem)


def hvp(problem: NetworkProblem) -> Job:
    cost = make_cost(problem.network)
    multiply = compiled(lambda p, v, X, Y: mg.hvp(lambda q: cost(q, X, Y), (p,), (v,)))
    parameters, vector, X, Y = problem.parameters, problem.vector, problem.X, problem.Y
    product: Any = {}

    def run() -> None:
        nonlocal product
        product = multiply(parameters, vector, X, Y)

    return Job(run, lambda: as_arrays(product))
