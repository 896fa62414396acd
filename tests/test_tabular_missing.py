"""Missing values of a table: refused, or left out, or filled in by what the training rows say, in predictions too."""

import csv
import json

import numpy as np
import pytest

from micrograd_nd import cli
from micrograd_nd.tabular.csv_files import read_table
from micrograd_nd.tabular.errors import TableError
from micrograd_nd.tabular.model_files import load_table_model
from micrograd_nd.tabular.settings import TrainSettings
from micrograd_nd.tabular.table_models import TableModel
from micrograd_nd.tabular.training import prepare

HEADER = ["a", "b", "colour", "y"]


def rows(m=40):
    """Rows without gaps, and a class that a and the colour decide."""
    rng = np.random.default_rng(0)
    a, b, colours = rng.normal(3, 2, m), rng.normal(size=m), rng.choice(["red", "blue"], m)
    return [[a, b, c, "up" if a > 3 else "down"] for a, b, c in zip(a, b, colours.tolist(), strict=True)]


def gappy():
    """Rows with gaps in every column: two in a, one in the colour, one in the target."""
    table = rows()
    table[3][0], table[7][0], table[9][2], table[11][3] = "NA", "", " ", ""
    return table


@pytest.fixture
def run(tmp_path, monkeypatch, capsys):
    """Writes a table, and runs a command on it; gives the exit status, and what was printed to either stream."""
    monkeypatch.chdir(tmp_path)

    def command(name, table, *arguments, header=HEADER):
        with (tmp_path / "data.csv").open("w", encoding="utf-8", newline="") as file:
            csv.writer(file).writerows([header, *table])
        given = ["data.csv", "--target", "y", "--epochs", "3"] if name == "train" else ["model.safetensors", "data.csv"]
        status = cli.main([name, *given, *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return command


def prepared(table, folder, **options):
    with (folder / "table.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([HEADER, *table])
    settings = TrainSettings(folder / "table.csv", "y", **options)
    return prepare(read_table(settings.data), settings, np.random.default_rng(0))


def test_by_default_missing_values_are_refused_with_what_would_fill_them_in(run):
    table = rows()
    table[7][0] = ""
    status, _, err = run("train", table)
    assert status == 2
    assert "data.csv, line 9: column 'a' has no value there" in err
    assert err.endswith("or train with --missing mean\n")


@pytest.mark.parametrize("mark", ["", " ", "NA", "n/a", "NaN", "null", "None", "?", "-", "."])
def test_what_stands_for_no_value_among_numbers_is_taken_for_their_mean(mark, tmp_path):
    table = rows()
    table[3][0] = mark
    data = prepared(table, tmp_path, missing="mean")
    a = np.array([row[0] for row in rows()])
    known = np.array([row for row in data.parts.train if row != 3])
    assert data.features[0].mean == pytest.approx(a[known].mean())
    assert data.features[0].scale == pytest.approx(a[known].std())
    assert data.X[0, 3] == 0
    assert data.filled == {"a": 1}


def test_means_are_those_of_rows_to_train_on_alone(tmp_path):
    table = gappy()
    before = prepared(table, tmp_path, missing="mean")
    for row in before.parts.held_out:
        table[row + (row >= 11)][0] = 1e6  # row 11, which has no target, is not among these
    after = prepared(table, tmp_path, missing="mean")
    assert after.features == before.features


def test_text_that_is_missing_is_none_of_the_categories(tmp_path):
    data = prepared(gappy(), tmp_path, missing="mean")
    assert data.features[2].categories == ("blue", "red")
    assert np.array_equal(data.X[2:, 9], [0, 0])
    assert np.array_equal(data.X[2:, :9].sum(axis=0), np.ones(9))


def test_a_text_that_stands_in_some_rows_alone_says_something(tmp_path):
    table = rows()
    for row in range(0, 40, 2):
        table[row][2] = ""
    for row in range(1, 40, 2):
        table[row][2] = "yes"
    data = prepared(table, tmp_path, missing="mean")
    assert data.features[2].categories == ("yes",)
    assert np.array_equal(data.X[2], np.arange(40) % 2)


def test_a_word_for_nothing_is_a_category_among_texts(tmp_path):
    table = rows()
    table[3][2] = "NA"
    data = prepared(table, tmp_path, missing="mean")
    assert data.features[2].categories == ("NA", "blue", "red")


@pytest.mark.parametrize("missing", ["drop", "mean"])
def test_rows_without_a_target_are_left_out(missing, tmp_path):
    table = rows()
    table[11][3] = ""
    data = prepared(table, tmp_path, missing=missing)
    whole = prepared(rows()[:11] + rows()[12:], tmp_path)
    assert np.array_equal(data.Y, whole.Y)
    assert np.array_equal(data.X, whole.X)
    assert data.left_out == 1


@pytest.mark.parametrize(
    ("target", "task"), [("12", "auto"), ("0.5", "auto"), ("12", "regression"), ("1", "classification")]
)
def test_numbers_to_predict_that_are_missing_are_never_filled_in(target, task, tmp_path):
    table = [[*row[:3], target if row[3] == "up" else "7"] for row in rows()]
    table[0][3] = "NA"
    data = prepared(table, tmp_path, missing="mean", task=task)
    assert data.left_out == 1
    assert data.Y.shape == (1, 39)
    assert len(np.unique(data.Y)) == 2


def test_dropping_leaves_out_the_rows_that_miss_any_value(tmp_path):
    data = prepared(gappy(), tmp_path, missing="drop")
    whole = prepared([row for i, row in enumerate(rows()) if i not in (3, 7, 9, 11)], tmp_path)
    assert np.array_equal(data.X, whole.X)
    assert data.features == whole.features
    assert data.left_out == 4


def test_columns_that_are_left_out_may_miss_values_when_rows_are_dropped(tmp_path):
    assert prepared(gappy(), tmp_path, missing="drop", drop=("a",)).left_out == 2


def test_the_report_says_what_was_left_out_and_filled_in(run):
    _, out, _ = run("train", gappy(), "--missing", "mean")
    assert "data.csv: 39 rows;" in out
    assert "\nleft out: 1 row without a target\n" in out
    assert "\nfilled in: 3 missing values of 'a', 'colour'\n" in out
    _, out, _ = run("train", gappy(), "--missing", "drop")
    assert "\nleft out: 4 rows without a value in every column\n" in out


def test_predictions_fill_in_the_means_of_the_training(run, tmp_path):
    run("train", gappy(), "--missing", "mean", "--quiet")
    mean = load_table_model(tmp_path / "model.safetensors").features[0].mean
    given = [["", 1, "red"], ["?", 1, "red"], [repr(mean), 1, "red"]]
    status, out, _ = run("predict", given, "--proba", header=HEADER[:3])
    first, *others = out.splitlines()[1:]
    assert status == 0
    assert others == [first, first]


def test_predictions_fill_in_columns_that_missed_nothing_in_training(run):
    run("train", rows(), "--missing", "mean", "--quiet")
    status, out, _ = run("predict", [["", "", ""]], header=HEADER[:3])
    assert (status, len(out.splitlines())) == (0, 2)


@pytest.mark.parametrize("missing", ["refuse", "drop"])
def test_a_model_that_was_not_trained_to_fill_in_refuses_missing_values(missing, run):
    run("train", rows(), "--missing", missing, "--quiet")
    status, out, err = run("predict", [["", 1, "red"]], header=HEADER[:3])
    assert (status, out) == (2, "")
    assert "line 2: column 'a' has no value there" in err


def test_predictions_are_compared_in_the_rows_with_a_target(run):
    run("train", rows(), "--quiet")
    _, _, whole = run("predict", rows()[:10])
    table = rows()[:12]
    table[10][3], table[11][3] = "", " "
    status, out, err = run("predict", table)
    assert (status, len(out.splitlines())) == (0, 13)
    assert err == whole + "rows without a value in 'y', which are not among these: 2\n"


def test_files_that_say_nothing_of_gaps_are_read(run, tmp_path):
    run("train", rows(), "--missing", "mean", "--quiet")
    content = (tmp_path / "model.safetensors").read_bytes()
    length = int.from_bytes(content[:8], "little")
    header = json.loads(content[8 : 8 + length])
    table = json.loads(header["__metadata__"]["micrograd_nd.table"])
    for feature in table["features"]:
        assert feature.pop("gaps") is True
    header["__metadata__"]["micrograd_nd.table"] = json.dumps(table)
    text = json.dumps(header).encode()
    (tmp_path / "old").write_bytes(len(text).to_bytes(8, "little") + text + content[8 + length :])
    old = load_table_model(tmp_path / "old")
    assert isinstance(old, TableModel)
    assert not any(feature.gaps for feature in old.features)


@pytest.mark.parametrize(
    ("column", "value", "message"),
    [
        (0, "inf", "line 2: column 'a' holds 'inf', which is no finite number. Mend it, or leave the row out"),
        (0, "tall", "line 2: column 'a' holds 'tall', which is no number"),
        (3, "?", "two classes are needed"),
    ],
)
def test_what_is_wrong_is_not_taken_for_missing(column, value, message, run):
    table = rows()
    table[0][column] = value
    if column == 3:
        table = [[*row[:3], "up" if row[3] == "up" else ""] for row in table]
    status, _, err = run("train", table, "--missing", "mean")
    assert status == 2
    assert message in err


@pytest.mark.parametrize(("missing", "column"), [("drop", 0), ("drop", 3), ("mean", 3)])
def test_a_table_of_which_no_row_is_left_is_told(missing, column, tmp_path):
    table = [[*row[:column], "", *row[column + 1 :]] for row in rows()]
    with pytest.raises(TableError, match="has no row with a value in"):
        prepared(table, tmp_path, missing=missing)


def test_a_column_without_any_value_is_left_out(tmp_path):
    data = prepared([["", *row[1:]] for row in rows()], tmp_path, missing="mean")
    assert data.constant == ["a"]
    assert data.filled == {}
