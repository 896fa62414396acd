"""Forward mode: tangents pushed from the inputs through the recorded graph, by the rules that reverse mode has.

No function needs a second rule. One that works element by element has a diagonal Jacobian, so that its rule applied to
a tangent is the tangent of its value; one that is linear is its own derivative; of any other, the rule is linear in
the cotangent, and is transposed.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.anomalies import check_tangent, watching
from micrograd_nd.graph import (
    Constant,
    Node,
    ancestors,
    between,
    conform,
    contributions,
    gathered,
    operands,
    own,
    sweep,
    value_of,
)
from micrograd_nd.modes import current, recording, tracing, transforming
from micrograd_nd.primitives import Primitive
from micrograd_nd.tensor import Tensor, record, tensor_of
from micrograd_nd.transforms.reverse import check_function, grad
from micrograd_nd.transforms.tracing import Trace, fitted, has_gradient, matching_leaves, node_of, traceable, zeros_like

__all__ = ["hvp", "jvp", "push"]


def jvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any], has_aux: bool = False) -> Any:
    """Compute a function, and its derivative along a direction.

    Parameters
    ----------
    f : callable
        From arrays, or nests of arrays, to arrays or nests of arrays.
    primals : sequence
        Where: the arguments of `f`, of floating-point numbers.
    tangents : sequence
        The direction, of the form and the shapes of the primals.
    has_aux : bool
        Says that `f` returns a pair ``(result, aux)``, of which only the result is differentiated.

    Returns
    -------
    value
        What `f` returns.
    tangent
        The product of the Jacobian with the tangents, of the form, shapes and dtypes of the value.
    aux
        Only with `has_aux`.

    Raises
    ------
    TypeError
        When a primal is not of floating-point numbers, a tangent is complex and its primal is not, or `f` does not
        return numbers.
    ValueError
        When the tangents have not the form and shapes of the primals.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.jvp(np.sin, (0.0,), (2.0,))
    (np.float64(0.0), np.float64(2.0))
    """
    trace, tangent = traced_and_pushed(f, primals, tangents, has_aux)
    return (trace.value, tangent, trace.extra) if has_aux else (trace.value, tangent)


def traced_and_pushed(f: Callable[..., Any], primals: Any, tangents: Any, has_aux: bool = False) -> tuple[Trace, Any]:
    """Run a function, and push the tangents of its arguments through what it did."""
    check_function(f)
    if not (isinstance(primals, tuple | list) and isinstance(tangents, tuple | list)):
        raise TypeError("jvp takes a tuple of primals and one of tangents: jvp(f, (x,), (v,))")
    given = matching_leaves(tangents, tuple(primals), "the tangents")
    trace = Trace(f, primals, {}, range(len(primals)), has_aux)
    directions = [fitted(v, t.out, "tangent", "primal", None) for t, v in zip(trace.targets, given, strict=True)]
    return trace, tree.rebuild(trace.result, push(trace, directions))


def hvp(f: Callable[..., Any], primals: Sequence[Any], tangents: Sequence[Any]) -> Any:
    """Multiply the Hessian of a scalar function with a vector, without making the matrix.

    Parameters
    ----------
    f : callable
        As for `grad`.
    primals : sequence
        Where: all arguments of `f`.
    tangents : sequence
        The vector, of the form and the shapes of the primals.

    Returns
    -------
    product
        Of the form of the primal, or a tuple of one for each if there are several. It costs a small multiple of `f`.

    Raises
    ------
    TypeError, ValueError
        As for `grad` and `jvp`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.hvp(lambda x: np.sum(x**3), (np.array([1.0, 2.0]),), (np.array([1.0, 10.0]),))
    array([  6., 120.])
    """
    if not isinstance(primals, tuple | list):
        raise TypeError("hvp takes a tuple of primals and one of tangents: hvp(f, (x,), (v,))")
    argnums = 0 if len(primals) == 1 else tuple(range(len(primals)))
    return traced_and_pushed(grad(f, argnums), primals, tangents)[1]


def push(trace: Trace, directions: Sequence[Any]) -> list[Any]:
    """Push tangents from the targets of a trace to its roots."""
    recorded = tracing() or (recording() and (trace.open_ended or Tensor in map(type, directions)))
    if recorded:  # a graph holds them longer than the caller may leave them as they are
        directions = [np.array(v)[()] if isinstance(v, np.ndarray) else v for v in directions]
    tangents = dict(zip(trace.targets, map(traceable, directions), strict=True))
    targets = set(trace.targets)
    with transforming():
        for node in trace.lineage.nodes:
            if node in trace.lineage.wanted and node not in targets:
                tangents[node] = pushed(node, tangents, recorded)
    taken = {id(v) for v in directions}
    return [handed_out(root, tangents, taken) for root in trace.roots]


def pushed(node: Node, tangents: Mapping[Node, Any], recorded: bool) -> Any:
    """Push tangents through one operation, and look for anomalies where that is asked for."""
    if not current().watched:
        return tangent_of(node, tangents, recorded)
    with watching(node):
        tangent = tangent_of(node, tangents, recorded)
    check_tangent(node, tangent, [tangents[x] for x in node.inputs if type(x) is Node and x in tangents])
    return tangent


def handed_out(root: Node | Constant, tangents: Mapping[Node, Any], taken: set[int]) -> Any:
    """Take the tangent of a result, which is its owner's alone."""
    if type(root) is not Node or root not in tangents:
        return zeros_like(root.out)
    return own(tangents[root], taken)


def tangent_of(node: Node, tangents: Mapping[Node, Any], recorded: bool) -> Any:
    """Push the tangents of its arguments through one operation."""
    primitive: Primitive = node.primitive  # type: ignore[assignment]
    rules = primitive.rules
    moving = [
        tangents.get(x) if type(x) is Node and (type(rules) is not tuple or rules[i] is not None) else None
        for i, x in enumerate(node.inputs)
    ]
    if not (primitive.elementwise or primitive.linear):
        return transposed(node, tangents, recorded)
    options = node.options or {}
    lift = tensor_of if recorded else value_of
    values = operands(node, lift)
    if primitive.elementwise:
        out = lift(node)
        spread = [
            v if v is None or np.shape(v) == np.shape(node.out) else np.broadcast_to(v, node.out.shape) for v in moving
        ]
        terms = [
            rule(v, out, *values, **options)
            for rule, v in zip(rules[: len(spread)], spread, strict=True)  # type: ignore[index]
            if rule is not None and v is not None
        ]
    else:
        evaluate = partial(record_or_evaluate, primitive, options)
        if primitive.linear == "jointly":
            terms = [evaluate([zeros_like(x) if v is None else v for x, v in zip(values, moving, strict=True)])]
        else:
            terms = [evaluate([*values[:i], v, *values[i + 1 :]]) for i, v in enumerate(moving) if v is not None]
    if not terms:
        return zeros_like(node.out)
    total = terms[0]
    for term in terms[1:]:
        total = total + term
    return conform(total, node.out, node)


def record_or_evaluate(primitive: Primitive, options: dict[str, Any], values: list[Any]) -> Any:
    """Apply a primitive to arrays, or to Tensors among them."""
    if tracing() or Tensor in map(type, values):
        return record(primitive, values, options or None)
    return primitive.evaluate(*values, **options)


def transposed(node: Node, tangents: Mapping[Node, Any], recorded: bool) -> Any:
    """Push tangents through an operation by its rules, each a linear function of the cotangent.

    What the rules give for a cotangent u is recorded; the derivative of its products with the tangents, with respect
    to u, is the tangent of the value.
    """
    cotangent = Tensor(zeros_like(node.out))
    lift = tensor_of if recorded else value_of
    terms = [
        (conform(term, parent.out, node), tangents[parent])
        for parent, term in contributions(node, cotangent, tangents, lift)
    ]
    seeds = gathered((node_of(term), v) for term, v in terms if has_gradient(term))
    start = node_of(cotangent)
    steps = sweep(seeds, between(ancestors(*seeds, since=start.serial), {start}), tensor_of if recorded else None)
    return next((g for found, g in steps if found is start), zeros_like(node.out))
