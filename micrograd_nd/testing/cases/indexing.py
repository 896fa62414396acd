"""Cases of reading and replacing elements."""

import operator

import numpy as np
from hypothesis import strategies as st

from micrograd_nd.rules.indexing import scatter_add
from micrograd_nd.testing.cases.drawing import Case, indexed, real


@st.composite
def reading(draw):
    shape, index = draw(indexed())
    return Case(lambda a: a[index], (draw(real(shape)),))


@st.composite
def writing(draw):
    shape, index = draw(indexed())
    part = np.shape(np.zeros(shape)[index])
    values = draw(real(part) | real(()))

    def replace(a, values):
        copy = a + 0
        copy[index] = values
        return copy

    return Case(replace, (draw(real(shape)), values))


@st.composite
def scattering(draw):
    shape, index = draw(indexed())
    values = draw(real(np.shape(np.zeros(shape)[index])))
    return Case(lambda v: scatter_add(v, shape=shape, index=index), (values,))


CASES = {
    operator.getitem: reading(),
    operator.setitem: writing(),
    scatter_add: scattering(),
}
