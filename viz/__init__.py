"""Pictures: how a Tensor was computed, how training went, what a network predicts.

>>> import micrograd_nd as mg
>>> from micrograd_nd import viz
>>> x = mg.Tensor(3.0, name="x")
>>> picture = viz.graph(x * x)
>>> "dJ/dx = 6" in picture.source
True
"""

from micrograd_nd.viz.files import draw as draw
from micrograd_nd.viz.films.animation import animate_training as animate_training
from micrograd_nd.viz.films.snapshots import Snapshots as Snapshots
from micrograd_nd.viz.graphs.picture import graph as graph
from micrograd_nd.viz.networks.network_picture import network as network
from micrograd_nd.viz.notebooks.notebook import mimebundle as mimebundle
from micrograd_nd.viz.plots.activation_plots import plot_activation as plot_activation
from micrograd_nd.viz.plots.boundaries import plot_decision_boundary as plot_decision_boundary
from micrograd_nd.viz.plots.confusion import plot_confusion_matrix as plot_confusion_matrix
from micrograd_nd.viz.plots.cost_plots import plot_cost as plot_cost
from micrograd_nd.viz.plots.cost_plots import plot_costs as plot_costs
from micrograd_nd.viz.plots.cost_plots import plot_metric as plot_metric
from micrograd_nd.viz.plots.cost_slices import CostSlice as CostSlice
from micrograd_nd.viz.plots.cost_slices import cost_slice as cost_slice
from micrograd_nd.viz.plots.gradient_plots import plot_gradient_check as plot_gradient_check
from micrograd_nd.viz.plots.gradient_plots import plot_gradient_flow as plot_gradient_flow
from micrograd_nd.viz.plots.predicted_images import plot_predictions as plot_predictions
from micrograd_nd.viz.plots.schedule_plots import plot_schedule as plot_schedule
from micrograd_nd.viz.plots.surfaces import plot_cost_contours as plot_cost_contours
from micrograd_nd.viz.plots.surfaces import plot_cost_surface as plot_cost_surface
from micrograd_nd.viz.plots.weight_images import plot_weights as plot_weights
from micrograd_nd.viz.rendering import render as render
from micrograd_nd.viz.rendering import save as save
from micrograd_nd.viz.walkthrough.explanation import explain as explain
