"""Cones: an operation, with all that leads to it alone."""

from micrograd_nd.viz.graphs.contraction import Part, contracted, told
from micrograd_nd.viz.graphs.repeats import with_leaves
from micrograd_nd.viz.graphs.scene import Scene

__all__ = ["into_their_users"]


def into_their_users(scene: Scene) -> Scene:
    """Let what has no name and is used by one other box alone become part of that one.

    Parameters
    ----------
    scene : Scene
        Without derivatives.

    Returns
    -------
    Scene
        In which a box that others became part of says how many operations it stands for. More than four leaves that are
        used by such a box alone are part of it too.

    Examples
    --------
    >>> import numpy as np
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> x = mg.Tensor(2.0, name="x")
    >>> u = x * x + 1
    >>> u.name = "u"
    >>> scene = into_their_users(recorded((u - 3) / np.exp(-u)))
    >>> [(box.name, scene.formula(box)) for box in scene.boxes if box.is_computed]
    [('u', '2 operations'), ('J', '4 operations')]
    """
    top: dict[str, str] = {}
    members: dict[str, list[str]] = {}
    for box in reversed(scene.boxes):
        if not box.is_computed:
            continue
        found = scene.users.get(box.id, [])
        user = scene.by_id[found[0]] if len(found) == 1 else None
        joins = user is not None and not box.given_name and box.id != scene.root and user.group == box.group
        top[box.id] = top[found[0]] if joins else box.id
        members.setdefault(top[box.id], []).append(box.id)
    parts = []
    for found in members.values():
        if len(found) > 1:
            held = with_leaves(scene, found[::-1], few=4)
            parts.append(Part(held, "summary", *told(scene, held), scene.by_id[found[0]].group))
    return contracted(scene, parts)
