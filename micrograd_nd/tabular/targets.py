"""Targets: what a network is to predict, classes or numbers, and how that is told from a column."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.tabular.cells import Numbers, converted, numbers, numbers_or_text, texts
from micrograd_nd.tabular.csv_files import Table
from micrograd_nd.tabular.errors import TableError, shown
from micrograd_nd.tabular.features import MAX_CATEGORIES, codes_of, mean_and_scale

__all__ = ["ClassTarget", "NumberTarget", "Target", "TargetColumn", "read_target"]

# Whole numbers of at most so many values are classes, if there are so many rows of each on average.
FEW_INTEGERS = 20
ROWS_A_CLASS = 2
# Of larger whole numbers, several are one in float64.
LARGEST_EXACT = 2**53 - 1
# Text of more values than this is rather names, unless a user says that they are classes.
MANY_CLASSES = 100


@dataclass(frozen=True)
class ClassTarget:
    """A column of classes.

    Attributes
    ----------
    name : str
    labels : tuple of str
        At least two.
    numeric : bool
        Whether they were numbers in the file, so that 1, 1.0 and 01 are one label.
    """

    name: str
    labels: tuple[str, ...]
    numeric: bool

    @property
    def n_y(self) -> int:
        """How many rows the output of the network has."""
        return 1 if len(self.labels) == 2 else len(self.labels)

    @property
    def output(self) -> str:
        """The activation of the output."""
        return "sigmoid" if len(self.labels) == 2 else "softmax"

    def encoded(self, table: Table) -> NDArray[np.intp]:
        """Give Y, the position of each row's label, shape (1, m)."""
        cells = label_texts(numbers(table, self.name)) if self.numeric else texts(table, self.name)
        return codes_of(table, self.name, cells, self.labels)[None]


@dataclass(frozen=True)
class NumberTarget:
    """A column of numbers, which the network predicts standardised.

    Attributes
    ----------
    name : str
    mean, scale : float
        Of the training rows.
    """

    name: str
    mean: float
    scale: float

    n_y = 1
    output = "linear"

    def encoded(self, table: Table) -> Numbers:
        """Give the numbers as they are in the table, shape (1, m)."""
        return numbers(table, self.name)[None]

    def standardised(self, values: Numbers) -> Numbers:
        """Bring numbers to what the network predicts."""
        with np.errstate(over="ignore"):
            return (values - self.mean) / self.scale

    def restored(self, outputs: NDArray[Any]) -> Numbers:
        """Bring what the network predicts to numbers."""
        with np.errstate(over="ignore"):
            values: Numbers = outputs * self.scale + self.mean
        return values


Target = ClassTarget | NumberTarget


@dataclass(frozen=True)
class TargetColumn:
    """The target of the table that is trained on, before it is known which of its rows are.

    Attributes
    ----------
    name : str
    decision : str
        What it was taken for and why, for the report.
    values : ndarray, shape (m,)
        Numbers, or the positions of labels.
    labels : tuple of str
        Empty for numbers.
    numeric : bool
        Whether labels are numbers.
    """

    name: str
    decision: str
    values: NDArray[Any]
    labels: tuple[str, ...] = ()
    numeric: bool = False

    @property
    def groups(self) -> NDArray[np.intp]:
        """What each part of the rows is to have its share of: classes, or all rows alike."""
        return self.values if self.labels else np.zeros(len(self.values), np.intp)

    def fitted(self, rows: NDArray[np.intp]) -> Target:
        """Make the target of what stands in these rows alone."""
        if self.labels:
            return ClassTarget(self.name, self.labels, self.numeric)
        mean, scale = mean_and_scale(self.values[rows])
        if not scale:
            raise TableError(f"the target {shown(self.name)} is {mean:g} in every row to train on: nothing to learn")
        return NumberTarget(self.name, mean, scale)


def read_target(table: Table, name: str, task: str = "auto") -> TargetColumn:
    """Read what a network is to predict, and decide what that is.

    Parameters
    ----------
    table : Table
    name : str
    task : {"auto", "classification", "regression"}
        By default text, and whole numbers of few values, are classes, and other numbers are numbers.

    Raises
    ------
    TableError
        For text in regression, missing values, a column of numbers and text, one class only or too many.
    """
    if task == "regression":
        return TargetColumn(name, "regression, as was asked for", numbers(table, name))
    if task == "classification":
        return classes(table, name, *labels_asked_for(table, name), "as was asked for", MAX_CATEGORIES)
    values = numbers_or_text(table, name, "--task classification")
    if values is None:
        return classes(table, name, texts(table, name), False, "since the target is text", MANY_CLASSES)
    distinct = len(np.unique(values) if are_exact(values) else set(texts(table, name)))
    if distinct == 1:
        raise TableError(f"the target {shown(name)} is {values[0]:g} in every row: there is nothing to learn")
    if are_few_integers(values, distinct):
        why = f"since the target has {distinct} different whole numbers (--task regression takes them as numbers)"
        return classes(table, name, *labels_asked_for(table, name), why, MAX_CATEGORIES)
    kind = "numbers" if (values != np.floor(values)).any() else "many whole numbers"
    return TargetColumn(name, f"regression, since the target has {kind}", values)


def classes(table: Table, name: str, cells: Sequence[str], numeric: bool, why: str, most: int) -> TargetColumn:
    """Make classes of labels."""
    labels = tuple(sorted(set(cells), key=float if numeric else None))
    if len(labels) == 1:
        raise TableError(f"the target {shown(name)} is {shown(labels[0])} in every row: two classes are needed")
    if len(labels) > most:
        hint = "" if most == MAX_CATEGORIES else ". --task classification takes up to 1,000"
        raise TableError(f"the target {shown(name)} has {len(labels):,} different values, too many for classes{hint}")
    decision = f"classification into {len(labels)} classes, {why}"
    return TargetColumn(name, decision, codes_of(table, name, cells, labels), labels, numeric)


def labels_asked_for(table: Table, name: str) -> tuple[Sequence[str], bool]:
    """Take what stands in a column for labels, and tell whether they are numbers that can all be told apart."""
    if converted(table.column(name)) is None:
        return texts(table, name), False
    values = numbers(table, name)
    return (label_texts(values), True) if are_exact(values) else (texts(table, name), False)


def are_exact(values: Numbers) -> bool:
    """Tell numbers that are small enough to be told apart, as long identifiers are not."""
    return bool(np.abs(values).max() <= LARGEST_EXACT)


def are_few_integers(values: Numbers, distinct: int) -> bool:
    """Tell numbers that stand for classes."""
    whole = bool((values == np.floor(values)).all())
    return whole and (distinct == 2 or (distinct <= FEW_INTEGERS and ROWS_A_CLASS * distinct <= len(values)))


def label_texts(values: Numbers) -> list[str]:
    """Write numbers as labels: whole ones without a point, and the same number the same way."""
    return [repr(int(value)) if value.is_integer() else repr(value) for value in values.tolist()]
