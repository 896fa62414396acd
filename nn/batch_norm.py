"""Batch normalisation: every feature brought to the same mean and variance, over the samples of a batch."""

from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from micrograd_nd import Tensor
from micrograd_nd.nn.affine import check_size
from micrograd_nd.nn.data import orientation_hint
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import finite_number

__all__ = ["BatchNorm"]


class BatchNorm(Module):
    r"""Batch normalisation, :math:`\gamma (z - \mu) / \sqrt{\sigma^2 + \varepsilon} + \beta` for each feature.

    In training :math:`\mu` and :math:`\sigma^2` are mean and variance over the samples of the batch, and every batch
    moves the running mean and variance a little towards its own. In evaluation the running ones take their place, so
    that what comes out for a sample does not depend on the samples beside it. Ioffe and Szegedy (2015), "Batch
    normalization: accelerating deep network training by reducing internal covariate shift", algorithms 1 and 2.

    Parameters
    ----------
    n : int
        Number of features.
    momentum : float
        By how much of the difference a batch moves the running mean and variance, above 0 and at most 1. Some packages
        call so what remains of the old ones, which is 1 less this.
    eps : float
        What is added to the variance; positive.
    dtype : dtype
        Of parameters and buffers, floating-point.

    Attributes
    ----------
    gamma, beta : Tensor
        Parameters, of shape ``(n, 1)``; they start at 1 and at 0.
    running_mean, running_variance : Tensor
        Buffers, of shape ``(n, 1)``; they start at 0 and at 1. The variances that are averaged are unbiased ones, with
        m - 1 in place of m.

    Raises
    ------
    TypeError, ValueError
        For a number of features that is no positive integer, settings outside of their ranges, or a dtype without
        gradients.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> norm = nn.BatchNorm(1, momentum=0.5)
    >>> norm(np.array([[1.0, 3.0]])).numpy()
    array([[-0.999995,  0.999995]])
    >>> norm.running_mean.item(), norm.running_variance.item()
    (1.0, 1.5)
    >>> norm.eval()(np.array([[1.0]])).numpy()
    array([[0.]])
    """

    own_tensors = ("gamma", "beta", "running_mean", "running_variance")

    def __init__(self, n: int, *, momentum: float = 0.1, eps: float = 1e-5, dtype: DTypeLike = np.float64) -> None:
        check_size("n", n)
        self.momentum = finite_number("the momentum", momentum)
        if not 0 < self.momentum <= 1:
            raise ValueError(f"the momentum must be above 0 and at most 1, such as 0.1; got {momentum}")
        self.eps = finite_number("eps", eps)
        if self.eps <= 0:
            raise ValueError(f"eps must be a positive number, such as 1e-5; got {eps}")
        if np.dtype(dtype).kind != "f":
            raise TypeError(f"parameters are floating-point numbers; got dtype {np.dtype(dtype)}")
        ones, zeros = np.ones((n, 1)), np.zeros((n, 1))
        self.set_tensors(ones, zeros, zeros, ones, dtype)

    def set_tensors(self, gamma: Any, beta: Any, mean: Any, variance: Any, dtype: DTypeLike) -> None:
        """Replace parameters and buffers by new ones of the given values."""
        self.gamma = Tensor(gamma, dtype=dtype, name="gamma")
        self.beta = Tensor(beta, dtype=dtype, name="beta")
        self.running_mean = Tensor(mean, dtype=dtype, name="running_mean", requires_grad=False)
        self.running_variance = Tensor(variance, dtype=dtype, name="running_variance", requires_grad=False)

    def forward(self, Z: Any) -> Any:
        """Normalise, and in training move the running mean and variance.

        Parameters
        ----------
        Z : array_like or Tensor, shape (n, m)
            A sample a column.

        Returns
        -------
        Tensor, shape (n, m)

        Raises
        ------
        ValueError
            For any other shape, and in training for a batch of a single sample, which has no variance.
        """
        Z = Z if hasattr(Z, "shape") else np.asarray(Z)
        n = self.gamma.shape[0]
        if len(Z.shape) != 2 or Z.shape[0] != n:
            hint = orientation_hint(Z.shape, n, "Z")
            raise ValueError(f"{self!r} needs Z of shape ({n}, m); got {Z.shape}{hint}")
        if not self.training:
            return self.scaled(Z - self.running_mean, self.running_variance)
        m = Z.shape[1]
        self.check_size(m)
        mean = np.mean(Z, axis=1, keepdims=True)
        centred = Z - mean
        variance = np.mean(np.square(centred), axis=1, keepdims=True)
        self.running_mean += self.momentum * (constant(mean) - self.running_mean)
        self.running_variance += self.momentum * (constant(variance) * (m / (m - 1)) - self.running_variance)
        return self.scaled(centred, variance)

    def check_size(self, m: int) -> None:
        """Refuse a batch of so many samples in training; `fit` asks before the first step."""
        if m < 2:
            raise ValueError(
                f"{self!r} got a batch of {m} in training: a mean and a variance need two samples or more. Choose "
                "another batch_size, also for the last batch of an epoch; to predict, call model.eval() first"
            )

    def scaled(self, centred: Any, variance: Any) -> Any:
        """Divide by the standard deviation, and give each feature the scale and the mean that it has learned."""
        return self.gamma * (centred / np.sqrt(variance + self.eps)) + self.beta

    def __repr__(self) -> str:
        settings = [("momentum", self.momentum, 0.1), ("eps", self.eps, 1e-5)]
        given = [f", {name}={value}" for name, value, usual in settings if value != usual]
        dtype = "" if self.gamma.dtype == np.float64 else f", dtype={self.gamma.dtype}"
        return f"BatchNorm({self.gamma.shape[0]}{''.join(given)}{dtype})"


def constant(x: Any) -> Any:
    """Let no derivative pass."""
    return x.detach() if isinstance(x, Tensor) else x
