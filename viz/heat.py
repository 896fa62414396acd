"""Heat strips: a large array as a row of coloured cells, by a scale in which equal steps look equal."""

from typing import Any

import numpy as np

__all__ = ["cells", "colour"]

CELLS = 16
# In OKLab: from a dark blue to a light yellow, along a straight line. The blue and the yellow are those at which no
# part of it leaves sRGB.
DARK, LIGHT = np.array([0.30, 0.0, -0.13]), np.array([0.93, -0.02, 0.13])

# From OKLab to linear sRGB: B. Ottosson, "A perceptual color space for image processing", 2020.
TO_CONES = np.array(
    [[1.0, 0.3963377774, 0.2158037573], [1.0, -0.1055613458, -0.0638541728], [1.0, -0.0894841775, -1.2914855480]]
)
TO_RGB = np.array(
    [
        [4.0767416621, -3.3077115913, 0.2309699292],
        [-1.2684380046, 2.6097574011, -0.3413193965],
        [-0.0041960863, -0.7034186147, 1.7076147010],
    ]
)


def colour(fraction: float) -> str:
    """Give the colour of a place between the lowest and the highest value.

    Parameters
    ----------
    fraction : float
        From 0, dark blue, to 1, light yellow.

    Returns
    -------
    str
        In the form of ``"#0B2C5A"``.
    """
    lab = DARK + fraction * (LIGHT - DARK)
    linear = np.clip(TO_RGB @ (TO_CONES @ lab) ** 3, 0, 1)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return "#" + "".join(f"{round(255 * x):02X}" for x in encoded.tolist())


def cells(array: Any) -> list[float | None] | None:
    """Sum an array up in at most 16 numbers between 0 and 1.

    Parameters
    ----------
    array : array
        Of any shape. The last axis, or the longest where that has length 1, is cut into 16 stretches; a number is the
        mean over one of them and all other axes.

    Returns
    -------
    list or None
        Where each mean lies between the lowest and the highest of them; None in the place of one that is not finite.
        None instead of a list of an array that has no such means: of complex numbers, or without elements.

    Examples
    --------
    >>> cells(np.arange(64.0).reshape(2, 32))[:3]
    [0.0, 0.06666666666666667, 0.13333333333333333]
    """
    if not isinstance(array, np.ndarray) or array.dtype.kind not in "fiub" or not array.size or not array.ndim:
        return None
    axis = array.ndim - 1 if array.shape[-1] > 1 else int(np.argmax(array.shape))
    along = np.moveaxis(array, axis, 0).reshape(array.shape[axis], -1)
    with np.errstate(all="ignore"):
        means = np.array([np.mean(part, dtype=np.float64) for part in np.array_split(along, min(CELLS, len(along)))])
        finite = means[np.isfinite(means)]
        low, high = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
        # Halved, so that the distance of the ends of all floats is one too.
        width = high / 2 - low / 2
        return [
            None if not np.isfinite(x) else float((x / 2 - low / 2) / width) if width > 0 else 0.5
            for x in means.tolist()
        ]
