"""How values are written in pictures: short numbers, small arrays in full, large ones as shape and dtype."""

from typing import Any

import numpy as np

__all__ = ["extent", "is_small", "number", "rows", "text"]

ROWS, COLUMNS = 4, 6


def number(x: Any, digits: int = 5) -> str:
    """Write one number for a reader.

    Parameters
    ----------
    x : number
        Real, complex or bool.
    digits : int
        How many significant ones to keep of a fraction.

    Returns
    -------
    str
        Without trailing zeros, and with the minus sign of mathematics.

    Examples
    --------
    >>> number(33.0), number(2 / 3), number(-1.5e-7)
    ('33', '0.66667', '−1.5e−7')
    """
    if isinstance(x, bool | np.bool_):
        return str(bool(x))
    if isinstance(x, complex | np.complexfloating):
        sign = "−" if np.signbit(x.imag) else "+"
        return f"{number(x.real, digits)} {sign} {number(abs(x.imag), digits)}i"
    if isinstance(x, int | np.integer):
        return str(int(x)).replace("-", "−")
    whole = float(x).is_integer() and abs(float(x)) < 1e6
    mantissa, e, exponent = (str(int(x)) if whole else f"{float(x):.{digits}g}").partition("e")
    return f"{mantissa}{e}{int(exponent) if e else ''}".replace("-", "−")


def is_small(value: Any) -> bool:
    """Tell whether a value is shown in full: a number, or an array of at most 4 rows and 6 columns."""
    if not isinstance(value, np.ndarray):
        return isinstance(value, int | float | complex | np.generic)
    lengths = (1, 1, *value.shape)[-2:]
    return value.ndim <= 2 and value.size > 0 and lengths[0] <= ROWS and lengths[1] <= COLUMNS


def text(value: Any) -> str:
    """Write a value in one line: a number, the elements of a short vector, or else shape and dtype.

    Parameters
    ----------
    value : array or number
        Of any array library; only NumPy's are looked into.

    Returns
    -------
    str

    Examples
    --------
    >>> text(np.array([1.0, 0.25])), text(np.zeros((20, 209)))
    ('[1, 0.25]', '(20, 209) float64')
    """
    if is_small(value) and np.ndim(value) < 2:
        array = np.asarray(value)
        return f"[{', '.join(number(x, 4) for x in array)}]" if array.ndim else number(array[()])
    return f"{value.shape} {value.dtype}" if hasattr(value, "dtype") else str(value)


def rows(value: Any) -> list[list[str]] | None:
    """Write the elements of a small matrix, row by row; None of anything else."""
    if not is_small(value) or np.ndim(value) != 2:
        return None
    return [[number(x, 3) for x in row] for row in value]


def extent(value: Any) -> str | None:
    """Write the lowest and the highest element of a large array, and how many are no numbers; None of anything else.

    Examples
    --------
    >>> extent(np.arange(64.0)), extent(np.append(np.arange(64.0), np.nan))
    ('0 … 63', '0 … 63, 1 NaN')
    """
    if not isinstance(value, np.ndarray) or value.dtype.kind not in "fiu" or is_small(value) or not value.size:
        return None
    missing = int(np.count_nonzero(np.isnan(value)))
    count = f"{missing} NaN"
    if missing == value.size:
        return count
    ends = f"{number(np.nanmin(value), 3)} … {number(np.nanmax(value), 3)}"
    return f"{ends}, {count}" if missing else ends
