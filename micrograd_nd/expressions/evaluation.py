"""An expression computed with Tensors, step by step, within limits that hold before anything is computed."""

import unicodedata
import warnings
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from micrograd_nd.assemble import array
from micrograd_nd.expressions.errors import ExpressionError
from micrograd_nd.expressions.grammar import read
from micrograd_nd.expressions.program import Call, Input, Number, Program, Row, Step
from micrograd_nd.expressions.refusals import refused_name
from micrograd_nd.tensor import Tensor

__all__ = ["Evaluation", "evaluate"]

MOST_WORK = 1_000_000
MOST_AXES = 32


class Evaluation(NamedTuple):
    """What an expression gave.

    Attributes
    ----------
    result : Tensor
        The value of the last part; J unless it has a name. A constant where no derivative leads to a value.
    inputs : dict
        From the names of the values that it uses to their Tensors, in the order in which the values were given.
    named : dict
        From the names of its parts to theirs, in the order of computation.
    unused : tuple of str
        Names of values and parts that are not used.
    notes : tuple of str
        Which operation was the first to give infinity, or no number.
    """

    result: Tensor
    inputs: dict[str, Tensor]
    named: dict[str, Tensor]
    unused: tuple[str, ...]
    notes: tuple[str, ...]


def evaluate(expression: str, values: Mapping[str, ArrayLike]) -> Evaluation:
    """Compute an expression, so that derivatives can be taken of it and it can be drawn.

    Parameters
    ----------
    expression : str
        Numbers, names, ``+ - * / // % ** @``, comparisons, lists, indices, and calls of functions, NumPy's and this
        library's own, by their names; parts with names, as in ``"u = b*c; J = 3*(a + u)"``. The constants are pi and e.
        All numbers are float64, and a list is an array.
    values : mapping
        From names to real numbers and arrays of them, of any shape.

    Returns
    -------
    Evaluation

    Raises
    ------
    ExpressionError
        For anything else in it, for shapes that do not fit, and for more than a million elements to compute. The
        message has the place.
    TypeError, ValueError
        For a value that is no real number or array of them, or a name that is none.

    Examples
    --------
    >>> found = evaluate("sum(w * x) + b", {"w": [0.5, -1.0], "x": [2.0, 3.0], "b": 4})
    >>> found.result.backward()
    >>> found.result.item(), found.inputs["w"].grad
    (2.0, array([2., 3.]))
    >>> evaluate("log(x)", {"x": -1}).notes
    ('log(x) is nan',)
    """
    tensors = {unicodedata.normalize("NFKC", name): leaf(name, value) for name, value in values.items()}
    if len(tensors) < len(values):
        raise ValueError(f"two of {', '.join(values)} are one name: letters that look different are not always")
    program = read(expression, tensors)
    with np.errstate(all="ignore"), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of infinities and means of nothing: the notes tell of these
        run = Run(program, tensors)
        for index, step in enumerate(program.steps):
            run.compute(index, step)
    names = {*tensors, *program.named}
    return Evaluation(
        run.result(names),
        {name: tensor for name, tensor in tensors.items() if name in program.inputs},
        {name: run.values[index] for name, index in program.named.items()},
        tuple(name for name in (*tensors, *program.named) if name not in program.used),
        tuple(run.notes),
    )


def leaf(name: str, value: ArrayLike) -> Tensor:
    """Make the Tensor of a value."""
    if not name.isidentifier():
        raise ValueError(f"a value has a name such as x or W1; got {name!r}")
    if message := refused_name(name):
        raise ValueError(message)
    numbers = np.array(value)
    if numbers.dtype.kind not in "iuf":
        raise TypeError(f"{name} is a real number or an array of them; got dtype {numbers.dtype}")
    if numbers.size > MOST_WORK:
        raise ValueError(f"{name} has {numbers.size} elements, more than the {MOST_WORK:,} that are computed with")
    return Tensor(numbers.astype(np.float64), name=name)


class Run:
    """The values of the steps so far, and how much was computed for them."""

    def __init__(self, program: Program, tensors: Mapping[str, Tensor]) -> None:
        self.program = program
        self.tensors = tensors
        self.values: list[Any] = []
        self.notes: list[str] = []
        self.work = 0
        self.names: dict[int, str] = {}
        for name, index in program.named.items():
            self.names.setdefault(index, name)

    def compute(self, index: int, step: Step) -> None:
        """Compute one step, and name what it gives."""
        value = self.value_of(step)
        if (name := self.names.get(index)) and not isinstance(step, Input):
            value = value if isinstance(value, Tensor) else Tensor(value, requires_grad=False)
            value.name = name
        self.values.append(value)

    def value_of(self, step: Step) -> Any:
        """Compute one step."""
        if isinstance(step, Number):
            return step.value
        if isinstance(step, Input):
            return self.tensors[step.name]
        if isinstance(step, Row):
            return self.row(step, [self.values[i] for i in step.elements])
        return self.call(step, [self.values[i] for i in step.arguments])

    def row(self, step: Row, elements: list[Any]) -> Any:
        """Put a list together."""
        shapes = [np.shape(x) for x in elements]
        for shape in shapes:
            if shape != shapes[0]:
                raise self.error(f"the elements of a list have one shape; here are {shapes[0]} and {shape}", step.start)
        if elements and len(shapes[0]) >= MOST_AXES:
            raise self.error(f"an array has at most {MOST_AXES} axes", step.start)
        self.charge(sum(map(np.size, elements)), step.start, step.written)
        if any(isinstance(x, Tensor) for x in elements):
            return array(elements)
        return np.array(elements)

    def call(self, step: Call, arguments: list[Any]) -> Any:
        """Apply a function within what may still be computed."""
        self.charge(step.function.work([np.shape(x) for x in arguments], step.options), step.at, step.written)
        try:
            value = step.function.apply(arguments, step.options)
        except (ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
            raise self.error(reason(error, arguments), step.at) from None
        if not self.notes and not finite(value) and all(map(finite, arguments)):
            self.notes.append(f"{written(step.written)} is {described(value)}")
        return value

    def charge(self, work: int, at: int, text: str) -> None:
        """Count what is going to be computed, and refuse too much of it."""
        self.work += work
        if self.work > MOST_WORK:
            raise self.error(f"{written(text)} would be too much: at most {MOST_WORK:,} elements are computed", at)

    def error(self, message: str, at: int) -> ExpressionError:
        """Make the error of a step."""
        return self.program.source.error(message, at)

    def result(self, names: set[str]) -> Tensor:
        """Return the last part, as a Tensor that has a name."""
        value = self.values[self.program.result]
        tensor = value if isinstance(value, Tensor) else Tensor(value, requires_grad=False)
        if tensor.name is None:
            tensor.name = next(name for name in ("J", "result", "J′") if name not in names)
        return tensor


def finite(value: Any) -> bool:
    """Tell whether all elements are numbers."""
    return bool(np.all(np.isfinite(array_of(value))))


def described(value: Any) -> str:
    """Say what is not finite."""
    numbers = array_of(value)
    if numbers.size == 1:
        return f"{numbers.item()}"
    return f"infinite or no number in {np.count_nonzero(~np.isfinite(numbers))} of {numbers.size} elements"


def array_of(value: Any) -> Any:
    """Return the array of a Tensor, or what is one already."""
    return value.numpy() if isinstance(value, Tensor) else np.asarray(value)


def reason(error: Exception, arguments: list[Any]) -> str:
    """Put an error of NumPy's or the engine's in one line, with the shapes."""
    text = " ".join(str(error).split())
    shapes = " and ".join(str(np.shape(x)) for x in arguments)
    if "core dimension" in text:
        return f"matrices of the shapes {shapes} have no product: the columns of one are the rows of the next"
    return text if "shapes" in text or not arguments else f"{cut(text)}; the shapes here: {shapes}"


def written(text: str) -> str:
    """Cut what was written where it is long."""
    return text if len(text) <= 40 else text[:39] + "…"


def cut(text: str) -> str:
    """Cut a message where it is long."""
    return text if len(text) <= 160 else text[:159] + "…"
