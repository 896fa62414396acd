"""Penalties are those of the course, on weights and not on biases, and fit minimises and reports them with the cost."""

import re

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn


def data(n_x=3, m=24, seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_x, m))
    return X, (X[:1] + 0.5 * rng.normal(size=(1, m)) > 0) * 1


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 1, "learning_rate": 0.1, "seed": 0, "progress": False} | options)


def mlp(**options):
    return nn.MLP([3, 4, 1], **{"hidden": "tanh", "seed": 1} | options)


def weights(model):
    return [p.numpy() for p in model.parameters() if p.name.startswith("W")]


def values(model):
    return [p.numpy() for p in model.parameters()]


def with_biases(model):
    """Give biases values, so that it shows whether they are counted."""
    for p in model.parameters():
        if p.name.startswith("b"):
            p.data = np.full(p.shape, 3.0)
    return model


# What they are


def test_l2_is_half_the_sum_of_all_squared_weights_times_the_strength():
    model = with_biases(mlp())
    expected = 0.7 / 2 * sum(np.sum(W**2) for W in weights(model))
    np.testing.assert_allclose(nn.l2(model, 0.7).item(), expected, rtol=1e-12)


def test_l1_is_the_sum_of_all_magnitudes_of_weights_times_the_strength():
    model = with_biases(mlp())
    expected = 0.7 * sum(np.sum(np.abs(W)) for W in weights(model))
    np.testing.assert_allclose(nn.l1(model, 0.7).item(), expected, rtol=1e-12)


def test_the_derivative_of_l2_is_the_weight_times_the_strength():
    model = with_biases(mlp())
    nn.l2(model, 0.7).backward()
    for p in model.parameters():
        if p.name.startswith("W"):
            np.testing.assert_allclose(p.grad, 0.7 * p.numpy(), rtol=1e-12)
        else:
            assert p.grad is None


def test_the_derivative_of_l1_is_the_sign_of_the_weight_times_the_strength_and_0_at_0():
    model = nn.LogisticRegression(3)
    model.layers[0].W.data = [[-2.0, 0.0, 3.0]]
    nn.l1(model, 0.5).backward()
    assert model.layers[0].W.grad.tolist() == [[-0.5, 0.0, 0.5]]


@pytest.mark.parametrize("penalty", [nn.l1, nn.l2])
def test_biases_are_included_where_asked_for(penalty):
    model = with_biases(mlp())
    of_biases = {nn.l1: 3.0, nn.l2: 4.5}[penalty] * 5
    np.testing.assert_allclose((penalty(model, 1, biases=True) - penalty(model, 1)).item(), of_biases, rtol=1e-12)


class Recurrent(nn.Module):
    """Parameters with the names that networks give them."""

    def __init__(self):
        for name in ("W", "Wf", "U", "B", "scale", "basis", "bilinear"):
            setattr(self, name, mg.Tensor([1.0]))
        for name in ("b", "b2", "bf", "b_out", "bias", "bias_1", "beta", "beta2", "gamma", "gamma1"):
            setattr(self, name, mg.Tensor([1.0]))
        self.by_name = {"W1": mg.Tensor([1.0]), "b1": mg.Tensor([1.0])}
        self.biases = [mg.Tensor([1.0]), mg.Tensor([1.0])]
        self.matrices = (mg.Tensor([1.0]),)


def test_biases_and_normalisation_are_told_by_the_names_that_lead_to_them():
    model = Recurrent()
    nn.l1(model, 1).backward()
    penalised = [path for path, p in model.named_parameters() if p.grad is not None]
    assert penalised == ["W", "Wf", "U", "B", "scale", "basis", "bilinear", "by_name.W1", "matrices.0"]


def test_a_weight_that_several_layers_share_counts_once():
    model = nn.Sequential(nn.Linear(2, 2, seed=0), nn.Linear(2, 2, seed=1))
    model.layers[1].W = model.layers[0].W
    np.testing.assert_allclose(nn.l2(model, 2).item(), np.sum(model.layers[0].W.numpy() ** 2), rtol=1e-12)


@pytest.mark.parametrize("penalty", [nn.l1, nn.l2])
def test_penalties_of_float32_weights_are_float32(penalty):
    model = mlp(dtype=np.float32)
    J = penalty(model, 0.1)
    J.backward()
    assert J.dtype == model.layers[0].W.grad.dtype == np.float32


@pytest.mark.parametrize(
    ("strength", "message"),
    [
        (-1, "the strength of a penalty must not be negative; got -1.0"),
        (np.nan, "the strength must be a finite number; got nan"),
        ("0.1", "the strength must be a number; got '0.1'"),
        (None, "the strength must be a number; got None"),
    ],
)
@pytest.mark.parametrize("penalty", [nn.l1, nn.l2])
def test_what_is_no_strength_is_refused(penalty, strength, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        penalty(mlp(), strength)


class Shift(nn.Module):
    def __init__(self):
        self.b = mg.Tensor(np.zeros((1, 1)))

    def forward(self, X):
        return np.sum(X, axis=0, keepdims=True) + self.b


def test_a_model_without_weights_cannot_be_penalised_unseen():
    with pytest.raises(ValueError, match=r"Shift has no weights to penalise: its parameters are b, and names such as"):
        nn.l2(Shift(), 0.1)
    with pytest.raises(ValueError, match="Tanh has no weights to penalise: its parameters are none"):
        nn.l1(nn.Tanh(), 0.1)
    with pytest.raises(ValueError, match="Shift has no weights to penalise"):
        fit(Shift(), *data(), cost=nn.mse, l2=0.1)
    assert nn.l2(Shift(), 1, biases=True).item() == 0


# In training


@pytest.mark.parametrize("compiled", [True, False])
def test_the_reported_cost_is_that_of_the_course_with_lambda_over_2_m(compiled):
    X, Y = data()
    model = with_biases(mlp())
    J = nn.binary_cross_entropy(model(X), Y).item() + 0.7 / (2 * 24) * sum(np.sum(W**2) for W in weights(model))
    assert fit(model, X, Y, l2=0.7, compiled=compiled).cost == [pytest.approx(J, rel=1e-12)]


def test_l1_is_over_m():
    X, Y = data()
    model = mlp()
    J = nn.binary_cross_entropy(model(X), Y).item() + 0.7 / 24 * sum(np.sum(np.abs(W)) for W in weights(model))
    assert fit(model, X, Y, l1=0.7).cost == [pytest.approx(J, rel=1e-12)]


def test_a_step_moves_weights_by_the_penalty_too():
    X, Y = data()
    model, plain = mlp(), mlp()
    before = {p.name: p.numpy() for p in model.parameters()}
    fit(model, X, Y, l2=0.7, l1=0.2)
    fit(plain, X, Y)
    for p, q in zip(model.parameters(), plain.parameters(), strict=True):
        W = before[p.name]
        pull = 0.1 * (0.7 * W + 0.2 * np.sign(W)) / 24 if p.name.startswith("W") else 0.0
        np.testing.assert_allclose(p.numpy(), q.numpy() - pull, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("options", [{"l2": 3.0}, {"l1": 0.5}, {"l2": 2.0, "l1": 0.5}], ids=repr)
@pytest.mark.parametrize("batch_size", [None, 7])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_compiled_steps_are_penalised_the_same(options, batch_size, dtype):
    X, Y = data()
    model, plain = mlp(dtype=dtype), mlp(dtype=dtype)
    held_out = data(seed=1)
    options = options | {"epochs": 4, "batch_size": batch_size, "validation": held_out}
    history, other = fit(model, X, Y, **options), fit(plain, X, Y, **options, compiled=False)
    rtol = 1e-9 if dtype is np.float64 else 1e-4
    np.testing.assert_allclose(history.cost, other.cost, rtol=rtol)
    np.testing.assert_allclose(history.validation_cost, other.validation_cost, rtol=rtol)
    for p, q in zip(values(model), values(plain), strict=True):
        np.testing.assert_allclose(p, q, rtol=rtol, atol=rtol, strict=True)


def test_the_validation_cost_is_penalised_as_that_of_training_is():
    X, Y = data()
    model = mlp()
    history = fit(model, X, Y, l2=5.0, validation=(X, Y))
    J = nn.binary_cross_entropy(model(X), Y).item() + nn.l2(model, 5.0 / 24).item()
    assert history.validation_cost == [pytest.approx(J, rel=1e-12)]


def test_batches_of_any_size_have_the_optimum_of_the_whole():
    """The mean of the gradients of all batches is that of the whole, penalty included."""
    X, Y = data()
    moved = {}
    for size in (24, 6, 1):
        sums = [np.zeros(p.shape) for p in mlp().parameters()]
        for start in range(0, 24, size):
            model = mlp()
            columns = slice(start, start + size)
            J = nn.binary_cross_entropy(model(X[:, columns]), Y[:, columns]) + nn.l2(model, 4.0 / 24)
            J.backward()
            sums = [total + p.grad * size / 24 for total, p in zip(sums, model.parameters(), strict=True)]
        moved[size] = sums
    for size in (6, 1):
        for g, whole in zip(moved[size], moved[24], strict=True):
            np.testing.assert_allclose(g, whole, rtol=1e-9, atol=1e-12)
    # fit reports the cost of the whole, too, where the rate moves nothing to speak of.
    costs = [fit(mlp(), X, Y, l2=4.0, batch_size=size, learning_rate=1e-300).cost[0] for size in (24, 6, 5, 1)]
    np.testing.assert_allclose(costs, costs[0], rtol=1e-12)


def test_l2_makes_ridge_regression_of_least_squares():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 40)), rng.normal(size=(1, 40))
    model = nn.MLP([3, 1], output="linear", weights="zeros")
    fit(model, X, Y, cost=nn.half_mse, l2=10.0, epochs=400, learning_rate=0.5)
    ridge = linear_model.Ridge(alpha=10.0).fit(X.T, Y[0])
    np.testing.assert_allclose(model.layers[0].W.numpy()[0], ridge.coef_, rtol=1e-6)
    np.testing.assert_allclose(model.layers[0].b.item(), ridge.intercept_, rtol=1e-6)


def test_l2_makes_the_regularised_logistic_regression_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    X, Y = data(m=60)
    model = nn.LogisticRegression(3)
    fit(model, X, Y, l2=2.0, epochs=2000, learning_rate=1.0)
    other = linear_model.LogisticRegression(C=1 / 2.0, tol=1e-10).fit(X.T, Y[0])
    np.testing.assert_allclose(model.layers[0].W.numpy(), other.coef_, rtol=1e-4)
    np.testing.assert_allclose(model.layers[0].b.item(), other.intercept_[0], rtol=1e-4, atol=1e-6)


def test_more_l2_leaves_smaller_weights():
    norms = []
    for strength in (0.0, 1.0, 10.0):
        model = mlp()
        fit(model, *data(), l2=strength, epochs=100, learning_rate=0.5)
        norms.append(sum(np.sum(W**2) for W in weights(model)))
    assert norms[0] > norms[1] > norms[2]


@pytest.mark.parametrize("name", ["l2", "l1"])
@pytest.mark.parametrize("strength", [-0.1, np.inf, "0.7", True])
def test_fit_refuses_what_is_no_strength_before_anything_changes(name, strength):
    model = mlp()
    with pytest.raises((TypeError, ValueError), match=rf"^{name} (of a penalty )?must (not )?be"):
        fit(model, *data(), **{name: strength})
    assert all(np.array_equal(p, q) for p, q in zip(values(model), values(mlp()), strict=True))


@pytest.mark.parametrize("compiled", [True, False])
def test_a_cost_that_reaches_no_parameter_is_told_although_the_penalty_does(compiled):
    with pytest.raises(ValueError, match="no parameter got a gradient, so there is nothing to train"):
        fit(mlp(), *data(), cost=lambda A, Y: np.sum(mg.Tensor(Y) ** 2), l2=1.0, compiled=compiled)


def test_a_cost_that_returns_no_tensor_is_told_although_the_penalty_is_one():
    with pytest.raises(TypeError, match="a cost must return a 0-d Tensor"):
        fit(mlp(), *data(), cost=lambda A, Y: 1.0, l2=1.0)
