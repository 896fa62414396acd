"""Cases of functions that put arrays together and take them apart."""

from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st

from micrograd_nd.testing.cases.drawing import Case, complexes, real, shapes
from micrograd_nd.testing.cases.scans import together


@st.composite
def joining(draw, domain=real):
    shape = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3))
    axis = draw(st.integers(-len(shape), len(shape) - 1) | st.none())
    lengths = draw(st.lists(st.integers(0, 3), min_size=1, max_size=3))
    along = 0 if axis is None else axis % len(shape)
    arrays = tuple(draw(domain((*shape[:along], n, *shape[along + 1 :]))) for n in lengths)
    return Case(lambda *xs: np.concatenate(xs, axis=axis), arrays)


@st.composite
def stacking(draw):
    shape = draw(shapes)
    axis = draw(st.integers(-len(shape) - 1, len(shape)))
    arrays = tuple(draw(real(shape)) for _ in range(draw(st.integers(1, 3))))
    return Case(lambda *xs: np.stack(xs, axis=axis), arrays)


@st.composite
def beside(draw, function, kinds):
    """Two arrays of shapes that the function joins, or one alone."""
    arrays = tuple(draw(real(shape)) for shape in draw(st.sampled_from(kinds)))
    return Case(lambda *xs: function(list(xs)), arrays)


@st.composite
def blocks(draw):
    a, b, c, d, e = (draw(real(shape)) for shape in [(2, 2), (2, 1), (1, 2), (1, 1), ()])
    layouts = [
        Case(lambda a, b, c, d: np.block([[a, b], [c, d]]), (a, b, c, d)),
        Case(lambda a, b: np.block([a, b]), (a, b)),
        Case(lambda a, c: np.block([[a], [c]]), (a, c)),
        Case(lambda a, d: np.block([[a, np.zeros((2, 2), a.dtype)], [d, np.ones((1, 3), a.dtype)]]), (a, d)),
        Case(np.block, (a,)),
        Case(lambda e, d: np.block([[e, e], [d, 3.0]] if d.dtype == np.float64 else [[e, e], [d, d]]), (e, d)),
        Case(lambda a, c: np.block([[[a]], [[a]]]) + np.sum(c), (a, c)),
    ]
    return draw(st.sampled_from(layouts))


@st.composite
def appending(draw):
    x, y = draw(real((2, 3))), draw(real((2, 1)))
    return Case(draw(st.sampled_from([np.append, partial(np.append, axis=-1)])), (x, y))


@st.composite
def inserting(draw):
    x = draw(real((2, 3)))
    obj, axis, shape = draw(
        st.sampled_from(
            [
                (1, None, ()),
                ([1, 4], None, (2,)),
                ([2, 2], None, (2,)),
                (1, 1, ()),
                (-1, 1, (2,)),
                ([0, 2], 1, (2, 2)),
                (slice(0, 2), -1, (2, 2)),
                (0, 0, (3,)),
                ([1], 0, (1, 3)),
            ]
        )
    )
    return Case(lambda a, v: np.insert(a, obj, v, axis=axis), (x, draw(real(shape))))


@st.composite
def deleting(draw):
    x = draw(real((3, 4)))
    obj, axis = draw(
        st.sampled_from(
            [
                (1, None),
                ([1, -1], 0),
                (slice(None, None, 2), 1),
                (np.array([True, False, True, False]), -1),
                ([], 0),
                ([1, 1], 1),
            ]
        )
    )
    return Case(lambda a: np.delete(a, obj, axis=axis), (x,))


@st.composite
def gridding(draw):
    vectors = tuple(draw(real((draw(st.integers(1, 3)),))) for _ in range(draw(st.integers(1, 3))))
    sparse, indexing = draw(st.booleans()), draw(st.sampled_from(["xy", "ij"]))
    number = draw(st.integers(0, len(vectors) - 1))
    return Case(lambda *xs: np.meshgrid(*xs, sparse=sparse, indexing=indexing)[number], vectors)


@st.composite
def cutting(draw, function):
    """Into equal parts, unequal parts, at positions; one of the parts is looked at."""
    x = draw(real(draw(st.sampled_from([(4,), (2, 4), (4, 2), (4, 1, 2)]))))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    sections = draw(st.sampled_from([1, 2, [1], [1, 3], [3, 1], [1, 9]]))
    if function is np.split and np.ndim(sections) == 0 and x.shape[axis] % sections:
        sections = 1
    return Case(lambda a: together([(i + 1) * part for i, part in enumerate(function(a, sections, axis))]), (x,))


@st.composite
def cutting_fixed(draw, function, kinds):
    x = draw(st.sampled_from(kinds).flatmap(real))
    sections = draw(st.sampled_from([2, [1], [1, 2]]))
    return Case(lambda a: together([(i + 1) * part for i, part in enumerate(function(a, sections))]), (x,))


@st.composite
def unstacking(draw):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=3, max_side=3).flatmap(real))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    return Case(lambda a: together([(i + 1) * part for i, part in enumerate(np.unstack(a, axis=axis))]), (x,))


CASES = {
    np.concatenate: joining() | joining(complexes),
    np.stack: stacking(),
    np.vstack: beside(np.vstack, [[(2,), (2,)], [(2, 3), (3,)], [(1, 2, 2), (2, 2, 2)], [(), ()], [(3,)]]),
    np.hstack: beside(np.hstack, [[(2,), (3,)], [(2, 3), (2, 1)], [(), (2,)], [(2, 1, 2), (2, 2, 2)]]),
    np.dstack: beside(np.dstack, [[(2,), (2,)], [(2, 3), (2, 3)], [(2, 3, 1), (2, 3, 2)], [(), ()]]),
    np.column_stack: beside(np.column_stack, [[(2,), (2,)], [(2, 3), (2,)], [(2, 1), (2, 2)], [(), (1,)]]),
    np.block: blocks(),
    np.append: appending(),
    np.insert: inserting(),
    np.delete: deleting(),
    np.meshgrid: gridding(),
    np.array_split: cutting(np.array_split),
    np.split: cutting(np.split),
    np.vsplit: cutting_fixed(np.vsplit, [(2, 2), (4, 1, 2)]),
    np.hsplit: cutting_fixed(np.hsplit, [(4,), (1, 2), (2, 2, 2)]),
    np.dsplit: cutting_fixed(np.dsplit, [(1, 2, 2), (2, 1, 4)]),
}
if hasattr(np, "unstack"):
    CASES[np.unstack] = unstacking()
