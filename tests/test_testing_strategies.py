"""What the strategies draw is what they say, and shrinks to small arrays of short numbers."""

import subprocess
import sys

import numpy as np
import pytest
from hypothesis import find, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.testing import strategies

DTYPES = st.sampled_from([np.float16, np.float32, np.float64, np.complex64, np.complex128])

THOROUGH = settings(database=None, max_examples=5000)


def parts(x):
    return [np.real(x), np.imag(x)] if np.iscomplexobj(x) else [x]


@given(data=st.data(), dtype=DTYPES, margin=st.sampled_from([0, 1 / 32, 0.25]))
def test_arrays_keep_their_bounds_and_their_distance(data, dtype, margin):
    drawn = strategies.arrays(dtype=dtype, low=-2, high=3, avoid=(0.0, 1.0), margin=margin)
    x = data.draw(drawn)
    assert x.dtype == dtype
    for part in parts(x):
        assert np.all((part >= -2) & (part <= 3))
        assert np.all(np.abs(part) >= margin)
        assert np.all(np.abs(part - 1) >= margin)


@given(x=strategies.arrays(strategies.shapes(max_dims=2, max_side=6), distinct=True, margin=1 / 32))
def test_distinct_elements_are_a_sixteenth_apart(x):
    assert np.all(np.diff(np.sort(x, axis=None)) >= 1 / 16)


@given(data=st.data(), dtype=DTYPES)
def test_the_dtype_and_the_shape_may_be_drawn_too(data, dtype):
    x = data.draw(strategies.arrays(st.sampled_from([(2,), (0, 3)]), dtype=st.just(dtype)))
    assert x.dtype == dtype
    assert x.shape in [(2,), (0, 3)]


@given(t=strategies.tensors((2, 3), dtype=np.float32))
def test_tensors_are_arrays_made_tensors(t):
    assert type(t) is mg.Tensor
    assert (t.shape, t.dtype) == ((2, 3), np.float32)


def test_counterexamples_are_small_arrays_of_short_numbers():
    def minimal(holds, **options):
        return find(
            strategies.arrays(**options), lambda x: not holds(x), settings=settings(database=None, max_examples=1000)
        ).tolist()

    assert minimal(lambda x: False) == 1
    assert minimal(lambda x: np.all(x * x >= np.abs(x))) == 0.5
    assert minimal(lambda x: np.all(x < 0.7), avoid=()) == 1
    assert minimal(lambda x: np.all(x % 1 == 0), avoid=()) == 0.5
    assert minimal(lambda x: x.ndim == 0) == [1]
    assert minimal(lambda x: x.size < 2) in ([1, 1], [[1], [1]], [[1, 1]])
    assert minimal(lambda x: np.all(x > 0)) == -1
    assert minimal(lambda x: np.all(x == np.max(x)), shape=(2,), distinct=True) in ([1, -1], [-1, 1], [1, 2], [2, 1])
    assert minimal(lambda x: np.all(np.abs(x) < 1.5), dtype=np.complex128) in (2 + 1j, 1 + 2j)


def test_a_wrong_gradient_is_shown_at_a_number_one_can_follow_by_head():
    def agrees(x):
        return np.allclose(mg.grad(lambda x: np.sum(np.tanh(x)))(x), 1 - np.tanh(x))

    assert find(strategies.arrays(), lambda x: not agrees(x), settings=THOROUGH).tolist() == 1


def test_impossible_numbers_are_told():
    with pytest.raises(ValueError, match=r"no multiple of 0\.0625 between 0\.0 and 0\.01 keeps 0\.03125 away from"):
        find(strategies.arrays(low=0, high=0.01), lambda x: True)
    with pytest.raises(ValueError, match=r"to fill an array of shape \(3, 4\) with distinct ones: widen low and high"):
        find(strategies.arrays((3, 4), low=0.5, high=1, distinct=True), lambda x: True)
    with pytest.raises(ValueError, match="got dtype bool"):
        find(strategies.arrays(dtype=bool), lambda x: True)
    with pytest.raises(ValueError, match="a 0-d array has no axis: pass none=True"):
        strategies.axes(0, none=False)


@given(shapes=st.integers(1, 4).flatmap(strategies.broadcastable_shapes))
def test_broadcastable_shapes_broadcast(shapes):
    np.broadcast_shapes(*shapes)


@given(data=st.data(), ndim=st.integers(1, 3), none=st.booleans(), several=st.booleans())
def test_axes_are_what_numpy_takes(data, ndim, none, several):
    axis = data.draw(strategies.axes(ndim, none=none, several=several))
    np.sum(np.ones((2,) * ndim), axis=axis)
    assert none or axis is not None
    assert several or not isinstance(axis, tuple)


@given(data=st.data(), shape=strategies.shapes(min_side=0))
def test_indices_are_what_numpy_takes(data, shape):
    np.zeros(shape)[data.draw(strategies.indices(shape))]


@pytest.mark.parametrize(
    "kind",
    [
        lambda index: isinstance(index, int),
        lambda index: (
            isinstance(index, slice) or (isinstance(index, tuple) and any(isinstance(i, slice) for i in index))
        ),
        lambda index: isinstance(index, tuple) and None in [i for i in index if not isinstance(i, np.ndarray)],
        lambda index: isinstance(index, np.ndarray) and index.dtype == bool and index.any() and not index.all(),
        lambda index: isinstance(index, np.ndarray) and index.dtype != bool and len(set(index.flat)) < index.size,
    ],
    ids=["integer", "slice", "new axis", "mask", "repeated"],
)
def test_every_kind_of_index_is_drawn(kind):
    find(
        strategies.indices((3, 2)) | strategies.indices((3,)), kind, settings=settings(database=None, max_examples=5000)
    )


@given(call=strategies.einsum_calls())
def test_einsum_calls_are_what_numpy_takes(call):
    np.einsum(call.subscripts, *[np.ones(shape) for shape in call.shapes])


@pytest.mark.parametrize("feature", ["...", "->", "ii", "ij,jk->ik"])
def test_every_feature_of_einsum_is_drawn(feature):
    def has(call):
        if feature != "ij,jk->ik":
            return feature in call.subscripts
        first, _, rest = call.subscripts.partition(",")
        return len(call.shapes) == 2 and len(set(first) & set(rest)) == 1 and call.subscripts[-3:-2] == ">"

    find(strategies.einsum_calls(), has, settings=THOROUGH)


def test_without_hypothesis_it_is_told_what_to_install():
    code = """if True:
        import sys
        sys.modules["hypothesis"] = None
        import micrograd_nd.testing
        try:
            import micrograd_nd.testing.strategies
        except ImportError as error:
            print(error)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "micrograd_nd.testing.strategies needs Hypothesis: pip install 'micrograd-nd[testing]'\n"
