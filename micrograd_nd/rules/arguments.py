"""How the rules read the arguments of a call: lists as arrays, axes counted from the start, slices along an axis."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.lib.array_utils import normalize_axis_tuple

from micrograd_nd.anomalies import user_line
from micrograd_nd.modes import TraceError, tracing
from micrograd_nd.primitives import readable

__all__ = ["Axis", "anywhere", "as_array", "axes_of", "axis_of", "fixed", "given", "is_traced", "piece"]

Axis = int | Sequence[int] | None


def as_array(x: Any) -> Any:
    """Let lists and Python numbers stand for arrays; Tensors and arrays stay what they are."""
    return x if hasattr(x, "dtype") else np.asarray(x)


def axes_of(axis: Axis, ndim: int) -> tuple[int, ...]:
    """List axes counted from the start; None stands for all."""
    return tuple(range(ndim)) if axis is None else tuple(normalize_axis_tuple(axis, ndim))


def axis_of(axis: int, ndim: int) -> int:
    """Count one axis from the start."""
    return int(normalize_axis_tuple(axis, ndim)[0])


def piece(a: Any, axis: int, start: int | None, stop: int | None) -> Any:
    """Cut a slice out along one axis, counted from the start."""
    return a[(slice(None),) * axis + (slice(start, stop),)]


def is_traced(x: Any) -> bool:
    """Tell what every call of a compiled program has anew, so that it may not be looked at."""
    return tracing() and not isinstance(x, np.ndarray | np.generic | int | float | complex | slice | type(...) | None)


def anywhere(condition: Any) -> bool:
    """Tell whether what is to be refused, or warned of, holds for any element; of traced values that is not known."""
    return not is_traced(condition) and bool(np.any(condition))


def fixed(x: Any, function: Any, what: str, instead: str) -> Any:
    """Refuse, while a function is compiled, to look at values on which the shape or dtype of a result depends."""
    if is_traced(x):
        raise TraceError(
            f"{what} of what {readable(function)} returns, {user_line()}, depends on values, and a compiled program is "
            f"made for shapes and dtypes: {instead}, or leave this function uncompiled"
        )
    return x


def given(**options: Any) -> dict[str, Any]:
    """Keep the options that differ from NumPy's way to say nothing."""
    return {name: value for name, value in options.items() if value is not None and value is not np._NoValue}
