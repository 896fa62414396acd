"""Plots of learning-rate schedules."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from micrograd_nd.nn.schedules import Schedule, rates
from micrograd_nd.nn.settings import check_count
from micrograd_nd.viz.plots.axes import given_or_new, legend, legend_text, tidied, whole_numbers
from micrograd_nd.viz.plots.inks import line_style
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_schedule"]


def plot_schedule(
    schedule: Schedule | float | Mapping[Any, Schedule | float],
    epochs: int,
    ax: "Axes | None" = None,
    *,
    theme: ThemeName | None = None,
) -> "Axes":
    """Plot the learning rate of every epoch of a run.

    Parameters
    ----------
    schedule : callable or float, or a mapping of label to these
        What `fit` takes as its learning rate, or several to compare.
    epochs : int
        Of how many epochs. A schedule counts them from 0.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        A rate is level over its epoch.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For what gives no learning rate; of a schedule, the message says in which epoch.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> ax = viz.plot_schedule(nn.StepDecay(0.8, every=2, factor=0.5), epochs=5)
    >>> ax.lines[0].get_ydata()
    array([0.8, 0.8, 0.4, 0.4, 0.2])
    """
    check_count("epochs", epochs)
    if isinstance(schedule, Mapping) and not schedule:
        raise ValueError("there is no schedule to plot: the dict of schedules is empty")
    labelled = schedule if isinstance(schedule, Mapping) else {None: schedule}
    found = [rates(one, epochs) for one in labelled.values()]
    ax = given_or_new(ax, theme)
    for i, (label, values) in enumerate(zip(labelled, found, strict=True)):
        told = legend_text(label) if isinstance(schedule, Mapping) else None
        ax.plot(range(epochs), values, label=told, drawstyle="steps-mid", **line_style(ax, i, epochs))
    if isinstance(schedule, Mapping):
        legend(ax)
    tidied(ax, "epoch, counted from 0", "learning rate α")
    if ax.get_yscale() == "linear":
        ax.set_ylim(bottom=0)
    whole_numbers(ax.xaxis)
    return ax
