"""The models of a first course: logistic regression and networks of L layers."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micrograd_nd.nn.activations import Sigmoid, activation
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dense import weights_before
from micrograd_nd.nn.initialisation import Weights
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import generator_of

__all__ = ["MLP", "LogisticRegression"]


class LogisticRegression(Sequential):
    """Logistic regression, ``A = sigmoid(W1 @ X + b1)``. Its cost is convex, so weights start at zero.

    Parameters
    ----------
    n_x : int
        Number of features.
    dtype : dtype
        Of the parameters.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.LogisticRegression(3)
    >>> model(np.ones((3, 2))).numpy()
    array([[0.5, 0.5]])
    """

    def __init__(self, n_x: int, *, dtype: DTypeLike = np.float64) -> None:
        super().__init__(Linear(n_x, 1, weights="zeros", dtype=dtype), Sigmoid())


class MLP(Sequential):
    """Network of fully connected layers, ``Z[l] = W[l] @ A[l-1] + b[l]``, ``A[l] = g[l](Z[l])``.

    Parameters
    ----------
    sizes : sequence of int
        Number of features, of units in each hidden layer, and of outputs: ``[n_x, n_1, ..., n_y]``. Also an array.
    hidden : str or sequence of str
        Activation of the hidden layers, by its name: see `activation`. One for all, or one for each.
    output : str
        Activation of the output: ``"sigmoid"``, ``"softmax"`` or ``"linear"`` for the costs
        `binary_cross_entropy`, `cross_entropy` or `mse`.
    weights : {"he", "xavier", "small", "zeros", "orthogonal"} or callable, optional
        How all weights start, see `Linear`. By default each layer's own choice: He before ReLU and what is like it
        (leaky ReLU, ELU, GELU, SiLU), Xavier elsewhere.
    seed : int or numpy.random.Generator, optional
        Where the weights are drawn from; unpredictable by default.
    dtype : dtype
        Of the parameters.

    Raises
    ------
    TypeError, ValueError
        For sizes, names or dtypes that make no network.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.MLP([2, 4, 1], hidden="tanh", output="sigmoid", seed=1)
    >>> model
    MLP(Linear(2, 4), Tanh(), Linear(4, 1), Sigmoid())
    >>> [parameter.name for parameter in model.parameters()]
    ['W1', 'b1', 'W2', 'b2']
    >>> nn.MLP([2, 4, 3, 1], hidden=["gelu", "tanh"])
    MLP(Linear(2, 4), GELU(), Linear(4, 3), Tanh(), Linear(3, 1), Sigmoid())
    """

    def __init__(
        self,
        sizes: Sequence[int] | NDArray[np.integer[Any]],
        *,
        hidden: str | Sequence[str] = "relu",
        output: str = "sigmoid",
        weights: Weights | None = None,
        seed: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
    ) -> None:
        sizes = checked_sizes(sizes, output)
        generator = generator_of(seed)
        layers: list[Module] = []
        for l, name in enumerate([*names_of(hidden, len(sizes) - 2), output], 1):
            g = activation(name)
            choice = weights_before(g) if weights is None else weights
            layers += [Linear(sizes[l - 1], sizes[l], weights=choice, seed=generator, dtype=dtype), g]
        super().__init__(*layers)


def names_of(hidden: Any, count: int) -> list[str]:
    """List the activation of each hidden layer."""
    if isinstance(hidden, str):
        return [hidden] * count
    if not isinstance(hidden, list | tuple) or not all(isinstance(name, str) for name in hidden):
        raise TypeError(f'hidden is the name of an activation, such as "relu", or a list of names; got {hidden!r}')
    if len(hidden) != count:
        raise ValueError(f"hidden must name the activations of {count} hidden layers; got {len(hidden)}: {hidden!r}")
    return list(hidden)


def checked_sizes(sizes: Any, output: str) -> list[int]:
    """Refuse what describes no network."""
    sizes = sizes.tolist() if isinstance(sizes, np.ndarray) else sizes
    if not isinstance(sizes, Sequence) or isinstance(sizes, str) or len(sizes) < 2:
        raise ValueError(
            f"an MLP needs the sizes [n_x, n_1, ..., n_y] of at least an input and an output; got {sizes!r}"
        )
    if output in ("softmax", "log_softmax") and sizes[-1] == 1:
        raise ValueError('the softmax of a single output is always 1: use output="sigmoid", or n_y of 2 or more')
    return list(sizes)
