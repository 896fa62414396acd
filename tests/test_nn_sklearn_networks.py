"""Networks in scikit-learn's convention are nn.MLP trained by nn.fit, and their settings mean what they mean there."""

import importlib
import pickle
import re
import sys
from functools import partial

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_diabetes, load_digits  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.neural_network import MLPClassifier  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402

from micrograd_nd import nn  # noqa: E402
from micrograd_nd.nn.compiled_steps import CompiledSteps  # noqa: E402
from micrograd_nd.nn.sklearn import NeuralNetworkClassifier, NeuralNetworkRegressor  # noqa: E402
from micrograd_nd.nn.sklearn_network import StopOnceLevel, size_of_features  # noqa: E402

# Few epochs, which are over before the cost levels off.
pytestmark = pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
ESTIMATORS = [NeuralNetworkClassifier, NeuralNetworkRegressor]


def data(K=3, m=40, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(m) % K
    return rng.normal(size=(m, 4)) + y[:, None] * [1, -1, 0.5, 0], y


def small(make=NeuralNetworkClassifier, **options):
    return make(**{"hidden_layer_sizes": (5,), "max_iter": 3, "random_state": 0} | options)


def values(fitted):
    return [p.numpy() for p in fitted.model_.parameters()]


def assert_same(one, other, rtol=0.0):
    for p, q in zip(values(one), values(other), strict=True):
        np.testing.assert_allclose(p, q, rtol=rtol, atol=rtol, strict=True)


# The network and its training


@pytest.mark.parametrize(("K", "output", "n_y"), [(2, nn.Sigmoid, 1), (3, nn.Softmax, 3)])
def test_two_classes_end_in_a_sigmoid_and_more_in_a_softmax(K, output, n_y):
    fitted = small(hidden_layer_sizes=(5, 6)).fit(*data(K))
    assert isinstance(fitted.model_, nn.MLP)
    assert isinstance(fitted.model_.last, output)
    assert [p.shape for p in fitted.model_.parameters()[::2]] == [(5, 4), (6, 5), (n_y, 6)]


@pytest.mark.parametrize(("sizes", "expected"), [(7, [7]), ((), []), ([3, 2], [3, 2]), (np.array([4]), [4])])
def test_hidden_layers_are_given_by_a_number_or_several(sizes, expected):
    fitted = small(hidden_layer_sizes=sizes).fit(*data())
    assert [len(p.numpy()) for p in fitted.model_.parameters()[::2]] == [*expected, 3]


@pytest.mark.parametrize(
    ("name", "module"),
    [
        ("relu", nn.ReLU),
        ("tanh", nn.Tanh),
        ("logistic", nn.Sigmoid),
        ("identity", nn.Identity),
        ("sigmoid", nn.Sigmoid),
    ],
)
def test_activations_go_by_the_names_of_scikit_learn_and_of_nn(name, module):
    assert isinstance(small(activation=name).fit(*data()).model_.layers[1], module)


def alike(fitted, X, Y, **options):
    """The same training by nn.fit itself."""
    generator = np.random.default_rng(np.random.RandomState(0).randint(2**31 - 1))
    sizes = [p.shape[1] for p in fitted.model_.parameters()[::2]] + [fitted.model_.parameters()[-1].shape[0]]
    output = type(fitted.model_.last).__name__.lower().replace("identity", "linear")
    model = nn.MLP(sizes, output=output, seed=generator)
    model.layers[0].W.data = model.layers[0].W.numpy() / (np.mean(X**6) / 15) ** (1 / 6)
    settings = {"epochs": 3, "learning_rate": 0.001, "optimizer": nn.Adam, "progress": False}
    nn.fit(model, X.T, Y, seed=generator, **settings | options)
    return [p.numpy() for p in model.parameters()]


@pytest.mark.parametrize("batch_size", [7, 40])
def test_a_classifier_is_trained_as_by_fit_with_the_penalty_of_a_batch(batch_size):
    X, y = data()
    fitted = small(batch_size=batch_size, alpha=0.5).fit(X, y)
    expected = alike(fitted, X, y[None], batch_size=batch_size % 40 or None, l2=0.5 * 40 / batch_size)
    for p, q in zip(values(fitted), expected, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-9, atol=1e-12)


def test_a_regressor_is_trained_as_by_fit_on_half_the_squared_error():
    X, y = data()
    fitted = small(NeuralNetworkRegressor, alpha=0.5).fit(X, y)
    expected = alike(fitted, X, y[None], l2=0.5, cost=nn.half_mse)
    for p, q in zip(values(fitted), expected, strict=True):
        np.testing.assert_allclose(p, q, rtol=1e-9, atol=1e-12)


def test_weights_of_classes_that_leave_nothing_to_learn_from_are_refused():
    with pytest.raises(ValueError, match="every sample weighs zero: there is nothing to learn from"):
        small(class_weight={0: 0.0, 1: 0.0}).fit(*data(2))


@pytest.mark.parametrize("make", ESTIMATORS)
@pytest.mark.parametrize("unit", [1e-30, 0.01, 16.0, 1e200])
@pytest.mark.parametrize("weighted", [True, False])
def test_a_network_begins_the_same_whatever_unit_features_are_in(make, unit, weighted):
    X, y = data()
    weights = np.arange(len(X)) + 0.5 if weighted else None
    settings = {"learning_rate_init": 1e-300, "alpha": 0.0, "max_iter": 1}
    one, other = (small(make, **settings).fit(features, y, weights) for features in (X, unit * X))
    assert other.loss_ == pytest.approx(one.loss_, rel=1e-9)


def test_the_size_of_normally_distributed_features_is_their_standard_deviation():
    X = np.random.default_rng(0).normal(scale=3.0, size=(4, 500_000))
    assert size_of_features(X, None) == pytest.approx(3.0, rel=0.01)


@pytest.mark.parametrize("make", ESTIMATORS)
def test_samples_of_weight_0_have_no_part_in_the_first_weights(make):
    X, y = data()
    far = np.append(X, np.full((1, 4), 1e200), axis=0)
    settings = {"learning_rate_init": 1e-300, "alpha": 0.0, "max_iter": 1}
    one = small(make, **settings).fit(X, y)
    assert_same(small(make, **settings).fit(far, [*y, 0], [*np.ones(len(y)), 0.0]), one)


@pytest.mark.parametrize("make", ESTIMATORS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_features_that_are_almost_zero_give_no_infinite_weights(make, dtype):
    X, y = data()
    fitted = small(make, alpha=0.0).fit((np.finfo(dtype).tiny / 4 * X).astype(dtype), y)
    assert all(np.isfinite(p).all() for p in values(fitted))


@pytest.mark.parametrize("make", ESTIMATORS)
def test_features_that_are_all_zero_do_no_harm(make):
    X, y = data()
    assert np.isfinite(small(make).fit(0 * X, y).loss_)


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("batch_size", [40, 10])
def test_the_penalty_is_that_of_scikit_learn(K, batch_size):
    """From the same network, with steps of no length, both report the same cost."""
    X, y = data(K)
    settings = {"alpha": 2.0, "batch_size": batch_size, "learning_rate_init": 1e-300, "max_iter": 1}
    ours = small(**settings).fit(X, y)
    theirs = MLPClassifier((5,), random_state=0, **settings | {"learning_rate_init": 1e-12}).fit(X, y)
    for layer, W, b in zip(ours.model_.layers[::2], theirs.coefs_, theirs.intercepts_, strict=True):
        layer.W.data, layer.b.data = W.T, b[:, None]
    ours.learning_rate_init = 1e-12
    ours.partial_fit(X, y)
    assert ours.loss_ == pytest.approx(theirs.loss_, rel=1e-6)


@pytest.mark.parametrize("make", ESTIMATORS)
def test_the_same_random_state_gives_the_same_network(make):
    assert_same(small(make).fit(*data()), small(make).fit(*data()))
    shared = np.random.RandomState(0)
    one, other = small(make, random_state=shared).fit(*data()), small(make, random_state=shared).fit(*data())
    assert (values(one)[0] != values(other)[0]).any()


@pytest.mark.parametrize("make", ESTIMATORS)
def test_programs_make_the_steps_where_there_are_many(make, monkeypatch):
    steps = []
    original = CompiledSteps.step
    monkeypatch.setattr(CompiledSteps, "step", lambda self, X, Y: steps.append(1) or original(self, X, Y))
    few = small(make, batch_size=10, max_iter=20).fit(*data())
    assert not steps
    many = small(make, batch_size=10, max_iter=25).fit(*data())
    assert len(steps) == 99  # the first is not compiled
    np.testing.assert_allclose(few.loss_curve_, many.loss_curve_[:20], rtol=1e-9)


@pytest.mark.parametrize("optimizer", ["adam", "adamw", "sgd", "momentum", "rmsprop", "adagrad"])
def test_every_named_optimizer_is_one_of_nn(optimizer):
    found = small(optimizer=optimizer).fit(*data())._optimizer
    assert type(found).__name__.lower() == optimizer


def test_an_optimizer_may_be_a_function_of_parameters_and_rate():
    fitted = small(optimizer=partial(nn.SGD, momentum=0.5), learning_rate_init=0.25).fit(*data())
    assert_same(fitted, clone(fitted).fit(*data()))
    assert fitted._optimizer.learning_rate == 0.25
    assert fitted._optimizer.groups[0].settings["momentum"] == 0.5


@pytest.mark.parametrize("make", ESTIMATORS)
def test_single_precision_stays_single_precision(make):
    X, y = data()
    fitted = small(make).fit(X.astype(np.float32), y)
    assert {p.dtype for p in values(fitted)} == {np.dtype(np.float32)}
    out = fitted.predict_proba(X) if hasattr(fitted, "predict_proba") else fitted.predict(X)
    assert out.dtype == np.float32
    assert values(small(make, dtype=np.float32).fit(X, y))[0].dtype == np.float32
    assert values(small(make, dtype="float64").fit(X.astype(np.float32), y))[0].dtype == np.float64


@pytest.mark.parametrize("make", ESTIMATORS)
def test_what_happened_is_written_down(make):
    fitted = small(make).fit(*data())
    assert len(fitted.loss_curve_) == fitted.n_iter_ == 3
    assert fitted.loss_ == fitted.loss_curve_[-1] < fitted.loss_curve_[0]
    assert fitted.fit(*data()).n_iter_ == 3


# Weights


@pytest.mark.parametrize("make", ESTIMATORS)
@pytest.mark.parametrize("seed", range(3))
def test_a_sample_of_weight_2_counts_as_two_and_of_0_not(make, seed):
    X, y = data()
    weights = np.random.default_rng(seed).integers(0, 4, len(y))
    weighted = small(make, alpha=1.0).fit(X, y, weights)
    repeated = small(make, alpha=1.0).fit(X.repeat(weights, axis=0), y.repeat(weights))
    assert_same(weighted, repeated, rtol=1e-7)


@pytest.mark.parametrize("make", ESTIMATORS)
def test_a_sample_of_weight_0_takes_no_place_in_a_batch(make):
    X, y = data()
    weights = (np.arange(len(y)) % 4 > 0) * 1.0
    weighted = small(make, batch_size=7).fit(X, y, weights)
    assert_same(weighted, small(make, batch_size=7).fit(X[weights > 0], y[weights > 0]), rtol=1e-9)


@pytest.mark.parametrize("class_weight", ["balanced", {0: 3.0}])
def test_weights_of_classes_are_weights_of_their_samples(class_weight):
    X, y = data()
    y = np.where(y == 2, 1, y)
    of_class = np.array([20 / 14, 20 / 26]) if class_weight == "balanced" else np.array([3.0, 1.0])
    assert_same(small(class_weight=class_weight).fit(X, y), small().fit(X, y, of_class[y]), rtol=1e-7)


# partial_fit


@pytest.mark.parametrize("make", ESTIMATORS)
def test_partial_fits_of_all_samples_are_a_fit(make):
    X, y = data()
    known = {"classes": [0, 1, 2]} if make is NeuralNetworkClassifier else {}
    parts = small(make, batch_size=7).partial_fit(X, y, **known)
    for _ in range(2):
        parts.partial_fit(X, y)
    whole = small(make, batch_size=7).fit(X, y)
    assert_same(parts, whole, rtol=1e-9)
    assert parts.n_iter_ == 3
    np.testing.assert_allclose(parts.loss_curve_, whole.loss_curve_, rtol=1e-9)


@pytest.mark.parametrize("make", ESTIMATORS)
def test_a_pickled_estimator_goes_on_as_the_original(make):
    X, y = data()
    fitted = small(make).fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - its own
    np.testing.assert_array_equal(again.predict(X), fitted.predict(X), strict=True)
    assert_same(again.partial_fit(X, y), fitted.partial_fit(X, y))


def test_the_first_partial_fit_needs_all_classes():
    X, y = data()
    with pytest.raises(ValueError, match="the first call of partial_fit needs classes"):
        small().partial_fit(X, y)
    fitted = small().partial_fit(X[y < 2], y[y < 2], classes=[2, 1, 0])
    assert fitted.classes_.tolist() == [0, 1, 2]
    assert fitted.predict_proba(X).shape == (40, 3)
    with pytest.raises(ValueError, match=r"y holds (np\.int64\()?3\)?, and the classes are 0, 1, 2"):
        fitted.partial_fit(X, y + 1)
    with pytest.raises(ValueError, match=r"y holds .*'0'"):
        fitted.partial_fit(X, y.astype(str))
    with pytest.raises(ValueError, match=r"classes must be those of before, \[0, 1, 2\]; got \[0, 1\]"):
        fitted.partial_fit(X, y, classes=[0, 1])


def test_balanced_weights_need_all_samples_at_once():
    with pytest.raises(ValueError, match="class_weight='balanced' needs all samples at once"):
        small(class_weight="balanced").partial_fit(*data(), classes=[0, 1, 2])


def test_a_regressor_goes_on_with_targets_of_the_same_number_only():
    X, y = data()
    fitted = small(NeuralNetworkRegressor).partial_fit(X, y)
    with pytest.raises(ValueError, match=r"Y must be of shape \(1, 40\)"):
        fitted.partial_fit(X, np.stack([y, y], axis=1))


# Predictions


@pytest.mark.parametrize("K", [2, 3])
def test_predictions_are_those_of_the_model_in_rows(K):
    X, y = data(K)
    fitted = small().fit(X, np.array(["a", "b", "c"])[y])
    P = fitted.predict_proba(X)
    np.testing.assert_allclose(P.sum(axis=1), 1, rtol=1e-12)
    np.testing.assert_array_equal(P.T[-1], nn.predict_proba(fitted.model_, X.T)[-1])
    assert fitted.predict(X).tolist() == ["abc"[k] for k in P.argmax(axis=1)]
    np.testing.assert_allclose(np.exp(fitted.predict_log_proba(X)), P, rtol=1e-12)


@pytest.mark.parametrize("shape", [(40,), (40, 1), (40, 3)])
def test_predicted_numbers_have_the_shape_of_the_targets(shape):
    X, _ = data()
    y = np.random.default_rng(0).normal(size=shape)
    predicted = small(NeuralNetworkRegressor).fit(X, y).predict(X)
    assert predicted.shape == shape


def test_columns_of_a_data_frame_are_known_by_name():
    pandas = pytest.importorskip("pandas")
    X, y = data()
    frame = pandas.DataFrame(X, columns=list("abcd"))
    fitted = small().fit(frame, y)
    assert fitted.feature_names_in_.tolist() == list("abcd")
    with pytest.raises(ValueError, match="feature names"):
        fitted.predict(frame[list("dcba")])


@pytest.mark.parametrize("make", ESTIMATORS)
def test_predictions_before_fit_are_refused(make):
    with pytest.raises(NotFittedError):
        make().predict(data()[0])


# Among other estimators


def test_a_classifier_is_part_of_pipelines_grid_searches_and_calibrations():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), small(max_iter=60, learning_rate_init=0.01))
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.95
    search = GridSearchCV(pipeline, {"neuralnetworkclassifier__optimizer": [nn.Adam, "sgd"]}, cv=3).fit(X, y)
    assert search.best_params_ == {"neuralnetworkclassifier__optimizer": nn.Adam}
    assert CalibratedClassifierCV(pipeline, cv=3).fit(X, y).score(X, y) > 0.95


def test_a_regressor_is_part_of_pipelines_and_grid_searches():
    X, y = load_diabetes(return_X_y=True)
    regressor = small(NeuralNetworkRegressor, max_iter=150, learning_rate_init=0.01)
    pipeline = make_pipeline(StandardScaler(), regressor)
    y = (y - y.mean()) / y.std()
    search = GridSearchCV(pipeline, {"neuralnetworkregressor__alpha": [1.0, 1e5]}, cv=3).fit(X, y)
    assert search.best_params_ == {"neuralnetworkregressor__alpha": 1.0}
    assert search.best_score_ > 0.35


def test_digits_that_it_has_not_seen_are_read():
    X, y = load_digits(return_X_y=True)
    test = np.arange(len(X)) % 5 == 0
    fitted = NeuralNetworkClassifier(max_iter=40, random_state=0).fit(X[~test], y[~test])
    assert fitted.score(X[test], y[test]) > 0.95


# When it is done


@given(st.lists(st.floats(0, 1), max_size=40), st.floats(0, 0.2), st.integers(1, 5))
def test_a_cost_has_levelled_off_where_no_epoch_of_many_in_a_row_fell_below_the_lowest(cost, tol, patience):
    def stuck(epoch):
        lowest = min(cost[:epoch], default=np.inf)
        return cost[epoch] > lowest - tol

    runs = [all(stuck(t) for t in range(end - patience - 1, end)) for end in range(patience + 1, len(cost) + 1)]
    training = nn.Training(None, None, nn.History(), len(cost))
    stopping = StopOnceLevel(tol, patience)
    for value in cost:
        training.history.cost.append(value)
        stopping(training)
    assert (training.history.stopped is not None) == any(runs)


def test_a_cost_that_is_still_falling_is_warned_of():
    with pytest.warns(ConvergenceWarning, match="still falling after 3 epochs"):
        small().fit(*data())


@pytest.mark.filterwarnings("error")
def test_training_ends_without_a_warning_when_the_cost_has_levelled_off():
    assert small(max_iter=9, n_iter_no_change=1, tol=100.0).fit(*data()).n_iter_ == 3


def test_an_interrupt_from_the_keyboard_leaves_a_network_as_trained_up_to_there(monkeypatch):
    original, steps = nn.Adam.step, []

    def step(self):
        steps.append(1)
        if len(steps) == 3:
            raise KeyboardInterrupt
        original(self)

    monkeypatch.setattr(nn.Adam, "step", step)
    with pytest.warns(UserWarning, match="interrupted after 2 epochs"):
        fitted = small(max_iter=10).fit(*data())
    assert fitted.n_iter_ == 2
    assert fitted.predict(data()[0]).shape == (40,)


# What is refused, or warned of


def test_without_scikit_learn_the_command_that_installs_it_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn", None)
    monkeypatch.delitem(sys.modules, "micrograd_nd.nn.sklearn")
    with pytest.raises(ImportError, match=re.escape("pip install 'micrograd-nd[sklearn]'")):
        importlib.import_module("micrograd_nd.nn.sklearn")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"hidden_layer_sizes": (5, 0)}, "each of hidden_layer_sizes must be at least 1; got 0"),
        ({"hidden_layer_sizes": "100"}, "each of hidden_layer_sizes must be an int; got '100'"),
        ({"activation": "relo"}, "unknown activation 'relo'"),
        ({"activation": nn.relu}, 'activation must be a name, such as "relu"'),
        ({"optimizer": "lbfgs"}, "unknown optimizer 'lbfgs'; known are adam,"),
        ({"optimizer": 3}, "optimizer must be a function, such as nn.Adam"),
        ({"alpha": -1.0}, "alpha must not be negative"),
        ({"batch_size": 0}, "batch_size must be at least 1"),
        ({"batch_size": "all"}, "batch_size must be an int or \"auto\"; got 'all'"),
        ({"learning_rate_init": 0}, "the learning rate must be a positive number"),
        ({"max_iter": 2.5}, "max_iter must be an int"),
        ({"tol": -1e-3}, "tol must not be negative"),
        ({"n_iter_no_change": 0}, "n_iter_no_change must be at least 1"),
        ({"verbose": "yes"}, "verbose must be True or False"),
        ({"dtype": np.float16}, "dtype must be float32, float64, or None for that of the samples"),
    ],
)
@pytest.mark.parametrize("make", ESTIMATORS)
def test_settings_that_make_no_sense_are_refused(make, options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        small(make, **options).fit(*data())


def test_batches_of_more_samples_than_there_are_are_warned_of():
    with pytest.warns(UserWarning, match="batch_size is 41, and there are 40 samples: all are one batch"):
        small(batch_size=41).fit(*data())


def test_a_run_that_diverges_is_an_error_and_leaves_no_network():
    estimator = small(NeuralNetworkRegressor).fit(*data())
    with pytest.raises(FloatingPointError, match="smaller learning rate"):
        estimator.set_params(optimizer="sgd", learning_rate_init=1e200).fit(*data())
    with pytest.raises(NotFittedError):
        estimator.predict(data()[0])
