"""Cases of running sums and products, differences, integrals, convolutions."""

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.rules.differences import lagged
from micrograd_nd.testing.cases.drawing import Case, along, complexes, real

some = hnp.array_shapes(min_dims=1, max_dims=3, max_side=3)


@st.composite
def zeros_among(draw, function, domain=real):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=0, max_side=5).flatmap(domain))
    zero = draw(hnp.arrays(bool, x.shape))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    return Case(lambda a: function(a, axis=axis), (np.where(zero, 0, x),))


@st.composite
def cumulative(draw, function):
    x = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3).flatmap(real))
    axis = draw(st.integers(-x.ndim, x.ndim - 1)) if x.ndim > 1 or (x.ndim and draw(st.booleans())) else None
    begun = draw(st.booleans())
    return Case(lambda a: function(a, axis=axis, include_initial=begun), (x,))


@st.composite
def differing(draw):
    x = draw(some.flatmap(real))
    axis, n = draw(st.integers(-x.ndim, x.ndim - 1)), draw(st.integers(0, 3))
    ends = draw(real((2,)))
    layer = draw(real((*x.shape[: axis % x.ndim], 2, *x.shape[axis % x.ndim + 1 :])))
    return Case(
        *draw(
            st.sampled_from(
                [
                    (lambda a: np.diff(a, n, axis), (x,)),
                    (lambda a, e: np.diff(a, n, axis, prepend=e[0], append=e[1]), (x, ends)),
                    (lambda a, e: np.diff(a, n=n, axis=axis, append=e), (x, layer)),
                ]
            )
        )
    )


@st.composite
def lagging(draw):
    x = draw(some.flatmap(real))
    axis, lag = draw(st.integers(0, x.ndim - 1)), draw(st.integers(1, 2))
    return Case(lambda a: lagged(a, lag=lag, axis=axis), (x,))


@st.composite
def differing_in_all(draw):
    x, begin, end = draw(some.flatmap(real)), draw(real((2,))), draw(real(()))
    return Case(
        *draw(
            st.sampled_from(
                [(np.ediff1d, (x,)), (lambda a, b, e: np.ediff1d(a, to_begin=b, to_end=e), (x, begin, end))]
            )
        )
    )


def together(results):
    """Join a result, or several, to one vector."""
    results = results if isinstance(results, (tuple, list)) else (results,)
    return np.concatenate([np.ravel(result) for result in results])


@st.composite
def sloping(draw):
    """Spacings of one number, one an axis, or positions; constant or differentiated with respect to."""
    order = draw(st.sampled_from([1, 2]))
    f = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=3, max_side=4).flatmap(real))
    axis = draw(st.integers(-f.ndim, f.ndim - 1))
    step = draw(real(())) + 4
    positions = np.cumsum(np.abs(draw(real((f.shape[axis],)))) + 1 + np.arange(f.shape[axis]))
    even = np.arange(f.shape[axis]) * 0.5
    last = np.arange(f.shape[-1]) ** 2 + 1.0
    spacings = [2.0] * (f.ndim - 1)
    return Case(
        *draw(
            st.sampled_from(
                [
                    (lambda f: together(np.gradient(f, edge_order=order)), (f,)),
                    (lambda f: together(np.gradient(f, 0.5)), (f,)),
                    (lambda f: together(np.gradient(f, *spacings, last, edge_order=order)), (f,)),
                    (lambda f: np.gradient(f, even, axis=axis, edge_order=order), (f,)),
                    (lambda f, h: np.gradient(f, h, axis=axis, edge_order=order), (f, step)),
                    (lambda f, x: np.gradient(f, x, axis=axis, edge_order=order), (f, positions)),
                ]
            )
        )
    )


@st.composite
def integrating(draw):
    y = draw(some.flatmap(real))
    axis = draw(st.integers(-y.ndim, y.ndim - 1))
    x, whole, dx = draw(real((y.shape[axis],))), draw(real(y.shape)), draw(real(()))
    return Case(
        *draw(
            st.sampled_from(
                [
                    (lambda y: np.trapezoid(y, axis=axis), (y,)),
                    (lambda y, dx: np.trapezoid(y, dx=dx, axis=axis), (y, dx)),
                    (lambda y, x: np.trapezoid(y, x, axis=axis), (y, x)),
                    (lambda y, x: np.trapezoid(y, x, axis=axis), (y, whole)),
                ]
            )
        )
    )


@st.composite
def sliding(draw, function, domain=real):
    a, v = (draw(st.integers(1, 4).flatmap(lambda n: domain((n,)))) for _ in range(2))
    mode = draw(st.sampled_from(["full", "same", "valid"]))
    return Case(lambda a, v: function(a, v, mode), (a, v))


CASES = {
    np.cumsum: along(np.cumsum) | zeros_among(np.cumsum, complexes),
    np.cumprod: along(np.cumprod) | zeros_among(np.cumprod) | zeros_among(np.cumprod, complexes),
    lagged: lagging(),
    np.diff: differing(),
    np.ediff1d: differing_in_all(),
    np.gradient: sloping(),
    np.trapezoid: integrating(),
    np.convolve: sliding(np.convolve) | sliding(np.convolve, complexes),
    np.correlate: sliding(np.correlate) | sliding(np.correlate, complexes),
}
if hasattr(np, "cumulative_sum"):
    CASES[np.cumulative_sum] = cumulative(np.cumulative_sum)
    CASES[np.cumulative_prod] = cumulative(np.cumulative_prod)
