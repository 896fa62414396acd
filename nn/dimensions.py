"""summary: the table of dimensions of a model, layer by layer, as it is seen to run."""

from collections.abc import Callable, Iterator, Sequence
from copy import deepcopy
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.display import Displayed
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.module import Module, check_model
from micrograd_nd.nn.predictions import parameter_dtype
from micrograd_nd.nn.settings import check_count

__all__ = ["LayerSummary", "Summary", "summary"]

Shape = tuple[int, ...]


@dataclass(frozen=True)
class LayerSummary:
    """A row of the table.

    Attributes
    ----------
    number : int or None
        l; of a module that has none and calls no other, such as an activation, that of the last layer above.
    kind : str
        The class of the module.
    shapes : dict of str to tuple of int
        Of its own parameters, by their names, of what it returned, ``Z`` of a layer with parameters, else ``A``, and
        of the gradients: ``dW``, ``db``.
    parameters : int
        How many numbers its own parameters hold, without those that a row above has.
    activation_bytes : int
        How much memory what it returned takes; 0 where it returned what it was given.
    """

    number: int | None
    kind: str
    shapes: dict[str, Shape]
    parameters: int
    activation_bytes: int


@dataclass(frozen=True, repr=False)
class Summary(Displayed):
    """The dimensions of a model; it prints as a table.

    Attributes
    ----------
    layers : list of LayerSummary
        In the order in which they ran.
    m : int
        How many samples they were run on.
    parameters : int
        How many numbers all parameters hold.
    parameter_bytes, gradient_bytes : int
        How much memory the parameters take, and as much their gradients.
    activation_bytes : int
        How much what all layers return takes, for m samples. What a module of your own computes on the way to that,
        and X, are not counted.
    """

    layers: list[LayerSummary]
    m: int
    parameters: int
    parameter_bytes: int
    gradient_bytes: int
    activation_bytes: int

    def __repr__(self) -> str:
        return "\n".join([*aligned(self.table()), "", *self.totals()])

    def table(self) -> list[list[str]]:
        """Write the table, row by row: a head, and a row for each of `layers`.

        Returns
        -------
        list of list of str
        """
        names = columns(self.layers)
        head = ["l", "layer", *names, "parameters"]
        rows = [
            [
                "" if layer.number is None else str(layer.number),
                layer.kind,
                *[str(layer.shapes.get(name, "")) for name in names],
                f"{layer.parameters:,}",
            ]
            for layer in self.layers
        ]
        return [head, *rows]

    def totals(self) -> list[str]:
        """Write how many parameters there are, and how much memory everything takes, in a line each.

        Returns
        -------
        list of str
        """
        total = self.parameter_bytes + self.gradient_bytes + self.activation_bytes
        samples = f"{self.m:,} sample{'s' * (self.m != 1)}"
        memory = (
            f"memory: {in_units(self.parameter_bytes)} parameters + {in_units(self.gradient_bytes)} gradients + "
            f"{in_units(self.activation_bytes)} activations of {samples} = {in_units(total)}"
        )
        return [f"parameters: {self.parameters:,}", memory]


def summary(model: Module, m: int = 1, *, X: ArrayLike | Tensor | None = None) -> Summary:
    """Show the dimensions of a model: the shapes of W, b, Z, A, dW and db, layer by layer, and the memory they take.

    A copy of the model is run once, in evaluation and without gradients, and what each layer returns is looked at:
    nothing is computed by formulas, and the model stays as it is.

    Parameters
    ----------
    model : Module
        A row is shown for each module that calls no other, and for others with parameters of their own. A module that
        was not called has its row at the end, with parameters alone.
    m : int
        How many samples to run it on.
    X : array_like, optional
        What to run it on instead, if zeros for the first `Linear` are not what it takes; a sample is a column.

    Returns
    -------
    Summary
        Prints as a table.

    Raises
    ------
    TypeError, ValueError
        For what is no model, an `m` that counts nothing or other samples than `X` has, and a model whose input cannot
        be guessed and is not given.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.summary(nn.MLP([2, 4, 1], hidden="tanh"), m=400)
    l  layer    W       b       Z         A         dW      db      parameters
    1  Linear   (4, 2)  (4, 1)  (4, 400)            (4, 2)  (4, 1)          12
    1  Tanh                               (4, 400)                           0
    2  Linear   (1, 4)  (1, 1)  (1, 400)            (1, 4)  (1, 1)           5
    2  Sigmoid                            (1, 400)                           0
    <BLANKLINE>
    parameters: 17
    memory: 136 B parameters + 136 B gradients + 31.2 KiB activations of 400 samples = 31.5 KiB
    """
    check_model(model)
    check_count("m", m)
    twin = deepcopy(model)
    X = example(twin, m) if X is None else given_example(X, m)
    calls = observed(twin, X)
    layers = list(described(twin, calls))
    parameters = model.parameters()
    memory = sum(p.numpy().nbytes for p in parameters)
    activations = sum(layer.activation_bytes for layer in layers)
    count = sum(p.size for p in parameters)
    return Summary(layers, int(np.shape(X)[-1]), count, memory, memory, activations)


def example(model: Module, m: int) -> Any:
    """Make samples of zeros for the first layer that says how many features it takes."""
    first = next((part for part in model.modules() if isinstance(part, Linear)), None)
    if first is None:
        raise ValueError(
            f"{type(model).__name__} holds no Linear layer that would say what it takes: give an example, "
            "nn.summary(model, X=X)"
        )
    return np.zeros((first.W.shape[1], m), parameter_dtype(model))


def given_example(X: Any, m: int) -> Any:
    """Take samples as they are."""
    values = X if isinstance(X, Tensor) else np.asarray(X)
    if values.ndim < 1 or m not in (1, values.shape[-1]):
        raise ValueError(f"m is the number of samples in X, of shape {values.shape}; got {m}: leave m out")
    return values


@dataclass
class Call:
    """What was seen of one call of a module."""

    module: Module
    depth: int
    shape: Shape | None = None
    bytes: int = 0
    calls_others: bool = False


def observed(model: Module, X: Any) -> list[Call]:
    """Run a model, whose modules are changed for that, and list the calls in the order in which they began."""
    calls: list[Call] = []
    running: list[Call] = []
    seen: list[Any] = [None]  # what was returned last: a module that passes it on takes no memory for it

    def watching(module: Module, forward: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            call = Call(module, len(running))
            if running:
                running[-1].calls_others = True
            calls.append(call)
            running.append(call)
            try:
                out = forward(*args, **kwargs)
            finally:
                running.pop()
            passed_on = any(out is known for known in (*args, seen[0]))
            if isinstance(out, Tensor | np.ndarray):
                call.shape, call.bytes = out.shape, 0 if passed_on else value_of(out).nbytes
            seen[0] = out
            return out

        return watched

    for module in model.modules():
        module.forward = watching(module, module.forward)  # type: ignore[method-assign]
    with mg.no_grad():
        model.eval()(X)
    return calls


def described(model: Module, calls: Sequence[Call]) -> Iterator[LayerSummary]:
    """Write a row for each call that shows something, and for each module with parameters that was not called."""
    own = own_parameters(model)
    counted: set[int] = set()
    last: int | None = None
    for call in calls:
        if call.calls_others and not own[id(call.module)]:
            continue
        number = number_of(call.module)
        last = number or last
        name = "Z" if own[id(call.module)] and not call.calls_others else "A"
        returned = {} if call.shape is None else {name: call.shape}
        yield row(call.module, number if call.calls_others else last, own, counted, returned, call.bytes)
    called = {id(call.module) for call in calls}
    for module in model.modules():
        if id(module) not in called and own[id(module)]:
            yield row(module, number_of(module), own, counted, {}, 0, " (not called)")


def row(
    module: Module,
    number: int | None,
    own: dict[int, dict[str, Tensor]],
    counted: set[int],
    returned: dict[str, Shape],
    activation_bytes: int,
    remark: str = "",
) -> LayerSummary:
    """Write the row of a module, and note that its parameters have been counted."""
    parameters = own[id(module)]
    shapes = {name: p.shape for name, p in parameters.items()}
    gradients = {f"d{name}": p.shape for name, p in parameters.items()}
    count = sum(p.size for p in parameters.values() if id(p) not in counted)
    counted.update(map(id, parameters.values()))
    kind = f"{type(module).__name__}{remark}"
    return LayerSummary(number, kind, shapes | returned | gradients, count, activation_bytes)


def own_parameters(model: Module) -> dict[int, dict[str, Tensor]]:
    """Find the parameters that each module holds by itself, not in another module."""
    found = {}
    for module in model.modules():
        inside = {id(p) for part in module.modules() if part is not module for p in part.parameters()}
        found[id(module)] = {name: p for name, p in module.named_parameters() if id(p) not in inside}
    return found


def number_of(module: Module) -> int | None:
    """Read the number of a layer; other modules may use the name for what they like."""
    number = getattr(module, "layer", None)
    return number if isinstance(number, int) else None


def value_of(out: Any) -> Any:
    """Look at the values of what a module returned."""
    return out.numpy() if isinstance(out, Tensor) else out


def columns(layers: Sequence[LayerSummary]) -> list[str]:
    """Order the columns: parameters, Z, A, gradients."""
    parameters = dict.fromkeys(name for layer in layers for name in layer.shapes if f"d{name}" in layer.shapes)
    returned = [name for name in ("Z", "A") if any(name in layer.shapes for layer in layers)]
    return [*parameters, *returned, *[f"d{name}" for name in parameters]]


def aligned(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    """Set cells below each other, the last column, of numbers, to the right."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for *cells, last in rows:
        line = "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=False))
        yield f"{line}  {last:>{widths[-1]}}"


def in_units(count: int) -> str:
    """Write a number of bytes for readers."""
    size, units = float(count), ["B", "KiB", "MiB", "GiB"]
    while size >= 1024 and len(units) > 1:
        size, units = size / 1024, units[1:]
    return f"{count} B" if units[0] == "B" else f"{size:.1f} {units[0]}"
