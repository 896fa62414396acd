"""Forward mode: tangents pushed through the graph, alone and together with reverse mode."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.demo.graphs import loss
from micrograd_nd.transforms.tracing import Trace

x = np.array([[0.5, -1.0, 2.0], [1.5, 0.25, -0.5]])
v = np.array([[1.0, -2.0, 0.5], [0.25, 3.0, -1.0]])


def network(w, a):
    z = np.tanh(w @ a)
    return np.concatenate([z[0] * 2, np.where(z[1] > 0, z[1], np.exp(z[1]))]) / np.sum(z * z)


def test_the_tangent_is_the_derivative_along_a_direction():
    value, tangent = mg.jvp(np.sin, (x,), (v,))
    np.testing.assert_array_equal(value, np.sin(x))
    np.testing.assert_allclose(tangent, np.cos(x) * v, rtol=1e-15)


def test_numbers_go_in_and_come_out():
    value, tangent = mg.jvp(lambda a, b: a * b, (2.0, 3.0), (1.0, 10.0))
    assert (value, tangent) == (6, 23)
    assert type(value) is type(tangent) is np.float64


def test_float32_goes_in_and_comes_out():
    value, tangent = mg.jvp(np.tanh, (x.astype(np.float32),), (v,))
    assert value.dtype == tangent.dtype == np.float32


def test_forward_and_reverse_mode_are_transposes_of_each_other():
    rng = np.random.default_rng(0)
    w, a = rng.normal(size=(2, 3)), rng.normal(size=(3, 4))
    tangents = (rng.normal(size=w.shape), rng.normal(size=a.shape))
    value, pushed = mg.jvp(network, (w, a), tangents)
    again, pullback = mg.vjp(network, w, a)
    u = rng.normal(size=value.shape)
    pulled = pullback(u)
    np.testing.assert_array_equal(value, again)
    assert np.sum(u * pushed) == pytest.approx(sum(np.sum(g * t) for g, t in zip(pulled, tangents, strict=True)))


def test_a_function_without_structure_is_transposed():
    entry = mg.registry[mg.softmax]
    assert not entry.elementwise
    assert not entry.linear
    h = 1e-6
    _, tangent = mg.jvp(lambda a: mg.softmax(a, axis=0), (x,), (v,))
    expected = (mg.softmax(x + h * v, axis=0) - mg.softmax(x - h * v, axis=0)) / (2 * h)
    np.testing.assert_allclose(tangent, expected, atol=1e-9)


def test_a_primitive_of_ones_own_needs_no_rule_for_forward_mode():
    _, tangent = mg.jvp(lambda a: loss(a, y=1), (0.5,), (3.0,))
    assert tangent == pytest.approx(-3 / 0.5)


def test_forward_mode_of_forward_mode_is_the_second_derivative():
    def slope(a):
        return mg.jvp(lambda b: b**4, (a,), (1.0,))[1]

    assert mg.jvp(slope, (2.0,), (1.0,)) == (32, 48)


def test_forward_over_reverse_and_reverse_over_forward_agree():
    def f(a):
        return np.sum(np.tanh(a) * a[::-1])

    forward_over_reverse = mg.jvp(mg.grad(f), (x[0],), (v[0],))[1]
    reverse_over_forward = mg.grad(lambda a: mg.jvp(f, (a,), (v[0],))[1])(x[0])
    np.testing.assert_allclose(forward_over_reverse, reverse_over_forward, rtol=1e-14)
    np.testing.assert_allclose(mg.hvp(f, (x[0],), (v[0],)), forward_over_reverse, rtol=1e-14)
    np.testing.assert_allclose(mg.hessian(f)(x[0]) @ v[0], forward_over_reverse, rtol=1e-14)


def test_tangents_can_be_differentiated_themselves():
    # The derivative along u is linear in u: its gradient is the gradient of the function.
    along = mg.grad(lambda u: mg.jvp(lambda a: np.sum(mg.softmax(a) * a), (x,), (u,))[1])
    np.testing.assert_allclose(along(v), mg.grad(lambda a: np.sum(mg.softmax(a) * a))(x), rtol=1e-13)


def test_nests_keep_their_form():
    primals = ({"w": x, "b": 1.0}, [2.0])
    tangents = ({"w": v, "b": 1.0}, [0.5])
    value, tangent = mg.jvp(lambda p, s: {"y": p["w"] * s[0], "n": (p["b"], 3.0)}, primals, tangents)
    assert value["n"] == (1, 3)
    assert tangent["n"] == (1, 0)
    np.testing.assert_allclose(tangent["y"], 2 * v + 0.5 * x)


def test_what_a_function_returns_beside_its_result_is_passed_on():
    value, tangent, aux = mg.jvp(lambda a: (a * a, {"twice": 2 * a, "text": "as it is"}), (3.0,), (1.0,), has_aux=True)
    assert (value, tangent) == (9, 6)
    assert aux == {"twice": 6, "text": "as it is"}
    assert type(aux["twice"]) is np.float64


def test_hvp_of_several_arguments_gives_a_product_for_each():
    a, b = mg.hvp(lambda a, b: a * a * b, (2.0, 3.0), (1.0, 10.0))
    assert (a, b) == (2 * 3 + 2 * 2 * 10, 2 * 2 * 1)


def test_a_complex_derivative_is_that_of_both_parts():
    z, w = 0.5 + 1j, 2 - 1j
    assert mg.jvp(np.exp, (z,), (w,))[1] == pytest.approx(np.exp(z) * w)
    assert mg.jvp(np.conj, (z,), (w,))[1] == np.conj(w)
    assert mg.jvp(np.abs, (z,), (w,))[1] == pytest.approx(np.real(np.conj(z) * w) / abs(z))
    assert mg.jvp(lambda t: np.exp(1j * t), (0.5,), (2.0,))[1] == pytest.approx(2j * np.exp(0.5j))


def test_tensors_from_outside_stay_in_the_graph():
    w = mg.Tensor(3.0)
    value, tangent = mg.jvp(lambda a: w * a * a, (2.0,), (1.0,))
    (value + tangent).backward()
    assert w.grad == 4 + 4


@pytest.mark.parametrize(
    ("primals", "tangents", "message"),
    [
        ((1.0,), (1.0, 2.0), "the tangents: needs a sequence of 1"),
        ((x,), (v[0],), r"shape of its primal, \(2, 3\); got \(3,\)"),
        ((1.0,), (1j,), "dtype float64 must be of such numbers; got dtype complex128"),
        ((1,), (1.0,), "cannot differentiate with respect to argument 0.*write 1.0"),
        (({"a": 1.0},), ({"b": 1.0},), r"needs a dict with the keys \['a'\]"),
        ((1.0,), ("text",), "must be of such numbers"),
        (1.0, 1.0, "jvp takes a tuple of primals"),
    ],
)
def test_what_does_not_fit_is_refused(primals, tangents, message):
    with pytest.raises((TypeError, ValueError), match=message):
        mg.jvp(lambda *a: a[0], primals, tangents)


def test_dicts_match_by_key_and_not_by_order():
    assert mg.jvp(lambda d: d["a"] * d["b"], ({"a": 2.0, "b": 3.0},), ({"b": 1.0, "a": 0.0},)) == (6, 2)


def test_an_argument_without_a_rule_has_no_tangent():
    masked = mg.primitive(lambda x, mask: x * mask)
    mg.derivative(masked, lambda g, out, x, mask: g * mask, None, linear=True)

    def f(q):
        return np.sum(masked(np.ones(2), q * np.array([0.0, 1.0])))

    assert (mg.grad(f)(2.0), mg.jvp(f, (2.0,), (1.0,))[1]) == (0, 0)


def test_a_rule_that_returns_nothing_is_told_in_both_modes():
    double = mg.primitive(lambda x: x * 2, lambda g, out, x: None)
    for call in (lambda: mg.grad(lambda a: np.sum(double(a)))(x), lambda: mg.jvp(double, (x,), (v,))):
        with pytest.raises(TypeError, match="returned NoneType, which is no derivative"):
            call()


def test_flags_that_make_no_sense_are_refused():
    with pytest.raises(ValueError, match="linear is True, False or 'jointly'; got 'joint'"):
        mg.derivative(np.cbrt, lambda g, out, x: g, linear="joint")
    with pytest.raises(ValueError, match=r"np\.stack is elementwise: it needs a rule for each argument"):
        mg.derivative(np.stack, joint=lambda g, out, *xs: [g for _ in xs], elementwise=True)


def test_a_derivative_inside_a_long_computation_looks_only_at_its_own_part():
    t = mg.Tensor(0.5)
    chain = t
    for _ in range(5000):
        chain = chain * 1.0
    trace = Trace(lambda a: a * chain, (2.0,), {}, [0])
    assert trace.open_ended
    assert len(trace.lineage.nodes) < 5
    (slope,) = trace.pull([np.float64(1)])
    slope.backward()
    assert t.grad == 1
