"""Which functions can be applied to Tensors, read off the registry itself: what docs/functions.md is made of."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import suppress
from importlib import import_module
from itertools import chain
from typing import Any

import numpy as np

from micrograd_nd.primitives import lookup, readable, registry

__all__ = ["page", "statuses"]

STATUSES = {
    "rule": "has a derivative rule of its own, and is recorded as one operation",
    "composed": "is composed of functions that have rules, which are recorded in its place",
    "plain": "has no derivative to take (a comparison, a position, a step): gives plain arrays",
    "refused": "raises an error that names it",
}

# Longer prefixes first.
PREFIXES = {
    "np.linalg.": "numpy.linalg",
    "np.fft.": "numpy.fft",
    "np.": "numpy",
    "scipy.special.": "scipy.special",
    "mg.": "micrograd_nd",
}

# Modules whose functions say, in some versions of NumPy, that they are from elsewhere.
HOMES = {"numpy.lib.scimath": np.emath, "numpy.lib.stride_tricks": np.lib.stride_tricks}

SPOKEN = {"getitem": "t[index]", "setitem": "t[index] = v", "ndarray.astype": "t.astype"}

SPACES = [
    "numpy",
    "numpy.linalg",
    "numpy.fft",
    "numpy.lib.scimath",
    "numpy.lib.stride_tricks",
    "scipy.special",
    "micrograd_nd",
    "Operators and methods",
]

DISPATCHING = (np.ufunc, type(np.sum))


def statuses() -> dict[str, dict[str, str]]:
    """List every function with its status, by where it is found.

    Returns
    -------
    dict
        From the name of a module to a dict from the names of its functions to ``"rule"``, ``"composed"``, ``"plain"``
        or ``"refused"``. A function of several names is listed by its own. Functions of NumPy that do not dispatch to
        Tensors, and never see one, are left out.

    Examples
    --------
    >>> from micrograd_nd.coverage import statuses
    >>> found = statuses()["numpy"]
    >>> found["tanh"], found["hsplit"], found["argmax"], found["unique"]
    ('rule', 'composed', 'plain', 'refused')
    """
    found: dict[str, dict[str, str]] = {}
    for function in listed():
        space, name = place_of(function) or ("", "")
        if space:
            found.setdefault(space, {})[name] = status(function)
    return {space: dict(sorted(found[space].items())) for space in sorted(found, key=SPACES.index)}


def page() -> str:
    """Write the page for docs/: each module's functions by their status, with counts.

    Returns
    -------
    str
        Markdown.
    """
    found = statuses()
    counts = Counter(chain.from_iterable(names.values() for names in found.values()))
    version = ".".join(np.__version__.split(".")[:2])
    lines = [
        "# Functions on Tensors",
        "",
        f"Made from the registry by `micrograd-nd functions`, with NumPy {version}: {counts.total()} functions.",
        "Those of the first two kinds have their derivatives tested against numerical ones, first and second order.",
        "",
        "| status | functions | |",
        "| --- | --- | --- |",
        *(f"| {kind} | {counts[kind]} | {meaning} |" for kind, meaning in STATUSES.items()),
        "",
        "Functions that create arrays (`array`, `zeros`, `full`, ...) see a Tensor only by `like=t`, and make one:",
        "`np.array([t, 2 * t], like=t)`. Options that have no derivative rule are refused by name.",
    ]
    for space, names in found.items():
        lines += ["", f"## {space}"]
        for kind in STATUSES:
            if chosen := [name for name, its_kind in names.items() if its_kind == kind]:
                lines += ["", f"{kind.capitalize()}, {len(chosen)}:", ", ".join(f"`{name}`" for name in chosen) + "."]
    return "\n".join(lines) + "\n"


def listed() -> Iterator[Callable[..., Any]]:
    """List what NumPy's modules have that dispatches to Tensors, and what else is in the registry."""
    with suppress(ImportError):
        import_module("micrograd_nd.rules.special")
    seen = set()
    for function in chain(*(vars(space).values() for space in (np, np.linalg, np.fft)), registry):
        if (isinstance(function, DISPATCHING) or in_registry(function)) and function not in seen:
            seen.add(function)
            yield function


def in_registry(function: Any) -> bool:
    """Look up what may not be a function, nor hashable."""
    return callable(function) and lookup(function) is not None


def status(function: Callable[..., Any]) -> str:
    """Look a function up."""
    primitive = lookup(function)
    if primitive is None:
        return "refused"
    if primitive.rules is None:
        return "composed"
    return "plain" if primitive.rules == () else "rule"


def place_of(function: Callable[..., Any]) -> tuple[str, str] | None:
    """Name the module of a function, and the function in it; None for one that is not public."""
    full = readable(function)
    if full in SPOKEN:
        return "Operators and methods", SPOKEN[full]
    for space, module in HOMES.items():
        if getattr(module, getattr(function, "__name__", ""), None) is function:
            return space, function.__name__
    for prefix, space in PREFIXES.items():
        if full.startswith(prefix) and public(name := full.removeprefix(prefix), space):
            return space, name
    return None


def public(name: str, space: str) -> bool:
    """Tell whether a module has a function of that name for its users."""
    return not name.startswith("_") and hasattr(import_module(space), name)
