"""Gradient checking of a whole model: the derivatives that training goes by, held against numerical ones."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.compiled_steps import distinct, standing_for
from micrograd_nd.nn.module import Module, check_model, evaluating
from micrograd_nd.nn.objective import Cost, objective
from micrograd_nd.nn.preparation import prepared
from micrograd_nd.testing.comparison import badness, most, only
from micrograd_nd.testing.gradients import random_direction
from micrograd_nd.testing.problem import Problem

__all__ = ["GradientCheck", "check_gradients"]

# The largest steps of numerical derivatives. Short ones first: among many units and samples there will be a ReLU whose
# kink lies within a long one. Long ones last, for derivatives so small that rounding hides them from short ones.
STEPS = (2.0**-21, 2.0**-26, 2.0**-6)
# How exact a numerical derivative is to be, relative to the terms of the analytic one, before other steps are tried.
SURE = 1e-5
# The one result, a cost, as a combination of results.
ONE = np.ones(1)


@dataclass(frozen=True, repr=False)
class GradientCheck:
    """How far the derivatives of a cost are from numerical ones; it prints as a table.

    Attributes
    ----------
    errors : dict of str to float
        By the names of the parameters: the difference of the two derivatives along a random direction u in which all
        elements of the parameter move, relative to ``sum(abs(dW * u))``. About 1e-8 and less where all is right.
    """

    errors: dict[str, float]

    @property
    def largest(self) -> float:
        """The largest of them."""
        return max(self.errors.values())

    def __repr__(self) -> str:
        width = max(map(len, ["parameter", *self.errors]))
        rows = [f"{name:<{width}}  {error:.1e}" for name, error in self.errors.items()]
        return "\n".join([f"{'parameter':<{width}}  relative error", *rows])


def check_gradients(
    model: Module,
    X: ArrayLike | Tensor,
    Y: ArrayLike | Tensor,
    *,
    cost: Cost | None = None,
    seed: int = 0,
) -> GradientCheck:
    """Check that a model is differentiated rightly: the derivatives of its cost agree with numerical ones.

    This finds a wrong rule, and a module that cuts the graph on its way. For each parameter the derivative along a
    random direction is compared with extrapolated central differences, which takes a handful of evaluations whatever
    its size. They may differ by the estimated error of the numerical one and by rounding, and by nothing else. Where
    they differ by more, the element that is most wrong is looked for. All is computed in double precision.

    Parameters
    ----------
    model : Module
        Run in evaluation, since a numerical derivative needs the same function at every call. It stays as it is.
    X : array_like, shape (n_x, m)
        A sample a column; a few are enough.
    Y : array_like, shape (n_y, m) or (1, m)
        As `fit` takes it.
    cost : callable, optional
        As `fit` takes it, and chosen as `fit` does by default.
    seed : int
        Of the random directions.

    Returns
    -------
    GradientCheck
        The relative error of each parameter; prints as a table.

    Raises
    ------
    AssertionError
        When a derivative is wrong. The message names the element, both values, and by how much they may differ.
    TypeError, ValueError
        As from `fit`; for a model without parameters; and for a cost that is not finite, or another at every call.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.MLP([2, 3, 1], hidden="tanh", seed=0)
    >>> check = nn.check_gradients(model, [[0.5, -1.0], [2.0, 0.0]], [[1, 0]])
    >>> list(check.errors), check.largest < 1e-7
    (['W1', 'b1', 'W2', 'b2'], True)

    A module with a rule that lacks a factor:

    >>> import micrograd_nd as mg
    >>> square = mg.primitive(lambda x: x * x, lambda g, out, x: g * x)
    >>> class Squares(nn.Module):
    ...     def forward(self, Z):
    ...         return square(Z)
    >>> model = nn.Sequential(nn.Linear(1, 1, weights="zeros"), Squares())
    >>> model.layers[0].W.data = [[2.0]]
    >>> nn.check_gradients(model, [[1.0]], [[0.0]])
    Traceback (most recent call last):
        ...
    AssertionError: dJ/dW1 is wrong: dJ / d W1[0, 0]
        analytic   16.0
        numerical  32.0 ± ...
    """
    __tracebackhide__ = True
    check_model(model)
    plan = objective(model, cost, None)
    X, labels = (double(A) for A in prepared(model, plan, X, Y, ""))
    parameters = model.parameters()
    if not parameters:
        raise ValueError(f"{type(model).__name__} has no parameters, so there is no gradient to check")
    rng = np.random.default_rng(seed)
    known_as = distinct(names(model))
    errors = {}
    with evaluating(model), standing_for(parameters, [Tensor(double(p.numpy())) for p in parameters]):
        for name, parameter in zip(known_as, parameters, strict=True):
            problem = problem_of(lambda: plan.total(plan.run(X), labels), parameter, name)
            gradient = problem.pull(ONE)
            u = problem.scales * random_direction(gradient.size, rng)
            seen = compared(problem, gradient, u)
            if seen.excess > 1:
                raise AssertionError(wrong(name, problem, gradient, u))
            errors[name] = seen.error
    return GradientCheck(errors)


def double(A: NDArray[Any]) -> NDArray[Any]:
    """Take floating-point numbers in double precision, whose numerical derivatives tell more."""
    return A.astype(np.float64) if A.dtype.kind == "f" else A


def names(model: Module) -> list[str]:
    """Name parameters as a reader knows them: as they name themselves, or by their paths to tell them apart."""
    named = model.named_parameters()
    own = [parameter.name or "" for _, parameter in named]
    return own if all(own) and len(set(own)) == len(own) else [path for path, _ in named]


def problem_of(cost: Callable[[], Any], parameter: Tensor, name: str) -> Problem:
    """See a cost as a function of one parameter alone."""

    def at(values: Any) -> list[Any]:
        if isinstance(values, Tensor):
            with standing_for([parameter], [values]):
                return [cost()]
        with mg.no_grad(), standing_for([parameter], [Tensor(values)]):
            return [cost()]

    problem = Problem(at, [parameter.numpy()], [name], ["J"])
    if problem.outputs.size != 1 or not np.isfinite(problem.value).all():
        raise ValueError(f"the cost must be one finite number; it is {problem.value}")
    if not np.array_equal(problem.at(problem.x), problem.value):
        raise ValueError(
            "the cost is another at every call, with the same parameters: is it random, or has it a state?"
        )
    return problem


class Compared(NamedTuple):
    """What was seen of two derivatives along a direction.

    Attributes
    ----------
    excess : float
        How many times as much they differ as they may.
    error : float
        How much they differ, relative to the terms that the analytic one is summed from.
    numerical : float
        The numerical one.
    doubt : float
        Its estimated error.
    """

    excess: float
    error: float
    numerical: float
    doubt: float


def compared(problem: Problem, gradient: NDArray[Any], u: NDArray[Any]) -> Compared:
    """Compare at several steps, and keep what is most exact among those at which the derivatives agree, if any."""
    analytic, terms = float(gradient @ u), float(np.abs(gradient) @ np.abs(u))
    tried = []
    for step in STEPS:
        found = problem.numerical(u, goal=SURE * problem.eps**0.5, step=step)
        value, doubt = float(found.value[0]), float(found.error[0])
        difference = abs(analytic - value)
        excess = badness(problem, "reverse", gradient, found, u, ONE)
        tried.append(Compared(excess, difference / terms if terms else difference, value, doubt))
        if excess <= 1 and doubt <= SURE * terms:
            break
    return min(tried, key=lambda seen: (seen.excess > 1, seen.doubt))


def wrong(name: str, problem: Problem, gradient: NDArray[Any], u: NDArray[Any]) -> str:
    """Say which element of a derivative is most wrong."""
    j = most(lambda chosen: compared(problem, gradient, only(u, chosen)).excess, gradient.size)
    unit = only(problem.scales, [j])
    seen = compared(problem, gradient, unit)
    return "\n".join(
        [
            f"dJ/d{name} is wrong: dJ / d {problem.inputs.name_of(j)}",
            f"    analytic   {gradient[j]!s}",
            f"    numerical  {seen.numerical / unit[j]!s} ± {seen.doubt / unit[j]:.1e}",
        ]
    )
