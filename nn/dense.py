"""Dense: the course's building block, a linear layer and its activation, forward and backward."""

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.modes import tracing
from micrograd_nd.nn.activations import ELU, GELU, LeakyReLU, ReLU, SiLU, activation
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.batch_norm import BatchNorm
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.dropout import Dropout
from micrograd_nd.nn.initialisation import Weights
from micrograd_nd.nn.module import Module, call_like

__all__ = ["Dense", "DenseCache", "DenseGradients", "is_steady", "weights_before"]


class DenseCache(NamedTuple):
    """What a `Dense` layer keeps of its forward step for the backward step.

    Attributes
    ----------
    A_prev : array, shape (n_in, m)
        What came in.
    W : array, shape (n_out, n_in)
        The weights.
    b : array, shape (n_out, 1)
        The biases.
    Z : array, shape (n_out, m)
        What the activation was applied to, ``W @ A_prev + b``.
    """

    A_prev: Any
    W: Any
    b: Any
    Z: Any


class DenseGradients(NamedTuple):
    """The derivatives of the cost J that a `Dense` layer finds in its backward step.

    Attributes
    ----------
    dZ : array, shape (n_out, m)
        ``dJ/dZ``.
    dW : array, shape (n_out, n_in)
        ``dJ/dW``.
    db : array, shape (n_out, 1)
        ``dJ/db``.
    dA_prev : array, shape (n_in, m)
        ``dJ/dA_prev``: what the layer before is given as its dA.
    """

    dZ: Any
    dW: Any
    db: Any
    dA_prev: Any


class Dense(Sequential):
    """Fully connected layer with its activation, ``A = g(W @ A_prev + b)``, a sample a column.

    It is a `Sequential` of a `Linear` layer and an activation. To see every step of backpropagation, call
    `linear_activation_forward` and `backward` in place of the layer itself.

    Parameters
    ----------
    n_in, n_out : int
        Number of features of a sample before and after.
    activation : str or Module
        By its name, see `activation`, or a module such as ``nn.LeakyReLU(0.2)``, which computes the same every time.
    weights : {"he", "xavier", "small", "zeros", "orthogonal"} or callable, optional
        How the weights start, see `Linear`. By default He before ReLU and what is like it (leaky ReLU, ELU, GELU,
        SiLU), Xavier elsewhere.
    seed : int or numpy.random.Generator, optional
        Where the weights are drawn from; unpredictable by default.
    dtype : dtype
        Of the parameters, floating-point.
    layer : int, optional
        Its number in a network, as of `Linear`.

    Attributes
    ----------
    W : Tensor
        Weights, of shape ``(n_out, n_in)``.
    b : Tensor
        Biases, of shape ``(n_out, 1)``.
    linear : Linear
        The first half.
    activation : Module
        The second.

    Raises
    ------
    TypeError, ValueError
        As `Linear` and `activation` raise them, and for an activation that is neither a name nor a module, or
        that holds a `Dropout` or `BatchNorm`.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> model = nn.Sequential(nn.Dense(2, 4, "tanh", seed=1), nn.Dense(4, 1, "sigmoid", seed=2))
    >>> model
    Sequential(Dense(2, 4, Tanh()), Dense(4, 1, Sigmoid()))
    >>> [parameter.name for parameter in model.parameters()]
    ['W1', 'b1', 'W2', 'b2']

    A step forward and a step backward:

    >>> layer = nn.Dense(2, 1, "sigmoid", weights="zeros")
    >>> A, cache = layer.linear_activation_forward(np.array([[1.0, 2.0], [3.0, 4.0]]))
    >>> A, cache.Z
    (array([[0.5, 0.5]]), array([[0., 0.]]))
    >>> gradients = layer.backward(np.array([[2.0, -4.0]]), cache)
    >>> gradients.dZ, gradients.dW, gradients.db
    (array([[ 0.5, -1. ]]), array([[-1.5, -2.5]]), array([[-0.5]]))
    """

    def __init__(
        self,
        n_in: int,
        n_out: int,
        activation: str | Module = "relu",
        *,
        weights: Weights | None = None,
        seed: int | np.random.Generator | None = None,
        dtype: DTypeLike = np.float64,
        layer: int | None = None,
    ) -> None:
        g = activation_module(activation)
        choice = weights_before(g) if weights is None else weights
        super().__init__(Linear(n_in, n_out, weights=choice, seed=seed, dtype=dtype, layer=layer), g)

    def count_layers(self) -> None:
        """Leave the number to the network that will hold this layer."""

    @property
    def linear(self) -> Linear:
        """The layer that computes Z."""
        return self.layers[0]  # type: ignore[return-value]

    @property
    def activation(self) -> Module:
        """The module that makes A of Z."""
        return self.layers[1]

    @property
    def W(self) -> Tensor:
        """The weights, of shape ``(n_out, n_in)``."""
        return self.linear.W

    @property
    def b(self) -> Tensor:
        """The biases, of shape ``(n_out, 1)``."""
        return self.linear.b

    def linear_activation_forward(self, A_prev: Any) -> tuple[Any, DenseCache]:
        """Compute A, and keep what `backward` needs.

        Parameters
        ----------
        A_prev : array_like or Tensor, shape (n_in, m)
            A sample a column.

        Returns
        -------
        A : array, shape (n_out, m)
            A plain array for a plain array, for a Tensor a Tensor.
        cache : DenseCache
            Likewise. It stays right when the parameters are changed.

        Raises
        ------
        ValueError
            For any other shape. The message names the layer.
        """
        self.linear.check(A_prev)
        if isinstance(A_prev, Tensor):
            W, b = self.W, self.b
        else:
            W, b = self.W.detach(), self.b.detach()
            A_prev = np.asarray(A_prev)
            A_prev = A_prev.astype(W.dtype) if A_prev.dtype.kind in "biu" else A_prev
        Z = W @ A_prev + b
        A = self.activation(Z)
        if isinstance(A_prev, Tensor) or tracing():
            return A, DenseCache(A_prev, +W, +b, Z)
        return np.array(A.numpy()), DenseCache(A_prev, W.numpy(), b.numpy(), Z.numpy())

    def backward(self, dA: Any, cache: DenseCache) -> DenseGradients:
        """Apply the chain rule, from the derivative of the cost with respect to A to those before it.

        Parameters
        ----------
        dA : array_like or Tensor, shape (n_out, m)
            ``dJ/dA``. The 1/m of a cost that is a mean belongs to it, and is not applied here again.
        cache : DenseCache
            What `linear_activation_forward` returned beside A.

        Returns
        -------
        DenseGradients
            By name: dZ, dW, db and dA_prev.

        Raises
        ------
        TypeError
            For a cache that is none.
        ValueError
            For a dA that has not the shape of A.
        """
        if not isinstance(cache, DenseCache):
            raise TypeError(
                "backward takes dA and the cache that linear_activation_forward returned beside A; "
                f"got {type(cache).__name__}"
            )
        A_prev, W, b, Z = cache
        if np.shape(dA) != np.shape(Z):
            raise ValueError(f"dA must have the shape of A, {np.shape(Z)}; got {np.shape(dA)}")
        _, through_activation = mg.vjp(self.activation, Z)
        (dZ,) = through_activation(dA)
        _, through_linear = mg.vjp(lambda W, b, A_prev: W @ A_prev + b, W, b, A_prev)
        dW, db, dA_prev = through_linear(dZ)
        return DenseGradients(dZ, dW, db, dA_prev)

    def __repr__(self) -> str:
        n_out, n_in = self.W.shape
        dtype = [] if self.W.dtype == np.float64 else [f"dtype={self.W.dtype}"]
        return call_like("Dense", [str(n_in), str(n_out), repr(self.activation), *dtype])


def activation_module(choice: Any) -> Module:
    """Make a module of the name of an activation; a module is what it is."""
    if isinstance(choice, Module):
        if not is_steady(choice):
            raise TypeError(f"an activation computes the same every time: put {choice!r} behind the layer, as one more")
        return choice
    if isinstance(choice, str):
        return activation(choice)
    if isinstance(choice, type) and issubclass(choice, Module):
        raise TypeError(f"an activation is a module, not its class: write {choice.__name__}(), not {choice.__name__}")
    raise TypeError(f'an activation is a name, such as "relu", or a Module, such as nn.ReLU(); got {choice!r}')


def is_steady(module: Module) -> bool:
    """Tell what computes the same when `Dense.backward` applies it again."""
    return not any(isinstance(part, Dropout | BatchNorm) for part in module.modules())


def weights_before(activation: Module) -> str:
    """Choose how weights start before an activation."""
    return "he" if isinstance(activation, ReLU | LeakyReLU | ELU | GELU | SiLU) else "xavier"
