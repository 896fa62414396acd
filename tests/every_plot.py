"""Every plot of `viz`, drawn from small data, and what was drawn."""

import io

import numpy as np

from micrograd_nd import nn, viz

__all__ = ["MODEL", "PLOTS", "X", "Y", "drawn", "new_axes"]

X, Y = np.array([[-1.0, 1.0, 2.0, -2.0], [0.0, 1.0, 0.5, -1.0]]), np.array([[0, 1, 1, 0]])
MODEL = nn.MLP([2, 4, 1], hidden="tanh", seed=0)

# Every plot, called with Axes, and with other options, by keyword.
PLOTS = {
    "plot_activation": lambda **ax: viz.plot_activation("relu", **ax),
    "plot_confusion_matrix": lambda **ax: viz.plot_confusion_matrix([[3, 1], [0, 2]], **ax),
    "plot_cost": lambda **ax: viz.plot_cost([0.7, 0.5, 0.4], **ax),
    "plot_cost_contours": lambda **ax: viz.plot_cost_contours(
        lambda w, b: w**2 + b**2, x=(-1, 1), y=(-1, 1), path=[(1, 1), (0, 0)], **ax
    ),
    "plot_cost_surface": lambda **ax: viz.plot_cost_surface(
        lambda w, b: w**2 + b**2, x=(-1, 1), y=(-1, 1), path=[(1, 1), (0, 0)], **ax
    ),
    "plot_costs": lambda **ax: viz.plot_costs({"a": [1.0, 0.5], "b": [1.0, 0.7]}, **ax),
    "plot_decision_boundary": lambda **ax: viz.plot_decision_boundary(MODEL, X, Y, resolution=20, **ax),
    "plot_gradient_check": lambda **ax: viz.plot_gradient_check({"W1": 1e-9, "b1": 0.0}, **ax),
    "plot_gradient_flow": lambda **ax: viz.plot_gradient_flow(MODEL, X, Y, **ax),
    "plot_metric": lambda **ax: viz.plot_metric(nn.History(metric=[0.5, 1.0]), **ax),
    "plot_predictions": lambda **ax: viz.plot_predictions(np.eye(4).reshape(2, 2, 4), [3, 5], [3, 6], **ax),
    "plot_schedule": lambda **ax: viz.plot_schedule(nn.CosineDecay(0.1, epochs=5), 5, **ax),
    "plot_weights": lambda **ax: viz.plot_weights(np.eye(4), (2, 2), **ax),
}


def new_axes(name):
    """Axes that a plot can be drawn on."""
    from matplotlib.figure import Figure

    return Figure(layout="constrained").add_subplot(projection="3d" if name == "plot_cost_surface" else None)


def drawn(figure, monkeypatch):
    """The pixels of a figure, from the top down, and all texts in it that can be seen."""
    from matplotlib.text import Text

    texts = {}
    draw = Text.draw
    with monkeypatch.context() as watched:
        watched.setattr(Text, "draw", lambda text, renderer: (texts.setdefault(id(text), text), draw(text, renderer)))
        figure.savefig(io.BytesIO(), format="png")
    pixels = np.asarray(figure.canvas.buffer_rgba())[..., :3].copy()
    return pixels, [text for text in texts.values() if text.get_visible() and text.get_text()]
