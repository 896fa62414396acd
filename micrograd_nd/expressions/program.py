"""What an expression is read into: steps, each computed from those before it, and the names that some of them have."""

from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.expressions.functions import Function
from micrograd_nd.expressions.source import Source

__all__ = ["Call", "Input", "Number", "Program", "Row", "Step"]


class Number(NamedTuple):
    """A number that is written out, or a constant by its name."""

    value: np.float64


class Input(NamedTuple):
    """A value from outside, by its name."""

    name: str


class Row(NamedTuple):
    """A list: the steps that its elements are, and where it stands in the text."""

    elements: tuple[int, ...]
    start: int
    written: str


class Call(NamedTuple):
    """A function or operator, the steps that it is applied to, its options, and where it stands in the text."""

    function: Function
    arguments: tuple[int, ...]
    options: dict[str, Any]
    at: int
    written: str


Step = Number | Input | Row | Call


class Program(NamedTuple):
    """An expression that was read.

    Attributes
    ----------
    source : Source
        The text.
    steps : list of Step
        In the order of computation.
    result : int
        The step of the last part.
    named : dict
        From the names that the expression gives to their steps.
    inputs : dict
        From the names of values that it uses to their steps.
    used : set of str
        Names of either kind that some part uses, and the name of the last part.
    """

    source: Source
    steps: list[Step]
    result: int
    named: dict[str, int]
    inputs: dict[str, int]
    used: set[str]
