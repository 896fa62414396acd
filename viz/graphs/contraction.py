"""Contraction: boxes of a scene become one, with the arrows that lead into it and out of it."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from heapq import heapify, heappop, heappush

import numpy as np

from micrograd_nd.viz.graphs.expressions import Reference, Summary, redirected
from micrograd_nd.viz.graphs.scene import Arrow, Box, Group, Kind, Scene, arrow_between

__all__ = ["Part", "chain_of", "common_group", "contracted", "in_words", "inhabited", "parameters_in", "told"]


@dataclass(frozen=True)
class Part:
    """Boxes that become one.

    Attributes
    ----------
    boxes : sequence of str
        Their ids, in the order of the scene.
    kind : str
        Of the one; where the result is among them, it is a result.
    text : str
        What is told in the place of a formula.
    remarks : tuple of str
        What else is told, in a line each.
    group : str or None
        The group that the one lies in.
    """

    boxes: Sequence[str]
    kind: Kind
    text: str
    remarks: tuple[str, ...] = ()
    group: str | None = None


def contracted(scene: Scene, parts: Sequence[Part]) -> Scene:
    """Put one box in the place of each of several sets of boxes.

    Parameters
    ----------
    scene : Scene
        Without derivatives.
    parts : sequence of Part
        That have no box in common.

    Returns
    -------
    Scene
        The box that stands for others has the id, the name and the value of the last of them that is used by what is
        not among them, or of the result. Groups without boxes are left out.
    """
    if not parts:
        return scene
    part_of = {box: part for part, found in enumerate(parts) for box in found.boxes}
    left = {a.source for a in scene.arrows if a.source in part_of and part_of[a.source] != part_of.get(a.target)}
    left.add(scene.root)
    kept = [next((id for id in reversed(part.boxes) if id in left), part.boxes[-1]) for part in parts]
    places = {box.id: place for place, box in enumerate(scene.boxes)}

    def final(id: str) -> str:
        return kept[part_of[id]] if id in part_of else id

    found: dict[tuple[str, str], Arrow] = {}
    for a in scene.arrows:
        ends = final(a.source), final(a.target)
        if ends[0] != ends[1] and ends not in found:
            found[ends] = a if ends == (a.source, a.target) else arrow_between(*ends)
    arrows = list(found.values())
    sources: dict[str, list[Reference]] = {}
    for arrow in arrows:
        sources.setdefault(arrow.target, []).append(Reference(arrow.source))
    hidden = {id: stand_in(scene, id, kept[part_of[id]]) for id in left if id in part_of and id != kept[part_of[id]]}
    users = {arrow.target for arrow in scene.arrows if arrow.source in hidden}
    boxes = {
        box.id: replace(box, expression=redirected(box.expression, hidden)) if box.id in users else box
        for box in scene.boxes
        if box.id not in part_of
    }
    for id, part in zip(kept, parts, strict=True):
        boxes[id] = summary(scene, part, id, tuple(sources.get(id, ())))
        places[id] = places[part.boxes[-1]]
    ordered = tuple(boxes[id] for id in in_order({id: places[id] for id in boxes}, arrows))
    return replace(scene, boxes=ordered, arrows=tuple(arrows), groups=tuple(inhabited(scene, boxes)))


def stand_in(scene: Scene, id: str, kept: str) -> Summary:
    """Make what stands in formulas for a value that has no box any more: its name, as one of what another box gives."""
    return Summary(scene.names[id], (Reference(kept),), np.shape(scene.by_id[id].value))


def summary(scene: Scene, part: Part, id: str, sources: tuple[Reference, ...]) -> Box:
    """Make the box that stands for others."""
    members = [scene.by_id[box] for box in part.boxes]
    own = scene.by_id[id]
    return replace(
        own,
        kind="result" if id == scene.root else part.kind,
        expression=Summary(part.text, sources, np.shape(own.value)),
        nodes=(*(node for box in members if box is not own for node in box.nodes), *own.nodes),
        group=part.group,
        operations=sum(box.operations for box in members if box.is_computed),
        parameters=parameters_in(members),
        remarks=part.remarks,
    )


def parameters_in(boxes: Iterable[Box]) -> int:
    """Count the numbers that parameters hold."""
    return sum(int(np.size(box.value)) if box.kind == "parameter" else box.parameters for box in boxes)


def in_words(parameters: int) -> list[str]:
    """Say how many parameters there are, if there are any."""
    return [f"{parameters:,} parameter{'s' * (parameters != 1)}"] if parameters else []


def in_order(places: Mapping[str, int], arrows: Sequence[Arrow]) -> Iterator[str]:
    """Put boxes into an order of computation, and else into that of their places."""
    waiting = dict.fromkeys(places, 0)
    users: dict[str, list[str]] = {}
    for arrow in arrows:
        waiting[arrow.target] += 1
        users.setdefault(arrow.source, []).append(arrow.target)
    ready = [(places[id], id) for id, count in waiting.items() if not count]
    heapify(ready)
    while ready:
        id = heappop(ready)[1]
        yield id
        for user in users.get(id, ()):
            waiting[user] -= 1
            if not waiting[user]:
                heappush(ready, (places[user], user))


def inhabited(scene: Scene, boxes: Mapping[str, Box]) -> list[Group]:
    """List the groups that boxes lie in, or groups with boxes."""
    used = {box.group for box in boxes.values()}
    for group in reversed(scene.groups):
        if group.id in used:
            used.add(group.outer)
    return [group for group in scene.groups if group.id in used]


def told(scene: Scene, held: Sequence[str]) -> tuple[str, tuple[str, ...]]:
    """Say how many operations some boxes are, and how many leaves and parameters."""
    boxes = [scene.by_id[id] for id in held]
    operations = sum(box.operations for box in boxes if box.is_computed)
    leaves = [box for box in boxes if not box.is_computed]
    remarks = [f"of {len(leaves):,} leaves that are not shown"] * bool(leaves)
    return f"{operations:,} operation{'s' * (operations != 1)}", (*remarks, *in_words(parameters_in(boxes)))


def common_group(scene: Scene, groups: Iterable[str | None]) -> str | None:
    """Find the innermost group that holds all of several groups or boxes."""
    found: list[str] | None = None
    different = dict.fromkeys(groups)
    if len(different) == 1:  # as for nearly every leaf
        return next(iter(different))
    for id in different:
        chain = chain_of(scene, id)
        found = chain if found is None else [one for one, other in zip(found, chain, strict=False) if one == other]
    return found[-1] if found else None


def chain_of(scene: Scene, group: str | None) -> list[str]:
    """List the groups around a box, from the outermost to its own."""
    chain: list[str] = []
    while group is not None:
        chain.append(group)
        group = scene.group_by_id[group].outer
    return chain[::-1]
