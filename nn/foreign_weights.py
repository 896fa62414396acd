"""Weights from PyTorch and Keras, given to a model of the same layers.

PyTorch keeps the weight of a linear layer as we do, (n_out, n_in), and its bias as a vector; Keras keeps the transpose,
its kernel (n_in, n_out).
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.batch_norm import BatchNorm
from micrograd_nd.nn.module import Module

__all__ = ["load_keras_weights", "load_torch_weights"]

Array = NDArray[Any]
Layer = Linear | BatchNorm


def load_torch_weights(model: Module, state: Mapping[str, Any]) -> None:
    """Give a model the weights of a PyTorch module, or on an error none of them.

    Parameters
    ----------
    model : Module
        With the same linear layers and batch normalisations in the same order; in its own dtype.
    state : mapping of str to tensor or array
        What PyTorch's ``state_dict()`` returns. ``weight`` (n_out, n_in) becomes W as it is and ``bias`` (n_out,) the
        column b; of a batch normalisation gamma, beta, and the running mean and variance. A linear layer without a bias
        gets zeros.

    Raises
    ------
    TypeError
        For what is no mapping.
    ValueError
        For other layers, other shapes, of which the message lists all differences, and values that are infinite in the
        dtype of the model.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Sigmoid())
    >>> nn.load_torch_weights(model, {"0.weight": np.array([[1.0, 2.0]]), "0.bias": np.array([3.0])})
    >>> model.layers[0].W, model.layers[0].b
    (Tensor([[1., 2.]], shape=(1, 2), name='W1'), Tensor([[3.]], shape=(1, 1), name='b1'))
    """
    if not isinstance(state, Mapping):
        raise TypeError(f"load_torch_weights needs a state_dict; got {type(state).__name__}")
    modules: dict[str, dict[str, Array]] = {}
    for key, value in state.items():
        module, _, name = key.rpartition(".")
        modules.setdefault(module, {})[name] = as_array(value)
    give(model, [from_torch(where, arrays) for where, arrays in modules.items()])


def load_keras_weights(model: Module, weights: Sequence[Any]) -> None:
    """Give a model the weights of a Keras model, or on an error none of them.

    Parameters
    ----------
    model : Module
        With the same dense layers and batch normalisations in the same order; in its own dtype. Keras adds 0.001 to
        the variance unless told otherwise: ``nn.BatchNorm(n, eps=1e-3)``.
    weights : sequence of array
        What Keras's ``get_weights()`` returns. A kernel (n_in, n_out) becomes its transpose W and a bias (n_out,) the
        column b; of a batch normalisation there are gamma, beta, moving mean and moving variance.

    Raises
    ------
    TypeError
        For what is no sequence.
    ValueError
        For other layers, other shapes, of which the message lists all differences, and values that are infinite in the
        dtype of the model.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.Sequential(nn.Linear(2, 1, seed=0), nn.Sigmoid())
    >>> nn.load_keras_weights(model, [np.array([[1.0], [2.0]]), np.array([3.0])])
    >>> model.layers[0].W
    Tensor([[1., 2.]], shape=(1, 2), name='W1')
    """
    if not isinstance(weights, list | tuple):
        raise TypeError(f"load_keras_weights needs the list that get_weights() returns; got {type(weights).__name__}")
    arrays = [as_array(value) for value in weights]
    wanted = sum(len(tensors_of(layer)) for _, layer in layers_of(model))
    if len(arrays) != wanted:
        raise ValueError(f"the model's layers have {wanted} arrays of weights; got {len(arrays)}")
    remaining = iter(arrays)
    found = []
    for _, layer in layers_of(model):
        taken = [next(remaining) for _ in tensors_of(layer)]
        if isinstance(layer, Linear):
            taken[0] = taken[0].T
        found.append(dict(zip(tensors_of(layer), map(column, taken), strict=True)))
    give(model, found)


def from_torch(where: str, arrays: Mapping[str, Array]) -> dict[str, Array]:
    """Bring the arrays of one module under our names and into our shapes."""
    weight = arrays.get("weight")
    if "running_mean" in arrays and weight is not None:
        names = {"gamma": "weight", "beta": "bias", "running_mean": "running_mean", "running_variance": "running_var"}
        return {ours: column(arrays[theirs]) for ours, theirs in names.items() if theirs in arrays}
    if weight is None or weight.ndim != 2 or arrays.keys() - {"weight", "bias"}:
        raise ValueError(
            f"{where or 'the module'} has {', '.join(arrays)}, which is neither a linear layer nor a batch "
            "normalisation with weights"
        )
    bias = arrays.get("bias", np.zeros(len(weight), weight.dtype))
    return {"W": weight, "b": column(bias)}


def give(model: Module, found: Sequence[Mapping[str, Array]]) -> None:
    """Give each layer its arrays, once it is clear that all fit."""
    layers = list(layers_of(model))
    theirs = ["BatchNorm" if "gamma" in arrays else "Linear" for arrays in found]
    ours = [type(layer).__name__ for _, layer in layers]
    if theirs != ours:
        raise ValueError(f"the weights are of the layers {', '.join(theirs)}; the model has {', '.join(ours)}")
    state: dict[str, Any] = dict(model.state_dict())
    for (path, layer), arrays in zip(layers, found, strict=True):
        for name, values in arrays.items():
            full = f"{path}.{name}" if path else name
            state[full] = finite_still(full, values, tensors_of(layer)[name].dtype)
    model.load_state_dict(state)


def finite_still(name: str, values: Array, dtype: np.dtype[Any]) -> Array:
    """Bring values to the dtype of a model, and refuse those that are beyond it."""
    with np.errstate(over="ignore"):
        converted: Array = values.astype(dtype)
    if (beyond := np.isinf(converted) & np.isfinite(values)).any():
        raise ValueError(f"{name} of the model is {dtype}, in which {values[beyond][0]:g} is infinite")
    return converted


def layers_of(model: Module) -> Iterator[tuple[str, Layer]]:
    """List the layers with weights, each with the path that its parameters' names begin with."""
    names = {id(tensor): name for name, tensor in (*model.named_parameters(), *model.named_buffers())}
    for module in model.modules():
        if isinstance(module, Linear | BatchNorm):
            first = next(iter(tensors_of(module).values()))
            yield names[id(first)].rpartition(".")[0], module


def tensors_of(layer: Layer) -> dict[str, Any]:
    """List the Tensors of a layer by their attributes, in the order in which Keras has them."""
    names = ("W", "b") if isinstance(layer, Linear) else ("gamma", "beta", "running_mean", "running_variance")
    return {name: getattr(layer, name) for name in names}


def as_array(value: Any) -> Array:
    """Take an array of what another package has."""
    if hasattr(value, "detach"):  # a PyTorch tensor
        value = value.detach().cpu()
        if str(value.dtype) == "torch.bfloat16":  # which NumPy has not; float32 has all of its numbers
            value = value.float()
    return np.asarray(value)


def column(values: Array) -> Array:
    """Write a vector as a column; a matrix is one already."""
    return values[:, None] if values.ndim == 1 else values
