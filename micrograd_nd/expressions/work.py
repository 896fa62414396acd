"""How much a call computes, told from the shapes of its arguments before it is made: a bound, in elements."""

import math
from collections.abc import Mapping, Sequence
from itertools import zip_longest
from typing import Any

__all__ = ["WORK", "volume"]

Shape = Sequence[int]
Options = Mapping[str, Any]


def volume(shape: Shape) -> int:
    """Count the elements of an array as if no axis were empty: an empty factor makes no product small."""
    return math.prod(max(length, 1) for length in shape)


def lengths(shape: int | Shape) -> Shape:
    """Read one length as those of one axis."""
    return (shape,) if isinstance(shape, int) else shape


def elementwise(shapes: Sequence[Shape], options: Options) -> int:
    """The size of what the arguments broadcast to."""
    return math.prod(max([1, *lengths]) for lengths in zip_longest(*(shape[::-1] for shape in shapes), fillvalue=1))


def given(shapes: Sequence[Shape], options: Options) -> int:
    """The size of the arguments."""
    return sum(map(volume, shapes))


def ordered(shapes: Sequence[Shape], options: Options) -> int:
    """Sorting, of as many elements."""
    size = given(shapes, options)
    return size * (1 + size.bit_length())


def contracted(shapes: Sequence[Shape], options: Options) -> int:
    """Matrix products: each row with each column."""
    return given(shapes, options) + pairs(shapes, options) // max([1, *shapes[0][-1:]])


def pairs(shapes: Sequence[Shape], options: Options) -> int:
    """Each element with each."""
    return math.prod(map(volume, shapes))


def cubed(shapes: Sequence[Shape], options: Options) -> int:
    """Factorizations: the third power of the side of a matrix."""
    side = max((length for shape in shapes for length in shape[-2:]), default=1)
    squarings = abs(int(options.get("n", 1))).bit_length()
    return given(shapes, options) * max(side, 1) * (1 + squarings)


def shaped(shapes: Sequence[Shape], options: Options) -> int:
    """A shape that is an argument."""
    shape = options["shape"]
    return given(shapes, options) + volume(lengths(shape))


def repeated(shapes: Sequence[Shape], options: Options) -> int:
    """As many copies as are asked for."""
    count = options.get("repeats", options.get("reps", 1))
    return given(shapes, options) * volume(lengths(count))


def square(shapes: Sequence[Shape], options: Options) -> int:
    """The matrix that an identity is, or that a vector is made into as its diagonal or each row."""
    if shapes and len(shapes[0]) > 1:
        return given(shapes, options)
    rows = options.get("N", volume(shapes[0]) if shapes else 1)
    offset = abs(options.get("k", 0))
    sides = (max(side, 1) + offset for side in (rows, options.get("M", rows)))
    return math.prod(sides)


def counted(shapes: Sequence[Shape], options: Options) -> int:
    """As many numbers as are asked for."""
    return elementwise(shapes, options) * volume(lengths(options.get("num", 50)))


def ranged(shapes: Sequence[Shape], options: Options) -> int:
    """The numbers between two, at a step."""
    start, stop, step = options["start"], options.get("stop"), options.get("step", 1.0)
    length = start if stop is None else stop - start
    return 1 if step == 0 else 1 + math.ceil(min(abs(length / step), 1e18))


WORK = {
    "elementwise": elementwise,
    "given": given,
    "ordered": ordered,
    "contracted": contracted,
    "pairs": pairs,
    "cubed": cubed,
    "shaped": shaped,
    "repeated": repeated,
    "square": square,
    "counted": counted,
    "ranged": ranged,
}
