"""Cases of functions that reduce axes: sums, means, products, extrema, and those that leave NaN out."""

from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, complexes, distinct, real, reducing

arrays = hnp.array_shapes(min_dims=0, max_dims=3, max_side=3)


def axes(ndim):
    return st.none() | st.integers(-ndim, ndim - 1) | hnp.valid_tuple_axes(ndim, min_size=1) if ndim else st.none()


@st.composite
def masked(draw, function, domain=real):
    """Some elements left out, by a mask that may be stretched."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(domain))
    where = draw(hnp.arrays(bool, draw(st.sampled_from([x.shape, x.shape[-1:], (*x.shape[:-1], 1)]))))
    return Case(partial(function, axis=draw(axes(x.ndim)), keepdims=draw(st.booleans()), where=where), (x,))


@st.composite
def some_left(draw, function, domain=real):
    """A mask that leaves an element or more along the last axis, so that there is a mean."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=3).flatmap(domain))
    where = draw(hnp.arrays(bool, x.shape))
    where[..., 0] = True
    axis = draw(st.sampled_from([None, -1, x.ndim - 1]))
    return Case(lambda a: function(a, axis=axis, where=where), (x,))


@st.composite
def begun(draw, function, domain=real):
    """The start value is an argument like the array."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=3))
    values = draw(domain((int(np.prod(shape)) + 1,)))
    x, initial = np.reshape(values[1:], shape), values[0]
    axis, where = draw(st.none() | st.integers(-x.ndim, x.ndim - 1)), draw(hnp.arrays(bool, x.shape))
    options = draw(st.sampled_from([{}, {"where": where}, {"keepdims": True}]))
    return Case(lambda a, start: function(a, axis=axis, initial=start, **options), (x, initial))


@st.composite
def with_zeros(draw, function):
    """Factors of which some are exactly zero."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=4).flatmap(real))
    zero = draw(hnp.arrays(bool, x.shape))
    return Case(partial(function, axis=draw(st.none() | st.integers(-x.ndim, x.ndim - 1))), (np.where(zero, 0, x),))


@st.composite
def with_missing(draw, function, domain=real):
    """Some elements are NaN, at least one along the first axis is not."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=2, max_side=3).flatmap(domain))
    missing = draw(hnp.arrays(bool, x.shape))
    missing[0] = False
    axis = draw(st.sampled_from([None, 0, -x.ndim]))
    chosen = draw(st.sampled_from([{}, {"keepdims": True}]))
    return Case(lambda a: function(np.where(missing, np.nan, a), axis=axis, **chosen), (x,))


def spaced(a):
    """What keeps elements apart, so that no deviation is near zero."""
    return 9 * np.reshape(np.arange(a.size, dtype=a.dtype), a.shape) ** 2


@st.composite
def with_missing_scanned(draw, function):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=3).flatmap(real))
    missing = draw(hnp.arrays(bool, x.shape))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    return Case(lambda a: function(np.where(missing, np.nan, a), axis=axis), (x,))


CASES = {
    np.sum: reducing(np.sum) | reducing(np.sum, complexes) | masked(np.sum) | begun(np.sum),
    np.mean: reducing(np.mean) | reducing(np.mean, complexes) | some_left(np.mean),
    np.prod: reducing(np.prod) | with_zeros(np.prod) | reducing(np.prod, complexes) | masked(np.prod) | begun(np.prod),
    np.max: reducing(np.max, distinct) | some_left(partial(np.max, initial=-9.0), distinct) | begun(np.max, distinct),
    np.min: reducing(np.min, distinct) | some_left(partial(np.min, initial=9.0), distinct) | begun(np.min, distinct),
    np.amax: reducing(np.amax, distinct) | begun(np.amax, distinct),
    np.amin: reducing(np.amin, distinct) | begun(np.amin, distinct),
    np.ptp: reducing(np.ptp, distinct),
    np.nansum: with_missing(np.nansum) | with_missing(np.nansum, complexes),
    np.nanprod: with_missing(np.nanprod),
    np.nanmean: with_missing(np.nanmean) | with_missing(np.nanmean, complexes),
    np.nanvar: with_missing(np.nanvar) | with_missing(np.nanvar, complexes),
    np.nanstd: with_missing(lambda a, **options: np.nanstd(a + spaced(a), **options)),
    np.nanmax: with_missing(np.nanmax, distinct),
    np.nanmin: with_missing(np.nanmin, distinct),
    np.nancumsum: with_missing_scanned(np.nancumsum),
    np.nancumprod: with_missing_scanned(np.nancumprod),
}
