"""Things show themselves in a notebook as they are, on light and dark pages, and never by an error."""

import re
import sys
import xml.etree.ElementTree as ET
from decimal import Decimal

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn, viz
from micrograd_nd.viz.notebooks.curve import curves

few = settings(max_examples=50, deadline=None)
costs = st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30)

HOSTILE = '<script>alert(1)</script> "onload=x \\N & \x00 </pre></table>'


@pytest.fixture
def no_graphviz(monkeypatch, tmp_path):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setitem(sys.modules, "pygraphviz", None)


@pytest.fixture
def graphviz_there():
    pytest.importorskip("pygraphviz", reason="pygraphviz is not installed")


def page(thing):
    """The page of a thing, parsed: it is well-formed."""
    return ET.fromstring(thing._repr_mimebundle_()["text/html"])  # noqa: S314 - our own


def cells(element):
    """The tables in a page, row by row."""
    return [["".join(cell.itertext()) for cell in row] for row in element.iter("tr")]


def lines(element):
    return ["".join(part.itertext()) for part in element.iter("div") if not list(part)]


def source(element):
    (pre,) = element.iter("pre")
    return "".join(pre.itertext())


def trained(**options):
    X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 1, 0, 1]])
    settings = {"epochs": 50, "learning_rate": 1.0, "seed": 0, "progress": False} | options
    return nn.fit(nn.LogisticRegression(1), X, Y, validation=(-X, Y), **settings)


def compiled():
    step = mg.compile(mg.value_and_grad(lambda W, X: np.sum(np.tanh(W @ X))))
    step(np.ones((2, 3)), np.ones((3, 4)))
    return step


def everything():
    result = np.tanh(mg.Tensor(np.ones((20, 30)), name="W"))
    for _ in range(60):
        result = result + 1.0
    history = trained()
    return [
        nn.MLP([2, 4, 1]),
        nn.Sequential(nn.Linear(2, 3), nn.Residual(nn.Linear(3, 3)), nn.BatchNorm(3)),
        nn.summary(nn.MLP([2, 4, 1]), m=5),
        history,
        compiled(),
        mg.compile(np.tanh),
        mg.Tensor(np.ones((20, 30)), name="W"),
        result,
        mg.Tensor(np.ones((20, 30))).detach(),
    ]


# Whatever it is


@pytest.mark.parametrize("thing", everything(), ids=lambda thing: type(thing).__name__)
def test_a_page_has_no_colours_of_its_own_behind_text_and_asks_the_network_for_nothing(thing):
    bundle = thing._repr_mimebundle_()
    assert bundle["text/plain"] == repr(thing)
    root = page(thing)
    assert {element.tag.rpartition("}")[2] for element in root.iter()} <= {
        "div", "pre", "table", "thead", "tbody", "tr", "th", "td",
        "svg", "g", "title", "polygon", "polyline", "ellipse", "path", "text", "a",
    }  # fmt: skip
    for element in root.iter():
        assert not [key for key in element.keys() if key.startswith("on") or key.endswith(("href", "src"))]  # noqa: SIM118
        assert element.get("fill") in (None, "none", "currentColor", "transparent", "#2E86C1", "#D9660B", "#5A8FB8")
        assert not re.search(r"background(?!:none)|url\(|color:(?!inherit)", element.get("style", ""))


@pytest.mark.parametrize("thing", everything(), ids=lambda thing: type(thing).__name__)
@pytest.mark.usefixtures("no_graphviz")
def test_without_graphviz_everything_shows_itself(thing):
    assert page(thing).tag == "div"


@pytest.mark.parametrize("thing", everything(), ids=lambda thing: type(thing).__name__)
def test_without_what_viz_needs_everything_shows_itself_as_text(thing, monkeypatch):
    monkeypatch.setitem(sys.modules, "micrograd_nd.viz.notebooks.notebook", None)
    assert thing._repr_mimebundle_() == {"text/plain": repr(thing)}


def test_what_is_of_no_known_kind_shows_itself_as_text():
    assert viz.mimebundle([1, 2]) == {"text/plain": "[1, 2]"}


# Models


@pytest.mark.usefixtures("graphviz_there")
def test_a_model_shows_its_picture_and_the_table_of_its_summary():
    model = nn.MLP([2, 4, 1], hidden="tanh")
    shown, summary = page(model), nn.summary(model)
    assert cells(shown) == summary.table()
    assert [line for line in lines(shown) if line] == ["MLP", *summary.totals()]
    texts = ["".join(text.itertext()) for text in shown.iter("{http://www.w3.org/2000/svg}text")]
    assert {"layer 1", "tanh, 4 units", "ŷ"} <= set(texts)


def test_a_summary_shows_itself_as_its_table():
    summary = nn.summary(nn.MLP([2, 4, 1]), m=7)
    shown = page(summary)
    assert cells(shown) == summary.table()
    assert lines(shown) == summary.totals()


class Own(nn.Module):
    """Cannot be run on zeros of a guessed shape."""

    def __init__(self, text="Own"):
        self.layer = nn.Linear(2, 3)
        self.text = text

    def forward(self, X):
        raise ZeroDivisionError

    def __repr__(self):
        return self.text


def test_a_model_that_cannot_be_run_lists_its_parameters():
    model = Own()
    model.layer.W.name = HOSTILE
    shown = page(model)
    assert cells(shown) == [
        ["path", "name", "shape", "dtype", "numbers"],
        ["layer.W", HOSTILE.replace("\x00", "\\x00"), "(3, 2)", "float64", "6"],
        ["layer.b", "b", "(3, 1)", "float64", "3"],
    ]
    assert "parameters: 9" in lines(shown)


def test_a_model_is_not_copied_where_it_is_large(monkeypatch):
    monkeypatch.setattr("micrograd_nd.viz.notebooks.model_pages.MOST_NUMBERS", 5)
    assert cells(page(nn.Linear(2, 3)))[0][0] == "path"
    assert cells(page(nn.Linear(2, 1)))[0][0] == "l"


def test_a_display_leaves_a_model_as_it_is():
    model = nn.Sequential(nn.Linear(2, 3, seed=0), nn.BatchNorm(3), nn.Dropout(keep_prob=0.5, seed=0))
    before = [dict(vars(module)) for module in model.modules()], model.state_dict()
    model._repr_mimebundle_()
    assert [dict(vars(module)) for module in model.modules()] == before[0]
    assert all(np.array_equal(x, before[1][name]) for name, x in model.state_dict().items())


def test_a_model_that_does_not_fit_together_shows_its_parameters():
    shown = page(nn.Sequential(nn.Linear(2, 3), nn.Linear(4, 1)))
    assert len(cells(shown)) == 5
    assert not list(shown.iter("{http://www.w3.org/2000/svg}svg"))


def test_a_model_that_holds_what_is_no_parameter_shows_itself():
    model = nn.Linear(2, 3)
    model.result = model.W + 1.0
    assert "text/html" in model._repr_mimebundle_()


def test_a_repr_that_fails_does_not_stand_in_the_way():
    class Broken(nn.Module):
        def __repr__(self):
            raise ZeroDivisionError

        def __init__(self):
            self.W = mg.Tensor(np.ones((3, 2)), name="W")

    assert "Broken object at" in Broken()._repr_mimebundle_()["text/plain"]
    assert cells(page(Broken()))[1] == ["W", "W", "(3, 2)", "float64", "6"]


def test_of_what_has_no_parameters_no_table_is_shown():
    assert cells(page(nn.ReLU())) == []
    assert "parameters: 0" in lines(page(nn.ReLU()))


@pytest.mark.usefixtures("graphviz_there")
def test_hostile_text_in_a_model_is_shown_as_text():
    shown = page(Own(HOSTILE))
    assert HOSTILE.replace("\x00", "\\x00") in "".join(shown.itertext())
    assert not list(shown.iter("script"))


# Histories


def test_a_history_says_how_long_it_took_and_why_it_ended():
    history = trained(callbacks=[nn.EarlyStopping(patience=2)])
    told = lines(page(history))
    assert told[0] == f"3 epochs in {sum(history.seconds):.2f} s"
    assert told[1] == f"stopped: {history.stopped}"
    assert "interrupted from the keyboard" in lines(page(nn.History(interrupted=True)))


@given(st.integers(1, 40))
def test_the_first_and_last_epochs_are_in_the_table(epochs):
    history = nn.History(cost=[0.5] * epochs, seconds=[0.1] * epochs, metric=[1.0] * epochs)
    head, *rows = cells(page(history))
    assert head == ["epoch", "cost", "accuracy", "seconds"]
    shown = list(map(str, range(1, epochs + 1)))
    assert [row[0] for row in rows] == (shown if epochs <= 9 else [*shown[:4], "⋮", *shown[-4:]])
    assert rows[0] == ["1", "0.5", "1", "0.1"]


def test_the_table_has_the_numbers_of_every_series():
    history = trained(epochs=2)
    head, *rows = cells(page(history))
    assert head == ["epoch", *history.series(), "learning rate", "seconds"]
    for i, row in enumerate(rows):
        expected = [*(values[i] for values in history.series().values()), history.learning_rate[i], history.seconds[i]]
        assert list(map(float, (x.replace("−", "-") for x in row[1:]))) == pytest.approx(expected, rel=1e-3)


@few
@example([], [])
@example([1e308, -1e308, 1e308], [float("nan")])
@example([5e-324, 1.0], [])
@given(costs, costs)
def test_a_history_of_any_numbers_shows_itself(cost, validation):
    history = nn.History(cost=cost, validation_cost=validation, seconds=[0.1] * len(cost))
    shown = page(history)
    drawn = list(shown.iter("{http://www.w3.org/2000/svg}svg"))
    assert bool(drawn) == any(map(np.isfinite, [*cost, *validation]))


def test_costs_that_are_no_finite_numbers_are_counted():
    told = lines(page(nn.History(cost=[1.0, float("nan"), float("inf"), 2.0], seconds=[0.1] * 4)))
    assert "the cost of 2 epochs is not a finite number" in told


def test_the_name_of_a_metric_is_shown_as_text():
    history = nn.History(cost=[1.0], metric=[1.0], seconds=[1.0], metric_name=HOSTILE)
    assert HOSTILE.replace("\x00", "\\x00") in cells(page(history))[0]


def test_a_history_that_was_tampered_with_is_no_error():
    assert "text/plain" in viz.mimebundle(nn.History(cost=["one", None]))


# Curves


def points(svg):
    """The points of each curve."""
    found = ET.fromstring(svg).iter("{http://www.w3.org/2000/svg}path")  # noqa: S314 - our own
    numbers = [re.findall(r"[ML]([-\d.]+) ([-\d.]+)", path.get("d")) for path in found]
    return [[(float(x), float(y)) for x, y in each] for each in numbers]


finite = st.floats(allow_nan=False, allow_infinity=False)


@few
@example([1e308, -1e308])
@example([5e-324, 1e308])
@given(st.lists(finite, min_size=1, max_size=60))
def test_a_curve_is_as_high_as_its_values_and_stays_in_its_frame(values):
    (curve,) = points(curves({"cost": values}, along="epoch"))
    assert len(curve) == len(values)
    assert all(62 <= x <= 392 and 12 <= y <= 176 for x, y in curve)
    assert [x for x, _ in curve] == sorted(x for x, _ in curve)
    for (_, y), value in zip(curve, values, strict=True):
        assert all(y <= other_y + 0.1 for (_, other_y), other in zip(curve, values, strict=True) if value >= other)


def test_a_curve_has_a_gap_where_a_value_is_not_finite():
    svg = curves({"cost": [1.0, 2.0, float("nan"), 3.0]}, along="epoch")
    (path,) = re.findall(r' d="([^"]*)"', svg)
    assert re.sub(r"[-\d. ]+", "", path) == "MLMh"


def test_a_point_that_stands_alone_is_a_short_line():
    for costs in ([1.0], [float("nan"), 1.0, float("inf"), 2.0, 3.0]):
        svg = curves({"cost": costs}, along="epoch")
        assert re.search(r' d="M[\d.]+ [\d.]+h3', svg)


def test_of_a_long_curve_the_extremes_are_kept():
    values = [1.0] * 100_000
    values[54_321], values[77_777] = 9.0, -9.0
    svg = curves({"cost": values}, along="epoch")
    (curve,) = points(svg)
    assert len(curve) <= 400
    assert {12.0, 176.0} <= {y for _, y in curve}


def test_two_curves_differ_by_more_than_their_colour():
    svg = curves({"cost": [2.0, 1.0], "validation cost": [3.0, 2.0]}, along="epoch")
    assert re.findall(r"stroke-dasharray", svg) == ["stroke-dasharray"]
    assert {">cost<", ">validation cost<"} <= set(re.findall(r">[^<]+<", svg))


def test_the_names_of_curves_that_end_at_one_place_are_apart():
    svg = curves({"cost": [2.0, 1.0], "validation cost": [3.0, 1.0]}, along="epoch")
    heights = [float(y) for y in re.findall(r'y="([\d.]+)"[^>]*fill="#', svg)]
    assert abs(heights[0] - heights[1]) >= 15


def test_a_logarithmic_scale_is_said_to_be_one():
    assert "log scale" in curves({"cost": [1000.0, 1.0]}, along="epoch")
    assert "log scale" not in curves({"cost": [1000.0, 11.0]}, along="epoch")
    assert "log scale" not in curves({"cost": [1000.0, 0.0]}, along="epoch")


def test_who_listens_is_told_what_a_curve_shows():
    (told,) = re.findall(r'aria-label="([^"]*)"', curves({"cost": [2.0, 0.5]}, along="epoch"))
    assert told == "cost: from 0.5 to 2 over 2 epochs"


# Compiled functions


def test_a_compiled_function_shows_its_program():
    step = compiled()
    shown = page(step)
    assert source(shown) == step.source.rstrip("\n")
    head, *rows = cells(shown)
    assert head == ["", "name", "shape", "dtype"]
    assert rows == [
        ["takes", "W", "(2, 3)", "float64"],
        ["takes", "X", "(3, 4)", "float64"],
        ["returns", rows[2][1], "a number", "float64"],
        ["returns", "dW", "(2, 3)", "float64"],
    ]


def test_the_memory_of_a_program_is_told_beside_what_it_would_take():
    f = mg.compile(lambda x: np.sum(np.tanh(np.exp(np.sin(x) + 1.0))))
    f(np.ones(1000))
    (line,) = (line for line in lines(page(f)) if "operations" in line)
    count, percent = re.fullmatch(r"(\d+) operations have results of .* memory for them, (\d+)% of that", line).groups()
    assert int(count) == 5
    assert int(percent) < 50


def test_before_the_first_call_a_compiled_function_says_that_there_is_no_program():
    step = mg.compile(np.tanh)
    assert repr(step) == "Compiled(np.tanh, not called yet)"
    assert lines(page(step)) == [repr(step), "The first call makes a program, for the shapes of its arguments."]


def test_a_compiled_function_counts_its_programs():
    step = mg.compile(np.tanh)
    step(np.ones(2))
    assert repr(step) == "Compiled(np.tanh, 1 program)"
    step(np.ones(3))
    assert repr(step) == "Compiled(np.tanh, 2 programs)"


def test_of_a_very_long_program_the_beginning_is_shown():
    def long(x):
        for _ in range(1000):
            x = np.tanh(np.sin(x))
        return x

    step = mg.compile(long)
    step(np.ones(2))
    text = source(page(step)).splitlines()
    assert len(text) == 301
    assert text[-1] == f"… {len(step.source.splitlines()) - 300} more lines"


def test_of_many_arrays_the_first_are_listed():
    step = mg.compile(lambda *arrays: sum(arrays))
    step(*(np.ones(2) for _ in range(100)))
    shown = page(step)
    assert len(cells(shown)) == 41
    assert "… and 61 more arrays" in lines(shown)


# Tensors


@few
@given(hnp.arrays(st.sampled_from([np.float64, np.float32, np.float16, np.int64, np.uint8]), (7, 5)))
def test_a_large_tensor_tells_the_range_of_its_values(values):
    told = lines(page(mg.Tensor(values, name="W")))
    assert told[0] == f"Tensor W: shape (7, 5), {values.dtype}"
    found = values[np.isfinite(values)]
    if found.size:
        low, high = re.match(r"values from (\S+) to (\S+), mean", told[1]).groups()
        assert [Decimal(x.strip(",").replace("−", "-")) for x in (low, high)] == pytest.approx(
            [Decimal(float(found.min())), Decimal(float(found.max()))], rel=Decimal("1e-4")
        )
    else:
        assert told[1] == "values without any finite number"


@pytest.mark.parametrize(
    ("odd", "told"),
    [([np.nan], "; 1 NaN"), ([np.inf, -np.inf], "; 2 infinite"), ([np.nan, np.inf, np.inf], "; 1 NaN, 2 infinite")],
)
def test_values_that_are_no_finite_numbers_are_counted(odd, told):
    values = np.ones(100)
    values[: len(odd)] = odd
    assert lines(page(mg.Tensor(values)))[1] == f"values from 1 to 1, mean 1{told}"


def test_the_mean_of_the_largest_numbers_is_told():
    values = np.full((7, 5), np.finfo(np.float64).max)
    assert lines(page(mg.Tensor(values)))[1].endswith("mean 1.7977e308")


def test_a_large_tensor_tells_the_range_of_its_gradient():
    x = mg.Tensor(np.arange(100.0))
    np.sum(x * x).backward()
    assert "gradient from 0 to 198, mean 99" in lines(page(x))


@pytest.mark.parametrize(
    "values",
    [np.zeros((0, 3)), np.ones((5, 5, 5), bool), np.ones((9, 9), complex), np.full((9, 9), np.nan)],
    ids=["empty", "bool", "complex", "nan"],
)
def test_a_tensor_of_any_kind_shows_itself(values):
    tensor = mg.Tensor(values, name=HOSTILE)
    assert source(page(tensor)) == repr(tensor)


def test_of_no_values_no_range_is_told():
    assert lines(page(mg.Tensor(np.zeros((0, 3))))) == ["Tensor: shape (0, 3), float64"]


def test_what_is_laid_out_has_letters_of_one_width_whatever_the_notebook_gives_other_text():
    (pre,) = page(mg.Tensor(np.zeros((9, 9)))).iter("pre")
    assert re.search(r"font-family:[^;]*\bmonospace\b", pre.get("style"))


def test_a_tensor_whose_values_can_all_be_read_shows_itself_as_text():
    tensor = mg.Tensor([[1.0, np.nan]], name="x")
    assert tensor._repr_mimebundle_() == {"text/plain": repr(tensor)}


def test_a_huge_tensor_is_not_looked_through(monkeypatch):
    monkeypatch.setattr("micrograd_nd.viz.notebooks.tensor_pages.MOST_VALUES", 50)
    assert lines(page(mg.Tensor(np.ones(100))))[1] == "values of float64"


def test_a_thing_that_cannot_be_shown_is_shown_as_text(monkeypatch):
    def broken(tensor):
        raise ZeroDivisionError

    monkeypatch.setattr("micrograd_nd.viz.notebooks.notebook.tensor_page", broken)
    tensor = mg.Tensor(np.ones(100))
    assert tensor._repr_mimebundle_() == {"text/plain": repr(tensor)}
