"""Cases of the Fourier transforms."""

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, complexes, real
from micrograd_nd.testing.cases.products import numbers

norms = st.sampled_from([None, "backward", "ortho", "forward"])
lengths = st.integers(1, 5)


def something(a):
    """Refuse nothing at all: what NumPy's irfft makes of no elements is what happens to be in memory."""
    if not np.size(a):
        raise ValueError("nothing to transform")
    return a


@st.composite
def transforming(draw, function, domain=numbers, least=1):
    """Along one axis, which is cut off or filled up."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=least, max_side=4).flatmap(domain))
    axis, norm = draw(st.integers(-x.ndim, x.ndim - 1)), draw(norms)
    n = draw(st.none() | lengths)
    return Case(lambda a: function(something(a), n=n, axis=axis, norm=norm), (x,))


@st.composite
def transforming_all(draw, function, domain=numbers, least=1):
    """Along several axes."""
    x = draw(hnp.array_shapes(min_dims=2, max_dims=3, min_side=least, max_side=3).flatmap(domain))
    norm, options = draw(norms), {}
    if draw(st.booleans()):
        options["axes"] = draw(hnp.valid_tuple_axes(x.ndim, min_size=2, max_size=2))
        if draw(st.booleans()):
            options["s"] = draw(st.tuples(lengths, lengths | st.just(-1)))
    return Case(lambda a: function(something(a), norm=norm, **options), (x,))


@st.composite
def shifting(draw, function):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4).flatmap(numbers))
    axes = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim, min_size=1))
    return Case(lambda a: function(a, axes=axes), (x,))


CASES = {
    np.fft.fft: transforming(np.fft.fft),
    np.fft.ifft: transforming(np.fft.ifft),
    np.fft.rfft: transforming(np.fft.rfft, real),
    np.fft.irfft: transforming(np.fft.irfft, complexes, least=2) | transforming(np.fft.irfft, real, least=2),
    np.fft.hfft: transforming(np.fft.hfft, least=2),
    np.fft.ihfft: transforming(np.fft.ihfft, real),
    np.fft.fft2: transforming_all(np.fft.fft2),
    np.fft.ifft2: transforming_all(np.fft.ifft2),
    np.fft.rfft2: transforming_all(np.fft.rfft2, real),
    np.fft.irfft2: transforming_all(np.fft.irfft2, least=2),
    np.fft.fftn: transforming_all(np.fft.fftn),
    np.fft.ifftn: transforming_all(np.fft.ifftn),
    np.fft.rfftn: transforming_all(np.fft.rfftn, real),
    np.fft.irfftn: transforming_all(np.fft.irfftn, least=2),
    np.fft.fftshift: shifting(np.fft.fftshift),
    np.fft.ifftshift: shifting(np.fft.ifftshift),
}
