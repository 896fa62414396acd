"""Images in a grid, each under what was predicted for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd_nd.nn.settings import check_count
from micrograd_nd.viz.axes import new_figure, written
from micrograd_nd.viz.inks import ink

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_predictions"]


def plot_predictions(
    images: Any, predicted: Sequence[Any], actual: Sequence[Any] | None = None, *, columns: int | None = None
) -> "Figure":
    """Show images in a grid, each under what was predicted for it.

    Parameters
    ----------
    images : array_like, shape (m, height, width) or (m, height, width, 3)
        Grey values or colours; grey ones are scaled from the darkest to the brightest of all.
    predicted : sequence of length m
        Labels, of any type.
    actual : sequence of length m, optional
        The true labels. A wrong prediction is told by a cross, the true label and a thick frame.
    columns : int, optional
        How many images in a row; by default the grid is about square.

    Returns
    -------
    matplotlib.figure.Figure
        Save it by ``figure.savefig("predictions.png")``.

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        If there is no image, or not one label for each.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> figure = viz.plot_predictions(np.zeros((2, 8, 8)), [3, 5], [3, 6])
    >>> [ax.get_title() for ax in figure.axes]
    ['3', '✗ 5, is 6']
    """
    pictures = np.asarray(images)
    if pictures.ndim not in (3, 4) or not len(pictures) or (pictures.ndim == 4 and pictures.shape[3] not in (3, 4)):
        raise ValueError(
            f"images have shape (m, height, width) or (m, height, width, 3), and m is at least 1; got {pictures.shape}"
        )
    for name, labels in (("predicted", predicted), ("actual", actual)):
        if labels is not None and np.shape(labels) != (len(pictures),):
            raise ValueError(f"{name} holds one label for each of {len(pictures)} images; got shape {np.shape(labels)}")
    if columns is not None:
        check_count("columns", columns)
    columns = columns or int(np.ceil(np.sqrt(len(pictures))))
    lines = -(-len(pictures) // columns)
    figure = new_figure(1.15 * columns, 1.4 * lines)
    low, high = pictures.min(), pictures.max()
    for i, picture in enumerate(pictures):
        ax = figure.add_subplot(lines, columns, i + 1, xticks=[], yticks=[])
        ax.imshow(picture, cmap="gray", vmin=low, vmax=high)
        wrong = actual is not None and predicted[i] != actual[i]
        mark(
            ax,
            f"✗ {written(predicted[i])}, is {written(actual[i])}"
            if wrong and actual is not None
            else written(predicted[i]),
            wrong,
        )
    return figure


def mark(ax: "Axes", title: str, wrong: bool) -> None:
    """Put a label over an image, and a thick frame around it where it is wrong."""
    colours = ink(ax)
    emphasis: dict[str, Any] = {"color": colours.lines[1], "weight": "bold"} if wrong else {}
    ax.set_title(title, fontsize=10, pad=5, **emphasis)
    for spine in ax.spines.values():
        spine.set(color=colours.lines[1] if wrong else colours.muted, linewidth=3 if wrong else 0.5)
