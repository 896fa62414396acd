"""Animated training: the decision boundary and the cost, epoch by epoch, as a GIF or a page."""

import copy
import io
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from numpy.typing import ArrayLike

from micrograd_nd import Tensor
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import check_count, positive_number
from micrograd_nd.viz.destinations import check_folder, write
from micrograd_nd.viz.films.film_page import film_page
from micrograd_nd.viz.films.palettes import indexed
from micrograd_nd.viz.films.snapshots import Snapshots
from micrograd_nd.viz.plots.axes import legend, new_figure, themed, tidied, whole_numbers
from micrograd_nd.viz.plots.boundaries import Plane, classes_of, draw_decisions, draw_samples, plane_of, two_features
from micrograd_nd.viz.plots.cost_plots import scaled, series, two_lines
from micrograd_nd.viz.plots.inks import ink
from micrograd_nd.viz.themes import ThemeName, theme_called

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

__all__ = ["animate_training"]

# How long a GIF rests on its last frame before it begins again, in milliseconds.
REST = 2000
# Frames a second: a GIF has 16 bits for the hundredths of a second of each.
SLOWEST, FASTEST = 0.01, 50
# Up to so many classes have their legend beside the number of the epoch.
BESIDE = 4
# Of each frame: enough for what is shown, and a file of half the size that 256 would make.
COLOURS = 64


def animate_training(
    snapshots: Snapshots,
    X: ArrayLike | Tensor,
    Y: ArrayLike | Tensor,
    path: str | os.PathLike[str],
    *,
    frames_per_second: float = 8,
    resolution: int = 100,
    theme: ThemeName | None = None,
) -> Path:
    """Show how a classifier of two features came to decide, beside its cost, as a film.

    Parameters
    ----------
    snapshots : Snapshots
        What was recorded of a run, by ``fit(..., callbacks=[snapshots])``. Each is a frame.
    X : array_like, shape (2, m)
        A sample a column.
    Y : array_like, shape (1, m) or (n_y, m)
        The true labels: 0 and 1, class indices, or one-hot.
    path : path
        Its ending says what to write: ``.gif``, which repeats for ever, or ``.html``, a page with buttons and a slider,
        which needs nothing but the file. An existing file is replaced, in one step, once the film is complete.
    frames_per_second : float
        From 0.01 to 50. A GIF counts in hundredths of a second, so there the nearest that it can.
    resolution : int
        At how many places the model is asked along each axis.
    theme : {"light", "dark"}, optional
        The colours: for a light page or a dark one. By default the frames have those of matplotlib's style, and an
        ``.html`` has around them those that the reader's system asks for.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ImportError
        Without matplotlib.
    TypeError, ValueError
        For another ending, for snapshots of nothing, and as from `plot_decision_boundary`.
    OSError
        Where the file cannot be written.

    Examples
    --------
    >>> import tempfile
    >>> import numpy as np
    >>> from micrograd_nd import nn, viz
    >>> X, Y = np.array([[-1.0, 1.0, 2.0], [0.0, 1.0, 0.5]]), np.array([[0, 1, 1]])
    >>> frames = viz.Snapshots(every=5)
    >>> settings = {"epochs": 10, "learning_rate": 0.5, "seed": 0, "progress": False}
    >>> history = nn.fit(nn.LogisticRegression(2), X, Y, callbacks=[frames], **settings)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     viz.animate_training(frames, X, Y, folder + "/training.gif", resolution=20).name
    'training.gif'
    """
    if not isinstance(snapshots, Snapshots):
        raise TypeError(f"a film is made of viz.Snapshots that nn.fit was given; got {type(snapshots).__name__}")
    path = checked_path(path)
    check_count("resolution", resolution)
    speed = positive_number("frames_per_second", frames_per_second)
    if not SLOWEST <= speed <= FASTEST:
        raise ValueError(f"frames_per_second may be from {SLOWEST} to {FASTEST}; got {frames_per_second}")
    if theme is not None:
        theme_called(theme)
    film = Film(snapshots.checked(), two_features(X), Y, max(resolution, 2), theme)
    made = gif if path.suffix.lower() == ".gif" else page
    write(path, made(film, speed), "film")
    return path


def checked_path(path: str | os.PathLike[str]) -> Path:
    """Refuse a file that no film can be written to."""
    path = Path(path)
    if path.suffix.lower() not in (".gif", ".html"):
        raise ValueError(f"a film's file name ends in .gif or .html; got {path.name!r}")
    check_folder(path)
    return path


class Film:
    """Draws frame after frame: on the left the plane of the features, on the right the cost so far.

    Parameters
    ----------
    snapshots : Snapshots
    X, Y
        The samples that are shown.
    resolution : int
        Of the plane.
    theme : {"light", "dark"}, optional
        Of all frames.
    """

    def __init__(self, snapshots: Snapshots, X: Any, Y: Any, resolution: int, theme: ThemeName | None = None) -> None:
        self.snapshots = snapshots
        self.model: Module = copy.deepcopy(snapshots.model)  # type: ignore[assignment]
        self.X = X
        self.plane: Plane = plane_of(X, resolution)
        self.P = self.probabilities(0)
        self.classes = classes_of(Y, len(self.P), X.shape[1])
        self.figure: Figure = new_figure(9, 4.2, shown=False)
        self.theme: ThemeName | None = theme
        self.left, self.right = (themed(ax, theme) for ax in self.figure.subplots(1, 2, width_ratios=(1.1, 1)))
        self.ink = ink(self.left)
        self.now = self.draw_cost(self.right)

    def probabilities(self, number: int) -> Any:
        """Ask the model as it was then."""
        self.model.load_state_dict(self.snapshots.states[number])
        return self.plane.probabilities(self.model)

    def draw_cost(self, ax: "Axes") -> Any:
        """Draw the cost of the whole run, and return what moves along it."""
        history: Any = self.snapshots.history
        cost, validation = series(history.cost, "cost"), series(history.validation_cost, "validation cost")
        two_lines(ax, cost, validation)
        scaled(ax, [cost, validation], None)
        tidied(ax, "epoch", "cost J" + (" (log scale)" if ax.get_yscale() == "log" else ""))
        whole_numbers(ax.xaxis)
        line = ax.axvline(0, color=ink(ax).muted, linewidth=1)
        (spot,) = ax.plot([], [], "o", color=ink(ax).lines[0], markeredgecolor=ink(ax).text, markersize=9)
        return line, spot

    def __len__(self) -> int:
        return len(self.snapshots.epochs)

    def frames(self) -> Iterator[Any]:
        """Draw all frames, one after the other, as images of Pillow."""
        from PIL import Image

        for i, epoch in enumerate(self.snapshots.epochs):
            self.draw(i, epoch)
            if i == 0:
                self.figure.canvas.draw()
                self.figure.set_layout_engine("none")  # all frames have the layout of the first
            self.figure.canvas.draw()
            width, height = self.figure.canvas.get_width_height()
            pixels = self.figure.canvas.buffer_rgba()  # type: ignore[attr-defined]
            yield Image.frombuffer("RGBA", (width, height), pixels, "raw", "RGBA", 0, 1).convert("RGB")

    def draw(self, number: int, epoch: int) -> None:
        """Draw one frame."""
        self.left.clear()
        ax = themed(self.left, self.theme)
        P = self.probabilities(number)
        draw_decisions(ax, self.plane, P)
        n = max(len(P), 2)
        draw_samples(ax, self.X, self.classes, n)
        # Of more classes the legend takes the whole breadth.
        heading = ax if n <= BESIDE else self.right
        heading.set_title(f"epoch {epoch}", fontsize=11, loc="left")
        beside: dict[str, Any] = {"loc": "lower right", "bbox_to_anchor": (1.0, 1.0), "borderaxespad": 0}
        legend(ax, fontsize=9, ncols=min(n, 5), handletextpad=0.1, columnspacing=0.8, **beside)
        cost = self.snapshots.history.cost  # type: ignore[union-attr]
        line, spot = self.now
        line.set_xdata([epoch, epoch])
        # The cost of an epoch is that of the parameters which its steps began with.
        spot.set_data(*(([epoch], [cost[epoch - 1]]) if 0 < epoch <= len(cost) else ([], [])))


def gif(film: Film, speed: float) -> bytes:
    """Make a GIF."""
    frames = [indexed(frame, film.ink, COLOURS) for frame in film.frames()]
    step = max(20, 10 * round(100 / speed))
    content = io.BytesIO()
    durations = [step] * (len(frames) - 1) + [max(REST, step)]
    frames[0].save(content, "GIF", save_all=True, append_images=frames[1:], duration=durations, loop=0, disposal=1)
    return content.getvalue()


def page(film: Film, speed: float) -> bytes:
    """Make a page."""
    pictures = []
    for frame in film.frames():
        content = io.BytesIO()
        indexed(frame, film.ink, COLOURS).save(content, "PNG", optimize=True)
        pictures.append(content.getvalue())
    cost = series(film.snapshots.history.cost, "cost")  # type: ignore[union-attr]
    captions = [
        f"epoch {epoch}" + (f", cost {cost[epoch - 1]:.4g}" if 0 < epoch <= len(cost) else ", before training")
        for epoch in film.snapshots.epochs
    ]
    return film_page(pictures, captions, speed, film.theme).encode()
