"""The fast rendering: the same steps as in the clear one, written into memory that is used again.

It is a function ``bind``, which makes the memory and returns the program bound to it: every thread has one of its own.
"""

import operator
from collections.abc import Iterator
from typing import Any

import numpy as np

from micrograd_nd.compiler.aliasing import (
    REDUCTIONS,
    base,
    is_fresh,
    is_view,
    joins,
    pieces_of,
    touches,
    writes_into,
)
from micrograd_nd.compiler.clusters import steps
from micrograd_nd.compiler.entry import Foreign
from micrograd_nd.compiler.expressions import ATOM, SIGN, Expression, expression, is_written_in_numpy, number, text_of
from micrograd_nd.compiler.memory import aligned, lies_in
from micrograd_nd.compiler.naming import Names
from micrograd_nd.compiler.native import jit
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value
from micrograd_nd.compiler.runs import run_written
from micrograd_nd.compiler.storage import Place, is_at_home, is_in_order, slots, storage
from micrograd_nd.compiler.threads import share, shares
from micrograd_nd.primitives import readable

__all__ = ["OUTPUT", "FastText"]


# Names that the text itself uses.
RESERVED = (
    "np",
    "scipy",
    "Foreign",
    "aligned",
    "bind",
    "jit",
    "lies_in",
    "run",
    "load",
    "share",
    "shares",
    "first",
    "last",
    "start",
    "stop",
    "slice",
    "range",
    "min",
    "float",
    "complex",
)


class Output:
    """Stands, in the form of a result, for what the program computes."""


OUTPUT = Output()


class FastText:
    """The text of a program that uses its memory again.

    Attributes
    ----------
    source : str
        Defines ``bind()``, which returns a function from the inputs, one by one, to the result.
    names : dict
        Arrays and functions that the text names.
    """

    def __init__(self, program: Program, result: Any, native: bool = False) -> None:
        self.program = program
        self.result = result
        self.native = native
        self.kernels: list[str] = []
        self.state = [x for x in program.inputs if x in program.kept.values()]
        self.clusters = steps(program)
        self.places, self.sizes, self.lent, self.updated = storage(program, self.clusters)
        self.names: dict[str, Any] = {
            "np": np,
            "Foreign": Foreign,
            "aligned": aligned,
            "jit": jit,
            "lies_in": lies_in,
            "share": share,
            "shares": shares,
        }
        self.given = Names(RESERVED)
        self.texts: dict[Value, Expression] = {}
        self.functions: dict[Any, str] = {}
        self.aliases: dict[str, str] = {}
        self.arrays: dict[str, str] = {}
        self.setup: list[str] = []
        self.body: list[str] = []
        self.source = self.text()

    def text(self) -> str:
        """Write everything."""
        memory = [f"m{i} = aligned({nbytes})" for i, nbytes in enumerate(self.sizes)]
        for i in range(len(self.sizes)):
            self.given.take(f"m{i}")
        inputs = ", ".join([self.parameter(x) for x in self.program.inputs])
        self.body.extend(self.guards())
        for cluster in self.clusters:
            if len(cluster.members) == 1 or not run_written(self, cluster):
                for operation in cluster.members:
                    self.write(operation)
        results = list(self.results())
        if self.program.updates:
            self.move_on(results)
        self.body.append(f"return {self.nest(self.result, iter(results))}")
        aliases = [f"{alias} = {name}" for alias, name in self.aliases.items()]
        lines = [
            "def bind():",
            *(f"    {line}" for line in (*aliases, *memory, *self.setup)),
            f"    def run({inputs}):",
        ]
        ending = [f"    {line}" for line in (*self.loading(), "return run")]
        bind = "\n".join([*lines, *(f"        {line}" for line in self.body), *ending]) + "\n"
        return "\n\n\n".join([*self.kernels, bind])

    def move_on(self, results: list[str]) -> None:
        """Write how what is state gets its new values, where these were not written over the old ones.

        What is returned is taken out before; so are new values that are old ones of other state.
        """
        state = {*self.state, *(x for old, _ in self.program.updates for x in (old, *pieces_of(old)))}
        for j, x in enumerate(self.program.outputs):
            if j not in self.program.kept and x.shape:
                name = self.given.given(object(), "result")
                self.body.append(f"{name} = {results[j]}")
                results[j] = name
        copies = []
        for old, new in self.program.updates:
            if new in self.updated and self.places[new].host is old:
                continue
            pieces = {old, *pieces_of(old)}
            pairs = [(old, new)]
            if not is_at_home(old, self.places):
                pairs = [(x, self.program.outputs[i]) for i, x in self.program.kept.items() if x in pieces]
            for place, value in pairs:
                text = self.operand(value, None).text
                if touches(new, state, self.lent):
                    name = self.given.given(object(), "moved")
                    self.body.append(f"{name} = {text}.copy()")
                    text = name
                copies.append(f"{self.alias('np.copyto')}({self.static(place)}, {text})")
        self.body.extend(copies)

    def parameter(self, x: Input) -> str:
        """Name a parameter; what is state has a place, and is given as what lies there."""
        wish = x.name or "x"
        if x not in self.state:
            name = self.given.given(x, wish)
            self.texts[x] = Expression(name)
            return name
        self.static(x)
        return self.given.given((x, "given"), f"{wish}_given")

    def guards(self) -> Iterator[str]:
        """Write what has to be true of the arguments: state is the program's own, and nothing else lies in there."""
        if not self.state:
            return
        same = " and ".join(f"{self.given.of[x, 'given']} is {self.static(x)}" for x in self.state)
        yield f"if not ({same}): raise Foreign"
        memory = ", ".join(f"m{i}" for i in sorted({self.memory_of(x) for x in self.state}))
        for x in self.program.inputs:
            if x not in self.state and x.shape:
                name = self.texts[x].text
                yield f"if {name}.base is not None and lies_in({name}, ({memory},)): {name} = {name}.copy()"

    def loading(self) -> Iterator[str]:
        """Write how state from elsewhere is copied to its place."""
        if not self.state:
            return
        given = [self.given.of[x, "given"] for x in self.state]
        yield f"def load({', '.join(given)}):"
        for x, name in zip(self.state, given, strict=True):
            yield f"    {self.static(x)}[...] = {name}"
        yield "run.load = load"
        yield f"run.own = ({', '.join(map(self.static, self.state))},)"

    def memory_of(self, x: Value) -> int:
        """Find the piece of memory that a value lies in."""
        place = self.places[x]
        while place.memory is None:
            place = self.places[place.host]  # type: ignore[index]
        return place.memory

    def nest(self, form: Any, results: Iterator[str]) -> str:
        """Write what is returned, in its form."""
        if form is None:
            return "None"
        if isinstance(form, dict):
            parts = [f"{self.thing(key)}: {self.nest(part, results)}" for key, part in form.items()]
            return (
                f"{{{', '.join(parts)}}}" if type(form) is dict else f"{self.thing(type(form))}({{{', '.join(parts)}}})"
            )
        if isinstance(form, tuple | list):
            parts = [self.nest(part, results) for part in form]
            if type(form) is list:
                return f"[{', '.join(parts)}]"
            text = f"({', '.join(parts)}{',' * (len(parts) == 1)})"
            if hasattr(form, "_fields"):
                return f"{self.thing(type(form))}(*{text})"
            return text if type(form) is tuple else f"{self.thing(type(form))}({text})"
        return next(results) if isinstance(form, Output) else self.thing(form)

    def thing(self, x: Any) -> str:
        """Write something that is no array."""
        if type(x) in (str, int, bool):
            return repr(x)
        if isinstance(x, np.ndarray):
            return f"{self.bound(x)}.copy()"
        return self.bound(x)

    def bound(self, x: Any) -> str:
        """Name a thing that has no text."""
        name = self.given.given(object(), "thing")
        self.names[name] = x
        return name

    def results(self) -> Iterator[str]:
        """Write what is returned: arrays of the caller's own, and the state."""
        seen: set[Any] = set()
        for i, x in enumerate(self.program.outputs):
            whole = base(x)
            if i in self.program.kept:
                yield self.static(self.program.kept[i])
            elif x.shape == () or (whole not in seen and self.is_its_own(x, whole)):
                yield self.operand(x, None).text
            else:
                yield f"{self.operand(x, None).text}.copy()"
            seen.add(whole)

    def is_its_own(self, x: Value, whole: Any) -> bool:
        """Tell an array that nobody else can have: made anew, or all of what was, in another form."""
        if not (isinstance(whole, Operation) and is_fresh(whole) and whole not in self.places):
            return False
        while isinstance(x, Operation) and x.function in (np.transpose, np.reshape) and is_view(x):
            (x,) = x.arguments
        return x is whole

    def static(self, x: Value) -> str:
        """Name the array that a value always has, and write how it is made."""
        if x in self.texts:
            return self.texts[x].text
        place = self.places[x]
        if place.memory is not None:
            nbytes = x.size * x.dtype.itemsize
            text = f"m{place.memory}[:{nbytes}].view({dtype_text(x.dtype)}){in_shape(x, place)}"
        else:
            text = self.static(place.host)  # type: ignore[arg-type]
            if place.slot != "...":
                text = f"{text}[{place.slot}]{in_shape(x, place)}"
        name = text if text.isidentifier() else self.arrays.get(text)  # one name for what lies in the same place
        if name is None:
            name = self.arrays[text] = self.given.given(x, getattr(x, "name", None) or "")
            self.setup.append(f"{name} = {text}")
        self.texts[x] = Expression(name)
        return name

    def write(self, operation: Operation) -> None:
        """Write one operation: as a statement, or as the making of a view."""
        if is_view(operation):
            if base(operation) not in self.places:  # a view of memory that stays is made where it is needed
                self.write_view(operation)
        elif operation in self.places:
            out = self.static(operation)
            self.body.extend(self.joining(operation, out) if joins(operation) else [self.statement(operation, out)])
        else:
            by_call = writes_into(operation) or (operation.shape == () and is_plain_sum(operation))
            text = self.statement(operation, "") if by_call else self.expressed(operation).text
            name = self.given.given(operation, operation.name or "")
            self.texts[operation] = Expression(name)
            self.body.append(f"{name} = {text}")

    def joining(self, whole: Operation, out: str) -> Iterator[str]:
        """Write the parts of a whole that are not there yet; those that never change once and for all."""
        for part, index in zip(whole.arguments, slots(whole), strict=True):
            place = self.places.get(base(part))
            if place is not None and place.host is whole and place.slot == index:
                continue
            if isinstance(part, Literal):
                self.setup.append(f"{out}[{index}] = {self.operand(part, whole).text}")
            else:
                slot = self.given.given(object(), f"{part.name or 'part'}_slot")
                self.setup.append(f"{slot} = {out}[{index}]")
                yield f"{slot}[...] = {self.operand(part, whole).text}"

    def write_view(self, operation: Operation) -> None:
        """Write a view: before the program where the memory stays the same, else in it."""
        whole = base(operation)
        if whole in self.places:
            self.static(whole)
        text = self.expressed(operation)
        name = self.given.given(operation, operation.name or "")
        (self.setup if whole in self.places else self.body).append(f"{name} = {text.text}")
        self.texts[operation] = Expression(name)

    def statement(self, operation: Operation, out: str) -> str:
        """Write the call of a ufunc or of a reduction, with the array that it writes into."""
        function = operation.function
        if function in REDUCTIONS:
            (x,) = operation.arguments
            axis, keepdims = operation.options.get("axis"), operation.options.get("keepdims", False)
            if isinstance(axis, tuple) and len(axis) == 1:
                (axis,) = axis
            call = self.alias(f"{REDUCTIONS[function]}.reduce")
            return f"{call}({self.operand(x, operation).text}, {axis!r}, None, {out or None}, {bool(keepdims)})"
        ufunc = function
        if function is np.matmul and self.is_dot(operation, out):
            ufunc = np.dot
        texts = [self.operand(x, operation).text for x in operation.arguments]
        if out:
            texts.append(f"out={out}" if ufunc in (np.maximum, np.minimum) else out)
        return f"{self.alias(text_of(ufunc))}({', '.join(texts)})"

    def is_dot(self, product: Operation, out: str) -> bool:
        """Tell where np.dot gives the bits of np.matmul: it starts in half the time.

        But it needs its output in order, and copies matrices that are cut out of wider ones.
        """
        x, y = product.operands() * (3 - len(product.operands()))
        if not x.ndim == y.ndim == 2 or not x.dtype == y.dtype == product.dtype:
            return False
        if product.shape[1] == 1 and not (x in self.places and is_in_order(x, self.places)):
            return False
        if product.dtype.kind != "f" or (out and not is_in_order(product, self.places)):
            return False
        return x.shape[1] == 1 or not (self.is_cut(x) or self.is_cut(y))

    def is_cut(self, x: Any) -> bool:
        """Tell a matrix, or its transpose, that is known to be some columns of a wider one."""
        while isinstance(x, Operation) and x.function is np.transpose:
            (x,) = x.arguments
        if isinstance(x, Operation) and is_view(x):
            return x.function is operator.getitem and isinstance(x.options["index"], tuple)
        return x in self.places and not is_in_order(x, self.places) and not self.places[x].turned

    def alias(self, name: str) -> str:
        """Name a function of NumPy by a variable, which Python finds faster than an attribute."""
        short = name.removeprefix("np.").replace(".", "_")
        while short in self.given.taken and self.aliases.get(short) != name:
            short = f"np_{short}"
        self.aliases[short] = name
        self.given.take(short)
        self.need_scipy(name)
        return short

    def dtype(self, dtype: np.dtype[Any]) -> str:
        """Write a dtype."""
        return dtype_text(dtype)

    def need_scipy(self, text: str) -> None:
        """Let the text name SciPy."""
        if text.startswith("scipy."):
            import scipy.special

            self.names["scipy"] = scipy

    def expressed(self, operation: Operation) -> Expression:
        """Write an operation as in the clear rendering."""
        primitive = operation.primitive
        if not is_written_in_numpy(operation) and primitive not in self.functions:
            name = self.given.given(primitive, readable(primitive.function).rpartition(".")[2])
            self.functions[primitive] = name
            self.names[name] = primitive.evaluate
        self.need_scipy(readable(operation.function))
        if operation.function is np.vdot:
            self.functions[primitive] = self.alias("np.vdot")
        return expression(operation, lambda x: self.operand(x, operation), self.functions)

    def operand(self, x: Any, operation: Operation | None) -> Expression:
        """Write an operand; literals are arrays and numbers that the program is bound to."""
        if not isinstance(x, Value):  # a function, or anything else that has no text
            name = self.given.given(("thing", id(x)), type(x).__name__.lower())
            self.names[name] = x
            return Expression(name)
        if isinstance(x, Operation) and x not in self.texts and is_view(x):
            self.write_view(x)
        if x in self.texts:
            return self.texts[x]
        if not isinstance(x, Literal):
            return Expression(self.static(x))
        if not x.weak:
            return self.literal(x, x.data)
        if operation is not None and writes_into(operation) and operation.function not in (np.power, np.float_power):
            strong = {y.dtype for y in operation.operands() if not y.weak}
            if len(strong) == 1:
                (dtype,) = strong
                # An array of no axes is taken as it is, where a number has to be converted at every call.
                converted = np.asarray(x.data, dtype) if dtype.kind == "f" and type(x.data) in (int, float) else np.nan
                if np.isfinite(converted) and is_read_as(x, operation, dtype):
                    return self.literal(x, converted)
        text = number(x.data)
        return Expression(text, SIGN if text.startswith("-") else ATOM)

    def literal(self, x: Literal, data: Any) -> Expression:
        """Bind a literal to a name."""
        key = (type(data), data.dtype.str, data.shape, data.tobytes())
        name = self.given.given(key, x.name or "c")
        self.names[name] = data
        return Expression(name)


def is_read_as(x: Literal, operation: Operation, dtype: np.dtype[Any]) -> bool:
    """Tell whether a ufunc reads a Python number in a dtype, and not as an order, an exponent or the like."""
    ufunc: Any = operation.function
    kinds = [type(y.data) if isinstance(y, Literal) and y.weak else y.dtype for y in operation.arguments]
    read = ufunc.resolve_dtypes((*kinds, None))
    return all(found == dtype for found, y in zip(read, operation.arguments, strict=False) if y is x)


def is_plain_sum(operation: Operation) -> bool:
    """Tell a reduction to a number."""
    known = operation.function in REDUCTIONS and len(operation.arguments) == 1
    return known and not operation.options.keys() - {"axis", "keepdims"}


def in_shape(x: Value, place: Place) -> str:
    """Write how elements in order become an array."""
    return f".reshape({x.shape[::-1]}).T" if place.turned else f".reshape({x.shape})"


def dtype_text(dtype: np.dtype[Any]) -> str:
    """Write a dtype."""
    return "np.bool_" if dtype.kind == "b" else f"np.{dtype.name}"
