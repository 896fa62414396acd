"""What a run must have in common with one that it goes on from, in what JSON has, and in what two runs differ."""

import zlib
from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.callbacks import Training
from micrograd_nd.nn.module import Module, walk
from micrograd_nd.nn.objective import Cost, default_cost
from micrograd_nd.nn.schedules import Schedule

__all__ = ["differences", "digests_of", "settings_of"]

Settings = dict[str, Any]


def settings_of(
    run: Training,
    *,
    cost: Cost | None,
    learning_rate: float | Schedule,
    rates: Sequence[float],
    batch_size: int | None,
    l2: float,
    l1: float,
) -> Settings:
    """Gather what was chosen for a run, before it begins.

    Parameters
    ----------
    run : Training
    rates : sequence of float
        The learning rate of each epoch.
    cost, learning_rate, batch_size, l2, l1
        As `fit` was given them. Whether it was compiled makes no difference but for rounding.

    Returns
    -------
    dict of str to object
    """
    scheduled = callable(learning_rate)
    return {
        "model": type(run.model).__name__,
        "modules": modules_of(run.model),
        "optimizer": type(run.optimizer).__name__,
        "optimizer settings": optimizer_settings(run.optimizer, rates[0]),
        "learning_rate": "a schedule" if scheduled else float(learning_rate),  # type: ignore[arg-type]
        "rates": list(rates) if scheduled else None,
        "batch_size": None if batch_size is None else int(batch_size),
        "samples": run.batches.m or None,
        "series": list(run.series),
        "cost": function_name(default_cost(run.model) if cost is None else cost),
        "l2": float(l2),
        "l1": float(l1),
    }


def modules_of(model: Module) -> dict[str, str]:
    """Write down each module that holds no other, by its path; of a class of the user's own, the name of the class."""
    found = {}
    for path, part in walk(model):
        if isinstance(part, Module) and len(part.modules()) == 1:
            ours = type(part).__module__.startswith("micrograd_nd.")
            found[path] = repr(part) if ours else type(part).__name__
    return found


def optimizer_settings(optimizer: Any, rate: float) -> Settings:
    """Take the settings of an optimiser that tells them, and its learning rate where that is not the one of the run."""
    told = dict(optimizer.settings()) if hasattr(optimizer, "settings") else {}
    own = getattr(optimizer, "learning_rate", rate)
    return told if own == rate else {**told, "learning_rate": own}


def function_name(function: Any) -> str:
    """Name a function, and the arguments that `functools.partial` has fixed."""
    if isinstance(function, partial):
        fixed = [repr(x) for x in function.args] + [f"{name}={x!r}" for name, x in function.keywords.items()]
        return f"{function_name(function.func)}({', '.join(fixed)})"
    return str(getattr(function, "__name__", type(function).__name__))


def digests_of(batches: Any) -> dict[str, int]:
    """Compute a checksum of samples, labels and weights, of those that are held in memory.

    Parameters
    ----------
    batches : BatchSource

    Returns
    -------
    dict of str to int
    """
    held = batches.in_memory() if hasattr(batches, "in_memory") else {}
    return {f"values of {name}": checksum(values) for name, values in held.items()}


def checksum(A: NDArray[Any]) -> int:
    """Compute the CRC-32 of an array, some rows at a time, since they may have to be copied."""
    value = 0
    for start in range(0, len(A), 256):
        value = zlib.crc32(np.ascontiguousarray(A[start : start + 256]).data, value)
    return value


def differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> Iterator[str]:
    """Say, a line each, in what a run differs from an earlier one.

    Parameters
    ----------
    then : mapping of str to object
        What a file says, which need not be true.
    now : mapping of str to object
        What `settings_of` and `digests_of` gave.
    """
    for name in [*now, *(name for name in then if name not in now)]:
        before, value = then.get(name), now.get(name)
        if name in ("modules", "optimizer settings"):
            owner = " of the optimizer" if name == "optimizer settings" else ""
            yield from unlike(before if isinstance(before, Mapping) else {}, value or {}, owner)
        elif name == "rates":
            yield from unlike_rates(before, value)
        elif name in ("values of X", "values of Y") and None in (before, value):
            pass  # the same samples may be in a file in one run, and in memory in the other
        elif before != value:
            yield f"{name} are others" if name.startswith("values of ") else f"{name} was {before!r}; got {value!r}"


def unlike(then: Mapping[str, Any], now: Mapping[str, Any], owner: str) -> Iterator[str]:
    """Compare two dicts entry by entry."""
    for name in [*now, *(name for name in then if name not in now)]:
        before, value = (repr(given[name]) if name in given else "none" for given in (then, now))
        if before != value:
            yield f"{name or 'the model'}{owner} was {before}; got {value}"


def unlike_rates(then: Any, now: list[float] | None) -> Iterator[str]:
    """Compare two schedules, as far as both go."""
    if not isinstance(then, list) or now is None:
        return
    for epoch, (before, rate) in enumerate(zip(then, now, strict=False), 1):
        if before != rate:
            yield f"the learning rate of epoch {epoch} was {before!r}; got {rate!r}"
            return
