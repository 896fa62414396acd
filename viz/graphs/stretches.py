"""Stretches: operations in their order, cut into a few pieces of equal length."""

from collections.abc import Sequence

from micrograd_nd.viz.graphs.contraction import Part, common_group, contracted, told
from micrograd_nd.viz.graphs.scene import Box, Scene

__all__ = ["in_stretches"]

PIECES = 16
# Leaves that keep their boxes: those that most pieces use.
LEAVES = 8


def in_stretches(scene: Scene) -> Scene:
    """Cut the operations, in the order of computation, into 16 stretches, each of which becomes one box.

    Parameters
    ----------
    scene : Scene
        Without derivatives.

    Returns
    -------
    Scene
        A stretch ends with what has a name, if there is such a box about where it would end else. The eight leaves that
        are used most keep their boxes, the others are part of the stretch that uses them first.

    Examples
    --------
    >>> import numpy as np
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> x = mg.Tensor(1.0, name="x")
    >>> for _ in range(64):
    ...     x = np.sin(x)
    >>> scene = in_stretches(recorded(x))
    >>> [scene.formula(box) for box in scene.boxes][:3], len(scene.boxes)
    (['x', '4 operations', '4 operations'], 17)
    """
    computed = [box for box in scene.boxes if box.is_computed]
    leaves = [box for box in scene.boxes if not box.is_computed]
    kept = {box.id for box in sorted(leaves, key=lambda box: -len(scene.users.get(box.id, ())))[:LEAVES]}
    parts = []
    seen: set[str] = set(kept)
    for piece in pieces(computed):
        sources = dict.fromkeys(source for box in piece for source in box.inputs() if source not in seen)
        held = [source for source in sources if not scene.by_id[source].is_computed] + [box.id for box in piece]
        seen.update(held)
        parts.append(Part(held, "summary", *told(scene, held), common_group(scene, (box.group for box in piece))))
    return contracted(scene, parts)


def pieces(computed: Sequence[Box]) -> list[Sequence[Box]]:
    """Cut boxes into pieces of about equal length, after what has a name if there is such a box near."""
    length = len(computed) / PIECES
    cuts = [0]
    for i in range(1, PIECES):
        middle, reach = round(i * length), max(int(length / 3), 0)
        near = range(max(middle - reach, cuts[-1] + 1), min(middle + reach, len(computed) - 1) + 1)
        named = [place for place in near if computed[place - 1].given_name]
        cuts.append(min(named, key=lambda place: abs(place - middle), default=max(middle, cuts[-1])))
    ends = [*cuts[1:], len(computed)]
    return [computed[start:end] for start, end in zip(cuts, ends, strict=True) if end > start]
