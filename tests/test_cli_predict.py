"""``micrograd-nd predict``: predictions are those of the model in memory, and what is wrong is told in one line."""

import csv
import io
import json
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from micrograd_nd import cli, nn
from micrograd_nd.tabular.csv_files import Table, read_table
from micrograd_nd.tabular.features import CategoryFeature, NumberFeature
from micrograd_nd.tabular.model_files import load_table_model, save_table_model
from micrograd_nd.tabular.settings import TrainSettings
from micrograd_nd.tabular.table_models import TableModel
from micrograd_nd.tabular.targets import ClassTarget, NumberTarget
from micrograd_nd.tabular.training import prepare, train

reusing_the_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])

HEADER = ["a", "b", "colour", "kind", "number"]


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def rows(m=40):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=m), rng.normal(5, 2, size=m)
    colours, kinds = rng.choice(["red", "blue"], m), np.where(a > 0.5, "up", np.where(a < -0.5, "down", "flat"))
    return [list(row) for row in zip(a, b, colours, kinds, a + 2 * b, strict=True)]


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """A folder with a table, and with models of one target each that the command line has trained."""
    folder = tmp_path_factory.mktemp("trained")
    data = folder / "data.csv"
    write(data, HEADER, rows())
    for target, other in (("kind", "number"), ("number", "kind"), ("colour", "kind,number")):
        options = ["--drop", other, "--out", str(folder / target), "--epochs", "30", "--quiet"]
        assert cli.main(["train", str(data), "--target", target, *options]) == 0
    return folder


@pytest.fixture
def predict(trained, capsys, monkeypatch):
    """Runs the command there; gives the exit status, and what was printed to either stream."""
    monkeypatch.chdir(trained)

    def run(*arguments, model="kind", data="data.csv"):
        status = cli.main(["predict", str(model), str(data), *map(str, arguments)])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def refused(result):
    """The one line that says why."""
    status, out, err = result
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("micrograd-nd predict: ")
    return err.removeprefix("micrograd-nd predict: ").rstrip("\n")


def parsed(text):
    header, *lines = csv.reader(io.StringIO(text))
    return header, lines


# What it does


def test_probabilities_are_those_of_the_network(predict, trained):
    status, out, _ = predict("--proba")
    assert status == 0
    header, lines = parsed(out)
    assert header == ["prediction", *(f"probability of {label}" for label in ("down", "flat", "up"))]
    model, table = load_table_model(trained / "kind"), read_table(trained / "data.csv")
    X = np.concatenate([feature.encoded(table) for feature in model.features])
    P = nn.predict_proba(nn.load(trained / "kind"), X)
    np.testing.assert_array_equal(np.array([line[1:] for line in lines], dtype=float).T, P)
    assert [line[0] for line in lines] == [("down", "flat", "up")[k] for k in P.argmax(axis=0)]


def test_two_classes_have_two_probabilities(predict):
    _, out, _ = predict("--proba", model="colour")
    header, lines = parsed(out)
    assert header == ["prediction", "probability of blue", "probability of red"]
    for prediction, blue, red in lines:
        assert float(blue) + float(red) == pytest.approx(1)
        assert prediction == ("blue" if float(blue) >= float(red) else "red")


def test_numbers_are_in_the_units_of_the_table(predict, trained):
    _, out, _ = predict(model="number")
    header, lines = parsed(out)
    assert header == ["prediction"]
    model, table = load_table_model(trained / "number"), read_table(trained / "data.csv")
    predicted = np.array(lines, dtype=float)[:, 0]
    np.testing.assert_array_equal(predicted, model.predicted(table)[0])
    true = np.array(table.column("number"), dtype=float)
    assert np.abs(predicted - true).mean() < 0.5 * true.std()


@pytest.mark.parametrize(("target", "said"), [("kind", "accuracy "), ("number", "RMSE ")])
def test_where_the_target_is_there_predictions_are_scored(predict, target, said, tmp_path):
    status, out, err = predict(model=target)
    assert status == 0
    assert err.startswith(said)
    status, printed, err = predict("--out", tmp_path / "predictions.csv", model=target)
    assert (status, err) == (0, "")
    assert printed.startswith(said)
    assert (tmp_path / "predictions.csv").read_text(encoding="utf-8") == out


@pytest.mark.parametrize("filled", [False, None])
def test_where_the_target_is_not_there_or_empty_there_are_only_predictions(predict, tmp_path, filled):
    with_scores = predict()[1]
    others = [[*row[:3], *([""] if filled is False else [])] for row in rows()]
    write(tmp_path / "new.csv", HEADER[: len(others[0])], others)
    assert predict(data=tmp_path / "new.csv") == (0, with_scores, "")


def test_predictions_from_a_file_are_those_of_the_model_in_memory(predict, monkeypatch, tmp_path):
    kept = []

    def kept_too(model, path):
        kept.append(model)
        save_table_model(model, path)

    monkeypatch.setattr("micrograd_nd.tabular.training.save_table_model", kept_too)
    options = ["--target", "kind", "--quiet", "--epochs", "5", "--dropout", "0.2", "--out", str(tmp_path / "model")]
    assert cli.main(["train", "data.csv", *options]) == 0
    table = read_table(Path("data.csv"))
    in_memory = kept[0].predicted(table)
    np.testing.assert_array_equal(load_table_model(tmp_path / "model").predicted(table), in_memory)
    _, lines = parsed(predict("--proba", model=tmp_path / "model")[1])
    np.testing.assert_array_equal(np.array([line[1:] for line in lines], dtype=float).T, in_memory)


@pytest.mark.parametrize("target", ["kind", "number"])
def test_what_training_reports_is_how_the_rows_that_were_held_out_are_predicted(predict, capsys, tmp_path, target):
    settings = TrainSettings(Path("data.csv"), target, epochs=5, quiet=True, out=tmp_path / "model")
    lines = list(train(settings, pytest.fail))
    draw_parts, *_ = np.random.default_rng(settings.seed).spawn(3)
    held_out = prepare(read_table(settings.data), settings, draw_parts).parts.held_out
    write(tmp_path / "held_out.csv", HEADER, [rows()[i] for i in held_out])
    score = predict(model=settings.out, data=tmp_path / "held_out.csv")[2].splitlines()
    (first,) = (line for line in lines if line.startswith("held out: "))
    assert first.removeprefix("held out: ").partition("; always")[0] == score[0].partition("; always")[0]
    assert score[1:] == lines[lines.index(first) + 1 : -1]


@reusing_the_folder
@given(order=st.permutations(range(5)), extra=st.text(st.characters(exclude_categories=["Cs"]), max_size=5))
def test_the_order_of_columns_and_further_columns_make_no_difference(trained, order, extra):
    model, table = load_table_model(trained / "kind"), read_table(trained / "data.csv")
    columns = {HEADER[i]: table.columns[HEADER[i]] for i in order}
    shuffled = Table(table.path, {"extra": (extra,) * len(table)} | columns, table.lines)
    np.testing.assert_array_equal(model.predicted(shuffled), model.predicted(table))


def test_a_row_by_itself_is_predicted_as_among_others(predict, tmp_path, trained):
    model, table = load_table_model(trained / "number"), read_table(trained / "data.csv")
    for row in (0, 7):
        single = Table(table.path, {name: cells[row : row + 1] for name, cells in table.columns.items()}, (2,))
        np.testing.assert_allclose(model.predicted(single)[0, 0], model.predicted(table)[0, row], rtol=1e-12)


def test_another_delimiter_is_read_and_written(predict, tmp_path):
    text = Path("data.csv").read_text(encoding="utf-8").replace(",", "\t")
    (tmp_path / "data.tsv").write_text(text, encoding="utf-8")
    status, out, _ = predict("--delimiter", "tab", "--proba", data=tmp_path / "data.tsv")
    assert status == 0
    assert out.splitlines()[0] == "prediction\tprobability of down\tprobability of flat\tprobability of up"


def test_predictions_can_be_piped(trained):
    command = [sys.executable, "-m", "micrograd_nd", "predict", str(trained / "kind"), str(trained / "data.csv")]
    done = subprocess.run(command, capture_output=True, check=False)
    assert done.returncode == 0
    lines = done.stdout.decode().splitlines()
    assert lines[0] == "prediction"
    assert set(lines[1:]) <= {"down", "flat", "up"}
    assert len(lines) == 41
    assert done.stderr.decode().startswith("accuracy ")


def test_how_good_predictions_are_is_not_said_among_them(trained, monkeypatch, capsys):
    monkeypatch.setattr(sys, "stderr", None)
    assert cli.main(["predict", str(trained / "kind"), str(trained / "data.csv")]) == 0
    assert set(capsys.readouterr().out.splitlines()) <= {"prediction", "down", "flat", "up"}


def test_labels_that_are_no_ascii_come_out_as_utf_8_whatever_the_terminal_is_set_to(tmp_path):
    data, model = tmp_path / "data.csv", tmp_path / "model"
    write(data, ["a", "y"], [[i, ["früh", "spät, 夜"][i % 2]] for i in range(20)])
    assert cli.main(["train", str(data), "--target", "y", "--epochs", "1", "--quiet", "--out", str(model)]) == 0
    command = [sys.executable, "-m", "micrograd_nd", "predict", str(model), str(data), "--proba"]
    done = subprocess.run(command, capture_output=True, check=False, env=os.environ | {"PYTHONIOENCODING": "ascii"})
    assert done.returncode == 0, done.stderr
    assert parsed(done.stdout.decode())[0] == ["prediction", "probability of früh", "probability of spät, 夜"]


# What is wrong


@pytest.mark.parametrize(
    ("header", "row", "said"),
    [
        (["a", "b"], ["1", "2"], "new.csv has no column 'colour'; it has 'a', 'b'"),
        (["b"], ["2"], "new.csv has no columns 'a', 'colour'; it has 'b'"),
        (["a", "b", "colour"], ["1", "2", "green"], "line 2: column 'colour' holds 'green', which no row had that"),
        (["a", "b", "colour"], ["1", "x", "red"], "line 2: column 'b' holds 'x' where a number is needed"),
        (["a", "b", "colour"], ["1", "", "red"], "line 2: column 'b' has no value there"),
        (["a", "b", "colour"], ["1", "2", " "], "line 2: column 'colour' has no value there"),
        (["a", "b", "colour"], ["1", "inf", "red"], "line 2: column 'b' holds 'inf', which is no finite number"),
        (["a", "b", "colour"], ["1", "red"], "line 2: this row has 2 cells, and the header 3 cells"),
        (["a", "b", "a"], ["1", "2", "3"], "line 1: column 'a' stands there 2 times"),
        (["a", "b", "colour", "kind"], ["1", "2", "red", "other"], "line 2: column 'kind' holds 'other', which no row"),
    ],
    ids=lambda value: value[:40] if isinstance(value, str) else "",
)
def test_a_table_that_does_not_fit_is_told(predict, tmp_path, header, row, said):
    write(tmp_path / "new.csv", header, [row])
    assert said in refused(predict(data=tmp_path / "new.csv"))


def test_files_that_are_not_there_or_hold_no_model_are_told(predict, tmp_path):
    assert refused(predict(model="missing")) == "missing: no such file or directory"
    assert refused(predict(data="missing.csv")) == "missing.csv: no such file or directory"
    assert refused(predict(model=".")) == ".: not a file"
    assert refused(predict(model="data.csv")) == "data.csv: not a safetensors file, or a truncated one"
    nn.save(nn.MLP([2, 1], seed=0), tmp_path / "network")
    said = "a model that knows no columns: it was not written by micrograd-nd train, but by nn.save"
    assert refused(predict(model=tmp_path / "network")) == f"{tmp_path / 'network'}: {said}"


def test_numbers_have_no_probabilities(predict):
    assert (
        refused(predict("--proba", model="number")) == "--proba: number predicts numbers, which have no probabilities"
    )


def test_predictions_do_not_replace_what_is_read_nor_go_where_they_cannot(predict):
    assert refused(predict("--out", "data.csv")) == "--out data.csv would replace what is read"
    assert refused(predict("--out", "./kind")) == "--out kind would replace what is read"
    assert refused(predict("--out", "nowhere/x.csv")) == "nowhere/x.csv: no such file or directory"
    assert refused(predict("--out", ".")) == ".: not a regular file"


@reusing_the_folder
@given(content=st.binary(max_size=100) | st.binary(max_size=60).map(lambda rest: b"a,b,colour\n1,2,red\n" + rest))
def test_any_bytes_are_a_table_or_one_line_of_an_error(trained, tmp_path, content):
    path = tmp_path / "any.csv"
    path.write_bytes(content)
    assert printed_by(["predict", str(trained / "kind"), str(path), "--out", str(tmp_path / "out")])


@reusing_the_folder
@given(content=st.binary(max_size=100))
def test_any_bytes_are_no_model_and_one_line_of_an_error(trained, tmp_path, content):
    path = tmp_path / "any"
    path.write_bytes(content)
    assert printed_by(["predict", str(path), str(trained / "data.csv"), "--out", str(tmp_path / "out")])


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.sampled_from(["a", "number", "\ud800", ""]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["kind", "name"]), inner),
    max_leaves=4,
)


@reusing_the_folder
@given(data=st.data())
def test_a_model_whose_columns_were_changed_predicts_or_is_one_line_of_an_error(trained, tmp_path, data):
    path, model = tmp_path / "changed", data.draw(st.sampled_from(["kind", "number", "colour"]))
    change_columns(trained / model, path, lambda nest: change(nest, data))
    assert printed_by(["predict", str(path), str(trained / "data.csv"), "--out", str(tmp_path / "out")])


@reusing_the_folder
@given(data=st.data())
def test_a_model_whose_bytes_were_changed_predicts_or_is_one_line_of_an_error(trained, tmp_path, data):
    content = bytearray((trained / "number").read_bytes())
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path / "changed"
    path.write_bytes(content[: data.draw(st.integers(0, len(content)) | st.just(len(content)))])
    assert printed_by(["predict", str(path), str(trained / "data.csv"), "--out", str(tmp_path / "out")])


def printed_by(command):
    """Run a command; tell whether it ended well, or with status 2 and one line."""
    lines = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda *values, **_: lines.append(" ".join(map(str, values))))
        status = cli.main(command)
    return status == 0 or (status == 2 and len(lines) == 1 and "\n" not in lines[0])


def change_columns(source, path, changed):
    """Write a model whose file says something else of columns."""
    content = source.read_bytes()
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    columns = json.loads(header["__metadata__"]["micrograd_nd.table"])
    header["__metadata__"]["micrograd_nd.table"] = json.dumps(changed(columns))
    text = json.dumps(header).encode()
    path.write_bytes(len(text).to_bytes(8, "little") + text + content[end:])


def change(nest, data):
    """Put something else into a place."""
    places = list(places_in(nest))
    within, key = data.draw(st.sampled_from(places))
    within[key] = data.draw(JSON)
    return nest


def places_in(nest):
    """Every container in a nest of JSON, with every key in it."""
    for key in list(nest) if isinstance(nest, dict) else range(len(nest)):
        yield nest, key
        if isinstance(nest[key], dict | list):
            yield from places_in(nest[key])


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ([], ["columns"], "what it says of columns is malformed"),
        (["version"], 2, "is of version 2; this package reads version 1"),
        (["features"], [], "it has no features"),
        (["features", 0, "name"], "b", "a name stands twice"),
        (["features", 0, "name"], "kind", "a name stands twice"),
        (["features", 0, "scale"], 0.0, "a feature is none"),
        (["features", 0, "mean"], float("nan"), "a feature is none"),
        (["features", 2, "categories"], ["red", "red"], "a feature is none"),
        (["features", 2, "categories"], ["red", "blue", "green"], "W1 is (32, 4) and needs X of shape (4, m)"),
        (["target", "labels"], ["up", "down"], "does not end in a sigmoid output"),
        (["target", "labels"], ["up", "down", "flat", "other"], "gives 3 rows, and its target needs 4"),
        (["target", "labels"], ["up", "down", "\ud800"], "the target is none"),
        (["target"], {"kind": "number", "name": "kind", "mean": 0.0, "scale": 1.0}, "does not end in a linear output"),
    ],
)
def test_what_a_file_says_of_columns_must_be_that_of_its_network(predict, trained, tmp_path, path, value, said):
    def changed(columns):
        if not path:
            return value
        place = columns
        for key in path[:-1]:
            place = place[key]
        place[path[-1]] = value
        return columns

    change_columns(trained / "kind", tmp_path / "changed", changed)
    message = refused(predict(model=tmp_path / "changed"))
    assert message.startswith(f"{tmp_path / 'changed'}: ")
    assert said in message


def test_a_network_that_gives_no_number_is_told_with_the_row(predict, trained, tmp_path):
    model = load_table_model(trained / "number")
    for parameter in model.network.parameters():
        parameter.data = np.full(parameter.shape, 1e300)
    save_table_model(model, tmp_path / "large")
    said = refused(predict(model=tmp_path / "large"))
    assert said == "data.csv, line 2: the model gives no finite number for this row"


# Files


@st.composite
def table_models(draw):
    names = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=5)
    header = draw(st.lists(names, min_size=2, max_size=5, unique=True))
    finite = st.floats(allow_nan=False, allow_infinity=False)
    scales = st.floats(min_value=0, exclude_min=True, allow_infinity=False)
    labels = st.lists(names, min_size=2, max_size=4, unique=True).map(tuple)
    features = []
    for name in header[1:]:
        number = st.builds(NumberFeature, st.just(name), finite, scales)
        features.append(draw(number | st.builds(CategoryFeature, st.just(name), labels)))
    number = st.builds(NumberTarget, st.just(header[0]), finite, scales)
    target = draw(number | st.builds(ClassTarget, st.just(header[0]), labels, st.booleans()))
    sizes = [sum(feature.size for feature in features), 3, target.n_y]
    return TableModel(nn.MLP(sizes, output=target.output, seed=draw(st.integers(0, 9))), tuple(features), target)


@reusing_the_folder
@given(table_models())
def test_a_model_that_is_saved_comes_back_the_same(tmp_path, model):
    save_table_model(model, tmp_path / "model")
    found = load_table_model(tmp_path / "model")
    assert (found.features, found.target) == (model.features, model.target)
    own, others = model.network.state_dict(), found.network.state_dict()
    assert list(own) == list(others)
    assert all(np.array_equal(own[name], others[name]) for name in own)
    assert repr(nn.load(tmp_path / "model")) == repr(model.network)


def test_names_that_are_too_long_for_a_file_are_told(tmp_path):
    feature = CategoryFeature("c", ("x" * 10**7, "y"))
    model = TableModel(nn.MLP([2, 1], seed=0), (feature,), ClassTarget("y", ("0", "1"), True))
    with pytest.raises(ValueError, match="too many for a file of a model"):
        save_table_model(model, tmp_path / "model")
    assert not list(tmp_path.iterdir())
