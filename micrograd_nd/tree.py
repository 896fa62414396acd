"""Nests of tuples, lists and dicts: taken apart into their leaves, and put together again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

__all__ = ["leaves", "rebuild", "tree_map"]

LEAVES = frozenset({np.ndarray, np.float64, np.float32, float, int})


def leaves(tree: Any) -> list[Any]:
    """List what is not a tuple, list, dict or None, dicts in the order of their insertion."""
    found: list[Any] = []
    gather(tree, found)
    return found


def gather(tree: Any, found: list[Any]) -> None:
    """Add the leaves of a nest to a list."""
    if isinstance(tree, dict):
        tree = tree.values()
    elif tree is None:
        return
    elif not isinstance(tree, tuple | list):
        found.append(tree)
        return
    for branch in tree:
        # Most branches are leaves: a look at the type spares a call.
        if type(branch) in LEAVES:
            found.append(branch)
        else:
            gather(branch, found)


def rebuild(tree: Any, new_leaves: Iterable[Any]) -> Any:
    """Make a nest of the form of `tree` with other leaves, in the order of `leaves`."""
    return refilled(tree, iter(new_leaves))


def refilled(tree: Any, remaining: Iterator[Any]) -> Any:
    """Rebuild, written out for dicts and tuples of leaves: every derivative comes through here."""
    kind = type(tree)
    if kind is dict:
        return {
            key: next(remaining) if type(branch) in LEAVES else refilled(branch, remaining)
            for key, branch in tree.items()
        }
    if kind is tuple:
        return tuple([next(remaining) if type(x) in LEAVES else refilled(x, remaining) for x in tree])
    return tree_map(lambda _: next(remaining), tree)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to every leaf."""
    kind = type(tree)
    if kind in LEAVES:
        return function(tree)
    if isinstance(tree, dict):
        return {key: tree_map(function, branch) for key, branch in tree.items()}
    if tree is None:
        return None
    if not isinstance(tree, tuple | list):
        return function(tree)
    branches = [tree_map(function, branch) for branch in tree]
    if kind is tuple or kind is list:
        return kind(branches)
    return kind(*branches) if hasattr(tree, "_fields") else kind(branches)
