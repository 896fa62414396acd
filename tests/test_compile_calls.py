"""What stands around a program: names, the way in, the second trace, and the choice between ways to multiply."""

import re
import sys
from typing import Any, NamedTuple

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.compiler import planning
from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.entry import MISS
from micrograd_nd.compiler.making import Made
from micrograd_nd.compiler.memory import aligned, lies_in
from micrograd_nd.compiler.naming import Names, local_names
from micrograd_nd.compiler.passes.products import Way
from micrograd_nd.compiler.planning import fastest
from micrograd_nd.compiler.program import Input
from micrograd_nd.compiler.repeating import difference

X = np.arange(6.0).reshape(2, 3)


def names(f, *args):
    """The names of results of operations, in the order of recording."""
    return [x.name for x in capture(f, args, {}).program.operations]


# Names


def course(W1, b1, W2, b2, X, Y):
    def cost(W1, b1, W2, b2):
        A1 = np.tanh(W1 @ X + b1)
        A2 = mg.sigmoid(W2 @ A1 + b2)
        return np.sum(np.square(A2 - Y))

    return mg.grad(cost, (0, 1, 2, 3))(W1, b1, W2, b2)


def test_values_and_derivatives_have_the_names_of_the_course():
    args = np.ones((4, 2)), np.ones((4, 1)), np.ones((1, 4)), np.ones((1, 1)), np.ones((2, 3)), np.ones((1, 3))
    found = names(course, *args)
    assert {"Z1", "A1", "Z2", "A2", "dZ1", "dA1", "dZ2", "dW1", "db1", "dW2", "db2"} <= set(found)
    assert len({x for x in found if x}) == len([x for x in found if x])


def test_an_activation_of_something_else_than_z_has_no_name_of_the_course():
    assert names(lambda x: np.tanh(x) + mg.relu(x), X) == [None] * 3
    f = lambda W1, b2, X: np.tanh(W1 @ X + b2)
    assert names(f, X, X[:, :1], X.T) == [None] * 3


def test_results_have_the_names_of_local_variables_also_of_functions_that_are_called():
    def inner(x):
        doubled = x * 2
        return doubled + 1

    def outer(x):
        result = np.exp(inner(x))
        return result, x

    assert names(outer, X) == ["doubled", None, "result"]


def test_inputs_have_the_names_of_arguments_of_keys_and_of_tensors():
    def f(a, nest, *rest, last):
        return a

    arguments = (X, {"W": X, 3: X, "not a name": X, "list": [X, (X,)]}, mg.Tensor(X, name="given")), {"last": X}
    inputs = capture(f, *arguments).program.inputs
    found = [x.name for x in inputs]
    assert found == ["a", "W", "nest_3", "nest_not a name", "list_0", "list_1_0", "given", "last"]


def test_inputs_of_the_same_name_are_numbered():
    inputs = capture(lambda p, q: p["W"], ({"W": X}, {"W": X, "W_2": X}), {}).program.inputs
    assert [x.name for x in inputs] == ["W", "W_2", "W_2_2"]


def test_nothing_is_named_by_local_variables_where_a_profiler_is_on():
    def profiler(*_):
        return None

    before = sys.getprofile()
    sys.setprofile(profiler)
    try:
        with local_names(course) as found:
            inside = sys.getprofile()
    finally:
        sys.setprofile(before)
    assert inside is profiler
    assert found == {}


def test_the_profile_function_is_gone_after_a_trace_that_fails():
    before = sys.getprofile()
    with pytest.raises(ZeroDivisionError):
        capture(lambda x: 1 / 0, (X,), {})
    assert sys.getprofile() is before


def test_a_name_is_given_once_and_every_thing_keeps_its_own():
    given = Names()
    given.take("taken")
    first, second, third = (Input(X, name) for name in ("x", "taken", None))
    assert [given.given(x, x.name or "") for x in (first, second, third)] == ["x", "taken_2", "t1"]
    assert given.given(first, "other") == "x"
    wishes = {"x": "x_2", "np": "np_2", "taken": "taken_3", "1st": "_1st", "for": "_for", "a b": "a_b", "": "t2"}
    assert {wish: given.given(object(), wish) for wish in wishes} == wishes


# The way in


def f(state, x, number, flag):
    return [state["a"] + x * number, state["b"][0]] if flag else state["a"]


ARGUMENTS = ({"a": X, "b": (X + 1,)}, np.float64(2.0), 3.0, True)
OTHERS = {
    "shape": ({"a": X[:1], "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "axes": ({"a": X[None], "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "dtype": ({"a": X.astype(np.float32), "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "byte order": ({"a": X.astype(">f8"), "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "subclass": ({"a": X.view(np.matrix), "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "Tensor": ({"a": mg.Tensor(X), "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "list": ({"a": X.tolist(), "b": (X + 1,)}, np.float64(2.0), 3.0, True),
    "another scalar": (ARGUMENTS[0], np.float32(2.0), 3.0, True),
    "array for scalar": (ARGUMENTS[0], np.array(2.0), 3.0, True),
    "number for scalar": (ARGUMENTS[0], 2.0, 3.0, True),
    "scalar for number": (ARGUMENTS[0], np.float64(2.0), np.float64(3.0), True),
    "int for number": (ARGUMENTS[0], np.float64(2.0), 3, True),
    "complex for number": (ARGUMENTS[0], np.float64(2.0), 3j, True),
    "another value": (ARGUMENTS[0], np.float64(2.0), 3.0, False),
    "1 for True": (ARGUMENTS[0], np.float64(2.0), 3.0, 1),
    "another key": ({"a": X, "c": (X + 1,)}, np.float64(2.0), 3.0, True),
    "one key more": ({"a": X, "b": (X + 1,), "c": X}, np.float64(2.0), 3.0, True),
    "list for tuple": ({"a": X, "b": [X + 1]}, np.float64(2.0), 3.0, True),
    "another order of keys": ({"b": (X + 1,), "a": X}, np.float64(2.0), 3.0, True),
    "longer tuple": ({"a": X, "b": (X + 1, X)}, np.float64(2.0), 3.0, True),
    "empty tuple": ({"a": X, "b": ()}, np.float64(2.0), 3.0, True),
    "no nest": (X, np.float64(2.0), 3.0, True),
    "None": (None, np.float64(2.0), 3.0, True),
    "fewer": ARGUMENTS[:3],
    "more": (*ARGUMENTS, 1.0),
    "none": (),
}


def test_the_entry_runs_the_program_for_arguments_that_it_was_made_for():
    made = Made(f, ARGUMENTS, {}, None, False, False)
    other = ({"a": -X, "b": (X,)}, np.float64(0.5), -1.0, True)
    for args in (ARGUMENTS, other):
        for x, y in zip(made.enter(args), f(*args), strict=True):
            np.testing.assert_array_equal(x, y)


@pytest.mark.parametrize("name", OTHERS)
def test_the_entry_turns_others_away(name):
    made = Made(f, ARGUMENTS, {}, None, False, False)
    assert made.enter(OTHERS[name]) is MISS
    assert made.enter(ARGUMENTS) is not MISS
    assert len(made.idle) == 1


class Pair(NamedTuple):
    first: Any
    second: Any


class Other(NamedTuple):
    first: Any
    second: Any


def test_the_entry_takes_named_tuples_of_the_type_that_it_was_made_for():
    made = Made(lambda pair: pair.first * pair.second, (Pair(X, 2.0),), {}, None, False, False)
    np.testing.assert_array_equal(made.enter((Pair(-X, 3.0),)), -3 * X)
    assert made.enter((Other(X, 2.0),)) is made.enter(((X, 2.0),)) is MISS


def test_there_is_no_quick_way_in_for_keywords_and_things_that_have_to_be_looked_at_closely():
    assert Made(f, ARGUMENTS[:3], {"flag": True}, None, False, False).enter is None
    assert Made(lambda x, of: of(x), (X, np.sin), {}, None, False, False).enter is None
    closed = mg.Tensor(X)
    assert Made(lambda x: x + closed, (X,), {}, None, False, False).enter is None


def test_a_quick_call_gives_what_a_slow_one_does_for_every_kind_of_argument_in_turn():
    g = mg.compile(lambda x, number: x * number + 1)
    calls = [(X, 2.0), (X, 3.0), (X[:1], 2.0), (np.float64(3), 2.0), (X.astype(np.float32), 0.5), (X, 2), ([X, X], 2.0)]
    h = lambda x, number: np.asarray(x) * number + 1
    for x, number in [*calls[:-1], *calls[-2::-1]]:
        np.testing.assert_array_equal(g(x, number), h(x, number), strict=True)
    with pytest.raises(TypeError):
        g(X)
    with pytest.raises(TypeError):
        g(X, 2.0, 3.0)


def test_states_from_elsewhere_have_memory_of_their_own():
    double = mg.compile(lambda w: w * 2, donate=0)
    results = [double(x) for x in (np.ones(2), np.full(2, 2.0), np.full(2, 3.0))]
    assert [w.tolist() for w in results] == [[2.0, 2.0], [4.0, 4.0], [6.0, 6.0]]
    results = [double(w) for w in results]
    assert [w.tolist() for w in results] == [[4.0, 4.0], [8.0, 8.0], [12.0, 12.0]]


def test_state_that_comes_back_rearranged_is_copied_first():
    swap = mg.compile(lambda s: [s[0] + 1, s[1] * 2], donate=0)
    a, b = swap([np.ones(2), np.full(2, 3.0)])
    assert [x.tolist() for x in swap([b, a])] == [[7.0, 7.0], [4.0, 4.0]]


def test_what_lies_in_the_state_may_be_another_argument_too():
    step = mg.compile(lambda s, x: ({"w": s["w"] - x}, x * 2), donate=0)
    s, _ = step({"w": np.full(3, 5.0)}, np.ones(3))
    s, doubled = step(s, s["w"][::-1])
    assert (s["w"].tolist(), doubled.tolist()) == ([0.0] * 3, [8.0] * 3)


@pytest.mark.parametrize(
    "view",
    [
        lambda w: w,
        lambda w: w[1:].reshape(2, 2)[:, 1],
        lambda w: np.asarray(memoryview(w)),
        lambda w: np.frombuffer(w, w.dtype),
        lambda w: np.lib.stride_tricks.as_strided(w, (5,), (8,)),
        lambda w: w.view(np.ndarray),
    ],
)
def test_every_view_of_memory_is_seen_to_lie_in_it(view):
    memory, other = aligned(40), aligned(40)
    assert lies_in(view(memory.view(np.float64)), (other, memory))
    assert not lies_in(view(other.view(np.float64)), (memory,))
    assert not lies_in(view(np.ones(10)[::2].copy()[::1]), (memory, other))


def test_the_order_of_the_keys_of_a_dict_counts():
    first = mg.compile(lambda d: next(iter(d.values())) * 1.0)
    first({"a": np.ones(2), "b": np.zeros(2)})
    assert first({"b": np.zeros(2), "a": np.ones(2)}).tolist() == [0.0, 0.0]


def test_donated_state_of_another_shape_or_dtype_gets_a_program_of_its_own():
    step = mg.compile(lambda w, x: w - x, donate=0)
    for w in (X, X[:1], X.astype(np.float32), X):
        np.testing.assert_array_equal(step(w, 0.5), w - 0.5, strict=True)
    assert len(step.programs) == 3


@pytest.mark.parametrize("t", [np.float64(2.0), 2.0])
def test_a_number_may_be_part_of_the_state(t):
    step = mg.compile(lambda state, x: {"w": state["w"] - x / state["t"], "t": state["t"] + 1}, donate=0)
    state = step(step({"w": X, "t": t}, 0.5), 0.5)
    np.testing.assert_array_equal(state["w"], X - 0.25 - 0.5 / 3)
    assert state["t"] == 4


# The second trace


def program(f, *args):
    return capture(f, args or (X,), {}).program


def test_two_traces_of_one_function_do_not_differ():
    rng = mg.default_rng(0)
    for f in (
        lambda x: np.sum(np.exp(x)) * np.ones(3),
        lambda x: x * np.nan,
        lambda x: (x, 2 * x),
        lambda x: x + rng.random(3),
        lambda x: np.where(x > 0, x, np.full(3, np.nan)),
    ):
        assert difference(program(f), program(f)) is None


@pytest.mark.parametrize(
    ("first", "second", "reason"),
    [
        (
            np.exp,
            np.sin,
            "where it applied np.exp the first time it applied np.sin the second",
        ),
        (lambda x: x * 2.0, lambda x: x * 3.0, "was given the number 2.0 the first time and other values the second"),
        (lambda x: x * 0.0, lambda x: x * -0.0, "np.multiply was given"),
        (lambda x: x * 1, lambda x: x * 1.0, "np.multiply was given"),
        (lambda x: x * np.ones(3), lambda x: x * np.zeros(3), r"an array of shape \(3,\) the first time"),
        (lambda x: np.sum(x, axis=0), lambda x: np.sum(x, axis=1), "np.sum was given something else the second time"),
        (lambda x: x - x * 2, lambda x: x * 2 - x, "was given something else the second time"),
        (np.exp, lambda x: np.exp(x) + 1, "it did 1 operations the first time and 2 the second"),
        (lambda x: (x, x), lambda x: x, "it did 0 operations"),
        (lambda x: (np.exp(x), x), lambda x: (x, np.exp(x)), "it returned something else"),
        (lambda x: np.exp(x[0]), lambda x: np.exp(x[1]), "was given something else"),
    ],
)
def test_what_differs_between_two_traces_is_put_into_words(first, second, reason):
    assert re.search(reason, difference(program(first), program(second)))


def test_another_input_is_a_difference():
    assert difference(program(lambda x, y: np.exp(x), X, X), program(lambda x, y: np.exp(y), X, X)) is not None


# The choice


class Clock:
    """Gives times that trials move on."""

    def __init__(self):
        self.now = 0.0

    def __call__(self):
        return self.now

    def trial(self, *seconds):
        """Make a trial that takes so long, one time after the other."""
        remaining = list(seconds)

        def run():
            self.now += remaining.pop(0) if len(remaining) > 1 else remaining[0]

        return run


@pytest.mark.parametrize(
    ("plain", "ways", "best"),
    [
        (1.0, [], None),
        (1.0, [0.5], 0),
        (1.0, [2.0, 0.7, 0.6, 0.8], 2),
        (1.0, [0.97], None),
        (1.0, [1.0, 1.5], None),
        (1.0, [0.9], 0),
    ],
)
def test_the_fastest_way_is_taken_if_it_is_clearly_faster_than_numpys(monkeypatch, plain, ways, best):
    clock = Clock()
    monkeypatch.setattr(planning, "perf_counter", clock)
    monkeypatch.setattr(planning, "plain_trial", lambda a, b: clock.trial(plain))
    made = [Way(lambda a, b, t=t: clock.trial(t), lambda x, y, p: x, turned=False) for t in ways]
    chosen = fastest(Input(X), Input(X.T), made)
    assert chosen is (None if best is None else made[best])


def test_the_first_time_and_a_disturbance_do_not_count(monkeypatch):
    clock = Clock()
    monkeypatch.setattr(planning, "perf_counter", clock)
    monkeypatch.setattr(planning, "plain_trial", lambda a, b: clock.trial(0.1, 1.0))
    slow = Way(lambda a, b: clock.trial(0.01, 2.0), lambda x, y, p: x, turned=False)
    disturbed = Way(lambda a, b: clock.trial(9.0, 9.0, 0.5), lambda x, y, p: x, turned=False)
    assert fastest(Input(X), Input(X.T), [slow]) is None
    assert fastest(Input(X), Input(X.T), [slow, disturbed]) is disturbed


def test_trials_are_made_on_matrices_that_lie_as_the_values_do():
    seen = []
    way = Way(lambda a, b: seen.append((a, b)) or (lambda: None), lambda x, y, p: x, turned=False)
    x, turned = Input(np.zeros((2, 3), np.float32)), Input(np.zeros((3, 4), np.float32))
    turned.turned = True
    fastest(x, turned, [way])
    transpose = capture(lambda x: x.T, (np.zeros((3, 2)),), {}).program.outputs[0]
    fastest(transpose, Input(np.zeros((3, 4))), [way])
    (a, b), (c, d) = seen
    assert [t.shape for t in (a, b, c, d)] == [(2, 3), (3, 4), (2, 3), (3, 4)]
    assert [t.dtype for t in (a, b, c, d)] == [np.float32, np.float32, np.float64, np.float64]
    assert [t.flags.c_contiguous for t in (a, b, c, d)] == [True, False, False, True]


@pytest.mark.parametrize("f", [np.sum, np.mean, np.max, np.atleast_1d, np.squeeze, lambda x: np.reshape(3.0 * x, -1)])
@pytest.mark.parametrize("number", [1.5, 1.5 - 2.0j])
def test_a_number_of_pythons_can_be_reduced_and_reshaped(f, number):
    run = mg.compile(f)
    for x in (number, number * 2):
        np.testing.assert_array_equal(run(x), f(x))
        assert np.shape(run(x)) == np.shape(f(x))
