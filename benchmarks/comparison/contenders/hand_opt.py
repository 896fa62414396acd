"""`hand_opt`: NumPy as an expert writes it. Nothing is allocated, nothing computed twice, every call the cheapest.

Sums over samples are products with a vector of ones. The cost needs one logarithm a sample: of A + Y - 1, whose size
is the probability of what happened, or of the sum that the softmax divides by.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from comparison.contenders.hand_opt_elementwise import elementwise
from comparison.contenders.hand_opt_hvp import hvp
from comparison.contenders.workspace import Workspace, separate
from comparison.job import Job, as_arrays
from comparison.workloads import RATE, Array, NetworkProblem

add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
dot, exp, log, tanh, maximum, greater = np.dot, np.exp, np.log, np.tanh, np.maximum, np.greater
largest: Any = np.maximum.reduce

__all__ = ["elementwise", "hvp", "step"]


def step(problem: NetworkProblem) -> Job:
    """Loops over tuples of arrays that are there already."""
    workspace = separate(problem)
    names, parameters = workspace.names, workspace.parameters
    forward = forward_tanh(workspace) if problem.network.hidden == "tanh" else forward_relu(workspace)
    cost = cost_of_sigmoid(workspace) if problem.network.output == "sigmoid" else cost_of_softmax(workspace)
    backward = backward_tanh(workspace) if problem.network.hidden == "tanh" else backward_relu(workspace)
    pairs = [(parameters[name], workspace.gradients[name]) for name in parameters]
    rate = np.array(RATE, problem.X.dtype)
    L = problem.layers
    W, A, b, Z = names[f"W{L}"], names[f"A{L - 1}"], names[f"b{L}"], names["Z"]
    J = 0.0

    def run() -> None:
        nonlocal J
        forward()
        dot(W, A, Z)
        add(Z, b, Z)
        J = cost()
        backward()
        for parameter, gradient in pairs:
            multiply(gradient, rate, gradient)
            subtract(parameter, gradient, parameter)

    return Job(run, lambda: as_arrays({"J": J, **parameters}))


def hidden_layers(workspace: Workspace) -> list[tuple[Array, Array, Array, Array]]:
    names = workspace.names
    return [
        (names[f"W{l}"], names[f"A{l - 1}"], names[f"b{l}"], names[f"A{l}"]) for l in range(1, workspace.problem.layers)
    ]


def forward_tanh(workspace: Workspace) -> Callable[[], None]:
    layers = hidden_layers(workspace)

    def forward() -> None:
        for W, A_before, b, A in layers:
            dot(W, A_before, A)
            add(A, b, A)
            tanh(A, A)

    return forward


def forward_relu(workspace: Workspace) -> Callable[[], None]:
    layers, zero = hidden_layers(workspace), workspace.names["zero"]

    def forward() -> None:
        for W, A_before, b, A in layers:
            dot(W, A_before, A)
            add(A, b, A)
            maximum(A, zero, out=A)  # by position NumPy deprecates it, for this function alone

    return forward


def cost_of_sigmoid(workspace: Workspace) -> Callable[[], float]:
    """Return J, and leave its derivative in dZ."""
    names = workspace.names
    Y, Z, dZ, A = names["Y"], names["Z"], names["dZ"], names[f"A{workspace.problem.layers}"]
    one, per_sample, labels_minus_1 = names["one"], names["per_sample"], names["labels_minus_1"]
    happened, minus_mean = Z.reshape(-1), names["minus_mean"]
    negative, reciprocal, absolute = np.negative, np.reciprocal, np.absolute

    def cost() -> float:
        negative(Z, A)
        exp(A, A)
        add(A, one, A)
        reciprocal(A, A)
        add(A, labels_minus_1, Z)
        absolute(Z, Z)
        log(Z, Z)
        subtract(A, Y, dZ)
        multiply(dZ, per_sample, dZ)
        J: float = dot(happened, minus_mean)
        return J

    return cost


def cost_of_softmax(workspace: Workspace) -> Callable[[], float]:
    """Return J, and leave its derivative in dZ."""
    names, problem = workspace.names, workspace.problem
    Y, Z, dZ = names["Y"], names["Z"], names["dZ"]
    top, total, log_total = (np.empty((1, problem.network.m), Z.dtype) for _ in range(3))
    log_totals, logits, true = log_total.reshape(-1), Z.reshape(-1), (Y / problem.network.m).astype(Y.dtype).reshape(-1)
    m, mean, ones, labels_per_sample = (names[n] for n in ("m", "mean", "ones_of_classes", "labels_per_sample"))

    def cost() -> float:
        largest(Z, 0, None, top, True)
        subtract(Z, top, Z)
        exp(Z, dZ)
        dot(ones, dZ, total)
        log(total, log_total)
        multiply(total, m, total)
        divide(dZ, total, dZ)
        subtract(dZ, labels_per_sample, dZ)
        J: float = dot(log_totals, mean) - dot(true, logits)
        return J

    return cost


def backward_layers(workspace: Workspace, extra: str) -> list[tuple[Array, ...]]:
    """For each layer from the last to the second: what its backward pass reads and writes."""
    names = workspace.names
    return [
        tuple(
            names[name]
            for name in (
                f"dA{l}",
                f"A{l - 1}T",
                f"dW{l}",
                f"db{l}",
                f"W{l}T",
                f"dA{l - 1}",
                f"A{l - 1}",
                extra.format(l - 1),
            )
        )
        for l in range(workspace.problem.layers, 1, -1)
    ]


def backward_tanh(workspace: Workspace) -> Callable[[], None]:
    layers, ones, one = backward_layers(workspace, "A{}"), workspace.names["ones_of_samples"], workspace.names["one"]
    dZ1, XT, dW1, db1 = (workspace.names[name] for name in ("dA1", "A0T", "dW1", "db1"))

    def backward() -> None:
        for dZ, A_T, dW, db, W_T, dA, A, slope in layers:
            dot(dZ, A_T, dW)
            dot(dZ, ones, db)
            dot(W_T, dZ, dA)
            multiply(A, A, slope)
            subtract(one, slope, slope)
            multiply(dA, slope, dA)
        dot(dZ1, XT, dW1)
        dot(dZ1, ones, db1)

    return backward


def backward_relu(workspace: Workspace) -> Callable[[], None]:
    layers, ones, zero = (
        backward_layers(workspace, "mask{}"),
        workspace.names["ones_of_samples"],
        workspace.names["zero"],
    )
    dZ1, XT, dW1, db1 = (workspace.names[name] for name in ("dA1", "A0T", "dW1", "db1"))

    def backward() -> None:
        for dZ, A_T, dW, db, W_T, dA, A, mask in layers:
            dot(dZ, A_T, dW)
            dot(dZ, ones, db)
            dot(W_T, dZ, dA)
            greater(A, zero, mask)
            multiply(dA, mask, dA)
        dot(dZ1, XT, dW1)
        dot(dZ1, ones, db1)

    return backward
