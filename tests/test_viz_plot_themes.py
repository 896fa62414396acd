"""Themes of plots: what is drawn for a light page and for a dark one can be read there, whatever matplotlib's style."""

import functools
import inspect
import itertools
import sys

import numpy as np
import pytest

from every_plot import MODEL, PLOTS, X, Y, drawn, new_axes
from micrograd_nd import nn, viz
from micrograd_nd.viz.plots.inks import contrast
from micrograd_nd.viz.themes import THEMES

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")

# By the guidelines for web content: for text, and for what else has to be seen.
READABLE, VISIBLE = 4.5, 3.0

# The same plots, and others whose parts they have not.
PICTURES = {
    **PLOTS,
    "a cost with validation": lambda **options: viz.plot_cost(
        nn.History(cost=[3.0, np.nan, 1.0], validation_cost=[3.0, 2.0, 2.5]), **options
    ),
    "classes": lambda **options: viz.plot_decision_boundary(
        nn.MLP([2, 3, 7], output="softmax", seed=0), np.tile(X, 2), np.arange(8)[None] % 7, resolution=20, **options
    ),
    "five costs": lambda **options: viz.plot_costs({k: [1.0, 1 / (k + 1)] for k in range(5)}, **options),
    "gradients of zero": lambda **options: viz.plot_gradient_flow(
        {"a": nn.MLP([2, 3, 1], hidden="relu", weights="zeros"), "b": MODEL}, X, Y, **options
    ),
    "long names of classes": lambda **options: viz.plot_confusion_matrix(
        np.full((5, 5), 10**6), classes=[f"{k}, which is called by a long name" for k in range(5)], **options
    ),
    "long names of parameters": lambda **options: viz.plot_gradient_check(
        {f"{k} of a layer that is called by a long name, and longer": 10.0**-k for k in range(8)}, **options
    ),
    "ten classes": lambda **options: viz.plot_confusion_matrix(np.arange(100).reshape(10, 10) ** 2, **options),
}

each_plot = pytest.mark.parametrize("name", PLOTS)
each_picture = pytest.mark.parametrize("name", PICTURES)
each_theme = pytest.mark.parametrize("theme", THEMES)


@pytest.fixture(autouse=True)
def _no_pyplot(monkeypatch):
    """Where another test has imported it, it would keep all figures, and warn that they are many."""
    monkeypatch.delitem(sys.modules, "matplotlib.pyplot", raising=False)


@functools.cache
def picture(name, theme, style="default"):
    """A plot in a theme, made in a style of matplotlib: its figure, its pixels and its texts."""
    import matplotlib.style

    with matplotlib.style.context(style), pytest.MonkeyPatch.context() as monkeypatch:
        figure = PICTURES[name](theme=theme).figure
        return figure, *drawn(figure, monkeypatch)


def behind(text, pixels):
    """The colour that a text is written on: the one that most of its box has."""
    box = text.get_window_extent()
    height, width, _ = pixels.shape
    across = slice(max(int(box.x0), 0), min(int(box.x1) + 1, width))
    part = pixels[max(height - int(box.y1) - 1, 0) : height - int(box.y0), across].reshape(-1, 3)
    colours, counts = np.unique(part, axis=0, return_counts=True)
    return colours[counts.argmax()] / 255


def test_every_plot_and_the_film_have_themes():
    offered = {name for name in dir(viz) if name.startswith("plot_")}
    assert offered == set(PLOTS)
    for name in (*offered, "animate_training"):
        theme = inspect.signature(getattr(viz, name)).parameters["theme"]
        assert (theme.kind, theme.default) == (inspect.Parameter.KEYWORD_ONLY, None)


@each_picture
@each_theme
def test_every_text_can_be_read_on_what_is_behind_it(name, theme):
    _, pixels, texts = picture(name, theme)
    assert texts
    for text in texts:
        assert contrast(text.get_color(), behind(text, pixels)) >= READABLE, text.get_text()


@each_picture
@each_theme
def test_lines_and_ticks_stand_out_from_the_ground(name, theme):
    from matplotlib.lines import Line2D

    figure, *_ = picture(name, theme)
    ground = THEMES[theme].background
    for ax in figure.axes:
        lines = [line for line in ax.findobj(Line2D) if line.get_visible() and line not in grid(ax)]
        for line in lines:
            # What goes over areas of all colours has an edge, by which it is seen.
            edges = [line.get_markeredgecolor()] + ["black"] * bool(line.get_path_effects())
            assert max(contrast(colour, ground) for colour in (line.get_color(), *edges)) >= VISIBLE
        spines = [spine for spine in ax.spines.values() if spine.get_visible() and ax.axison]
        assert all(contrast(spine.get_edgecolor(), ground) >= VISIBLE for spine in spines)


def grid(ax):
    """The lines that stand back: values are read by them."""
    return {
        tick.gridline for axis in (ax.xaxis, ax.yaxis) for tick in (*axis.get_major_ticks(), *axis.get_minor_ticks())
    }


@each_picture
@each_theme
def test_every_text_is_inside_of_the_figure_and_none_lies_over_another(name, theme):
    _, pixels, texts = picture(name, theme)
    height, width, _ = pixels.shape
    boxes = {text: text.get_window_extent() for text in texts}
    for text, box in boxes.items():
        assert min(box.x0, box.y0) > -1, text
        assert max(box.x1 - width, box.y1 - height) < 1, text
    for one, other in itertools.combinations(texts, 2):
        # The boxes of slanted labels side by side overlap where the letters do not, and touch those of labels beside an
        # axis with depth.
        if not (one.get_rotation() % 90 and other.get_rotation() % 90):
            assert not boxes[one].padded(-3).overlaps(boxes[other].padded(-3)), (one, other)


@each_picture
@each_theme
def test_a_theme_looks_the_same_in_every_style(name, theme):
    _, pixels, _ = picture(name, theme)
    _, others, _ = picture(name, theme, "dark_background")
    assert np.array_equal(pixels, others)


@each_theme
def test_a_theme_has_its_ground_where_a_style_gives_saved_figures_another(theme, monkeypatch):
    with matplotlib.rc_context({"savefig.facecolor": "red"}):
        figure = PLOTS["plot_cost"](theme=theme).figure
        PLOTS["plot_metric"](ax=figure.axes[0], theme="light")
        PLOTS["plot_metric"](ax=figure.axes[0], theme=theme)
        pixels, _ = drawn(figure, monkeypatch)
    assert "#" + "".join(f"{value:02x}" for value in pixels[0, 0]) == THEMES[theme].background.lower()


@each_plot
@each_theme
def test_a_theme_changes_no_setting_of_matplotlib(name, theme):
    before = settings()
    PLOTS[name](theme=theme)
    assert settings() == before


def settings():
    """Those of matplotlib but its backend, which is not chosen before it is asked for."""
    return {name: value for name, value in matplotlib.rcParams.copy().items() if name != "backend"}


@pytest.mark.parametrize("name", PLOTS)
@each_theme
def test_axes_that_are_given_have_the_theme_too_and_so_has_their_figure(name, theme):
    from matplotlib.colors import same_color

    ax = PLOTS[name](ax=new_axes(name), theme=theme)
    assert same_color(ax.get_facecolor(), THEMES[theme].background)
    assert same_color(ax.figure.get_facecolor(), THEMES[theme].background)
    assert same_color(ax.xaxis.label.get_color(), THEMES[theme].text)


@each_theme
def test_what_is_drawn_later_on_axes_in_a_theme_can_be_read_too(theme):
    ax = viz.plot_metric(nn.History(metric=[0.5, 1.0]), theme=theme)
    ax.set_title("in the middle")
    viz.plot_costs({"a": [1.0, 0.5]}, ax)
    texts = [ax.title, ax.xaxis.label, *ax.get_legend().get_texts(), *ax.get_xticklabels()]
    assert all(contrast(text.get_color(), THEMES[theme].background) >= READABLE for text in texts)


def test_a_theme_leaves_titles_and_notes_of_axes_that_are_given():
    ax = new_axes("plot_cost")
    ax.set_title("Costs", fontsize=20)
    note = ax.annotate("here", (1, 0.7), color="red")
    viz.plot_cost([0.7, 0.5], ax, theme="dark")
    assert (ax.get_title(), ax.title.get_fontsize(), note.get_color()) == ("Costs", 20, "red")


def test_without_a_theme_the_text_is_that_of_the_axes_whatever_the_style_is_by_then():
    import matplotlib.style

    with matplotlib.style.context("dark_background"):
        ax = new_axes("plot_costs")
        boundary = new_axes("plot_decision_boundary")
    viz.plot_costs({"a": [1.0, 0.5]}, ax)
    viz.plot_decision_boundary(MODEL, X, Y, boundary, resolution=5)
    _, scale = boundary.figure.axes
    texts = [*ax.get_legend().get_texts(), *boundary.get_legend().get_texts(), scale.yaxis.label]
    assert all(contrast(text.get_color(), "black") >= READABLE for text in (*texts, *scale.get_yticklabels()))


@each_plot
@pytest.mark.parametrize("theme", ["Dark", "", 1, ["dark"], {}])
def test_an_unknown_theme_is_told_before_anything_is_made(name, theme, monkeypatch):
    from matplotlib.figure import Figure

    monkeypatch.setattr(Figure, "__init__", lambda *_, **__: pytest.fail("a figure was made"))
    with pytest.raises(ValueError, match='theme is "light" or "dark"; got'):
        PLOTS[name](theme=theme)


@pytest.mark.parametrize("name", PLOTS)
def test_an_unknown_theme_leaves_the_axes_that_are_given(name):
    ax = new_axes(name)
    with pytest.raises(ValueError, match='theme is "light" or "dark"; got'):
        PLOTS[name](ax=ax, theme="sepia")
    assert not ax.has_data()
