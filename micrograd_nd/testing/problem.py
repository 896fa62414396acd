"""A function at given arguments, seen as one from a vector of real numbers to another, with its derivatives.

Numerical ones come from values alone; analytic ones from this engine's own transforms, or from a gradient function of
somebody else's.
"""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, TypeVar, overload

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import tree
from micrograd_nd.primitives import readable
from micrograd_nd.testing.coordinates import Coordinates, array_of, is_differentiable, named_leaves
from micrograd_nd.testing.extrapolation import Precision, Slope, first_step, slope
from micrograd_nd.transforms import jvp, vjp
from micrograd_nd.transforms.tracing import matching_leaves

__all__ = ["Given", "Label", "Problem", "prepared"]

Vector = NDArray[Any]
Label = tuple[str, list[str]]
P = TypeVar("P", bound="Problem")


class Problem:
    """A function of arrays, and where to differentiate it.

    Attributes
    ----------
    f : callable
        From arrays to a sequence of floating-point arrays.
    inputs, outputs : Coordinates
        What it takes and returns.
    x, value : ndarray
        Where, and its value there, as vectors.
    eps, tiny : float
        The largest rounding error, and smallest normal number, of the dtypes.
    noise : ndarray or float
        What the elements of the value are never more exact than.
    label : callable
        Names an element of the value: what is differentiated, and what it has been differentiated by already.
    """

    def __init__(
        self, f: Callable[..., Sequence[Any]], arrays: Sequence[Any], names: Sequence[str], results: Sequence[str]
    ) -> None:
        self.f = f
        self.inputs = Coordinates(arrays, names)
        self.x = self.inputs.vector(arrays)
        with np.errstate(all="ignore"):  # what is not finite is told in words
            value = [array_of(part) for part in f(*arrays)]
        self.outputs = Coordinates(value, results)
        self.value = self.outputs.vector(value)
        self.eps = max(self.inputs.eps, self.outputs.eps)
        self.tiny = max(self.inputs.tiny, self.outputs.tiny)
        self.noise: Any = 0.0
        self.label: Callable[[int], Label] = lambda position: (self.outputs.name_of(position), [])

    @property
    def scales(self) -> Vector:
        """How far each argument may be expected to move before its function changes character.

        That is its own size, or that of its array, but not more than 1, unless it is so large that a step would drown.
        """
        size = np.abs(self.x)
        parts = np.split(size, np.cumsum(self.inputs.sizes)[:-1])
        largest = np.concatenate([np.full(part.shape, np.max(part, initial=0.0)) for part in parts])
        near = np.minimum(1.0, np.maximum(size, np.where(largest > 0, largest / 8, 1.0)))
        return np.maximum(np.maximum(near, size / 1024), self.tiny / self.eps**2)

    @property
    def sizes(self) -> Vector:
        """The size of each argument, or 1 where it is 0: never so far that it changes its sign."""
        return np.where(self.x == 0, 1.0, np.abs(self.x))

    def numerical(self, u: Vector, goal: float, first: float = 1.0, step: float | None = None) -> Slope:
        """Differentiate along a direction, from values alone.

        Parameters
        ----------
        u : ndarray
            The direction, of about the size of `scales`.
        goal : float
            The error to stop at, relative to the largest element.
        first : float
            A factor of the first step.
        step : float, optional
            The first step, which then is the largest; chosen by dtype, and made longer where rounding asks for it, by
            default.
        """
        moved = u != 0
        if not np.any(moved):
            return Slope(np.zeros_like(self.value), np.zeros_like(self.value))
        chosen = first * first_step(self.eps)
        reach = max(1.0, float(np.max(np.abs(self.x[moved])))) / float(np.max(np.abs(u)))
        shortest, widest = (chosen, chosen * reach) if step is None else (step, step)
        # The arguments are rounded too: the step that is made is not quite the one that is meant.
        drift = self.eps * float(np.max(np.abs(self.x[moved] / u[moved])))
        precision = Precision(self.eps, self.tiny + self.noise, drift)
        return slope(lambda t: self.at(self.x + t * u), self.value, shortest, precision, goal, widest)

    def steady(self, u: Vector, goal: float) -> tuple[Vector, Slope]:
        """Differentiate along a direction, or where nothing can be seen there, one that moves small elements less.

        Returns
        -------
        ndarray
            The direction: `u`, or one of its signs.
        Slope
            The derivative along it.
        """
        found = self.numerical(u, goal)
        if found.clear:
            return u, found
        shorter = np.sign(u) * np.minimum(self.sizes, np.abs(u))
        other = self.numerical(shorter, goal) if np.any(shorter != u) else found
        return (shorter, other) if other.clear else (u, found)

    def complex_step(self, u: Vector) -> Slope | None:
        """Differentiate a real function of real arguments by an imaginary step, which subtracts nothing.

        Returns
        -------
        Slope or None
            None where the function does not take complex numbers, or does not return any. Wrong where it is not
            analytic: where it takes an absolute value, or a real part.
        """
        found, other = self.imaginary(u, 0.0), self.imaginary(u, 2.0)
        if found is None or other is None:
            return None
        return Slope(found, 4 * np.abs(found - other) + 32 * self.eps * np.abs(found) + self.tiny / self.eps)

    def imaginary(self, u: Vector, shake: float) -> Vector | None:
        """Make an imaginary step; to see how exact that is, a longer one from arguments with shaken last digits."""
        # Its square is far below rounding; what it multiplies should stay above the smallest number.
        least = self.tiny / self.eps / float(np.max(np.abs(u), initial=self.tiny))
        t = min(max(self.eps**0.75, least), self.eps**0.5) * (1 + shake)
        x = self.inputs.arrays(self.x * (1 + shake * self.eps * np.sign(u)))
        moved = [part + 1j * (t * v) for part, v in zip(x, self.inputs.arrays(u), strict=True)]
        with warnings.catch_warnings(), np.errstate(all="ignore"):
            warnings.simplefilter("error")
            try:
                value = [array_of(part) for part in self.f(*moved)]
            except Exception:  # noqa: BLE001 - whatever a function of real numbers says of complex ones
                return None
        if [np.shape(part) for part in value] != self.outputs.shapes or any(x.dtype.kind != "c" for x in value):
            return None
        return np.asarray(self.outputs.vector([np.imag(part) for part in value]) / t)

    def at(self, x: Vector) -> Vector:
        """Evaluate at other arguments; NaN where the function refuses them, as it may beyond the edge of its domain."""
        try:
            value = [array_of(part) for part in self.f(*self.inputs.arrays(x))]
        except (TypeError, ValueError, ArithmeticError):
            return np.full_like(self.value, np.nan)
        shapes = [np.shape(part) for part in value]
        if shapes != self.outputs.shapes:
            raise ValueError(f"the function returned shapes {self.outputs.shapes} first, then {shapes}")
        return self.outputs.vector(value)

    def pull(self, v: Vector, x: Vector | None = None) -> Vector:
        """Multiply the Jacobian with a vector from the left: reverse mode."""
        _, pullback = vjp(self.f, *self.inputs.arrays(self.x if x is None else x))
        return self.inputs.vector(pullback(self.outputs.arrays(v, -1)), -1)

    def push(self, u: Vector, x: Vector | None = None) -> Vector:
        """Multiply the Jacobian with a vector from the right: forward mode."""
        _, tangent = jvp(self.f, self.inputs.arrays(self.x if x is None else x), self.inputs.arrays(u))
        return self.outputs.vector(tangent)

    def gradient(self, v: Vector) -> "Problem":
        """Make the problem of which `pull` is the value."""
        cotangent = self.outputs.arrays(v, -1)
        names = self.inputs.names
        made = Problem(lambda *xs: vjp(self.f, *xs)[1](cotangent), self.inputs.arrays(self.x), names, names)

        # A derivative may be the difference of terms as large as the function, over the distance that it changes in.
        made.noise = self.eps * float(np.abs(v) @ np.abs(self.value)) / self.scales

        def label(position: int) -> Label:
            result, before = self.label(0)
            return (result if self.outputs.size == 1 else "(v · result)"), [*before, self.inputs.name_of(position)]

        made.label = label
        return made

    def tangent(self, u: Vector) -> "Problem":
        """Make the problem of which `push` is the value."""
        along = self.inputs.arrays(u)
        made = Problem(
            lambda *xs: jvp(self.f, xs, along)[1], self.inputs.arrays(self.x), self.inputs.names, self.outputs.names
        )

        made.noise = self.eps * np.abs(self.value)

        def label(position: int) -> Label:
            result, before = self.label(position)
            return result, [*before, "u"]

        made.label = label
        return made


class Given(Problem):
    """A function whose derivative somebody else has computed.

    Attributes
    ----------
    matrix : ndarray
        The Jacobian, a row for each element of the value.
    """

    matrix: Vector

    def hold(self, args: Sequence[Any], derivatives: Any) -> None:
        """Take the derivatives with respect to each argument, of the form of the arguments.

        Raises
        ------
        AssertionError
            When they are of another form, or shape.
        TypeError
            When the function returns complex numbers, or several arrays.
        """
        if len(self.outputs.shapes) != 1 or self.outputs.dtypes[0].kind == "c":
            raise TypeError("a gradient can be compared of a function that returns one array of real numbers")
        count = len(derivatives) if isinstance(derivatives, tuple | list) else 1
        if count != len(args):
            raise AssertionError(f"the gradient is of {count} arguments where there are {len(args)} in argnums")
        moving = [is_differentiable(x) for x in tree.leaves(tuple(args))]
        whole_gradient = tuple(derivatives) if isinstance(derivatives, tuple | list) else (derivatives,)
        try:
            given = matching_leaves(whole_gradient, tuple(args), "the gradient has another form than the arguments")
        except ValueError as error:
            raise AssertionError(str(error)) from None
        arrays = [array_of(g) for g, wanted in zip(given, moving, strict=True) if wanted]
        rows: list[Any] = []
        for g, name, shape, dtype in zip(
            arrays, self.inputs.names, self.inputs.shapes, self.inputs.dtypes, strict=True
        ):
            if g.dtype.kind not in "biufc" or (dtype.kind != "c" and np.any(np.imag(g))):
                raise AssertionError(
                    f"the gradient with respect to {name} is of dtype {g.dtype}, and {name} is of {dtype}"
                )
            whole = self.outputs.shapes[0] + shape
            if np.shape(g) != whole:
                raise AssertionError(
                    f"the gradient with respect to {name} has shape {np.shape(g)} where {whole} is right"
                )
            block = np.reshape(g, (self.outputs.size, -1 if g.size else 0))
            rows += [np.real(block), -np.imag(block)] if dtype.kind == "c" else [block]
            if g.dtype.kind in "fc":
                self.eps = max(self.eps, float(np.finfo(g.dtype).eps))
        self.matrix = np.concatenate(rows, axis=1).astype(self.inputs.dtype)

    def pull(self, v: Vector, x: Vector | None = None) -> Vector:
        """Multiply the Jacobian with a vector from the left."""
        return np.asarray(v @ self.matrix)


@overload
def prepared(f: Callable[..., Any], args: Sequence[Any], names: Sequence[str]) -> Problem: ...
@overload
def prepared(f: Callable[..., Any], args: Sequence[Any], names: Sequence[str], kind: type[P]) -> P: ...
def prepared(f: Callable[..., Any], args: Sequence[Any], names: Sequence[str], kind: type[Any] = Problem) -> Any:
    """Make the problem of a function of nests: whatever in them is not of floating-point numbers is held constant.

    Raises
    ------
    TypeError
        When there is nothing to differentiate, or nothing to differentiate with respect to.
    ValueError
        When the function is not finite there.
    """
    given = [pair for name, x in zip(names, args, strict=True) for pair in named_leaves(x, name)]
    moving = [i for i, (_, x) in enumerate(given) if is_differentiable(x)]
    if not moving:
        raise TypeError(
            f"{readable(f)} was given no floating-point numbers to differentiate with respect to: write 2.0 for 2"
        )

    def result(*arrays: Any) -> Any:
        whole = [x for _, x in given]
        for i, x in zip(moving, arrays, strict=True):
            whole[i] = x
        return f(*tree.rebuild(tuple(args), whole))

    arrays = [array_of(given[i][1]) for i in moving]
    with np.errstate(all="ignore"):  # what is not finite is told in words
        returned = list(named_leaves(result(*arrays), "result"))
    kept = [i for i, (_, x) in enumerate(returned) if is_differentiable(x)]
    if not kept:
        raise TypeError(f"{readable(f)} returned no floating-point numbers to differentiate")

    def call(*arrays: Any) -> Sequence[Any]:
        results = list(tree.leaves(result(*arrays)))
        if len(results) != len(returned):
            raise ValueError(f"{readable(f)} returned {len(returned)} arrays first, then {len(results)}")
        return [results[i] for i in kept]

    problem = kind(call, arrays, [given[i][0] for i in moving], [returned[i][0] for i in kept])
    if not np.all(np.isfinite(problem.value)):
        position = int(np.argmin(np.isfinite(problem.value)))
        name = problem.outputs.name_of(position)
        raise ValueError(f"{readable(f)} is not finite there: {name} is {problem.value[position]}")
    if not np.array_equal(problem.at(problem.x), problem.value):
        raise ValueError(f"{readable(f)} returns other values for the same arguments: is it random, or has it a state?")
    return problem
