"""What a network consists of, as it is drawn: layers in a row, and how many features run from one to the next.

A model is looked at and not run. What its own classes do is not known, and they stand for themselves.
"""

from collections.abc import Iterator, Sequence
from textwrap import wrap
from typing import Any, NamedTuple

from micrograd_nd.nn.activations import ACTIVATIONS
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.batch_norm import BatchNorm
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dimensions import number_of
from micrograd_nd.nn.dropout import Dropout
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.residual import Residual
from micrograd_nd.viz.printable import visible

__all__ = [
    "Layer",
    "behaves_as",
    "called",
    "cut",
    "features_after",
    "features_before",
    "is_activation",
    "keeps_units",
    "layers_of",
    "shapes_of",
    "title_lines",
]

NAMES = {kind: name for name, kind in ACTIVATIONS.items()}
LONGEST_WORD = 44
# Of a title: a longer one would make the network beneath it small.
COLUMNS, LINES = 60, 8


class Layer(NamedTuple):
    """A linear layer and what is done to each of its units, or another module.

    Attributes
    ----------
    module : Module
        The linear layer, or the other module.
    then : list of Module
        Activations, and whatever else leaves the number of units as it is; of a linear layer alone.
    """

    module: Module
    then: Sequence[Module] = ()

    @property
    def linear(self) -> Linear | None:
        """The linear layer, if it is one."""
        return self.module if behaves_as(self.module, Linear) else None  # type: ignore[return-value]

    @property
    def number(self) -> int | None:
        """The number of the layer, as in a model's summary."""
        return number_of(self.module)

    @property
    def activation(self) -> str:
        """What is done to its units, in words."""
        return ", ".join(map(called, self.then)) or "linear"


def layers_of(model: Module, *, activations_only: bool = True) -> list[Layer]:
    """List what a model consists of, in the order in which it runs.

    Parameters
    ----------
    model : Module
    activations_only : bool
        Whether a linear layer takes in the activation that follows it and no more. Otherwise it takes in all that
        leaves the number of its units as it is, such as `Dropout`.

    Returns
    -------
    list of Layer

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> [(layer.number, layer.activation) for layer in layers_of(nn.MLP([2, 4, 1], hidden="tanh"))]
    [(1, 'tanh'), (2, 'sigmoid')]
    """
    layers: list[Layer] = []
    for module in in_a_row(model):
        before = layers[-1] if layers else None
        if before and before.linear and (is_activation(module) and not before.then):
            layers[-1] = Layer(before.module, [module])
        elif before and before.linear and not activations_only and keeps_units(module):
            layers[-1] = Layer(before.module, [*before.then, module])
        else:
            layers.append(Layer(module))
    return layers


def in_a_row(model: Module) -> Iterator[Module]:
    """List the modules of a model, with those of a `Sequential` in its place."""
    layers = vars(model).get("layers")
    if behaves_as(model, Sequential) and isinstance(layers, list):
        for layer in layers:
            yield from in_a_row(layer)
    else:
        yield model


def behaves_as(module: Module, kind: type[Module]) -> bool:
    """Tell whether a module computes what a class of this package does, and no class below it something else."""
    return isinstance(module, kind) and type(module).forward is kind.forward and "forward" not in vars(module)


def is_activation(module: Module) -> bool:
    """Tell whether a module is one of this package's activations."""
    return any(behaves_as(module, kind) for kind in NAMES)


def keeps_units(module: Module) -> bool:
    """Tell whether a module is known to give as many features as it takes."""
    return is_activation(module) or behaves_as(module, Dropout) or behaves_as(module, BatchNorm)


def features_before(layers: Sequence[Layer]) -> int | None:
    """Find how many features go into layers; None where none of them tells."""
    for layer in layers:
        found = needed(layer)
        if found is not None or not keeps_features(layer):
            return found
    return None


def features_after(layer: Layer, features: int | None) -> int | None:
    """Find how many features come out of a layer that so many go into.

    Parameters
    ----------
    layer : Layer
    features : int or None
        How many go in, if that is known.

    Returns
    -------
    int or None
        None where it cannot be known.

    Raises
    ------
    ValueError
        For a layer that takes another number of features. The message names it.
    """
    takes = needed(layer)
    if takes is not None and features not in (None, takes):
        where = f"layer {layer.number}" if layer.number is not None else called(layer.module)
        raise ValueError(f"{where} takes {takes} features, and what is before it gives {features}")
    if (linear := layer.linear) is not None:
        return linear.W.shape[0]
    return (features if takes is None else takes) if keeps_features(layer) else None


def needed(layer: Layer) -> int | None:
    """Find how many features a layer takes, where it says so."""
    module: Any = layer.module
    if layer.linear is not None:
        return layer.linear.W.shape[1]
    if behaves_as(module, BatchNorm):
        return int(module.gamma.shape[0])
    return features_before(layers_of(module.block)) if behaves_as(module, Residual) else None


def keeps_features(layer: Layer) -> bool:
    """Tell whether a layer is known to give as many features as it takes."""
    return keeps_units(layer.module) or behaves_as(layer.module, Residual)


def called(module: Module) -> str:
    """Call a module by its activation's name, or write it as it writes itself, in one line.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> called(nn.Tanh()), called(nn.LeakyReLU(0.2)), called(nn.Dropout(keep_prob=0.8))
    ('tanh', 'LeakyReLU(slope=0.2)', 'Dropout(keep_prob=0.8)')
    """
    kind = type(module)
    written = repr(module)
    return NAMES[kind] if kind in NAMES and written == f"{kind.__name__}()" else cut(visible(" ".join(written.split())))


def cut(line: str, longest: int = LONGEST_WORD) -> str:
    """Leave out the end of a line that is too long."""
    return line if len(line) <= longest else f"{line[: longest - 1]}…"


def title_lines(title: str | None) -> list[str]:
    r"""Take a title apart into lines that are not too long, with what has no glyph as Python writes it.

    Examples
    --------
    >>> title_lines("A network\nwith a title that is longer than what stands well above a few circles")
    ['A network', 'with a title that is longer than what stands well above a', 'few circles']
    """
    if title is None:
        return []
    shown = [visible(line) or " " for line in title.split("\n")]
    lines = [part for line in shown for part in ([line] if len(line) <= COLUMNS else wrap(line, COLUMNS))]
    return lines if len(lines) <= LINES else [*lines[: LINES - 1], "…"]


def shapes_of(layer: Layer) -> str:
    """Write the shapes of the parameters of a linear layer, by their names."""
    parameters = [(layer.linear.W, "W"), (layer.linear.b, "b")] if layer.linear else []
    return ", ".join(f"{cut(visible(p.name or name), 16)} {p.shape}" for p, name in parameters)
