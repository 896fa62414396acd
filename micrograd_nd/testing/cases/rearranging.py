"""Cases of functions that turn, shift, repeat, pad and sort elements, of diagonals and triangles."""

from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
from hypothesis import strategies as st
from numpy.lib.stride_tricks import sliding_window_view

from micrograd_nd.rules.diagonals import on_diagonal
from micrograd_nd.rules.padding import core, surrounded
from micrograd_nd.rules.rearranging import overlap_add
from micrograd_nd.rules.sorting import permuted
from micrograd_nd.testing.cases.drawing import Case, distinct, real

some = hnp.array_shapes(min_dims=1, max_dims=3, max_side=3)
planes = hnp.array_shapes(min_dims=2, max_dims=3, max_side=3)


@st.composite
def turning(draw, function):
    x = draw(some.flatmap(real))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1) | hnp.valid_tuple_axes(x.ndim))
    return Case(lambda a: function(a, axis), (x,))


@st.composite
def rotating(draw):
    x, k = draw(planes.flatmap(real)), draw(st.integers(-3, 5))
    axes = tuple(draw(st.permutations(range(x.ndim)))[:2])
    return Case(lambda m: np.rot90(m, k, axes), (x,))


@st.composite
def rolling(draw):
    x = draw(some.flatmap(real))
    shift, axis = draw(
        st.tuples(st.integers(-4, 4), st.none() | st.integers(-x.ndim, x.ndim - 1))
        | st.just(((1, -1), (0, -1)))
        | st.just((2, (0, -1)))
        | st.just(((1, 1), 0))
    )
    return Case(lambda a: np.roll(a, shift, axis), (x,))


@st.composite
def tiling(draw):
    x = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3).flatmap(real))
    reps = draw(st.integers(0, 2) | st.lists(st.integers(1, 2), min_size=0, max_size=3).map(tuple))
    return Case(lambda A: np.tile(A, reps), (x,))


@st.composite
def repeating(draw):
    x = draw(hnp.array_shapes(min_dims=0, max_dims=2, max_side=3).flatmap(real))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1)) if x.ndim else None
    number = x.size if axis is None else x.shape[axis]
    repeats = draw(st.integers(0, 3) | st.lists(st.integers(0, 2), min_size=number, max_size=number))
    return Case(lambda a: np.repeat(a, repeats, axis), (x,))


@st.composite
def resizing(draw):
    x = draw(some.flatmap(real))
    shape = draw(st.sampled_from([(2, 3), 4, (1,), (3, 2, 2), (0, 2)]))
    return Case(lambda a: np.resize(a, shape), (x,))


@st.composite
def windows(draw):
    x = draw(some.flatmap(real))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    width = draw(st.integers(1, x.shape[axis]))
    whole = tuple(draw(st.integers(1, n)) for n in x.shape)
    call = draw(
        st.sampled_from(
            [
                lambda a: sliding_window_view(a, width, axis),
                lambda a: sliding_window_view(a, (width, 1), axis=(axis, axis)),
                lambda a: sliding_window_view(a, whole),
            ]
        )
    )
    return Case(call, (x,))


@st.composite
def overlapping(draw):
    shape = draw(some)
    window = tuple(draw(st.integers(1, n)) for n in shape)
    slid = tuple(n - w + 1 for n, w in zip(shape, window, strict=True))
    axes = tuple(range(len(shape)))
    return Case(lambda w: overlap_add(w, shape=shape, window=window, axes=axes), (draw(real(slid + window)),))


@st.composite
def padding(draw):
    x = draw(hnp.array_shapes(min_dims=1, max_dims=2, min_side=2, max_side=3).flatmap(distinct))
    width = draw(st.sampled_from([1, (1, 2), ((0, 1),), tuple((i, 1) for i in range(x.ndim))]))
    mode, options = draw(
        st.sampled_from(
            [
                ("constant", {}),
                ("constant", {"constant_values": 2}),
                ("constant", {"constant_values": (1, -1)}),
                ("edge", {}),
                ("reflect", {}),
                ("symmetric", {}),
                ("wrap", {}),
                ("linear_ramp", {}),
                ("linear_ramp", {"end_values": (3, -4)}),
                ("mean", {}),
                ("mean", {"stat_length": 2}),
                ("median", {}),
                ("maximum", {"stat_length": (1, 2)}),
                ("minimum", {}),
                ("symmetric", {"reflect_type": "odd"}),
            ]
        )
    )
    return Case(lambda a: np.pad(a, width, mode, **options), (x,))


@st.composite
def padding_far(draw):
    x = draw(real((3, 2)))
    return Case(
        partial(np.pad, pad_width=((4, 7), (0, 3)), mode=draw(st.sampled_from(["edge", "reflect", "wrap"]))), (x,)
    )


@st.composite
def surrounding(draw, function):
    x = draw(planes.flatmap(real))
    widths = [tuple(draw(st.tuples(*[st.integers(0, 2)] * 2))) for _ in x.shape]
    if function is core:
        x = draw(real(tuple(n + before + after for n, (before, after) in zip(x.shape, widths, strict=True))))
    return Case(lambda a: function(a, widths=widths), (x,))


@st.composite
def triangular(draw, function):
    x, k = draw(some.flatmap(real)), draw(st.integers(-2, 2))
    return Case(lambda m: function(m, k), (x,))


@st.composite
def diagonal(draw, function):
    x = draw(planes.flatmap(real))
    first, second = draw(st.permutations(range(-x.ndim, 0)))[:2]
    offset = draw(st.integers(-1, 1))
    return Case(lambda a: function(a, offset, first, second), (x,))


@st.composite
def matrix_diagonal(draw, function):
    x, offset = draw(planes.flatmap(real)), draw(st.integers(-1, 1))
    return Case(lambda a: function(a, offset=offset), (x,))


@st.composite
def diagonal_matrix(draw, function, sides):
    x, k = draw(sides.flatmap(real)), draw(st.integers(-2, 2))
    return Case(lambda v: function(v, k), (x,))


@st.composite
def onto_diagonal(draw):
    offset = draw(st.integers(-1, 1))
    length = np.diagonal(np.zeros((3, 2)), offset).size
    return Case(lambda v: on_diagonal(v, shape=(3, 2, 2), offset=offset, axis1=0, axis2=2), (draw(real((2, length))),))


def ordered_complexes(shape):
    """Complex numbers, which are sorted by their real parts first, with no two of those equal."""
    return st.builds(lambda x, y: x + 1j * y, distinct(shape), real(shape))


@st.composite
def sorting(draw, function, domain=distinct):
    x = draw(some.flatmap(domain))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    return Case(lambda a: function(a, axis), (x,))


@st.composite
def parting(draw):
    """Of a partition only the elements at kth are sure."""
    x = draw(some.flatmap(distinct))
    axis = draw(st.none() | st.integers(-x.ndim, x.ndim - 1))
    n = x.size if axis is None else x.shape[axis]
    kth = draw(st.integers(-n, n - 1) | st.lists(st.integers(0, n - 1), min_size=1, max_size=2))
    return Case(lambda a: np.take(np.partition(a, kth, axis), kth, 0 if axis is None else axis), (x,))


@st.composite
def permuting(draw):
    x = draw(planes.flatmap(real))
    axis = draw(st.integers(-x.ndim, x.ndim - 1))
    order = np.argsort(draw(distinct(x.shape)), axis)
    return Case(lambda a: permuted(a, order=order, axis=axis), (x,))


CASES = {
    np.flip: turning(np.flip),
    np.fliplr: planes.flatmap(real).map(lambda x: Case(np.fliplr, (x,))),
    np.flipud: some.flatmap(real).map(lambda x: Case(np.flipud, (x,))),
    np.rot90: rotating(),
    np.roll: rolling(),
    np.tile: tiling(),
    np.repeat: repeating(),
    np.resize: resizing(),
    sliding_window_view: windows(),
    overlap_add: overlapping(),
    np.pad: padding() | padding_far(),
    surrounded: surrounding(surrounded),
    core: surrounding(core),
    np.tril: triangular(np.tril),
    np.triu: triangular(np.triu),
    np.diagonal: diagonal(np.diagonal),
    np.trace: diagonal(np.trace),
    np.linalg.diagonal: matrix_diagonal(np.linalg.diagonal),
    np.linalg.trace: matrix_diagonal(np.linalg.trace),
    np.diag: diagonal_matrix(np.diag, hnp.array_shapes(min_dims=1, max_dims=2, max_side=3)),
    np.diagflat: diagonal_matrix(np.diagflat, hnp.array_shapes(min_dims=0, max_dims=2, max_side=2)),
    on_diagonal: onto_diagonal(),
    np.sort: sorting(np.sort) | sorting(partial(np.sort, kind="stable")) | sorting(np.sort, ordered_complexes),
    np.partition: parting(),
    permuted: permuting(),
}
