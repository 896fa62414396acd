"""What ``micrograd-nd check module:function --at "x=..."`` does: imports, reads the arguments, and compares."""

import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Sequence
from inspect import Parameter, Signature, signature
from pathlib import Path
from typing import Any

import numpy as np

from micrograd_nd.expressions.errors import ExpressionError
from micrograd_nd.expressions.literals import read_values
from micrograd_nd.primitives import readable
from micrograd_nd.testing.comparison import Mode, compared, element, numerical_jacobian
from micrograd_nd.testing.gradients import derivative_name, random_direction
from micrograd_nd.testing.problem import Problem, prepared

__all__ = ["Misuse", "check_report", "function_at", "values_at"]

MODES: tuple[Mode, ...] = ("reverse", "forward")
ORDINALS = {1: "1st", 2: "2nd", 3: "3rd"}


class Misuse(Exception):
    """What a user asked for cannot be done; the message says what would be right."""


def check_report(target: str, at: Sequence[str], order: int = 2, seed: int = 0) -> tuple[list[str], bool]:
    """Check the derivatives of a function that is named on the command line.

    Parameters
    ----------
    target : str
        ``module:function``.
    at : sequence of str
        The arguments, as in ``"x=[1, 2], y=0.5"``.
    order : int
        How many orders of derivatives.
    seed : int
        Of the random combinations that stand for all results at higher orders.

    Returns
    -------
    list of str
        The lines of a table.
    bool
        Whether every derivative is right.

    Raises
    ------
    Misuse
        With a message for the user.
    """
    f = function_at(target)
    values = values_at(at)
    call, names, arguments = bound(f, target, values)
    try:
        problem = prepared(call, arguments, names)
        rows = list(rows_of(problem, order, np.random.default_rng(seed)))
    except (Exception, SystemExit) as error:
        raise Misuse(f"{target} could not be differentiated there: {type(error).__name__}: {error}") from error
    good = all(row[-1] == "ok" for row in rows)
    with np.printoptions(threshold=20, floatmode="unique"):
        head = [f"{target} at {', '.join(f'{name} = {value!r}' for name, value in values.items())}", ""]
    verdict = (
        "every derivative agrees" if good else "WRONG: analytic and numerical derivatives differ by more than allowed"
    )
    return [*head, *table(rows), "", verdict], good


def function_at(target: str) -> Callable[..., Any]:
    """Import a function by its name, from the current folder too.

    Raises
    ------
    Misuse
        When there is none.
    """
    module_name, colon, path = target.partition(":")
    if not (module_name and colon and path):
        raise Misuse(f"name a function as module:function, such as model:cost; got {target!r}")
    here = str(Path.cwd())
    if here not in sys.path:
        sys.path.insert(0, here)
    try:
        found: Any = importlib.import_module(module_name)
    except ModuleNotFoundError as error:
        if error.name and (module_name == error.name or module_name.startswith(error.name + ".")):
            raise Misuse(f"there is no module {module_name!r} in {here} or among the installed ones") from None
        raise Misuse(f"{module_name} needs a module that is not there: {error.name}") from error
    except (Exception, SystemExit) as error:
        raise Misuse(f"importing {module_name} failed: {type(error).__name__}: {error}") from error
    for name in path.split("."):
        if not hasattr(found, name):
            names = [key for key, value in vars(found).items() if callable(value) and not key.startswith("_")]
            listed = ", ".join(sorted(names)[:10]) or "none"
            raise Misuse(f"{module_name} has no function {path!r}; the functions in it: {listed}")
        found = getattr(found, name)
    if not callable(found):
        raise Misuse(f"{target} is no function, but {type(found).__name__}")
    return found  # type: ignore[no-any-return]


def values_at(at: Sequence[str]) -> dict[str, Any]:
    """Read arguments: literals only, nothing is evaluated. Numbers become floats, and lists of them arrays.

    Raises
    ------
    Misuse
        When something is no literal.
    """
    try:
        return read_values(at)
    except ExpressionError as error:
        raise Misuse(f"--at: {error}") from None


def bound(
    f: Callable[..., Any], target: str, values: dict[str, Any]
) -> tuple[Callable[..., Any], list[str], list[Any]]:
    """Make a function of positional arguments of one that takes some by name only."""
    parameters = parameters_of(f)
    first = [name for name, kind in parameters.items() if kind.kind is Parameter.POSITIONAL_ONLY and name in values]
    try:
        if parameters:
            given = {name: value for name, value in values.items() if name not in first}
            Signature(list(parameters.values())).bind(*[values[name] for name in first], **given)
    except TypeError as error:
        missing = [
            name
            for name, p in parameters.items()
            if p.default is p.empty and name not in values and p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)
        ]
        if missing:
            raise Misuse(f"{target} needs {missing[0]} too: --at '{missing[0]}=...'") from None
        raise Misuse(f"{target} takes ({', '.join(parameters)}): {error}") from None
    names = [*first, *(name for name in values if name not in first)]

    @functools.wraps(f)
    def call(*arguments: Any) -> Any:
        given = dict(zip(names, arguments, strict=True))
        return f(*[given.pop(name) for name in first], **given)

    call.__qualname__, call.__module__ = readable(f), ""
    return call, names, [values[name] for name in names]


def parameters_of(f: Callable[..., Any]) -> dict[str, Parameter]:
    """List the parameters of a function, as far as it tells; NumPy's ufuncs do not everywhere."""
    if isinstance(f, np.ufunc):
        names = ["x"] if f.nin == 1 else [f"x{i}" for i in range(1, f.nin + 1)]
        return {name: Parameter(name, Parameter.POSITIONAL_ONLY) for name in names}
    try:
        return dict(signature(f).parameters)
    except (TypeError, ValueError):
        return {}


def rows_of(
    problem: Problem, order: int, rng: np.random.Generator, before: str = "", level: int = 1
) -> Iterator[tuple[str, ...]]:
    """Compare every element of one order of derivatives after another: a row for each mode and argument."""
    numerical = numerical_jacobian(problem)
    for mode in MODES:
        seen = compared(problem, mode, numerical)
        ends = np.cumsum(problem.inputs.sizes)
        for name, size, end in zip(problem.inputs.names, problem.inputs.sizes, ends, strict=True):
            analytic, theirs, allowed = (part[:, end - size : end] for part in seen)
            difference = np.abs(analytic - theirs)
            largest = float(np.max(np.abs(analytic), initial=0.0))
            verdict = "ok"
            if np.any(wrong := ~(difference <= allowed)):
                k, j = np.unravel_index(np.argmax(np.where(wrong, difference, -1.0)), difference.shape)
                where = derivative_name(element(problem, int(k), int(end - size + j)))
                verdict = f"WRONG: {where} is {theirs[k, j]:.6g}, not {analytic[k, j]:.6g}"
            yield (
                ORDINALS.get(level, f"{level}th"),
                f"{mode}{before}",
                name,
                f"{largest:.6g}",
                f"{np.max(difference, initial=0.0):.1e}",
                f"{np.max(difference, initial=0.0) / largest if largest else 0.0:.1e}",
                f"{np.max(allowed, initial=0.0):.1e}",
                verdict,
            )
    if level == order:
        return
    u = problem.scales * random_direction(problem.inputs.size, rng)
    v = random_direction(problem.outputs.size, rng) if problem.outputs.size > 1 else np.ones(problem.outputs.size)
    for mode in MODES:
        derived = problem.gradient(v) if mode == "reverse" else problem.tangent(u)
        yield from rows_of(derived, order, rng, f" over {mode}{before}", level + 1)


def table(rows: Sequence[Sequence[str]]) -> list[str]:
    """Set rows under their titles."""
    titles = ("order", "mode", "argument", "largest", "difference", "relative", "allowed", "verdict")
    widths = [max(map(len, column)) for column in zip(titles, *rows, strict=True)]
    left = {0, 1, 2, 7}
    return [
        "  ".join(
            text.ljust(width) if i in left else text.rjust(width)
            for i, (text, width) in enumerate(zip(row, widths, strict=True))
        ).rstrip()
        for row in (titles, *rows)
    ]
