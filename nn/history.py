"""History: what happened in training."""

from dataclasses import dataclass, field

from micrograd_nd.display import Displayed

__all__ = ["History", "Judged"]

# A cost, and the metric if there is one.
Judged = tuple[float, float | None]


@dataclass(repr=False)
class History(Displayed):
    """What happened in training, an entry an epoch.

    Attributes
    ----------
    cost : list of float
        Mean over the samples, weighted as they were trained on, each judged as its batch was trained on; with what
        regularisation adds to it.
    metric : list of float
        Likewise; empty where there is no metric.
    validation_cost, validation_metric : list of float
        After the epoch, on the validation samples; empty without them.
    seconds : list of float
        How long the epoch took.
    learning_rate : list of float
        What the optimiser had when the epoch started; empty where it has no such attribute.
    metric_name : str
        Such as ``"accuracy"``.
    interrupted : bool
        Whether the run was ended from the keyboard.
    stopped : str or None
        Why a callback ended the run; None where none did.
    """

    cost: list[float] = field(default_factory=list)
    metric: list[float] = field(default_factory=list)
    validation_cost: list[float] = field(default_factory=list)
    validation_metric: list[float] = field(default_factory=list)
    seconds: list[float] = field(default_factory=list)
    metric_name: str = "accuracy"
    interrupted: bool = False
    learning_rate: list[float] = field(default_factory=list)
    stopped: str | None = None

    def __len__(self) -> int:
        return len(self.cost)

    def append(
        self, trained: Judged, validated: Judged | None, seconds: float, learning_rate: float | None = None
    ) -> None:
        """Add an epoch: cost and metric in training, and on the validation samples."""
        cost, metric = trained
        validation_cost, validation_metric = validated or (None, None)
        for series, value in (
            (self.cost, cost),
            (self.metric, metric),
            (self.validation_cost, validation_cost),
            (self.validation_metric, validation_metric),
            (self.learning_rate, learning_rate),
            (self.seconds, seconds),  # the last, and so what `trim` goes by
        ):
            if value is not None:
                series.append(value)

    def trim(self) -> None:
        """Forget an epoch of which an interrupt has let only a part be added."""
        for series in (self.cost, self.metric, self.validation_cost, self.validation_metric, self.learning_rate):
            del series[len(self.seconds) :]

    def latest(self) -> str:
        """Write the last entry of every series so short that all fit into a terminal's line."""
        shown = ((name.replace("validation ", "val ", 1), values[-1]) for name, values in self.series().items())
        return ", ".join(f"{name}={value:.3g}" for name, value in shown)

    def series(self) -> dict[str, list[float]]:
        """Give every series that is not empty by its name for readers.

        Returns
        -------
        dict of str to list of float
        """
        named = {
            "cost": self.cost,
            self.metric_name: self.metric,
            "validation cost": self.validation_cost,
            f"validation {self.metric_name}": self.validation_metric,
        }
        return {name: values for name, values in named.items() if values}

    def __repr__(self) -> str:
        ranges = [f"{name} {values[0]:.4g} → {values[-1]:.4g}" for name, values in self.series().items()]
        end = ["interrupted"] * self.interrupted + ["stopped"] * (self.stopped is not None)
        epochs = "1 epoch" if len(self) == 1 else f"{len(self)} epochs"
        return f"History({', '.join([f'{epochs} in {sum(self.seconds):.2f} s', *end, *ranges])})"
