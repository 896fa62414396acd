"""Cases of functions that move elements without changing them."""

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, elementwise, real, shapes

orders = st.sampled_from(["C", "F"])


@st.composite
def reshaping(draw):
    x = draw(shapes.flatmap(real))
    shape = draw(st.permutations([*x.shape, 1]) | st.just((-1,)))
    order = draw(orders)
    return Case(lambda a: np.reshape(a, tuple(shape), order=order), (x,))


@st.composite
def ravelling(draw):
    order = draw(orders)
    return Case(lambda a: np.ravel(a, order=order), (draw(shapes.flatmap(real)),))


@st.composite
def stretching(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=1, base_shape=draw(shapes), max_dims=3, max_side=3))
    return Case(lambda a: np.broadcast_to(a, drawn.result_shape), (draw(real(drawn.input_shapes[0])),))


@st.composite
def expanding(draw):
    x = draw(shapes.flatmap(real))
    axis = draw(hnp.valid_tuple_axes(x.ndim + 2, min_size=2, max_size=2) | st.integers(-x.ndim - 1, x.ndim))
    return Case(lambda a: np.expand_dims(a, axis), (x,))


@st.composite
def squeezing(draw):
    shape = draw(shapes)
    position = draw(st.integers(0, len(shape)))
    x = draw(real((*shape[:position], 1, *shape[position:])))
    return Case(draw(st.sampled_from([np.squeeze, lambda a: np.squeeze(a, axis=position)])), (x,))


@st.composite
def transposing(draw):
    x = draw(shapes.flatmap(real))
    axes = draw(st.permutations(range(x.ndim)).map(lambda p: [i - x.ndim * draw(st.booleans()) for i in p]))
    return Case(draw(st.sampled_from([np.transpose, lambda a: np.transpose(a, axes)])), (x,))


@st.composite
def moving(draw, function):
    x = draw(hnp.array_shapes(min_dims=2, max_dims=3, max_side=3).flatmap(real))
    source, target = draw(st.tuples(*[st.integers(-x.ndim, x.ndim - 1)] * 2))
    return Case(lambda a: function(a, source, target), (x,))


@st.composite
def rolling_axis(draw):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(real))
    axis, start = draw(st.integers(-x.ndim, x.ndim - 1)), draw(st.integers(-x.ndim, x.ndim))
    return Case(lambda a: np.rollaxis(a, axis, start), (x,))


@st.composite
def stretching_together(draw):
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=3, max_side=3))
    arrays = tuple(draw(real(shape)) for shape in drawn.input_shapes)
    return Case(lambda *xs: np.multiply(*np.broadcast_arrays(*xs)), arrays)


@st.composite
def raising(draw, function):
    """One array, or one of several."""
    arrays = tuple(draw(shapes.flatmap(real)) for _ in range(draw(st.integers(1, 2))))
    return Case(lambda *xs: function(*xs) if len(xs) == 1 else function(*xs)[1], arrays)


@st.composite
def matrices(draw, function):
    return Case(function, (draw(hnp.array_shapes(min_dims=2, max_dims=3, max_side=3).flatmap(real)),))


CASES = {
    np.reshape: reshaping(),
    np.ravel: ravelling(),
    np.expand_dims: expanding(),
    np.squeeze: squeezing(),
    np.broadcast_to: stretching(),
    np.transpose: transposing(),
    np.swapaxes: moving(np.swapaxes),
    np.moveaxis: moving(np.moveaxis),
    np.ndarray.astype: elementwise(lambda x: x.astype(np.float64)),
    np.matrix_transpose: matrices(np.matrix_transpose),
    np.linalg.matrix_transpose: matrices(np.linalg.matrix_transpose),
    np.rollaxis: rolling_axis(),
    np.broadcast_arrays: stretching_together(),
    np.atleast_1d: raising(np.atleast_1d),
    np.atleast_2d: raising(np.atleast_2d),
    np.atleast_3d: raising(np.atleast_3d),
    np.copy: elementwise(np.copy),
}
if hasattr(np, "astype"):
    some = hnp.array_shapes(min_dims=1, max_dims=3, max_side=3)
    CASES[np.astype] = some.flatmap(real).map(lambda x: Case(lambda a: np.astype(a, a.dtype), (x,)))
