"""Plots of training: costs, metrics, learning rates."""

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd_nd import nn, viz

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")

costs = st.lists(st.floats(0.01, 1e3), min_size=1, max_size=30)


def legend(ax):
    return [text.get_text() for text in ax.get_legend().get_texts()]


@given(costs)
def test_a_cost_is_plotted_against_the_iteration(cost):
    ax = viz.plot_cost(cost)
    x, y = ax.lines[0].get_data()
    assert list(x) == list(range(1, len(cost) + 1))
    assert list(y) == cost
    assert ax.get_xlabel() == "iteration"
    assert ax.get_ylabel().startswith("cost J")


def test_the_history_of_a_run_is_plotted_over_its_epochs():
    X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 0, 1, 1]])
    settings = {"epochs": 6, "learning_rate": 1.0, "seed": 0, "progress": False}
    history = nn.fit(nn.LogisticRegression(1), X, Y, validation=(X, Y), **settings)
    ax = viz.plot_cost(history)
    assert ax.get_xlabel() == "epoch"
    training, validation = ax.lines
    assert list(training.get_ydata()) == history.cost
    assert list(validation.get_ydata()) == history.validation_cost
    assert list(validation.get_xdata()) == list(training.get_xdata())
    training, validation = viz.plot_metric(history).lines
    assert list(training.get_ydata()) == history.metric
    assert list(validation.get_ydata()) == history.validation_metric


@pytest.mark.parametrize("validation", [None, [], np.array([])])
def test_a_history_without_validation_has_one_line(validation):
    assert len(viz.plot_cost(SimpleNamespace(cost=[1.0, 0.5], validation_cost=validation)).lines) == 1
    assert len(viz.plot_cost(SimpleNamespace(cost=[1.0, 0.5])).lines) == 1


def test_validation_is_a_second_dashed_line_that_ends_with_the_training():
    ax = viz.plot_cost(SimpleNamespace(cost=[4.0, 3.0, 2.0, 1.0], validation_cost=[3.5, 1.5]))
    training, validation = ax.lines
    assert list(validation.get_xdata()) == [2, 4]
    assert training.get_linestyle() != validation.get_linestyle()
    assert legend(ax) == ["training", "validation"]


@given(st.integers(1, 300))
def test_epochs_are_whole_numbers(epochs):
    ax = viz.plot_cost(nn.History(cost=[1.0] * epochs))
    assert all(tick == round(tick) for tick in ax.get_xticks())


@given(costs)
def test_the_scale_is_logarithmic_where_costs_span_more_than_two_hundred_times(cost):
    wide = max(cost) > 200 * min(cost)
    assert viz.plot_cost(cost).get_yscale() == ("log" if wide else "linear")
    assert ("(log scale)" in viz.plot_cost(cost).get_ylabel()) == wide


@pytest.mark.parametrize("cost", [[1000.0, 0.0], [1000.0, -1.0], [1000.0, np.nan, 1.0, -1.0]])
def test_costs_of_zero_and_below_are_not_hidden_by_a_logarithmic_scale(cost):
    assert viz.plot_cost(cost).get_yscale() == "linear"


def test_the_scale_can_be_chosen():
    assert viz.plot_cost([1.0, 0.9], log=True).get_yscale() == "log"
    assert viz.plot_cost([1000.0, 0.9], log=False).get_yscale() == "linear"
    assert viz.plot_costs({"a": [1000.0, 0.9]}, log=False).get_yscale() == "linear"
    with pytest.raises(ValueError, match="no cost is positive"):
        viz.plot_cost([0.0, -1.0], log=True)


def test_a_cost_that_was_not_finite_is_a_gap():
    y = viz.plot_cost([3.0, np.nan, 1.0]).lines[0].get_ydata()
    assert np.isnan(y[1])


def test_an_empty_history_is_refused():
    for plot in (viz.plot_cost, lambda history: viz.plot_costs({"a": history})):
        with pytest.raises(ValueError, match="no cost to plot"):
            plot([])
    with pytest.raises(ValueError, match="the dict of histories is empty"):
        viz.plot_costs({})


@pytest.mark.parametrize("history", ["cost", [[1.0, 2.0]], [None, 1.0], 3.0])
def test_what_is_no_list_of_numbers_is_told(history):
    with pytest.raises(TypeError, match="must be a list of numbers"):
        viz.plot_cost(history)


def test_a_history_without_metric_is_told():
    with pytest.raises(ValueError, match="no metric"):
        viz.plot_metric(nn.History(cost=[1.0]))
    with pytest.raises(TypeError, match=r"the History that nn\.fit returned; got list"):
        viz.plot_metric([0.5])


def test_a_metric_has_its_own_name():
    assert viz.plot_metric(nn.History(metric=[1.0], metric_name="f1")).get_ylabel() == "f1"


@given(
    st.dictionaries(
        st.text(st.characters(categories=["L", "N"]), min_size=1, max_size=40), costs, min_size=1, max_size=6
    )
)
def test_each_of_several_costs_is_a_line_with_its_label(histories):
    ax = viz.plot_costs(histories)
    assert [list(line.get_ydata()) for line in ax.lines] == list(histories.values())
    assert legend(ax) == list(histories)
    looks = {(line.get_color(), line.get_linestyle(), line.get_marker()) for line in ax.lines}
    assert len(looks) == len(histories)


def test_learning_rates_may_be_labels_themselves():
    assert legend(viz.plot_costs({0.01: [1.0], 0.1: nn.History(cost=[1.0])})) == ["0.01", "0.1"]


def test_a_label_that_begins_with_an_underscore_is_in_the_legend():
    (label,) = legend(viz.plot_costs({"_private": [1.0, 0.5]}))
    assert label.removeprefix("\u200b") == "_private"


def test_several_costs_come_with_labels():
    with pytest.raises(TypeError, match="a dict from labels to histories"):
        viz.plot_costs([[1.0], [2.0]])


@given(st.integers(1, 50), st.floats(0.01, 1), st.floats(0, 2))
def test_the_learning_rate_of_every_epoch_is_plotted(epochs, rate, decay):
    schedule = nn.InverseTimeDecay(rate, decay_rate=decay)
    x, y = viz.plot_schedule(schedule, epochs).lines[0].get_data()
    assert list(x) == list(range(epochs))
    assert list(y) == [schedule(epoch) for epoch in range(epochs)]


def test_several_schedules_have_labels_and_a_rate_is_a_level_line():
    ax = viz.plot_schedule({"constant": 0.1, "steps": nn.StepDecay(0.2, every=2)}, 4)
    assert legend(ax) == ["constant", "steps"]
    assert list(ax.lines[0].get_ydata()) == [0.1] * 4
    assert ax.get_ylabel() == "learning rate α"


def test_what_gives_no_learning_rate_is_told():
    with pytest.raises(ValueError, match="gives for epoch 2 must be positive"):
        viz.plot_schedule(lambda epoch: 0.2 - 0.1 * epoch, 5)
    with pytest.raises(ValueError, match="the dict of schedules is empty"):
        viz.plot_schedule({}, 5)
    with pytest.raises(ValueError, match="epochs must be at least 1"):
        viz.plot_schedule(0.1, 0)


@pytest.mark.parametrize("plot", [viz.plot_cost, lambda cost: viz.plot_costs({"a": cost})])
def test_a_cost_between_two_that_were_not_finite_is_seen_as_a_point(plot):
    cost = [3.0, np.nan, 2.0, np.inf, 1.0, 0.9, 0.8] + [0.7] * 20
    line = plot(cost).lines[0]
    assert line.get_marker() not in ("", "None", None)
    assert {0, 2} <= set(marked(line))


def marked(line):
    """Which points of a line have a marker."""
    every = line.get_markevery()
    return range(*slice(every[0], None, every[1]).indices(len(line.get_xdata()))) if isinstance(every, tuple) else every


@pytest.mark.parametrize("log", ["no", 1, "log"])
def test_a_scale_that_is_no_choice_is_told(log):
    with pytest.raises(TypeError, match="log is True, False or None"):
        viz.plot_cost([1.0], log=log)


def test_costs_near_the_largest_number_leave_the_plot_at_its_top():
    ax = viz.plot_cost([0.7, 5.0, 1e100, 1e307])
    ax.figure.canvas.draw()
    low, high = ax.get_ylim()
    assert low < 0.7
    assert 1e100 < high < 1e307


def test_schedules_may_be_compared_on_a_logarithmic_scale():
    from matplotlib.figure import Figure

    ax = Figure().add_subplot(yscale="log")
    assert viz.plot_schedule(nn.StepDecay(0.1, every=2), 6, ax).get_yscale() == "log"
