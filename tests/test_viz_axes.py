"""What holds for every plot: whose Axes it takes, and what it leaves alone."""

import io
import itertools
import subprocess
import sys
from types import SimpleNamespace
from unittest.mock import MagicMock

import numpy as np
import pytest

from every_plot import MODEL, PLOTS, X, Y, drawn, new_axes
from micrograd_nd import nn, viz

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")

STYLES = ["default", "dark_background"]

each_plot = pytest.mark.parametrize("name", PLOTS)


@pytest.fixture
def pyplot():
    used = "matplotlib.pyplot" in sys.modules
    import matplotlib.pyplot as plt

    plt.close("all")
    yield plt
    plt.close("all")
    if not used:
        sys.modules.pop("matplotlib.pyplot", None)


def test_every_plot_that_viz_offers_is_tested_here():
    offered = {name for name in dir(viz) if name.startswith("plot_")}
    assert offered == set(PLOTS)


@each_plot
def test_a_plot_is_drawn_on_the_axes_given_and_returns_them(name):
    ax = new_axes(name)
    assert PLOTS[name](ax=ax) is ax
    assert any(within.has_data() for within in (ax, *ax.child_axes))


@each_plot
def test_a_plot_without_axes_makes_a_figure_that_can_be_saved(name):
    file = io.BytesIO()
    PLOTS[name]().figure.savefig(file, format="png")
    assert file.getvalue().startswith(b"\x89PNG")


@each_plot
def test_a_plot_on_given_axes_adds_no_figure_to_pyplot(name, pyplot):
    PLOTS[name](ax=new_axes(name))
    assert pyplot.get_fignums() == []


@each_plot
def test_a_plot_without_axes_is_one_of_pyplots_figures_where_that_is_in_use(name, pyplot):
    ax = PLOTS[name]()
    assert pyplot.get_fignums() == [1]
    assert pyplot.figure(1) is ax.figure


def test_plots_do_not_import_pyplot(tmp_path):
    code = """if True:
        import sys
        from micrograd_nd import viz
        viz.plot_cost([1.0])
        viz.plot_predictions([[[0.0]]], [0])
        viz.plot_cost_surface(lambda w, b: w + b, x=(0, 1), y=(0, 1))
        print("matplotlib.pyplot" in sys.modules)
    """
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False"]


@each_plot
@pytest.mark.parametrize("style", STYLES)
def test_a_plot_changes_no_setting_of_matplotlib(name, style):
    import matplotlib.style

    with matplotlib.style.context(style):
        before = dict(matplotlib.rcParams)
        PLOTS[name](ax=new_axes(name)).figure.savefig(io.BytesIO(), format="png")
        assert dict(matplotlib.rcParams) == before


@each_plot
@pytest.mark.parametrize("style", STYLES)
def test_nothing_written_in_a_plot_is_cut_off_or_overlaps(name, style, monkeypatch):
    import matplotlib.style

    with matplotlib.style.context(style):
        figure = PLOTS[name]().figure
        boxes = [(text.get_text(), text.get_window_extent()) for text in drawn(figure, monkeypatch)[1]]
    width, height = figure.get_size_inches() * figure.dpi
    for text, box in boxes:
        assert min(box.x0, box.y0) > -1, text
        assert box.x1 < width + 1, text
        assert box.y1 < height + 1, text
    for (text, box), (other, another) in itertools.combinations(boxes, 2):
        # The boxes of turned labels of an axis with depth touch where the letters do not.
        assert not box.padded(-3).overlaps(another.padded(-3)), (text, other)


@each_plot
def test_text_can_be_read_on_a_dark_background(name):
    import matplotlib.style

    from micrograd_nd.viz.plots.inks import contrast

    with matplotlib.style.context("dark_background"):
        ax = PLOTS[name]()
        labels = [ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels()]
        assert all(contrast(label.get_color(), "black") > 4.5 for label in labels)


@each_plot
@pytest.mark.parametrize("wrong", ["axes", [1], np.array([None, None])])
def test_what_are_no_axes_is_told(name, wrong):
    with pytest.raises(TypeError, match=r"Axes.*figure\.add_subplot"):
        PLOTS[name](ax=wrong)


@each_plot
def test_without_matplotlib_the_error_names_the_remedy(name, monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'micrograd-nd\[plot\]'"):
        PLOTS[name]()


def test_in_ipython_a_plot_is_a_figure_of_pyplot_that_is_shown(pyplot, monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", MagicMock(version_info=(9, 0)))
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot")  # no cell has imported it
    ax = viz.plot_cost([1.0])
    pyplot = sys.modules["matplotlib.pyplot"]
    assert pyplot.figure(pyplot.get_fignums()[0]) is ax.figure


def test_ipython_that_is_only_imported_changes_nothing(monkeypatch):
    monkeypatch.setitem(sys.modules, "IPython", SimpleNamespace(get_ipython=lambda: None))
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)
    viz.plot_cost([1.0])
    assert "matplotlib.pyplot" not in sys.modules


HOSTILE = [
    "$x$",
    "a_b",
    "50%",
    r"$\frac{1$",
    "costs $5, not $6",
    "a\\b",
    r"\$",
    '"<b>',
    "",
    "x\x00",
    "_hidden",
    "y" * 300,
]


def texts_of(figure):
    from matplotlib.text import Text

    return [text for text in figure.findobj(Text) if text.get_text()]


# Each plot that writes what others have named, and where that stands.
NAMED = {
    "a label of costs": lambda name: viz.plot_costs({name: [1.0, 0.5]}),
    "a label of schedules": lambda name: viz.plot_schedule({name: 0.1}, 3),
    "a metric": lambda name: viz.plot_metric(nn.History(metric=[0.5, 1.0], metric_name=name)),
    "a class": lambda name: viz.plot_confusion_matrix([[1, 0], [0, 2]], classes=[name, "b"]),
    "a prediction": lambda name: viz.plot_predictions(np.zeros((2, 4, 4)), [name, "b"], ["c", "b"]),
    "a parameter": lambda name: viz.plot_gradient_check({name: 1e-8}),
    "a label of networks": lambda name: viz.plot_gradient_flow({name: MODEL}, X, Y),
    "a number of a cost": lambda name: viz.plot_cost_contours(
        lambda w, b: w**2 + b**2, x=(-1, 1), y=(-1, 1), labels=(name, "b"), resolution=5
    ),
    "a height over two numbers": lambda name: viz.plot_cost_surface(
        lambda w, b: w**2 + b**2, x=(-1, 1), y=(-1, 1), labels=(name, "b"), resolution=5
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("plot", NAMED)
def test_a_name_is_no_mathematics_and_leaves_room_for_the_plot(plot, name):
    from matplotlib.cbook import is_math_text

    made = NAMED[plot](name)
    figure = made.figure
    figure.savefig(io.BytesIO(), format="png")  # a warning of a layout that has failed would be an error
    strings = [text.get_text() for text in texts_of(figure) if "mathdefault" not in text.get_text()]
    assert not any(map(is_math_text, strings))
    if name.isprintable() and len(name) < 40:
        assert any(name in string.replace(r"\$", "$") for string in strings)


def test_labels_that_are_written_alike_are_two():
    assert len(viz.plot_costs({1: [1.0], "1": [2.0]}).lines) == 2
    assert len(viz.plot_schedule({1: 0.1, "1": 0.2}, 3).lines) == 2
    assert len(viz.plot_gradient_flow({1: MODEL, "1": MODEL}, X, Y).lines) == 2


@pytest.mark.parametrize("projection", ["polar", "3d", "mollweide"])
@each_plot
def test_axes_of_another_geometry_are_told(name, projection):
    from matplotlib.figure import Figure

    if (name, projection) != ("plot_cost_surface", "3d"):
        with pytest.raises(TypeError, match=r"Axes.*figure\.add_subplot.*got .*Axes"):
            PLOTS[name](ax=Figure().add_subplot(projection=projection))
