"""Clipping: gradients made shorter where they are too long, so that one steep place does not throw training off."""

import functools
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.nn.settings import positive_number

__all__ = ["clip_by_norm", "clip_by_value"]


def clip_by_value(gradients: Any, limit: float) -> Any:
    """Bring every element of gradients into the interval from ``-limit`` to ``limit``.

    Parameters
    ----------
    gradients : array, Tensor, or nest of them
        Such as ``{name: p.grad for ...}`` or what ``mg.grad`` returns. None stays None, and a NaN stays NaN.
    limit : float
        Positive and finite.

    Returns
    -------
    array, Tensor, or nest of them
        Of the form, shapes and dtypes of `gradients`, which are not written to.

    Raises
    ------
    TypeError, ValueError
        For a limit that is not a positive, finite number.

    Notes
    -----
    The direction changes; `clip_by_norm` keeps it.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.clip_by_value({"W": np.array([[3.0, -4.0]]), "b": np.array([[0.5]])}, 1.0)
    {'W': array([[ 1., -1.]]), 'b': array([[0.5]])}
    """
    limit = positive_number("the limit of clip_by_value", limit)
    return tree.tree_map(lambda g: np.minimum(np.maximum(g, -limit), limit), gradients)


def clip_by_norm(gradients: Any, limit: float) -> Any:
    r"""Scale gradients so that their norm, over all of them together, is at most `limit`.

    Pascanu, Mikolov and Bengio (2013), algorithm 1: :math:`g \leftarrow g \cdot c / \|g\|` where :math:`\|g\| > c`.

    Parameters
    ----------
    gradients : array, Tensor, or nest of them
        Such as ``{name: p.grad for ...}`` or what ``mg.grad`` returns. None stays None.
    limit : float
        Positive and finite.

    Returns
    -------
    array, Tensor, or nest of them
        Of the form, shapes and dtypes of `gradients`, which are not written to. Gradients that are short enough have
        the same bits. With a NaN or an infinity among them all become NaN, since there is no right length then.

    Raises
    ------
    TypeError, ValueError
        For a limit that is not a positive, finite number.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.clip_by_norm({"W": np.array([[3.0, 0.0]]), "b": np.array([[4.0]])}, 1.0)
    {'W': array([[0.6, 0. ]]), 'b': array([[0.8]])}
    """
    limit = positive_number("the limit of clip_by_norm", limit)
    arrays = [g for g in tree.leaves(gradients) if np.size(g)]
    if not arrays:
        return gradients
    norm = norm_of(arrays)
    factor = limit / np.maximum(norm, limit)
    return tree.tree_map(lambda g: g * factor.astype(g.dtype) if hasattr(g, "dtype") else g * factor, gradients)


def norm_of(arrays: list[Any]) -> Any:
    """Compute the root of the sum of all squares, where these may be too large or too small, and the root is not."""
    largest = functools.reduce(np.maximum, [np.max(np.absolute(g)) for g in arrays])
    scale = np.maximum(largest, float(np.finfo(largest.dtype).tiny))
    scaled = [g / scale for g in arrays]
    return scale * np.sqrt(functools.reduce(np.add, [np.sum(g * g) for g in scaled]))
