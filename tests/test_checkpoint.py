"""Checkpoints: computed again in the backward pass instead of kept."""

import tracemalloc

import numpy as np
import pytest

import micrograd_nd as mg


def block(x):
    return np.tanh(np.sin(x) * 2) + x


held = mg.checkpoint(block)
x = np.array([0.5, -1.0, 2.0])


def test_values_and_derivatives_of_any_order_are_the_same():
    f, g = (lambda a: np.sum(held(held(a)))), (lambda a: np.sum(block(block(a))))
    assert f(x) == g(x)
    np.testing.assert_array_equal(mg.grad(f)(x), mg.grad(g)(x))
    np.testing.assert_allclose(mg.hessian(f)(x), mg.hessian(g)(x), rtol=1e-14)
    np.testing.assert_allclose(mg.jvp(f, (x,), (x,)), mg.jvp(g, (x,), (x,)), rtol=1e-14)
    first, second = mg.grad(mg.grad(mg.grad(held))), mg.grad(mg.grad(mg.grad(block)))
    assert first(0.3) == pytest.approx(second(0.3), rel=1e-13)


def test_arrays_give_arrays():
    assert type(held(x)) is np.ndarray


def test_tensors_that_are_not_arguments_get_their_gradients():
    w, b = mg.Tensor(x), mg.Tensor(1.0)
    mg.checkpoint(lambda a: np.sum(w * a * w) + b)(mg.Tensor(2.0)).backward()
    np.testing.assert_allclose(w.grad, 4 * x)
    assert b.grad == 1
    outer = mg.grad(lambda k: mg.grad(mg.checkpoint(lambda a: k * a * a * k))(2.0))
    assert outer(3.0) == 2 * 2 * 2 * 3


def test_several_results_of_several_dtypes_are_taken_apart_again():
    def parts(a, *, scale):
        return {"sum": np.sum(a) * scale, "single": (a * 2).astype(np.float32), "turn": np.exp(1j * a), "n": 3}

    t = mg.Tensor(x)
    results = mg.checkpoint(parts)(t, scale=2.0)
    assert [results[k].dtype for k in ("sum", "single", "turn")] == [np.float64, np.float32, np.complex128]
    assert results["n"] == 3
    (results["sum"] + np.sum(results["single"]) + np.sum(np.abs(results["turn"] + 1))).backward()
    expected = mg.grad(lambda a: 2 * np.sum(a) + 2 * np.sum(a) + np.sum(np.abs(np.exp(1j * a) + 1)))(x)
    np.testing.assert_allclose(t.grad, expected, rtol=1e-6)


def test_what_was_computed_on_the_way_is_not_kept():
    def deep(a):
        for _ in range(20):
            a = np.sin(a)
        return a

    def kept(f):
        t = mg.Tensor(np.zeros(50_000))
        tracemalloc.start()
        result = f(t)
        size, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return size, result

    assert kept(mg.checkpoint(deep))[0] < kept(deep)[0] / 10


def test_a_function_that_computes_something_else_the_second_time_is_refused():
    rng = np.random.default_rng(0)
    dropout = mg.checkpoint(lambda a: a * rng.integers(0, 2, 20))
    with pytest.raises(RuntimeError, match="computed something else in the backward pass"):
        np.sum(dropout(mg.Tensor(np.ones(20)))).backward()
    w = mg.Tensor(2.0)
    result = mg.checkpoint(lambda a: a * w)(mg.Tensor(1.0))
    w.data = 3.0
    with pytest.raises(RuntimeError, match="pass random numbers, and Tensors that change, as arguments"):
        result.backward()


def test_a_backward_pass_under_no_grad_computes_again_all_the_same():
    t = mg.Tensor(x)
    total = np.sum(held(t))
    with mg.no_grad():
        total.backward()
        assert not held(t).requires_grad
    np.testing.assert_allclose(t.grad, mg.grad(lambda a: np.sum(block(a)))(x))


def test_a_result_that_depends_on_nothing_is_returned_as_it_is():
    assert mg.checkpoint(lambda a: "text")(mg.Tensor(1.0)) == "text"
    assert mg.checkpoint(lambda a: a.detach() * 2)(mg.Tensor(1.0)).requires_grad is False
    with pytest.raises(TypeError, match="takes a function"):
        mg.checkpoint(3)


def weights_that_depend_on_weights(f):
    """A function of numbers whose block uses Tensors that depend on each other, and on its argument."""

    def g(a, b):
        w = np.sin(a)
        v = w * b
        return np.sum(f(lambda z: np.tanh(z * w + v) * w)(np.stack([w * a, v, b])))

    return g


@pytest.mark.parametrize("order", [1, 2])
def test_tensors_used_from_outside_may_depend_on_each_other_and_the_arguments_on_them(order):
    inside, plain = (weights_that_depend_on_weights(f) for f in (mg.checkpoint, lambda f: f))
    both = (0, 1)
    if order == 1:
        np.testing.assert_allclose(mg.grad(inside, both)(0.7, 0.3), mg.grad(plain, both)(0.7, 0.3), rtol=1e-13)
    else:
        np.testing.assert_allclose(mg.hessian(inside, both)(0.7, 0.3), mg.hessian(plain, both)(0.7, 0.3), rtol=1e-12)
    for transform in (mg.jvp, mg.hvp):
        at, along = (0.7, 0.3), (1.0, -2.0)
        np.testing.assert_allclose(transform(inside, at, along), transform(plain, at, along), rtol=1e-12)
    w = mg.Tensor(3.0)
    v = np.sin(w)
    mg.checkpoint(lambda z: z * w * v)(mg.Tensor(2.0)).backward()
    assert w.grad == pytest.approx(mg.grad(lambda w: 2 * w * np.sin(w))(3.0))


def test_checkpoints_in_checkpoints_and_in_loops_are_right():
    W = np.array([[0.3, -0.2], [0.5, 0.1]])

    def recurrent(f):
        def g(W, h):
            step = f(lambda h: f(np.tanh)(W @ h + h))
            for _ in range(3):
                h = step(h)
            return np.sum(h * h)

        return g

    kept, again = recurrent(lambda f: f), recurrent(mg.checkpoint)
    h = np.array([0.2, 0.7])
    np.testing.assert_allclose(mg.hessian(again)(W, h), mg.hessian(kept)(W, h), rtol=1e-11, atol=1e-14)
    np.testing.assert_allclose(mg.grad(again, 1)(W, h), mg.grad(kept, 1)(W, h), rtol=1e-13)


def test_a_function_that_changes_its_argument_in_place_is_refused():
    def double(y):
        y *= 2
        return y

    with pytest.raises(TypeError, match="double changed its argument in place"):
        mg.checkpoint(double)(mg.Tensor(x) * 1.0)
