"""Random numbers that compiled functions draw anew at every call.

NumPy's generators do not take part in its dispatch: what they return is a plain array, which would be part of a program
for ever. A `Generator` has their methods, and a tracer sees its draws.
"""

from typing import Any

import numpy as np

from micrograd_nd.modes import tracer

__all__ = ["Generator", "default_rng"]


class Generator:
    """A random generator with the methods of `numpy.random.Generator`.

    Parameters
    ----------
    generator : numpy.random.Generator
        What draws.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> rng = mg.default_rng(0)
    >>> noisy = mg.compile(lambda x: x + rng.standard_normal(x.shape))
    >>> noisy(np.zeros(2)), noisy(np.zeros(2))
    (array([ 0.12573022, -0.13210486]), array([0.64042265, 0.10490012]))
    """

    def __init__(self, generator: np.random.Generator) -> None:
        if not isinstance(generator, np.random.Generator):
            raise TypeError(f"Generator wraps a numpy.random.Generator, got {generator!r}; default_rng(seed) makes one")
        self.generator = generator

    def __getattr__(self, name: str) -> Any:
        method = getattr(self.__dict__["generator"], name) if "generator" in self.__dict__ else None
        if name.startswith("_") or not callable(method):
            raise AttributeError(f"a Generator draws as numpy.random.Generator does; there is no {name}")

        def draw(*args: Any, **kwargs: Any) -> Any:
            now = tracer()
            return method(*args, **kwargs) if now is None else now.draw(self.generator, name, args, kwargs)

        return draw


def default_rng(seed: Any = None) -> Generator:
    """Make a generator of random numbers, as `numpy.random.default_rng` does.

    Parameters
    ----------
    seed : int, numpy.random.Generator or anything else that NumPy takes, optional
        The same seed gives the same numbers, in eager code and in a compiled program.

    Returns
    -------
    Generator
        In eager code it gives plain arrays. In a compiled function each of its draws is made anew at every call.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mg.default_rng(0).random()
    0.6369616873214543
    """
    return seed if isinstance(seed, Generator) else Generator(np.random.default_rng(seed))
