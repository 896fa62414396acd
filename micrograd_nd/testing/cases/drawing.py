"""How the arguments of a case are drawn: values away from kinks, shapes that broadcast, axes and indices.

Values are multiples of 1/16, moved by less, so that no two are within 1/32 of each other or of zero: far enough from
every kink for finite differences.
"""

from functools import partial
from typing import Any, NamedTuple

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st


class Case(NamedTuple):
    """A function of arrays, and arrays to call it with."""

    function: Any
    arrays: tuple[Any, ...]


def grid(low, high, offset, unique):
    def arrays(shape):
        size = int(np.prod(shape))
        values = st.lists(st.integers(low * 16, high * 16 - 1), min_size=size, max_size=size, unique=unique)
        return values.map(lambda ks: (np.reshape(np.array(ks, dtype=float), shape) + offset) / 16)

    return arrays


real = grid(-3, 3, 0.5, unique=False)
positive = grid(0, 3, 0.5, unique=False)
distinct = grid(-4, 4, 0.5, unique=True)
between_reals = grid(-3, 3, 0.0, unique=False)


def complexes(shape):
    """Complex numbers whose real and imaginary parts are both away from zero."""
    return st.builds(lambda x, y: x + 1j * y, real(shape), real(shape))


def whole(shape):
    return hnp.arrays(np.float64, shape, elements=st.integers(-2, 3))


shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=1, max_side=3)


@st.composite
def elementwise(draw, function, domain=real):
    return Case(function, (draw(shapes.flatmap(domain)),))


@st.composite
def broadcasting(draw, function, *domains):
    """Arguments of shapes that broadcast together."""
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=len(domains), max_dims=3, max_side=3))
    return Case(function, tuple(draw(domain(shape)) for domain, shape in zip(domains, drawn.input_shapes, strict=True)))


@st.composite
def one_plain(draw, function, domain, number):
    """One argument is a Python number, on either side."""
    x, y = draw(shapes.flatmap(domain)), draw(number)
    return Case(draw(st.sampled_from([lambda a: function(a, y), lambda a: function(y, a)])), (x,))


@st.composite
def reducing(draw, function, domain=real):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(domain))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim, min_size=1))
    return Case(partial(function, axis=axis, keepdims=draw(st.booleans())), (x,))


@st.composite
def along(draw, function):
    """Functions with an axis and no keepdims."""
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(real))
    return Case(partial(function, axis=draw(st.none() | st.integers(-x.ndim, x.ndim - 1))), (x,))


@st.composite
def indexed(draw):
    """An array, and an index of any kind: integers, slices, new axes, masks, repeated positions."""
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=4))
    basic = hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)
    whole = hnp.array_shapes(min_dims=1, max_dims=2, max_side=3).flatmap(
        lambda result: hnp.integer_array_indices(shape, result_shape=st.just(result))
    )
    first = hnp.arrays(np.intp, hnp.array_shapes(min_dims=1, max_dims=2, max_side=3), elements=st.integers(-1, 0))
    mixed = first.map(lambda rows: (rows, *[slice(None, None, -1)] * (len(shape) - 1)))
    return shape, draw(basic | whole | mixed | hnp.arrays(bool, shape))
