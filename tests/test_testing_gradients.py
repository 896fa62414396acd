"""Checks of gradients pass where the derivative is right, and say what is wrong where it is not."""

import re
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.testing import assert_gradients_match, check_gradients
from micrograd_nd.testing.strategies import arrays


def failure_of(check, *args, **options):
    with pytest.raises(AssertionError) as caught:
        check(*args, **options)
    return str(caught.value)


def numbers_in(message):
    """The analytic and the numerical value, and the error."""
    analytic = re.search(r"analytic +(\S+)", message)[1]
    numerical, error = re.search(r"numerical +(\S+) ± (\S+)", message).groups()
    return float(analytic), float(numerical), float(error)


def scaled_at(index, factor):
    """The square, with a rule that is wrong in one element."""

    def rule(g, out, x):
        wrong = np.ones(np.shape(x))
        wrong[index] = factor
        return 2 * g * x * wrong

    return mg.primitive(lambda x: x * x, rule)


# What passes


def inside_of_one(x):
    if np.any(x >= 1):
        raise ValueError("only numbers below 1")
    return np.log(1 - x)


SMOOTH = {
    "one number": (np.sin, (0.5,)),
    "arrays": (lambda x, y: np.tanh(x @ y), (np.array([[0.5, -1.0]]), np.array([[2.0], [0.25]]))),
    "several results": (lambda x: (np.sum(x), {"squares": x * x, "count": x.size}), (np.array([0.5, -1.5]),)),
    "nested parameters": (
        lambda p, n: np.sum(p["layers"][0][0] * p["b"]) ** n,
        ({"layers": [(np.array([1.5, 2.0]), "relu")], "b": 0.5, "on": True}, 3),
    ),
    "complex numbers": (lambda z: np.abs(np.exp(z) * (1 + 2j)), (np.array([0.5 + 1j, -1.0 - 0.5j]),)),
    "complex results": (lambda x: np.exp(1j * x), (np.array([0.5, -1.0]),)),
    "nothing": (lambda x: x * 2, (np.zeros((0, 3)),)),
    "a result that does not depend on it": (lambda x: np.ones(3), (0.5,)),
    "a linear function": (lambda x: 3 * x, (np.array([1.0, 2.0]),)),
    "numbers of every size": (np.log, (np.array([1e6, 1e-6, 3.0, 1e12]),)),
    "a wave at a large argument": (np.sin, (1e6,)),
    "a small argument beside a large value": (lambda x: x + 1e6, (1e-6,)),
    "large curvature": (lambda x: np.exp(50 * x), (0.3,)),
    "cancellation inside": (lambda x: (x + 1e8) - 1e8, (0.3,)),
    "cancellation of the derivative": (np.tanh, (np.array([18.0, -18.0]),)),
    "an edge beyond which it refuses": (inside_of_one, (np.array([0.999, 0.5]),)),
    "a kink": (np.abs, (np.array([1e-6, -1e-6]),)),
}


@pytest.mark.parametrize("every_element", [False, True])
@pytest.mark.parametrize("name", SMOOTH)
def test_right_derivatives_pass(name, every_element):
    f, args = SMOOTH[name]
    check_gradients(f, *args, every_element=every_element)


@pytest.mark.parametrize(
    "name", ["one number", "arrays", "complex numbers", "large curvature", "numbers of every size"]
)
def test_right_derivatives_in_single_precision_pass(name):
    f, args = SMOOTH[name]
    check_gradients(f, *[(x * np.float32(1)).astype("F" if np.iscomplexobj(x) else "f") for x in map(np.array, args)])


def test_the_third_derivative_can_be_checked():
    check_gradients(lambda x: np.exp(x) * np.sin(x), np.array([0.5, -1.0]), order=3)


@settings(max_examples=200)
@given(x=arrays(avoid=()), seed=st.integers(0, 10**6))
def test_no_seed_raises_a_false_alarm(x, seed):
    check_gradients(lambda x: np.sin(x * 3) * np.exp(-x), x, seed=seed)


def test_at_a_kink_any_slope_between_the_two_passes_at_first_order():
    check_gradients(np.abs, np.array([0.0, 1.0]), order=1)
    check_gradients(mg.relu, 0.0, order=1)


# What does not


@pytest.mark.parametrize("shape", [(), (3,), (2, 3), (40, 50)])
def test_a_thousandth_in_one_element_is_found_among_many(shape):
    x = np.random.default_rng(0).uniform(0.5, 2.0, shape)
    index = tuple(n // 2 for n in shape)
    message = failure_of(check_gradients, scaled_at(index, 1.001), x)
    element = f"[{', '.join(map(str, index))}]" if shape else ""
    assert f"first derivative in reverse mode: d result{element} / d x{element}\n" in message
    analytic, numerical, error = numbers_in(message)
    assert analytic == pytest.approx(2.002 * x[index])
    assert numerical == pytest.approx(2 * x[index])
    assert error < 1e-9


def test_the_mode_and_the_order_that_are_wrong_are_named():
    wrong = scaled_at((), 1.001)
    assert "first derivative in forward mode" in failure_of(check_gradients, wrong, 1.5, modes=("forward",))
    flat = mg.primitive(lambda x: x * x, lambda g, out, x: 2 * g * (x.detach() if type(x) is mg.Tensor else x))
    message = failure_of(check_gradients, flat, np.array([1.5]))
    assert "second derivative in reverse mode over reverse mode: d^2 result[0] / d x[0] d x[0]\n" in message
    assert numbers_in(message)[:2] == (0, pytest.approx(2))
    check_gradients(flat, 1.5, order=1)


def test_the_message_has_the_arguments_in_full_and_repeats_the_failure():
    wrong = scaled_at(0, 1.001)
    x = np.array([1 / 3, 2.0])

    def f(x, exponent):
        return np.sum(wrong(x)) ** exponent

    message = failure_of(check_gradients, f, x, 2, order=1, modes=("reverse",), seed=7)
    assert "\nat x = array([0.3333333333333333, 2.                ])\nat exponent = 2\n" in message
    assert message.endswith("f, x, exponent, order=1, modes=('reverse',), seed=7)")
    assert failure_of(check_gradients, f, x, 2, order=1, modes=("reverse",), seed=7) == message


def test_parts_of_nests_and_of_complex_numbers_are_named():
    wrong = scaled_at(1, 2.0)
    message = failure_of(check_gradients, lambda p: {"out": [wrong(p["w"][0])]}, {"w": (np.array([1.0, 2.0]),)})
    assert "d result['out'][0][1] / d p['w'][0][1]\n" in message
    twist = mg.primitive(lambda z: z * z, lambda g, out, z: 2 * g * np.conjugate(z))
    assert re.search(r"d (real|imag)\(result\) / d (real|imag)\(z\)\n", failure_of(check_gradients, twist, 1 + 2j))


def test_an_error_that_is_small_beside_other_elements_shows_when_every_element_is_checked():
    x = np.array([1e-12, 1.0])
    wrong = scaled_at(0, 1.5)
    check_gradients(wrong, x, order=1, modes=("reverse",))
    message = failure_of(check_gradients, wrong, x, order=1, every_element=True)
    assert "d result[0] / d x[0]\n" in message
    assert message.endswith("every_element=True, seed=0)")


def test_a_jump_is_told_to_be_no_clear_number():
    assert "is there a kink, a jump" in failure_of(check_gradients, np.abs, 0.0)


def test_what_cannot_be_checked_is_told():
    with pytest.raises(TypeError, match=r"was given no floating-point numbers .* write 2\.0 for 2"):
        check_gradients(np.sin, 2)
    with pytest.raises(TypeError, match=r"np\.argmax returned no floating-point numbers"):
        check_gradients(np.argmax, np.ones(3))
    with pytest.raises(ValueError, match=r"np\.log is not finite there: result\[1\] is -inf"):
        check_gradients(np.log, np.array([1.0, 0.0]))
    with pytest.raises(ValueError, match="order is the number of derivatives to check, 1 or more; got 0"):
        check_gradients(np.sin, 1.0, order=0)
    for modes in ("reverse", ("backward",), ()):
        with pytest.raises(ValueError, match="modes are"):
            check_gradients(np.sin, 1.0, modes=modes)


# Gradients of others


def cost(w, X, y):
    return np.mean((X @ w - y) ** 2)


def by_hand(w, X, y):
    return 2 * X.T @ (X @ w - y) / y.size


DATA = np.array([0.1, -0.2]), np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]]), np.array([1.0, 2.0, 3.0])


def test_a_gradient_written_by_hand_is_held_against_the_function():
    assert_gradients_match(cost, by_hand, *DATA)
    message = failure_of(assert_gradients_match, cost, lambda *args: by_hand(*args) * 1.001, *DATA)
    assert "first derivative by <lambda>: d result / d w[" in message
    assert "again with assert_gradients_match(cost, <lambda>, w, X, y, argnums=0, seed=0)" in message


def test_gradients_of_several_arguments_come_as_a_tuple():
    def both(w, X, y):
        return by_hand(w, X, y), -2 * (X @ w - y) / y.size

    assert_gradients_match(cost, both, *DATA, argnums=(0, 2))
    message = failure_of(assert_gradients_match, cost, lambda *args: both(*args)[::-1], *DATA, argnums=(0, 2))
    assert "the gradient with respect to w has shape (3,) where (2,) is right" in message
    assert "another form than the arguments: needs an array; got" in failure_of(
        assert_gradients_match, cost, both, *DATA
    )
    assert "is of 1 arguments where there are 2" in failure_of(
        assert_gradients_match, cost, by_hand, *DATA, argnums=(0, 2)
    )


def test_gradients_have_the_form_of_their_arguments():
    def f(p):
        return np.sum(p["w"] ** 2) * p["b"][0]

    def gradient(p):
        return {"w": 2 * p["w"] * p["b"][0], "b": [np.sum(p["w"] ** 2)]}

    p = {"w": np.array([1.0, 2.0]), "b": [3.0]}
    assert_gradients_match(f, gradient, p, every_element=True)
    assert "needs a dict with the keys ['w', 'b']; got" in failure_of(
        assert_gradients_match, f, lambda p: {"w": p["w"]}, p
    )


def test_a_jacobian_has_the_shape_of_the_result_and_of_the_argument():
    A = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    assert_gradients_match(lambda x: A @ x, lambda x: A, np.array([0.5, 1.0]))
    message = failure_of(assert_gradients_match, lambda x: A @ x, lambda x: A[::-1], np.array([0.5, 1.0]))
    assert re.search(r"d result\[\d\] / d x\[\d\]\n", message)


def test_the_gradient_of_complex_numbers_is_that_of_the_engine():
    z = np.array([3 + 4j, 1 - 2j])
    assert_gradients_match(lambda z: np.sum(np.abs(z)), lambda z: np.conj(z) / np.abs(z), z)
    failure_of(assert_gradients_match, lambda z: np.sum(np.abs(z)), lambda z: z / np.abs(z), z)
    with pytest.raises(TypeError, match="returns one array of real numbers"):
        assert_gradients_match(np.exp, np.exp, z)


@pytest.mark.parametrize("wrong", [3.0, None, "text"])
def test_a_gradient_function_is_needed(wrong):
    with pytest.raises(TypeError, match="a gradient function is needed second, before the arguments"):
        assert_gradients_match(np.sin, wrong, 1.0)


def test_gradients_of_jax_are_checked():
    jax = pytest.importorskip("jax", reason="JAX is not installed")

    def f(x):
        return jax.numpy.sum(jax.numpy.tanh(x) ** 2)

    x = np.array([0.5, -1.0], np.float32)
    assert_gradients_match(f, jax.grad(f), x)
    failure_of(assert_gradients_match, f, lambda x: jax.grad(f)(x) * 1.01, x)


def test_gradients_of_pytorch_are_checked():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")

    def f(x):
        return torch.tanh(torch.as_tensor(x)).square().sum()

    def gradient(x):
        x = torch.tensor(x, requires_grad=True)
        f(x).backward()
        return x.grad

    x = np.array([0.5, -1.0])
    assert_gradients_match(f, gradient, x)
    failure_of(assert_gradients_match, f, lambda x: gradient(x) * 1.001, x)


def test_a_failing_test_shows_the_message_and_not_the_library(tmp_path):
    source = "import numpy as np\nfrom micrograd_nd.testing import assert_gradients_match\n\n"
    test = "def test_it():\n    assert_gradients_match(lambda x: np.sin(x), np.sin, 0.5)\n"
    (tmp_path / "test_it.py").write_text(source + test, encoding="utf-8")
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-p", "no:hypothesispytest", str(tmp_path)]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stderr
    assert "d result / d x" in done.stdout
    assert "__tracebackhide__" not in done.stdout


def test_gradients_in_dicts_match_by_key():
    def f(p):
        return p["w"] * p["b"] ** 2

    at = {"w": 2.0, "b": 3.0}
    assert_gradients_match(f, lambda p: {"b": 2 * p["w"] * p["b"], "w": p["b"] ** 2}, at)
    assert "d p['w']" in failure_of(
        assert_gradients_match, f, lambda p: {"b": p["b"] ** 2, "w": 2 * p["w"] * p["b"]}, at
    )
    message = failure_of(assert_gradients_match, f, lambda p: {"x": 1.0, "y": 2.0}, at)
    assert "another form than the arguments: needs a dict with the keys ['w', 'b']" in message


def test_a_kink_in_one_argument_does_not_hide_a_mistake_in_another():
    wrong = mg.primitive(lambda x: x**2, lambda g, out, x: g * x)
    x = np.concatenate([np.zeros(20), np.ones(20)])
    message = failure_of(check_gradients, lambda w: np.sum(mg.relu(w)) + wrong(w[30]), x, order=1)
    assert "d w[30]" in message


def test_a_random_function_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="returns other values for the same arguments: is it random"):
        assert_gradients_match(lambda x: np.sum(x * rng.random(3)), np.cos, np.ones(3))


@pytest.mark.parametrize("gradient", [lambda z: 2 * z + 1j, lambda z: "6"])
def test_a_gradient_of_another_kind_of_numbers_is_refused(gradient):
    assert "is of dtype" in failure_of(assert_gradients_match, lambda z: np.sum(z**2), gradient, np.array([1.0, 2.0]))


def test_a_derivative_of_zero_is_a_clear_number():
    message = failure_of(assert_gradients_match, lambda x: np.sum(x[:1] ** 2), lambda x: x + 1, np.array([1.0, 2.0]))
    assert "no clear number" not in message
