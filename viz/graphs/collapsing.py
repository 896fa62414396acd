"""Modules as single boxes: what a call computed is shown by its result alone."""

import numpy as np

from micrograd_nd.viz.graphs.contraction import Part, chain_of, contracted, in_words
from micrograd_nd.viz.graphs.scene import Box, Group, Scene

__all__ = ["collapsed", "innermost"]


def collapsed(scene: Scene, depth: int | None = None) -> Scene:
    """Put one box in the place of each module's call.

    Parameters
    ----------
    scene : Scene
        With groups, without derivatives.
    depth : int, optional
        How deep the modules are nested that become boxes, 1 for the outermost; those that hold no other, where there is
        none so deep. By default all modules that hold no other.

    Returns
    -------
    Scene
        In which the box of a module has the value that it returned, and says how many parameters it has, and their
        shapes.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> from micrograd_nd.viz.graphs.module_groups import grouped
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> model = nn.MLP([2, 4, 1], hidden="tanh")
    >>> scene = collapsed(grouped(recorded(np.mean(model(np.ones((2, 5)))))))
    >>> [(scene.formula(box), box.value.shape) for box in scene.boxes if box.is_computed]
    [('layer 1: Linear 2 → 4, tanh', (4, 5)), ('layer 2: Linear 4 → 1, sigmoid', (1, 5)), ('mean(t6)', ())]
    """
    chosen = innermost(scene) if depth is None else at_depth(scene, depth)
    members: dict[str, list[Box]] = {id: [] for id in chosen}
    into = {group.id: next((id for id in chain_of(scene, group.id) if id in members), None) for group in scene.groups}
    for box in scene.boxes:
        if box.group is not None and (target := into[box.group]) is not None:
            members[target].append(box)
    parts = [part_of(scene.group_by_id[id], boxes) for id, boxes in members.items() if boxes]
    return contracted(scene, parts)


def innermost(scene: Scene) -> list[str]:
    """List the groups that hold no other."""
    outer = {group.outer for group in scene.groups}
    return [group.id for group in scene.groups if group.id not in outer]


def at_depth(scene: Scene, depth: int) -> list[str]:
    """List the groups at a depth, and those less deep that hold no other."""
    inside = set(innermost(scene))
    depths = {group.id: len(chain_of(scene, group.id)) for group in scene.groups}
    return [id for id, found in depths.items() if found == depth or (found < depth and id in inside)]


def part_of(group: Group, boxes: list[Box]) -> Part:
    """Say what becomes of the boxes of a module."""
    return Part(
        boxes=[box.id for box in boxes],
        kind="module",
        text=group.title,
        remarks=remarks_on(group, boxes),
        group=group.outer,
    )


def remarks_on(group: Group, boxes: list[Box]) -> tuple[str, ...]:
    """Tell the shapes of parameters and how many numbers they hold."""
    parameters = [box for box in boxes if box.kind == "parameter"]
    names = ", ".join(f"{box.name} {np.shape(box.value)}" for box in parameters[:3])
    return (*([names] if 0 < len(parameters) <= 3 else []), *in_words(group.parameters))
