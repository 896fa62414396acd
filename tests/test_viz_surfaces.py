"""Costs of two numbers, and slices of the cost of a model."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_nd import Tensor, nn, viz

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

SQUARE = {"x": (-1.0, 1.0), "y": (-2.0, 2.0), "resolution": 12}
X, Y = np.array([[-1.0, 0.0, 1.0, 2.0]]), np.array([[-1.0, 0.5, 1.0, 3.0]])


def bowl(w, b):
    return w**2 + 3 * b**2


def line_model():
    return nn.Sequential(nn.Linear(1, 1, weights="zeros"))


def cost_by_hand(w, b):
    return np.mean((w * X + b - Y) ** 2)


def run(model, epochs=20, **options):
    frames = viz.Snapshots()
    settings = {"learning_rate": 0.1, "seed": 0, "progress": False, **options}
    nn.fit(model, X, Y, epochs=epochs, callbacks=[frames], **settings)
    return frames


@pytest.mark.parametrize("plot", [viz.plot_cost_contours, viz.plot_cost_surface])
def test_the_cost_is_computed_at_every_place_of_the_plane(plot):
    seen = []
    plot(lambda w, b: seen.append((w, b)) or bowl(w, b), **SQUARE)
    assert len(seen) == 12 * 12
    assert {w for w, _ in seen} == set(np.linspace(-1, 1, 12))
    assert {b for _, b in seen} == set(np.linspace(-2, 2, 12))


def test_a_contour_lies_where_the_cost_is_that_of_its_level():
    ax = viz.plot_cost_contours(bowl, x=(-1, 1), y=(-2, 2), resolution=200)
    lines = ax.collections[1]
    assert len(lines.levels) == 16
    for level, path in zip(lines.levels, lines.get_paths(), strict=True):
        w, b = path.vertices.T
        assert len(w)
        assert np.abs(bowl(w, b) - level).max() < 0.02


def test_levels_reach_from_the_lowest_cost_to_the_highest_and_are_closer_where_it_is_low():
    levels = viz.plot_cost_contours(lambda w, b: w + 2, **SQUARE).collections[0].levels
    assert (levels[0], levels[-1]) == (1, 3)
    assert (np.diff(levels, 2) > 0).all()


def test_a_surface_stands_as_high_as_the_cost(monkeypatch):
    from mpl_toolkits.mplot3d import Axes3D

    given = []
    monkeypatch.setattr(Axes3D, "plot_surface", lambda ax, *surface, **options: given.extend(surface))
    viz.plot_cost_surface(bowl, **SQUARE)
    w, b, J = given
    assert np.array_equal(J, bowl(w, b))


@pytest.mark.parametrize("plot", [viz.plot_cost_contours, viz.plot_cost_surface])
@given(st.lists(st.tuples(st.floats(-1, 1), st.floats(-1, 1)), min_size=1, max_size=10))
@settings(max_examples=20)
def test_a_path_is_drawn_with_its_start_and_its_end(plot, path):
    ax = plot(bowl, x=(-1, 1), y=(-1, 1), path=path, resolution=8)
    data = [line.get_data_3d()[:2] if hasattr(line, "get_data_3d") else line.get_data() for line in ax.lines]
    assert [line.get_label() for line in ax.lines] == ["descent", "start", "end"]
    assert np.array_equal(np.array(data[0]).T, path)
    assert (data[1][0][0], data[1][1][0]) == path[0]
    assert (data[2][0][0], data[2][1][0]) == path[-1]


def test_a_path_lies_on_the_surface():
    path = [(1.0, 0.5), (0.2, -0.3)]
    _, _, heights = viz.plot_cost_surface(bowl, path=path, resolution=8).lines[0].get_data_3d()
    assert np.allclose(heights, [bowl(*point) for point in path])


@given(st.lists(st.tuples(st.floats(-5, 5), st.floats(-5, 5)), min_size=1, max_size=6))
@settings(max_examples=20)
def test_without_ranges_all_of_the_path_is_inside(path):
    ax = viz.plot_cost_contours(bowl, path=path, resolution=5)
    (left, right), (bottom, top) = ax.get_xlim(), ax.get_ylim()
    assert all(left < w < right and bottom < b < top for w, b in path)


def test_where_the_cost_is_not_finite_there_is_nothing():
    def cost(w, b):
        return np.inf if w > 0.5 else np.nan if w < -0.5 else bowl(w, b)

    levels = viz.plot_cost_contours(cost, **SQUARE).collections[0].levels
    assert np.isfinite(levels).all()
    assert viz.plot_cost_surface(cost, **SQUARE).has_data()
    assert viz.plot_cost_contours(lambda w, b: np.exp(1000 * w), **SQUARE).has_data()  # overflows, unwarned
    with pytest.raises(ValueError, match="finite nowhere"):
        viz.plot_cost_contours(lambda w, b: np.nan, **SQUARE)


def test_a_cost_may_be_a_tensor_or_an_array_of_one_number():
    for wrap in (Tensor, np.array, lambda J: np.array([[J]])):
        levels = viz.plot_cost_contours(lambda w, b, wrap=wrap: wrap(bowl(w, b)), **SQUARE).collections[0].levels
        assert np.array_equal(levels, viz.plot_cost_contours(bowl, **SQUARE).collections[0].levels)


@pytest.mark.parametrize(
    ("cost", "options", "error", "message"),
    [
        (bowl, {"x": None}, ValueError, r"say where to look: x=\(low, high\), or path="),
        (bowl, {"x": (1, -1)}, ValueError, r"x must be a pair \(low, high\) with low < high"),
        (bowl, {"y": 3}, TypeError, r"y must be a pair \(low, high\)"),
        (bowl, {"path": np.zeros((2, 5))}, ValueError, r"of shape \(k, 2\); got shape \(2, 5\)"),
        (bowl, {"path": [(0, 0), (np.nan, 0)]}, ValueError, "point 1 of the path is not finite"),
        (bowl, {"path": []}, ValueError, "a list of points"),
        (bowl, {"resolution": 0}, ValueError, "resolution must be at least 1"),
        (lambda w, b: [w, b], {}, ValueError, "must be one number; for .* it has shape"),
        (lambda w, b: 1.0, {}, ValueError, "the cost is 1.0 everywhere here"),
        ("cost", {}, TypeError, "a cost is a function of two numbers"),
        (lambda w, b: "high", {}, TypeError, "the cost must be a real number; for -1.0, -2.0 it is .*high"),
        (lambda w, b: 1j, {}, TypeError, "the cost must be a real number; for -1.0, -2.0 it is .*1j"),
        (bowl, {"labels": "wb"}, TypeError, "labels must be a pair"),
        (bowl, {"path": viz.Snapshots()}, TypeError, "not on a function"),
    ],
)
def test_what_cannot_be_plotted_is_told(cost, options, error, message):
    with pytest.raises(error, match=message):
        viz.plot_cost_contours(cost, **{**SQUARE, **options})


def test_a_surface_needs_axes_with_depth():
    from matplotlib.figure import Figure

    with pytest.raises(TypeError, match=r'projection="3d"\) gives; got Axes'):
        viz.plot_cost_surface(bowl, Figure().add_subplot(), **SQUARE)


# Slices of the cost of a model


@given(st.floats(-3, 3), st.floats(-3, 3))
def test_a_slice_along_two_weights_is_the_cost_with_these_values(w, b):
    J = viz.cost_slice(line_model(), X, Y, along=("W1", "b1"))
    assert J(w, b) == pytest.approx(cost_by_hand(w, b), rel=1e-12)
    assert J.labels == ("W1", "b1")


def test_a_slice_leaves_the_model_as_it_is():
    model = nn.MLP([2, 3, 1], seed=0)
    before = model.state_dict()
    J = viz.cost_slice(model, np.ones((2, 3)), np.ones((1, 3)), along=("W1[2, 1]", "b2"))
    now = J(*J.origin)
    J(5.0, 5.0)
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert now == pytest.approx(nn.binary_cross_entropy(model(np.ones((2, 3))), np.ones((1, 3))).item(), rel=1e-12)
    assert tuple(J.origin) == pytest.approx((model.layers[0].W.numpy()[2, 1], 0.0))


def test_a_slice_along_directions_moves_all_that_they_name():
    model = line_model()
    along = ({"layers.0.W": [[1.0]], "layers.0.b": [[1.0]]}, {"layers.0.W": Tensor([[1.0]])})
    J = viz.cost_slice(model, X, Y, along=along)
    assert J(0.5, 0.25) == pytest.approx(cost_by_hand(0.75, 0.5))


def test_the_path_of_a_run_has_the_costs_of_its_history():
    model = line_model()
    frames = run(model)
    J = viz.cost_slice(model, X, Y, along=("W1", "b1"))
    path = J.path(frames)
    assert path.shape == (21, 2)
    # The cost of an epoch is judged before its step.
    assert [J(*point) for point in path[:-1]] == pytest.approx(frames.history.cost)
    assert path[-1] == pytest.approx(J.origin)


def test_principal_directions_are_orthonormal_and_hold_most_of_the_path():
    model = nn.MLP([1, 4, 1], hidden="tanh", output="linear", seed=0)
    frames = run(model, epochs=30)
    J = viz.cost_slice(model, X, Y, along=frames)
    assert J.directions @ J.directions.T == pytest.approx(np.eye(2), abs=1e-12)
    path = J.path(frames)
    assert path[-1] == pytest.approx([0, 0], abs=1e-12)
    assert J(0, 0) == pytest.approx(nn.mse(model(X), Y).item())
    assert J.labels[0].startswith("principal direction 1 (")
    assert np.linalg.norm(path[:, 0]) > np.linalg.norm(path[:, 1])


def test_a_slice_of_a_model_in_single_precision_is_computed_in_it():
    model = nn.Sequential(nn.Linear(1, 1, weights="zeros", dtype=np.float32))
    J = viz.cost_slice(model, X, Y, along=("W1", "b1"))
    assert np.float32(J(0.1, 0.2)) == J(0.1, 0.2)


@pytest.mark.parametrize(
    ("along", "error", "message"),
    [
        (("W1[0, 0]", "W7"), ValueError, "MLP has no parameter 'W7'; it has W1, b1, W2, b2"),
        (("W1", "b2"), ValueError, r"W1 has shape \(3, 2\), so 6 numbers: choose one, such as W1\[0, 0\]"),
        (("W1[3, 0]", "b2"), ValueError, r"W1 has shape \(3, 2\), and no element \[3, 0\]"),
        (("W1[0]", "b2"), ValueError, r"no element \[0\]"),
        (("b2", "b2"), ValueError, "the two directions are one"),
        (({}, {}), ValueError, "the two directions are one, or nothing moves"),
        (({"W9": 1}, {}), ValueError, "has no parameter 'W9'; it has layers.0.W"),
        (({"layers.0.W": [1.0]}, {}), ValueError, r"of shape \(3, 2\) for layers.0.W"),
        ("W1", TypeError, "along must be two names"),
        (("W1", {}), TypeError, "along must be two names"),
        (viz.Snapshots(), ValueError, "there are no snapshots yet"),
    ],
)
def test_a_slice_along_what_the_model_has_not_is_told(along, error, message):
    with pytest.raises(error, match=message):
        viz.cost_slice(nn.MLP([2, 3, 1], seed=0), np.ones((2, 3)), np.ones((1, 3)), along=along)


def test_snapshots_of_another_model_are_told():
    frames = run(line_model())
    other = viz.cost_slice(nn.MLP([2, 3, 1], seed=0), np.ones((2, 3)), np.ones((1, 3)), along=("b2", "b1[0, 0]"))
    with pytest.raises(ValueError, match=r"of another model: layers.0.W of this one is \(3, 2\)"):
        other.path(frames)
    with pytest.raises(TypeError, match=r"what viz\.Snapshots recorded"):
        other.path([1, 2])


def test_a_run_that_went_straight_on_spans_no_plane():
    model = nn.Sequential(nn.Linear(1, 1, weights="zeros"))
    frames = run(model, epochs=1)
    with pytest.raises(ValueError, match="2 snapshots lie on one line"):
        viz.cost_slice(model, X, Y, along=frames)


def test_a_cost_that_hardly_changes_is_told_to_be_too_flat():
    with pytest.raises(ValueError, match=r"from 1e\+09 to 1e\+09 .*too flat"):
        viz.plot_cost_contours(lambda w, b: 1e9 + 1e-7 * (w**2 + b**2), x=(-1, 1), y=(-1, 1), resolution=12)


def test_ticks_of_many_digits_lie_side_by_side():
    ax = viz.plot_cost_contours(lambda w, b: w**2 + b**2 + 1e7, x=(-1e-3, 1e-3), y=(-1e4, 1e4), resolution=12)
    ax.figure.canvas.draw()
    boxes = [label.get_window_extent() for label in ax.get_xticklabels()]
    assert not any(one.overlaps(other) for one, other in itertools.pairwise(boxes))


@pytest.mark.parametrize("name", ["W1[,]", "W1[0 1]", "W1[0,,0]", "W1[]", "W1[ ]"])
def test_indices_that_are_malformed_are_told(name):
    model = nn.MLP([2, 3, 1], seed=0)
    with pytest.raises(ValueError, match=r"has no parameter .*; it has W1, b1, W2, b2"):
        viz.cost_slice(model, np.ones((2, 4)), np.ones((1, 4)), along=(name, "b2"))


def test_levels_beside_a_large_cost_are_told_apart():
    ax = viz.plot_cost_contours(lambda w, b: 1e6 + w**2 + b**2, x=(-1, 1), y=(-1, 1), resolution=12)
    ax.figure.canvas.draw()
    bar = ax.figure.axes[1]
    written = [label.get_text() for label in bar.get_yticklabels()]
    assert len(set(written)) == len(written) > 3
