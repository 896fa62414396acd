"""`jax_jit`: JAX, the whole training step under jit, parameters donated, 64 bits on.

JAX computes in the background: a turn is over when its last result is there.
"""

from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp

from comparison.job import Job, as_arrays
from comparison.workloads import RATE, ElementwiseProblem, Network, NetworkProblem, ScalarProblem, expression

jax.config.update("jax_enable_x64", True)

Arrays = dict[str, Any]


def make_cost(network: Network) -> Callable[[Arrays, Any, Any], Any]:
    L, m = len(network.sizes) - 1, network.m
    activation = jnp.tanh if network.hidden == "tanh" else jax.nn.relu

    def logits(parameters: Arrays, X: Any) -> Any:
        A = X
        for l in range(1, L):
            A = activation(parameters[f"W{l}"] @ A + parameters[f"b{l}"])
        return parameters[f"W{L}"] @ A + parameters[f"b{L}"]

    def binary_cross_entropy(parameters: Arrays, X: Any, Y: Any) -> Any:
        Z = logits(parameters, X)
        return jnp.sum(jax.nn.softplus(Z) - Y * Z) / m

    def cross_entropy(parameters: Arrays, X: Any, Y: Any) -> Any:
        Z = logits(parameters, X)
        return (jnp.sum(jax.nn.logsumexp(Z, axis=0)) - jnp.sum(Y * Z)) / m

    return binary_cross_entropy if network.output == "sigmoid" else cross_entropy


def step(problem: NetworkProblem) -> Job:
    value_and_grad = jax.value_and_grad(make_cost(problem.network))

    def train_step(parameters: Arrays, X: Any, Y: Any) -> tuple[Arrays, Any]:
        J, gradients = value_and_grad(parameters, X, Y)
        return {name: parameters[name] - RATE * gradients[name] for name in parameters}, J

    program = jax.jit(train_step, donate_argnums=0)
    parameters = {name: jnp.array(value) for name, value in problem.parameters.items()}
    X, Y = jnp.array(problem.X), jnp.array(problem.Y)
    J: Any = None

    def run() -> None:
        nonlocal parameters, J
        parameters, J = program(parameters, X, Y)

    return Job(run, lambda: as_arrays({"J": J, **parameters}), lambda: jax.block_until_ready((parameters, J)))


def scalar(problem: ScalarProblem) -> Job:
    program = jax.jit(jax.value_and_grad(lambda a, b, c: 3 * (a + b * c), argnums=(0, 1, 2)))
    a, b, c = (jnp.array(value) for value in (problem.a, problem.b, problem.c))
    J: Any = None
    gradients: Any = None

    def run() -> None:
        nonlocal J, gradients
        J, gradients = program(a, b, c)

    return Job(
        run,
        lambda: as_arrays({"J": J} | dict(zip(("da", "db", "dc"), gradients, strict=True))),
        lambda: jax.block_until_ready((J, gradients)),
    )


def elementwise(problem: ElementwiseProblem) -> Job:
    program = jax.jit(jax.value_and_grad(lambda x: jnp.sum(expression(x, jnp))))
    x = jnp.array(problem.x)
    J: Any = None
    dx: Any = None

    def run() -> None:
        nonlocal J, dx
        J, dx = program(x)

    return Job(run, lambda: as_arrays({"J": J, "dx": dx}), lambda: jax.block_until_ready((J, dx)))


def hvp(problem: NetworkProblem) -> Job:
    cost = make_cost(problem.network)

    @jax.jit
    def multiply(parameters: Arrays, vector: Arrays, X: Any, Y: Any) -> Any:
        return jax.jvp(jax.grad(lambda p: cost(p, X, Y)), (parameters,), (vector,))[1]

    parameters = {name: jnp.array(value) for name, value in problem.parameters.items()}
    vector = {name: jnp.array(value) for name, value in problem.vector.items()}
    X, Y = jnp.array(problem.X), jnp.array(problem.Y)
    product: Any = {}

    def run() -> None:
        nonlocal product
        product = multiply(parameters, vector, X, Y)

    return Job(run, lambda: as_arrays(product), lambda: jax.block_until_ready(product))
