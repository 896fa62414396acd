"""The signs that an expression may have, and the functions they stand for."""

import ast
import operator
from collections.abc import Callable
from typing import Any

import numpy as np

from micrograd_nd.expressions.functions import Function
from micrograd_nd.expressions.work import WORK

__all__ = ["BINARY", "INDEXING", "UNARY"]


def power(x: Any, y: Any) -> Any:
    """Raise to a power; to the second as ``x**2`` does where the 2 is an integer, which numbers here are not."""
    return np.square(x) if type(y) is np.float64 and y == 2 else x**y


def sign_of(sign: str, call: Callable[..., Any], arity: int, work: str = "elementwise") -> Function:
    """Make the function of a sign."""
    return Function(sign, "", call, ("x", "y")[:arity], of_list=False, options={}, required=0, work=WORK[work])


def element(x: Any, index: Any) -> Any:
    """Read what is at an index."""
    return x[index]


BINARY: dict[type[ast.operator] | type[ast.cmpop], Function] = {
    ast.Add: sign_of("+", operator.add, 2),
    ast.Sub: sign_of("-", operator.sub, 2),
    ast.Mult: sign_of("*", operator.mul, 2),
    ast.Div: sign_of("/", operator.truediv, 2),
    ast.FloorDiv: sign_of("//", operator.floordiv, 2),
    ast.Mod: sign_of("%", operator.mod, 2),
    ast.Pow: sign_of("**", power, 2),
    ast.MatMult: sign_of("@", operator.matmul, 2, "contracted"),
    ast.Lt: sign_of("<", operator.lt, 2),
    ast.LtE: sign_of("<=", operator.le, 2),
    ast.Gt: sign_of(">", operator.gt, 2),
    ast.GtE: sign_of(">=", operator.ge, 2),
    ast.Eq: sign_of("==", operator.eq, 2),
    ast.NotEq: sign_of("!=", operator.ne, 2),
}

UNARY: dict[type[ast.unaryop], Function] = {
    ast.USub: sign_of("-", operator.neg, 1),
    ast.UAdd: sign_of("+", operator.pos, 1),
}

INDEXING = Function(
    "[ ]", "", element, ("x",), of_list=False, options={"index": "index"}, required=1, work=WORK["given"]
)
