"""Optimisers: what `fit` needs of them, and those that go against the gradient, with or without momentum."""

from collections.abc import Mapping
from typing import Any, Protocol

from micrograd_nd.nn.elementwise_optimizer import ElementwiseOptimizer
from micrograd_nd.nn.parameter_groups import Parameters

__all__ = ["SGD", "Momentum", "Optimizer", "decayed"]


class Optimizer(Protocol):
    """What `fit` needs of an optimiser.

    It can be part of a compiled step if it also has a list ``parameters``, a number ``learning_rate``, and, as `SGD`,

    - ``slots(parameters)``, what it remembers at the time, since the first step is not compiled;
    - ``updated(parameters, gradients, slots, learning_rate)``, the parameters and what is remembered after a step.
      Dicts by name hold the parameters in the order of the list; one that the cost does not reach has no gradient.

    With ``remember(slots, parameters)`` it is told in the end what it remembers then, and by ``forget()`` that a run
    diverged.

    With ``state_dict()`` and ``load_state_dict()`` a run can be gone on with from a checkpoint; with ``settings()``, a
    dict of numbers and texts by name such as ``{"momentum": 0.9}``, only where they are the same.
    """

    def zero_grad(self) -> None:
        """Forget the gradients."""

    def step(self) -> None:
        """Move the parameters."""


class SGD(ElementwiseOptimizer):
    r"""Gradient descent, ``p = p - learning_rate * dJ/dp``, stochastic where J is the cost of a mini-batch.

    With momentum (Polyak 1964) it goes along :math:`v \leftarrow \mu v + dp` in place of the gradient dp, as in
    PyTorch; with Nesterov's (1983), in the form of Sutskever, Martens, Dahl and Hinton (2013), along
    :math:`dp + \mu v`. The course's momentum, a mean of gradients, is `Momentum`.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        What to optimise, such as ``model.parameters()``. Or groups with settings of their own, each a dict with
        ``"parameters"`` and any of ``learning_rate``, ``momentum``, ``nesterov`` and ``weight_decay``; what it leaves
        out is as for all.
    learning_rate : float, optional
        Positive and finite. It can be left out where each group has one, and is that of the first then.
    momentum : float
        The :math:`\mu` above, from 0 to below 1.
    nesterov : bool
        Needs momentum.
    weight_decay : float
        Adds ``weight_decay * p`` to the gradient, the gradient of :math:`\frac{\lambda}{2} \|p\|^2`. Of all parameters,
        as in PyTorch; a group with ``"weight_decay": 0`` leaves out its own, such as biases.
    clip_value, clip_norm : float, optional
        The gradients of all parameters are first given to `clip_by_value`, then to `clip_by_norm`, with these limits.

    Raises
    ------
    TypeError
        For anything among the parameters that has no gradient, or a setting of the wrong kind.
    ValueError
        For no parameters, one that stands twice, and settings that are unknown or out of range.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> w = mg.Tensor([4.0])
    >>> sgd = nn.SGD([w], learning_rate=0.25)
    >>> for _ in range(3):
    ...     sgd.zero_grad()
    ...     (w * w).sum().backward()
    ...     sgd.step()
    >>> w
    Tensor([0.5], shape=(1,))

    Weight decay of the weights alone:

    >>> layer = nn.Linear(2, 1, seed=0)
    >>> groups = [{"parameters": [layer.W]}, {"parameters": [layer.b], "weight_decay": 0}]
    >>> sgd = nn.SGD(groups, learning_rate=0.1, momentum=0.9, weight_decay=1e-4)
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None = None,
        *,
        momentum: float = 0.0,
        nesterov: bool = False,
        weight_decay: float = 0.0,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(
            parameters,
            learning_rate,
            clip_value,
            clip_norm,
            momentum=momentum,
            nesterov=nesterov,
            weight_decay=weight_decay,
        )
        for group in self.groups:
            if group.settings["nesterov"] and not group.settings["momentum"]:
                raise ValueError("nesterov needs a momentum above 0, such as momentum=0.9")

    def kinds(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Remember a velocity, if there is momentum."""
        return ("velocity",) if settings["momentum"] else ()

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Go against the gradient, or along with the velocity."""
        gradient, momentum = decayed(p, gradient, settings), settings["momentum"]
        if not momentum:
            return p - numbers * gradient, {}
        velocity = momentum * memory["velocity"] + gradient
        step = gradient + momentum * velocity if settings["nesterov"] else velocity
        return p - numbers * step, {"velocity": velocity}


class Momentum(ElementwiseOptimizer):
    r"""Gradient descent along a mean of gradients, which forgets: the momentum of the course.

    .. math:: v \leftarrow \beta v + (1 - \beta) \, dp, \qquad p \leftarrow p - \alpha v

    It moves as ``SGD(momentum=beta)`` does with the learning rate :math:`(1 - \beta) \alpha`: there the velocity is a
    sum of gradients, about :math:`1 / (1 - \beta)` times as long. A learning rate that suits `SGD` suits `Momentum`
    too. The mean starts at zero, so that first steps are short; `Adam` corrects that.

    Parameters
    ----------
    parameters : iterable of Tensor, or of dict
        As for `SGD`; groups may have their own ``learning_rate``, ``beta`` and ``weight_decay``.
    learning_rate : float, optional
        Positive and finite; as for `SGD`.
    beta : float
        From 0 to below 1: a mean of about the last :math:`1 / (1 - \beta)` gradients.
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
    >>> w = mg.Tensor([4.0])
    >>> optimizer = nn.Momentum([w], learning_rate=0.5, beta=0.5)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (w * w).sum().backward()
    ...     optimizer.step()
    >>> w
    Tensor([0.], shape=(1,))
    """

    def __init__(
        self,
        parameters: Parameters,
        learning_rate: float | None = None,
        *,
        beta: float = 0.9,
        weight_decay: float = 0.0,
        clip_value: float | None = None,
        clip_norm: float | None = None,
    ) -> None:
        super().__init__(parameters, learning_rate, clip_value, clip_norm, beta=beta, weight_decay=weight_decay)

    def kinds(self, settings: Mapping[str, Any]) -> tuple[str, ...]:
        """Remember the mean."""
        return ("mean",)

    def formula(
        self, p: Any, gradient: Any, memory: Mapping[str, Any], numbers: Any, settings: Mapping[str, Any]
    ) -> tuple[Any, dict[str, Any]]:
        """Go against the mean."""
        beta = settings["beta"]
        mean = beta * memory["mean"] + (1 - beta) * decayed(p, gradient, settings)
        return p - numbers * mean, {"mean": mean}


def decayed(p: Any, gradient: Any, settings: Mapping[str, Any]) -> Any:
    """Add the gradient of the penalty on long parameters."""
    return gradient + settings["weight_decay"] * p if settings["weight_decay"] else gradient
