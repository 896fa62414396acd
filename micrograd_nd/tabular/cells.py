"""Cells: whether a column holds numbers or text, and which cell is neither. Knows nothing of what they are for."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.tabular.csv_files import Table
from micrograd_nd.tabular.errors import shown

__all__ = ["Numbers", "converted", "numbers", "numbers_or_text", "texts"]

Numbers = NDArray[np.float64]

# Numbers as they are written where the decimal point is a comma, or thousands are grouped.
WITH_COMMAS = re.compile(r"[-+]?\d+([.,]\d+)+")


def numbers(table: Table, name: str, advice: str = "") -> Numbers:
    """Read a column of numbers.

    Parameters
    ----------
    table : Table
    name : str
    advice : str
        What else a user may do about text, such as ``", or say --drop x"``.

    Returns
    -------
    ndarray of float64, shape (m,)

    Raises
    ------
    TableError
        For a missing value, text, a NaN or an infinity; the message names line and column, and what was there.
    """
    cells = table.column(name)
    values = converted(cells)
    if values is not None and np.isfinite(values).all():
        return values
    kinds = {cell: kind(cell) for cell in set(cells)}
    refuse_missing(table, name, kinds)
    row, cell = next((row, cell) for row, cell in enumerate(cells) if kinds[cell] != "number")
    if kinds[cell] == "not finite":
        raise table.error(row, not_finite(name, cell))
    hint = comma_hint([cell])
    raise table.error(row, f"column {shown(name)} holds {shown(cell)} where a number is needed{hint}{advice}")


def texts(table: Table, name: str) -> list[str]:
    """Read a column of text, without the blanks around it.

    Raises
    ------
    TableError
        For a missing value; the message names line and column.
    """
    cells = table.column(name)
    stripped = {cell: cell.strip() for cell in set(cells)}
    refuse_missing(table, name, {cell: "text" if text else "missing" for cell, text in stripped.items()})
    return [stripped[cell] for cell in cells]


def numbers_or_text(table: Table, name: str, as_text: str) -> Numbers | None:
    """Find out whether a column holds numbers or text: a column of both is refused, since one of them is a mistake.

    Parameters
    ----------
    table : Table
    name : str
    as_text : str
        What a user says to have both taken for text, such as ``"--categorical x"``.

    Returns
    -------
    ndarray of float64, shape (m,), or None
        The numbers; None for text.

    Raises
    ------
    TableError
        For a column of both, a missing value, a NaN or an infinity, and numbers with commas.
    """
    cells = table.column(name)
    values = converted(cells)
    if values is not None and np.isfinite(values).all():
        return values
    kinds = {cell: kind(cell) for cell in set(cells)}
    refuse_missing(table, name, kinds)
    first = {found: row for row, found in reversed(list(enumerate(map(kinds.__getitem__, cells))))}
    if "not finite" in first:
        row = first["not finite"]
        raise table.error(row, not_finite(name, cells[row]))
    if "number" in first:
        row, other = first["text"], first["number"]
        raise table.error(
            row,
            f"column {shown(name)} holds {shown(cells[row])}, which is no number, and {shown(cells[other])} in line "
            f"{table.lines[other]}, which is one. Mend it, or say {as_text} if they are categories",
        )
    if hint := comma_hint(kinds):
        raise table.error(0, f"column {shown(name)} holds {shown(cells[0])}{hint}, or say {as_text}")
    return None


def converted(cells: Sequence[str]) -> Numbers | None:
    """Take all cells as numbers, if that is what they are."""
    if any("_" in cell for cell in cells):  # Python takes 1_000 for a number
        return None
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None


def kind(cell: str) -> str:
    """Tell what a cell is: missing, a number, a number that is not finite, or text."""
    if not cell.strip():
        return "missing"
    value = converted([cell])
    if value is None:
        return "text"
    return "number" if np.isfinite(value[0]) else "not finite"


def refuse_missing(table: Table, name: str, kinds: dict[str, str]) -> None:
    """Refuse a column with a cell that holds nothing."""
    if "missing" in kinds.values():
        row = next(row for row, cell in enumerate(table.columns[name]) if kinds[cell] == "missing")
        raise table.error(row, f"column {shown(name)} has no value there. Fill it in, or leave the row out")


def not_finite(name: str, cell: str) -> str:
    """Say that a cell is not a finite number."""
    return f"column {shown(name)} holds {shown(cell)}, which is no finite number. Fill it in, or leave the row out"


def comma_hint(cells: Sequence[str] | dict[str, str]) -> str:
    """Say how numbers are written, if that is what is wrong with all of these cells."""
    commas = all(WITH_COMMAS.fullmatch(cell.strip()) and "," in cell for cell in cells)
    return ": write numbers with a point for decimals, and thousands without a mark" if commas else ""
