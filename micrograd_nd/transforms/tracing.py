"""One run of a function on fresh inputs, and what is asked of it afterwards: what every transform begins with."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.graph import Constant, Node, ancestors, between, gathered, next_serial, own, sweep, sweep_within
from micrograd_nd.handle import no_gradient, plain, refuse_masked, shortened
from micrograd_nd.modes import current, mode, recording, tracer, tracing, transforming
from micrograd_nd.primitives import registry
from micrograd_nd.tensor import Tensor, new_leaf, record, tensor_of

__all__ = [
    "Trace",
    "chosen_positions",
    "fitted",
    "fresh_input",
    "has_gradient",
    "is_number",
    "matching_leaves",
    "node_of",
    "traceable",
    "zeros_like",
]

Argnums = int | Sequence[int]

DIFFERENTIABLE = frozenset(map(np.dtype, (np.float64, np.float32, np.complex128, np.complex64)))


class Trace:
    """What a function returned for some arguments, and the graph by which it came from them.

    Attributes
    ----------
    chosen : tuple
        The arguments that derivatives are taken with respect to, as they were given.
    outside : list
        Their arrays.
    targets : list of Node
        The nodes that stand for those arrays.
    start : int
        The serial number of when the function was called.
    nested : bool
        Whether something outside of the function is recorded too.
    result : tree
        What the function returned.
    aux : object
        What it returned beside that, where `has_aux` says that it returns a pair.
    roots : list of Node or Constant
        One for each array of the result.
    """

    __slots__ = (
        "_lineage",
        "_simple",
        "aux",
        "chosen",
        "nested",
        "outside",
        "result",
        "roots",
        "start",
        "targets",
    )

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        kwargs: Mapping[str, Any],
        positions: Sequence[int],
        has_aux: bool = False,
    ) -> None:
        self.chosen = tuple([args[i] for i in positions])
        self.outside = tree.leaves(self.chosen)
        if not self.outside:
            where = ", ".join(map(str, positions))
            raise ValueError(f"argument {where} holds no array to differentiate with respect to")
        self.start, self.nested = next_serial(), recording()
        self._lineage: Lineage | None = None
        self._simple = False
        with transforming():
            inputs = [
                differentiable(x, i)
                for i, given in zip(positions, self.chosen, strict=True)
                for x in (self.outside if len(positions) == 1 else tree.leaves(given))
            ]
            self.targets: list[Node] = [x._node for x in inputs]  # type: ignore[misc]  # f may move the handles on
            inner = list(args)
            for i, argument in zip(positions, tree.rebuild(self.chosen, inputs), strict=True):
                inner[i] = argument
            returned = f(*inner, **kwargs)
            self.result: Any
            self.aux: Any
            self.result, self.aux = pair(returned) if has_aux else (returned, None)
            self.roots = [root_of(x) for x in tree.leaves(self.result)]
        if not self.roots:
            raise TypeError(f"a differentiated function must return numbers; got {shortened(self.result)}")

    @property
    def lineage(self) -> "Lineage":
        """What the result was computed from, looked up when it is asked for first."""
        if self._lineage is None:
            self._lineage = Lineage(self)
        return self._lineage

    @property
    def open_ended(self) -> bool:
        """Whether the result depends on Tensors from outside of the function: derivatives are then recorded."""
        return not self._simple and self.lineage.open_ended

    @property
    def value(self) -> Any:
        """What the function returned: plain arrays, or Tensors where it depends on some from outside."""
        open_ended = self.open_ended
        return tree.tree_map(lambda x: shown(x, open_ended), self.result)

    @property
    def extra(self) -> Any:
        """What the function returned beside its result, in the same form."""
        aux_open = tracing()
        if not aux_open and self.nested:
            targets = set(self.targets)
            beside = ancestors(*(node_of(x) for x in tree.leaves(self.aux) if has_gradient(x)), since=self.start)
            aux_open = leads_outside(beside, between(beside, targets), targets, self.start)
        return tree.tree_map(lambda x: shown(x, aux_open) if type(x) is Tensor else x, self.aux)

    def pull(self, seeds: Sequence[Any]) -> Any:
        """Run the chain rule from the roots back to the targets.

        Parameters
        ----------
        seeds : sequence
            A derivative at each root: an array, or a Tensor that the derivatives then depend on; None for zero.

        Returns
        -------
        tuple
            One tree for each chosen argument.
        """
        found = self.simple_pull(seeds)
        if found is None:
            found = self.general_pull(seeds)
        slopes = [found[t] if t in found else zeros_like(t.out) for t in self.targets]
        taken: set[int] = set()
        return tree.rebuild(self.chosen, [handed_out(g, x, taken) for g, x in zip(slopes, self.outside, strict=True)])

    def simple_pull(self, seeds: Sequence[Any]) -> dict[Node, Any] | None:
        """Sweep back, as long as all comes from arrays that were given: nearly always, and then nothing is looked up.

        Returns
        -------
        dict or None
            The derivatives with respect to the targets; None where the sweep met anything else.
        """
        if len(seeds) > 1 or type(seeds[0]) is Tensor or type(root := self.roots[0]) is not Node:
            return None
        if mode.get() is not None or any(t.inputs for t in self.targets):
            return None
        found = sweep_within(root, seeds[0], self.targets, self.start)
        self._simple = found is not None
        return found

    def general_pull(self, seeds: Sequence[Any]) -> dict[Node, Any]:
        """Sweep back over what depends on the targets, recorded where what is asked for has derivatives itself."""
        wanted, targets = self.lineage.wanted, set(self.targets)
        live = gathered(
            (root, seed)
            for root, seed in zip(self.roots, seeds, strict=True)
            if seed is not None and type(root) is Node and root in wanted
        )
        if tracing() or (recording() and (self.open_ended or Tensor in map(type, seeds))):
            with transforming():
                return {node: g for node, g in noted(sweep(seeded(live), wanted, tensor_of)) if node in targets}
        return {node: g for node, g in sweep(live, wanted) if node in targets}


class Lineage:
    """What the result of a traced function was computed from.

    Attributes
    ----------
    nodes : list of Node
        All of that, oldest first.
    wanted : set of Node
        Those of them that depend on a target.
    open_ended : bool
        Whether any depends on Tensors from outside of the function.
    """

    __slots__ = ("nodes", "open_ended", "wanted")

    def __init__(self, trace: Trace) -> None:
        targets = set(trace.targets)
        self.nodes = ancestors(*[root for root in trace.roots if type(root) is Node], since=trace.start)
        self.wanted = between(self.nodes, targets)
        self.open_ended = tracing() or (trace.nested and leads_outside(self.nodes, self.wanted, targets, trace.start))


def chosen_positions(argnums: Argnums, args: Sequence[Any]) -> list[int]:
    """Find the positional arguments that argnums name."""
    if type(argnums) is int and 0 <= argnums < len(args):
        return [argnums]
    if not is_number(argnums) and not isinstance(argnums, tuple | list):
        raise TypeError(f"argnums is an integer, or a tuple of integers; got {argnums!r}")
    numbers: Sequence[Any] = (argnums,) if is_number(argnums) else tuple(argnums)  # type: ignore[arg-type]
    for number in numbers:
        if not is_number(number):
            raise TypeError(f"argnums are integers; got {number!r}")
        if not -len(args) <= number < len(args):
            raise ValueError(
                f"argnums {number} names no positional argument: there are {len(args)}, and those by name do not count"
            )
    positions = [number % len(args) for number in numbers]
    if not positions:
        raise ValueError("argnums names no argument")
    if len(set(positions)) < len(positions):
        raise ValueError(f"argnums {argnums} names an argument twice")
    return positions


def is_number(argnums: Any) -> bool:
    """Tell one argnum from several."""
    return isinstance(argnums, int | np.integer)


def matching_leaves(given: Any, model: Any, what: str) -> list[Any]:
    """List the arrays of a nest that has to have the form of another, in the order of the other."""
    try:
        return list(leaves_like(given, model))
    except ValueError as error:
        raise ValueError(f"{what}: {error}") from None


def leaves_like(given: Any, model: Any) -> Iterator[Any]:
    """List the leaves in the places of those of `model`."""
    if isinstance(model, dict):
        if not isinstance(given, dict) or given.keys() != model.keys():
            raise ValueError(f"needs a dict with the keys {list(model)}; got {shortened(given)}")
        for key in model:
            yield from leaves_like(given[key], model[key])
    elif isinstance(model, tuple | list):
        if not isinstance(given, tuple | list) or len(given) != len(model):
            raise ValueError(f"needs a sequence of {len(model)}; got {shortened(given)}")
        for part, its_model in zip(given, model, strict=True):
            yield from leaves_like(part, its_model)
    elif isinstance(given, dict | tuple) or (given is None) != (model is None):
        raise ValueError(f"needs an array; got {shortened(given)}")
    elif model is not None:
        yield given


def fresh_input(x: Any) -> Tensor:
    """Make the Tensor that a function is differentiated with respect to: a fresh leaf, or a fresh view of `x`."""
    kind = type(x)
    if kind is np.float64 or (kind is np.ndarray and x.ndim and x.dtype in DIFFERENTIABLE):
        return new_leaf(x)
    if kind is float:
        return new_leaf(np.float64(x))
    if has_gradient(x):
        return same_value(x)
    if type(x) is Tensor and (now := tracer()) is not None and x.dtype.kind in "fc":
        return now.fresh(x)  # type: ignore[no-any-return]
    tensor = Tensor(plain(x))
    if not tensor.requires_grad:
        raise TypeError(no_gradient(tensor))
    return tensor


def same_value(x: Tensor) -> Tensor:
    """Make a Tensor that was computed from another by doing nothing."""
    if tracing() or current().watched:
        return record(registry[np.positive], (x,))
    tensor = new_leaf(x.node.out)
    node = node_of(tensor)
    node.primitive, node.inputs = registry[np.positive], (x.node,)
    return tensor


def node_of(x: Tensor) -> Node:
    """Take the node of a Tensor that has a gradient."""
    return x.node  # type: ignore[return-value]


def has_gradient(x: Any) -> bool:
    """Tell what derivatives are taken of."""
    return type(x) is Tensor and x.requires_grad


def fitted(g: Any, value: Any, what: str, of: str, copy: bool | None = True) -> Any:
    """Bring what a caller gave for a derivative to the shape and dtype of the value that it belongs to.

    A Tensor stays one only where derivatives are taken of it, and now. An array is copied; with None, if it has to be.
    """
    refuse_masked(g)
    if type(g) is Tensor and not tracing() and not (g.requires_grad and recording()):
        g = plain(g)
    shape, dtype = np.shape(value), value.dtype
    given = g.dtype if hasattr(g, "dtype") else np.asarray(g).dtype
    if np.shape(g) != shape:
        raise ValueError(f"the {what} must have the shape of its {of}, {shape}; got {np.shape(g)}")
    if given.kind not in ("biufc" if dtype.kind == "c" else "biuf"):
        raise TypeError(f"the {what} of a {of} of dtype {dtype} must be of such numbers; got dtype {given}")
    if type(g) is Tensor:
        return g if given == dtype else g.astype(dtype)
    return np.array(g, dtype if dtype.kind in "fc" else None, copy=copy)[()]


def seeded(live: Mapping[Node, Any]) -> dict[Node, Any]:
    """Give the sweep seeds that a tracer sees."""
    return {node: traceable(seed) for node, seed in live.items()}


def noted(steps: Iterator[tuple[Node, Any]]) -> Iterator[tuple[Node, Any]]:
    """Tell a tracer what is the derivative of what, as it is found."""
    now = tracer()
    for node, g in steps:
        if now is not None and type(g) is Tensor:
            now.note_derivative(node, g)
        yield node, g


def traceable(x: Any) -> Any:
    """While a function is compiled let a constant be a Tensor, so that nothing made with it escapes the trace."""
    return x if type(x) is Tensor or not tracing() else tensor_of(Constant(x))


def zeros_like(value: Any) -> Any:
    """Make the derivative of a result that does not depend on a value."""
    return np.zeros(np.shape(value), np.result_type(value))[()]


def differentiable(x: Any, position: int) -> Tensor:
    """Make the Tensor that stands for one array of the arguments."""
    try:
        return fresh_input(x)
    except TypeError as error:
        raise TypeError(f"cannot differentiate with respect to argument {position}: {error}") from None


def pair(returned: Any) -> Any:
    """Take apart what a function with `has_aux` returned."""
    if not isinstance(returned, tuple) or len(returned) != 2:
        raise TypeError(f"with has_aux=True a function must return a pair, (result, aux); got {shortened(returned)}")
    return returned


def root_of(x: Any) -> Node | Constant:
    """Find what the tape knows of one array of a result."""
    if type(x) is Tensor:
        return x.node
    if not (hasattr(x, "dtype") or isinstance(x, int | float | complex)):
        raise TypeError(f"a differentiated function must return numbers, Tensors or arrays; got {type(x).__name__}")
    return Constant(x if hasattr(x, "dtype") else np.asarray(x)[()])


def leads_outside(nodes: Sequence[Node], wanted: set[Node], targets: set[Node], start: int) -> bool:
    """Tell whether nodes, of which `wanted` depend on targets, depend on a Tensor from outside of f.

    That is an argument that was one, one that is older than the call, or one that somebody holds although it depends
    on no argument: f made it, or it was given other data since.
    """
    return any(
        bool(node.inputs) if node in targets else node.serial > start or (node not in wanted and node() is not None)
        for node in nodes
    )


def shown(x: Any, open_ended: bool) -> Any:
    """Give a result to the caller: an array of its own, or the Tensor where it depends on others."""
    if type(x) is Tensor:
        if open_ended:
            return x
        x = x.node.out
    return x if isinstance(x, np.generic) else np.array(x)[()]


def handed_out(g: Any, argument: Any, taken: set[int]) -> Any:
    """Give a gradient the form its argument has: Tensors for Tensors, arrays for arrays."""
    if type(g) is Tensor:
        return g
    g = own(g, taken)
    return tensor_of(Constant(g)) if type(argument) is Tensor else g
