"""However a run of compiled steps ends, the model is left as by a run without, and can be used at once."""

import gc
import weakref

import numpy as np
import pytest

from micrograd_nd import nn
from micrograd_nd.nn import compiled_steps


def data(kind="classes", seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(3, 23))
    return X, rng.normal(size=(1, 23)) if kind == "numbers" else rng.integers(0, 2, (1, 23))


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 3, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


def values(model):
    return [p.numpy() for p in model.parameters()]


def assert_same_parameters(model, other):
    for p, q in zip(values(model), values(other), strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-9, atol=1e-9, strict=True)


# When it goes wrong


def diverged(learning_rate, compiled, batch_size, dtype=np.float64):
    model = nn.MLP([3, 4, 1], hidden="relu", output="linear", seed=0, dtype=dtype)
    X, Y = data(kind="numbers")
    with pytest.raises(FloatingPointError) as error:
        fit(model, X, Y, epochs=40, learning_rate=learning_rate, batch_size=batch_size, compiled=compiled)
    return model, str(error.value)


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("learning_rate", [1e3, 1e10, 1e30, 1e60, 1e100, 1e150])
def test_a_run_that_diverges_goes_back_to_where_an_uncompiled_one_does(learning_rate, batch_size):
    model, message = diverged(learning_rate, True, batch_size)
    plain, expected = diverged(learning_rate, False, batch_size)
    assert message == expected
    assert all(np.isfinite(p).all() for p in values(model))
    assert all(p.grad is None for p in model.parameters())
    for p, q in zip(values(model), values(plain), strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-6)


@pytest.mark.parametrize("steps", [1, 2, 3, 5])
def test_parameters_that_overflow_are_put_back_as_by_uncompiled_steps(steps):
    def run(compiled):
        made = []

        def optimizer(parameters, learning_rate):
            made.append(nn.SGD(parameters, learning_rate))
            return made[0]

        def metric(A, Y, calls=[]):  # noqa: B006 - counts
            calls.append(1)
            if len(calls) == steps - 1:
                made[0].learning_rate = 1e308
            return 0.0

        model = nn.MLP([1, 1], output="linear", seed=0)
        rate = 1e308 if steps == 1 else 0.01
        with pytest.raises(FloatingPointError, match=f"a parameter is no longer finite in epoch {steps}"):
            fit(
                model, [[30.0]], [[-100.0]],
                epochs=steps + 1, learning_rate=rate, metric=metric, optimizer=optimizer, compiled=compiled,
            )  # fmt: skip
        return model

    assert_same_parameters(run(True), run(False))


@pytest.mark.parametrize("call", [1, 2, 3, 6])
@pytest.mark.parametrize("batch_size", [None, 8])
def test_an_interrupt_leaves_history_and_parameters_of_the_steps_made(call, batch_size):
    def run(compiled):
        calls = []

        def interrupting(A, Y):
            calls.append(1)
            if len(calls) == call:
                raise KeyboardInterrupt
            return 0.5

        model = nn.MLP([3, 4, 1], seed=0)
        history = fit(model, *data(), metric=interrupting, batch_size=batch_size, epochs=9, compiled=compiled)
        return model, history

    (model, history), (plain, expected) = run(True), run(False)
    assert history.interrupted
    np.testing.assert_allclose(history.cost, expected.cost, rtol=1e-9)
    assert len(history) == len(expected)
    assert_same_parameters(model, plain)
    assert all(p.grad is None for p in model.parameters())
    assert model.training == plain.training
    fit(model, *data())
    fit(plain, *data(), compiled=False)
    assert_same_parameters(model, plain)


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("at", [1, 2, 5])
def test_an_interrupt_within_a_compiled_step_leaves_the_parameters_of_the_steps_before(at, batch_size, monkeypatch):
    made, seen = [], []
    compiled = compiled_steps.Compiled

    def interrupted(*args, **options):
        program = compiled(*args, **options)

        def run(state, *rest):
            made.append(1)
            seen.append([np.array(p) for p in state[0].values()])
            out = program(state, *rest)
            if len(made) == at:
                raise KeyboardInterrupt
            return out

        return run

    monkeypatch.setattr(compiled_steps, "Compiled", interrupted)
    model = nn.MLP([3, 4, 1], seed=0)
    history = fit(model, *data(), batch_size=batch_size, epochs=9, optimizer=nn.Adam)
    assert history.interrupted
    assert [p.tobytes() for p in values(model)] == [p.tobytes() for p in seen[-1]]


def test_an_error_of_a_metric_leaves_the_parameters_of_the_steps_made():
    def run(compiled):
        calls = []

        def failing(A, Y):
            calls.append(1)
            return 1.0 if len(calls) < 4 else 1 / 0

        model = nn.MLP([3, 4, 1], seed=0)
        with pytest.raises(ZeroDivisionError):
            fit(model, *data(), metric=failing, epochs=9, compiled=compiled)
        return model

    assert_same_parameters(run(True), run(False))


# Afterwards


def test_a_model_predicts_is_saved_and_differentiated_right_after(tmp_path):
    X, Y = data()
    model, plain = nn.MLP([3, 4, 1], seed=0), nn.MLP([3, 4, 1], seed=0)
    fit(model, X, Y, batch_size=8)
    fit(plain, X, Y, batch_size=8, compiled=False)
    np.testing.assert_array_equal(nn.predict(model, X), nn.predict(plain, X))
    nn.save(model, tmp_path / "model.safetensors")
    np.testing.assert_array_equal(nn.load(tmp_path / "model.safetensors")(X).numpy(), model(X).numpy())
    nn.binary_cross_entropy(model(X), Y).backward()
    assert all(p.grad is not None for p in model.parameters())


def test_the_values_of_a_model_are_its_own_and_no_later_run_changes_them():
    model = nn.MLP([3, 4, 1], seed=0)
    fit(model, *data())
    held, copies = values(model), [p.copy() for p in values(model)]
    fit(model, *data())
    assert [p.tobytes() for p in held] == [p.tobytes() for p in copies]
    assert not np.array_equal(values(model)[0], copies[0])


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_a_run_leaves_no_model_and_no_optimizer_to_the_collector():
    seen = []

    class Watched(nn.SGD):
        def __init__(self, parameters, learning_rate):
            super().__init__(parameters, learning_rate)
            seen.append(weakref.ref(self))

    model = nn.MLP([3, 4, 1], seed=0)
    seen.extend(map(weakref.ref, [*model.modules(), *model.parameters()]))
    fit(model, *data(), optimizer=Watched, batch_size=8, validation=data(seed=1))
    del model
    assert [reference() for reference in seen] == [None] * len(seen)
