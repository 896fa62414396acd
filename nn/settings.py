"""Settings: the numbers that a user chooses, checked."""

from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np

__all__ = ["check_count", "finite_number"]


def check_count(name: str, count: Any) -> None:
    """Refuse what counts nothing."""
    if isinstance(count, bool) or not isinstance(count, int | np.integer):
        raise TypeError(f"{name} must be an int; got {count!r}")
    if count < 1:
        raise ValueError(f"{name} must be at least 1; got {count}")


def finite_number(name: str, value: Any) -> float:
    """Take a real number as a float, and refuse what is none, or not finite as a float."""
    if isinstance(value, bool) or not isinstance(value, Real):
        raise TypeError(f"{name} must be a number; got {value!r}")
    try:
        number = float(value)
    except OverflowError:
        number = inf
    if not isfinite(number):
        raise ValueError(f"{name} must be a finite number; got {number}")
    return number
