"""Nests of arrays as vectors of real numbers, so that whoever checks derivatives need not care what an argument is."""

from collections.abc import Callable, Iterator, Sequence
from inspect import Parameter, signature
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.handle import plain

__all__ = ["Coordinates", "argument_names", "array_of", "is_differentiable", "named_leaves"]

Vector = NDArray[Any]


class Coordinates:
    """Floating-point arrays as one vector of real numbers: of a complex array the real parts, then the imaginary ones.

    Attributes
    ----------
    names : list of str
        What the arrays are called.
    shapes, dtypes : list
        Their shapes and dtypes.
    size : int
        How many real numbers they hold.
    dtype : dtype
        Of the vector: float64, or longer where an array is.
    eps, tiny : float
        The largest rounding error, and smallest normal number, of their dtypes.
    """

    def __init__(self, arrays: Sequence[Any], names: Sequence[str]) -> None:
        self.names = list(names)
        self.shapes = [np.shape(x) for x in arrays]
        self.dtypes = [x.dtype for x in arrays]
        self.sizes = [np.size(x) * (1 + (x.dtype.kind == "c")) for x in arrays]
        self.size = sum(self.sizes)
        self.dtype = np.result_type(np.float64, *[np.real(x[()]).dtype for x in arrays])
        self.eps = max((float(np.finfo(dtype).eps) for dtype in self.dtypes), default=0.0)
        self.tiny = max((float(np.finfo(dtype).tiny) for dtype in self.dtypes), default=0.0)

    def vector(self, arrays: Sequence[Any], sign: int = 1) -> Vector:
        """Join arrays of these shapes to one vector; ``sign=-1`` for derivatives, which are df/dx - i df/dy."""
        parts: list[Any] = []
        for x, dtype in zip(arrays, self.dtypes, strict=True):
            numbers = array_of(x)
            parts.append(np.real(numbers).reshape(-1))
            if dtype.kind == "c":
                parts.append(sign * np.imag(numbers).reshape(-1))
        if len(parts) == 1:
            return parts[0].astype(self.dtype)  # type: ignore[no-any-return]
        return np.concatenate([np.zeros(0, self.dtype), *parts], dtype=self.dtype)

    def arrays(self, vector: Vector, sign: int = 1) -> list[Any]:
        """Take a vector apart again; 0-d arrays come out as NumPy scalars."""
        made, start = [], 0
        for shape, dtype, size in zip(self.shapes, self.dtypes, self.sizes, strict=True):
            part = vector[start : start + size]
            if dtype.kind == "c":
                part = part[: size // 2] + sign * 1j * part[size // 2 :]
            made.append(part.astype(dtype).reshape(shape)[()])
            start += size
        return made

    def name_of(self, position: int) -> str:
        """Name one of the real numbers: ``x[0, 2]``, ``imag(z[1])``."""
        ends = np.cumsum(self.sizes)
        i = int(np.searchsorted(ends, position, side="right"))
        name, shape, dtype = self.names[i], self.shapes[i], self.dtypes[i]
        position -= int(ends[i]) - self.sizes[i]
        count = int(np.prod(shape))
        index = np.unravel_index(position % count, shape)
        element = f"{name}[{', '.join(map(str, index))}]" if shape else name
        if dtype.kind != "c":
            return element
        return f"real({element})" if position < count else f"imag({element})"


def array_of(x: Any) -> Any:
    """Read a leaf of a nest: an array or a NumPy scalar, which is of numbers unless somebody else's object."""
    x = plain(x)
    if isinstance(x, np.ndarray | np.generic):
        return x
    made = np.asarray(x)
    return made if made.dtype == object else made[()]


def is_differentiable(x: Any) -> bool:
    """Tell floating-point numbers, real or complex, from all that is held constant."""
    if isinstance(x, bool | int | str | bytes) or x is None or callable(x):
        return False
    return array_of(x).dtype.kind in "fc"


def named_leaves(nest: Any, name: str) -> Iterator[tuple[str, Any]]:
    """List the leaves of a nest in the order of `tree.leaves`, each with the expression that a reader finds it by."""
    if isinstance(nest, dict):
        for key, branch in nest.items():
            yield from named_leaves(branch, f"{name}[{key!r}]")
    elif isinstance(nest, tuple | list):
        fields = getattr(nest, "_fields", None)
        for i, branch in enumerate(nest):
            yield from named_leaves(branch, f"{name}.{fields[i]}" if fields else f"{name}[{i}]")
    elif nest is not None:
        yield name, nest


def argument_names(f: Callable[..., Any], count: int) -> list[str]:
    """Name the positional arguments as the function does, or by their numbers."""
    try:
        parameters = list(signature(f).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    named = [p.name for p in parameters if p.kind in (Parameter.POSITIONAL_ONLY, Parameter.POSITIONAL_OR_KEYWORD)]
    return [named[i] if i < len(named) else f"args[{i}]" for i in range(count)]
