"""Making: from a function and its arguments to a program that is ready to run."""

import functools
import inspect
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from micrograd_nd import tree
from micrograd_nd.compiler.capture import Captured, capture, is_input
from micrograd_nd.compiler.clear import Signature, Text, rendered
from micrograd_nd.compiler.entry import Entry
from micrograd_nd.compiler.fast import OUTPUT
from micrograd_nd.compiler.passes.merging import identity
from micrograd_nd.compiler.program import Input
from micrograd_nd.compiler.recipes import defined, recipe
from micrograd_nd.compiler.repeating import difference
from micrograd_nd.handle import plain
from micrograd_nd.modes import TraceError
from micrograd_nd.primitives import readable
from micrograd_nd.tensor import Tensor

__all__ = ["Made", "array", "form_of", "kind_of"]

# So many states of one program are kept at hand; older ones are copied when they come back.
MOST = 16


class Made:
    """One program, ready to run.

    Attributes
    ----------
    captured : Captured
        What was traced.
    recipe : Recipe
        What was made of it.
    name : str
        What the program's function is called.
    enter : callable or None
        The quick way in, from a tuple of arguments; it returns MISS for others than the program was made for.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        args: Sequence[Any],
        kwargs: dict[str, Any],
        donate: int | None,
        measure: bool,
        native: bool,
        named: bool = True,
        repeats: bool = False,
    ) -> None:
        traced = capture if repeats else captured_twice
        self.captured: Captured = traced(f, args, kwargs, named)
        program = self.captured.program
        if donate is not None:
            program = replace(program, kept=kept(self.captured, args, donate))
        self.name = name_of(f)
        form = tree.rebuild(self.captured.form, [OUTPUT if x is None else x[0] for x in self.captured.static])
        inputs = [array(x) for x in tree.leaves((args, kwargs)) if is_input(x)]
        inputs += [x.node.out for x in self.captured.closed_over]
        self.recipe = recipe(program, form, self.name, inputs, measure, native)
        outputs = iter(self.recipe.program.outputs)
        self.result = tree.rebuild(
            self.captured.form, [next(outputs) if x is None else x[0] for x in self.captured.static]
        )
        self.signature = signature_of(f, args, kwargs, self.recipe.program.inputs, self.captured, self.result)
        self.idle: list[Any] = [] if self.recipe.state else [self.recipe.bind()]
        self.enter = None if kwargs or self.captured.closed_over else self.entry()

    @functools.cached_property
    def text(self) -> Text:
        """The program, written to be read."""
        return rendered(self.recipe.program, self.signature, f"{self.name}, as a NumPy program.")

    def entry(self) -> Any:
        """Make the quick way into the program."""
        program = self.recipe.program
        entry = Entry([nest for _, nest in self.signature.parameters], program.inputs, set(program.kept.values()))
        if entry.source is None:
            return None
        names = {**entry.names, "idle": self.idle, "bind": self.recipe.bind}
        return defined(entry.source, names, self.name)["enter"]

    def run(self, inputs: list[Any]) -> Any:
        """Run the program."""
        inputs.extend(x.node.out for x in self.captured.closed_over)
        bound = self.taken([inputs[i] for i in self.recipe.state])
        for i, x in zip(self.recipe.state, bound.own if self.recipe.state else (), strict=True):
            inputs[i] = x
        try:
            return bound(*inputs)
        finally:
            self.idle.append(bound)
            if self.recipe.state and len(self.idle) > MOST:
                self.idle.pop(0)

    def taken(self, state: list[Any]) -> Any:
        """Take the program with memory of its own that some state lies in; make one for state from elsewhere."""
        for bound in list(self.idle):
            if not state or all(x is y for x, y in zip(state, bound.own, strict=True)):
                try:
                    self.idle.remove(bound)
                except ValueError:  # another thread was faster
                    continue
                return bound
        bound = self.recipe.bind()
        if state:
            bound.load(*state)
        return bound


def captured_twice(f: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any], named: bool) -> Captured:
    """Trace a function, and refuse one that is not the same the second time."""
    first, second = capture(f, args, kwargs, named), capture(f, args, kwargs, named=False)
    if (reason := difference(first.program, second.program)) or (reason := other_result(first, second)):
        raise TraceError(
            f"{readable(f)} is not the same every time: {reason}. What changes from call to call is passed as an "
            "argument, and random numbers are drawn from mg.default_rng(seed), which a program draws from anew"
        )
    return first


def other_result(first: Captured, second: Captured) -> str | None:
    """Say whether what is returned besides what was computed is another the second time."""
    same = identity(first.static) == identity(second.static) and form_of(first.form) == form_of(second.form)
    return None if same else "it returned something else"


def array(x: Any) -> Any:
    """See an argument as a plain array."""
    x = plain(x)
    return np.asarray(x)[()] if isinstance(x, np.ndarray) and (type(x) is not np.ndarray or not x.ndim) else x


def kept(captured: Captured, args: Sequence[Any], donate: int) -> dict[int, Input]:
    """Find the part of the result that has the form of a donated argument: the new values of the state."""
    if isinstance(donate, bool) or not 0 <= donate < len(args):
        raise ValueError(f"donate={donate} names no positional argument: there are {len(args)}")
    before = sum(1 for x in tree.leaves(args[:donate]) if is_input(x))
    given = list(tree.leaves(args[donate]))
    inputs = captured.program.inputs[before : before + len(given)]
    numbers = iter(range(len(captured.static)))
    result = tree.tree_map(lambda _: next(numbers), captured.form)
    candidates = []
    for part in (result, *result) if isinstance(result, tuple) else (result,):
        found = list(tree.leaves(part))
        if form_of(part) == form_of(args[donate]) and all(captured.static[i] is None for i in found):
            place = {i: sum(x is None for x in captured.static[:i]) for i in found}
            outputs = [captured.program.outputs[place[i]] for i in found]
            if all(x.shape == y.shape and x.dtype == y.dtype for x, y in zip(inputs, outputs, strict=True)):
                # A number is no array to be written to: it goes in and out as any other.
                candidates.append({place[i]: x for i, x in zip(found, inputs, strict=True) if x.shape != ()})
    moved = [found for found in candidates if any(captured.program.outputs[i] is not x for i, x in found.items())]
    if len(moved or candidates) == 1:  # the old state may be returned beside the new
        return (moved or candidates)[0]
    if candidates:
        raise TypeError(
            f"donate={donate}: {len(candidates)} parts of the result have the form of argument {donate}; return its "
            "new values alone or in a tuple, and what else has that form inside of another tuple or dict"
        )
    raise TypeError(
        f"donate={donate} says that argument {donate} is state: the function must return its new values, in a nest of "
        "the same form, shapes and dtypes"
    )


def form_of(nest: Any) -> Any:
    """Describe the form of a nest, to look a program up by it."""
    if isinstance(nest, dict):
        return (dict, *((key, form_of(part)) for key, part in nest.items()))
    if isinstance(nest, tuple | list):
        return (type(nest), *map(form_of, nest))
    return None if nest is None else 0


def kind_of(x: Any) -> Any:
    """Describe a leaf of the arguments: a program is made for shapes and dtypes, and for the value of anything else."""
    if isinstance(x, np.ndarray | np.generic | Tensor):
        return (x.shape, x.dtype)
    return type(x) if type(x) in (float, complex) else (type(x), x)


def signature_of(f: Any, args: Any, kwargs: Any, inputs: Sequence[Input], captured: Captured, result: Any) -> Signature:
    """Find the parameters that the text of a program has."""
    given = iter(inputs)
    nest_args, nest_kwargs = tree.tree_map(lambda x: next(given) if is_input(x) else x, (tuple(args), kwargs))
    try:
        parameters = inspect.signature(f).parameters.values()
        names = [p.name for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    except (TypeError, ValueError):
        names = []
    names = [names[i] if i < len(names) else f"x{i}" for i in range(len(args))]
    closed = [(x.name or "x", x) for x in given]
    return Signature(
        name_of(f),
        list(zip(names, nest_args, strict=True)),
        [*nest_kwargs.items(), *closed],
        result,
    )


def name_of(f: Any) -> str:
    """Find what a program's function is called."""
    name = getattr(f, "__name__", "program")
    return name if name.isidentifier() else "program"
