"""Cases of arrays put together from parts, and of what NumPy makes ``like=`` another."""

from typing import Any

import numpy as np
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes

from micrograd_nd.testing.cases.drawing import Case, real

# NumPy's numbers do not take part in like=.
shapes = array_shapes(min_dims=1, max_dims=3, max_side=3)


@st.composite
def assembling(draw, function):
    """A nest of parts: an array, the same changed, a constant."""
    a = draw(shapes.flatmap(real))
    constant = np.ones(a.shape, a.dtype)
    return Case(lambda a: function([[a, a * a], [constant.astype(a.dtype), -a]], like=a), (a,))


@st.composite
def filling(draw):
    return Case(lambda a: np.full((2, *np.shape(a)), a, like=a), (draw(shapes.flatmap(real)),))


def beside(make):
    """What is made like an array is a constant: add it to the array."""
    return real((3,)).map(lambda a: Case(lambda a: a + make(a), (a,)))


CASES: dict[Any, Any] = {
    **{f: assembling(f) for f in (np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)},
    np.full: filling(),
    np.zeros: beside(lambda a: np.zeros(3, a.dtype, like=a)),
    np.ones: beside(lambda a: np.ones((2, 3), dtype=a.dtype, like=a)),
    np.empty: beside(lambda a: np.sum(np.empty(0, dtype=a.dtype, like=a))),
    np.arange: beside(lambda a: np.arange(3, dtype=a.dtype, like=a)),
    np.eye: beside(lambda a: np.eye(3, k=1, dtype=a.dtype, like=a)),
    np.identity: beside(lambda a: np.identity(3, a.dtype, like=a)),
    np.tri: beside(lambda a: np.tri(2, 3, dtype=a.dtype, like=a)),
    np.fromfunction: beside(lambda a: np.fromfunction(lambda i: i * 2, (3,), dtype=a.dtype, like=a)),
}
