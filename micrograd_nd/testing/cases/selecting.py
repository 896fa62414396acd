"""Cases of functions that choose elements, and of those that make arrays of a few numbers."""

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, positive, real

some = hnp.array_shapes(min_dims=1, max_dims=3, max_side=3)


@st.composite
def taking(draw):
    """Positions of any shape, some of them twice, some past the ends."""
    x = draw(some.flatmap(real))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    n = x.size if axis is None else x.shape[axis]
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    reach = n if mode == "raise" else 2 * n
    indices = draw(st.integers(-n, reach - 1) | hnp.arrays(np.intp, some, elements=st.integers(-n, reach - 1)))
    return Case(lambda a: np.take(a, indices, axis=axis, mode=mode), (x,))


@st.composite
def taking_along(draw):
    x = draw(some.flatmap(real))
    if draw(st.booleans()):
        indices = draw(hnp.arrays(np.intp, (3,), elements=st.integers(0, x.size - 1)))
        return Case(lambda a: np.take_along_axis(a, indices, axis=None), (x,))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    shape = list(x.shape)
    shape[axis] = draw(st.integers(0, 3))
    if draw(st.booleans()):
        shape = [n if i == axis % x.ndim else 1 for i, n in enumerate(shape)]
    indices = draw(hnp.arrays(np.intp, tuple(shape), elements=st.integers(-x.shape[axis], x.shape[axis] - 1)))
    return Case(lambda a: np.take_along_axis(a, indices, axis=axis), (x,))


@st.composite
def compressing(draw):
    x = draw(some.flatmap(real))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    condition = draw(hnp.arrays(bool, st.integers(0, x.size if axis is None else x.shape[axis])))
    return Case(lambda a: np.compress(condition, a, axis), (x,))


@st.composite
def extracting(draw):
    x = draw(some.flatmap(real))
    condition = draw(hnp.arrays(bool, x.shape))
    return Case(lambda a: np.extract(condition, a), (x,))


@st.composite
def among(draw):
    """Arrays of shapes that broadcast, with as many conditions."""
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=5, max_dims=2, max_side=3)).input_shapes
    conditions = [draw(hnp.arrays(bool, shape)) for shape in drawn[:2]]
    arrays = tuple(draw(real(shape)) for shape in drawn[2:])
    return draw(
        st.sampled_from(
            [
                Case(lambda x, y, z: np.select(conditions, [x, y], z), arrays),
                Case(lambda x, y, z: np.select(conditions, [x * z, y]), arrays),
                Case(lambda x, y, z: np.select(conditions, [x, 2.0], 1.0) + y * z, arrays),
            ]
        )
    )


@st.composite
def numbered(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=4, max_dims=2, max_side=3)).input_shapes
    mode = draw(st.sampled_from(["raise", "wrap", "clip"]))
    numbers = draw(hnp.arrays(np.intp, drawn[0], elements=st.integers(0, 2) if mode == "raise" else st.integers(-4, 4)))
    arrays = tuple(draw(real(shape)) for shape in drawn[1:])
    whole = draw(real((3, *drawn[0])))
    return draw(
        st.sampled_from(
            [
                Case(lambda x, y, z: np.choose(numbers, [x, y, z], mode=mode), arrays),
                Case(lambda a: np.choose(numbers, a, mode=mode), (whole,)),
            ]
        )
    )


@st.composite
def spacing(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=3))
    start, stop = (draw(real(shape)) for shape in drawn.input_shapes)
    stop = stop + 7
    num, endpoint = draw(st.integers(0, 4)), draw(st.booleans())
    axis = draw(st.integers(-len(drawn.result_shape) - 1, len(drawn.result_shape)))

    def with_step(x, y):
        samples, step = np.linspace(x, y, num + 2, retstep=True, endpoint=endpoint)
        return samples * step

    return draw(
        st.sampled_from(
            [
                Case(lambda x, y: np.linspace(x, y, num, endpoint=endpoint, axis=axis), (start, stop)),
                Case(lambda y: np.linspace(0, y, num, endpoint), (stop,)),
                Case(lambda x: np.linspace(x, 9.0, num, endpoint), (start,)),
                Case(with_step, (start, stop)),
            ]
        )
    )


@st.composite
def spacing_by_factors(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=1, max_side=3))
    start, stop = (draw(positive(shape)) + 0.25 for shape in drawn.input_shapes)
    sign, num, endpoint = draw(st.sampled_from([1, -1])), draw(st.integers(0, 4)), draw(st.booleans())
    axis = draw(st.sampled_from([0, -1]))
    return Case(lambda x, y: np.geomspace(sign * x, sign * y, num, endpoint, axis=axis), (start, stop))


@st.composite
def spacing_by_powers(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=1, max_side=3))
    start, stop = (draw(real(shape)) / 4 for shape in drawn.input_shapes)
    base, num, endpoint = draw(st.sampled_from([10.0, 2.0])), draw(st.integers(0, 4)), draw(st.booleans())
    return Case(lambda x, y: np.logspace(x, y, num, endpoint, base), (start, stop))


@st.composite
def filling(draw):
    shape = draw(some)
    value = draw(st.sampled_from([(), shape, shape[-1:]]).flatmap(real))
    return Case(lambda v: np.full_like(v, v, shape=shape), (value,))


@st.composite
def in_pieces(draw):
    x = draw(some.flatmap(real))
    first, second = draw(hnp.arrays(bool, x.shape)), draw(hnp.arrays(bool, x.shape))
    return draw(
        st.sampled_from(
            [
                Case(lambda a: np.piecewise(a, [first, second], [np.sin, lambda v: v * v]), (x,)),
                Case(lambda a: np.piecewise(a, [first, second], [np.exp, 2.0, np.cos]), (x,)),
                Case(
                    lambda a: np.piecewise(
                        a, first if a.ndim == 1 else [first], [lambda v, k: v**k, lambda v, k: k * v], 3
                    ),
                    (x,),
                ),
            ]
        )
    )


@st.composite
def counting(draw):
    weights = draw(st.integers(1, 5).flatmap(lambda n: real((n,))))
    numbers = draw(hnp.arrays(np.intp, weights.shape, elements=st.integers(0, 3)))
    minlength = draw(st.integers(0, 6))
    return Case(lambda w: np.bincount(numbers[: len(w)], w, minlength), (weights,))


@st.composite
def trimming(draw):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=1, max_side=5).flatmap(real))
    zero, trim = draw(hnp.arrays(bool, x.shape)), draw(st.sampled_from(["f", "b", "fb"]))
    return Case(lambda a: np.trim_zeros(np.where(zero, 0, a), trim), (x,))


@st.composite
def applying_along(draw):
    x = draw(some.flatmap(real))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    function = draw(st.sampled_from([np.sum, np.cumsum, lambda v: v[:1] * v[:, None], lambda v, k=2: v[0] ** k]))
    return Case(lambda a: np.apply_along_axis(function, axis, a), (x,))


@st.composite
def applying_over(draw):
    x = draw(some.flatmap(real))
    axes = draw(st.integers(-x.ndim, x.ndim - 1) | st.permutations(range(x.ndim)))
    function = draw(st.sampled_from([np.sum, np.cumsum]))
    return Case(lambda a: np.apply_over_axes(function, np.square(a), axes), (x,))


CASES = {
    np.take: taking(),
    np.take_along_axis: taking_along(),
    np.compress: compressing(),
    np.extract: extracting(),
    np.select: among(),
    np.choose: numbered(),
    np.bincount: counting(),
    np.piecewise: in_pieces(),
    np.trim_zeros: trimming(),
    np.apply_along_axis: applying_along(),
    np.apply_over_axes: applying_over(),
    np.linspace: spacing(),
    np.logspace: spacing_by_powers(),
    np.geomspace: spacing_by_factors(),
    np.full_like: filling(),
}
