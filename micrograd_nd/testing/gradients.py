"""Checks of derivatives for test-suites: pass in silence, or say which element is wrong, and how to see it again."""

import functools
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.handle import plain
from micrograd_nd.primitives import readable
from micrograd_nd.testing.comparison import Finding, Mode, by_elements, by_projections
from micrograd_nd.testing.coordinates import argument_names
from micrograd_nd.testing.problem import Given, Label, Problem, prepared
from micrograd_nd.transforms.tracing import chosen_positions

__all__ = ["assert_gradients_match", "check_gradients"]

ORDINALS = {1: "first", 2: "second", 3: "third"}
UNCLEAR = "    which is no clear number: is there a kink, a jump, or an edge of where it is defined?"


def check_gradients(
    f: Callable[..., Any],
    *args: Any,
    order: int = 2,
    modes: Sequence[Mode] = ("reverse", "forward"),
    every_element: bool = False,
    seed: int = 0,
) -> None:
    """Check that this engine differentiates a function rightly: its derivatives agree with numerical ones.

    One random direction and one random combination of the results stand for all of them: the derivative along the one
    of the other is compared, in each mode, with extrapolated central differences. For the next order the derivative
    is itself the function that is checked. They may differ by the *estimated* error of the numerical derivative and
    by rounding, and by nothing else.

    Parameters
    ----------
    f : callable
        From arrays, or nests of tuples, lists and dicts of arrays, to the same; written in NumPy.
    *args : array_like or nest
        Where. Whatever is of floating-point numbers, real or complex, is differentiated with respect to; all else
        (integers, booleans, strings, functions) is held constant. float32 stays float32, and is judged as such.
    order : int
        How many orders of derivatives to check.
    modes : sequence of {"reverse", "forward"}
        How they are computed: by `vjp`, by `jvp`. At higher orders every combination is checked.
    every_element : bool
        Check each element of every Jacobian by itself, which takes as many evaluations as there are elements, and sees
        errors that are small beside the other elements.
    seed : int
        Of the random directions.

    Raises
    ------
    AssertionError
        When a derivative is wrong. The message has the element that is most wrong, both its values, by how much they
        might have differed, the arguments, and the call that repeats the check.
    TypeError
        When there is nothing to differentiate.
    ValueError
        When `f` is not finite at the arguments.

    Examples
    --------
    >>> from micrograd_nd.testing import check_gradients
    >>> check_gradients(lambda x, y: np.tanh(x) * y, np.array([0.5, -1.0]), 2.0)

    A rule with a factor that is not there:

    >>> import micrograd_nd as mg
    >>> square = mg.primitive(lambda x: x * x, lambda g, out, x: g * x)
    >>> check_gradients(square, np.array([1.5, -2.0]))
    Traceback (most recent call last):
        ...
    AssertionError: first derivative in reverse mode: d result[1] / d x[1]
        analytic   -2.0
        numerical  -4.0 ± ...
    at x = array([ 1.5, -2. ])
    again with check_gradients(..., x, order=2, modes=('reverse', 'forward'), seed=0)
    """
    __tracebackhide__ = True
    if order < 1:
        raise ValueError(f"order is the number of derivatives to check, 1 or more; got {order!r}")
    if not modes or isinstance(modes, str) or not {*modes} <= {"reverse", "forward"}:
        raise ValueError(f"modes are ('reverse', 'forward'), or one of them: ('reverse',); got {modes!r}")
    problem = prepared(f, args, argument_names(f, len(args)))
    finding = first_finding(problem, order, modes, every_element, np.random.default_rng(seed))
    if finding is not None:
        settings = f"order={order}, modes={tuple(modes)!r}, " + "every_element=True, " * every_element + f"seed={seed}"
        raise AssertionError(message("check_gradients", finding, (f,), args, settings))


def assert_gradients_match(
    f: Callable[..., Any],
    gradient: Callable[..., Any],
    *args: Any,
    argnums: int | Sequence[int] = 0,
    every_element: bool = False,
    seed: int = 0,
) -> None:
    """Check a gradient that somebody else computes: it agrees with the numerical derivative of the function.

    Neither function need know of this library: the gradient may be written by hand, or be `jax.grad(f)`.

    Parameters
    ----------
    f : callable
        From arrays, or nests of arrays, to a number or an array.
    gradient : callable
        Takes what `f` takes. Returns the derivative with respect to the argument that `argnums` names, in its form,
        or a tuple of one for each argument. Of an array-valued `f` each derivative has the shape ``result.shape +
        argument.shape``.
    *args : array_like or nest
        Where.
    argnums : int or sequence of int
        Which arguments `gradient` differentiates with respect to.
    every_element : bool
        Compare each element by itself, instead of all of them along a random direction.
    seed : int
        Of the random direction.

    Raises
    ------
    AssertionError
        When the gradient is wrong, or of another form or shape than the argument; as for `check_gradients`.
    TypeError, ValueError
        As for `check_gradients`.

    Examples
    --------
    >>> from micrograd_nd.testing import assert_gradients_match
    >>> cost = lambda w, X, y: np.mean((X @ w - y) ** 2)
    >>> by_hand = lambda w, X, y: 2 * X.T @ (X @ w - y) / y.size
    >>> X = np.array([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])
    >>> assert_gradients_match(cost, by_hand, np.array([0.1, -0.2]), X, np.array([1.0, 2.0, 3.0]))
    """
    __tracebackhide__ = True
    problem = given_problem(f, gradient, args, argnums)
    finding = first_finding(problem, 1, ("reverse",), every_element, np.random.default_rng(seed))
    if finding is not None:
        settings = f"argnums={argnums!r}, " + "every_element=True, " * every_element + f"seed={seed}"
        finding = finding._replace(mode=f"by {short_name(gradient)}")
        raise AssertionError(message("assert_gradients_match", finding, (f, gradient), args, settings))


def first_finding(
    problem: Problem, order: int, modes: Sequence[Mode], every_element: bool, rng: np.random.Generator
) -> Finding | None:
    """Check one order of derivatives after another, and stop at what is wrong."""
    u = problem.scales * random_direction(problem.inputs.size, rng)
    # A single result is taken as it is, so that the numbers in messages are its own derivatives.
    v = random_direction(problem.outputs.size, rng) if problem.outputs.size > 1 else np.ones(problem.outputs.size)
    found = by_elements(problem, modes) if every_element else by_projections(problem, modes, u, v)
    if found is not None:
        return found._replace(mode=f"in {found.mode} mode")
    for mode in modes if order > 1 else ():
        derived = problem.gradient(v) if mode == "reverse" else problem.tangent(u)
        found = first_finding(derived, order - 1, modes, every_element, rng)
        if found is not None:
            return found._replace(mode=f"{found.mode} over {mode} mode")
    return None


def random_direction(size: int, rng: np.random.Generator) -> NDArray[np.float64]:
    """Draw a direction with no small component, so that what is wrong with any element shows."""
    return np.asarray(rng.uniform(0.5, 1.5, size) * rng.choice([-1.0, 1.0], size))


def given_problem(
    f: Callable[..., Any], gradient: Callable[..., Any], args: Sequence[Any], argnums: int | Sequence[int]
) -> Given:
    """Make the problem of some of the arguments, whose derivative was computed elsewhere."""
    if not callable(gradient):
        raise TypeError(f"a gradient function is needed second, before the arguments; got {gradient!r}")
    positions = chosen_positions(argnums, args)

    @functools.wraps(f)
    def moving(*chosen: Any) -> Any:
        whole = list(args)
        for i, argument in zip(positions, chosen, strict=True):
            whole[i] = argument
        return f(*whole)

    names = argument_names(f, len(args))
    problem = prepared(moving, [args[i] for i in positions], [names[i] for i in positions], Given)
    derivatives = gradient(*args)
    derivatives = (derivatives,) if isinstance(argnums, int) else derivatives
    problem.hold([args[i] for i in positions], derivatives)
    return problem


def short_name(f: Callable[..., Any]) -> str:
    """Name a function without the one that it was made in."""
    return readable(f).rpartition("<locals>.")[2]


def derivative_name(label: Label) -> str:
    """Write a derivative: ``d result[0] / d x[1]``, ``d^2 result / d x[0] d x[1]``."""
    result, by = label
    return f"d {result} / d {by[0]}" if len(by) == 1 else f"d^{len(by)} {result} / d {' d '.join(by)}"


def message(check: str, finding: Finding, functions: Sequence[Any], args: Sequence[Any], settings: str) -> str:
    """Say what is wrong, where, and how to see it again."""
    order = len(finding.label[1])
    names = argument_names(functions[0], len(args))
    with np.printoptions(floatmode="unique", precision=17, threshold=100):
        arguments = [f"at {name} = {plain(x)!r}" for name, x in zip(names, args, strict=True)]
    called = ", ".join([*map(short_name, functions), *names])
    return "\n".join(
        [
            f"{ORDINALS.get(order, f'{order}th')} derivative {finding.mode}: {derivative_name(finding.label)}",
            f"    analytic   {finding.analytic!s}",
            f"    numerical  {finding.numerical!s} ± {finding.error:.1e}",
            *[UNCLEAR] * (not finding.error <= max(abs(finding.numerical), abs(finding.analytic)) / 8),
            *arguments,
            f"again with {check}({called}, {settings})",
        ]
    )
