"""Tools for testing derivatives: numerical derivatives, and checks of analytic ones against them."""

from micrograd_nd.testing.gradients import check_gradients as check_gradients
from micrograd_nd.testing.numerical import numerical_derivative as numerical_derivative
