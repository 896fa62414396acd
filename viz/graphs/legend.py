"""The legend of a picture: what its arrows and boxes mean, of those that occur in it."""

from collections.abc import Iterator

from micrograd_nd.viz.graphs.expressions import Summary
from micrograd_nd.viz.graphs.scene import Kind, Scene
from micrograd_nd.viz.labels import beside, bordered, centred, label, stacked, strip, swatch, text
from micrograd_nd.viz.themes import BORDERS, Theme
from micrograd_nd.viz.values import extent

__all__ = ["legend"]

MEANINGS: dict[Kind, str] = {
    "parameter": "parameter",
    "variable": "variable",
    "input": "input: no derivative",
    "constant": "constant: no derivative",
    "operation": "operation",
    "module": "module",
    "summary": "operations not shown",
    "result": "result",
}
STEPS = 8


def legend(scene: Scene, theme: Theme, values: bool) -> str:
    """Write the legend of a scene, as a label.

    Parameters
    ----------
    scene : Scene
        What is drawn.
    theme : Theme
        Its colours.
    values : bool
        Whether values are written.

    Returns
    -------
    str
    """
    lines = [arrows(scene, theme, values), boxes(scene, theme)]
    if values and any(extent(box.value) for box in scene.boxes):
        lines.append(heat_scale(theme))
    lines += [text(told, theme.muted) for told in summaries(scene)]
    lines += [text(note, theme.muted) for note in scene.notes]
    return label(stacked(*map(centred, lines)))


def arrows(scene: Scene, theme: Theme, values: bool) -> str:
    """Explain the arrows."""
    parts = [swatch(theme.forward, 1), text(" forward: values" if values else " forward", theme.forward)]
    if scene.has_derivatives:
        parts += [gap(), swatch(theme.backward, 3), text(" backward: derivatives", theme.backward)]
    if any(arrow.local for arrow in scene.arrows):
        parts += [gap(), text("local derivatives: factors of the chain rule", theme.local)]
    return beside(*parts, padding=2)


def boxes(scene: Scene, theme: Theme) -> str:
    """Explain the boxes."""
    occurring = {box.kind for box in scene.boxes}
    parts = []
    for kind, meaning in MEANINGS.items():
        if kind in occurring:
            told = meaning if scene.has_derivatives else meaning.partition(":")[0]
            parts += [
                bordered(BORDERS[kind], theme.fills[kind], theme.lines[kind]),
                text(f" {told}", theme.text),
                gap(),
            ]
    return beside(*parts[:-1], padding=2)


def summaries(scene: Scene) -> Iterator[str]:
    """Say how much is not shown."""
    count = sum(box.operations for box in scene.boxes if isinstance(box.expression, Summary))
    if count:
        yield f"{count:,} operation{'s' * (count != 1)} folded"


def heat_scale(theme: Theme) -> str:
    """Explain the heat strips."""
    scale = strip([i / (STEPS - 1) for i in range(STEPS)])
    return beside(
        text("means along the last axis: lowest ", theme.text), scale, text(" highest", theme.text), padding=2
    )


def gap() -> str:
    """Keep entries apart."""
    return beside("", padding=8)
