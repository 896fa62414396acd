"""For every differentiable function in the registry, how its arguments are drawn.

Needs Hypothesis. A function in the registry without a case fails the test-suite.
"""

from collections.abc import Callable, Mapping
from typing import Any

from hypothesis.strategies import SearchStrategy

from micrograd_nd.testing.cases import (
    activations,
    assembling,
    contractions,
    elementwise,
    fourier,
    indexing,
    joining,
    linear_algebra,
    polynomials,
    products,
    rearranging,
    reductions,
    scans,
    selecting,
    shaping,
    special,
    statistics,
)
from micrograd_nd.testing.cases.drawing import Case

__all__ = ["CASES"]

CASES: Mapping[Callable[..., Any], SearchStrategy[Case]] = {
    function: case
    for family in (
        elementwise,
        activations,
        assembling,
        reductions,
        shaping,
        indexing,
        polynomials,
        products,
        statistics,
        scans,
        joining,
        rearranging,
        selecting,
        special,
        contractions,
        fourier,
        linear_algebra,
    )
    for function, case in family.CASES.items()
}
