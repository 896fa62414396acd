"""Nests of tuples, lists and dicts: taken apart into their leaves, and put together again."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

__all__ = ["leaves", "rebuild", "tree_map"]


def leaves(tree: Any) -> Iterator[Any]:
    """List what is not a tuple, list, dict or None, dicts in the order of their insertion."""
    if isinstance(tree, dict):
        tree = tree.values()
    elif tree is None:
        return
    elif not isinstance(tree, tuple | list):
        yield tree
        return
    for branch in tree:
        yield from leaves(branch)


def rebuild(tree: Any, new_leaves: Iterable[Any]) -> Any:
    """Make a nest of the form of `tree` with other leaves, in the order of `leaves`."""
    remaining = iter(new_leaves)
    return tree_map(lambda _: next(remaining), tree)


def tree_map(function: Callable[[Any], Any], tree: Any) -> Any:
    """Apply a function to every leaf."""
    if isinstance(tree, dict):
        return {key: tree_map(function, branch) for key, branch in tree.items()}
    if tree is None:
        return None
    if not isinstance(tree, tuple | list):
        return function(tree)
    branches = [tree_map(function, branch) for branch in tree]
    return type(tree)(*branches) if hasattr(tree, "_fields") else type(tree)(branches)
