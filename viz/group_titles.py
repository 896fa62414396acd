"""Titles of boxes around boxes, moved to where no arrow runs: Graphviz keeps arrows off boxes, and not off titles.

A graph is laid out, its titles are moved along the upper edges of their boxes, and it is drawn as it then is. Where
arrows run everywhere, a title lies on them, on a plate in the colour of its ground.
"""

import re
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["has_groups", "with_clear_titles"]

# Between a title and what is beside it, in points.
ROOM = 4.0
# How far apart the places are that are tried.
STEP = 4.0

NUMBER = r"-?[\d.]+(?:e[-+]?\d+)?"
POINT = rf"{NUMBER},{NUMBER}"
# In what Graphviz writes. A text can imitate none of these: it holds no line break, and no quote that is not escaped.
GROUP = re.compile(r"^\t+subgraph \"?cluster_\w+\"? \{$", re.MULTILINE)
ATTRIBUTE = r'(?<=[\t\[ ]){}="({})"'
BOUNDS = re.compile(ATTRIBUTE.format("bb", rf"{POINT},{POINT}"))
TITLE = re.compile(ATTRIBUTE.format("lp", POINT))
WIDTH, HEIGHT = (re.compile(rf"^\t+{name}=({NUMBER})[,\]]?$", re.MULTILINE) for name in ("lwidth", "lheight"))
COURSE = re.compile(ATTRIBUTE.format("pos", rf"(?:[se],{POINT} )*{POINT}(?: {POINT}){{3,}}"))
LABEL = re.compile(r"^\t+label=(<.*>)[,\]]?$", re.MULTILINE)
GROUND = re.compile(r'^\t+fillcolor=("[^"]+"|\w+)[,\]]?$', re.MULTILINE)
NAME = re.compile(r"^\t+id=(\w+)[,\]]?$", re.MULTILINE)
ORDER = "\tgraph [outputorder=edgesfirst];\n"
NO_LABEL = 'label=""'
NODE = re.compile(r"^\t+n(\d+)\s*\[", re.MULTILINE)
OUTERMOST = re.compile(r"^\tsubgraph ", re.MULTILINE)


class Rectangle(NamedTuple):
    """What a title takes up, from corner to corner."""

    left: float
    low: float
    right: float
    high: float


def has_groups(source: str) -> bool:
    """Tell whether there are boxes around boxes in a graph."""
    return "class=group" in source


def with_clear_titles(laid_out: str) -> str:
    """Move titles to where no arrow runs.

    Parameters
    ----------
    laid_out : str
        A graph with the places of everything, as ``dot -Tdot`` writes it.

    Returns
    -------
    str
        With other places of titles, the first from the left that is free. Where none is, the title becomes a node, to
        be drawn after all arrows, where the fewest run. The other nodes are in the order of their
        numbers.
    """
    text = laid_out.replace("\\\n", "")
    arrows = np.concatenate([np.zeros((0, 2)), *courses(text)])
    starts = [found.start() for found in GROUP.finditer(text)]
    pieces = [text[: starts[0]]] if starts else [text]
    for start, end in zip(starts, [*starts[1:], len(text)], strict=True):
        pieces.append(moved(text[start:end], arrows))
    nodes = "".join(f"\tn{number};\n" for number in sorted(map(int, NODE.findall(laid_out))))
    # Arrows first, so that plates lie on them.
    return OUTERMOST.sub(lambda found: f"{ORDER}{nodes}{found[0]}", "".join(pieces), count=1)


def courses(text: str) -> Iterator[NDArray[np.float64]]:
    """Follow each arrow: points so close to each other that nothing as large as a letter is between them."""
    for found in COURSE.finditer(text):
        points = found[1].split(" ")
        tips = [place(point[2:]) for point in points if point[0] in "se"]
        knots = np.array([place(point) for point in points if point[0] not in "se"])
        for i in range(0, len(knots) - 1, 3):
            a, b, c, d = knots[i : i + 4]
            t = np.linspace(0, 1, 2 + int(np.abs(np.diff(knots[i : i + 4], axis=0)).sum() / 3))[:, None]
            yield (1 - t) ** 3 * a + 3 * t * (1 - t) ** 2 * b + 3 * t**2 * (1 - t) * c + t**3 * d
        if tips:
            yield np.array(tips)


def place(point: str) -> tuple[float, float]:
    """Read a point."""
    x, y = point.split(",")
    return float(x), float(y)


def moved(group: str, arrows: NDArray[np.float64]) -> str:
    """Move the title of the group that a text begins with, if arrows run through it."""
    head, end, rest = group.partition("];\n")
    found = [pattern.search(head) for pattern in (BOUNDS, TITLE, WIDTH, HEIGHT, LABEL, GROUND, NAME)]
    if not all(found):
        return group
    bounds, title, width, height, label, ground, name = (one[1] for one in found if one)
    left, _, right, _ = map(float, bounds.split(","))
    x, y = place(title)
    half, tall = 36 * float(width), 36 * float(height)

    def crossed(middle: float) -> int:
        area = Rectangle(middle - half - ROOM, y - tall, middle + half + ROOM, y + tall)
        return int(np.count_nonzero(inside(arrows, area)))

    tried = np.arange(x, right - half - ROOM, STEP) if x - half < left + 4 * ROOM else np.array([x])
    counts = [crossed(middle) for middle in tried.tolist()]
    if not counts or not counts[0]:
        return group
    best = f"{tried[int(np.argmin(counts))]:.2f},{y}"
    if not min(counts):
        return head.replace(f'lp="{title}"', f'lp="{best}"') + end + rest
    plate = (
        f"title_{name} [id=title_{name}, class=title, label={label}, shape=plain, style=filled, fillcolor={ground}, "
        f'margin=0, pos="{best}", width={width}, height={height}];'
    )
    return f"{head.replace(f'label={label}', NO_LABEL)}{end}\t{plate}\n{rest}"


def inside(points: NDArray[np.float64], area: Rectangle) -> NDArray[np.bool_]:
    """Tell which points lie in a rectangle."""
    x, y = points[:, 0], points[:, 1]
    found: NDArray[np.bool_] = (x > area.left) & (x < area.right) & (y > area.low) & (y < area.high)
    return found
