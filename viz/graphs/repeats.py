"""Repeated parts: where the same operations follow each other again and again, the first and the last are shown."""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.primitives import readable
from micrograd_nd.viz.graphs.contraction import Part, chain_of, common_group, contracted, in_words, parameters_in
from micrograd_nd.viz.graphs.expressions import Application, Reference, Summary, references
from micrograd_nd.viz.graphs.scene import Box, Scene

__all__ = ["FEWEST", "without_repeats"]

# So many times the same is a repetition.
FEWEST = 4
# The longest part, in boxes, that is looked for.
LONGEST = 200


class Run(NamedTuple):
    """The same boxes, several times one after the other.

    Attributes
    ----------
    start : int
        The place of the first, among computed boxes.
    stop : int
        The place after the last.
    period : int
        How many there are each time.
    """

    start: int
    stop: int
    period: int

    @property
    def times(self) -> int:
        """How many times there are, in full."""
        return (self.stop - self.start) // self.period

    @property
    def length(self) -> int:
        """How many boxes there are, in times in full."""
        return self.period * self.times


def without_repeats(scene: Scene) -> Scene:
    """Put one box in the place of what is done again and again, between the first time and the last.

    Parameters
    ----------
    scene : Scene
        Without derivatives.

    Returns
    -------
    Scene
        Where up to 200 boxes in the order of computation are followed by the same four times or more in all: the same
        functions, or modules of the same kind, with results of the same shapes, computed from each other in the same
        way and from leaves of the same shapes. What they have in common with what is before them may be anything. Where
        one could be seen as part of another, the longer stretch counts.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> from micrograd_nd.viz.graphs.recorded_scenes import recorded
    >>> x = mg.Tensor(1.0, name="x")
    >>> for _ in range(50):
    ...     x = np.tanh(x) * 2
    >>> scene = without_repeats(recorded(x))
    >>> [scene.formula(box) for box in scene.boxes if box.is_computed]
    ['tanh(x)', 't1 × 2', '48 × the same 2 operations', 'tanh(t98)', 't99 × 2']
    """
    computed = [box for box in scene.boxes if box.is_computed]
    if len(computed) < FEWEST:
        return scene
    steps = steps_of(scene, computed)
    runs = chosen(repetitions(numbered(steps)), steps)
    depths = depths_of_common_groups(scene, computed) if scene.groups and runs else [0] * len(computed)
    return contracted(scene, [part_of(scene, computed, at_groups(run, depths)) for run in runs])


class Step(NamedTuple):
    """What a box does.

    Attributes
    ----------
    kind : tuple
        The function or module, and shapes.
    sources : tuple
        Where its arguments come from: of computed ones how far before, of leaves their shapes.
    """

    kind: tuple[Any, ...]
    sources: tuple[Any, ...]


def steps_of(scene: Scene, computed: Sequence[Box]) -> list[Step]:
    """Describe boxes such that those that do the same are described alike."""
    places = {box.id: place for place, box in enumerate(computed)}

    def source(id: str, place: int) -> Any:
        if id not in places:
            return np.shape(scene.by_id[id].value)
        distance = place - places[id]
        return distance if distance <= LONGEST else "before"

    return [
        Step(kind_of(box), tuple(source(id, place) for id in references(box.expression)))
        for place, box in enumerate(computed)
    ]


def kind_of(box: Box) -> tuple[Any, ...]:
    """Say what a box does, whatever it does that to."""
    expression, shape = box.expression, np.shape(box.value)
    if isinstance(expression, Application):
        arguments = tuple(None if isinstance(x, Reference) else x.shape for x in expression.arguments)
        return (expression.function, arguments, tuple(expression.options), shape)
    return (box.kind, likeness(box), shape)


def likeness(box: Box) -> str:
    """Say what a module is, without its number; of other summaries, what they say of themselves."""
    text = box.expression.text if isinstance(box.expression, Summary) else ""
    title = text.partition(" (call ")[0]
    return title.partition(": ")[2] if title.startswith("layer ") else title


def numbered(steps: Sequence[Step]) -> NDArray[np.int64]:
    """Number steps such that those that are alike have the same number."""
    known: dict[Step, int] = {}
    return np.array([known.setdefault(step, len(known)) for step in steps])


def repetitions(numbers: NDArray[np.int64]) -> Iterator[Run]:
    """Find stretches that repeat themselves, by how far apart the same comes; the first time may be missing."""
    for period in range(1, min(LONGEST, len(numbers) // FEWEST) + 1):
        same = np.concatenate(([False], numbers[period:] == numbers[:-period], [False]))
        (turns,) = np.nonzero(same[1:] != same[:-1])
        for start, end in turns.reshape(-1, 2)[np.diff(turns.reshape(-1, 2), axis=1)[:, 0] >= (FEWEST - 2) * period]:
            yield Run(int(start), int(end) + period, period)


def chosen(runs: Iterator[Run], steps: Sequence[Step]) -> list[Run]:
    """Choose stretches that do not overlap, the longest first, of two as long the one of the shorter part."""
    taken = np.zeros(len(steps), bool)
    found = []
    for later in sorted(runs, key=lambda run: (-run.length, run.period)):
        run = begun_earlier(later, steps)
        stretch = taken[run.start : run.stop]
        if run.times >= FEWEST and not stretch.any():
            stretch[:] = True
            found.append(run)
    return sorted(found)


def begun_earlier(run: Run, steps: Sequence[Step]) -> Run:
    """Let a run begin with steps that differ from the later ones only in that they are given something from outside."""
    least, start = max(run.start - run.period, 0), run.start
    while start > least and begins(steps[start - 1], steps[start - 1 + run.period], start - 1 - least):
        start -= 1
    return run._replace(start=start)


def begins(step: Step, later: Step, farthest: int) -> bool:
    """Tell whether two steps do the same, the first of them perhaps to what is farther before or is a leaf."""
    if step.kind != later.kind or len(step.sources) != len(later.sources):
        return False
    pairs = zip(step.sources, later.sources, strict=True)
    return all(x == y or not isinstance(x, int) or x > farthest for x, y in pairs)


def depths_of_common_groups(scene: Scene, computed: Sequence[Box]) -> list[int]:
    """Count how many groups hold each box and the one before it."""
    chains = {group.id: chain_of(scene, group.id) for group in scene.groups}
    chain = [chains.get(box.group or "", []) for box in computed]
    pairs = zip([[], *chain], chain, strict=False)
    return [sum(one == other for one, other in zip(*pair, strict=False)) for pair in pairs]


def at_groups(run: Run, depths: Sequence[int]) -> Run:
    """Let the parts of a run begin where groups do, if it is long enough for that."""
    first = min(range(run.start, run.start + run.period), key=lambda place: depths[place])
    moved = run._replace(start=first)
    return moved if moved.times >= FEWEST else run


def part_of(scene: Scene, computed: Sequence[Box], run: Run) -> Part:
    """Say what becomes of all times but the first and the last."""
    members = computed[run.start + run.period : run.start + run.period * (run.times - 1)]
    held = with_leaves(scene, [box.id for box in members])
    group = common_group(scene, (box.group for box in members))
    one = members[: run.period]
    parameters = parameters_in(scene.by_id[id] for id in held)
    text = f"{run.times - 2:,} × {the_same(scene, one, group)}"
    return Part(held, "summary", text, tuple(in_words(parameters)), group)


def with_leaves(scene: Scene, members: Sequence[str], few: int = 0) -> list[str]:
    """Add to computed boxes the leaves that are used by them alone: constants, and of the others more than a few."""
    inside = set(members)
    sources = dict.fromkeys(source for id in members for source in scene.by_id[id].inputs())
    leaves = [id for id in sources if not scene.by_id[id].is_computed and inside.issuperset(scene.users[id])]
    constants = [id for id in leaves if scene.by_id[id].kind == "constant"]
    return [*(leaves if len(leaves) - len(constants) > few else constants), *members]


def the_same(scene: Scene, one: Sequence[Box], group: str | None) -> str:
    """Say what is done each time: the name of a module, or how many operations."""
    own = common_group(scene, (box.group for box in one))
    if own is not None and own != group:
        return scene.group_by_id[own].likeness
    if len(one) == 1 and one[0].kind == "module":
        return likeness(one[0])
    count = sum(box.operations for box in one)
    return f"the same {count:,} operations" if count > 1 else f"the same operation, {function_of(one[0])}"


def function_of(box: Box) -> str:
    """Name the function that a box is computed by."""
    expression = box.expression
    return readable(expression.function).rpartition(".")[2] if isinstance(expression, Application) else "a summary"
