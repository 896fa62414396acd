"""The derivative of each step: what the derivative at its end is multiplied by, on the way back along an arrow."""

from dataclasses import replace
from typing import Any

import numpy as np

from micrograd_nd.graph import Node
from micrograd_nd.viz.graphs.backflow import slopes
from micrograd_nd.viz.graphs.expressions import Summary
from micrograd_nd.viz.graphs.notation import Operand
from micrograd_nd.viz.graphs.pullbacks import pulled_back
from micrograd_nd.viz.graphs.scene import Box, LocalDerivative, Scene

__all__ = ["with_local_derivatives"]

# Characters of a rule; beyond them the shape of the Jacobian is told.
LONGEST = 40


def with_local_derivatives(scene: Scene) -> Scene:
    """Find the derivative of each box with respect to those it was computed from.

    Parameters
    ----------
    scene : Scene
        Folded or not.

    Returns
    -------
    Scene
        The same with local derivatives on its arrows: values where what flows back is a product element by element,
        which it is for numbers, for the sum or any one number computed of an array, and for elementwise functions
        without broadcasting; a rule where it is a chain of matrix products, sums and arithmetic; else the shape of
        the Jacobian alone.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> b, c = mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    >>> [float(arrow.local.value) for arrow in with_local_derivatives(recorded(b * c)).arrows]
    [2.0, 3.0]
    >>> W, X = mg.Tensor(np.ones((2, 3)), name="W"), mg.Tensor(np.ones((3, 5)), name="X")
    >>> [arrow.local.rule for arrow in with_local_derivatives(recorded(W @ X)).arrows]
    ['dJ Xᵀ', 'Wᵀ dJ']
    """
    shapes = {box.id: np.shape(box.value) for box in scene.boxes}
    found: dict[tuple[str, str], LocalDerivative] = {}
    for box in scene.boxes:
        sources = [scene.by_id[source] for source in box.inputs()]
        nodes = {source.id: source.nodes[-1] for source in sources if type(source.nodes[-1]) is Node}
        if not box.is_computed or not is_real(box.value):
            continue
        slope_of = slopes([node for node in box.nodes if type(node) is Node], list(nodes.values()))
        for source in sources:
            node = nodes.get(source.id)
            if node is None or node not in slope_of or not is_real(source.value):
                continue
            jacobian = (*shapes[box.id], *shapes[source.id])
            if np.size(box.value) == 1 or is_diagonal(box, source):
                local = LocalDerivative(slope_of[node], None, jacobian)
            else:
                local = LocalDerivative(None, rule(scene, box, source, shapes), jacobian)
            found[source.id, box.id] = local
    arrows = tuple(replace(arrow, local=found.get((arrow.source, arrow.target))) for arrow in scene.arrows)
    return replace(scene, arrows=arrows)


def is_real(value: Any) -> bool:
    """Tell what has derivatives that are numbers."""
    return bool(value.dtype.kind == "f")


def is_diagonal(box: Box, source: Box) -> bool:
    """Tell whether each element of a box depends on the same element of another, and on no other of it."""
    same = np.shape(box.value) == np.shape(source.value)
    return same and not isinstance(box.expression, Summary) and all(node.primitive.elementwise for node in box.nodes)


def rule(scene: Scene, box: Box, source: Box, shapes: dict[str, tuple[int, ...]]) -> str | None:
    """Write what flows back to a box from another, if that is short."""
    name = Operand(box.name).text if box.name.isidentifier() else f"({box.name})"
    found = pulled_back(box.expression, source.id, Operand(f"d{name}"), scene.names, shapes)
    return None if found is None or len(found.text) > LONGEST else found.text
