"""What a Tensor is to the person who holds it."""

import copy
import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import micrograd_nd as mg

floats = hnp.arrays(np.float64, hnp.array_shapes(min_dims=0, max_dims=3, max_side=4), elements=st.floats(-1e3, 1e3))


# Making one


@given(floats)
def test_it_holds_the_values_that_it_was_given(x):
    t = mg.Tensor(x)
    np.testing.assert_array_equal(t.numpy(), x)
    assert (t.shape, t.ndim, t.size, t.dtype) == (x.shape, x.ndim, x.size, x.dtype)


def test_it_owns_its_array():
    x = np.ones(3)
    t = mg.Tensor(x)
    x[0] = 7
    assert t.numpy()[0] == 1


def test_its_dtype_is_the_one_numpy_gives_or_the_one_asked_for():
    assert mg.Tensor([1, 2]).dtype == np.int64
    assert mg.Tensor([1, 2], dtype=np.float32).dtype == np.float32
    assert mg.Tensor(np.float16(1)).dtype == np.float16


def test_floating_point_is_differentiable_and_the_rest_is_constant():
    assert mg.Tensor(1.0).requires_grad
    assert not mg.Tensor(1.0, requires_grad=False).requires_grad
    assert not mg.Tensor(1).requires_grad
    assert not mg.Tensor(True).requires_grad


@pytest.mark.parametrize("data", ["text", None, {"a": 1}, object(), ["a", "b"]])
def test_what_is_not_a_number_is_refused(data):
    with pytest.raises(TypeError, match="a Tensor holds numbers"):
        mg.Tensor(data)


def test_a_nest_of_tensors_is_refused_with_the_way_to_assemble_it():
    with pytest.raises(TypeError, match=r"mg\.array"):
        mg.Tensor([mg.Tensor(1.0), 2.0])


def test_it_cannot_be_subclassed():
    with pytest.raises(TypeError, match="cannot be subclassed"):
        type("Mine", (mg.Tensor,), {})


def test_a_name_is_text():
    t = mg.Tensor(1.0, name="a")
    t.name = "b"
    assert t.name == "b"
    with pytest.raises(TypeError, match="a name is a string; got 3"):
        t.name = 3


# Showing itself


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (mg.Tensor(5.0, name="a"), "Tensor(5., name='a')"),
        (mg.Tensor([1.0, 2.0]), "Tensor([1., 2.], shape=(2,))"),
        (mg.Tensor(np.float32(1)), "Tensor(1., dtype=float32)"),
        (mg.Tensor([1, 2]), "Tensor([1, 2], shape=(2,))"),
        (mg.Tensor(1.0, requires_grad=False), "Tensor(1., requires_grad=False)"),
    ],
)
def test_its_repr_shows_values_name_and_shape(tensor, text):
    assert repr(tensor) == text


def test_a_large_one_is_shown_in_part():
    assert len(repr(mg.Tensor(np.zeros((1000, 1000))))) < 400


def test_it_formats_as_a_number():
    assert f"{mg.Tensor(1.5):.3f}" == "1.500"
    assert f"{mg.Tensor(1.5)}" == "Tensor(1.5)"


# Its values are its user's to change


def test_data_changes_in_place_by_assignment_and_by_element():
    p = mg.Tensor([1.0, 2.0])
    p.data += 1
    np.testing.assert_array_equal(p.numpy(), [2, 3])
    p.data = [5, 6]
    np.testing.assert_array_equal(p.numpy(), [5, 6])
    p.data[0] = 9
    np.testing.assert_array_equal((p * 1).numpy(), [9, 6])
    held = p.data
    held[:] = -1
    np.testing.assert_array_equal((p * 1).numpy(), [-1, -1])


def test_a_number_changes_by_assignment():
    p = mg.Tensor(1.0)
    p.data += 0.5
    assert p.item() == 1.5


def test_the_data_of_a_recorded_result_is_for_reading():
    y = mg.Tensor([1.0, 2.0]) * 2
    with pytest.raises(ValueError, match="read-only"):
        y.data[0] = 5
    with pytest.raises(TypeError, match="is the result of a recorded operation: new data would cut it off"):
        y.data = [1.0, 2.0]


def test_reading_data_once_leaves_nothing_to_compare_for_ever():
    p = mg.Tensor([1.0, 2.0])
    node = p.node
    assert p.data.sum() == 3
    assert p.node is node
    assert p._node is node
    held = p.data
    assert p.node is node
    held[0] = 5
    assert p.numpy()[0] == 5


@pytest.mark.filterwarnings("ignore:Setting the shape:DeprecationWarning")
def test_data_that_is_given_another_shape_is_told():
    p = mg.Tensor([1.0, 2.0], name="p")
    held = p.data
    held.shape = (2, 1)
    with pytest.raises(ValueError, match=r"data of p was given the shape \(2, 1\)"):
        p * 1


def test_changing_data_never_reaches_into_a_recorded_graph():
    p = mg.Tensor([1.0, 2.0])
    before = p.data
    J = (p * p).sum()
    before[:] = 100
    p.data -= 3
    J.backward()
    np.testing.assert_array_equal(p.grad, [2, 4])


def test_reading_data_does_not_cut_the_graph():
    p = mg.Tensor([1.0, 2.0])
    u = p * 3
    assert u.data.tolist() == [3, 6]
    J = (u * u).sum()
    assert p.data.tolist() == [1, 2]
    J.backward()
    np.testing.assert_array_equal(p.grad, [18, 36])
    np.testing.assert_array_equal(u.grad, [6, 12])


def test_a_gradient_reaches_the_parameter_although_its_data_changed_since():
    p = mg.Tensor([1.0, 2.0])
    first = (p * p).sum()
    p.data *= 10
    second = (p * p).sum()
    first.backward()
    np.testing.assert_array_equal(p.grad, [2, 4])
    second.backward()
    np.testing.assert_array_equal(p.grad, [22, 44])


def test_an_element_that_becomes_nan_or_minus_zero_is_a_change():
    p = mg.Tensor([0.0, 1.0])
    p.data[0] = -0.0
    assert np.signbit((p * 1).numpy()[0])
    p.data[0] = np.nan
    assert np.isnan((p * 1).numpy()[0])


def test_data_keeps_shape_and_dtype():
    p = mg.Tensor([[1.0], [2.0]], name="b", dtype=np.float32)
    p.data = p.numpy() - np.ones((2, 1))
    assert p.dtype == np.float32
    with pytest.raises(ValueError, match=r"data of b with shape \(2, 1\) must keep its shape \(2, 1\); got \(2,\)"):
        p.data = np.zeros(2)
    with pytest.raises(TypeError, match="must keep its dtype float32; got complex128"):
        p.data = np.zeros((2, 1)) * 1j


def test_numpy_is_a_read_only_view_without_a_copy():
    t = mg.Tensor([1.0, 2.0])
    view = t.numpy()
    assert np.shares_memory(view, t.numpy())
    with pytest.raises(ValueError, match="read-only"):
        view[0] = 5


def test_a_list_of_it_is_plain_numbers():
    assert mg.Tensor([[1.0, 2.0]]).tolist() == [[1, 2]]
    assert type(mg.Tensor(1.5).tolist()) is float


def test_a_copy_moves_by_itself_and_derivatives_pass_through():
    t = mg.Tensor([1.0, 2.0])
    twin = t.copy()
    twin *= 3
    assert t.tolist() == [1, 2]
    twin.sum().backward()
    np.testing.assert_array_equal(t.grad, [3, 3])


def test_item_is_the_only_element():
    assert mg.Tensor([[2.5]]).item() == 2.5
    assert type(mg.Tensor(2.5).item()) is float
    with pytest.raises(ValueError, match="size 1"):
        mg.Tensor([1.0, 2.0]).item()


def test_a_detached_tensor_is_a_constant_of_the_same_value():
    t = mg.Tensor([1.0, 2.0], name="t")
    d = (t * 2).detach()
    assert not d.requires_grad
    assert t.detach().name == "t"
    (d * t).sum().backward()
    np.testing.assert_array_equal(t.grad, [2, 4])


# Operators

OTHERS = [2.0, 3, np.float64(2.5), np.array([1.0, 2.0, 4.0]), mg.Tensor([1.5, 2.0, 0.5])]
BINARY = ["+", "-", "*", "/", "**", "%"]


@pytest.mark.parametrize("other", OTHERS, ids=lambda x: type(x).__name__)
@pytest.mark.parametrize("sign", BINARY)
def test_an_operator_takes_tensors_arrays_and_numbers_on_either_side(sign, other):
    x = np.array([0.5, 1.0, 2.0])
    value = other.numpy() if type(other) is mg.Tensor else other
    for left, right, plain in [("t", "o", (x, value)), ("o", "t", (value, x))]:
        result = eval(f"{left} {sign} {right}", {"t": mg.Tensor(x), "o": other})  # noqa: S307
        expected = eval(f"a {sign} b", dict(zip("ab", plain, strict=True)))  # noqa: S307
        assert type(result) is mg.Tensor
        np.testing.assert_allclose(result.numpy(), expected, rtol=1e-15)


def test_matrix_products_take_arrays_on_either_side():
    x, y = np.arange(6.0).reshape(2, 3), np.arange(3.0)
    np.testing.assert_array_equal((mg.Tensor(x) @ y).numpy(), x @ y)
    np.testing.assert_array_equal((x @ mg.Tensor(y)).numpy(), x @ y)
    assert type(x @ mg.Tensor(y)) is mg.Tensor


def test_whole_quotients_are_plain_and_remainders_are_recorded():
    t = mg.Tensor([5.5, -5.5])
    quotient, remainder = divmod(t, 2)
    np.testing.assert_array_equal(quotient, [2, -3])
    np.testing.assert_array_equal(remainder.numpy(), [1.5, 0.5])
    np.testing.assert_array_equal(11 // t, [2, -2])
    np.testing.assert_allclose(divmod(11, t)[1].numpy(), [0, 0])
    t %= 2
    np.testing.assert_array_equal(t.numpy(), [1.5, 0.5])
    assert mg.grad(lambda x: x % 2)(5.5) == 1
    assert mg.grad(lambda x: 11 % x)(2.5) == -4


def test_comparisons_give_plain_boolean_arrays():
    t = mg.Tensor([1.0, 2.0])
    for result in (t == 1, t != 1, t < 2, t <= 1, t > 1, t >= 2, t == t, np.array([1.0, 1.0]) < t, np.greater(t, 1)):
        assert type(result) is np.ndarray
        assert result.dtype == bool
    assert (t == None).tolist() == [False, False]  # noqa: E711


def test_a_condition_on_a_value_is_fine_in_eager_code():
    assert mg.Tensor(1.0) > 0
    with pytest.raises(ValueError, match="ambiguous"):
        bool(mg.Tensor([1.0, 2.0]))


def test_it_hashes_by_identity():
    t = mg.Tensor(1.0)
    assert {t: "found"}[t] == "found"


def test_it_has_the_length_and_the_rows_of_its_array():
    t = mg.Tensor([[1.0, 2.0], [3.0, 4.0]])
    assert len(t) == 2
    rows = list(t)
    (rows[0] * rows[1]).sum().backward()
    np.testing.assert_array_equal(t.grad, [[3, 4], [1, 2]])
    with pytest.raises(TypeError, match="no length"):
        len(mg.Tensor(1.0))


METHODS = [
    ("sum", (), {}),
    ("sum", (), {"axis": 0}),
    ("mean", (1,), {"keepdims": True}),
    ("max", (), {"axis": (0, 1)}),
    ("min", (0,), {}),
    ("reshape", (3, 2), {}),
    ("reshape", ((3, 2),), {}),
    ("reshape", (-1,), {"order": "F"}),
    ("ravel", (), {}),
    ("flatten", ("F",), {}),
    ("transpose", (), {}),
    ("transpose", (1, 0), {}),
    ("transpose", ((1, 0),), {}),
    ("swapaxes", (0, 1), {}),
    ("squeeze", (), {}),
    ("clip", (1, 3), {}),
    ("clip", (), {"min": 2}),
    ("dot", (np.ones(3),), {}),
    ("astype", (np.float32,), {}),
    ("copy", (), {}),
    ("argmax", (), {"axis": 1}),
    ("argmin", (), {}),
    ("any", (), {}),
    ("all", (0,), {}),
]


@pytest.mark.parametrize(("name", "args", "kwargs"), METHODS)
def test_methods_of_ndarray_do_what_they_do_there(name, args, kwargs):
    x = np.array([[3.0, 1.0, 2.0], [0.0, 5.0, 4.0]])
    result, expected = getattr(mg.Tensor(x), name)(*args, **kwargs), getattr(x, name)(*args, **kwargs)
    value = result.numpy() if type(result) is mg.Tensor else result
    assert (type(result) is mg.Tensor) == (np.asarray(expected).dtype.kind == "f")
    assert value.dtype == np.asarray(expected).dtype
    np.testing.assert_array_equal(value, expected)
    np.testing.assert_array_equal(mg.Tensor(x).T.numpy(), x.T)


# In place: the handle moves on


def test_in_place_operators_rebind_the_handle_and_stay_differentiable():
    t = mg.Tensor([1.0, 2.0])
    same = t
    square = t * t
    t *= 3
    t += 1
    assert same is t
    np.testing.assert_array_equal(square.numpy(), [1, 4])
    x = mg.Tensor([1.0, 2.0])
    y = x * 1
    y **= 2
    y -= 1
    y /= 2
    y.sum().backward()
    np.testing.assert_array_equal(x.grad, [1, 2])
    np.testing.assert_array_equal(y.grad, [1, 1])


def test_assigning_an_element_is_differentiable_and_spares_what_was_recorded():
    x, v = mg.Tensor([1.0, 2.0, 3.0]), mg.Tensor(5.0)
    t = x * 1
    before = (t * t).sum()
    t[1] = v * 2
    after = (t * t).sum()
    assert t.numpy().tolist() == [1, 10, 3]
    before.backward()
    np.testing.assert_array_equal(x.grad, [2, 4, 6])
    after.backward()
    np.testing.assert_array_equal(x.grad, [4, 4, 12])
    assert v.grad == 40


def test_a_recorded_result_is_not_changed_under_no_grad():
    y = mg.Tensor(2.0) * 2
    with mg.no_grad(), pytest.raises(TypeError, match="cut off"):
        y += 1


def test_an_element_takes_only_what_the_dtype_holds():
    with pytest.raises(TypeError, match=r"dtype int64; it cannot hold a Tensor with shape \(\)"):
        mg.Tensor([1, 2])[0] = mg.Tensor(2.7)
    with pytest.raises(TypeError, match="dtype float64; it cannot hold"):
        mg.Tensor([1.0, 2.0])[0] = 1j
    t = mg.Tensor([1, 2])
    t[0] = 5
    assert t.numpy().tolist() == [5, 2]


def test_an_index_that_changes_later_does_not_change_the_graph():
    t, index = mg.Tensor([1.0, 2.0, 3.0]), np.array([0, 0])
    y = t[index]
    index[:] = 2
    y.sum().backward()
    np.testing.assert_array_equal(t.grad, [2, 0, 0])


def test_a_parameter_updated_under_no_grad_stays_a_parameter():
    W = mg.Tensor([1.0, 2.0], name="W")
    (W * W).sum().backward()
    with mg.no_grad():
        W -= 0.5 * W.grad
    assert (W.requires_grad, W.name, W.numpy().tolist()) == (True, "W", [0, 0])
    W.zero_grad()
    W.sum().backward()
    np.testing.assert_array_equal(W.grad, [1, 1])


def test_in_place_operations_keep_shape_and_dtype():
    t = mg.Tensor([1.0], name="t")
    with pytest.raises(ValueError, match=r"must keep the shape \(1,\) of t"):
        t += np.ones(3)
    single = mg.Tensor([1.0], dtype=np.float32)
    single += np.ones(1)
    assert single.dtype == np.float32
    whole = mg.Tensor([1])
    with pytest.raises(TypeError, match="must keep the dtype int64"):
        whole += 0.5


# No conversion cuts a graph in silence


@pytest.mark.parametrize(
    "convert",
    [
        np.asarray,
        np.array,
        lambda t: np.array([t, t]),
        lambda t: np.array([[t, t], [t, t]]),
        lambda t: np.asarray([t, 1.0]),
        lambda t: np.ones(2) + np.array(t),
        lambda t: np.testing.assert_allclose(actual=t, desired=t),
        mg.Tensor,
    ],
)
@pytest.mark.parametrize("value", [2.0, [1.0, 2.0]])
def test_making_a_plain_array_of_it_raises_and_names_what_was_meant(convert, value):
    with pytest.raises(TypeError, match=r"t\.numpy\(\).*t\.detach\(\).*mg\.array\(\["):
        convert(mg.Tensor(value))


def test_a_constant_converts_freely():
    constant = mg.Tensor([1.0, 2.0], requires_grad=False)
    np.testing.assert_array_equal(np.asarray(constant), [1, 2])
    np.testing.assert_array_equal(np.array([constant, constant]), [[1, 2], [1, 2]])
    assert np.zeros(4)[mg.Tensor(2)] == 0


def test_a_plain_array_of_a_constant_cannot_be_used_to_change_a_tensor():
    W = mg.Tensor([1.0, 2.0])
    for convert in (np.asarray, np.asanyarray, np.ascontiguousarray, lambda t: np.array(t, copy=None)):
        with pytest.raises(ValueError, match="read-only"):
            convert(W.detach())[0] = 5
    np.array(W.detach())[0] = 5
    assert W.numpy().tolist() == [1, 2]


def store(a):
    M = np.zeros((2, 2))
    M[0, 0] = a


def store_flat(a):
    M = np.zeros((2, 2))
    M.flat[0] = a


def test_storing_a_tensor_in_an_array_raises_and_names_what_was_meant():
    with pytest.raises(ValueError, match="setting an array element") as raised:
        store(mg.Tensor(2.0))
    assert "mg.array([[t, u], [v, w]])" in str(raised.value.__cause__)
    with pytest.raises(ValueError, match="Error setting single item"):
        store_flat(mg.Tensor(2.0))


def test_storing_a_number_in_an_array_is_fine():
    for action in (store, store_flat):
        action(float(mg.Tensor(2.0)))
        action(mg.Tensor(2.0, requires_grad=False))


def test_a_matrix_is_an_array_and_a_masked_array_is_refused():
    t, B = mg.Tensor([[1.0, 2.0], [3.0, 4.0]]), np.arange(4.0).reshape(2, 2)
    with pytest.warns(PendingDeprecationWarning):
        matrix = np.matrix(B)
    product = t * matrix
    np.testing.assert_array_equal(product.numpy(), t.numpy() * B)
    product.sum().backward()
    assert type(t.grad) is np.ndarray
    with pytest.raises(TypeError, match="masked array"):
        t * np.ma.masked_array(B, mask=B > 1)


def test_numbers_convert_where_a_person_reads_them():
    t = mg.Tensor(1.5)
    assert float(t) == 1.5
    assert int(t) == 1
    assert complex(t) == 1.5
    assert math.sin(t) == math.sin(1.5)


@pytest.mark.parametrize("convert", [float, int, complex, math.sin, mg.Tensor.item, np.float64])
def test_numbers_do_not_convert_inside_a_transform(convert):
    def f(x):
        x.name = "x"
        return x * convert(x)

    with pytest.raises(TypeError, match=r"x with shape \(\) (inside a transform|to a plain array).*t\.detach\(\)"):
        mg.grad(f)(0.5)


def test_an_array_does_not_swallow_a_tensor_in_place():
    x, t = np.ones(2), mg.Tensor([1.0, 2.0])
    with pytest.raises(TypeError, match=r"np\.add cannot write the result of Tensors into an existing array"):
        x += t
    with pytest.raises(TypeError, match="existing array"):
        np.exp(t, out=x)
    with pytest.raises(TypeError, match="existing array"):
        np.sum(t, out=np.zeros(()))
    with pytest.raises(TypeError, match="existing array"):
        np.concatenate([t, t], out=np.zeros(4))
    np.testing.assert_array_equal(x, [1, 1])


def test_assembling_tensors_and_numbers_is_differentiable():
    a, b = mg.Tensor(2.0), mg.Tensor(3.0)
    matrix = mg.array([[a, 1.0], [b, a * b]])
    assert matrix.numpy().tolist() == [[2, 1], [3, 6]]
    matrix.sum().backward()
    assert (a.grad, b.grad) == (4, 3)
    copy = mg.array(a)
    copy += 1
    assert (copy.item(), a.item()) == (3, 2)
    assert not mg.array([1.0, 2.0]).requires_grad


def test_a_leaf_copies_and_pickles_and_a_result_does_not():
    t = mg.Tensor([1.0, 2.0], name="t")
    for twin in (copy.copy(t), copy.deepcopy(t), pickle.loads(pickle.dumps(t))):  # noqa: S301
        assert (twin.name, twin.requires_grad, twin.numpy().tolist()) == ("t", True, [1, 2])
        twin.data += 1
        assert t.numpy().tolist() == [1, 2]
    (t * t).sum().backward()
    twin = copy.copy(t)
    twin.grad *= 0
    np.testing.assert_array_equal(t.grad, [2, 4])
    with pytest.raises(TypeError, match=r"t\.detach\(\) can"):
        copy.deepcopy(t * 2)
