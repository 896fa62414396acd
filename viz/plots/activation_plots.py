"""Plots of activations and their derivatives."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.activations import activation
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import finite_number
from micrograd_nd.viz.plots.axes import given_or_new, legend, tidied, written
from micrograd_nd.viz.plots.inks import ink
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_activation"]

Array = NDArray[np.float64]
POINTS = 1001
# A step between neighbours of this share of the whole range is a jump, which no line is drawn over.
JUMP = 0.1
TIGHT: dict[str, Any] = {"handlelength": 1.8, "handletextpad": 0.4, "columnspacing": 0.8}


def plot_activation(
    g: str | Module | Callable[[Any], Any],
    ax: "Axes | None" = None,
    *,
    between: tuple[float, float] = (-5.0, 5.0),
    theme: ThemeName | None = None,
) -> "Axes":
    """Plot an activation g(z) and its derivative g'(z), which is taken from the function itself.

    Parameters
    ----------
    g : str, Module or callable
        By its name, see `nn.activation`, a module such as ``nn.LeakyReLU(0.2)``, or a function of NumPy's functions. It
        is applied element by element.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    between : (float, float)
        The lowest and the highest z.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        The derivative is a dashed line, which is broken where it jumps.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For an unknown name, what is no function, one whose values depend on other elements, as of a softmax, and an
        interval that is none.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> ax = viz.plot_activation("tanh")
    >>> ax.get_title(loc="left"), [line.get_label() for line in ax.lines[:2]]
    ('tanh', ['g(z)', 'g′(z)'])
    """
    function = activation(g) if isinstance(g, str) else g
    if isinstance(function, type) or not callable(function):
        raise TypeError(f'an activation is a name, such as "relu", a module or a function; got {g!r}')
    name = g if isinstance(g, str) else repr(g) if isinstance(g, Module) else getattr(g, "__name__", "g")
    z = np.linspace(*interval(between), POINTS)
    values, derivative = with_derivative(function, z, name)
    ax = given_or_new(ax, theme)
    colours = ink(ax).lines
    ax.plot(z, broken(values), color=colours[0], linewidth=2, label="g(z)")
    ax.plot(z, broken(derivative), color=colours[1], linewidth=2, linestyle="--", label="g′(z)")
    for line in (ax.axhline, ax.axvline):
        line(0, color=ink(ax).muted, linewidth=0.8, zorder=1)
    ax.set_title(written(name), loc="left", fontsize=11)
    legend(ax, loc="lower right", bbox_to_anchor=(1.0, 1.0), ncols=2, borderaxespad=0, fontsize=9, **TIGHT)
    return tidied(ax, "z", "g(z) and its derivative g′(z)")


def interval(between: Any) -> tuple[float, float]:
    """Refuse what is no interval."""
    if not isinstance(between, tuple | list) or len(between) != 2:
        raise TypeError(f"between must be a pair (low, high); got {between!r}")
    low, high = (finite_number("an end of the interval", end) for end in between)
    if low >= high:
        raise ValueError(f"between must be a pair (low, high) with low < high; got {between!r}")
    return low, high


def with_derivative(g: Callable[[Any], Any], z: Array, name: str) -> tuple[Array, Array]:
    """Compute a function and its derivative, and refuse what is not computed element by element."""
    with np.errstate(all="ignore"):  # what is not a number, or infinite, is a gap
        values, pull = mg.vjp(g, z)
        derivative = pull(np.ones_like(values))[0] if np.shape(values) == z.shape else None
    if np.shape(values) != z.shape:
        raise ValueError(f"{name} must give a value for each z; for shape {z.shape} it gave {np.shape(values)}")
    with mg.no_grad(), np.errstate(all="ignore"):
        part = g(z[::2])
    if not np.allclose(part.numpy() if isinstance(part, Tensor) else part, values[::2], equal_nan=True):
        raise ValueError(f"{name} has no curve: its value at one z depends on the others, or is random")
    return np.asarray(values, dtype=np.float64), np.asarray(derivative, dtype=np.float64)


def broken(values: Array) -> Array:
    """Break a line where it jumps, by a gap in place of the point before."""
    with np.errstate(invalid="ignore"):
        steps = np.abs(np.diff(values))
    finite = values[np.isfinite(values)]
    gaps = np.append(steps > JUMP * np.ptp(finite) if len(finite) else False, False)
    return np.where(gaps, np.nan, values)
