"""ONNX: a model as a file that other runtimes compute predictions from."""

import os
from collections.abc import Callable
from math import pi, sqrt
from pathlib import Path
from typing import Any, Literal

import numpy as np
from numpy.typing import DTypeLike, NDArray

import micrograd_nd
from micrograd_nd.files import replace_file
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
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.architecture import joined
from micrograd_nd.nn.batch_norm import BatchNorm
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dense import Dense
from micrograd_nd.nn.dropout import Dropout
from micrograd_nd.nn.models import MLP, LogisticRegression
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.residual import Residual

__all__ = ["to_onnx"]

# The operators are those of ONNX 1.12 (2022), which runtimes of that age and newer know.
OPSET, IR_VERSION = 17, 8


def to_onnx(
    model: Module,
    path: str | os.PathLike[str],
    *,
    samples: Literal["columns", "rows"] = "columns",
    dtype: DTypeLike = np.float32,
) -> None:
    """Write a model as an ONNX file, as it predicts: in evaluation, whatever it is in now.

    Parameters
    ----------
    model : Module
        Of this package's classes.
    path : path-like
        Such as ``"model.onnx"``; what is there is replaced once the new file is complete.
    samples : {"columns", "rows"}
        Whether the file's input ``X`` is (n_x, m), as here, or (m, n_x), as elsewhere, and its output ``A`` likewise.
        Any number of samples m can be given.
    dtype : dtype
        float32 or float64, of input, output and parameters. Runtimes know few operators in float64.

    Raises
    ------
    ModuleNotFoundError
        Without the ``onnx`` package.
    TypeError
        For a module of another class, which has to be written in ONNX's operators by hand.
    ValueError
        For another layout or dtype, and for parameters that are infinite in it.

    Examples
    --------
    >>> import pathlib, tempfile
    >>> from micrograd_nd import nn
    >>> model = nn.MLP([2, 4, 1], hidden="tanh", output="sigmoid", seed=1)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     nn.to_onnx(model, pathlib.Path(folder, "model.onnx"))
    """
    onnx = imported()
    if not isinstance(model, Module):
        raise TypeError(f"to_onnx takes the model first, nn.to_onnx(model, path); got {type(model).__name__}")
    if samples not in ("columns", "rows"):
        raise ValueError(f'samples are "columns" or "rows" of X; got {samples!r}')
    dtype = np.dtype(dtype)
    if dtype not in (np.float32, np.float64):
        raise ValueError(f"an ONNX file of a model is of float32 or float64; got {dtype}")
    graph = Graph(onnx, dtype)
    turned = samples == "rows"
    A = graph.add("Transpose", "X", perm=[1, 0]) if turned else "X"
    A = graph.module(model, A, "")
    graph.add("Transpose" if turned else "Identity", A, out="A", **({"perm": [1, 0]} if turned else {}))
    replace_file(Path(path).resolve(), graph.model(["m", "n_x"] if turned else ["n_x", "m"]).SerializeToString())


def imported() -> Any:
    """Import what writes the format."""
    try:
        import onnx
    except ModuleNotFoundError as error:
        if error.name != "onnx":
            raise
        message = "nn.to_onnx needs the onnx package: pip install 'micrograd-nd[onnx]'"
        raise ModuleNotFoundError(message, name="onnx") from None
    return onnx


class Graph:
    """An ONNX graph on its way.

    Attributes
    ----------
    nodes, constants : list
        Operators, each with the names of what it takes and gives; and the arrays that are in the file.
    """

    def __init__(self, onnx: Any, dtype: np.dtype[Any]) -> None:
        self.onnx = onnx
        self.dtype = dtype
        self.nodes: list[Any] = []
        self.constants: dict[str, NDArray[Any]] = {}

    def add(self, operator: str, *inputs: str, out: str | None = None, **attributes: Any) -> str:
        """Apply an operator, and name its result."""
        name = out or f"t{len(self.nodes) + 1}"
        self.nodes.append(self.onnx.helper.make_node(operator, list(inputs), [name], **attributes))
        return name

    def constant(self, values: Any, name: str = "") -> str:
        """Put an array into the file."""
        name = name or f"c{len(self.constants) + 1}"
        with np.errstate(over="ignore"):
            self.constants[name] = np.array(values, self.dtype)
        if (np.isinf(self.constants[name]) & np.isfinite(values)).any():
            raise ValueError(
                f'{name} holds a number that is infinite in {self.dtype}: write the file in dtype="float64"'
            )
        return name

    def module(self, module: Module, A: str, path: str) -> str:
        """Write a module that is applied to what has a name."""
        write = WRITERS.get(type(module))
        if write is None:
            where = f" at {path}" if path else ""
            raise TypeError(
                f"to_onnx knows the modules of this package; {type(module).__name__}{where} is none of them"
            )
        return write(self, module, A, path)

    def model(self, shape: list[str]) -> Any:
        """Put everything together, and let the package check it."""
        helper, kind = self.onnx.helper, self.onnx.helper.np_dtype_to_tensor_dtype(self.dtype)
        turned = shape[0] == "m"
        graph = helper.make_graph(
            self.nodes,
            "model",
            [helper.make_tensor_value_info("X", kind, shape)],
            [helper.make_tensor_value_info("A", kind, ["m", "n_y"] if turned else ["n_y", "m"])],
            [self.onnx.numpy_helper.from_array(values, name) for name, values in self.constants.items()],
        )
        model = helper.make_model(
            graph,
            producer_name="micrograd_nd",
            producer_version=micrograd_nd.__version__,
            opset_imports=[helper.make_opsetid("", OPSET)],
            ir_version=IR_VERSION,
        )
        self.onnx.checker.check_model(model)
        return model


Writer = Callable[[Graph, Any, str, str], str]


def operator(name: str, **attributes: Any) -> Writer:
    """Make the writer of a module that is one operator."""
    return lambda graph, module, A, path: graph.add(name, A, **attributes)


def write_linear(graph: Graph, layer: Linear, A: str, path: str) -> str:
    """Write ``W @ A + b``."""
    W, b = (graph.constant(x.numpy(), joined(path, name)) for name, x in (("W", layer.W), ("b", layer.b)))
    return graph.add("Add", graph.add("MatMul", W, A), b)


def write_batch_norm(graph: Graph, layer: BatchNorm, A: str, path: str) -> str:
    """Write the normalisation by the running mean and variance, as one factor and one summand a feature."""
    factor = layer.gamma.numpy() / np.sqrt(layer.running_variance.numpy() + layer.eps)
    centred = graph.add("Sub", A, graph.constant(layer.running_mean.numpy(), joined(path, "running_mean")))
    scaled = graph.add("Mul", centred, graph.constant(factor, joined(path, "gamma")))
    return graph.add("Add", scaled, graph.constant(layer.beta.numpy(), joined(path, "beta")))


def write_layers(graph: Graph, layers: Sequential, A: str, path: str) -> str:
    """Write one layer after the other."""
    for i, layer in enumerate(layers):
        A = graph.module(layer, A, joined(path, f"layers.{i}"))
    return A


def write_residual(graph: Graph, residual: Residual, A: str, path: str) -> str:
    """Write ``A + f(A)``."""
    return graph.add("Add", A, graph.module(residual.block, A, joined(path, "block")))


def write_gelu(graph: Graph, gelu: GELU, A: str, path: str) -> str:
    """Write ``A Phi(A)``: by tanh, or by the error function."""
    if gelu.approximate:  # Hendrycks and Gimpel (2016), section 2
        cubed = graph.add("Mul", graph.add("Mul", A, A), A)
        inner = graph.add("Add", A, graph.add("Mul", cubed, graph.constant(0.044715)))
        bent = graph.add("Tanh", graph.add("Mul", inner, graph.constant(sqrt(2 / pi))))
    else:
        bent = graph.add("Erf", graph.add("Mul", A, graph.constant(sqrt(0.5))))
    half = graph.add("Mul", A, graph.constant(0.5))
    return graph.add("Mul", half, graph.add("Add", bent, graph.constant(1.0)))


WRITERS: dict[type[Module], Writer] = {
    Linear: write_linear,
    BatchNorm: write_batch_norm,
    Residual: write_residual,
    **dict.fromkeys((Sequential, MLP, LogisticRegression, Dense), write_layers),
    Dropout: lambda graph, module, A, path: A,
    Identity: lambda graph, module, A, path: A,
    Sigmoid: operator("Sigmoid"),
    Tanh: operator("Tanh"),
    ReLU: operator("Relu"),
    LeakyReLU: lambda graph, module, A, path: graph.add("LeakyRelu", A, alpha=module.slope),
    ELU: lambda graph, module, A, path: graph.add("Elu", A, alpha=module.alpha),
    GELU: write_gelu,
    SiLU: lambda graph, module, A, path: graph.add("Mul", A, graph.add("Sigmoid", A)),
    Softplus: operator("Softplus"),
    Softmax: operator("Softmax", axis=0),
    LogSoftmax: operator("LogSoftmax", axis=0),
}
