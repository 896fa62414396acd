"""Clipped gradients are within their limit, and as they were where they already were."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn, tree
from micrograd_nd.testing import check_gradients

shapes = hnp.array_shapes(min_dims=0, max_dims=3, min_side=0, max_side=3)
arrays = hnp.arrays(float, shapes, elements=st.floats(-1e3, 1e3))
nests = st.dictionaries(st.text(max_size=2), st.one_of(arrays, st.none(), st.lists(arrays, max_size=2)), max_size=4)
limits = st.floats(1e-3, 1e4)


def leaves(nest):
    return tree.leaves(nest)


def norm(nest):
    return np.sqrt(sum(np.sum(np.square(x)) for x in leaves(nest)))


@given(nests, limits)
def test_no_element_is_beyond_its_limit(gradients, limit):
    for x, clipped in zip(leaves(gradients), leaves(nn.clip_by_value(gradients, limit)), strict=True):
        np.testing.assert_array_equal(clipped, np.clip(x, -limit, limit), strict=True)


@given(nests, limits)
def test_the_norm_of_all_is_at_most_the_limit_and_reaches_it(gradients, limit):
    clipped = nn.clip_by_norm(gradients, limit)
    assert norm(clipped) == pytest.approx(min(norm(gradients), limit), rel=1e-9, abs=1e-300)


@given(nests, limits)
def test_the_direction_stays(gradients, limit):
    factor = min(1, limit / norm(gradients)) if norm(gradients) else 1
    for x, clipped in zip(leaves(gradients), leaves(nn.clip_by_norm(gradients, limit)), strict=True):
        np.testing.assert_allclose(clipped, factor * x, rtol=1e-9, atol=1e-300)


@given(nests)
def test_short_gradients_keep_their_bits(gradients):
    for x, clipped in zip(leaves(gradients), leaves(nn.clip_by_norm(gradients, 1e9)), strict=True):
        assert np.asarray(clipped).tobytes() == x.tobytes()


@pytest.mark.parametrize("clip", [nn.clip_by_value, nn.clip_by_norm])
@pytest.mark.parametrize("dtypes", [(np.float32, np.float32), (np.float32, np.float64), (np.float16, np.float32)])
def test_form_and_dtypes_stay(clip, dtypes):
    first, second = (np.full((2, 1), 9.0, dtype) for dtype in dtypes)
    clipped = clip({"a": (first, None), "b": [second]}, np.float64(1))
    assert clipped["a"][1] is None
    assert type(clipped["a"]) is tuple
    assert (clipped["a"][0].dtype, clipped["b"][0].dtype) == dtypes
    assert first[0] == second[0] == 9


@pytest.mark.parametrize("size", [1e-300, 1e-30, 1e30, 1e300])
def test_a_norm_whose_square_would_overflow_or_vanish_is_right(size):
    gradients = [np.array([3 * size]), np.array([[4 * size]])]
    np.testing.assert_allclose(nn.clip_by_norm(gradients, size)[0], [0.6 * size], rtol=1e-12)
    np.testing.assert_array_equal(nn.clip_by_norm(gradients, 6 * size)[0], gradients[0])


def test_zero_stays_zero():
    np.testing.assert_array_equal(nn.clip_by_norm([np.zeros(3), np.zeros((2, 2))], 1.0)[1], np.zeros((2, 2)))
    assert nn.clip_by_norm([np.zeros(0)], 1.0)[0].shape == (0,)
    assert nn.clip_by_norm([], 1.0) == []


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_gradients_that_are_not_finite_are_not_made_to_look_right(bad):
    with np.errstate(invalid="ignore"):
        assert np.isnan(nn.clip_by_norm([np.array([bad, 1.0]), np.ones(2)], 1.0)[1]).all()
    assert nn.clip_by_value(np.array([np.inf, -1.0]), 2.0).tolist() == [2.0, -1.0]
    assert np.isnan(nn.clip_by_value(np.array([np.nan]), 2.0)).all()


def test_tensors_are_clipped_and_differentiated():
    x = mg.Tensor([3.0, 4.0])
    y = nn.clip_by_norm({"x": x}, 1.0)["x"]
    np.testing.assert_allclose(y.numpy(), [0.6, 0.8])
    check_gradients(lambda x: nn.clip_by_norm([x], 1.0)[0], np.array([3.0, 4.0]))


@given(hnp.arrays(float, (2, 3), elements=st.floats(-10, 10)), st.floats(0.1, 100))
def test_clipping_compiles(x, limit):
    for clip in (nn.clip_by_value, nn.clip_by_norm):
        compiled = mg.compile(lambda x, y, clip=clip: clip({"x": x, "y": [y]}, limit))
        found, expected = compiled(x, 2 * x), clip({"x": x, "y": [2 * x]}, limit)
        np.testing.assert_allclose(found["x"], expected["x"], rtol=1e-12)
        np.testing.assert_allclose(found["y"][0], expected["y"][0], rtol=1e-12)


@pytest.mark.parametrize("clip", [nn.clip_by_value, nn.clip_by_norm])
@pytest.mark.parametrize("limit", [0, -1, np.nan, np.inf, "1", None, True])
def test_a_limit_that_is_none_is_told(clip, limit):
    with pytest.raises((TypeError, ValueError), match=rf"the limit of {clip.__name__} must be .*; got"):
        clip([np.ones(2)], limit)
