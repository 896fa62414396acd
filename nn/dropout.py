"""Dropout: units that are left out at random while a network is trained."""

from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd.nn.module import Module
from micrograd_nd.nn.settings import finite_number, generator_of
from micrograd_nd.random import Generator

__all__ = ["Dropout"]


class Dropout(Module):
    """Inverted dropout: in training each unit of each sample is kept with a probability, and divided by it.

    So the mean of what comes out is what came in, and in evaluation nothing is to be done: what comes in goes out.
    Srivastava, Hinton, Krizhevsky, Sutskever and Salakhutdinov (2014), "Dropout: a simple way to prevent neural
    networks from overfitting", section 10.

    Parameters
    ----------
    keep_prob : float
        The probability to keep a unit, above 0 and at most 1. By name, since some packages are given the probability
        to leave it out.
    seed : int, numpy.random.Generator or mg.random.Generator, optional
        What the units are drawn from. By default `fit` chooses it by its own seed, anew in every run; without `fit` it
        is unpredictable. It is no part of what `nn.save` writes, so a layer that is loaded has none.

    Attributes
    ----------
    rng : mg.random.Generator
        What draws. To seed a layer that is there already, give it another: ``dropout.rng = mg.default_rng(0)``.

    Raises
    ------
    TypeError, ValueError
        For a `keep_prob` that is no number, or none of these.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> dropout = nn.Dropout(keep_prob=0.5, seed=1)
    >>> dropout(np.ones((2, 4)))
    array([[0., 0., 2., 0.],
           [2., 2., 0., 2.]])
    >>> dropout.eval()(np.ones((2, 4)))
    array([[1., 1., 1., 1.],
           [1., 1., 1., 1.]])
    """

    def __init__(self, *, keep_prob: float, seed: int | np.random.Generator | Generator | None = None) -> None:
        self.keep_prob = finite_number("keep_prob", keep_prob)
        if not 0 < self.keep_prob <= 1:
            raise ValueError(f"keep_prob must be a probability above 0 and at most 1, such as 0.8; got {keep_prob}")
        self.rng = seed if isinstance(seed, Generator) else Generator(generator_of(seed))
        self.unchosen = self.rng if seed is None else None

    def forward(self, A: Any) -> Any:
        """Leave units out in training; in evaluation return what came in.

        Parameters
        ----------
        A : array_like or Tensor
            Of any shape.

        Returns
        -------
        array or Tensor
            Of the shape of `A`, and of its dtype if that is floating-point.
        """
        A = A if hasattr(A, "shape") else np.asarray(A)
        if not self.training or self.keep_prob == 1:
            return A
        return A * (self.rng.random(A.shape) < self.keep_prob) / self.keep_prob

    def seed_by(self, generator: np.random.Generator) -> None:
        """Draw a seed, if none was given.

        Parameters
        ----------
        generator : numpy.random.Generator
            Which is left alone by a layer that was given a seed.
        """
        if self.rng is self.unchosen:
            self.rng = self.unchosen = mg.default_rng(int(generator.integers(2**63)))

    def __repr__(self) -> str:
        return f"Dropout(keep_prob={self.keep_prob})"
