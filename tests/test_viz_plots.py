"""Plots of training and of predictions."""

import io
import sys
from types import SimpleNamespace

import numpy as np
import pytest

from micrograd_nd import viz

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")


def png(figure):
    file = io.BytesIO()
    figure.savefig(file, format="png")
    return file.getvalue()


def test_a_cost_is_plotted_against_the_iteration():
    ax = viz.plot_cost([0.7, 0.5, 0.4])
    x, y = ax.lines[0].get_data()
    assert list(x) == [1, 2, 3]
    assert list(y) == [0.7, 0.5, 0.4]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("iteration", "cost")
    assert png(ax.figure).startswith(b"\x89PNG")


@pytest.mark.parametrize("validation", [None, []])
def test_a_history_without_validation_has_one_line(validation):
    assert len(viz.plot_cost(SimpleNamespace(cost=[1.0, 0.5], validation_cost=validation)).lines) == 1
    assert len(viz.plot_cost(SimpleNamespace(cost=[1.0, 0.5])).lines) == 1


def test_validation_is_a_second_dashed_line_that_ends_with_the_training():
    ax = viz.plot_cost(SimpleNamespace(cost=[4.0, 3.0, 2.0, 1.0], validation_cost=[3.5, 1.5]))
    training, validation = ax.lines
    assert list(validation.get_xdata()) == [2, 4]
    assert training.get_linestyle() != validation.get_linestyle()
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["training", "validation"]


def test_a_cost_is_plotted_on_the_axes_given():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot()
    assert viz.plot_cost([1.0], ax) is ax


def test_an_empty_history_is_refused():
    with pytest.raises(ValueError, match="no cost to plot"):
        viz.plot_cost([])


def test_plots_leave_pyplots_global_state_alone():
    before = set(sys.modules)
    viz.plot_cost([1.0])
    viz.plot_predictions(np.zeros((1, 2, 2)), [0])
    assert "matplotlib.pyplot" not in set(sys.modules) - before


def test_predictions_stand_over_their_images():
    figure = viz.plot_predictions(np.arange(12).reshape(3, 2, 2), ["a", "b", "c"])
    assert [ax.get_title() for ax in figure.axes] == ["a", "b", "c"]
    assert png(figure).startswith(b"\x89PNG")


def test_a_wrong_prediction_is_told_by_text_and_frame_not_by_colour_alone():
    right, wrong = viz.plot_predictions(np.zeros((2, 2, 2)), [1, 2], np.array([1, 7])).axes
    assert right.get_title() == "1"
    assert wrong.get_title() == "✗ 2, is 7"
    assert wrong.spines["left"].get_linewidth() > right.spines["left"].get_linewidth()


def test_the_number_of_columns_can_be_chosen():
    figure = viz.plot_predictions(np.zeros((5, 2, 2)), range(5), columns=5)
    assert {ax.get_subplotspec().get_gridspec().get_geometry() for ax in figure.axes} == {(1, 5)}


def test_images_of_the_wrong_shape_are_refused():
    with pytest.raises(ValueError, match=r"\(m, height, width\).*got \(64, 5\)"):
        viz.plot_predictions(np.zeros((64, 5)), [0] * 5)


def test_a_wrong_number_of_labels_is_refused():
    with pytest.raises(ValueError, match="actual holds one label for each of 2 images"):
        viz.plot_predictions(np.zeros((2, 8, 8)), [1, 2], [1])


def test_without_matplotlib_the_error_names_the_remedy(monkeypatch):
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(ImportError, match=r"pip install 'micrograd-nd\[plot\]'"):
        viz.plot_cost([1.0])
