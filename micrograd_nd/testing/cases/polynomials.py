"""Cases of values of polynomials."""

import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, complexes, real, shapes


@st.composite
def polynomials(draw):
    domain = draw(st.sampled_from([real, complexes]))
    return Case(np.polyval, (draw(real((draw(st.integers(1, 4)),))), draw(shapes.flatmap(domain))))


@st.composite
def powers(draw):
    number, increasing = draw(st.none() | st.integers(1, 4)), draw(st.booleans())
    return Case(lambda x: np.vander(x, number, increasing), (draw(real((draw(st.integers(1, 3)),))),))


CASES = {np.polyval: polynomials(), np.vander: powers()}
