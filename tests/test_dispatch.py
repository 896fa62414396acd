"""NumPy's functions on Tensors: recorded, or refused with a message."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.graph import ancestors


def gradient_of(f, x):
    t = mg.Tensor(x)
    f(t).sum().backward()
    return t.grad


def test_a_tensor_is_found_wherever_numpy_lets_it_stand():
    t = np.array([1.0, 2.0])
    np.testing.assert_array_equal(gradient_of(lambda t: np.sum(a=t), t), [1, 1])
    np.testing.assert_array_equal(gradient_of(lambda t: np.concatenate([t, t]), t), [2, 2])
    np.testing.assert_array_equal(gradient_of(lambda t: np.concatenate(([0.0], t), axis=0), t), [1, 1])
    np.testing.assert_array_equal(gradient_of(lambda t: np.stack(arrays=[t, t], axis=1), t), [2, 2])
    np.testing.assert_array_equal(gradient_of(lambda t: np.where(t > 1, t, 0.0), t), [0, 1])
    np.testing.assert_array_equal(gradient_of(lambda t: np.clip(t, a_min=t, a_max=None), t), [1, 1])
    np.testing.assert_array_equal(gradient_of(lambda t: np.dot(np.ones((2, 2)), t), t), [2, 2])
    np.testing.assert_array_equal(gradient_of(lambda t: np.add(np.ones(2), t), t), [1, 1])
    np.testing.assert_array_equal(gradient_of(lambda t: np.multiply(t, [3, 4]), t), [3, 4])
    np.testing.assert_array_equal(gradient_of(lambda t: np.reshape(t, (2, 1)), t), [1, 1])


def test_methods_of_ufuncs_are_the_functions_they_stand_for():
    x = np.array([[1.0, 2.0], [3.0, 4.0]])
    t = mg.Tensor(x)
    calls = [
        np.add.reduce,
        lambda a: np.add.reduce(a, 1, None, None, True),
        lambda a: np.add.reduce(a, initial=2.0, where=x > 1),
        lambda a: np.multiply.reduce(a, axis=(0, 1)),
        lambda a: np.maximum.reduce(a, axis=1),
        lambda a: np.minimum.reduce(a, None),
        np.add.accumulate,
        lambda a: np.multiply.accumulate(a, axis=1),
        lambda a: np.add.outer(a, [1.0, 2.0]),
        lambda a: np.power.outer(3.0, a),
    ]
    for call in calls:
        result = call(t)
        assert type(result) is mg.Tensor
        np.testing.assert_array_equal(result.numpy(), call(x))
    assert np.logical_and.reduce(t, axis=None)
    np.testing.assert_array_equal(np.less.outer(t, [2.0]), x[..., None] < 2)


def test_creation_functions_make_tensors_like_a_tensor():
    t = mg.Tensor(2.0)
    assembled = np.array([t, t * t, 1.0], like=t)
    np.sum(assembled).backward()
    assert t.grad == 5
    np.testing.assert_array_equal(np.full((2,), t, like=t).numpy(), [2, 2])
    for made, expected in [
        (np.zeros(2, like=t), [0, 0]),
        (np.ones(2, dtype=np.float32, like=t), [1, 1]),
        (np.arange(3, like=t), [0, 1, 2]),
        (np.eye(2, like=t), np.eye(2)),
        (np.asarray([[1, 2]], dtype=float, like=t), [[1, 2]]),
    ]:
        assert type(made) is mg.Tensor
        assert not made.requires_grad
        np.testing.assert_array_equal(made.numpy(), expected)
    rows = np.zeros((2,), like=t)
    rows[0], rows[1] = t, t * 3
    t.zero_grad()
    rows.sum().backward()
    assert t.grad == 4


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (np.unique, r"np\.unique has no derivative rule.*mg\.derivative\(np\.unique"),
        (np.unique_values, r"np\.unique_values has no derivative rule.*t\.numpy\(\)"),
        (np.subtract.reduce, r"np\.subtract\.reduce has no derivative rule"),
        (lambda t: np.add.reduceat(t, [0, 1]), r"np\.add\.reduceat has no derivative rule: use np\.sum of slices"),
        (np.arctan2.accumulate, r"np\.arctan2\.accumulate"),
        (lambda t: np.fill_diagonal(t, 3.0), r"np\.fill_diagonal writes into an array.*t\[index\] = v"),
        (lambda t: np.copyto(np.zeros(2), t), r"np\.copyto writes into an array"),
        (lambda t: np.hstack([t, t], order="C"), "unexpected keyword argument 'order'"),
        (
            lambda t: np.exp(t * 1j, dtype=float),
            r"np\.exp cannot be computed in dtype float64, which does not hold complex",
        ),
        (lambda t: np.concatenate([t, t], dtype=int), "int64, which does not hold float64"),
        (lambda t: np.mean(t, dtype=int), r"np\.mean cannot be computed in dtype int64"),
        (lambda t: np.ediff1d([1, 2], to_begin=t), r"np\.ediff1d of dtype int64 takes no ends of dtype float64"),
        (lambda t: np.divmod(t, t, casting="no"), r"np\.divmod on Tensors takes .*; got an unexpected .*'casting'"),
        (lambda t: np.add.at(np.zeros(2), [0], t), r"np\.add\.at"),
        (lambda t: np.sin(t, where=[True, False]), r"np\.sin on Tensors takes no options; got where="),
        (lambda t: np.matmul(t, t, casting="no"), r"np\.matmul on Tensors takes no options; got casting="),
        (lambda t: np.reshape(t, (2, 1), order="A"), "order 'C' or 'F'"),
        (lambda t: np.squeeze(t, axis=t), "np.squeeze has no derivative with respect to axis="),
        (lambda t: np.clip(t, 0, 1, max=0.5), "np.clip on Tensors: takes a bound once"),
        (lambda t: mg.softmax(t, 0, axis=1), "got two values for axis="),
        (lambda t: t + "text", "np.add needs numbers beside a Tensor; got 'text'"),
        (lambda t: t * None, "needs numbers beside a Tensor; got None"),
        (lambda t: np.add(t, [t, t]), r"np\.add of a list of Tensors; mg\.array"),
        (np.concatenate, "np.concatenate"),
    ],
)
def test_what_cannot_be_differentiated_is_refused_by_name(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call(mg.Tensor([1.0, 2.0]))


def test_wrong_shapes_are_told_with_the_function_and_the_names():
    W, x = mg.Tensor(np.ones((4, 3)), name="W"), mg.Tensor(np.ones((5, 2)), name="x")
    with pytest.raises(ValueError, match=r"in np\.matmul of W with shape \(4, 3\), x with shape \(5, 2\)"):
        W @ x
    with pytest.raises(ValueError, match=r"in np\.add of W with shape \(4, 3\)"):
        W + np.ones(7)
    with pytest.raises(ValueError, match=r"in np\.reshape of x"):
        np.reshape(x, (3, 3))


def test_a_dtype_is_computed_in_and_differentiated_through():
    t = mg.Tensor([1.0, 2.0], dtype=np.float32)
    total = np.sum(t, dtype=np.float64)
    assert total.dtype == np.float64
    total.backward()
    assert t.grad.dtype == np.float32
    assert np.exp(t, dtype=np.float64).dtype == np.float64


def test_an_output_of_none_is_no_output():
    t = mg.Tensor([[1.0, 2.0]])
    assert np.sum(t, 0, None, None, True).shape == (1, 2)
    assert np.mean(t, None, None, None).item() == 1.5


def test_joining_thousands_of_parts_takes_no_more_than_thousands_of_steps():
    parts = [mg.Tensor([float(i)]) for i in range(20_000)]
    (np.concatenate(parts) * 2).sum().backward()
    assert {part.grad[0] for part in parts} == {2}


def test_an_operation_is_one_node():
    t = mg.Tensor([1.0, 2.0])
    for result in (t + 1, np.exp(t), np.sum(t, axis=0), t.reshape(2, 1), t[0], mg.softmax(t), np.stack([t, t]), t**2):
        assert len(ancestors(result.node)) == 2


def test_an_index_that_is_a_tensor_is_read():
    t = mg.Tensor([1.0, 2.0, 3.0])
    assert t[mg.Tensor([0, 2])].numpy().tolist() == [1, 3]
    assert t[mg.Tensor(1) :].numpy().tolist() == [2, 3]


def test_other_array_libraries_pass_through():
    class Foreign:
        """Speaks NumPy's protocols, and counts how often it was asked to."""

        asked = 0

        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            self.asked += 1
            return np.float64(7)

        def __array_function__(self, function, types, args, kwargs):
            raise AssertionError("not an array function")

    foreign = Foreign()
    assert (mg.Tensor(1.0) + foreign).item() == 7
    assert foreign.asked == 1


def test_a_table_that_is_no_array_is_taken_as_one():
    class Table:
        """Like a pandas Series: it has ufuncs of its own, but is no array."""

        def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
            raise AssertionError("asked to compute")

        def __array__(self, dtype=None, copy=None):
            return np.array([10.0, 20.0])

    t = mg.Tensor([1.0, 2.0])
    product = t * Table()
    assert type(product.numpy()) is np.ndarray
    product.sum().backward()
    np.testing.assert_array_equal(t.grad, [10, 20])


def test_a_function_of_ones_own_without_rules_is_refused_with_the_way_to_add_them():
    @mg.primitive
    def mystery(x):
        return x * 2

    assert mystery(2.0) == 4
    with pytest.raises(TypeError, match=r"mystery has no derivative rule.*mg\.derivative"):
        mystery(mg.Tensor(2.0))


def test_a_primitive_returns_one_array():
    number = mg.primitive(lambda x: float(x) * 2, lambda g, out, x: 2 * g)
    assert mg.grad(number)(3.0) == 2
    pair = mg.primitive(lambda x: (x, x), lambda g, out, x: g)
    with pytest.raises(TypeError, match=r"a primitive returns one array; .* returned tuple"):
        pair(mg.Tensor(1.0))


def test_a_conversion_to_integers_is_constant():
    t = mg.Tensor([1.5, 2.5])
    assert not t.astype(int).requires_grad
    assert not np.sum(t, dtype=int).requires_grad
    assert mg.grad(lambda x: x * x.astype(int))(2.5) == 2
