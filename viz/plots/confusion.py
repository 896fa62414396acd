"""Confusion matrices as pictures."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike

from micrograd_nd.viz.plots.axes import colour_bar, given_or_new, written
from micrograd_nd.viz.plots.inks import contrast, ink, sequential
from micrograd_nd.viz.themes import ThemeName

if TYPE_CHECKING:
    from matplotlib.axes import Axes

__all__ = ["plot_confusion_matrix"]

# So much of the name of a class leaves room for the fields beside it.
LONGEST = 24
# How wide a digit of a count and a letter of a name are, in inches, at most on average.
DIGIT, LETTER = 0.095, 0.085
# The share of its length by which a name at half a right angle is high.
SLANTED = 0.71


def plot_confusion_matrix(
    counts: ArrayLike, ax: "Axes | None" = None, *, classes: Sequence[Any] | None = None, theme: ThemeName | None = None
) -> "Axes":
    """Show how many samples of each class were taken for which.

    Parameters
    ----------
    counts : array_like of int, shape (classes, classes)
        What `nn.confusion_matrix` gives: row k, column j, how many samples of class k were labelled j.
    ax : matplotlib.axes.Axes, optional
        Where to plot; a new figure by default.
    classes : sequence, optional
        What the classes are called; by default 0, 1, 2, ...
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one, of Axes that are given and of their figure too. By default those of
        the Axes that are given, or of matplotlib's style.

    Returns
    -------
    matplotlib.axes.Axes
        A field is the darker, on a dark background the brighter, the larger its share of its row: of all samples that
        are of the class.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For what is no matrix of counts, or not one name for each class.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> ax = viz.plot_confusion_matrix(nn.confusion_matrix([[0, 1, 1]], [[0, 0, 1]]), classes=["cat", "dog"])
    >>> [text.get_text() for text in ax.texts]
    ['1', '1', '0', '1']
    """
    table = checked_counts(counts)
    n = len(table)
    if classes is not None and not isinstance(classes, Iterable):
        raise TypeError(f"classes must be a sequence of names; got {classes!r}")
    names = [written(name, LONGEST) for name in (range(n) if classes is None else classes)]
    if len(names) != n:
        raise ValueError(f"classes must name each of {n} classes; got {len(names)} names")
    # A class that no sample has is a row of zeros.
    shares = table / np.maximum(table.sum(axis=1, keepdims=True), 1)
    side = max(3.4, max(0.5, DIGIT * len(f"{table.max()}") + 0.1) * n + 1)
    # A name of three letters lies beside the fields within the inch that there is.
    beside = LETTER * max(0, max(map(len, names)) - 3)
    ax = given_or_new(ax, theme, side + 1 + beside, side + beside * SLANTED)
    image = ax.imshow(shares, cmap=sequential(ax), vmin=0, vmax=1)
    for (k, j), count in np.ndenumerate(table):
        field = image.cmap(image.norm(shares[k, j]))
        readable = max("black", "white", key=lambda colour: contrast(colour, field))
        colour = readable if count else ink(ax).muted
        ax.text(j, k, f"{count}", ha="center", va="center", color=colour, fontsize=10 if n < 8 else 9)
    turned: dict[str, Any] = (
        {"rotation": 45, "ha": "right", "rotation_mode": "anchor"} if max(map(len, names)) > 3 else {}
    )
    ax.set_xticks(range(n), names, **turned)
    ax.set_yticks(range(n), names)
    ax.set_xlabel("predicted class")
    ax.set_ylabel("true class")
    colour_bar(ax, image, label="share of the true class", shrink=0.85)
    return ax


def checked_counts(counts: Any) -> Any:
    """Refuse what is no square matrix of counts."""
    table = np.asarray(counts)
    if table.ndim != 2 or table.shape[0] != table.shape[1] or not table.size:
        raise ValueError(
            f"a confusion matrix has a row and a column for each class, as nn.confusion_matrix gives it; got shape "
            f"{table.shape}"
        )
    if table.dtype.kind not in "iu":
        raise TypeError(f"a confusion matrix counts samples, so it is of an integer dtype; got {table.dtype}")
    if (table < 0).any():
        raise ValueError(f"a confusion matrix counts samples; got {table.min()}")
    return table
