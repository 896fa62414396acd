"""Schedules: how the learning rate changes from epoch to epoch.

A schedule is any callable from an epoch to a rate. Epochs count from 0, and those here also take what lies between
two of them, such as 2.5.
"""

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, floor, pi
from typing import Any

from micrograd_nd.nn.settings import checked_rate, finite_number, nonnegative_number, positive_number

__all__ = [
    "ConstantRate",
    "CosineDecay",
    "ExponentialDecay",
    "InverseTimeDecay",
    "Schedule",
    "StepDecay",
    "Warmup",
    "rates",
]

Schedule = Callable[[float], float]


@dataclass(frozen=True)
class ConstantRate:
    """The same rate in every epoch.

    Parameters
    ----------
    rate : float
        Positive and finite.

    Raises
    ------
    TypeError, ValueError
        For what is no rate.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.Warmup(2, nn.ConstantRate(0.1))(5)
    0.1
    """

    rate: float

    def __post_init__(self) -> None:
        keep(self, rate=checked_rate(self.rate))

    def __call__(self, epoch: float) -> float:
        """Give the rate of an epoch."""
        checked_epoch(epoch)
        return self.rate


@dataclass(frozen=True)
class StepDecay:
    """A rate that is multiplied with a factor every so many epochs, ``rate * factor**(epoch // every)``.

    Parameters
    ----------
    rate : float
        That of epoch 0, positive and finite.
    every : float
        How many epochs have the same rate, positive.
    factor : float
        Positive, and below 1 for a rate that falls.

    Raises
    ------
    TypeError, ValueError
        For numbers out of range.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> schedule = nn.StepDecay(0.8, every=2, factor=0.5)
    >>> [schedule(epoch) for epoch in range(5)]
    [0.8, 0.8, 0.4, 0.4, 0.2]
    """

    rate: float
    every: float
    factor: float = 0.1

    def __post_init__(self) -> None:
        every, factor = positive_number("every", self.every), positive_number("factor", self.factor)
        keep(self, rate=checked_rate(self.rate), every=every if every % 1 else int(every), factor=factor)

    def __call__(self, epoch: float) -> float:
        """Give the rate of an epoch."""
        return self.rate * self.factor ** floor(checked_epoch(epoch) / self.every)


@dataclass(frozen=True)
class ExponentialDecay:
    """A rate that is multiplied with a factor every epoch, ``rate * factor**epoch``.

    Parameters
    ----------
    rate : float
        That of epoch 0, positive and finite.
    factor : float
        Positive, and below 1 for a rate that falls.

    Raises
    ------
    TypeError, ValueError
        For numbers out of range.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> schedule = nn.ExponentialDecay(0.8, factor=0.5)
    >>> [schedule(epoch) for epoch in range(4)]
    [0.8, 0.4, 0.2, 0.1]
    """

    rate: float
    factor: float

    def __post_init__(self) -> None:
        keep(self, rate=checked_rate(self.rate), factor=positive_number("factor", self.factor))

    def __call__(self, epoch: float) -> float:
        """Give the rate of an epoch."""
        return float(self.rate * self.factor ** checked_epoch(epoch))


@dataclass(frozen=True)
class InverseTimeDecay:
    """The course's schedule, ``rate / (1 + decay_rate * epoch)``.

    Parameters
    ----------
    rate : float
        That of epoch 0, positive and finite.
    decay_rate : float
        Not negative.

    Raises
    ------
    TypeError, ValueError
        For numbers out of range.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> schedule = nn.InverseTimeDecay(0.2, decay_rate=1)
    >>> [round(schedule(epoch), 3) for epoch in range(4)]
    [0.2, 0.1, 0.067, 0.05]
    """

    rate: float
    decay_rate: float

    def __post_init__(self) -> None:
        keep(self, rate=checked_rate(self.rate), decay_rate=nonnegative_number("decay_rate", self.decay_rate))

    def __call__(self, epoch: float) -> float:
        """Give the rate of an epoch."""
        return self.rate / (1 + self.decay_rate * checked_epoch(epoch))


@dataclass(frozen=True)
class CosineDecay:
    r"""A rate that falls along half a period of the cosine, and stays at its lowest after.

    Loshchilov and Hutter (2017), equation 5, without restarts:

    .. math:: \alpha = \alpha_{min} + \frac12 (\alpha_0 - \alpha_{min}) (1 + \cos(\pi \cdot epoch / epochs))

    Parameters
    ----------
    rate : float
        That of epoch 0, positive and finite.
    epochs : float
        How many it takes to the lowest, positive.
    lowest : float
        From 0 to `rate`. It is reached in epoch number `epochs`, one after the last of a run of so many.

    Raises
    ------
    TypeError, ValueError
        For numbers out of range.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> schedule = nn.CosineDecay(0.2, epochs=4)
    >>> [round(schedule(epoch), 3) for epoch in range(5)]
    [0.2, 0.171, 0.1, 0.029, 0.0]
    """

    rate: float
    epochs: float
    lowest: float = 0.0

    def __post_init__(self) -> None:
        epochs = positive_number("epochs", self.epochs)
        lowest, rate = nonnegative_number("lowest", self.lowest), checked_rate(self.rate)
        if lowest > rate:
            raise ValueError(f"the lowest rate must not be above the first, {rate}; got {self.lowest}")
        keep(self, rate=rate, epochs=epochs if epochs % 1 else int(epochs), lowest=lowest)

    def __call__(self, epoch: float) -> float:
        """Give the rate of an epoch."""
        done = min(checked_epoch(epoch) / self.epochs, 1.0)
        return self.lowest + 0.5 * (self.rate - self.lowest) * (1 + cos(pi * done))


@dataclass(frozen=True)
class Warmup:
    """A rate that rises linearly to where another schedule begins, and then follows it.

    Goyal et al. (2017), section 2.2.

    Parameters
    ----------
    epochs : float
        How many it takes, positive. In epoch number `epochs` the other schedule has its epoch 0.
    then : callable
        The other schedule, such as `CosineDecay`.
    start : float
        The rate of epoch 0, as a fraction of the first of `then`: above 0 and up to 1.

    Raises
    ------
    TypeError, ValueError
        For numbers out of range, and for a schedule that is none.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> schedule = nn.Warmup(2, nn.ExponentialDecay(0.8, factor=0.5), start=0.5)
    >>> [round(schedule(epoch), 3) for epoch in range(5)]
    [0.4, 0.6, 0.8, 0.4, 0.2]
    >>> schedule
    Warmup(epochs=2, then=ExponentialDecay(rate=0.8, factor=0.5), start=0.5)
    """

    epochs: float
    then: Schedule
    start: float = 0.1

    def __post_init__(self) -> None:
        epochs, start = positive_number("epochs", self.epochs), positive_number("start", self.start)
        if not callable(self.then):
            raise TypeError(f"then must be a schedule, such as nn.ConstantRate(0.1); got {self.then!r}")
        if start > 1:
            raise ValueError(f"start is a fraction of the rate to reach, at most 1; got {self.start}")
        keep(self, epochs=epochs if epochs % 1 else int(epochs), start=start)

    def __call__(self, epoch: float) -> float:
        """Give the rate of an epoch."""
        done = checked_epoch(epoch) / self.epochs
        if done >= 1:
            return self.then(epoch - self.epochs)
        return self.then(0) * (self.start + (1 - self.start) * done)


def keep(schedule: Any, **values: Any) -> None:
    """Set what was checked, in a dataclass that nobody else may change."""
    for name, value in values.items():
        object.__setattr__(schedule, name, value)


def checked_epoch(epoch: Any) -> float:
    """Refuse what is no epoch."""
    return nonnegative_number("an epoch", epoch)


def rates(learning_rate: float | Schedule, epochs: int) -> list[float]:
    """Give the learning rate of every epoch of a run.

    Parameters
    ----------
    learning_rate : float or callable
        A rate, or a schedule.
    epochs : int

    Returns
    -------
    list of float

    Raises
    ------
    TypeError, ValueError
        For what is no learning rate; of a schedule, the message says in which epoch.
    """
    if isinstance(learning_rate, type):
        name = learning_rate.__name__
        raise TypeError(f"a schedule is an object, not its class: write {name}(...), not {name}")
    if not callable(learning_rate):
        return [checked_rate(learning_rate)] * epochs
    found = []
    for epoch in range(epochs):
        rate = finite_number(f"the learning rate that {learning_rate!r} gives for epoch {epoch}", learning_rate(epoch))
        if rate <= 0:
            raise ValueError(
                f"the learning rate that {learning_rate!r} gives for epoch {epoch} must be positive; got {rate}. "
                f"Epochs count from 0, and this run has {epochs}"
            )
        found.append(rate)
    return found
