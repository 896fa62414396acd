"""Transforms of functions: from a function of arrays to the function that computes its derivative.

The result for plain arrays is plain arrays. It is a Tensor where it depends on one: inside another transform, so
that transforms nest to any order, or where the function uses Tensors from outside of it.
"""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.graph import Constant, Node, ancestors, between, own, seed_for, sweep
from micrograd_nd.handle import no_gradient
from micrograd_nd.modes import paused, transforming
from micrograd_nd.primitives import registry
from micrograd_nd.tensor import Tensor, record, tensor_of

__all__ = ["grad", "value_and_grad"]


def grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., Any]:
    """Make the function that computes the gradient of a scalar function.

    Parameters
    ----------
    f : callable
        From arrays, or nested tuples, lists and dicts of arrays, to one real number. It is written in NumPy.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to; several give a tuple of gradients.

    Returns
    -------
    callable
        Takes what `f` takes. Each gradient has the form, the shapes and the dtypes of its argument.

    Raises
    ------
    TypeError
        When an argument to differentiate with respect to is not of floating-point numbers, when `f` does not return a
        number, or where a conversion inside of `f` would cut the graph.
    ValueError
        When `f` returns more than one number, or has no argument of that number.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> def tanh(x):
    ...     return (1.0 - np.exp(-2 * x)) / (1.0 + np.exp(-2 * x))
    >>> mg.grad(tanh)(1.0)
    np.float64(0.41997434161)
    >>> mg.grad(mg.grad(tanh))(1.0)
    np.float64(-0.63970000845)

    Parameters of any form:

    >>> cost = lambda parameters, x: np.sum(np.square(parameters["w"] * x + parameters["b"]))
    >>> mg.grad(cost)({"w": np.array([1.0, 2.0]), "b": 0.5}, np.array([3.0, 4.0]))
    {'w': array([21., 68.]), 'b': np.float64(24.0)}
    """
    both = value_and_grad(f, argnums)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        return both(*args, **kwargs)[1]

    return gradient


def value_and_grad(f: Callable[..., Any], argnums: int | Sequence[int] = 0) -> Callable[..., tuple[Any, Any]]:
    """Make the function that computes a scalar function and its gradient in one pass.

    Parameters
    ----------
    f : callable
        As for `grad`.
    argnums : int or sequence of int
        As for `grad`.

    Returns
    -------
    callable
        Takes what `f` takes and returns ``(value, gradient)``.

    Raises
    ------
    TypeError, ValueError
        As for `grad`.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.value_and_grad(lambda x, y: x * y, argnums=(0, 1))(2.0, 3.0)
    (np.float64(6.0), (np.float64(3.0), np.float64(2.0)))
    """
    if not callable(f):
        raise TypeError(f"a transform takes a function; got {f!r}")
    single = isinstance(argnums, int | np.integer)
    numbers: Sequence[int] = (argnums,) if single else tuple(argnums)  # type: ignore[arg-type, assignment]

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        positions = [position(number, args) for number in numbers]
        if len(set(positions)) < len(positions):
            raise ValueError(f"argnums {argnums} names an argument twice")
        chosen = tuple(args[i] for i in positions)
        outside = list(tree.leaves(chosen))
        if not outside:
            raise ValueError(f"argument {argnums} holds no array to differentiate with respect to")
        nested = not paused.get()
        with transforming():
            inputs = [differentiable(x, positions) for x in outside]
            targets = [x.node for x in inputs]  # f may move the handles on, by x += 1
            inner = list(args)
            for i, argument in zip(positions, tree.rebuild(chosen, inputs), strict=True):
                inner[i] = argument
            result = f(*inner, **kwargs)
            value, gradients = differentiate(result, targets, nested)
        taken: set[int] = set()
        gradients = [handed_out(g, x, taken) for g, x in zip(gradients, outside, strict=True)]
        gradient = tree.rebuild(chosen, gradients)
        return value, gradient[0] if single else gradient

    return both


def position(number: int, args: Sequence[Any]) -> int:
    """Find the positional argument that an argnum names."""
    if not -len(args) <= number < len(args):
        raise ValueError(f"argnums {number} names no positional argument: there are {len(args)}")
    return number % len(args)


def differentiable(x: Any, positions: Sequence[int]) -> Tensor:
    """Make the Tensor that stands for one array of the arguments."""
    try:
        return as_differentiable(x)
    except TypeError as error:
        where = ", ".join(map(str, positions))
        raise TypeError(f"cannot differentiate with respect to argument {where}: {error}") from None


def differentiate(result: Any, targets: Sequence[Any], nested: bool) -> tuple[Any, list[Any]]:
    """Take the derivative of a result with respect to nodes, recorded where it depends on Tensors outside of f."""
    root = result.node if type(result) is Tensor else Constant(result)
    check_scalar(root.out)
    if not isinstance(root, Node):  # f is constant
        return np.array(root.out)[()], [zeros_like(t) for t in targets]
    wanted_targets = set(targets)
    nodes = ancestors(root)
    wanted = between(nodes, wanted_targets)
    open_ended = nested and any(leads_outside(node, wanted, wanted_targets) for node in nodes)
    steps = sweep(root, seed_for(root), wanted, tensor_of if open_ended else None) if root in wanted else ()
    found = {node: g for node, g in steps if node in wanted_targets}
    gradients = [found[t] if t in found else zeros_like(t) for t in targets]
    return result if open_ended else np.array(root.out)[()], gradients


def leads_outside(node: Node, wanted: set[Node], targets: set[Node]) -> bool:
    """Tell whether a node stands for a Tensor from outside of f: an argument that was one, or one that is held."""
    return bool(node.inputs) if node in targets else node not in wanted and node() is not None


def zeros_like(node: Node) -> Any:
    """Make the derivative of a result that does not depend on a node."""
    return np.zeros(np.shape(node.out), node.out.dtype)[()]


def check_scalar(result: Any) -> None:
    """Refuse a result that has no gradient."""
    if not (hasattr(result, "dtype") or isinstance(result, int | float)):
        raise TypeError(
            f"a differentiated function must return one number, a Tensor or array; got {type(result).__name__}"
        )
    dtype, shape = np.result_type(result), np.shape(result)
    if dtype.kind not in "fiu":
        raise TypeError(f"a differentiated function must return a real number; got dtype {dtype}")
    if np.size(result) != 1:
        raise ValueError(
            f"a differentiated function must return one number; got shape {shape}. Reduce it, as with np.sum"
        )


def handed_out(g: Any, argument: Any, taken: set[int]) -> Any:
    """Give a gradient the form its argument has: Tensors for Tensors, arrays for arrays."""
    if type(g) is Tensor:
        return g
    g = own(g, taken)
    return tensor_of(Constant(g)) if type(argument) is Tensor else g


def as_differentiable(x: Any) -> Tensor:
    """Make the Tensor that a function is differentiated with respect to: a fresh leaf, or a fresh view of `x`."""
    if type(x) is Tensor and x.requires_grad:
        return record(registry[np.positive], (x,))
    tensor = Tensor(x.node.out if type(x) is Tensor else x)
    if not tensor.requires_grad:
        raise TypeError(no_gradient(tensor))
    return tensor
