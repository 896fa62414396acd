"""Features: what the columns of a table become for a network, standardised numbers and one-hot categories."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.tabular.cells import Numbers, numbers, numbers_or_text, texts
from micrograd_nd.tabular.csv_files import Table, listed
from micrograd_nd.tabular.errors import TableError, shown

__all__ = ["MAX_CATEGORIES", "CategoryFeature", "Column", "Feature", "NumberFeature", "mean_and_scale", "read_columns"]

# More different texts than this are rather names or dates, unless a user says that they are categories.
MANY_CATEGORIES = 100
# More than this would be more weights than a table can teach.
MAX_CATEGORIES = 1000


@dataclass(frozen=True)
class NumberFeature:
    """A column of numbers, standardised: less the mean of the training rows, in units of their deviation.

    Attributes
    ----------
    name : str
    mean, scale : float
    gaps : bool
        Whether there may be cells without a value, which are taken for the mean.
    """

    name: str
    mean: float
    scale: float
    gaps: bool = False

    @property
    def size(self) -> int:
        """How many rows of X it makes."""
        return 1

    def encoded(self, table: Table) -> Numbers:
        """Give the rows of X, shape (1, m)."""
        values = numbers(table, self.name, gaps=self.gaps)
        values = np.where(np.isnan(values), self.mean, values)
        with np.errstate(over="ignore"):
            standardised = (values - self.mean) / self.scale
        if not np.isfinite(standardised).all():
            row = int(np.flatnonzero(~np.isfinite(standardised))[0])
            raise table.error(
                row,
                f"column {shown(self.name)} holds {values[row]:g}, too far from the mean {self.mean:g} to compute with",
            )
        return standardised[None]


@dataclass(frozen=True)
class CategoryFeature:
    """A column of categories, one-hot: a row of X for each, 1 where the cell holds it.

    Attributes
    ----------
    name : str
    categories : tuple of str
    gaps : bool
        Whether there may be cells without a value, which are none of the categories.
    """

    name: str
    categories: tuple[str, ...]
    gaps: bool = False

    @property
    def size(self) -> int:
        """How many rows of X it makes."""
        return len(self.categories)

    def encoded(self, table: Table) -> Numbers:
        """Give the rows of X, shape (number of categories, m)."""
        codes = codes_of(table, self.name, texts(table, self.name, gaps=self.gaps), self.categories)
        rows: Numbers = (codes == np.arange(self.size)[:, None]).astype(np.float64)
        return rows


Feature = NumberFeature | CategoryFeature


@dataclass(frozen=True)
class Column:
    """A column of the table that is trained on, before it is known which of its rows are.

    Attributes
    ----------
    name : str
    values : ndarray of float64, shape (m,), or None
        The numbers, of a column of numbers; NaN where there is none.
    categories : tuple of str
        The different texts, sorted, of a column of text.
    codes : ndarray of int, shape (m,), or None
        The position of each row's text among them; -1 where there is none.
    gaps : bool
        Whether there may be cells without a value.
    """

    name: str
    values: Numbers | None = None
    categories: tuple[str, ...] = ()
    codes: NDArray[np.intp] | None = None
    gaps: bool = False

    def fitted(self, rows: NDArray[np.intp]) -> Feature | None:
        """Make the feature of what stands in these rows alone; None where that is the same in all."""
        if self.codes is not None:
            distinct = len(np.unique(self.codes[rows]))
            return CategoryFeature(self.name, self.categories, self.gaps) if distinct > 1 else None
        values = np.asarray(self.values)[rows]
        present = values[~np.isnan(values)]
        mean, scale = mean_and_scale(present) if len(present) else (0.0, 0.0)
        return NumberFeature(self.name, mean, scale, self.gaps) if scale else None

    def missing(self) -> int:
        """Count the cells without a value."""
        return int(np.isnan(self.values).sum() if self.values is not None else np.sum(np.asarray(self.codes) < 0))


def read_columns(table: Table, names: Iterable[str], categorical: Sequence[str], *, gaps: bool = False) -> list[Column]:
    """Read what a network is to learn from.

    Parameters
    ----------
    table : Table
    names : iterable of str
        Of the columns.
    categorical : sequence of str
        Of those that hold categories, also where they look like numbers.
    gaps : bool
        Whether there may be cells without a value.

    Raises
    ------
    TableError
        For a column that is no feature: with missing values, of numbers and text, of too many different texts.
    """
    return [read_column(table, name, name in categorical, gaps) for name in names]


def read_column(table: Table, name: str, categorical: bool, gaps: bool) -> Column:
    """Read one column."""
    if not categorical:
        values = numbers_or_text(table, name, f"--categorical {shown(name)}", gaps=gaps)
        if values is not None:
            return Column(name, values, gaps=gaps)
    cells = texts(table, name, gaps=gaps)
    categories = tuple(sorted(set(cells) - {""}))
    check_number_of_categories(name, len(categories), categorical)
    return Column(name, categories=categories, codes=codes_of(table, name, cells, categories), gaps=gaps)


def check_number_of_categories(name: str, n: int, categorical: bool) -> None:
    """Refuse a column that would make an input of almost every row."""
    if n > MAX_CATEGORIES:
        raise TableError(
            f"column {shown(name)} holds {n:,} different texts, and {MAX_CATEGORIES:,} categories are the most: leave "
            f"it out by --drop {shown(name)}"
        )
    if n > MANY_CATEGORIES and not categorical:
        raise TableError(
            f"column {shown(name)} holds {n:,} different texts: leave it out by --drop {shown(name)}, or say "
            f"--categorical {shown(name)} if each is a category"
        )


def codes_of(table: Table, name: str, cells: Sequence[str], categories: Sequence[str]) -> NDArray[np.intp]:
    """Find the position of each cell among the categories, -1 for none, and refuse one that is none of them."""
    position = {"": -1} | {category: code for code, category in enumerate(categories)}
    try:
        return np.fromiter(map(position.__getitem__, cells), np.intp, len(cells))
    except KeyError:
        row = next(row for row, cell in enumerate(cells) if cell not in position)
        raise table.error(
            row,
            f"column {shown(name)} holds {shown(cells[row])}, which no row had that the model was trained on; "
            f"they had {listed(categories)}",
        ) from None


def mean_and_scale(values: NDArray[Any]) -> tuple[float, float]:
    """Compute the mean and the standard deviation, over m, of numbers of any size.

    Parameters
    ----------
    values : ndarray, shape (m,)

    Returns
    -------
    mean, scale : float
        The scale is exactly 0 where all numbers are the same.

    Examples
    --------
    >>> mean_and_scale(np.array([1e300, 3e300]))
    (2e+300, 1e+300)
    >>> mean_and_scale(np.array([0.1, 0.1, 0.1]))
    (0.1, 0.0)
    """
    if values.min() == values.max():
        return float(values[0]), 0.0
    # By a power of two, which changes no digit, to where squares neither overflow nor vanish.
    _, exponent = np.frexp(np.abs(values).max())
    scaled = np.ldexp(values, -exponent)
    mean, deviation = np.ldexp(scaled.mean(), exponent), np.ldexp(scaled.std(), exponent)
    return float(mean), float(deviation)
