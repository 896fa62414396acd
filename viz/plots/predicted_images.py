"""Images in a grid, each under what was predicted for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd_nd.nn.settings import check_count
from micrograd_nd.viz.plots.axes import given_or_new, written
from micrograd_nd.viz.plots.inks import Ink, ink
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_predictions"]

# How many letters of a label are shown, and how wide a bold one is, in inches, at most on average.
LONGEST, LETTER = 24, 0.1
# The share of a cell of the grid that its image takes: beside it is a gap, and over it the label.
ACROSS, DOWN = 0.94, 0.76


def plot_predictions(
    images: Any,
    predicted: Sequence[Any],
    actual: Sequence[Any] | None = None,
    ax: "Axes | None" = None,
    *,
    columns: int | None = None,
    theme: ThemeName | None = None,
) -> "Axes":
    """Show images in a grid, each under what was predicted for it.

    Parameters
    ----------
    images : array_like, shape (m, height, width) or (m, height, width, 3)
        Grey values, or colours from 0 to 1 or in whole numbers from 0 to 255. Grey ones are scaled from the darkest
        to the brightest of all.
    predicted : sequence of length m
        Labels, of any type.
    actual : sequence of length m, optional
        The true labels. A wrong prediction is told by a cross, the true label and a thick frame.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    columns : int, optional
        How many images in a row; by default the grid is about square.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        Each image has Axes of its own within these, in ``ax.child_axes``.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        If there is no image, or not one label for each, for colours out of their range, and for what are no flat Axes.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> ax = viz.plot_predictions(np.zeros((2, 8, 8)), [3, 5], [3, 6])
    >>> [image.get_title() for image in ax.child_axes]
    ['3', '✗ 5, is 6']
    """
    pictures = checked_images(images)
    for name, labels in (("predicted", predicted), ("actual", actual)):
        if labels is not None and np.shape(labels) != (len(pictures),):
            raise ValueError(f"{name} holds one label for each of {len(pictures)} images; got shape {np.shape(labels)}")
    if columns is not None:
        check_count("columns", columns)
    columns = columns or int(np.ceil(np.sqrt(len(pictures))))
    lines = -(-len(pictures) // columns)
    titles = [title(label, label if actual is None else actual[i]) for i, label in enumerate(predicted)]
    widest = max(len(line) for line, _ in titles)
    ax = given_or_new(ax, theme, max(1.15, LETTER * widest) * columns, 1.4 * lines)
    colours = ink(ax)
    ax.set_axis_off()
    finite = pictures[np.isfinite(pictures)] if np.isfinite(pictures).any() else np.zeros(1)
    for i, picture in enumerate(pictures):
        line, column = divmod(i, columns)
        left, bottom = (column + (1 - ACROSS) / 2) / columns, 1 - (line + 1) / lines
        image = ax.inset_axes((left, bottom, ACROSS / columns, DOWN / lines), xticks=[], yticks=[])
        image.imshow(picture, cmap="gray", vmin=finite.min(), vmax=finite.max())
        mark(image, *titles[i], colours)
    return ax


def checked_images(images: Any) -> Any:
    """Refuse what are no images, and colours that matplotlib would bring into their range unseen."""
    pictures = np.asarray(images)
    if pictures.ndim not in (3, 4) or not pictures.size or (pictures.ndim == 4 and pictures.shape[3] not in (3, 4)):
        raise ValueError(
            f"images have shape (m, height, width) or (m, height, width, 3), and m is at least 1; got {pictures.shape}"
        )
    if pictures.dtype.kind not in "biuf":
        raise TypeError(f"images hold real numbers; got {pictures.dtype}")
    within = (pictures >= 0) & (pictures <= (255 if pictures.dtype.kind in "iu" else 1))
    if pictures.ndim == 4 and not within.all():
        raise ValueError(
            f"colours are from 0 to 1, or whole numbers from 0 to 255; these hold {pictures[~within][0]} "
            f"({pictures.dtype})"
        )
    return pictures


def title(predicted: Any, actual: Any) -> tuple[str, bool]:
    """Say what was predicted, and whether it is wrong."""
    wrong = bool(predicted != actual)
    label = written(predicted, LONGEST)
    return (f"✗ {label}, is {written(actual, LONGEST)}" if wrong else label), wrong


def mark(image: "Axes", label: str, wrong: bool, colours: Ink) -> None:
    """Put a label over an image, and a thick frame around it where it is wrong."""
    style: dict[str, Any] = {"color": colours.emphasis, "weight": "bold"} if wrong else {"color": colours.text}
    image.set_title(label, fontsize=10, pad=5, **style)
    for spine in image.spines.values():
        spine.set(color=colours.emphasis if wrong else colours.muted, linewidth=3 if wrong else 0.5)
