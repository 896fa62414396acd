"""The arithmetic of long elementwise runs can be left to numba: the same bits, in fewer passes."""

import sys
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.compiler import blocks, native, recipes
from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.clusters import steps
from micrograd_nd.compiler.fast import OUTPUT, FastText
from micrograd_nd.compiler.lowering import lowered
from micrograd_nd.compiler.making import kept
from micrograd_nd.compiler.native import Kernel, is_native, staged
from micrograd_nd.compiler.passes import laid_out, optimised
from micrograd_nd.compiler.recipes import RECIPES, defined

needs_numba = pytest.mark.skipif(native.numba() is None, reason="numba is not installed")


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 8 elements, for arrays of at least 20."""
    monkeypatch.setattr(blocks, "BLOCK", 8)
    monkeypatch.setattr(blocks, "LARGE", 20)


def text_of(f, *args, native=True, donate=None):
    with np.errstate(all="ignore"):
        found = capture(f, args, {})
        program = optimised(found.program)
        if donate is not None:
            program = replace(program, kept=kept(found, args, donate))
        program = lowered(laid_out(program, None))
    return FastText(program, [OUTPUT] * len(program.outputs), native)


def bound(text, compiler=None):
    """The program as it runs; its kernels by Python itself unless numba is to compile them."""
    names = text.names | {"jit": compiler or (lambda kernel: kernel)}
    return defined(text.source, names, "program")["bind"]()


def bits(arrays):
    return [(x.dtype, x.shape, np.where(np.isnan(x), np.nan, x).tobytes()) for x in map(np.asarray, arrays)]


# From earlier results to one more. What numba is not to compute stands between what it is.
OPERATIONS = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "divide": lambda x, y: x / y,
    "negate": lambda x, y: -x,
    "square": lambda x, y: x * x,
    "root": lambda x, y: np.sqrt(np.abs(x)),
    "number": lambda x, y: 0.1 * x - 3,
    "bend": lambda x, y: np.tanh(x),
    "choose": lambda x, y: np.where(x < y, x, y),
    "narrow": lambda x, y: x.astype(np.float32),
    "total": lambda x, y: x * np.sum(y * y),
}


@st.composite
def functions(draw):
    """A function that takes steps, each on results of earlier ones, and returns some of them."""
    numbers = st.integers(0, 15)
    chosen = draw(st.lists(st.tuples(st.sampled_from(sorted(OPERATIONS)), numbers, numbers), min_size=2, max_size=14))
    returned = draw(st.lists(numbers, min_size=2, max_size=2))

    def f(*values):
        values = list(values)
        for name, i, j in chosen:
            values.append(OPERATIONS[name](values[-1 - i % len(values)], values[-1 - j % len(values)]))
        return [values[-1 - i % len(values)] for i in returned]

    return f


def examples(dtype=np.float64, shape=(30,)):
    rng = np.random.default_rng(0)
    return rng.normal(size=shape).astype(dtype), rng.normal(size=shape).astype(dtype)


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@given(f=functions())
def test_kernels_compute_the_bits_that_numpy_does(dtype, f):
    args = examples(dtype)
    with np.errstate(all="ignore"):
        expected = bound(text_of(f, *args, native=False))(*args)
        assert bits(bound(text_of(f, *args))(*args)) == bits(expected)


@needs_numba
@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(50,), (5, 7)])
def test_numba_computes_the_bits_that_numpy_does(dtype, shape):
    def f(x, y):
        a = np.tanh(x * 0.3 + y * y) / (1 + x * x)
        b = np.sqrt(1 + a * a) - 0.7 * np.abs(x) / y
        return [np.sum(a * b - x), -a / 0.0 + b, np.exp(b) * (x / 3 - y)]

    args = examples(dtype, shape)
    text = text_of(f, *args)
    assert text.kernels
    with np.errstate(all="ignore"):
        expected = bound(text_of(f, *args, native=False))(*args)
        assert bits(bound(text, native.jit)(*args)) == bits(expected)


@pytest.mark.usefixtures("small_blocks")
@given(f=functions())
def test_every_step_of_a_run_comes_after_what_it_needs(f):
    with np.errstate(all="ignore"):
        program = lowered(optimised(capture(f, examples(), {}).program))
    for cluster in steps(program):
        inside, there = set(cluster.members), set()
        for step in staged(cluster.members, cluster.kept):
            assert (set(step.operands()) & inside) <= there
            there.update(step.writes if isinstance(step, Kernel) else [step])
        assert set(cluster.kept) <= there


def kernels_of(f, *args):
    program = lowered(optimised(capture(f, args, {}).program))
    (run,) = (cluster for cluster in steps(program) if len(cluster.members) > 1)
    return staged(run.members, run.kept)


@pytest.mark.usefixtures("small_blocks")
def test_all_arithmetic_between_two_functions_is_one_kernel():
    before, tanh, after = kernels_of(lambda x, y: np.tanh(x * y + 1) * x - y / 2, *examples())
    assert (len(before.members), len(after.members)) == (2, 3)
    assert tanh.function is np.tanh
    assert before.writes == list(tanh.operands())


@pytest.mark.usefixtures("small_blocks")
def test_what_is_cheap_is_computed_again_and_what_is_not_is_stored():
    f = lambda x, y: np.tanh(2 * (c := cost(x, y)) + 1) + c * 3
    cost = lambda x, y: x * y
    before, _, after = kernels_of(f, *examples())
    assert len(before.writes) == 1
    assert len(after.members) == 3
    cost = lambda x, y: x / y
    before, _, after = kernels_of(f, *examples())
    assert len(before.writes) == 2
    assert len(after.members) == 2


@pytest.mark.usefixtures("small_blocks")
def test_one_operation_by_itself_is_no_kernel():
    assert not any(isinstance(step, Kernel) for step in kernels_of(lambda x, y: np.tanh(x + y), *examples()))


def test_dtypes_that_numpy_would_convert_are_left_to_numpy():
    def last(f, *args):
        return capture(f, args, {}).program.outputs[0]

    x, y = examples()
    assert is_native(last(lambda x, y: x * y, x, y))
    assert is_native(last(lambda x: 2 * x, x))
    assert not is_native(last(lambda x, y: x * y, x, y.astype(np.float32)))
    assert not is_native(last(lambda x, c: x * c, x.astype(np.float32), 2.0))
    assert not is_native(last(lambda x: x * (x > 0), x))
    assert not is_native(last(lambda x: x * x, x.astype(np.float16)))
    assert not is_native(last(np.maximum, x, y))


def adam(state, g):
    w, m, v = state
    m = 0.9 * m + 0.1 * g
    v = 0.999 * v + 0.001 * g * g
    return w - 0.01 * m / (np.sqrt(v) + 1e-8), m, v


@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize(
    "f",
    [
        adam,
        lambda state, g: (state[1] * 2 - state[0] * g, state[0] * 2 - g * g, np.tanh(state[2] * 3 + state[0]) * 2),
        lambda state, g: (np.tanh(state[0] * 2 + g) + state[0] * 3 - g, state[1] - state[0] * g, state[2]),
    ],
)
@pytest.mark.parametrize("native", [False, True])
def test_state_that_a_run_writes_over_is_read_before(native, f):
    g = examples()[0]
    start = expected = [np.abs(x) for x in (*examples(), g)]
    f_of_list = lambda state, g: list(f(state, g))
    run = bound(text_of(f_of_list, start, g, native=native, donate=0))
    run.load(*start)
    for _ in range(3):
        expected = f_of_list(expected, g)
        np.testing.assert_allclose(run(*run.own, g), expected, rtol=1e-12)


# When it is used


@pytest.fixture
def asked(monkeypatch):
    """A list of what was measured; numba is there and wins."""
    calls = []

    def is_faster(new, usual):
        calls.append((new(), usual()))
        return True

    monkeypatch.setattr(recipes, "is_faster", is_faster)
    monkeypatch.setattr(recipes, "numba", lambda: np)
    monkeypatch.setattr(native, "numba", lambda: type("numba", (), {"njit": lambda **_: lambda kernel: kernel}))
    return calls


@pytest.mark.usefixtures("small_blocks")
def test_what_was_measured_to_be_faster_is_used(asked, monkeypatch):
    f = lambda x, y: np.sum(np.tanh(x * y + 1) * x - y / 2)
    run = mg.compile(f)
    np.testing.assert_allclose(run(*examples()), f(*examples()))
    assert len(asked) == 1
    assert "@jit" in run.source_fast
    monkeypatch.setattr(recipes, "is_faster", lambda new, usual: False)
    RECIPES.clear()
    run = mg.compile(f)
    run(*examples())
    assert "@jit" not in run.source_fast


@pytest.mark.usefixtures("small_blocks")
def test_a_program_stays_with_numpy_where_told_to_or_where_there_is_no_long_run(asked):
    mg.compile(lambda x, y: x * y + 1, native=False)(*examples())
    mg.compile(native=False)(lambda x, y: x * y + 1)(*examples())
    mg.compile(lambda x: x * x + 1)(np.ones(5))
    mg.compile(lambda x: np.tanh(np.exp(x)))(np.ones(50))
    assert asked == []


@pytest.mark.usefixtures("small_blocks", "asked")
def test_measuring_changes_neither_state_nor_random_numbers():
    start = [np.abs(x) for x in (*examples(), examples()[0])]
    before = bits(start)
    g = examples()[1]
    run, state, expected = mg.compile(adam, donate=0), tuple(start), tuple(start)
    for _ in range(3):
        state, expected = run(state, g), adam(expected, g)
        np.testing.assert_allclose(state, expected, rtol=1e-12)
    assert "@jit" in run.source_fast
    assert bits(start) == before
    rng, other = mg.default_rng(0), np.random.default_rng(0)
    noisy = mg.compile(lambda x: (x + 1) * rng.normal(size=30) * x)
    for _ in range(2):
        np.testing.assert_allclose(noisy(g), (g + 1) * other.normal(size=30) * g)


@pytest.mark.usefixtures("small_blocks", "asked")
def test_tensors_from_outside_are_read_at_every_call():
    w = mg.Tensor(np.ones(30))
    run = mg.compile(lambda x: np.sum(x * w + x))
    x = examples()[0]
    np.testing.assert_allclose(run(x), np.sum(2 * x))
    w.data = np.full(30, 2.0)
    np.testing.assert_allclose(run(x), np.sum(3 * x))


@pytest.mark.usefixtures("small_blocks")
def test_without_numba_nothing_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "numba", None)
    native.numba.cache_clear()
    try:
        assert native.numba() is None
        run = mg.compile(lambda x, y: np.tanh(x * y + 1) * x)
        run(*examples())
        assert "@jit" not in run.source_fast
    finally:
        monkeypatch.undo()
        native.numba.cache_clear()


@pytest.mark.usefixtures("small_blocks")
def test_numbers_have_the_dtype_of_the_operation_they_stand_in():
    f = lambda x, y: (np.sqrt(x * 0.1) + 0.1, np.sqrt(y * 0.1) + 0.1)
    args = np.full(30, 2.0, np.float32), np.full(30, 2.0)
    for arrays in (args, args[::-1]):
        text = text_of(f, *arrays)
        assert len(text.kernels) == 1
        assert bits(bound(text)(*arrays)) == bits(f(*arrays))


@needs_numba
def test_arrays_of_any_layout_are_taken():
    f = lambda x, y: np.sum(np.tanh(x * y + 1) * x - y / 2)
    run = mg.compile(f)
    x = np.random.default_rng(0).normal(size=80_000)
    backwards, every_other, frozen = x[::-1], x[::2], x.copy()
    frozen.flags.writeable = False
    shifted = np.frombuffer(b"\0" + x.tobytes(), np.float64, offset=1)
    for a, b in pairwise([x, backwards, frozen, shifted, x]):
        np.testing.assert_allclose(run(a, b), f(a, b), rtol=1e-12)
    np.testing.assert_allclose(mg.compile(f)(every_other, every_other), f(every_other, every_other), rtol=1e-12)


@pytest.mark.usefixtures("small_blocks", "asked")
def test_a_kernel_that_numba_cannot_compile_is_left_to_numpy(monkeypatch):
    class NumbaError(Exception):
        pass

    def is_faster(new, usual):
        raise NumbaError

    monkeypatch.setattr(recipes, "is_faster", is_faster)
    monkeypatch.setattr(recipes, "failures", lambda: (NumbaError,))
    f = lambda x, y: np.tanh(x * y + 1) * x
    run = mg.compile(f)
    np.testing.assert_allclose(run(*examples()), f(*examples()))
    assert "@jit" not in run.source_fast


@needs_numba
def test_what_numba_raises_is_known():
    assert issubclass(native.numba().TypingError, native.failures())
