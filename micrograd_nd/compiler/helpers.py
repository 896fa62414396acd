"""The source of functions that a program calls and NumPy does not have, so that it can stand alone."""

import ast
import builtins
import functools
import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from types import FunctionType, ModuleType
from typing import Any

import numpy as np

from micrograd_nd.compiler.naming import Names

__all__ = ["NoSource", "definitions"]


# What these define is imported, not written down.
STANDARD = ("numpy", "operator", "_operator", "math", "functools", "itertools")


class NoSource(TypeError):
    """A function cannot be written down."""


def definitions(function: Callable[..., Any], names: Names) -> dict[str, str]:
    """Write down a function, under the name that it is given, and all that it uses.

    Parameters
    ----------
    function : callable
        Written with ``def`` in a file.
    names : Names
        Gives names to the function and to all that it uses; nothing else of the program has those.

    Returns
    -------
    dict of str to str
        The text of each definition by the name that it defines, those that are needed first.

    Raises
    ------
    NoSource
        For a function that was not written with ``def`` in a file, or that uses what cannot be written down.
    """
    found: dict[str, str] = {}
    define(function, names, found)
    return found


def define(function: Callable[..., Any], names: Names, found: dict[str, str]) -> str:
    """Add the definition of a function, after those of what it needs, and return its name."""
    cached = hasattr(function, "cache_parameters")
    function = inspect.unwrap(function)
    if not isinstance(function, FunctionType) or function.__closure__:
        raise NoSource(f"{getattr(function, '__qualname__', function)} is not a function that was written with def")
    name = names.given(function, function.__name__)
    if name in found:
        return name
    tree = parsed(function)
    found[name] = ""
    own = {*function.__code__.co_varnames, *(node.arg for node in ast.walk(tree) if isinstance(node, ast.arg))}
    used = sorted((set(names_in(tree)) & function.__globals__.keys()) - own)
    texts = {other: need(other, function.__globals__[other], names, found) for other in used}
    tree = Renaming(texts).visit(tree)
    tree.name = name
    if cached:
        tree.decorator_list = [ast.Name(need("cache", functools.cache, names, found), ast.Load())]
    del found[name]
    found[name] = ast.unparse(ast.fix_missing_locations(tree))
    return name


def need(name: str, thing: Any, names: Names, found: dict[str, str]) -> str:
    """Add the definition of something that a definition uses, and return its name."""
    if thing is np:
        return "np"
    if getattr(builtins, name, None) is thing:
        return name
    standard = (getattr(thing, "__module__", None) or "").split(".")[0] in STANDARD
    if callable(thing) and isinstance(inspect.unwrap(thing), FunctionType) and not standard:
        return define(getattr(thing, "__primitive_body__", thing), names, found)
    key = (type(thing), repr(thing)) if isinstance(thing, int | float | str | tuple | frozenset) else id(thing)
    given = names.given(("used by a function", key), name)
    if given not in found:
        found[given] = imported(thing, given)
    return given


def imported(thing: Any, name: str) -> str:
    """Write how a name gets its meaning."""
    if isinstance(thing, ModuleType):
        package, _, module = thing.__name__.rpartition(".")
        start = f"from {package} import {module}" if package else f"import {module}"
        return start + (f" as {name}" if name != module else "")
    if isinstance(thing, int | float | str | tuple | frozenset) and "<" not in repr(thing):
        return f"{name} = {thing!r}"
    own: str | None = getattr(thing, "__name__", None)
    if isinstance(thing, np.ufunc) and getattr(np, own or "", None) is thing:
        return f"{name} = np.{own}"
    module = (getattr(thing, "__module__", None) or "").removeprefix("_")
    if module.split(".")[0] in STANDARD and own is not None:
        return f"from {module} import {own}" + (f" as {name}" if name != own else "")
    raise NoSource(f"{name} is something that cannot be written down: {thing!r}")


class Renaming(ast.NodeTransformer):
    """Gives what a function uses the names that it has in a program."""

    def __init__(self, names: Mapping[str, str]) -> None:
        self.names = names

    def visit_Name(self, node: ast.Name) -> ast.Name:
        """Rename what is not the function's own."""
        return ast.Name(self.names.get(node.id, node.id), node.ctx)


def parsed(function: FunctionType) -> ast.FunctionDef:
    """Read the text of a function, without what Python does not need: decorators, docstring, annotations."""
    try:
        (tree,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    except (OSError, SyntaxError, ValueError) as error:
        raise NoSource(f"the text of {function.__qualname__} cannot be found") from error
    if not isinstance(tree, ast.FunctionDef):
        raise NoSource(f"{function.__qualname__} was not written with def")
    tree.decorator_list = []
    tree.returns = None
    for argument in ast.walk(tree.args):
        if isinstance(argument, ast.arg):
            argument.annotation = None
    if ast.get_docstring(tree) is not None:
        tree.body = tree.body[1:]
    tree.body = [Unannotated().visit(statement) for statement in tree.body]
    return tree


class Unannotated(ast.NodeTransformer):
    """Leaves out the annotations of variables."""

    def visit_AnnAssign(self, node: ast.AnnAssign) -> Any:
        """Make an assignment of one with an annotation."""
        return ast.Assign([node.target], node.value) if node.value is not None else ast.Pass()


def names_in(tree: ast.AST) -> Iterator[str]:
    """List the names that a piece of text uses."""
    return (node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
