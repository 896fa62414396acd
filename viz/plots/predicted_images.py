"""Images in a grid, each under what was predicted for it."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd_nd.nn.settings import check_count
from micrograd_nd.viz.plots.axes import new_figure, themed, written
from micrograd_nd.viz.plots.inks import ink
from micrograd_nd.viz.themes import ThemeName, theme_called

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_predictions"]

# How many letters of a label are shown, and how wide a bold one is, in inches, at most on average.
LONGEST, LETTER = 24, 0.1


def plot_predictions(
    images: Any,
    predicted: Sequence[Any],
    actual: Sequence[Any] | None = None,
    *,
    columns: int | None = None,
    theme: ThemeName | None = None,
) -> "Figure":
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
    columns : int, optional
        How many images in a row; by default the grid is about square.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one. By default those of matplotlib's style.

    Returns
    -------
    matplotlib.figure.Figure
        Save it by ``figure.savefig("predictions.png")``.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        If there is no image, or not one label for each, and for colours out of their range.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> figure = viz.plot_predictions(np.zeros((2, 8, 8)), [3, 5], [3, 6])
    >>> [ax.get_title() for ax in figure.axes]
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
    if theme is not None:
        theme_called(theme)
    figure = new_figure(max(1.15, LETTER * widest) * columns, 1.4 * lines)
    finite = pictures[np.isfinite(pictures)] if np.isfinite(pictures).any() else np.zeros(1)
    for i, picture in enumerate(pictures):
        ax = themed(figure.add_subplot(lines, columns, i + 1, xticks=[], yticks=[]), theme)
        ax.imshow(picture, cmap="gray", vmin=finite.min(), vmax=finite.max())
        mark(ax, *titles[i])
    return figure


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


def mark(ax: "Axes", label: str, wrong: bool) -> None:
    """Put a label over an image, and a thick frame around it where it is wrong."""
    colours = ink(ax)
    style: dict[str, Any] = {"color": colours.emphasis, "weight": "bold"} if wrong else {"color": colours.text}
    ax.set_title(label, fontsize=10, pad=5, **style)
    for spine in ax.spines.values():
        spine.set(color=colours.emphasis if wrong else colours.muted, linewidth=3 if wrong else 0.5)
