"""AdaGrad and RMSProp: steps in units of the length of the gradients so far, each element by itself."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from micrograd_nd.nn.elementwise_optimizer import ElementwiseOptimizer
from micrograd_nd.nn.optimizers import decayed
from micrograd_nd.nn.parameter_groups import Parameters

__all__ = ["AdaGrad", "RMSProp"]


class AdaGrad(ElementwiseOptimizer):
    r"""Steps that are the shorter, element by element, the longer all gradients so far were together.

    Duchi, Hazan and Singer (2011), in the diagonal form:

    .. math:: s \leftarrow s + dp^2, \qquad p \leftarrow p - \alpha \frac{dp}{\sqrt{s} + \epsilon}

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        As for `SGD`; groups may have their own ``learning_rate``, ``epsilon`` and ``weight_decay``.
    learning_rate : float, optional
        Positive and finite; as for `SGD`. The length of the first step in every element.
    epsilon : float
        Positive: what keeps the quotient finite where all gradients were zero.
    weight_decay, clip_value, clip_norm : float
        As for `SGD`.

    Raises
    ------
    TypeError, ValueError
        As `SGD`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> w = mg.Tensor([4.0, -1.0])
    >>> optimizer = nn.AdaGrad([w], learning_rate=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([ 3.5, -0.5], shape=(2,))
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None = None,
        *,
        epsilon: float = 1e-10,
        weight_decay: float = 0.0,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, learning_rate, clip_value, clip_norm, epsilon=epsilon, weight_decay=weight_decay)

    def kinds(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Remember the sum of squares."""
        return ("squares",)

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Go against the gradient, divided by its length so far."""
        gradient = decayed(p, gradient, settings)
        squares = memory["squares"] + gradient * gradient
        return p - numbers * (gradient / (np.sqrt(squares) + settings["epsilon"])), {"squares": squares}


class RMSProp(ElementwiseOptimizer):
    r"""Steps in units of the root of the mean square of recent gradients, element by element.

    Tieleman and Hinton (2012), lecture 6.5:

    .. math:: s \leftarrow \beta s + (1 - \beta) \, dp^2, \qquad p \leftarrow p - \alpha \frac{dp}{\sqrt{s} + \epsilon}

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        As for `SGD`; groups may have their own ``learning_rate``, ``beta``, ``epsilon`` and ``weight_decay``.
    learning_rate : float, optional
        Positive and finite; as for `SGD`. About the length of a step in every element.
    beta : float
        From 0 to below 1: a mean of about the last :math:`1 / (1 - \beta)` squares. By default that of the lecture;
        PyTorch's, there called alpha, is 0.99.
    epsilon : float
        Positive: what keeps the quotient finite where gradients are zero.
    weight_decay, clip_value, clip_norm : float
        As for `SGD`.

    Raises
    ------
    TypeError, ValueError
        As `SGD`.

    Notes
    -----
    What is remembered, as ``"squares"``, is :math:`s / (1 - \beta)`: that takes one operation less a step.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> w = mg.Tensor([4.0, -2.0])
    >>> optimizer = nn.RMSProp([w], learning_rate=0.5, beta=0.75)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([ 3., -1.], shape=(2,))
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None = None,
        *,
        beta: float = 0.9,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(
            parameters, learning_rate, clip_value, clip_norm, beta=beta, epsilon=epsilon, weight_decay=weight_decay
        )

    def kinds(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Remember the sum of squares, which forgets."""
        return ("squares",)

    def numbers(self, rate: Any, steps: Any, settings: Mapping[str, Any]) -> Any:
        """Divide by the factor that makes the sum a mean, what stands around its root."""
        root = (1 - settings["beta"]) ** 0.5
        return rate / root, settings["epsilon"] / root

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Go against the gradient, divided by its recent length."""
        gradient, (length, epsilon) = decayed(p, gradient, settings), numbers
        squares = settings["beta"] * memory["squares"] + gradient * gradient
        return p - length * (gradient / (np.sqrt(squares) + epsilon)), {"squares": squares}
