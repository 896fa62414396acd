"""The rules of scipy.special's ufuncs. Importing this module registers them all, and needs SciPy.

Functions of scipy.special that are no ufuncs convert their arguments to plain arrays, which a Tensor refuses;
`micrograd_nd.special` has those that are missed.
"""

from micrograd_nd.rules.special import (
    bessel,
    elementary,
    elliptic,
    entropies,
    errors,
    gamma,
    hypergeometric,
    integrals,
    losses,
)

__all__ = [
    "bessel",
    "elementary",
    "elliptic",
    "entropies",
    "errors",
    "gamma",
    "hypergeometric",
    "integrals",
    "losses",
]
