"""Images of few colours, and so small files."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.viz.plots.inks import Ink

__all__ = ["indexed"]

# The share of colours that are chosen for being far from all others.
DISTANT = 0.25


def indexed(image: Any, ink: Ink, colours: int) -> Any:
    """Bring an RGB image of Pillow down to so many colours, up to 256, those of markers and lines among them.

    Some of the others are the most frequent ones, by which areas fade smoothly into each other, and some are those that
    are the farthest from each other: without these, what is small would have the colour of something else.
    """
    from matplotlib.colors import to_rgb
    from PIL import Image

    named = dict.fromkeys((ink.background, ink.text, ink.muted, *ink.areas, *ink.lines))
    kept = np.array([np.round(255 * np.array(to_rgb(colour))) for colour in named])
    distant = round(DISTANT * (colours - len(kept)))
    methods = {Image.Quantize.MAXCOVERAGE: distant, Image.Quantize.MEDIANCUT: colours - len(kept) - distant}
    palette = np.concatenate([kept, *(chosen(image, method, number) for method, number in methods.items())])
    # Pillow's own search for the closest is a rough one, that takes another white for white.
    pixels = np.asarray(image).reshape(-1, 3)
    found, places = np.unique(pixels @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    distinct = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=1)
    distances = np.sum(distinct**2, axis=1)[:, None] - 2 * distinct @ palette.T + np.sum(palette**2, axis=1)
    closest = distances.argmin(axis=1).astype(np.uint8)
    made = Image.fromarray(closest[places].reshape(image.height, image.width))
    made.putpalette(palette.astype(np.uint8).ravel().tolist())
    return made


def chosen(image: Any, method: Any, number: int) -> NDArray[Any]:
    """Let Pillow choose colours of an image, a row each: up to so many, since it may have fewer."""
    from PIL import Image

    palette = image.quantize(number, method=method, dither=Image.Dither.NONE).getpalette()
    return np.reshape(palette, (-1, 3))[:number]
