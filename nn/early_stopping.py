"""EarlyStopping: a run ends when it no longer gets better, and goes back to its best."""

from collections.abc import Mapping
from math import inf, isnan
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.callbacks import Training
from micrograd_nd.nn.interrupts import completed
from micrograd_nd.nn.settings import check_count, nonnegative_number, truth

__all__ = ["EarlyStopping"]

# Words in the name of a series that tell which direction is better.
LOWER = ("cost", "loss", "error", "mse", "mae", "rmse", "deviation", "distance")
HIGHER = ("accuracy", "precision", "recall", "score", "f1", "auc", "r2", "correlation")


class EarlyStopping:
    """A callback of `fit` that ends the run when a series has not improved for some epochs.

    In the end the model gets the parameters and buffers of the best epoch, bit for bit; also where the run ends
    otherwise, unless by an error. See Prechelt (1998), "Early stopping - but when?".

    Parameters
    ----------
    patience : int
        After so many epochs without improvement the run ends.
    monitor : str, optional
        The name of a series as in ``history.series()``, such as ``"validation accuracy"``. By default the cost on the
        validation samples, without them that in training.
    min_improvement : float
        Only what is better by more than this is better.
    restore_best : bool
        Whether to go back to the best epoch.
    higher_is_better : bool, optional
        Which direction is better. By default the name of the series says: that of a cost, loss or error is lower,
        that of an accuracy, precision, recall or score higher.

    Attributes
    ----------
    best : float or None
        The best value so far; NaN is never better.
    best_epoch : int or None
        Its epoch, counted from 1.

    Raises
    ------
    TypeError, ValueError
        For settings that make no sense; by `fit`, before anything has been changed, for a series that the run does not
        have, or whose name does not say which direction is better.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 1, 0, 1]])
    >>> model = nn.LogisticRegression(1)
    >>> stopping = nn.EarlyStopping(patience=2)
    >>> settings = {"epochs": 50, "learning_rate": 1.0, "seed": 0, "progress": False}
    >>> history = nn.fit(model, X, Y, validation=(-X, Y), callbacks=[stopping], **settings)
    >>> len(history), stopping.best_epoch
    (3, 1)
    >>> history.stopped
    'validation cost has not been below 0.775008, that of epoch 1, for 2 epochs'
    """

    only_looks = True

    def __init__(
        self,
        patience: int = 10,
        monitor: str | None = None,
        min_improvement: float = 0.0,
        *,
        restore_best: bool = True,
        higher_is_better: bool | None = None,
    ) -> None:
        check_count("patience", patience)
        if monitor is not None and not isinstance(monitor, str):
            raise TypeError(f"monitor must be the name of a series, such as 'validation cost'; got {monitor!r}")
        self.patience = int(patience)
        self.monitor = monitor
        self.min_improvement = nonnegative_number("min_improvement", min_improvement)
        self.restore_best = truth("restore_best", restore_best)
        self.higher_is_better = None if higher_is_better is None else truth("higher_is_better", higher_is_better)
        self.series, self.sign = "", 1.0
        self.forget()

    def start(self, training: Training) -> None:
        """Find the series, and forget what was seen of another run."""
        self.series = found(self.monitor, training.series)
        higher = is_higher_better(self.series) if self.higher_is_better is None else self.higher_is_better
        self.sign = -1.0 if higher else 1.0
        self.forget()

    def forget(self) -> None:
        """Know of no epoch."""
        self.best: float | None = None
        self.best_epoch: int | None = None
        self.waited = 0
        self.seen = 0
        self.values: dict[str, NDArray[Any]] = {}

    def __call__(self, training: Training) -> None:
        """Look at the latest value."""
        value = training.history.series()[self.series][-1]
        self.seen = training.epoch
        if self.is_better(value):
            self.best, self.best_epoch, self.waited = value, training.epoch, 0
            if self.restore_best:
                self.values = training.model.state_dict()
        else:
            self.waited += 1
        self.judge(training)

    def is_better(self, value: float) -> bool:
        """Tell whether a value is better than the best so far."""
        best = inf if self.best is None else self.sign * self.best
        return not isnan(value) and (self.best is None or self.sign * value < best - self.min_improvement)

    def judge(self, training: Training) -> None:
        """End the run if patience is over."""
        if self.waited < self.patience:
            return
        epochs = f"{self.waited} epoch{'s' if self.waited > 1 else ''}"
        if self.best is None:
            training.stop(f"{self.series} has been nan for {epochs}")
            return
        side = "above" if self.sign < 0 else "below"
        margin = f" by more than {self.min_improvement:g}" if self.min_improvement else ""
        training.stop(
            f"{self.series} has not been {side} {self.best:g}, that of epoch {self.best_epoch},{margin} for {epochs}"
        )

    def finish(self, training: Training) -> None:
        """Give the model the values of the best epoch."""
        if self.values and not training.failed and completed(lambda: training.model.load_state_dict(self.values)):
            raise KeyboardInterrupt

    def state_dict(self) -> dict[str, Any]:
        """Copy what is known of the epochs so far.

        Returns
        -------
        dict of str to array, number or None
        """
        numbers = {"series": self.series, "best": self.best, "best_epoch": self.best_epoch}
        values = {f"values.{name}": np.array(value) for name, value in self.values.items()}
        return numbers | {"waited": self.waited, "seen": self.seen} | values

    def resume(self, training: Training, state: Mapping[str, Any] | None) -> None:
        """Go on from what `state_dict` gave; from the last epoch alone where there is nothing.

        Raises
        ------
        ValueError
            For the state of another series or model, or what is none.
        """
        if state is not None:
            self.take(training, state)
        # A checkpoint is written before or after the callback has seen the same epoch.
        if self.seen < training.epoch:
            self(training)
        else:
            self.judge(training)

    def take(self, training: Training, state: Mapping[str, Any]) -> None:
        """Check a state, and go on from it."""
        best, best_epoch, waited, seen = (state.get(name) for name in ("best", "best_epoch", "waited", "seen"))
        if state.get("series") != self.series:
            raise ValueError(f"early stopping watched {state.get('series')} in that run; got {self.series}")
        values = {name.removeprefix("values."): value for name, value in state.items() if name.startswith("values.")}
        own = training.model.state_dict()
        fitting = {name: (x.shape, x.dtype) for name, x in own.items()} == {
            name: (np.shape(x), getattr(x, "dtype", None)) for name, x in values.items()
        }
        known = type(best) is float and type(best_epoch) is int and 1 <= best_epoch <= training.epoch
        none = best is None and best_epoch is None and not values
        counts = type(waited) is int and type(seen) is int and 0 <= waited <= seen <= training.epoch <= seen + 1
        if not (counts and (none or (known and (fitting or not values)))):
            raise ValueError("what the file says of early stopping is malformed, or of another model")
        self.best, self.best_epoch = best, best_epoch
        self.waited, self.seen = int(waited), int(seen)  # type: ignore[arg-type]
        if not none and not values and self.restore_best:
            raise ValueError("early stopping kept no values in that run, so its best epoch cannot come back")
        self.values = values if self.restore_best else {}

    def __repr__(self) -> str:
        return f"EarlyStopping(patience={self.patience}, monitor={self.monitor!r})"


def found(monitor: str | None, series: tuple[str, ...]) -> str:
    """Find a series by its name."""
    if monitor is None:
        return "validation cost" if "validation cost" in series else "cost"
    for name in series:
        if name.replace("_", " ") == monitor.replace("_", " "):
            return name
    hint = " without validation samples: give fit(..., validation=(X_val, Y_val))" if "validation" in monitor else ""
    known = ", ".join(map(repr, series))
    raise ValueError(f"this run has no series {monitor!r}{'' if 'validation cost' in series else hint}; it has {known}")


def is_higher_better(series: str) -> bool:
    """Tell which direction is better by the words of a name."""
    words = series.lower().replace("_", " ").split()
    lower, higher = (any(word in known for word in words) for known in (LOWER, HIGHER))
    if lower == higher:
        raise ValueError(
            f"is more of {series!r} better, or less? Say so: EarlyStopping(higher_is_better=True), or False"
        )
    return higher
