"""fit weighs samples and classes: the cost that it minimises and reports is the weighted mean, whatever the batches."""

import re
from functools import partial

import numpy as np
import pytest

from micrograd_nd import nn
from micrograd_nd.nn.batches import Batches
from micrograd_nd.nn.compiled_steps import CompiledSteps
from micrograd_nd.nn.sample_weights import Weighted


def data(n_y=2, m=23, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, n_y, (1, m)), rng.integers(0, 5, m) / 2


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 1, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


def values(model):
    return [p.numpy() for p in model.parameters()]


def assert_same(one, other, rtol=1e-9):
    for p, q in zip(values(one), values(other), strict=True):
        np.testing.assert_allclose(p, q, rtol=rtol, atol=rtol, strict=True)


MODELS = {
    "sigmoid": (lambda: nn.MLP([3, 4, 1], seed=1), {}, nn.binary_cross_entropy),
    "softmax": (lambda: nn.MLP([3, 4, 2], output="softmax", seed=1), {}, nn.cross_entropy),
    "linear": (lambda: nn.MLP([3, 4, 1], output="linear", seed=1), {}, nn.mse),
    "half_mse": (lambda: nn.MLP([3, 4, 1], output="linear", seed=1), {"cost": nn.half_mse}, nn.half_mse),
    "mae": (lambda: nn.MLP([3, 4, 1], output="linear", seed=1), {"cost": nn.mae}, nn.mae),
    "huber": (lambda: nn.MLP([3, 4, 1], output="linear", seed=1), {"cost": nn.huber}, nn.huber),
    "huber of 0.5": (
        lambda: nn.MLP([3, 4, 1], output="linear", seed=1),
        {"cost": partial(nn.huber, delta=0.5)},
        partial(nn.huber, delta=0.5),
    ),
    "hinge": (lambda: nn.MLP([3, 4, 1], output="linear", seed=1), {"cost": nn.hinge}, nn.hinge),
}
every_model = pytest.mark.parametrize("name", MODELS)


@every_model
@pytest.mark.parametrize("batch_size", [None, 1, 7])
def test_the_cost_of_an_epoch_is_the_weighted_mean(name, batch_size):
    make, options, cost = MODELS[name]
    X, Y, w = data()
    model = make()
    expected = cost(model(X), Y, sample_weight=w).item()
    history = fit(model, X, Y, sample_weight=w, batch_size=batch_size, learning_rate=1e-300, **options)
    assert history.cost == [pytest.approx(expected, rel=1e-12)]


@every_model
def test_a_full_batch_step_is_one_step_of_descent_of_the_weighted_mean(name):
    make, options, cost = MODELS[name]
    X, Y, w = data()
    model, same = make(), make()
    fit(model, X, Y, sample_weight=w, **options)
    cost(same(X), Y, sample_weight=w).backward()
    for p, q in zip(model.parameters(), same.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy() - 0.3 * q.grad, rtol=1e-9, atol=1e-12)


@every_model
@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_compiled_steps_are_weighted_the_same(name, batch_size, dtype, monkeypatch):
    steps = []
    original = CompiledSteps.step
    monkeypatch.setattr(CompiledSteps, "step", lambda self, X, Y: steps.append(1) or original(self, X, Y))
    make, options, _ = MODELS[name]
    X, Y, w = data()

    def cast():
        model = make()
        for layer in model.layers[::2]:
            layer.set_parameters(layer.W.numpy(), layer.b.numpy(), dtype)
        return model

    model, plain = cast(), cast()
    options = options | {"sample_weight": w, "batch_size": batch_size, "epochs": 3}
    history, other = fit(model, X, Y, **options), fit(plain, X, Y, **options, compiled=False)
    assert len(steps) == (2 if batch_size is None else 8)
    rtol = 1e-9 if dtype is np.float64 else 1e-3
    np.testing.assert_allclose(history.cost, other.cost, rtol=rtol)
    np.testing.assert_allclose(history.metric, other.metric, rtol=rtol)
    assert_same(model, plain, rtol)
    assert {p.dtype for p in values(model)} == {np.dtype(dtype)}


@pytest.mark.parametrize("compiled", [True, False])
def test_the_scale_of_weights_does_not_matter(compiled):
    X, Y, w = data()
    one, other = (nn.MLP([3, 4, 1], seed=1) for _ in range(2))
    fit(one, X, Y, sample_weight=w, batch_size=8, epochs=3, compiled=compiled)
    fit(other, X, Y, sample_weight=1000 * w, batch_size=8, epochs=3, compiled=compiled)
    assert_same(one, other)


def test_equal_weights_change_nothing():
    X, Y, _ = data()
    one, other = (nn.MLP([3, 4, 1], seed=1) for _ in range(2))
    weighted = fit(one, X, Y, sample_weight=np.full(23, 0.5), batch_size=8, epochs=3)
    plain = fit(other, X, Y, batch_size=8, epochs=3)
    np.testing.assert_allclose(weighted.cost, plain.cost, rtol=1e-12)
    assert_same(one, other)


def test_a_batch_may_have_no_weight_at_all():
    X, Y, w = data()
    w[:] = 0
    w[3] = 2
    model = nn.MLP([3, 4, 1], seed=1)
    history = fit(model, X, Y, sample_weight=w, batch_size=1, epochs=200)
    assert nn.predict(model, X)[0, 3] == Y[0, 3]
    assert history.cost[-1] < 0.1


def test_weights_go_along_with_their_samples():
    m = 20
    X = np.arange(1.0 * m)[None]
    for size in (None, 6):
        batches = Batches(X, Weighted(X + 100, X + 200), size, np.random.default_rng(0))
        epoch = list(batches)
        assert sorted(x for X_batch, _ in epoch for x in X_batch[0]) == X[0].tolist()
        assert all(np.array_equal(X_batch + 100, Y.labels) for X_batch, Y in epoch)
        assert all(np.array_equal(X_batch + 200, Y.weights) for X_batch, Y in epoch)


# Classes


@pytest.mark.parametrize("class_weight", ["balanced", {1: 4.0}, [1.0, 2.0]], ids=repr)
@pytest.mark.parametrize("name", ["sigmoid", "softmax"])
def test_weights_of_classes_are_those_of_the_whole_training_set_in_every_batch(name, class_weight):
    make, options, cost = MODELS[name]
    X, Y, _ = data()
    Y[0, :18] = 0
    model = make()
    expected = cost(model(X), Y, class_weight=class_weight).item()
    history = fit(model, X, Y, class_weight=class_weight, batch_size=4, learning_rate=1e-300, **options)
    assert history.cost == [pytest.approx(expected, rel=1e-12)]


def test_weights_of_samples_and_classes_are_multiplied():
    X, Y, w = data()
    one, other = (nn.LogisticRegression(3) for _ in range(2))
    fit(one, X, Y, sample_weight=w, class_weight={1: 3.0}, batch_size=8)
    fit(other, X, Y, sample_weight=w * np.where(Y[0] == 1, 3.0, 1.0), batch_size=8)
    assert_same(one, other)


def test_a_module_of_ones_own_and_a_hinge_are_weighted_by_class():
    class Net(nn.Module):
        def __init__(self):
            self.inner = nn.MLP([3, 4, 1], seed=1)

        def forward(self, X):
            return self.inner(X)

    X, Y, _ = data()
    model, same = Net(), nn.MLP([3, 4, 1], seed=1)
    fit(model, X, Y, cost=nn.binary_cross_entropy, class_weight="balanced", epochs=3, batch_size=8)
    fit(same, X, Y, class_weight="balanced", epochs=3, batch_size=8)
    assert_same(model, same, rtol=1e-6)
    scores = nn.MLP([3, 1], output="linear", weights="zeros")
    assert fit(scores, X, Y, cost=nn.hinge, class_weight={0: 0.0}).cost == [pytest.approx(1)]
    assert np.all(scores.layers[0].b.numpy() > 0)


def test_a_rare_class_is_found_once_it_is_balanced():
    rng = np.random.default_rng(0)
    Y = (np.arange(200) % 20 == 0)[None] * 1
    X = rng.normal(size=(1, 200)) + 1.5 * Y
    found = {}
    for class_weight in (None, "balanced"):
        model = nn.LogisticRegression(1)
        fit(model, X, Y, class_weight=class_weight, epochs=300, learning_rate=1.0)
        counts = nn.confusion_matrix(nn.predict(model, X), Y)
        found[class_weight] = counts[1, 1] / counts[1].sum()
    assert found["balanced"] > 0.5 > found[None]


def test_balanced_logistic_regression_is_that_of_scikit_learn():
    linear_model = pytest.importorskip("sklearn.linear_model")
    rng = np.random.default_rng(0)
    Y = (np.arange(60) % 5 == 0)[None] * 1
    X = rng.normal(size=(2, 60)) + Y
    w = rng.integers(1, 4, 60) / 2
    model = nn.LogisticRegression(2)
    # lambda / 2m beside a mean, C beside a sum of weighted losses
    weights = w * np.where(Y[0] == 1, 5.0, 1.0)
    fit(model, X, Y, sample_weight=w, class_weight={1: 5.0}, l2=3.0, epochs=3000, learning_rate=1.0)
    C = 60 / (3.0 * weights.sum())
    other = linear_model.LogisticRegression(C=C, tol=1e-10).fit(X.T, Y[0], sample_weight=weights)
    np.testing.assert_allclose(model.layers[0].W.numpy(), other.coef_, rtol=1e-4)


# Costs of one's own


def test_a_cost_of_ones_own_is_given_weights_that_average_1():
    seen = []

    def cost(A, Y, sample_weight=None):
        seen.append(sample_weight)
        return np.sum(np.square(A - Y) * sample_weight) / A.shape[1]

    X, Y, w = data()
    model, same = (nn.MLP([3, 4, 1], output="linear", seed=1) for _ in range(2))
    fit(model, X, Y, cost=cost, sample_weight=w, compiled=False)
    fit(same, X, Y, sample_weight=w)
    assert seen[0].shape == (1, 23)
    assert seen[0].mean() == pytest.approx(1)
    assert_same(model, same)


def test_a_cost_of_ones_own_without_weights_is_called_as_ever():
    def cost(A, Y):
        return nn.mse(A, Y)

    X, Y, w = data()
    assert len(fit(nn.LogisticRegression(3), X, Y, cost=cost)) == 1
    with pytest.raises(TypeError, match="cost cannot be weighted: let it take a row sample_weight of shape"):
        fit(nn.LogisticRegression(3), X, Y, cost=cost, sample_weight=w)


def test_metric_and_validation_are_not_weighted():
    X, Y, w = data()
    model, same = (nn.MLP([3, 4, 1], seed=1) for _ in range(2))
    accuracy = nn.accuracy(model(X), Y)
    history = fit(model, X, Y, sample_weight=w, validation=(X, Y))
    fit(same, X, Y, sample_weight=w)
    assert history.metric == [pytest.approx(accuracy)]
    assert history.validation_cost == [pytest.approx(nn.binary_cross_entropy(same(X), Y).item(), rel=1e-12)]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sample_weight": [1.0, 2.0]}, "sample_weight must be of shape (23,) or (1, 23), a weight a sample; got (2,)"),
        ({"sample_weight": -np.ones(23)}, "sample_weight must hold finite numbers that are not negative; got -1.0"),
        ({"sample_weight": np.zeros(23)}, "the weights of the samples sum to 0.0"),
        ({"class_weight": {2: 1.0}}, "class_weight has a weight for 2, and the classes are 0 to 1"),
        ({"class_weight": "auto"}, "class_weight must be a dict, an array, or \"balanced\"; got 'auto'"),
        ({"class_weight": "balanced", "cost": nn.mse}, "class_weight needs a cost of classes"),
        ({"class_weight": "balanced", "cost": lambda A, Y: np.mean(A - Y)}, "<lambda> cannot be weighted"),
    ],
)
def test_weights_that_make_no_sense_are_told_before_anything_changes(options, message):
    model = nn.LogisticRegression(3)
    X, Y, _ = data()
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        fit(model, X, Y, **options)
    assert not any(p.any() for p in values(model))


# Hinge, and the costs of regression, as costs of fit


def test_a_hinge_finds_a_separating_line_and_is_judged_by_the_sign_of_scores():
    rng = np.random.default_rng(0)
    X = rng.normal(size=(2, 40))
    X = X[:, np.abs(X.sum(axis=0)) > 0.3]
    Y = (X.sum(axis=0, keepdims=True) > 0) * 1
    for output in ("linear", "sigmoid"):
        model = nn.MLP([2, 1], output=output, weights="zeros")
        for metric in (None, nn.accuracy):
            history = fit(model, X, Y, cost=nn.hinge, metric=metric, epochs=300, learning_rate=0.5)
            assert history.cost[-1] < 0.05
            assert history.metric[-1] == 1
        scores = model.logits(X).numpy()
        assert np.array_equal(scores > 0, Y == 1)


def test_scores_are_right_by_their_sign_however_near_to_0():
    model = nn.MLP([1, 1], output="linear", weights="zeros")
    model.layers[0].W.data = [[0.25]]
    X, Y = [[1.0, -1.0, 1.0, 1.0]], [[1, 0, 1, 0]]
    for metric in (None, nn.accuracy):
        assert fit(model, X, Y, cost=nn.hinge, metric=metric, learning_rate=1e-300).metric == [0.75]


def test_a_hinge_of_a_softmax_is_refused():
    model = nn.MLP([3, 2], output="softmax", seed=0)
    with pytest.raises(ValueError, match="is a cost of scores, and MLP ends in a softmax: use"):
        fit(model, data()[0], nn.one_hot(data()[1], 2), cost=nn.hinge)


def test_huber_is_moved_by_an_outlier_less_than_mse_and_mae_not_at_all():
    X, Y = np.zeros((1, 9)), np.array([[0.0] * 8 + [90.0]])
    centre = {}
    for cost in (nn.half_mse, nn.huber, nn.mae):
        model = nn.MLP([1, 1], output="linear", weights="zeros")
        fit(model, X, Y, cost=cost, epochs=300, learning_rate=0.1)
        centre[cost] = model.layers[0].b.item()
    assert centre[nn.half_mse] == pytest.approx(10, rel=1e-3)
    assert centre[nn.huber] == pytest.approx(1 / 8, rel=1e-3)
    assert abs(centre[nn.mae]) < 0.1
