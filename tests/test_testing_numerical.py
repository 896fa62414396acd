"""Numerical derivatives are right to within the error that they estimate, for arguments of any size and precision."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd_nd.testing import numerical_derivative

FUNCTIONS = {
    "sin": (np.sin, np.cos),
    "exp": (np.exp, np.exp),
    "tanh": (np.tanh, lambda x: 1 / np.cosh(x) ** 2),
    "cube": (lambda x: x**3, lambda x: 3 * x**2),
    "offset": (lambda x: 3 * x + 1000, lambda x: 3 + 0 * x),
    "log": (lambda x: np.log(x + 5), lambda x: 1 / (x + 5)),
}

each = pytest.mark.parametrize("name", FUNCTIONS)


def check(f, derivative, x, method, rounding):
    value, error = numerical_derivative(f, x, method=method)
    assert np.all(np.abs(value - derivative) <= error + rounding * np.abs(derivative))
    return value, error


@each
@given(x=st.floats(-4, 4), method=st.sampled_from(["auto", "central", "complex"]))
def test_the_error_is_at_most_the_estimate(name, x, method):
    f, derivative = FUNCTIONS[name]
    check(f, derivative(x), x, method, 1e-14)


@each
@given(x=st.floats(-4, 4, width=32).filter(lambda x: abs(x) > 1e-9 or x == 0))
def test_single_precision_is_judged_as_such(name, x):
    f, derivative = FUNCTIONS[name]
    value, error = check(f, derivative(x), np.float32(x), "central", 1e-6)
    assert error <= 1e-2 * (1 + np.abs(value)) * (1 if name != "offset" else 100)


@pytest.mark.parametrize("method", ["auto", "central"])
@pytest.mark.parametrize("size", [1e-200, 1e-6, 1.0, 1e6, 1e200])
@pytest.mark.parametrize(("f", "derivative"), [(np.log, lambda x: 1 / x), (np.sqrt, lambda x: 0.5 / np.sqrt(x))])
def test_steps_fit_arguments_of_any_size(f, derivative, size, method):
    value, error = check(f, derivative(size), size, method, 1e-13)
    assert error <= 1e-9 * value


def test_a_large_argument_does_not_make_steps_longer_than_a_wave():
    check(np.sin, np.cos(1e6), 1e6, "central", 0)
    check(lambda x: np.sin(1000 * x), 1000 * np.cos(300.0), 0.3, "central", 0)


def test_a_small_argument_beside_a_large_value_is_moved_further():
    _, error = check(lambda x: x + 1e6, 1.0, 1e-6, "central", 0)
    assert error < 1e-4
    check(lambda x: np.maximum(x, 0) + 5, 1.0, 1e-6, "central", 0)


def test_differences_reach_twelve_digits_and_imaginary_steps_all():
    assert numerical_derivative(np.exp, 1.0, method="central")[0] == pytest.approx(np.e, rel=1e-12)
    assert numerical_derivative(np.exp, 1.0)[0] == pytest.approx(np.e, rel=3e-16)
    exact, error = numerical_derivative(np.sin, np.longdouble(1))
    assert exact.dtype == np.longdouble
    assert abs(exact - np.cos(np.longdouble(1))) <= error


@pytest.mark.parametrize("f", [np.abs, lambda x: np.real(x) ** 2, lambda x: x * np.conj(x), lambda x: np.abs(x) * x])
def test_a_function_that_is_not_analytic_is_differentiated_by_differences(f):
    value, error = numerical_derivative(f, 1.5)
    expected = {1.0: 1.0}.get(f(1.0) / 1.0 * (f(2.0) == 2.0), 3.0)
    assert abs(value - expected) <= error < 1e-10


def test_method_complex_asks_for_a_function_of_complex_numbers():
    for f, x in ((np.abs, 1.0), (np.maximum.reduce, np.ones(3) * 1j), (np.cbrt, 1.0)):
        with pytest.raises(TypeError, match="method='complex' needs a function of real numbers"):
            numerical_derivative(f, x, np.ones(np.shape(x)), method="complex")


def test_at_a_kink_the_error_is_half_the_jump():
    value, error = numerical_derivative(np.abs, 0.0)
    assert (value, error) == (0, pytest.approx(1))
    value, error = numerical_derivative(lambda x: np.maximum(x, 0), 0.0)
    assert (value, error) == (0.5, pytest.approx(0.5))


def test_at_the_edge_of_its_domain_nothing_is_known():
    assert numerical_derivative(np.sqrt, 0.0)[1] == np.inf
    assert numerical_derivative(np.arcsin, 1.0)[1] == np.inf


def test_noise_in_the_function_is_part_of_the_error():
    value, error = numerical_derivative(lambda x: (1.7 * x + 1e9) - 1e9, 0.3, method="central")
    assert abs(value - 1.7) <= error
    assert 1e-7 < error < 1e-2


def test_the_whole_derivative_has_the_shape_of_the_result_and_of_x():
    x = np.array([[0.5, 1.0, 2.0]])
    value, error = numerical_derivative(lambda x: np.sum(np.exp(x), axis=1), x)
    assert value.shape == error.shape == (1, 1, 3)
    np.testing.assert_allclose(value[0], np.exp(x), rtol=1e-14)
    assert numerical_derivative(np.sum, x)[0].shape == (1, 3)
    assert numerical_derivative(np.exp, np.zeros((0, 2)))[0].shape == (0, 2, 0, 2)
    assert type(numerical_derivative(np.exp, 1.0)[0]) is np.float64


def test_a_direction_gives_the_shape_of_the_result():
    A = np.array([[1.0, 2.0], [3.0, 4.0]])
    value, error = numerical_derivative(lambda x: A @ x, [1.0, 1.0], [10.0, -1.0])
    np.testing.assert_allclose(value, A @ [10.0, -1.0], rtol=1e-12)
    assert error.shape == (2,)
    assert numerical_derivative(np.exp, [1.0, 2.0], [0.0, 0.0])[0].tolist() == [0, 0]


def test_the_size_of_a_direction_scales_the_derivative_and_not_the_steps():
    for size in (1e-8, 1.0, 1e8):
        value, error = numerical_derivative(np.tanh, 0.5, size, method="central")
        assert abs(value / size - (1 - np.tanh(0.5) ** 2)) <= error / size < 1e-11


def test_complex_numbers_are_differentiated_as_the_engine_does():
    z = 3 + 4j
    value, error = numerical_derivative(np.abs, z)
    assert abs(value - np.conj(z) / 5) <= error < 1e-10
    value, error = numerical_derivative(np.exp, z, 1j)
    assert abs(value - 1j * np.exp(z)) <= error
    value, error = numerical_derivative(lambda x: np.exp(1j * x), 0.5)
    assert abs(value - 1j * np.exp(0.5j)) <= error
    with pytest.raises(ValueError, match="derivative along each direction: give direction=1"):
        numerical_derivative(np.exp, z)


def test_a_step_that_is_given_is_the_largest():
    seen = []

    def f(x):
        seen.append(abs(x - 1.0))
        return np.exp(x)

    numerical_derivative(f, 1.0, 2.0, step=2.0**-10, method="central")
    assert max(seen) == 2.0**-9


def test_integers_are_taken_as_numbers():
    assert numerical_derivative(lambda x: x * x, 3)[0] == pytest.approx(6)
    assert numerical_derivative(lambda x: 7, 3.0)[0] == 0


def test_wrong_use_is_told():
    with pytest.raises(TypeError, match="takes a function first; got 3"):
        numerical_derivative(3, 1.0)
    with pytest.raises(TypeError, match="x must be of numbers"):
        numerical_derivative(np.exp, "text")
    with pytest.raises(TypeError, match="the result must be of numbers; got None"):
        numerical_derivative(lambda x: None, 1.0)
    with pytest.raises(ValueError, match=r"direction must have the shape of x, \(2,\); got \(3,\)"):
        numerical_derivative(np.exp, [1.0, 2.0], [1.0, 2.0, 3.0])
    with pytest.raises(TypeError, match="direction must be of numbers like those of x, float64; got dtype complex128"):
        numerical_derivative(np.exp, 1.0, 1j)
    with pytest.raises(ValueError, match="not finite at x: the result is -inf"):
        numerical_derivative(np.log, 0.0)
    with pytest.raises(ValueError, match="method is 'auto', 'central' or 'complex'; got 'forward'"):
        numerical_derivative(np.exp, 1.0, method="forward")
    with pytest.raises(ValueError, match="step is a positive number; got 0"):
        numerical_derivative(np.exp, 1.0, step=0)
    with pytest.raises(ValueError, match="returned shapes"):
        numerical_derivative(lambda x: np.zeros(2 if x == 1 else 3), 1.0)
