"""What an expression may not have, and what to write instead."""

import ast
from collections.abc import Collection

from micrograd_nd.expressions.functions import FUNCTIONS, HOMES, nearest

__all__ = [
    "REFUSALS",
    "attribute_refusal",
    "call_refusal",
    "name_refusal",
    "refusal",
    "refused_name",
    "sign_refusal",
]

FUNCTION = "a function of one's own has no place here"
LOOP = "a loop has no place here: functions such as sum(x * y) work on whole arrays"
LOGIC = "write logical_and(x, y), logical_or(x, y) or logical_not(x)"
STATEMENT = "a statement has no place here: write parts such as u = b*c; J = 3*u"

REFUSALS: dict[str, str] = {
    "AnnAssign": "a name is given without a type: u = b*c",
    "Attribute": "attributes have no place here",
    "AsyncFunctionDef": FUNCTION,
    "AugAssign": "write u = b*c, and another name for what is made of it",
    "Await": FUNCTION,
    "BoolOp": f"and, or are of single truths: {LOGIC}",
    "Dict": "a dict has no place here",
    "DictComp": LOOP,
    "For": LOOP,
    "FormattedValue": "text has no place here",
    "FunctionDef": FUNCTION,
    "GeneratorExp": LOOP,
    "IfExp": "write where(condition, x, y) for x if condition else y",
    "Import": "an import has no place here: the functions are there already",
    "ImportFrom": "an import has no place here: the functions are there already",
    "JoinedStr": "text has no place here",
    "Lambda": FUNCTION,
    "ListComp": LOOP,
    "NamedExpr": "write name = ... as a part of its own, before a semicolon",
    "Set": "a set has no place here: write a list, [a, b], for an array",
    "SetComp": LOOP,
    "Slice": "a slice stands between brackets after an array: x[1:3]",
    "Starred": "arguments are written out one by one, without *",
    "TemplateStr": "text has no place here",
    "Tuple": "a tuple has no place here: write a list, [a, b], for an array",
    "While": LOOP,
    "Yield": FUNCTION,
    "YieldFrom": FUNCTION,
}

SIGNS: dict[str, tuple[str, str]] = {
    "BitXor": ("^", "for a power write **"),
    "BitAnd": ("&", LOGIC),
    "BitOr": ("|", LOGIC),
    "LShift": ("<<", "<< has no place here"),
    "RShift": (">>", ">> has no place here"),
    "Invert": ("~", LOGIC),
    "Not": ("not", LOGIC),
    "Is": ("is", "to compare numbers write =="),
    "IsNot": ("is", "to compare numbers write !="),
    "In": ("in", "in has no place here: write any(x == y)"),
    "NotIn": ("not", "not in has no place here: write all(x != y)"),
}


def refusal(node: ast.AST) -> str:
    """Say why a form is refused.

    Parameters
    ----------
    node : AST
        What was read.

    Returns
    -------
    str
        In one line, what to write instead if there is such a thing.
    """
    if isinstance(node, ast.Constant):
        return constant_refusal(node.value)
    if isinstance(node, ast.Attribute):
        return attribute_refusal(node.attr)
    return REFUSALS.get(type(node).__name__, STATEMENT if isinstance(node, ast.stmt) else "this has no place here")


def sign_refusal(sign: ast.operator | ast.unaryop | ast.cmpop) -> tuple[str, str]:
    """Say how a sign that is refused is written, and why it is."""
    return SIGNS.get(type(sign).__name__, ("", "this sign has no place here"))


def constant_refusal(value: object) -> str:
    """Say why a constant is refused."""
    if isinstance(value, bool):
        return f"write {int(value)} for {value}"
    if isinstance(value, complex):
        return "imaginary numbers have no place here"
    return "text has no place here" if isinstance(value, str | bytes) else f"{value} has no place here"


def attribute_refusal(name: str) -> str:
    """Say what to write for a method."""
    if name == "T":
        return "attributes have no place here: write transpose(x) for x.T"
    if name in FUNCTIONS:
        return f"attributes have no place here: write {FUNCTIONS[name].signature}"
    return "attributes have no place here"


def refused_name(name: str) -> str | None:
    """Say why a name cannot be given to a value; None if it can."""
    if name.startswith("__"):
        return f"{name} has underscores that Python keeps for its own names: choose another"
    if name in FUNCTIONS:
        return f"{name} is a function here: choose another name for a value"
    return None


def name_refusal(name: str, known: Collection[str]) -> str:
    """Say that a name has no value, and which of those that have one may have been meant."""
    name = name if len(name) <= 60 else name[:59] + "…"
    if name in FUNCTIONS:
        return f"{name} is a function: write {FUNCTIONS[name].signature}"
    return refused_name(name) or f"{name} has no value{nearest(name, known) or f': give one, {name}=...'}"


def call_refusal(name: str, known: Collection[str]) -> str:
    """Say that there is no such function, and what may have been meant."""
    home, _, short = name.rpartition(".")
    if name in known:
        return f"{name} is a value, no function: for a product write {name} * (...)"
    if home not in HOMES:
        return attribute_refusal(short)
    if short in FUNCTIONS:
        return f"{name} is called {short} or {FUNCTIONS[short].home}.{short} here"
    return f"{name} is no function here{nearest(short, FUNCTIONS)}"
