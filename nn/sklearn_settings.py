"""The settings of networks in scikit-learn's convention, translated into those of `micrograd_nd.nn`."""

import warnings
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np

from micrograd_nd.nn.adam import Adam, AdamW
from micrograd_nd.nn.adaptive_rates import AdaGrad, RMSProp
from micrograd_nd.nn.objective import check_function
from micrograd_nd.nn.optimizers import SGD, Momentum
from micrograd_nd.nn.settings import check_count

__all__ = ["batch_size_of", "hidden_sizes", "named_activation", "named_optimizer"]

# What scikit-learn calls otherwise.
ACTIVATIONS = {"logistic": "sigmoid", "identity": "linear"}

OPTIMIZERS: dict[str, Callable[..., Any]] = {
    "adam": Adam,
    "adamw": AdamW,
    "sgd": SGD,
    "momentum": Momentum,
    "rmsprop": RMSProp,
    "adagrad": AdaGrad,
}


def hidden_sizes(sizes: Any) -> list[int]:
    """List the numbers of units of the hidden layers."""
    listed = list(sizes) if isinstance(sizes, Iterable) and not isinstance(sizes, str) else [sizes]
    for size in listed:
        check_count("each of hidden_layer_sizes", size)
    return listed


def named_activation(name: Any) -> str:
    """Give the name that an activation has here."""
    if not isinstance(name, str):
        raise TypeError(f'activation must be a name, such as "relu"; got {name!r}')
    return ACTIVATIONS.get(name, name)


def named_optimizer(optimizer: Any) -> Callable[..., Any]:
    """Find the class of a name; anything else is one itself."""
    if isinstance(optimizer, str):
        if optimizer not in OPTIMIZERS:
            raise ValueError(f"unknown optimizer {optimizer!r}; known are {', '.join(OPTIMIZERS)}")
        return OPTIMIZERS[optimizer]
    check_function("optimizer", optimizer, "nn.Adam")
    return optimizer  # type: ignore[no-any-return]


def batch_size_of(batch_size: Any, m: int) -> int:
    """Choose how many of m samples a step takes."""
    if isinstance(batch_size, str):
        if batch_size != "auto":
            raise ValueError(f'batch_size must be an int or "auto"; got {batch_size!r}')
        return min(200, m)
    check_count("batch_size", batch_size)
    if batch_size > m:
        warnings.warn(f"batch_size is {batch_size}, and there are {m} samples: all are one batch", stacklevel=4)
    return int(np.minimum(batch_size, m))
