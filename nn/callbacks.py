"""Callbacks: what is called after every epoch of a run, and what it sees of the run.

This file knows nothing of particular callbacks.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from micrograd_nd.nn.history import History
from micrograd_nd.nn.module import Module

__all__ = ["Callback", "Training", "checked_callbacks", "observed"]

Callback = Callable[["Training"], Any]


@dataclass(repr=False)
class Training:
    """A run of `fit`, as its callbacks see it.

    A callback is a function that `fit` calls with this after every epoch; what it returns is ignored, and an error of
    it ends the run and passes through. It may be an object that has also any of these methods:

    - ``start(training)`` is called before the first epoch, when nothing has been changed yet;
    - ``stopped(training)`` when a callback has ended the run, after all have seen the last epoch;
    - ``finish(training)`` when the run has ended in any way, once the model has its last values;
    - ``state_dict()`` gives what `Checkpoint` is to write of it, a dict of arrays and numbers;
    - ``resume(training, state)`` is called by a run that goes on from a file, with what ``state_dict`` gave, or None
      where the file has nothing of it.

    A class with ``only_looks = True`` says that it leaves the model as it is, which need not be looked through then;
    one with ``reads_model = False`` looks at the history alone, and the model is not even given its values for it.

    Attributes
    ----------
    model : Module
        With the values after this epoch. They may be set, ``layer.W.data = values``, and ``model.eval()`` called: the
        next epoch puts the model back into training. A run does not go on with other parameters than it began with.
    optimizer : Optimizer
        A `learning_rate` that is set here holds from the next epoch on, where no schedule sets another.
    history : History
        Of the epochs so far, this one included.
    epochs : int
        How many the run was asked for.
    epoch : int
        The number of this epoch, from 1; 0 in ``start``.
    series : tuple of str
        The names of the series that the history will have, such as ``"cost"`` and ``"validation cost"``.
    callbacks : tuple
        All that are called.
    batches
        What the batches come from.
    settings : dict
        What another run must have in common with this one to go on from it.
    failed : bool
        Whether the run was ended by an error, an interrupt from the keyboard apart.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> def good_enough(training):
    ...     if training.history.cost[-1] < 0.5:
    ...         training.stop("the cost is below 0.5")
    >>> model = nn.LogisticRegression(1)
    >>> X, Y = [[-2.0, -1.0, 1.0, 2.0]], [[0, 0, 1, 1]]
    >>> settings = {"epochs": 100, "learning_rate": 0.5, "seed": 0, "progress": False}
    >>> history = nn.fit(model, X, Y, callbacks=[good_enough], **settings)
    >>> len(history), history.stopped
    (2, 'the cost is below 0.5')
    """

    model: Module
    optimizer: Any
    history: History
    epochs: int
    series: tuple[str, ...] = ()
    callbacks: tuple[Callback, ...] = ()
    batches: Any = None
    settings: dict[str, Any] = field(default_factory=dict)
    epoch: int = 0
    failed: bool = False

    def stop(self, reason: str) -> None:
        """End the run after this epoch.

        Parameters
        ----------
        reason : str
            What ``history.stopped`` will say. Of several, the first counts.

        Raises
        ------
        TypeError, ValueError
            For what is no text, or empty.
        """
        if not isinstance(reason, str):
            raise TypeError(f"stop needs the reason, a str; got {reason!r}")
        if not reason:
            raise ValueError("stop needs a reason, such as 'the cost is below 0.5'; got ''")
        self.history.stopped = self.history.stopped or reason

    def begin(self) -> None:
        """Let callbacks find out what would go wrong."""
        for callback in self.callbacks:
            if hasattr(callback, "start"):
                callback.start(self)

    def reads_model(self) -> bool:
        """Tell whether a callback may look at the model, or at the optimiser."""
        return any(getattr(callback, "reads_model", True) for callback in self.callbacks)

    def ended(self, epoch: int) -> None:
        """Call the callbacks after an epoch."""
        self.epoch = epoch
        for callback in self.callbacks:
            callback(self)
        if self.history.stopped:
            for callback in self.callbacks:
                if hasattr(callback, "stopped"):
                    callback.stopped(self)

    def __repr__(self) -> str:
        return f"Training(epoch {self.epoch} of {self.epochs}, {type(self.model).__name__}, {self.history})"


def checked_callbacks(callbacks: Any) -> tuple[Callback, ...]:
    """Refuse what cannot be called with a run."""
    if callable(callbacks) or isinstance(callbacks, str) or not isinstance(callbacks, Iterable):
        raise TypeError(f"callbacks must be a list, such as [nn.EarlyStopping()]; got {callbacks!r}")
    found = tuple(callbacks)
    for callback in found:
        if isinstance(callback, type):
            raise TypeError(
                f"a callback is a function or an object, and {callback.__name__} is a class: make one of it"
            )
        if not callable(callback):
            raise TypeError(f"a callback must be a function of the running nn.Training; got {callback!r}")
    return found


@contextmanager
def observed(run: Training) -> Iterator[None]:
    """Let callbacks know of the end of a run, each of them, whatever the others do."""
    try:
        yield
    except BaseException:
        run.failed = True
        raise
    finally:
        finish(run, [callback for callback in run.callbacks if hasattr(callback, "finish")])


def finish(run: Training, callbacks: list[Any]) -> None:
    """Call the methods that are called in the end."""
    if not callbacks:
        return
    try:
        callbacks[0].finish(run)
    except KeyboardInterrupt:
        run.history.interrupted = True
    finally:
        finish(run, callbacks[1:])
