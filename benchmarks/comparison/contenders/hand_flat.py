"""`hand_flat`: the expert's calls as a straight line, all parameters in one flat array and all gradients in another.

The program is what someone with much patience would type for each network. It is put together here as text, line by
line, and compiled by Python; ``print(program(STEPS["planar"]))`` shows one.
"""

from typing import Any

import numpy as np

from comparison.contenders.workspace import flat
from comparison.job import Job, as_arrays
from comparison.workloads import RATE, Network, NetworkProblem

CALLS = {
    "dot": np.dot,
    "add": np.add,
    "subtract": np.subtract,
    "multiply": np.multiply,
    "divide": np.divide,
    "negative": np.negative,
    "reciprocal": np.reciprocal,
    "absolute": np.absolute,
    "exp": np.exp,
    "log": np.log,
    "tanh": np.tanh,
    "maximum": np.maximum,
    "greater": np.greater,
    "largest": np.maximum.reduce,
}

SIGMOID_AND_COST = """\
negative(Z, A{L})
exp(A{L}, A{L})
add(A{L}, one, A{L})
reciprocal(A{L}, A{L})
add(A{L}, labels_minus_1, Z)
absolute(Z, Z)
log(Z, Z)
J = dot(logits, minus_mean)
subtract(A{L}, Y, dA{L})
multiply(dA{L}, per_sample, dA{L})
"""

SOFTMAX_AND_COST = """\
largest(Z, 0, None, top, True)
subtract(Z, top, Z)
exp(Z, dA{L})
dot(ones_of_classes, dA{L}, total)
log(total, log_total)
J = dot(log_totals, mean) - dot(true, logits)
multiply(total, m, total)
divide(dA{L}, total, dA{L})
subtract(dA{L}, labels_per_sample, dA{L})
"""

UPDATE = """\
multiply(gradients, rate, gradients)
subtract(parameters, gradients, parameters)
"""


def program(network: Network) -> str:
    """Write the training step of a network."""
    L = len(network.sizes) - 1
    activation = {"tanh": "tanh(A{l}, A{l})\n", "relu": "maximum(A{l}, zero, out=A{l})\n"}[network.hidden]
    lines = ""
    for l in range(1, L):
        lines += f"dot(W{l}, A{l - 1}, A{l})\nadd(A{l}, b{l}, A{l})\n" + activation.format(l=l)
    lines += f"dot(W{L}, A{L - 1}, Z)\nadd(Z, b{L}, Z)\n"
    lines += (SIGMOID_AND_COST if network.output == "sigmoid" else SOFTMAX_AND_COST).format(L=L)
    for l in range(L, 0, -1):
        lines += f"dot(dA{l}, A{l - 1}T, dW{l})\ndot(dA{l}, ones_of_samples, db{l})\n"
        if l > 1:
            lines += f"dot(W{l}T, dA{l}, dA{l - 1})\n" + through_activation(network.hidden, l - 1)
    body = "".join(f"    {line}\n" for line in (lines + UPDATE).splitlines())
    return f"def run():\n    global J\n{body}"


def through_activation(hidden: str, l: int) -> str:
    """Make dZ of dA; of tanh the activation is not needed again, and becomes the slope."""
    if hidden == "tanh":
        return f"multiply(A{l}, A{l}, A{l})\nsubtract(one, A{l}, A{l})\nmultiply(dA{l}, A{l}, dA{l})\n"
    return f"greater(A{l}, zero, mask{l})\nmultiply(dA{l}, mask{l}, dA{l})\n"


def step(problem: NetworkProblem) -> Job:
    """Compile the program with the arrays as its names."""
    workspace, flat_parameters, flat_gradients = flat(problem)
    Z, dtype = workspace.names["Z"], problem.X.dtype
    totals = {name: np.empty((1, problem.network.m), dtype) for name in ("top", "total", "log_total")}
    names: dict[str, Any] = {
        **CALLS,
        **workspace.names,
        **totals,
        "log_totals": totals["log_total"].reshape(-1),
        "logits": Z.reshape(-1),
        "true": workspace.names["labels_per_sample"].reshape(-1),
        "rate": np.array(RATE, dtype),
        "parameters": flat_parameters,
        "gradients": flat_gradients,
    }
    exec(compile(program(problem.network), "hand_flat", "exec"), names)  # noqa: S102 - the text is this file's own
    return Job(names["run"], lambda: as_arrays({"J": names["J"], **workspace.parameters}))
