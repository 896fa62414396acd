"""Samples that stay in a file, and batches that are made elsewhere, train a model as samples in memory do."""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from micrograd_nd import nn
from micrograd_nd.nn import out_of_core
from micrograd_nd.nn.batches import Batches
from micrograd_nd.nn.out_of_core import is_large


def data(n_y=2, m=23, seed=0, dtype=np.float64):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)).astype(dtype), rng.integers(0, n_y, (1, m))


def fit(model, *samples, **options):
    return nn.fit(model, *samples, **{"epochs": 3, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


def network(dtype=np.float64):
    return nn.MLP([3, 4, 1], seed=1, dtype=dtype)


def bits(model):
    return [p.numpy().tobytes() for p in model.parameters()]


def on_disk(A, path, order="C"):
    """Write an array to a file, and map it."""
    mapped = np.memmap(path, A.dtype, "w+", shape=A.shape, order=order)
    mapped[:] = A
    mapped.flush()
    return np.memmap(path, A.dtype, "r", shape=A.shape, order=order)


def assert_same_run(make, one, other, **options):
    models = make(), make()
    histories = [fit(model, *samples, **options) for model, samples in zip(models, (one, other), strict=True)]
    assert histories[0].cost == histories[1].cost
    assert histories[0].metric == histories[1].metric
    assert bits(models[0]) == bits(models[1])


# Samples in a file


@given(
    st.integers(1, 30),
    st.integers(1, 12),
    st.sampled_from("CF"),
    st.sampled_from([np.float32, np.float64, np.uint8]),
    st.sampled_from([np.float32, np.float64]),
)
@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_samples_in_a_file_train_with_the_bits_of_samples_in_memory(tmp_path, m, size, order, stored, dtype):
    X, Y = data(m=m)
    X = (20 + 10 * X).clip(0).astype(stored)
    mapped = on_disk(X, tmp_path / "X", order), on_disk(Y, tmp_path / "Y", order)
    assert_same_run(lambda: network(dtype), (X, Y), mapped, batch_size=size, learning_rate=1e-3, epochs=2)


OUTPUTS = {
    "sigmoid": (network, lambda Y: Y % 2, {}),
    "softmax": (lambda: nn.MLP([3, 4, 3], output="softmax", seed=1), lambda Y: Y, {}),
    "one-hot": (lambda: nn.MLP([3, 4, 3], output="softmax", seed=1), lambda Y: nn.one_hot(Y, 3), {}),
    "linear": (lambda: nn.MLP([3, 4, 1], output="linear", seed=1), lambda Y: Y / 7, {}),
    "mine": (lambda: nn.MLP([3, 4, 1], seed=1), lambda Y: Y / 7, {"cost": lambda A, Y: np.mean((A - Y) ** 4)}),
}


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", list(OUTPUTS))
def test_labels_of_every_kind_may_lie_in_a_file(name, compiled, tmp_path):
    make, form, options = OUTPUTS[name]
    X, Y = data(3)
    Y = form(Y)
    mapped = on_disk(X, tmp_path / "X"), on_disk(Y, tmp_path / "Y")
    assert_same_run(make, (X, Y), mapped, batch_size=8, compiled=compiled, **options)


@pytest.mark.parametrize("which", ["X", "Y", "both"])
@pytest.mark.parametrize(
    "options",
    [
        {"sample_weight": np.arange(23) / 7},
        {"class_weight": "balanced"},
        {"class_weight": {1: 3.0}, "sample_weight": np.arange(23) / 7},
        {"l2": 0.5, "l1": 0.1, "optimizer": nn.Adam},
        {"validation": data(seed=3)},
    ],
    ids="-".join,
)
def test_weights_penalties_and_validation_are_the_same_for_samples_in_a_file(options, which, tmp_path):
    X, Y = data()
    mapped = (
        on_disk(X, tmp_path / "X") if which != "Y" else X,
        on_disk(Y, tmp_path / "Y") if which != "X" else Y,
    )
    assert_same_run(network, (X, Y), mapped, batch_size=8, **options)


def test_a_run_on_samples_in_a_file_goes_on_from_a_checkpoint(tmp_path):
    mapped = on_disk(data()[0], tmp_path / "X"), on_disk(data()[1], tmp_path / "Y")
    whole, model = network(), network()
    fit(whole, *mapped, batch_size=8, epochs=5)
    fit(network(), *mapped, batch_size=8, epochs=2, callbacks=[nn.Checkpoint(tmp_path / "run")])
    fit(model, *data(), batch_size=8, epochs=5, resume=tmp_path / "run")
    assert bits(whole) == bits(model)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_file_is_never_copied_whole(order, dtype, tmp_path):
    m = 40_000
    X = on_disk(np.ones((32, m), dtype), tmp_path / "X", order)
    Y = on_disk(np.ones((1, m)), tmp_path / "Y", order)
    model = nn.MLP([32, 4, 1], seed=0)
    fit(model, X[:, :64], Y[:, :64], batch_size=64)
    tracemalloc.start()
    try:
        fit(model, X, Y, batch_size=64, epochs=1)
        assert tracemalloc.get_traced_memory()[1] < X.nbytes / 4
    finally:
        tracemalloc.stop()


def test_an_array_above_the_documented_size_stays_where_it_is(monkeypatch):
    made = []
    monkeypatch.setattr(Batches, "__init__", lambda *_: made.append(1))
    monkeypatch.setattr(out_of_core, "LARGE", 23 * 3 * 8 - 1)
    fit(network(), *data(), batch_size=8)
    assert made == []


def test_what_lies_in_a_file_is_found_behind_views(tmp_path):
    X = on_disk(data()[0], tmp_path / "X")
    for view in (X, X[:, ::2], X.T, np.asarray(X), np.asarray(X)[1:], X.reshape(-1)):
        assert is_large(view)
    for other in (data()[0], np.array(X), X + 0.0, [[1.0]], 3, None):
        assert isinstance(other, np.memmap) or not is_large(other)


def test_without_batches_a_file_is_one_batch(tmp_path):
    mapped = on_disk(data()[0], tmp_path / "X"), on_disk(data()[1], tmp_path / "Y")
    assert_same_run(network, data(), mapped)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_a_sample_that_is_not_finite_is_told_by_its_own_number_when_its_turn_comes(bad, tmp_path):
    X, Y = data()
    X[1, 17] = bad
    model = network()
    with pytest.raises(ValueError, match=re.escape(f"X[:, 17:18] holds {bad} in row 1 (feature), column 0 (sample)")):
        fit(model, on_disk(X, tmp_path / "X"), Y, batch_size=4)
    assert np.isfinite([p.numpy().sum() for p in model.parameters()]).all()


def test_a_label_that_is_none_is_told_by_its_own_number(tmp_path):
    X, Y = data()
    Y[0, 11] = 2
    with pytest.raises(ValueError, match=re.escape("labels must be 0 or 1; Y[:, 11:12] holds 2 in row 0, column 0")):
        fit(network(), on_disk(X, tmp_path / "X"), on_disk(Y, tmp_path / "Y"), batch_size=4)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        (lambda X, Y: (X.T, Y), "W1 is (4, 3) and needs X of shape (3, m); got (23, 1)"),
        (lambda X, Y: (X[0], Y), "X must be a matrix with a sample a column; got shape (23,)"),
        (lambda X, Y: (X, Y[:, :5]), "Y must have a column for each of the 23 samples; its shape is (1, 5)"),
        (lambda X, Y: (X, Y.T), "Y must have a column for each of the 23 samples; its shape is (23, 1); did you mean"),
        (lambda X, Y: (X, Y[0]), "Y must be a matrix with a sample a column; got shape (23,)"),
        (lambda X, Y: (X[:, :0], Y), "X is empty: its shape is (3, 0)"),
    ],
)
def test_shapes_that_do_not_fit_are_told_before_anything_changes(change, message, tmp_path):
    model = network()
    X, Y = change(on_disk(data()[0], tmp_path / "X"), on_disk(data()[1], tmp_path / "Y"))
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(model, X, Y, batch_size=8)
    assert bits(model) == bits(network())


# Batches that are made elsewhere


class Loader:
    """Batches in an order of its own, as loaders of other packages give them."""

    def __init__(self, X, Y, size, seed=0):
        self.batches = Batches(X, Y, size, np.random.default_rng(seed))
        self.rng = self.batches.generator

    def __iter__(self):
        for X, Y in self.batches:
            yield [X.copy(), Y.copy()]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("size", [1, 8, 24])
def test_batches_that_are_given_train_with_the_bits_of_the_same_batches_made_here(size, compiled):
    X, Y = data(m=24)
    one, other = network(), network()
    expected = fit(one, X, Y, batch_size=size, compiled=compiled)
    history = fit(other, Loader(X, Y, size), compiled=compiled)
    assert history.cost == expected.cost
    assert history.metric == expected.metric
    assert bits(one) == bits(other)


def test_a_smaller_batch_that_is_given_is_not_filled_and_trains_alike():
    X, Y = data(m=23)
    one, other = network(), network()
    fit(one, X, Y, batch_size=8)
    fit(other, Loader(X, Y, 8))
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-12)


def test_a_list_of_batches_is_gone_through_in_every_epoch():
    X, Y = data()
    batches = [(X[:, :9], Y[:, :9]), (X[:, 9:], Y[:, 9:])]
    model, same = network(), network()
    history = fit(model, batches, epochs=2)
    fit(same, batches * 2, epochs=1)
    np.testing.assert_allclose(history.cost[0], fit(network(), batches, epochs=1).cost[0])
    assert bits(model) == bits(same)


def test_cost_and_metric_are_means_over_samples_also_of_batches_that_are_given():
    X, Y = data()
    model = network()
    expected = nn.binary_cross_entropy(model(X), Y).item(), nn.accuracy(model(X), Y)
    history = fit(model, [(X[:, :20], Y[:, :20]), (X[:, 20:], Y[:, 20:])], epochs=1, learning_rate=1e-300)
    np.testing.assert_allclose((history.cost[0], history.metric[0]), expected, rtol=1e-12)


def test_a_penalty_is_divided_by_the_number_of_all_samples():
    X, Y = data()
    one, other = network(), network()
    fit(one, X, Y, batch_size=8, l2=3.0)
    fit(other, Loader(X, Y, 8, seed=0).batches, l2=3.0, epochs=1)
    expected = fit(network(), X, Y, epochs=1, learning_rate=1e-300, l2=3.0).cost
    given = fit(network(), [(X[:, :9], Y[:, :9]), (X[:, 9:], Y[:, 9:])], epochs=1, learning_rate=1e-300, l2=3.0).cost
    np.testing.assert_allclose(given, expected, rtol=1e-12)


def test_batches_of_float64_train_a_float32_model_in_float32():
    X, Y = data(m=24)
    one, other = network(np.float32), network(np.float32)
    fit(one, X.astype(np.float32), Y, batch_size=8)
    fit(other, Loader(X, Y, 8))
    assert bits(one) == bits(other)
    assert {p.dtype for p in other.parameters()} == {np.dtype(np.float32)}


@pytest.mark.parametrize("compiled", [True, False])
def test_a_run_on_given_batches_goes_on_with_the_generator_that_they_are_drawn_from(compiled, tmp_path):
    X, Y = data()
    whole, model = network(), network()
    fit(whole, Loader(X, Y, 8), epochs=5, compiled=compiled)
    path = tmp_path / "run"
    fit(network(), Loader(X, Y, 8), epochs=2, callbacks=[nn.Checkpoint(path)], compiled=compiled)
    history = fit(model, Loader(X, Y, 8), epochs=5, resume=path, compiled=compiled)
    assert len(history) == 5
    assert bits(whole) == bits(model)


def test_the_bar_is_shown_whether_or_not_the_number_of_batches_is_known(capsys):
    X, Y = data()
    for batches in ([(X, Y)], Loader(X, Y, 8)):
        fit(network(), batches, epochs=2, progress=True)
        assert "2/2 cost=" in capsys.readouterr().err


class OnlyOnce:
    """What looks as if it could be gone through again, and cannot."""

    def __init__(self, batches):
        self.left = iter(batches)

    def __iter__(self):
        return iter(list(self.left))


X3, Y3 = data()


@pytest.mark.parametrize(
    ("batches", "options", "message"),
    [
        ((pair for pair in [(X3, Y3)]), {}, "a generator can be gone through only once: give a list, or an object who"),
        (
            X3,
            {},
            "or batches, an iterable of pairs (X, Y); got ndarray",
        ),
        (None, {}, "got NoneType without labels"),
        ([], {}, "there is no batch in the list that was given"),
        ([X3], {}, "batch 1 must be a pair (X, Y); got ndarray"),
        ([(X3, Y3), (X3, Y3, Y3)], {}, "batch 2 must be a pair (X, Y); got 3 things"),
        ([(X3, Y3), (X3, Y3 + 1)], {}, "batch 2: labels must be 0 or 1; Y holds 2"),
        ([(X3, Y3), (X3 * np.nan, Y3)], {}, "batch 2: X holds nan in row 0"),
        ([(X3.T, Y3)], {}, "batch 1: layer 1: W1 is (4, 3) and needs X of shape (3, m); got (23, 3)"),
        ([(X3, Y3[:, :3])], {}, "batch 1: Y must be of shape (1, 23) for these predictions; got (1, 3)"),
        ([(X3, Y3)], {"batch_size": 3}, "the batches that are given have their sizes already: leave batch_size out"),
        ([(X3, Y3)], {"sample_weight": np.ones(23)}, "weights belong to samples"),
        ([(X3, Y3)], {"class_weight": "balanced"}, "weights belong to samples"),
        (OnlyOnce([(X3, Y3)]), {}, "the OnlyOnce gave no batch in epoch 2: it must begin anew each time"),
    ],
)
def test_what_cannot_be_trained_on_is_told(batches, options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        fit(network(), batches, **options)
