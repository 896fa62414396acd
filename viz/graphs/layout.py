"""What Graphviz is asked for so that it comes to an end: straight arrows where curves would take minutes."""

from micrograd_nd.viz.graphs.scene import Scene

__all__ = ["boxes_passed", "layout"]

# Graphviz takes seconds, then minutes, for curves around boxes where arrows lead past more boxes than this in all.
LONGEST_CURVES = 250
# Straight arrows, and few attempts at shortening them.
STRAIGHT = {"splines": "line", "nslimit": "1", "nslimit1": "1", "mclimit": "0.1"}


def layout(scene: Scene) -> dict[str, str]:
    """Choose how a scene is laid out.

    Parameters
    ----------
    scene : Scene

    Returns
    -------
    dict
        Attributes of a Graphviz graph: none where curves are quickly drawn.
    """
    return dict(STRAIGHT) if boxes_passed(scene) > LONGEST_CURVES else {}


def boxes_passed(scene: Scene) -> int:
    """Add up how many boxes each arrow leads past: what a layout in ranks has to find places for.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> a = mg.Tensor(1.0, name="a")
    >>> boxes_passed(recorded(a + a + a + a))
    3
    """
    sources: dict[str, list[str]] = {}
    for arrow in scene.arrows:
        sources.setdefault(arrow.target, []).append(arrow.source)
    ranks: dict[str, int] = {}
    first_use: dict[str, int] = {}
    for box in scene.boxes:
        ranks[box.id] = rank = 1 + max((ranks.get(source, 0) for source in sources.get(box.id, ())), default=-1)
        for source in sources.get(box.id, ()):
            first_use[source] = min(first_use.get(source, rank), rank)
    # What is given stands right before its first use.
    places = {box.id: ranks[box.id] if box.id in sources else first_use.get(box.id, 1) - 1 for box in scene.boxes}
    return sum(places[arrow.target] - places[arrow.source] - 1 for arrow in scene.arrows)
