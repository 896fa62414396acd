"""Functions that make derivatives of functions."""

import collections
from typing import NamedTuple

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.rules.refusals import no_derivative


def tanh(x):
    return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))


def test_the_gradient_of_a_function_of_numbers_is_a_number():
    slope = mg.grad(tanh)(1.0)
    assert type(slope) is np.float64
    assert slope == pytest.approx(1 - np.tanh(1) ** 2)


def test_derivatives_of_any_order_are_right():
    f, expected = np.sin, [np.cos, lambda x: -np.sin(x), lambda x: -np.cos(x), np.sin]
    for derivative in expected * 2:
        f = mg.grad(f)
        assert f(0.7) == pytest.approx(derivative(0.7), rel=1e-12)


def test_plain_arrays_go_in_and_come_out_writeable_and_unshared():
    x = np.arange(3.0)
    value, gradient = mg.value_and_grad(lambda x: (x + x * x).sum())(x)
    assert type(value) is np.float64
    assert type(gradient) is np.ndarray
    total, (a, b) = mg.value_and_grad(lambda x, y: np.sum(x + y), (0, 1))(x, x)
    a += 5
    np.testing.assert_array_equal(b, [1, 1, 1])
    assert total == 6
    np.testing.assert_array_equal(x, [0, 1, 2])


def test_float32_goes_in_and_comes_out():
    value, gradient = mg.value_and_grad(lambda x: np.mean(np.tanh(x) * 2))(np.ones(3, np.float32))
    assert (value.dtype, gradient.dtype) == (np.float32, np.float32)


def test_argnums_choose_the_arguments():
    def f(x, y, *, scale=1.0):
        return scale * x * y

    assert mg.grad(f, 1)(2.0, 3.0) == 2
    assert mg.grad(f, -1)(2.0, 3.0) == 2
    assert mg.grad(f, (0, 1))(2.0, 3.0, scale=10.0) == (30, 20)
    assert mg.grad(f, (1,))(2.0, 3.0) == (2,)
    assert mg.grad(f, np.int64(1))(2.0, 3.0) == 2
    with pytest.raises(ValueError, match=r"argnums \(0, -2\) names an argument twice"):
        mg.grad(f, (0, -2))(2.0, 3.0)
    with pytest.raises(ValueError, match="argnums 2 names no positional argument: there are 2"):
        mg.grad(f, 2)(2.0, 3.0)


class Layer(NamedTuple):
    W: np.ndarray
    b: np.ndarray


def test_nests_of_arrays_are_differentiated_in_their_own_form():
    parameters = {"layers": [Layer(np.ones((2, 2)), np.zeros((2, 1)))], "scale": (2.0, None)}

    def f(p, x):
        layer = p["layers"][0]
        return np.sum(p["scale"][0] * (layer.W @ x + layer.b))

    value, g = mg.value_and_grad(f)(parameters, np.array([[1.0], [2.0]]))
    assert value == 12
    assert type(g["layers"][0]) is Layer
    np.testing.assert_array_equal(g["layers"][0].W, [[2, 4], [2, 4]])
    np.testing.assert_array_equal(g["layers"][0].b, [[2], [2]])
    assert g["scale"] == (6, None)
    assert mg.grad(lambda d: d["x"] ** 2)(collections.defaultdict(list, x=3.0)) == {"x": 6}


def test_transforms_nest_without_confusing_their_variables():
    assert mg.grad(lambda x: x * mg.grad(lambda y: x + y)(1.0))(1.0) == 1
    assert mg.grad(lambda x: mg.grad(lambda y: x * y * y)(2.0))(3.0) == 4
    assert mg.grad(lambda x: mg.grad(lambda y: x * y * y)(x))(3.0) == 12
    assert mg.grad(lambda x: mg.grad(lambda x: x**3)(x) * x)(2.0) == 36


def test_a_gradient_that_depends_on_a_tensor_from_outside_is_a_tensor():
    w = mg.Tensor(3.0)
    slope = mg.grad(lambda x: w * x * x)(2.0)
    assert type(slope) is mg.Tensor
    slope.backward()
    assert w.grad == 4
    with mg.no_grad():
        assert type(mg.grad(lambda x: w * x * x)(2.0)) is np.float64


def test_an_argument_that_the_function_changes_is_differentiated_as_it_was_given():
    def double(x):
        x *= 2
        return x * x

    def triple_first(x):
        x[0] = x[0] * 3
        return (x * x).sum()

    assert mg.grad(double)(3.0) == 24
    assert type(mg.grad(double)(3.0)) is np.float64
    point = np.array([1.0, 2.0])
    np.testing.assert_array_equal(mg.grad(triple_first)(point), [18, 4])
    np.testing.assert_array_equal(point, [1, 2])


def test_data_is_not_changed_inside_a_transform_unseen_by_the_derivative():
    def replace(x):
        x.data = [9.0, 9.0]
        return np.sum(x * x)

    def write(x):
        x.data[0] = 9.0
        return np.sum(x * x)

    with pytest.raises(TypeError, match=r"inside a transform such as mg\.grad.*t\[\.\.\.\] = values"):
        mg.grad(replace)(np.ones(2))
    with pytest.raises(ValueError, match="read-only"):
        mg.grad(write)(np.ones(2))


def test_the_tensors_of_a_finished_transform_are_not_outside():
    assert type(mg.grad(lambda x: mg.grad(lambda y: x * y * y)(2.0))(3.0)) is np.float64
    assert type(mg.grad(lambda x: x * mg.Tensor(3.0))(2.0)) is np.float64
    held = mg.Tensor(3.0) * 2
    slope = mg.grad(lambda x: held * x * x)(2.0)
    assert type(slope) is mg.Tensor
    slope.backward()
    assert held.grad == 4


def test_the_value_is_its_owner_s():
    c = mg.Tensor([2.0], requires_grad=False)
    for f in (lambda x: c, lambda x: c * x):
        value, _ = mg.value_and_grad(f)(1.0)
        value[0] = 99
    assert c.item() == 2


def test_tensors_go_in_and_come_out():
    x = mg.Tensor([1.0, 2.0])
    g = mg.grad(lambda x: (x**3).sum())(x)
    assert type(g) is mg.Tensor
    g.sum().backward()
    np.testing.assert_array_equal(x.grad, [6, 12])
    assert type(mg.grad(lambda c: 3 * c)(mg.Tensor(1.0))) is mg.Tensor


def test_a_transform_leaves_no_gradients_behind():
    w = mg.Tensor(3.0)
    mg.grad(lambda x: w * x)(2.0)
    assert w.grad is None


def test_what_the_function_does_not_use_has_a_gradient_of_zero():
    np.testing.assert_array_equal(mg.grad(lambda x, y: np.sum(y), 0)(np.ones(3), 2.0), [0, 0, 0])
    np.testing.assert_array_equal(mg.grad(lambda x: 3.0)(np.ones(2)), [0, 0])
    assert mg.grad(mg.grad(lambda x: 3 * x))(1.0) == 0
    assert mg.grad(lambda x: x)(2.0) == 1
    assert mg.grad(lambda x: x.detach() * x)(2.0) == 2


def test_it_keeps_the_name_and_the_docstring():
    def f(x):
        """Square."""
        return x * x

    assert mg.grad(f).__name__ == "f"
    assert mg.grad(f).__doc__ == "Square."


def test_an_integer_argument_is_told_what_to_write():
    with pytest.raises(TypeError, match=r"argument 0: .* dtype int64, which has no gradient.*write 3\.0"):
        mg.grad(tanh)(3)
    with pytest.raises(TypeError, match="a Tensor holds numbers; got 'x'"):
        mg.grad(tanh)("x")
    with pytest.raises(ValueError, match="holds no array"):
        mg.grad(tanh)([])


def test_a_result_that_is_not_one_real_number_is_refused():
    with pytest.raises(ValueError, match=r"must return one number; got shape \(3,\)"):
        mg.grad(np.exp)(np.ones(3))
    with pytest.raises(TypeError, match="must return numbers; got None"):
        mg.grad(lambda x: None)(1.0)
    with pytest.raises(TypeError, match="got str"):
        mg.grad(lambda x: "text")(1.0)
    with pytest.raises(TypeError, match="must return a real number; got dtype complex128"):
        mg.grad(lambda x: x * 1j)(1.0)
    with pytest.raises(TypeError, match="takes a function; got 3"):
        mg.grad(3)


def test_no_derivative_is_asked_for_of_what_was_there_before():
    @mg.primitive
    def scaled(x, factor):
        return x * factor

    mg.derivative(scaled, lambda g, out, x, factor: g * factor, no_derivative(scaled, "its factor"))
    factor = mg.Tensor([2.0, 3.0])
    slope = mg.grad(lambda x: np.sum(scaled(x, factor)))(np.ones(2))
    assert slope.tolist() == [2.0, 3.0]


@pytest.mark.parametrize("inner", [lambda w: w, lambda w: w * 2, lambda w: np.sin(w * 2)])
def test_what_a_rule_is_missing_for_is_seen_all_the_same(inner):
    """Here d/dx (x y) is y, which depends on w, although the product has no rule for y."""
    product = mg.primitive(lambda x, y: x * y, lambda g, out, x, y: g * y, None)
    slope = lambda w: mg.grad(lambda x: product(x, inner(w)))(1.0)
    np.testing.assert_allclose(mg.grad(slope)(3.0), mg.grad(inner)(3.0))
    w = mg.Tensor(3.0)
    assert isinstance(mg.grad(lambda x: product(x, inner(w)))(1.0), mg.Tensor)
