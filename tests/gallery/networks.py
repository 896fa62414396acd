"""Pictures of networks, and of what notebooks show."""

import numpy as np

from gallery import Gallery
from micrograd_nd import nn, viz
from micrograd_nd.viz.notebooks.curve import curves
from micrograd_nd.viz.themes import THEMES

NETWORKS = Gallery()


def quadrants(m=400):
    """Points of the plane, and whether their coordinates have the same sign."""
    X = np.random.default_rng(0).normal(size=(2, m))
    return X, (X[:1] * X[1:] > 0) * 1


@NETWORKS.in_both_themes
def network_circles(theme):
    return viz.network(nn.MLP([2, 4, 1], hidden="tanh", seed=1), theme=theme, title="One hidden layer")


@NETWORKS.in_both_themes
def network_weights(theme):
    X, Y = quadrants()
    model = nn.MLP([2, 4, 1], hidden="tanh", seed=1)
    nn.fit(model, X, Y, epochs=300, optimizer=nn.Adam, learning_rate=0.05, seed=0, progress=False)
    return viz.network(model, weights=True, biases=True, theme=theme, title="After training")


@NETWORKS.in_both_themes
def network_wide(theme):
    return viz.network(nn.MLP([12288, 20, 7, 5, 1], seed=1), theme=theme)


@NETWORKS.in_both_themes
def network_blocks(theme):
    model = nn.Sequential(
        nn.Dense(64, 128, "relu", seed=1),
        nn.BatchNorm(128),
        nn.Residual(nn.Dense(128, 128, "silu", seed=2), nn.Dropout(keep_prob=0.9)),
        nn.Dense(128, 10, "softmax", seed=3),
    )
    return viz.network(model, theme=theme)


@NETWORKS.in_both_themes
def cost_curve(theme):
    X, Y = quadrants()
    model = nn.MLP([2, 4, 1], hidden="tanh", seed=1)
    settings = {"optimizer": nn.Adam, "learning_rate": 0.05, "seed": 0, "progress": False}
    history = nn.fit(model, X[:, 100:], Y[:, 100:], epochs=60, validation=(X[:, :100], Y[:, :100]), **settings)
    series = {"cost": history.cost, "validation cost": history.validation_cost}
    colours = THEMES[theme]
    page = f"color:{colours.text};background:{colours.background}"
    return curves(series, along="epoch").replace("color:inherit", page)
