"""What ``micrograd-nd graph "3*(a + b*c)" a=5 b=3 c=2 -o graph.svg`` does: computes, draws, and says what came out."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd import viz
from micrograd_nd.expressions import Evaluation, evaluate, read_values
from micrograd_nd.graph import Node, ancestors
from micrograd_nd.tensor import Tensor

__all__ = ["Report", "graph_report"]

ENDINGS = (".svg", ".png", ".pdf", ".dot", ".html")
MOST_BOXES = 100


class Report(NamedTuple):
    """What is said in the terminal.

    Attributes
    ----------
    lines : list of str
        Values, derivatives, and the file that was written.
    notes : list of str
        What may not have been meant: values that are not used, infinities.
    """

    lines: list[str]
    notes: list[str]


def graph_report(
    expression: str, given: Sequence[str], out: Path | None = None, *, gradients: bool = True, **options: Any
) -> Report:
    r"""Compute an expression, draw how it was computed, and report its value and derivatives.

    Parameters
    ----------
    expression : str
        As for `micrograd_nd.expressions.evaluate`.
    given : sequence of str
        Values, as in ``"a=5"`` or ``"W=[[1, 2], [3, 4]]"``.
    out : Path, optional
        The picture; its ending is ``.svg``, ``.png``, ``.pdf``, ``.dot``, or ``.html`` for the page of `viz.explain`.
    gradients : bool
        Whether to take derivatives.
    **options
        Those that `viz.graph` and `viz.explain` share.

    Returns
    -------
    Report

    Raises
    ------
    ValueError
        For what is wrong with the expression (then an `ExpressionError`), a value or the file's ending.
    OSError, ImportError
        As for `viz.draw`.

    Examples
    --------
    >>> print(*graph_report("3*(a + b*c)", ["a=5", "b=3", "c=2"]).lines, sep="\n")
    J = 33
    dJ/da = 3
    dJ/db = 6
    dJ/dc = 9
    """
    if out is not None and out.suffix.lower() not in ENDINGS:
        raise ValueError(f"a picture's file name ends in {', '.join(ENDINGS[:-1])} or {ENDINGS[-1]}; got {str(out)!r}")
    found = evaluate(expression, numbers(given))
    J = found.result
    lines = [f"{t.name} = {shown(t)}" for t in computed(found)]
    notes = [*found.notes, *(f"{name} is not used" for name in found.unused)]
    if gradients:
        obstacle = differentiated(J)
        notes += [obstacle] if obstacle and found.inputs else []
        gradients = obstacle is None
        lines += [f"d{J.name}/d{t.name} = {slope(t)}" for t in sources(found)] if gradients else []
    if out is not None:
        write(J, out, expression, gradients=gradients, **options)
        lines.append(f"wrote {out}")
    return Report(lines, notes)


def numbers(given: Sequence[str]) -> dict[str, Any]:
    """Read values, which are numbers and arrays of them."""
    values = read_values(given)
    for name, value in values.items():
        if not isinstance(value, np.ndarray | np.generic) or value.dtype.kind != "f":
            raise ValueError(f"{name} is a real number or a list of them, as in {name}=[1, 2.5]; got {brief(value)}")
    return values


def computed(found: Evaluation) -> list[Tensor]:
    """List what has been computed and has a name, each once, the result last."""
    inputs = {id(t) for t in found.inputs.values()} - {id(found.result)}
    each = {id(t): t for t in found.named.values() if id(t) not in inputs}
    each.pop(id(found.result), None)
    return [*each.values(), found.result]


def sources(found: Evaluation) -> Iterator[Tensor]:
    """List what derivatives are taken with respect to: first what was computed last, as the chain rule goes."""
    yield from (t for t in reversed(computed(found)[:-1]) if t.requires_grad)
    yield from (t for t in found.inputs.values() if t is not found.result)


def differentiated(J: Tensor) -> str | None:
    """Take the derivatives; if there are none, say why."""
    if not J.requires_grad:
        return f"no derivatives: {J.name} does not depend on the values by functions that have any"
    if J.size != 1:
        return (
            f"no derivatives: they are taken of one number, and {J.name} has shape {J.shape}; "
            "sum(...) or mean(...) makes one"
        )
    try:
        with np.errstate(all="ignore"), warnings.catch_warnings():
            warnings.simplefilter("ignore")
            J.backward()
    except (ArithmeticError, LookupError, TypeError, ValueError) as error:
        return f"no derivatives: {' '.join(str(error).split())}"
    return None


def slope(t: Tensor) -> str:
    """Write the derivative with respect to a value; zero where only comparisons and the like lead from it."""
    return shown(t.grad if t.grad is not None else np.zeros(t.shape))


def shown(value: Any) -> str:
    """Write a value in one line: numbers to six digits, of a large array its shape and range."""
    array = np.asarray(value.numpy() if isinstance(value, Tensor) else value)
    if array.size <= 24:
        return nested(array.tolist())
    return f"an array of shape {array.shape}, from {array.min():.6g} to {array.max():.6g}"


def brief(value: Any) -> str:
    """Show what was given in place of a number."""
    text = " ".join((str(value) if isinstance(value, np.generic) else repr(value)).split())
    return text if len(text) <= 40 else text[:39] + "…"


def nested(values: Any) -> str:
    """Write lists of numbers."""
    if isinstance(values, list):
        return f"[{', '.join(map(nested, values))}]"
    return f"{values:.6g}" if isinstance(values, float) else str(values)


def write(J: Tensor, out: Path, expression: str, **options: Any) -> None:
    """Write the picture, in the format of the file's ending."""
    nodes = ancestors(J.node) if type(J.node) is Node else []
    if len(nodes) > MOST_BOXES:
        raise ValueError(
            f"the picture would have {len(nodes)} boxes; from the command line at most {MOST_BOXES} are drawn"
        )
    if out.suffix.lower() == ".html":
        options.pop("local_derivatives", None)  # the page always tells them
        viz.explain(J, out, **{"title": expression, **options})
    else:
        viz.save(viz.graph(J, **options), out)
