"""What is computed: the networks of the course and others, one expression on a large array, J = 3(a + bc).

Samples are columns, as in the course: X is (n_x, m), Y is (n_y, m), W[l] is (n[l], n[l-1]), b[l] is (n[l], 1).
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from types import ModuleType
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Array = NDArray[Any]
Parameters = dict[str, Array]

DTYPES = ("float64", "float32")
SEED = 1

# Small enough that the values stay tame over the hundred thousand steps that some contenders make.
RATE = 0.01


@dataclass(frozen=True)
class Network:
    """The sizes of the layers, the input first, and what they apply."""

    sizes: tuple[int, ...]
    m: int
    hidden: Literal["tanh", "relu"] = "relu"
    output: Literal["sigmoid", "softmax"] = "sigmoid"


STEPS = {
    "logreg": Network((12288, 1), 209),
    "planar": Network((2, 4, 1), 400, hidden="tanh"),
    "cat": Network((12288, 20, 7, 5, 1), 209),
    "mlp_small": Network((784, 128, 64, 10), 64, output="softmax"),
    "mlp_large": Network((784, 512, 512, 10), 256, output="softmax"),
    "deep": Network((50,) * 17 + (1,), 32, hidden="tanh"),
}
HVP = Network((784, 128, 64, 10), 64, hidden="tanh", output="softmax")
ELEMENTS = 1_000_000

# In the order of the tables. `chain` is measured by a program of its own, chains.py.
WORKLOADS = ("scalar", *STEPS, "elementwise", "hvp")

# The same kinds of work, on sizes that a test or a warm-up can afford.
SMALL_STEPS = {
    "logreg": Network((30, 1), 7),
    "planar": Network((2, 4, 1), 9, hidden="tanh"),
    "cat": Network((30, 6, 4, 3, 1), 8),
    "mlp_small": Network((12, 8, 6, 4), 7, output="softmax"),
    "mlp_large": Network((12, 9, 9, 4), 10, output="softmax"),
    "deep": Network((5,) * 17 + (1,), 6, hidden="tanh"),
}
SMALL_HVP = Network((12, 8, 6, 4), 7, hidden="tanh", output="softmax")
SMALL_ELEMENTS = 20_000


@dataclass(frozen=True)
class NetworkProblem:
    """A network with data and parameters: a training step, or a Hessian-vector product with `vector`."""

    network: Network
    X: Array
    Y: Array
    parameters: Parameters
    vector: Parameters = field(default_factory=dict)

    @property
    def layers(self) -> int:
        """L, the input not counted."""
        return len(self.network.sizes) - 1

    @property
    def start(self) -> Parameters:
        """What a step changes, before the first."""
        return {} if self.vector else self.parameters


@dataclass(frozen=True)
class ScalarProblem:
    """J = 3(a + bc), forward and backward."""

    a: Any
    b: Any
    c: Any
    start: Parameters = field(default_factory=dict)


@dataclass(frozen=True)
class ElementwiseProblem:
    """The sum J of `expression` over a large array, and its gradient with respect to the array."""

    x: Array
    start: Parameters = field(default_factory=dict)


Problem = NetworkProblem | ScalarProblem | ElementwiseProblem


def kind_of(workload: str) -> str:
    """Name the function by which contenders take part in a workload."""
    return "step" if workload in STEPS else workload


def make_problem(workload: str, dtype: str, *, small: bool = False) -> Problem:
    """Draw the data of a workload, the same every time."""
    rng = np.random.default_rng(SEED)
    number = np.dtype(dtype).type
    if workload == "scalar":
        return ScalarProblem(number(5), number(3), number(2))
    if workload == "elementwise":
        return ElementwiseProblem(rng.normal(size=SMALL_ELEMENTS if small else ELEMENTS).astype(dtype))
    if workload == "hvp":
        return network_problem(SMALL_HVP if small else HVP, dtype, rng, with_vector=True)
    return network_problem((SMALL_STEPS if small else STEPS)[workload], dtype, rng)


def network_problem(
    network: Network, dtype: str, rng: np.random.Generator, *, with_vector: bool = False
) -> NetworkProblem:
    """Draw samples, labels that cannot be learnt in general, and parameters that keep activations of order 1."""
    n_x, n_y = network.sizes[0], network.sizes[-1]
    X = rng.normal(size=(n_x, network.m))
    labels = rng.integers(0, max(2, n_y), size=network.m)
    Y = labels.reshape(1, -1) if network.output == "sigmoid" else np.eye(n_y)[:, labels]
    shapes = parameter_shapes(network)
    parameters = {name: rng.normal(size=shape) / np.sqrt(shape[1]) for name, shape in shapes.items()}
    vector = {name: rng.normal(size=shape) for name, shape in shapes.items()} if with_vector else {}
    return NetworkProblem(
        network,
        np.ascontiguousarray(X, dtype),
        np.ascontiguousarray(Y, dtype),
        {name: value.astype(dtype) for name, value in parameters.items()},
        {name: value.astype(dtype) for name, value in vector.items()},
    )


def parameter_shapes(network: Network) -> dict[str, tuple[int, int]]:
    """W1, b1, W2, b2, ... and their shapes."""
    shapes = {}
    for l, (fan_in, fan_out) in enumerate(zip(network.sizes[:-1], network.sizes[1:], strict=True), start=1):
        shapes[f"W{l}"] = (fan_out, fan_in)
        shapes[f"b{l}"] = (fan_out, 1)
    return shapes


def expression(x: Any, library: ModuleType | Any, number: Callable[[float], Any] = float) -> Any:
    """Twenty elementwise operations, most of them cheap; `library` has tanh and sqrt, `number` makes its constants."""
    half, one = number(0.5), number(1.0)
    g = half * x * (one + library.tanh(number(0.797) * (x + number(0.0447) * x * x * x)))  # nine: nearly the GELU of x
    r = g / (one + x * x)
    s = library.sqrt(one + r * r)
    return (s - half * r) * x + number(0.25) * r
