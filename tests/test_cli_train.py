"""``micrograd-nd train``: what it writes and prints, and what it says of tables and settings that are wrong."""

import csv
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from micrograd_nd import cli, nn
from micrograd_nd.tabular.csv_files import read_table
from micrograd_nd.tabular.errors import TableError
from micrograd_nd.tabular.model_files import load_table_model
from micrograd_nd.tabular.settings import ACTIVATIONS, RATES, TrainSettings
from micrograd_nd.tabular.training import prepare

reusing_the_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def write(path, header, rows):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])


def points(m=60, seed=0):
    """Rows of two numbers, a colour and a class that they decide."""
    rng = np.random.default_rng(seed)
    rows = []
    for a, b, colour in zip(rng.normal(size=m), rng.normal(5, 2, size=m), rng.choice(["red", "blue"], m), strict=True):
        rows.append([a, b, colour, "up" if a > 0 else "down"])
    return rows


HEADER = ["a", "b", "colour", "y"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder to work in, with a table."""
    monkeypatch.chdir(tmp_path)
    write(tmp_path / "data.csv", HEADER, points())
    return tmp_path


@pytest.fixture
def train(folder, capsys):
    """Runs the command there; gives the exit status, and what was printed to either stream."""

    def run(*arguments, data="data.csv", target="y", epochs="3"):
        status = cli.main(["train", data, "--target", target, "--epochs", epochs, *arguments])
        printed = capsys.readouterr()
        return status, printed.out, printed.err

    return run


def refused(result):
    """The one line that says why."""
    status, out, err = result
    assert (status, out, err.count("\n")) == (2, "", 1)
    assert err.startswith("micrograd-nd train: ")
    return err.removeprefix("micrograd-nd train: ").rstrip("\n")


def run_command(*arguments):
    command = [sys.executable, "-m", "micrograd_nd", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, check=False)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def number_after(text, report):
    return float(re.search(re.escape(text) + r"\s*([-+]?\d[\d.]*\d|\d)", report)[1])


# What it does


def test_classes_of_real_data_are_learnt(tmp_path):
    datasets = pytest.importorskip("sklearn.datasets", reason="the data come with scikit-learn")
    cancer = datasets.load_breast_cancer()
    labels = cancer.target_names[cancer.target]
    rows = [[*row, label] for row, label in zip(cancer.data.tolist(), labels, strict=True)]
    write(tmp_path / "cancer.csv", [*cancer.feature_names, "diagnosis"], rows)
    data, model = tmp_path / "cancer.csv", tmp_path / "model.safetensors"
    options = ["--target", "diagnosis", "--layers", "20,7,5", "--out", model]
    status, out, err = run_command("train", data, *options)
    assert status == 0, err
    assert "569 rows; 30 columns of numbers, 30 inputs in all" in out
    assert "target 'diagnosis': classification into 2 classes, since the target is text" in out
    assert "455 rows to train on, 114 held out" in out
    assert "network 30-20-7-5-1, relu, sigmoid output; adam, learning rate 0.003, batches of 32" in out
    assert number_after("held out: accuracy", out) > 0.93
    assert number_after("always 'benign' would be right for", out) == pytest.approx(0.6316)
    assert [line.split()[0] for line in out.splitlines()[-4:-1]] == ["benign", "benign", "malignant"]
    assert "100/100" in err
    assert isinstance(nn.load(model), nn.MLP)


def test_numbers_of_real_data_are_learnt(tmp_path):
    datasets = pytest.importorskip("sklearn.datasets", reason="the data come with scikit-learn")
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    X, y = datasets.load_diabetes(return_X_y=True)
    rows = [[*row, number] for row, number in zip(X.tolist(), y.tolist(), strict=True)]
    write(tmp_path / "diabetes.csv", [*map(str, range(10)), "progress"], rows)
    data, model, picture = (tmp_path / name for name in ("diabetes.csv", "diabetes.safetensors", "cost.png"))
    options = ["--target", "progress", "--early-stopping", "10", "--plot", picture, "--out", model]
    status, out, err = run_command("train", data, *options)
    assert status == 0, err
    assert "regression, since the target has many whole numbers" in out
    assert "283 rows to train on, 71 to stop by, 88 held out" in out
    assert "the model is that of epoch" in out
    assert number_after("would have RMSE", out) > 1.15 * number_after("held out: RMSE", out)
    assert number_after("R2", out) > 0.25
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert set(tmp_path.iterdir()) == {data, model, picture}


def test_several_classes_end_in_a_softmax(train, folder):
    rng = np.random.default_rng(0)
    write(folder / "data.csv", ["a", "y"], [[3 * k + rng.normal(), k] for k in rng.integers(0, 3, 90)])
    status, out, _ = train("--layers", "none", "--learning-rate", "0.1", epochs="100")
    assert status == 0
    assert "network 1-3, relu, softmax output" in out
    assert number_after("held out: accuracy", out) > 0.8
    assert repr(nn.load("model.safetensors")) == "MLP(Linear(1, 3), Softmax())"


def test_categories_become_inputs_and_columns_can_be_left_out(train, folder):
    rows = [[i, *row[:2], ["x", "y", "z"][i % 3], i % 2, row[3]] for i, row in enumerate(points())]
    write(folder / "data.csv", ["id", "a", "b", "kind", "code", "y"], rows)
    status, out, _ = train("--drop", "id,b", "--categorical", "code")
    assert status == 0
    assert "60 rows; 1 column of numbers and 2 columns of categories, 6 inputs in all" in out
    assert [feature.name for feature in load_table_model(Path("model.safetensors")).features] == ["a", "kind", "code"]


def test_a_column_that_does_not_vary_is_left_out_and_named(train, folder):
    write(folder / "data.csv", [*HEADER, "c"], [[*row, 7] for row in points()])
    assert "left out, since the same in every row to train on: 'c'" in train()[1]
    assert "c" not in {feature.name for feature in load_table_model(Path("model.safetensors")).features}


def test_a_class_that_a_single_row_has_is_named(train, folder):
    write(folder / "data.csv", HEADER, [*points(), [1, 2, "red", "upp"]])
    assert "classes of a single row, which is trained on and none is judged by: 'upp'\n" in train()[1]


@pytest.mark.parametrize("optimizer", RATES)
def test_every_optimiser_learns(train, optimizer):
    status, out, _ = train("--optimizer", optimizer, epochs="30")
    assert status == 0
    first, last = map(float, re.search(r"cost (\S+) -> (\S+) in 30 epochs", out).groups())
    assert last < first


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation_makes_a_network(train, activation):
    status, out, _ = train("--activation", activation)
    assert status == 0
    assert f"{activation}, sigmoid output" in out


def test_dropout_comes_behind_every_hidden_layer(train):
    assert train("--dropout", "0.25", "--layers", "4,3")[0] == 0
    layers = [repr(layer) for layer in nn.load("model.safetensors").layers]
    dropout = "Dropout(keep_prob=0.75)"
    assert layers == ["Linear(4, 4)", "ReLU()", dropout, "Linear(4, 3)", "ReLU()", dropout, "Linear(3, 1)", "Sigmoid()"]


def test_l2_keeps_weights_small(train):
    sizes = []
    for strength in ("0", "1000"):
        assert train("--l2", strength, "--learning-rate", "0.02", epochs="100")[0] == 0
        model = nn.load("model.safetensors")
        sizes.append(sum(np.sum(p.numpy() ** 2) for p in model.parameters() if p.name.startswith("W")))
    assert sizes[1] < 0.1 * sizes[0]


def test_early_stopping_ends_the_run_and_goes_back(train, folder):
    write(folder / "data.csv", ["a", "y"], [[a, b] for a, b in np.random.default_rng(0).normal(size=(60, 2))])
    status, out, _ = train("--early-stopping", "5", epochs="1000")
    assert status == 0
    epochs, best = map(int, re.search(r"in (\d+) epochs; the model is that of epoch (\d+), the best", out).groups())
    assert epochs == best + 5


def test_nothing_need_be_held_out(train):
    status, out, _ = train("--holdout", "0")
    assert status == 0
    assert "60 rows to train on, none held out" in out
    assert "held out:" not in out


@pytest.mark.parametrize("options", [[], ["--dropout", "0.2", "--early-stopping", "2"]])
def test_the_same_seed_gives_the_same_bytes_and_another_seed_others(train, options):
    written = {}
    for name, seed in (("first", "1"), ("second", "1"), ("third", "2")):
        assert train("--seed", seed, "--out", name, *options)[0] == 0
        written[name] = Path(name).read_bytes()
    assert written["first"] == written["second"] != written["third"]


def test_quiet_says_nothing(train):
    assert train("--quiet") == (0, "", "")
    assert Path("model.safetensors").is_file()


def test_without_matplotlib_the_model_is_written_and_the_command_that_helps_is_said(train, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib", None)
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    monkeypatch.setitem(sys.modules, "matplotlib.backends.backend_agg", None)
    status, out, err = train("--quiet", "--plot", "cost.png")
    assert (status, out) == (0, "")
    assert (
        err == "micrograd-nd train: no picture was written: plots need matplotlib: pip install 'micrograd-nd[plot]'\n"
    )
    assert Path("model.safetensors").is_file()
    assert not Path("cost.png").exists()


@pytest.mark.parametrize("ending", ["png", "svg", "PDF"])
def test_the_picture_has_the_format_of_its_name(train, ending):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    assert train("--plot", f"cost.{ending}")[0] == 0
    start = {"png": b"\x89PNG", "svg": b"<?xml", "pdf": b"%PDF"}[ending.lower()]
    assert Path(f"cost.{ending}").read_bytes().startswith(start)


def test_semicolons_byte_order_marks_and_line_ends_of_other_systems_are_read(train, folder):
    text = (folder / "data.csv").read_text(encoding="utf-8")
    assert train("--out", "one")[0] == 0
    (folder / "data.csv").write_bytes(b"\xef\xbb\xbf" + text.replace(",", ";").replace("\n", "\r\n").encode())
    assert train("--delimiter", ";", "--out", "other")[0] == 0
    assert Path("one").read_bytes() == Path("other").read_bytes()


def test_a_name_with_a_comma_stands_in_quotes(train, folder):
    write(folder / "data.csv", ["a,b", *HEADER[1:]], points())
    assert train("--drop", '"a,b",colour')[0] == 0
    assert [feature.name for feature in load_table_model(Path("model.safetensors")).features] == ["b"]


# What is held out stays out


@reusing_the_folder
@given(st.integers(0, 2**32), st.floats(-1e6, 1e6))
def test_what_is_held_out_has_no_part_in_the_means(folder, seed, intruder):
    rows = points(30, seed=seed)
    settings = TrainSettings(folder / "data.csv", "b", early_stopping=3)

    def prepared():
        write(folder / "data.csv", HEADER, rows)
        return prepare(read_table(folder / "data.csv"), settings, np.random.default_rng(seed))

    before = prepared()
    for row in (*before.parts.held_out, *before.parts.validation):
        rows[row][0], rows[row][1] = intruder, -intruder
    after = prepared()
    np.testing.assert_array_equal(after.parts.train, before.parts.train)
    assert (after.features, after.target) == (before.features, before.target)
    assert after.X[0, before.parts.train].mean() == pytest.approx(0, abs=1e-12)
    assert after.X[0, before.parts.train].std() == pytest.approx(1)


def test_a_number_that_is_held_out_and_beyond_computing_with_is_told(folder):
    rows = [[a, b / 1000, *rest] for a, b, *rest in points()]
    settings = TrainSettings(folder / "data.csv", "b")
    row = prepare(read_table(settings.data), settings, np.random.default_rng(0)).parts.held_out[0]
    rows[row][1] = 1.5e308
    write(folder / "data.csv", HEADER, rows)
    with pytest.raises(TableError, match=rf"line {row + 2}: the target 'b' is 1.5e\+308, too far from the others"):
        prepare(read_table(settings.data), settings, np.random.default_rng(0))


def test_a_category_that_few_rows_have_is_trained_on(folder):
    rows = points()
    rows[5][2], rows[17][2] = "green", "violet"
    write(folder / "data.csv", HEADER, rows)
    table = read_table(folder / "data.csv")
    for seed in range(10):
        parts = prepare(table, TrainSettings(Path("data.csv"), "y"), np.random.default_rng(seed)).parts
        assert {5, 17} <= set(parts.train)


# What is wrong


@pytest.mark.parametrize(
    ("row", "said"),
    [
        (["?", "1", "red", "up"], "data.csv, line 62: column 'a' holds '?', which is no number"),
        (["1", "", "red", "up"], "data.csv, line 62: column 'b' has no value there"),
        (["1", "nan", "red", "up"], "data.csv, line 62: column 'b' holds 'nan', which is no finite number"),
        (["1", "inf", "red", "up"], "data.csv, line 62: column 'b' holds 'inf', which is no finite number"),
        (["1", "2", "red"], "data.csv, line 62: this row has 3 cells, and the header 4 cells"),
        (["1", "2", "red", "up", "4"], "data.csv, line 62: this row has 5 cells, and the header 4 cells"),
        (["1", "2", "3", "up"], "data.csv, line 2: column 'colour' holds "),
        (["1", "2", "red", ""], "data.csv, line 62: column 'y' has no value there"),
        (["1", "2", "red", "7"], "data.csv, line 2: column 'y' holds "),
    ],
)
def test_a_row_that_is_wrong_is_told_with_its_line(train, folder, row, said):
    write(folder / "data.csv", HEADER, [*points(), row])
    assert refused(train()).startswith(said)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "data.csv is empty"),
        ("a,y\n", "data.csv has a header and no rows"),
        ("a,a,y\n1,2,3\n", "data.csv, line 1: column 'a' stands there 2 times"),
        ("a,y\n1,0\n\xff,1\n", "data.csv, line 3: byte 0xff is not UTF-8"),
        ("a,y\n1,x\n2,x\n3,x\n", "the target 'y' is 'x' in every row: two classes are needed"),
        ("a,y\n1,0\n2,1\n", "2 rows are too few to hold 0.2 of them out. --holdout 0 trains on all"),
        ("y\n1\n2\n", "data.csv has no column beside the target 'y' to learn from"),
        ("a;y\n1;2\n", "data.csv has no column 'y'; it has 'a;y'; is the delimiter another? --delimiter ';'"),
        ("a,y\n" + "7,0\n7,1\n" * 9, "nothing to learn from, since the same in every row to train on: 'a'"),
        ("a,y\n" + "".join(f"n{i},{i % 2}\n" for i in range(50)), "column 'a' has 50 different texts in 50 rows"),
    ],
    ids=lambda value: value[:20],
)
def test_a_table_that_cannot_be_learnt_from_is_told(train, folder, content, said):
    (folder / "data.csv").write_bytes(content.encode("latin-1"))
    assert refused(train()).startswith(said)
    assert not Path("model.safetensors").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--drop", "c"], "data.csv has no column 'c'; it has 'a', 'b', 'colour', 'y'"),
        (["--categorical", "c,d"], "data.csv has no columns 'c', 'd'; it has 'a', 'b', 'colour', 'y'"),
        (["--drop", "y"], "--drop 'y' leaves the target out"),
        (["--categorical", "y"], "'y' is the target: for classes say --task classification"),
        (["--drop", "a", "--categorical", "a"], "column 'a' cannot be both --categorical and --drop"),
        (["--drop", "a,b,colour"], "data.csv has no column beside the target 'y' to learn from"),
        (["--task", "regression"], "data.csv, line 2: column 'y' holds 'up' where a number is needed"),
        (["--out", "data.csv"], "data, --out and --plot must be different files"),
        (["--out", "x.png", "--plot", "./x.png"], "data, --out and --plot must be different files"),
        (["--plot", "cost.txt"], "--plot cost.txt must end in .png, .svg, .pdf"),
        (["--out", "."], ".: not a regular file"),
        (["--out", "nowhere/model"], "nowhere/model: no such file or directory"),
        (["--plot", "nowhere/cost.png"], "nowhere/cost.png: no such file or directory"),
        (["--layers", "99999999999999999999"], "a network of 4-99999999999999999999-1 units is too large"),
        (["--learning-rate", "1e300", "--optimizer", "sgd", "--quiet"], "the cost became "),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_settings_that_cannot_be_followed_are_told(train, arguments, said):
    _, _, err = result = train("--quiet", *arguments)
    assert refused(result).startswith(said), err
    assert Path("data.csv").read_text(encoding="utf-8").startswith("a,b,colour,y")
    assert not Path("model.safetensors").exists()


def test_a_file_that_is_not_there_and_a_target_that_is_not_there_are_told(train):
    assert refused(train(data="missing.csv")) == "missing.csv: no such file or directory"
    assert refused(train(data=".")) == ".: is a directory"
    assert refused(train(target="z")) == "data.csv has no column 'z'; it has 'a', 'b', 'colour', 'y'"


def test_that_memory_does_not_suffice_is_told_and_a_mistake_of_ones_own_is_not_hidden(train, monkeypatch):
    def raises(error):
        def read(*_):
            raise error

        monkeypatch.setattr("micrograd_nd.tabular.training.read_table", read)

    raises(MemoryError("Unable to allocate 9 TiB"))
    assert refused(train()) == "there is not enough memory: Unable to allocate 9 TiB"
    raises(ValueError("a mistake"))
    with pytest.raises(ValueError, match="a mistake"):
        train()


def test_that_nothing_can_be_written_is_told_before_the_work(train, monkeypatch):
    def denied(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", denied)
    monkeypatch.setattr("micrograd_nd.tabular.training.read_table", lambda *_: pytest.fail("it was read"))
    assert refused(train()) == "model.safetensors: permission denied"


@pytest.mark.parametrize(
    "arguments",
    [
        ["--epochs", "0"],
        ["--batch-size", "-1"],
        ["--learning-rate", "0"],
        ["--learning-rate", "nan"],
        ["--l2", "-1"],
        ["--dropout", "1"],
        ["--holdout", "1"],
        ["--holdout", "x"],
        ["--layers", "20,,5"],
        ["--layers", "0"],
        ["--early-stopping", "0"],
        ["--seed", "-1"],
        ["--delimiter", "ab"],
        ["--delimiter", '"'],
        ["--optimizer", "magic"],
        ["--activation", "softmax"],
        ["--task", "clustering"],
    ],
    ids=" ".join,
)
def test_a_setting_that_makes_no_sense_is_refused_by_name(folder, capsys, arguments):
    with pytest.raises(SystemExit) as ended:
        cli.main(["train", "data.csv", "--target", "y", *arguments])
    assert ended.value.code == 2
    assert f"argument {arguments[0]}: " in capsys.readouterr().err


def interrupted_after(epochs, monkeypatch):
    """Let training be interrupted from the keyboard when so many epochs are complete."""
    fit = nn.fit

    def interrupt(training):
        if training.epoch == epochs:
            raise KeyboardInterrupt

    def interrupted_fit(*data, callbacks, **options):
        return fit(*data, callbacks=[*callbacks, interrupt], **options)

    monkeypatch.setattr("micrograd_nd.nn.fit", interrupted_fit)


@pytest.mark.parametrize("options", [[], ["--quiet"], ["--early-stopping", "5"]])
def test_an_interrupt_ends_the_run_with_the_report_and_the_model_so_far(options, train, monkeypatch):
    train("--quiet", *options, "--out", "whole", epochs="2")
    interrupted_after(2, monkeypatch)
    status, out, err = train(*options, "--out", "cut", epochs="9")
    assert status == 130
    assert err.endswith("\nmicrograd-nd train: interrupted after 2 of 9 epochs; cut has the model so far\n")
    assert out == "" if "--quiet" in options else "in 2 epochs of 9, and then interrupted" in out
    assert Path("cut").read_bytes() == Path("whole").read_bytes()
    if not options:
        assert "\nheld out: accuracy" in out
        assert out.endswith("\nwrote cut\n")


def test_an_interrupt_before_an_epoch_is_complete_writes_nothing(train, monkeypatch):
    monkeypatch.setattr("micrograd_nd.nn.fit", lambda *_, **__: nn.History(interrupted=True))
    status, _, err = train("--quiet")
    assert (status, err) == (130, "\nmicrograd-nd train: interrupted\n")
    assert not Path("model.safetensors").exists()


@reusing_the_folder
@given(content=st.binary(max_size=80) | st.binary(max_size=40).map(lambda rest: b"a,y\n1,0\n2,1\n" + rest))
def test_any_bytes_are_a_table_or_one_line_of_an_error(folder, content):
    path = folder / "any.csv"
    path.write_bytes(content)
    lines = []
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("builtins.print", lambda *values, **_: lines.append(" ".join(map(str, values))))
        command = ["train", str(path), "--target", "y", "--epochs", "1", "--quiet", "--out", str(folder / "any")]
        status = cli.main([*command, "--holdout", "0"])
    assert status in (0, 2)
    assert len(lines) == (status == 2)
    assert not any("\n" in line for line in lines)


@pytest.mark.parametrize("text", ["{}%", "${}", "id {}"])
@pytest.mark.parametrize("options", [[], ["--holdout", "0", "--early-stopping", "2"]])
def test_a_text_of_its_own_in_every_row_is_told_with_its_column(text, options, train, folder):
    write(folder / "data.csv", HEADER, [[text.format(i), *row[1:]] for i, row in enumerate(points())])
    said = refused(train(*options))
    assert said.startswith("column 'a' has 60 different texts in 60 rows, such as ")
    assert "Leave it out by --drop 'a'; numbers are written without a unit" in said


# What the file says


def test_the_file_says_what_columns_mean_beside_the_architecture(train):
    assert train()[0] == 0
    content = Path("model.safetensors").read_bytes()
    header = json.loads(content[8 : 8 + int.from_bytes(content[:8], "little")])
    said = json.loads(header["__metadata__"]["micrograd_nd.table"])
    assert said["target"] == {"kind": "classes", "name": "y", "labels": ["down", "up"], "numeric": False}
    assert [feature["name"] for feature in said["features"]] == ["a", "b", "colour"]
    assert said["features"][2] == {
        "kind": "categories",
        "name": "colour",
        "categories": ["blue", "red"],
        "gaps": False,
    }
    assert {"kind", "name", "mean", "scale", "gaps"} == set(said["features"][0])
