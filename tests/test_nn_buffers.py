"""Constant Tensors of a module are its buffers: state that is saved, loaded and carried along, and not trained."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.compiled_steps import CompiledSteps


def data(m=23, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(1.0, 2.0, (3, m)), rng.integers(0, 2, (1, m))


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 3, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


class Counting(nn.Module):
    """A model that counts its steps and samples, and remembers the largest output."""

    def __init__(self):
        self.layer = nn.Linear(3, 1, seed=1)
        self.steps = mg.Tensor(0, requires_grad=False, name="steps")
        self.samples = mg.Tensor(np.zeros((1, 1), np.float32), requires_grad=False)
        self.largest = mg.Tensor([-np.inf], requires_grad=False)
        self.never = mg.Tensor([7.0], requires_grad=False)

    def forward(self, X):
        Z = self.layer(X)
        if self.training:
            self.steps += 1
            self.samples += X.shape[1]
            self.largest[...] = np.maximum(self.largest, np.max(Z.detach()))
        return nn.sigmoid(Z) * self.never / 7


@pytest.fixture
def compiled_steps(monkeypatch):
    """The number of samples of each step that was compiled."""
    steps = []
    original = CompiledSteps.step

    def step(self, X, Y):
        result = original(self, X, Y)
        steps.append(X.shape[1])
        return result

    monkeypatch.setattr(CompiledSteps, "step", step)
    return steps


def state_of(model):
    return {name: (values.dtype, values.tolist()) for name, values in model.state_dict().items()}


def assert_same_state(model, other):
    ours, theirs = model.state_dict(), other.state_dict()
    assert list(ours) == list(theirs)
    for name, values in ours.items():
        np.testing.assert_allclose(values, theirs[name], rtol=1e-9, atol=1e-9, err_msg=name, strict=True)


# What they are


def test_constant_tensors_are_buffers_and_no_parameters():
    model = Counting()
    assert [name for name, _ in model.named_parameters()] == ["layer.W", "layer.b"]
    assert [name for name, _ in model.named_buffers()] == ["steps", "samples", "largest", "never"]
    assert [id(buffer) for buffer in model.buffers()] == [id(buffer) for _, buffer in model.named_buffers()]


def test_a_shared_buffer_is_listed_once_under_its_first_name():
    model = nn.Module()
    model.a = model.b = mg.Tensor(1.0, requires_grad=False)
    assert [name for name, _ in model.named_buffers()] == ["a"]


def test_buffers_are_part_of_the_state_that_is_given_and_taken():
    model, other = Counting(), Counting()
    model.steps.data, model.largest.data = 5, [2.0]
    other.load_state_dict(model.state_dict())
    assert state_of(other) == state_of(model)
    assert list(model.state_dict()) == ["layer.W", "layer.b", "steps", "samples", "largest", "never"]
    assert not other.steps.requires_grad


def test_a_state_without_its_buffers_is_refused():
    model = Counting()
    state = model.state_dict()
    del state["steps"]
    state["largest"] = np.zeros(2)
    with pytest.raises(ValueError, match=r"(?s)steps is missing.*largest must have shape \(1,\); got \(2,\)"):
        model.load_state_dict(state)


# In training


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("validation", [None, data(seed=1)], ids=["", "validated"])
def test_compiled_steps_change_buffers_as_uncompiled_ones_do(compiled_steps, batch_size, validation):
    model, plain = Counting(), Counting()
    options = {"cost": nn.binary_cross_entropy, "batch_size": batch_size, "validation": validation}
    history = fit(model, *data(), **options)
    other = fit(plain, *data(), **options, compiled=False)
    np.testing.assert_allclose(history.cost, other.cost, rtol=1e-9)
    assert_same_state(model, plain)
    steps = 3 if batch_size is None else 9
    assert len(compiled_steps) == steps - 1
    assert model.steps.item() == steps
    assert model.samples.item() == 69
    assert model.steps.name == "steps"
    assert not any(buffer.requires_grad for buffer in model.buffers())


def test_buffers_may_be_set_while_a_run_goes_on():
    def run(compiled):
        model = Counting()
        calls = []

        def resetting(A, Y):
            calls.append(1)
            if len(calls) == 3:
                model.steps.data = 100
            return 0.0

        fit(model, *data(), cost=nn.mse, metric=resetting, epochs=5, compiled=compiled)
        return model

    assert_same_state(run(True), run(False))


def test_neither_prediction_nor_evaluation_changes_a_buffer():
    model = nn.Sequential(Counting().eval(), nn.Sigmoid())
    before = state_of(model)
    nn.predict(model, data()[0])
    model(data()[0])
    assert state_of(model) == before


@pytest.mark.parametrize("compiled", [True, False])
def test_an_error_in_the_first_step_leaves_buffers_as_they_were(compiled):
    def failing(A, Y):
        raise ZeroDivisionError

    model = Counting()
    before = state_of(model)
    with pytest.raises(ZeroDivisionError):
        fit(model, *data(), cost=failing, compiled=compiled)
    assert state_of(model) == before


@pytest.mark.parametrize("call", [1, 2, 3])
def test_a_run_that_diverges_gives_buffers_back_with_the_parameters(call):
    def run(compiled):
        made = []

        def optimizer(parameters, learning_rate):
            made.append(nn.SGD(parameters, learning_rate))
            return made[0]

        def raising(A, Y):
            made[0].calls = getattr(made[0], "calls", 0) + 1
            if made[0].calls == call:
                made[0].learning_rate = 1e308
            return 0.0

        class Line(Counting):
            def forward(self, X):
                super().forward(X)
                return self.layer(X)

        model = Line()
        with pytest.raises(FloatingPointError):
            fit(model, *data(), cost=nn.mse, metric=raising, optimizer=optimizer, epochs=9, compiled=compiled)
        return model

    assert_same_state(run(True), run(False))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_buffer_that_is_changed_by_a_recorded_value_is_told(compiled):
    class Leaking(Counting):
        def forward(self, X):
            Z = self.layer(X)
            if self.training:
                self.largest[...] = np.max(Z)
            return Z

    model = Leaking()
    before = state_of(model)
    with pytest.raises(TypeError, match=r"the buffer largest was changed by a value that is recorded.*detach\(\)"):
        fit(model, *data(), cost=nn.mse, compiled=compiled)
    assert state_of(model) == before


# In compiled functions


def test_a_compiled_function_reads_buffers_at_every_call():
    norm = nn.BatchNorm(2).eval()
    program = mg.compile(norm)
    Z = np.array([[1.0, 2.0], [3.0, 5.0]])
    program(Z)
    norm.running_mean.data = [[1.0], [2.0]]
    norm.running_variance.data = [[4.0], [9.0]]
    np.testing.assert_allclose(program(Z), norm(Z).numpy(), rtol=1e-12)


def test_a_compiled_function_refuses_to_change_a_buffer():
    norm = nn.BatchNorm(2)
    before = state_of(norm)
    with pytest.raises(mg.TraceError, match=r"running_mean with shape \(2, 1\) is changed in place, in .*py, line"):
        mg.compile(norm)(np.ones((2, 3)))
    assert state_of(norm) == before
    assert norm(np.ones((2, 3))).shape == (2, 3)
