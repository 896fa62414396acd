"""The graph as a part of a page: its colours follow the page's theme, and its parts know when they are reached."""

from collections.abc import Iterator, Mapping
from dataclasses import fields, replace
from typing import Any, NamedTuple
from xml.etree import ElementTree as ET

import graphviz

from micrograd_nd.viz.graphs.dot import written_in_dot
from micrograd_nd.viz.graphs.scene import Box, Scene
from micrograd_nd.viz.rendering import render
from micrograd_nd.viz.themes import THEMES, Theme

__all__ = ["Drawn", "drawn", "theme_variables"]

SVG = "{http://www.w3.org/2000/svg}"
SPACE = "{http://www.w3.org/XML/1998/namespace}space"
COLOURED = ("fill", "stroke")


class Drawn(NamedTuple):
    """A picture for a page.

    Attributes
    ----------
    svg : str
    width, height : int
        In pixels.
    """

    svg: str
    width: int
    height: int


def drawn(scene: Scene, reached: Mapping[str, int], described: Mapping[str, str], *, direction: str) -> Drawn:
    """Draw a scene for a page.

    Parameters
    ----------
    scene : Scene
    reached : mapping
        The number of the step at which a part is reached: of boxes by their ids, of arrows by ``forward-`` or
        ``backward-`` and their ids, of derivatives in boxes by ``derivative-`` and the ids.
    described : mapping
        What is told of each box to who cannot see it, by the ids.
    direction : {"LR", "RL", "TB", "BT"}

    Returns
    -------
    Drawn
        Its colours are the variables of `theme_variables`; what is reached later has the attribute ``data-reached``.

    Raises
    ------
    ImportError
        Without Graphviz.
    """
    roles = dict(colour_roles(THEMES["light"]))
    stand_ins = {role: f"#f1c5{i:02x}" for i, role in enumerate(roles)}
    picture = written_in_dot(scene, recoloured(THEMES["light"], stand_ins), direction=direction)
    root = ET.fromstring(laid_out(picture))  # noqa: S314 - written by Graphviz
    variables = {colour: f"var(--{role})" for role, colour in stand_ins.items()}
    for element in root.iter():
        element.tag = element.tag.removeprefix(SVG)
        element.attrib.pop(SPACE, None)
        for name in COLOURED:
            if element.get(name) in variables:
                element.set(name, variables[element.get(name, "")])
    for group in root.iter("g"):
        tell(group, scene.by_id.get(group.get("id", "")), reached, described)
    entitle(root, scene)
    width, height = (pixels(root.get(side, "0pt")) for side in ("width", "height"))
    root.attrib.update({"width": str(width), "height": str(height)})
    return Drawn(ET.tostring(root, encoding="unicode"), width, height)


def pixels(length: str) -> int:
    """Read a length in points, of which 72 are 96 pixels (W3C CSS Values 4, section 6.2)."""
    return round(float(length.removesuffix("pt")) * 96 / 72)


def laid_out(picture: graphviz.Digraph) -> str:
    """Render a graph, without what precedes the picture in a file."""
    svg = render(picture, "svg").decode()
    return svg[svg.index("<svg") :]


def tell(group: ET.Element, box: Box | None, reached: Mapping[str, int], described: Mapping[str, str]) -> None:
    """Let a part of the picture know when it is reached and what it is."""
    id = group.get("id", "")
    title = group.find("title")
    if title is not None:
        group.remove(title)
    if id in reached:
        group.set("data-reached", str(reached[id]))
    if box is None:
        return
    group.attrib.update({"tabindex": "0", "role": "img", "aria-label": described[id]})
    ET.SubElement(group, "title").text = described[id]
    set_apart(group, box, reached.get(f"derivative-{id}"))


def set_apart(group: ET.Element, box: Box, derivative_reached: int | None) -> None:
    """Set the value in a box, and the derivative, apart from what the box is: they are reached later."""
    parts: dict[str, ET.Element] = {}
    part = ""
    for element in list(group):
        colours = {element.get(name) for name in COLOURED}
        if element.tag == "text" and "var(--text)" in colours:
            part = ""
        elif "var(--forward)" in colours:
            part = "value"
        elif "var(--backward)" in colours:
            part = "derivative"
        if part and element.tag != "title" and (part == "derivative" or box.is_computed):
            if part not in parts:
                parts[part] = ET.SubElement(group, "g", {"class": part})
            group.remove(element)
            parts[part].append(element)
    if "derivative" in parts and derivative_reached is not None:
        parts["derivative"].attrib.update({"id": f"derivative-{box.id}", "data-reached": str(derivative_reached)})


def entitle(root: ET.Element, scene: Scene) -> None:
    """Give the picture a title and a description."""
    computed = [f"{box.name} = {scene.formula(box)}" for box in scene.boxes if box.is_computed]
    title, description = ET.Element("title", {"id": "picture-title"}), ET.Element("desc", {"id": "picture-description"})
    title.text = f"The graph of {scene.names[scene.root]}"
    counted = f"{len(scene.boxes)} boxes and {len(scene.arrows)} arrows between them"
    description.text = f"{counted}: {'; '.join(computed)}." if computed else f"{counted}."
    root[:0] = [title, description]
    root.attrib.update({"role": "group", "aria-labelledby": "picture-title", "aria-describedby": "picture-description"})


def theme_variables(theme: Theme) -> str:
    """Write the colours of a theme as variables of a style sheet."""
    return " ".join(f"--{role}: {colour};" for role, colour in colour_roles(theme))


def colour_roles(theme: Theme) -> Iterator[tuple[str, str]]:
    """Go through the colours of a theme, each with a name of its own."""
    for field in fields(theme):
        found: Any = getattr(theme, field.name)
        if isinstance(found, str):
            yield field.name, found
        else:
            several = found.items() if isinstance(found, Mapping) else enumerate(found)
            yield from ((f"{field.name}-{key}", colour) for key, colour in several)


def recoloured(theme: Theme, colours: Mapping[str, str]) -> Theme:
    """Make a theme of other colours, by their names."""
    changed: dict[str, Any] = {}
    for field in fields(theme):
        found: Any = getattr(theme, field.name)
        if isinstance(found, str):
            changed[field.name] = colours[field.name]
        elif isinstance(found, Mapping):
            changed[field.name] = {key: colours[f"{field.name}-{key}"] for key in found}
        else:
            changed[field.name] = tuple(colours[f"{field.name}-{i}"] for i in range(len(found)))
    return replace(theme, **changed)
