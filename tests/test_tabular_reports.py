"""Reports of predictions: what they count, and what they compare with."""

import re

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from micrograd_nd.tabular.reports import report
from micrograd_nd.tabular.targets import ClassTarget, NumberTarget

NUMBER = NumberTarget("y", 0.0, 1.0)


def classes(n):
    return ClassTarget("y", tuple(f"c{k}" for k in range(n)), numeric=False)


def pairs(n, most=40):
    """True labels, and predicted ones."""
    labels = npst.arrays(np.intp, st.shared(st.integers(1, most), key="m"), elements=st.integers(0, n - 1))
    return st.tuples(labels, labels)


def chosen(labels, n):
    """Probabilities by which these labels are predicted."""
    return np.where(labels == np.arange(n)[:, None], 0.9, 0.1 / (n - 1))


@given(pairs(3))
def test_accuracy_baseline_and_confusions_are_counted(labels):
    true, predicted = labels
    first, title, header, *table = report(classes(3), chosen(predicted, 3), true[None])
    right = int((true == predicted).sum())
    usual = np.bincount(true).argmax()
    share = f"always 'c{usual}' would be right for {(true == usual).mean():.4f}"
    assert first == f"accuracy {right / len(true):.4f}, {right} of {len(true)} right; {share}"
    assert (title, header.split()) == ("true / predicted", ["c0", "c1", "c2"])
    counts = [[((true == k) & (predicted == j)).sum() for j in range(3)] for k in range(3)]
    assert [line.split() for line in table] == [[f"c{k}", *map(str, row)] for k, row in enumerate(counts)]
    assert len({len(line) for line in (header, *table)}) == 1


def test_the_baseline_is_that_of_the_training_rows_where_they_are_known():
    first = report(classes(2), chosen(np.array([0, 0, 1]), 2), np.array([[0, 0, 1]]), baseline=1.0)[0]
    assert first == "accuracy 1.0000, 3 of 3 right; always 'c1' would be right for 0.3333"
    (first,) = report(NUMBER, np.array([[1.0, 3.0]]), np.array([[1.0, 3.0]]), baseline=0.0)
    assert first == "RMSE 0, R2 1.0000; always 0 would have RMSE 2.2361 (2 rows)"


def test_of_many_classes_the_most_frequent_confusions_are_named():
    true, predicted = np.arange(16).repeat(3), np.arange(16).repeat(3)
    predicted[[0, 1, 20]] = [5, 5, 9]
    assert report(classes(16), chosen(predicted, 16), true[None])[1:] == [
        "  2 times 'c0' was taken for 'c5'",
        "  1 time 'c6' was taken for 'c9'",
    ]


@given(st.integers(2, 20).flatmap(lambda m: npst.arrays(np.float64, (2, m), elements=st.floats(-1e6, 1e6))))
def test_the_error_and_r2_are_those_of_scikit_learn(values):
    metrics = pytest.importorskip("sklearn.metrics", reason="it is scikit-learn that is compared with")
    predicted, true = values
    assume(true.std() > 1e-6)
    (line,) = report(NUMBER, predicted[None], true[None])
    found = re.fullmatch(r"RMSE (\S+), R2 (\S+); always (\S+) would have RMSE (\S+) \(\d+ rows\)", line).groups()
    expected = [
        metrics.mean_squared_error(true, predicted) ** 0.5,
        metrics.r2_score(true, predicted),
        true.mean(),
        true.std(),
    ]
    np.testing.assert_allclose([float(number) for number in found], expected, rtol=1e-4, atol=1e-4)


def test_r2_is_not_defined_where_nothing_varies():
    (line,) = report(NUMBER, np.array([[1.0, 2.0]]), np.array([[2.0, 2.0]]))
    assert line.startswith("RMSE 0.70711, R2 is not defined, since all of these are the same")


def test_errors_of_any_size_are_told():
    (line,) = report(NUMBER, np.array([[1e300, -1e300]]), np.array([[-1e300, 1e300]]))
    assert line == "RMSE 2e+300, R2 -3.0000; always 0 would have RMSE 1e+300 (2 rows)"


def test_labels_are_short_and_move_no_cursor():
    target = ClassTarget("y", ("\x1b[2J\n", "x" * 50), numeric=False)
    lines = report(target, chosen(np.array([0, 1]), 2), np.array([[0, 1]]))
    assert all(line.isprintable() for line in lines)
    assert lines[2].split() == [r"\x1b[2J\n", "x" * 17 + "..."]


@given(npst.arrays(np.float64, 6, elements=st.integers(-50, 50).map(float)), st.integers(-900, 900))
def test_numbers_of_any_size_have_the_same_coefficient_of_determination(values, exponent):
    assume(np.ptp(values) > 0)
    true = 17 * values[None]
    small, large = (report(NUMBER, c * (true + 1), c * true)[0] for c in (1.0, 2.0**exponent))
    assert re.search(r"R2 \S+", large)[0] == re.search(r"R2 \S+", small)[0]


def test_the_mean_of_numbers_whose_sum_overflows_is_no_infinity():
    true = np.array([[1.0e308, 1.2e308, 1.4e308]])
    (first,) = report(NUMBER, np.full((1, 3), 1.2e308), true)
    assert first == "RMSE 1.633e+307, R2 0.0000; always 1.2e+308 would have RMSE 1.633e+307 (3 rows)"


def test_an_error_whose_square_overflows_beside_the_spread_is_told():
    (line,) = report(NUMBER, np.array([[1e200, 0.0]]), np.array([[0.0, 1e-100]]))
    assert "R2 -inf" in line
