"""What an expression may be: from its syntax tree to the steps that compute it. Every form that is not here is refused.

Numbers, names, lists, arithmetic, comparisons, indices, calls of the functions in the table, and names for parts.
Reading computes nothing.
"""

import ast
from collections.abc import Callable, Collection, Sequence
from typing import Any, NoReturn

import numpy as np

from micrograd_nd.expressions.errors import ExpressionError
from micrograd_nd.expressions.functions import CONSTANTS, Function, named_function
from micrograd_nd.expressions.operators import BINARY, INDEXING, UNARY
from micrograd_nd.expressions.options import KINDS, integer
from micrograd_nd.expressions.program import Call, Input, Number, Program, Row, Step
from micrograd_nd.expressions.refusals import (
    REFUSALS,
    attribute_refusal,
    call_refusal,
    name_refusal,
    refusal,
    refused_name,
    sign_refusal,
)
from micrograd_nd.expressions.source import Source

__all__ = ["read"]

LONGEST = 2000
MOST_STEPS = 400
MOST_CALLS = 100
MISSING = object()


def read(text: str, names: Collection[str]) -> Program:
    """Read an expression.

    Parameters
    ----------
    text : str
        Parts that are separated by semicolons or new lines; all but the last have the form ``name = ...``, and the last
        may. At most 2,000 characters and 100 operations.
    names : collection of str
        The values that it may use.

    Returns
    -------
    Program

    Raises
    ------
    ExpressionError
        For what it may not be, with the place.

    Examples
    --------
    >>> program = read("u = b*c; 3*u", ["b", "c"])
    >>> [type(step).__name__ for step in program.steps], program.named
    (['Input', 'Input', 'Call', 'Number', 'Call'], {'u': 2})
    """
    source = Source(text, LONGEST)
    if not source.text:
        raise source.error('there is nothing to compute: write an expression, such as "3*(a + b*c)"', 0)
    reader = Reader(source, names)
    parts = source.tree.body if isinstance(source.tree, ast.Module) else []
    if not parts:
        raise source.error('there is nothing to compute: write an expression, such as "3*(a + b*c)"', 0)
    for part in parts[:-1]:
        if isinstance(part, ast.Expr):
            raise source.error("only the last part may be without a name: write u = ...", source.start(part))
        reader.part(part)
    result = reader.part(parts[-1])
    reader.used.update(list(reader.named)[-1:] if isinstance(parts[-1], ast.Assign) else ())
    return Program(source, reader.steps, result, reader.named, reader.inputs, reader.used)


class Reader:
    """Reads one expression: the steps so far, and the names in use."""

    def __init__(self, source: Source, names: Collection[str]) -> None:
        self.source = source
        self.known = names
        self.steps: list[Step] = []
        self.calls = 0
        self.named: dict[str, int] = {}
        self.inputs: dict[str, int] = {}
        self.used: set[str] = set()

    def part(self, node: ast.stmt) -> int:
        """Read a part, and the name that it gives."""
        if isinstance(node, ast.Expr):
            return self.read(node.value)
        if not isinstance(node, ast.Assign):
            self.refuse(refusal(node), node)
        target = node.targets[0]
        if len(node.targets) > 1 or not isinstance(target, ast.Name):
            self.refuse("one part gives one name: u = b*c; v = u + a", node.targets[-1])
        if message := refused_name(target.id):
            self.refuse(message, target)
        if target.id in self.named:
            self.refuse(f"{target.id} is given twice: every part has a name of its own", target)
        if target.id in self.known:
            self.refuse(f"{target.id} is given twice: as a value, and by this part", target)
        index = self.read(node.value)
        self.named[target.id] = index
        return index

    def read(self, node: ast.expr) -> int:
        """Read what can be computed."""
        form = FORMS.get(type(node))
        if form is None:
            self.refuse(refusal(node), node)
        return form(self, node)

    def number(self, node: ast.Constant) -> int:
        """Read a number."""
        if type(node.value) not in (int, float):
            self.refuse(refusal(node), node)
        try:
            value = float(node.value)  # type: ignore[arg-type]
        except OverflowError:
            value = np.inf
        if value == np.inf:
            self.refuse("this number is larger than a float64 can be, 1.8e308", node)
        return self.add(Number(np.float64(value)), self.source.start(node))

    def name(self, node: ast.Name) -> int:
        """Read a name: of a part, of a value, of a constant."""
        name = node.id
        self.used.add(name)
        if name in self.named:
            return self.named[name]
        if name in self.known and name not in self.inputs:
            self.inputs[name] = self.add(Input(name), self.source.start(node))
        if name in self.inputs:
            return self.inputs[name]
        if name not in CONSTANTS:
            self.refuse(name_refusal(name, {*self.known, *self.named, *CONSTANTS}), node)
        return self.add(Number(CONSTANTS[name]), self.source.start(node))

    def list(self, node: ast.List) -> int:
        """Read a list, which is an array."""
        elements = tuple(map(self.read, node.elts))
        start = self.source.start(node)
        return self.add(Row(elements, start, self.source.segment(node)), start)

    def unary(self, node: ast.UnaryOp) -> int:
        """Read a sign before an operand."""
        if type(node.op) not in UNARY:
            self.refuse(sign_refusal(node.op)[1], node)
        operand = self.read(node.operand)
        return self.call(UNARY[type(node.op)], (operand,), {}, node, self.source.start(node))

    def binary(self, node: ast.BinOp) -> int:
        """Read a sign between two operands."""
        return self.between(node, node.left, node.op, node.right)

    def comparison(self, node: ast.Compare) -> int:
        """Read a comparison of two."""
        if len(node.ops) > 1:
            first, second = node.comparators[:2]
            at = self.source.sign(first, second, sign_text(node.ops[1]))
            raise self.source.error("one comparison at a time: write logical_and(x < y, y < z)", at)
        return self.between(node, node.left, node.ops[0], node.comparators[0])

    def between(self, node: ast.expr, left: ast.expr, sign: ast.operator | ast.cmpop, right: ast.expr) -> int:
        """Read two operands, and the sign between them."""
        at = self.source.sign(left, right, sign_text(sign))
        function = BINARY.get(type(sign))
        if function is None:
            raise self.source.error(sign_refusal(sign)[1], at)
        return self.call(function, (self.read(left), self.read(right)), {}, node, at)

    def subscript(self, node: ast.Subscript) -> int:
        """Read an index of integers and slices."""
        array = self.read(node.value)
        parts = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        index = tuple(map(self.index, parts))
        return self.call(INDEXING, (array,), {"index": index if len(index) != 1 else index[0]}, node)

    def index(self, node: ast.expr) -> Any:
        """Read an index along one axis."""
        if isinstance(node, ast.Slice):
            return slice(*(None if x is None else self.whole(x) for x in (node.lower, node.upper, node.step)))
        if isinstance(node, ast.Constant) and (node.value is None or node.value is ...):
            return node.value
        return self.whole(node)

    def whole(self, node: ast.expr) -> int:
        """Read an integer of an index."""
        number = integer(node)
        if number is None:
            self.refuse("an index is an integer or a slice that is written out, such as x[0] or x[1:3]", node)
        return number

    def function_call(self, node: ast.Call) -> int:
        """Read a call of a function in the table."""
        function = self.function(node.func)
        count = len(function.arrays)
        starred = [self.source.start(x) for x in node.args if isinstance(x, ast.Starred)]
        starred += [self.source.start(x) for x in node.keywords if x.arg is None]
        if starred:
            raise self.source.error(REFUSALS["Starred"], min(starred))
        if len(node.args) < count:
            self.refuse(f"{function.signature}: too few arguments, {len(node.args)}", node)
        if len(node.args) > count + len(function.options):
            self.refuse(f"{function.signature}: too many arguments, {len(node.args)}", node.args[-1])
        arrays, more = node.args[:count], node.args[count:]
        if function.of_list:
            if not isinstance(arrays[0], ast.List | ast.Tuple) or not arrays[0].elts:
                self.refuse(f"{function.signature}: the arrays stand in a list", arrays[0])
            arrays = arrays[0].elts
        options = self.options(function, more, node)
        return self.call(function, tuple(map(self.read, arrays)), options, node)

    def function(self, node: ast.expr) -> Function:
        """Read which function is called."""
        name = dotted(node)
        if name is None:
            if isinstance(node, ast.Attribute):
                self.refuse(attribute_refusal(node.attr), node)
            self.refuse("for a product write * before the parenthesis", node)
        found = named_function(name)
        if found is None:
            self.refuse(call_refusal(name, {*self.known, *self.named, *CONSTANTS}), node)
        return found

    def options(self, function: Function, given: Sequence[ast.expr], node: ast.Call) -> dict[str, Any]:
        """Read the arguments that are no arrays, by their places and by their names."""
        written = dict(zip(function.options, given, strict=False))
        for keyword in node.keywords:
            name = str(keyword.arg)
            if name in written:
                raise self.source.error(f"{name} is given twice", self.source.start(keyword))
            if name not in function.options:
                wrong = f"{function.signature}: {name}= is not among its arguments"
                raise self.source.error(wrong, self.source.start(keyword))
            written[name] = keyword.value
        for name in list(function.options)[: function.required]:
            if name not in written:
                self.refuse(f"{function.signature}: {name} is missing", node)
        read = {name: self.option(function, name, value) for name, value in written.items()}
        return {name: value for name, value in read.items() if value is not MISSING}

    def option(self, function: Function, name: str, node: ast.expr) -> Any:
        """Read an argument that is no array; None stands for the default where there is one."""
        needed = list(function.options)[: function.required]
        if isinstance(node, ast.Constant) and node.value is None and name not in needed:
            return MISSING
        reader, description = KINDS[function.options[name]]
        value = reader(node)
        if value is None:
            hint = {"max": ", and the larger of two is maximum(x, y)", "min": ", and the smaller is minimum(x, y)"}
            self.refuse(f"{function.signature}: {name} is {description}{hint.get(function.name, '')}", node)
        return value

    def call(
        self, function: Function, arguments: tuple[int, ...], options: dict[str, Any], node: ast.expr, at: int = -1
    ) -> int:
        """Add a call."""
        at = self.source.start(node) if at < 0 else at
        self.calls += 1
        if self.calls > MOST_CALLS:
            raise self.source.error(f"more than {MOST_CALLS} operations are no longer a picture", at)
        return self.add(Call(function, arguments, options, at, self.source.segment(node)), at)

    def add(self, step: Step, at: int) -> int:
        """Add a step."""
        if len(self.steps) == MOST_STEPS:
            raise self.source.error(f"more than {MOST_STEPS} numbers and operations are no longer a picture", at)
        self.steps.append(step)
        return len(self.steps) - 1

    def refuse(self, message: str, node: ast.expr | ast.stmt) -> NoReturn:
        """Raise the error of a node: of an attribute at its name, of and, or at the sign."""
        at = self.source.start(node)
        if isinstance(node, ast.Attribute):
            at = self.source.end(node) - len(node.attr)
        if isinstance(node, ast.BoolOp):
            at = self.source.sign(node.values[0], node.values[1], "and" if isinstance(node.op, ast.And) else "or")
        raise ExpressionError(message, self.source.text, at)


FORMS: dict[type[ast.expr], Callable[[Reader, Any], int]] = {
    ast.Constant: Reader.number,
    ast.Name: Reader.name,
    ast.List: Reader.list,
    ast.UnaryOp: Reader.unary,
    ast.BinOp: Reader.binary,
    ast.Compare: Reader.comparison,
    ast.Subscript: Reader.subscript,
    ast.Call: Reader.function_call,
}


def dotted(node: ast.expr) -> str | None:
    """Read a name that may have others before it, with points between them."""
    parts = []
    while isinstance(node, ast.Attribute):
        parts.append(node.attr)
        node = node.value
    return ".".join([node.id, *reversed(parts)]) if isinstance(node, ast.Name) else None


def sign_text(sign: ast.operator | ast.cmpop) -> str:
    """How a sign is written."""
    return BINARY[type(sign)].name if type(sign) in BINARY else sign_refusal(sign)[0]
