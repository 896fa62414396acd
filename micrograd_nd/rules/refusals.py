"""What is refused: functions without a rule, and arguments that have a derivative and no formula for it here."""

from collections.abc import Callable
from typing import Any, NoReturn

import numpy as np

from micrograd_nd.primitives import readable

__all__ = ["Refusal", "advice", "no_derivative"]

WRITERS = (np.put, np.place, np.putmask, np.copyto, np.put_along_axis, np.fill_diagonal)


def advice(function: Callable[..., Any]) -> str:
    """Say of a function without a rule what to do instead."""
    if function in WRITERS:
        return "writes into an array, which a graph may hold: assign to elements of a Tensor, t[index] = v"
    return (
        f"has no derivative rule. Register one, mg.derivative({readable(function)}, lambda g, out, x: ...), "
        "or compute on t.numpy() outside of the graph"
    )


class Refusal:
    """A rule that raises when the derivative is asked for. It is not zero, so that None would leave it out unseen."""

    def __init__(self, function: Callable[..., Any], argument: str) -> None:
        self.function = function
        self.argument = argument

    def __call__(self, *_: Any, **__: Any) -> NoReturn:
        """Raise, whatever the values are."""
        raise TypeError(
            f"{readable(self.function)} has no derivative rule with respect to {self.argument}. "
            "Give it as a plain number or array, or detached: t.detach()"
        )


def no_derivative(function: Callable[..., Any], argument: str) -> Refusal:
    """Make the rule of an argument that nobody has a formula for.

    Parameters
    ----------
    function : callable
        What it is a rule of.
    argument : str
        What the argument is called, such as ``"its order"``.

    Returns
    -------
    Refusal
    """
    return Refusal(function, argument)
