"""Penalties on weights, L2 and L1: regularisation, which keeps a model from fitting what is accidental."""

import re
from collections.abc import Callable, Sequence
from functools import reduce
from operator import add
from typing import Any

import numpy as np

from micrograd_nd import Tensor
from micrograd_nd.nn.module import Module, check_model
from micrograd_nd.nn.settings import finite_number

__all__ = ["l1", "l2", "training_penalty"]


def l2(model: Module, strength: float, *, biases: bool = False) -> Tensor:
    r"""L2 penalty, :math:`\frac{\lambda}{2} \sum_W \lVert W \rVert_F^2` over the weights of a model.

    The course's regularised cost, :math:`J + \frac{\lambda}{2m} \sum \lVert W \rVert_F^2`, is that of
    ``strength=lambda_ / m``; ``nn.fit(..., l2=lambda_)`` adds it by itself.

    Parameters
    ----------
    model : Module
    strength : float
        What :math:`\lambda` is; finite, not negative.
    biases : bool
        Include the other parameters, too. They are told by the names of their attributes, or keys of dicts: ``b``,
        also with a small letter (``bf``), ``bias``, ``biases``, and normalisation's ``beta`` and ``gamma``, all also
        with a number (``b2``) or more after an underscore (``b_out``). In a list, the name of the list counts.

    Returns
    -------
    Tensor
        0-d. Its derivative with respect to each weight is ``strength * W``.

    Raises
    ------
    TypeError, ValueError
        For another strength, and a model with nothing to penalise.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.LogisticRegression(2)
    >>> model.layers[0].W.data = [[3.0, 4.0]]
    >>> nn.l2(model, 0.1).item()
    1.25
    """
    return half_squares(penalised(model, biases), checked_strength(strength, "the strength"))


def l1(model: Module, strength: float, *, biases: bool = False) -> Tensor:
    r"""L1 penalty, :math:`\lambda \sum_W \sum_{jk} |W_{jk}|` over the weights of a model, which drives many to zero.

    Parameters
    ----------
    model : Module
    strength : float
        What :math:`\lambda` is; finite, not negative. ``nn.fit(..., l1=lambda_)`` adds that of ``lambda_ / m``.
    biases : bool
        As for `l2`.

    Returns
    -------
    Tensor
        0-d. Its derivative is taken to be 0 at weights of exactly 0.

    Raises
    ------
    TypeError, ValueError
        As from `l2`.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.LogisticRegression(2)
    >>> model.layers[0].W.data = [[3.0, -4.0]]
    >>> nn.l1(model, 0.5).item()
    3.5
    """
    return magnitudes(penalised(model, biases), checked_strength(strength, "the strength"))


def training_penalty(model: Module, l2: Any, l1: Any, m: int) -> Callable[[], Tensor] | None:
    """Make what `fit` adds to its cost: a penalty of the parameters as they are at every call; None for none.

    Parameters
    ----------
    model : Module
    l2, l1 : float
        The lambda of each, before they are divided by m.
    m : int
        How many samples are trained on.

    Raises
    ------
    TypeError, ValueError
        As from `l2`.
    """
    squared, absolute = checked_strength(l2, "l2") / m, checked_strength(l1, "l1") / m
    if not squared and not absolute:
        return None
    weights = penalised(model, biases=False)
    if not absolute:
        return lambda: half_squares(weights, squared)
    if not squared:
        return lambda: magnitudes(weights, absolute)
    return lambda: half_squares(weights, squared) + magnitudes(weights, absolute)


def half_squares(weights: Sequence[Tensor], strength: float) -> Tensor:
    """Add up all squares."""
    squares: Tensor = reduce(add, [np.sum(np.square(W)) for W in weights])
    return strength / 2 * squares


def magnitudes(weights: Sequence[Tensor], strength: float) -> Tensor:
    """Add up all magnitudes."""
    sizes: Tensor = reduce(add, [np.sum(np.abs(W)) for W in weights])
    return strength * sizes


def penalised(model: Module, biases: bool) -> list[Tensor]:
    """List the parameters that are to be kept small."""
    check_model(model)
    named = model.named_parameters()
    chosen = [parameter for path, parameter in named if biases or not is_bias(path)]
    if not chosen:
        names = ", ".join(path for path, _ in named) or "none"
        raise ValueError(
            f"{type(model).__name__} has no weights to penalise: its parameters are {names}, and names such as b, "
            "bias, beta and gamma are those of biases and normalisation, which biases=True of nn.l2 includes"
        )
    return chosen


def is_bias(path: str) -> bool:
    """Tell parameters that are no weights by the name that leads to them."""
    name = next((part for part in reversed(path.split(".")) if not part.isdecimal()), "")
    return re.fullmatch(r"(b[a-z]?|bias|biases|beta|gamma)(\d+|_\w*)?", name) is not None


def checked_strength(strength: Any, name: str) -> float:
    """Refuse what is no strength of a penalty."""
    value = finite_number(name, strength)
    if value < 0:
        raise ValueError(f"{name} of a penalty must not be negative; got {value}")
    return value
