"""Summaries: a scene with too many boxes for a picture becomes one with few, by rules that are stated."""

from collections.abc import Iterator

from micrograd_nd.viz.graphs.collapsing import collapsed, innermost
from micrograd_nd.viz.graphs.cones import into_their_users
from micrograd_nd.viz.graphs.layout import boxes_passed
from micrograd_nd.viz.graphs.repeats import without_repeats
from micrograd_nd.viz.graphs.scene import Scene
from micrograd_nd.viz.graphs.stretches import in_stretches

__all__ = ["MOST_ARROWS", "MOST_BOXES", "MOST_PASSED", "summarised"]

# What a picture shows at most, and how many boxes its arrows lead past in all. Graphviz draws so much in seconds.
MOST_BOXES, MOST_ARROWS, MOST_PASSED = 300, 600, 10_000
# A rule that leaves less than this of a large scene tells too little.
FEWEST_BOXES = 12


def summarised(scene: Scene) -> Scene:
    """Make a scene small enough for a picture.

    Parameters
    ----------
    scene : Scene
        Of any size, without derivatives.

    Returns
    -------
    Scene
        Of at most 300 boxes and 600 arrows, which lead past at most 10,000 boxes in all. One that has no more is
        returned as it is. Else repetitions become one box each; then, while there are more, modules, from those that
        hold no other outwards, with what repeats itself then; then operations without a name that are used once become
        part of the one that uses them. Where that leaves too many boxes still, or fewer than 12, the operations are
        cut, in their order, into 16 stretches.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> x = mg.Tensor(1.0, name="x")
    >>> y = x
    >>> for _ in range(1000):
    ...     y = y * x
    >>> scene = summarised(recorded(y))
    >>> [scene.formula(box) for box in scene.boxes if box.is_computed]
    ['x × x', '998 × the same operation, multiply', 't999 × x']
    """
    if is_small(scene):
        return scene
    for simpler in ever_simpler(scene):
        if is_small(simpler):
            return simpler
    raise AssertionError("the last rule leaves few boxes of any scene")


def is_small(scene: Scene) -> bool:
    """Tell what can be drawn in full."""
    few = len(scene.boxes) <= MOST_BOXES and len(scene.arrows) <= MOST_ARROWS
    return few and boxes_passed(scene) <= MOST_PASSED


def ever_simpler(scene: Scene) -> Iterator[Scene]:
    """Apply one rule after the other."""
    scene = without_repeats(scene)
    yield scene
    while innermost(scene):
        scene = collapsed(scene)
        yield scene
        scene = without_repeats(scene)
        yield scene
    joined = without_repeats(into_their_users(scene))
    if len(joined.boxes) >= FEWEST_BOXES:
        yield joined
    yield in_stretches(scene)
