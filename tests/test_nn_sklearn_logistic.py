"""LogisticRegressionClassifier finds the minimum that scikit-learn's LogisticRegression looks for."""

import pickle
import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sklearn = pytest.importorskip("sklearn")

from sklearn.base import clone  # noqa: E402
from sklearn.calibration import CalibratedClassifierCV  # noqa: E402
from sklearn.datasets import load_breast_cancer, load_iris  # noqa: E402
from sklearn.exceptions import ConvergenceWarning, NotFittedError  # noqa: E402
from sklearn.linear_model import LogisticRegression  # noqa: E402
from sklearn.model_selection import GridSearchCV, cross_val_score  # noqa: E402
from sklearn.pipeline import make_pipeline  # noqa: E402
from sklearn.preprocessing import StandardScaler  # noqa: E402
from sklearn.utils.class_weight import compute_sample_weight  # noqa: E402

from micrograd_nd import nn  # noqa: E402
from micrograd_nd.nn.sklearn import LogisticRegressionClassifier  # noqa: E402


def blobs(K=2, m=60, seed=0):
    rng = np.random.default_rng(seed)
    y = np.arange(m) % K
    return rng.normal(size=(m, 3)) + 1.2 * y[:, None] * [1, -1, 0.5], y


def cost(W, b, X, y, C=1.0, weights=1.0):
    """The cost in the words of scikit-learn's documentation: C times the sum of losses, plus half the squares."""
    Z = X @ W.T + b
    if len(W) == 1:
        losses = np.logaddexp(0, Z[:, 0]) - y * Z[:, 0]
    else:
        highest = Z.max(axis=1, keepdims=True)
        losses = np.log(np.exp(Z - highest).sum(axis=1)) + highest[:, 0] - Z[np.arange(len(y)), y]
    return C * np.sum(weights * losses) + 0.5 * np.sum(W**2)


def cost_of(classifier, *data, **options):
    return cost(classifier.coef_, classifier.intercept_, *data, **options)


# The minimum


@pytest.mark.parametrize("C", [0.01, 1.0])
@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
def test_the_cost_is_that_of_scikit_learn_at_its_minimum(load, C):
    X, y = load(return_X_y=True)
    X = StandardScaler().fit_transform(X)
    theirs = LogisticRegression(C=C, tol=1e-10, max_iter=10_000).fit(X, y)
    ours = LogisticRegressionClassifier(C=C).fit(X, y)
    assert cost_of(ours, X, y, C=C) == pytest.approx(cost_of(theirs, X, y, C=C), rel=0, abs=1e-6)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-4)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-4)


def test_the_cost_is_no_higher_than_that_of_scikit_learn_where_features_are_not_scaled():
    X, y = load_breast_cancer(return_X_y=True)
    theirs = LogisticRegression(tol=1e-10, max_iter=20_000).fit(X, y)
    assert cost_of(LogisticRegressionClassifier().fit(X, y), X, y) <= cost_of(theirs, X, y) + 1e-6


@settings(max_examples=25)
@given(st.integers(2, 4), st.integers(0, 999), st.floats(-2, 2))
def test_no_derivative_is_left_at_the_minimum(K, seed, exponent):
    X, y = blobs(K, seed=seed)
    X = X * [1e3, 1.0, 1e-2] + [1e4, 0.0, 0.0]
    weights = np.random.default_rng(seed).uniform(0.1, 3, len(y))
    C = 10.0**exponent
    fitted = LogisticRegressionClassifier(C=C).fit(X, y, weights)
    error = fitted.predict_proba(X).T - np.eye(K)[y].T
    error = (error if K > 2 else error[1:]) * weights
    spread = X.std(axis=0)
    gradient = C * error @ (X - X.mean(axis=0)) + fitted.coef_
    np.testing.assert_allclose(gradient / (C * weights.sum() * spread + 1), 0, atol=1e-6)
    np.testing.assert_allclose(error.sum(axis=1) / weights.sum(), 0, atol=1e-6)


def test_the_loss_is_the_cost_over_c_and_the_weights():
    X, y = blobs(3)
    weights = np.linspace(0, 2, len(y))
    fitted = LogisticRegressionClassifier(C=3.0).fit(X, y, weights)
    expected = cost_of(fitted, X, y, C=3.0, weights=weights) / (3.0 * weights.sum())
    assert fitted.loss_ == pytest.approx(expected, rel=1e-12)
    assert fitted.loss_curve_[-1] == fitted.loss_
    assert len(fitted.loss_curve_) == fitted.n_iter_
    assert fitted.loss_curve_ == sorted(fitted.loss_curve_, reverse=True)


def test_without_regularisation_c_is_infinite():
    X, y = blobs()
    theirs = LogisticRegression(C=1e12, tol=1e-12, max_iter=10_000).fit(X, y)
    ours = LogisticRegressionClassifier(C=np.inf).fit(X, y)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-4)


def test_a_feature_that_never_changes_has_no_weight():
    X, y = blobs()
    X[:, 1] = 1e6
    for C in (1.0, np.inf):
        fitted = LogisticRegressionClassifier(C=C).fit(X, y)
        assert fitted.coef_[0, 1] == 0
        assert np.isfinite(fitted.loss_)


# Weights


@pytest.mark.parametrize("K", [2, 3])
def test_a_sample_of_weight_2_counts_as_two(K):
    X, y = blobs(K)
    weights = np.arange(len(y)) % 4
    weighted = LogisticRegressionClassifier().fit(X, y, weights)
    repeated = LogisticRegressionClassifier().fit(X.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-5, atol=1e-7)


@pytest.mark.parametrize("class_weight", ["balanced", {"b": 3.0}, {"a": 0.5, "b": 2}])
def test_classes_weigh_what_scikit_learn_lets_them_weigh(class_weight):
    X, y = blobs(3)
    labels = np.array(["a", "b", "b"])[y]
    ours = LogisticRegressionClassifier(class_weight=class_weight).fit(X, labels)
    same = LogisticRegressionClassifier().fit(X, labels, compute_sample_weight(class_weight, labels))
    np.testing.assert_allclose(ours.coef_, same.coef_, rtol=1e-5)


def test_balanced_classes_count_the_same_by_weight():
    X, y = blobs()
    weights = np.arange(len(y)) % 4
    weighted = LogisticRegressionClassifier(class_weight="balanced").fit(X, y, weights)
    repeated = LogisticRegressionClassifier(class_weight="balanced").fit(X.repeat(weights, axis=0), y.repeat(weights))
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-5)


# Predictions


@pytest.mark.parametrize("K", [2, 3])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_predictions_are_of_the_dtype_of_the_samples(K, dtype):
    X, y = blobs(K)
    fitted = LogisticRegressionClassifier().fit(X.astype(dtype), y)
    results = (fitted.coef_, fitted.intercept_, fitted.predict_proba(X), fitted.decision_function(X))
    assert {result.dtype for result in results} == {np.dtype(dtype)}


def test_a_dtype_that_is_chosen_is_that_of_the_parameters():
    X, y = blobs()
    assert LogisticRegressionClassifier(dtype="float32").fit(X, y).coef_.dtype == np.float32
    assert LogisticRegressionClassifier(dtype=np.float64).fit(X.astype(np.float32), y).coef_.dtype == np.float64


@pytest.mark.parametrize("K", [2, 3])
def test_logits_probabilities_and_labels_agree(K):
    X, y = blobs(K)
    fitted = LogisticRegressionClassifier().fit(X, y)
    Z = X @ fitted.coef_.T + fitted.intercept_
    np.testing.assert_allclose(fitted.decision_function(X), Z if K > 2 else Z[:, 0], rtol=1e-12, atol=1e-12)
    expected = nn.softmax(Z, axis=1) if K > 2 else np.hstack([nn.sigmoid(-Z), nn.sigmoid(Z)])
    np.testing.assert_allclose(fitted.predict_proba(X), expected, rtol=1e-9)
    np.testing.assert_allclose(fitted.predict_log_proba(X), np.log(expected), rtol=1e-9, atol=1e-12)
    assert fitted.predict(X).tolist() == expected.argmax(axis=1).tolist()


def test_the_model_is_one_of_columns():
    X, y = blobs()
    fitted = LogisticRegressionClassifier().fit(X, y)
    assert isinstance(fitted.model_, nn.LogisticRegression)
    assert nn.predict(fitted.model_, X.T)[0].tolist() == fitted.predict(X).tolist()


def test_labels_may_be_of_any_kind():
    X, y = blobs(3)
    labels = np.array(["cat", "dog", "owl"])[y]
    fitted = LogisticRegressionClassifier().fit(X, labels)
    assert fitted.classes_.tolist() == ["cat", "dog", "owl"]
    assert fitted.score(X, labels) == LogisticRegressionClassifier().fit(X, y).score(X, y)


# Among other estimators


def test_it_is_part_of_pipelines_grid_searches_and_calibrations():
    X, y = load_breast_cancer(return_X_y=True)
    pipeline = make_pipeline(StandardScaler(), LogisticRegressionClassifier())
    assert cross_val_score(pipeline, X, y, cv=3).mean() > 0.96
    search = GridSearchCV(pipeline, {"logisticregressionclassifier__C": [1e-4, 1.0]}, cv=3).fit(X, y)
    assert search.best_params_ == {"logisticregressionclassifier__C": 1.0}
    assert CalibratedClassifierCV(pipeline, cv=3).fit(X, y).score(X, y) > 0.96


def test_it_is_pickled_and_cloned():
    X, y = blobs()
    fitted = LogisticRegressionClassifier(C=2.0).fit(X, y)
    again = pickle.loads(pickle.dumps(fitted))  # noqa: S301 - its own
    np.testing.assert_array_equal(again.predict_proba(X), fitted.predict_proba(X), strict=True)
    assert clone(fitted).get_params() == fitted.get_params()


# What is refused, or warned of


def test_too_few_iterations_are_warned_of():
    X, y = load_breast_cancer(return_X_y=True)
    with pytest.warns(ConvergenceWarning, match=r"not reached in 2 iterations.*Increase max_iter"):
        LogisticRegressionClassifier(max_iter=2).fit(X, y)


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"C": 0}, "C must be positive; got 0"),
        ({"C": np.nan}, "C must be a finite number"),
        ({"C": "1"}, "C must be a number"),
        ({"tol": -1.0}, "tol must be positive"),
        ({"max_iter": 0}, "max_iter must be at least 1"),
        ({"dtype": "int64"}, "dtype must be float32, float64, or None for that of the samples; got 'int64'"),
        ({"dtype": "nonsense"}, "dtype must be float32, float64"),
        ({"class_weight": {7: 1.0}}, "class_weight has a weight for 7, and the classes are 0, 1"),
        ({"class_weight": {0: -1.0}}, "class_weight must hold finite numbers that are not negative"),
        ({"class_weight": "even"}, "class_weight must be a dict from labels to weights"),
    ],
)
def test_settings_that_make_no_sense_are_refused(options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        LogisticRegressionClassifier(**options).fit(*blobs())


def test_a_single_class_is_refused_and_leaves_nothing_fitted():
    X, y = blobs()
    fitted = LogisticRegressionClassifier().fit(X, y)
    with pytest.raises(ValueError, match=r"at least 2 classes; y holds only one class, .*'a'"):
        fitted.fit(X, ["a"] * len(X))
    with pytest.raises(NotFittedError):
        fitted.predict(X)


@pytest.mark.parametrize("weights", [np.zeros(60), np.full(60, -1.0), np.ones(59), np.full(60, np.nan), ["a"] * 60])
def test_weights_that_make_no_sense_are_refused(weights):
    with pytest.raises((TypeError, ValueError), match="sample_weight"):
        LogisticRegressionClassifier().fit(*blobs(), sample_weight=weights)
