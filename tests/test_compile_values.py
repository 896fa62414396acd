"""Programs look at no values, keep results apart in memory, and write down the functions that NumPy does not have."""

import ast

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.tree import leaves

POSITIONS, MASK, X = np.array([2, 0]), np.array([True, False, True]), np.array([0.5, -1.5, 2.5])


def bits(value):
    """The bits of all arrays in what a function returned."""
    return [np.ascontiguousarray(x).tobytes() for x in leaves(value)]


def standing_alone(program):
    """The function that the text of a program defines, run in a namespace that has nothing."""
    namespace = {}
    exec(program.source, namespace)  # noqa: S102 - text of our own making
    return namespace[ast.parse(program.source).body[-1].name]


# What depends on values


@pytest.mark.parametrize(
    ("f", "arrays"),
    [
        (lambda x, n: x[:n], (X, np.int64(2))),
        (lambda x, mask: x[mask], (X, MASK)),
        (lambda x: x[x > 0], (X,)),
        (np.repeat, (X, np.int64(2))),
        (lambda x, n: np.reshape(x, (n, -1)), (X, np.int64(3))),
        (lambda x, mask: np.compress(mask, x), (X, MASK)),
        (lambda x, mask: np.extract(mask, x), (X, MASK)),
        (lambda x, mask: np.piecewise(x, [mask], [np.sin, np.cos]), (X, MASK)),
        (np.nonzero, (X,)),
        (np.flatnonzero, (X,)),
        (np.argwhere, (X,)),
        (np.bincount, (POSITIONS,)),
        (np.unique, (POSITIONS,)),
        (lambda x: x if x[0] > 0 else -x, (X,)),
        (lambda x: float(x[0]) * x, (X,)),
        (lambda x: np.asarray(x) * 2, (X,)),
        (lambda x, positions: np.arange(3.0)[positions] * x[:2], (X, POSITIONS)),
    ],
)
def test_what_would_make_the_program_right_for_these_values_alone_names_the_line(f, arrays):
    with pytest.raises(
        mg.TraceError, match=r"in test_compile_values\.py, line \d+.* or leave this function uncompiled"
    ):
        mg.compile(f)(*arrays)


def assigned(index):
    """A sum after an assignment."""

    def f(x, values):
        t = x * 1.0
        t[index] = values
        return np.sum(t * t * t)

    return f


@pytest.mark.parametrize(("index", "values"), [(MASK, 0.25), (POSITIONS, np.array([0.25, 4.0])), (np.int64(1), 0.5)])
def test_an_assignment_at_positions_that_are_arguments_is_compiled(index, values):
    def f(x, values, index):
        return mg.grad(assigned(index), (0, 1))(x, values)

    program = mg.compile(f)
    others = ~index if index.dtype == bool else index - 1
    for at in (index, others, index):
        for ours, theirs in zip(program(X, values, at), f(X, values, at), strict=True):
            np.testing.assert_array_equal(ours, theirs)


def test_positions_that_are_arguments_are_read_anew_at_every_call():
    program = mg.compile(lambda x, i, shift: (x[i], np.roll(x, shift), np.take(x, i, axis=0)))
    for i, shift in ((np.int64(0), np.int64(1)), (np.int64(2), np.int64(-1))):
        element, rolled, taken = program(X, i, shift)
        assert element == taken == X[i]
        np.testing.assert_array_equal(rolled, np.roll(X, shift))


# Memory


def test_a_result_that_is_a_view_of_an_intermediate_one_is_the_callers_own():
    program = mg.compile(lambda z: (np.real(z * 2), np.imag(z * 2), np.sum(np.exp(z))))
    z = np.array([1 + 2j, 3 - 1j])
    first = [np.array(x) for x in program(z)]
    kept = program(z)
    program(z + 1)
    assert bits(kept) == bits(first)
    np.testing.assert_array_equal(first[0], [2, 6])


def test_an_array_that_is_joined_with_itself_is_there_twice():
    program = mg.compile(lambda x: np.concatenate([x * 2, x * 2, x * 2]) + 1)
    np.testing.assert_array_equal(program(X), np.concatenate([X, X, X]) * 2 + 1)


ORDERS = {
    "by rows": np.ascontiguousarray,
    "by columns": np.asfortranarray,
    "spread": lambda x: np.repeat(x, 2, axis=1)[:, ::2],
}


@pytest.mark.parametrize("first", ORDERS)
@pytest.mark.parametrize("second", ORDERS)
@pytest.mark.parametrize(
    "f",
    [
        lambda x, y: np.sum(np.exp(x.T) * y.T),
        lambda x, y: np.sum(np.exp(x.T) * np.reshape(y, x.T.shape), axis=1),
        lambda x, y: (np.tanh(x.T) * y.T) @ np.tanh(y) + np.sum(np.tanh(x.T)),
        lambda x, y: mg.softmax(x.T, axis=0) + np.max(x.T * y.T, axis=0),
        lambda x, y: np.sum(np.concatenate([np.exp(x), y], axis=1) * np.sum(np.exp(x))),
        lambda x, y: np.var(np.exp(x.T) * y.T) + np.mean(np.ravel(np.exp(x.T))),
    ],
)
def test_sums_add_in_the_order_of_the_text_however_arrays_lie_in_memory(f, first, second):
    rng = np.random.default_rng(0)
    x, y = ORDERS[first](rng.normal(size=(37, 53))), ORDERS[second](rng.normal(size=(37, 53)))
    for g in (f, mg.grad(lambda x, y: np.sum(f(x, y)), (0, 1))):
        program = mg.compile(g)
        assert bits(program(x, y)) == bits(standing_alone(program)(x, y))


# Functions that NumPy does not have


TEXT = '''"""program, as a NumPy program."""

import numpy as np


def sigmoid(x):
    e = np.exp(np.minimum(x, 40.0))
    return e / (1 + e)


def softmax(x):
    e = np.exp(x - np.max(x, axis=0, keepdims=True))
    return e / np.sum(e, axis=0, keepdims=True)


def relu(x):
    return np.maximum(x, 0)
'''


def test_a_program_writes_down_the_functions_that_it_uses_and_numpy_does_not_have():
    program = mg.compile(lambda Z: (mg.sigmoid(Z), mg.softmax(Z, axis=0), mg.relu(Z)))
    program(np.ones((3, 2)))
    assert program.source.startswith(TEXT)


def test_calls_with_other_options_have_functions_of_their_own():
    program = mg.compile(lambda Z: mg.softmax(Z, axis=0) + mg.softmax(Z, axis=1) + mg.softmax(Z * 2, axis=0))
    program(np.ones((3, 2)))
    assert program.source.count("def softmax") == 2


def test_a_program_may_have_the_name_of_a_function_that_it_uses():
    program = mg.compile(mg.sigmoid)
    np.testing.assert_array_equal(program(X), mg.sigmoid(X))
    np.testing.assert_array_equal(standing_alone(program)(X), mg.sigmoid(X))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_sigmoid_has_the_same_bits_compiled_and_no_overflow_and_small_values_have_their_digits(dtype):
    info = np.finfo(dtype)
    smallest = float(np.log(float(info.smallest_normal)))
    x = np.concatenate([np.linspace(smallest, -smallest, 1001), [-np.inf, np.inf, np.nan, info.min, info.max]])
    x = x.astype(dtype)
    program = mg.compile(mg.sigmoid)
    assert bits(program(x)) == bits(mg.sigmoid(x)) == bits(standing_alone(program)(x))
    assert mg.sigmoid(x).dtype == dtype
    exact = 1 / (1 + np.exp(-np.longdouble(x[:1001])))
    np.testing.assert_allclose(mg.sigmoid(x[:1001]), exact, rtol=4 * float(info.eps))
    np.testing.assert_array_equal(mg.sigmoid(x[1001:]), [0, 1, np.nan, 0, 1])


@pytest.mark.parametrize("exponent", [2, 2.0, 3, 0.5, -1, -1.0, -0.5, 1.0, 0])
def test_powers_have_the_bits_of_the_operator(exponent):
    rng = np.random.default_rng(0)
    for x in (rng.random(1001), rng.random(1001).astype(np.float32)):
        program = mg.compile(lambda x: x**exponent * 1.5)
        assert bits(program(x)) == bits(x**exponent * 1.5)


@mg.primitive
def swish(x, *, beta=1.0):
    """A function of a user's own, with a helper and a constant."""
    return x / (1 + np.exp(bounded(-beta * x)))


def bounded(x):
    return np.minimum(x, BOUND)


BOUND = 30.0

mg.derivative(swish, lambda g, out, x, *, beta=1.0: g * (out + x * beta))

cube = mg.primitive(lambda x: x * x * x, lambda g, out, x: g * (3 * x * x))


def multiplied(k):
    def scaled(x):
        return x * k

    return mg.primitive(scaled, lambda g, out, x: g * k)


thrice = multiplied(3.0)


@mg.primitive
def passed(x):
    return x


mg.derivative(passed, lambda g, out, x: g)


@mg.primitive
def applied(x, function):
    return function(x)


mg.derivative(applied, lambda g, out, x, *, function: g)


def doubled(x):
    return 2 * x


@pytest.mark.parametrize(
    "f",
    [
        lambda x: swish(x, beta=2.0) * swish(x),
        cube,
        thrice,
        passed,
        lambda x: passed(x * 2) + x,
        lambda x: applied(x, doubled) + applied(x, np.sin) + applied(x, np.linalg.norm),
    ],
)
def test_functions_of_a_users_own_run_in_programs(f):
    for g in (f, mg.grad(lambda x: np.sum(f(x)))):
        program = mg.compile(g)
        for x in (X, X * 2):
            np.testing.assert_allclose(program(x), g(x), rtol=1e-14)


def test_the_text_of_a_users_function_is_written_down_with_all_that_it_uses(tmp_path):
    program = mg.compile(lambda x: swish(x, beta=2.0) + applied(x, doubled))
    program(X)
    program.save(tmp_path / "step.py")
    assert bits(standing_alone(program)(X)) == bits(program(X))
    assert "BOUND = 30.0" in program.source
    assert "def doubled(x):\n    return 2 * x\n" in program.source


@pytest.mark.parametrize("f", [cube, thrice])
def test_a_function_without_a_text_of_its_own_runs_and_cannot_be_saved(f, tmp_path):
    program = mg.compile(lambda x: f(x) + 1)
    program(X)
    with pytest.raises(TypeError, match=r"whose text cannot be written down: .* defined with def in a file"):
        program.save(tmp_path / "step.py")


def test_names_of_users_functions_and_of_the_programs_own_are_kept_apart():
    @mg.primitive
    def sigmoid(x):
        return x * 5

    mg.derivative(sigmoid, lambda g, out, x: g * 5)
    program = mg.compile(lambda x: sigmoid(x) + mg.sigmoid(x))
    np.testing.assert_array_equal(program(X), X * 5 + mg.sigmoid(X))
    np.testing.assert_array_equal(standing_alone(program)(X), X * 5 + mg.sigmoid(X))
