"""`hand`: NumPy as the course writes it. Every result is a new array, and the formulas are the course's."""

from typing import Any

import numpy as np

from comparison.job import Job, as_arrays
from comparison.workloads import RATE, Array, ElementwiseProblem, NetworkProblem, Parameters, ScalarProblem


def step(problem: NetworkProblem) -> Job:
    """Forward, backward and update, with the course's loops over the layers."""
    X, Y = problem.X, problem.Y
    parameters = dict(problem.parameters)
    J: Any = None

    def run() -> None:
        nonlocal parameters, J
        A = forward(parameters, X, problem)
        J = cost(A[-1], Y, problem)
        gradients = backward(parameters, A, Y, problem)
        parameters = {name: parameters[name] - RATE * gradients[name] for name in parameters}

    return Job(run, lambda: as_arrays({"J": J, **parameters}))


def forward(parameters: Parameters, X: Array, problem: NetworkProblem) -> list[Array]:
    """Return the activations A[0] = X, A[1], ..., A[L]."""
    hidden, L = problem.network.hidden, problem.layers
    A = [X]
    for l in range(1, L):
        Z = np.dot(parameters[f"W{l}"], A[-1]) + parameters[f"b{l}"]
        A.append(np.tanh(Z) if hidden == "tanh" else np.maximum(0, Z))
    Z = np.dot(parameters[f"W{L}"], A[-1]) + parameters[f"b{L}"]
    A.append(1 / (1 + np.exp(-Z)) if problem.network.output == "sigmoid" else softmax(Z))
    return A


def softmax(Z: Array) -> Array:
    t = np.exp(Z - np.max(Z, axis=0, keepdims=True))
    A: Array = t / np.sum(t, axis=0, keepdims=True)
    return A


def cost(A: Array, Y: Array, problem: NetworkProblem) -> Any:
    """Cross-entropy from the probabilities, as the course has it."""
    m = Y.shape[1]
    if problem.network.output == "sigmoid":
        return -np.sum(Y * np.log(A) + (1 - Y) * np.log(1 - A)) / m
    return -np.sum(Y * np.log(A)) / m


def backward(parameters: Parameters, A: list[Array], Y: Array, problem: NetworkProblem) -> Parameters:
    """Return the gradients, by the course's formulas."""
    hidden, m = problem.network.hidden, Y.shape[1]
    gradients = {}
    dZ = A[-1] - Y
    for l in range(problem.layers, 0, -1):
        gradients[f"W{l}"] = np.dot(dZ, A[l - 1].T) / m
        gradients[f"b{l}"] = np.sum(dZ, axis=1, keepdims=True) / m
        if l > 1:
            dA = np.dot(parameters[f"W{l}"].T, dZ)
            # The course's dZ[Z <= 0] = 0 takes ten times as long, which would flatter everyone else.
            dZ = dA * (1 - A[l - 1] ** 2) if hidden == "tanh" else dA * (A[l - 1] > 0)
    return gradients


def scalar(problem: ScalarProblem) -> Job:
    """The first computation graph of the course."""
    a, b, c = problem.a, problem.b, problem.c
    J: Any = None
    da: Any = None
    db: Any = None
    dc: Any = None

    def run() -> None:
        nonlocal J, da, db, dc
        u = b * c
        v = a + u
        J = 3 * v
        dv = 3
        da = dv
        du = dv
        db = du * c
        dc = du * b

    # dJ/da is the number 3 of the formula, which has no dtype.
    return Job(run, lambda: as_arrays({"J": J, "da": type(a)(da), "db": db, "dc": dc}))


def elementwise(problem: ElementwiseProblem) -> Job:
    """Value and gradient of `workloads.expression`, each line a formula of the chain rule."""
    x = problem.x
    J: Any = None
    dx: Any = None

    def run() -> None:
        nonlocal J, dx
        t = np.tanh(0.797 * (x + 0.0447 * x * x * x))
        g = 0.5 * x * (1 + t)
        q = 1 + x * x
        r = g / q
        s = np.sqrt(1 + r * r)
        J = np.sum((s - 0.5 * r) * x + 0.25 * r)
        ds = x
        dr = 0.25 - 0.5 * x + ds * r / s
        dg = dr / q
        du = dg * 0.5 * x * (1 - t * t)
        dx = (s - 0.5 * r) - 2 * x * r * dg + dg * 0.5 * (1 + t) + du * 0.797 * (1 + 0.1341 * x * x)

    return Job(run, lambda: as_arrays({"J": J, "dx": dx}))


def hvp(problem: NetworkProblem) -> Job:
    """The derivative of every line of forward and backward along the vector (Pearlmutter 1994)."""
    X, Y, parameters, vector, L = problem.X, problem.Y, problem.parameters, problem.vector, problem.layers
    m = Y.shape[1]
    product: Parameters = {}

    def run() -> None:
        nonlocal product
        product = {}
        A, RA = [X], [np.zeros_like(X)]
        for l in range(1, L + 1):
            W, b, RW, Rb = parameters[f"W{l}"], parameters[f"b{l}"], vector[f"W{l}"], vector[f"b{l}"]
            Z = np.dot(W, A[-1]) + b
            # X does not move: its derivative is not multiplied.
            RZ = np.dot(RW, A[-1]) + Rb if l == 1 else np.dot(RW, A[-1]) + np.dot(W, RA[-1]) + Rb
            A.append(np.tanh(Z) if l < L else softmax(Z))
            RA.append(RZ * (1 - A[-1] ** 2) if l < L else A[-1] * (RZ - np.sum(A[-1] * RZ, axis=0, keepdims=True)))
        dZ, RdZ = (A[-1] - Y) / m, RA[-1] / m
        for l in range(L, 0, -1):
            W, RW = parameters[f"W{l}"], vector[f"W{l}"]
            product[f"W{l}"] = np.dot(RdZ, A[l - 1].T)
            if l > 1:
                product[f"W{l}"] += np.dot(dZ, RA[l - 1].T)
            product[f"b{l}"] = np.sum(RdZ, axis=1, keepdims=True)
            if l > 1:
                dA, RdA = np.dot(W.T, dZ), np.dot(W.T, RdZ) + np.dot(RW.T, dZ)
                slope = 1 - A[l - 1] ** 2
                dZ, RdZ = dA * slope, RdA * slope - dA * (2 * A[l - 1] * RA[l - 1])

    return Job(run, lambda: as_arrays(product))


def chain() -> tuple[Any, Any]:
    """Plain numbers: what a chain costs without anyone recording it."""

    def forward(length: int) -> Any:
        t = np.float64(1.0)
        for _ in range(length):
            t = t * 1.0000001
        return length

    def backward(length: int) -> None:
        dt = np.float64(1.0)
        for _ in range(length):
            dt = dt * 1.0000001

    return forward, backward
