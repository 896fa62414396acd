"""Functions that move, join, split, repeat and pad elements: results as NumPy gives them, and what is refused."""

import numpy as np
import pytest
from numpy.lib.stride_tricks import sliding_window_view

import micrograd_nd as mg
from micrograd_nd.graph import ancestors


@pytest.fixture
def t():
    return mg.Tensor(np.arange(12.0).reshape(3, 4))


def test_functions_of_several_results_give_numpys_containers(t):
    x = t.numpy()
    calls = [
        lambda a: np.split(a, 2, axis=1),
        lambda a: np.array_split(a, 2),
        lambda a: np.hsplit(a, [1]),
        lambda a: np.broadcast_arrays(a, 1.0),
        lambda a: np.meshgrid(a[0], a[1]),
        lambda a: np.atleast_2d(a, a[0]),
        np.gradient,
        lambda a: np.linspace(a[0], a[1], 3, retstep=True),
        lambda a: np.average(a, axis=0, returned=True),
    ]
    for call in calls:
        ours, numpys = call(t), call(x)
        assert type(ours) is type(numpys)
        assert [np.shape(part) for part in ours] == [np.shape(part) for part in numpys]


def test_results_without_axes_are_scalars():
    t = mg.Tensor([[2.0]])
    for result in (np.squeeze(t), t.reshape(()), t[0, 0, ...], np.broadcast_to(t[0, 0], ()), np.take(t, 0), t[0][0]):
        assert isinstance(result.node.out, np.float64)


def test_empty_arrays_are_moved_joined_and_split():
    x = np.zeros((0, 3))
    for f in (
        np.flip,
        lambda a: np.roll(a, 2),
        lambda a: np.tile(a, 2),
        lambda a: np.repeat(a, 2, axis=0),
        lambda a: np.vstack([a, a]),
        lambda a: np.pad(a, ((1, 1), (0, 0))),
        lambda a: np.sort(a, axis=0),
        lambda a: np.cumprod(a, axis=0),
        np.cumsum,
        lambda a: np.diff(a, axis=0),
        lambda a: np.take(a, [], axis=0),
        np.diagonal,
        lambda a: np.delete(a, [], axis=0),
        lambda a: np.split(a, 3, axis=1)[0],
    ):
        value, slopes = mg.value_and_grad(lambda a, f=f: np.sum(f(a)))(x)
        assert value == 0
        assert slopes.shape == x.shape
        assert f(mg.Tensor(x)).shape == f(x).shape


def test_moving_elements_is_one_operation(t):
    for result in (
        np.flip(t),
        np.roll(t, 1),
        np.rot90(t),
        np.tile(t, 2),
        np.repeat(t, 2),
        np.pad(t, 1),
        np.sort(t),
        np.take(t, [0, 1], axis=0),
        np.tril(t),
        np.diagonal(t),
        np.diff(t),
        np.vstack([t, t]),
        sliding_window_view(t, (2, 2)),
    ):
        assert len(ancestors(result.node)) == 2


def test_lists_stand_beside_tensors_wherever_numpy_takes_them(t):
    assert np.vstack([t, [1, 2, 3, 4]]).shape == (4, 4)
    assert np.append(t, [1.0]).shape == (13,)
    assert np.block([[t, np.ones((3, 1))]]).shape == (3, 5)
    assert np.average([1.0, 2.0, 3.0, 4.0], weights=t[0]).item() == pytest.approx(20 / 6)
    assert np.trapezoid([1.0, 1.0, 1.0, 1.0], t[0]).item() == 3
    assert np.convolve([1.0, 2.0], t[0]).shape == (5,)
    assert np.select([[True, False, True, False]], [t[0]], [9.0, 9.0, 9.0, 9.0]).tolist() == [0, 9, 2, 9]
    assert np.linspace([0.0, 1.0, 2.0, 3.0], t[0], 2).shape == (2, 4)
    assert np.insert([1.0, 2.0], 1, t[0, 3]).tolist() == [1, 3, 2]


def test_joining_takes_a_dtype_and_a_tensor_in_place_of_a_sequence(t):
    assert np.concatenate((t, t), dtype=np.float32).dtype == np.float32
    assert np.vstack((t, t), dtype=np.float32).dtype == np.float32
    assert np.concatenate(t).shape == (12,)
    assert np.stack(t, axis=1).shape == (4, 3)


def test_padding_takes_numpys_shorthands_for_widths():
    t = mg.Tensor([[1.0, 2.0], [3.0, 4.0]])
    for widths in (1, (1,), (1, 2), ((1, 2),), ((1, 2), (0, 1)), np.array([[0, 1], [2, 0]])):
        np.testing.assert_array_equal(np.pad(t, widths, "edge").numpy(), np.pad(t.numpy(), widths, "edge"))
    assert np.pad(t, {0: (1, 0), -1: 2}).shape == (3, 6)
    np.testing.assert_array_equal(np.pad(t, 1, mode="constant", constant_values=7.0)[0].numpy(), [7, 7, 7, 7])


@pytest.mark.parametrize("mode", ["reflect", "symmetric", "wrap", "edge", "mean", "median", "maximum", "minimum"])
def test_padding_of_one_element_and_far_beyond_is_numpys(mode):
    for x, width in ((np.array([3.0]), 2), (np.array([1.0, 5.0, 2.0]), (7, 4))):
        np.testing.assert_array_equal(np.pad(mg.Tensor(x), width, mode).numpy(), np.pad(x, width, mode))


def test_a_window_that_slides_adds_up_the_derivatives_of_its_places():
    count = mg.grad(lambda a: np.sum(sliding_window_view(a, (2, 2))))(np.zeros((3, 3)))
    np.testing.assert_array_equal(count, [[1, 2, 1], [2, 4, 2], [1, 2, 1]])


def test_a_vector_in_a_triangle_is_every_row_of_it():
    np.testing.assert_array_equal(mg.grad(lambda a: np.sum(np.tril(a)))(np.ones(3)), [3, 2, 1])


def test_filling_takes_a_tensor_or_a_number():
    t = mg.Tensor([1.0, 2.0])
    np.testing.assert_array_equal(mg.grad(lambda v: np.sum(np.full_like(t, v)))(3.0), 2)
    plain = np.full_like(t, 3.0)
    assert type(plain) is np.ndarray
    plain[0] = 5
    assert np.full_like(t, 3, dtype=int, shape=(2, 2)).tolist() == [[3, 3], [3, 3]]


def test_a_copy_is_of_any_dtype(t):
    assert np.copy(mg.Tensor([True, False])).tolist() == [True, False]
    assert mg.Tensor([1, 2]).copy().dtype == np.int64
    assert mg.grad(lambda a: np.sum(np.copy(a) * 2))(1.0) == 2


def test_functions_of_the_callers_are_applied_to_tensors(t):
    slopes = mg.grad(lambda a: np.sum(np.apply_along_axis(lambda row: row * np.sum(row), 1, a)))(t.numpy())
    np.testing.assert_allclose(slopes, 2 * np.sum(t.numpy(), axis=1, keepdims=True) * np.ones((3, 4)))
    assert np.apply_over_axes(np.sum, t, [0, -1]).tolist() == [[66]]


@pytest.mark.parametrize(
    ("call", "error", "message"),
    [
        (lambda t: np.pad(t, 1, "empty"), TypeError, "has the modes constant, edge"),
        (lambda t: np.pad(t, 1, lambda *_: None), TypeError, "has the modes constant, edge"),
        (lambda t: np.pad(t, 1, "edge", stat_length=2), TypeError, "takes no stat_length="),
        (lambda t: np.pad(t, 0.5), TypeError, "whole numbers"),
        (lambda t: np.pad(t, 9, "reflect", reflect_type="odd"), TypeError, "turns 2 elements"),
        (lambda t: np.pad(t, 1, constant_values=t[0, 0]), TypeError, "cut the graph"),
        (lambda t: np.split(t, 2), ValueError, "does not split into 2 equal parts"),
        (lambda t: np.array_split(t, 0), ValueError, "1 part or more"),
        (lambda t: np.vsplit(t[0], 2), ValueError, "needs 2 axes"),
        (lambda t: np.matrix_transpose(t[0]), ValueError, "two axes"),
        (lambda t: np.rollaxis(t, 0, 5), np.exceptions.AxisError, "start must be between -2 and 2"),
        (lambda t: np.block([[t], t]), ValueError, "equally deep"),
        (lambda t: np.block([(t, t), t]), TypeError, "not in tuples"),
        (lambda t: np.meshgrid(t[0], indexing="yx"), ValueError, "'xy' or 'ij'"),
        (lambda t: np.diag(t[None]), ValueError, "vector or a matrix"),
        (lambda t: np.resize(t, (-1,)), ValueError, "0 or more"),
        (lambda t: np.linspace(t, t, -1), ValueError, "0 or more"),
        (lambda t: np.concatenate((t, t), casting="unsafe"), TypeError, "casting"),
        (lambda t: np.apply_along_axis(np.sum, 0, t[:, :0]), ValueError, "no vector"),
        (np.unique, TypeError, "np.unique has no derivative rule"),
        (np.histogram, TypeError, "np.histogram has no derivative rule"),
    ],
)
def test_what_cannot_be_shaped_is_refused_with_the_reason(t, call, error, message):
    with pytest.raises(error, match=message):
        call(t)


@pytest.mark.parametrize(
    "write",
    [
        lambda t: np.put(t, [0], 1.0),
        lambda t: np.place(t, np.ones((3, 4), bool), [1.0]),
        lambda t: np.putmask(t, np.ones((3, 4), bool), 1.0),
        lambda t: np.copyto(t, 1.0),
        lambda t: np.copyto(np.zeros((3, 4)), t),
        lambda t: np.fill_diagonal(t, 1.0),
        lambda t: np.fill_diagonal(np.zeros((3, 3)), t[0, :3]),
        lambda t: np.put_along_axis(t, np.zeros((3, 1), int), 1.0, 1),
        lambda t: np.put(np.zeros(3), [0], t[0, 1]),
    ],
)
def test_functions_that_write_into_an_array_are_refused(t, write):
    with pytest.raises(TypeError):
        write(t)
