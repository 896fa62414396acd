"""Adam and AdamW: steps along a mean of gradients, in units of the root of their mean square."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from micrograd_nd.nn.elementwise_optimizer import ElementwiseOptimizer
from micrograd_nd.nn.optimizers import decayed
from micrograd_nd.nn.parameter_groups import Parameters

__all__ = ["Adam", "AdamW"]


class Adam(ElementwiseOptimizer):
    r"""Steps along a mean of gradients, in units of the root of their mean square, element by element.

    Kingma and Ba (2015), algorithm 1, in step t:

    .. math::
        m &\leftarrow \beta_1 m + (1 - \beta_1) \, dp, &\quad \hat m &= m / (1 - \beta_1^t), \\
        v &\leftarrow \beta_2 v + (1 - \beta_2) \, dp^2, &\quad \hat v &= v / (1 - \beta_2^t), \\
        p &\leftarrow p - \alpha \, \hat m / (\sqrt{\hat v} + \epsilon) &&

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        As for `SGD`; groups may have their own ``learning_rate``, ``beta1``, ``beta2``, ``epsilon`` and
        ``weight_decay``.
    learning_rate : float, optional
        Positive and finite; as for `SGD`. About the length of a step in every element; 0.001 is usual.
    beta1, beta2 : float
        From 0 to below 1: means of about the last :math:`1 / (1 - \beta)` gradients and squares.
    epsilon : float
        Positive: what keeps the quotient finite where gradients are zero.
    weight_decay : float
        As for `SGD`, and so part of both means; that of `AdamW` is not.
    clip_value, clip_norm : float, optional
        As for `SGD`.

    Raises
    ------
    TypeError, ValueError
        As `SGD`.

    Notes
    -----
    What is remembered, as ``"mean"`` and ``"squares"``, is :math:`m / (1 - \beta_1)` and :math:`v / (1 - \beta_2)`:
    that takes two operations less a step. The factors are part of two numbers a step, by the rearrangement at the end
    of section 2 of the paper. The step t is counted for all parameters together, in PyTorch for each by itself: that
    differs where a parameter has no gradient in some steps.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> w = mg.Tensor([4.0, -1.0])
    >>> optimizer = nn.Adam([w], learning_rate=0.5)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([ 3.5, -0.5], shape=(2,))
    """

    counts = True

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None = None,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.0,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(
            parameters,
            learning_rate,
            clip_value,
            clip_norm,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
        )

    def kinds(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Remember both sums, which forget."""
        return ("mean", "squares")

    def numbers(self, rate: Any, steps: Any, settings: Mapping[str, Any]) -> Any:
        """Put together the corrections of both means, and the factors that make means of sums."""
        beta1, beta2 = settings["beta1"], settings["beta2"]
        root = ((1 - beta2) / (1 - beta2**steps)) ** 0.5
        return rate * (1 - beta1) / ((1 - beta1**steps) * root), settings["epsilon"] / root

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Go against the mean, divided by the root of the mean square."""
        gradient, (length, epsilon) = decayed(p, gradient, settings), numbers
        mean = settings["beta1"] * memory["mean"] + gradient
        squares = settings["beta2"] * memory["squares"] + gradient * gradient
        return p - length * (mean / (np.sqrt(squares) + epsilon)), {"mean": mean, "squares": squares}


class AdamW(Adam):
    r"""Adam with weight decay by itself, :math:`p \leftarrow p - \alpha \lambda p`, before the step of `Adam`.

    Loshchilov and Hutter (2019), algorithm 2: parameters with large gradients decay as much as others, where by the
    gradient of a penalty they would decay less. The learning rate :math:`\alpha` multiplies the decay, as in PyTorch.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        As for `Adam`.
    learning_rate : float, optional
        Positive and finite; as for `Adam`.
    beta1, beta2, epsilon : float
        As for `Adam`.
    weight_decay : float
        The :math:`\lambda` above. Of all parameters, as in PyTorch; a group with ``"weight_decay": 0`` leaves out its
        own, such as biases.
    clip_value, clip_norm : float, optional
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
    >>> optimizer = nn.AdamW([w], learning_rate=0.5, weight_decay=0.1)
    >>> (w * w).sum().backward()
    >>> optimizer.step()
    >>> w
    Tensor([ 3.3 , -0.45], shape=(2,))
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None = None,
        *,
        beta1: float = 0.9,
        beta2: float = 0.999,
        epsilon: float = 1e-8,
        weight_decay: float = 0.01,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(
            parameters,
            learning_rate,
            beta1=beta1,
            beta2=beta2,
            epsilon=epsilon,
            weight_decay=weight_decay,
            clip_value=clip_value,
            clip_norm=clip_norm,
        )

    def numbers(self, rate: Any, steps: Any, settings: Mapping[str, Any]) -> Any:
        """Add what is left of a parameter after its decay."""
        return *super().numbers(rate, steps, settings), 1 - rate * settings["weight_decay"]

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Decay, and go on as Adam does."""
        if settings["weight_decay"]:
            p = numbers[2] * p
        return super().formula(p, gradient, memory, numbers[:2], {**settings, "weight_decay": 0.0})
