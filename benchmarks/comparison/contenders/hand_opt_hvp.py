"""`hand_opt` of the Hessian-vector product: the derivative of every line of both passes, into buffers."""

from typing import Any

import numpy as np

from comparison.contenders.workspace import separate
from comparison.job import Job, as_arrays
from comparison.workloads import NetworkProblem

add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
dot, exp, tanh = np.dot, np.exp, np.tanh
largest: Any = np.maximum.reduce


def hvp(problem: NetworkProblem) -> Job:
    """A name that begins with R is the derivative along the vector of the name without it."""
    names = separate(problem).names
    L, m, dtype = problem.layers, problem.network.m, problem.X.dtype
    vector = problem.vector
    product = {name: np.empty_like(value) for name, value in vector.items()}
    shapes = {l: (problem.network.sizes[l], m) for l in range(1, L + 1)}
    RA, dRA, slope, T = ({l: np.empty(shape, dtype) for l, shape in shapes.items()} for _ in range(4))
    dW = {l: np.empty_like(vector[f"W{l}"]) for l in range(2, L + 1)}
    top, total = (np.empty((1, m), dtype) for _ in range(2))
    one, two, per_sample, samples = (np.array(value, dtype) for value in (1.0, 2.0, 1 / m, m))
    labels, ones, ones_of_classes = (
        names[name] for name in ("labels_per_sample", "ones_of_samples", "ones_of_classes")
    )
    forward: list[tuple[Any, ...]] = [
        (
            *(names[name] for name in (f"W{l}", f"b{l}", f"A{l - 1}", f"A{l}")),
            *(vector[name] for name in (f"W{l}", f"b{l}")),
            *(RA.get(l - 1), RA[l], T[l], slope.get(l)),
        )
        for l in range(1, L + 1)
    ]
    backward: list[tuple[Any, ...]] = [
        (
            *(names[name] for name in (f"W{l}T", f"A{l - 1}T", f"A{l - 1}", f"dA{l}", f"dA{l - 1}")),
            *(vector[f"W{l}"].T, RA[l - 1], RA[l - 1].T, dRA[l], dRA[l - 1], slope[l - 1], T[l - 1]),
            *(product[f"W{l}"], product[f"b{l}"], dW[l]),
        )
        for l in range(L, 1, -1)
    ]
    last, dZ, RZ, RdZ = names[f"A{L}"], names[f"dA{L}"], RA[L], dRA[L]
    RdZ1, XT, RdW1, Rdb1 = dRA[1], names["A0T"], product["W1"], product["b1"]

    def logits() -> None:
        for W, b, A_before, A, RW, Rb, RA_before, RA, T, slope in forward:
            dot(W, A_before, A)
            add(A, b, A)
            dot(RW, A_before, RA)
            add(RA, Rb, RA)
            if RA_before is not None:
                dot(W, RA_before, T)
                add(RA, T, RA)
            if A is not last:
                tanh(A, A)
                multiply(A, A, slope)
                subtract(one, slope, slope)
                multiply(RA, slope, RA)

    def softmax_and_cost() -> None:
        """Leave dZ = (A - Y) / m and RdZ = A (RZ - sum of A RZ) / m."""
        largest(last, 0, None, top, True)
        subtract(last, top, last)
        exp(last, last)
        dot(ones_of_classes, last, total)
        divide(per_sample, total, total)
        multiply(last, total, last)
        subtract(last, labels, dZ)
        multiply(last, RZ, RdZ)
        dot(ones_of_classes, RdZ, total)
        multiply(total, samples, total)
        subtract(RZ, total, RZ)
        multiply(last, RZ, RdZ)

    def run() -> None:
        logits()
        softmax_and_cost()
        for W_T, A_T, A, dZ, dA, RW_T, RA, RA_T, RdZ, RdA, slope, T, RdW, Rdb, part in backward:
            dot(RdZ, A_T, RdW)
            dot(dZ, RA_T, part)
            add(RdW, part, RdW)
            dot(RdZ, ones, Rdb)
            dot(W_T, dZ, dA)
            dot(W_T, RdZ, RdA)
            dot(RW_T, dZ, T)
            add(RdA, T, RdA)
            multiply(RdA, slope, RdA)
            # dZ = dA slope, and R of slope is -2 A RA.
            multiply(A, RA, T)
            multiply(T, dA, T)
            multiply(T, two, T)
            subtract(RdA, T, RdA)
            multiply(dA, slope, dA)
        dot(RdZ1, XT, RdW1)
        dot(RdZ1, ones, Rdb1)

    return Job(run, lambda: as_arrays(product))
