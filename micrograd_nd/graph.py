"""The tape: what is remembered of each operation, and the chain rule run backwards over it.

A computation graph is made of `Node` objects and reached from its result: there is no global tape. `sweep` walks it
from a result towards its inputs, newest node first, and yields each node with its derivative. This file knows
primitives and their rules, and nothing of Tensors.
"""

import weakref
from collections.abc import Callable, Container, Iterable, Iterator, Mapping, Sequence
from functools import partial
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Any

import numpy as np

from micrograd_nd.anomalies import Origin, watched
from micrograd_nd.modes import current, tracing
from micrograd_nd.primitives import Primitive, readable

__all__ = [
    "Call",
    "Constant",
    "Node",
    "Traced",
    "ancestors",
    "between",
    "conform",
    "contributions",
    "gathered",
    "moment",
    "note_call",
    "operands",
    "own",
    "seed_for",
    "sweep",
    "value_of",
]

Lift = Callable[["Node | Constant"], Any]

# The seeds of most backward passes, by the type of the result.
ONES = {np.float64: np.float64(1), np.float32: np.float32(1)}

# Newer nodes have smaller numbers, so that a heap gives the newest first.
next_serial = count(0, -1).__next__
# The number of the present moment: smaller than that of every node recorded before, greater than of those after.
moment = next_serial


# A call of something made of many operations, such as a layer: a weak reference to what was called, and the moment
# when it began. What was recorded since, and its result was computed from, was computed by the call.
Call = tuple["weakref.ref[Any]", int]


class Node(weakref.ref[Any]):
    """One recorded value: a leaf, or the result of an operation.

    A node *is* the weak reference to the Tensor that holds it: ``node()`` is that Tensor, or None once nobody keeps
    it. So a graph has no cycle, and an operation allocates one object less.

    Attributes
    ----------
    primitive : Primitive or None
        The operation; None for a leaf.
    inputs : sequence
        Its array arguments in order: a `Node`, a `Constant`, or a plain array or number.
    options : dict or None
        Its other arguments.
    out : array
        The value, never written to.
    name : str or None
        What a person calls it.
    serial : int
        Smaller than that of every node recorded before.
    origin : Origin
        Where it was recorded; only under `detect_anomaly`.
    calls : tuple of Call
        Those whose result it is, from the innermost to the outermost; only where there are any.
    """

    __slots__ = ("calls", "inputs", "name", "options", "origin", "out", "primitive", "serial")

    primitive: Primitive | None
    inputs: Sequence[Any]
    options: dict[str, Any] | None
    out: Any
    name: str | None
    serial: int
    origin: Origin
    calls: tuple[Call, ...]

    # As a weak reference it would compare by its Tensor, which may be gone.
    __eq__ = object.__eq__
    __ne__ = object.__ne__
    __hash__ = object.__hash__

    def __repr__(self) -> str:
        operation = "leaf" if self.primitive is None else self.primitive.name
        return f"Node({operation}, name={self.name!r}, shape={np.shape(self.out)})"


class Constant:
    """A value that no derivative is taken of, with the name it has in pictures."""

    __slots__ = ("name", "out")

    def __init__(self, out: Any, name: str | None = None) -> None:
        self.out = out
        self.name = name


class Traced(Constant):
    """A constant, as far as derivatives go, whose computation a program has to repeat.

    `compile` needs it of what in eager code is a plain array: comparisons, positions, what was detached.

    Attributes
    ----------
    primitive, inputs, options, serial
        As of a `Node`.
    """

    __slots__ = ("inputs", "options", "primitive", "serial")

    def __init__(self, out: Any, primitive: Primitive | None, inputs: Sequence[Any], options: Any) -> None:
        super().__init__(out)
        self.primitive = primitive
        self.inputs = inputs
        self.options = options
        self.serial = next_serial()


def sweep(
    seeds: Mapping[Node, Any],
    wanted: Container[Node] | None = None,
    lift: Lift | None = None,
    stop: Container[Node] | None = None,
) -> Iterator[tuple[Node, Any]]:
    """Run the chain rule from results towards the leaves.

    Parameters
    ----------
    seeds : mapping from Node to array
        The results that are differentiated, each with the derivative at it, of its shape and dtype.
    wanted : container of Node, optional
        The only nodes to visit; all by default.
    lift : callable, optional
        What the rules are given for a node. By default they get its array; given Tensors, the derivatives are
        recorded themselves.
    stop : container of Node, optional
        Nodes that are visited and not gone beyond.

    Yields
    ------
    node : Node
        Every visited node, each after all that was computed from it.
    cotangent : array
        The derivative of the result with respect to it, complete, of the node's shape and dtype.
    """
    if lift is None and not current().watched:
        return sweep_by(terms_of, seeds, wanted, stop)
    rules = watched(contributions) if current().watched else contributions
    return sweep_by(partial(conformed, rules, lift or value_of), seeds, wanted, stop)


def sweep_by(
    pull: Callable[..., Iterable[tuple[Node, Any]]],
    seeds: Mapping[Node, Any],
    wanted: Container[Node] | None,
    stop: Container[Node] | None,
) -> Iterator[tuple[Node, Any]]:
    """Sweep, with a function that applies the rules of one operation, and brings what they return to shape."""
    pending = dict(seeds)
    queue = [(root.serial, root) for root in pending]
    heapify(queue)
    while queue:
        node = heappop(queue)[1]
        g = pending.pop(node)
        yield node, g
        if node.primitive is None or (stop is not None and node in stop):
            continue
        for parent, contribution in pull(node, g, wanted):
            if parent in pending:
                pending[parent] = pending[parent] + contribution
            else:
                pending[parent] = contribution
                heappush(queue, (parent.serial, parent))


def sweep_within(root: Node, seed: Any, targets: Sequence[Node], start: int) -> dict[Node, Any] | None:
    """Sweep with arrays from a result to leaves, where all between them was recorded since a moment.

    Nodes then have numbers close to each other, and are gone through in that order without a queue.

    Parameters
    ----------
    root : Node
        The result.
    seed : array
        The derivative at it.
    targets : sequence of Node
        The leaves, recorded before all else.
    start : int
        The serial number of that moment.

    Returns
    -------
    dict or None
        The derivatives with respect to the targets; None where the sweep met anything from elsewhere. No rule has then
        been asked for the derivative with respect to that.
    """
    leaves = {target.serial for target in targets}
    if root.serial > start or (root.primitive is None and root.serial not in leaves):
        return None
    pending = {root.serial: seed}
    nodes = {root.serial: root}
    for serial in range(root.serial, targets[-1].serial):
        if serial not in pending:
            continue
        node = nodes[serial]
        rules: Any = node.primitive.rules  # type: ignore[union-attr]
        if type(rules) is tuple and None in rules and hides(node, rules):
            return None
        for x in node.inputs:
            if type(x) is Node and (x.serial > start or (x.primitive is None and x.serial not in leaves)):
                return None
        for parent, contribution in terms_of(node, pending.pop(serial), None):
            number = parent.serial
            if number in pending:
                pending[number] = pending[number] + contribution
            else:
                pending[number] = contribution
                nodes[number] = parent
    return {target: pending[target.serial] for target in targets if target.serial in pending}


def hides(node: Node, rules: Sequence[Any]) -> bool:
    """Tell an operation on a node that it has no rule for: the sweep does not see what that was computed from."""
    return any(type(x) is Node and rule is None for x, rule in zip(node.inputs, rules, strict=False))


def terms_of(node: Node, g: Any, wanted: Container[Node] | None) -> Sequence[tuple[Node, Any]]:
    """Apply the rules of one operation to arrays, and bring what they return to shape.

    Operations of one and two arguments are written out: a call for each would take as long as all the rest.
    """
    inputs, options = node.inputs, node.options
    rules: Any = node.primitive.rules  # type: ignore[union-attr]
    if len(inputs) == 1 and type(rules) is tuple:
        (x,) = inputs
        if (rule := rules[0]) is None or (wanted is not None and x not in wanted):
            return ()
        value = x.out
        return (
            (x, conform(rule(g, node.out, value, **options) if options else rule(g, node.out, value), value, node)),
        )
    if len(inputs) != 2 or type(rules) is not tuple or options:
        return conformed(contributions, value_of, node, g, wanted)
    x, y = inputs
    out = node.out
    x_value = x.out if (x_asked := type(x) is Node) or type(x) is Constant else x
    y_value = y.out if (y_asked := type(y) is Node) or type(y) is Constant else y
    x_rule, y_rule = rules[0], rules[1]
    if wanted is not None:
        x_asked = x_asked and x in wanted
        y_asked = y_asked and y in wanted
    if not x_asked or x_rule is None:
        if not y_asked or y_rule is None:
            return ()
        return ((y, conform(y_rule(g, out, x_value, y_value), y_value, node)),)
    x_term = conform(x_rule(g, out, x_value, y_value), x_value, node)
    if not y_asked or y_rule is None:
        return ((x, x_term),)
    return ((x, x_term), (y, conform(y_rule(g, out, x_value, y_value), y_value, node)))


def conformed(
    rules: Callable[..., Sequence[tuple[Node, Any]]], lift: Lift, node: Node, g: Any, wanted: Container[Node] | None
) -> Sequence[tuple[Node, Any]]:
    """Apply the rules of one operation to what `lift` makes of its nodes, and bring what they return to shape."""
    return [(parent, conform(term, parent.out, node)) for parent, term in rules(node, g, wanted, lift)]


def seed_for(root: Node, gradient: Any = None) -> Any:
    """Make the derivative that a backward pass starts from: that of `root`, 1 by default."""
    if gradient is None and (one := ONES.get(type(root.out))) is not None:
        return one
    shape, dtype = np.shape(root.out), np.result_type(root.out)
    if dtype.kind not in "fc":
        raise TypeError(f"the result has dtype {dtype}; derivatives are taken of floating-point results")
    if gradient is None:
        if dtype.kind == "c":
            raise TypeError(
                f"backward() without a gradient needs a real result; this one has dtype {dtype}. Take np.real, "
                "np.imag or np.abs of it, or give t.backward(gradient)"
            )
        if np.size(root.out) != 1:
            raise ValueError(
                f"backward() without a gradient needs a result of one element; this one has shape {shape}. "
                "Reduce it, t.sum().backward(), or give t.backward(gradient) of that shape"
            )
        return np.ones(shape, dtype)[()]
    seed = np.array(gradient)
    if seed.shape != shape:
        raise ValueError(f"the gradient given to backward must have the result's shape {shape}; got {seed.shape}")
    if seed.dtype.kind not in ("biufc" if dtype.kind == "c" else "biuf"):
        raise TypeError(f"the gradient given to backward must be of numbers like the result's; got dtype {seed.dtype}")
    return seed.astype(dtype)[()]


def own(g: Any, taken: set[int]) -> Any:
    """Make sure that a derivative handed out is nobody else's array: rules may pass one on, or a view of it."""
    if type(g) is not np.ndarray:
        return g
    if g.ndim == 0:
        return g[()]
    if g.base is not None or id(g) in taken:
        return g.copy()
    taken.add(id(g))
    return g


def gathered(parts: Iterable[tuple[Node, Any]]) -> dict[Node, Any]:
    """Add up the derivatives that belong to the same node."""
    total: dict[Node, Any] = {}
    for node, g in parts:
        total[node] = total[node] + g if node in total else g
    return total


def note_call(caller: Any, start: int, out: Node | Constant) -> None:
    """Remember that a value is what a call returned which began at a moment, if the call computed it.

    A value that was there before, such as an argument that is returned as it is, is no result of it.
    """
    if type(out) is Node and out.serial < start:
        out.calls = (*getattr(out, "calls", ()), (weakref.ref(caller), start))


def ancestors(*roots: Node, since: int | None = None) -> list[Node]:
    """List `roots` and every node they were computed from, oldest first.

    With `since`, a serial number, nodes that are older than that are listed and not gone beyond.
    """
    seen = set(roots)
    stack = [root for root in seen if since is None or root.serial <= since]
    while stack:
        for parent in stack.pop().inputs:
            if type(parent) is Node and parent not in seen:
                seen.add(parent)
                if since is None or parent.serial <= since:
                    stack.append(parent)
    return sorted(seen, key=lambda node: -node.serial)


def between(nodes: Sequence[Node], targets: Container[Node]) -> set[Node]:
    """Keep, of `nodes` in the order of `ancestors`, the `targets` and what was computed from them."""
    found: set[Node] = set()
    for node in nodes:
        if node in targets or any(type(parent) is Node and parent in found for parent in node.inputs):
            found.add(node)
    return found


def contributions(node: Node, g: Any, wanted: Container[Node] | None, lift: Lift) -> Sequence[tuple[Node, Any]]:
    """Apply the rules of one operation, of any number of arguments, to what `lift` makes of its nodes."""
    options = node.options or {}
    inputs = node.inputs
    values = operands(node, lift)
    out = lift(node)
    rules: Any = node.primitive.rules  # type: ignore[union-attr]
    asked = [type(x) is Node and (wanted is None or x in wanted) for x in inputs]
    if callable(rules):
        terms = rules(g, out, *values, **options)
        return [(parent, term) for parent, term, ask in zip(inputs, terms, asked, strict=True) if ask]
    return [
        (parent, rule(g, out, *values, **options))
        for parent, rule, ask in zip(inputs, rules[: len(inputs)], asked, strict=True)
        if ask and rule is not None
    ]


def operands(node: Node, lift: Lift) -> list[Any]:
    """List the array arguments of an operation: what `lift` makes of its nodes, and its constants."""
    return [
        lift(x)
        if type(x) is Node or type(x) is Traced or (type(x) is Constant and tracing())
        else x.out
        if type(x) is Constant
        else x
        for x in node.inputs
    ]


def value_of(node: Node | Constant) -> Any:
    """Give the rules plain arrays."""
    return node.out


def conform(g: Any, value: Any, node: Node) -> Any:
    """Undo broadcasting and bring a derivative to the shape and dtype of `value`: done here once, for all rules.

    Of a complex derivative of a real value the real part counts: it pairs with real steps.
    """
    kind = type(value)
    if type(g) is kind:  # nearly always
        if kind is np.ndarray and g.dtype is value.dtype:
            return g if g.shape == value.shape else _to_shape(g, value.shape, node)
        if kind in ONES:
            return g
    shape, dtype = np.shape(value), value.dtype
    if not hasattr(g, "dtype"):
        if not isinstance(g, int | float | complex):
            raise TypeError(f"the rule of {operation(node)} returned {type(g).__name__}, which is no derivative")
        g = np.asarray(g, dtype=dtype if dtype.kind == "c" or not isinstance(g, complex) else None)
    if g.dtype.kind == "c" and dtype.kind != "c":
        g = np.real(g)
    if g.shape != shape:
        g = _to_shape(g, shape, node)
    return g if g.dtype == dtype else g.astype(dtype)


def _to_shape(g: Any, shape: tuple[int, ...], node: Node) -> Any:
    given = g.shape
    if not given and isinstance(g, np.generic):
        return stretched(g, shape)
    if len(given) == len(shape) == 2 and shape[1] == 1 and given[0] == shape[0]:  # a column beside a matrix
        return np.add.reduce(g, 1, None, None, True)  # type: ignore[call-overload]  # by position it starts faster
    extra = max(g.ndim - len(shape), 0)
    kept = range(extra, g.ndim)
    axes = (*range(extra), *(i for i in kept if shape[i - g.ndim] == 1 != g.shape[i]))
    if axes:
        g = np.add.reduce(g, axis=axes, keepdims=True)
    if extra:
        g = np.reshape(g, g.shape[extra:])
    try:
        return g if g.shape == shape else np.broadcast_to(g, shape)
    except ValueError:
        raise ValueError(
            f"the rule of {operation(node)} returned a derivative of shape {g.shape} for an argument of shape {shape}"
        ) from None


def stretched(number: Any, shape: tuple[int, ...]) -> Any:
    """Broadcast a number, a fifth as long as np.broadcast_to takes."""
    array = np.ndarray(shape, number.dtype, np.asarray(number), 0, (0,) * len(shape))
    array.flags.writeable = False
    return array


def operation(node: Node) -> str:
    return readable(node.primitive.function) if node.primitive is not None else "leaf"
