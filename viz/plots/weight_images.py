"""Weights as images: what each unit of a layer looks for."""

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn.data import matrix
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import check_count
from micrograd_nd.viz.plots.axes import colour_bar, given_or_new
from micrograd_nd.viz.plots.inks import diverging, ink
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_weights"]

Array = NDArray[Any]
# No figure is larger than this, in inches, beside its scale: matplotlib draws up to 65,535 dots.
LARGEST = 50


def plot_weights(
    W: Any,
    image_shape: tuple[int, int],
    ax: "Axes | None" = None,
    *,
    columns: int | None = None,
    theme: ThemeName | None = None,
) -> "Axes":
    """Show the weights of a layer, those that come into each unit as an image.

    Parameters
    ----------
    W : array_like or Tensor, shape (n_out, n_in), or a layer
        The weights, or what has them as its ``W``, such as `Linear` and `Dense`.
    image_shape : (int, int)
        Height and width, with ``height * width == n_in``: how an image became a column of X.
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
        All images have one scale, whose middle is 0. Over each stands the number of its unit, from 1.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For weights that are no matrix of finite numbers, and images of another size.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> ax = viz.plot_weights(nn.Linear(64, 6, seed=0), (8, 8))
    >>> [text.get_text() for text in ax.texts]
    ['1', '2', '3', '4', '5', '6']
    """
    if isinstance(W, Module) and not hasattr(W, "W"):
        raise TypeError(
            f"plot_weights takes one layer, such as model.layers[0], or its weights; got {type(W).__name__}"
        )
    values = checked_weights(getattr(W, "W", W))
    height, width = checked_image(image_shape, values.shape)
    n = len(values)
    if columns is not None:
        check_count("columns", columns)
    columns = min(n, columns or int(np.ceil(np.sqrt(n))))
    lines = -(-n // columns)
    # Between images there is room for the number of the unit, about as high as three tenths of a unit of the figure.
    size = max(0.7, 4.0 / columns)
    gap = max(1, round(0.28 / size * width))
    across, down = columns * size * (width + gap) / width, lines * size * (height + gap) / width
    smaller = min(1.0, LARGEST / max(across, down))
    ax = given_or_new(ax, theme, across * smaller + 1.2, down * smaller + 0.3)
    grid = tiled(values.reshape(n, height, width), columns, gap)
    bound = float(np.abs(values).max()) or 1.0
    image = ax.imshow(np.ma.masked_invalid(grid), cmap=diverging(ax), vmin=-bound, vmax=bound)
    from matplotlib.patches import Rectangle

    colours = ink(ax)
    number: dict[str, Any] = {"textcoords": "offset points", "ha": "center", "va": "bottom", "fontsize": 8}
    frame: dict[str, Any] = {"fill": False, "linewidth": 0.5, "clip_on": False}
    for unit in range(n):
        line, column = divmod(unit, columns)
        x, y = column * (width + gap) + width / 2 - 0.5, line * (height + gap) + gap - 0.5
        ax.add_patch(Rectangle((x - width / 2, y), width, height, edgecolor=colours.muted, **frame))
        ax.annotate(f"{unit + 1}", (x, y), (0, 1.5), color=colours.text, **number)
    ax.set_axis_off()
    colour_bar(ax, image, label="weight", shrink=0.8)
    return ax


def tiled(images: Array, columns: int, gap: int) -> Array:
    """Lay images out in a grid, with gaps of NaN over and between them."""
    n, height, width = images.shape
    lines = -(-n // columns)
    grid = np.full((lines * (height + gap), columns * (width + gap) - gap), np.nan)
    for unit, image in enumerate(images):
        line, column = divmod(unit, columns)
        top, left = line * (height + gap) + gap, column * (width + gap)
        grid[top : top + height, left : left + width] = image
    return grid


def checked_weights(W: Any) -> Array:
    """Refuse what is no matrix of finite numbers."""
    shape = W.shape if isinstance(W, Tensor) else np.shape(W)
    if len(shape) != 2:
        rank = ", a rank-1 array" if len(shape) == 1 else ""
        raise ValueError(f"W must be a matrix (n_out, n_in); got shape {shape}{rank}")
    values = np.asarray(matrix(W, "W"), dtype=np.float64)
    if not np.isfinite(values).all():
        unit, weight = np.argwhere(~np.isfinite(values))[0]
        raise ValueError(f"W holds {values[unit, weight]} at [{unit}, {weight}], and an image has finite weights alone")
    return values


def checked_image(image_shape: Any, shape: tuple[int, int]) -> tuple[int, int]:
    """Refuse a shape of images that the weights do not make."""
    if not isinstance(image_shape, tuple | list) or len(image_shape) != 2:
        raise TypeError(f"image_shape must be a pair (height, width); got {image_shape!r}")
    height, width = image_shape
    check_count("the height of an image", height)
    check_count("the width of an image", width)
    if height * width != shape[1]:
        raise ValueError(
            f"W is {shape}: each unit has {shape[1]} weights, and an image of {height} x {width} has {height * width}"
        )
    return int(height), int(width)
