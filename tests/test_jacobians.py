"""Jacobians and Hessians, vector-Jacobian products, derivatives element by element."""

import numpy as np
import pytest

import micrograd_nd as mg

x = np.array([0.5, -1.0, 2.0])


def curve(t):
    return np.stack([np.sin(t), t * t, np.exp(-t), t])


def surface(a):
    return a[0] * a[1], np.sum(a * a)


def test_the_jacobian_has_the_shape_of_the_result_and_of_the_argument():
    A = np.arange(6.0).reshape(2, 3)
    np.testing.assert_array_equal(mg.jacobian(lambda a: A @ a)(x), A)  # fewer rows than columns: by rows
    np.testing.assert_array_equal(mg.jacobian(lambda a: A.T @ a)(x[:2]), A.T)  # by columns
    assert mg.jacobian(lambda a: np.outer(a, a))(x).shape == (3, 3, 3)
    assert mg.jacobian(np.sum)(np.ones((2, 2))).shape == (2, 2)
    assert mg.jacobian(lambda t: t * x)(2.0).shape == (3,)
    assert type(mg.jacobian(np.sin)(0.0)) is np.float64


def test_rows_and_columns_give_the_same_jacobian():
    def wide(a):
        return mg.softmax(np.concatenate([a, a * a]))

    by_columns = mg.jacobian(wide)(x)
    by_rows = np.concatenate([mg.jacobian(lambda a, i=i: wide(a)[i : i + 1])(x) for i in range(6)])
    np.testing.assert_allclose(by_columns, by_rows, rtol=1e-14)


def test_the_jacobian_of_nests_is_a_nest_of_nests():
    product, squares = mg.jacobian(lambda p: surface(p["a"]))({"a": x})
    np.testing.assert_array_equal(product["a"], [-1, 0.5, 0])
    np.testing.assert_array_equal(squares["a"], 2 * x)


def test_several_arguments_give_a_tuple_of_jacobians():
    a, b = mg.jacobian(lambda a, b: a * b, (0, 1))(x, 2 * x)
    np.testing.assert_array_equal(a, np.diag(2 * x))
    np.testing.assert_array_equal(b, np.diag(x))


def test_a_jacobian_can_be_differentiated():
    second = mg.jacobian(mg.jacobian(curve))(0.7)
    np.testing.assert_allclose(second, [-np.sin(0.7), 2, np.exp(-0.7), 0], atol=1e-15)
    third = mg.jacobian(mg.hessian(np.prod))(x)
    assert third[0, 1, 2] == 1
    assert third[0, 0, 1] == 0


def test_the_hessian_is_symmetric_and_right():
    def f(a, b):
        return np.sum(np.tanh(a) * b) + a[0] * b[1] ** 3

    (aa, ab), (ba, bb) = mg.hessian(f, (0, 1))(x, x + 1)
    np.testing.assert_allclose(ab, ba.T, rtol=1e-14)
    np.testing.assert_allclose(aa, np.diag(-2 * np.tanh(x) * (1 - np.tanh(x) ** 2) * (x + 1)), rtol=1e-13)
    assert bb[1, 1] == pytest.approx(6 * x[0] * (x[1] + 1))
    assert mg.hessian(lambda t: t**3)(2.0) == 12


def test_a_jacobian_comes_with_what_is_returned_beside():
    matrix, aux = mg.jacobian(lambda a: (a * a, a[0]), has_aux=True)(x)
    np.testing.assert_array_equal(matrix, np.diag(2 * x))
    assert aux == 0.5
    assert mg.hessian(lambda t: (t**3, t), has_aux=True)(2.0)[0] == 12


def test_empty_arrays_have_empty_jacobians():
    assert mg.jacobian(lambda a: a * a)(np.zeros(0)).shape == (0, 0)
    assert mg.jacobian(lambda a: a[:0])(x).shape == (0, 3)


def test_float32_stays_float32():
    assert mg.jacobian(mg.softmax)(x.astype(np.float32)).dtype == np.float32
    assert mg.hessian(mg.logsumexp)(x.astype(np.float32)).dtype == np.float32


def test_complex_jacobians_follow_the_convention():
    z = np.array([1 + 2j, -0.5 + 1j])
    np.testing.assert_allclose(mg.jacobian(lambda a: a * a)(z), np.diag(2 * z))
    np.testing.assert_allclose(mg.jacobian(np.abs)(z), np.diag(np.conj(z) / np.abs(z)))
    np.testing.assert_allclose(mg.jacobian(lambda t: np.exp(1j * t))(x), np.diag(1j * np.exp(1j * x)))
    np.testing.assert_allclose(mg.jacobian(lambda t: np.sum(np.exp(1j * t)))(x), 1j * np.exp(1j * x))
    with pytest.raises(ValueError, match="not holomorphic"):
        mg.jacobian(np.conj)(z)


# Pullbacks


def test_a_pullback_can_be_called_again_and_with_any_cotangent():
    value, pullback = mg.vjp(lambda a, b: (a * b, np.sum(a)), x, 2.0)
    np.testing.assert_array_equal(value[0], 2 * x)
    for scale in (1.0, 3.0):
        a, b = pullback((scale * x, 1.0))
        np.testing.assert_allclose(a, 2 * scale * x + 1)
        assert b == pytest.approx(scale * np.sum(x * x))
        a += 100  # what is handed out is its owner's


def test_a_pullback_is_differentiable_in_both_its_cotangent_and_its_primals():
    def pulled(u, a):
        _, pullback = mg.vjp(lambda b: b**3, a)
        return np.sum(pullback(u)[0])

    du, da = mg.grad(pulled, (0, 1))(x, x)
    np.testing.assert_allclose(du, 3 * x**2)
    np.testing.assert_allclose(da, 6 * x * x)
    _, pullback = mg.vjp(lambda b: b**3, x)
    u = mg.Tensor(x)
    np.sum(pullback(u)[0]).backward()
    np.testing.assert_allclose(u.grad, 3 * x**2)


def test_the_value_of_vjp_stays_what_it_was():
    value, pullback = mg.vjp(lambda a: a * 1.0, x.copy())
    value[0] = 99
    np.testing.assert_array_equal(pullback(np.ones(3))[0], np.ones(3))


def test_vjp_passes_on_what_is_returned_beside():
    value, pullback, aux = mg.vjp(lambda a: (a * a, "aux"), 3.0, has_aux=True)
    assert (value, pullback(1.0), aux) == (9, (6,), "aux")


@pytest.mark.parametrize(
    ("cotangent", "message"),
    [
        (np.ones(2), r"must have the shape of its result, \(3,\); got \(2,\)"),
        (1.0, r"shape of its result, \(3,\); got \(\)"),
        ((np.ones(3),), "the cotangent: needs an array; got"),
        (np.ones(3) * 1j, "dtype float64 must be of such numbers; got dtype complex128"),
        (None, "the cotangent: needs an array; got None"),
    ],
)
def test_a_cotangent_that_does_not_fit_is_refused(cotangent, message):
    _, pullback = mg.vjp(lambda a: a * a, x)
    with pytest.raises((TypeError, ValueError), match=message):
        pullback(cotangent)


def test_vjp_refuses_what_has_no_derivative():
    with pytest.raises(TypeError, match=r"argument 0.*dtype int64.*write 1\.0"):
        mg.vjp(np.sin, 1)
    with pytest.raises(TypeError, match="vjp needs the arguments"):
        mg.vjp(np.sin)
    with pytest.raises(TypeError, match="takes a function; got 3"):
        mg.vjp(3, x)
    with pytest.raises(TypeError, match="must return numbers, Tensors or arrays; got str"):
        mg.vjp(lambda a: "text", x)
    with pytest.raises(TypeError, match="must return numbers; got"):
        mg.vjp(lambda a: (), x)


# Element by element


def test_elementwise_grad_differentiates_each_element():
    np.testing.assert_allclose(mg.elementwise_grad(np.sin)(x), np.cos(x))
    np.testing.assert_allclose(mg.elementwise_grad(mg.elementwise_grad(np.sin))(x), -np.sin(x))
    by_a, by_b = mg.elementwise_grad(lambda a, b: a * b, (0, 1))(x, 2 * x)
    np.testing.assert_allclose([by_a, by_b], [2 * x, x])
    assert mg.elementwise_grad(np.floor)(1.5) == 0


def test_elementwise_grad_refuses_other_shapes_and_complex_results():
    with pytest.raises(ValueError, match=r"argument's shape \(3,\); got \(\)"):
        mg.elementwise_grad(np.sum)(x)
    with pytest.raises(TypeError, match=r"real results; got dtype complex128.*holomorphic_grad"):
        mg.elementwise_grad(np.exp)(x * 1j)


def test_holomorphic_grad_is_the_complex_derivative():
    z = np.array([0.5 + 1j, -1 + 0.25j])
    np.testing.assert_allclose(mg.holomorphic_grad(np.tanh)(z), 1 - np.tanh(z) ** 2)
    np.testing.assert_allclose(mg.holomorphic_grad(mg.holomorphic_grad(np.exp))(z), np.exp(z))
    assert mg.holomorphic_grad(lambda w: w * w, 0)(np.complex64(1j)).dtype == np.complex64


@pytest.mark.parametrize("f", [np.conj, np.abs, np.real, lambda z: z * np.conj(z)])
def test_holomorphic_grad_refuses_what_is_not_holomorphic(f):
    with pytest.raises(ValueError, match="not holomorphic"):
        mg.holomorphic_grad(f)(1 + 2j)


def test_holomorphic_grad_refuses_real_arguments():
    with pytest.raises(TypeError, match="needs a complex argument; got dtype float64"):
        mg.holomorphic_grad(np.sin)(1.0)


def test_the_gradient_by_a_complex_number_is_that_of_its_parts_with_a_minus():
    def f(z):
        return np.real(z) ** 2 + 3 * np.imag(z)

    assert mg.grad(f)(2 + 5j) == 4 - 3j
    with pytest.raises(TypeError, match=r"real number; got dtype complex128. Of a holomorphic function"):
        mg.grad(np.sin)(1j)


def test_stop_gradient_holds_constant():
    assert mg.grad(lambda a: a * mg.stop_gradient(a * a))(3.0) == 9
    assert mg.grad(lambda a: np.sum(mg.stop_gradient({"k": [a]})["k"][0] * a))(3.0) == 3
    assert mg.stop_gradient(x) is x
    assert mg.jvp(lambda a: mg.stop_gradient(a) * a, (3.0,), (1.0,)) == (9, 3)


def test_a_gradient_comes_with_what_is_returned_beside():
    assert mg.grad(lambda a: (a * a, {"a": a}), has_aux=True)(3.0) == (6, {"a": 3})
    value, gradient = mg.value_and_grad(lambda a: (a * a, "aux"), has_aux=True)(3.0)
    assert (value, gradient) == ((9, "aux"), 6)
    with pytest.raises(TypeError, match=r"must return a pair, \(result, aux\); got"):
        mg.grad(lambda a: a, has_aux=True)(3.0)


def test_what_is_returned_beside_depends_on_what_it_depends_on():
    assert mg.grad(lambda y: mg.grad(lambda a: (a**2, y * 3), has_aux=True)(1.0)[1])(2.0) == 3
    assert mg.grad(lambda y: mg.grad(lambda a: (1.0, a * 3), has_aux=True)(y)[1])(2.0) == 3
    assert type(mg.grad(lambda a: (a**2, a * 3), has_aux=True)(2.0)[1]) is np.float64


def test_rounding_does_not_make_a_holomorphic_function_unholomorphic():
    z = np.arange(1, 6) * (1 + 0.3j)
    matrix = mg.jacobian(lambda z: np.linalg.inv(np.linalg.inv(np.diag(z) + 0.1)))(z)
    assert matrix.shape == (5, 5, 5)
    np.testing.assert_allclose(matrix[2, 2], np.eye(5)[2], atol=1e-12)


def test_the_precision_of_a_jacobian_is_that_of_the_argument():
    single = x.astype(np.float32)
    for f in (lambda a: np.sum(a * x), lambda a: np.concatenate([a * x, a * x])):
        assert mg.jacobian(f)(single).dtype == np.float32
        assert mg.jacobian(lambda a, f=f: 1j * f(a))(single).dtype == np.complex64


def test_constant_tensors_and_no_grad_give_plain_derivatives():
    constant = mg.Tensor(np.ones(3), requires_grad=False)
    _, pullback = mg.vjp(lambda a: a * a, x)
    assert type(pullback(constant)[0]) is np.ndarray
    with mg.no_grad():
        assert type(mg.jvp(lambda a: a**3, (x,), (mg.Tensor(x),))[1]) is np.ndarray
        assert type(pullback(mg.Tensor(x))[0]) is np.ndarray


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mg.grad(np.sin, None)(1.0), "argnums is an integer, or a tuple of integers; got None"),
        (lambda: mg.grad(np.sin, 1.0)(1.0), "argnums is an integer, or a tuple of integers; got 1.0"),
        (lambda: mg.grad(np.sin, ())(1.0), "argnums names no argument"),
        (lambda: mg.grad(np.sin)(None), "argument 0 holds no array"),
        (lambda: mg.vjp(np.multiply, 1.0, 2), "with respect to argument 1: .* write 2.0"),
        (lambda: mg.grad(np.sin)(x=2.0), "names no positional argument: there are 0, and those by name do not count"),
        (lambda: mg.grad(np.sum)(np.ma.array([1.0, 2.0], mask=[0, 1])), "a masked array would lose its mask"),
        (lambda: mg.jvp(np.sin, (x,), (np.ma.array(x),)), "a masked array would lose its mask"),
        (lambda: mg.grad(lambda a: a + np.ones((2, 2)) @ np.ones(3))(x), "mismatch"),
        (lambda: mg.grad(mg.sigmoid)(1j), r"mg\.sigmoid takes real numbers; got dtype complex128"),
    ],
)
def test_what_cannot_be_done_is_told(call, message):
    with pytest.raises((TypeError, ValueError), match=message):
        call()
