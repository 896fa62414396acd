"""Compositions of ``np.emath``: functions whose results become complex where the arguments leave the real domain."""

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import as_array, fixed

CONVERT = "convert to complex first, x + 0j"


def negative(x: Any) -> Any:
    """Tell whether any number is less than 0."""
    return np.any(np.real(x) < 0)


def beyond_one(x: Any) -> Any:
    """Tell whether any absolute value is greater than 1."""
    return np.any(np.abs(x) > 1)


def widened(x: Any, leaves: Callable[[Any], Any], function: Any) -> Any:
    """Make real numbers complex if they leave the real domain."""
    x = as_array(x)
    if np.iscomplexobj(x) or not leaves(fixed(x, function, "the dtype", CONVERT)):
        return x
    return x.astype(np.result_type(x.dtype, np.complex64))


def of_widened(wide: Any, function: np.ufunc, leaves: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Make the function that also takes what lies beyond the real domain."""

    def compute(x: Any) -> Any:
        return function(widened(x, leaves, wide))

    return compute


for wide, narrow, leaves in (
    (np.emath.sqrt, np.sqrt, negative),
    (np.emath.log, np.log, negative),
    (np.emath.log2, np.log2, negative),
    (np.emath.log10, np.log10, negative),
    (np.emath.arccos, np.arccos, beyond_one),
    (np.emath.arcsin, np.arcsin, beyond_one),
    (np.emath.arctanh, np.arctanh, beyond_one),
):
    composition(wide)(of_widened(wide, narrow, leaves))


@composition(np.emath.logn)
def logarithm_to_any_base(n: Any, x: Any) -> Any:
    """Take logarithms of and to negative numbers too."""
    return np.log(widened(x, negative, np.emath.logn)) / np.log(widened(n, negative, np.emath.logn))


@composition(np.emath.power)
def power(x: Any, p: Any) -> Any:
    """Take powers of negative numbers, and negative powers of integers."""
    p = as_array(p)
    if p.dtype.kind in "iu" and np.any(fixed(p, np.emath.power, "the dtype", "give the exponent as float") < 0):
        p = p.astype(float)
    return np.power(widened(x, negative, np.emath.power), p)
