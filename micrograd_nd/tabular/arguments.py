"""The arguments of ``micrograd-nd train`` and ``micrograd-nd predict``, as settings."""

import argparse
import csv
from dataclasses import fields
from math import isfinite
from pathlib import Path

from micrograd_nd.tabular.settings import ACTIVATIONS, MISSING, RATES, TASKS, PredictSettings, TrainSettings

__all__ = ["add_predict", "add_train", "predict_settings", "train_settings"]

Commands = argparse._SubParsersAction  # argparse has no public name for what parsers are added to


def add_train(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command that trains."""
    parser = commands.add_parser(
        "train",
        help="train a network on a CSV file",
        description="Train a network on a CSV file with a header, and report how it does on rows that were held out.",
        epilog="example: micrograd-nd train iris.csv --target species --layers 16 --out iris.safetensors",
    )
    default = TrainSettings
    parser.add_argument("data", type=Path, metavar="DATA.csv", help="UTF-8, a header first")
    parser.add_argument("--target", required=True, metavar="COLUMN", help="the column to predict")
    parser.add_argument(
        "--task",
        choices=TASKS,
        default=default.task,
        help="by default classification for text and whole numbers of few values, else regression",
    )
    columns = parser.add_argument_group("columns")
    columns.add_argument(
        "--categorical", action="extend", type=names, default=[], metavar="A,B", help="numbers that are categories"
    )
    columns.add_argument("--drop", action="extend", type=names, default=[], metavar="A,B", help="columns to leave out")
    columns.add_argument(
        "--missing",
        choices=MISSING,
        default=default.missing,
        help="of rows without a value somewhere: refuse, drop them, or fill in the mean, which predict does too "
        "(default: %(default)s)",
    )
    add_delimiter(columns)
    network = parser.add_argument_group("network")
    network.add_argument(
        "--layers",
        type=sizes,
        default=default.layers,
        metavar="20,7,5",
        help="units of the hidden layers, or none (default: 32,16)",
    )
    network.add_argument("--activation", choices=ACTIVATIONS, default=default.activation, help="(default: %(default)s)")
    network.add_argument(
        "--dropout",
        type=fraction,
        default=default.dropout,
        metavar="P",
        help="probability to leave a hidden unit out in training (default: %(default)s)",
    )
    add_training(parser.add_argument_group("training"))
    output = parser.add_argument_group("output")
    output.add_argument(
        "--out", type=Path, default=default.out, metavar="FILE", help="the model (default: %(default)s)"
    )
    output.add_argument("--plot", type=Path, metavar="cost.png", help="a picture of the cost: .png, .svg or .pdf")
    output.add_argument("--quiet", action="store_true", help="say nothing but what is wrong")


def add_training(group: argparse._ArgumentGroup) -> None:
    """Add what is chosen about a run."""
    default = TrainSettings
    group.add_argument("--epochs", type=count, default=default.epochs, metavar="N", help="(default: %(default)s)")
    group.add_argument(
        "--batch-size", type=count, default=default.batch_size, metavar="N", help="(default: %(default)s)"
    )
    rates = ", ".join(f"{name} {rate}" for name, rate in RATES.items())
    group.add_argument("--learning-rate", type=positive, metavar="RATE", help=f"(default: {rates})")
    group.add_argument("--optimizer", choices=RATES, default=default.optimizer, help="(default: %(default)s)")
    group.add_argument(
        "--l2", type=nonnegative, default=default.l2, metavar="LAMBDA", help="L2 regularisation (default: %(default)s)"
    )
    group.add_argument(
        "--holdout",
        type=fraction,
        default=default.holdout,
        metavar="F",
        help="fraction of rows to judge by, 0 for none (default: %(default)s)",
    )
    group.add_argument(
        "--early-stopping",
        type=count,
        metavar="N",
        help="stop after N epochs that were not the best on a fifth of the rows to train on, and go back to the best",
    )
    group.add_argument("--seed", type=whole, default=default.seed, metavar="N", help="(default: %(default)s)")


def add_predict(commands: "Commands[argparse.ArgumentParser]") -> None:
    """Add the command that predicts."""
    parser = commands.add_parser(
        "predict",
        help="predict by a model that micrograd-nd train wrote",
        description="Write a prediction for every row of a CSV file; if it has the target too, say how good they are.",
        epilog="example: micrograd-nd predict iris.safetensors new.csv --proba --out predictions.csv",
    )
    parser.add_argument("model", type=Path, metavar="MODEL.safetensors", help="what micrograd-nd train wrote")
    parser.add_argument("data", type=Path, metavar="DATA.csv", help="with the columns that the model was trained on")
    parser.add_argument("--out", type=Path, metavar="FILE", help="where predictions go (default: standard output)")
    parser.add_argument("--proba", action="store_true", help="with the probability of every class")
    add_delimiter(parser)


def add_delimiter(group: "argparse.ArgumentParser | argparse._ArgumentGroup") -> None:
    """Add what stands between cells."""
    group.add_argument(
        "--delimiter", type=character, default=",", metavar="C", help="between cells, or tab (default: ,)"
    )


def train_settings(options: argparse.Namespace) -> TrainSettings:
    """Take parsed arguments as settings."""
    given = {field.name: getattr(options, field.name) for field in fields(TrainSettings)}
    return TrainSettings(**given | {name: tuple(given[name]) for name in ("layers", "categorical", "drop")})


def predict_settings(options: argparse.Namespace) -> PredictSettings:
    """Take parsed arguments as settings."""
    return PredictSettings(**{field.name: getattr(options, field.name) for field in fields(PredictSettings)})


# Types of arguments


def whole(text: str) -> int:
    """Read a whole number of 0 or more."""
    number = int(text) if text.isdecimal() else -1
    if number < 0:
        raise argparse.ArgumentTypeError(f"must be a whole number of 0 or more; got {text!r}")
    return number


def count(text: str) -> int:
    """Read a whole number of 1 or more."""
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"must be a whole number of 1 or more; got {text!r}")
    return int(text)


def number(text: str) -> float:
    """Read a finite number."""
    try:
        value = float(text)
    except ValueError:
        value = float("nan")
    if not isfinite(value):
        raise argparse.ArgumentTypeError(f"must be a number; got {text!r}")
    return value


def positive(text: str) -> float:
    """Read a number above 0."""
    value = number(text)
    if value <= 0:
        raise argparse.ArgumentTypeError(f"must be above 0; got {text!r}")
    return value


def nonnegative(text: str) -> float:
    """Read a number of 0 or above."""
    value = number(text)
    if value < 0:
        raise argparse.ArgumentTypeError(f"must be 0 or above; got {text!r}")
    return value


def fraction(text: str) -> float:
    """Read a number from 0 to below 1."""
    value = number(text)
    if not 0 <= value < 1:
        raise argparse.ArgumentTypeError(f"must be at least 0 and below 1; got {text!r}")
    return value


def sizes(text: str) -> tuple[int, ...]:
    """Read the sizes of layers."""
    if text == "none":
        return ()
    try:
        return tuple(count(size.strip()) for size in text.split(","))
    except argparse.ArgumentTypeError:
        raise argparse.ArgumentTypeError(
            f"must be numbers of units, such as 20,7,5, or none for no hidden layer; got {text!r}"
        ) from None


def names(text: str) -> list[str]:
    """Read names of columns; one with a comma in it stands in quotes, as in the file."""
    return [name.strip() for name in next(csv.reader([text]), [])]


def character(text: str) -> str:
    r"""Read a delimiter; a tab may be written as ``tab`` or ``\t``."""
    text = "\t" if text in ("tab", r"\t") else text
    if len(text) != 1 or text in '"\r\n ':
        raise argparse.ArgumentTypeError(f"must be one character, such as ';', and no quote; or tab; got {text!r}")
    return text
