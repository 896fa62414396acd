"""Boxes around boxes: what each call of a module computed, with what the module is called."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from micrograd_nd.graph import Node
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dense import Dense
from micrograd_nd.nn.dimensions import number_of
from micrograd_nd.nn.module import Module, walk
from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.graphs.contraction import common_group, inhabited
from micrograd_nd.viz.graphs.module_calls import ModuleCall, calls_in
from micrograd_nd.viz.graphs.scene import Box, Group, Scene
from micrograd_nd.viz.networks.layers import called, cut, is_activation
from micrograd_nd.viz.printable import visible

__all__ = ["grouped"]

# Modules that are nested deeper are drawn as part of the one around them.
DEEPEST = 8


@dataclass(eq=False)
class Layer:
    """One call of a module as it is drawn: of a linear layer, with the activation that follows.

    Attributes
    ----------
    call : ModuleCall
    then : list of Module
        Activations.
    """

    call: ModuleCall
    then: list[Module] = field(default_factory=list)


def grouped(scene: Scene) -> Scene:
    """Find which boxes were computed by the calls of which modules.

    Parameters
    ----------
    scene : Scene
        Of a recorded Tensor, as `recorded` makes it.

    Returns
    -------
    Scene
        With a group for each call of a module that still exists and that computed more than one operation or has
        parameters, in that of the call around it, down to eight of them. A linear layer takes in the activation that is
        applied to its result; `Dense` is one layer; a `Sequential` that is all that a module calls, such as that in a
        `Residual`, is part of it. Parameters, which are told from other variables, and constants without a
        name, lie in the innermost group that holds all their uses; what else was given lies outside.

    Examples
    --------
    >>> import numpy as np
    >>> from micrograd_nd import nn
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> model = nn.MLP([2, 4, 1], hidden="tanh")
    >>> scene = grouped(recorded(np.mean(model(np.ones((2, 5))))))
    >>> [(group.title, group.outer) for group in scene.groups]
    [('MLP', None), ('layer 1: Linear 2 → 4, tanh', 'g0'), ('layer 2: Linear 4 → 1, sigmoid', 'g0')]
    """
    nodes = [box.nodes[-1] for box in scene.boxes if box.nodes and type(box.nodes[-1]) is Node]
    calls = calls_in(nodes)
    if not calls:
        return scene
    contents = Contents()
    drawn = layers_in(calls, contents)
    ids = {call: f"g{i}" for i, call in enumerate(dict.fromkeys(layer.call for layer in drawn.values()))}
    times = Counter(id(call.module) for call in ids)
    seen: Counter[int] = Counter()
    likenesses: dict[tuple[int, ...], str] = {}
    groups = []
    for call, id_ in ids.items():
        layer, module = drawn[call], id(call.module)
        seen[module] += 1
        outer = drawn.get(call.outer) if call.outer else None
        what = (module, *map(id, layer.then))
        if (likeness := likenesses.get(what)) is None:
            likeness = likenesses[what] = likeness_of(layer, contents)
        title = title_of(layer, likeness)
        if times[module] > 1:
            title += f" (call {seen[module]} of {times[module]})"
        groups.append(Group(id_, title, ids[outer.call] if outer else None, likeness, contents.of(call.module).count))
    owner = {node: ids[drawn[call].call] for call in calls if call in drawn for node in call.nodes}
    parameters = contents.parameters([call.module for call in (*ids, *calls)])
    first = {id_ for call, id_ in ids.items() if all(id(node) in parameters for node in call.given)}
    return placed(replace(scene, groups=tuple(groups)), owner, parameters, first)


@dataclass(frozen=True, eq=False, slots=True)
class Content:
    """What a module holds, and what the modules in it hold.

    Attributes
    ----------
    modules : list of Module
        The module itself among them.
    parameters : list of Node
    """

    modules: list[Module]
    parameters: list[Node]

    @property
    def count(self) -> int:
        """How many numbers the parameters hold."""
        return sum(int(np.size(node.out)) for node in self.parameters)


class Contents(dict[int, Content]):
    """What modules hold, by their ids, of which each is looked through once, however often it is called."""

    def of(self, module: Module) -> Content:
        """Tell what one module holds: nothing, where it cannot tell."""
        if (known := self.get(id(module))) is None:
            known = self[id(module)] = content_of(module)
        return known

    def parameters(self, modules: Iterable[Module]) -> set[int]:
        """Find the parameters of modules, given from the outermost inwards, by the ids of their nodes."""
        found: set[int] = set()
        known: set[int] = set()
        for module in modules:
            if id(module) not in known:
                content = self.of(module)
                known.update(map(id, content.modules))
                found.update(map(id, content.parameters))
        return found


def content_of(module: Module) -> Content:
    """Look through a module; a result that it keeps in an attribute is no parameter."""
    try:
        parts = [part for _, part in walk(module)]
    except TypeError:  # it holds modules or Tensors in a set
        parts = [module]
    nodes = [part.node for part in parts if isinstance(part, Tensor)]
    parameters = [node for node in nodes if type(node) is Node and node.primitive is None]
    return Content([part for part in parts if isinstance(part, Module)], parameters)


def layers_in(calls: Sequence[ModuleCall], contents: Contents) -> dict[ModuleCall, Layer]:
    """Say as part of which layer each call is drawn; of those in no group, nothing."""
    inner = Counter(call.outer for call in calls)
    after = {result: call for call in calls if isinstance(call.module, Linear) for result in call.results}
    drawn: dict[ModuleCall, Layer] = {}
    depth: dict[ModuleCall, int] = {}
    for call in calls:
        outer = drawn.get(call.outer) if call.outer else None
        depth[call] = depth.get(call.outer, 0) + 1 if call.outer else 1
        linear = after.get(next(iter(call.given))) if len(call.given) == 1 else None
        only = type(call.module) is Sequential and inner[call.outer] == 1
        if outer and (only or isinstance(outer.call.module, Dense) or depth[call] > DEEPEST):
            drawn[call] = outer
        elif is_activation(call.module) and linear and linear in drawn and linear.outer is call.outer:
            drawn[call] = drawn[linear]
            drawn[linear].then.append(call.module)
        elif inner[call] or len(call.nodes) > 1 or contents.of(call.module).parameters:
            drawn[call] = Layer(call)
        elif outer:
            drawn[call] = outer
    return drawn


def placed(scene: Scene, owner: dict[Node, str], parameters: set[int], first: set[str]) -> Scene:
    """Put boxes into groups: what a call computed, then what is used there alone.

    A call that was given no value but parameters is the first: its constants are the data, which come from outside.
    """
    group: dict[str, str | None] = {box.id: owner.get(box.nodes[-1]) for box in scene.boxes if box.is_computed}
    for box in scene.boxes:
        if not box.is_computed and (box.kind == "constant" or id(box.nodes[-1]) in parameters):
            found = common_group(scene, (group[user] for user in scene.users.get(box.id, ())))
            while found in first and box.kind == "constant":
                found = scene.group_by_id[found].outer
            group[box.id] = found
    boxes = [
        box
        if (inside := group.get(box.id)) is None and box.kind != "variable"
        else box.within(inside, "parameter" if is_parameter(box, parameters) else box.kind)
        for box in scene.boxes
    ]
    return replace(scene, boxes=tuple(boxes), groups=tuple(inhabited(scene, {box.id: box for box in boxes})))


def is_parameter(box: Box, parameters: set[int]) -> bool:
    """Tell a parameter of a module from other leaves, by the ids of their nodes."""
    return box.kind == "variable" and id(box.nodes[-1]) in parameters


def title_of(layer: Layer, likeness: str) -> str:
    """Call a layer by its number, and what it is: ``layer 2: Dense 20 → 7, relu``."""
    module = layer.call.module
    number = number_of(module.linear if isinstance(module, Dense) else module)
    return likeness if number is None else f"layer {number}: {likeness}"


def likeness_of(layer: Layer, contents: Contents) -> str:
    """Say what a layer is: a linear one by its units and its activation, others by what they say of themselves."""
    module: Any = layer.call.module
    name = cut(visible(type(module).__name__))
    if isinstance(module, Linear | Dense):
        n_out, n_in = module.W.shape
        then = [module.activation] if isinstance(module, Dense) else layer.then
        return ", ".join([f"{name} {n_in} → {n_out}", *map(called, then)])
    return name if len(contents.of(module).modules) > 1 else called(module)
