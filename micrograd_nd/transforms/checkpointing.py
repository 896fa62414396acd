"""Checkpoints: what a function computed is forgotten, and computed again when its derivative is needed."""

import functools
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd import tree
from micrograd_nd.graph import Constant, Node, ancestors, between, gathered, next_serial, sweep
from micrograd_nd.handle import plain, remember
from micrograd_nd.modes import recorded, recording, tracing
from micrograd_nd.primitives import Primitive, readable
from micrograd_nd.tensor import Tensor, tensor_of
from micrograd_nd.transforms.reverse import check_function
from micrograd_nd.transforms.tracing import fresh_input, has_gradient, node_of, zeros_like

__all__ = ["checkpoint"]


def checkpoint(f: Callable[..., Any]) -> Callable[..., Any]:
    """Make a function compute again in the backward pass instead of keeping what it computed on the way.

    A long computation cut into checkpointed parts needs the memory of one part and of the arrays between the parts, for
    the time of one more forward pass.

    Parameters
    ----------
    f : callable
        From arrays or nests of arrays to arrays or nests of arrays. It has to compute the same values each time: random
        numbers are made outside and passed in.

    Returns
    -------
    callable
        Takes and returns what `f` does. Derivatives, of any order, are the same; also with respect to Tensors that
        `f` uses without taking them as arguments, such as the parameters of a layer.

    Raises
    ------
    RuntimeError
        In the backward pass, when `f` computes other values than before, or uses other Tensors.
    TypeError
        When `f` changes its arguments in place.

    Notes
    -----
    What `f` returns is all that is connected: derivatives do not pass through Tensors that it leaves elsewhere.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> block = mg.checkpoint(lambda x: np.tanh(np.sin(x) * 2))
    >>> mg.grad(lambda x: block(block(x)))(0.5)
    np.float64(0.270485967105)
    """
    check_function(f)

    @functools.wraps(f)
    def checkpointed(*args: Any, **kwargs: Any) -> Any:
        # A program has no need to compute twice: what it keeps is its own affair.
        return Call(f, args, kwargs).results() if recording() and not tracing() else f(*args, **kwargs)

    return checkpointed


class Run(NamedTuple):
    """What came of calling a function.

    Attributes
    ----------
    returned : tree
        What it returned.
    roots : list of Node
        What of that has a gradient.
    nodes : list of Node
        What that was computed from, back to what was there before, oldest first.
    used : list of Node
        Those of them that were there before, and are no arguments.
    """

    returned: Any
    roots: list[Node]
    nodes: list[Node]
    used: list[Node]


class Call:
    """One call of a checkpointed function: enough to make it again.

    Attributes
    ----------
    f : callable
        The function.
    form : tree of int
        Its arguments, with numbers in place of what stands in `leaves`.
    leaves : list
        The arrays among the arguments; None in place of Tensors that have a gradient.
    moving : list of int
        The numbers of those.
    inputs : list of Node
        Their nodes, and those of Tensors that the function used without taking them as arguments.
    returned : tree
        What it returned the first time.
    """

    __slots__ = ("f", "form", "inputs", "leaves", "moving", "returned")

    def __init__(self, f: Callable[..., Any], args: Any, kwargs: Any) -> None:
        self.f = f
        self.leaves = list(tree.leaves((args, kwargs)))
        self.form = tree.rebuild((args, kwargs), range(len(self.leaves)))
        self.moving = [i for i, x in enumerate(self.leaves) if has_gradient(x)]
        given = [self.leaves[i] for i in self.moving]
        for i in self.moving:
            self.leaves[i] = None
        run = self.run([Tensor(x.node.out) for x in given])
        self.returned = run.returned
        self.inputs = [*(x.node for x in given), *run.used]

    def run(self, given: Sequence[Tensor]) -> Run:
        """Call the function."""
        start = next_serial()
        leaves = list(self.leaves)
        for i, x in zip(self.moving, given, strict=True):
            leaves[i] = x
        args, kwargs = tree.tree_map(leaves.__getitem__, self.form)
        before = [node_of(x) for x in given]
        returned = self.f(*args, **kwargs)
        if any(x.node is not node for x, node in zip(given, before, strict=True)):
            raise TypeError(
                f"the checkpointed function {readable(self.f)} changed its argument in place, which the Tensor outside "
                "would not see: let it work on a copy, x = x + 0"
            )
        roots = [node_of(x) for x in tree.leaves(returned) if has_gradient(x)]
        nodes = ancestors(*roots, since=start)
        used = [node for node in nodes if node.serial > start and node not in before]
        return Run(returned, roots, nodes, used)

    def results(self) -> Any:
        """Return what the function returned, as results of one operation."""
        live = [x for x in tree.leaves(self.returned) if has_gradient(x)]
        returned, self.returned = self.returned, None
        if not live:
            return returned
        whole = operation(self, packed([x.node.out for x in live]))
        parts = iter(unpacked(whole, [x.node.out for x in live]))
        return tree.tree_map(lambda x: next(parts) if has_gradient(x) else x, returned)

    def pull(self, g: Any, out: Any, *values: Any) -> list[Any]:
        """Make the call again, recorded, and run the chain rule back through it: the rule of the operation."""
        lift = tensor_of if Tensor in map(type, (g, *values)) else None
        with recorded():
            given = [fresh_input(x) for x in values[: len(self.moving)]]
            targets = [node_of(x) for x in given]
            run = self.run(given)
            outs = [root.out for root in run.roots]
            self.check_same(run.used, packed(outs), plain(out))
            # What was used may depend on other things that were used, or an argument on them: that is for the sweep
            # that called this rule.
            edge = {*targets, *run.used}
            wanted = between(run.nodes, edge)
            parts = zip(run.roots, unpacked(g, outs), strict=True)
            seeds = gathered((root, part) for root, part in parts if root in wanted)
            found = dict(sweep(seeds, wanted, lift, stop=edge))
        return [found[node] if node in found else zeros_like(node.out) for node in (*targets, *run.used)]

    def check_same(self, used: Sequence[Node], now: Any, before: Any) -> None:
        """Refuse to differentiate another computation than the one that was made."""
        if list(used) != self.inputs[len(self.moving) :] or not np.array_equal(now, before, equal_nan=True):
            raise RuntimeError(
                f"the checkpointed function {readable(self.f)} computed something else in the backward pass than "
                "before: pass random numbers, and Tensors that change, as arguments"
            )


def operation(call: Call, out: Any) -> Tensor:
    """Make the Tensor that stands for all that a call returned."""
    primitive = Primitive(call.f)
    primitive.rules = call.pull
    primitive.elementwise = primitive.linear = False
    tensor = tensor_of(Constant(out))
    tensor._node = remember(tensor, primitive, tuple(call.inputs), None, out)
    return tensor


def packed(outs: Sequence[Any]) -> Any:
    """Put several results into one array, which a node can hold."""
    return outs[0] if len(outs) == 1 else np.concatenate([np.ravel(out) for out in outs])


def unpacked(whole: Any, outs: Sequence[Any]) -> list[Any]:
    """Take them out again, as arrays or as Tensors; `outs` tells their shapes and dtypes."""
    if len(outs) == 1:
        return [whole]
    ends = np.cumsum([np.size(out) for out in outs]).tolist()
    parts = [whole[end - np.size(out) : end] for out, end in zip(outs, ends, strict=True)]
    return [in_form(part, out) for part, out in zip(parts, outs, strict=True)]


def in_form(part: Any, out: Any) -> Any:
    """Give a part its shape and dtype."""
    part = np.reshape(part, np.shape(out))
    if part.dtype == out.dtype:
        return part
    return (np.real(part) if out.dtype.kind != "c" else part).astype(out.dtype)
