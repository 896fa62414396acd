"""Sums, products, extrema, variances, quantiles, running sums: at kinks and zeros, with NaN, masks, no elements."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.graph import ancestors

NAN = np.nan


def second(f, x):
    """The gradient of the sum of the gradient's elements, weighted."""
    weights = np.reshape(np.arange(1.0, x.size + 1), x.shape)
    return mg.grad(lambda y: np.sum(weights * mg.grad(f)(y)))(x)


# Products


def test_a_product_is_differentiated_where_factors_are_zero():
    np.testing.assert_array_equal(mg.grad(np.prod)(np.array([2.0, 0.0, 5.0])), [0, 10, 0])
    np.testing.assert_array_equal(mg.grad(np.prod)(np.array([2.0, 0.0, 0.0])), [0, 0, 0])
    hessian_times = second(np.prod, np.array([2.0, 0.0, 0.0]))
    np.testing.assert_array_equal(hessian_times, [0, 6, 4])


@given(hnp.arrays(float, st.integers(0, 9), elements=st.sampled_from([0.0, 0.0, 1.0, -2.0, 0.5])))
def test_products_and_running_products_with_any_zeros_are_exact_to_the_second_order(x):
    def without(part, *places):
        inside = len(set(places)) == len(places) and max(places) < len(part)
        return np.prod(np.delete(part, places)) if inside else 0.0

    every = range(len(x))
    weights = np.arange(1.0, len(x) + 1)
    np.testing.assert_array_equal(mg.grad(np.prod)(x), [without(x, i) for i in every])
    np.testing.assert_array_equal(
        mg.hessian(np.prod)(x), np.reshape([without(x, i, k) for i in every for k in every], (len(x), len(x)))
    )
    running = [sum(w * without(x[: j + 1], i) for j, w in enumerate(weights)) for i in every]
    np.testing.assert_allclose(mg.grad(lambda a: np.sum(weights * np.cumprod(a)))(x), running, rtol=1e-14)
    curvature = [sum(w * without(x[: j + 1], i, k) for j, w in enumerate(weights)) for i in every for k in every]
    np.testing.assert_allclose(
        mg.hessian(lambda a: np.sum(weights * np.cumprod(a)))(x),
        np.reshape(curvature, (len(x), len(x))),
        rtol=1e-14,
    )


def test_a_product_that_underflows_has_the_derivative_of_the_other_factors():
    x = np.array([1e-200, 1e-200, 1.0])
    np.testing.assert_allclose(mg.grad(np.prod)(x), [1e-200, 1e-200, 0])


def test_a_product_of_nothing_or_of_one_number_has_its_derivative():
    assert mg.grad(np.prod)(np.zeros(0)).shape == (0,)
    np.testing.assert_array_equal(mg.grad(np.prod)(np.array([0.0])), [1])
    assert mg.grad(np.prod)(0.0) == 1
    np.testing.assert_array_equal(mg.grad(lambda a: np.sum(np.prod(a, axis=0)))(np.zeros((0, 2))), np.zeros((0, 2)))


# Extrema


def test_an_extremum_that_is_nan_has_the_derivative_nan():
    x = np.array([[1.0, NAN, 3.0], [1.0, 2.0, 3.0]])
    for function in (np.max, np.min):
        slopes = mg.grad(lambda a, f=function: np.sum(f(a, axis=1)))(x)
        assert np.isnan(slopes[0]).all()
        assert np.sum(slopes[1]) == 1


def test_float16_shares_and_averages_over_more_elements_than_it_can_count():
    x = np.ones(70_000, np.float16)
    for function in (np.max, np.min, np.mean):
        slopes = mg.grad(function)(x)
        assert slopes.dtype == np.float16
        np.testing.assert_allclose(slopes, 1 / 70_000, rtol=1e-2)


def test_the_start_value_of_an_extremum_takes_its_part_of_a_tie():
    x, start = np.array([1.0, 2.0, 2.0]), 2.0
    slopes, slope = mg.grad(lambda a, s: np.max(a, initial=s), (0, 1))(x, start)
    np.testing.assert_allclose(slopes, [0, 1 / 3, 1 / 3])
    assert slope == pytest.approx(1 / 3)
    assert mg.grad(lambda s: np.max(mg.Tensor(np.zeros(0)), initial=s))(3.0) == 1


def test_elements_that_where_leaves_out_have_no_derivative_even_if_they_are_nan():
    x, there = np.array([1.0, NAN, 4.0]), np.array([True, False, True])
    for function in (np.sum, np.mean, np.prod, np.var, np.std, lambda a, where: np.max(a, initial=0.0, where=where)):
        slopes = mg.grad(lambda a, f=function: f(a, where=there))(x)
        assert slopes[1] == 0
        assert np.isfinite(slopes).all()
        assert np.isfinite(second(lambda a, f=function: f(a, where=there), x)).all()


def test_the_range_is_differentiated_at_both_ends():
    np.testing.assert_array_equal(mg.grad(np.ptp)(np.array([3.0, 1.0, 2.0])), [1, -1, 0])


# Variances


def test_the_deviation_of_equal_elements_has_the_derivative_zero_to_any_order():
    x = np.full(4, 2.5)
    np.testing.assert_array_equal(mg.grad(np.std)(x), np.zeros(4))
    np.testing.assert_array_equal(second(np.std, x), np.zeros(4))
    np.testing.assert_array_equal(mg.grad(np.var)(x), np.zeros(4))
    assert mg.grad(np.std)(2.5) == 0


def test_a_variance_far_from_zero_keeps_its_digits():
    x = 1e8 + np.array([1.0, 2.0, 3.0])
    np.testing.assert_allclose(mg.grad(np.var)(x), [-2 / 3, 0, 2 / 3], atol=1e-12)


def test_the_degrees_of_freedom_are_given_once():
    t = mg.Tensor([1.0, 2.0, 4.0])
    assert np.var(t, correction=1).item() == np.var(t, ddof=1).item() == np.var(t.numpy(), ddof=1)
    with pytest.raises((TypeError, ValueError), match="ddof"):
        np.var(t, ddof=1, correction=1)


def test_the_mean_that_a_variance_is_given_need_not_be_the_mean():
    x = mg.Tensor([1.0, 2.0, 6.0])
    mean = mg.Tensor([2.0])
    np.var(x, mean=mean).backward()
    np.testing.assert_allclose(x.grad, [-2 / 3, 0, 8 / 3])
    np.testing.assert_allclose(mean.grad, [-2.0])


def test_complex_variances_are_real_and_differentiated_as_such():
    z = np.array([1 + 2j, 3 - 1j, 0.5j])
    slopes = mg.grad(np.var)(z)
    np.testing.assert_allclose(slopes, 2 / 3 * np.conj(z - z.mean()))


def test_an_average_returns_its_weights_and_refuses_those_that_sum_to_zero():
    t = mg.Tensor([[1.0, 2.0], [3.0, 5.0]])
    mean, total = np.average(t, axis=1, weights=[1.0, 3.0], returned=True)
    np.testing.assert_array_equal(mean.numpy(), [1.75, 4.5])
    np.testing.assert_array_equal(total, [4, 4])
    with pytest.raises(ZeroDivisionError, match="weights sum to zero"):
        np.average(t, weights=np.zeros((2, 2)))
    with pytest.raises(TypeError, match="need an axis"):
        np.average(t, weights=[1.0, 2.0])
    with pytest.raises(ValueError, match="do not fit the axes"):
        np.average(t, axis=0, weights=[1.0, 2.0, 3.0])


def test_correlations_stay_within_their_bounds():
    rng = np.random.default_rng(0)
    x = rng.normal(size=7)
    for scale in (0.1, 0.7, 3.0):
        r = np.corrcoef(mg.Tensor(np.stack([x, scale * x, -scale * x]))).numpy()
        assert np.max(np.abs(r)) <= 1


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda t: np.cov(t, fweights=[0.5, 1, 1]), "whole"),
        (lambda t: np.cov(t, aweights=[-1, 1, 1]), "negative"),
        (lambda t: np.cov(t, aweights=[1, 1]), "3 observations"),
        (lambda t: np.cov(t[:, None, None]), "at most 2 axes"),
        (lambda t: np.quantile(t, 1.5), r"range \[0, 1\]"),
        (lambda t: np.quantile(t, 0.5, method="inverted_cdf"), "have the methods linear"),
        (lambda t: np.quantile(t, 0.5, weights=[1, 1, 1]), "weights"),
        (lambda t: np.quantile(t + 1j, 0.5), "real numbers"),
        (lambda t: np.median(t, foo=1), "foo"),
        (lambda t: np.sum(t, None, None, np.zeros(())), "got out="),
        (lambda t: np.cumsum(t, 0, None, np.zeros(3)), "got out="),
    ],
)
def test_what_a_statistic_cannot_take_is_told(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(mg.Tensor([1.0, 2.0, 4.0]))


# Quantiles


def test_a_quantile_is_differentiated_with_respect_to_where_it_is():
    x = np.array([1.0, 2.0, 6.0])
    assert mg.grad(lambda q: np.quantile(mg.Tensor(x), q))(0.75) == 8
    assert mg.grad(lambda q: np.percentile(mg.Tensor(x), q))(25.0) == pytest.approx(0.02)


@given(
    hnp.arrays(float, st.integers(1, 9), elements=st.integers(-3, 3)),
    st.sampled_from([0, 0.1, 1 / 3, 0.5, 0.9, 1]),
    st.sampled_from(["linear", "lower", "higher", "nearest", "midpoint", "hazen", "weibull", "median_unbiased"]),
)
def test_quantiles_of_equal_elements_are_numpys_and_pass_one_derivative_on(x, q, method):
    value, slopes = mg.value_and_grad(lambda a: np.quantile(a, q, method=method))(x)
    assert value == pytest.approx(np.quantile(x, q, method=method), rel=1e-14, abs=1e-14)
    assert np.sum(slopes) == pytest.approx(1)


def test_medians_and_quantiles_of_nan_are_nan_in_value_and_derivative():
    x = np.array([1.0, NAN, 3.0, 4.0])
    for f in (np.median, lambda a: np.quantile(a, 0.3)):
        value, slopes = mg.value_and_grad(f)(x)
        assert np.isnan(value)
        assert np.isnan(slopes).any()


def test_the_quantiles_of_float32_are_float32_for_a_number_and_numpys_dtype_for_an_array():
    x = np.array([1.0, 2.0, 5.0], np.float32)
    for q in (0.3, [0.3, 0.4], np.array([0.3], np.float32)):
        assert np.quantile(mg.Tensor(x), q).dtype == np.quantile(x, q).dtype


def test_the_median_of_an_infinity_or_of_integers_is_numpys():
    assert np.median(mg.Tensor([1.0, np.inf, np.inf])).item() == np.inf
    assert np.median(mg.Tensor([1, 2])).item() == 1.5


# NaN left out


def test_functions_that_leave_nan_out_give_it_no_derivative():
    x = np.array([[1.0, NAN, 4.0], [2.0, 3.0, 7.0]])
    for f in (
        np.nansum,
        np.nanmean,
        np.nanvar,
        np.nanstd,
        np.nanmax,
        np.nanmin,
        np.nanprod,
        np.nanmedian,
        np.nancumsum,
    ):
        value, slopes = mg.value_and_grad(lambda a, f=f: np.sum(f(a, axis=1)))(x)
        assert value == pytest.approx(np.sum(f(x, axis=1)))
        assert slopes[0, 1] == 0
        assert np.isfinite(slopes).all()


@pytest.mark.filterwarnings("ignore::RuntimeWarning")
def test_where_nothing_is_left_the_value_is_nan_and_numpys_warning_is_given():
    x = mg.Tensor([NAN, NAN])
    for f in (np.nanmax, np.nanmin, np.nanmean, np.nanvar, np.nanmedian):
        assert np.isnan(f(x).item())
    assert np.nansum(x).item() == 0
    with pytest.warns(RuntimeWarning, match="All-NaN slice"):
        np.nanmax(x)


def test_integers_have_nothing_to_leave_out():
    t = mg.Tensor([[1, 2], [3, 4]])
    assert np.nanmax(t).item() == 4
    assert np.nanmean(t).item() == 2.5
    assert np.nansum(t, axis=0).tolist() == [4, 6]


# Running sums, differences


def test_running_products_have_one_derivative_for_any_length():
    rng = np.random.default_rng(1)
    for length in range(12):
        x = rng.uniform(0.5, 1.5, length)
        weights = rng.normal(size=length)
        exact = [sum(weights[j] * np.prod(np.delete(x[: j + 1], i)) for j in range(i, length)) for i in range(length)]
        np.testing.assert_allclose(mg.grad(lambda a, w=weights: np.sum(w * np.cumprod(a)))(x), exact, rtol=1e-12)


def test_differences_of_booleans_are_booleans():
    assert np.diff(mg.Tensor([True, False, False])).tolist() == [True, False]


def test_positions_on_a_grid_are_differentiated_one_by_one_though_they_are_even():
    f, x = np.array([0.0, 1.0, 4.0, 9.0]), np.arange(4.0)
    assert np.count_nonzero(mg.jacobian(lambda x: np.gradient(mg.Tensor(f), x))(x)) > 6


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: np.gradient(t, edge_order=3), ValueError, "edge_order is 1 or 2"),
        (lambda t: np.gradient(t[:1]), ValueError, "edge_order=1 needs 2"),
        (lambda t: np.gradient(t, 1.0, 2.0), TypeError, "one spacing"),
        (lambda t: np.gradient(t, [1.0, 2.0]), ValueError, "positions along axis 0 must be 3"),
        (lambda t: np.diff(t, -1), ValueError, "n=-1"),
    ],
)
def test_a_difference_that_cannot_be_taken_is_told(call, error, message):
    with pytest.raises(error, match=message):
        call(mg.Tensor([1.0, 2.0, 4.0]))


# Methods and their cost


def test_methods_take_the_options_of_the_functions():
    t = mg.Tensor([[1.0, 2.0], [3.0, 5.0]])
    x = t.numpy()
    mask = np.array([True, False])
    assert t.sum(initial=3.0, where=mask).item() == x.sum(initial=3.0, where=mask)
    assert t.sum(dtype=np.float32).dtype == np.float32
    assert t.max(initial=9.0, axis=0).tolist() == [9, 9]
    for name in ("var", "std", "prod", "cumsum", "cumprod", "argsort", "nonzero", "diagonal", "trace", "conj"):
        ours, numpys = getattr(t, name)(), getattr(x, name)()
        np.testing.assert_array_equal(getattr(ours, "numpy", lambda ours=ours: ours)(), numpys)
    assert t.std(ddof=1, axis=1, keepdims=True).shape == (2, 1)
    np.testing.assert_array_equal(t.repeat(2, axis=1).numpy(), x.repeat(2, axis=1))
    np.testing.assert_array_equal(t.take([1, 0], axis=1).numpy(), x.take([1, 0], axis=1))
    np.testing.assert_array_equal(t.compress([False, True], axis=0).numpy(), x[1:])
    np.testing.assert_array_equal(t.mT.numpy(), x.T)
    with pytest.raises(TypeError, match="foo"):
        t.sum(foo=1)


def test_a_reduction_is_one_operation():
    t = mg.Tensor([[1.0, 2.0], [3.0, 5.0]])
    for result in (
        t.prod(),
        t.var(),
        t.std(axis=0),
        t.cumsum(),
        t.cumprod(),
        np.sum(t, where=[True, False]),
        t.max(initial=1),
    ):
        assert len(ancestors(result.node)) == 2


def test_an_average_has_the_dtype_that_numpy_gives_it():
    for a, weights in [
        (np.ones(2, np.float32), np.array([True, True])),
        (np.ones(2, np.float32), np.array([1, 2], np.int8)),
        (np.ones(2, np.float32), [1, 2]),
        (np.ones(2, np.complex64), np.ones(2, np.float32)),
    ]:
        ours, theirs = (np.average(x, weights=weights, returned=True) for x in (mg.Tensor(a), a))
        assert [np.result_type(x) for x in ours] == [np.result_type(x) for x in theirs]
    assert np.average([1, 2], weights=mg.Tensor(np.ones(2, np.float32))).dtype == np.float64
