"""How a Tensor shows itself in a notebook: as its graph, if that is small."""

from micrograd_nd.graph import Node
from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.picture import graph
from micrograd_nd.viz.rendering import render

__all__ = ["mimebundle"]

MOST_NODES = 50


def mimebundle(tensor: Tensor) -> dict[str, str]:
    """Show a Tensor as text, and as its graph where it has a small one and Graphviz is there.

    Parameters
    ----------
    tensor : Tensor
        Any.

    Returns
    -------
    dict
        ``text/plain`` always; ``image/svg+xml`` for the result of at most 50 operations and leaves.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> mimebundle(mg.Tensor(2.0))
    {'text/plain': 'Tensor(2.0)'}
    """
    bundle = {"text/plain": repr(tensor)}
    if has_small_graph(tensor):
        try:
            picture = render(graph(tensor), "svg").decode()
        except Exception:  # noqa: BLE001 - a display must not stand in the way of work; viz.graph says what is wrong
            return bundle
        bundle["image/svg+xml"] = picture[picture.index("<svg") :]
    return bundle


def has_small_graph(tensor: Tensor) -> bool:
    """Count nodes, and stop at the first too many."""
    root = tensor.node
    if type(root) is not Node or root.primitive is None:
        return False
    seen, stack = {root}, [root]
    while stack and len(seen) <= MOST_NODES:
        for parent in stack.pop().inputs:
            if type(parent) is Node and parent not in seen:
                seen.add(parent)
                stack.append(parent)
    return len(seen) <= MOST_NODES
