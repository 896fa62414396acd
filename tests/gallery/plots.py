"""Plots, and the data that they show."""

import functools

import numpy as np

from gallery import Gallery
from micrograd_nd import nn, viz

PLOTS = Gallery()


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


@PLOTS.picture
def cost():
    _, history = trained_on_digits()
    return viz.plot_cost(history).figure


@PLOTS.picture
def accuracy():
    _, history = trained_on_digits()
    return viz.plot_metric(history).figure


@PLOTS.picture
def learning_rates():
    X, Y = moons()
    rates = (0.01, 0.1, 1.0, 5.0)
    runs = {rate: trained(X, Y, [2, 8, 1], epochs=100, learning_rate=rate, optimizer=nn.SGD)[1] for rate in rates}
    return viz.plot_costs({f"α = {rate:g}": runs[rate] for rate in rates}).figure


@PLOTS.picture
def schedules():
    compared = {
        "inverse time": nn.InverseTimeDecay(0.1, decay_rate=0.2),
        "steps": nn.StepDecay(0.1, every=10, factor=0.5),
        "warm-up, then cosine": nn.Warmup(5, nn.CosineDecay(0.1, epochs=25)),
    }
    return viz.plot_schedule(compared, epochs=30).figure


@PLOTS.picture
def activations():
    from matplotlib.figure import Figure

    figure = Figure(figsize=(9, 5.4), layout="constrained")
    for ax, name in zip(
        figure.subplots(2, 3).flat, ("sigmoid", "tanh", "relu", "leaky_relu", "gelu", "elu"), strict=True
    ):
        viz.plot_activation(name, ax)
    return figure


@PLOTS.picture
def decision_boundary():
    X, Y = moons()
    model, _ = trained(X, Y, [2, 8, 1])
    return viz.plot_decision_boundary(model, X, Y).figure


@PLOTS.picture
def decision_boundary_of_classes():
    X, Y = clouds()
    model, _ = trained(X, Y, [2, 8, 4], output="softmax")
    return viz.plot_decision_boundary(model, X, Y).figure


def slice_of_a_line():
    """The cost of one weight and one bias, and a descent on it."""
    X = np.linspace(-1, 2, 30)[None]
    Y = 1.5 * X - 0.5 + 0.2 * np.random.default_rng(0).normal(size=X.shape)
    model = nn.Sequential(nn.Linear(1, 1, weights=lambda rng, shape: np.full(shape, -1.0)))
    model.layers[0].b.data = [[1.5]]
    frames = viz.Snapshots()
    nn.fit(model, X, Y, epochs=40, learning_rate=0.2, seed=0, callbacks=[frames], progress=False)
    return viz.cost_slice(model, X, Y, along=("W1", "b1")), frames


@PLOTS.picture
def cost_contours():
    J, frames = slice_of_a_line()
    return viz.plot_cost_contours(J, path=frames).figure


@PLOTS.picture
def cost_surface():
    J, frames = slice_of_a_line()
    return viz.plot_cost_surface(J, path=frames).figure


@PLOTS.picture
def path_of_a_network():
    X, Y = moons()
    frames = viz.Snapshots(every=5)
    model, _ = trained(X, Y, [2, 8, 1], callbacks=[frames])
    return viz.plot_cost_contours(viz.cost_slice(model, X, Y, along=frames), path=frames, resolution=40).figure


@PLOTS.picture
def weights():
    model, _ = trained_on_digits()
    return viz.plot_weights(model.layers[0], (8, 8), columns=6).figure


@PLOTS.picture
def predictions():
    model, _ = trained_on_digits()
    _, _, X, Y = digits()
    predicted = nn.predict(model, X)[0]
    wrong = np.flatnonzero(predicted != Y[0])[:3]
    shown = np.concatenate([np.arange(18 - len(wrong)), wrong])
    return viz.plot_predictions(X.T[shown].reshape(-1, 8, 8), predicted[shown], Y[0, shown], columns=6)


@PLOTS.picture
def confusion_matrix():
    model, _ = trained_on_digits()
    _, _, X, Y = digits()
    return viz.plot_confusion_matrix(nn.confusion_matrix(nn.predict(model, X), Y)).figure


@PLOTS.picture
def gradient_flow():
    X, Y = moons()
    sizes = [2, *[64] * 8, 1]
    models = {
        "sigmoid, Xavier": nn.MLP(sizes, hidden="sigmoid", seed=0),
        "ReLU, He": nn.MLP(sizes, hidden="relu", seed=0),
        "tanh, large weights": nn.MLP(
            sizes, hidden="tanh", weights=lambda rng, shape: 5 / np.sqrt(shape[1]) * rng.normal(size=shape), seed=0
        ),
    }
    return viz.plot_gradient_flow(models, X, Y).figure


@PLOTS.picture
def gradient_check():
    X, Y = moons(20)
    return viz.plot_gradient_check(nn.check_gradients(nn.MLP([2, 8, 8, 1], hidden="tanh", seed=1), X, Y)).figure


def film(path):
    """Training, epoch by epoch."""
    X, Y = moons()
    frames = viz.Snapshots(every=20)
    trained(X, Y, [2, 8, 1], callbacks=[frames])
    return viz.animate_training(frames, X, Y, path, frames_per_second=5)
