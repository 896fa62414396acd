"""Part 6: the same logistic regression by explicit loops, by the course's vectorised form, and by this engine."""

from collections.abc import Callable
from math import exp, log
from statistics import median
from time import perf_counter
from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd.demo import data

__all__ = ["three_ways"]

ITERATIONS = 10
ROUNDS = 7
ALPHA = 0.5

Trained = tuple[Any, float, float]


def three_ways() -> None:
    """Train by each way in turn, several times over, and compare the costs they reach and the time they take."""
    split = data.breast_cancer()
    X, Y = split.X, split.Y.astype(float)
    columns, labels = X.T.tolist(), Y[0].tolist()
    ways: dict[str, Callable[[], Trained]] = {
        "explicit loops": lambda: by_loops(columns, labels),
        "vectorised": lambda: by_formulas(X, Y),
        "this engine": lambda: by_engine(X, Y),
    }
    times: dict[str, list[float]] = {name: [] for name in ways}
    results = {}
    for _ in range(ROUNDS):
        for name, way in ways.items():
            start = perf_counter()
            results[name] = way()
            times[name].append((perf_counter() - start) / ITERATIONS)
    reference = median(times["vectorised"])
    print(
        f"  {ITERATIONS} iterations on {X.shape[1]} samples of {X.shape[0]} features; median of {ROUNDS} runs in turn"
    )
    for name, (w, b, cost) in results.items():
        per_iteration = median(times[name])
        print(
            f"  {name:<15} cost {cost:.12f}   {per_iteration * 1e6:>9,.0f} microseconds an iteration, "
            f"{per_iteration / reference:>7.2f} times the vectorised form"
        )
        np.testing.assert_allclose(w, results["vectorised"][0], rtol=1e-9)
        np.testing.assert_allclose(b, results["vectorised"][1], rtol=1e-9)


def by_loops(samples: list[list[float]], labels: list[float]) -> Trained:
    """Loop over the samples, and over the features of each."""
    n, m = len(samples[0]), len(samples)
    w, b, J = [0.0] * n, 0.0, 0.0
    for _ in range(ITERATIONS):
        J, dw, db = 0.0, [0.0] * n, 0.0
        for x, y in zip(samples, labels, strict=True):
            z = b
            for j in range(n):
                z += w[j] * x[j]
            a = 1 / (1 + exp(-z))
            J += -(y * log(a) + (1 - y) * log(1 - a))
            dz = a - y
            for j in range(n):
                dw[j] += x[j] * dz
            db += dz
        J /= m
        for j in range(n):
            w[j] -= ALPHA * dw[j] / m
        b -= ALPHA * db / m
    return np.array(w)[:, None], b, J


def by_formulas(X: data.Array, Y: data.Array) -> Trained:
    """Take all samples at once, with the derivatives worked out by hand."""
    m = X.shape[1]
    w, b = np.zeros((X.shape[0], 1)), 0.0
    J: Any = 0.0
    for _ in range(ITERATIONS):
        Z = w.T @ X + b
        A = 1 / (1 + np.exp(-Z))
        J = -np.mean(Y * np.log(A) + (1 - Y) * np.log(1 - A))
        dZ = A - Y
        dw = X @ dZ.T / m
        db = np.sum(dZ) / m
        w, b = w - ALPHA * dw, b - ALPHA * db
    return w, b, float(J)


def by_engine(X: data.Array, Y: data.Array) -> Trained:
    """Take all samples at once, and leave the derivatives to the engine."""

    def cost(w: Any, b: Any) -> Any:
        Z = w.T @ X + b
        return np.mean(mg.softplus(Z) - Y * Z)

    value_and_gradients = mg.value_and_grad(cost, argnums=(0, 1))
    w, b, J = np.zeros((X.shape[0], 1)), 0.0, 0.0
    for _ in range(ITERATIONS):
        J, (dw, db) = value_and_gradients(w, b)
        w, b = w - ALPHA * dw, b - ALPHA * db
    return w, b, J
