"""Report what derivatives cost, as multiples of what the function itself takes on plain arrays.

    python benchmarks/transforms.py

Contenders take turns in interleaved rounds; medians of each are compared.
"""

import platform
import statistics
from time import perf_counter

import numpy as np

import micrograd_nd as mg

ROUNDS = 15

rng = np.random.default_rng(0)


def layers(W, x):
    """Three layers of a network and its cost: matrix products and a little more."""
    for _ in range(3):
        x = np.tanh(W @ x)
    return np.sum(x * x)


def mixture(x):
    """Elementwise functions, reductions and moves, on one large array."""
    y = np.exp(np.sin(x) * 0.5) + np.log1p(x * x)
    z = np.concatenate([y[::2], y[1::2]]) * np.where(x > 0, x, 0.5 * x)
    return np.sum(np.maximum(z, 0.1) / (1 + np.max(np.abs(z))))


def normalised(x):
    """Functions with no structure that forward mode could use: their rules are transposed."""
    for _ in range(5):
        x = mg.softmax(x, axis=0) * x.shape[0]
    return np.sum(x * x)


W, x = rng.normal(size=(400, 400)) / 20, rng.normal(size=(400, 400))
large, columns = rng.normal(size=400_000), rng.normal(size=(500, 500))

WORKLOADS = {
    "layers, 400 x 400": (layers, (W, x)),
    "elementwise, 400,000": (mixture, (large,)),
    "softmax, 500 x 500": (normalised, (columns,)),
}


def contenders(f, primals):
    tangents = tuple(rng.normal(size=p.shape) for p in primals)
    numbers = tuple(range(len(primals)))
    return {
        "function": lambda: f(*primals),
        "grad": lambda: mg.grad(f, numbers)(*primals),
        "jvp": lambda: mg.jvp(f, primals, tangents),
        "hvp": lambda: mg.hvp(f, primals, tangents),
    }


def main():
    print(f"Python {platform.python_version()}, NumPy {np.__version__}; multiples of the function's own time\n")
    print("| workload | function, ms | grad | jvp | hvp |")
    print("| --- | --- | --- | --- | --- |")
    for name, (f, primals) in WORKLOADS.items():
        taking_part = contenders(f, primals)
        times = {who: [] for who in taking_part}
        for _ in range(ROUNDS):
            for who, call in taking_part.items():
                start = perf_counter()
                call()
                times[who].append(perf_counter() - start)
        medians = {who: statistics.median(values) for who, values in times.items()}
        base = medians.pop("function")
        print(f"| {name} | {1000 * base:.1f} | " + " | ".join(f"{m / base:.1f}" for m in medians.values()) + " |")


if __name__ == "__main__":
    main()
