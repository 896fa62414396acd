"""Functions that take an array apart: each part is a slice."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition
from micrograd_nd.rules.arguments import as_array, axis_of


@composition(np.array_split)
def split_anyhow(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut at positions, or into a number of parts as equal as they can be."""
    ary = as_array(ary)
    axis = axis_of(axis, ary.ndim)
    if np.ndim(indices_or_sections) == 0:
        number = int(indices_or_sections)
        if number <= 0:
            raise ValueError(f"an array is split into 1 part or more; got {number}")
        short, longer = divmod(ary.shape[axis], number)
        ends = [short * i + min(i, longer) for i in range(1, number)]
    else:
        ends = list(indices_or_sections)
    before = (slice(None),) * axis
    return [ary[(*before, slice(start, end))] for start, end in zip([0, *ends], [*ends, None], strict=True)]


@composition(np.split)
def split_evenly(ary: Any, indices_or_sections: Any, axis: int = 0) -> list[Any]:
    """Cut at positions, or into a number of equal parts."""
    length = np.shape(ary)[axis]
    if np.ndim(indices_or_sections) == 0 and length % indices_or_sections:
        raise ValueError(f"an axis of length {length} does not split into {indices_or_sections} equal parts")
    return np.array_split(ary, indices_or_sections, axis)


@composition(np.vsplit)
def split_rows(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut the first axis."""
    return np.split(at_least(ary, 2), indices_or_sections, 0)


@composition(np.hsplit)
def split_columns(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut the second axis, of a vector the first."""
    return np.split(at_least(ary, 1), indices_or_sections, 1 if ary.ndim > 1 else 0)


@composition(np.dsplit)
def split_depths(ary: Any, indices_or_sections: Any) -> list[Any]:
    """Cut the third axis."""
    return np.split(at_least(ary, 3), indices_or_sections, 2)


def at_least(ary: Any, ndim: int) -> Any:
    """Refuse an array that lacks the axis to cut."""
    if ary.ndim < ndim:
        raise ValueError(f"the array to split needs {ndim} axes or more; got shape {ary.shape}")
    return ary


if hasattr(np, "unstack"):

    @composition(np.unstack)
    def unstack(x: Any, /, *, axis: int = 0) -> tuple[Any, ...]:
        """Take every layer along an axis."""
        before = (slice(None),) * axis_of(axis, x.ndim)
        return tuple(x[(*before, i)] for i in range(x.shape[axis]))
