"""What flows back through a recorded graph: derivatives, and the part that each use brings, by the engine's sweep."""

from collections.abc import Container, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from micrograd_nd.graph import Constant, Node, seed_for, sweep_by, terms_of
from micrograd_nd.viz.graphs.scene import Scene

__all__ = ["slopes", "with_derivatives"]


def with_derivatives(scene: Scene) -> Scene:
    """Find the derivatives of the result of a scene, and what flows back along each arrow.

    Parameters
    ----------
    scene : Scene
        Of which each box stands for recorded things, the last of them its value.

    Returns
    -------
    Scene
        The same with the derivatives; or, where there are none, with a note that says why. Along an arrow flows back
        what all that its target stands for brings to the value of its source. Nothing is kept for what has no box.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> x = mg.Tensor(2.0, name="x")
    >>> scene = with_derivatives(recorded(x * (x + 1)))
    >>> [(box.name, float(box.derivative)) for box in scene.boxes]
    [('x', 5.0), ('t1', 2.0), ('J', 1.0)]
    >>> [(arrow.id, float(arrow.share)) for arrow in scene.arrows]
    [('n0-n1', 2.0), ('n0-n2', 3.0), ('n1-n2', 2.0)]
    """
    root = scene.by_id[scene.root].nodes[-1]
    if (note := obstacle(root, scene.names[scene.root])) is not None:
        return replace(scene, notes=(*scene.notes, note))
    if type(root) is not Node:
        return scene
    values = {box.nodes[-1]: box.id for box in scene.boxes if type(box.nodes[-1]) is Node}
    owner = {node: box.id for box in scene.boxes for node in box.nodes if type(node) is Node}
    shares: dict[tuple[str, str], Any] = {}

    def pull(node: Node, g: Any, wanted: Container[Node] | None) -> Sequence[tuple[Node, Any]]:
        terms = terms_of(node, g, wanted)
        target = owner[node]
        for source, share in terms:
            if (id := values.get(source)) is not None and id != target:
                shares[id, target] = shares[id, target] + share if (id, target) in shares else share
        return terms

    with np.errstate(all="ignore"):
        swept = sweep_by(pull, {root: seed_for(root)}, None, None)
        cotangents = {values[node]: g for node, g in swept if node in values}
    boxes = [replace(box, derivative=cotangents.get(box.id)) for box in scene.boxes]
    arrows = [replace(arrow, share=shares.get((arrow.source, arrow.target))) for arrow in scene.arrows]
    return replace(scene, boxes=tuple(boxes), arrows=tuple(arrows))


def slopes(nodes: Sequence[Node], inputs: Sequence[Node]) -> dict[Node, Any]:
    """Find the derivatives of the sum of the elements of a node with respect to those it was computed from.

    Parameters
    ----------
    nodes : sequence of Node
        The operations in between, the one that is differentiated the last.
    inputs : sequence of Node
        What they were computed from, seen as independent of each other.

    Returns
    -------
    dict
        The derivative with respect to each input that has one.
    """
    last = nodes[-1]
    with np.errstate(all="ignore"):
        found = dict(sweep_by(terms_of, {last: np.ones_like(last.out)[()]}, {*nodes, *inputs}, set(inputs)))
    return {x: found[x] for x in inputs if x in found}


def obstacle(root: Node | Constant, name: str) -> str | None:
    """Say why there are no derivatives of a result, if there are none."""
    if np.size(root.out) != 1:
        return f"no derivatives: they are taken of one number, and {name} has shape {np.shape(root.out)}"
    if root.out.dtype.kind != "f":
        return f"no derivatives: {name} is of dtype {root.out.dtype}"
    return None
