"""The command ``micrograd-nd predict``: from a model and a CSV file to predictions."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from micrograd_nd.files import check_replaceable, replace_file
from micrograd_nd.nn.files import named
from micrograd_nd.tabular.cells import Numbers, is_gap
from micrograd_nd.tabular.csv_files import Table, csv_text, read_table
from micrograd_nd.tabular.errors import TableError, shown
from micrograd_nd.tabular.model_files import load_table_model
from micrograd_nd.tabular.reports import report
from micrograd_nd.tabular.settings import PredictSettings
from micrograd_nd.tabular.targets import ClassTarget, NumberTarget, Target

__all__ = ["Predictions", "predict"]


@dataclass(frozen=True)
class Predictions:
    """What comes out.

    Attributes
    ----------
    csv : str
        A prediction for every row, in the order of the rows.
    report : list of str
        How good they are, a line each; empty where the table has no target.
    """

    csv: str
    report: list[str]


def predict(settings: PredictSettings) -> Predictions:
    """Predict every row of a table by a model, and write predictions to a file if one is named.

    Parameters
    ----------
    settings : PredictSettings

    Returns
    -------
    Predictions

    Raises
    ------
    TableError
        For data and settings that a user can mend.
    ModelFileError
        For a file that holds no model with columns.
    OSError
        When a file cannot be read or written.
    """
    check_output(settings)
    model = load_table_model(settings.model)
    if settings.proba and isinstance(model.target, NumberTarget):
        raise TableError(f"--proba: {settings.model} predicts numbers, which have no probabilities")
    table = read_table(settings.data, settings.delimiter)
    predicted = model.predicted(table)
    scores = score(model.target, table, predicted)
    text = csv_text(
        names(model.target, settings.proba), rows(model.target, predicted, settings.proba), settings.delimiter
    )
    if settings.out is not None:
        with named(settings.out):
            replace_file(settings.out.resolve(), text.encode())
    return Predictions(text, scores)


def score(target: Target, table: Table, predicted: Numbers) -> list[str]:
    """Compare predictions with what the table has in the column of the target, in the rows where that is filled in."""
    of_numbers = isinstance(target, NumberTarget) or target.numeric
    cells = table.columns.get(target.name, ())
    rows = [row for row, cell in enumerate(cells) if not (is_gap(cell) if of_numbers else not cell.strip())]
    if not rows:
        return []
    lines = report(target, predicted[:, rows], target.encoded(table.only(rows)))
    if without := len(table) - len(rows):
        lines.append(f"rows without a value in {shown(target.name)}, which are not among these: {without}")
    return lines


def names(target: Target, proba: bool) -> list[str]:
    """Name the columns of predictions."""
    labels = target.labels if proba and isinstance(target, ClassTarget) else ()
    return ["prediction", *(f"probability of {label}" for label in labels)]


def rows(target: Target, predicted: Numbers, proba: bool) -> Iterator[Sequence[str]]:
    """Write predictions, with all digits that tell a number from others."""
    if isinstance(target, NumberTarget):
        yield from ([repr(value)] for value in predicted[0].tolist())
        return
    for label, probabilities in zip(predicted.argmax(axis=0).tolist(), predicted.T, strict=True):
        yield [target.labels[label], *(map(repr, probabilities.tolist()) if proba else ())]


def check_output(settings: PredictSettings) -> None:
    """Find out before the work that a file cannot be written, or would replace what it is made of."""
    if settings.out is None:
        return
    if settings.out.resolve() in (settings.model.resolve(), settings.data.resolve()):
        raise TableError(f"--out {settings.out} would replace what is read")
    with named(settings.out):
        check_replaceable(settings.out.resolve())
