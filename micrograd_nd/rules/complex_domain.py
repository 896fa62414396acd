"""Compositions of ``np.emath``: functions whose results become complex where the arguments leave the real domain."""

from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import as_array


def negative(x: Any) -> Any:
    """Tell whether any number is less than 0."""
    return np.any(np.real(x) < 0)


def beyond_one(x: Any) -> Any:
    """Tell whether any absolute value is greater than 1."""
    return np.any(np.abs(x) > 1)


def widened(x: Any, leaves: Callable[[Any], Any]) -> Any:
    """Make real numbers complex if they leave the real domain."""
    x = as_array(x)
    if np.iscomplexobj(x) or not leaves(x):
        return x
    return x.astype(np.result_type(x.dtype, np.complex64))


@composition(np.emath.sqrt)
def square_root(x: Any) -> Any:
    """Take roots of negative numbers too."""
    return np.sqrt(widened(x, negative))


@composition(np.emath.log)
def logarithm(x: Any) -> Any:
    """Take logarithms of negative numbers too."""
    return np.log(widened(x, negative))


@composition(np.emath.log2)
def logarithm_to_base_two(x: Any) -> Any:
    """Take logarithms of negative numbers too."""
    return np.log2(widened(x, negative))


@composition(np.emath.log10)
def logarithm_to_base_ten(x: Any) -> Any:
    """Take logarithms of negative numbers too."""
    return np.log10(widened(x, negative))


@composition(np.emath.logn)
def logarithm_to_any_base(n: Any, x: Any) -> Any:
    """Take logarithms of and to negative numbers too."""
    return np.log(widened(x, negative)) / np.log(widened(n, negative))


@composition(np.emath.power)
def power(x: Any, p: Any) -> Any:
    """Take powers of negative numbers, and negative powers of integers."""
    p = as_array(p)
    if p.dtype.kind in "iu" and np.any(p < 0):
        p = p.astype(float)
    return np.power(widened(x, negative), p)


@composition(np.emath.arccos)
def inverse_cosine(x: Any) -> Any:
    """Take numbers of an absolute value above 1 too."""
    return np.arccos(widened(x, beyond_one))


@composition(np.emath.arcsin)
def inverse_sine(x: Any) -> Any:
    """Take numbers of an absolute value above 1 too."""
    return np.arcsin(widened(x, beyond_one))


@composition(np.emath.arctanh)
def inverse_hyperbolic_tangent(x: Any) -> Any:
    """Take numbers of an absolute value above 1 too."""
    return np.arctanh(widened(x, beyond_one))
