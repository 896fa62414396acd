"""Pictures whose arrows lead far have straight ones: for curves around boxes Graphviz takes seconds, then minutes."""

from collections.abc import Hashable, Mapping, Sequence
from typing import TypeVar

import graphviz

__all__ = ["straightened_where_far"]

# How far arrows may lead in all.
LONGEST_CURVES = 250
STRAIGHT = {"splines": "line", "nslimit": "1", "nslimit1": "1", "mclimit": "0.1"}

Id = TypeVar("Id", bound=Hashable)


def straightened_where_far(picture: graphviz.Digraph, inputs: Mapping[Id, Sequence[Id]]) -> graphviz.Digraph:
    """Let the arrows of a picture be straight if they lead past many boxes.

    Parameters
    ----------
    picture : graphviz.Digraph
        Is changed.
    inputs : mapping
        Of each box, in an order of computation, those it was computed from.

    Returns
    -------
    graphviz.Digraph
        The picture.
    """
    if steps_along(inputs) > LONGEST_CURVES:
        picture.graph_attr.update(STRAIGHT)
    return picture


def steps_along(inputs: Mapping[Id, Sequence[Id]]) -> int:
    """Add up how many boxes each arrow leads past, and one each: what a layout in ranks has to find places for."""
    ranks: dict[Id, int] = {}
    first_use: dict[Id, int] = {}
    for box, sources in inputs.items():
        ranks[box] = max((ranks[source] + 1 for source in sources), default=0)
        for source in sources:
            first_use[source] = min(first_use.get(source, ranks[box]), ranks[box])
    # What is given stands right before its first use.
    places = {box: ranks[box] if sources else first_use.get(box, 1) - 1 for box, sources in inputs.items()}
    return sum(places[box] - places[source] for box, sources in inputs.items() for source in sources)
