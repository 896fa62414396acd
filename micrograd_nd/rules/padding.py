"""Padding, in every mode of NumPy's that has a derivative."""

from typing import Any

import numpy as np

from micrograd_nd.primitives import composition, derivative, primitive
from micrograd_nd.rules.arguments import as_array, piece

Widths = list[tuple[int, int]]


@primitive
def surrounded(a: Any, *, widths: Widths) -> Any:
    """Put zeros around an array."""
    return np.pad(a, widths)


@primitive
def core(a: Any, *, widths: Widths) -> Any:
    """Take away what was put around an array."""
    return a[tuple(slice(before, n - after) for (before, after), n in zip(widths, a.shape, strict=True))]


derivative(surrounded, lambda g, out, a, *, widths: core(g, widths=widths), linear=True)
derivative(core, lambda g, out, a, *, widths: surrounded(g, widths=widths), linear=True)


@composition(np.pad)
def pad(array: Any, pad_width: Any, mode: str = "constant", **kwargs: Any) -> Any:
    """Add elements at the ends of each axis."""
    array = as_array(array)
    if mode not in OPTIONS:
        raise TypeError(f"np.pad of Tensors has the modes {', '.join(OPTIONS)}; got {mode!r}")
    if unknown := kwargs.keys() - OPTIONS[mode]:
        raise TypeError(f"np.pad of Tensors with mode={mode!r} takes no {min(unknown)}=")
    if array.ndim == 0:
        return np.positive(array)
    widths = widths_of(pad_width, array.ndim)
    if mode == "constant":
        values = kwargs.get("constant_values", 0)
        padded = surrounded(array, widths=widths)
        if np.any(np.asarray(values) != 0):
            padded = padded + np.pad(np.zeros(array.shape, array.dtype), widths, constant_values=values)
        return padded
    if mode in SAME_ELEMENTS and kwargs.get("reflect_type", "even") == "even":
        for axis, width in enumerate(widths):
            if any(width):
                array = np.take(array, np.pad(np.arange(array.shape[axis]), width, mode), axis=axis)  # type: ignore[call-overload]
        return array if np.any(widths) else np.copy(array)
    return extended(array, widths, mode, kwargs) if np.any(widths) else np.copy(array)


SAME_ELEMENTS = ("edge", "reflect", "symmetric", "wrap")

# What each mode takes besides.
OPTIONS = {
    "constant": {"constant_values"},
    "edge": set(),
    "wrap": set(),
    "reflect": {"reflect_type"},
    "symmetric": {"reflect_type"},
    "linear_ramp": {"end_values"},
    "mean": {"stat_length"},
    "median": {"stat_length"},
    "maximum": {"stat_length"},
    "minimum": {"stat_length"},
}
STATISTICS = {"mean": np.mean, "median": np.median, "maximum": np.max, "minimum": np.min}


def widths_of(pad_width: Any, ndim: int) -> Widths:
    """Read NumPy's shorthands for a pair of widths an axis."""
    if isinstance(pad_width, dict):
        pairs = np.zeros((ndim, 2), np.intp)
        for axis, width in pad_width.items():
            pairs[axis] = width
    else:
        pairs = pairs_of(pad_width, ndim)
    if pairs.dtype.kind not in "iu" or np.any(pairs < 0):
        raise TypeError(f"pad_width holds whole numbers, 0 or more; got {pad_width!r}")
    return [(before, after) for before, after in pairs.tolist()]


def pairs_of(values: Any, ndim: int) -> Any:
    """Read NumPy's shorthands for a pair of values an axis."""
    return np.broadcast_to(np.asarray(values), (ndim, 2))


def extended(array: Any, widths: Widths, mode: str, options: dict[str, Any]) -> Any:
    """Compute what to put at the ends of an axis, an axis after the other, from what is there by then."""
    ends = pairs_of(options.get("end_values", 0), array.ndim)
    lengths = pairs_of(options.get("stat_length"), array.ndim)
    for axis, (before, after) in enumerate(widths):
        if not (before or after):
            continue
        if mode == "linear_ramp":
            first = ramp(piece(array, axis, 0, 1), axis, before, ends[axis][0])
            last = np.flip(ramp(piece(array, axis, -1, None), axis, after, ends[axis][1]), axis)
        elif mode in STATISTICS:
            number, (start, stop) = array.shape[axis], lengths[axis]
            first = statistic(piece(array, axis, 0, number if start is None else start), axis, before, mode)
            last = statistic(piece(array, axis, 0 if stop is None else max(number - stop, 0), None), axis, after, mode)
        else:
            first, last = mirrored(array, axis, before, after, mode)
        array = np.concatenate((first, array, last), axis=axis)
    return array


def ramp(edge: Any, axis: int, width: int, end: Any) -> Any:
    """Go straight from an end value to the edge."""
    return np.linspace(end.astype(edge.dtype), np.squeeze(edge, axis=axis), width, endpoint=False, axis=axis)


def statistic(part: Any, axis: int, width: int, mode: str) -> Any:
    """Repeat a statistic of the elements at an end."""
    value = STATISTICS[mode](part, axis=axis, keepdims=True)  # type: ignore[operator]
    return np.broadcast_to(value, (*part.shape[:axis], width, *part.shape[axis + 1 :]))


def mirrored(array: Any, axis: int, before: int, after: int, mode: str) -> tuple[Any, Any]:
    """Turn the elements at each end about the edge itself, in place and value."""
    number, skipped = array.shape[axis], int(mode == "reflect")
    if max(before, after) > number - skipped:
        raise TypeError(
            f"np.pad of Tensors with reflect_type='odd' turns {number - skipped} elements; got {before, after}"
        )
    first = np.flip(piece(array, axis, skipped, skipped + before), axis)
    last = np.flip(piece(array, axis, number - skipped - after, number - skipped), axis)
    return 2 * piece(array, axis, 0, 1) - first, 2 * piece(array, axis, -1, None) - last
