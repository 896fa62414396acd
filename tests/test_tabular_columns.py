"""What columns are taken for, what becomes of them, and which rows are held out."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as npst

from micrograd_nd.tabular.cells import numbers, numbers_or_text, texts
from micrograd_nd.tabular.csv_files import Table
from micrograd_nd.tabular.errors import TableError
from micrograd_nd.tabular.features import CategoryFeature, NumberFeature, mean_and_scale, read_columns
from micrograd_nd.tabular.splitting import split
from micrograd_nd.tabular.targets import ClassTarget, read_target

FLOATS = st.floats(allow_nan=False, allow_infinity=False)


def table(**columns):
    """A table whose first row is in line 2."""
    n = len(next(iter(columns.values())))
    return Table("data.csv", {name: tuple(cells) for name, cells in columns.items()}, tuple(range(2, n + 2)))


# Cells


@given(st.lists(FLOATS, min_size=1))
def test_numbers_come_back_to_the_bit(values):
    found = numbers(table(x=[repr(value) for value in values]), "x")
    np.testing.assert_array_equal(found, values)


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("abc", "holds 'abc' where a number is needed, as said"),
        ("1_000", "holds '1_000' where a number is needed"),
        ("1,5", "holds '1,5' where a number is needed: write numbers with a point for decimals"),
        ("1.234,5", "write numbers with a point for decimals"),
        ("nan", "holds 'nan', which is no finite number"),
        ("-inf", "holds '-inf', which is no finite number"),
        ("1e999", "holds '1e999', which is no finite number"),
        ("", "has no value there"),
        (" ", "has no value there"),
        ("two\nlines", r"holds 'two\nlines' where a number is needed"),
    ],
)
def test_what_is_no_number_is_told_with_line_and_column(cell, said):
    with pytest.raises(TableError) as caught:
        numbers(table(x=["1", "2", cell, "3"]), "x", ", as said")
    assert str(caught.value).startswith("data.csv, line 4: column 'x' ")
    assert said in str(caught.value)


def test_text_is_without_the_blanks_around_it():
    assert texts(table(x=[" a", "a ", "b c"]), "x") == ["a", "a", "b c"]


@pytest.mark.parametrize(
    ("cells", "said"),
    [
        (["1", "2", "x"], "line 4: column 'x' holds 'x', which is no number, and '1' in line 2, which is one"),
        (["a", "2", "b"], "line 2: column 'x' holds 'a', which is no number, and '2' in line 3, which is one"),
        (["a", "", "b"], "line 3: column 'x' has no value there"),
        (["a", "nan", "b"], "line 3: column 'x' holds 'nan', which is no finite number"),
        (["1,5", "2,5", "-3,25"], "line 2: column 'x' holds '1,5': write numbers with a point"),
    ],
)
def test_a_column_of_numbers_and_text_is_refused(cells, said):
    with pytest.raises(TableError) as caught:
        numbers_or_text(table(x=cells), "x", "--categorical 'x'")
    assert said in str(caught.value)


# Features


@given(npst.arrays(np.float64, st.integers(2, 20), elements=st.floats(-1e6, 1e6)))
def test_mean_and_scale_are_those_of_numpy(values):
    mean, scale = mean_and_scale(values)
    if values.min() == values.max():
        assert (mean, scale) == (values[0], 0)
    elif np.abs(values).max() > 1e-100:  # below, squares vanish
        assert mean == values.mean()
        assert scale == values.std()


@given(npst.arrays(np.float64, st.integers(2, 20), elements=st.floats(-1, 1, allow_subnormal=False)))
def test_mean_and_scale_go_along_with_numbers_of_any_size(values):
    mean, scale = mean_and_scale(values * 2.0**-20)
    larger = mean_and_scale(values * 2.0**1000)
    if np.abs(values).min() > 1e-290:
        assert larger == (mean * 2.0**1020, scale * 2.0**1020)


@given(npst.arrays(np.float64, st.integers(2, 30), elements=st.floats(-1e3, 1e3), unique=True))
def test_standardised_numbers_have_mean_0_and_deviation_1(values):
    rows = table(x=[repr(value) for value in values.tolist()])
    (column,) = read_columns(rows, ["x"], [])
    Z = column.fitted(np.arange(len(values))).encoded(rows)
    assert Z.shape == (1, len(values))
    if values.std() > 1e-9 * np.abs(values).max():
        np.testing.assert_allclose([Z.mean(), Z.std()], [0, 1], atol=1e-6)


def test_categories_are_one_hot_in_the_order_of_the_alphabet():
    rows = table(c=["b", "a", "c", "b"])
    (column,) = read_columns(rows, ["c"], [])
    feature = column.fitted(np.arange(4))
    assert feature == CategoryFeature("c", ("a", "b", "c"))
    np.testing.assert_array_equal(feature.encoded(rows), [[0, 1, 0, 0], [1, 0, 0, 1], [0, 0, 1, 0]])


def test_numbers_may_be_declared_categories():
    (column,) = read_columns(table(c=["10", "9", "10"]), ["c"], ["c"])
    assert column.fitted(np.arange(3)) == CategoryFeature("c", ("10", "9"))


def test_a_category_that_training_had_not_is_told_with_its_line():
    with pytest.raises(TableError, match=r"line 3: column 'c' holds 'z', which no row had .*; they had 'a', 'b'$"):
        CategoryFeature("c", ("a", "b")).encoded(table(c=["a", "z"]))


def test_a_number_that_is_too_far_away_is_told_with_its_line():
    with pytest.raises(TableError, match=r"line 3: column 'x' holds 1e\+308, too far from the mean 0"):
        NumberFeature("x", 0.0, 1e-5).encoded(table(x=["1", "1e308"]))


def test_a_column_that_is_the_same_in_all_training_rows_is_no_feature():
    rows = table(x=["0.1", "0.1", "5"], c=["a", "a", "a"])
    x, c = read_columns(rows, ["x", "c"], [])
    assert x.fitted(np.array([0, 1])) is None
    assert c.fitted(np.array([0, 1])) is None


def test_too_many_different_texts_are_refused_unless_they_are_declared_categories():
    many = table(c=[f"n{i}" for i in range(101)])
    with pytest.raises(TableError, match="column 'c' holds 101 different texts: leave it out by --drop 'c'"):
        read_columns(many, ["c"], [])
    assert len(read_columns(many, ["c"], ["c"])[0].categories) == 101
    with pytest.raises(TableError, match="column 'c' holds 1,001 different texts, and 1,000 categories are the most"):
        read_columns(table(c=[f"n{i}" for i in range(1001)]), ["c"], ["c"])


# Targets


@pytest.mark.parametrize(
    ("cells", "labels"),
    [
        (["no", "yes", "no"], ("no", "yes")),
        (["0", "1", "0"], ("0", "1")),
        (["1", "1.0", "2", "02"], ("1", "2")),
        ([str(i % 20) for i in range(40)], tuple(map(str, range(20)))),
        (["-1", "10", "9"] * 2, ("-1", "9", "10")),
    ],
    ids=str,
)
def test_text_and_few_whole_numbers_are_classes(cells, labels):
    found = read_target(table(y=cells), "y")
    assert found.labels == labels
    assert found.decision.startswith(f"classification into {len(labels)} classes, since the target")


@pytest.mark.parametrize(
    "cells",
    [["0.5", "1", "2"], [str(i % 21) for i in range(100)], ["1", "2", "3", "4", "5"], ["0.5", "1.5"] * 9],
    ids=["halves", "21 of them", "once each", "two halves"],
)
def test_other_numbers_are_numbers(cells):
    found = read_target(table(y=cells), "y")
    assert found.labels == ()
    np.testing.assert_array_equal(found.values, np.array(cells, dtype=float))


def test_the_task_can_be_chosen():
    cells = ["0", "1", "1"]
    assert read_target(table(y=cells), "y", "regression").labels == ()
    assert read_target(table(y=["0.5", "7", "0.5"]), "y", "classification").labels == ("0.5", "7")
    assert read_target(table(y=["1", "3+", "1.0"]), "y", "classification").labels == ("1", "1.0", "3+")


@pytest.mark.parametrize(
    ("cells", "task", "said"),
    [
        (["1.5", "x", "2"], "regression", "line 3: column 'y' holds 'x' where a number is needed"),
        (["1.5", "x", "2"], "auto", "line 3: column 'y' holds 'x', which is no number"),
        (["1.5", "x", "2"], "auto", "or say --task classification"),
        (["a", "a"], "auto", "the target 'y' is 'a' in every row: two classes are needed"),
        (["1", "1.0"], "classification", "the target 'y' is '1' in every row: two classes are needed"),
        (["2", "2"], "auto", "the target 'y' is 2 in every row: there is nothing to learn"),
        (["0", "nan", "1"], "classification", "line 3: column 'y' holds 'nan', which is no finite number"),
        (["a", "", "b"], "auto", "line 3: column 'y' has no value there"),
        (
            [f"n{i}" for i in range(101)],
            "auto",
            "has 101 different values, too many for classes. --task classification",
        ),
        ([f"n{i}" for i in range(1001)], "classification", "has 1,001 different values, too many for classes"),
    ],
)
def test_what_cannot_be_a_target_is_told(cells, task, said):
    with pytest.raises(TableError) as caught:
        read_target(table(y=cells), "y", task)
    assert said in str(caught.value)


def test_numbers_that_are_the_same_in_all_training_rows_are_no_target():
    column = read_target(table(y=["0.5", "0.7", "0.7"]), "y")
    with pytest.raises(TableError, match=r"the target 'y' is 0\.7 in every row to train on: nothing to learn"):
        column.fitted(np.array([1, 2]))


def test_labels_that_are_numbers_are_found_however_they_are_written():
    target = ClassTarget("y", ("1", "2.5"), numeric=True)
    np.testing.assert_array_equal(target.encoded(table(y=["2.50", "01", " 1.0"])), [[1, 0, 0]])


@pytest.mark.parametrize("task", ["auto", "classification"])
def test_whole_numbers_too_long_for_float64_stay_the_labels_that_they_are(task):
    cells = ["12345678901234567891", "12345678901234567890", "9007199254740993"] * 2
    column = read_target(table(y=cells), "y", task)
    assert column.labels == tuple(sorted(set(cells)))
    target = column.fitted(np.arange(6))
    np.testing.assert_array_equal(target.encoded(table(y=cells)), column.values[None])


# Splitting


@given(
    st.lists(st.integers(0, 4), min_size=2, max_size=80),
    st.floats(0.05, 0.9),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_every_row_is_in_one_part_and_training_has_every_class(groups, holdout, validation, seed):
    groups = np.array(groups)
    try:
        parts = split(groups, [], holdout, validation, np.random.default_rng(seed))
    except TableError:  # with a row of each class to train on, none may be left
        return
    together = np.concatenate([parts.train, parts.validation, parts.held_out])
    np.testing.assert_array_equal(np.sort(together), np.arange(len(groups)))
    assert set(groups[parts.train]) == set(groups)
    assert (len(parts.validation) > 0) == validation
    assert len(parts.held_out) <= round(len(groups) * holdout)


@given(st.lists(st.integers(10, 50), min_size=1, max_size=5), st.floats(0.1, 0.6), st.integers(0, 2**32))
def test_every_class_has_its_share_of_what_is_held_out(sizes, holdout, seed):
    groups = np.repeat(np.arange(len(sizes)), sizes)
    parts = split(groups, [], holdout, False, np.random.default_rng(seed))
    held_out = np.bincount(groups[parts.held_out], minlength=len(sizes))
    assert np.all(np.abs(held_out - np.array(sizes) * holdout) < 1 + 1e-9)
    assert abs(held_out.sum() - sum(sizes) * holdout) <= 0.5 + 1e-9


@given(
    st.integers(10, 60).flatmap(lambda m: st.tuples(*[npst.arrays(np.intp, m, elements=st.integers(0, 6))] * 3)),
    st.booleans(),
    st.integers(0, 2**32),
)
def test_training_has_every_category(columns, validation, seed):
    groups, *categories = columns
    try:
        parts = split(groups, categories, 0.3, validation, np.random.default_rng(seed))
    except TableError:
        return
    for codes in categories:
        assert set(codes[parts.train]) == set(codes)
    together = np.concatenate([parts.train, parts.validation, parts.held_out])
    np.testing.assert_array_equal(np.sort(together), np.arange(len(groups)))


def test_the_seed_decides_which_rows_are_held_out():
    def held_out(seed):
        return split(np.zeros(100, int), [], 0.2, False, np.random.default_rng(seed)).held_out.tolist()

    assert held_out(1) == held_out(1) != held_out(2)


def test_nothing_is_held_out_where_that_is_asked_for():
    parts = split(np.array([0, 1]), [], 0.0, False, np.random.default_rng(0))
    assert (parts.train.tolist(), parts.held_out.tolist()) == ([0, 1], [])


def test_too_few_rows_are_told():
    with pytest.raises(TableError, match=r"2 rows are too few to hold 0.2 of them out. --holdout 0 trains on all"):
        split(np.array([0, 0]), [], 0.2, False, np.random.default_rng(0))
    with pytest.raises(TableError, match="2 rows are too few to take some from, to stop early by"):
        split(np.array([0, 0]), [], 0.0, True, np.random.default_rng(0))
