"""Pictures of computations: what `viz.graph` draws, as data, and how it is written for Graphviz."""
