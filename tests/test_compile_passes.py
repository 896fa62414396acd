"""Each pass by itself makes of a program another that computes the same: to the bit, unless it says otherwise."""

import runpy

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.lowering import EXPANDED, lowered
from micrograd_nd.compiler.passes import optimised
from micrograd_nd.compiler.passes.block_sums import large_sums_in_blocks
from micrograd_nd.compiler.passes.broadcasts import broadcasts_made_implicit
from micrograd_nd.compiler.passes.factoring import factored
from micrograd_nd.compiler.passes.folding import folded
from micrograd_nd.compiler.passes.merging import merged
from micrograd_nd.compiler.passes.simplifying import simplified
from micrograd_nd.compiler.program import Input, Literal, Operation, Program, Value, replaced
from micrograd_nd.compiler.repeating import difference
from micrograd_nd.primitives import registry

EXACT = [broadcasts_made_implicit, simplified, merged, folded, lowered]


def captured(f, *args):
    with np.errstate(all="ignore"):
        return capture(f, args, {}).program


def evaluated(program, *arrays):
    """What a program computes, one operation after the other, each of the shape and dtype that it says."""
    values = dict(zip(program.inputs, arrays, strict=True))

    def value(x):
        return values.get(x, getattr(x, "data", None)) if isinstance(x, Value) else x

    with np.errstate(all="ignore"):
        for x in program.operations:
            out = x.primitive.evaluate(*replaced(x.arguments, value), **replaced(x.options, value))
            assert (np.shape(out), np.result_type(out)) == (x.shape, x.dtype), x
            values[x] = out.item() if x.weak and hasattr(out, "item") else out
    return [value(x) for x in program.outputs]


def bits(arrays):
    """The bits of arrays, all NaNs the same."""
    return [(x.dtype, x.shape, np.where(np.isnan(x), np.nan, x).tobytes()) for x in map(np.asarray, arrays)]


def functions(program):
    return [x.function for x in program.operations]


SPECIAL = np.array([[0.0, -0.0, 1.0], [np.nan, np.inf, -np.inf], [-3.0, 1e308, 5e-324]])
ONES, NUMBER = np.ones((3, 3)), np.float64(-0.0)


# Small random programs


def whole(x):
    return np.broadcast_to(x, (3, 3))


RING = {
    "add": lambda x, y: x + y,
    "subtract": lambda x, y: x - y,
    "multiply": lambda x, y: x * y,
    "negate": lambda x, y: -x,
    "keep": lambda x, y: x * 1,
    "constant": lambda x, y: x + np.eye(3, dtype=np.uint8),
    "broadcast": lambda x, y: whole(x),
    "transpose": lambda x, y: whole(x).T,
    "flatten and back": lambda x, y: np.reshape(np.reshape(whole(x), 9), (3, 3)),
    "sum": lambda x, y: np.sum(whole(x), axis=0, keepdims=True, dtype=x.dtype),
    "part": lambda x, y: whole(x)[1:2],
    "join": lambda x, y: np.concatenate([whole(x)[:1], whole(y)[1:]]),
    "all": lambda x, y: x[...],
}
FIELD = RING | {
    "constant": lambda x, y: x + np.eye(3, dtype=np.float32),
    "made constant": lambda x, y: x - np.sum(mg.Tensor(np.eye(3, dtype=np.float32)), axis=0),
    "halve": lambda x, y: x / 2,
    "quarter": lambda x, y: x * (1 / mg.Tensor(np.float32(4))),
    "total": lambda x, y: np.sum(x),
    "smaller": lambda x, y: np.where(x < y, x, y),
    "rectify": lambda x, y: mg.relu(x),
    "square": lambda x, y: x**2.0,
}


@st.composite
def programs(draw, steps, length=8):
    """A function of three arguments that takes steps from a table, each on results of earlier ones."""
    chosen = draw(
        st.lists(st.tuples(st.sampled_from(sorted(steps)), st.integers(0, 9), st.integers(0, 9)), max_size=length)
    )

    def f(*inputs):
        values = list(inputs)
        for name, i, j in chosen:
            values.append(steps[name](values[i % len(values)], values[j % len(values)]))
        return tuple(values[-3:])

    return f


def inputs(dtype, values):
    shapes = [(3, 3), (1, 3), ()]
    arrays = [st.lists(st.sampled_from(values), min_size=9, max_size=9).map(np.array) for _ in shapes]
    return st.tuples(*arrays).map(
        lambda found: [
            np.resize(x.astype(dtype), shape)[()] if shape else x.astype(dtype)[0]
            for x, shape in zip(found, shapes, strict=True)
        ]
    )


@pytest.mark.parametrize("improve", EXACT)
@given(f=programs(FIELD), args=inputs(np.float64, [0.0, -0.0, 1.0, -1.0, 0.1, np.inf, -np.inf, np.nan, 1e308, 5e-324]))
def test_a_pass_that_is_exact_keeps_every_bit_nan_and_the_sign_of_zero_included(improve, f, args):
    program = captured(f, *args)
    assert bits(evaluated(improve(program), *args)) == bits(evaluated(program, *args))


@pytest.mark.parametrize("improve", [*EXACT, factored, optimised])
@given(f=programs(RING), args=inputs(np.uint8, [0, 1, 2, 77, 128, 255]))
def test_integers_without_a_sign_wrap_around_as_before(improve, f, args):
    program = captured(f, *args)
    assert bits(evaluated(improve(program), *args)) == bits(evaluated(program, *args))


DYADIC = [0.0, 1.0, -1.0, 0.5, -1.5, 2.0, 0.25]


def derivatives(f):
    """The sum of what f returns, with its derivatives."""
    return mg.value_and_grad(lambda *args: sum(np.sum(x) for x in f(*args)), (0, 1, 2))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@given(f=programs(FIELD, length=6), args=inputs(float, DYADIC), differentiated=st.booleans())
def test_all_passes_together_change_nothing_where_no_sum_is_rounded(dtype, f, args, differentiated):
    args = [dtype(x) for x in args]
    f = derivatives(f) if differentiated else f
    program = captured(f, *args)
    before = evaluated(program, *args)
    for x, y in zip(evaluated(optimised(program), *args), before, strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-5 if dtype is np.float32 else 1e-13, strict=True)


@given(f=programs(FIELD, length=6), args=inputs(float, DYADIC))
def test_a_captured_program_computes_what_the_function_does(f, args):
    with np.errstate(all="ignore"):
        J, gradients = derivatives(f)(*args)
    assert bits(evaluated(captured(derivatives(f), *args), *args)) == bits([J, *gradients])


# What each rule does


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda x, y: x * 1.0, lambda x, y: x),
        (lambda x, y: 1 * x, lambda x, y: x),
        (lambda x, y: x / 1, lambda x, y: x),
        (lambda x, y: np.negative(-x), lambda x, y: x),
        (lambda x, y: x + (-y), lambda x, y: x - y),
        (lambda x, y: (-x) + y, lambda x, y: y - x),
        (lambda x, y: x - (-y), lambda x, y: x + y),
        (lambda x, y: (-x) * y, lambda x, y: -(x * y)),
        (lambda x, y: x * (-y), lambda x, y: -(x * y)),
        (lambda x, y: (-x) / y, lambda x, y: -(x / y)),
        (lambda x, y: x / (-y), lambda x, y: -(x / y)),
        (lambda x, y: x - (-y) * x, lambda x, y: x + y * x),
        (lambda x, y: x + np.broadcast_to(-y, (3, 3)), lambda x, y: x - np.broadcast_to(y, (3, 3))),
        (lambda x, y: y + (-x).T, lambda x, y: y - x.T),
        (lambda x, y: y + np.reshape(-x, 9)[:3], lambda x, y: y + (-np.reshape(x, 9))[:3]),
        (lambda x, y: x.T.T, lambda x, y: x),
        (lambda x, y: y.T, lambda x, y: y),
        (lambda x, y: np.reshape(np.reshape(x, 9), (1, 9)), lambda x, y: np.reshape(x, (1, 9))),
        (lambda x, y: np.reshape(np.reshape(x, 9), (3, 3)), lambda x, y: x),
        (lambda x, y: np.reshape(x, (3, 3)), lambda x, y: x),
        (lambda x, y: np.broadcast_to(x, (3, 3)), lambda x, y: x),
        (lambda x, y: x.astype(np.float64), lambda x, y: x),
        (lambda x, y: x[...], lambda x, y: x),
        (lambda x, y: x[()], lambda x, y: x),
        (lambda x, y: np.dot(x, x), lambda x, y: x @ x),
        (lambda x, y: x < y, np.less),
        (lambda x, y: x != y, np.not_equal),
    ],
)
def test_simplifying_gives_the_shorter_form_with_the_same_bits(before, after):
    args = (SPECIAL, SPECIAL[0])
    program = captured(before, *args)
    assert difference(simplified(program), captured(after, *args)) is None
    assert bits(evaluated(simplified(program), *args)) == bits(evaluated(program, *args))


@pytest.mark.parametrize(
    ("f", "x"),
    [
        (lambda x: x * np.float64(1), np.float32(SPECIAL[0])),
        (lambda x: x * 1.0, np.arange(3)),
        (lambda x: x / 1, np.arange(3)),
        (lambda x: 1 / x, SPECIAL),
        (lambda x: x * np.ones((3, 1)), SPECIAL[:1]),
        (lambda x: x + 0.0, SPECIAL),
        (lambda x: x * -1.0, SPECIAL),
        (lambda x: x - 0.0, SPECIAL),
        (lambda x: x * 0.0, SPECIAL),
        (lambda x: np.reshape(np.reshape(x, 9, order="F"), (3, 3)), SPECIAL),
        (lambda x: np.transpose(np.transpose(x, (1, 2, 0)), (2, 1, 0)), np.arange(24.0).reshape(2, 3, 4)),
        (lambda x: x[:, :], SPECIAL),
        (lambda x: np.dot(x, x), np.arange(3.0)),
        (lambda x: x.astype(np.float32), SPECIAL),
        (lambda x: np.broadcast_to(x, (3, 3)), SPECIAL[0]),
    ],
)
def test_simplifying_leaves_alone_what_it_would_change(f, x):
    program = captured(f, x)
    simpler = simplified(program)
    assert bits(evaluated(simpler, x)) == bits(evaluated(program, x))
    assert functions(simpler) != []


def test_signs_that_a_rule_leaves_meet_in_the_next_round():
    program = optimised(captured(lambda x, y: (-x) * (-y), SPECIAL, SPECIAL))
    assert difference(program, captured(lambda x, y: x * y, SPECIAL, SPECIAL)) is None


UNSIGNED, SMALLEST = np.array([1, 2, 255], np.uint8), np.array([1, 2, -128], np.int8)


@pytest.mark.parametrize(
    ("f", "x", "y"),
    [
        (lambda x, y: x + (-y), SPECIAL[0], UNSIGNED),
        (lambda x, y: (-y) + x, np.arange(3), UNSIGNED),
        (lambda x, y: x - (-y), SPECIAL[0], SMALLEST),
        (lambda x, y: (-y) * x, SPECIAL[0], UNSIGNED),
        (lambda x, y: (-x) / y, UNSIGNED, UNSIGNED),
        (lambda x, y: x / (-y), SMALLEST, SMALLEST),
        (lambda x, y: (-x) * y, np.array([1 + 1j]), np.array([1 + 1j])),
        (lambda x, y: x * 1.0 + y, np.array([complex(np.inf, 1)]), np.zeros(1)),
    ],
)
def test_signs_of_integers_that_are_converted_and_of_complex_zeros_stay_where_they_are(f, x, y):
    program = captured(f, x, y)
    assert bits(evaluated(simplified(program), x, y)) == bits(evaluated(program, x, y))


def test_the_order_of_the_axes_of_two_transposes_is_found():
    x = np.arange(24.0).reshape(2, 3, 4)
    f = lambda x: np.transpose(np.transpose(x, (1, 2, 0)), (1, 2, 0))
    program = simplified(captured(f, x))
    assert functions(program) == [np.transpose]
    assert bits(evaluated(program, x)) == bits([f(x)])


@pytest.mark.parametrize("layout", [lambda t: np.reshape(t, (9, 1)), lambda t: t.T, lambda t: np.expand_dims(t, 0)])
def test_a_number_is_stretched_to_its_last_shape_at_once(layout):
    f = lambda x: layout(np.broadcast_to(np.sum(x), (3, 3)))
    program = simplified(captured(f, ONES))
    assert functions(program) == [np.sum, np.broadcast_to]
    assert bits(evaluated(program, ONES)) == bits([f(ONES)])


@pytest.mark.parametrize("rows", [range(4), range(1, 3), (0, 1, 3), (1, 0), (2, 2)])
def test_rows_of_a_stack_that_lie_side_by_side_are_taken_together(rows):
    def f(x, y):
        stack = x * 2
        return np.concatenate([y, *(np.reshape(stack[i], 6) for i in rows)])

    x, y = np.arange(24.0).reshape(4, 2, 3), np.ones(5)
    program = simplified(captured(f, x, y))
    assert bits(evaluated(program, x, y)) == bits([f(x, y)])
    runs = 1 + sum(b != a + 1 for a, b in zip(rows, list(rows)[1:], strict=False))
    assert len(program.operations[-1].arguments) == 1 + runs


def test_a_name_stays_with_what_takes_the_place_of_a_value():
    def f(x, y):
        product = (-x) * y
        return product, x

    assert simplified(captured(f, SPECIAL, SPECIAL)).outputs[0].name == "product"


def test_operations_broadcast_by_themselves_what_was_broadcast_for_them():
    f = lambda x, y: np.broadcast_to(x, (3, 3)) * y + np.broadcast_to(np.sum(y), (3, 3))
    args = SPECIAL[0], ONES
    program = broadcasts_made_implicit(captured(f, *args))
    assert np.broadcast_to not in functions(program)
    assert bits(evaluated(program, *args)) == bits([f(*args)])


def test_a_broadcast_stays_where_nothing_else_has_the_whole_shape():
    args = SPECIAL[0], SPECIAL[1]
    for f in (
        lambda x, y: np.broadcast_to(x, (3, 3)) + y,
        lambda x, y: np.exp(np.broadcast_to(x, (3, 3))),
        lambda x, y: np.sum(np.broadcast_to(x, (3, 3)), axis=0),
    ):
        assert functions(broadcasts_made_implicit(captured(f, *args))).count(np.broadcast_to) == 1
    f = lambda x, y: np.broadcast_to(x, (3, 3)) + np.broadcast_to(y, (3, 3))
    assert functions(broadcasts_made_implicit(captured(f, *args))).count(np.broadcast_to) == 1


@pytest.mark.parametrize("number", [0.25, -0.0, np.inf, 5e-324])
def test_a_literal_whose_elements_are_all_the_same_is_one_number(number):
    full = np.full((3, 3), number)
    for f in (lambda x: x - full, lambda x: full * x, lambda x: np.maximum(x, full)):
        program = broadcasts_made_implicit(captured(f, SPECIAL))
        (literal,) = (x for x in program.outputs[0].operands() if isinstance(x, Literal))
        assert literal.shape == ()
        assert bits(evaluated(program, SPECIAL)) == bits(evaluated(captured(f, SPECIAL), SPECIAL))


@pytest.mark.parametrize(
    "f",
    [
        lambda x: x + np.where(np.eye(3) > 0, 0.0, -0.0),
        lambda x: x[0] + np.full((3, 3), 2.0),
        lambda x: np.sum(x) + np.full((3, 3), 2.0),
        lambda x: x.astype(np.float32) + np.full((3, 3), 0.1),
        lambda x: x + np.full((3, 3), 2),
        lambda x: x @ np.full((3, 3), 2.0),
        lambda x: 2 * mg.Tensor(np.full((3, 3), 0.1)) + x,
        lambda x: x ** np.full((3, 3), 0.5),
        lambda x: np.copysign(x, np.full((3, 3), -np.nan)),
        lambda x: x + np.full((3, 3), np.nan),
        lambda x: np.clip(np.full((3, 3), 0.5), x, x * 2),
        lambda x: np.arctan2(x, np.full((3, 3), 0.5)),
        lambda x: mg.softplus(mg.Tensor(np.full((3, 3), 0.5))) * x,
    ],
)
def test_a_literal_stays_an_array_where_a_number_would_be_another_thing(f):
    program = captured(f, SPECIAL)
    improved = broadcasts_made_implicit(program)
    assert any(isinstance(x, Literal) and x.shape for o in improved.operations for x in o.operands())
    assert bits(evaluated(improved, SPECIAL)) == bits(evaluated(program, SPECIAL))


# What is computed once


@pytest.mark.parametrize(
    ("f", "count"),
    [
        (lambda x: (np.exp(x) * 2, np.exp(x) * 2), 2),
        (lambda x: (x + 1, x + 1.0, x + True), 3),
        (lambda x: (x * 0.0, x * -0.0, x * 0), 3),
        (lambda x: (x * np.nan, x * np.nan), 1),
        (lambda x: (x + np.float32(1), x + np.float64(1), x + 1.0), 3),
        (lambda x: (x + 0j, x + complex(0.0, -0.0)), 2),
        (lambda x: (x + np.zeros(3), x + np.zeros(3)), 1),
        (lambda x: (x + np.zeros(3), x + -np.zeros(3), x + np.zeros((1, 3)), x + np.zeros(3, np.int64)), 4),
        (lambda x: (np.sum(x, axis=0), np.sum(x, axis=0)), 1),
        (lambda x: (np.sum(x, axis=0), np.sum(x, axis=1), np.sum(x, axis=0, keepdims=True)), 3),
        (lambda x: (x[0], x[0], x[0:1], x[0:2], x[0, :]), 4),
        (lambda x: (x.astype(np.float32), x.astype(np.float16)), 2),
        (lambda x: (x - 2, 2 - x), 2),
    ],
)
def test_what_is_the_same_is_computed_once_and_numbers_that_differ_in_anything_are_kept_apart(f, count):
    program = captured(f, SPECIAL)
    assert len(merged(program).operations) == count
    assert bits(evaluated(merged(program), SPECIAL)) == bits(evaluated(program, SPECIAL))


def test_random_draws_are_neither_merged_nor_folded():
    rng = mg.default_rng(0)
    program = captured(lambda x: (x + rng.random(3), x + rng.random(3)), ONES)
    for improve in (merged, folded, optimised):
        assert len(improve(program).operations) == 4


def test_a_name_that_one_of_two_equal_values_has_is_kept():
    def f(x):
        first = [np.exp(x)][0] * 2
        named = np.exp(x)
        return first, named

    assert [x.name for x in merged(captured(f, SPECIAL)).outputs][1] == "named"


def test_what_depends_on_no_input_is_computed_when_the_program_is_made():
    f = lambda x: x + np.exp(mg.Tensor(np.arange(3.0))) / np.sum(mg.Tensor(np.zeros(3)))
    program = folded(captured(f, ONES))
    assert functions(program) == [np.add]
    with np.errstate(divide="ignore"):
        assert bits(evaluated(program, ONES)) == bits([ONES + np.exp(np.arange(3.0)) / 0.0])


def test_a_folded_array_lies_in_order():
    program = folded(captured(lambda x: x + mg.Tensor(SPECIAL).T, ONES))
    (literal,) = (x for x in program.outputs[0].operands() if isinstance(x, Literal))
    assert literal.data.flags.c_contiguous


# What is not exact


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (lambda x, y, n: x / n - y / n, lambda x, y, n: (x - y) / n),
        (lambda x, y, n: x * n + n * y, lambda x, y, n: (x + y) * n),
        (lambda x, y, n: x / 3 + y / 3, lambda x, y, n: (x + y) / 3),
        (lambda x, y, n: x * (1 / n), lambda x, y, n: x / n),
        (lambda x, y, n: (1 / n) * x, lambda x, y, n: x / n),
    ],
)
def test_factoring_rounds_once_where_the_longer_form_rounds_more_often(before, after):
    rng = np.random.default_rng(0)
    x, y, n = (*rng.normal(size=(2, 3, 3)), np.float64(7.0))
    program = factored(captured(before, x, y, n))
    assert difference(program, captured(after, x, y, n)) is None
    np.testing.assert_allclose(evaluated(program, x, y, n), [before(x, y, n)], rtol=1e-14, atol=1e-15)


@pytest.mark.parametrize(
    "f",
    [
        lambda x, y, n, k: x / n - y / 7.0,
        lambda x, y, n, k: x / n - y * n,
        lambda x, y, n, k: n / x - n / y,
        lambda x, y, n, k: x * y + x * x,
        lambda x, y, n, k: k * 3 + (k + 1) * 3,
        lambda x, y, n, k: x * n + y[0] * n,
        lambda x, y, n, k: x * n + y.astype(np.float32) * n,
        lambda x, y, n, k: x * (2 / n),
        lambda x, y, n, k: (x > 0) * (np.float32(1) / 2),
        lambda x, y, n, k: x.astype(np.float32) * (1 / n),
        lambda x, y, n, k: x * (1 / y),
        lambda x, y, n, k: np.maximum(x / n, y / n),
    ],
)
def test_factoring_leaves_alone_what_has_no_common_number(f):
    program = captured(f, ONES, ONES, np.float64(7.0), np.arange(9).reshape(3, 3))
    assert difference(factored(program), program) is None


def test_factoring_keeps_the_dtype():
    x, n = np.ones(3, np.float32), np.int8(4)
    assert evaluated(factored(captured(lambda x, n: x * (1 / n), x, n)), x, n)[0].dtype == np.float64


# Lowering


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("function", sorted(EXPANDED, key=lambda f: f.__name__))
def test_functions_that_numpy_does_not_have_become_steps_with_the_same_bits(function, dtype):
    x = np.array([[-50.0, -1.0, -0.0, 0.5], [np.nan, 88.0, 3.0, -np.inf]], dtype)
    f = lambda x: function(x * 2)
    program = captured(f, x)
    assert EXPANDED.isdisjoint(functions(lowered(program)))
    assert bits(evaluated(lowered(program), x)) == bits(evaluated(program, x))


def test_a_function_of_a_users_own_is_not_lowered():
    cube = mg.primitive(lambda x: x * x * x, lambda g, out, x: g * 3 * x * x)
    program = captured(cube, ONES)
    assert lowered(program).operations == program.operations


@pytest.mark.parametrize(
    ("exponent", "function"), [(2.0, np.square), (0.5, np.sqrt), (-1.0, np.reciprocal), (3.0, np.power)]
)
def test_powers_become_what_the_operator_computes(exponent, function):
    program = lowered(captured(lambda x: x**exponent, SPECIAL))
    assert functions(program) == [function]
    with np.errstate(all="ignore"):
        assert bits(evaluated(program, SPECIAL)) == bits([SPECIAL**exponent])


def test_powers_of_integers_and_by_arrays_stay_powers():
    for f, x in (
        (lambda x: x**2.0, np.arange(3)),
        (lambda x: x ** np.full(3, 2.0), SPECIAL),
        (lambda x: 2.0**x, SPECIAL),
    ):
        assert functions(lowered(captured(f, x))) == [np.power]


LARGE = np.random.default_rng(0).normal(size=(200, 300))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize(
    "f", [lambda x: np.sum(np.exp(x) * x), lambda x: np.exp(x).sum() / 2, lambda x: np.sum(x * x, axis=(0, 1))]
)
def test_the_sum_of_a_large_array_is_taken_in_blocks(dtype, f):
    x = LARGE.astype(dtype)
    program = large_sums_in_blocks(captured(f, x))
    assert np.sum not in functions(program)
    (total,) = evaluated(program, x)
    assert total.dtype == dtype
    np.testing.assert_allclose(total, f(LARGE), rtol=3e-6 if dtype is np.float32 else 1e-13)


@pytest.mark.parametrize(
    "f",
    [
        lambda x: np.sum(np.exp(x[:10])),  # small
        lambda x: np.sum(np.exp(x), axis=0),
        lambda x: np.sum(np.exp(x), keepdims=True),
        np.sum,  # made by nothing
        lambda x: (np.sum(y := np.exp(x)), y),  # needed by something else
        lambda x: np.sum(np.exp(x) * x[0]),  # of rows that are broadcast
        lambda x: np.sum(x.T @ x),
        lambda x: np.sum(np.exp(x), dtype=np.float32),
        lambda x: np.sum(x > 0),
    ],
)
def test_other_sums_are_numpys(f):
    program = large_sums_in_blocks(captured(f, LARGE))
    assert np.sum in functions(program)
    assert bits(evaluated(program, LARGE)) == bits(evaluated(captured(f, LARGE), LARGE))


def test_a_sum_in_blocks_is_taken_while_its_array_is_made(tmp_path):
    run = mg.compile(lambda x: np.sum(np.exp(x) * x), native=False)
    x = LARGE.reshape(-1)
    np.testing.assert_allclose(run(x), np.sum(np.exp(x) * x), rtol=1e-13)
    text = run.source_fast
    assert "add_reduce" in text[text.index("for block") : text.index("share(")]
    run.save(tmp_path / "sum.py")
    assert bits([runpy.run_path(str(tmp_path / "sum.py"))["program"](x)]) == bits([run(x)])


# The order of operations


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9), st.booleans()), min_size=1, max_size=12), st.randoms())
def test_operations_are_in_the_order_of_recording_as_far_as_what_they_need_allows(steps, random):
    values = [Input(np.ones(2), "x")]
    orders = list(range(len(steps)))
    if any(shuffled for _, _, shuffled in steps):
        random.shuffle(orders)
    for (i, j, _), order in zip(steps, orders, strict=True):
        operands = (values[i % len(values)], values[j % len(values)])
        values.append(Operation.make(registry[np.add], operands, None, np.ones(2), order))
    found = Program(values[:1], values[1:]).operations
    expected, waiting = [], set(values[1:])
    while waiting:
        ready = [x for x in waiting if waiting.isdisjoint(x.operands())]
        expected.append(min(ready, key=lambda x: x.order))
        waiting.remove(expected[-1])
    assert list(found) == expected
