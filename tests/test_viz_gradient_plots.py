"""Plots of gradients: their sizes, and their errors."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd_nd import nn, viz
from micrograd_nd.viz.plots.gradient_plots import gradient_norms

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

rng = np.random.default_rng(0)
X = rng.normal(size=(2, 30))
Y = (X[:1] > 0).astype(int)


@pytest.mark.parametrize("hidden", ["sigmoid", "relu"])
def test_a_flow_has_the_norm_of_each_weights_gradient(hidden):
    model = nn.MLP([2, 5, 4, 1], hidden=hidden, seed=0)
    line = viz.plot_gradient_flow(model, X, Y).lines[0]
    nn.binary_cross_entropy(model(X), Y).backward()
    weights = [layer.W for layer in model.layers if isinstance(layer, nn.Linear)]
    assert list(line.get_xdata()) == [1, 2, 3]
    assert line.get_ydata() == pytest.approx([np.linalg.norm(W.grad) for W in weights], rel=1e-9)


def test_a_flow_leaves_the_gradients_and_modes_of_a_model_as_they_are():
    model = nn.Sequential(nn.Dense(2, 4, "relu", seed=0), nn.Dropout(keep_prob=0.5), nn.Dense(4, 1, "sigmoid", seed=1))
    model.parameters()[0].grad = np.ones((4, 2))
    viz.plot_gradient_flow(model, X, Y)
    assert np.array_equal(model.parameters()[0].grad, np.ones((4, 2)))
    assert model.parameters()[2].grad is None
    assert all(module.training for module in model.modules())


def test_vanishing_and_exploding_gradients_are_seen():
    sizes = [2, *[32] * 6, 1]
    vanishing = gradient_norms(nn.MLP(sizes, hidden="sigmoid", seed=0), X, Y)
    exploding = gradient_norms(
        nn.MLP(sizes, hidden="tanh", weights=lambda r, s: 6 * r.normal(size=s) / np.sqrt(s[1]), seed=0), X, Y
    )
    assert vanishing["W1"] < 1e-2 * vanishing["W7"]
    assert exploding["W2"] > 5 * exploding["W7"]


def test_several_networks_are_compared():
    ax = viz.plot_gradient_flow({"a": nn.MLP([2, 1], seed=0), "b": nn.MLP([2, 3, 1], seed=0)}, X, Y)
    assert [len(line.get_xdata()) for line in ax.lines] == [1, 2]
    assert [label.get_text() for label in ax.get_xticklabels()] == ["W1", "W2"]
    assert [text.get_text() for text in ax.get_legend().get_texts()] == ["a", "b"]
    assert ax.get_yscale() == "log"


def test_a_gradient_of_zero_is_written_where_it_has_no_place():
    ax = viz.plot_gradient_flow(nn.MLP([2, 3, 1], hidden="relu", weights="zeros"), X, Y)
    assert np.isnan(ax.lines[0].get_ydata()[0])
    assert [text.get_text() for text in ax.texts] == ["0", "0"]


def test_names_that_layers_share_are_told_apart():
    model = nn.Sequential(nn.Linear(2, 3, seed=0, layer=1), nn.Tanh(), nn.Linear(3, 1, seed=0, layer=1), nn.Sigmoid())
    assert list(gradient_norms(model, X, Y)) == ["layers.0.W", "layers.2.W"]


def test_what_has_no_flow_is_told():
    with pytest.raises(ValueError, match="has no weights"):
        viz.plot_gradient_flow(nn.Sequential(nn.BatchNorm(2), nn.Sigmoid()), X, rng.integers(0, 2, size=(2, 30)))
    with pytest.raises(ValueError, match="the dict of models is empty"):
        viz.plot_gradient_flow({}, X, Y)
    with pytest.raises(TypeError, match="a model is a Module"):
        viz.plot_gradient_flow(nn.MLP, X, Y)
    with pytest.raises(ValueError, match=r"did you mean X\.T"):
        viz.plot_gradient_flow(nn.MLP([2, 1]), X.T, Y)


def test_a_gradient_that_is_not_finite_is_told():
    huge = nn.MLP([2, 3, 1], output="linear", weights=lambda r, s: np.full(s, 1e160))
    with pytest.raises(FloatingPointError, match="dJ/dW1 is not finite"):
        viz.plot_gradient_flow(huge, np.abs(X), Y)


def spots(ax):
    """The points of a gradient check: errors and places."""
    return next(line for line in ax.lines if line.get_marker() == "o").get_data()


def test_the_errors_of_a_gradient_check_are_plotted():
    check = nn.check_gradients(nn.MLP([2, 4, 1], hidden="tanh", seed=0), X, Y)
    ax = viz.plot_gradient_check(check)
    errors, places = spots(ax)
    assert list(errors) == list(check.errors.values())
    assert list(places) == [0, 1, 2, 3]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["W1", "b1", "W2", "b2"]


@given(st.lists(st.sampled_from([0.0, 1e-300, 1e-12, 1e-7, 0.5, 1.0, 1e6]) | st.floats(1e-20, 10), min_size=1))
def test_every_error_is_inside_the_picture_and_none_hidden(errors):
    ax = viz.plot_gradient_check({f"W{i}": error for i, error in enumerate(errors)})
    low, high = ax.get_xlim()
    shown, _ = spots(ax)
    assert all(low <= x < high for x in shown)
    assert [x for x, error in zip(shown, errors, strict=True) if error] == [error for error in errors if error]
    assert [text.get_text() for text in ax.texts] == ["exactly 0"] * errors.count(0.0)


def test_what_are_no_errors_is_told():
    with pytest.raises(TypeError, match=r"what nn\.check_gradients returned; got float"):
        viz.plot_gradient_check(1e-8)
    with pytest.raises(TypeError, match="the relative errors must be a list of numbers"):
        viz.plot_gradient_check({"W1": "small"})
    for errors in ({}, {"W1": -1.0}, {"W1": np.nan}):
        with pytest.raises(ValueError, match="there must be relative errors"):
            viz.plot_gradient_check(errors)


def test_gradients_that_all_are_zero_are_told_by_zeros():
    model = nn.MLP([2, 3, 1], weights="zeros")
    zeros = nn.Sequential(nn.Linear(2, 1, weights="zeros"))
    for one, Y in ((model, np.array([[0.0, 1.0]])), (zeros, np.zeros((1, 2)))):
        ax = viz.plot_gradient_flow(one, np.array([[1.0, 1.0], [2.0, 2.0]]), Y)
        ax.figure.canvas.draw()
        assert [text.get_text() for text in ax.texts] == ["0"] * len(ax.get_xticks())
