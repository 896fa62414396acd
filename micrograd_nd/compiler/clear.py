"""The clear rendering: a program as a person would write it, a line a step, with the names that people know."""

import inspect
from collections.abc import Iterator, Sequence
from types import FunctionType
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.compiler.expressions import ATOM, Expression, expression, is_written_in_numpy, number, written
from micrograd_nd.compiler.helpers import NoSource, definitions
from micrograd_nd.compiler.lowering import body_of
from micrograd_nd.compiler.naming import Names
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, users_of
from micrograd_nd.compiler.randomness import is_random
from micrograd_nd.primitives import readable

__all__ = ["Signature", "Text", "rendered"]

# Longer expressions are taken apart, and comments stand beyond this column where the lines allow it.
LINE, COMMENT = 76, 56
# Literal arrays of more elements stand by themselves, before the function.
SMALL = 8


class Signature(NamedTuple):
    """What a program is called, and in what form it takes and returns its arrays.

    Attributes
    ----------
    name : str
    parameters : list of (str, tree)
        Each parameter with the nest of inputs that it is given as.
    keywords : list of (str, tree)
        Those that are given by name alone.
    result : tree
        Of values, and of what is no array.
    """

    name: str
    parameters: Sequence[tuple[str, Any]]
    keywords: Sequence[tuple[str, Any]]
    result: Any


class Text(NamedTuple):
    """A rendering.

    Attributes
    ----------
    source : str
        A module that defines the function.
    names : dict
        Things that the text names and cannot write down.
    """

    source: str
    names: dict[str, Any]


def rendered(program: Program, signature: Signature, heading: str) -> Text:
    """Write a program as the text of a module."""
    return Rendering(program, signature).module(heading)


class Rendering:
    """One program on its way to a text."""

    def __init__(self, program: Program, signature: Signature) -> None:
        self.program = program
        self.signature = signature
        self.operations = program.operations
        self.users = users_of(self.operations, program.outputs)
        self.returned = set(program.outputs)
        self.names = Names()
        self.texts: dict[Value, Expression] = {}
        self.helpers: dict[str, str] = {}
        self.constants: list[str] = []
        self.arrays: dict[Any, Expression] = {}
        self.functions: dict[Any, str] = {}
        self.unwritten: dict[str, Any] = {}

    def module(self, heading: str) -> Text:
        """Write everything."""
        self.names.take(self.signature.name)
        self.names.take("scipy")
        self.signature = self.signature._replace(
            parameters=list(map(self.called, self.signature.parameters)),
            keywords=list(map(self.called, self.signature.keywords)),
        )
        body = self.body()
        one_liners = [text for text in self.helpers.values() if "\n" not in text]
        functions = [text for text in self.helpers.values() if "\n" in text]
        imports = ["import numpy as np", *(["import scipy.special"] if "scipy.special." in "\n".join(body) else [])]
        parts = [
            f'"""{heading}"""',
            "\n".join([*imports, *(text for text in one_liners if text.startswith(("from", "import")))]),
            "\n".join([*(text for text in one_liners if not text.startswith(("from", "import"))), *self.constants]),
            *(f"\n{text}" for text in functions),
            "\n" + "\n    ".join([f"def {self.signature.name}({self.parameters()}):", *body]),
        ]
        return Text("\n\n".join(part for part in parts if part) + "\n", self.unwritten)

    def called(self, parameter: tuple[str, Any]) -> tuple[str, Any]:
        """Give a parameter a name that nothing else has: its own, unless the text needs that."""
        wish, nest = parameter
        name = self.names.given(object(), wish)
        if isinstance(nest, Input):
            self.texts[nest] = Expression(name)
        return name, nest

    def body(self) -> list[str]:
        """Write the lines of the function."""
        for x in self.program.inputs:
            if x not in self.texts:
                self.texts[x] = Expression(self.names.given(x, x.name or "x"))
        return [*self.unpacking(), *self.steps(), f"return {self.nest(self.signature.result)}"]

    def parameters(self) -> str:
        """Write the parameters."""
        texts = [name for name, _ in self.signature.parameters]
        if self.signature.keywords:
            texts += ["*", *(name for name, _ in self.signature.keywords)]
        return ", ".join(texts)

    def unpacking(self) -> Iterator[str]:
        """Write how the inputs are taken out of the arguments."""
        for name, nest in (*self.signature.parameters, *self.signature.keywords):
            yield from self.taken(nest, name)

    def taken(self, nest: Any, path: str) -> Iterator[str]:
        """Take the arrays out of one nest, one level a line."""
        if isinstance(nest, Input):
            if self.texts[nest].text != path:
                yield f"{self.texts[nest].text} = {path}"
            return
        if isinstance(nest, dict):
            parts = [(f"{path}[{key!r}]", part) for key, part in nest.items()]
        elif isinstance(nest, tuple | list):
            parts = [(f"{path}[{i}]", part) for i, part in enumerate(nest)]
        else:
            return
        arrays = [(text, part) for text, part in parts if isinstance(part, Input)]
        if len(arrays) == len(parts) > 1 and len(parts) <= 6 and isinstance(nest, tuple | list):
            yield f"{', '.join(self.texts[part].text for _, part in parts)} = {path}"
            return
        if 1 < len(arrays) <= 6:
            left, right = (
                ", ".join(x) for x in zip(*((self.texts[part].text, text) for text, part in arrays), strict=True)
            )
            yield f"{left} = {right}"
            parts = [(text, part) for text, part in parts if not isinstance(part, Input)]
        for text, part in parts:
            yield from self.taken(part, text)

    def steps(self) -> Iterator[str]:
        """Write the operations: each that has a name or several users on its line, the others where they are used."""
        for operation in self.operations:
            text = self.expressed(operation)
            if self.is_inline(operation, text):
                self.texts[operation] = text
                continue
            name = self.names.given(operation, operation.name or "")
            self.texts[operation] = Expression(name)
            yield f"{f'{name} = {text.text}':{COMMENT}}  # {described(operation)}"

    def is_inline(self, operation: Operation, text: Expression) -> bool:
        """Tell whether an operation is written where its result is used."""
        if operation.name is not None or operation in self.returned or is_random(operation):
            return False
        if operation.function in VIEWS and len(text.text) <= 24:
            return True
        return self.users[operation] == 1 and len(text.text) <= LINE // 2

    def expressed(self, operation: Operation) -> Expression:
        """Write one operation."""
        body = body_of(operation)
        if body is not None:
            operands = (x for x in operation.arguments if not isinstance(x, Literal))
            given = ", ".join(self.operand(operation)(x).text for x in operands)
            return Expression(f"{self.helper(operation, body)}({given})")
        if not is_written_in_numpy(operation) and operation.primitive not in self.functions:
            self.functions[operation.primitive] = self.defined(operation.primitive.evaluate)
        return expression(operation, self.operand(operation), self.functions)

    def helper(self, operation: Operation, body: Program) -> str:
        """Write down the body of a function, and name it; calls with the same body share it."""
        parameters = [(x.name or "x", x) for x in body.inputs]
        inner = Rendering(body, Signature("", parameters, [], body.outputs[0]))
        inner.names.taken |= self.helpers.keys() | {"scipy"}
        lines = [line.partition("  # ")[0].rstrip() for line in inner.body()]
        if len(lines) > 1 and lines[-1] == f"return {lines[-2].partition(' = ')[0]}":
            lines[-2:] = [f"return {lines[-2].partition(' = ')[2]}"]
        name = self.names.given((operation.primitive, tuple(lines)), readable(operation.function).rpartition(".")[2])
        self.helpers[name] = "\n    ".join([f"def {name}({inner.parameters()}):", *lines])
        return name

    def operand(self, operation: Operation) -> Any:
        """Make what writes the operands of an operation."""

        def write(x: Any) -> Expression:
            if not isinstance(x, Value):
                return self.named(x)
            if not isinstance(x, Literal):
                return self.texts[x]
            if isinstance(x.data, np.ndarray):
                return self.literal_array(x)
            return literal_number(x, operation)

        return write

    def literal_array(self, x: Literal) -> Expression:
        """Write an array that is part of the program: a large one before the function."""
        key = (x.data.dtype.str, x.shape, x.data.tobytes())
        if key not in self.arrays:
            text = array_text(x.data)
            if x.size <= SMALL or text.startswith("np.full"):
                self.arrays[key] = Expression(text)
            else:
                name = self.names.given(key, x.name or "K")
                self.constants.append(f"{name} = {text}" if x.size <= 10_000 else encoded(name, x.data))
                self.arrays[key] = Expression(name)
        return self.arrays[key]

    def defined(self, function: Any) -> str:
        """Write down a function that NumPy does not have, or leave it to who runs the program, and name it."""
        try:
            self.helpers.update(definitions(function, self.names))
        except NoSource:
            self.unwritten[self.names.given(inner(function), inner(function).__name__)] = function
        return self.names.of[inner(function)]

    def named(self, x: Any) -> Expression:
        """Name what has no text: a function, or something that is left to who runs the program."""
        if isinstance(x, FunctionType):
            return Expression(self.defined(x))
        name = self.names.given(("thing", id(x)), type(x).__name__.lower())
        self.unwritten[name] = x
        return Expression(name)

    def nest(self, result: Any) -> str:
        """Write what is returned."""
        if isinstance(result, Literal):
            return array_text(result.data) if result.shape else number_of(result)
        if isinstance(result, Input) and result.shape:
            return f"{self.texts[result].text}.copy()"
        if isinstance(result, Value):
            return self.texts[result].text
        if isinstance(result, dict):
            return "{" + ", ".join(f"{key!r}: {self.nest(part)}" for key, part in result.items()) + "}"
        if hasattr(result, "_fields"):
            return f"({', '.join(map(self.nest, result))},)"
        if isinstance(result, tuple):
            return (
                f"({', '.join(map(self.nest, result))}{',' * (len(result) == 1)})"
                if len(result) != 2
                else ", ".join(map(self.nest, result))
                if result is self.signature.result
                else f"({', '.join(map(self.nest, result))})"
            )
        if isinstance(result, list):
            return f"[{', '.join(map(self.nest, result))}]"
        return written(result, self.named)


VIEWS = frozenset({np.transpose, np.reshape})


def inner(evaluate: Any) -> Any:
    """Find the function that was written, under what was put around it."""
    return inspect.unwrap(evaluate)


def described(operation: Operation) -> str:
    """Say the shape, and the dtype if it is not float64."""
    shape = str(operation.shape) if operation.shape else "a number"
    return shape if operation.dtype == np.float64 else f"{shape} {operation.dtype}"


def literal_number(x: Literal, operation: Operation) -> Expression:
    """Write a number: with its dtype only where the result would have another without."""
    text = number(x.data)
    # SciPy's functions compute in double precision with Python's numbers.
    is_numpys = isinstance(operation.function, np.ufunc) and readable(operation.function).startswith("np.")
    takes_numbers = is_numpys or operation.function is np.where
    strong = [y.dtype for y in operation.operands() if takes_numbers and not y.weak and not isinstance(y, Literal)]
    if not x.weak and not (strong and np.result_type(*strong) == operation.dtype == np.result_type(x.dtype, *strong)):
        return Expression(number_of(x))
    if not x.weak and x.dtype.kind != "f":
        return Expression(number_of(x))
    return Expression(text, ATOM if not text.startswith("-") else 70)


def number_of(x: Literal) -> str:
    """Write a number with its dtype."""
    return number(x.data) if x.weak else f"np.{x.dtype}({number(x.data)})".replace("np.bool(", "np.bool_(")


def array_text(data: Any) -> str:
    """Write an array; one whose elements are all the same by that element."""
    first = data.flat[0] if data.size else 0
    if data.size > 1 and data.tobytes() == np.full_like(data, first).tobytes():
        return f"np.full({data.shape}, {number(first)}, np.{data.dtype})".replace("np.bool)", "np.bool_)")
    return written(data, lambda _: Expression(""))


def encoded(name: str, data: Any) -> str:
    """Write a large array as its bytes."""
    return (
        f"{name} = np.frombuffer(bytes.fromhex({np.ascontiguousarray(data).tobytes().hex()!r}), np.{data.dtype})"
        f".reshape({data.shape})"
    )
