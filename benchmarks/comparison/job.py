"""What a contender hands over to be checked and timed."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

Result = dict[str, NDArray[Any]]


class Missing(Exception):
    """Why a contender cannot take part here."""


def nothing() -> None:
    """Finish what is finished already."""


@dataclass(frozen=True)
class Job:
    """A piece of work that can be done again and again.

    `run` does it once. `read` tells, as NumPy arrays, what the last run gave: the cost J, and parameters after the step
    or derivatives. `finish` waits until everything that was started is done, for who computes in the background.
    """

    run: Callable[[], object]
    read: Callable[[], Result]
    finish: Callable[[], object] = nothing


def as_arrays(values: dict[str, Any]) -> Result:
    """Copy values of any library to NumPy, so that later runs do not change what was read."""
    return {name: np.array(value) for name, value in values.items()}


def first_line(error: Exception) -> str:
    """Name an error as a table can."""
    return f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
