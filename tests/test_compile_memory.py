"""A program runs in memory that it uses again, block by block where arrays are large, and nobody can tell."""

import itertools
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.compiler import blocks, clusters
from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.fast import OUTPUT, FastText
from micrograd_nd.compiler.lowering import lowered
from micrograd_nd.compiler.making import defined, kept
from micrograd_nd.compiler.memory import aligned
from micrograd_nd.compiler.passes import laid_out, optimised
from micrograd_nd.compiler.storage import storage
from micrograd_nd.tree import leaves


def captured(f, *args):
    with np.errstate(all="ignore"):
        return lowered(optimised(capture(f, args, {}).program))


def runner(program):
    """The program as it runs, from the inputs to a list."""
    text = FastText(program, [OUTPUT] * len(program.outputs))
    return defined(text.source, text.names, "program")["bind"]()


def stored(program):
    """Where values are, and the sizes of the pieces of memory."""
    return storage(program, clusters.steps(program))


def bits(arrays):
    """The bits of arrays, all NaNs the same."""
    return [(x.dtype, x.shape, np.where(np.isnan(x), np.nan, x).tobytes()) for x in map(np.asarray, arrays)]


@pytest.fixture
def small_blocks(monkeypatch):
    """Blocks of 8 elements, for arrays of at least 20."""
    cut_into(monkeypatch, 8, 20)


def cut_into(monkeypatch, block, large):
    monkeypatch.setattr(blocks, "BLOCK", block)
    monkeypatch.setattr(blocks, "LARGE", large)


def whole(monkeypatch):
    """No array is large."""
    cut_into(monkeypatch, 1 << 13, 1 << 40)


def runs_in(program):
    return [cluster for cluster in clusters.steps(program) if len(cluster.members) > 1]


# Block by block


RUNS = {
    "a chain": lambda x, row, column: np.exp(-x * x) + 1,
    "several results": lambda x, row, column: (x * 2, np.exp(x * 2), np.sum(np.exp(x * 2))),
    "rows and columns that are broadcast": lambda x, row, column: np.tanh(x * row + column) * row,
    "rows computed before": lambda x, row, column: (x - np.max(x, axis=0)) / np.exp(np.sum(x, axis=1, keepdims=True)),
    "masks": lambda x, row, column: np.where((x > 0) & (x < row), x * 2, -x) * (x > 0.5),
    "another dtype": lambda x, row, column: (x.astype(np.float32) * np.float32(2)).astype(np.float64) + x,
    "values that others need": lambda x, row, column: (y := np.sin(x) * 3) * 2 + (y @ y.T) @ x,
    "something else in between": lambda x, row, column: np.exp(x * 2) / np.sum(np.exp(x * 2)) * x,
    "a transpose": lambda x, row, column: np.exp(x.T * 2).T * x + 1,
    "numbers": lambda x, row, column: x * np.sum(row) + 2 - 3 * x,
    "the same twice": lambda x, row, column: (y := x * x + 1, y),
    "one operation": lambda x, row, column: np.exp(x),
    "a gradient": lambda x, row, column: mg.grad(lambda x: np.sum(mg.softplus(x * row) * np.tanh(x + column)))(x),
    "all gradients": mg.grad(lambda x, row, column: np.sum(mg.relu(x * row) / (2 + np.square(column))), (0, 1, 2)),
}


@pytest.mark.parametrize("shape", [(20, 5), (3, 50), (40, 1), (1, 40), (7, 3, 5)])
@pytest.mark.parametrize("name", RUNS)
def test_block_by_block_every_bit_is_the_same(monkeypatch, name, shape):
    rng = np.random.default_rng(0)
    column = (*shape[:-1], 1)
    args = rng.normal(size=shape), rng.normal(size=shape[-1:]), rng.normal(size=column)
    if name in ("values that others need", "a transpose") and len(shape) > 2:
        args = tuple(np.reshape(x, (-1, x.shape[-1])) for x in args)
    program = captured(RUNS[name], *args)
    whole(monkeypatch)
    expected = runner(program)(*args)
    cut_into(monkeypatch, 8, 20)
    run = runner(program)
    assert bits(run(*args)) == bits(expected)
    assert bits(run(*args)) == bits(expected)


@pytest.mark.usefixtures("small_blocks")
def test_elementwise_operations_on_large_arrays_are_executed_together():
    program = captured(lambda x: np.sum(np.exp(-x * x) + 1), np.ones((10, 10)))
    (run,) = runs_in(program)
    assert np.exp in [x.function for x in run.members]
    assert len(program.operations) == len(run.members) + 1
    assert run.kept == [run.members[-1]]


@pytest.mark.usefixtures("small_blocks")
def test_what_only_a_run_needs_is_never_stored_whole():
    f = lambda x: np.sum(np.exp(-x * x) + np.sin(x))
    sizes = stored(captured(f, np.ones((10, 10)))).sizes
    assert sizes == [800]


@pytest.mark.usefixtures("small_blocks")
def test_small_arrays_sums_and_operations_that_wait_for_sums_are_no_part_of_a_run():
    assert runs_in(captured(lambda x: np.exp(x * 2) + 1, np.ones((2, 3)))) == []
    program = captured(lambda x: (np.exp(x * 2) / np.sum(np.exp(x * 2))) * x, np.ones((10, 10)))
    first, second = runs_in(program)
    assert [x.function for x in first.members] == [np.multiply, np.exp]
    assert [x.function for x in second.members] == [np.divide, np.multiply]


@pytest.mark.parametrize("shape", [(40_000,), (1 << 15,), (1, 40_000), (3, 20_000), (33_000, 1), (300, 170)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_blocks_cover_an_array_of_any_shape(shape, dtype):
    x = np.arange(np.prod(shape)).reshape(shape).astype(dtype)
    row = x[:1] + 1
    run = mg.compile(lambda x, row: (x * 2 + 1) * row - x)
    np.testing.assert_array_equal(run(x, row), (x * 2 + 1) * row - x)


# An index that is computed


@pytest.mark.parametrize(
    "f",
    [
        lambda x, i: x[i],
        lambda x, i: x[i, :],
        lambda x, i: x[:, i],
        lambda x, i: x[..., i],
        lambda x, i: x[i : i + 1][0] if isinstance(i, int) else x[i][::-1],
        lambda x, i: x[np.argmax(x[:, 0])],
        lambda x, i: np.tanh(x)[i],
        lambda x, i: np.take(x, i, axis=0),
    ],
)
def test_what_an_index_of_numbers_looks_at_is_copied_before_it_is_returned(f):
    x, i = np.arange(9.0).reshape(3, 3) / 9, np.int64(1)
    before = x.copy()
    run = mg.compile(f)
    first = run(x, i)
    kept_values = first.copy()
    np.testing.assert_array_equal(first, f(x, i))
    run(x * 2, i)
    np.testing.assert_array_equal(first, kept_values)
    first[...] = -1
    np.testing.assert_array_equal(x, before)


def test_a_part_of_the_old_state_at_a_computed_index_is_taken_before_the_state_moves_on():
    run = mg.compile(lambda s, i: (s * 2, s[i]), donate=0)
    s, part = run(np.arange(4.0).reshape(2, 2), np.int64(1))
    np.testing.assert_array_equal(part, [2.0, 3.0])
    np.testing.assert_array_equal(run(s, np.int64(1))[1], [4.0, 6.0])


# Random programs


def full(x):
    return np.broadcast_to(x, (6, 6))


STEPS = {
    "add": lambda x, y: x + y,
    "multiply": lambda x, y: x * y,
    "negate": lambda x, y: -x,
    "exp": lambda x, y: np.exp(-x * x),
    "choose": lambda x, y: np.where(x < y, x, y),
    "mask": lambda x, y: (x > y) * x,
    "sum": lambda x, y: np.sum(full(x), axis=0, keepdims=True),
    "largest": lambda x, y: np.max(full(x), axis=1, keepdims=True),
    "product": lambda x, y: (full(x) @ full(y)) * 0.25,
    "transpose": lambda x, y: full(x).T,
    "flat": lambda x, y: np.reshape(np.reshape(full(x), (4, 9)), (6, 6)),
    "part": lambda x, y: full(x)[1:2],
    "above": lambda x, y: np.concatenate([full(x)[:3], full(y)[3:]]),
    "beside": lambda x, y: np.concatenate([full(x)[:, :2], np.ones((6, 1)), full(y)[:, 3:]], axis=1),
    "rows": lambda x, y: np.stack([full(x)[0], full(y)[1], *[np.sin(full(x)[2])] * 4]),
    "half": lambda x, y: x.astype(np.float32).astype(np.float64),
    "total": lambda x, y: np.sum(x) * 0.125,
}


@st.composite
def functions(draw, length=10, results=3):
    """A function that takes steps, each on results of earlier ones, and returns some of them."""
    numbers = st.integers(0, 15)
    steps = draw(st.lists(st.tuples(st.sampled_from(sorted(STEPS)), numbers, numbers), min_size=1, max_size=length))
    chosen = draw(st.lists(numbers, min_size=results, max_size=results))

    def f(*values):
        values = list(values)
        for name, i, j in steps:
            values.append(STEPS[name](values[-1 - i % len(values)], values[-1 - j % len(values)]))
        return [values[-1 - i % len(values)] for i in chosen]

    return f


def examples(seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(6, 6)), rng.normal(size=(1, 6)), np.float64(rng.normal())


def copies(arrays):
    return [np.array(x) for x in arrays]


@pytest.mark.parametrize(("block", "large"), [(1 << 13, 1 << 40), (5, 1), (12, 1)])
@given(f=functions())
def test_a_program_in_memory_of_its_own_computes_what_one_in_new_memory_does(block, large, f):
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        cut_into(patch, block, large)
        run = runner(captured(f, *examples()))
        for seed in (0, 1):
            expected = [np.broadcast_to(x, np.shape(x)) for x in f(*examples(seed))]
            for x, y in zip(run(*examples(seed)), expected, strict=True):
                np.testing.assert_allclose(x, y, rtol=1e-9, atol=1e-9, strict=True)


@given(f=functions(results=4))
def test_nothing_returned_shares_memory_with_anything(f):
    args = examples()
    with np.errstate(all="ignore"):
        run = runner(captured(f, *args))
        first = run(*args)
        before = copies(first)
        second = run(*examples(1))
    for x, y in itertools.combinations([*first, *second, *args], 2):
        assert not np.shares_memory(x, y)
    assert bits(first) == bits(before)
    assert bits(args) == bits(examples())


@pytest.mark.parametrize(("block", "large"), [(1 << 13, 1 << 40), (5, 1), (12, 1)])
@settings(max_examples=60)
@given(f=functions(length=6, results=3))
def test_state_is_updated_as_by_a_function_that_returns_new_arrays(block, large, f):
    def step(state, x):
        new = f(*state, x)
        return [np.broadcast_to(y, (6, 6))[: len(old)] * 0.5 for y, old in zip(new, state, strict=False)], new[2]

    state = expected = list(examples()[:2])
    run = mg.compile(step, donate=0)
    with pytest.MonkeyPatch.context() as patch, np.errstate(all="ignore"):
        cut_into(patch, block, large)
        for x in np.array([0.5, -0.25, 1.0]):
            (state, out), (expected, other) = run(state, x), step(expected, x)
            for a, b in zip([*state, out], [*expected, other], strict=True):
                np.testing.assert_allclose(a, b, rtol=1e-9, atol=1e-9, strict=True)


# Where values are


@given(nbytes=st.integers(0, 10_000))
def test_memory_begins_at_a_cache_line(nbytes):
    memory = aligned(nbytes)
    assert memory.nbytes == nbytes
    assert memory.ctypes.data % 64 == 0 or nbytes == 0


def test_what_lies_in_the_state_is_copied_before_the_state_is_written_to():
    run = mg.compile(lambda w, x: w - x, donate=0)
    state = run(np.array([1.0, 2.0, 4.0]), np.zeros(3))
    np.testing.assert_array_equal(run(state, state[::-1]), [-3.0, 0.0, 3.0])
    hidden = np.lib.stride_tricks.as_strided(state[::-1], (3,), (-8,))
    np.testing.assert_array_equal(run(state, hidden), [-6.0, 0.0, 6.0])


def test_a_long_chain_of_operations_runs_in_a_few_pieces_of_memory():
    def chain(A, W):
        for _ in range(30):
            A = np.tanh(W @ A)
        return np.sum(A)

    counts = [
        len(stored(captured(f, np.ones((4, 5)), np.eye(4))).sizes) for f in (chain, lambda A, W: np.sum(np.exp(A)))
    ]
    assert counts[0] <= 3
    assert counts[1] <= 1


def test_memory_that_is_free_is_used_for_something_smaller():
    f = lambda x: np.sum(np.sin(np.sum(np.exp(x), axis=0) @ np.ones((10, 10))))
    sizes = stored(captured(f, np.ones((10, 10)))).sizes
    assert len(sizes) <= 2
    assert max(sizes) == 800


def test_an_operation_writes_over_an_operand_that_nobody_needs_any_more():
    program = captured(lambda x: np.sum(np.exp(np.sin(x))), np.ones(5))
    sine, exponential, _ = program.operations
    places = stored(program).places
    assert places[sine].memory == places[exponential].memory
    program = captured(lambda x: np.sum(np.exp(y := np.sin(x)) * y), np.ones(5))
    sine, exponential, *_ = program.operations
    places = stored(program).places
    assert places[sine].memory != places[exponential].memory


def test_a_matrix_product_and_a_sum_never_write_over_an_operand():
    program = captured(lambda x: np.sum(np.sin(x) @ np.ones((3, 3)) + np.sum(np.cos(x), axis=0)), np.ones((3, 3)))
    places = stored(program).places
    for x in program.operations:
        if x.function in (np.matmul, np.sum) and x in places:
            assert places[x].memory not in {places[y].memory for y in x.operands() if y in places}


def test_parts_are_written_where_they_belong_in_a_whole():
    f = lambda x: np.concatenate([np.sin(x), np.cos(x), x]) @ np.ones((3, 1)) + 1
    program = captured(f, np.ones((2, 3)))
    places = stored(program).places
    sine, cosine, whole, *_ = program.operations
    assert places[sine].host is places[cosine].host is whole
    assert places[sine].slot != places[cosine].slot
    assert program.inputs[0] not in places


def test_a_part_that_two_wholes_have_is_in_one_of_them():
    f = lambda x: np.concatenate([y := np.sin(x), x]) @ np.ones((3, 1)) + np.concatenate([x, y]) @ np.ones((3, 1))
    x = np.arange(6.0).reshape(2, 3)
    program = captured(f, x)
    assert [place.host is None for place in stored(program).places.values()].count(False) == 1
    np.testing.assert_allclose(runner(program)(x)[0], f(x))


def test_what_is_returned_and_views_of_it_have_no_place():
    program = captured(lambda x: ((y := np.exp(x)).T, np.sum(y * 2)), np.ones((2, 3)))
    places = stored(program).places
    (exponential,) = (x for x in program.operations if x.function is np.exp)
    assert exponential not in places


def updated_in_place(f, *args):
    found = capture(f, args, {})
    program = optimised(found.program)
    program = laid_out(replace(program, kept=kept(found, args, 0)), None)
    places = stored(program).places
    return [new in places and places[new].host is old for old, new in program.updates]


def test_state_is_written_over_where_nothing_needs_its_old_values_later():
    w = np.ones(3)
    assert updated_in_place(lambda w: w * 0.5, w) == [True]
    assert updated_in_place(lambda w: (total := np.sum(np.exp(w)), w - total), w) == [True]
    assert updated_in_place(lambda w: (new := w * 0.5, np.sum(new * w)), w) == [False]
    assert updated_in_place(lambda w: (new := w * 0.5, [np.exp(np.sum(new)) * w[::-1]]), w) == [False]


@pytest.mark.parametrize(
    "f", [lambda W: W @ W, lambda W: W.T @ W, lambda W: np.sum(W, axis=0) - W, lambda W: W - W[::-1], lambda W: W.T + W]
)
def test_state_that_is_written_over_while_it_is_read_is_read_as_it_was(f):
    state = expected = np.arange(9.0).reshape(3, 3) / 9
    run = mg.compile(f, donate=0)
    for _ in range(3):
        state, expected = run(state), f(expected)
        np.testing.assert_allclose(state, expected, rtol=1e-12)


def test_the_results_of_a_program_are_the_same_arrays_for_state_and_others_for_all_else():
    run = mg.compile(lambda w, x: (w - x, [np.exp(w)]), donate=0)
    first, out = run(np.ones(3), 0.5)
    second, other = run(first, 0.5)
    assert second is first
    assert not np.shares_memory(out, other)
    assert [x.shape for x in leaves((second, out))] == [(3,), (3,)]
