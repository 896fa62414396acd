"""Images of few colours, and so small files."""

from typing import Any

import numpy as np

from micrograd_nd.viz.plots.inks import Ink

__all__ = ["indexed"]


def indexed(image: Any, ink: Ink, colours: int) -> Any:
    """Bring an RGB image of Pillow down to so many colours, up to 256, those of markers and lines among them.

    The most frequent colours are those of areas that fade into each other; among these alone, the colour of a marker
    would be lost.
    """
    from matplotlib.colors import to_rgb
    from PIL import Image

    named = dict.fromkeys((ink.background, ink.text, ink.muted, *ink.areas, *ink.lines))
    frequent = image.quantize(colours - len(named), dither=Image.Dither.NONE).getpalette()
    kept = np.array([np.round(255 * np.array(to_rgb(colour))) for colour in named])
    palette = np.concatenate([kept, np.reshape(frequent, (-1, 3))])[:colours]
    # Pillow's own search for the closest is a rough one, that takes another white for white.
    pixels = np.asarray(image).reshape(-1, 3)
    found, places = np.unique(pixels @ np.array([1 << 16, 1 << 8, 1]), return_inverse=True)
    distinct = np.stack([found >> 16, (found >> 8) & 255, found & 255], axis=1)
    distances = np.sum(distinct**2, axis=1)[:, None] - 2 * distinct @ palette.T + np.sum(palette**2, axis=1)
    closest = distances.argmin(axis=1).astype(np.uint8)
    made = Image.fromarray(closest[places].reshape(image.height, image.width))
    made.putpalette(palette.astype(np.uint8).ravel().tolist())
    return made
