"""Architectures: what a model is made of, in what JSON has, and the model made of it again.

No class is looked up by name but those listed here, and sizes are believed only of arrays.
"""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from numpy.typing import NDArray

from micrograd_nd.nn.activations import (
    ELU,
    GELU,
    Identity,
    LeakyReLU,
    LogSoftmax,
    ReLU,
    Sigmoid,
    SiLU,
    Softmax,
    Softplus,
    Tanh,
)
from micrograd_nd.nn.affine import MAX_NUMBER, Linear
from micrograd_nd.nn.batch_norm import BatchNorm
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dense import Dense, is_steady
from micrograd_nd.nn.dropout import Dropout
from micrograd_nd.nn.models import MLP, LogisticRegression
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.residual import Residual

__all__ = ["described", "joined", "rebuilt"]

Array = NDArray[Any]
Description = dict[str, Any]


def by_name(*classes: type[Any]) -> dict[str, type[Any]]:
    """List classes by their names."""
    return {c.__name__: c for c in classes}


# Modules of layers, and where the paths of those begin.
CONTAINERS: dict[str, type[Module]] = by_name(Sequential, MLP, LogisticRegression, Dense, Residual)
PLACES: dict[type[Module], str] = {Residual: "block.layers"}
PLAIN: dict[str, type[Module]] = by_name(Sigmoid, Tanh, ReLU, SiLU, Softplus, Softmax, LogSoftmax, Identity)
# Modules without arrays, with the settings that make them; they check these themselves.
SETTINGS: dict[type[Module], tuple[str, ...]] = {
    LeakyReLU: ("slope",),
    ELU: ("alpha",),
    GELU: ("approximate",),
    Dropout: ("keep_prob",),
}
SET: dict[str, type[Module]] = by_name(*SETTINGS)
TENSORS: dict[type[Module], tuple[str, ...]] = {
    Linear: ("W", "b"),
    BatchNorm: ("gamma", "beta", "running_mean", "running_variance"),
}


def described(model: Module, names: list[str]) -> Description | None:
    """Describe a model's architecture; None where a file cannot say all of it.

    Parameters
    ----------
    model : Module
    names : list of str
        Of its parameters and buffers: a model that holds more than its classes say is not described.

    Returns
    -------
    dict or None
        In what JSON has.
    """
    describing = Describing()
    try:
        whole = describing.of(model, "")
    except NotDescribedError:
        return None
    return whole if describing.names == names else None


def rebuilt(description: Any, state: Mapping[str, Array]) -> Module:
    """Make a model of its description and its arrays.

    Parameters
    ----------
    description : object
        What `described` returned, or anything else that JSON has.
    state : mapping of str to array
        Parameters and buffers.

    Returns
    -------
    Module

    Raises
    ------
    ValueError
        For what describes no model, or none of these arrays.
    """
    rebuilding = Rebuilding(state)
    model = rebuilding.module(description, "")
    if rebuilding.state:
        raise ValueError(f"no layer has the parameters {', '.join(rebuilding.state)}")
    return model


class NotDescribedError(Exception):
    """A model that is not made of this package's classes alone."""


class Describing:
    """Describes modules.

    Attributes
    ----------
    names : list of str
        Of the parameters and buffers found so far.
    """

    def __init__(self) -> None:
        self.names: list[str] = []
        self.paths: dict[int, str | None] = {}

    def of(self, module: Module, path: str) -> Description:
        """Describe a module that is found at a path; one that has been is named by its first path."""
        if id(module) in self.paths:
            first = self.paths[id(module)]
            if first is None:  # it is inside of itself
                raise NotDescribedError
            return {"same_as": first}
        self.paths[id(module)] = None
        description = {"class": type(module).__name__, **self.particulars(module, path)}
        self.paths[id(module)] = path
        return description

    def particulars(self, module: Module, path: str) -> Description:
        """Say what tells a module from others of its class."""
        kind = type(module)
        self.names += [joined(path, name) for name in TENSORS.get(kind, ())]
        if kind in CONTAINERS.values():
            return {"layers": [self.of(layer, inside) for inside, layer in places(path, kind, layers_of(module))]}
        if isinstance(module, Linear) and kind is Linear:
            n_out, n_in = module.W.shape
            return {"n_in": n_in, "n_out": n_out, "layer": module.layer if module.numbered else None}
        if isinstance(module, BatchNorm) and kind is BatchNorm:
            return {"n": module.gamma.shape[0], "momentum": module.momentum, "eps": module.eps}
        if kind in SETTINGS:
            return {name: getattr(module, name) for name in SETTINGS[kind]}
        if kind in PLAIN.values():
            return {}
        raise NotDescribedError


def layers_of(module: Module) -> list[Module]:
    """List the layers of a container, as it was made."""
    if isinstance(module, Residual):
        module = module.block
    layers = vars(module).get("layers")
    if type(module) not in CONTAINERS.values() or not isinstance(layers, list):
        raise NotDescribedError
    if isinstance(module, Dense) and not is_dense(layers):
        raise NotDescribedError
    return layers


def is_dense(layers: list[Module]) -> bool:
    """Tell what a `Dense` layer can consist of."""
    return len(layers) == 2 and isinstance(layers[0], Linear) and is_steady(layers[1])


def places(path: str, kind: type[Module], layers: list[Any]) -> list[tuple[str, Any]]:
    """Give each layer of a container its path."""
    return [(joined(path, f"{PLACES.get(kind, 'layers')}.{i}"), layer) for i, layer in enumerate(layers)]


def joined(path: str, rest: str) -> str:
    """Continue a path of attributes."""
    return f"{path}.{rest}" if path else rest


class Rebuilding:
    """Makes modules of their descriptions, and takes the arrays that are theirs.

    Attributes
    ----------
    state : dict
        The arrays that nothing has been made of yet.
    """

    def __init__(self, state: Mapping[str, Array]) -> None:
        self.state = dict(state)
        self.made: dict[str, Module] = {}

    def module(self, description: Any, path: str) -> Module:
        """Make a module and what is in it."""
        if not isinstance(description, dict):
            raise ValueError(malformed(path, description))
        kind, other = description.get("class"), description.get("same_as")
        if isinstance(other, str) and other in self.made:
            return self.made[other]
        if not isinstance(kind, str):
            raise ValueError(malformed(path, description))
        made = self.of_kind(kind, description, path)
        self.made[path] = made
        return made

    def of_kind(self, kind: str, description: Description, path: str) -> Module:
        """Make a module of a class of this name."""
        if kind == "Linear":
            return self.linear(description, path)
        if kind == "BatchNorm":
            return self.batch_norm(description, path)
        if kind in PLAIN:
            return PLAIN[kind]()
        if kind in SET:
            settings = {name: description.get(name) for name in SETTINGS[SET[kind]]}
            with suppress(TypeError, ValueError):
                return SET[kind](**settings)
        elif kind in CONTAINERS and isinstance(description.get("layers"), list):
            return self.container(CONTAINERS[kind], description, path)
        raise ValueError(malformed(path, description))

    def container(self, kind: type[Module], description: Description, path: str) -> Module:
        """Make a module of layers."""
        layers = [self.module(layer, inside) for inside, layer in places(path, kind, description["layers"])]
        if kind is Residual:
            return Residual(*layers)
        if kind is Dense and not is_dense(layers):
            raise ValueError(malformed(path, description))
        model = kind.__new__(kind)
        Sequential.__init__(model, *layers)  # type: ignore[arg-type]
        return model

    def linear(self, description: Description, path: str) -> Linear:
        """Make a layer around the arrays that the file has for it."""
        n_in, n_out, number = (description.get(key) for key in ("n_in", "n_out", "layer"))
        if number is not None and (type(number) is not int or not 1 <= number <= MAX_NUMBER):
            raise ValueError(malformed(path, description))
        W, b = self.taken(Linear, path)
        if W.shape != (n_out, n_in) or b.shape != (n_out, 1) or not W.size:
            raise ValueError(f"Linear({n_in}, {n_out}) cannot have W of shape {W.shape} and b of shape {b.shape}")
        layer = Linear.__new__(Linear)
        layer.set_parameters(W, b, W.dtype)
        layer.number(number)
        return layer

    def batch_norm(self, description: Description, path: str) -> BatchNorm:
        """Make a layer around the arrays that the file has for it."""
        n, momentum, eps = (description.get(key) for key in ("n", "momentum", "eps"))
        try:
            layer = BatchNorm(1, momentum=momentum, eps=eps)  # type: ignore[arg-type]
        except (TypeError, ValueError):
            raise ValueError(malformed(path, description)) from None
        arrays = self.taken(BatchNorm, path)
        if any(x.shape != (n, 1) or not x.size for x in arrays):
            shapes = ", ".join(f"{name} {x.shape}" for name, x in zip(TENSORS[BatchNorm], arrays, strict=True))
            raise ValueError(f"BatchNorm({n}) cannot have arrays of the shapes {shapes}")
        gamma, beta, mean, variance = arrays
        layer.set_tensors(gamma, beta, mean, variance, gamma.dtype)
        return layer

    def taken(self, kind: type[Module], path: str) -> list[Array]:
        """Take the arrays of a layer, which have one dtype."""
        names = [joined(path, name) for name in TENSORS[kind]]
        if missing := [name for name in names if name not in self.state]:
            raise ValueError(f"{' and '.join(missing)} missing")
        arrays = [self.state.pop(name) for name in names]
        for name, x in zip(names, arrays, strict=True):
            if x.dtype != arrays[0].dtype:
                raise ValueError(f"{names[0]} has dtype {arrays[0].dtype}, and {name} {x.dtype}")
        return arrays


def malformed(path: str, description: Any) -> str:
    """Say that a description is none."""
    text = repr(description)
    return f"the architecture is malformed at {path or 'its root'}: {text if len(text) <= 80 else text[:77] + '...'}"
