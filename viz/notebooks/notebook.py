"""How things show themselves in a notebook: a Tensor as its graph, a model by its dimensions, training as a curve."""

from collections.abc import Callable
from typing import Any

from micrograd_nd.compiler.function import Compiled
from micrograd_nd.graph import Node
from micrograd_nd.nn.dimensions import Summary
from micrograd_nd.nn.history import History
from micrograd_nd.nn.module import Module
from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.drawing import without_prologue
from micrograd_nd.viz.graphs.picture import graph
from micrograd_nd.viz.hypertext import attempt
from micrograd_nd.viz.notebooks.history_pages import history_page
from micrograd_nd.viz.notebooks.model_pages import model_page, summary_page
from micrograd_nd.viz.notebooks.program_pages import program_page
from micrograd_nd.viz.notebooks.tensor_pages import tensor_page
from micrograd_nd.viz.rendering import render
from micrograd_nd.viz.values import is_small

__all__ = ["mimebundle"]

MOST_NODES = 50

PAGES: dict[type, Callable[[Any], str]] = {
    Module: model_page,
    Summary: summary_page,
    History: history_page,
    Compiled: program_page,
}


def mimebundle(thing: Any) -> dict[str, str]:
    """Show a Tensor, a model, its summary, the history of a training, or a compiled function.

    Nothing that goes wrong with a picture or a table is an error: what can be shown is shown. No page asks the network
    for anything, and all of them take the colours of the page that they are on, light or dark.

    Parameters
    ----------
    thing : object

    Returns
    -------
    dict
        ``text/plain`` always. Of a Tensor ``image/svg+xml``, its graph, if it is the result of at most 50 operations
        and leaves and Graphviz is there; else ``text/html`` if its values are too many to be written out. Of the others
        ``text/html``.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import nn
    >>> mimebundle(mg.Tensor(2.0))
    {'text/plain': 'Tensor(2.0)'}
    >>> "<table" in mimebundle(nn.MLP([2, 4, 1]))["text/html"]
    True
    """
    bundle = {"text/plain": attempt(lambda: repr(thing)) or object.__repr__(thing)}
    if isinstance(thing, Tensor):
        if svg := attempt(lambda: tensor_picture(thing)):
            bundle["image/svg+xml"] = svg
        elif html := attempt(lambda: "" if is_small(thing.node.out) else tensor_page(thing)):
            bundle["text/html"] = html
        return bundle
    show = next((page for kind, page in PAGES.items() if isinstance(thing, kind)), None)
    if show and (html := attempt(lambda: show(thing))):
        bundle["text/html"] = html
    return bundle


def tensor_picture(tensor: Tensor) -> str:
    """Draw the graph of a Tensor, if it has a small one."""
    return without_prologue(render(graph(tensor), "svg").decode()) if has_small_graph(tensor) else ""


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
