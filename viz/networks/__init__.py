"""Pictures of networks: what `viz.network` draws, in circles or in blocks."""
