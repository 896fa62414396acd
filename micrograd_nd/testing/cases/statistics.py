"""Cases of variances, averages, covariances and quantiles."""

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, complexes, distinct, positive, real


@st.composite
def spread(draw, function, domain=real):
    """Degrees of freedom, masks, means that are known; no row with all elements equal, where deviations have a kink."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, min_side=2, max_side=3).flatmap(domain))
    x = x + 2 * np.reshape(np.arange(x.size) ** 2, x.shape)
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim, min_size=1))
    where = np.ones(x.shape, bool)
    where[tuple(draw(st.integers(0, n - 1)) for n in x.shape)] = x.ndim == 1 and x.size == 2
    options = draw(
        st.sampled_from(
            [
                {},
                {"ddof": 1},
                {"correction": 0.5},
                {"ddof": 0.5, "keepdims": True},
                {"where": where} if x.size > 4 and axis is None else {},
            ]
        )
    )
    return Case(lambda a: function(a, axis=axis, **options), (x,))


@st.composite
def spread_about(draw, function):
    """The mean is an argument of its own."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=2, max_side=3).flatmap(distinct))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    mean = draw(real(np.mean(x, axis=axis, keepdims=True).shape)) + 8
    return Case(lambda a, m: function(a, axis=axis, mean=m, keepdims=True), (x, mean))


@st.composite
def averaging(draw):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(real))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    shape, axes = draw(
        st.sampled_from([(x.shape, None), (x.shape, axis), ((x.shape[axis],), axis)])
        | st.permutations(range(x.ndim)).map(lambda p: (tuple(x.shape[i] for i in p), tuple(p)))
    )
    weights = draw(positive(shape)) + 0.5
    keepdims = draw(st.booleans())

    def weighted(a, w):
        mean, total = np.average(a, axes, w, returned=True, keepdims=keepdims)
        return mean + total

    return (
        Case(draw(st.sampled_from([weighted, lambda a, w: np.average(a, axis=axes, weights=w)])), (x, weights))
        if draw(st.booleans())
        else Case(lambda a: np.average(a, axes), (x,))
    )


# What is added keeps every variable from being constant, and any two from being proportional.
SCATTERED = 8.0 * np.array([[0, 1, 5, 2], [3, 0, 1, 7], [1, 4, 0, 9]])
OTHERWISE = 8.0 * np.array([[2, 7, 0, 4], [1, 6, 2, 0], [0, 5, 9, 1]])


@st.composite
def covarying(draw, function, domain=real, biases=(None,)):
    """Variables in rows or columns, of one array or of two."""
    shape = draw(st.sampled_from([(3,), (4,), (2, 3), (3, 3), (2, 4)]))
    rows, columns = (slice(shape[0] if len(shape) == 2 else 1), slice(shape[-1]))
    rowvar = draw(st.booleans()) or len(shape) == 1
    x, y = (draw(domain(shape)) + np.reshape(pattern[rows, columns], shape) for pattern in (SCATTERED, OTHERWISE))
    options = {} if (bias := draw(st.sampled_from(biases))) is None else {"bias": bias}
    if draw(st.booleans()):
        return Case(lambda m: function(m, rowvar=rowvar, dtype=m.dtype, **options), (x,))
    return Case(lambda m, n: function(m, n, rowvar=rowvar, dtype=m.dtype, **options), (x, y))


@st.composite
def weighted_covariance(draw):
    x, weights = draw(real((2, 4))) + np.arange(4), draw(positive((4,))) + 0.5
    counts, ddof = draw(st.sampled_from([None, np.array([1, 2, 1, 3])])), draw(st.sampled_from([None, 0, 1]))
    return Case(
        lambda m, w: (
            np.cov(m, aweights=w, ddof=ddof, dtype=m.dtype)
            if counts is None
            else np.cov(m, aweights=w, fweights=counts.astype(w.dtype), ddof=ddof, dtype=m.dtype)
        ),
        (x, weights),
    )


@st.composite
def middling(draw, function):
    x = draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=3).flatmap(distinct))
    axes = st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim, min_size=1) if x.ndim else st.none()
    axis, keepdims = draw(st.none() | axes), draw(st.booleans())
    return Case(lambda a: function(a, axis=axis, keepdims=keepdims), (x,))


METHODS = ["linear", "lower", "higher", "midpoint", "nearest", "hazen", "weibull", "median_unbiased", "normal_unbiased"]


@st.composite
def ranking(draw, function, whole):
    """One quantile or several, constant or differentiated with respect to, away from where it meets an element."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, max_side=4).flatmap(distinct))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    q = draw(
        st.sampled_from([0.1, 0.45, 0.9]) | hnp.arrays(float, st.sampled_from([(2,), (2, 1)]), elements=st.just(0.3))
    )
    q = q * whole
    method, keepdims = draw(st.sampled_from(METHODS)), draw(st.booleans())
    if draw(st.booleans()):
        return Case(lambda a, q: function(a, q, axis=axis, keepdims=keepdims), (x, np.asarray(q)[()]))
    return Case(
        lambda a: function(
            a, q if isinstance(q, float) else q.astype(a.dtype), axis=axis, method=method, keepdims=keepdims
        ),
        (x,),
    )


@st.composite
def with_missing(draw, function):
    x = draw(st.sampled_from([(4,), (3, 2), (4, 3)]).flatmap(distinct))
    missing = draw(hnp.arrays(bool, x.shape))
    missing[0] = False
    axis, keepdims = draw(st.sampled_from([None, 0, -x.ndim])), draw(st.booleans())
    return Case(lambda a: function(np.where(missing, np.nan, a), axis=axis, keepdims=keepdims), (x,))


CASES = {
    np.var: spread(np.var) | spread(np.var, complexes) | spread_about(np.var),
    np.std: spread(np.std) | spread(np.std, complexes) | spread_about(np.std),
    np.average: averaging(),
    np.cov: covarying(np.cov, biases=(True, False)) | covarying(np.cov, complexes) | weighted_covariance(),
    np.corrcoef: covarying(np.corrcoef),
    np.median: middling(np.median),
    np.quantile: ranking(np.quantile, 1),
    np.percentile: ranking(np.percentile, 100),
    np.nanmedian: with_missing(np.nanmedian),
    np.nanquantile: with_missing(lambda a, **options: np.nanquantile(a, 0.35, **options))
    | with_missing(lambda a, **options: np.nanquantile(a, np.array([0.15, 0.65], a.dtype), method="hazen", **options)),
    np.nanpercentile: with_missing(lambda a, **options: np.nanpercentile(a, 35, **options)),
}
