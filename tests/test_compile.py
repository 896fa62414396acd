"""A compiled function is a NumPy program: it computes what the function computes, and can be read, saved and shared."""

import gc
import re
import subprocess
import sys
import threading
from typing import NamedTuple

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.tree import leaves

SIZES = {"W1": (4, 2), "b1": (4, 1), "W2": (1, 4), "b2": (1, 1)}


def cost(params, X, Y):
    m = X.shape[1]
    Z1 = params["W1"] @ X + params["b1"]
    A1 = np.tanh(Z1)
    Z2 = params["W2"] @ A1 + params["b2"]
    return np.sum(mg.softplus(Z2) - Y * Z2) / m


def train(params, X, Y, learning_rate=0.5):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - learning_rate * grads[name] for name, p in params.items()}, J


def example(m=50, dtype=np.float64, seed=0):
    rng = np.random.default_rng(seed)
    params = {name: rng.normal(size=shape).astype(dtype) for name, shape in SIZES.items()}
    X = rng.normal(size=(2, m)).astype(dtype)
    return params, X, (X[:1] * X[1:] > 0).astype(dtype)


def deep_example(layers, width=6, m=9):
    rng = np.random.default_rng(0)
    params = {}
    for l in range(1, layers + 1):
        params[f"W{l}"] = rng.normal(size=(width, width)) / np.sqrt(width)
        params[f"b{l}"] = rng.normal(size=(width, 1))
    return params, rng.normal(size=(width, m)), rng.normal(size=(width, m))


def deep_cost(params, X, Y):
    A = X
    for l in range(1, len(params) // 2 + 1):
        A = np.tanh(params[f"W{l}"] @ A + params[f"b{l}"])
    return np.sum(np.square(A - Y)) / X.shape[1]


def deep_train(params, X, Y):
    J, grads = mg.value_and_grad(deep_cost)(params, X, Y)
    return J, {name: p - 0.1 * grads[name] for name, p in params.items()}


def close(a, b, tolerance=1e-12):
    a, b = list(leaves(a)), list(leaves(b))
    return len(a) == len(b) and all(
        np.shape(x) == np.shape(y)
        and np.result_type(x) == np.result_type(y)
        and np.allclose(x, y, rtol=tolerance, atol=tolerance)
        for x, y in zip(a, b, strict=True)
    )


def run_text(step, *args):
    """What the clear program returns."""
    made = step.made()
    namespace = dict(made.text.names)
    exec(step.source, namespace)  # noqa: S102 - the text is what is tested
    return namespace[made.name](*args)


# What it computes


def test_a_compiled_function_computes_what_the_function_does():
    step = mg.compile(mg.value_and_grad(cost))
    for seed in range(3):
        assert close(step(*example(seed=seed)), mg.value_and_grad(cost)(*example(seed=seed)))


def test_single_precision_stays_single():
    J, grads = mg.compile(mg.value_and_grad(cost))(*example(dtype=np.float32))
    assert {np.float32} == {x.dtype.type for x in (J, *grads.values())}


def test_the_clear_and_the_fast_program_agree_bit_for_bit():
    for f in (cost, mg.value_and_grad(cost), train):
        step = mg.compile(f)
        fast = list(leaves(step(*example())))
        clear = list(leaves(run_text(step, *example())))
        assert [np.asarray(x).tobytes() for x in fast] == [np.asarray(x).tobytes() for x in clear]


def test_there_is_a_program_for_each_shape_and_dtype():
    step = mg.compile(cost)
    for m, dtype in ((50, np.float64), (20, np.float64), (50, np.float32), (50, np.float64)):
        args = example(m, dtype)
        assert step(*args) == pytest.approx(cost(*args), rel=1e-5)
    assert len(step.programs) == 3


class Pair(NamedTuple):
    left: object
    right: object


def test_arguments_may_be_nests_and_given_by_name():
    f = mg.compile(lambda pair, *, scale: {"sum": pair.left + pair.right[0] * scale["x"], "list": [pair.left, None]})
    pair = Pair(np.ones(2), [np.arange(2.0)])
    result = f(pair, scale={"x": np.float64(3.0)})
    assert close(result, {"sum": np.array([1.0, 4.0]), "list": [np.ones(2), None]})
    assert type(f(pair, scale={"x": np.float64(1.0)})["list"]) is list


def test_the_form_of_a_result_is_kept():
    f = mg.compile(lambda x: Pair(x, [x + 1, (2, "text", None)]))
    result = f(np.float64(1.0))
    assert result == (1.0, [2.0, (2, "text", None)])
    assert type(result) is Pair


def test_a_python_number_is_an_argument_and_keeps_float32_what_it_is():
    f = mg.compile(lambda x, factor: x * factor)
    x = np.ones(3, np.float32)
    assert [f(x, factor).tolist() for factor in (2.0, 3.0)] == [[2.0] * 3, [3.0] * 3]
    assert f(x, 0.5).dtype == np.float32
    assert len(f.programs) == 1


def test_an_int_is_part_of_the_program():
    f = mg.compile(lambda x, n: sum(x**i for i in range(n)))
    assert [f(np.float64(2.0), n) for n in (1, 2, 3)] == [1.0, 3.0, 7.0]
    assert len(f.programs) == 3


def test_second_derivatives_compile():
    f = lambda x: np.sum(np.tanh(x) ** 3) + np.prod(x)
    x, v = np.array([0.3, -0.7, 1.1]), np.array([1.0, 2.0, -1.0])
    assert close(mg.compile(mg.hessian(f))(x), mg.hessian(f)(x))
    assert close(mg.compile(lambda x, v: mg.hvp(f, (x,), (v,)))(x, v), mg.hvp(f, (x,), (v,)))
    assert close(mg.compile(lambda x, v: mg.jvp(np.sin, (x,), (v,)))(x, v), mg.jvp(np.sin, (x,), (v,)))


def test_a_module_compiles_and_its_parameters_are_read_at_every_call():
    model = nn.MLP([2, 3, 1], seed=0)
    f = mg.compile(model)
    X = example()[1]
    assert close(f(X), model(X).numpy())
    model.parameters()[0].data *= 2
    assert close(f(X), model(X).numpy())
    assert len(f.programs) == 1


def test_derivatives_pass_through_a_compiled_function():
    square = mg.compile(lambda x: x * x)
    square(2.0)
    assert mg.grad(square)(3.0) == 6.0
    t = mg.Tensor(3.0)
    square(t).backward()
    assert t.grad == 6.0


def test_a_compiled_function_may_be_called_by_another():
    inner = mg.compile(np.sin)
    assert mg.compile(lambda x: inner(x) * 2)(1.0) == np.sin(1.0) * 2


def test_checkpoints_and_detached_values_compile():
    f = lambda x: mg.checkpoint(np.sin)(x) * mg.stop_gradient(x)
    for x in (1.0, 2.0):
        assert mg.compile(mg.grad(f))(np.float64(x)) == mg.grad(f)(np.float64(x))


def test_no_grad_means_the_same_in_a_program():
    def f(x):
        with mg.no_grad():
            y = x * 3
        return x * y

    g = mg.compile(mg.grad(f))
    assert [g(np.float64(x)) for x in (1.0, 2.0)] == [3.0, 6.0]


def test_integers_and_masks_among_the_arguments_are_not_part_of_the_program():
    f = mg.compile(lambda x, index, mask: np.sum(x[index]) + np.sum(x, where=mask))
    x = np.array([1.0, 2.0, 4.0])
    for index, mask in (([0, 1], [True, False, False]), ([2, 2], [False, True, True])):
        assert f(x, np.array(index), np.array(mask)) == np.sum(x[index]) + np.sum(x[mask])
    assert len(f.programs) == 1


# Whose arrays


def test_inputs_are_never_written_to_and_results_are_the_callers_own():
    step = mg.compile(mg.value_and_grad(cost))
    args = example()
    before = [x.copy() for x in leaves(args)]
    first = step(*args)
    kept = [np.array(x) for x in leaves(first)]
    step(*example(seed=1))
    assert all(np.array_equal(x, y) for x, y in zip(before, leaves(args), strict=True))
    assert all(np.array_equal(x, y) for x, y in zip(leaves(first), kept, strict=True))
    for x in first[1].values():
        x[...] = np.nan  # the caller may write to them
    assert close(list(leaves(step(*args))), kept)


def test_what_is_returned_twice_is_two_arrays():
    a, b, x, v = mg.compile(lambda x: (y := x * 2, y, x, y[1:]))(np.ones(3))
    given = np.ones(3)
    a += 1
    v += 5
    assert b.tolist() == [2.0, 2.0, 2.0]
    assert not np.shares_memory(x, given)


def test_an_array_that_a_function_closes_over_is_the_programs_own():
    closed = np.ones(3)
    f = mg.compile(lambda x: x + closed)
    f(np.zeros(3))
    closed += 1
    assert f(np.zeros(3)).tolist() == [1.0, 1.0, 1.0]


def test_donated_state_is_updated_in_place_and_what_was_given_is_not():
    step = mg.compile(train, donate=0)
    params, X, Y = example()
    before = {name: p.copy() for name, p in params.items()}
    first, _ = step(params, X, Y)
    expected = train(before, X, Y)[0]
    assert close(first, expected)
    second, _ = step(first, X, Y)
    assert close(second, train(expected, X, Y)[0])
    assert all(np.array_equal(params[name], before[name]) for name in params)
    assert all(second[name] is first[name] for name in params)


def test_donated_state_may_come_from_elsewhere_in_between():
    step = mg.compile(train, donate=0)
    params, X, Y = example()
    moved = step(params, X, Y)[0]
    other = {name: p * 2 for name, p in moved.items()}
    expected = train(other, X, Y)
    assert close(step(other, X, Y), expected)


def test_donated_state_serves_programs_of_several_shapes():
    step = mg.compile(train, donate=0)
    state, X, Y = example()
    eager = state
    for m in (50, 20, 50, 20):
        state, J = step(state, X[:, :m], Y[:, :m])
        eager, expected = train(eager, X[:, :m], Y[:, :m])
        assert close((state, J), (eager, expected))


@pytest.mark.parametrize("layers", [1, 2, 3, 8])
def test_layers_of_one_shape_are_trained_as_one_by_one(layers):
    params, X, Y = deep_example(layers)
    step = mg.compile(deep_train, donate=0)
    eager = params
    for _ in range(4):
        J, params = step(params, X, Y)
        expected, eager = deep_train(eager, X, Y)
        assert close((J, params), (expected, eager), 1e-11)


def test_the_clear_program_of_a_donated_state_agrees_bit_for_bit():
    for f, args, donate in ((train, example(), 0), (deep_train, deep_example(5), 0)):
        step = mg.compile(f, donate=donate)
        fast = [np.array(x) for x in leaves(step(*args))]
        clear = list(leaves(run_text(step, *args)))
        assert all(np.array_equal(x, y) for x, y in zip(fast, clear, strict=True))


def test_a_donated_argument_must_come_back():
    with pytest.raises(TypeError, match="donate=0 says that argument 0 is state"):
        mg.compile(cost, donate=0)(*example())
    with pytest.raises((TypeError, ValueError), match="donate"):
        mg.compile(train, donate=7)(*example())


def test_a_compiled_function_may_be_called_from_several_threads():
    step = mg.compile(mg.value_and_grad(cost))
    examples = [example(seed=seed) for seed in range(8)]
    expected = [mg.value_and_grad(cost)(*args) for args in examples]
    wrong = []

    def work(i):
        wrong.extend(i for _ in range(50) if not close(step(*examples[i]), expected[i]))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# What it refuses


def test_a_branch_on_a_value_is_an_error_that_names_the_line():
    def f(x):
        if np.sum(x) > 0:
            return x
        return -x

    line = f.__code__.co_firstlineno + 1
    with pytest.raises(mg.TraceError, match=rf"in test_compile.py, line {line}"):
        mg.compile(f)(np.ones(2))


@pytest.mark.parametrize(
    "look",
    [
        bool,
        float,
        int,
        complex,
        range,
        np.asarray,
        mg.Tensor,
        lambda t: t.item(),
        lambda t: t.numpy(),
        lambda t: t.tolist(),
        lambda t: t.data,
        lambda t: [0, 1][t.astype(int)],
        lambda t: f"{t:.3f}",
    ],
)
def test_looking_at_a_value_is_refused(look):
    with pytest.raises(mg.TraceError):
        mg.compile(lambda x: x * (look(x) is None))(np.float64(1.0))


def test_backward_inside_is_refused():
    def f(x):
        x.backward()
        return x

    with pytest.raises(mg.TraceError, match="return those of"):
        mg.compile(f)(1.0)


def test_results_of_unknown_shape_are_refused():
    with pytest.raises(mg.TraceError, match="shape"):
        mg.compile(lambda x: np.nonzero(x)[0])(np.ones(3))


def test_a_function_that_is_not_the_same_every_time_is_refused():
    rng = np.random.default_rng(0)
    with pytest.raises(mg.TraceError, match=r"not the same every time.*mg.default_rng"):
        mg.compile(lambda x: x * rng.random(x.shape))(np.ones(3))
    calls = []
    with pytest.raises(mg.TraceError, match="not the same every time"):
        mg.compile(lambda x: x * len(calls) if calls.append(1) is None else x)(np.ones(3))


def test_it_is_a_decorator_with_options_and_without():
    @mg.compile
    def double(x):
        return x * 2

    @mg.compile(donate=0)
    def halve(x):
        return x / 2

    assert double(2.0) == 4.0
    assert halve(np.ones(1)).tolist() == [0.5]


def test_what_is_no_function_is_refused():
    with pytest.raises(TypeError, match="takes a function"):
        mg.compile(3)


def test_an_error_leaves_no_program_behind():
    f = mg.compile(lambda x: x if x > 0 else -x)
    for _ in range(2):
        with pytest.raises(mg.TraceError):
            f(1.0)
    with pytest.raises(ValueError, match="no program yet"):
        f.source  # noqa: B018


# Random numbers


def test_random_numbers_are_drawn_anew_and_as_in_eager_code():
    def noisy(x, rng):
        keep = rng.random(x.shape) < 0.5
        return np.sum(x * keep / 0.5) + rng.standard_normal()

    def run(compiled):
        rng = mg.default_rng(3)
        f = lambda x: noisy(x, rng)
        return [g(np.arange(5.0)) for g in [mg.compile(f) if compiled else f] for _ in range(4)]

    assert run(compiled=True) == run(compiled=False)
    assert len(set(run(compiled=True))) == 4


def test_equal_draws_are_not_merged():
    rng = mg.default_rng(0)
    assert mg.compile(lambda x: rng.random(x.shape) - rng.random(x.shape))(np.ones(2)).all()


# The text


def test_the_program_of_the_courses_two_layer_net_is_the_courses_six_formulas():
    step = mg.compile(mg.value_and_grad(cost))
    step(*example(m=400))
    lines = [line.split("#")[0].strip() for line in step.source.splitlines()]
    course = """
    Z1 = W1 @ X + b1
    A1 = np.tanh(Z1)
    Z2 = W2 @ A1 + b2
    A2 = sigmoid(Z2)
    dZ2 = (A2 - Y) / 400
    dW2 = dZ2 @ A1.T
    db2 = np.sum(dZ2, axis=1, keepdims=True)
    dA1 = W2.T @ dZ2
    dZ1 = dA1 * (1 - A1 * A1)
    dW1 = dZ1 @ X.T
    db1 = np.sum(dZ1, axis=1, keepdims=True)
    """
    for formula in course.strip().splitlines():
        assert formula.strip() in lines


def test_each_line_says_its_shape():
    step = mg.compile(cost)
    step(*example())
    body = step.source[step.source.index("def cost") :].splitlines()
    computed = [line for line in body if " = " in line and "params" not in line]
    assert computed
    assert all(re.search(r"# (\(.*\)|a number)", line) for line in computed)


def test_a_saved_program_needs_numpy_alone(tmp_path):
    step = mg.compile(mg.value_and_grad(cost))
    args = example()
    J, grads = step(*args)
    step.save(tmp_path / "step.py")
    np.savez(tmp_path / "args.npz", X=args[1], Y=args[2], **args[0])
    code = """
import sys, numpy as np
sys.modules["micrograd_nd"] = None
from step import cost
data = np.load("args.npz")
J, grads = cost({name: data[name] for name in ("W1", "b1", "W2", "b2")}, data["X"], data["Y"])
print(J.hex() if hasattr(J, "hex") else float(J).hex(), float(grads["W1"][0, 0]).hex())
"""
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == [float(J).hex(), float(grads["W1"][0, 0]).hex()]


def test_a_program_that_cannot_be_written_down_is_not_saved(tmp_path):
    cube = mg.primitive(lambda x: x * x * x, lambda g, out, x: g * 3 * x * x)
    f = mg.compile(cube)
    assert f(2.0) == 8.0
    with pytest.raises(TypeError, match="cannot be written down"):
        f.save(tmp_path / "f.py")
    assert list(tmp_path.iterdir()) == []


def test_names_that_are_taken_get_numbers():
    step = mg.compile(lambda np_, a: {"np": np_["np"] + a["np"], "return": np_["return"]})
    step({"np": np.ones(2), "return": np.ones(2)}, {"np": np.ones(2)})
    assert close(run_text(step, {"np": np.ones(2), "return": np.ones(2)}, {"np": np.ones(2)})["np"], np.full(2, 2.0))


def test_the_garbage_collector_rests_while_a_program_is_made_and_then_is_as_it_was():
    resting = []

    @mg.compile
    def f(x):
        resting.append(not gc.isenabled())
        return x * 2

    f(1.0)
    assert resting == [True, True]
    assert gc.isenabled()
