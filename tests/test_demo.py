"""The demonstration and the command line do what they say."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

import micrograd_nd as mg
from micrograd_nd import cli

pytest.importorskip("sklearn", reason="the demo's data come with scikit-learn")
pytest.importorskip("matplotlib", reason="the demo plots with matplotlib")
pytest.importorskip("pygraphviz", reason="the demo draws with Graphviz")


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


def test_a_missing_package_is_told_with_the_command_that_helps(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "sklearn.datasets", None)
    assert cli.main(["demo", "--out", str(tmp_path)]) == 2
    assert "pip install 'micrograd-nd[sklearn]'" in capsys.readouterr().err


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


def test_missing_graphviz_is_told_with_both_remedies(tmp_path, capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "pygraphviz", None)
    monkeypatch.setenv("PATH", str(tmp_path))
    assert cli.main(["demo", "--out", str(tmp_path)]) == 2
    message = capsys.readouterr().err
    assert "graphviz.org/download" in message
    assert "pip install 'micrograd-nd[draw]'" in message
