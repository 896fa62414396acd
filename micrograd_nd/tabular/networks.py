"""The network that the settings of a run describe, and what trains it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from micrograd_nd import nn
from micrograd_nd.nn.sklearn_settings import named_optimizer
from micrograd_nd.tabular.cells import Numbers
from micrograd_nd.tabular.errors import TableError
from micrograd_nd.tabular.settings import RATES, TrainSettings
from micrograd_nd.tabular.targets import NumberTarget, Target

__all__ = ["Fit", "new_network", "trained"]


@dataclass(frozen=True)
class Fit:
    """How a training went.

    Attributes
    ----------
    history : History
    best_epoch : int or None
        The epoch that the network went back to, where it stopped early or might have.
    """

    history: nn.History
    best_epoch: int | None


def new_network(settings: TrainSettings, n_x: int, target: Target, rng: np.random.Generator) -> nn.Sequential:
    """Make a network with weights to begin with.

    Parameters
    ----------
    settings : TrainSettings
    n_x : int
        How many rows X has.
    target : Target
    rng : numpy.random.Generator
        What weights, and units to leave out, are drawn from.

    Raises
    ------
    TableError
        If it is too large for memory.
    """
    sizes = [n_x, *settings.layers, target.n_y]
    try:
        network = nn.MLP(sizes, hidden=settings.activation, output=target.output, seed=rng)
    except (MemoryError, OverflowError, ValueError) as error:  # NumPy refuses some sizes otherwise than for memory
        raise TableError(f"a network of {'-'.join(map(str, sizes))} units is too large: {error}") from None
    if not settings.dropout or not settings.layers:
        return network
    layers: list[nn.Module] = []
    for l in range(len(settings.layers)):
        layers += [*network.layers[2 * l : 2 * l + 2], nn.Dropout(keep_prob=1 - settings.dropout, seed=rng)]
    return nn.Sequential(*layers, *network.layers[-2:])


def trained(
    network: nn.Sequential,
    settings: TrainSettings,
    target: Target,
    training: tuple[Numbers, Any],
    watched: tuple[Numbers, Any] | None,
    rng: np.random.Generator,
) -> Fit:
    """Train a network in place.

    Parameters
    ----------
    network : Sequential
    settings : TrainSettings
    target : Target
    training : (X, Y)
        Y as in the table.
    watched : (X, Y) or None
        Rows that are not trained on, by which to stop early if that was asked for.
    rng : numpy.random.Generator
        What the order of samples is drawn from.

    Raises
    ------
    FloatingPointError
        When the cost stops being finite.
    KeyboardInterrupt
        When the run is interrupted from the keyboard before an epoch was complete; later, the history says so.
    """
    stopping = nn.EarlyStopping(settings.early_stopping) if settings.early_stopping else None
    history = nn.fit(
        network,
        *prepared(target, training),
        epochs=settings.epochs,
        batch_size=settings.batch_size,
        learning_rate=rate(settings),
        optimizer=optimizer(settings),
        l2=settings.l2,
        validation=None if watched is None else prepared(target, watched),
        callbacks=[] if stopping is None else [stopping],
        seed=rng,
        progress=not settings.quiet,
    )
    if history.interrupted and not len(history):
        raise KeyboardInterrupt
    return Fit(history, None if stopping is None else stopping.best_epoch)


def prepared(target: Target, samples: tuple[Numbers, Any]) -> tuple[Numbers, Any]:
    """Bring what is to be predicted to what the network predicts."""
    X, Y = samples
    return X, target.standardised(Y) if isinstance(target, NumberTarget) else Y


def rate(settings: TrainSettings) -> float:
    """Choose the learning rate."""
    return RATES[settings.optimizer] if settings.learning_rate is None else settings.learning_rate


def optimizer(settings: TrainSettings) -> Callable[..., Any]:
    """Find the class of the optimiser."""
    return named_optimizer(settings.optimizer)
