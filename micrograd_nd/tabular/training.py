"""The command ``micrograd-nd train``: from a CSV file to a model in a file, and a report."""

import io
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import nn, viz
from micrograd_nd.files import check_replaceable, replace_file
from micrograd_nd.nn.files import named
from micrograd_nd.tabular.cells import Numbers
from micrograd_nd.tabular.csv_files import Table, listed, read_table
from micrograd_nd.tabular.errors import TableError, shown
from micrograd_nd.tabular.features import CategoryFeature, Column, Feature, read_columns
from micrograd_nd.tabular.missing import complete, with_target
from micrograd_nd.tabular.model_files import save_table_model
from micrograd_nd.tabular.networks import Fit, new_network, rate, trained
from micrograd_nd.tabular.reports import counted, report
from micrograd_nd.tabular.settings import PICTURES, TrainSettings
from micrograd_nd.tabular.splitting import EveryRowNeededError, Parts, split
from micrograd_nd.tabular.table_models import TableModel, encoded
from micrograd_nd.tabular.targets import NumberTarget, Target, TargetColumn, read_target

__all__ = ["Prepared", "prepare", "train"]


@dataclass(frozen=True)
class Prepared:
    """A table that is ready to be trained on.

    Attributes
    ----------
    decision : str
        What the target was taken for, and why.
    parts : Parts
    features : tuple of Feature
        Fitted to the training rows alone.
    constant : list of str
        Columns that are the same in all training rows, and left out.
    target : Target
        Fitted likewise.
    X : ndarray, shape (n_x, m)
        Of all rows.
    Y : ndarray, shape (1, m)
        Positions of labels, or numbers as in the table.
    left_out : int
        How many rows of the table are not among these, since they miss a value.
    filled : dict of str to int
        How many values are filled in, by the names of the columns.
    """

    decision: str
    parts: Parts
    features: tuple[Feature, ...]
    constant: list[str]
    target: Target
    X: Numbers
    Y: NDArray[Any]
    left_out: int
    filled: dict[str, int]

    def of(self, rows: NDArray[np.intp]) -> tuple[Numbers, NDArray[Any]]:
        """Give samples, and what is to be predicted of them."""
        return self.X[:, rows], self.Y[:, rows]


def train(settings: TrainSettings, warn: Callable[[str], None]) -> Iterator[str]:
    """Train a network on a table, write it, and report on it.

    Parameters
    ----------
    settings : TrainSettings
    warn : callable
        Told what does not end the run.

    Yields
    ------
    str
        Lines of the report, as soon as they are known.

    Raises
    ------
    TableError
        For data and settings that a user can mend.
    FloatingPointError
        When the cost stops being finite.
    OSError
        When a file cannot be read or written; that it cannot be written is told before the work.
    KeyboardInterrupt
        When the training was interrupted from the keyboard. If an epoch was complete, the report has been given and the
        model so far been written, which the message says.
    """
    check_outputs(settings)
    draw_parts, draw_network, draw_order = np.random.default_rng(settings.seed).spawn(3)
    table = read_table(settings.data, settings.delimiter)
    data = prepare(table, settings, draw_parts)
    yield from introduction(settings, data)
    network = new_network(settings, len(data.X), data.target, draw_network)
    parts = data.parts
    watched = parts.validation if settings.early_stopping else parts.held_out
    fit = trained(
        network,
        settings,
        data.target,
        data.of(parts.train),
        data.of(watched) if len(watched) else None,
        draw_order,
    )
    yield account(fit, settings.epochs)
    model = TableModel(network, data.features, data.target)
    if len(parts.held_out):
        X, Y = data.of(parts.held_out)
        yield from titled("held out: ", report(data.target, model.outputs(X), Y, usual(data)))
    save_table_model(model, settings.out)
    yield f"wrote {settings.out}"
    if settings.plot is not None:
        yield from plotted(fit.history, settings.plot, warn)
    if fit.history.interrupted:
        done = f"{len(fit.history)} of {counted(settings.epochs, 'epoch')}"
        raise KeyboardInterrupt(f"interrupted after {done}; {settings.out} has the model so far")


def prepare(table: Table, settings: TrainSettings, rng: np.random.Generator) -> Prepared:
    """Find out what the columns are, draw the rows to train on, and make X and Y by what stands in these.

    Parameters
    ----------
    table : Table
    settings : TrainSettings
    rng : numpy.random.Generator
        What the rows of each part are drawn from.

    Raises
    ------
    TableError
        For columns that are missing, or that cannot be learnt from.
    """
    names = names_of_features(table, settings)
    rows, fill = len(table), settings.missing == "mean"
    if settings.missing != "refuse":
        table = with_target(table, settings.target, settings.task)
    if settings.missing == "drop":
        table = complete(table, names, settings.categorical)
    target_column = read_target(table, settings.target, settings.task)
    columns = read_columns(table, names, settings.categorical, gaps=fill)
    parts = drawn_parts(target_column, columns, settings, rng)
    fitted = [(column.name, column.fitted(parts.train)) for column in columns]
    features = tuple(feature for _, feature in fitted if feature is not None)
    if not features:
        raise TableError(f"nothing to learn from, since the same in every row to train on: {listed(names)}")
    target = target_column.fitted(parts.train)
    constant = [name for name, feature in fitted if feature is None]
    check_range(table, target, target_column.values)
    X = encoded(features, table)
    filled = {column.name: n for column in columns if column.name not in constant and (n := column.missing())}
    Y = target_column.values[None]
    return Prepared(target_column.decision, parts, features, constant, target, X, Y, rows - len(table), filled)


def drawn_parts(
    target: TargetColumn, columns: Sequence[Column], settings: TrainSettings, rng: np.random.Generator
) -> Parts:
    """Draw the rows of each part; where categories leave none to judge by, name the column that has the most."""
    codes = [column.codes for column in columns if column.codes is not None]
    try:
        return split(target.groups, codes, settings.holdout, settings.early_stopping is not None, rng)
    except EveryRowNeededError:
        most = max(columns, key=lambda column: len(column.categories))
        raise TableError(
            f"column {shown(most.name)} has {counted(len(most.categories), 'different text')} in {len(target.values)} "
            f"rows, such as {shown(most.categories[0])}; since each is to be trained on, no row is left to judge by. "
            f"Leave it out by --drop {shown(most.name)}; numbers are written without a unit"
        ) from None


def names_of_features(table: Table, settings: TrainSettings) -> list[str]:
    """List the columns to learn from."""
    target = settings.target
    table.require([target, *settings.categorical, *settings.drop])
    if target in settings.drop:
        raise TableError(f"--drop {shown(target)} leaves the target out")
    if target in settings.categorical:
        raise TableError(f"{shown(target)} is the target: for classes say --task classification")
    if both := [name for name in settings.categorical if name in settings.drop]:
        raise TableError(f"column {shown(both[0])} cannot be both --categorical and --drop")
    names = [name for name in table.columns if name != target and name not in settings.drop]
    if not names:
        raise TableError(f"{table.path} has no column beside the target {shown(target)} to learn from")
    return names


def check_range(table: Table, target: Target, values: NDArray[Any]) -> None:
    """Refuse a number to predict that is beyond computing with, beside the others."""
    if isinstance(target, NumberTarget) and (far := ~np.isfinite(target.standardised(values))).any():
        row = int(np.flatnonzero(far)[0])
        raise table.error(row, f"the target {shown(target.name)} is {values[row]:g}, too far from the others")


# The report


def introduction(settings: TrainSettings, data: Prepared) -> Iterator[str]:
    """Say what was found, and what will be done."""
    categories = sum(isinstance(feature, CategoryFeature) for feature in data.features)
    kinds = {"numbers": len(data.features) - categories, "categories": categories}
    columns = " and ".join(f"{counted(n, 'column')} of {kind}" for kind, n in kinds.items() if n)
    parts, m = data.parts, data.X.shape[1]
    yield f"{settings.data}: {counted(m, 'row')}; {columns}, {counted(len(data.X), 'input')} in all"
    if data.left_out:
        what = "a target" if settings.missing == "mean" else "a value in every column"
        yield f"left out: {counted(data.left_out, 'row')} without {what}"
    if data.filled:
        yield f"filled in: {counted(sum(data.filled.values()), 'missing value')} of {listed(data.filled)}"
    if data.constant:
        yield f"left out, since the same in every row to train on: {listed(data.constant)}"
    yield f"target {shown(data.target.name)}: {data.decision}"
    if single := classes_of_one_row(data):
        yield f"classes of a single row, which is trained on and none is judged by: {listed(single)}"
    stop_by = f"{len(parts.validation)} to stop by, " if settings.early_stopping else ""
    yield f"{counted(len(parts.train), 'row')} to train on, {stop_by}{len(parts.held_out) or 'none'} held out"
    sizes = "-".join(map(str, (len(data.X), *settings.layers, data.target.n_y)))
    yield (
        f"network {sizes}, {settings.activation}, {data.target.output} output; {settings.optimizer}, "
        f"learning rate {rate(settings):g}, batches of {settings.batch_size}"
    )


def classes_of_one_row(data: Prepared) -> list[str]:
    """List the classes that only one row has, as after a slip of the pen."""
    if isinstance(data.target, NumberTarget):
        return []
    counts = np.bincount(data.Y[0], minlength=len(data.target.labels))
    return [label for label, count in zip(data.target.labels, counts.tolist(), strict=True) if count == 1]


def account(fit: Fit, epochs: int) -> str:
    """Say how the training went."""
    cost = fit.history.cost
    back = "" if fit.best_epoch is None else f"; the model is that of epoch {fit.best_epoch}, the best"
    cut = f" of {epochs}, and then interrupted" if fit.history.interrupted else ""
    return f"cost {cost[0]:.4g} -> {cost[-1]:.4g} in {counted(len(cost), 'epoch')}{cut}{back}"


def usual(data: Prepared) -> float:
    """Give what one would predict without a network: the most frequent label or the mean of the training rows."""
    if isinstance(data.target, NumberTarget):
        return data.target.mean
    return float(np.bincount(data.Y[0, data.parts.train]).argmax())


def titled(title: str, lines: Sequence[str]) -> Iterator[str]:
    """Put a title before the first line."""
    yield title + lines[0]
    yield from lines[1:]


# Files


def check_outputs(settings: TrainSettings) -> None:
    """Find out before the work, and not after it, that a file cannot be written, or would replace another."""
    paths = [settings.out] if settings.plot is None else [settings.out, settings.plot]
    if settings.plot is not None and settings.plot.suffix.lower() not in PICTURES:
        raise TableError(f"--plot {settings.plot} must end in {', '.join(PICTURES)}")
    resolved = [path.resolve() for path in (settings.data, *paths)]
    if len(set(resolved)) < len(resolved):
        raise TableError("data, --out and --plot must be different files")
    for path in paths:
        with named(path):
            check_replaceable(path.resolve())


def plotted(history: nn.History, path: Path, warn: Callable[[str], None]) -> Iterator[str]:
    """Write a picture of the cost, if there is what it takes."""
    try:
        figure: Any = viz.plot_cost(history).figure
    except ImportError as error:
        warn(f"no picture was written: {error}")
        return
    picture = io.BytesIO()
    figure.savefig(picture, format=path.suffix[1:].lower(), dpi=150)
    with named(path):
        replace_file(path.resolve(), picture.getvalue())
    yield f"wrote {path}"
