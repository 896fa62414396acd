"""Tools for testing derivatives: numerical derivatives, and checks of analytic ones against them.

They need NumPy only. `micrograd_nd.testing.strategies`, how arguments are drawn, needs Hypothesis.
"""

from micrograd_nd.testing.gradients import assert_gradients_match as assert_gradients_match
from micrograd_nd.testing.gradients import check_gradients as check_gradients
from micrograd_nd.testing.numerical import numerical_derivative as numerical_derivative
