"""Where a run went astray: the first module whose output is not finite."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np

import micrograd_nd as mg
from micrograd_nd import Tensor
from micrograd_nd.nn.module import Module, walk

__all__ = ["first_flaw"]


def first_flaw(model: Module, run: Callable[[Any], Any], X: Any) -> str:
    """Run a model once more, and say which of its modules is the first to give what is not finite.

    Parameters
    ----------
    model : Module
        With the values with which it went wrong.
    run : callable
        From samples to what the cost is computed from.
    X : ndarray, shape (n_x, m)
        The samples with which it went wrong.

    Returns
    -------
    str
        A sentence; empty where the model cannot be run once more.
    """
    flawed: list[str] = []
    # It is said that the run went astray in any case, whatever a module of one's own makes of a further call.
    with suppress(Exception), mg.no_grad(), noting(model, flawed):
        out = run(X)
        if flawed:
            return f"The first output that is not finite is that of {flawed[0]}. "
        return "" if is_flawed(out) else "Every output is finite, so that it is the cost that is not. "
    return ""


@contextmanager
def noting(model: Module, flawed: list[str]) -> Iterator[None]:
    """For a while, list the modules that give what is not finite, in the order in which they give it."""
    parts = [(path, part) for path, part in walk(model) if isinstance(part, Module)]
    before = [vars(part).get("forward") for _, part in parts]
    for path, part in parts:
        part.forward = noted(path, part, part.forward, flawed)  # type: ignore[method-assign]
    try:
        yield
    finally:
        for (_, part), forward in zip(parts, before, strict=True):
            del part.forward
            if forward is not None:
                part.forward = forward  # type: ignore[method-assign]


def noted(path: str, part: Module, forward: Callable[..., Any], flawed: list[str]) -> Callable[..., Any]:
    """Make a `forward` that lists the module where it gives what is not finite."""

    def noting_forward(*args: Any, **kwargs: Any) -> Any:
        out = forward(*args, **kwargs)
        if is_flawed(out):
            flawed.append(f"{path}, {part!r}" if path else repr(part))
        return out

    return noting_forward


def is_flawed(out: Any) -> bool:
    """Tell an output with a NaN or an infinity."""
    values = out.numpy() if isinstance(out, Tensor) else out
    return isinstance(values, np.ndarray) and values.dtype.kind == "f" and not np.isfinite(values).all()
