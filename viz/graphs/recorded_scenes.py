"""From what was recorded to a scene: the boxes and arrows of how a Tensor was computed."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from micrograd_nd.graph import Constant, Node, ancestors
from micrograd_nd.nn.module import Module
from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.graphs.expressions import Application, Expression, Reference, Written
from micrograd_nd.viz.graphs.names import names_for
from micrograd_nd.viz.graphs.scene import Box, Kind, Scene, arrow_between
from micrograd_nd.viz.values import is_small

__all__ = ["recorded"]

NO_OPTIONS: Mapping[str, Any] = {}


def recorded(J: Tensor, *, model: Module | None = None) -> Scene:
    """Make the scene of how a Tensor was computed: a box for every operation, leaf, and constant of some size.

    Parameters
    ----------
    J : Tensor
        The result.
    model : Module, optional
        Whose parameters are told from other variables.

    Returns
    -------
    Scene
        Without derivatives: `backflow.with_derivatives` finds these.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> b, c = mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    >>> scene = recorded(b * c)
    >>> [(box.id, box.kind, box.name, scene.formula(box), float(box.value)) for box in scene.boxes]
    [('n0', 'variable', 'b', 'b', 3.0), ('n1', 'variable', 'c', 'c', 2.0), ('n2', 'result', 'J', 'b × c', 6.0)]
    >>> [arrow.id for arrow in scene.arrows]
    ['n0-n2', 'n1-n2']
    """
    root = J.node
    sources = drawn(root)
    own = {key: Reference(f"n{i}") for i, key in enumerate(sources)}
    parameters = {} if model is None else {id(t.node): name for name, t in model.named_parameters()}
    told = [(given_name(x) or parameters.get(key), kind_of(x, root, parameters)) for key, (x, _) in sources.items()]
    boxes = [
        Box(
            id=own[key].box,
            kind=kind,
            name=name,
            given_name=given,
            expression=expression_of(x, own),
            value=value_of(x),
            nodes=(x,),
        )
        for (key, (x, _)), (given, kind), name in zip(sources.items(), told, names_for(told), strict=True)
    ]
    arrows = [arrow_between(own[id(y)].box, own[key].box) for key, (_, used) in sources.items() for y in used]
    return Scene(tuple(boxes), tuple(arrows), own[id(root)].box)


def drawn(root: Node | Constant) -> dict[int, tuple[Any, Sequence[Any]]]:
    """Find what has a box of its own, nodes, and before its first use each constant, with the arguments of each."""
    found: dict[int, tuple[Any, Sequence[Any]]] = {}
    for node in ancestors(root) if type(root) is Node else [root]:
        used = arguments(node)
        for x in used:
            if id(x) not in found:
                found[id(x)] = x, ()
        found[id(node)] = node, used
    return found


def arguments(x: Any) -> list[Any]:
    """List the arguments of an operation that have boxes of their own, each once."""
    inputs = x.inputs if type(x) is Node else ()
    return list({id(y): y for y in inputs if type(y) is Node or not inline(y)}.values())


def inline(x: Any) -> bool:
    """Tell whether an argument stands in the formula itself: an anonymous number, or a few."""
    if type(x) is Node or given_name(x):
        return False
    constant = value_of(x)
    return constant is None or (is_small(constant) and np.ndim(constant) < 2 and np.size(constant) <= 4)


def expression_of(x: Any, own: dict[int, Reference]) -> Expression:
    """Say what a node was computed by; of anything else, that it is itself."""
    if type(x) is not Node or x.primitive is None:
        return own[id(x)]
    # What has no box stands in the formula itself.
    arguments = tuple([own.get(id(y)) or Written(value_of(y)) for y in x.inputs])
    return Application(x.primitive.function, arguments, x.options or NO_OPTIONS, np.shape(x.out))


def kind_of(x: Any, root: Node | Constant, parameters: dict[int, str]) -> Kind:
    """Say what something is in the picture, by what is known of it."""
    if type(x) is not Node:
        return "input" if given_name(x) else "constant"
    if x.primitive is None:
        return "parameter" if id(x) in parameters else "variable"
    return "result" if x is root else "operation"


def given_name(x: Any) -> str | None:
    """Return the name that the user gave; the arrays of some libraries have a ``name`` of another kind."""
    return x.name if type(x) is Node or type(x) is Constant else None


def value_of(x: Any) -> Any:
    """Return the array of a node or constant, or the plain array that it is."""
    return x.out if type(x) is Node or type(x) is Constant else x
