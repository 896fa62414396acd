"""Samples for validation are judged in pieces, which is the same as all at once, in bounded memory."""

import re
import tracemalloc
import warnings
from functools import partial

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_nd import nn
from micrograd_nd.nn import held_out
from micrograd_nd.nn.held_out import HeldOut
from micrograd_nd.nn.objective import objective


def data(m, n_y=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, n_y, (1, m))


def judged(model, X, Y, cost=None, metric=None):
    plan = objective(model, cost, metric)
    return HeldOut(model, plan, X, Y, "_val").judged(plan)


def on_disk(A, path):
    mapped = np.memmap(path, A.dtype, "w+", shape=A.shape)
    mapped[:] = A
    return mapped


@pytest.fixture
def pieces_of(monkeypatch):
    """Let pieces have so many samples, of models with 4 units at most, in double precision."""
    return lambda size: monkeypatch.setattr(held_out, "PIECE", size * 4 * 8)


def widest_sum(A, Y):
    """A cost that is no mean over the samples."""
    return np.max((A - Y) ** 2)


def hits(A, Y):
    """A metric that is no mean over the samples."""
    return float(np.sum((A > 0.5) == Y))


def network(output="sigmoid", n_y=1):
    return nn.MLP([3, 4, n_y], output=output, seed=1)


KINDS = {
    "sigmoid": (network(), {}),
    "softmax": (network("softmax", 3), {}),
    "accuracy": (network(), {"metric": nn.accuracy}),
    "mse": (network("linear"), {"cost": nn.mse}),
    "hinge": (network("linear"), {"cost": nn.hinge}),
    "huber with a delta": (network("linear"), {"cost": partial(nn.huber, delta=2)}),
    "a cost of one's own": (network(), {"cost": widest_sum}),
    "a metric of one's own": (network(), {"metric": hits}),
}


@pytest.mark.parametrize("name", list(KINDS))
@given(m=st.integers(1, 30), size=st.integers(1, 12))
@settings(max_examples=20, deadline=None)
def test_pieces_of_any_size_are_judged_as_all_at_once(name, m, size):
    model, options = KINDS[name]
    X, Y = data(m, n_y=max(2, len(model.layers[2].W)))
    whole = judged(model, X, Y, **options)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(held_out, "PIECE", size * 4 * 8)
        parts = judged(model, X, Y, **options)
    assert parts[0] == pytest.approx(whole[0], rel=1e-12)
    assert parts[1] == (whole[1] if whole[1] is None else pytest.approx(whole[1], rel=1e-12))


def test_a_penalty_is_added_once(pieces_of):
    (X, Y), histories = data(23), []
    for size in (100, 5):
        pieces_of(size)
        model = nn.MLP([3, 4, 1], seed=1)
        settings = {"epochs": 3, "learning_rate": 0.1, "seed": 0, "l2": 2.0, "l1": 1.0, "progress": False}
        histories.append(nn.fit(model, X, Y, validation=data(23, seed=1), **settings))
    np.testing.assert_allclose(histories[1].validation_cost, histories[0].validation_cost, rtol=1e-12)
    np.testing.assert_allclose(histories[1].validation_metric, histories[0].validation_metric, rtol=1e-12)


@pytest.mark.parametrize("cost", [None, widest_sum])
@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.uint8])
def test_samples_in_a_file_are_judged_as_those_in_memory(dtype, cost, pieces_of, tmp_path):
    pieces_of(5)
    X, Y = data(23)
    X = (10 * np.abs(X)).astype(dtype)
    model = nn.MLP([3, 4, 1], seed=1)
    there = on_disk(X, tmp_path / "X"), on_disk(Y, tmp_path / "Y")
    assert judged(model, *there, cost=cost) == judged(model, X, Y, cost=cost)
    assert judged(model, there[0], Y, cost=cost) == judged(model, X, Y, cost=cost)
    assert judged(model, X, there[1], cost=cost) == judged(model, X, Y, cost=cost)


def test_the_memory_does_not_grow_with_the_samples(tmp_path):
    model = nn.MLP([100, 200, 1], seed=1)
    m = 200_000
    X = np.memmap(tmp_path / "X", np.uint8, "w+", shape=(100, m))
    Y = np.memmap(tmp_path / "Y", np.uint8, "w+", shape=(1, m))
    plan = objective(model, None, None)
    tracemalloc.start()
    try:
        HeldOut(model, plan, X, Y, "_val").judged(plan)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 6 * held_out.PIECE < 200 * m * 8


def test_what_is_wrong_with_a_sample_in_a_file_is_told_before_anything_changes(pieces_of, tmp_path):
    pieces_of(5)
    X, Y = data(23)
    X[1, 13] = np.nan
    model = nn.MLP([3, 4, 1], seed=1)
    before = model.state_dict()
    settings = {"epochs": 3, "learning_rate": 0.1, "seed": 0, "progress": False}
    message = "X_val[:, 10:15] holds nan in row 1 (feature), column 3 (sample)"
    with pytest.raises(ValueError, match=re.escape(message)):
        nn.fit(model, *data(23), validation=(on_disk(X, tmp_path / "X"), Y), **settings)
    wrong = on_disk(Y.repeat(2, axis=0)[:, :22], tmp_path / "Y")
    with pytest.raises(ValueError, match="Y_val must have a column for each of the 23 samples"):
        nn.fit(model, *data(23), validation=(data(23)[0], wrong), **settings)
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])


def test_an_infinite_cost_of_one_piece_is_that_of_all(pieces_of):
    pieces_of(5)
    X, Y = data(23)
    model = nn.MLP([3, 4, 1], output="linear", seed=1)
    X[:, 7] = 1e308
    with np.errstate(over="ignore"):
        cost, _ = judged(model, X, Y.astype(float))
    assert cost == np.inf


def test_samples_are_judged_in_evaluation(pieces_of):
    pieces_of(5)
    norm = nn.BatchNorm(3)
    model = nn.Sequential(norm, nn.Dropout(keep_prob=0.5), nn.Dense(3, 1, "sigmoid", seed=1))
    assert judged(model, *data(21)) == judged(model, *data(21))
    assert norm.training
    np.testing.assert_array_equal(norm.running_mean.numpy(), 0)


class Halves:
    """Samples in two batches, made anew each time."""

    def __init__(self, X, Y):
        self.X, self.Y = X, Y

    def __iter__(self):
        half = self.X.shape[1] // 3
        yield self.X[:, :half], self.Y[:, :half]
        yield self.X[:, half:], self.Y[:, half:]


def trained(validation, **options):
    X, Y = data(30)
    settings = {"epochs": 3, "learning_rate": 0.5, "seed": 0, "progress": False}
    return nn.fit(network(), X, Y, validation=validation, **settings, **options)


@pytest.mark.parametrize("batches", [Halves, lambda X, Y: list(Halves(X, Y)), lambda X, Y: tuple(Halves(X, Y))])
@pytest.mark.parametrize("metric", [None, hits])
def test_validation_by_batches_is_validation_by_all_their_samples(batches, metric):
    X, Y = data(50, seed=1)
    whole, given = trained((X, Y), metric=metric), trained(batches(X, Y), metric=metric)
    assert np.allclose(given.validation_cost, whole.validation_cost, rtol=1e-14)
    assert np.allclose(given.validation_metric, whole.validation_metric, rtol=1e-14)
    assert given.cost == whole.cost


def test_a_single_batch_in_a_list_is_no_pair():
    X, Y = data(50, seed=1)
    assert trained([(X, Y)]).validation_cost == trained((X, Y)).validation_cost


def test_a_pair_of_two_samples_in_lists_is_no_pair_of_batches():
    X, Y = data(2, seed=1)
    assert trained([X.tolist(), Y.tolist()]).validation_cost == trained((X, Y)).validation_cost


@pytest.mark.parametrize(
    ("validation", "error", "message"),
    [
        ([(data(4)[0], data(4)[1]), (data(4)[0] * np.nan, data(4)[1])], ValueError, "validation batch 2: X holds nan"),
        ([(data(4)[0].T, data(4)[1])], ValueError, "validation batch 1: layer 1: W1 is (4, 3) and needs X"),
        ([(*data(4), 1)], TypeError, "validation batch 1 must be a pair (X, Y); got 3 things"),
        ([], ValueError, "there is no validation batch in the list that was given"),
        (iter([data(4)]), TypeError, "a list_iterator can be gone through only once"),
        (
            (*data(4), np.ones(4)),
            TypeError,
            "validation must be a pair (X_val, Y_val), or batches, an iterable of such",
        ),
        (0.2, TypeError, "such pairs; got float"),
        ({"X": 1}, TypeError, "such pairs; got dict"),
    ],
)
def test_what_no_model_can_be_judged_by_is_told_before_anything_changes(validation, error, message):
    model = network()
    before = model.state_dict()
    with pytest.raises(error, match=re.escape(message)):
        nn.fit(model, *data(30), validation=validation, epochs=1, learning_rate=1.0, seed=0, progress=False)
    assert all(np.array_equal(values, before[name]) for name, values in model.state_dict().items())


def test_early_stopping_goes_by_validation_batches():
    X, Y = data(50, seed=1)
    stopping = nn.EarlyStopping(patience=1)
    history = trained(Halves(X, Y), callbacks=[stopping])
    assert stopping.best == min(history.validation_cost)


def test_a_model_that_has_gone_astray_is_judged_without_warnings():
    model = nn.MLP([3, 4, 4, 1], output="linear", weights=lambda rng, shape: np.full(shape, 1e200))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        cost, _ = judged(model, *data(5))
    assert not np.isfinite(cost)
