"""Images: predictions, weights, confusion matrices."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from micrograd_nd import nn, viz
from micrograd_nd.viz.plots.weight_images import tiled

matplotlib = pytest.importorskip("matplotlib", reason="matplotlib is not installed")


def test_predictions_stand_over_their_images():
    images = viz.plot_predictions(np.arange(12).reshape(3, 2, 2), ["a", "b", "c"]).child_axes
    assert [ax.get_title() for ax in images] == ["a", "b", "c"]
    assert np.array_equal(images[1].images[0].get_array(), [[4, 5], [6, 7]])


def test_a_wrong_prediction_is_told_by_text_and_frame_not_by_colour_alone():
    right, wrong = viz.plot_predictions(np.zeros((2, 2, 2)), [1, 2], np.array([1, 7])).child_axes
    assert right.get_title() == "1"
    assert wrong.get_title() == "✗ 2, is 7"
    assert wrong.spines["left"].get_linewidth() > right.spines["left"].get_linewidth()


def test_the_number_of_columns_can_be_chosen():
    images = {n: viz.plot_predictions(np.zeros((5, 2, 2)), range(5), columns=n).child_axes for n in (1, 2, 5)}
    for n, shown in images.items():
        boxes = [ax.get_window_extent() for ax in shown]
        assert len({round(box.x0) for box in boxes}) == n
        assert len({round(box.y0) for box in boxes}) == -(-5 // n)


def test_images_of_the_wrong_shape_are_refused():
    for shape in ((64, 5), (2, 8, 8, 5), (0, 8, 8)):
        with pytest.raises(ValueError, match=rf"\(m, height, width\).*got \({shape[0]}, {shape[1]}"):
            viz.plot_predictions(np.zeros(shape), [0] * shape[0])
    with pytest.raises(ValueError, match="columns must be at least 1"):
        viz.plot_predictions(np.zeros((2, 8, 8)), [1, 2], columns=0)


def test_a_wrong_number_of_labels_is_refused():
    with pytest.raises(ValueError, match="actual holds one label for each of 2 images"):
        viz.plot_predictions(np.zeros((2, 8, 8)), [1, 2], [1])


def test_titles_of_images_can_be_read_on_a_dark_background():
    import matplotlib.style

    from micrograd_nd.viz.plots.inks import contrast

    with matplotlib.style.context("dark_background"):
        ax = viz.plot_predictions(np.zeros((2, 2, 2)), [1, 2], [1, 7])
    assert all(contrast(image.title.get_color(), "black") > 4.5 for image in ax.child_axes)


@given(st.integers(1, 12), st.integers(1, 5), st.integers(1, 5), st.integers(1, 12), st.integers(1, 3))
def test_every_image_lies_whole_in_the_grid_and_the_rest_is_empty(n, height, width, columns, gap):
    images = np.arange(1.0, n * height * width + 1).reshape(n, height, width)
    columns = min(n, columns)
    grid = tiled(images, columns, gap)
    for unit, image in enumerate(images):
        line, column = divmod(unit, columns)
        top, left = line * (height + gap) + gap, column * (width + gap)
        assert np.array_equal(grid[top : top + height, left : left + width], image)
    assert np.count_nonzero(np.isfinite(grid)) == images.size


@given(arrays(np.float64, (3, 4), elements=st.integers(-80, 80).map(lambda eighths: eighths / 8)))
def test_weights_have_one_scale_with_zero_in_its_middle(W):
    image = viz.plot_weights(W, (2, 2)).images[0]
    low, high = image.get_clim()
    assert low == -high
    assert high == (np.abs(W).max() or 1.0)


def test_weights_are_shown_of_arrays_tensors_and_layers():
    layer = nn.Linear(6, 2, seed=0)
    shown = [viz.plot_weights(W, (2, 3)).images[0].get_array() for W in (layer, layer.W, layer.W.numpy())]
    assert np.ma.allequal(shown[0], shown[1])
    assert np.ma.allequal(shown[1], shown[2])


def test_a_unit_is_found_by_its_number():
    assert [text.get_text() for text in viz.plot_weights(np.eye(4), (2, 2)).texts] == ["1", "2", "3", "4"]


def test_weights_that_make_no_such_images_are_told():
    with pytest.raises(ValueError, match=r"W is \(3, 4\): each unit has 4 weights, and an image of 2 x 3 has 6"):
        viz.plot_weights(np.zeros((3, 4)), (2, 3))
    with pytest.raises(TypeError, match=r"a pair \(height, width\)"):
        viz.plot_weights(np.zeros((3, 4)), 4)
    with pytest.raises(ValueError, match="rank-1 array"):
        viz.plot_weights(np.zeros(4), (2, 2))
    with pytest.raises(TypeError, match=r"takes one layer, such as model\.layers\[0\], or its weights; got MLP"):
        viz.plot_weights(nn.MLP([4, 3]), (2, 2))
    with pytest.raises(ValueError, match="W holds nan"):
        viz.plot_weights(np.full((1, 4), np.nan), (2, 2))
    with pytest.raises(ValueError, match="columns must be at least 1"):
        viz.plot_weights(np.zeros((1, 4)), (2, 2), columns=0)


@given(arrays(np.int64, st.tuples(st.integers(2, 6)).map(lambda n: n * 2), elements=st.integers(0, 1000)))
def test_every_count_is_written_in_its_field(counts):
    ax = viz.plot_confusion_matrix(counts)
    for text in ax.texts:
        j, k = text.get_position()
        assert text.get_text() == str(counts[k, j])
    assert len(ax.texts) == counts.size


def test_a_field_is_coloured_by_its_share_of_the_true_class():
    shown = viz.plot_confusion_matrix([[3, 1], [0, 0]]).images[0].get_array()
    assert np.array_equal(shown, [[0.75, 0.25], [0, 0]])


def test_classes_have_names():
    ax = viz.plot_confusion_matrix([[1, 0], [0, 1]], classes=["benign", "malignant"])
    assert [label.get_text() for label in ax.get_xticklabels()] == ["benign", "malignant"]
    assert [label.get_text() for label in ax.get_yticklabels()] == ["benign", "malignant"]
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("predicted class", "true class")


def test_what_is_no_confusion_matrix_is_told():
    with pytest.raises(ValueError, match=r"a row and a column for each class.*got shape \(2, 3\)"):
        viz.plot_confusion_matrix([[1, 2, 3], [1, 2, 3]])
    with pytest.raises(TypeError, match="of an integer dtype; got float64"):
        viz.plot_confusion_matrix([[0.5, 0.5], [0.0, 1.0]])
    with pytest.raises(ValueError, match="counts samples; got -1"):
        viz.plot_confusion_matrix([[1, -1], [0, 0]])
    with pytest.raises(ValueError, match="each of 2 classes; got 3 names"):
        viz.plot_confusion_matrix([[1, 0], [0, 1]], classes="abc")


@pytest.mark.parametrize(
    ("images", "message"),
    [
        (np.full((2, 4, 4, 3), 200.0), r"colours are from 0 to 1, or whole numbers from 0 to 255; .* 200\.0"),
        (np.full((2, 4, 4, 3), 256), r"colours are from 0 to 1, or whole numbers from 0 to 255; .* 256"),
        (np.full((2, 4, 4, 3), -0.5), r"colours are from 0 to 1"),
        (np.full((2, 4, 4, 3), np.nan), r"colours are from 0 to 1"),
        (np.zeros((2, 0, 4)), r"images have shape .* got \(2, 0, 4\)"),
        (np.zeros((2, 4, 0, 3)), r"images have shape"),
    ],
)
def test_what_would_not_be_seen_as_it_is_is_refused(images, message):
    with pytest.raises(ValueError, match=message):
        viz.plot_predictions(images, [1, 2])


@pytest.mark.parametrize("images", [np.zeros((2, 4, 4), complex), np.full((2, 4, 4), "a")])
def test_images_of_no_real_numbers_are_refused(images):
    with pytest.raises(TypeError, match="images hold real numbers; got"):
        viz.plot_predictions(images, [1, 2])


def test_a_grey_value_that_is_not_finite_leaves_the_others_as_they_are():
    images = np.arange(32.0).reshape(2, 4, 4)
    images[0, 0, 0], images[1, 3, 3] = np.nan, np.inf
    for ax in viz.plot_predictions(images, [1, 2]).child_axes:
        assert ax.images[0].get_clim() == (1, 30)


def test_long_labels_lie_side_by_side(monkeypatch):
    ax = viz.plot_predictions(np.zeros((4, 8, 8)), ["automobile"] * 4, ["aeroplane"] * 4)
    figure = ax.figure
    figure.canvas.draw()
    boxes = [image.title.get_window_extent() for image in ax.child_axes]
    width = figure.get_size_inches()[0] * figure.dpi
    assert all(box.x0 >= 0 and box.x1 <= width for box in boxes)
    assert not any(one.overlaps(other) for i, one in enumerate(boxes) for other in boxes[:i])


def test_weights_that_are_not_finite_are_told_as_weights():
    W = np.ones((2, 4))
    W[1, 2] = np.inf
    with pytest.raises(ValueError, match=r"^W holds inf at \[1, 2\], and an image has finite weights alone$"):
        viz.plot_weights(W, (2, 2))


def test_weights_in_a_rank_1_array_are_told_as_weights():
    with pytest.raises(ValueError, match=r"W must be a matrix \(n_out, n_in\); got shape \(4,\)"):
        viz.plot_weights(np.ones(4), (2, 2))


def test_images_of_one_column_make_a_figure_that_can_be_saved():
    figure = viz.plot_weights(np.ones((2, 500)), (500, 1)).figure
    assert max(figure.get_size_inches()) <= 60


def test_names_of_classes_are_a_sequence():
    with pytest.raises(TypeError, match="classes must be a sequence of names; got 2"):
        viz.plot_confusion_matrix([[1, 0], [0, 1]], classes=2)
