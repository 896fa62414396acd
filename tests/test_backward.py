"""The backward pass over a recorded graph."""

import gc
import threading
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.graph import Node


def course_graph():
    a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    u = b * c
    v = a + u
    return a, b, c, u, v, 3 * v


def test_the_course_graph_has_the_course_values_and_derivatives():
    a, b, c, u, v, J = course_graph()
    assert (u.item(), v.item(), J.item()) == (6, 11, 33)
    J.backward()
    assert (v.grad, a.grad, u.grad, b.grad, c.grad, J.grad) == (3, 3, 3, 6, 9, 1)


def test_backward_twice_doubles_every_gradient_exactly():
    tensors = course_graph()
    x = mg.Tensor(np.linspace(-1, 1, 7))
    y = np.tanh(x) * x
    J = y.sum() * tensors[-1]
    held = [*tensors, x, y, J]
    J.backward()
    once = [t.grad for t in held]
    J.backward()
    for t, g in zip(held, once, strict=True):
        np.testing.assert_array_equal(t.grad, 2 * g)


def test_a_tensor_used_twice_gets_both_contributions():
    x = mg.Tensor(3.0)
    (x * x + x).backward()
    assert x.grad == 7


def test_zero_grad_forgets():
    x = mg.Tensor(3.0)
    (x * x).backward()
    x.zero_grad()
    assert x.grad is None


def test_a_result_with_several_elements_takes_a_gradient():
    x = mg.Tensor([1.0, 2.0])
    y = x * x
    y.backward([1.0, 10.0])
    np.testing.assert_array_equal(x.grad, [2, 40])
    with pytest.raises(ValueError, match=r"needs a result of one element; this one has shape \(2,\)"):
        y.backward()
    with pytest.raises(ValueError, match=r"must have the result's shape \(2,\); got \(3,\)"):
        y.backward(np.ones(3))


def test_gradients_have_the_shape_and_dtype_of_their_tensor():
    x = mg.Tensor(np.ones((2, 3)), dtype=np.float32)
    b = mg.Tensor(np.ones((2, 1)))
    (x * b + np.ones(3)).sum().backward()
    assert (x.grad.shape, x.grad.dtype) == ((2, 3), np.float32)
    assert (b.grad.shape, b.grad.dtype) == ((2, 1), np.float64)


def test_gradients_are_their_owners_to_change():
    x, y = mg.Tensor([1.0, 2.0]), mg.Tensor([3.0, 4.0])
    u = x + y
    seed = np.ones(2)
    u.backward(seed)
    for t in (x, y, u):
        assert t.grad.flags.writeable
        t.grad *= 5
    for t in (x, y, u):
        np.testing.assert_array_equal(t.grad, [5, 5])
    np.testing.assert_array_equal(seed, 1)
    z = mg.Tensor(np.ones((2, 3)))
    z.sum().backward()
    z.grad[0, 0] = 9
    assert z.grad.sum() == 14


def test_an_accumulated_gradient_does_not_change_the_array_handed_out_before():
    x = mg.Tensor([1.0, 2.0])
    J = (x * x).sum()
    J.backward()
    first = x.grad
    J.backward()
    np.testing.assert_array_equal(first, [2, 4])


def test_the_gradient_of_a_constant_is_not_computed():
    called = []

    def rule(g, out, x, y):
        called.append("y")
        return g * x

    product = mg.primitive(lambda x, y: x * y, lambda g, out, x, y: g * y, rule)
    x = mg.Tensor(2.0)
    product(x, np.float64(3)).backward()
    product(x, mg.Tensor(3.0, requires_grad=False)).backward()
    assert (x.grad, called) == (6, [])


@pytest.mark.parametrize("value", [3, True, [1, 2]])
def test_an_integer_asked_for_a_gradient_is_told_what_to_write(value):
    t = mg.Tensor(value)
    with pytest.raises(TypeError, match=r"dtype (int64|bool), which has no gradient.*write [13]\.0"):
        (t * 1).sum().backward()


def test_the_grad_of_an_integer_is_asked_for_in_vain():
    a, b = mg.Tensor(5, name="a"), mg.Tensor(3.0)
    (a * b).backward()
    assert b.grad == 5
    with pytest.raises(TypeError, match=r"a with shape \(\) is of dtype int64, which has no gradient.*write 5\.0"):
        a.grad  # noqa: B018


def test_a_grad_that_is_set_has_the_shape_of_its_tensor():
    t = mg.Tensor([1.0, 2.0], name="t")
    t.grad = np.ones(2)
    (t * t).sum().backward()
    np.testing.assert_array_equal(t.grad, [3, 5])
    with pytest.raises(ValueError, match=r"the grad of t with shape \(2,\) must have its shape; got \(2, 1\)"):
        t.grad = np.ones((2, 1))


def test_a_constant_asked_for_a_gradient_is_told_why_it_has_none():
    with pytest.raises(TypeError, match="is a constant"):
        mg.Tensor(1.0, requires_grad=False).backward()
    with mg.no_grad():
        t = mg.Tensor(1.0) * 2
    with pytest.raises(TypeError, match="no_grad"):
        t.backward()


def test_backward_of_a_complex_result_needs_a_gradient():
    with pytest.raises(TypeError, match="needs a real result; this one has dtype complex128"):
        (mg.Tensor(1.0) * 1j).backward()
    with pytest.raises(TypeError, match="of numbers like the result's; got dtype complex128"):
        (mg.Tensor(1.0) * 2).backward(1j)
    z = mg.Tensor(1 + 2j)
    (z * z).backward(1.0)
    assert z.grad == 2 * (1 + 2j)


def test_the_gradient_of_a_complex_tensor_pairs_with_steps_without_conjugation():
    z = mg.Tensor(3 + 4j)
    np.abs(z).backward()
    assert z.grad == pytest.approx((3 - 4j) / 5)
    assert np.real(z.grad * 1j) == pytest.approx(4 / 5)  # how fast the result grows along i


def test_an_error_in_a_rule_leaves_every_gradient_as_it_was():
    def broken(g, out, x):
        raise RuntimeError("broken")

    fails = mg.primitive(lambda x: x + 0, broken)
    x = mg.Tensor(2.0)
    y = x * 3
    J = y * fails(y)
    with pytest.raises(RuntimeError, match="broken"):
        J.backward()
    assert [t.grad for t in (x, y, J)] == [None] * 3


# Recording or not


def test_nothing_is_recorded_under_no_grad():
    x = mg.Tensor(2.0)
    with mg.no_grad():
        y = x * 3
    assert not y.requires_grad
    assert (x * 3).requires_grad

    @mg.no_grad()
    def f(x):
        return x * 3

    assert not f(x).requires_grad


def test_no_grad_ends_with_an_exception():
    with pytest.raises(KeyError), mg.no_grad():
        raise KeyError
    assert (mg.Tensor(1.0) * 2).requires_grad


def test_no_grad_ends_although_generators_leave_in_another_order():
    def generator():
        with mg.no_grad():
            yield
            yield

    first, second = generator(), generator()
    next(first), next(second)
    first.close()
    assert not (mg.Tensor(1.0) * 2).requires_grad
    second.close()
    assert (mg.Tensor(1.0) * 2).requires_grad


def test_no_grad_can_be_entered_again_and_does_not_decorate_what_runs_later():
    pause = mg.no_grad()
    for _ in range(2):
        with pause:
            assert not (mg.Tensor(1.0) * 2).requires_grad

    def generator():
        yield

    async def coroutine():
        pass

    for function in (generator, coroutine):
        with pytest.raises(TypeError, match="whose body runs later"):
            pause(function)


def test_no_grad_holds_for_one_thread_alone():
    recorded = []
    inside, outside = threading.Event(), threading.Event()

    def other():
        inside.wait(10)
        recorded.append((mg.Tensor(1.0) * 2).requires_grad)
        outside.set()

    thread = threading.Thread(target=other)
    thread.start()
    with mg.no_grad():
        inside.set()
        assert outside.wait(10)
        recorded.append((mg.Tensor(1.0) * 2).requires_grad)
    thread.join()
    assert recorded == [True, False]


def test_threads_differentiate_side_by_side():
    def work(n, results):
        x = mg.Tensor(float(n))
        y = x
        for _ in range(200):
            y = y + x
        y.backward()
        results[n] = x.grad

    results: dict[int, float] = {}
    threads = [threading.Thread(target=work, args=(n, results)) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results == dict.fromkeys(range(8), 201)


# Long and freed


def live_nodes():
    return sum(type(x) is Node for x in gc.get_objects())


def test_a_chain_of_a_million_operations_records_differentiates_and_is_freed():
    x = mg.Tensor(1.0)
    t = x
    for _ in range(1_000_000):
        t = t + 0.0
    t.backward()
    assert x.grad == 1
    assert live_nodes() > 1_000_000
    del t
    assert live_nodes() < 1_000


def test_an_operation_leaves_two_objects_for_the_collector_to_walk():
    """Its node and the tuple of its inputs; a third, the Tensor, only while somebody holds it."""
    x = mg.Tensor(1.0)
    gc.collect()
    gc.disable()
    try:
        before = len(gc.get_objects())
        t = x
        for _ in range(1000):
            t = t * 1.5
        assert len(gc.get_objects()) - before <= 2 * 1000 + 20
    finally:
        gc.enable()
    del t


def test_a_wide_sum_of_many_uses_is_right():
    x = mg.Tensor(1.0)
    terms = [x * float(i) for i in range(10_000)]
    mg.array(terms).sum().backward()
    assert x.grad == sum(range(10_000))


def test_a_graph_is_freed_by_reference_counting_alone():
    gc.collect()
    gc.disable()
    try:
        x = mg.Tensor(np.ones(4))
        before = live_nodes()
        J = np.tanh(x * 2).sum()
        J.backward()
        assert live_nodes() == before + 3
        del J
        assert live_nodes() == before
        assert gc.collect() == 0
    finally:
        gc.enable()


def test_a_failed_operation_keeps_nothing_alive():
    x = mg.Tensor(np.ones(3))
    with pytest.raises(ValueError, match=r"np.add of a Tensor with shape \(3,\), an array with shape \(2,\)"):
        x + np.ones(2)
    alive = weakref.ref(x)
    del x
    gc.collect()
    assert alive() is None


# Random graphs


@given(st.lists(st.tuples(st.sampled_from("+*-"), st.integers(0, 100), st.integers(0, 100)), min_size=1, max_size=30))
def test_any_graph_of_sums_and_products_is_differentiated_as_by_forward_mode(steps):
    """Forward mode, by hand: each value carries its derivatives with respect to three inputs."""
    inputs = [mg.Tensor(v) for v in (0.5, -1.5, 2.0)]
    tensors = list(inputs)
    values = [t.item() for t in inputs]
    slopes = [np.eye(3)[i] for i in range(3)]
    for sign, first, second in steps:
        i, j = first % len(tensors), second % len(tensors)
        x, y = values[i], values[j]
        tensors.append({"+": tensors[i] + tensors[j], "-": tensors[i] - tensors[j], "*": tensors[i] * tensors[j]}[sign])
        values.append({"+": x + y, "-": x - y, "*": x * y}[sign])
        slopes.append(
            {"+": slopes[i] + slopes[j], "-": slopes[i] - slopes[j], "*": slopes[i] * y + x * slopes[j]}[sign]
        )
        if abs(values[-1]) > 1e100:
            break
    tensors[-1].backward()
    gradient = [0.0 if t.grad is None else t.grad for t in inputs]
    np.testing.assert_allclose(gradient, slopes[-1], rtol=1e-9, atol=1e-9 * np.max(np.abs(slopes[-1])))
