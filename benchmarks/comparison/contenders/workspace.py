"""The arrays that an expert's training step works in, made once."""

from dataclasses import dataclass, field

import numpy as np

from comparison.workloads import Array, NetworkProblem, Parameters


@dataclass
class Workspace:
    """Parameters, gradients, activations and what else a step of `problem` writes to, by the names of the course.

    `names` holds everything for a program that refers to it by name: X, Y, W1, W1T, b1, A1, A1T, dA1, dW1, db1, ...
    The derivative dA becomes dZ in place; `dZ` is that of the last layer alone.
    """

    problem: NetworkProblem
    parameters: Parameters
    gradients: Parameters
    names: dict[str, Array] = field(init=False)

    def __post_init__(self) -> None:
        network, dtype = self.problem.network, self.problem.X.dtype
        m, L = network.m, self.problem.layers
        names = {"A0": self.problem.X, "A0T": self.problem.X.T, "Y": self.problem.Y}
        for l in range(1, L + 1):
            names[f"A{l}"] = np.empty((network.sizes[l], m), dtype)
            names[f"A{l}T"] = names[f"A{l}"].T
            names[f"dA{l}"] = np.empty((network.sizes[l], m), dtype)
            if network.hidden == "relu":
                names[f"mask{l}"] = np.empty((network.sizes[l], m), np.bool_)
        for name, value in self.parameters.items():
            names[name], names[f"d{name}"] = value, self.gradients[name]
            names[f"{name}T"] = value.T
        names["Z"], names["dZ"] = np.empty_like(self.problem.Y), names[f"dA{L}"]
        self.names = names | constants(self.problem)


def constants(problem: NetworkProblem) -> dict[str, Array]:
    """Numbers as 0-d arrays, which NumPy takes faster than Python's, and vectors that make a product of a sum."""
    Y, m, dtype = problem.Y, problem.network.m, problem.X.dtype
    numbers = {"zero": 0.0, "one": 1.0, "m": m, "per_sample": 1 / m}
    return {name: np.array(value, dtype) for name, value in numbers.items()} | {
        "ones_of_samples": np.ones((m, 1), dtype),
        "ones_of_classes": np.ones((1, len(Y)), dtype),
        "mean": np.full(m, 1 / m, dtype),
        "minus_mean": np.full(m, -1 / m, dtype),
        "labels_minus_1": Y - Y.dtype.type(1),
        "labels_per_sample": Y / Y.dtype.type(m),
    }


def separate(problem: NetworkProblem) -> Workspace:
    """Give each parameter and each gradient an array of its own."""
    return Workspace(
        problem,
        {name: value.copy() for name, value in problem.parameters.items()},
        {name: np.empty_like(value) for name, value in problem.parameters.items()},
    )


def flat(problem: NetworkProblem) -> tuple[Workspace, Array, Array]:
    """Make parameters and gradients views into two flat arrays, and return those too."""
    size = sum(value.size for value in problem.parameters.values())
    flat_parameters, flat_gradients = np.empty(size, problem.X.dtype), np.empty(size, problem.X.dtype)
    parameters, gradients, begin = {}, {}, 0
    for name, value in problem.parameters.items():
        end = begin + value.size
        parameters[name] = flat_parameters[begin:end].reshape(value.shape)
        gradients[name] = flat_gradients[begin:end].reshape(value.shape)
        parameters[name][...] = value
        begin = end
    return Workspace(problem, parameters, gradients), flat_parameters, flat_gradients
