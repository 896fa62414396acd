"""The benchmarks compare what computes the same, and their reports say what was measured. Nothing is timed here."""

import builtins
import importlib
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

BENCHMARKS = Path(__file__).resolve().parents[1] / "benchmarks"
if not BENCHMARKS.is_dir():
    pytest.skip("runs in a checkout: benchmarks/ is not next to tests/", allow_module_level=True)

MACHINE = {
    "processor": "an abacus",
    "cores": 1,
    "pinned": True,
    "python": "3.11.0",
    "versions": {"numpy": "2.0.0"},
    "blas": "openblas 1.0, kernel Haswell, 1 thread(s)",
}
NETWORKS = ["logreg", "planar", "cat", "mlp_small", "mlp_large", "deep"]


@pytest.fixture
def comparison(monkeypatch):
    """The modules of benchmarks/comparison, which is not installed."""
    monkeypatch.syspath_prepend(str(BENCHMARKS))
    names = ["cell", "chains", "checking", "contenders", "job", "memory", "plot", "report", "timing", "workloads"]
    return SimpleNamespace(**{name: importlib.import_module(f"comparison.{name}") for name in names})


@pytest.fixture
def only_numpy(monkeypatch):
    """No peer can be imported, whether it is installed or not."""
    peers = ("autograd", "mygrad", "torch", "jax", "numba", "threadpoolctl")
    for name in list(sys.modules):
        if name.partition(".")[0] in peers or name.startswith("comparison.contenders."):
            monkeypatch.delitem(sys.modules, name)
    real = builtins.__import__

    def without_peers(name, *args, **kwargs):
        if name.partition(".")[0] in peers:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name.partition(".")[0])
        return real(name, *args, **kwargs)

    monkeypatch.setattr(builtins, "__import__", without_peers)


def agree(comparison, workload, dtype, contenders):
    """Assert that contenders compute what `hand` computes, on the small version of a workload."""
    problem = comparison.workloads.make_problem(workload, dtype, small=True)
    cell = comparison.cell.Cell(workload, dtype)
    jobs = comparison.cell.right_jobs(problem, ["hand", *contenders], cell)
    assert (cell.wrong, cell.missing) == ({}, {})
    assert list(jobs) == ["hand", *contenders]


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("workload", NETWORKS)
def test_hand_written_steps_and_ours_compute_the_same(comparison, workload, dtype):
    agree(comparison, workload, dtype, ["hand_opt", "hand_flat", "ours_eager"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("workload", ["elementwise", "hvp"])
def test_hand_written_derivatives_and_ours_are_the_same(comparison, workload, dtype):
    agree(comparison, workload, dtype, ["hand_opt", "ours_eager"])


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_the_derivatives_of_the_first_graph_of_the_course_are_ours(comparison, dtype):
    agree(comparison, "scalar", dtype, ["ours_eager"])


@pytest.mark.parametrize("workload", [*NETWORKS, "scalar", "elementwise", "hvp"])
def test_compiled_programs_compute_what_hand_computes(comparison, workload):
    contenders = ["ours_gradient", "ours_compiled"] if workload in NETWORKS else ["ours_compiled"]
    agree(comparison, workload, "float64", contenders)


def test_a_program_with_numba_computes_what_hand_computes(comparison):
    pytest.importorskip("numba", reason="numba is not installed")
    agree(comparison, "elementwise", "float64", ["ours_native"])


def test_the_sizes_are_those_of_the_table(comparison):
    shapes = comparison.workloads.parameter_shapes(comparison.workloads.STEPS["cat"])
    assert list(shapes) == ["W1", "b1", "W2", "b2", "W3", "b3", "W4", "b4"]
    assert shapes["W1"] == (20, 12288)
    deep = comparison.workloads.STEPS["deep"]
    assert (len(deep.sizes) - 1, deep.sizes[-2:], deep.m) == (17, (50, 1), 32)


def test_the_expression_has_twenty_operations(comparison):
    class Counted:
        made = 0

        def operation(self, *_):
            type(self).made += 1
            return self

        __add__ = __radd__ = __sub__ = __mul__ = __rmul__ = __truediv__ = operation

    library = SimpleNamespace(tanh=Counted.operation, sqrt=Counted.operation)
    comparison.workloads.expression(Counted(), library)
    assert Counted.made == 20


def test_a_gradient_that_is_wrong_by_one_percent_is_not_timed(comparison, monkeypatch):
    module = importlib.import_module("comparison.contenders.hand_flat")
    monkeypatch.setattr(module, "RATE", 1.01 * module.RATE)
    for dtype in ("float64", "float32"):
        problem = comparison.workloads.make_problem("planar", dtype, small=True)
        cell = comparison.cell.Cell("planar", dtype)
        assert list(comparison.cell.right_jobs(problem, ["hand", "hand_flat"], cell)) == ["hand"]
        assert "is off by" in cell.wrong["hand_flat"]


def test_a_result_of_another_dtype_is_wrong(comparison):
    right, wide = {"dx": np.ones(3, np.float32)}, {"dx": np.ones(3)}
    assert "float64" in comparison.checking.disagreement(right, wide, {}, "float32")
    assert comparison.checking.disagreement(right, right, {}, "float32") is None


def test_a_result_with_nan_is_wrong(comparison):
    right, nan = {"dx": np.ones(3)}, {"dx": np.array([1.0, np.nan, 1.0])}
    assert "dx" in comparison.checking.disagreement(right, nan, {}, "float64")


def test_a_contender_that_raises_is_reported_and_the_others_go_on(comparison, monkeypatch):
    module = importlib.import_module("comparison.contenders.hand_opt")

    def fails(problem):
        raise ArithmeticError("of no use\nmore lines")

    monkeypatch.setattr(module, "step", fails)
    problem = comparison.workloads.make_problem("planar", "float64", small=True)
    cell = comparison.cell.Cell("planar", "float64")
    assert list(comparison.cell.right_jobs(problem, ["hand", "hand_opt", "hand_flat"], cell)) == ["hand", "hand_flat"]
    assert cell.wrong == {"hand_opt": "ArithmeticError: of no use"}


def test_peers_that_are_not_installed_are_missing_with_the_reason(comparison, only_numpy):
    peers = [name for name, contender in comparison.contenders.CONTENDERS.items() if contender.needs]
    problem = comparison.workloads.make_problem("planar", "float64", small=True)
    cell = comparison.cell.Cell("planar", "float64")
    assert list(comparison.cell.right_jobs(problem, ["hand", *peers], cell)) == ["hand"]
    assert cell.wrong == {}
    assert cell.missing == {name: f"{comparison.contenders.CONTENDERS[name].needs} is not installed" for name in peers}


def test_peers_that_are_not_installed_are_missing_from_chains(comparison, only_numpy):
    outcome = comparison.chains.measure(["hand", "ours_eager", "mygrad"], lengths=(10, 20))
    assert outcome["missing"] == {"mygrad": "mygrad is not installed"}
    for by_contender in outcome["medians"].values():
        assert list(by_contender) == ["hand", "ours_eager"]
        assert list(by_contender["ours_eager"]) == ["10", "20"]


def test_every_contender_of_a_round_has_a_turn(comparison):
    counted = {"one": 0, "other": 0}

    def job(name):
        def run():
            counted[name] += 1

        return comparison.job.Job(run, dict)

    times = comparison.timing.interleaved({name: job(name) for name in counted}, rounds=3, turn=0.0)
    assert {name: len(seconds) for name, seconds in times.items()} == {"one": 3, "other": 3}
    assert all(counted.values())


def made_up_run(comparison):
    """Two workloads in two dtypes, of which one contender is missing and one wrong."""
    Cell = comparison.cell.Cell
    cells = []
    for workload in ("planar", "scalar"):
        for dtype in ("float64", "float32"):
            seconds = {"hand": 2e-5, "hand_opt": 1.5e-5, "ours_compiled": 1e-5, "autograd": 8e-3}
            spread = {"hand": 0.01, "autograd": 0.5 if (workload, dtype) == ("planar", "float32") else 0.1}
            missing, wrong = {"jax_jit": "jax is not installed"}, {"mygrad": "W1 is off"}
            others = 0.7 if workload == "scalar" else 0.0
            cells.append(Cell(workload, dtype, seconds, spread, others, missing, wrong))
    return comparison.report.Run(2, "Haswell", 15, MACHINE, cells)


def test_the_report_shows_ratios_to_hand_and_where_they_were_measured(comparison):
    text = comparison.report.times(made_up_run(comparison))
    assert text.startswith("# Time, 2 threads, OpenBLAS kernel Haswell\n")
    assert "| workload | hand, µs | hand_opt | ours_compiled | autograd |\n" in text
    assert "| `planar` | 20.0 / 20.0 | 0.75 / 0.75 | 0.50 / 0.50 | 400 / 400 |\n" in text
    assert text.index("`scalar`") < text.index("`planar`")
    assert "an abacus, pinned to 1 core(s); openblas 1.0, kernel Haswell" in text


def test_the_report_says_who_is_missing_and_who_is_wrong(comparison):
    text = comparison.report.times(made_up_run(comparison))
    everywhere = "(planar float64, planar float32, scalar float64, scalar float32)"
    assert f"Missing:\n\n- `jax_jit`: jax is not installed {everywhere}\n" in text
    assert f"Wrong, and so not timed:\n\n- `mygrad`: W1 is off {everywhere}\n" in text


def test_the_report_names_what_was_disturbed(comparison):
    text = comparison.report.times(made_up_run(comparison))
    assert "this far apart: `autograd` on planar float32 (50 %).\n" in text
    assert "this many cores during scalar float64 (0.7), scalar float32 (0.7).\n" in text


def test_a_measurement_times_every_contender_that_is_right(comparison):
    cell = comparison.cell.measure("planar", "float64", ["hand_flat", "ours_eager"], rounds=2, small=True, turn=0.0)
    assert list(cell.seconds) == list(cell.spread) == ["hand", "hand_flat", "ours_eager"]
    assert cell.ratio("hand") == 1
    assert cell.ratio("torch_eager") is None


def test_the_picture_is_drawn_of_made_up_figures(comparison, tmp_path):
    pytest.importorskip("matplotlib", reason="the picture needs matplotlib")
    path = tmp_path / "run.png"
    comparison.plot.draw(made_up_run(comparison), path)
    assert path.read_bytes().startswith(b"\x89PNG")


def test_every_contender_has_a_marker_of_its_own(comparison):
    drawn = {name for name in comparison.contenders.CONTENDERS if name != "hand"}
    assert set(comparison.plot.STYLES) == drawn
    assert len(set(comparison.plot.STYLES.values())) == len(drawn)


def test_the_report_of_chains_shows_cost_a_node_and_growth(comparison):
    medians = {"ours_eager": {"1000": [1e-6, 5e-7, 5e-7], "1000000": [2e-6, 5e-7, 5e-7]}}
    outcome = {"medians": {"on": medians}, "missing": {}, "stopped": {"on": {"mygrad": "took 9 s at 1,000"}}}
    text = comparison.report.chains(outcome, MACHINE)
    assert "| `ours_eager` | 1.00 / 0.50 / 0.50 | – | – | 2.00 / 0.50 / 0.50 | 1.5 |" in text
    assert "- `mygrad` stops: took 9 s at 1,000" in text


def test_the_report_of_memory_shows_megabytes_and_reasons(comparison):
    sizes = {"elementwise": {"hand": 24_000_000, "torch_eager": "torch is not installed"}}
    text = comparison.report.memory(sizes, "float64", MACHINE)
    assert "| workload | hand |\n| --- | --- |\n| `elementwise` | 24.0 |" in text
    assert "- `torch_eager`, elementwise: torch is not installed" in text


def test_the_footprint_names_what_is_not_installed(comparison):
    footprint = importlib.import_module("footprint")
    text = footprint.footprint({"numpy": 0.05}, {"numpy": 60_000_000})
    assert "| `numpy` | 50 | 60 |" in text
    assert "`torch`" in text.partition("Missing")[2]


def test_dependencies_are_counted_once_and_extras_not_at_all(comparison):
    footprint = importlib.import_module("footprint")
    assert footprint.needs("numpy", set()) == {"numpy"}
    assert "pluggy" in footprint.needs("pytest", set())
    assert footprint.size_with_needs("numpy") > 10_000_000


def test_the_report_on_digits_says_how_much_longer_others_take(comparison):
    digits = importlib.import_module("digits")
    who = ["scikit-learn", "micrograd_nd"]
    seconds = {"scikit-learn": [[0.3, 0.2, 0.2, 0.25]] * 3, "micrograd_nd": [[0.2, 0.1, 0.1, 0.1]] * 3}
    times = {(name, dtype): seconds[name] for name in who for dtype in digits.DTYPES}
    right = {(name, scale): [0.97, 0.99] for name in who for scale in digits.SCALES}
    text = digits.report(who, times, right)
    assert "| float64 | first | 300 | 200 | 1.50 |" in text
    assert "| float32 | later | 200 | 100 | 2.00 |" in text
    assert "| standardised | 98.00 ± 1.00 | 98.00 ± 1.00 |" in text


@pytest.mark.filterwarnings("ignore:.*(Maximum iterations|still falling)")  # the number of epochs is given
def test_digits_are_trained_alike_by_scikit_learn_and_here(comparison):
    pytest.importorskip("sklearn", reason="scikit-learn is not installed")
    digits = importlib.import_module("digits")
    X, y = digits.digits(np.dtype("float32"), "from 0 to 1")
    theirs, ours = (digits.TIMED[name](X, y)() for name in digits.WHO[:2])
    assert theirs.n_iter_ == ours.n_iter_ == digits.EPOCHS
    assert [w.shape for w in theirs.coefs_] == [(64, 100), (100, 10)]
    np.testing.assert_allclose(theirs.loss_, ours.loss_, rtol=0.3)
