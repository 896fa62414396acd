"""The demonstration: a graph, its derivatives, and networks trained on real data with the same objects."""

from micrograd_nd.demo.report import demo as demo
