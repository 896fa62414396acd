"""A run that goes astray says in which epoch and batch, and which layer was the first to give what is not finite."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 9, "learning_rate": 0.1, "seed": 0, "progress": False} | options)


def values(model):
    return [p.numpy().tolist() for p in model.parameters()]


class Exploding(nn.Module):
    """Gives what is not finite for samples that are greater than 5."""

    def forward(self, A):
        return np.where(A > 5, np.nan, A)


compiled_or_not = pytest.mark.parametrize("compiled", [True, False])


def ended(model, X, Y, **options):
    with pytest.raises(FloatingPointError) as error:
        fit(model, X, Y, **options)
    return str(error.value)


@compiled_or_not
@pytest.mark.parametrize("bad", [0, 4, 9])
def test_epoch_batch_and_layer_are_told(bad, compiled):
    X = np.ones((1, 10))
    X[0, bad] = 9
    model = nn.Sequential(Exploding(), nn.Linear(1, 2, seed=0), nn.Tanh(), nn.Linear(2, 1, seed=1))
    message = ended(model, [(X[:, i : i + 1], X[:, :1]) for i in range(10)], None, compiled=compiled)
    assert f"the cost became nan in epoch 1, batch {bad + 1}. Try a smaller learning rate than 0.1" in message
    assert "The first output that is not finite is that of layers.0, Exploding(). The parameters are those" in message


@compiled_or_not
def test_a_layer_is_named_also_in_a_later_epoch_and_the_parameters_are_those_before(compiled):
    seen = []

    def look(training):
        seen.append(values(training.model))
        if training.epoch == 3:
            training.optimizer.learning_rate = 100.0

    model = nn.Sequential(nn.Linear(1, 1, weights="zeros"), Exploding())
    message = ended(model, [[1.0]], [[4.0]], learning_rate=0.1, cost=nn.mse, callbacks=[look], compiled=compiled)
    assert "the cost became nan in epoch 5." in message
    assert "that of layers.1, Exploding()." in message
    assert values(model) == seen[2]


def test_a_layer_inside_another_is_named_by_its_path():
    inner = nn.Sequential(nn.Linear(1, 1, weights="zeros"), Exploding())
    model = nn.Sequential(nn.Linear(1, 1, weights="zeros"), inner, nn.Linear(1, 1, seed=0))
    inner.layers[0].b.data = [[9.0]]
    assert "that of layers.1.layers.1, Exploding()." in ended(model, [[1.0]], [[1.0]])


def test_a_module_of_ones_own_is_named_by_itself():
    class Broken(nn.Module):
        def __init__(self):
            self.W = mg.Tensor([[1.0]])

        def forward(self, X):
            return self.W * X * np.nan

    assert "that of Broken(W=Tensor(1, 1))." in ended(Broken(), [[1.0]], [[1.0]], cost=nn.mse)


@compiled_or_not
def test_a_cost_that_is_not_finite_of_finite_outputs_is_told(compiled):
    message = ended(nn.LogisticRegression(1), [[1.0]], [[1.0]], cost=lambda A, Y: np.sum(A) * np.inf, compiled=compiled)
    assert "Every output is finite, so that it is the cost that is not. The parameters" in message


def test_a_model_that_cannot_be_run_once_more_is_told_of_all_the_same():
    class Once(nn.Module):
        def __init__(self):
            self.W, self.calls = mg.Tensor([[1.0]]), []

        def forward(self, X):
            self.calls.append(1)
            if len(self.calls) > 2:
                raise ZeroDivisionError
            return self.W * X

    message = ended(Once(), [[1.0]], [[1.0]], cost=lambda A, Y: np.sum(A) * np.nan)
    assert message.startswith("the cost became nan in epoch 1. Try")


def test_modules_are_left_as_they_were():
    model = nn.Sequential(nn.Linear(1, 1, seed=0), Exploding())
    forward = model.layers[1].forward = Exploding().forward
    model.train()
    before = [set(vars(part)) for part in model.modules()]
    ended(model, [[1e9]], [[1.0]], learning_rate=1e-12, cost=lambda A, Y: np.sum(A) * np.nan)
    assert [set(vars(part)) for part in model.modules()] == before
    assert model.layers[1].forward == forward
