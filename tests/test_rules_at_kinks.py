"""What derivatives are where a function has a kink, where it is degenerate, and for arguments of any size."""

import numpy as np
import pytest

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

LARGE = [-1e308, -1e4, -800.0, -40.0, 0.0, 40.0, 800.0, 1e4, 1e308]


@pytest.mark.parametrize("x", LARGE)
def test_sigmoid_and_softplus_are_exact_for_arguments_of_any_size(x):
    small = np.exp(-abs(x))
    assert mg.sigmoid(x) == pytest.approx(1 / (1 + small) if x >= 0 else small / (1 + small), rel=1e-15)
    assert mg.grad(mg.sigmoid)(x) == pytest.approx(small / (1 + small) ** 2, rel=1e-14)
    assert mg.softplus(x) == pytest.approx(max(x, 0) + np.log1p(small), rel=1e-15)
    assert mg.grad(mg.softplus)(x) == mg.sigmoid(x)
    assert np.isfinite(mg.grad(mg.grad(mg.softplus))(x))


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


@pytest.mark.parametrize("function", [mg.sigmoid, mg.relu, mg.leaky_relu, mg.softplus, mg.logsumexp, mg.softmax])
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
