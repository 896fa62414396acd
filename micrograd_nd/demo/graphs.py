"""Parts 1 and 2: computation graphs, their values, their derivatives, their pictures."""

from pathlib import Path
from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd import viz

__all__ = ["course_graph", "logistic_regression_example"]


def course_graph(out: Path) -> None:
    """J = 3(a + bc): the course's first computation graph."""
    a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    u = b * c
    v = a + u
    J = 3 * v
    u.name, v.name, J.name = "u", "v", "J"
    J.backward()
    print(f"  forward    u = bc = {u.item():g}, v = a + u = {v.item():g}, J = 3v = {J.item():g}")
    derivatives = ", ".join(f"dJ/d{t.name} = {t.grad:g}" for t in (v, a, u, b, c))
    print(f"  backward   {derivatives}")
    nudged = 3 * (v.item() + 0.001)
    print(f"  a nudge    v = 11 -> {v.item() + 0.001:g} gives J = 33 -> {nudged:g}, three times as much")
    for ending in ("svg", "png"):
        report(viz.draw(J, out / f"graph.{ending}"))


@mg.primitive
def loss(a: Any, y: Any) -> Any:
    """Cross-entropy of one example: a function of our own, so that the picture has one box for it."""
    return -(y * np.log(a) + (1 - y) * np.log(1 - a))


mg.derivative(loss, lambda g, out, a, y: g * ((1 - y) / (1 - a) - y / a), None)


def logistic_regression_example(out: Path) -> None:
    """One example of logistic regression with two features, and the formula dz = a - y."""
    x1, x2 = (mg.Tensor(x, name=n, requires_grad=False) for x, n in ((1.0, "x1"), (2.0, "x2")))
    y = mg.Tensor(1.0, name="y", requires_grad=False)
    w1, w2, b = mg.Tensor(0.5, name="w1"), mg.Tensor(-0.25, name="w2"), mg.Tensor(0.1, name="b")
    z = w1 * x1 + w2 * x2 + b
    a = mg.sigmoid(z)
    L = loss(a, y)
    z.name, a.name, L.name = "z", "a", "L"
    L.backward()
    print("  z = w1 x1 + w2 x2 + b,  a = sigmoid(z),  L = loss(a, y) = -(y log a + (1 - y) log(1 - a))")
    print(f"  z = {z.item():g}, a = {a.item():.6f}, L = {L.item():.6f}")
    print(f"  dz = {z.grad:.12f}   a - y = {a.item() - y.item():.12f}")
    for ending in ("svg", "png"):
        report(viz.draw(L, out / f"logistic_regression.{ending}"))


def report(path: Path) -> None:
    """Say which file was written."""
    print(f"  wrote      {path}")
