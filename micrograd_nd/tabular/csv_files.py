"""CSV files: read as columns of text, each row with its line in the file, and written. Knows nothing of numbers."""

import csv
import io
import sys
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from micrograd_nd.tabular.errors import TableError, shown

__all__ = ["Table", "csv_text", "read_table"]

BYTE_ORDER_MARK = "\N{ZERO WIDTH NO-BREAK SPACE}"


@dataclass(frozen=True)
class Table:
    """What a CSV file holds.

    Attributes
    ----------
    path : Path
        Where from.
    columns : dict of str to sequence of str
        The cells of each column by its name, in the order of the file.
    lines : sequence of int
        The line of the file in which each row begins, counted from 1.
    """

    path: Path
    columns: dict[str, Sequence[str]]
    lines: Sequence[int]

    def __len__(self) -> int:
        return len(self.lines)

    def column(self, name: str) -> Sequence[str]:
        """Give the cells of a column.

        Raises
        ------
        TableError
            If there is none of this name.
        """
        self.require([name])
        return self.columns[name]

    def require(self, names: Iterable[str]) -> None:
        """Refuse to be without any of these columns; the message names all that are missing."""
        if missing := [name for name in names if name not in self.columns]:
            what = "column" if len(missing) == 1 else "columns"
            hint = "; is the delimiter another? --delimiter ';'" if len(self.columns) == 1 else ""
            raise TableError(f"{self.path} has no {what} {listed(missing)}; it has {listed(self.columns)}{hint}")

    def only(self, rows: Sequence[int]) -> "Table":
        """Give the table of some of the rows, by their positions; each still knows its line in the file."""
        columns: dict[str, Sequence[str]] = {name: [cells[row] for row in rows] for name, cells in self.columns.items()}
        return Table(self.path, columns, [self.lines[row] for row in rows])

    def error(self, row: int, message: str) -> TableError:
        """Make an error about a row, which names its line."""
        return TableError(f"{self.path}, line {self.lines[row]}: {message}")


def read_table(path: Path, delimiter: str = ",") -> Table:
    r"""Read a CSV file with a header: UTF-8, with or without a byte order mark, and any ends of lines.

    Parameters
    ----------
    path : Path
    delimiter : str
        What stands between cells, a single character.

    Returns
    -------
    Table
        Names are without the blanks around them; cells are as they are in the file. Empty lines are no rows.

    Raises
    ------
    TableError
        For what is no table: no header, no rows, names that are missing or stand twice, rows that are longer or
        shorter than the header, quotes that do not close, bytes that are not UTF-8; also for an empty line before
        the last row of a table of one column. The message names the line.
    OSError
        When the file cannot be read.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     path = Path(folder, "points.csv")
    ...     _ = path.write_text('x,y\n1,"a\nb"\n\n2,c\n')
    ...     table = read_table(path)
    >>> table.columns, table.lines
    ({'x': ('1', '2'), 'y': ('a\nb', 'c')}, (2, 5))
    """
    records = numbered(path, text_of(path), delimiter)
    first = next((record for record in records if record[1]), None)
    if first is None:
        raise TableError(f"{path} is empty: a header with the names of the columns is needed, and rows below")
    names = header(path, *first)
    lines, rows = [], []
    empty = None
    for line, cells in records:
        if not cells:
            empty = line
            continue
        if empty is not None and len(names) == 1:
            raise TableError(f"{path}, line {empty}: this line is empty, in a table whose rows have a single cell")
        if len(cells) != len(names):
            has, needed = (f"{n} cell{'s' * (n != 1)}" for n in (len(cells), len(names)))
            raise TableError(f"{path}, line {line}: this row has {has}, and the header {needed}")
        lines.append(line)
        rows.append(cells)
    if not rows:
        raise TableError(f"{path} has a header and no rows")
    return Table(path, dict(zip(names, zip(*rows, strict=True), strict=True)), tuple(lines))


def csv_text(names: Sequence[str], rows: Iterable[Sequence[str]], delimiter: str = ",") -> str:
    r"""Write a table so that `read_table` reads the same.

    Parameters
    ----------
    names : sequence of str
    rows : iterable of sequence of str
    delimiter : str

    Returns
    -------
    str

    Examples
    --------
    >>> csv_text(["x", "y"], [["1", "a,b"], ["2", "c"]])
    'x,y\n1,"a,b"\n2,c\n'
    """
    out = io.StringIO(newline="")
    plain = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    quoted = csv.writer(out, delimiter=delimiter, lineterminator="\n", quoting=csv.QUOTE_ALL)
    for row in (names, *rows):
        # Python 3.11 does not quote a carriage return by itself where lines end in another character.
        (quoted if any("\r" in cell for cell in row) else plain).writerow(row)
    return out.getvalue()


def text_of(path: Path) -> str:
    """Decode a file, and say where that fails."""
    content = path.read_bytes()
    try:
        text = content.decode("utf-8")
    except UnicodeDecodeError as error:
        line = len((content[: error.start] + b"?").splitlines())
        byte = content[error.start]
        raise TableError(f"{path}, line {line}: byte 0x{byte:02x} is not UTF-8; save the file as UTF-8") from None
    return text.removeprefix(BYTE_ORDER_MARK)


def numbered(path: Path, text: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Give each record with the line in which it begins; that of an empty line has no cells."""
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    line = 1
    try:
        for cells in reader:
            yield line, cells
            line = reader.line_num + 1
    except csv.Error as error:
        raise TableError(f"{path}, line {line}: {explained(error)}") from None


def explained(error: csv.Error) -> str:
    """Put what the csv module says of quotes in a user's words."""
    message = str(error)
    if "unexpected end" in message:
        return "a quote opens in this row, and is not closed before the end of the file"
    if "field limit" in message:
        return f"a cell has more than {csv.field_size_limit()} characters; is a quote not closed?"
    return f"this row cannot be read: {message}"


def header(path: Path, line: int, cells: list[str]) -> list[str]:
    """Check the names of columns."""
    names = [sys.intern(name.strip()) for name in cells]
    if "" in names:
        raise TableError(
            f"{path}, line {line}: column {names.index('') + 1} has no name. Name it, or leave it out; pandas writes "
            "such a one for its index, unless by to_csv(index=False)"
        )
    if len(set(names)) < len(names):
        twice = next(name for name in names if names.count(name) > 1)
        raise TableError(f"{path}, line {line}: column {shown(twice)} stands there {names.count(twice)} times")
    return names


def listed(names: Iterable[str], limit: int = 12) -> str:
    """List names for a message, the first of many."""
    quoted = [shown(name) for name in names]
    more = len(quoted) - limit
    return ", ".join(quoted) if more <= 0 else ", ".join(quoted[:limit]) + f" and {more} more"
