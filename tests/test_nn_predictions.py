"""Probabilities are what the model gives, and a confusion matrix counts each sample where it belongs."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn


@st.composite
def labelled(draw):
    """How many classes there are, labels that were given, and true ones."""
    K, m = draw(st.tuples(st.integers(2, 4), st.integers(1, 12)))
    row = hnp.arrays(int, (1, m), elements=st.integers(0, K - 1))
    return K, draw(row), draw(row)


# Probabilities


@pytest.mark.parametrize(("output", "n_y"), [("sigmoid", 1), ("sigmoid", 3), ("softmax", 3)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_probabilities_are_the_output_of_the_model(output, n_y, dtype):
    model = nn.MLP([2, 4, n_y], output=output, seed=0, dtype=dtype)
    X = np.random.default_rng(0).normal(size=(2, 7))
    A = nn.predict_proba(model, X)
    np.testing.assert_array_equal(A, model(X.astype(dtype)).numpy(), strict=True)
    assert type(A) is np.ndarray
    A[:] = 0
    assert nn.predict_proba(model, X).any()


@given(st.integers(0, 99))
def test_labels_are_the_more_probable_ones(seed):
    X = np.random.default_rng(seed).normal(size=(2, 7))
    binary, classes = nn.MLP([2, 3, 1], seed=seed), nn.MLP([2, 3, 3], output="softmax", seed=seed)
    np.testing.assert_array_equal(nn.predict(binary, X), nn.predict_proba(binary, X) > 0.5)
    np.testing.assert_array_equal(nn.predict(classes, X)[0], nn.predict_proba(classes, X).argmax(axis=0))
    np.testing.assert_allclose(nn.predict_proba(classes, X).sum(axis=0), 1, rtol=1e-12)


class Shaky(nn.Module):
    def forward(self, X):
        return X * np.nan if self.training else X


def test_probabilities_are_those_of_the_softmax_whose_logarithm_is_the_output():
    by_logarithm, by_softmax = (nn.MLP([2, 3, 4], output=name, seed=0) for name in ("log_softmax", "softmax"))
    X = np.random.default_rng(0).normal(size=(2, 20))
    assert np.allclose(nn.predict_proba(by_logarithm, X), nn.predict_proba(by_softmax, X), rtol=1e-14)


def test_probabilities_are_those_of_evaluation_and_the_mode_stays():
    model = nn.Sequential(Shaky(), nn.LogisticRegression(2))
    assert nn.predict_proba(model, np.ones((2, 3))).tolist() == [[0.5, 0.5, 0.5]]
    assert model.training
    assert model.layers[0].training


@pytest.mark.parametrize("model", [nn.MLP([2, 1], output="linear"), nn.Linear(2, 1), nn.Sequential()], ids=repr)
def test_an_output_that_is_not_known_to_be_of_probabilities_is_refused(model):
    with pytest.raises(TypeError, match=rf"the output of {type(model).__name__} is not known to be of probabilities"):
        nn.predict_proba(model, np.ones((2, 3)))


@pytest.mark.parametrize("X", [np.ones(2), np.full((2, 1), np.nan), np.ones((3, 2))])
def test_probabilities_of_what_are_no_samples_are_refused(X):
    with pytest.raises(ValueError, match=r"rank-1|holds nan|needs X of shape \(2, m\)"):
        nn.predict_proba(nn.LogisticRegression(2), X)


# Confusion


@given(labelled())
def test_rows_are_true_classes_and_columns_are_labels(case):
    K, labels, Y = case
    counts = nn.confusion_matrix(labels, Y, classes=K)
    assert counts.dtype == np.int64
    for k in range(K):
        for j in range(K):
            assert counts[k, j] == np.sum((k == Y) & (labels == j))


@given(labelled())
def test_a_confusion_matrix_is_that_of_scikit_learn(case):
    metrics = pytest.importorskip("sklearn.metrics")
    K, labels, Y = case
    expected = metrics.confusion_matrix(Y[0], labels[0], labels=range(K))
    np.testing.assert_array_equal(nn.confusion_matrix(labels, Y, classes=K), expected)


@given(labelled())
def test_the_diagonal_counts_what_accuracy_calls_right(case):
    K, labels, Y = case
    assert np.trace(nn.confusion_matrix(labels, Y, classes=K)) / Y.size == pytest.approx(nn.accuracy(labels, Y))


@given(labelled())
def test_labels_probabilities_and_one_hot_are_counted_the_same(case):
    K, labels, Y = case
    expected = nn.confusion_matrix(labels, Y, classes=K)
    probabilities = nn.one_hot(labels, K) / 2 + 0.1
    for prediction in (probabilities, mg.Tensor(probabilities)):
        for true in (Y, nn.one_hot(Y, K), mg.Tensor(nn.one_hot(Y, K))):
            np.testing.assert_array_equal(nn.confusion_matrix(prediction, true), expected)
    np.testing.assert_array_equal(nn.confusion_matrix(labels, nn.one_hot(Y, K)), expected)


def test_probabilities_of_1_are_labels_above_one_half():
    counts = nn.confusion_matrix([[0.5, 0.51, 0.2, 0.9]], [[0, 0, 1, 1]])
    assert counts.tolist() == [[1, 1], [1, 1]]
    assert nn.confusion_matrix([[False, True]], [[False, False]]).tolist() == [[1, 1], [0, 0]]


def test_there_are_as_many_classes_as_labels_tell_of_and_at_least_two():
    assert nn.confusion_matrix([[0, 0]], [[0, 0]]).tolist() == [[2, 0], [0, 0]]
    assert nn.confusion_matrix([[0, 2]], [[0, 0]]).shape == (3, 3)
    assert nn.confusion_matrix([[0, 0]], [[0, 2]]).shape == (3, 3)
    assert nn.confusion_matrix([[0, 0]], [[0, 2]], classes=5).shape == (5, 5)


def test_a_trained_model_is_confused_by_nothing_that_it_has_learned():
    X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 0, 1, 1]])
    model = nn.LogisticRegression(1)
    nn.fit(model, X, Y, epochs=10, learning_rate=1.0, seed=0, progress=False)
    assert nn.confusion_matrix(nn.predict(model, X), Y).tolist() == [[2, 0], [0, 2]]


@pytest.mark.parametrize(
    ("prediction", "Y", "options", "message"),
    [
        ([[0, 1]], [[0, 1, 1]], {}, "Y must be of shape (2, 2) (one-hot) or (1, 2) (class indices)"),
        ([[0, 1], [1, 0]], [[0, 1]], {}, "needs one label a sample, so labels (1, m); got shape (2, 2)"),
        ([[0, 3]], [[0, 1]], {"classes": 3}, "from 0 to 2; prediction holds 3 in column 1"),
        ([[0, 1]], [[0, -1]], {}, "from 0 to 1; Y holds -1 in column 1"),
        ([[0, -1]], [[0, 1]], {}, "from 0 to 1; prediction holds -1 in column 1"),
        ([[0, 1]], [[0, 0.5]], {}, "from 0 to 1; Y holds 0.5 in column 1"),
        ([[0, 1]], [[0, np.nan]], {}, "from 0 to 1; Y holds nan in column 1"),
        ([[0, 0]], [[0, 0]], {"classes": 1}, "there are at least 2 classes; got classes=1"),
        ([[0.5, np.nan]], [[0, 1]], {}, "the prediction is NaN for the sample in column 1, which has no label"),
        ([[0.5, 2.0]], [[0, 1]], {}, "must be labels, of an integer dtype, or probabilities from 0 to 1; got 2.0"),
        ([0, 1], [[0, 1]], {}, "prediction must be a matrix with a sample a column; got shape (2,), a rank-1 array"),
        ([[0, 1]], [[0, 1]], {"classes": 1.5}, "classes must be an int; got 1.5"),
        ([[0, 1]], [[0, 1]], {"classes": 0}, "classes must be at least 1; got 0"),
    ],
)
def test_what_cannot_be_counted_is_told(prediction, Y, options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.confusion_matrix(prediction, Y, **options)
