"""Missing values: which rows of a table have none, where others are left out."""

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.tabular.cells import converted, is_gap, numbers, numbers_or_text
from micrograd_nd.tabular.csv_files import Table
from micrograd_nd.tabular.errors import TableError, shown

__all__ = ["complete", "with_target"]


def with_target(table: Table, name: str, task: str) -> Table:
    """Leave out the rows that say nothing of what is to be predicted, and cannot be learnt from.

    Parameters
    ----------
    table : Table
    name : str
        Of the target.
    task : {"auto", "classification", "regression"}

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If no row is left, and for a target of numbers and text.
    """
    if task == "regression":
        absent = np.isnan(numbers(table, name, gaps=True))
    elif task == "classification":
        cells = table.column(name)
        absent = np.array([not cell.strip() for cell in cells])
        if all(is_gap(cell) or converted([cell]) is not None for cell in cells):
            absent = np.array([is_gap(cell) for cell in cells])
    else:
        absent = gaps_of(table, name, "--task classification")
    return kept(table, ~absent, f"a value in the target {shown(name)}")


def complete(table: Table, names: Iterable[str], categorical: Sequence[str]) -> Table:
    """Leave out the rows without a value in any of some columns.

    Parameters
    ----------
    table : Table
    names : iterable of str
        Of the columns.
    categorical : sequence of str
        Of those that hold categories.

    Returns
    -------
    Table

    Raises
    ------
    TableError
        If no row is left, and for columns of numbers and text.
    """
    present = np.ones(len(table), bool)
    for name in names:
        if name in categorical:
            present &= [bool(cell.strip()) for cell in table.column(name)]
        else:
            present &= ~gaps_of(table, name, f"--categorical {shown(name)}")
    return kept(table, present, "a value in every column")


def gaps_of(table: Table, name: str, as_text: str) -> NDArray[np.bool_]:
    """Tell which cells of a column have no value."""
    values = numbers_or_text(table, name, as_text, gaps=True)
    if values is not None:
        return np.isnan(values)
    return np.array([not cell.strip() for cell in table.column(name)])


def kept(table: Table, present: NDArray[np.bool_], what: str) -> Table:
    """Keep some of the rows, if there are any."""
    if present.all():
        return table
    if not present.any():
        raise TableError(f"{table.path} has no row with {what}")
    return table.only(np.flatnonzero(present).tolist())
