"""Plots, and the data that they show; what was trained for one theme is shown in the other too."""

import functools

import numpy as np

from gallery import Gallery
from micrograd_nd import nn, viz

PLOTS = Gallery()
# Films, by the names of their files without the ending, and their themes.
FILMS = {"training-light": "light", "training-dark": "dark"}


def moons(m=200, seed=0):
    """Two half circles that reach into each other."""
    rng = np.random.default_rng(seed)
    angle = np.pi * rng.uniform(size=m)
    Y = (np.arange(m) % 2)[None]
    X = np.stack([np.cos(angle), np.sin(angle)]) * (1 - 2 * Y) + Y * np.array([[1.0], [0.4]])
    return X + 0.15 * rng.normal(size=X.shape), Y


def clouds(m=240, seed=0):
    """Four classes, each around its own place."""
    rng = np.random.default_rng(seed)
    Y = (np.arange(m) % 4)[None]
    centres = np.array([[-1.5, 1.5, 1.4, -1.2], [1.4, 1.2, -1.5, -1.3]])
    return centres[:, Y[0]] + 0.6 * rng.normal(size=(2, m)), Y


@functools.cache
def digits():
    """Handwritten digits of 8 by 8 pixels, every fifth held out."""
    from sklearn.datasets import load_digits

    images, labels = load_digits(return_X_y=True)
    X, Y = images.T / 16, labels.reshape(1, -1)
    held_out = np.arange(X.shape[1]) % 5 == 0
    return X[:, ~held_out], Y[:, ~held_out], X[:, held_out], Y[:, held_out]


@functools.cache
def trained_on_digits():
    X, Y, X_val, Y_val = digits()
    model = nn.MLP([64, 24, 10], hidden="relu", output="softmax", seed=0)
    history = nn.fit(
        model, X, Y, epochs=30, batch_size=64, learning_rate=0.2, seed=0, validation=(X_val, Y_val), progress=False
    )
    return model, history


def trained(X, Y, sizes, output="sigmoid", **options):
    model = nn.MLP(sizes, hidden="tanh", output=output, seed=1)
    settings = {"epochs": 200, "learning_rate": 0.05, "optimizer": nn.Adam, "seed": 0, "progress": False}
    return model, nn.fit(model, X, Y, **{**settings, **options})


@PLOTS.in_both_themes
def cost(theme):
    _, history = trained_on_digits()
    return viz.plot_cost(history, theme=theme).figure


@PLOTS.in_both_themes
def accuracy(theme):
    _, history = trained_on_digits()
    return viz.plot_metric(history, theme=theme).figure


@functools.cache
def costs_by_rate():
    X, Y = moons()
    rates = (0.01, 0.1, 1.0, 5.0)
    runs = {rate: trained(X, Y, [2, 8, 1], epochs=100, learning_rate=rate, optimizer=nn.SGD)[1] for rate in rates}
    return {f"α = {rate:g}": runs[rate] for rate in rates}


@PLOTS.in_both_themes
def learning_rates(theme):
    return viz.plot_costs(costs_by_rate(), theme=theme).figure


@PLOTS.in_both_themes
def schedules(theme):
    compared = {
        "inverse time": nn.InverseTimeDecay(0.1, decay_rate=0.2),
        "steps": nn.StepDecay(0.1, every=10, factor=0.5),
        "warm-up, then cosine": nn.Warmup(5, nn.CosineDecay(0.1, epochs=25)),
    }
    return viz.plot_schedule(compared, epochs=30, theme=theme).figure


@PLOTS.in_both_themes
def activations(theme):
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.4), layout="constrained")
    for ax, name in zip(
        figure.subplots(2, 3).flat, ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "elu"), strict=True
    ):
        viz.plot_activation(name, ax, theme=theme)
    return figure


@functools.cache
def trained_on_moons():
    X, Y = moons()
    return trained(X, Y, [2, 8, 1])[0], X, Y


@PLOTS.in_both_themes
def decision_boundary(theme):
    return viz.plot_decision_boundary(*trained_on_moons(), theme=theme).figure


@functools.cache
def trained_on_clouds():
    X, Y = clouds()
    return trained(X, Y, [2, 8, 4], output="softmax")[0], X, Y


@PLOTS.in_both_themes
def decision_boundary_of_classes(theme):
    return viz.plot_decision_boundary(*trained_on_clouds(), theme=theme).figure


@functools.cache
def slice_of_a_line():
    """The cost of one weight and one bias, and a descent on it."""
    X = np.linspace(-1, 2, 30)[None]
    Y = 1.5 * X - 0.5 + 0.2 * np.random.default_rng(0).normal(size=X.shape)
    model = nn.Sequential(nn.Linear(1, 1, weights=lambda rng, shape: np.full(shape, -1.0)))
    model.layers[0].b.data = [[1.5]]
    frames = viz.Snapshots()
    nn.fit(model, X, Y, epochs=40, learning_rate=0.2, seed=0, callbacks=[frames], progress=False)
    return viz.cost_slice(model, X, Y, along=("W1", "b1")), frames


@PLOTS.in_both_themes
def cost_contours(theme):
    J, frames = slice_of_a_line()
    return viz.plot_cost_contours(J, path=frames, theme=theme).figure


@PLOTS.in_both_themes
def cost_surface(theme):
    J, frames = slice_of_a_line()
    return viz.plot_cost_surface(J, path=frames, theme=theme).figure


@functools.cache
def slice_of_a_network():
    """The cost of a network in the plane in which it moved the farthest, and the way that it took."""
    X, Y = moons()
    frames = viz.Snapshots(every=5)
    model, _ = trained(X, Y, [2, 8, 1], callbacks=[frames])
    return viz.cost_slice(model, X, Y, along=frames), frames


@PLOTS.in_both_themes
def path_of_a_network(theme):
    J, frames = slice_of_a_network()
    return viz.plot_cost_contours(J, path=frames, resolution=40, theme=theme).figure


@PLOTS.in_both_themes
def weights(theme):
    model, _ = trained_on_digits()
    return viz.plot_weights(model.layers[0], (8, 8), columns=6, theme=theme).figure


@PLOTS.in_both_themes
def predictions(theme):
    model, _ = trained_on_digits()
    _, _, X, Y = digits()
    predicted = nn.predict(model, X)[0]
    wrong = np.flatnonzero(predicted != Y[0])[:3]
    shown = np.concatenate([np.arange(18 - len(wrong)), wrong])
    images = X.T[shown].reshape(-1, 8, 8)
    return viz.plot_predictions(images, predicted[shown], Y[0, shown], columns=6, theme=theme).figure


@PLOTS.in_both_themes
def confusion_matrix(theme):
    model, _ = trained_on_digits()
    _, _, X, Y = digits()
    return viz.plot_confusion_matrix(nn.confusion_matrix(nn.predict(model, X), Y), theme=theme).figure


@PLOTS.in_both_themes
def gradient_flow(theme):
    X, Y = moons()
    sizes = [2, *[64] * 8, 1]
    models = {
        "sigmoid, Xavier": nn.MLP(sizes, hidden="sigmoid", seed=0),
        "ReLU, He": nn.MLP(sizes, hidden="relu", seed=0),
        "tanh, large weights": nn.MLP(
            sizes, hidden="tanh", weights=lambda rng, shape: 5 / np.sqrt(shape[1]) * rng.normal(size=shape), seed=0
        ),
    }
    return viz.plot_gradient_flow(models, X, Y, theme=theme).figure


@functools.cache
def checked_gradients():
    return nn.check_gradients(nn.MLP([2, 8, 8, 1], hidden="tanh", seed=1), *moons(20))


@PLOTS.in_both_themes
def gradient_check(theme):
    return viz.plot_gradient_check(checked_gradients(), theme=theme).figure


@functools.cache
def recorded_on_moons():
    X, Y = moons()
    frames = viz.Snapshots(every=40)
    trained(X, Y, [2, 8, 1], callbacks=[frames])
    return frames, X, Y


def film(path, theme):
    """Training, epoch by epoch."""
    return viz.animate_training(*recorded_on_moons(), path, frames_per_second=2, theme=theme)
