"""Derivatives from values alone, with an estimate of their error."""

from collections.abc import Callable
from typing import Any, Literal

import numpy as np
from numpy.typing import ArrayLike, NDArray

from micrograd_nd.handle import shortened
from micrograd_nd.testing.coordinates import array_of
from micrograd_nd.testing.extrapolation import Slope
from micrograd_nd.testing.problem import Problem

__all__ = ["Method", "numerical_derivative"]

Method = Literal["auto", "central", "complex"]


def numerical_derivative(
    f: Callable[[Any], Any],
    x: ArrayLike,
    direction: ArrayLike | None = None,
    *,
    method: Method = "auto",
    step: float | None = None,
) -> tuple[NDArray[Any], NDArray[Any]]:
    r"""Differentiate a function from its values alone, with an estimate of the error.

    Central differences :math:`(f(x + hv) - f(x - hv)) / 2h` at steps that are halved are extrapolated to :math:`h = 0`
    (Ridders, "Accurate computation of F'(x) and F'(x)F''(x)", Advances in Engineering Software 4, 1982). Where `f`
    can be evaluated at complex numbers and turns out to be analytic, an imaginary step is made instead,
    :math:`\operatorname{Im} f(x + ihv) / h`, which subtracts nothing and is exact to rounding (Squire and Trapp,
    "Using complex variables to estimate derivatives of real functions", SIAM Review 40, 1998).

    Parameters
    ----------
    f : callable
        From an array of the shape and dtype of `x` to a number or an array, real or complex. Of anybody's making: it
        gets plain NumPy arrays and scalars.
    x : array_like
        Where, of any shape. float32 stays float32, with steps and errors accordingly; integers are taken as float64.
    direction : array_like, optional
        Of the shape of `x`. Without it the whole derivative is computed, an element of `x` at a time: the gradient of a
        scalar function.
    method : {"auto", "central", "complex"}
        "complex" makes the imaginary step and trusts it, which is wrong for a function that is not analytic: one
        that takes absolute values, or real parts. "auto" believes it where central differences agree.
    step : float, optional
        The largest step, in units of `direction`. By default it is chosen from the dtype and size of `x`: smaller than
        1/32 of the size of an element, or of 1, unless rounding would drown it.

    Returns
    -------
    derivative : ndarray
        Along `direction`, of the shape of ``f(x)``; without one, of that shape followed by the shape of `x`. Of a real
        function of complex numbers x + iy it is df/dx - i df/dy.
    error : ndarray
        An estimate of the absolute error of each element. At a kink it is at least half of what the slopes on both
        sides differ by; infinite where `f` is not defined on both sides.

    Raises
    ------
    TypeError
        When `x` or the result is not of numbers; with ``method="complex"`` when `f` does not take complex numbers.
    ValueError
        When `direction` has not the shape of `x`, `step` is not positive, `f` is not finite at `x`, or the whole
        derivative is asked of a complex function of complex numbers, which has one for each direction.

    Examples
    --------
    >>> from micrograd_nd.testing import numerical_derivative
    >>> numerical_derivative(np.sin, 0.0)[0]
    np.float64(1.0)
    >>> gradient, error = numerical_derivative(lambda x: np.sum(x**2), np.array([1.0, 2.0]))
    >>> gradient
    array([2., 4.])
    >>> bool(np.all(error < 1e-13))
    True

    Along a direction, and of an array-valued function, by differences alone:

    >>> slope, error = numerical_derivative(np.exp, [0.0, 1.0], [1.0, 1.0], method="central")
    >>> np.abs(slope - np.exp([0.0, 1.0])) <= error
    array([ True,  True])
    """
    problem = problem_of(f, x)
    if method not in ("auto", "central", "complex"):
        raise ValueError(f"method is 'auto', 'central' or 'complex'; got {method!r}")
    if step is not None and not step > 0:
        raise ValueError(f"step is a positive number; got {step!r}")
    if direction is not None:
        u = direction_of(direction, problem)
        found = along(problem, u, method, step)
        return shaped(problem, found, ())
    if complex_valued(problem) and problem.inputs.dtypes[0].kind == "c":
        raise ValueError(
            "a complex function of complex numbers has a derivative along each direction: give direction=1 and "
            "direction=1j, or take np.real or np.imag of the function"
        )
    found = by_columns(problem, method, step)
    return shaped(problem, found, problem.inputs.shapes[0])


def problem_of(f: Callable[[Any], Any], x: Any) -> Problem:
    """Look at a function and where it is to be differentiated."""
    if not callable(f):
        raise TypeError(f"numerical_derivative takes a function first; got {shortened(f)}")
    point = numbers(array_of(x), "x")
    problem = Problem(lambda moved: [numbers(array_of(f(moved)), "the result")], [point], ["x"], ["the result"])
    if not np.all(np.isfinite(problem.value)):
        name = problem.outputs.name_of(int(np.argmin(np.isfinite(problem.value))))
        raise ValueError(f"the function is not finite at x: {name} is {problem.value[~np.isfinite(problem.value)][0]}")
    return problem


def numbers(x: Any, what: str) -> Any:
    """Take integers as floating-point numbers, and refuse what is no number."""
    if x.dtype.kind in "fc":
        return x
    if x.dtype.kind not in "biu":
        raise TypeError(f"{what} must be of numbers; got {shortened(x.tolist())}")
    return x.astype(np.float64)


def direction_of(direction: ArrayLike, problem: Problem) -> NDArray[Any]:
    """Check a direction, and make a vector of it."""
    given, (shape,), (dtype,) = np.asarray(direction), problem.inputs.shapes, problem.inputs.dtypes
    if given.shape != shape:
        raise ValueError(f"direction must have the shape of x, {shape}; got {given.shape}")
    if given.dtype.kind not in ("biufc" if dtype.kind == "c" else "biuf"):
        raise TypeError(f"direction must be of numbers like those of x, {dtype}; got dtype {given.dtype}")
    return problem.inputs.vector([given])


def along(problem: Problem, u: NDArray[Any], method: Method, step: float | None) -> Slope:
    """Differentiate along one direction."""
    length = float(np.max(np.abs(u) / problem.scales, initial=0.0)) or 1.0
    unit = u / length
    exact = problem.complex_step(unit) if method != "central" and "c" not in kinds(problem) else None
    if method == "complex":
        if exact is None:
            raise TypeError(
                "method='complex' needs a function of real numbers that takes complex ones and returns complex ones; "
                "method='central' takes any"
            )
        return Slope(exact.value * length, exact.error * length)
    found = problem.numerical(unit, problem.eps**0.75, step=None if step is None else step * length)
    if exact is not None:
        sure = found.error <= problem.eps**0.25 * np.max(np.abs(found.value), initial=0.0)
        better = sure & (np.abs(exact.value - found.value) <= found.error) & (exact.error < found.error)
        found = Slope(np.where(better, exact.value, found.value), np.where(better, exact.error, found.error))
    return Slope(found.value * length, found.error * length)


def by_columns(problem: Problem, method: Method, step: float | None) -> Slope:
    """Differentiate with respect to each real number in the arguments, of an array the imaginary parts last."""
    value, error = np.zeros((2, problem.outputs.size, problem.inputs.size), problem.inputs.dtype)
    for j, unit in enumerate(np.eye(problem.inputs.size)):
        value[:, j], error[:, j] = along(problem, unit, method, step)
    return Slope(value, error)


def shaped(problem: Problem, found: Slope, x_shape: tuple[int, ...]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Give vectors, or a matrix, the shape of the result, followed by that of x; join real and imaginary parts."""
    value, error = found
    if complex_valued(problem):
        (re, im), (re_error, im_error) = np.split(value, 2), np.split(error, 2)
        value, error = re + 1j * im, np.hypot(re_error, im_error)
    elif (x_shape and problem.inputs.dtypes[0].kind == "c") or (
        value.ndim == 2 and value.shape[1] > max(1, np.prod(x_shape))
    ):
        (re, im), (re_error, im_error) = np.split(value, 2, axis=1), np.split(error, 2, axis=1)
        value, error = re - 1j * im, np.hypot(re_error, im_error)
    shape = problem.outputs.shapes[0] + x_shape
    return value.reshape(shape)[()], error.reshape(shape)[()]


def complex_valued(problem: Problem) -> bool:
    """Tell whether the result is of complex numbers."""
    return bool(problem.outputs.dtypes[0].kind == "c")


def kinds(problem: Problem) -> str:
    """Tell what numbers a problem is of."""
    return "".join(dtype.kind for dtype in (*problem.inputs.dtypes, *problem.outputs.dtypes))
