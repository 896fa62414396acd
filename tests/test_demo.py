"""The demonstration and the command line do what they say."""

import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import cli, nn

pytest.importorskip("sklearn", reason="the demo's data come with scikit-learn")
pytest.importorskip("matplotlib", reason="the demo plots with matplotlib")
pytest.importorskip("pygraphviz", reason="the demo draws with Graphviz")

from micrograd_nd.demo import data, networks, three_ways


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """The demo, run once as a user runs it."""
    out = tmp_path_factory.mktemp("demo") / "pictures"
    command = [sys.executable, "-m", "micrograd_nd", "demo", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return out, done.stdout


def number_after(text, report):
    found = re.search(re.escape(text) + r"\s*([-+]?\d[\d.]*(?:e[-+]?\d+)?)", report)
    assert found, f"{text!r} is not in the report"
    return float(found[1])


def test_it_shows_the_course_graph_with_its_values_and_derivatives(run):
    _, report = run
    for fact in ("u = bc = 6", "v = a + u = 11", "J = 3v = 33", "11.001", "33.003"):
        assert fact in report
    for name, slope in {"v": 3, "a": 3, "u": 3, "b": 6, "c": 9}.items():
        assert number_after(f"dJ/d{name} =", report) == slope


def test_dz_equals_a_minus_y(run):
    _, report = run
    assert number_after("dz =", report) == number_after("a - y =", report)


def test_logistic_regression_is_right_on_95_percent_of_held_out_tumours(run):
    _, report = run
    part = report[report.index("3. ") : report.index("4. ")]
    assert number_after("held out", part) >= 0.95


def test_the_network_is_right_on_96_percent_of_held_out_digits(run):
    _, report = run
    part = report[report.index("4. ") : report.index("5. ")]
    assert number_after("held out", part) >= 0.96


def test_the_network_s_gradients_agree_with_central_differences(run):
    _, report = run
    assert number_after("worst relative error", report) < 1e-7


def test_the_three_ways_reach_the_same_cost(run):
    _, report = run
    costs = [number_after(f"{way:<15} cost", report) for way in ("explicit loops", "vectorised", "this engine")]
    assert costs[0] == pytest.approx(costs[1], rel=1e-10)
    assert costs[2] == pytest.approx(costs[1], rel=1e-10)


def test_it_writes_its_pictures(run):
    out, report = run
    names = {path.name for path in out.iterdir()}
    assert names == {
        "graph.svg",
        "graph.png",
        "logistic_regression.svg",
        "logistic_regression.png",
        "digits_cost.png",
        "digits_predictions.png",
    }
    for name in names:
        start = (out / name).read_bytes()[:100]
        assert start.startswith(b"\x89PNG") if name.endswith("png") else b"<?xml" in start
        assert name in report


@pytest.mark.parametrize("out", ["file/below", "file"])
def test_a_folder_that_cannot_be_written_is_told_before_the_work(out, tmp_path, capsys):
    (tmp_path / "file").write_text("in the way", encoding="utf-8")
    assert cli.main(["demo", "--out", str(tmp_path / out)]) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "cannot write into" in printed.err
    assert "Name another folder with --out" in printed.err
    assert printed.err.count("\n") == 1


def test_a_folder_without_permission_is_told_too(tmp_path, capsys, monkeypatch):
    def denied(*_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "touch", denied)
    assert cli.main(["demo", "--out", str(tmp_path)]) == 2
    assert "cannot write into" in capsys.readouterr().err


def test_everything_that_is_missing_is_told_at_once_with_the_command_that_helps(tmp_path, capsys, monkeypatch):
    for package in ("sklearn", "matplotlib", "pygraphviz"):
        monkeypatch.setitem(sys.modules, package, None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["demo", "--out", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    for needed in ("scikit-learn", "matplotlib", "graphviz.org/download", "pip install 'micrograd-nd[all]'"):
        assert needed in message


def test_an_interrupt_ends_the_demo(tmp_path, capsys, monkeypatch):
    def interrupted(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("micrograd_nd.demo.report.course_graph", interrupted)
    assert cli.main(["demo", "--out", str(tmp_path)]) == 130
    assert "interrupted" in capsys.readouterr().err


def test_an_interrupted_training_ends_the_demo(tmp_path, monkeypatch):
    monkeypatch.setattr(networks.nn, "fit", lambda *_, **__: nn.History(interrupted=True))
    with pytest.raises(KeyboardInterrupt):
        networks.train_digits(tmp_path)


def test_the_gradient_check_notices_a_rule_that_is_wrong_by_a_thousandth(capsys, monkeypatch):
    model = nn.MLP([64, 8, 10], hidden="relu", output="softmax", seed=0)
    assert networks.gradient_check(model) < 1e-7
    before = model.state_dict()
    relu = mg.registry[mg.relu]
    (rule,) = relu.rules
    monkeypatch.setattr(relu, "rules", (lambda g, out, x: 1.001 * rule(g, out, x),))
    assert networks.gradient_check(model) > 1e-5
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, before[name])


def test_tumours_are_standardised_by_the_training_part_alone():
    split = data.breast_cancer()
    np.testing.assert_allclose(split.X.mean(axis=1), 0, atol=1e-12)
    np.testing.assert_allclose(split.X.std(axis=1), 1)
    assert np.max(np.abs(split.X_test.mean(axis=1))) > 0.01
    assert split.X.shape[1] + split.X_test.shape[1] == 569


def test_each_of_the_three_ways_is_the_one_that_it_is_called(capsys, monkeypatch):
    called = []
    for name in ("by_loops", "by_formulas", "by_engine"):
        way = getattr(three_ways, name)
        monkeypatch.setattr(three_ways, name, lambda *args, name=name, way=way: (called.append(name), way(*args))[1])
    three_ways.three_ways()
    assert called == ["by_loops", "by_formulas", "by_engine"] * three_ways.ROUNDS
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ")[1] for line in lines[1:]] == ["explicit loops", "vectorised", "this engine"]


def test_the_version_is_printed(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["--version"])
    assert ended.value.code == 0
    assert capsys.readouterr().out == f"micrograd-nd {mg.__version__}\n"


def test_a_command_that_does_not_exist_is_refused(capsys):
    with pytest.raises(SystemExit) as ended:
        cli.main(["dance"])
    assert ended.value.code == 2
    assert "dance" in capsys.readouterr().err
