"""From a compiled program to a scene: its operations in the order in which they are done, with shapes for values."""

from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, replaced, values_in
from micrograd_nd.viz.graphs.expressions import Application, Expression, Reference, Written
from micrograd_nd.viz.graphs.names import named
from micrograd_nd.viz.graphs.scene import Box, Kind, Scene, arrow_between
from micrograd_nd.viz.values import is_small

__all__ = ["scheduled"]


def scheduled(program: Program) -> Scene:
    """Make the scene of a program: a box for every input, constant of some size, and operation.

    Parameters
    ----------
    program : Program
        Optimised or not.

    Returns
    -------
    Scene
        Inputs first, then the operations in their order. What is returned has the kind of a result; the root is the
        last of it. Boxes have no arrays as values, but what has their shapes and dtypes.

    Raises
    ------
    ValueError
        If the program returns no value.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> slope = mg.compile(mg.grad(lambda x: np.sum(x * x)))
    >>> _ = slope(np.ones(3))
    >>> scene = scheduled(slope.made().recipe.program)
    >>> [(box.kind, scene.formula(box), box.value.shape) for box in scene.boxes]
    [('input', 'x', (3,)), ('result', 'x + x', (3,))]
    """
    if not program.outputs:
        raise ValueError("there is nothing to draw: the program returns nothing that depends on its arguments")
    values = drawn(program)
    ids = {x: f"n{i}" for i, x in enumerate(values)}
    returned = set(program.outputs)
    boxes = [
        Box(
            id=ids[x],
            kind=kind_of(x, returned),
            name=ids[x],
            given_name=x.name,
            expression=expression_of(x, ids),
            value=x.data if isinstance(x, Literal) else x,
        )
        for x in values
    ]
    arrows = [arrow_between(source, box.id) for box in boxes for source in box.inputs()]
    last = program.outputs[-1]
    return named(Scene(tuple(boxes), tuple(arrows), ids[last]))


def drawn(program: Program) -> list[Value]:
    """List what has a box of its own: inputs, operations, and before its first use each constant."""
    operations = program.operations
    used = {x: None for operation in operations for x in (*operation.operands(), operation)}
    found = dict.fromkeys([*program.inputs, *used, *program.outputs])
    returned = set(program.outputs)
    return [x for x in found if x in returned or not inline(x)]


def inline(x: Value) -> bool:
    """Tell a constant that stands in the formula itself: an anonymous number, or a few."""
    if not isinstance(x, Literal) or x.name:
        return False
    return is_small(x.data) and np.ndim(x.data) < 2 and np.size(x.data) <= 4


def kind_of(x: Value, returned: set[Value]) -> Kind:
    """Say what a value is in the picture."""
    if isinstance(x, Input):
        return "input"
    if isinstance(x, Literal):
        return "constant"
    return "result" if x in returned else "operation"


def expression_of(x: Value, ids: dict[Value, str]) -> Expression:
    """Say what a value is computed by; of what is not computed, that it is itself."""
    if not isinstance(x, Operation):
        return Reference(ids[x])

    def part(y: Any) -> Any:
        return Reference(ids[y]) if y in ids else Written(y.data)

    arguments: list[Expression] = []
    for argument in x.arguments:
        inner = values_in(argument)
        arguments += [part(y) for y in inner] if inner else [Written(argument)]
    options = {
        name: replaced(option, lambda y: part(y) if isinstance(y, Value) else y) for name, option in x.options.items()
    }
    return Application(x.function, tuple(arguments), options, x.shape)
