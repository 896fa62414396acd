"""A cost curve as a small SVG of its own, for pages: it needs no other package, and takes the page's colour of text."""

from collections.abc import Mapping, Sequence
from math import isfinite, log10

from micrograd_nd.viz.hypertext import escaped
from micrograd_nd.viz.themes import NOTEBOOK
from micrograd_nd.viz.values import number

__all__ = ["curves"]

WIDTH, HEIGHT = 520, 210
LEFT, RIGHT, TOP, BOTTOM = 62, 128, 12, 34
# A curve of more points is drawn by the lowest and the highest of each of so many stretches.
STRETCHES = 200

Point = tuple[float, float]


def curves(series: Mapping[str, Sequence[float]], *, along: str) -> str:
    """Draw up to two curves, the second dashed, with the range of their values.

    Positive values of which one is over a hundred times another are drawn on a logarithmic scale, and it is said so.

    Parameters
    ----------
    series : mapping of str to sequence of float
        Each by its name. What is not finite leaves a gap.
    along : str
        What the values are counted by, such as ``"epoch"``.

    Returns
    -------
    str
        SVG; empty where no value is finite.

    Examples
    --------
    >>> svg = curves({"cost": [0.7, 0.4, 0.3]}, along="epoch")
    >>> svg.count("<path"), "0.3" in svg
    (1, True)
    """
    finite = [y for values in series.values() for y in values if isfinite(y)]
    if not finite:
        return ""
    low, high = min(finite), max(finite)
    longest = max(len(values) for values in series.values())
    logarithmic = 0 < low < high / 100
    # Halves, since the difference of two large numbers may be larger than any number.
    scaled = log10 if logarithmic else lambda y: y / 2
    span = scaled(high) - scaled(low)

    def place(i: int, y: float) -> Point:
        x = LEFT + (WIDTH - LEFT - RIGHT) * (i / (longest - 1) if longest > 1 else 0.5)
        part = (scaled(y) - scaled(low)) / span if span else 0.5
        return x, TOP + (HEIGHT - TOP - BOTTOM) * (1 - part)

    lines, ends = [], []
    looks = zip(series.items(), (NOTEBOOK.forward, NOTEBOOK.backward), ("", ' stroke-dasharray="6 4"'), strict=False)
    for (name, values), colour, dashes in looks:
        points = [place(i, y) if isfinite(y) else None for i, y in enumerate(values)]
        lines.append(f'<path d="{path(thinned(points))}" fill="none" stroke="{colour}" {STROKE}{dashes}/>')
        if last := [point for point in points if point]:
            ends.append((last[-1][1], name, colour))
    texts = [label(WIDTH - RIGHT + 8, y + 4, name, fill=colour) for y, name, colour in apart(ends)]
    counted = f"{along} (log scale upwards)" if logarithmic else along
    right, bottom = WIDTH - RIGHT, HEIGHT - BOTTOM
    axes = f'<polyline points="{LEFT},{TOP} {LEFT},{bottom} {right},{bottom}" fill="none" stroke="currentColor"/>'
    texts += [label(LEFT - 6, TOP + 6, number(high, 4), anchor="end")] * (high > low)
    texts += [label(LEFT - 6, bottom if high > low else (TOP + bottom) / 2 + 4, number(low, 4), anchor="end")]
    texts += [label(LEFT, bottom + 16, "1"), label(right, bottom + 16, f"{longest:,}", anchor="end")] * (longest > 1)
    texts += [label((LEFT + right) / 2, bottom + 26, counted, anchor="middle")]
    told = f"{', '.join(series)}: from {number(low, 4)} to {number(high, 4)} over {longest:,} {along}s"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" '
        f'style="max-width:100%;height:auto;color:inherit" role="img" aria-label="{escaped(told)}">'
        f"{axes}{''.join(lines)}{''.join(texts)}</svg>"
    )


STROKE = 'stroke-width="2" stroke-linejoin="round" stroke-linecap="round"'


def path(points: Sequence[Point | None]) -> str:
    """Write points as a line, with a gap where one is missing."""
    commands = []
    for before, point, after in zip([None, *points], points, [*points[1:], None], strict=False):
        if point is not None:
            x, y = point
            # A point that stands alone is a short line, which is seen.
            sign, end = ("L", "") if before else ("M", "" if after else "h3")
            commands.append(f"{sign}{x:.1f} {y:.1f}{end}")
    return "".join(commands)


def thinned(points: Sequence[Point | None]) -> list[Point | None]:
    """Leave out points, but the lowest and the highest of each stretch."""
    if len(points) <= 2 * STRETCHES:
        return list(points)
    kept: list[Point | None] = []
    for i in range(STRETCHES):
        stretch = points[i * len(points) // STRETCHES : (i + 1) * len(points) // STRETCHES]
        there = [point for point in stretch if point]
        kept += sorted({min(there, key=height), max(there, key=height)}) if there else [None]
    return kept


def height(point: Point) -> float:
    """Tell how far down a point is."""
    return point[1]


def apart(ends: Sequence[tuple[float, str, str]]) -> list[tuple[float, str, str]]:
    """Move the names of curves off each other."""
    placed: list[tuple[float, str, str]] = []
    for y, name, colour in sorted(ends):
        placed.append((max(y, placed[-1][0] + 15) if placed else y, name, colour))
    return placed


def label(x: float, y: float, text: str, *, anchor: str = "start", fill: str = "currentColor") -> str:
    """Write text at a place."""
    return (
        f'<text x="{x:.1f}" y="{y:.1f}" font-size="12" font-family="sans-serif" text-anchor="{anchor}" '
        f'fill="{fill}">{escaped(text)}</text>'
    )
