"""Cells: whether a column holds numbers or text, and which cell is neither. Knows nothing of what they are for."""

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.tabular.csv_files import Table
from micrograd_nd.tabular.errors import shown

__all__ = ["Numbers", "converted", "is_gap", "numbers", "numbers_or_text", "texts"]

Numbers = NDArray[np.float64]

# Numbers as they are written where the decimal point is a comma, or thousands are grouped.
WITH_COMMAS = re.compile(r"[-+]?\d+([.,]\d+)+")

# What is written among numbers where there is none; in a column of text, these are texts, and only nothing is a gap.
GAPS = frozenset({"", "na", "n/a", "#n/a", "<na>", "nan", "null", "none", "?", "-", "."})
FILL = "Fill it in, leave the row out, or train with --missing mean"


def numbers(table: Table, name: str, advice: str = "", *, gaps: bool = False) -> Numbers:
    """Read a column of numbers.

    Parameters
    ----------
    table : Table
    name : str
    advice : str
        What else a user may do about text, such as ``", or say --drop x"``.
    gaps : bool
        Whether there may be cells without a value, which become NaN.

    Returns
    -------
    ndarray of float64, shape (m,)

    Raises
    ------
    TableError
        For a missing value, text, a NaN or an infinity; the message names line and column, and what was there.
    """
    cells = table.column(name)
    values = usable(cells, gaps)
    if values is not None:
        return values
    kinds = {cell: kind(cell, gaps) for cell in set(cells)}
    refuse_missing(table, name, kinds, gaps)
    row, cell = next((row, cell) for row, cell in enumerate(cells) if kinds[cell] in ("text", "not finite"))
    if kinds[cell] == "not finite":
        raise table.error(row, not_finite(name, cell))
    hint = comma_hint([cell]) or gap_hint(cell)
    raise table.error(row, f"column {shown(name)} holds {shown(cell)} where a number is needed{hint}{advice}")


def texts(table: Table, name: str, *, gaps: bool = False) -> list[str]:
    """Read a column of text, without the blanks around it.

    Parameters
    ----------
    table : Table
    name : str
    gaps : bool
        Whether there may be cells without a value, which become ``""``.

    Raises
    ------
    TableError
        For a missing value; the message names line and column.
    """
    cells = table.column(name)
    stripped = {cell: cell.strip() for cell in set(cells)}
    refuse_missing(table, name, {cell: "text" if text else "missing" for cell, text in stripped.items()}, gaps)
    return [stripped[cell] for cell in cells]


def numbers_or_text(table: Table, name: str, as_text: str, *, gaps: bool = False) -> Numbers | None:
    """Find out whether a column holds numbers or text: a column of both is refused, since one of them is a mistake.

    Parameters
    ----------
    table : Table
    name : str
    as_text : str
        What a user says to have both taken for text, such as ``"--categorical x"``.
    gaps : bool
        Whether there may be cells without a value, which are NaN among numbers.

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
    values = usable(cells, gaps)
    if values is not None:
        return values
    kinds = {cell: kind(cell, gaps) for cell in set(cells)}
    refuse_missing(table, name, kinds, gaps)
    first = {found: row for row, found in reversed(list(enumerate(map(kinds.__getitem__, cells))))}
    if "not finite" in first:
        row = first["not finite"]
        raise table.error(row, not_finite(name, cells[row]))
    if "number" in first:
        row, other = first["text"], first["number"]
        raise table.error(
            row,
            f"column {shown(name)} holds {shown(cells[row])}, which is no number, and {shown(cells[other])} in line "
            f"{table.lines[other]}, which is one. Mend it, or say {as_text} if they are categories"
            f"{gap_hint(cells[row])}",
        )
    of_text = [cell for cell, found in kinds.items() if found == "text"]
    if hint := comma_hint(of_text):
        row = first["text"]
        raise table.error(row, f"column {shown(name)} holds {shown(cells[row])}{hint}, or say {as_text}")
    return None


def usable(cells: Sequence[str], gaps: bool) -> Numbers | None:
    """Take all cells as finite numbers, and gaps as NaN where there may be some, if that is what they are."""
    values = converted(["nan" if is_gap(cell) else cell for cell in cells] if gaps else cells)
    if values is None or not (np.isfinite(values) | (gaps & np.isnan(values))).all():
        return None
    return values


def is_gap(cell: str) -> bool:
    """Tell a cell that stands for no value among numbers."""
    return cell.strip().lower() in GAPS


def converted(cells: Sequence[str]) -> Numbers | None:
    """Take all cells as numbers, if that is what they are."""
    if any("_" in cell for cell in cells):  # Python takes 1_000 for a number
        return None
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except ValueError:
        return None


def kind(cell: str, gaps: bool) -> str:
    """Tell what a cell is: missing, a number, a number that is not finite, or text."""
    if not cell.strip() or (gaps and is_gap(cell)):
        return "missing"
    value = converted([cell])
    if value is None:
        return "text"
    return "number" if np.isfinite(value[0]) else "not finite"


def refuse_missing(table: Table, name: str, kinds: dict[str, str], gaps: bool) -> None:
    """Refuse a column with a cell that holds nothing, unless there may be some."""
    if "missing" in kinds.values() and not gaps:
        row = next(row for row, cell in enumerate(table.columns[name]) if kinds[cell] == "missing")
        raise table.error(row, f"column {shown(name)} has no value there. {FILL}")


def not_finite(name: str, cell: str) -> str:
    """Say that a cell is not a finite number."""
    advice = FILL if is_gap(cell) else "Mend it, or leave the row out"
    return f"column {shown(name)} holds {shown(cell)}, which is no finite number. {advice}"


def gap_hint(cell: str) -> str:
    """Say what to do with a text that often stands for no value."""
    return ", or train with --missing mean if it stands for no value" if is_gap(cell) else ""


def comma_hint(cells: Sequence[str]) -> str:
    """Say how numbers are written, if that is what is wrong with all of these cells."""
    commas = all(WITH_COMMAS.fullmatch(cell.strip()) and "," in cell for cell in cells)
    return ": write numbers with a point for decimals, and thousands without a mark" if commas else ""
