"""Random draws in a program: made anew at every call."""

from typing import Any

import numpy as np

from micrograd_nd.compiler.program import Operation
from micrograd_nd.primitives import Primitive

__all__ = ["Draw", "drawing", "is_random"]


class Draw:
    """A method of one generator: what a program calls at every run.

    Attributes
    ----------
    generator : numpy.random.Generator
    __name__ : str
        The method.
    """

    __module__ = "random"

    def __init__(self, generator: np.random.Generator, name: str) -> None:
        self.generator = generator
        self.__name__ = self.__qualname__ = name

    def __call__(self, *args: Any, **options: Any) -> Any:
        """Draw; a Python number becomes one of NumPy's, which has a dtype."""
        out = getattr(self.generator, self.__name__)(*args, **options)
        return out if hasattr(out, "dtype") else np.asarray(out)[()]

    def sample(self, *args: Any, **options: Any) -> Any:
        """Draw from another generator, so that this one stays where it is."""
        return Draw(np.random.default_rng(0), self.__name__)(*args, **options)


def drawing(generator: np.random.Generator, name: str) -> Primitive:
    """Make the primitive that draws."""
    primitive = Primitive(Draw(generator, name))
    primitive.evaluate = primitive.function
    primitive.rules = ()
    primitive.elementwise = primitive.linear = False
    return primitive


def is_random(operation: Operation) -> bool:
    """Tell what gives another value at every call."""
    return isinstance(operation.function, Draw)
