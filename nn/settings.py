"""Settings: the numbers that a user chooses, checked."""

from math import inf, isfinite
from numbers import Real
from typing import Any

import numpy as np

__all__ = [
    "check_count",
    "checked_rate",
    "finite_number",
    "fraction",
    "generator_of",
    "nonnegative_number",
    "positive_number",
    "truth",
]


def check_count(name: str, count: Any) -> None:
    """Refuse what counts nothing."""
    if isinstance(count, bool) or not isinstance(count, int | np.integer):
        raise TypeError(f"{name} must be an int; got {count!r}")
    if count < 1:
        raise ValueError(f"{name} must be at least 1; got {count}")


def generator_of(seed: Any) -> np.random.Generator:
    """Make a generator of a seed, and refuse what is none by its name."""
    try:
        return np.random.default_rng(seed)
    except (TypeError, ValueError) as error:
        kind = type(error)
        raise kind(f"seed must be an int that is not negative, or a numpy.random.Generator; got {seed!r}") from error


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


def positive_number(name: str, value: Any) -> float:
    """Take a number above zero as a float."""
    number = finite_number(name, value)
    if number <= 0:
        raise ValueError(f"{name} must be positive; got {value}")
    return number


def nonnegative_number(name: str, value: Any) -> float:
    """Take a number that is zero or above as a float."""
    number = finite_number(name, value)
    if number < 0:
        raise ValueError(f"{name} must not be negative; got {value}")
    return number


def fraction(name: str, value: Any) -> float:
    """Take a number from zero to below one as a float."""
    number = finite_number(name, value)
    if not 0 <= number < 1:
        raise ValueError(f"{name} must be at least 0 and below 1; got {value}")
    return number


def truth(name: str, value: Any) -> bool:
    """Refuse what is neither True nor False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {value!r}")
    return bool(value)


def checked_rate(learning_rate: Any) -> float:
    """Refuse what is no learning rate."""
    rate = finite_number("the learning rate", learning_rate)
    if rate <= 0:
        raise ValueError(f"the learning rate must be a positive number, such as 0.01; got {learning_rate}")
    return rate
