"""How a Tensor of many values looks on the page of a notebook: shape, dtype, range, and some of its values."""

from typing import Any

import numpy as np

from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.hypertext import paragraph, preformatted, section
from micrograd_nd.viz.values import number

__all__ = ["tensor_page"]

# So many values are looked through for a display, and no more.
MOST_VALUES = 20_000_000


def tensor_page(tensor: Tensor) -> str:
    """Show a Tensor: what it is, the range of its values and of its gradient, and its values, shortened as NumPy does.

    Parameters
    ----------
    tensor : Tensor

    Returns
    -------
    str
        HTML.
    """
    name = "Tensor" if tensor.name is None else f"Tensor {tensor.name}"
    lines = [f"{name}: shape {tensor.shape}, {tensor.dtype}"]
    if tensor.size:
        lines.append(f"values {told(tensor.node.out)}")
    if tensor.size and tensor.dtype.kind not in "biu" and tensor.grad is not None:
        lines.append(f"gradient {told(tensor.grad)}")
    return section(*(paragraph(line, strong=not i) for i, line in enumerate(lines)), preformatted(repr(tensor)))


def told(array: Any) -> str:
    """Say in what range values are, and how many are no finite numbers."""
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiu" or not 0 < array.size <= MOST_VALUES:
        return f"of {array.dtype}"
    finite = array[np.isfinite(array)]
    if not finite.size:
        return "without any finite number"
    low, high, mean = (number(f(finite)) for f in (np.min, np.max, average))
    nans = int(np.count_nonzero(np.isnan(array)))
    odd = [f"{nans:,} NaN"] * bool(nans) + [f"{array.size - finite.size - nans:,} infinite"]
    counted = "; " + ", ".join(odd[: 1 + (array.size - finite.size > nans)]) if finite.size < array.size else ""
    return f"from {low} to {high}, mean {mean}{counted}"


def average(values: Any) -> Any:
    """Take the mean without an overflow, whatever the dtype and the values."""
    largest = float(np.max(np.abs(values.astype(np.float64))))
    return largest * np.mean(values / largest, dtype=np.float64) if largest else 0.0
