"""The functions that this package differentiates: the same text runs eagerly and compiled."""

from collections.abc import Callable
from typing import Any

import numpy as np

import micrograd_nd as mg
from comparison.workloads import RATE, Array, Network, Parameters, expression

Cost = Callable[[Parameters, Array, Array], Any]


def make_cost(network: Network) -> Cost:
    """Return the cost of a network as a function of its parameters and the data."""
    L, m = len(network.sizes) - 1, network.m
    activation = np.tanh if network.hidden == "tanh" else mg.relu

    def logits(parameters: Parameters, X: Array) -> Any:
        A = X
        for l in range(1, L):
            A = activation(parameters[f"W{l}"] @ A + parameters[f"b{l}"])
        return parameters[f"W{L}"] @ A + parameters[f"b{L}"]

    def binary_cross_entropy(parameters: Parameters, X: Array, Y: Array) -> Any:
        Z = logits(parameters, X)
        return np.sum(mg.softplus(Z) - Y * Z) / m

    def cross_entropy(parameters: Parameters, X: Array, Y: Array) -> Any:
        Z = logits(parameters, X)
        return (np.sum(mg.logsumexp(Z, axis=0)) - np.sum(Y * Z)) / m

    return binary_cross_entropy if network.output == "sigmoid" else cross_entropy


def make_train_step(network: Network) -> Callable[[Parameters, Array, Array], tuple[Parameters, Any]]:
    """Return a training step as a function from parameters to parameters."""
    value_and_grad = mg.value_and_grad(make_cost(network))

    def train_step(parameters: Parameters, X: Array, Y: Array) -> tuple[Parameters, Any]:
        J, gradients = value_and_grad(parameters, X, Y)
        return {name: parameters[name] - RATE * gradients[name] for name in parameters}, J

    return train_step


def product_sum(a: Any, b: Any, c: Any) -> Any:
    return 3 * (a + b * c)


def sum_of_expression(x: Array) -> Any:
    return np.sum(expression(x, np))
