"""Snapshots: a callback of `fit` that remembers what a model was like on its way."""

from collections.abc import Mapping
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.callbacks import Training
from micrograd_nd.nn.history import History
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import check_count

__all__ = ["Snapshots"]

State = dict[str, NDArray[Any]]


class Snapshots:
    """A callback of `fit` that copies the parameters and buffers every so many epochs, to be shown afterwards.

    The first are those before training, the last those after the last epoch, also where it is none of every so many.
    When there are more than `limit`, every second is forgotten, and `every` doubles: memory stays below ``limit + 2``
    times that of the parameters and buffers, however long the run.

    Parameters
    ----------
    every : int
        How many epochs lie between two.
    limit : int
        How many there may be, besides the last; at least 2.

    Attributes
    ----------
    epochs : list of int
        When each was taken, 0 for before training.
    states : list of dict of str to ndarray
        What `Module.state_dict` gave then.
    model : Module or None
        What was trained.
    history : History or None
        Of the run.

    Raises
    ------
    TypeError, ValueError
        For numbers that count nothing.

    Examples
    --------
    >>> from micrograd_nd import nn, viz
    >>> frames = viz.Snapshots(every=10)
    >>> X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 0, 1, 1]])
    >>> settings = {"epochs": 25, "learning_rate": 0.5, "seed": 0, "progress": False}
    >>> history = nn.fit(nn.LogisticRegression(1), X, Y, callbacks=[frames], **settings)
    >>> frames.epochs, frames.states[0]["layers.0.W"]
    ([0, 10, 20, 25], array([[0.]]))
    """

    def __init__(self, every: int = 1, *, limit: int = 200) -> None:
        check_count("every", every)
        check_count("limit", limit)
        if limit < 2:
            raise ValueError(f"limit must be at least 2, for the first and the last; got {limit}")
        self.asked = int(every)
        self.limit = int(limit)
        self.model: Module | None = None
        self.history: History | None = None
        self.forget()

    def forget(self) -> None:
        """Know of no epoch."""
        self.every = self.asked
        self.epochs: list[int] = []
        self.states: list[State] = []
        self.latest: tuple[int, State] | None = None

    def start(self, training: Training) -> None:
        """Forget another run, and take what is there before training."""
        self.forget()
        self.model, self.history = training.model, training.history
        self.record(0, training.model.state_dict())

    def __call__(self, training: Training) -> None:
        """Take what is there after an epoch."""
        self.record(training.epoch, training.model.state_dict())

    def record(self, epoch: int, state: State) -> None:
        """Keep a state if it is the first or its turn has come, and make room if there are too many."""
        self.latest = epoch, state
        if self.epochs and epoch % self.every:
            return
        self.add(epoch, state)
        while len(self.epochs) > self.limit:
            self.every *= 2
            kept = [i for i, epoch in enumerate(self.epochs) if i == 0 or epoch % self.every == 0]
            self.epochs, self.states = [self.epochs[i] for i in kept], [self.states[i] for i in kept]

    def add(self, epoch: int, state: State) -> None:
        """Add a snapshot."""
        self.epochs.append(epoch)
        self.states.append(state)

    def finish(self, training: Training) -> None:
        """Add the last epoch, if it was none of every so many."""
        if self.latest is not None and self.latest[0] != self.epochs[-1]:
            self.add(*self.latest)

    def checked(self) -> Self:
        """Refuse to be shown before there is anything to show."""
        if not self.states:
            raise ValueError("there are no snapshots yet: pass them to a run first, nn.fit(..., callbacks=[snapshots])")
        return self

    def state_dict(self) -> dict[str, Any]:
        """Copy what was taken so far, for a `Checkpoint`.

        Returns
        -------
        dict of str to array or number
        """
        if self.latest is None:
            return {}
        unlisted = [self.latest] if self.latest[0] != self.epochs[-1] else []
        taken = [*zip(self.epochs, self.states, strict=True), *unlisted]
        stacks = {f"states.{name}": np.stack([state[name] for _, state in taken]) for name in self.states[0]}
        return {"every": self.every, "epochs": np.array([epoch for epoch, _ in taken], dtype=np.int64), **stacks}

    def resume(self, training: Training, state: Mapping[str, Any] | None) -> None:
        """Go on from what `state_dict` gave; where there is nothing, from the last epoch alone.

        Raises
        ------
        ValueError
            For the state of another model, or what is none.
        """
        self.forget()
        if state is not None:
            self.restore(training, state)
        # A checkpoint is written before or after this callback has seen the same epoch.
        if self.latest is None or self.latest[0] < training.epoch:
            self(training)

    def restore(self, training: Training, state: Mapping[str, Any]) -> None:
        """Check a state, and take it."""
        epochs: Any = state.get("epochs")
        every = state.get("every")
        own = training.model.state_dict()
        stacks: dict[str, Any] = {name: state.get(f"states.{name}") for name in own}
        if not is_rising(epochs, training.epoch) or type(every) is not int or every < 1:
            raise ValueError("what it says of the snapshots is malformed")
        for name, x in own.items():
            stack = stacks[name]
            if not isinstance(stack, np.ndarray) or stack.dtype != x.dtype or stack.shape != (len(epochs), *x.shape):
                raise ValueError(f"its snapshots of {name} are not of this model, where that is {x.dtype}, {x.shape}")
        self.every = every
        for i, epoch in enumerate(epochs):
            self.record(int(epoch), {name: np.array(stacks[name][i]) for name in own})


def is_rising(epochs: Any, last: int) -> bool:
    """Tell a series of epochs, up to the last that there was."""
    if not isinstance(epochs, np.ndarray) or epochs.ndim != 1 or epochs.dtype.kind != "i" or not len(epochs):
        return False
    return bool((np.diff(epochs) > 0).all() and epochs[0] >= 0 and epochs[-1] <= last)
