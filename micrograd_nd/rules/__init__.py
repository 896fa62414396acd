"""The derivative rules, a file a family. Importing this package registers them all.

Rules are plain NumPy: they import NumPy and the registry, never Tensor.
"""

from micrograd_nd.rules import (
    activations,
    elementwise,
    indexing,
    piecewise_constant,
    products,
    reductions,
    shaping,
)

__all__ = [
    "activations",
    "elementwise",
    "indexing",
    "piecewise_constant",
    "products",
    "reductions",
    "shaping",
]
