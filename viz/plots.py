"""Plots of training and of predictions, by matplotlib. They are returned, and shown or saved by whom they are for."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from micrograd_nd.viz.labels import BACKWARD, FORWARD, MUTED

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["plot_cost", "plot_predictions"]


def plot_cost(history: Any, ax: "Axes | None" = None) -> "Axes":
    """Plot the cost over the iterations of a training.

    Parameters
    ----------
    history : sequence of float, or an object with ``cost``
        The cost after each iteration or epoch; ``validation_cost`` is plotted too where there is one.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.

    Returns
    -------
    matplotlib.axes.Axes
        Save it by ``ax.figure.savefig("cost.png")``.

    Raises
    ------
    ImportError
        Without matplotlib.
    ValueError
        If there is no cost to plot.

    Examples
    --------
    >>> plot_cost([0.69, 0.41, 0.3]).get_ylabel()
    'cost'
    """
    cost = list(getattr(history, "cost", history))
    validation = list(getattr(history, "validation_cost", None) or ())
    if not cost:
        raise ValueError("there is no cost to plot: the history is empty")
    if ax is None:
        ax = new_figure(6, 4).add_subplot()
    ax.plot(range(1, len(cost) + 1), cost, color=FORWARD, label="training")
    if validation:
        # Validation may be rarer than iterations: it is spread over the same range.
        ax.plot(np.linspace(len(cost) / len(validation), len(cost), len(validation)), validation, "--", color=BACKWARD)
        ax.lines[-1].set_label("validation")
        ax.legend(frameon=False)
    ax.set_xlabel("epoch" if hasattr(history, "cost") else "iteration")
    ax.set_ylabel("cost")
    ax.spines[["top", "right"]].set_visible(False)
    ax.grid(alpha=0.25)
    return ax


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
    >>> figure = plot_predictions(np.zeros((2, 8, 8)), [3, 5], [3, 6])
    >>> [ax.get_title() for ax in figure.axes]
    ['3', '✗ 5, is 6']
    """
    pictures = np.asarray(images)
    if pictures.ndim < 3 or not len(pictures):
        raise ValueError(f"images have shape (m, height, width), and m is at least 1; got {pictures.shape}")
    for name, labels in (("predicted", predicted), ("actual", actual)):
        if labels is not None and np.shape(labels) != (len(pictures),):
            raise ValueError(f"{name} holds one label for each of {len(pictures)} images; got shape {np.shape(labels)}")
    columns = columns or int(np.ceil(np.sqrt(len(pictures))))
    lines = -(-len(pictures) // columns)
    figure = new_figure(1.15 * columns, 1.4 * lines)
    low, high = pictures.min(), pictures.max()
    for i, picture in enumerate(pictures):
        ax = figure.add_subplot(lines, columns, i + 1, xticks=[], yticks=[])
        ax.imshow(picture, cmap="gray", vmin=low, vmax=high)
        wrong = actual is not None and predicted[i] != actual[i]
        mark(ax, f"✗ {predicted[i]}, is {actual[i]}" if wrong and actual is not None else f"{predicted[i]}", wrong)
    return figure


def mark(ax: "Axes", title: str, wrong: bool) -> None:
    """Put a label over an image, and a thick frame around it where it is wrong."""
    colour = BACKWARD if wrong else MUTED
    ax.set_title(title, fontsize=10, pad=3, color=BACKWARD if wrong else "black", weight="bold" if wrong else "normal")
    for spine in ax.spines.values():
        spine.set(color=colour, linewidth=3 if wrong else 0.5)


def new_figure(width: float, height: float) -> "Figure":
    """Make a figure that needs no display and that no global state keeps."""
    try:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure
    except ImportError:
        raise ImportError("plots need matplotlib: pip install 'micrograd-nd[plot]'") from None
    figure = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(figure)
    return figure
