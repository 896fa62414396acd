"""Functions that work element by element: on kinks, singular points and branch cuts, for numbers of any size."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.testing import check_gradients

UFUNCS = {f for f in vars(np).values() if isinstance(f, np.ufunc)}


def test_every_elementwise_ufunc_of_numpy_is_registered():
    assert [f.__name__ for f in UFUNCS if f.signature is None and f not in mg.registry] == []


# Choices


@pytest.mark.parametrize("function", [np.maximum, np.minimum, np.fmax, np.fmin])
def test_equal_arguments_share_the_derivative_evenly(function):
    assert mg.grad(function, (0, 1))(2.0, 2.0) == (0.5, 0.5)


@pytest.mark.parametrize("function", [np.fmax, np.fmin])
def test_an_extremum_that_leaves_nan_out_gives_the_other_argument_the_derivative(function):
    assert mg.grad(function, (0, 1))(2.0, np.nan) == (1, 0)
    assert mg.grad(function, (0, 1))(np.nan, 2.0) == (0, 1)


def test_the_second_argument_of_heaviside_counts_at_zero_alone():
    x, half = np.array([-1.0, 0.0, 1.0]), 0.5
    by_x, by_half = mg.grad(lambda x, half: np.sum(np.heaviside(x, half)), (0, 1))(x, half)
    np.testing.assert_array_equal(by_x, [0, 0, 0])
    assert by_half == 1


def test_where_with_a_condition_alone_is_told_what_it_is():
    with pytest.raises(TypeError, match=r"np\.where on Tensors: takes a condition and two arrays.*np\.nonzero"):
        np.where(mg.Tensor([1.0, 0.0]))


# Singular points


def test_the_absolute_value_and_the_length_have_the_derivative_zero_at_zero():
    assert mg.grad(np.abs)(0.0) == 0
    assert mg.grad(np.abs)(0j) == 0
    assert mg.grad(np.fabs)(0.0) == 0
    assert mg.grad(np.hypot, (0, 1))(0.0, 0.0) == (0, 0)


def test_powers_of_zero_and_of_negative_numbers_have_the_derivatives_of_the_polynomial():
    for n in range(5):
        derivative = mg.grad(mg.grad(lambda x, n=n: np.power(x, float(n))))
        assert derivative(0.0) == (2 if n == 2 else 0)
        assert derivative(-2.0) == pytest.approx(n * (n - 1) * (-2.0) ** (n - 2))
        assert mg.grad(lambda x, n=n: np.float_power(x, n))(0.0) == (1 if n == 1 else 0)


def test_sinc_has_every_derivative_at_zero():
    f, expected = np.sinc, [1, 0, -(np.pi**2) / 3, 0, np.pi**4 / 5, 0, -(np.pi**6) / 7]
    for value in expected:
        assert f(0.0) == pytest.approx(value, rel=1e-14, abs=0)
        f = mg.grad(f)


def test_i0_has_every_derivative_at_zero():
    f, expected = np.i0, [1, 0, 1 / 2, 0, 3 / 8]
    for value in expected:
        assert f(0.0) == pytest.approx(value, rel=1e-14, abs=0)
        f = mg.grad(f)


def test_the_derivative_of_i0_is_i1_for_numbers_of_any_size():
    x = np.array([0.0, 1e-8, 1.0, 8.0, 100.0, 700.0])
    # By mpmath.
    i1 = [0, 5e-9, 0.56515910399248503, 399.87313678256010, 1.0683693903381625e42, 1.5285003902339007e302]
    np.testing.assert_allclose(mg.grad(lambda x: np.sum(np.i0(x)))(x), i1, rtol=3e-14)
    assert np.isnan(mg.grad(np.i0)(np.nan))


def test_equal_infinities_share_the_derivative_of_a_log_of_a_sum():
    for function in (np.logaddexp, np.logaddexp2):
        assert mg.grad(function, (0, 1))(np.inf, np.inf) == (0.5, 0.5)
        assert mg.grad(function, (0, 1))(-np.inf, -np.inf) == (0.5, 0.5)
        assert mg.grad(function, (0, 1))(-np.inf, 0.0) == (0, 1)
        assert mg.grad(function, (0, 1))(np.inf, 0.0) == (1, 0)


# Digits


def test_derivatives_keep_their_digits_where_values_lose_them():
    assert mg.grad(np.arcsin)(1 - 2.0**-50) == pytest.approx(2.0**24.5, rel=1e-15)
    assert mg.grad(np.logaddexp)(1e6 + 0.125, 1e6) == pytest.approx(1 / (1 + np.exp(-0.125)), rel=1e-15)
    assert mg.grad(np.expm1)(-40.0) == pytest.approx(np.exp(-40.0), rel=1e-15)
    assert mg.grad(np.sinc)(1e-9) == pytest.approx(-(np.pi**2) / 3 * 1e-9, rel=1e-14)


def test_large_and_small_numbers_do_not_overflow_on_the_way():
    assert mg.grad(np.arcsinh)(1e200) == pytest.approx(1e-200)
    assert mg.grad(np.arccosh)(1e200) == pytest.approx(1e-200)
    assert mg.grad(np.arctan2)(1e-200, 1e-200) == pytest.approx(5e199)
    assert mg.grad(np.hypot)(1e200, 1e200) == pytest.approx(np.sqrt(0.5))


# Parts of numbers


def test_functions_of_two_results_give_the_derivative_of_the_first_and_a_plain_second():
    x = mg.Tensor([-2.75, 5.5])
    for function in (np.modf, np.frexp):
        first, second = function(x)
        assert type(first) is mg.Tensor
        assert type(second) is np.ndarray
        for ours, numpys in zip((first.numpy(), second), function(x.numpy()), strict=True):
            np.testing.assert_array_equal(ours, numpys)
    quotient, remainder = np.divmod(x, 2.0)
    assert type(quotient) is np.ndarray
    np.testing.assert_array_equal(remainder.numpy(), [1.25, 1.5])


def test_the_fractional_part_of_an_infinity_is_zero():
    assert np.modf(mg.Tensor(-np.inf))[0].numpy() == 0


def test_a_remainder_falls_with_its_divisor_by_the_whole_quotient():
    assert mg.grad(np.remainder, (0, 1))(7.5, -2.0) == (1, 4)
    assert mg.grad(np.fmod, (0, 1))(7.5, -2.0) == (1, 3)
    assert mg.grad(np.fmod, (0, 1))(-7.5, 2.0) == (1, 3)


@pytest.mark.parametrize("function", [np.round, np.around, np.fix, np.rint, np.floor, np.spacing, np.sign])
def test_steps_give_plain_arrays(function):
    x = mg.Tensor([-1.5, 0.25, 2.0])
    assert type(function(x)) is np.ndarray
    np.testing.assert_array_equal(function(x), function(x.numpy()))


def test_rounding_takes_decimals():
    np.testing.assert_array_equal(np.round(mg.Tensor([0.126, 1.0]), 2), [0.13, 1.0])


def test_functions_of_integers_take_integer_tensors():
    x = mg.Tensor([6, 4])
    np.testing.assert_array_equal(np.gcd(x, 4), [2, 4])
    np.testing.assert_array_equal(np.bitwise_and(x, 4), [4, 4])
    with pytest.raises(TypeError, match="bitwise_and"):
        np.bitwise_and(mg.Tensor([6.0]), 4)


def test_nan_to_num_keeps_the_derivative_of_finite_numbers():
    x = np.array([1.0, np.nan, np.inf, -np.inf])
    result = np.nan_to_num(mg.Tensor(x), nan=2.0, posinf=3.0, neginf=4.0)
    np.testing.assert_array_equal(result.numpy(), [1, 2, 3, 4])
    np.testing.assert_array_equal(mg.grad(lambda x: np.sum(np.nan_to_num(x, copy=False)))(x), [1, 0, 0, 0])
    z = np.array([complex(1, np.nan), complex(np.inf, 1)])
    slopes = mg.grad(lambda z: np.sum(np.real(np.nan_to_num(z)) + 2 * np.imag(np.nan_to_num(z))))(z)
    np.testing.assert_array_equal(slopes, [1, -2j])


# Complex numbers


def test_the_derivative_of_a_complex_sign_misses_the_step_along_the_number():
    z = 3 + 4j
    assert mg.grad(lambda z: np.real(np.sign(z)))(z) == pytest.approx(0.128 + 0.096j)
    assert mg.grad(lambda z: np.real(np.sign(z)))(0j) == 0


def test_the_angle_of_a_real_number_is_piecewise_constant():
    np.testing.assert_array_equal(mg.grad(lambda x: np.sum(np.angle(x)))(np.array([-1.0, 0.0, 2.0])), [0, 0, 0])
    assert mg.grad(np.angle)(2j) == -0.5


def test_a_branch_cut_is_left_on_the_side_of_the_sign_of_zero():
    for function in (np.arcsin, np.arccos):
        above, below = (mg.grad(lambda z, f=function: np.imag(f(z)))(complex(2, zero)) for zero in (0.0, -0.0))
        assert above == -below
        step = (function(2 + 1e-6 + 0j) - function(2 + 0j)).imag / 1e-6
        assert np.real(above) == pytest.approx(step, rel=1e-5)


def test_a_negative_base_has_a_derivative_with_respect_to_a_complex_exponent():
    check_gradients(np.power, -2.0, 0.5 + 1j)
    check_gradients(lambda y: (-2.0) ** y, 0.5 + 1j)


def test_the_functions_of_emath_are_complex_only_where_they_must_be():
    assert np.emath.sqrt(mg.Tensor([1.0, 4.0])).dtype == np.float64
    assert np.emath.sqrt(mg.Tensor([1.0, -4.0])).dtype == np.complex128
    check_gradients(lambda x: np.emath.logn(-3, x), np.array([0.5, -2.0]))
    check_gradients(lambda x: np.emath.power(x, [-1]), np.array([0.5, -2.0]))
    check_gradients(np.emath.arctanh, np.array([0.5, -2.0, 3.0]))


# Interpolation


def test_interpolation_has_numpys_values_everywhere():
    points, values = np.array([0.0, 1.0, 1.5, 4.0]), np.array([1.0, -1.0, 0.5, 2.0])
    x = np.array([-1.0, 0.0, 0.3, 1.0, 1.5, 2.0, 4.0, 9.0, np.nan])
    for options in ({}, {"left": -7.0}, {"right": 7.0}, {"period": 2.5}, {"period": -3.0}):
        ours = np.interp(mg.Tensor(x), points, mg.Tensor(values), **options)
        np.testing.assert_allclose(ours.numpy(), np.interp(x, points, values, **options), rtol=1e-15)
    single = np.interp(mg.Tensor(x[:-1]), [1.0], [2.0], left=0)
    np.testing.assert_array_equal(single.numpy(), np.interp(x[:-1], [1.0], [2.0], left=0))


def test_interpolation_on_a_point_has_the_slope_to_its_right_and_on_the_last_to_its_left():
    slope = mg.grad(lambda x: np.interp(x, [0.0, 1.0, 3.0], [0.0, 1.0, 7.0]))
    assert [slope(x) for x in (-0.5, 0.0, 1.0, 3.0, 3.5)] == [0, 1, 3, 3, 0]


def test_interpolation_refuses_what_numpy_refuses():
    with pytest.raises(ValueError, match="points and values of one axis"):
        np.interp(mg.Tensor(1.0), [1.0, 2.0], [1.0])
    with pytest.raises(ValueError, match="period that is not zero"):
        np.interp(mg.Tensor(1.0), [1.0, 2.0], [1.0, 2.0], period=0)


def test_unwrapping_leaves_derivatives_as_they_are():
    p = np.array([0.0, 3.0, -3.0, 0.5])
    np.testing.assert_array_equal(np.unwrap(mg.Tensor(p), period=5.0).numpy(), np.unwrap(p, period=5.0))
    np.testing.assert_array_equal(mg.grad(lambda p: np.sum(np.unwrap(p) * p))(p), np.unwrap(p) + p)


# Sums of exponentials


def test_infinite_terms_of_a_log_of_a_sum_share_the_derivative():
    slope = mg.grad(mg.logsumexp)
    np.testing.assert_array_equal(slope(np.array([np.inf, 0.0, 1e4])), [1, 0, 0])
    np.testing.assert_array_equal(slope(np.array([np.inf, np.inf, -np.inf])), [0.5, 0.5, 0])
    np.testing.assert_array_equal(slope(np.array([-np.inf, -np.inf])), [0, 0])
    columns = mg.grad(lambda a: np.sum(mg.logsumexp(a, axis=0)))(np.array([[np.inf, 0.0], [1.0, 0.0]]))
    np.testing.assert_array_equal(columns, [[1, 0.5], [0, 0.5]])
