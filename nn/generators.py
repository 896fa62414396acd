"""Random generators: those that a run draws from, and their states in what JSON has."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np

from micrograd_nd.nn.module import Module, members
from micrograd_nd.random import Generator

__all__ = ["checked_state", "found_generators", "state_of"]

# The bit generators of NumPy, and the largest value of each number in their states: positions are not checked by NumPy.
KNOWN = (np.random.PCG64, np.random.PCG64DXSM, np.random.MT19937, np.random.Philox, np.random.SFC64)
LARGEST = {
    "has_uint32": 1,
    "uinteger": 2**32 - 1,
    "state": 2**128 - 1,
    "inc": 2**128 - 1,
    "pos": 624,
    "buffer_pos": 4,
}


def found_generators(roots: Mapping[str, Any]) -> dict[str, np.random.Generator]:
    """Find the generators in modules and other objects, in their attributes, lists, tuples and dicts.

    Parameters
    ----------
    roots : mapping of str to object
        Where to look. Of an object that is no module, its own attributes.

    Returns
    -------
    dict of str to numpy.random.Generator
        By the path that leads to each, each once; those that a `micrograd_nd.random.Generator` draws from too.

    Raises
    ------
    TypeError
        For a generator whose state cannot be kept.
    """
    found: dict[str, np.random.Generator] = {}
    seen: set[int] = set()
    for path, part in parts(roots):
        if isinstance(part, np.random.RandomState):
            raise TypeError(f"{path} is a RandomState, whose state cannot be kept: use np.random.default_rng(seed)")
        generator = part.generator if isinstance(part, Generator) else part
        if not isinstance(generator, np.random.Generator) or id(generator.bit_generator) in seen:
            continue
        if type(generator.bit_generator) not in KNOWN:
            name = type(generator.bit_generator).__name__
            raise TypeError(f"{path} draws from {name}, whose state cannot be kept: use np.random.default_rng(seed)")
        seen.add(id(generator.bit_generator))
        found[path] = generator
    return found


def parts(roots: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Visit all that the roots hold, each once, with its path."""
    stack: list[tuple[str, Any]] = list(reversed(list(roots.items())))
    looked_into = {id(root) for root in roots.values()}
    seen: set[int] = set()
    while stack:
        path, part = stack.pop()
        if id(part) in seen:
            continue
        seen.add(id(part))
        yield path, part
        inside = members(part)
        if id(part) in looked_into and not isinstance(part, Module | Mapping | list | tuple):
            inside = getattr(part, "__dict__", {}).items()
        stack.extend(reversed([(f"{path}.{key}", value) for key, value in inside]))


def state_of(generator: np.random.Generator) -> dict[str, Any]:
    """Give the state of a generator in what JSON has."""
    return mapped(generator.bit_generator.state, lambda path, leaf: leaf.tolist() if hasattr(leaf, "tolist") else leaf)


def checked_state(generator: np.random.Generator, given: Any) -> dict[str, Any]:
    """Make of what came from a file a state that a generator can be set to.

    Raises
    ------
    ValueError
        For what is no state of such a generator.
    """

    def checked(path: tuple[str, ...], own: Any) -> Any:
        value = given
        for key in path:
            if not isinstance(value, dict) or key not in value:
                raise ValueError(f"the state of a random generator lacks {'.'.join(path)}")
            value = value[key]
        if isinstance(own, np.ndarray):
            whole = isinstance(value, list) and all(type(x) is int and 0 <= x <= np.iinfo(own.dtype).max for x in value)
            if whole and len(value) == own.size:
                return np.array(value, dtype=own.dtype)
        elif isinstance(own, str):
            if value == own:
                return own
        elif type(value) is int and 0 <= value <= LARGEST[path[-1]]:
            return value
        raise ValueError(f"{'.'.join(path)} = {shortened(value)} is no part of the state of {type(generator).__name__}")

    return mapped(generator.bit_generator.state, checked)


def mapped(
    state: Mapping[str, Any], change: Callable[[tuple[str, ...], Any], Any], path: tuple[str, ...] = ()
) -> dict[str, Any]:
    """Make of a nest of dicts another, leaf by leaf."""
    return {
        key: mapped(value, change, (*path, key)) if isinstance(value, dict) else change((*path, key), value)
        for key, value in state.items()
    }


def shortened(value: Any) -> str:
    """Show something in a message."""
    text = repr(value)
    return text if len(text) <= 40 else text[:37] + "..."
