"""Pictures into files by one call, whatever is to be drawn."""

import os
from pathlib import Path
from typing import Any

import graphviz

from micrograd_nd.compiler.function import Compiled
from micrograd_nd.nn.module import Module
from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.graphs.picture import graph
from micrograd_nd.viz.networks.network_picture import network
from micrograd_nd.viz.rendering import save

__all__ = ["draw"]


def draw(thing: Tensor | Compiled | Module | graphviz.Digraph, path: str | os.PathLike[str], **options: Any) -> Path:
    """Draw how a Tensor was computed, a compiled program, or a network, into a file.

    Parameters
    ----------
    thing : Tensor, Compiled, Module or graphviz.Digraph
        A result, a compiled function, a model, or a picture that `graph` or `network` returned.
    path : path
        Its ending says what to write: ``.svg``, ``.png``, ``.pdf``, or ``.dot`` for the source, which needs no
        Graphviz. PNG and PDF are set in a font of this system, of which there must be one; SVG in one of the
        reader's.
    **options
        Those of `graph`, or of `network`.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError
        For anything else, and for options beside a picture, which has been drawn with its own.
    ValueError
        For another ending.
    OSError
        Where the file cannot be written.
    ImportError
        Without Graphviz.

    Examples
    --------
    >>> import micrograd_nd as mg, tempfile
    >>> x = mg.Tensor(2.0, name="x")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     draw(x * x, folder + "/square.dot").name
    'square.dot'
    """
    if isinstance(thing, graphviz.Digraph):
        if options:
            raise TypeError(f"a picture has been drawn with its options; got {', '.join(options)} beside one")
        return save(thing, path)
    return save(network(thing, **options) if isinstance(thing, Module) else graph(thing, **options), path)
