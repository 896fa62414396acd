"""Passes that lay out the state of a training step: each computes the new state as before, in fewer operations."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.making import kept
from micrograd_nd.compiler.passes import laid_out, optimised
from micrograd_nd.compiler.passes.biases import biases_folded
from micrograd_nd.compiler.passes.flattening import updates_flattened
from micrograd_nd.compiler.passes.scaling import scale_folded
from micrograd_nd.compiler.passes.stacking import equal_work_stacked
from micrograd_nd.compiler.program import Value, replaced
from micrograd_nd.tree import leaves


def donated(f, *args):
    """The program of a step whose first argument is state."""
    captured = capture(f, args, {})
    program = optimised(captured.program)
    program = replace(program, kept=kept(captured, args, 0))
    for x in program.kept.values():
        x.owned = True
    return program


def evaluated(program, *args):
    """What a program computes, one operation after the other."""
    values = dict(zip(program.inputs, leaves(args), strict=True))

    def value(x):
        return values.get(x, getattr(x, "data", None)) if isinstance(x, Value) else x

    for x in program.operations:
        out = x.primitive.evaluate(*replaced(x.arguments, value), **replaced(x.options, value))
        assert (np.shape(out), np.result_type(out)) == (x.shape, x.dtype), x
        values[x] = out.item() if x.weak and hasattr(out, "item") else out
    return [value(x) for x in program.outputs]


def assert_close(program, expected, *args, rtol=1e-12):
    for x, y in zip(evaluated(program, *args), evaluated(expected, *args), strict=True):
        np.testing.assert_allclose(x, y, rtol=rtol, atol=rtol, strict=True)


def assert_same(program, expected, *args):
    for x, y in zip(evaluated(program, *args), evaluated(expected, *args), strict=True):
        np.testing.assert_array_equal(x, y, strict=True)


def count(program, function):
    return sum(x.function is function for x in program.operations)


def network(widths, m=7, dtype=np.float64, bias=True):
    rng = np.random.default_rng(0)
    params = {}
    for l, (n_in, n_out) in enumerate(itertools.pairwise(widths), 1):
        params[f"W{l}"] = rng.normal(size=(n_out, n_in)).astype(dtype)
        if bias:
            params[f"b{l}"] = rng.normal(size=(n_out, 1)).astype(dtype)
    return params, rng.normal(size=(widths[0], m)).astype(dtype), rng.normal(size=(widths[-1], m)).astype(dtype)


def cost(params, X, Y):
    A = X
    for l in range(1, 1 + sum(name[0] == "W" for name in params)):
        Z = params[f"W{l}"] @ A
        A = np.tanh(Z + params[f"b{l}"]) if f"b{l}" in params else np.tanh(Z)
    return np.sum(np.square(A - Y)) / X.shape[1]


def step(params, X, Y, rate=0.1):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - rate * grads[name] for name, p in params.items()}, J


def step_by(params, X, Y, rate):
    return step(params, X, Y, rate)


def times_gradient(program):
    """The products of a number with an array as large as a part of the state."""
    shapes = {x.shape for x in program.kept.values()}
    return [
        x
        for x in program.operations
        if x.function is np.multiply and x.shape in shapes and any(y.shape == () for y in x.operands())
    ]


# The learning rate


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("rate", [None, 0.3, np.float64(0.3)])
def test_a_learning_rate_multiplies_the_seed_and_no_gradient(rate, dtype):
    if isinstance(rate, np.float64):
        rate = dtype(rate)
    args = (*network([3, 5, 4, 2], dtype=dtype), *([] if rate is None else [rate]))
    program = donated(step if rate is None else step_by, *args)
    assert len(times_gradient(program)) == 6
    scaled = scale_folded(program)
    assert times_gradient(scaled) == []
    assert_close(scaled, program, *args, rtol=1e-5 if dtype is np.float32 else 1e-12)


def also_returns_gradients(params, X, Y):
    grads = mg.grad(cost)(params, X, Y)
    return {name: p - 0.1 * grads[name] for name, p in params.items()}, grads["W1"]


def also_needs_gradients(params, X, Y):
    grads = mg.grad(cost)(params, X, Y)
    return {name: p - 0.1 * grads[name] for name, p in params.items()}, np.sum(grads["W2"])


def two_rates(params, X, Y):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - (0.1 if name[0] == "W" else 0.2) * grads[name] for name, p in params.items()}, J


def one_without(params, X, Y):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - 0.1 * grads[name] if name != "b1" else p * 2 for name, p in params.items()}, J


def rate_by_value(params, X, Y):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - 0.1 / (1 + J) * grads[name] for name, p in params.items()}, J


def decayed(params, X, Y):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - 0.1 * (grads[name] + 0.01 * p) for name, p in params.items()}, J


@pytest.mark.parametrize("f", [also_returns_gradients, also_needs_gradients, two_rates, one_without, rate_by_value])
def test_gradients_that_something_else_needs_and_rates_that_differ_are_not_scaled(f):
    args = network([3, 5, 2])
    program = donated(f, *args)
    scaled = scale_folded(program)
    assert scaled.operations == program.operations
    assert_close(laid_out(program, None), program, *args)


def test_weight_decay_scaled_or_not_gives_the_same_steps():
    args = network([3, 5, 2])
    program = donated(decayed, *args)
    assert_close(scale_folded(program), program, *args)


def test_a_gradient_that_is_linear_and_also_the_cost_is_kept_for_the_cost():
    def f(w, x):
        def linear(w):
            return np.sum(w * x) / 4

        J, g = mg.value_and_grad(linear)(w)
        return w - 0.5 * g, J

    args = np.arange(3.0), np.array([1.0, -2.0, 5.0])
    program = donated(f, *args)
    assert_close(scale_folded(program), program, *args)


# Biases


@pytest.mark.parametrize("widths", [[3, 2], [3, 5, 2], [4, 4, 4, 4]])
def test_a_bias_becomes_a_column_of_its_matrix(widths):
    args = network(widths)
    program = donated(step, *args)
    folded = biases_folded(program)
    layers = len(widths) - 1
    assert count(folded, np.sum) == count(program, np.sum) - layers  # none over samples is left
    assert count(folded, np.matmul) == count(program, np.matmul)
    assert not any(x.function is np.add and x.arguments[1] in program.inputs for x in folded.operations)
    assert_close(folded, program, *args)


def test_a_bias_that_is_no_state_stays_a_bias():
    params, X, Y = network([3, 2])

    def f(W, b, X, Y):
        return W - 0.1 * mg.grad(lambda W: cost({"W1": W, "b1": b}, X, Y))(W)

    program = donated(f, params["W1"], params["b1"], X, Y)
    assert biases_folded(program).operations == program.operations


def test_an_input_much_larger_than_the_result_is_not_copied_above_ones():
    params, X, Y = network([50, 2], m=9)
    program = donated(step, params, X, Y)
    assert biases_folded(program).operations == program.operations


@pytest.mark.parametrize("shape", [(1, 1), (2,)])
def test_a_bias_of_another_shape_stays_a_bias(shape):
    params, X, Y = network([2, 2], m=2)
    params["b1"] = np.ones(shape)
    program = donated(step, params, X, Y)
    assert biases_folded(program).operations == program.operations


def test_a_weight_that_several_layers_share_computes_as_before():
    def shared(params, X):
        def f(params):
            A = np.tanh(params["W1"] @ X + params["b1"])
            return np.sum(np.square(params["W1"] @ A + params["b1"] - A))

        grads = mg.grad(f)(params)
        return {name: p - 0.1 * grads[name] for name, p in params.items()}

    params, X, _ = network([3, 3])
    program = donated(shared, params, X)
    assert_close(biases_folded(program), program, params, X)
    assert_close(laid_out(program, None), program, params, X)


# The update


def momentum(state, X, Y):
    params, speed = state
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    speed = {name: 0.9 * v + grads[name] for name, v in speed.items()}
    return ({name: p - 0.1 * speed[name] for name, p in params.items()}, speed), J


def adam(state, X, Y):
    params, first, second, t = state
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    t = t + 1
    first = {name: 0.9 * v + 0.1 * grads[name] for name, v in first.items()}
    second = {name: 0.999 * v + 0.001 * np.square(grads[name]) for name, v in second.items()}
    rate = 0.01 * np.sqrt(1 - 0.999**t) / (1 - 0.9**t)
    params = {name: p - rate * first[name] / (np.sqrt(second[name]) + 1e-8) for name, p in params.items()}
    return (params, first, second, t), J


def adam_by_numbers(state, X, Y):
    """Adam with a count that is a number, and no array of one element."""
    return adam(state, X, Y)


def like(params, value):
    return {name: np.full_like(p, value) for name, p in params.items()}


def example_of(f, widths):
    params, X, Y = network(widths)
    if f is step:
        return params, X, Y
    if f is momentum:
        return (params, like(params, 0.5)), X, Y
    return (params, like(params, 0.5), like(params, 0.25), 3.0 if f is adam_by_numbers else np.array([3.0])), X, Y


@pytest.mark.parametrize("folding", [lambda x: x, biases_folded])
@pytest.mark.parametrize("f", [step, momentum, adam])
def test_the_updates_of_all_parameters_are_one_with_the_same_bits(f, folding):
    args = example_of(f, [3, 5, 4, 2])
    program = folding(donated(f, *args))
    flat = updates_flattened(program)
    assert_same(flat, program, *args)
    assert len(flat.updates) == {step: 1, momentum: 2, adam: 4}[f]
    size = sum(x.size for x in network([3, 5, 4, 2])[0].values())
    assert sorted({new.size for _, new in flat.updates} - {1}) == [size]
    assert sum(x.size for x in leaves(args[0])) == sum(old.size for old, _ in flat.updates)


def elementwise(program):
    """The operations on flat arrays."""
    return [x for x in program.operations if isinstance(x.function, np.ufunc) and x.ndim == 1]


@pytest.mark.parametrize("f", [momentum, adam_by_numbers])
@pytest.mark.parametrize("widths", [[3, 2], [3, 5, 4, 2], [50, 2]])
def test_what_is_remembered_of_a_matrix_and_its_bias_lies_as_they_do(f, widths):
    args = example_of(f, widths)
    program = donated(f, *args)
    flat = laid_out(program, None)
    # Laid out in two ways, gradients and what is remembered would be computed with twice, and copied.
    assert len(elementwise(flat)) == {momentum: 4, adam_by_numbers: 12}[f]
    together = [x for x in flat.operations if x.function is np.concatenate and x.ndim == 1]
    assert len(together) == {momentum: 3, adam_by_numbers: 4}[f]  # the parts of the state, and the gradients
    assert_close(flat, program, *args)


def test_what_is_remembered_in_another_way_of_the_bias_than_of_the_matrix_lies_by_itself():
    def f(state, X, Y):
        params, speed = state
        J, grads = mg.value_and_grad(cost)(params, X, Y)
        speed = {name: (0.9 if name[0] == "W" else 0.8) * v + grads[name] for name, v in speed.items()}
        return ({name: p - 0.1 * grads[name] for name, p in params.items()}, speed), J

    args = example_of(momentum, [3, 5, 2])
    program = donated(f, *args)
    flat = laid_out(program, None)
    assert sorted(old.size for old, _ in flat.updates) == [7, 25, 32]
    assert_close(flat, program, *args)


def test_two_parts_of_the_state_that_change_places_are_no_pair():
    def f(state, X, Y):
        params, speed = state
        J, grads = mg.value_and_grad(cost)(params, X, Y)
        new = {
            "W1": params["W1"] - 0.1 * (grads["W1"] + speed["W1"]),
            "b1": params["b1"] - 0.1 * (grads["b1"] + params["b1"]),
        }
        return (new, {"W1": speed["W1"] + grads["W1"], "b1": speed["b1"] + grads["b1"]}), J

    args = example_of(momentum, [3, 2])
    program = donated(f, *args)
    assert_close(laid_out(program, None), program, *args)
    state, run = args[0], mg.compile(f, donate=0)
    expected = state
    for _ in range(3):
        (state, J), (expected, other) = run(state, *args[1:]), f(expected, *args[1:])
        for x, y in zip(leaves((state, J)), leaves((expected, other)), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("f", [momentum, adam, adam_by_numbers])
@pytest.mark.parametrize("widths", [[3, 2], [3, 5, 4, 2], [50, 2], [4, 4, 4, 4]])
def test_steps_that_remember_are_those_of_eager_code(f, widths):
    state, X, Y = example_of(f, widths)
    expected, run = state, mg.compile(f, donate=0)
    for _ in range(4):
        (state, J), (expected, other) = run(state, X, Y), f(expected, X, Y)
        for x, y in zip(leaves((state, J)), leaves((expected, other)), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-10, atol=1e-12)


def test_the_flat_state_holds_the_state_as_it_is_and_as_it_will_be():
    args = example_of(momentum, [3, 5, 2])
    program = updates_flattened(biases_folded(donated(momentum, *args)))
    both = replace(program, outputs=[x for update in program.updates for x in update])
    found = evaluated(both, *args)
    before, after = (np.sort(np.concatenate(found[i::2])) for i in (0, 1))
    np.testing.assert_array_equal(before, np.sort(np.concatenate([x.ravel() for x in leaves(args[0])])))
    new = [x.ravel() for x in leaves(momentum(*args)[0])]
    np.testing.assert_allclose(after, np.sort(np.concatenate(new)), rtol=1e-12, atol=1e-12)


def test_what_enters_an_update_in_single_precision_stays_single():
    def f(state, steps):
        return [p - 0.1 * np.sin(x) for p, x in zip(state, steps, strict=True)]

    state = [np.linspace(0, 1, 4), np.linspace(0, 1, 6).reshape(2, 3)]
    args = state, [x.astype(np.float32) for x in state]
    assert_same(updates_flattened(donated(f, *args)), donated(f, *args), *args)


def test_parameters_with_other_formulas_and_dtypes_are_updated_by_themselves():
    def f(state):
        a, b, c, d, e = state
        return [a * 2, b * 2, c * 2.5, d * 2, e]

    state = [np.ones(3), np.ones((2, 2)), np.ones(4), np.ones(3, np.float32), np.arange(5.0)]
    program = donated(f, state)
    flat = updates_flattened(program)
    assert sorted(old.size for old, _ in flat.updates) == [3, 4, 5, 7]
    assert_same(flat, program, state)


OLD_AND_NEW = {
    "exchanged": lambda a, b: [b, a],
    "shifted": lambda a, b: [b, a + b],
    "remembered": lambda a, b: [a * 0.5, a],
    "remembered from behind": lambda a, b: [a * 0.5, a[::-1]],
    "both from one": lambda a, b: [a[::-1], a],
    "the same": lambda a, b: [a + b, a + b],
    "turned round": lambda a, b: [b[::-1] + a, a[::-1] - b],
}


@pytest.mark.parametrize("name", OLD_AND_NEW)
def test_old_values_of_one_part_of_the_state_may_become_new_ones_of_another(name):
    f = lambda state: OLD_AND_NEW[name](*state)
    state = expected = [np.array([1.0, 2.0, 4.0]), np.array([8.0, 16.0, 32.0])]
    assert_same(updates_flattened(donated(f, state)), donated(f, state), state)
    run = mg.compile(f, donate=0)
    for _ in range(3):
        state, expected = run(state), f(expected)
        assert [x.tolist() for x in state] == [x.tolist() for x in expected]


@pytest.mark.parametrize("old", [lambda w: w, lambda w: w[::-1], lambda w: np.reshape(w, (3, 1))])
def test_the_old_state_may_be_returned_beside_the_new(old):
    run = mg.compile(lambda w, x: (w - x, [old(w)]), donate=0)
    w = np.array([1.0, 2.0, 4.0])
    new, (before,) = run(w, 0.5)
    assert before.tolist() == old(w).tolist()
    run(new, 0.5)
    assert before.tolist() == old(w).tolist()


def test_what_cannot_be_told_from_the_state_is_refused():
    with pytest.raises(TypeError, match="2 parts of the result have the form of argument 0"):
        mg.compile(lambda w: (w * 2, np.exp(w)), donate=0)(np.ones(3))
    assert mg.compile(lambda w: (w, w * 2), donate=0)(np.ones(3))[1].tolist() == [2.0, 2.0, 2.0]


PENALTIES = {
    "sums of weights": lambda W: np.sum(np.square(np.sum(W, axis=0))),
    "products of weights": lambda W: np.sum(np.square(W.T @ W)),
    "weights in another shape": lambda W: np.sum(np.square(np.reshape(W, (3, -1)))),
    "weights turned": lambda W: np.sum(np.exp(W.T)),
    "rows of weights": lambda W: np.sum(np.exp(W[1:])) + np.max(W[0]),
    "weights above others": lambda W: np.sum(np.square(np.concatenate([W, W * 2], axis=0))),
    "weights in a stack": lambda W: np.sum(np.exp(np.stack([W, W]))),
}


@pytest.mark.parametrize("name", PENALTIES)
@pytest.mark.parametrize("bias", [True, False])
def test_weights_that_are_looked_at_in_other_ways_are_trained_the_same(name, bias):
    def penalised(params, X, Y):
        f = lambda params: cost(params, X, Y) + 0.1 * PENALTIES[name](params["W1"])
        J, grads = mg.value_and_grad(f)(params)
        return {key: p - 0.1 * grads[key] for key, p in params.items()}, J

    state, X, Y = network([3, 2, 2], bias=bias)
    expected, run = state, mg.compile(penalised, donate=0)
    for _ in range(3):
        (state, J), (expected, other) = run(state, X, Y), penalised(expected, X, Y)
        for x, y in zip(leaves((state, J)), leaves((expected, other)), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12)


# Equal work side by side


@pytest.mark.parametrize("layers", [4, 6])
@pytest.mark.parametrize("bias", [True, False])
def test_layers_of_one_shape_have_one_call_for_the_derivatives_of_all_with_the_same_bits(layers, bias):
    args = network([4] * (layers + 1), bias=bias)
    program = updates_flattened(scale_folded(donated(step, *args)))
    stacked = equal_work_stacked(program)
    assert_same(stacked, program, *args)
    assert count(stacked, np.matmul) < count(program, np.matmul)
    assert any(x.function is np.matmul and x.ndim == 3 for x in stacked.operations)


def test_fewer_than_three_large_and_dependent_operations_are_not_stacked():
    x = np.linspace(0, 1, 12)
    for f, arg in (
        (lambda x: (np.sin(x * 2), np.sin(x * 3)), x),
        (lambda x: np.sin(np.sin(np.sin(np.sin(x)))), x),
        (lambda x: (np.sin(x), np.sin(x[:6]), np.sin(x[:5]), np.cos(x)), x),
        (lambda x: [np.sin(x[i]) for i in range(3)], np.ones((3, 1 << 14))),
        (lambda x: [np.sum(x, axis=axis) for axis in range(3)], np.ones((2, 2, 2))),
    ):
        program = capture(f, (arg,), {}).program
        assert equal_work_stacked(program).operations == program.operations


def test_independent_operations_of_one_kind_are_one_on_a_stack():
    f = lambda x, y, z: (np.sin(x * 2) + 1, np.sin(y * 2) + 1, np.sin(z * 2) + 1)
    args = [np.full((2, 3), value) for value in (1.0, 2.0, 3.0)]
    program = capture(f, args, {}).program
    stacked = equal_work_stacked(program)
    assert count(stacked, np.sin) == count(stacked, np.add) == count(stacked, np.stack) == 1
    assert_same(stacked, program, *args)
    assert count(stacked, np.multiply) == 3  # what is given would have to be copied into a stack


def test_nothing_is_copied_into_a_stack():
    def f(x, y):
        s, t = x * 2, y * 2
        return s - t, t - s, s - s * t

    args = [np.full((2, 3), value) for value in (1.0, 2.0)]
    program = capture(f, args, {}).program
    assert equal_work_stacked(program).operations == program.operations


def test_layers_of_a_stack_that_are_used_in_another_order_are_found():
    def f(x, y, z):
        s, t, u = np.sin(x), np.sin(y), np.sin(z)
        return s - t, t - u, u - s

    args = [np.full((2, 3), value) for value in (1.0, 2.0, 3.0)]
    program = capture(f, args, {}).program
    assert count(equal_work_stacked(program), np.subtract) == 1
    assert_same(equal_work_stacked(program), program, *args)


STACKABLE = {
    "sin": lambda x, y: np.sin(x),
    "add": lambda x, y: x + y,
    "multiply": lambda x, y: x * y,
    "product": lambda x, y: x @ y,
    "turned product": lambda x, y: x.T @ y,
    "above": lambda x, y: np.concatenate([x, y])[:3],
    "twice": lambda x, y: 2.0 * x,
}


@settings(max_examples=60)
@given(st.lists(st.tuples(st.sampled_from(sorted(STACKABLE)), st.integers(0, 9), st.integers(0, 9)), max_size=12))
def test_stacking_keeps_every_bit_whatever_depends_on_what(steps):
    def f(*values):
        values = list(values)
        for name, i, j in steps:
            values.append(STACKABLE[name](values[i % len(values)], values[j % len(values)]))
        return values[3:]

    args = list(np.random.default_rng(0).normal(size=(3, 3, 3)) / 3)
    program = optimised(capture(f, args, {}).program)
    with np.errstate(over="ignore", invalid="ignore"):
        assert_same(equal_work_stacked(program), program, *args)
