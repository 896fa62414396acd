"""Plots of training: cost and metric, epoch by epoch, of one run or of several."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.viz.plots.axes import given_or_new, legend, legend_text, tidied, whole_numbers, written
from micrograd_nd.viz.plots.inks import line_style
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_cost", "plot_costs", "plot_metric", "series"]

Array = NDArray[np.float64]
# From this ratio of the highest cost to the lowest on, the scale is logarithmic.
WIDE = 200.0
# Where costs are larger, matplotlib would look for ticks beyond the largest number. They leave the plot at its top.
HIGHEST = 1e200


def plot_cost(
    history: Any, ax: "Axes | None" = None, *, log: bool | None = None, theme: ThemeName | None = None
) -> "Axes":
    """Plot the cost over the epochs of a training.

    Parameters
    ----------
    history : sequence of float, or an object with ``cost``
        The cost after each iteration, or what `fit` returned; ``validation_cost`` is plotted too where there is one.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    log : bool, optional
        Whether the scale is logarithmic. By default it is where all costs are positive and the highest is more than 200
        times the lowest. Costs of zero and below have no place on it.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        Save it by ``ax.figure.savefig("cost.png")``.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        If there is no cost to plot, or what is given are no numbers.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> viz.plot_cost([0.69, 0.41, 0.3]).get_ylabel()
    'cost J'
    """
    cost = series(getattr(history, "cost", history), "cost")
    validation = series(getattr(history, "validation_cost", None), "validation cost")
    if not len(cost):
        raise ValueError("there is no cost to plot: the history is empty")
    ax = given_or_new(ax, theme)
    two_lines(ax, cost, validation)
    scaled(ax, [cost, validation], log)
    return over_epochs(ax, "epoch" if hasattr(history, "cost") else "iteration", "cost J")


def plot_metric(history: Any, ax: "Axes | None" = None, *, theme: ThemeName | None = None) -> "Axes":
    """Plot the metric over the epochs of a training, such as the accuracy.

    Parameters
    ----------
    history : History
        What `fit` returned; the metric on the validation samples is plotted too where there is one.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        If there is no metric to plot.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> viz.plot_metric(nn.History(metric=[0.5, 0.75, 1.0])).get_ylabel()
    'accuracy'
    """
    if not hasattr(history, "metric"):
        raise TypeError(f"plot_metric takes the History that nn.fit returned; got {type(history).__name__}")
    metric = series(history.metric, "metric")
    validation = series(getattr(history, "validation_metric", None), "validation metric")
    if not len(metric):
        raise ValueError("the history has no metric: nn.fit has one for labels that are classes, or takes metric=")
    ax = given_or_new(ax, theme)
    two_lines(ax, metric, validation)
    return over_epochs(ax, "epoch", written(getattr(history, "metric_name", "metric")))


def plot_costs(
    histories: Mapping[Any, Any], ax: "Axes | None" = None, *, log: bool | None = None, theme: ThemeName | None = None
) -> "Axes":
    """Plot the costs of several trainings, to compare learning rates or whatever else they differ in.

    Parameters
    ----------
    histories : mapping of label to history
        Such as ``{"α = 0.01": history, "α = 0.1": other}``, each as `plot_cost` takes it. Of each the cost in training
        is plotted. A label may be a number; it is written as it is, up to 44 characters of it.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    log : bool, optional
        As for `plot_cost`.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For what is no mapping, or one without costs.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> ax = viz.plot_costs({"α = 0.01": [0.69, 0.66, 0.64], "α = 1": [0.69, 0.41, 0.3]})
    >>> [text.get_text() for text in ax.get_legend().get_texts()]
    ['α = 0.01', 'α = 1']
    """
    if not isinstance(histories, Mapping):
        raise TypeError(
            f"plot_costs takes a dict from labels to histories, such as {{'α = 0.01': history}}; got {histories!r}"
        )
    costs = [series(getattr(one, "cost", one), f"cost of {label}") for label, one in histories.items()]
    empty = [str(label) for label, cost in zip(histories, costs, strict=True) if not len(cost)]
    if empty or not costs:
        raise ValueError(f"there is no cost to plot: {', '.join(empty) or 'the dict of histories'} is empty")
    ax = given_or_new(ax, theme)
    for i, (label, cost) in enumerate(zip(histories, costs, strict=True)):
        style = line_style(ax, i, len(cost))
        start, every = style["markevery"]
        style["markevery"] = sorted({*range(start, len(cost), every), *lone(cost)})
        ax.plot(range(1, len(cost) + 1), cost, label=legend_text(label), **style)
    legend(ax)
    scaled(ax, costs, log)
    trained = any(hasattr(history, "cost") for history in histories.values())
    return over_epochs(ax, "epoch" if trained else "iteration", "cost J")


def series(values: Any, name: str) -> Array:
    """Take a series of real numbers; None is an empty one."""
    array = np.asarray([] if values is None else values)
    if array.dtype.kind not in "biuf" or array.ndim != 1:
        raise TypeError(f"the {name} must be a list of numbers; got {type(values).__name__} of shape {array.shape}")
    return array.astype(np.float64)


def two_lines(ax: "Axes", training: Array, validation: Array) -> None:
    """Plot what was seen in training and on the validation samples."""
    style = line_style(ax, 0, len(training)) | marked("o", training)
    ax.plot(range(1, len(training) + 1), training, label="training", **style)
    if len(validation):
        # Validation may be rarer than iterations: it is spread over the same range.
        m, n = len(training), len(validation)
        style = line_style(ax, 1, n) | marked("^", validation)
        ax.plot(np.linspace(m / n, m, n), validation, label="validation", **style)
        legend(ax)


def marked(marker: str, values: Array) -> dict[str, Any]:
    """Mark the points of a line that no line leads to, if there are any."""
    alone = lone(values)
    return {"marker": marker if alone else "", "markevery": alone}


def lone(values: Array) -> list[int]:
    """Find the values whose neighbours are not finite."""
    there = np.concatenate([[False], np.isfinite(values), [False]])
    return [int(i) for i in np.flatnonzero(there[1:-1] & ~there[:-2] & ~there[2:])]


def scaled(ax: "Axes", costs: list[Array], log: bool | None) -> None:
    """Choose the scale of costs."""
    finite = np.concatenate(costs)
    finite = finite[np.isfinite(finite)]
    if log is not None and not isinstance(log, bool):
        raise TypeError(f"log is True, False or None, for what fits; got {log!r}")
    if log is None:
        log = len(finite) > 0 and finite.min() > 0 and finite.max() > WIDE * finite.min()
    elif log and not (finite > 0).any():
        raise ValueError("no cost is positive, so none has a place on a logarithmic scale: use log=False")
    if log:
        if finite.max() > HIGHEST:
            ax.set_ylim(finite[finite > 0].min() / 10, HIGHEST)
        ax.set_yscale("log", nonpositive="mask")


def over_epochs(ax: "Axes", x: str, y: str) -> "Axes":
    """Label the axes of something that was measured after every epoch."""
    if ax.get_yscale() == "log":
        y = f"{y} (log scale)"
    tidied(ax, x, y)
    whole_numbers(ax.xaxis)
    return ax
