"""What was made of a program before is used again, and nobody can tell."""

import enum
import gc
import weakref

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.compiler import recipes
from micrograd_nd.compiler.fast import OUTPUT
from micrograd_nd.compiler.program import Input, Operation, Program
from micrograd_nd.compiler.recipes import RECIPES
from micrograd_nd.primitives import registry
from micrograd_nd.tree import leaves

X = np.array([[1.0, -2.0, 3.0], [0.5, 0.25, -1.0]])


def shifted(x):
    return np.tanh(x * 2.0) + 1.0


@pytest.fixture
def made(monkeypatch):
    """A list of the programs that recipes were made of."""
    programs, make = [], recipes.Recipe

    def counted(program, *rest):
        programs.append(program)
        return make(program, *rest)

    monkeypatch.setattr(recipes, "Recipe", counted)
    return programs


def test_a_function_that_does_the_same_needs_no_recipe_of_its_own(made):
    first, second = mg.compile(shifted), mg.compile(lambda x: np.tanh(x * 2.0) + 1.0)
    second.__name__ = second.f.__name__ = "shifted"
    np.testing.assert_array_equal(first(X), second(X))
    assert len(made) == 1
    assert first.source == second.source


def test_programs_of_one_recipe_have_memory_of_their_own():
    first, second = mg.compile(shifted), mg.compile(shifted)
    a, b = first(X), second(-X)
    np.testing.assert_array_equal(a, shifted(X))
    np.testing.assert_array_equal(b, shifted(-X))
    assert not np.shares_memory(a, b)


def test_each_program_of_one_recipe_keeps_its_own_state(made):
    def step(x):
        return x * 0.5 + 1.0

    a, b = mg.compile(step, donate=0), mg.compile(step, donate=0)
    x, y = a(X), b(-X)
    for _ in range(3):
        x, y = a(x), b(y)
    assert len(made) == 1
    expected, other = X, -X
    for _ in range(4):
        expected, other = step(expected), step(other)
    np.testing.assert_array_equal(x, expected)
    np.testing.assert_array_equal(y, other)


numbers = st.sampled_from([0.0, -0.0, 1.0, np.nan, np.inf, 2, 1, True, False, np.float32(1), np.float64(1), np.int8(1)])


@given(numbers, numbers, st.sampled_from([0, 1, None]), st.sampled_from([0, 1, None]), st.booleans())
def test_a_recipe_is_for_these_constants_and_options_alone(c, d, axis, other_axis, kept):
    def f(x, c, axis):
        return np.sum(np.copysign(1.0, c) * np.maximum(x, c) + c, axis=axis, keepdims=kept)

    for constant, over in ((c, axis), (d, other_axis), (c, other_axis)):
        np.testing.assert_allclose(
            mg.compile(lambda x, k=constant, o=over: f(x, k, o))(X), f(X, constant, over), rtol=1e-14
        )


UNARY = st.sampled_from([np.tanh, np.negative, np.square, np.transpose, np.ravel, mg.relu])
BINARY = st.sampled_from([np.add, np.subtract, np.multiply, np.maximum, np.copysign])
OVER = st.sampled_from([0, -1, None])
steps = st.lists(
    st.one_of(
        st.builds(lambda f: lambda h, y: f(h), UNARY),
        st.builds(lambda f, c: lambda h, y: f(h, c), BINARY, numbers),
        st.builds(lambda f, c: lambda h, y: f(c, h), BINARY, numbers),
        BINARY,
        st.builds(lambda axis, kept: lambda h, y: np.sum(h, axis=axis, keepdims=kept), OVER, st.booleans()),
        st.builds(lambda axis: lambda h, y: np.expand_dims(h, 0 if axis is None else axis), OVER),
        st.builds(lambda index: lambda h, y: h[index], st.sampled_from([..., np.s_[..., None], np.s_[None]])),
    ),
    min_size=1,
    max_size=3,
)
forms = st.sampled_from([
    lambda x, y, h: h,
    lambda x, y, h: (h,),
    lambda x, y, h: [h, x],
    lambda x, y, h: {"h": h, 1: y},
    lambda x, y, h: {"h": h, True: y},
    lambda x, y, h: (h, h, 2.0, None),
    lambda x, y, h: (h, h, 2, None),
])  # fmt: skip
layouts = st.sampled_from([np.array, np.asfortranarray, lambda x: x[::-1], lambda x: np.broadcast_to(x[:1], x.shape)])
others = st.sampled_from([X[:1] + 1, X[:1].astype(np.float32), X[:, :1], 0.5, np.float64(0.5), np.float32(0.5)])


@given(st.lists(st.tuples(steps, forms, layouts, others), min_size=2, max_size=4))
def test_functions_that_are_nearly_the_same_are_told_apart(functions):
    for parts, form, layout, y in functions:

        def f(x, y, parts=parts, form=form):
            h = x
            for part in parts:
                h = part(h, y)
            return form(x, y, h)

        x = layout(X)
        with np.errstate(all="ignore"):
            try:
                expected = f(x, y)
            except ValueError:  # shapes that do not fit
                continue
            found = mg.compile(f)(x, y)
        if isinstance(expected, dict):
            assert list(map(repr, found)) == list(map(repr, expected))
        for a, b in zip(leaves(found), leaves(expected), strict=True):
            assert (np.shape(a), np.result_type(a)) == (np.shape(b), np.result_type(b))
            assert isinstance(a, np.ndarray | np.generic) or type(a) is type(b)
            np.testing.assert_allclose(a, b, rtol=1e-6 if np.result_type(b) == np.float32 else 1e-12)
            assert not np.shares_memory(a, x)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("shape", [(3,), (1, 3), (3, 1)])
def test_a_recipe_is_for_one_shape_and_dtype_alone(dtype, shape):
    for x in (X, X[:, :1], np.ones(shape, dtype), np.asfortranarray(X), np.asfortranarray(X.astype(dtype))):
        out = mg.compile(shifted)(x)
        assert out.dtype == x.dtype
        np.testing.assert_array_equal(out, shifted(x))


def test_local_variables_keep_their_own_names():
    def one(x):
        angle = x * 2.0
        return np.sin(angle)

    def other(x):
        phase = x * 2.0
        return np.sin(phase)

    other.__name__ = "one"
    first, second = mg.compile(one), mg.compile(other)
    first(X), second(X)
    assert "angle" in first.source
    assert "phase" in second.source


def test_tensors_from_outside_are_read_from_where_each_function_has_them(made):
    a, b = mg.Tensor(X, name="w"), mg.Tensor(X + 1, name="w")

    def times(w):
        def f(x):
            return x * w

        return mg.compile(f)

    first, second = times(a), times(b)
    with mg.no_grad():
        np.testing.assert_array_equal(first(X), X * X)
        np.testing.assert_array_equal(second(X), X * (X + 1))
    assert len(made) == 1


def test_things_that_are_returned_are_each_functions_own():
    class Thing:
        pass

    things = [Thing(), Thing()]
    results = [mg.compile(lambda x, thing=thing: (x + 1, thing, "text", 3))(X) for thing in things]
    assert [result[1] for result in results] == things
    assert mg.compile(lambda x: (x + 1, None, "other", 3.0))(X)[2:] == ("other", 3.0)


def test_each_generator_draws_for_its_own_program(made):
    def noisy(seed):
        generator = mg.default_rng(seed)
        return mg.compile(lambda x: x + generator.normal(size=3))

    a, b = noisy(0), noisy(1)
    assert not np.array_equal(a(X), b(X))
    assert len(made) == 2


def test_no_function_of_a_users_outlives_its_program():
    def alive():
        def own(x):
            return np.tanh(x) * 2

        run = mg.compile(mg.value_and_grad(lambda x: np.sum(mg.checkpoint(own)(x))))
        run(X)
        return weakref.ref(own)

    reference = alive()
    gc.collect()
    assert reference() is None


@pytest.mark.parametrize("options", [{"function": len}, {"parts": [(1, len)]}, {"parts": {"a": len}}])
def test_what_is_given_a_function_is_made_anew(options):
    x = Input(X, "x")
    operation = Operation.make(registry[np.add], (x, x), options, X, 0)
    assert recipes.key_of(Program([x], [operation]), OUTPUT, ()) is None
    plain = Operation.make(registry[np.add], (x, x), {"dtype": np.float32, "axis": (0, 1)}, X, 0)
    assert recipes.key_of(Program([x], [plain]), OUTPUT, ()) is not None


def test_large_constants_are_not_kept():
    constant = np.arange(2.0**18)
    mg.compile(lambda x: x * constant)(np.ones(2**18))
    assert not RECIPES.kept


def test_large_constants_are_not_kept_either_where_they_are_computed_of_small_ones():
    mg.compile(lambda x: x * np.tile(mg.Tensor(np.ones(3)), 2**17))(1.0)
    assert not RECIPES.kept


@pytest.mark.parametrize("thing", [object(), np.ones(3), frozenset({1})])
def test_what_is_returned_unchanged_is_not_kept(thing):
    mg.compile(lambda x: (x + 1, {"part": thing}))(X)
    assert not RECIPES.kept


class Name(enum.StrEnum):
    """Equal to the text that it stands for."""

    PART = "part"


@pytest.mark.parametrize("keys", [(1, True, 1.0), ("part", Name.PART), (Name.PART, "part")])
def test_results_have_the_keys_of_their_own_function_where_others_are_equal(keys):
    for key in keys:
        (found,) = mg.compile(lambda x, key=key: {key: x + 1})(X)
        assert type(found) is type(key)


def test_constants_keep_their_own_names():
    def times(name):
        return mg.compile(lambda x: np.sin(x) * mg.Tensor(np.arange(30.0), name=name))

    first, second = times("slopes"), times("weights")
    first(np.ones(30)), second(np.ones(30))
    assert "slopes" in first.source
    assert "weights" in second.source


def test_arrays_of_objects_are_told_apart_by_what_they_hold(made):
    for text, other in (("1.5", "2.5"), ("2.5", "1.5"), ("1.5", "2.5")):
        run = mg.compile(lambda x, a=text, b=other: x * np.array([float(a), float(b), 0.0], dtype=object))
        np.testing.assert_array_equal(run(X).astype(float), X * [float(text), float(other), 0.0])
    assert len(made) == 2


def test_what_a_function_of_a_users_gives_for_constants_is_computed_anew():
    scale = [2.0]
    scaled = mg.primitive(lambda x: x * scale[0], lambda g, out, x: g * scale[0])

    def f(x):
        return x + scaled(mg.Tensor(np.ones(3)))

    first = mg.compile(f)(X)
    scale[0] = 5.0
    np.testing.assert_array_equal(first, X + 2.0)
    np.testing.assert_array_equal(mg.compile(f)(X), X + 5.0)


def test_the_recipe_that_was_not_asked_for_longest_is_forgotten(made, monkeypatch):
    monkeypatch.setattr(recipes, "MOST", 2)
    for number in (1.0, 2.0, 1.0, 3.0, 1.0, 2.0):
        mg.compile(lambda x, number=number: x + number)(X)
    assert len(RECIPES.kept) == 2
    assert len(made) == 4


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam])
def test_training_the_same_network_again_gives_the_same_bits(made, optimizer):
    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 50)), rng.integers(0, 2, (1, 50))
    costs = []
    for _ in range(2):
        model = nn.MLP([3, 5, 1], hidden="relu", seed=0)
        settings = {"epochs": 4, "batch_size": 20, "learning_rate": 0.1, "seed": 0, "progress": False}
        costs.append(nn.fit(model, X, Y, optimizer=optimizer, **settings).cost)
    assert costs[0] == costs[1]
    assert len(made) == 2  # one for each size of batch
