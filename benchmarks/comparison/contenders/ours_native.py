"""`ours_native`: this package, compiled, and the arithmetic of long elementwise runs compiled by numba."""

import numba  # noqa: F401 - without it this would be `ours_compiled` again

import micrograd_nd as mg
from comparison.contenders import by_gradient
from comparison.contenders.ours_functions import sum_of_expression
from comparison.job import Job
from comparison.workloads import ElementwiseProblem


def elementwise(problem: ElementwiseProblem) -> Job:
    return by_gradient.elementwise(mg.compile(mg.value_and_grad(sum_of_expression)), problem)
