"""Every function of the registry compiles to a program that gives what eager code gives, and whose text stands alone.

What cannot be compiled, because the shape or the dtype of its result depends on values, says so; `UNCOMPILED` lists it.
"""

import ast

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.handle import plain
from micrograd_nd.primitives import readable
from micrograd_nd.testing.cases import CASES
from micrograd_nd.tree import leaves

SINGLE = {np.dtype(np.float64): np.float32, np.dtype(np.complex128): np.complex64}

BECOMES_COMPLEX = "real arguments give real or complex numbers, depending on values"
UNCOMPILED = {
    np.emath.sqrt: BECOMES_COMPLEX,
    np.emath.log: BECOMES_COMPLEX,
    np.emath.log2: BECOMES_COMPLEX,
    np.emath.log10: BECOMES_COMPLEX,
    np.emath.logn: BECOMES_COMPLEX,
    np.emath.power: BECOMES_COMPLEX,
    np.emath.arccos: BECOMES_COMPLEX,
    np.emath.arcsin: BECOMES_COMPLEX,
    np.emath.arctanh: BECOMES_COMPLEX,
    np.real_if_close: "complex arguments give real or complex numbers, depending on values",
    np.linalg.eig: BECOMES_COMPLEX,
    np.linalg.eigvals: BECOMES_COMPLEX,
    next(f for f in CASES if readable(f) == "mg.packed_eig"): BECOMES_COMPLEX,
    np.trim_zeros: "the length of the result depends on values",
}

COMPILED = [function for function in CASES if function not in UNCOMPILED]

each_function = pytest.mark.parametrize("function", CASES, ids=readable)
each_compiled = pytest.mark.parametrize("function", COMPILED, ids=readable)


def share(examples):
    """As many examples as the profile takes of a hundred."""
    return max(1, examples * settings().max_examples // 100)


def arrays_of(value):
    """The arrays in what a function returned."""
    return [plain(x) for x in leaves(value)]


def number_of(f):
    """A number that all of the result counts in."""

    def total(*xs):
        parts = [part for part in leaves(f(*xs)) if part.dtype.kind in "fc"]
        return sum(np.sum(np.real(part) * 1.25) + np.sum(np.imag(part)) for part in parts)

    return total


def gradient_of(case):
    """The gradient of such a number with respect to all arguments."""
    return mg.grad(number_of(case.function), tuple(range(len(case.arrays))))


def curvature_of(case):
    """The product of the second derivatives of such a number with the arguments themselves."""
    total = number_of(case.function)

    def along(*xs):
        return mg.hvp(lambda nest: total(*nest), (xs,), (xs,))

    return along


def other_values(arrays):
    """Arrays of the same shapes and dtypes with other elements, mostly of the same domain."""
    return tuple((np.reshape(np.ravel(x)[::-1], np.shape(x)) * x.dtype.type(63 / 64))[()] for x in arrays)


def eager(f, arrays):
    """What eager code gives; None where it refuses."""
    try:
        return arrays_of(f(*arrays))
    except (TypeError, ValueError, ZeroDivisionError, np.linalg.LinAlgError):
        return None


def check_same(ours, theirs):
    """Compare shapes, dtypes, and numbers up to some roundings."""
    assert [(np.shape(x), np.result_type(x)) for x in ours] == [(np.shape(x), np.result_type(x)) for x in theirs]
    for x, y in zip(ours, theirs, strict=True):
        if np.result_type(y).kind not in "fc":
            np.testing.assert_array_equal(x, y)
            continue
        eps = np.finfo(np.result_type(y)).eps
        size = np.max(np.abs(np.where(np.isfinite(y), y, 0)), initial=1)
        np.testing.assert_allclose(x, y, rtol=2**16 * eps, atol=2**16 * eps * size)


def check_compiled(f, arrays):
    """A function, compiled for some arrays, gives what it gives uncompiled: for those, and for others after them."""
    expected = eager(f, arrays)
    if expected is None:
        return
    program = mg.compile(f)
    given = [np.array(x) for x in arrays]
    result = arrays_of(program(*arrays))
    check_same(result, expected)
    others = other_values(arrays)
    expected_of_others = eager(f, others)
    if expected_of_others is not None:
        check_same(arrays_of(program(*others)), expected_of_others)
    check_same(result, expected)  # it is the caller's own
    assert [bits(x) for x in arrays] == [bits(x) for x in given]


def bits(x):
    """The bits of an array, where one NaN is like another."""
    x = np.asarray(x)
    parts = np.ascontiguousarray(x).reshape(-1)
    parts = parts.view(np.finfo(x.dtype).dtype) if x.dtype.kind == "c" else parts
    return np.where(np.isnan(parts), np.nan, parts).tobytes() if parts.dtype.kind == "f" else parts.tobytes()


def standing_alone(program):
    """The function that the text of a program defines, run in a namespace that has nothing."""
    namespace = {}
    exec(program.source, namespace)  # noqa: S102 - text of our own making
    return namespace[ast.parse(program.source).body[-1].name]


def check_texts(f, arrays):
    """The text that people read gives, to the bit, what runs."""
    if eager(f, arrays) is None:
        return
    program = mg.compile(f)
    try:
        program(*arrays)
    except mg.TraceError:
        return
    read = standing_alone(program)
    for xs in (arrays, other_values(arrays)):
        if eager(f, xs) is not None:
            ours, theirs = arrays_of(program(*xs)), arrays_of(read(*xs))
            assert [(np.shape(x), np.result_type(x)) for x in ours] == [
                (np.shape(x), np.result_type(x)) for x in theirs
            ]
            assert [bits(x) for x in ours] == [bits(x) for x in theirs]


@each_compiled
@settings(max_examples=share(3))
@given(data=st.data())
def test_a_compiled_function_gives_what_it_gives_uncompiled_also_for_other_values(function, data):
    case = data.draw(CASES[function])
    check_compiled(case.function, case.arrays)


@each_compiled
@settings(max_examples=share(3))
@given(data=st.data())
def test_a_compiled_gradient_is_the_eager_one_also_for_other_values(function, data):
    case = data.draw(CASES[function])
    check_compiled(gradient_of(case), case.arrays)


@each_compiled
@settings(max_examples=share(1))
@given(data=st.data())
def test_compiled_second_derivatives_are_the_eager_ones(function, data):
    case = data.draw(CASES[function])
    check_compiled(curvature_of(case), case.arrays)


@each_compiled
@settings(max_examples=share(1))
@given(data=st.data())
def test_single_precision_stays_single_in_a_program(function, data):
    case = data.draw(CASES[function])
    arrays = tuple(np.asarray(x).astype(SINGLE.get(np.asarray(x).dtype, np.asarray(x).dtype))[()] for x in case.arrays)
    check_compiled(gradient_of(case), arrays)
    check_texts(case.function, arrays)


@each_function
@settings(max_examples=share(2))
@given(data=st.data())
def test_the_text_of_a_program_stands_alone_and_has_the_bits_of_what_runs(function, data):
    case = data.draw(CASES[function])
    for f in (case.function, gradient_of(case)):
        check_texts(f, case.arrays)


@pytest.mark.parametrize("function", UNCOMPILED, ids=readable)
def test_what_cannot_be_compiled_says_so_and_what_to_do(function):
    messages = []

    @settings(max_examples=40, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(CASES[function])
    def look(case):
        try:
            mg.compile(case.function)(*case.arrays)
        except mg.TraceError as error:
            messages.append(str(error))

    look()
    assert messages
    assert all("test_compile_rules.py, line" in text or "in linear_algebra.py, line" in text for text in messages)
    assert all("depends on values" in text and "or leave this function uncompiled" in text for text in messages)
