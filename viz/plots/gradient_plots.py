"""Plots of gradients: how large they are from layer to layer, and how exact they are."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.compiled_steps import distinct, standing_for
from micrograd_nd.nn.gradient_checking import GradientCheck, names
from micrograd_nd.nn.module import Module, check_model, evaluating
from micrograd_nd.nn.objective import Cost, objective
from micrograd_nd.nn.penalties import is_bias
from micrograd_nd.nn.preparation import prepared
from micrograd_nd.viz.plots.axes import given_or_new, legend, legend_text, tidied, written
from micrograd_nd.viz.plots.cost_plots import series
from micrograd_nd.viz.plots.inks import ink, line_style
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["gradient_norms", "plot_gradient_check", "plot_gradient_flow"]

# Up to where a first course calls derivatives right, and from where wrong.
RIGHT, WRONG = 1e-7, 1e-3
# How wide a letter of a name is, in inches, at most on average; for eight there is room.
LETTER = 0.085
# The scale of norms that all are zero, of which it has none.
NOTHING = 1e-7, 1.0


def plot_gradient_flow(
    model: Module | Mapping[Any, Module],
    X: ArrayLike | Tensor,
    Y: ArrayLike | Tensor,
    ax: "Axes | None" = None,
    *,
    cost: Cost | None = None,
    theme: ThemeName | None = None,
) -> "Axes":
    """Plot how large the gradients of the weights are from layer to layer, on a logarithmic scale.

    A line that falls towards the first layer shows gradients that vanish, one that rises gradients that explode.

    Parameters
    ----------
    model : Module, or a mapping of label to Module
        One network, or several to compare. They are run in evaluation, and stay as they are.
    X : array_like, shape (n_x, m)
        A sample a column.
    Y : array_like, shape (n_y, m) or (1, m)
        As `fit` takes it.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    cost : callable, optional
        As `fit` takes it, and chosen as `fit` does by default.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        For each weight, in the order of the layers, the Frobenius norm of dJ/dW, the root of the sum of its squares. A
        norm of zero, which has no place on the scale, is told by a 0 at the lower edge.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For samples that do not fit, and models without weights.
    FloatingPointError
        If a gradient is not finite.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> model = nn.MLP([2, 3, 3, 1], hidden="sigmoid", seed=0)
    >>> ax = viz.plot_gradient_flow(model, np.ones((2, 5)), np.ones((1, 5)))
    >>> [label.get_text() for label in ax.get_xticklabels()]
    ['W1', 'W2', 'W3']
    """
    labelled = model if isinstance(model, Mapping) else {None: model}
    if not labelled:
        raise ValueError("there is no network to look at: the dict of models is empty")
    flows = [gradient_norms(one, X, Y, cost) for one in labelled.values()]
    ax = given_or_new(ax, theme)
    for i, (label, norms) in enumerate(zip(labelled, flows, strict=True)):
        sizes = np.array(list(norms.values()))
        style = line_style(ax, i, len(sizes)) | {"markevery": 1}
        told = legend_text(label) if isinstance(model, Mapping) else None
        ax.plot(range(1, len(sizes) + 1), np.where(sizes > 0, sizes, np.nan), label=told, **style)
        for layer in np.flatnonzero(sizes == 0) + 1:
            spot: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "textcoords": "offset points"}
            ax.annotate("0", (layer, 0), (4 * i, 3), color=style["color"], **spot)
    longest = max(flows, key=len)
    ax.set_xticks(range(1, len(longest) + 1), list(map(written, longest)), rotation=90 if len(longest) > 12 else 0)
    if not any(norm > 0 for norms in flows for norm in norms.values()):
        ax.set_ylim(*NOTHING)
    ax.set_yscale("log")
    if isinstance(model, Mapping):
        legend(ax)
    return tidied(ax, "weights, from the first layer to the last", "‖dJ/dW‖ (log scale)")


def gradient_norms(model: Module, X: Any, Y: Any, cost: Cost | None = None) -> dict[str, float]:
    """Compute the norm of dJ/dW of each weight, by its name, with none of the model's gradients touched."""
    check_model(model)
    plan = objective(model, cost, None)
    weights = [
        (name, parameter)
        for name, (path, parameter) in zip(names(model), model.named_parameters(), strict=True)
        if not is_bias(path)
    ]
    if not weights:
        raise ValueError(f"{type(model).__name__} has no weights, so there is no gradient to look at")
    parameters = [parameter for _, parameter in weights]

    def J(values: list[Tensor]) -> Any:
        with standing_for(parameters, values):
            return plan.total(plan.run(X), labels)

    with evaluating(model), np.errstate(all="ignore"):
        X, labels = prepared(model, plan, X, Y, "")
        gradients = mg.grad(J)([parameter.numpy() for parameter in parameters])
        norms = [float(np.linalg.norm(gradient)) for gradient in gradients]
    named = dict(zip(distinct([name for name, _ in weights]), norms, strict=True))
    for name, norm in named.items():
        if not np.isfinite(norm):
            raise FloatingPointError(f"dJ/d{name} is not finite: its norm is {norm}")
    return named


def plot_gradient_check(
    check: GradientCheck | Mapping[str, float], ax: "Axes | None" = None, *, theme: ThemeName | None = None
) -> "Axes":
    """Plot how far the derivatives of each parameter are from numerical ones.

    Parameters
    ----------
    check : GradientCheck or mapping of str to float
        What `nn.check_gradients` returned, or relative errors by the names of parameters.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        A point for each parameter, on a logarithmic scale. An error of exactly 0 stands at its left end, and says so.
        A first course calls derivatives right below 1e-7, the dashed line, and wrong above 1e-3, the dotted one.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For what are no relative errors.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> ax = viz.plot_gradient_check({"W1": 2e-9, "b1": 0.0})
    >>> [label.get_text() for label in ax.get_yticklabels()]
    ['W1', 'b1']
    """
    errors = check.errors if isinstance(check, GradientCheck) else check
    if not isinstance(errors, Mapping):
        raise TypeError(f"plot_gradient_check takes what nn.check_gradients returned; got {type(check).__name__}")
    sizes = series(list(errors.values()), "relative errors")
    if not len(sizes) or not (np.isfinite(sizes) & (sizes >= 0)).all():
        raise ValueError(f"there must be relative errors, finite and not negative; got {dict(errors)!r}")
    low = min(1e-12, 10.0 ** np.floor(np.log10(sizes[sizes > 0].min()) - 1)) if sizes.any() else 1e-12
    told = list(map(written, errors))
    ax = given_or_new(ax, theme, 6 + LETTER * max(0, max(map(len, told)) - 8), max(2.2, 0.3 * len(sizes) + 1.2))
    colours = ink(ax)
    places = np.arange(len(sizes))
    ax.hlines(places, low, np.maximum(sizes, low), color=colours.lines[0], linewidth=1, alpha=0.6)
    ax.plot(np.maximum(sizes, low), places, "o", color=colours.lines[0], clip_on=False)
    for place in places[sizes == 0]:
        spot: dict[str, Any] = {"textcoords": "offset points", "va": "center", "fontsize": 9}
        ax.annotate("exactly 0", (low, place), (8, 0), color=colours.text, **spot)
    for limit, dashes, meaning in ((RIGHT, "--", "below 1e-7: right"), (WRONG, ":", "above 1e-3: wrong")):
        ax.axvline(limit, color=colours.text, linestyle=dashes, linewidth=1.2, label=meaning)
    ax.set_xscale("log")
    ax.set_xlim(low, max(1e-2, 10 * float(sizes.max())))
    ax.set_yticks(places, told)
    ax.set_ylim(len(sizes) - 0.5, -0.5)
    legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2)
    return tidied(ax, "relative error (log scale)", "parameter")
