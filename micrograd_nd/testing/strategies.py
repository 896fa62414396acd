"""How arguments are drawn: arrays away from a function's kinks, shapes that broadcast, axes, indices, einsum calls.

[Hypothesis](https://hypothesis.readthedocs.io) strategies for property tests of functions of arrays. Counterexamples
shrink to small arrays of short numbers, such as 1.0 and 0.5. They need Hypothesis, ``pip install
'micrograd-nd[testing]'``::

    from hypothesis import given
    from micrograd_nd.testing import check_gradients
    from micrograd_nd.testing.strategies import arrays

    @given(arrays(avoid=(0.0,)))
    def test_the_gradient_of_relu_is_right(x):
        check_gradients(relu, x)
"""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micrograd_nd.tensor import Tensor

try:
    import hypothesis.extra.numpy as hnp
    from hypothesis import strategies as st
    from hypothesis.strategies import DrawFn, SearchStrategy
except ImportError as error:
    raise ImportError(
        "micrograd_nd.testing.strategies needs Hypothesis: pip install 'micrograd-nd[testing]'"
    ) from error

__all__ = [
    "EinsumCall",
    "arrays",
    "axes",
    "broadcastable_shapes",
    "einsum_calls",
    "indices",
    "shapes",
    "tensors",
]

Shape = tuple[int, ...]

# The coarsest that numbers are drawn: they are multiples of it, and short to read.
SPACING = 1 / 16


class EinsumCall(NamedTuple):
    """What ``np.einsum`` is called with.

    Attributes
    ----------
    subscripts : str
        Such as ``"ij,jk->ik"``; with ellipses, repeated and left-out letters, with and without an output.
    shapes : tuple of tuple of int
        Of the operands.
    """

    subscripts: str
    shapes: tuple[Shape, ...]


def shapes(*, min_dims: int = 0, max_dims: int = 3, min_side: int = 1, max_side: int = 3) -> SearchStrategy[Shape]:
    """Draw shapes, few and short axes first.

    Parameters
    ----------
    min_dims, max_dims : int
        How many axes.
    min_side, max_side : int
        How long they are; 0 makes empty arrays.

    Returns
    -------
    SearchStrategy of tuple of int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(shapes(), lambda shape: len(shape) == 2)
    (1, 1)
    """
    return hnp.array_shapes(min_dims=min_dims, max_dims=max_dims, min_side=min_side, max_side=max_side)


def broadcastable_shapes(
    count: int = 2, *, max_dims: int = 3, min_side: int = 1, max_side: int = 3
) -> SearchStrategy[tuple[Shape, ...]]:
    """Draw shapes that broadcast together.

    Parameters
    ----------
    count : int
        How many.
    max_dims, min_side, max_side : int
        As for `shapes`.

    Returns
    -------
    SearchStrategy of tuple of tuple of int

    Examples
    --------
    >>> from hypothesis import find
    >>> find(broadcastable_shapes(2), lambda pair: len(pair[0]) > len(pair[1]))
    ((1,), ())
    """
    drawn = hnp.mutually_broadcastable_shapes(num_shapes=count, max_dims=max_dims, min_side=min_side, max_side=max_side)
    return drawn.map(lambda together: together.input_shapes)


@st.composite
def arrays(
    draw: DrawFn,
    shape: Shape | SearchStrategy[Shape] | None = None,
    *,
    dtype: DTypeLike | SearchStrategy[Any] = np.float64,
    low: float = -4.0,
    high: float = 4.0,
    avoid: Sequence[float] = (0.0,),
    margin: float = 1 / 32,
    distinct: bool = False,
) -> NDArray[Any]:
    """Draw arrays of short numbers that keep away from the kinks of a function.

    Parameters
    ----------
    shape : tuple of int or strategy of them, optional
        `shapes` by default.
    dtype : dtype or strategy of them
        Of floating-point numbers, real or complex, or of signed integers. Both parts of a complex number are drawn
        alike.
    low, high : float
        Between what the numbers are.
    avoid : sequence of float
        What they keep away from: the kinks and poles of the function, such as 0 for an absolute value or a
        logarithm. ``()`` for smooth functions.
    margin : float
        How far away they keep. The steps of `numerical_derivative` stay within 1/32.
    distinct : bool
        Whether all elements of an array differ, by 1/16 or twice the margin, as sorting and extrema ask.

    Returns
    -------
    SearchStrategy of ndarray

    Raises
    ------
    ValueError
        When there are no such numbers, or too few of them for a distinct array.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(arrays(), lambda x: True)
    array(1.)
    >>> find(arrays((2,)), lambda x: x[0] < 0 < x[1])
    array([-1.,  1.])
    >>> find(arrays(), lambda x: np.any(np.abs(x) < 1))
    array(0.5)
    >>> find(arrays((3,), distinct=True, dtype=np.float32), lambda x: True)
    array([ 1., -1.,  2.], dtype=float32)
    """
    kind = np.dtype(draw(dtype) if isinstance(dtype, SearchStrategy) else dtype)
    if kind.kind not in "fci":
        raise ValueError(f"arrays are drawn of floating-point numbers, complex numbers or integers; got dtype {kind}")
    sides = shapes() if shape is None else shape
    size = draw(sides) if isinstance(sides, SearchStrategy) else tuple(sides)
    values = short_numbers(float(low), float(high), tuple(map(float, avoid)), float(margin), kind.kind == "i")
    if distinct and len(values) < np.prod(size):
        raise ValueError(
            f"there are {len(values)} numbers between {low} and {high} to fill an array of shape {size} with distinct "
            "ones: widen low and high"
        )
    part = {"c": np.empty(0, kind).real.dtype}.get(kind.kind, kind)
    elements = st.sampled_from(values)
    drawn = hnp.arrays(part, size, elements=elements, unique=distinct)
    return draw(drawn) + part.type(1) * 1j * draw(drawn) if kind.kind == "c" else draw(drawn)


def tensors(
    shape: Shape | SearchStrategy[Shape] | None = None,
    *,
    dtype: DTypeLike | SearchStrategy[Any] = np.float64,
    low: float = -4.0,
    high: float = 4.0,
    avoid: Sequence[float] = (0.0,),
    margin: float = 1 / 32,
    distinct: bool = False,
) -> SearchStrategy[Tensor]:
    """Draw Tensors, as `arrays` draws arrays.

    Parameters
    ----------
    shape, dtype, low, high, avoid, margin, distinct
        As for `arrays`.

    Returns
    -------
    SearchStrategy of Tensor

    Examples
    --------
    >>> from hypothesis import find
    >>> find(tensors((2,)), lambda x: x.requires_grad)
    Tensor([1., 1.], shape=(2,))
    """
    return arrays(shape, dtype=dtype, low=low, high=high, avoid=avoid, margin=margin, distinct=distinct).map(Tensor)


def axes(ndim: int, *, none: bool = True, several: bool = True) -> SearchStrategy[Any]:
    """Draw what NumPy takes as ``axis=``.

    Parameters
    ----------
    ndim : int
        How many axes there are.
    none : bool
        Whether None, for all axes, is among them.
    several : bool
        Whether tuples of axes are.

    Returns
    -------
    SearchStrategy of int, tuple of int or None

    Raises
    ------
    ValueError
        When there is nothing to draw: no axes, and not None.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(axes(3), lambda axis: axis is not None)
    0
    >>> find(axes(3), lambda axis: isinstance(axis, tuple) and len(axis) == 2)
    (0, 1)
    """
    found: list[SearchStrategy[Any]] = [st.none()] * none
    if ndim:
        found += [st.integers(0, ndim - 1), st.integers(-ndim, -1)]
        found += [hnp.valid_tuple_axes(ndim, min_size=1)] * several
    if not found:
        raise ValueError("a 0-d array has no axis: pass none=True")
    return st.one_of(found)


def indices(shape: Shape) -> SearchStrategy[Any]:
    """Draw what an array of a shape can be indexed with: all of NumPy's kinds.

    Parameters
    ----------
    shape : tuple of int
        Of the array.

    Returns
    -------
    SearchStrategy
        Integers, slices, ellipses and new axes; arrays of integers, with elements named twice; mixtures; masks.

    Examples
    --------
    >>> from hypothesis import find
    >>> find(indices((2, 3)), lambda index: isinstance(index, int))
    0
    >>> find(indices((2, 3)), lambda index: isinstance(index, np.ndarray) and index.dtype == bool)
    array([[False, False, False],
           [False, False, False]])
    """
    kinds: list[SearchStrategy[Any]] = []
    if shape and 0 not in shape:
        first = st.integers(-shape[0], shape[0] - 1)
        made = shapes(min_dims=1, max_dims=2)
        rows = hnp.arrays(np.intp, made, elements=first)
        kinds += [
            first,
            rows,
            rows.map(lambda chosen: (chosen, *[slice(None, None, -1)] * (len(shape) - 1))),
            made.flatmap(lambda result: hnp.integer_array_indices(shape, result_shape=st.just(result))),
        ]
    kinds += [hnp.basic_indices(shape, allow_newaxis=True, allow_ellipsis=True)]
    kinds += [hnp.arrays(np.bool_, shape), hnp.arrays(np.bool_, shape[:1])]
    return st.one_of(kinds)


@st.composite
def einsum_calls(draw: DrawFn, *, max_operands: int = 3, max_side: int = 3) -> EinsumCall:
    """Draw what ``np.einsum`` can be called with.

    Parameters
    ----------
    max_operands : int
        How many arrays at most.
    max_side : int
        How long their axes are at most.

    Returns
    -------
    SearchStrategy of EinsumCall

    Examples
    --------
    >>> from hypothesis import find
    >>> call = find(einsum_calls(), lambda call: call.subscripts.endswith("->i"))
    >>> np.einsum(call.subscripts, *[np.ones(shape) for shape in call.shapes]).ndim
    1
    """
    letters = "ijkl"
    sides = dict(zip(letters, draw(st.tuples(*[st.integers(1, max_side)] * len(letters))), strict=True))
    count = draw(st.integers(1, max_operands))
    terms = [draw(st.text(letters, max_size=3)) for _ in range(count)]
    batch: tuple[Shape, ...] = ((),) * count
    if dotted := draw(st.booleans()):
        batch = draw(broadcastable_shapes(count, max_dims=2, max_side=max_side))
    cuts = [draw(st.integers(0, len(term))) for term in terms] if dotted else []
    made = tuple(
        (*map(sides.__getitem__, term[:cut]), *extra, *map(sides.__getitem__, term[cut:]))
        for term, extra, cut in zip(terms, batch, cuts or [0] * count, strict=True)
    )
    if dotted:
        terms = [f"{term[:cut]}...{term[cut:]}" for term, cut in zip(terms, cuts, strict=True)]
    subscripts = ",".join(terms)
    if draw(st.booleans()):
        used = sorted({letter for letter in subscripts if letter in letters})
        kept = draw(st.permutations(used))[: draw(st.integers(0, len(used)))]
        subscripts += "->" + "..." * dotted + "".join(kept)
    return EinsumCall(subscripts, made)


@cache
def short_numbers(low: float, high: float, avoid: tuple[float, ...], margin: float, whole: bool) -> list[float]:
    """List the numbers to draw from, those that are short to write first."""
    spacing = 1.0 if whole else max(SPACING, 2.0 ** np.ceil(np.log2(2 * margin))) if margin > 0 else SPACING
    ks = np.arange(np.ceil(low / spacing), np.floor(high / spacing) + 1)
    found = [float(x) for x in ks * spacing if all(abs(x - a) >= margin for a in avoid)]
    if not found:
        raise ValueError(f"no multiple of {spacing} between {low} and {high} keeps {margin} away from {avoid}")
    return sorted(found, key=lambda x: (x.as_integer_ratio()[1], abs(x), x < 0))
