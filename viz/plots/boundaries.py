"""Decision boundaries: what a model says all over the plane of two features."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.activations import LogSoftmax
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.data import binary_labels, class_indices, orientation_hint, samples
from micrograd_nd.nn.module import Module, evaluating
from micrograd_nd.nn.predictions import parameter_dtype, predict_proba
from micrograd_nd.nn.settings import check_count
from micrograd_nd.viz.plots.axes import colour_bar, given_or_new, legend
from micrograd_nd.viz.plots.inks import diverging, ink, marker_of
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = [
    "Plane",
    "classes_of",
    "draw_decisions",
    "draw_samples",
    "plane_of",
    "plot_decision_boundary",
    "two_features",
]

Array = NDArray[Any]
# How far the picture goes beyond the samples, as a share of their range, and how many samples are judged at once.
MARGIN, CHUNK = 0.15, 4096
# How strong the colours of areas are, so that samples of the same colours stand out.
STRENGTH = 0.55


def plot_decision_boundary(
    model: Module | Callable[[Any], Any],
    X: ArrayLike | Tensor,
    Y: ArrayLike | Tensor,
    ax: "Axes | None" = None,
    *,
    resolution: int = 200,
    theme: ThemeName | None = None,
) -> "Axes":
    """Show what a classifier of two features says all over their plane, and the samples.

    Parameters
    ----------
    model : Module or callable
        A `Sequential` that ends in a sigmoid or a softmax, such as `LogisticRegression` and `MLP`. Or any function that
        makes of samples (2, m) probabilities: of 1 in a row ``(1, m)``, or of each class in columns ``(n_y, m)``.
    X : array_like, shape (2, m)
        A sample a column.
    Y : array_like, shape (1, m) or (n_y, m)
        The true labels: 0 and 1, class indices, or one-hot.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    resolution : int
        At how many places the model is asked along each axis.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        The line is where both labels, or the two likeliest classes, are as probable. The stronger a colour, the surer
        the model is. Each class has its marker.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For samples that have not two features, labels that do not belong to them, and what gives no probabilities.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> X, Y = np.array([[-1.0, 1.0, 2.0], [0.0, 1.0, 0.5]]), np.array([[0, 1, 1]])
    >>> ax = viz.plot_decision_boundary(nn.MLP([2, 4, 1], seed=0), X, Y, resolution=20)
    >>> ax.get_xlabel(), [text.get_text() for text in ax.get_legend().get_texts()]
    ('x₁', ['y = 0', 'y = 1'])
    """
    check_count("resolution", resolution)
    X = two_features(X)
    plane = plane_of(X, max(resolution, 2))
    P = plane.probabilities(model)
    true = classes_of(Y, len(P), X.shape[1])
    ax = given_or_new(ax, theme, 6, 4.6)
    shade = draw_decisions(ax, plane, P)
    draw_samples(ax, X, true, max(len(P), 2))
    if len(P) == 1:
        colour_bar(ax, shade, label="probability of y = 1", ticks=[0, 0.25, 0.5, 0.75, 1])
    legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=min(max(len(P), 2), 5))
    return ax


class Plane(NamedTuple):
    """A grid of places in the plane of two features.

    Attributes
    ----------
    x1, x2 : array, shape (n,)
        The places along each axis.
    """

    x1: Array
    x2: Array

    @property
    def extent(self) -> tuple[float, float, float, float]:
        """The outer edges of the fields around the places, from left to right and from bottom to top."""
        (a, b), (c, d) = ((x[0] - (x[1] - x[0]) / 2, x[-1] + (x[1] - x[0]) / 2) for x in self)
        return float(a), float(b), float(c), float(d)

    def probabilities(self, model: Any) -> Array:
        """Ask a model at all places; the result has shape (n_y, n, n), x2 before x1."""
        x1, x2 = np.meshgrid(*self)
        places = np.stack([x1.ravel(), x2.ravel()])
        parts = [probabilities(model, places[:, i : i + CHUNK]) for i in range(0, places.shape[1], CHUNK)]
        P = np.concatenate(parts, axis=1)
        return P.reshape(len(P), *x1.shape)


def plane_of(X: Array, resolution: int) -> Plane:
    """Make a grid that all samples lie in."""
    low, high = X.min(axis=1), X.max(axis=1)
    margin = np.where(high > low, MARGIN * (high - low), np.maximum(1.0, MARGIN * np.abs(low)))
    x1, x2 = np.linspace(low - margin, high + margin, resolution, axis=1)
    return Plane(x1, x2)


def probabilities(model: Any, X: Array) -> Array:
    """Ask a model, and refuse what are no probabilities of one label or of all classes."""
    P = asked(model, X)
    name = type(model).__name__ if isinstance(model, Module) else getattr(model, "__name__", "the model")
    if P.dtype.kind not in "biuf" or P.ndim != 2 or P.shape[1] != X.shape[1] or not len(P):
        raise ValueError(
            f"{name} must give probabilities (1, m) or (n_y, m) for samples (2, m); for {X.shape} it gave {P.shape}"
        )
    if not ((P >= 0) & (P <= 1)).all():
        wrong = P[~((P >= 0) & (P <= 1))][0]
        raise ValueError(f"{name} must give probabilities, from 0 to 1; it gave {wrong}")
    if len(P) > 1 and not np.allclose(P.sum(axis=0), 1, atol=1e-3):
        raise ValueError(
            f"{name} gives {len(P)} probabilities that do not add up to 1, so they are of several labels, and not of "
            "classes: a decision boundary is that of one label, or of classes by a softmax"
        )
    return P


def asked(model: Any, X: Array) -> Array:
    """Let a model give its probabilities."""
    if isinstance(model, Module):
        if isinstance(model, Sequential) and isinstance(model.last, LogSoftmax):
            with evaluating(model), mg.no_grad():
                return np.exp(plain(model(samples(X, parameter_dtype(model)))))
        return predict_proba(model, X)
    if not callable(model) or isinstance(model, type):
        raise TypeError(f"a model is a Module, such as nn.MLP([2, 4, 1]), or a function; got {model!r}")
    return plain(model(X))


def two_features(X: Any) -> Array:
    """Refuse samples that are no points of a plane."""
    values = samples(X)
    if values.shape[0] != 2:
        hint = orientation_hint(values.shape, 2, "X")
        raise ValueError(
            f"a decision boundary is drawn for two features, so for X of shape (2, m); got {values.shape}{hint}"
        )
    return values


def classes_of(Y: Any, n_y: int, m: int) -> NDArray[np.intp]:
    """Read the class of each sample, by its index."""
    labels = binary_labels(Y, (1, m), np.dtype(np.float64)) if n_y == 1 else class_indices(Y, n_y, m)
    return labels[0].astype(np.intp)  # type: ignore[no-any-return]


def draw_decisions(ax: "Axes", plane: Plane, P: Array) -> Any:
    """Shade the plane by what is the likeliest, and draw lines where two are as likely; return the image."""
    edge = ink(ax).text
    where: dict[str, Any] = {
        "extent": plane.extent,
        "origin": "lower",
        "aspect": "auto",
        "interpolation": "bilinear",
        "zorder": 0,
    }
    if len(P) == 1:
        shade = ax.imshow(P[0], cmap=diverging(ax), vmin=0, vmax=1, alpha=STRENGTH, **where)
        boundaries = [P[0] - 0.5]
    else:
        shade = ax.imshow(blended(ax, P), **where)
        boundaries = [P[k] - np.delete(P, k, axis=0).max(axis=0) for k in range(len(P))]
    for difference in boundaries:
        if difference.min() < 0 < difference.max():  # else there is no line, of which matplotlib would warn
            ax.contour(plane.x1, plane.x2, difference, levels=[0], colors=edge, linewidths=1.5)
    ax.set_xlabel("x₁")
    ax.set_ylabel("x₂")
    return shade


def blended(ax: "Axes", P: Array) -> Array:
    """Colour each place by its likeliest class, the stronger the surer it is."""
    from matplotlib.colors import to_rgb

    colours = np.array([to_rgb(class_colour(ax, k)) for k in range(len(P))])
    winner, highest = P.argmax(axis=0), P.max(axis=0)
    strength = STRENGTH * np.clip((highest * len(P) - 1) / (len(P) - 1), 0.1, 1)[..., None]
    colour: Array = strength * colours[winner] + (1 - strength) * np.array(to_rgb(ink(ax).background))
    return colour


def draw_samples(ax: "Axes", X: Array, classes: NDArray[np.intp], n: int) -> None:
    """Draw samples, each class by its colour and its marker."""
    colours = ink(ax)
    size = float(np.clip(4000 / X.shape[1], 12, 40))
    for k in range(n):
        chosen = X[:, classes == k]
        style: dict[str, Any] = {"facecolor": class_colour(ax, k), "edgecolor": colours.text, "linewidth": 0.6}
        ax.scatter(chosen[0], chosen[1], s=size, marker=marker_of(k), label=f"y = {k}", zorder=3, **style)


def class_colour(ax: "Axes", k: int) -> str:
    """Give the colour of a class; of the first two, those at the ends of the scale of probabilities."""
    areas = ink(ax).areas
    return areas[k % len(areas)]


def plain(A: Any) -> Array:
    """Look at the values of what a model gave."""
    return A.numpy() if isinstance(A, Tensor) else np.asarray(A)
