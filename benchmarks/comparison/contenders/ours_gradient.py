"""`ours_gradient`: this package, value and gradient compiled, and the update written in NumPy."""

from typing import Any

import micrograd_nd as mg
from comparison.contenders.ours_compiled import compiled
from comparison.contenders.ours_functions import make_cost
from comparison.job import Job, as_arrays
from comparison.workloads import RATE, NetworkProblem


def step(problem: NetworkProblem) -> Job:
    value_and_grad = compiled(mg.value_and_grad(make_cost(problem.network)))
    parameters = {name: value.copy() for name, value in problem.parameters.items()}
    X, Y = problem.X, problem.Y
    J: Any = None

    def run() -> None:
        nonlocal J
        J, gradients = value_and_grad(parameters, X, Y)
        for name in parameters:
            parameters[name] -= RATE * gradients[name]

    return Job(run, lambda: as_arrays({"J": J, **parameters}))
