"""The page: steps, picture and boxes in HTML. All text is escaped, and only the page's own script and style may run."""

import base64
import hashlib
from collections.abc import Sequence
from importlib.resources import files
from string import Template
from typing import Any, Literal

import numpy as np

from micrograd_nd.viz.graphs.scene import Box, Scene
from micrograd_nd.viz.hypertext import escaped
from micrograd_nd.viz.themes import THEMES
from micrograd_nd.viz.values import rows
from micrograd_nd.viz.walkthrough.equations import Equation, Name, Piece, Shown, Side, piece_text
from micrograd_nd.viz.walkthrough.picture_in_page import drawn, theme_variables
from micrograd_nd.viz.walkthrough.steps import Phase, Step
from micrograd_nd.viz.walkthrough.words import spoken, spoken_equation

__all__ = ["page_of"]

# Of a larger array NumPy leaves out the middle.
MOST_ELEMENTS = 100
# To how much of its size a picture shrinks before it is scrolled.
LEAST_SCALE = 0.6

PHASES: dict[Phase, str] = {"start": "Start", "forward": "Forward", "backward": "Backward", "end": "Result"}


def page_of(
    scene: Scene, steps: Sequence[Step], *, title: str, theme: Literal["auto", "light", "dark"], direction: str
) -> str:
    """Write the page that goes through the steps of a scene.

    Parameters
    ----------
    scene : Scene
    steps : sequence of Step
    title : str
    theme : {"auto", "light", "dark"}
    direction : {"LR", "RL", "TB", "BT"}

    Returns
    -------
    str
        HTML, which asks the network for nothing.

    Raises
    ------
    ImportError
        Without Graphviz.
    """
    reached = {part: i for i, step in enumerate(steps) for part in step.reveals}
    described = {box.id: description(scene, box) for box in scene.boxes}
    picture = drawn(scene, reached, described, direction=direction)
    style = f"{variables(theme, picture.width)}\n\n{resource('page.css')}"
    script = resource("page.js")
    return Template(resource("page.html")).substitute(
        title=escaped(title),
        color_scheme="light dark" if theme == "auto" else theme,
        style_hash=fingerprint(style),
        script_hash=fingerprint(script),
        style=style,
        script=script,
        shape="tall" if picture.height > picture.width else "wide",
        count=len(steps),
        steps="\n".join(map(item, steps)),
        picture=picture.svg,
        boxes="\n".join(about(scene, box) for box in scene.boxes),
    )


def resource(name: str) -> str:
    """Read a file that lies beside this one."""
    return files("micrograd_nd.viz.walkthrough").joinpath(name).read_text(encoding="utf-8")


def fingerprint(content: str) -> str:
    """Name a script or style by its content, as a Content-Security-Policy does (W3C CSP 3, section 2.3.1)."""
    return f"sha256-{base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()}"


def variables(theme: str, width: int) -> str:
    """Write the colours, and the least width of the picture, as variables of the style sheet."""
    least = f"--least-width: {round(LEAST_SCALE * width)}px;"
    light, dark = (theme_variables(THEMES[name]) for name in ("light", "dark"))
    if theme != "auto":
        printed = f"\n@media print {{ :root {{ color-scheme: light; {light} }} }}"
        return f":root {{ color-scheme: {theme}; {theme_variables(THEMES[theme])} {least} }}{printed}"
    return (
        f":root {{ color-scheme: light dark; {light} {least} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {dark} }} }}"
    )


def item(step: Step) -> str:
    """Write a step."""
    words = ". ".join([spoken(step.heading), *map(spoken_equation, step.equations), *step.notes])
    attributes = f'class="{step.phase}" data-about="{" ".join(step.about)}" data-words="{escaped(words)}"'
    heading = f'<h3><span class="phase">{PHASES[step.phase]}</span> {hypertext(step.heading)}</h3>'
    equations = "".join(f'<p class="equation">{written(equation)}</p>' for equation in step.equations)
    notes = "".join(f'<p class="note">{escaped(note)}</p>' for note in step.notes)
    return f"<li {attributes}>{heading}{equations}{notes}</li>"


def written(equation: Equation) -> str:
    """Write an equation."""
    signs = ["", *(f"{sign}\N{NO-BREAK SPACE}" for sign in equation.signs)]
    sides = zip(signs, map(hypertext, equation.sides), strict=True)
    return " ".join(f'<span class="side">{sign}{side}</span>' for sign, side in sides)


def hypertext(side: Side) -> str:
    """Write a side, or a heading."""
    return "".join(hypertext_piece(piece, alone=len(side) == 1) for piece in side)


def hypertext_piece(piece: Piece, *, alone: bool) -> str:
    """Write a word, a name or a value."""
    if isinstance(piece, str):
        return escaped(piece)
    if isinstance(piece, Name):
        return f'<bdi class="name">{escaped(piece.text)}</bdi>'
    matrix = rows(piece.value)
    if matrix is not None:
        return matrix_in_brackets(piece, matrix)
    text = piece_text(piece, in_full=alone)
    large = " large" if text.startswith("(") else ""
    return f'<span class="value {piece.role}{large}">{escaped(text)}</span>'


def matrix_in_brackets(piece: Shown, matrix: list[list[str]]) -> str:
    """Write a small matrix as a table."""
    cells = "".join(f"<span>{''.join(f'<span>{escaped(x)}</span>' for x in row)}</span>" for row in matrix)
    label = f'role="img" aria-label="{escaped(piece_text(piece))}"'
    return f'<span class="value matrix {piece.role}" {label}>{cells}</span>'


def about(scene: Scene, box: Box) -> str:
    """Tell all that is known of a box."""
    formula = f"{box.name} = {scene.formula(box)}" if box.is_computed else box.name
    told = {
        "kind": box.kind,
        "shape": escaped(f"{np.shape(box.value)}, {box.value.dtype}"),
        "value": f"<pre>{escaped(in_full(box.value))}</pre>",
    }
    if box.derivative is not None:
        told[scene.derivative_name(box)] = f"<pre>{escaped(in_full(box.derivative))}</pre>"
    entries = "".join(f"<dt>{escaped(name)}</dt><dd>{what}</dd>" for name, what in told.items())
    return f'<div class="box" id="about-{box.id}"><h3><bdi>{escaped(formula)}</bdi></h3><dl>{entries}</dl></div>'


def in_full(value: Any) -> str:
    """Write a value with all its digits, and up to 100 elements."""
    if not isinstance(value, np.ndarray | np.generic):
        return piece_text(Shown(value, "forward"))
    array = np.asarray(value)
    return np.array2string(array, threshold=MOST_ELEMENTS, separator=", ", formatter={"all": str}, max_line_width=1000)


def description(scene: Scene, box: Box) -> str:
    """Tell a box in a line, for who points at it, or listens, without a script."""
    value = piece_text(Shown(box.value, "forward"))
    parts = [f"{box.name} = {scene.formula(box)} = {value}" if box.is_computed else f"{box.name} = {value}"]
    if box.derivative is not None:
        parts.append(f"{scene.derivative_name(box)} = {piece_text(Shown(box.derivative, 'backward'))}")
    return "; ".join(parts)
