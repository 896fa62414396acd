"""Training as a film: what is remembered of a run, and what `viz.animate_training` makes of it."""
