"""Decision boundaries."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn, viz

pytest.importorskip("matplotlib", reason="matplotlib is not installed")

X, Y = np.array([[-1.0, 1.0, 2.0, -2.0], [0.0, 1.0, 0.5, -1.0]]), np.array([[0, 1, 1, 0]])
COARSE = {"resolution": 25}


def line_model(w1, w2, b):
    """Logistic regression whose boundary is w1 x1 + w2 x2 + b = 0."""
    model = nn.LogisticRegression(2)
    model.layers[0].W.data, model.layers[0].b.data = [[w1, w2]], [[b]]
    return model


def boundary(ax):
    """The points of all lines that are drawn."""
    from matplotlib.contour import ContourSet

    sets = [child for child in ax.get_children() if isinstance(child, ContourSet)]
    return np.concatenate([path.vertices for one in sets for path in one.get_paths()] or [np.zeros((0, 2))])


@settings(max_examples=40)
@given(st.floats(0.2, 3), st.floats(-3, 3), st.floats(-0.3, 0.3))
def test_the_boundary_lies_where_the_probability_is_one_half(w1, w2, b):
    ax = viz.plot_decision_boundary(line_model(w1, w2, b), X, Y, resolution=60)
    points = boundary(ax)
    assert len(points) > 1
    # The sigmoid bends between neighbouring places, so the line is found to a part of their distance.
    distance = np.abs(points @ [w1, w2] + b) / np.hypot(w1, w2)
    assert distance.max() < 0.02


@pytest.mark.parametrize("softmax", ["softmax", "log_softmax"])
def test_the_boundary_of_classes_lies_where_the_two_likeliest_are_as_likely(softmax):
    model = nn.MLP([2, 3], output=softmax, seed=0)
    model.layers[0].W.data, model.layers[0].b.data = [[-1, 0], [1, 0], [0, 1.5]], np.zeros((3, 1))
    points = boundary(viz.plot_decision_boundary(model, X, [[0, 1, 2, 0]], resolution=60))
    Z = np.sort(np.array([[-1, 0], [1, 0], [0, 1.5]]) @ points.T, axis=0)
    assert len(points) > 10
    assert (Z[-1] - Z[-2]).max() < 0.05


def test_the_plane_is_shaded_by_the_probabilities_of_the_model():
    model = nn.MLP([2, 5, 1], hidden="tanh", seed=3)
    image = viz.plot_decision_boundary(model, X, Y, **COARSE).images[0]
    left, right, bottom, top = image.get_extent()
    step = (right - left) / 25
    x1 = np.linspace(left + step / 2, right - step / 2, 25)
    step = (top - bottom) / 25
    x2 = np.linspace(bottom + step / 2, top - step / 2, 25)
    for i, k in [(0, 0), (3, 20), (24, 24)]:
        place = np.array([[x1[k]], [x2[i]]])
        assert image.get_array()[i, k] == pytest.approx(nn.predict_proba(model, place).item(), abs=1e-12)


@given(st.integers(2, 9), st.integers(0, 3))
@settings(max_examples=20)
def test_every_sample_is_drawn_once_in_its_class(n, seed):
    rng = np.random.default_rng(seed)
    points, labels = rng.normal(size=(2, 40)), rng.integers(0, n, size=(1, 40))
    ax = viz.plot_decision_boundary(nn.MLP([2, n], output="softmax", seed=0), points, labels, **COARSE)
    assert len(ax.collections[-n:]) == n
    for k, drawn in enumerate(ax.collections[-n:]):
        assert drawn.get_label() == f"y = {k}"
        assert np.array_equal(drawn.get_offsets().T, points[:, labels[0] == k])


def test_all_samples_lie_inside_the_picture():
    ax = viz.plot_decision_boundary(line_model(1, 1, 0), X, Y, **COARSE)
    assert ax.get_xlim()[0] < X[0].min() < X[0].max() < ax.get_xlim()[1]
    assert ax.get_ylim()[0] < X[1].min() < X[1].max() < ax.get_ylim()[1]


def test_samples_that_share_a_feature_have_a_plane_too():
    viz.plot_decision_boundary(line_model(1, 1, 0), [[1.0, 1.0], [0.0, 2.0]], [[0, 1]], **COARSE)
    viz.plot_decision_boundary(line_model(1, 1, 0), [[1.0], [0.0]], [[0]], **COARSE)
    viz.plot_decision_boundary(line_model(1, 1, 0), [[1e20], [-1e20]], [[0]], **COARSE)


def test_a_model_that_is_everywhere_sure_of_one_class_has_no_line():
    assert len(boundary(viz.plot_decision_boundary(line_model(0, 0, 5), X, Y, **COARSE))) == 0


def test_one_hot_labels_are_classes():
    model = nn.MLP([2, 3], output="softmax", seed=0)
    by_index = viz.plot_decision_boundary(model, X, [[0, 1, 2, 0]], **COARSE)
    one_hot = viz.plot_decision_boundary(model, X, nn.one_hot([[0, 1, 2, 0]], 3), **COARSE)
    for a, b in zip(by_index.collections, one_hot.collections, strict=True):
        assert np.array_equal(a.get_offsets(), b.get_offsets())


@pytest.mark.parametrize("style", ["default", "dark_background"])
def test_two_classes_look_the_same_by_a_sigmoid_and_by_a_softmax(style):
    import matplotlib.style

    with matplotlib.style.context(style):
        by_sigmoid = viz.plot_decision_boundary(line_model(1, 1, 0), X, Y, **COARSE)
        softmax = nn.MLP([2, 2], output="softmax", seed=0)
        softmax.layers[0].W.data = [[0.0, 0.0], [1.0, 1.0]]
        by_softmax = viz.plot_decision_boundary(softmax, X, Y, **COARSE)
    for one, other in zip(by_sigmoid.collections[-2:], by_softmax.collections[-2:], strict=True):
        assert np.array_equal(one.get_facecolor(), other.get_facecolor())
    assert np.allclose(boundary(by_sigmoid).sum(axis=1), 0, atol=0.05)
    assert np.allclose(boundary(by_softmax).sum(axis=1), 0, atol=0.05)


@pytest.mark.parametrize("convert", [lambda A: A, lambda A: A.numpy()])
def test_any_function_of_samples_can_be_shown(convert):
    model = line_model(1, -1, 0)
    points = boundary(viz.plot_decision_boundary(lambda P: convert(model(P)), X, Y, **COARSE))
    assert np.abs(points @ [1, -1]).max() < 0.05


def test_a_model_is_asked_in_evaluation_and_in_its_own_dtype_and_stays_as_it_is():
    model = nn.Sequential(
        nn.Dense(2, 4, "relu", seed=0, dtype=np.float32),
        nn.Dropout(keep_prob=0.5),
        nn.Dense(4, 1, "sigmoid", dtype=np.float32),
    )
    before = model.state_dict()
    image = viz.plot_decision_boundary(model, X, Y, **COARSE).images[0]
    assert image.get_array().dtype == np.float32
    assert all(module.training for module in model.modules())
    assert all(np.array_equal(before[name], value) for name, value in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())


@pytest.mark.parametrize(
    ("samples", "message"),
    [
        (X.T, r"two features, so for X of shape \(2, m\); got \(4, 2\). A sample is a column: did you mean X.T\?"),
        (np.zeros((3, 4)), r"two features, so for X of shape \(2, m\); got \(3, 4\)"),
        (np.zeros(4), "rank-1 array"),
        (np.full((2, 4), np.nan), "X holds nan in row 0"),
    ],
)
def test_samples_without_two_features_are_told(samples, message):
    with pytest.raises(ValueError, match=message):
        viz.plot_decision_boundary(line_model(1, 1, 0), samples, Y)


def test_labels_that_do_not_belong_to_the_samples_are_told():
    with pytest.raises(ValueError, match=r"Y must be of shape \(1, 4\).*got \(1, 3\)"):
        viz.plot_decision_boundary(line_model(1, 1, 0), X, Y[:, :3], **COARSE)
    with pytest.raises(ValueError, match="labels must be 0 or 1; Y holds 2"):
        viz.plot_decision_boundary(line_model(1, 1, 0), X, [[0, 1, 2, 0]], **COARSE)
    with pytest.raises(ValueError, match="class indices must be whole numbers from 0 to 2; Y holds 3"):
        viz.plot_decision_boundary(nn.MLP([2, 3], output="softmax"), X, [[0, 1, 3, 0]], **COARSE)


@pytest.mark.parametrize(
    ("model", "error", "message"),
    [
        (nn.MLP([3, 1]), ValueError, r"layer 1: W1 is \(1, 3\) and needs X of shape \(3, m\)"),
        (nn.MLP([2, 1], output="linear"), TypeError, "not known to be of probabilities"),
        (nn.MLP([2, 2], seed=0), ValueError, "do not add up to 1, so they are of several labels"),
        (lambda P: 2 + P[:1], ValueError, "probabilities, from 0 to 1; it gave"),
        (lambda P: P[0], ValueError, r"must give probabilities \(1, m\) or \(n_y, m\)"),
        (lambda P: np.full((1, P.shape[1]), np.nan), ValueError, "from 0 to 1; it gave nan"),
        ("model", TypeError, "a model is a Module"),
        (nn.MLP, TypeError, "a model is a Module"),
    ],
)
def test_what_gives_no_probabilities_is_told(model, error, message):
    with pytest.raises(error, match=message):
        viz.plot_decision_boundary(model, X, Y, **COARSE)


def test_a_wide_model_is_asked_a_part_of_the_plane_at_a_time():
    asked = []

    def model(P):
        asked.append(P.shape[1])
        return mg.sigmoid(P[:1])

    viz.plot_decision_boundary(model, X, Y, resolution=100)
    assert sum(asked) == 100 * 100
    assert max(asked) <= 4096
