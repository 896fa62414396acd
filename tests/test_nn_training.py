"""fit minimises the right cost on every sample, repeatably, and says what is wrong with what it is given."""

import gc
import re
import subprocess
import sys
import weakref

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.graph import ancestors
from micrograd_nd.nn import objective, training
from micrograd_nd.nn.batches import Batches
from micrograd_nd.nn.training import progress_bar


def blobs(n_y=2, m=60, seed=0):
    """Samples in separate clouds, a class each."""
    rng = np.random.default_rng(seed)
    Y = rng.integers(0, n_y, (1, m))
    angle = 2 * np.pi * Y / n_y
    return np.concatenate([np.cos(angle), np.sin(angle)]) + rng.uniform(-0.2, 0.2, (2, m)), Y


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 1, "learning_rate": 0.1, "seed": 0, "progress": False} | options)


def values(model):
    return [p.numpy().tolist() for p in model.parameters()]


# Batches


@given(st.integers(1, 30), st.one_of(st.none(), st.integers(1, 40)), st.integers(0, 99))
def test_the_batches_of_an_epoch_hold_every_sample_once_with_its_label(m, size, seed):
    X = np.arange(2.0 * m).reshape(2, m)
    batches = Batches(X, X[:1], size, np.random.default_rng(seed))
    for _ in range(2):
        epoch = list(batches)
        assert len(epoch) == len(batches)
        assert sorted(x for X_batch, _ in epoch for x in X_batch[0]) == X[0].tolist()
        assert all(np.array_equal(X_batch[1] - m, Y_batch[0]) for X_batch, Y_batch in epoch)
        assert all(X_batch.shape[1] == (size or m) for X_batch, _ in epoch[:-1])


def test_the_order_of_samples_changes_every_epoch():
    batches = Batches(np.arange(50.0)[None], np.zeros((1, 50)), 50, np.random.default_rng(0))
    (first, _), (second, _) = next(iter(batches)), next(iter(batches))
    assert first.tolist() != second.tolist()


# What it learns


@pytest.mark.parametrize(
    ("model", "n_y"),
    [
        (nn.LogisticRegression(2), 2),
        (nn.MLP([2, 8, 1], hidden="tanh", seed=1), 2),
        (nn.MLP([2, 8, 1], hidden="relu", seed=1, dtype=np.float32), 2),
        (nn.MLP([2, 8, 3], hidden="leaky_relu", output="softmax", seed=1), 3),
        (nn.MLP([2, 8, 4], hidden="sigmoid", output="softmax", seed=1), 4),
    ],
    ids=repr,
)
def test_separable_classes_are_learned_to_accuracy_1(model, n_y):
    X, Y = blobs(n_y)
    history = fit(model, X, Y, epochs=60, batch_size=16, learning_rate=1.0)
    assert nn.accuracy(nn.predict(model, X), Y) == history.metric[-1] == 1
    assert history.cost[-1] < history.cost[0]


def test_a_linear_model_finds_the_line_by_least_squares():
    X = np.linspace(-1, 1, 20)[None]
    model = nn.MLP([1, 1], output="linear", seed=0)
    history = fit(model, X, 3 * X - 2, epochs=200, learning_rate=0.3)
    np.testing.assert_allclose([p.item() for p in model.parameters()], [3, -2])
    assert history.metric == []
    assert nn.predict(model, [[1.0]]) == pytest.approx(1)


@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
def test_a_full_batch_epoch_is_one_step_of_gradient_descent(output):
    X, Y = blobs()
    Y = nn.one_hot(Y, 2)
    model, same = (nn.MLP([2, 3, 2], hidden="tanh", output=output, seed=5) for _ in range(2))
    cost = {"sigmoid": nn.binary_cross_entropy, "softmax": nn.cross_entropy, "linear": nn.mse}[output]
    J = cost(same(X), Y)
    J.backward()
    history = fit(model, X, Y, learning_rate=0.5)
    assert history.cost == [pytest.approx(J.item(), rel=1e-12)]
    for p, q in zip(model.parameters(), same.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy() - 0.5 * q.grad, rtol=1e-9, atol=1e-12)


@given(st.integers(1, 70), st.integers(0, 9))
@settings(max_examples=20)
def test_the_same_seed_gives_the_same_run(batch_size, seed):
    X, Y = blobs()
    runs = []
    for _ in range(2):
        model = nn.MLP([2, 3, 1], seed=seed)
        history = fit(model, X, Y, epochs=3, batch_size=batch_size, seed=seed)
        runs.append((history.cost, history.metric, values(model)))
    assert runs[0] == runs[1]


def test_another_seed_gives_another_run():
    X, Y = blobs()
    one, other = (fit(nn.LogisticRegression(2), X, Y, epochs=2, batch_size=7, seed=seed) for seed in (1, 2))
    assert one.cost != other.cost


def test_the_epoch_cost_and_metric_are_means_over_samples_not_batches():
    X, Y = blobs(m=10)
    model = nn.MLP([2, 3, 1], seed=0)
    expected = nn.binary_cross_entropy(model(X), Y).item(), nn.accuracy(model(X), Y)
    history = fit(model, X, Y, batch_size=4, learning_rate=1e-300)
    np.testing.assert_allclose((history.cost[0], history.metric[0]), expected, rtol=1e-12)


def test_validation_is_judged_after_each_epoch_and_never_trained_on():
    X, Y = blobs()
    held_out = blobs(seed=9)
    model, same = nn.MLP([2, 3, 1], seed=0), nn.MLP([2, 3, 1], seed=0)
    history = fit(model, X, Y, epochs=3, batch_size=16, validation=held_out)
    fit(same, X, Y, epochs=3, batch_size=16)
    assert values(model) == values(same)
    assert len(history.validation_cost) == len(history.validation_metric) == 3
    final = nn.binary_cross_entropy(model(held_out[0]), held_out[1]).item()
    np.testing.assert_allclose(history.validation_cost[-1], final)
    assert history.validation_metric[-1] == nn.accuracy(model(held_out[0]), held_out[1])


@pytest.mark.parametrize(
    "form",
    [lambda Y: Y, lambda Y: Y.astype(float), lambda Y: nn.one_hot(Y, 3), lambda Y: nn.one_hot(Y, 3).astype(bool)],
)
def test_labels_of_classes_may_be_indices_or_one_hot(form):
    X, Y = blobs(3)
    one, other = (nn.MLP([2, 3, 3], output="softmax", seed=0) for _ in range(2))
    fit(one, X, Y, batch_size=7)
    fit(other, X, form(Y), batch_size=7)
    assert values(one) == values(other)


class Frame:
    """What a DataFrame is to NumPy."""

    def __init__(self, values):
        self.values = values

    def __array__(self, dtype=None, copy=None):
        return np.array(self.values, dtype=dtype)


def test_samples_and_labels_may_be_whatever_numpy_makes_an_array_of():
    X, Y = blobs()
    one, other = (nn.LogisticRegression(2) for _ in range(2))
    fit(one, X, Y)
    fit(other, Frame(X), Frame(Y))
    assert values(one) == values(other)
    assert np.array_equal(nn.predict(one, X), nn.predict(one, Frame(X)))


@pytest.mark.parametrize("dtype", [bool, np.uint8, int, np.float32, float])
def test_labels_and_samples_of_any_dtype_are_converted_to_that_of_the_parameters(dtype):
    X, Y = np.array([[0, 1, 1, 0]]), np.array([[0, 1, 1, 0]])
    one, other = (nn.LogisticRegression(1, dtype=np.float32) for _ in range(2))
    fit(one, X, Y)
    fit(other, X.astype(dtype), Y.astype(dtype))
    assert values(one) == values(other)
    assert {p.dtype for p in one.parameters()} == {np.dtype(np.float32)}


def test_float32_models_are_trained_in_float32_throughout():
    seen = set()

    def cost(A, Y):
        J = nn.binary_cross_entropy(A, Y)
        seen.update(node.out.dtype for node in ancestors(J.node))
        return J

    fit(nn.MLP([2, 3, 1], seed=0, dtype=np.float32), *blobs(), cost=cost, batch_size=16)
    assert seen == {np.dtype(np.float32)}


def test_several_labels_a_sample_are_right_only_together():
    X = np.array([[-1.0, 1.0]])
    model = nn.MLP([1, 2], output="sigmoid", weights="zeros")
    model.layers[0].W.data = [[1.0], [1.0]]
    history = fit(model, X, [[0, 1], [0, 0]], learning_rate=1e-9)
    assert history.metric == [0.5]
    assert nn.accuracy(nn.predict(model, X), [[0, 1], [0, 0]]) == 0.5


# Costs, metrics, optimisers and modules of one's own


class Net(nn.Module):
    def __init__(self):
        self.hidden = nn.Linear(2, 4, seed=1)
        self.output = nn.Linear(4, 1, seed=2)
        self.modes = []

    def forward(self, X):
        self.modes.append(self.training)
        return nn.sigmoid(self.output(np.tanh(self.hidden(X))))


def test_a_module_of_ones_own_is_trained_with_the_cost_it_is_given():
    X, Y = blobs()
    history = fit(Net(), X, Y, cost=nn.binary_cross_entropy, epochs=50, learning_rate=1.0)
    assert history.metric[-1] == 1


def test_the_probabilities_of_a_module_of_ones_own_are_judged_by_class():
    class Classifier(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 3, seed=0)

        def forward(self, X):
            return nn.softmax(self.layer(X))

    X, Y = blobs(3)
    assert fit(Classifier(), X, Y, cost=nn.cross_entropy, epochs=60, learning_rate=1.0).metric[-1] == 1


def test_a_module_of_ones_own_must_be_given_a_cost():
    with pytest.raises(ValueError, match="Net is not a Sequential, so its last activation cannot be seen; say which"):
        fit(Net(), *blobs())


def test_a_module_is_in_training_while_it_is_trained_and_not_while_it_is_judged():
    net = Net().eval()
    fit(net, *blobs(), cost=nn.mse, epochs=2, validation=blobs(), compiled=False)
    probes, run = net.modes[:2], net.modes[2:]
    assert probes == [False, False]
    assert run == [True, False, True, False]
    assert net.training is False


def test_mse_of_a_sigmoid_is_computed_from_its_output():
    X, Y = blobs()
    model = nn.LogisticRegression(2)
    assert fit(model, X, Y, cost=nn.mse).cost == [0.25]


def test_a_metric_of_ones_own_gets_the_output_and_names_its_series():
    def spread(A, Y):
        assert A.shape == Y.shape
        return A.max() - A.min()

    X, Y = blobs(3)
    model = nn.MLP([2, 3], output="softmax", seed=0)
    A = model(X).numpy()
    history = fit(model, X, Y, metric=spread)
    assert history.metric == [pytest.approx(A.max() - A.min())]
    assert "spread" in repr(history)


def test_no_metric_is_computed_where_it_is_false(monkeypatch):
    monkeypatch.setattr(objective, "exact_rows", lambda Z, Y: pytest.fail("a metric was computed"))
    X, Y = blobs()
    settings = {"epochs": 2, "batch_size": 30, "validation": (X, Y)}
    history = fit(nn.LogisticRegression(2), X, Y, metric=False, **settings)
    assert history.metric == history.validation_metric == []
    assert list(history.series()) == ["cost", "validation cost"]


@pytest.mark.parametrize(("output", "n_y"), [("sigmoid", 2), ("softmax", 3)])
def test_the_metric_by_default_is_accuracy(output, n_y):
    X, Y = blobs(n_y)
    model, same = (nn.MLP([2, 3, 1 if n_y == 2 else 3], output=output, seed=3) for _ in range(2))
    assert fit(model, X, Y).metric == fit(same, X, Y, metric=nn.accuracy).metric


def test_an_optimizer_of_ones_own_is_made_from_parameters_and_learning_rate():
    class Sign(nn.SGD):
        def step(self):
            for p in self.parameters:
                p.data = p.numpy() - self.learning_rate * np.sign(p.grad)

    model = nn.LogisticRegression(2)
    fit(model, *blobs(), optimizer=Sign, learning_rate=0.25)
    assert set(np.abs(model.layers[0].W.numpy()).ravel()) == {0.25}


def test_a_cost_that_returns_no_tensor_is_refused():
    with pytest.raises(TypeError, match=r"a cost must return a 0-d Tensor .*; <lambda> returned 1\.0"):
        fit(nn.LogisticRegression(2), *blobs(), cost=lambda A, Y: 1.0)


def test_a_cost_that_returns_a_loss_a_sample_is_named_with_its_shape():
    def squares(A, Y):
        return np.square(A - Y)

    with pytest.raises(
        TypeError, match=r"a cost must return a 0-d Tensor .*; squares returned a Tensor of shape \(1, 60"
    ):
        fit(nn.LogisticRegression(2), *blobs(), cost=squares)


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"cost": "mse"}, "cost must be a function, such as nn.mse; got 'mse'"),
        ({"cost": ""}, "cost must be a function, such as nn.mse; got ''"),
        ({"metric": "accuracy"}, "metric must be a function, such as nn.accuracy; got 'accuracy'"),
        ({"optimizer": "sgd"}, "optimizer must be a function, such as nn.SGD; got 'sgd'"),
        ({"optimizer": None}, "optimizer must be a function, such as nn.SGD; got None"),
    ],
)
def test_a_function_given_by_its_name_is_refused(setting, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        fit(nn.LogisticRegression(2), *blobs(), **setting)


def test_a_cost_that_does_not_come_from_the_parameters_is_told():
    class Unmoved(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(2, 1)

        def forward(self, X):
            return mg.Tensor(self.layer(X).numpy())

    model = nn.LogisticRegression(2)
    with pytest.raises(ValueError, match="no parameter got a gradient, so there is nothing to train"):
        fit(model, *blobs(), cost=lambda A, Y: np.sum(mg.Tensor(Y) ** 2))
    with pytest.raises(ValueError, match="no parameter got a gradient, so there is nothing to train"):
        fit(Unmoved(), *blobs(), cost=nn.mse)
    assert values(model) == [[[0.0, 0.0]], [[0.0]]]


def test_a_later_step_may_reach_no_parameter():
    calls = []

    def cost(A, Y):
        calls.append(1)
        return nn.mse(A, Y) if len(calls) == 1 else mg.Tensor(0.0)

    assert fit(nn.LogisticRegression(2), *blobs(), cost=cost, epochs=2).cost == [0.25, 0.0]


def test_a_parameter_that_the_cost_does_not_reach_stays_as_it_is():
    model = nn.LogisticRegression(2)
    model.unused = mg.Tensor([3.0])
    fit(model, *blobs())
    assert values(model)[0] != [[0.0, 0.0]]
    assert values(model)[2] == [3.0]


def test_cost_and_metric_of_an_epoch_are_means_over_samples_also_with_a_smaller_last_batch():
    X, Y = np.arange(5.0)[None], np.array([[0, 0, 0, 1, 1]])
    history = fit(nn.LogisticRegression(1), X, Y, batch_size=4, learning_rate=1e-12, metric=lambda A, Y: Y.mean())
    assert history.metric == [pytest.approx(0.4)]
    model = nn.MLP([1, 1], output="linear", weights="zeros")
    assert fit(model, X, Y, batch_size=4, learning_rate=1e-12).cost == [pytest.approx(0.4)]


# When it goes wrong


@pytest.mark.parametrize("batch_size", [None, 7])
def test_a_run_that_diverges_stops_with_the_last_parameters_of_finite_cost(batch_size):
    X, Y = blobs()
    model = nn.MLP([2, 4, 4, 1], hidden="relu", output="linear", seed=0)
    with pytest.raises(
        FloatingPointError, match=r"in epoch \d+(, batch \d)?\. Try a smaller learning rate than 1000"
    ) as error:
        fit(model, X, 1.0 * Y, epochs=100, learning_rate=1000.0, batch_size=batch_size)
    assert "last step with a finite cost" in str(error.value)
    assert all(np.isfinite(p.numpy()).all() for p in model.parameters())
    assert all(p.grad is None for p in model.parameters())


@pytest.mark.parametrize("steps", [1, 2, 3])
def test_a_run_goes_back_to_the_parameters_of_the_last_finite_cost(steps):
    seen = []

    def cost(A, Y):
        seen.append(values(model))
        return nn.binary_cross_entropy(A, Y) * (np.nan if len(seen) > steps else 1.0)

    model = nn.LogisticRegression(2)
    with pytest.raises(FloatingPointError, match=f"the cost became nan in epoch {steps + 1}"):
        fit(model, *blobs(), cost=cost, epochs=9, compiled=False)
    assert values(model) == seen[steps - 1] != seen[steps]


def test_a_prediction_of_nan_stops_the_run():
    class Broken(Net):
        def forward(self, X):
            return super().forward(X) * np.nan

    with pytest.raises(FloatingPointError, match="the cost became nan in epoch 1"):
        fit(Broken(), *blobs(), cost=nn.binary_cross_entropy)


@pytest.mark.parametrize(("output", "right"), [("sigmoid", [[0.0]]), ("softmax", [[0.0]]), ("linear", None)])
def test_nan_on_the_validation_samples_is_reported(output, right):
    class Far(nn.Module):
        def forward(self, X):
            return np.where(np.abs(X) > 5, np.nan, X)

    model = nn.Sequential(Far(), nn.MLP([2, 2 if output == "softmax" else 1], output=output, seed=0))
    history = fit(model, *blobs(), validation=([[9.0], [9.0]], [[0]]))
    assert np.isnan(history.validation_cost).tolist() == [True]
    assert history.validation_metric == ([] if right is None else [0.0])
    assert np.isfinite(history.cost).all()


def test_parameters_that_overflow_in_the_last_step_are_noticed():
    model = nn.MLP([1, 1], output="linear", weights="zeros")
    with pytest.raises(FloatingPointError, match="a parameter is no longer finite in epoch 1"):
        fit(model, [[1e200]], [[1e100]], learning_rate=1e200)
    assert values(model) == [[[0.0]], [[0.0]]]


def test_an_interrupt_ends_the_run_with_the_history_so_far():
    calls = []

    def interrupting(A, Y):
        calls.append(1)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return nn.binary_cross_entropy(A, Y)

    model = nn.LogisticRegression(2)
    history = fit(model, *blobs(), cost=interrupting, epochs=10, compiled=False)
    assert len(history) == len(history.seconds) == 2
    assert history.interrupted
    assert not fit(model, *blobs()).interrupted
    assert all(p.grad is None for p in model.parameters())


def test_an_interrupt_within_a_step_leaves_no_parameter_moved_alone():
    class Interrupted(nn.SGD):
        def step(self):
            self.parameters[0].data = np.ones((1, 2))
            raise KeyboardInterrupt

    model = nn.LogisticRegression(2)
    assert len(fit(model, *blobs(), optimizer=Interrupted)) == 0
    assert values(model) == [[[0.0, 0.0]], [[0.0]]]


X23, Y3 = np.ones((2, 3)), np.array([[0, 1, 1]])
BAD_X = [[1.0, 2.0, 3.0], [4.0, 5.0, np.nan]]


@pytest.mark.parametrize(
    ("X", "Y", "options", "message"),
    [
        (BAD_X, Y3, {}, "X holds nan in row 1 (feature), column 2 (sample). Clean the data first"),
        (X23 * -np.inf, Y3, {}, "X holds -inf in row 0 (feature), column 0 (sample)"),
        (np.ones((3, 2)), Y3, {}, "W1 is (1, 2) and needs X of shape (2, m); got (3, 2). A sample is a column: did"),
        (np.ones((5, 3)), Y3, {}, "layer 1: W1 is (1, 2) and needs X of shape (2, m); got (5, 3)"),
        (np.ones(2), Y3, {}, "X must be a matrix with a sample a column; got shape (2,), a rank-1 array"),
        (np.ones((2, 0)), Y3, {}, "X is empty: its shape is (2, 0)"),
        (X23 + 1j, Y3, {}, "X must hold real numbers; got dtype complex128"),
        (np.ma.array(X23, mask=X23 > 0), Y3, {}, "X is a masked array: fill it, X.filled(0), or leave its samples out"),
        (X23, np.ma.array(Y3, mask=Y3 > 0), {}, "Y is a masked array: fill it, Y.filled(0), or leave its samples out"),
        ([["a"]], Y3, {}, "X must hold real numbers; got dtype <U1"),
        (X23, [0, 1, 1], {}, "Y must be a matrix with a sample a column; got shape (3,), a rank-1 array. Write Y.resh"),
        (X23, [[0, 1, 2]], {}, "labels must be 0 or 1; Y holds 2 in row 0, column 2"),
        (X23, [[0, 1]], {}, "Y must be of shape (1, 3) for these predictions; got (1, 2)"),
        (X23, Y3.T, {}, "got (3, 1); did you mean Y.T?"),
        (X23, Y3, {"validation": (X23, [[0, 1, 2]])}, "labels must be 0 or 1; Y_val holds 2"),
        (X23, Y3, {"validation": (BAD_X, Y3)}, "X_val holds nan in row 1"),
        (X23, Y3, {"validation": X23}, "validation must be a pair (X_val, Y_val)"),
        (X23, Y3, {"epochs": 0}, "epochs must be at least 1; got 0"),
        (X23, Y3, {"epochs": 1.5}, "epochs must be an int; got 1.5"),
        (X23, Y3, {"batch_size": 0}, "batch_size must be at least 1; got 0"),
        (X23, Y3, {"batch_size": True}, "batch_size must be an int; got True"),
        (X23, Y3, {"learning_rate": 0}, "the learning rate must be a positive number, such as 0.01; got 0"),
        (X23, Y3, {"learning_rate": np.nan}, "the learning rate must be a finite number; got nan"),
        (X23, Y3, {"learning_rate": np.inf}, "the learning rate must be a finite number; got inf"),
        (X23, Y3, {"learning_rate": 10**400}, "the learning rate must be a finite number; got inf"),
        (X23, Y3, {"learning_rate": True}, "the learning rate must be a number; got True"),
        (X23, Y3, {"learning_rate": "0.1"}, "the learning rate must be a number; got '0.1'"),
        (X23, Y3, {"learning_rate": None}, "the learning rate must be a number; got None"),
        (X23, Y3, {"learning_rate": -1, "optimizer": lambda *_: None}, "the learning rate must be a positive number"),
        (X23, Y3[:, :2], {"cost": lambda A, Y: np.sum(A - Y)}, "Y must be of shape (1, 3)"),
        (X23, [[0, 1, np.nan]], {"cost": nn.mse}, "Y holds nan in row 0"),
    ],
)
def test_what_cannot_be_trained_on_is_told_before_anything_changes(X, Y, options, message):
    model = nn.LogisticRegression(2)
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        fit(model, X, Y, **options)
    assert values(model) == [[[0.0, 0.0]], [[0.0]]]


def test_a_sample_too_large_for_the_parameters_is_told():
    with pytest.raises(ValueError, match=r"X holds 1e\+300 in row 0 .*, which is too large for float32"):
        fit(nn.LogisticRegression(1, dtype=np.float32), [[1e300]], [[1]])


def test_a_model_without_parameters_cannot_be_trained():
    with pytest.raises(ValueError, match="there are no parameters to optimise"):
        fit(nn.Sequential(nn.Sigmoid()), [[1.0]], [[1]])


def test_a_model_that_returns_no_columns_is_told():
    class Mean(nn.Module):
        def forward(self, X):
            return np.sum(X)

    with pytest.raises(ValueError, match=r"must return \(n_y, m\) for samples \(n_x, m\); for m = 1 it returned \(\)"):
        fit(Mean(), [[1.0]], [[1]], cost=nn.mse)


# Optimiser


@given(hnp.arrays(float, (2, 3), elements=st.floats(-9, 9)), st.floats(1e-3, 10))
def test_sgd_moves_against_the_gradient_and_reaches_into_no_graph(values, rate):
    p, unused = mg.Tensor(values), mg.Tensor(1.0)
    J = np.sum(p * p)
    J.backward()
    sgd = nn.SGD([p, unused], rate)
    sgd.step()
    np.testing.assert_array_equal(p.numpy(), values - rate * (2 * values))
    p.grad = None
    J.backward()
    np.testing.assert_array_equal(p.grad, 2 * values)
    assert unused.item() == 1
    sgd.zero_grad()
    assert p.grad is None


def test_sgd_keeps_float32_whatever_the_learning_rate_is_made_of():
    p = mg.Tensor([1.0], dtype=np.float32)
    p.grad = np.ones(1, dtype=np.float32)
    sgd = nn.SGD([p], np.float64(0.1))
    sgd.step()
    assert type(sgd.learning_rate) is float
    assert p.dtype == np.float32


@pytest.mark.parametrize("rate", [0, -0.1, np.nan, np.inf, True, "0.1", None])
def test_sgd_refuses_what_is_no_learning_rate(rate):
    with pytest.raises((TypeError, ValueError), match=r"the learning rate must be a (positive |finite )?number.*; got"):
        nn.SGD([mg.Tensor(1.0)], rate)


def test_sgd_refuses_what_has_no_gradient():
    with pytest.raises(TypeError, match="a parameter is a Tensor with requires_grad; got Tensor"):
        nn.SGD([mg.Tensor(1.0, requires_grad=False)], 0.1)


# Predictions


@given(hnp.arrays(float, (3, 5), elements=st.floats(-3, 3)), st.integers(0, 9))
def test_predictions_are_the_labels_of_the_output(X, seed):
    binary, classes = nn.MLP([3, 1], seed=seed), nn.MLP([3, 4], output="softmax", seed=seed)
    A = binary(X).numpy()
    assert np.array_equal(nn.predict(binary, X)[A != 0.5], (A > 0.5)[A != 0.5])
    assert nn.predict(binary, X).shape == nn.predict(classes, X).shape == (1, 5)
    np.testing.assert_array_equal(nn.predict(classes, X)[0], classes.logits(X).numpy().argmax(axis=0))


@pytest.mark.parametrize(
    "model", [nn.Sequential(), *(nn.MLP([2, 2], output=o) for o in ("sigmoid", "softmax", "linear"))]
)
def test_predictions_are_the_callers_to_write_to(model):
    X = np.ones((2, 3))
    nn.predict(model, X)[:] = 0
    assert nn.predict(model, X).flags.writeable
    assert X.all()


@pytest.mark.parametrize("output", ["sigmoid", "softmax"])
def test_no_label_is_made_of_nan(output):
    model = nn.MLP([2, 2], output=output, seed=0)
    model.layers[0].b.data = [[np.nan], [0.0]]
    with pytest.raises(FloatingPointError, match="the model gives NaN for the sample in column 0"):
        nn.predict(model, np.ones((2, 3)))


def test_predict_says_what_to_do_about_a_module_of_ones_own():
    with pytest.raises(TypeError, match=r"Net is not a Sequential.*labels are \(A\.numpy\(\) > 0\.5\)"):
        nn.predict(Net(), np.ones((2, 1)))


@pytest.mark.parametrize("X", [np.ones(2), np.full((2, 1), np.nan), np.ones((3, 2))])
def test_predict_refuses_what_are_no_samples(X):
    with pytest.raises(ValueError, match=r"rank-1|holds nan|needs X of shape \(2, m\)"):
        nn.predict(nn.LogisticRegression(2), X)


def test_accuracy_takes_labels_and_probabilities_in_every_form():
    classes, indices = np.array([[2, 0, 1, 1]]), np.array([[2, 0, 1, 0]])
    probabilities = nn.one_hot(classes, 3) * 0.5 + 0.1
    for Y in (indices, nn.one_hot(indices, 3)):
        assert nn.accuracy(classes, Y) == nn.accuracy(probabilities, Y) == 0.75
    assert nn.accuracy([[0.5, 0.5]], [[0, 1]]) == 0.5
    assert nn.accuracy([[0.4, 0.6]], [[0, 1]]) == nn.accuracy([[False, True]], [[0, 1]]) == 1
    with pytest.raises(ValueError, match=r"Y must have the shape of the labels, \(1, 4\); got \(1, 2\)"):
        nn.accuracy(classes, [[0, 1]])


@pytest.mark.parametrize("y", [0, 1])
def test_a_prediction_of_nan_is_wrong_whatever_is_right(y):
    assert nn.accuracy([[np.nan, 1.0 - y, y]], [[y, y, y]]) == pytest.approx(1 / 3)
    assert nn.accuracy([[np.nan, 1 - y], [np.nan, y]], [[y, y]]) == 0.5
    assert nn.accuracy([[0.5, 1 - y], [np.nan, y]], [[y, y]]) == 0.5


# What is shown, and what is left behind


@pytest.fixture
def terminal(capsys, monkeypatch):
    """What a bar leaves on a line of 80 columns, wherever the tests run."""

    def bar(*arguments):
        made = progress_bar(*arguments)
        made.ncols, made.dynamic_ncols = 80, None
        return made

    monkeypatch.setattr(training, "progress_bar", bar)
    return lambda: capsys.readouterr().err.rstrip("\n").split("\r")[-1]


def test_a_run_without_a_bar_does_not_load_what_draws_bars():
    code = (
        "import sys; from micrograd_nd import nn\n"
        "nn.fit(nn.LogisticRegression(1), [[1.0, 2.0]], [[0, 1]], epochs=1, learning_rate=1, seed=0, progress=False)\n"
        "print('tqdm' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


def test_the_bar_shows_epochs_cost_and_metric(terminal):
    X, Y = blobs()
    history = fit(nn.LogisticRegression(2), X, Y, epochs=2, batch_size=30, progress=True)
    shown = terminal()
    assert shown.startswith(f"2/2 cost={history.cost[-1]:.3g}, accuracy={history.metric[-1]:.3g} 00:00 █████")
    assert len(shown) == 80


def test_80_columns_hold_the_widest_cost_and_accuracy_of_training_and_validation(terminal):
    def accuracy(A, Y):
        return 0.98765

    def cost(A, Y):
        return 9.8765e-5 + 0 * np.sum(A)

    options = {"cost": cost, "metric": accuracy, "validation": ([[1.0]], [[1]]), "progress": True}
    fit(nn.LogisticRegression(1), [[1.0]], [[1]], epochs=1000, **options)
    assert terminal().startswith("1000/1000 cost=9.88e-05, accuracy=0.988, val cost=9.88e-05, val accuracy=0.988")


def test_nothing_is_shown_without_progress(capsys):
    fit(nn.LogisticRegression(2), *blobs())
    assert capsys.readouterr() == ("", "")


def test_a_program_without_a_console_trains_too(monkeypatch):
    monkeypatch.setattr(sys, "stderr", None)
    assert len(fit(nn.LogisticRegression(2), *blobs(), progress=True)) == 1


def test_the_history_reads_as_what_happened():
    history = nn.History(cost=[0.693147, 0.25], metric=[0.5, 1.0], seconds=[0.5, 0.75])
    assert repr(history) == "History(2 epochs in 1.25 s, cost 0.6931 → 0.25, accuracy 0.5 → 1)"
    assert list(history.series()) == ["cost", "accuracy"]
    assert repr(nn.History()) == "History(0 epochs in 0.00 s)"
    assert repr(nn.History([0.5], seconds=[0.25])) == "History(1 epoch in 0.25 s, cost 0.5 → 0.5)"


def test_an_interrupted_history_says_so():
    history = nn.History(cost=[0.5, 0.25], seconds=[0.5, 0.75], interrupted=True)
    assert repr(history) == "History(2 epochs in 1.25 s, interrupted, cost 0.5 → 0.25)"


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
def test_the_graph_of_a_model_is_freed_by_reference_counting_alone(output):
    model = nn.MLP([2, 3, 2], hidden="tanh", output=output, seed=0)
    A = model(np.ones((2, 4)))
    J = nn.mse(A, np.ones((2, 4)))
    J.backward()
    arrays = [node.out for node in ancestors(J.node) if node.primitive is not None and isinstance(node.out, np.ndarray)]
    held = [weakref.ref(x) for x in (A, J, *arrays)]
    assert len(held) > 6
    del A, J, arrays
    assert [reference() for reference in held] == [None] * len(held)


@pytest.mark.usefixtures("no_collector")
def test_fit_and_models_leave_nothing_to_the_collector():
    seen = []

    def cost(A, Y):
        J = nn.binary_cross_entropy(A, Y)
        seen.extend(map(weakref.ref, (A, J)))
        return J

    model = nn.MLP([2, 3, 1], seed=0)
    seen.extend(map(weakref.ref, model.modules()))
    fit(model, *blobs(), cost=cost, epochs=2, batch_size=16, validation=blobs())
    del model
    assert len(seen) > 10
    assert [reference() for reference in seen] == [None] * len(seen)
