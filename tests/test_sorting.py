"""Functions that order and select elements, and indices of every kind: ties, repetitions, what is refused."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg

x = np.arange(24.0).reshape(2, 3, 4)
rows = np.array([[0, 1], [1, 1]])
mask = x > 7.5

INDICES = [
    0,
    -1,
    np.int64(1),
    np.array(1),
    ...,
    None,
    (),
    True,
    np.False_,
    slice(None, None, -1),
    slice(5, 1, -2),
    slice(2, 2),
    (0, ..., -1),
    (None, 0, None, ..., None),
    (slice(None), slice(None, None, -2), slice(3, None, -1)),
    [0, 1, 0],
    [],
    np.zeros(0, int),
    rows,
    (rows, rows),
    (rows, slice(None), [[0], [3]]),
    (slice(None), [0, 0, 2], slice(1, None)),
    (0, [0, 0, 2]),
    ([0, 1], 2, [3, 3]),
    ([1, 1], ..., [0, 0]),
    (None, [1, 0], None, slice(None), 1),
    mask,
    mask[:, :, 0],
    (slice(None), np.array([True, False, True])),
    (0, np.array([True, False, True]), [1, 3]),
    ([True, False], [2]),
    (mask[:, :, 0], -1),
    (np.array([False, False]),),
    (..., np.array([True, False, False, True])),
    np.ix_([1, 0], [0, 0], [3]),
    np.nonzero(mask),
]


@pytest.mark.parametrize("index", INDICES, ids=str)
def test_any_index_reads_writes_and_is_differentiated_as_numpys(index):
    weights = np.random.default_rng(0).normal(size=x[index].shape)
    value, slopes = mg.value_and_grad(lambda a: np.sum(weights * a[index]))(x)
    assert value == pytest.approx(np.sum(weights * x[index]))
    expected = np.zeros(x.shape)
    np.add.at(expected, index, weights)
    np.testing.assert_allclose(slopes, expected, rtol=1e-14)

    def written(a, v):
        a = a + 0
        a[index] = v
        return a

    np.testing.assert_array_equal(written(mg.Tensor(x), mg.Tensor(weights)).numpy(), written(x, weights))
    outer = np.random.default_rng(1).normal(size=x.shape)
    of_array, of_values = mg.grad(lambda a, v: np.sum(outer * written(a, v)), (0, 1))(x, weights)
    np.testing.assert_array_equal(of_array, written(outer, 0))
    # Of two values for one place the later stays: the derivative of all values adds up to that of the places.
    assert np.sum(of_values) == pytest.approx(np.sum(outer - written(outer, 0)))


def test_one_value_written_to_many_places_gets_the_sum_of_their_derivatives():
    def filled(a, v):
        a = a + 0
        a[a > 7.5] = v
        return np.sum(a * a)

    of_array, of_value = mg.grad(filled, (0, 1))(x, 3.0)
    np.testing.assert_array_equal(of_array, np.where(mask, 0, 2 * x))
    assert of_value == 6 * np.sum(mask)


def test_complex_numbers_are_not_written_into_real_ones():
    t = mg.Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match="cannot hold"):
        t[0] = 1j
    z = mg.Tensor([1j, 2.0])
    z[0] = 5.0
    assert z.tolist() == [5, 2]


def test_large_and_small_selections_with_repetitions_add_up_alike():
    rng = np.random.default_rng(2)
    for number in (3, 5000):
        index = rng.integers(0, 20, number)
        g = rng.normal(size=(number, 30))
        slopes = mg.grad(lambda a, index=index, g=g: np.sum(a[index] * g))(np.zeros((20, 30)))
        expected = np.zeros((20, 30))
        np.add.at(expected, index, g)
        np.testing.assert_allclose(slopes, expected, rtol=1e-12, atol=1e-12)


# Order


@given(hnp.arrays(float, hnp.array_shapes(max_dims=2, max_side=5), elements=st.integers(-2, 2)))
def test_sorting_with_ties_hands_every_derivative_to_one_element_of_that_value(a):
    weights = np.random.default_rng(3).normal(size=a.shape)
    slopes = mg.grad(lambda b: np.sum(weights * np.sort(b, axis=-1)))(a)
    np.testing.assert_array_equal(np.sort(slopes, axis=-1), np.sort(weights, axis=-1))
    for value in np.unique(a):
        for row, slope, weight in zip(np.atleast_2d(a), np.atleast_2d(slopes), np.atleast_2d(weights), strict=True):
            np.testing.assert_allclose(np.sum(slope[row == value]), np.sum(weight[np.sort(row) == value]), atol=1e-14)


def test_sorting_takes_numpys_kinds_and_refuses_named_fields():
    t = mg.Tensor([3.0, 1.0, 2.0])
    for options in ({"kind": "stable"}, {"stable": True}, {"axis": None}, {"order": None}):
        assert np.sort(t, **options).tolist() == [1, 2, 3]
    with pytest.raises(TypeError, match="no named fields"):
        np.sort(t, order="f")


def test_nan_is_sorted_to_the_end():
    value, slopes = mg.value_and_grad(lambda a: np.sort(a)[1])(np.array([np.nan, 5.0, 1.0]))
    assert value == 5
    np.testing.assert_array_equal(slopes, [0, 1, 0])


def test_a_partition_puts_an_element_where_a_sort_would():
    a = np.random.default_rng(4).normal(size=50)
    value, slopes = mg.value_and_grad(lambda b: np.partition(b, 20)[20])(a)
    assert value == np.sort(a)[20]
    assert np.flatnonzero(slopes) == np.argsort(a)[20]


def test_positions_are_plain_arrays():
    t = mg.Tensor([3.0, 1.0, 2.0])
    for result in (
        np.argsort(t),
        np.argpartition(t, 1),
        np.searchsorted(np.sort(t), [1.5]),
        np.digitize(t, [1.5]),
        np.lexsort((t, t)),
        np.argwhere(t),
        np.nanargmax(t),
    ):
        assert isinstance(result, np.ndarray | np.integer)


# Choice


def test_a_position_past_the_end_is_wrapped_clipped_or_refused():
    t = mg.Tensor([1.0, 2.0, 3.0])
    assert np.take(t, [3, -4], mode="wrap").tolist() == [1, 3]
    assert np.take(t, [3, -4], mode="clip").tolist() == [3, 1]
    with pytest.raises(IndexError):
        np.take(t, 3)
    with pytest.raises(ValueError, match="'raise', 'wrap' or 'clip'"):
        np.take(t, 0, mode="bounce")


def test_a_choice_follows_its_numbers():
    t = mg.Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert np.choose([1, 0], t).tolist() == [3, 2]
    assert np.choose([3, 0], [t[0], t[1]], mode="clip").tolist() == [3, 2]
    with pytest.raises(ValueError, match="2 choices"):
        np.choose([2, 0], t)
    with pytest.raises(TypeError, match="whole"):
        np.choose([0.5], t)


def test_the_first_condition_that_holds_selects():
    t = mg.Tensor([1.0, 2.0, 3.0])
    chosen = np.select([t < 1.5, t < 2.5], [t * 10, t * 100], default=-1)
    assert chosen.tolist() == [10, 200, -1]
    assert np.select([t < 9], [t.astype(np.float32)], 2.0).dtype == np.float32
    with pytest.raises(TypeError, match="of booleans"):
        np.select([[1, 0, 1]], [t])
    with pytest.raises(ValueError, match="as many conditions as choices"):
        np.select([t < 9], [t, t])


def test_the_last_condition_that_holds_decides_a_piece():
    value, slopes = mg.value_and_grad(
        lambda a: np.sum(np.piecewise(a, [a > 0, a > 1], [np.square, lambda v, k=5.0: k * v, 0.5]))
    )(np.array([-1.0, 0.5, 2.0]))
    assert value == 0.5 + 0.25 + 10
    np.testing.assert_array_equal(slopes, [0, 1, 5])
    with pytest.raises(ValueError, match="2 conditions and 1 functions"):
        np.piecewise(mg.Tensor([1.0]), [[True], [False]], [1.0])


def test_zeros_are_trimmed_at_the_ends():
    t = mg.Tensor([0.0, 1.0, 0.0, 2.0, 0.0])
    assert np.trim_zeros(t).tolist() == [1, 0, 2]
    assert np.trim_zeros(t, "f").tolist() == [1, 0, 2, 0]
    assert np.trim_zeros(t * 0).shape == (0,)


def test_booleans_are_numbers_to_take_and_refused_along_an_axis():
    x = mg.Tensor([10.0, 20.0, 30.0])
    np.testing.assert_array_equal(np.take(x, [True, False, True]).numpy(), np.take(x.numpy(), [True, False, True]))
    with pytest.raises(IndexError, match="takes whole numbers; got dtype bool"):
        np.take_along_axis(x, np.array([True, False, True]), 0)


def test_what_changes_nothing_gives_a_copy():
    x = mg.Tensor([1.0, 2.0])
    copies = [np.pad(x, 0, mode="edge"), np.pad(x, 0, mode="mean"), np.choose([0, 0], [x])]
    for i in range(3):
        copies[i] += 100
    np.testing.assert_array_equal(x.numpy(), [1, 2])
