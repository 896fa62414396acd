"""The functions that PyTorch differentiates, eagerly and compiled."""

from collections.abc import Callable
from typing import Any

import torch

from comparison.workloads import Network, NetworkProblem, Parameters

Tensors = dict[str, Any]


def tensors(values: Parameters) -> Tensors:
    return {name: torch.tensor(value) for name, value in values.items()}


def data(problem: NetworkProblem) -> tuple[Any, Any]:
    return torch.from_numpy(problem.X), torch.from_numpy(problem.Y)


def make_cost(network: Network) -> Callable[[Tensors, Any, Any], Any]:
    """Return the cost, from the logits as PyTorch's own functions compute it."""
    L, m = len(network.sizes) - 1, network.m
    activation = torch.tanh if network.hidden == "tanh" else torch.relu

    def logits(parameters: Tensors, X: Any) -> Any:
        A = X
        for l in range(1, L):
            A = activation(torch.addmm(parameters[f"b{l}"], parameters[f"W{l}"], A))
        return torch.addmm(parameters[f"b{L}"], parameters[f"W{L}"], A)

    def binary_cross_entropy(parameters: Tensors, X: Any, Y: Any) -> Any:
        return torch.nn.functional.binary_cross_entropy_with_logits(logits(parameters, X), Y)

    def cross_entropy(parameters: Tensors, X: Any, Y: Any) -> Any:
        return -(Y * torch.log_softmax(logits(parameters, X), 0)).sum() / m

    return binary_cross_entropy if network.output == "sigmoid" else cross_entropy
