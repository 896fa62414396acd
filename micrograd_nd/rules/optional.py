"""Rules of packages that micrograd_nd does not import by itself: registered when a function of theirs is first used."""

import sys
from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.primitives import Primitive, derivative, lookup, registry

__all__ = ["load_optional", "offer"]


def load_optional(function: Callable[..., Any]) -> Primitive | None:
    """Find a function that is not in the registry among those of SciPy, if SciPy is in use.

    Parameters
    ----------
    function : callable
        What was applied to a Tensor.

    Returns
    -------
    Primitive or None
    """
    if isinstance(function, np.ufunc) and "scipy.special" in sys.modules:
        import micrograd_nd.rules.special  # noqa: F401 - registers the rules
    return lookup(function)


def offer(function: Callable[..., Any], *rules: Callable[..., Any] | None) -> Primitive:
    """Register rules, unless there are some already: a user's own come first."""
    return registry[function] if function in registry else derivative(function, *rules)
