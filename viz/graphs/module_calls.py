"""Which operations of a recorded graph each call of a module computed, and how the calls are nested."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from micrograd_nd.graph import Node
from micrograd_nd.nn.module import Module

__all__ = ["ModuleCall", "calls_in"]


@dataclass(eq=False)
class ModuleCall:
    """One call of a module.

    Attributes
    ----------
    module : Module
    start : int
        The moment when it began.
    results : list of Node
        What it returned.
    nodes : list of Node
        What it computed by itself, not by calls within it.
    given : dict
        What it was given, parameters and all: the nodes that it computed from and that were there before it began.
    outer : ModuleCall or None
        The call that it was made by.
    """

    module: Module
    start: int
    results: list[Node] = field(default_factory=list)
    nodes: list[Node] = field(default_factory=list)
    given: dict[Node, None] = field(default_factory=dict)
    outer: "ModuleCall | None" = None


def calls_in(nodes: Sequence[Node]) -> list[ModuleCall]:
    """Find the calls of modules that some nodes are results of, or lead to results of.

    Parameters
    ----------
    nodes : sequence of Node
        All that a result was computed from.

    Returns
    -------
    list of ModuleCall
        Each after the one that it was made by, of modules that still exist. A node belongs to a call if it was recorded
        after the call began and a result of the call was computed from it: what other threads recorded meanwhile does
        not.
    """
    found: dict[int, ModuleCall] = {}
    for node in nodes:
        for caller, start in getattr(node, "calls", ()):
            if (module := caller()) is not None:
                found.setdefault(start, ModuleCall(module, start)).results.append(node)
    owner: dict[Node, ModuleCall] = {}
    # A call that began later lies within one that began before it, or beside it.
    for call in sorted(found.values(), key=lambda call: call.start):
        gather(call, owner)
    return sorted(found.values(), key=lambda call: -call.start)


def gather(call: ModuleCall, owner: dict[Node, ModuleCall]) -> None:
    """Find what a call computed, back from its results, and past the calls within it, which have been gathered."""
    stack = list(call.results)
    while stack:
        node = stack.pop()
        if node.serial > call.start:
            call.given[node] = None
            continue
        inside = owner.get(node)
        if inside is None:
            owner[node] = call
            call.nodes.append(node)
            stack.extend(x for x in node.inputs if type(x) is Node)
        elif (outermost := outermost_of(inside)) is not call:
            outermost.outer = call
            stack.extend(outermost.given)


def outermost_of(call: ModuleCall) -> ModuleCall:
    """Find the outermost call around one, as far as that has been gathered."""
    while call.outer is not None:
        call = call.outer
    return call
