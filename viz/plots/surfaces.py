"""Costs of two parameters: as contours and as a surface, with the path that a descent took."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn.settings import check_count, finite_number
from micrograd_nd.viz.films.snapshots import Snapshots
from micrograd_nd.viz.plots.axes import colour_bar, given_or_new, legend, new_figure, themed, written
from micrograd_nd.viz.plots.cost_slices import CostSlice
from micrograd_nd.viz.plots.inks import ink
from micrograd_nd.viz.themes import ThemeName, theme_called

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from mpl_toolkits.mplot3d import Axes3D

__all__ = ["plot_cost_contours", "plot_cost_surface"]

Array = NDArray[np.float64]
Cost = Callable[[float, float], Any]
Range = tuple[float, float]
LEVELS = 18
# How far beyond the path the picture goes, as a share of its range.
MARGIN = 0.3


def plot_cost_contours(
    cost: Cost,
    ax: "Axes | None" = None,
    *,
    x: Range | None = None,
    y: Range | None = None,
    path: Any = None,
    labels: tuple[str, str] | None = None,
    resolution: int = 60,
    theme: ThemeName | None = None,
) -> "Axes":
    """Plot a cost of two numbers by its contours, as on a map, and the path of a descent on it.

    Parameters
    ----------
    cost : callable or CostSlice
        ``cost(w, b)`` gives one number. Of a model, see `cost_slice`.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    x, y : (float, float), optional
        From where to where the two numbers go. By default as far as the path and some way beyond it.
    path : sequence of (w, b), shape (k, 2), or Snapshots, optional
        Where the descent went; the snapshots of a run only on a `CostSlice`.
    labels : (str, str), optional
        What the numbers are called; by default w and b, or what the slice calls them.
    resolution : int
        At how many places the cost is computed along each axis.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        The contours are closer to each other, in cost, towards the lowest, where the ground is flat. Where the cost is
        not finite there is nothing.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For ranges, paths and costs that are none, and where neither ranges nor a path say where to look.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> path = [(0.8**k, (-0.5)**k) for k in range(10)]
    >>> ax = viz.plot_cost_contours(lambda w, b: w**2 + 3 * b**2, path=path)
    >>> ax.get_xlabel(), ax.get_ylabel()
    ('w', 'b')
    """
    ground = landscape(cost, x, y, path, labels, resolution)
    ax = given_or_new(ax, theme, 6, 4.6)
    if not 0 < ground.high - ground.low < np.inf:
        raise ValueError(f"the cost is {ground.low} everywhere here, so it has no contours")
    lines = ground.low + (ground.high - ground.low) * np.linspace(0, 1, LEVELS) ** 2
    if not (np.diff(lines) > 0).all():
        raise ValueError(f"the cost goes from {ground.low:.6g} to {ground.high:.6g} here: it is too flat for contours")
    J = np.ma.masked_invalid(ground.J)
    filled = ax.contourf(ground.x, ground.y, J, levels=lines, cmap="cividis")
    ax.contour(ground.x, ground.y, J, levels=lines[1:-1], colors="white", linewidths=0.4, alpha=0.6)
    if len(ground.path):
        draw_path(ax, ground.path.T)
        legend(ax, loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=3)
    ax.set_xlim(ground.x[0], ground.x[-1])
    ax.set_ylim(ground.y[0], ground.y[-1])
    ax.set_xlabel(ground.labels[0])
    ax.set_ylabel(ground.labels[1])
    ax.locator_params(axis="x", nbins=6)  # of many digits, perhaps
    ticks = lines[:: LEVELS // 6]
    colour_bar(ax, filled, label="cost J", format=f"%.{digits(ticks)}g", ticks=ticks)
    return ax


def digits(levels: Array) -> int:
    """Find how many significant digits tell levels apart; three at least."""
    return next((n for n in range(3, 17) if len({f"{level:.{n}g}" for level in levels}) == len(levels)), 17)


def plot_cost_surface(
    cost: Cost,
    ax: "Axes3D | None" = None,
    *,
    x: Range | None = None,
    y: Range | None = None,
    path: Any = None,
    labels: tuple[str, str] | None = None,
    resolution: int = 60,
    theme: ThemeName | None = None,
) -> "Axes3D":
    """Plot a cost of two numbers as a surface, and the path of a descent on it.

    Parameters
    ----------
    cost, x, y, path, labels, resolution, theme
        As for `plot_cost_contours`.
    ax : mpl_toolkits.mplot3d.Axes3D, optional
        Where to plot, as ``figure.add_subplot(projection="3d")`` gives it; a new figure by default.

    Returns
    -------
    mpl_toolkits.mplot3d.Axes3D
        What is seen from elsewhere after ``ax.view_init(elevation, azimuth)``.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        As from `plot_cost_contours`, and for Axes that have no depth.

    Examples
    --------
    >>> from micrograd_nd import viz
    >>> ax = viz.plot_cost_surface(lambda w, b: w**2 + 3 * b**2, x=(-1, 1), y=(-1, 1), labels=("w", "b"))
    >>> ax.get_zlabel()
    'cost J'
    """
    ground = landscape(cost, x, y, path, labels, resolution)
    ax = with_depth(ax, theme)
    x1, x2 = np.meshgrid(ground.x, ground.y)
    J = np.where(np.isfinite(ground.J), ground.J, np.nan)
    ax.computed_zorder = False  # else the path vanishes behind the ground that it lies on
    ax.plot_surface(x1, x2, J, cmap="cividis", rcount=60, ccount=60, linewidth=0, antialiased=False, zorder=1)
    if len(ground.path):
        with np.errstate(all="ignore"):
            heights = np.array([number(cost, *point) for point in ground.path])
        draw_path(ax, (*ground.path.T, heights))
        legend(ax, loc="upper center", ncols=3)
    ax.set_xlabel(ground.labels[0])
    ax.set_ylabel(ground.labels[1])
    ax.set_zlabel("cost J")
    ax.locator_params(nbins=6)
    for axis in (ax.xaxis, ax.yaxis, ax.zaxis):
        axis.set_pane_color(ink(ax).background)
        axis.labelpad = 10  # beyond ticks of many digits
    return ax


def with_depth(ax: Any, theme: ThemeName | None) -> "Axes3D":
    """Take the Axes that were given, if they have depth, or make new ones; in a theme, if one is named."""
    if theme is not None:
        theme_called(theme)
    if ax is None:
        return themed(cast("Axes3D", new_figure(6, 5).add_subplot(projection="3d")), theme)
    from mpl_toolkits.mplot3d import Axes3D

    if not isinstance(ax, Axes3D):
        raise TypeError(
            f'a surface needs Axes with depth, as figure.add_subplot(projection="3d") gives; got {type(ax).__name__}'
        )
    return themed(ax, theme)


def draw_path(ax: Any, points: Any) -> None:
    """Draw a descent, with its first and its last point marked."""
    from matplotlib.patheffects import Normal, withStroke

    edged = [withStroke(linewidth=3.5, foreground="black"), Normal()]
    every = {"color": "white", "linewidth": 1.5, "marker": ".", "markersize": 4, "zorder": 3}
    ax.plot(*points, label="descent", path_effects=edged, **every)
    for at, marker, size, label in ((0, "o", 8, "start"), (-1, "*", 13, "end")):
        spot = [[values[at]] for values in points]
        face = {"color": ink(ax).areas[1], "markeredgecolor": "black"}
        ax.plot(*spot, marker=marker, markersize=size, linestyle="", label=label, zorder=4, **face)


class Ground(NamedTuple):
    """A cost over a plane.

    Attributes
    ----------
    x, y : array, shape (n,)
        Where it was computed.
    J : array, shape (n, n)
        The cost, y before x; not finite in places, perhaps.
    path : array, shape (k, 2)
        Where a descent went; k may be 0.
    labels : (str, str)
        What the two numbers are called.
    """

    x: Array
    y: Array
    J: Array
    path: Array
    labels: tuple[str, str]

    @property
    def low(self) -> float:
        """The lowest cost."""
        return float(self.J[np.isfinite(self.J)].min())

    @property
    def high(self) -> float:
        """The highest finite cost."""
        return float(self.J[np.isfinite(self.J)].max())


def landscape(cost: Any, x: Any, y: Any, path: Any, labels: Any, resolution: int) -> Ground:
    """Compute a cost all over a plane."""
    if not callable(cost):
        raise TypeError(f"a cost is a function of two numbers, or what viz.cost_slice gives; got {cost!r}")
    check_count("resolution", resolution)
    if labels is None:
        labels = cost.labels if isinstance(cost, CostSlice) else ("w", "b")
    if not isinstance(labels, tuple | list) or len(labels) != 2:
        raise TypeError(f'labels must be a pair, such as ("w", "b"); got {labels!r}')
    points = checked_path(cost, path)
    xs, ys = (
        np.linspace(*span(name, given, points[:, i]), max(resolution, 2))
        for i, (name, given) in enumerate((("x", x), ("y", y)))
    )
    with np.errstate(all="ignore"):
        J = np.array([[number(cost, u, v) for u in xs] for v in ys])
    if not np.isfinite(J).any():
        raise ValueError("the cost is finite nowhere in this range")
    return Ground(xs, ys, J, points, (written(labels[0]), written(labels[1])))


def number(cost: Cost, u: float, v: float) -> float:
    """Compute a cost, and refuse what is no number."""
    J = cost(float(u), float(v))
    if np.size(J) != 1:
        raise ValueError(f"the cost must be one number; for {float(u)}, {float(v)} it has shape {np.shape(J)}")
    value = J.item() if isinstance(J, Tensor) else np.reshape(J, ())[()]
    if np.asarray(value).dtype.kind not in "biuf":
        raise TypeError(f"the cost must be a real number; for {float(u)}, {float(v)} it is {value!r}")
    return float(value)


def checked_path(cost: Any, path: Any) -> Array:
    """Take a path as an array, a point a row."""
    if path is None:
        return np.zeros((0, 2))
    if isinstance(path, Snapshots):
        if not isinstance(cost, CostSlice):
            raise TypeError("the path of snapshots lies on what viz.cost_slice gives, not on a function")
        return cost.path(path)
    points = np.asarray(path, dtype=np.float64)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"a path is a list of points (w, b), of shape (k, 2); got shape {points.shape}")
    if not np.isfinite(points).all():
        raise ValueError(f"point {np.argwhere(~np.isfinite(points))[0][0]} of the path is not finite")
    return points


def span(name: str, given: Any, along: Array) -> Range:
    """Find from where to where to look."""
    if given is not None:
        if not isinstance(given, tuple | list) or len(given) != 2:
            raise TypeError(f"{name} must be a pair (low, high); got {given!r}")
        low, high = (finite_number(f"an end of {name}", end) for end in given)
        if low >= high:
            raise ValueError(f"{name} must be a pair (low, high) with low < high; got {given!r}")
        return low, high
    if not len(along):
        raise ValueError(f"say where to look: {name}=(low, high), or path=, the points of a descent")
    margin = MARGIN * np.ptp(along) or max(1.0, MARGIN * abs(along[0]))
    return float(along.min() - margin), float(along.max() + margin)
