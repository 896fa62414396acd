"""A scene: what a picture of a computation shows, as data, between what was recorded and how it is drawn.

A scene is made of a Tensor by `recorded_scenes.recorded`. What finds derivatives, folds, groups or simplifies is a
function from scenes to scenes; what draws reads the scene alone.
"""

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, Literal

from micrograd_nd.viz.graphs.expressions import Expression, Reference, references, written_out

__all__ = ["Arrow", "Box", "Group", "Kind", "LocalDerivative", "Scene", "arrow_between"]

Kind = Literal["parameter", "variable", "input", "constant", "operation", "module", "summary", "result"]


@dataclass(frozen=True, eq=False, slots=True)
class Box:
    """A value in a picture.

    Attributes
    ----------
    id : str
        Its own, whatever else is folded or drawn; in a file, the ``id`` of its element.
    kind : str
        ``"parameter"`` of a model; ``"variable"``, another leaf that derivatives are taken of; ``"input"``, data with
        a name, of which none are taken; ``"constant"``, data without one; ``"operation"``; ``"module"``, all operations
        of a module's call; ``"summary"``, operations that are not shown; ``"result"``, the last of them.
    name : str
        What it is called in this picture, different from all others.
    given_name : str or None
        What its user called it.
    expression : Expression
        What it is computed by, of references to other boxes; a reference to itself where nothing was computed.
    value : array
        Of any array library; or, where values are not known, anything with ``shape`` and ``dtype``.
    derivative : array or None
        That of the result with respect to it, of its shape; None where there is none.
    nodes : tuple
        The recorded nodes, constants or arrays that this box stands for, its own value the last.
    group : str or None
        The id of the innermost group that it lies in.
    operations : int
        How many operations a module or a summary stands for.
    parameters : int
        How many numbers the parameters hold that it stands for.
    remarks : tuple of str
        What else is to be told of it, in a line each.
    """

    id: str
    kind: Kind
    name: str
    given_name: str | None
    expression: Expression
    value: Any
    derivative: Any | None = None
    nodes: tuple[Any, ...] = ()
    group: str | None = None
    operations: int = 1
    parameters: int = 0
    remarks: tuple[str, ...] = ()

    @property
    def is_computed(self) -> bool:
        """Whether an operation made it."""
        return type(self.expression) is not Reference

    def inputs(self) -> list[str]:
        """List the ids of the boxes it was computed from, each once, in the order of the formula."""
        return list(dict.fromkeys(references(self.expression))) if self.is_computed else []

    def called(self, name: str) -> "Box":
        """Make the same box with another name."""
        return self if name == self.name else replace(self, name=name)

    def within(self, group: str | None, kind: Kind) -> "Box":
        """Make the same box in a group, of a kind."""
        # As `replace` does, in half the time: of a graph of 100,000 operations nearly all boxes lie in groups.
        return Box(
            self.id,
            kind,
            self.name,
            self.given_name,
            self.expression,
            self.value,
            self.derivative,
            self.nodes,
            group,
            self.operations,
            self.parameters,
            self.remarks,
        )


@dataclass(frozen=True, slots=True)
class LocalDerivative:
    """The derivative of a box with respect to one of those it was computed from.

    Attributes
    ----------
    value : array or None
        A number or an array: what flows back is the derivative at the target, times this, element by element. None
        where the Jacobian is no such thing.
    rule : str or None
        Where there is no such value: what flows back, as a formula in which dZ is the derivative of the result with
        respect to Z.
    shape : tuple of int
        That of the Jacobian: first the target's axes, then the source's.
    """

    value: Any | None
    rule: str | None
    shape: tuple[int, ...]


@dataclass(frozen=True, eq=False, slots=True)
class Arrow:
    """A use of one box in computing another.

    Attributes
    ----------
    id : str
        Of the ids of both: ``n1-n3``.
    source, target : str
        The ids of the box that is used and of the one that is computed.
    share : array or None
        What flows back along the arrow: its part of the derivative of the source, of the source's shape.
    local : LocalDerivative or None
        That of the target with respect to the source; None where there is none, or nobody asked for it.
    """

    id: str
    source: str
    target: str
    share: Any | None = None
    local: LocalDerivative | None = None


@dataclass(frozen=True, eq=False, slots=True)
class Group:
    """Boxes that belong together: what one call of a module computed.

    Attributes
    ----------
    id : str
        Its own: ``g0``.
    title : str
        ``layer 2: Dense 20 → 7, relu``.
    outer : str or None
        The id of the group that it lies in.
    likeness : str
        What it has in common with others of its kind: the title without a number.
    parameters : int
        How many numbers the parameters of the module hold.
    """

    id: str
    title: str
    outer: str | None = None
    likeness: str = ""
    parameters: int = 0


@dataclass(frozen=True, eq=False)
class Scene:
    """What a picture of a computation shows.

    Attributes
    ----------
    boxes : tuple of Box
        In an order of computation: each after those it was computed from.
    arrows : tuple of Arrow
        One for each pair of boxes of which one is used in the other.
    root : str
        The id of the result.
    notes : tuple of str
        What a reader has to be told beside the picture, such as why there are no derivatives.
    groups : tuple of Group
        Each after the one that it lies in.
    """

    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    root: str
    notes: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ()

    @cached_property
    def by_id(self) -> dict[str, Box]:
        """The boxes by their ids."""
        return {box.id: box for box in self.boxes}

    @cached_property
    def group_by_id(self) -> dict[str, Group]:
        """The groups by their ids."""
        return {group.id: group for group in self.groups}

    @cached_property
    def users(self) -> dict[str, list[str]]:
        """The ids of the boxes that each box is used by, by its id; of what is not used, none."""
        found: dict[str, list[str]] = {}
        for arrow in self.arrows:
            found.setdefault(arrow.source, []).append(arrow.target)
        return found

    @cached_property
    def names(self) -> dict[str, str]:
        """The names of the boxes by their ids."""
        return {box.id: box.name for box in self.boxes}

    @cached_property
    def has_derivatives(self) -> bool:
        """Whether anything flows back."""
        return any(box.derivative is not None for box in self.boxes)

    def formula(self, box: Box) -> str:
        """Write what a box is computed by, without its own name: ``b × c``; its name where nothing was computed."""
        return written_out(box.expression, self.names)

    def derivative_name(self, box: Box) -> str:
        """Write the derivative of the result with respect to a box: ``dJ/du``."""
        return f"d{self.names[self.root]}/d{box.name}"

    def renamed(self, names: dict[str, str]) -> "Scene":
        """Call boxes something else, by their ids."""
        return replace(self, boxes=tuple(box.called(names.get(box.id, box.name)) for box in self.boxes))


def arrow_between(source: str, target: str) -> Arrow:
    """Make an arrow from one box to another, by their ids."""
    return Arrow(f"{source}-{target}", source, target)
