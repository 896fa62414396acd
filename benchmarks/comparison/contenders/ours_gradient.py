"""`ours_gradient`: this package, value and gradient compiled, and the update written in NumPy."""

import micrograd_nd as mg
from comparison.contenders import by_gradient
from comparison.contenders.ours_compiled import compiled
from comparison.contenders.ours_functions import make_cost
from comparison.job import Job
from comparison.workloads import NetworkProblem


def step(problem: NetworkProblem) -> Job:
    return by_gradient.step(compiled(mg.value_and_grad(make_cost(problem.network))), problem)
