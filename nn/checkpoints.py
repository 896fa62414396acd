"""Checkpoint: a run writes down all that is needed to go on with it, and another goes on."""

import errno
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.callbacks import Training
from micrograd_nd.nn.checkpoint_files import Snapshot, read_snapshot, write_snapshot
from micrograd_nd.nn.files import explained
from micrograd_nd.nn.generators import checked_state, found_generators, state_of
from micrograd_nd.nn.run_settings import differences, digests_of
from micrograd_nd.nn.settings import check_count

__all__ = ["Checkpoint", "resumed"]

Array = NDArray[Any]
SERIES = ("cost", "metric", "validation_cost", "validation_metric", "learning_rate", "seconds")
SCALARS = (bool, int, float, str, type(None))


class Checkpoint:
    """A callback of `fit` that writes all that is needed to go on: ``nn.fit(..., resume=path)``.

    That is parameters and buffers, what the optimiser remembers, the history, what other callbacks remember, and the
    states of the random generators that the order of the samples and the modules draw from. A run that goes on has the
    bits of one that was not interrupted.

    Parameters
    ----------
    path : path-like
        One file, such as ``"run.checkpoint"``, which is replaced each time, whole: there is always a complete one, even
        where the process is killed while it writes.
    every : int
        After so many epochs, and after the last.

    Raises
    ------
    TypeError, ValueError
        For settings that make no sense; by `fit`, before anything has been changed, for an optimiser without
        ``state_dict`` and ``load_state_dict``, and for random generators whose state cannot be kept.
    OSError
        When the file cannot be written; what was there is still there then.

    Notes
    -----
    Tensors and generators are found in attributes of modules, and in lists, tuples and dicts there. What else a module
    changes while it is trained, such as a counter, is not kept.

    A run that goes on is compared with the one that wrote the file: model and layers with their settings, optimiser
    with those that its ``settings()`` tells, the rates of a schedule, cost, penalties, batch size, and checksums of
    samples, labels and weights that are held in memory. What is inside of functions of your own is not seen.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from micrograd_nd import nn
    >>> X, Y = [[-2.0, -1.0, 1.0, 2.0]], [[0, 0, 1, 1]]
    >>> settings = {"learning_rate": 0.5, "seed": 0, "batch_size": 3, "progress": False}
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = pathlib.Path(folder, "run.checkpoint")
    ...     first = nn.fit(nn.LogisticRegression(1), X, Y, epochs=2, callbacks=[nn.Checkpoint(path)], **settings)
    ...     resumed = nn.fit(nn.LogisticRegression(1), X, Y, epochs=5, resume=path, **settings)
    >>> whole = nn.fit(nn.LogisticRegression(1), X, Y, epochs=5, **settings)
    >>> resumed.cost == whole.cost
    True
    """

    only_looks = True

    def __init__(self, path: str | os.PathLike[str], every: int = 1) -> None:
        check_count("every", every)
        self.path = Path(path)
        self.every = int(every)
        self.written = 0

    def start(self, training: Training) -> None:
        """Find out now what would go wrong after the first epoch."""
        self.written = 0
        check_optimizer(training.optimizer)
        generators_of(training)
        training.settings |= digests_of(training.batches)
        if not self.path.resolve().parent.is_dir():
            raise FileNotFoundError(errno.ENOENT, "there is no such folder to write to", str(self.path))

    def __call__(self, training: Training) -> None:
        """Write the file, if it is its turn."""
        if training.epoch % self.every == 0 or training.epoch == training.epochs or training.history.stopped:
            self.write(training)

    def stopped(self, training: Training) -> None:
        """Write the file, if a callback behind this one has ended the run."""
        if self.written != training.epoch:
            self.write(training)

    def write(self, training: Training) -> None:
        """Write the file."""
        write_snapshot(snapshot(training), self.path)
        self.written = training.epoch

    def __repr__(self) -> str:
        return f"Checkpoint({str(self.path)!r}, every={self.every})"


def resumed(training: Training, path: str | os.PathLike[str]) -> None:
    """Give a run that has not begun what a file says, or on an error change nothing.

    Raises
    ------
    ModelFileError
        When the file holds no checkpoint, is damaged, or is of another run.
    TypeError
        For an optimiser that cannot go on.
    OSError
        When the file cannot be read.
    """
    check_optimizer(training.optimizer)
    training.settings |= digests_of(training.batches)
    taken = read_snapshot(path)
    with explained(Path(path), ValueError):
        check_facts(taken.facts)
        check_settings(training, taken.facts["settings"])
        epoch = checked_epoch(training, taken.facts.get("epoch"))
        history = checked_series(taken.arrays.get("history", {}), training.series, epoch)
        generators = generators_of(training)
        states = checked_states(generators, taken.facts["generators"])
        with undone_on_error(training.model, training.optimizer):
            training.model.load_state_dict(taken.arrays.get("model", {}))
            training.optimizer.load_state_dict(taken.arrays.get("optimizer", {}) | taken.facts["optimizer"])
            for name, values in history.items():
                setattr(training.history, name, values)
            training.epoch = epoch
            resume_callbacks(training, taken)
    for name, state in states.items():
        generators[name].bit_generator.state = state


# Writing


def snapshot(training: Training) -> Snapshot:
    """Gather everything."""
    optimizer = training.optimizer.state_dict()
    arrays = {
        "model": training.model.state_dict(),
        "optimizer": arrays_in(optimizer),
        "history": {name: np.array(getattr(training.history, name), np.float64) for name in SERIES},
    }
    facts: dict[str, Any] = {
        "epoch": training.epoch,
        "settings": training.settings,
        "optimizer": scalars_in(optimizer, type(training.optimizer).__name__),
        "generators": {name: state_of(generator) for name, generator in generators_of(training).items()},
        "callbacks": {},
    }
    for name, callback in remembering(training):
        state = callback.state_dict()
        arrays[name] = arrays_in(state)
        facts["callbacks"][name] = scalars_in(state, type(callback).__name__)
    return Snapshot(arrays, facts)


def arrays_in(state: Mapping[str, Any]) -> dict[str, Array]:
    """Take the arrays of a state, NumPy's numbers among them."""
    return {name: np.asarray(value) for name, value in state.items() if isinstance(value, np.ndarray | np.generic)}


def scalars_in(state: Mapping[str, Any], owner: str) -> dict[str, Any]:
    """Take what is no array of a state."""
    rest = {name: value for name, value in state.items() if not isinstance(value, np.ndarray | np.generic)}
    for name, value in rest.items():
        if type(value) not in SCALARS:
            raise TypeError(f"{owner}.state_dict() must hold arrays and numbers; {name} is {type(value).__name__}")
    return rest


# What a run consists of


def check_optimizer(optimizer: Any) -> None:
    """Refuse an optimiser that cannot go on from where it was."""
    if not (hasattr(optimizer, "state_dict") and hasattr(optimizer, "load_state_dict")):
        name = type(optimizer).__name__
        raise TypeError(f"a checkpoint needs an optimiser with state_dict() and load_state_dict(); {name} lacks them")


def generators_of(training: Training) -> dict[str, np.random.Generator]:
    """Find all that the run draws from."""
    source = getattr(training.batches, "source", None)
    return found_generators({"batches": training.batches, "source": source, "model": training.model})


def remembering(training: Training) -> Iterator[tuple[str, Any]]:
    """List the callbacks that have a state, each by its class, and its number among those of the class."""
    names: list[str] = []
    for callback in training.callbacks:
        if hasattr(callback, "state_dict"):
            names.append(type(callback).__name__)
            yield f"callback {names[-1]} {names.count(names[-1])}", callback


# Reading


@contextmanager
def undone_on_error(*owners: Any) -> Iterator[None]:
    """Give states back where something goes wrong."""
    before = [(owner, owner.state_dict()) for owner in owners]
    try:
        yield
    except BaseException:
        for owner, state in before:
            owner.load_state_dict(state)
        raise


def check_facts(facts: Mapping[str, Any]) -> None:
    """Refuse what `snapshot` does not make."""
    for name in ("settings", "optimizer", "generators", "callbacks"):
        if not isinstance(facts.get(name), dict):
            raise ValueError(f"what it says of the run is malformed: its {name}")
    if any(type(value) not in SCALARS for value in facts["optimizer"].values()):
        raise ValueError("what it says of the run is malformed: its optimizer")
    if not all(isinstance(state, dict) for state in facts["callbacks"].values()):
        raise ValueError("what it says of the run is malformed: its callbacks")


def check_settings(training: Training, settings: Mapping[str, Any]) -> None:
    """Refuse the file of a run that differs from this one."""
    if different := list(differences(settings, training.settings)):
        lines = "\n  ".join(different)
        raise ValueError(f"it is of a run that differs from this one:\n  {lines}")


def checked_epoch(training: Training, epoch: Any) -> int:
    """Refuse an epoch that this run will not have."""
    if type(epoch) is not int or epoch < 1:
        raise ValueError(f"its epoch is {epoch!r}")
    if epoch > training.epochs:
        raise ValueError(f"{epoch} epochs have been run already; epochs={training.epochs} is how many there are in all")
    return epoch


def checked_series(arrays: Mapping[str, Array], series: tuple[str, ...], epoch: int) -> dict[str, list[float]]:
    """Take the series of the history, each of one entry an epoch or of none."""
    if set(arrays) != set(SERIES):
        raise ValueError(f"its history must have the series {', '.join(SERIES)}")
    for name, values in arrays.items():
        if values.dtype != np.float64 or values.shape not in ((epoch,), (0,)):
            raise ValueError(f"{name} of its history has {values.dtype}, {values.shape} for {epoch} epochs")
    needed = {"cost", "seconds", "validation_cost"} if "validation cost" in series else {"cost", "seconds"}
    for name in SERIES:
        if name in needed and not len(arrays[name]):
            raise ValueError(f"{name} of its history is empty")
    return {name: values.tolist() for name, values in arrays.items()}


def checked_states(generators: Mapping[str, np.random.Generator], states: Mapping[str, Any]) -> dict[str, Any]:
    """Refuse states of other generators than the run has."""
    if set(generators) != set(states):
        raise ValueError(
            f"its random generators are {', '.join(states) or 'none'}; this run has {', '.join(generators) or 'none'}"
        )
    return {name: checked_state(generator, states[name]) for name, generator in generators.items()}


def resume_callbacks(training: Training, taken: Snapshot) -> None:
    """Let each callback that can go on from what it remembered."""
    names = {id(callback): name for name, callback in remembering(training)}
    for callback in training.callbacks:
        if hasattr(callback, "resume"):
            name = names.get(id(callback), "")
            facts = taken.facts["callbacks"].get(name)
            callback.resume(training, None if facts is None else taken.arrays.get(name, {}) | facts)
