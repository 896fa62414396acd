"""What derivatives are where a function has a kink, where it is degenerate, and for arguments of any size."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg


def test_piecewise_constant_functions_give_plain_arrays():
    x = mg.Tensor([-1.5, 0.0, 2.0])
    for function in (np.sign, np.floor, np.isfinite, np.argmax, np.zeros_like, np.shape):
        assert type(function(x)) is not mg.Tensor
        np.testing.assert_array_equal(function(x), function(x.numpy()))


# What happens on a kink


def test_equal_arguments_of_an_extremum_share_the_derivative():
    for function in (np.maximum, np.minimum):
        assert mg.grad(function, (0, 1))(2.0, 2.0) == (0.5, 0.5)
    np.testing.assert_array_equal(mg.grad(np.max)(np.array([1.0, 3.0, 3.0])), [0, 0.5, 0.5])
    np.testing.assert_array_equal(mg.grad(np.min)(np.array([1.0, 1.0, 3.0])), [0.5, 0.5, 0])


def test_relu_has_slope_one_and_abs_slope_zero_at_zero():
    assert mg.grad(mg.relu)(0.0) == 1
    assert mg.grad(mg.leaky_relu)(0.0) == 1
    assert mg.grad(mg.leaky_relu)(-1.0) == 0.01
    assert mg.grad(np.abs)(0.0) == 0


@pytest.mark.parametrize("alpha", [0.5, 1.0, 2.0])
def test_elu_has_slope_alpha_at_zero(alpha):
    slope = mg.grad(lambda x: mg.elu(x, alpha=alpha))
    assert (slope(0.0), slope(5e-324)) == (alpha, 1)


def test_a_power_of_zero_has_the_derivative_of_the_polynomial():
    assert mg.grad(lambda x: x**1)(0.0) == 1
    assert mg.grad(lambda x: x**0)(0.0) == 0
    assert mg.grad(lambda x: x**2.0)(0.0) == 0
    assert mg.grad(lambda y: 0.0**y)(2.0) == 0


def test_derivatives_of_a_power_at_exponent_zero_agree_in_either_order():
    assert mg.grad(lambda y: mg.grad(lambda x: x**y)(2.0))(0.0) == 0.5
    assert mg.grad(lambda x: mg.grad(lambda y: x**y)(0.0))(2.0) == 0.5


@pytest.mark.parametrize("dtype", [np.int8, np.uint8, np.uint64])
def test_integer_exponents_of_any_kind_have_every_derivative(dtype):
    f = mg.grad(mg.grad(mg.grad(lambda x: np.sum(x ** np.array([0, 1, 2, 3], dtype)))))
    assert f(2.0) == 6


EMPTY = [((0,), (0,)), ((2, 0), (0,)), ((0,), (0, 3)), ((2, 3, 0), (2, 0, 4)), ((2, 3), (0, 3, 4)), ((2, 0), (2, 0, 3))]


@pytest.mark.parametrize(("first", "second"), EMPTY)
def test_products_of_nothing_have_derivatives_of_the_right_shape(first, second):
    a, b = mg.grad(lambda a, b: np.sum(np.dot(a, b)), (0, 1))(np.ones(first), np.ones(second))
    assert (a.shape, b.shape) == (first, second)
    assert not a.any()
    assert not b.any()


def test_a_derivative_keeps_its_digits_where_a_value_loses_them():
    assert mg.grad(np.expm1)(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-15)


def test_clip_passes_the_derivative_on_up_to_its_bounds():
    slopes = [mg.grad(lambda x: np.clip(x, 0.0, 1.0))(x) for x in (-0.5, 0.0, 0.5, 1.0, 1.5)]
    assert slopes == [0, 1, 1, 1, 0]


# Large arguments

OF_REALS = [
    mg.sigmoid, mg.relu, mg.leaky_relu, mg.elu, mg.gelu, mg.silu, mg.softplus, mg.normal_cdf, mg.logsumexp, mg.softmax
]  # fmt: skip
LARGE = [-1e308, -1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4, 1e308]


@pytest.mark.parametrize("x", LARGE)
def test_sigmoid_and_softplus_are_exact_for_arguments_of_any_size(x):
    small = np.exp(-abs(x))
    assert mg.sigmoid(x) == pytest.approx(1 / (1 + small) if x >= 0 else small / (1 + small), rel=1e-15)
    assert mg.grad(mg.sigmoid)(x) == pytest.approx(small / (1 + small) ** 2, rel=1e-14)
    assert mg.softplus(x) == pytest.approx(max(x, 0) + np.log1p(small), rel=1e-15)
    assert mg.grad(mg.softplus)(x) == mg.sigmoid(x)
    assert np.isfinite(mg.grad(mg.grad(mg.softplus))(x))


def exact_gelu(x):
    return mg.gelu(x, approximate=False)


@pytest.mark.parametrize("x", LARGE)
@pytest.mark.parametrize("kind", [np.float64, np.float32])
@pytest.mark.parametrize(("function", "below", "slope"), [
    (mg.elu, -1.0, 1.0), (mg.silu, 0.0, 0.5), (mg.gelu, 0.0, 0.5), (exact_gelu, 0.0, 0.5),
])  # fmt: skip
def test_what_is_like_relu_is_so_far_from_zero(function, below, slope, kind, x):
    x = kind(np.clip(x, *np.finfo(kind).min * np.array([1, -1])))
    with np.errstate(over="raise", invalid="raise"):
        assert function(x) == pytest.approx(x if x > 0 else below if x < 0 else 0.0, rel=1e-15, abs=1e-15)
        assert mg.grad(function)(x) == pytest.approx(slope if x == 0 else float(x > 0), abs=1e-15)
        assert abs(mg.grad(mg.grad(function))(x)) < 1


# erfc(-x / sqrt(2)) / 2, computed in 40 digits.
NORMAL = {
    -37.0: 5.725571222524577e-300,
    -20.0: 2.7536241186062337e-89,
    -8.25: 7.919726314642477e-17,
    -1.0: 0.15865525393145705,
    -1e-9: 0.49999999960105773,
    0.5: 0.6914624612740131,
    3.0: 0.9986501019683699,
    9.0: 1.0,
}


@pytest.mark.parametrize(("x", "expected"), NORMAL.items())
def test_the_normal_distribution_keeps_its_digits_also_in_its_lower_tail(x, expected):
    assert mg.normal_cdf(x) == pytest.approx(expected, rel=1e-15, abs=0)
    assert mg.gelu(x, approximate=False) == pytest.approx(x * expected, rel=1e-15, abs=0)
    assert mg.normal_cdf(np.float32(x)) == pytest.approx(expected, rel=1e-6, abs=1e-37)


@given(st.floats(-5.5, 40))
def test_the_normal_distribution_is_that_of_pythons_error_function(x):
    assert mg.normal_cdf(x) == pytest.approx(math.erfc(-x / math.sqrt(2)) / 2, rel=2e-14, abs=0)


@given(st.floats(-100, 100))
def test_the_approximation_of_gelu_is_that_by_tanh(x):
    u = math.sqrt(2 / math.pi) * (x + 0.044715 * x**3)
    assert mg.gelu(x) == pytest.approx(x * (1 + math.tanh(u)) / 2, rel=1e-12, abs=1e-13)
    assert mg.gelu(x) == pytest.approx(mg.gelu(x, approximate=False), abs=5e-4)


@given(st.floats(-700, -1e-300))
def test_silu_and_elu_keep_their_digits_below_zero(x):
    assert mg.silu(x) == pytest.approx(x * math.exp(x) / (1 + math.exp(x)), rel=1e-14, abs=0)
    assert mg.elu(x) == pytest.approx(math.expm1(x), rel=1e-15, abs=0)
    assert mg.grad(mg.elu)(x) == pytest.approx(math.exp(x), rel=1e-15, abs=0)


@pytest.mark.parametrize("x", LARGE)
def test_the_softmax_family_is_stable_for_arguments_of_any_size(x):
    row = np.array([x, 0.5, -0.5])
    with np.errstate(over="raise"):
        weights = mg.softmax(row)
        assert np.all(np.isfinite(weights))
        assert weights.sum() == pytest.approx(1)
        assert mg.logsumexp(row) >= np.max(row)
        np.testing.assert_allclose(mg.grad(mg.logsumexp)(row), weights, atol=1e-15)
        assert np.all(np.isfinite(mg.log_softmax(row)))
        assert np.all(np.isfinite(mg.grad(lambda r: mg.log_softmax(r)[0])(row)))


@pytest.mark.parametrize("function", OF_REALS)
def test_functions_of_real_numbers_take_lists_and_refuse_the_rest_by_name(function):
    np.testing.assert_array_equal(function([1.0, 2.0]), function(np.array([1.0, 2.0])))
    for x in (1j, np.array([1 + 2j]), "text", None, mg.Tensor([1j])):
        with pytest.raises(TypeError, match=rf"mg\.{function.__name__} takes real numbers; got dtype"):
            function(x)


def test_a_term_of_minus_infinity_is_not_there():
    row = np.array([-np.inf, 0.0])
    assert mg.logsumexp(row) == 0
    np.testing.assert_array_equal(mg.grad(mg.logsumexp)(row), [0, 1])
    assert mg.logsumexp(np.array([-np.inf, -np.inf])) == -np.inf
