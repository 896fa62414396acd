"""The page that goes through a computation step by step: what `viz.explain` writes."""
