"""Constant folding: what depends on no input is computed once, when the program is made."""

from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Literal, Operation, Program, Value, replaced, rewritten
from micrograd_nd.compiler.randomness import is_random

__all__ = ["folded", "value_of_literals"]


def folded(program: Program) -> Program:
    """Compute operations on literals."""
    return rewritten(program, lambda operation: value_of_literals(operation) or operation)


def value_of_literals(operation: Operation) -> Literal | None:
    """Compute an operation all of whose operands are literals."""
    operands = operation.operands()
    if is_random(operation) or not all(isinstance(x, Literal) for x in operands):
        return None
    with np.errstate(all="ignore"):
        out = operation.primitive.evaluate(*replaced(operation.arguments, data), **replaced(operation.options, data))
    return Literal(np.array(out, order="C")[()] if isinstance(out, np.ndarray) else out, operation.name)


def data(x: Any) -> Any:
    """See a literal as what it stands for."""
    return x.data if isinstance(x, Value) else x  # type: ignore[attr-defined]
