"""Cases of tensordot and einsum."""

import numpy as np
from hypothesis import strategies as st

from micrograd_nd.rules.contractions import einsum_of_two
from micrograd_nd.testing.cases.drawing import Case
from micrograd_nd.testing.cases.products import numbers, sides


@st.composite
def contracting(draw, function):
    """Axes as a number, as one of each array, as lists in any order, counted from either end."""
    summed = draw(st.lists(st.integers(1, 2), max_size=2))
    before, after = (draw(st.lists(st.integers(1, 2), max_size=3 - len(summed))) for _ in range(2))
    if draw(st.booleans()):
        a, b = draw(numbers((*before, *summed))), draw(numbers((*summed, *after)))
        return Case(lambda a, b: function(a, b, axes=len(summed)), (a, b))
    first, second = [*summed, *before], [*summed, *after]
    moved = draw(st.permutations(range(len(first)))), draw(st.permutations(range(len(second))))
    a, b = (draw(numbers(tuple(s[i] for i in order))) for s, order in zip((first, second), moved, strict=True))
    axes = tuple([order.index(i) - len(order) * draw(st.booleans()) for i in range(len(summed))] for order in moved)
    if len(summed) == 1 and draw(st.booleans()):
        axes = axes[0][0], axes[1][0]
    return Case(lambda a, b: function(a, b, axes=axes), (a, b))


@st.composite
def summing(draw, most_operands):
    """Any subscripts: labels that repeat, that only one array has, axes of length 1 that broadcast."""
    lengths = {label: draw(sides) for label in "ijk"}
    terms = draw(st.lists(st.text("ijk", max_size=3), min_size=1, max_size=most_operands))
    labels = sorted(set("".join(terms)))
    output = "".join(draw(st.permutations(labels)))[: draw(st.integers(0, 3))]
    single = [draw(st.sampled_from(["", "", *labels])) for _ in terms]
    arrays = tuple(
        draw(numbers(tuple(1 if label == one else lengths[label] for label in term)))
        for term, one in zip(terms, single, strict=True)
    )
    optimize = draw(st.sampled_from([False, True, "greedy", "optimal"]))
    subscripts = ",".join(terms) + (f" -> {output}" if draw(st.booleans()) or has_no_room(terms) else "")
    # The result has the length of an axis in the longest array; NumPy does not take one that is 1 in all for another.
    return Case(lambda *xs: np.einsum(subscripts, *xs, optimize=optimize), arrays)


def has_no_room(terms):
    """Whether nothing is left to sum, so that a result without an arrow would be as large as all together."""
    return len(set("".join(terms))) == len("".join(terms)) > 3


@st.composite
def summing_in_other_words(draw):
    """Ellipses, and labels as numbers."""
    m, n = draw(sides), draw(sides)
    calls = [
        (lambda a, b: np.einsum("...ij, ...jk", a, b), [(2, m, n), (n, 2)]),
        (lambda a, b: np.einsum("i...,i...->...", a, b), [(n, m), (n, 1)]),
        (lambda a: np.einsum("...ii->...i", a), [(m, n, n)]),
        (lambda a: np.einsum("...->...", a), [(m, n)]),
        (lambda a, b: np.einsum("i...k,...->ki...", a, b), [(2, m, n), (m,)]),
        (lambda a, b: np.einsum(a, [0, 1], b, [1, 2], [0, 2]), [(2, m), (m, n)]),
        (lambda a, b: np.einsum(a, [3, 1], b, [1, 2]), [(2, m), (m, n)]),
        (lambda a, b: np.einsum(a, [..., 1], b, [1, ...], [..., 1]), [(m, n), (n, m)]),
        (lambda a, b, c: np.einsum("ij,jk,kl->il", a, b, c, optimize=["einsum_path", (1, 2), (0, 1)]), [(m, n)] * 3),
        (lambda a, b, c: np.einsum("...i,ij,j...", a, b, c), [(n, m), (m, n), (n, n)]),
    ]
    function, shapes = draw(st.sampled_from(calls))
    if len(shapes) == 3:
        shapes = [(m, n), (n, m), (m, n)] if shapes[0] == (m, n) else shapes
    return Case(function, tuple(draw(numbers(shape)) for shape in shapes))


CASES = {
    np.tensordot: contracting(np.tensordot),
    np.linalg.tensordot: contracting(np.linalg.tensordot),
    np.einsum: summing(4) | summing_in_other_words(),
    einsum_of_two: summing(2) | summing_in_other_words(),
}
