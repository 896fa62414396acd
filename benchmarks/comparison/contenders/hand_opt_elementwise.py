"""`hand_opt` of the elementwise workload: in blocks, so that all between x and its gradient stays in cache."""

from collections.abc import Callable
from typing import Any

import numpy as np

from comparison.job import Job, as_arrays
from comparison.workloads import Array, ElementwiseProblem

add, subtract, multiply, divide = np.add, np.subtract, np.multiply, np.divide
dot, sqrt, tanh = np.dot, np.sqrt, np.tanh

# Bytes of a block of one array. Eight such buffers fit into a second-level cache; smaller ones cost more calls.
BLOCK_BYTES = 131_072


def elementwise(problem: ElementwiseProblem) -> Job:
    """Value and gradient of `workloads.expression`, with the terms collected."""
    x = problem.x
    dx = np.empty_like(x)
    size = BLOCK_BYTES // x.itemsize
    blocks = [(x[i : i + size], dx[i : i + size]) for i in range(0, len(x), size)]
    compute = block_program(x.dtype, size)
    whole = len(blocks) if len(x) % size == 0 else len(blocks) - 1
    compute_rest = block_program(x.dtype, len(x) % size)
    J = 0.0

    def run() -> None:
        nonlocal J
        J = 0.0
        for x_block, dx_block in blocks[:whole]:
            J += compute(x_block, dx_block)
        for x_block, dx_block in blocks[whole:]:
            J += compute_rest(x_block, dx_block)

    return Job(run, lambda: as_arrays({"J": J, "dx": dx}))


def block_program(dtype: np.dtype[Any], size: int) -> Callable[[Array, Array], float]:
    """Return the function that computes one block: it writes the gradient and returns the sum of the values."""
    squares, t, h, q, r, s, w = np.empty((7, size), dtype)
    quarters = np.full(size, 0.25, dtype)
    half, one, quarter = (np.array(value, dtype) for value in (0.5, 1.0, 0.25))
    # u = x (c0 + c1 x²) and half its slope, c2 + c3 x².
    c0, c1, c2, c3 = (np.array(value, dtype) for value in (0.797, 0.797 * 0.0447, 0.797 / 2, 0.797 * 1.5 * 0.0447))

    def compute(x: Array, dx: Array) -> float:
        multiply(x, x, squares)
        multiply(squares, c1, t)
        add(t, c0, t)
        multiply(t, x, t)
        tanh(t, t)
        add(t, one, h)
        multiply(h, half, h)
        multiply(h, x, r)
        add(squares, one, q)
        divide(r, q, r)
        multiply(r, r, s)
        add(s, one, s)
        sqrt(s, s)
        # y = w x + r / 4, with w = s - r / 2
        multiply(r, half, w)
        subtract(s, w, w)
        J: float = dot(w, x) + dot(r, quarters)
        # dg = (x (r / s - 1 / 2) + 1 / 4) / q, in s
        divide(r, s, s)
        subtract(s, half, s)
        multiply(s, x, s)
        add(s, quarter, s)
        divide(s, q, s)
        # dx = w + dg (h + x (u' (1 - t²) / 2 - 2 r))
        multiply(t, t, t)
        subtract(one, t, t)
        multiply(squares, c3, squares)
        add(squares, c2, squares)
        multiply(t, squares, t)
        add(r, r, r)
        subtract(t, r, t)
        multiply(t, x, t)
        add(t, h, t)
        multiply(t, s, t)
        add(t, w, dx)
        return J

    return compute
