"""A last, smaller batch is filled up: one program makes all steps, and the run is that of steps without one."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.compiled_steps import CompiledSteps
from micrograd_nd.nn.filling import COLUMN_BY_COLUMN, Filling
from micrograd_nd.nn.sample_weights import Weighted

COSTS = {
    "sigmoid": [nn.binary_cross_entropy, nn.mse, nn.hinge],
    "softmax": [nn.cross_entropy, nn.mae],
    "log_softmax": [nn.cross_entropy],
    "linear": [nn.mse, nn.half_mse, nn.huber],
}


def data(n_y=3, m=43, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(4, m)), nn.one_hot(rng.integers(0, n_y, (1, m)), n_y).astype(float)


@pytest.fixture
def made(monkeypatch):
    """What compiles the steps of each run."""
    found = []
    original = CompiledSteps.__init__
    monkeypatch.setattr(CompiledSteps, "__init__", lambda self, *args: found.append(self) or original(self, *args))
    return found


def fit(model, X, Y, **options):
    settings = {"epochs": 3, "learning_rate": 0.05, "batch_size": 8, "seed": 0, "progress": False}
    return nn.fit(model, X, Y, **settings | options)


def assert_same_runs(make, X, Y, **options):
    model, plain = make(), make()
    history, other = fit(model, X, Y, **options), fit(plain, X, Y, compiled=False, **options)
    np.testing.assert_allclose(history.cost, other.cost, rtol=1e-9)
    np.testing.assert_array_equal(history.metric, other.metric)
    for p, q in zip(model.parameters(), plain.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(("output", "cost"), [(output, cost) for output in COSTS for cost in COSTS[output]])
@pytest.mark.parametrize("weighted", [False, True])
def test_one_program_makes_the_steps_of_every_cost(made, output, cost, weighted):
    X, Y = data()
    options = {"cost": cost, "sample_weight": np.linspace(0.0, 2.0, X.shape[1]) if weighted else None}
    assert_same_runs(lambda: nn.MLP([4, 5, 3], output=output, seed=0), X, Y, **options)
    assert len(made[0].programs) == 1


@pytest.mark.parametrize("hidden", ["relu", "tanh", "gelu", "elu", "silu", "softplus", "leaky_relu"])
def test_one_program_makes_the_steps_of_every_activation_and_block(made, hidden):
    def make():
        block = nn.Residual(nn.Dense(5, 5, hidden, seed=1))
        return nn.Sequential(nn.Dense(4, 5, hidden, seed=0), block, nn.Dense(5, 3, "softmax", seed=2))

    assert_same_runs(make, *data(), l2=0.1)
    assert len(made[0].programs) == 1


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_samples_in_a_file_are_filled_too(made, tmp_path, dtype):
    X, Y = data()
    in_file = np.memmap(tmp_path / "X.bin", np.float64, "w+", shape=X.shape, order="F")
    in_file[:] = X
    model, other = (nn.MLP([4, 5, 3], output="softmax", seed=0, dtype=dtype) for _ in range(2))
    assert fit(model, in_file, Y).cost == fit(other, X, Y).cost
    assert [len(steps.programs) for steps in made] == [1, 1]


class Own(nn.Module):
    """May compute anything of a batch."""

    def forward(self, A):
        return A - np.mean(A, axis=1, keepdims=True)


@pytest.mark.parametrize("layer", [lambda: nn.BatchNorm(5), lambda: nn.Dropout(keep_prob=0.8, seed=1), Own])
def test_what_may_mix_samples_or_draw_for_them_keeps_its_smaller_batch(made, layer):
    def make():
        return nn.Sequential(nn.Dense(4, 5, "relu", seed=0), layer(), nn.Dense(5, 3, "softmax", seed=2))

    assert_same_runs(make, *data())
    assert len(made[0].programs) == 2


def test_a_cost_of_ones_own_keeps_its_smaller_batch(made):
    assert_same_runs(
        lambda: nn.MLP([4, 5, 3], output="linear", seed=0), *data(), cost=lambda A, Y: np.max((A - Y) ** 2)
    )
    assert len(made[0].programs) == 2


@pytest.mark.parametrize(("m", "batch_size", "filled"), [(43, 8, True), (41, 8, False), (40, 8, False), (12, 8, False)])
def test_batches_are_filled_where_that_makes_an_epoch_little_longer(made, m, batch_size, filled):
    fit(nn.MLP([4, 5, 3], output="softmax", seed=0), *data(m=m), batch_size=batch_size)
    assert (made[0].filling is not None) == filled


def test_the_modules_that_are_filled_compute_column_by_column():
    layers = {nn.Linear: nn.Linear(3, 3, seed=0), nn.Dense: nn.Dense(3, 3, "softmax", seed=0)}
    blocks = {nn.Sequential: nn.Sequential(nn.Tanh()), nn.Residual: nn.Residual(nn.Tanh())}
    models = {nn.MLP: nn.MLP([3, 2, 3], output="softmax", seed=0), nn.LogisticRegression: nn.LogisticRegression(3)}
    A = np.random.default_rng(0).normal(size=(3, 5))
    for kind in COLUMN_BY_COLUMN:
        module = (layers | blocks | models).get(kind) or kind()
        whole, columns = module(mg.Tensor(A)), [module(mg.Tensor(A[:, i : i + 1])) for i in range(5)]
        np.testing.assert_allclose(whole.numpy(), np.hstack([x.numpy() for x in columns]), rtol=1e-12)


@given(st.integers(1, 7), st.booleans(), st.sampled_from([np.float32, np.float64]))
def test_the_weighted_mean_of_a_filled_batch_is_that_of_its_samples(m, weighted, dtype):
    rng = np.random.default_rng(m)
    X, Y = rng.normal(size=(2, m)).astype(dtype), rng.normal(size=(3, m)).astype(dtype)
    weights = rng.uniform(size=(1, m)).astype(dtype) if weighted else None
    filled, (labels, row) = Filling(7, np.dtype(dtype)).filled(X, Y if weights is None else Weighted(Y, weights))
    assert filled.shape[1] == labels.shape[1] == row.shape[1] == 7
    assert filled.dtype == labels.dtype == row.dtype == dtype
    mean = np.mean((1 if weights is None else weights) * np.sum(X, axis=0) * np.sum(Y, axis=0))
    np.testing.assert_allclose(
        np.mean(row * np.sum(filled, axis=0) * np.sum(labels, axis=0)), mean, rtol=100 * np.finfo(dtype).eps, atol=1e-6
    )
