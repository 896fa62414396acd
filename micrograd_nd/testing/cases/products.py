"""Cases of products of vectors and matrices."""

import operator
from itertools import pairwise

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, complexes, real, shapes

sides = st.integers(1, 3)


def numbers(shape):
    """Real ones, or complex."""
    return real(shape) | complexes(shape)


@st.composite
def multiplying(draw, function, signature="(n?,k),(k,m?)->(n?,m?)"):
    """Shapes that a product takes: vectors, matrices, stacks that broadcast."""
    drawn = draw(hnp.mutually_broadcastable_shapes(signature=signature, max_dims=2, max_side=3))
    return Case(function, tuple(draw(numbers(shape)) for shape in drawn.input_shapes))


@st.composite
def dotting(draw):
    k = draw(sides)
    first = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3))
    second = draw(hnp.array_shapes(min_dims=0, max_dims=3, max_side=2))
    left, right = (*first, k), (*second[:-1], k, *second[-1:])
    shapes = draw(st.sampled_from([(left, right), (left, (k,)), ((), right), (left, ()), ((), ())]))
    return Case(np.dot, tuple(draw(numbers(shape)) for shape in shapes))


@st.composite
def inner(draw):
    k = draw(sides)
    first, second = (draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3)) for _ in range(2))
    shapes = draw(st.sampled_from([((*first, k), (*second, k)), (first, ()), ((), second)]))
    return Case(np.inner, tuple(draw(numbers(shape)) for shape in shapes))


@st.composite
def outer(draw, function, shapes=shapes):
    return Case(function, (draw(shapes.flatmap(numbers)), draw(shapes.flatmap(numbers))))


@st.composite
def flattened(draw):
    """Arrays of as many elements, not of the same shape."""
    shape = draw(shapes)
    return Case(np.vdot, (draw(numbers(shape)), draw(numbers(tuple(reversed(shape))))))


@st.composite
def along_an_axis(draw, function):
    """Vectors along any axis that both arrays have."""
    drawn = draw(hnp.mutually_broadcastable_shapes(num_shapes=2, max_dims=2, max_side=2)).input_shapes
    k, axis = draw(sides), draw(st.integers(-1, 0) if () in drawn else st.integers(-2, 0))
    shapes = [insert(shape, axis, k) for shape in drawn]
    return Case(lambda a, b: function(a, b, axis=axis), tuple(draw(numbers(shape)) for shape in shapes))


def insert(shape, axis, length):
    """Give a shape one more axis, at a place."""
    place = axis % (len(shape) + 1)
    return (*shape[:place], length, *shape[place:])


@st.composite
def crossing(draw):
    a, b = (draw(numbers(shape)) for shape in draw(st.sampled_from([((3,), (2, 3)), ((2, 3), (2, 3)), ((3,), (3,))])))
    if draw(st.booleans()):
        return Case(np.cross, (a, b))
    across = [x.T for x in (a, b)]
    if draw(st.booleans()) or a.ndim != b.ndim:
        return Case(lambda a, b: np.cross(a, b, axisa=0, axisb=0, axisc=0), tuple(across))
    return Case(lambda a, b: np.cross(a, b, axis=0), tuple(across))


@st.composite
def crossing_in_space(draw):
    axis = draw(st.sampled_from([0, 1, -1, -2]))
    shape = insert((draw(sides),), axis, 3)
    return Case(lambda a, b: np.linalg.cross(a, b, axis=axis), (draw(numbers(shape)), draw(numbers(shape))))


small = hnp.array_shapes(min_dims=0, max_dims=2, max_side=2)


@st.composite
def raising(draw):
    """Powers, negative ones of what has an inverse."""
    n = draw(st.integers(-3, 5))
    shape = draw(st.sampled_from([(1, 1), (2, 2), (2, 2, 2), (3, 3)]))
    x = draw(numbers(shape)) / 8 + 2 * np.eye(shape[-1])
    return Case(lambda a: np.linalg.matrix_power(a, n), (x,))


@st.composite
def chaining(draw):
    """Chains of two to four matrices, with vectors at the ends."""
    lengths = draw(st.lists(sides, min_size=3, max_size=5))
    shapes = list(pairwise(lengths))
    shapes[0] = draw(st.sampled_from([shapes[0], shapes[0][1:]]))
    shapes[-1] = draw(st.sampled_from([shapes[-1], shapes[-1][:1]])) if len(shapes) > 2 else shapes[-1]
    return Case(lambda *xs: np.linalg.multi_dot(xs), tuple(draw(numbers(shape)) for shape in shapes))


vectors = st.tuples(sides)

CASES = {
    np.matmul: multiplying(operator.matmul),
    np.dot: dotting(),
    np.inner: inner(),
    np.outer: outer(np.outer),
    np.vdot: flattened(),
    np.vecdot: multiplying(np.vecdot, "(k),(k)->()") | along_an_axis(np.vecdot),
    np.linalg.matmul: multiplying(np.linalg.matmul),
    np.linalg.outer: outer(np.linalg.outer, vectors),
    np.linalg.vecdot: along_an_axis(np.linalg.vecdot),
    np.cross: crossing(),
    np.linalg.cross: crossing_in_space(),
    np.kron: outer(np.kron, small),
    np.linalg.matrix_power: raising(),
    np.linalg.multi_dot: chaining(),
}
if hasattr(np, "matvec"):
    CASES[np.matvec] = multiplying(np.matvec, "(n,k),(k)->(n)")
    CASES[np.vecmat] = multiplying(np.vecmat, "(n),(n,k)->(k)")
