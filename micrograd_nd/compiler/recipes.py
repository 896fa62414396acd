"""Recipes: what is made of a program before it meets any arrays. One that was made before is used again.

Training the same network on another fold traces its step anew, and finds that what was traced is known.
"""

import builtins
import functools
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from contextlib import suppress
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.compiler.fast import OUTPUT, FastText
from micrograd_nd.compiler.lowering import lowered
from micrograd_nd.compiler.native import failures, numba
from micrograd_nd.compiler.passes import laid_out, optimised
from micrograd_nd.compiler.planning import fastest, is_faster
from micrograd_nd.compiler.program import Literal, Operation, Program, Value
from micrograd_nd.compiler.randomness import is_random
from micrograd_nd.compiler.repeating import steps_of
from micrograd_nd.primitives import registry

__all__ = ["RECIPES", "Recipe", "Recipes", "defined", "recipe"]

# Kept are so many, of programs of so many operations, with constants of so many bytes, given and computed.
MOST = 32
MOST_OPERATIONS = 2000
MOST_BYTES = 2**20

# What a function returns beside arrays, and can be told from others by its value.
PLAIN = (bool, int, float, str, type(None))


class Recipe:
    """A program as it runs.

    Attributes
    ----------
    program : Program
        What the passes made of the one that was traced.
    fast : FastText
        Its text.
    bind : callable
        Makes the memory that it runs in, and returns the function that runs there.
    state : list of int
        Which inputs are state.
    """

    def __init__(
        self, program: Program, form: Any, name: str, inputs: Sequence[Any], measure: bool, native: bool
    ) -> None:
        self.program = laid_out(optimised(program), fastest if measure else None)
        self.state = [i for i, x in enumerate(self.program.inputs) if x in set(self.program.kept.values())]
        self.fast = FastText(lowered(self.program), form)
        self.bind = defined(self.fast.source, self.fast.names, name)["bind"]
        if native:
            self.try_native(form, name, inputs)

    def try_native(self, form: Any, name: str, inputs: Sequence[Any]) -> None:
        """Let numba compile the elementwise runs, if there are any, numba is there, and the program is faster then."""
        long = any(len(cluster.members) > 1 for cluster in self.fast.clusters)
        if not long or numba() is None or any(map(is_random, self.program.operations)):
            return
        native = FastText(self.fast.program, form, native=True)
        if not native.kernels:
            return
        bind = defined(native.source, native.names, name)["bind"]
        with suppress(*failures()):
            if is_faster(self.trial(bind, inputs), self.trial(self.bind, inputs)):
                self.fast, self.bind = native, bind

    def trial(self, bind: Callable[[], Any], inputs: Sequence[Any]) -> Callable[[], Any]:
        """Make a call of the program that leaves all that is not its own as it is."""
        bound, inputs = bind(), list(inputs)
        if self.state:
            bound.load(*(inputs[i] for i in self.state))
            for i, x in zip(self.state, bound.own, strict=True):
                inputs[i] = x
        return functools.partial(bound, *inputs)


class Recipes:
    """The latest recipes, by what they were made of.

    They depend on nothing else, so that one who finds a recipe here cannot tell it from a new one.
    """

    def __init__(self) -> None:
        self.kept: OrderedDict[Hashable, Recipe] = OrderedDict()
        self.changing = threading.Lock()

    def get(self, key: Hashable) -> Recipe | None:
        """Find a recipe."""
        with self.changing:
            found = self.kept.get(key)
            if found is not None:
                self.kept.move_to_end(key)
            return found

    def keep(self, key: Hashable, made: Recipe) -> None:
        """Keep a recipe, and forget the one that was not asked for longest."""
        with self.changing:
            self.kept[key] = made
            if len(self.kept) > MOST:
                self.kept.popitem(last=False)

    def clear(self) -> None:
        """Forget all."""
        with self.changing:
            self.kept.clear()


RECIPES = Recipes()


def recipe(program: Program, form: Any, name: str, inputs: Sequence[Any], measure: bool, native: bool) -> Recipe:
    """Find or make the recipe of a program.

    Parameters
    ----------
    program : Program
        As it was traced.
    form : tree
        What is returned, with OUTPUT in the places of what the program computes.
    name : str
        What to call its function.
    inputs : sequence of array
        Values of its inputs, to measure with.
    measure, native : bool
        As for `compile`.
    """
    key = key_of(program, form, (name, measure, native))
    made = None if key is None else RECIPES.get(key)
    if made is None:
        made = Recipe(program, form, name, inputs, measure, native)
        if key is not None and nbytes_of(made.fast.names.values()) <= MOST_BYTES:
            RECIPES.keep(key, made)
    return made


def key_of(program: Program, form: Any, settings: Hashable) -> Hashable | None:
    """Tell a program from all that are not the same, names included; None of what is not worth keeping."""
    operations = program.operations
    if len(operations) > MOST_OPERATIONS or not all(map(is_lasting, operations)):
        return None
    if not is_plain(form) or any(map(is_users, constants_of(program))):
        return None
    literals = [x for operation in operations for x in operation.operands() if isinstance(x, Literal)]
    if nbytes_of(x.data for x in set(literals)) > MOST_BYTES:
        return None
    number = {x: i for i, x in enumerate(program.inputs)}
    return (
        settings,
        tuple((x.name, x.shape, x.dtype, x.weak, x.layout) for x in program.inputs),
        steps_of(program),
        tuple((x.name, x.layout) for x in operations),
        tuple(x.name for x in literals),
        tuple((i, number[x]) for i, x in program.kept.items()),
        described(form),
    )


def is_lasting(operation: Operation) -> bool:
    """Tell an operation that holds nothing of a user's that would be kept with it: a function, a generator."""
    known = registry.get(operation.function) is operation.primitive
    return known and not any(callable(x) and not isinstance(x, type) for x in tree.leaves(operation.options))


def is_users(operation: Operation) -> bool:
    """Tell an operation whose function is a user's, and may be another tomorrow."""
    return hasattr(operation.function, "__primitive_body__")


def constants_of(program: Program) -> Iterator[Operation]:
    """List operations that depend on no input, whose results are computed when the recipe is made."""
    varying: set[Value] = set(program.inputs)
    for operation in program.operations:
        if varying.isdisjoint(operation.operands()):
            yield operation
        else:
            varying.add(operation)


def nbytes_of(things: Iterable[Any]) -> int:
    """Count the bytes of arrays and numbers; other things have none."""
    return sum(np.asarray(x).nbytes for x in things if isinstance(x, np.ndarray | np.generic | float | complex))


def is_plain(form: Any) -> bool:
    """Tell what a function returns from what holds something of a user's, or an array that is the same every time."""
    if isinstance(form, dict):
        return all(type(key) in PLAIN for key in form) and all(map(is_plain, form.values()))
    if isinstance(form, tuple | list):
        return all(map(is_plain, form))
    return form is OUTPUT or type(form) in PLAIN


def described(form: Any) -> Any:
    """Describe what a function returns, such that 1, 1.0 and True are three things, also as keys."""
    if isinstance(form, dict):
        return (type(form), *((described(key), described(part)) for key, part in form.items()))
    if isinstance(form, tuple | list):
        return (type(form), *map(described, form))
    return form if form is OUTPUT else (type(form), repr(form))


def defined(source: str, names: dict[str, Any], name: str) -> dict[str, Any]:
    """Run the text of definitions."""
    namespace = dict(names)
    exec(builtins.compile(source, f"<{name}, compiled>", "exec"), namespace)  # noqa: S102 - text of our own making
    return namespace
