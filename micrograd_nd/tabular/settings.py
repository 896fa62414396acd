"""What a user chooses on the command line, with what is chosen by default; imports nothing that takes time."""

from dataclasses import dataclass
from pathlib import Path

__all__ = ["ACTIVATIONS", "MISSING", "PICTURES", "RATES", "TASKS", "PredictSettings", "TrainSettings"]

TASKS = ("auto", "classification", "regression")
MISSING = ("refuse", "drop", "mean")
ACTIVATIONS = ("relu", "tanh", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus")
PICTURES = (".png", ".svg", ".pdf")
# Optimisers, with a learning rate that suits standardised columns.
RATES = {"adam": 0.003, "adamw": 0.003, "rmsprop": 0.001, "adagrad": 0.03, "momentum": 0.1, "sgd": 0.1}


@dataclass(frozen=True)
class TrainSettings:
    """Of ``micrograd-nd train``.

    Attributes
    ----------
    data : Path
        The CSV file.
    target : str
        The column to predict.
    task : str
        One of `TASKS`.
    layers : tuple of int
        Units of each hidden layer; empty for none.
    activation : str
        Of the hidden layers, one of `ACTIVATIONS`.
    optimizer : str
        One of `RATES`.
    learning_rate : float or None
        None for that of `RATES`.
    epochs, batch_size : int
    l2 : float
        As of `nn.fit`.
    dropout : float
        The probability to leave a hidden unit out.
    holdout : float
        The fraction of rows to judge by, 0 for none.
    early_stopping : int or None
        The patience; None to go through all epochs.
    seed : int
    categorical, drop : tuple of str
        Columns to take for categories, and to leave out.
    missing : str
        What becomes of rows without a value somewhere, one of `MISSING`.
    delimiter : str
    out : Path
        Where the model goes.
    plot : Path or None
        Where a picture of the cost goes.
    quiet : bool
        Say nothing.
    """

    data: Path
    target: str
    task: str = "auto"
    layers: tuple[int, ...] = (32, 16)
    activation: str = "relu"
    optimizer: str = "adam"
    learning_rate: float | None = None
    epochs: int = 100
    batch_size: int = 32
    l2: float = 0.0
    dropout: float = 0.0
    holdout: float = 0.2
    early_stopping: int | None = None
    seed: int = 0
    categorical: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    missing: str = "refuse"
    delimiter: str = ","
    out: Path = Path("model.safetensors")
    plot: Path | None = None
    quiet: bool = False


@dataclass(frozen=True)
class PredictSettings:
    """Of ``micrograd-nd predict``.

    Attributes
    ----------
    model : Path
        What ``micrograd-nd train`` wrote.
    data : Path
        The CSV file.
    out : Path or None
        Where predictions go; None for standard output.
    proba : bool
        Give the probability of every class too.
    delimiter : str
        Of the data, and of what is written.
    """

    model: Path
    data: Path
    out: Path | None = None
    proba: bool = False
    delimiter: str = ","
