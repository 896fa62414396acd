"""Reverse mode: gradients and vector-Jacobian products, by one sweep back from the result."""

import functools
from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.graph import Constant, Node, seed_for
from micrograd_nd.handle import plain
from micrograd_nd.modes import tracing
from micrograd_nd.tensor import Tensor
from micrograd_nd.transforms.tracing import Argnums, Trace, chosen_positions, fitted, is_number, matching_leaves

__all__ = ["elementwise_grad", "grad", "holomorphic_grad", "stop_gradient", "value_and_grad", "vjp"]

# Derivatives of a holomorphic function along the real and the imaginary axis agree to rounding.
SAME_SLOPE = 1e-4


def grad(f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False) -> Callable[..., Any]:
    """Make the function that computes the gradient of a scalar function.

    Parameters
    ----------
    f : callable
        From arrays, or nested tuples, lists and dicts of arrays, to one real number. It is written in NumPy.
    argnums : int or sequence of int
        Which positional arguments to differentiate with respect to; several give a tuple of gradients.
    has_aux : bool
        Says that `f` returns a pair ``(number, aux)``, of which only the number is differentiated.

    Returns
    -------
    callable
        Takes what `f` takes. Each gradient has the form, the shapes and the dtypes of its argument. With respect to a
        complex number x + iy it is df/dx - i df/dy. With `has_aux` it returns ``(gradient, aux)``.

    Raises
    ------
    TypeError
        When an argument to differentiate with respect to is not of floating-point numbers, when `f` does not return a
        real number, or where a conversion inside of `f` would cut the graph.
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
    both = value_and_grad(f, argnums, has_aux)

    @functools.wraps(f)
    def gradient(*args: Any, **kwargs: Any) -> Any:
        value, g = both(*args, **kwargs)
        return (g, value[1]) if has_aux else g

    return gradient


def value_and_grad(
    f: Callable[..., Any], argnums: Argnums = 0, has_aux: bool = False
) -> Callable[..., tuple[Any, Any]]:
    """Make the function that computes a scalar function and its gradient in one pass.

    Parameters
    ----------
    f : callable
        As for `grad`.
    argnums : int or sequence of int
        As for `grad`.
    has_aux : bool
        As for `grad`.

    Returns
    -------
    callable
        Takes what `f` takes and returns ``(value, gradient)``; with `has_aux`, ``((value, aux), gradient)``.

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
    check_function(f)

    @functools.wraps(f)
    def both(*args: Any, **kwargs: Any) -> tuple[Any, Any]:
        trace = Trace(f, args, kwargs, chosen_positions(argnums, args), has_aux)
        (root,) = one_number(trace)
        gradient = trace.pull([seed_for(root) if type(root) is Node else None])
        value = (trace.value, trace.extra) if has_aux else trace.value
        return value, gradient[0] if is_number(argnums) else gradient

    return both


def vjp(f: Callable[..., Any], *primals: Any, has_aux: bool = False) -> Any:
    """Compute a function, and the function that multiplies a vector with its Jacobian from the left.

    Parameters
    ----------
    f : callable
        From arrays, or nests of arrays, to arrays or nests of arrays.
    *primals : array or nest of arrays
        Where: all arguments of `f`, of floating-point numbers.
    has_aux : bool
        Says that `f` returns a pair ``(result, aux)``, of which only the result is differentiated.

    Returns
    -------
    value
        What `f` returns.
    pullback : callable
        Takes a cotangent, of the form and the shapes of the value, and returns a tuple: for each primal, the
        derivative of ``sum(cotangent * f)``. It can be called many times and be differentiated itself.
    aux
        Only with `has_aux`.

    Raises
    ------
    TypeError
        When a primal is not of floating-point numbers, or `f` does not return numbers.
    ValueError
        By the pullback, for a cotangent of another form or shape than the value.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> value, pullback = mg.vjp(lambda x, y: x * y, np.array([1.0, 2.0]), np.array([3.0, 4.0]))
    >>> pullback(np.array([1.0, 10.0]))
    (array([ 3., 40.]), array([ 1., 20.]))
    """
    check_function(f)
    if not primals:
        raise TypeError("vjp needs the arguments of the function: vjp(f, x, y)")
    trace = Trace(f, primals, {}, range(len(primals)), has_aux)

    def pullback(cotangent: Any) -> Any:
        given = matching_leaves(cotangent, trace.result, "the cotangent")
        return trace.pull(
            [fitted(g, root.out, "cotangent", "result") for root, g in zip(trace.roots, given, strict=True)]
        )

    return (trace.value, pullback, trace.extra) if has_aux else (trace.value, pullback)


def elementwise_grad(f: Callable[..., Any], argnums: Argnums = 0) -> Callable[..., Any]:
    """Make the function that computes the derivative of each element of a result by the same element of an argument.

    Parameters
    ----------
    f : callable
        Works element by element: each element of its real result depends on the same element of the argument alone.
        That is not checked; of a function that mixes elements the sums of the columns of its Jacobian are returned.
    argnums : int or sequence of int
        As for `grad`.

    Returns
    -------
    callable
        Takes what `f` takes. The derivative has the shape and dtype of the argument.

    Raises
    ------
    TypeError
        As for `grad`.
    ValueError
        When the result has not the shape of the argument.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.elementwise_grad(np.sin)(np.array([0.0, np.pi]))
    array([ 1., -1.])
    """
    check_function(f)

    @functools.wraps(f)
    def slopes(*args: Any, **kwargs: Any) -> Any:
        trace = Trace(f, args, kwargs, chosen_positions(argnums, args))
        root = one_array(trace)
        if root.out.dtype.kind not in "fiu":
            raise TypeError(
                f"elementwise_grad takes functions with real results; got dtype {root.out.dtype}. "
                "Of a holomorphic function, mg.holomorphic_grad"
            )
        gradient = trace.pull([np.ones(np.shape(root.out), root.out.dtype)[()]])
        return gradient[0] if is_number(argnums) else gradient

    return slopes


def holomorphic_grad(f: Callable[..., Any], argnums: int = 0) -> Callable[..., Any]:
    """Make the function that computes the complex derivative of a holomorphic function, element by element.

    Parameters
    ----------
    f : callable
        From complex to complex numbers; of arrays it works element by element, as for `elementwise_grad`.
    argnums : int
        Which positional argument to differentiate with respect to.

    Returns
    -------
    callable
        Takes what `f` takes. The derivative has the shape and dtype of the argument.

    Raises
    ------
    TypeError
        When the argument is not complex.
    ValueError
        When the derivatives along the real and the imaginary axis differ: `f` is not holomorphic there.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.holomorphic_grad(lambda z: z**3)(1j)
    np.complex128(-3+0j)
    >>> mg.holomorphic_grad(np.conj)(1j)
    Traceback (most recent call last):
    ValueError: the function is not holomorphic: its derivative is 1 along the real axis and -1 along the imaginary one
    """
    check_function(f)
    if not is_number(argnums):
        raise TypeError(f"holomorphic_grad takes one argnum; got {argnums!r}")

    @functools.wraps(f)
    def slopes(*args: Any, **kwargs: Any) -> Any:
        trace = Trace(f, args, kwargs, chosen_positions(argnums, args))
        if np.result_type(trace.targets[0].out).kind != "c":
            raise TypeError(f"holomorphic_grad needs a complex argument; got dtype {trace.targets[0].out.dtype}")
        root = one_array(trace)
        one = np.ones(np.shape(root.out), np.result_type(root.out, np.complex64))[()]
        (along_real,) = trace.pull([in_dtype(one, root)])
        (along_imaginary,) = trace.pull([in_dtype(one * 1j, root)])
        check_holomorphic(plain(along_real), plain(along_imaginary) * -1j)
        return along_real

    return slopes


def stop_gradient(x: Any) -> Any:
    """Hold Tensors constant: derivatives do not pass.

    Parameters
    ----------
    x : Tensor, array or nest of them
        Arrays and numbers are returned as they are.

    Returns
    -------
    Tensor, array or nest of them
        With the same values.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.grad(lambda x: x * mg.stop_gradient(x))(3.0)
    np.float64(3.0)
    """
    return tree.tree_map(lambda leaf: leaf.detach() if type(leaf) is Tensor else leaf, x)


def check_function(f: Any) -> None:
    """Refuse what is not a function."""
    if not callable(f):
        raise TypeError(f"a transform takes a function; got {f!r}")


def one_number(trace: Trace) -> list[Node | Constant]:
    """Refuse a result that has no gradient."""
    if isinstance(trace.result, tuple | list | dict):
        raise TypeError(
            f"a differentiated function must return one number, a Tensor or array; got {type(trace.result).__name__}"
        )
    (root,) = trace.roots
    dtype, shape = root.out.dtype, np.shape(root.out)
    if dtype.kind not in "fiu":
        raise TypeError(
            f"a differentiated function must return a real number; got dtype {dtype}"
            + (". Of a holomorphic function, mg.holomorphic_grad" if dtype.kind == "c" else "")
        )
    if np.size(root.out) != 1:
        raise ValueError(
            f"a differentiated function must return one number; got shape {shape}. Reduce it, as with np.sum"
        )
    return trace.roots


def one_array(trace: Trace) -> Node | Constant:
    """Refuse a result of another shape than the argument's."""
    shapes = [np.shape(x.out) for x in (*trace.roots, *trace.targets)]
    if isinstance(trace.result, tuple | list | dict) or len(set(shapes)) > 1:
        given, got = ", ".join(map(str, shapes[len(trace.roots) :])), ", ".join(map(str, shapes[: len(trace.roots)]))
        raise ValueError(f"an elementwise function returns one array of its argument's shape {given}; got {got}")
    return trace.roots[0]


def in_dtype(seed: Any, root: Node | Constant) -> Any:
    """Take what a root can have of a complex seed."""
    return (seed if root.out.dtype.kind == "c" else np.real(seed)).astype(root.out.dtype)


def check_holomorphic(along_real: Any, along_imaginary: Any) -> None:
    """Compare the derivatives along the two axes (Cauchy and Riemann); a program that is compiled does not."""
    if tracing():
        return
    off = np.abs(along_real - along_imaginary)
    size = np.maximum(np.abs(along_real), np.abs(along_imaginary))
    wrong = off > SAME_SLOPE * size + 1e3 * np.finfo(size.dtype).eps * np.max(size, initial=0)
    if np.any(wrong):
        real, imaginary = (np.ravel(along)[np.ravel(wrong)][0] for along in (along_real, along_imaginary))
        raise ValueError(
            f"the function is not holomorphic: its derivative is {complex_text(real)} along the real axis and "
            f"{complex_text(imaginary)} along the imaginary one"
        )


def complex_text(z: complex) -> str:
    """Write a complex number, without a part that is zero."""
    return f"{z.real:g}" if z.imag == 0 else f"{z:g}"
