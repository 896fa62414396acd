"""Pictures: how a Tensor was computed, how training went, what a network predicts.

>>> import micrograd_nd as mg
>>> from micrograd_nd import viz
>>> x = mg.Tensor(3.0, name="x")
>>> picture = viz.graph(x * x)
>>> "dJ/dx = 6" in picture.source
True
"""

from micrograd_nd.viz.notebook import mimebundle as mimebundle
from micrograd_nd.viz.picture import graph as graph
from micrograd_nd.viz.plots import plot_cost as plot_cost
from micrograd_nd.viz.plots import plot_predictions as plot_predictions
from micrograd_nd.viz.rendering import draw as draw
from micrograd_nd.viz.rendering import render as render
from micrograd_nd.viz.rendering import save as save
from micrograd_nd.viz.snapshots import Snapshots as Snapshots
