"""Every function in the registry is differentiated rightly: any order, any shape, real and complex, every precision.

`CASES` says for each function how its arguments are drawn. A function in the registry without a case fails the suite.
The tester is tested too: every rule is broken in several ways, and each is noticed.
"""

import contextlib
from functools import partial

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.demo.graphs import loss
from micrograd_nd.graph import ancestors
from micrograd_nd.handle import plain
from micrograd_nd.primitives import readable
from micrograd_nd.rules.refusals import Refusal
from micrograd_nd.testing import check_gradients
from micrograd_nd.testing.cases import CASES as LIBRARY
from micrograd_nd.testing.cases.drawing import Case, positive, shapes
from micrograd_nd.testing.coordinates import argument_names
from micrograd_nd.testing.problem import prepared
from micrograd_nd.tree import leaves

SINGLE = {np.dtype(np.float64): np.float32, np.dtype(np.complex128): np.complex64}


@st.composite
def judging(draw):
    a = draw(shapes.flatmap(positive)) / 4
    return Case(partial(loss, y=draw(hnp.arrays(np.int8, a.shape, elements=st.integers(0, 1)))), (a,))


CASES = {**LIBRARY, loss: judging()}

OURS = [function for function in mg.registry if "test" not in (getattr(function, "__module__", "") or "")]
DIFFERENTIABLE = [function for function in OURS if mg.registry[function].rules != ()]
WITH_RULES = [function for function in DIFFERENTIABLE if mg.registry[function].rules is not None]

OF_NUMPY = [function for function in DIFFERENTIABLE if readable(function).startswith("np.")]

each_function = pytest.mark.parametrize("function", DIFFERENTIABLE, ids=readable)


def results_of(value):
    """The arrays in what a function returned."""
    return [plain(x) for x in leaves(value)]


def applied_by(case):
    """The functions that are applied when a case runs: recorded as nodes, or called as compositions."""
    found = set()
    compositions = [entry for entry in mg.registry.values() if entry.rules is None]

    def noticing(entry, body):
        def call(*args, **kwargs):
            found.add(entry.function)
            return body(*args, **kwargs)

        return call

    bodies = [entry.evaluate for entry in compositions]
    for entry, body in zip(compositions, bodies, strict=True):
        entry.evaluate = noticing(entry, body)
    try:
        result = case.function(*map(mg.Tensor, case.arrays))
    finally:
        for entry, body in zip(compositions, bodies, strict=True):
            entry.evaluate = body
    for x in leaves(result):
        if type(x) is mg.Tensor:
            found |= {node.primitive.function for node in recorded_by(x)}
    return found


def recorded_by(tensor):
    """The nodes of a graph that are results."""
    return [node for node in ancestors(tensor.node) if node.primitive] if tensor.requires_grad else []


def share(examples):
    """As many examples as the profile takes of a hundred."""
    return max(1, examples * settings().max_examples // 100)


def test_every_differentiable_function_has_a_case_and_every_case_a_function():
    assert set(CASES) == set(DIFFERENTIABLE)


@each_function
def test_a_case_applies_the_function_it_stands_for(function):
    found = CASES[function].filter(lambda case: function in applied_by(case))
    settings(max_examples=1, database=None)(given(found)(lambda case: None))()


@each_function
@settings(max_examples=share(25))
@given(data=st.data())
def test_first_and_second_derivatives_agree_with_numerical_ones_in_both_modes(function, data):
    case = data.draw(CASES[function])
    check_gradients(case.function, *case.arrays)


@each_function
@settings(max_examples=share(5))
@given(data=st.data())
def test_forward_mode_is_the_transpose_of_reverse_mode(function, data):
    case = data.draw(CASES[function])
    problem = prepared(case.function, case.arrays, argument_names(case.function, len(case.arrays)))
    rng = np.random.default_rng(0)
    u, v = rng.normal(size=problem.inputs.size), rng.normal(size=problem.outputs.size)
    forward, reverse = v * problem.push(u), problem.pull(v) * u
    terms = np.sum(np.abs(forward)) + np.sum(np.abs(reverse)) + np.sum(np.abs(v * problem.value))
    assert np.sum(forward) == pytest.approx(np.sum(reverse), rel=0, abs=1e-12 * terms)


def single(x):
    """The array in half its precision."""
    return np.asarray(x).astype(SINGLE.get(np.asarray(x).dtype, np.asarray(x).dtype))[()]


@each_function
@settings(max_examples=share(5))
@given(data=st.data())
def test_single_precision_stays_single_through_value_and_both_derivatives(function, data):
    case = data.draw(CASES[function])
    singles = tuple(map(single, case.arrays))
    # Where the case itself asks for double precision, so does NumPy.
    kept = all(x.dtype not in SINGLE for x in results_of(case.function(*singles)))

    def total(*xs):
        parts = [part for part in leaves(case.function(*xs)) if part.dtype.kind in "fc"]
        return sum(np.sum(np.real(part)) + np.sum(np.imag(part)) for part in parts)

    def slopes(*xs):
        return np.sum(np.square(np.concatenate([np.ravel(np.real(g)) for g in mg.grad(total, everything)(*xs)])))

    everything = tuple(range(len(singles)))
    for f in (total, slopes):
        inputs = [mg.Tensor(x) for x in singles]
        result = f(*inputs)
        if kept and type(result) is mg.Tensor:
            assert [node for node in recorded_by(result) if node.out.dtype in SINGLE] == []
        for x, g in zip(singles, mg.grad(f, everything)(*singles), strict=True):
            assert g.dtype == x.dtype


@each_function
@settings(max_examples=share(8))
@given(data=st.data())
def test_the_value_is_the_one_that_numpy_computes(function, data):
    case = data.draw(CASES[function])
    for arrays in (case.arrays, tuple(map(single, case.arrays))):
        check_value(case.function, arrays, arrays)


def check_value(f, arrays, precision):
    """What `f` makes of Tensors is what it makes of arrays: the same nest, shapes, dtypes and numbers."""
    expected = f(*arrays)
    result = f(*map(mg.Tensor, arrays))
    if type(result) is not mg.Tensor:
        assert type(result) is type(expected)
    theirs, ours = results_of(expected), results_of(result)
    assert [np.shape(x) for x in ours] == [np.shape(x) for x in theirs]
    assert [np.result_type(x) for x in ours] == [np.result_type(x) for x in theirs]
    for x, y in zip(ours, theirs, strict=True):
        # Composed of other functions, or computed by an operator, a value may be off by some roundings.
        eps = np.finfo(np.result_type(y)).eps if np.result_type(y).kind in "fc" else 0
        np.testing.assert_allclose(x, y, rtol=32 * eps, atol=32 * eps * np.max(np.abs(y), initial=0))


@pytest.mark.parametrize("function", OF_NUMPY, ids=readable)
@pytest.mark.filterwarnings("ignore::RuntimeWarning")  # of the mean of nothing
@settings(max_examples=share(6))
@given(data=st.data())
def test_empty_and_zero_dimensional_arrays_are_what_they_are_to_numpy(function, data):
    case = data.draw(CASES[function])
    if len({np.shape(x) for x in case.arrays}) > 1:
        return
    for make in (emptied, first_element):
        arrays = tuple(map(make, case.arrays))
        try:
            expected = case.function(*arrays)
        except (TypeError, ValueError, IndexError, ZeroDivisionError, np.linalg.LinAlgError):
            continue
        if not all(np.all(np.isfinite(x)) for x in results_of(expected)):
            continue
        # NumPy lets a number have an axis 0 here and there.
        with contextlib.suppress(np.exceptions.AxisError):
            check_value(case.function, arrays, arrays)
            check_shapes(case.function, arrays)


def emptied(x):
    return np.asarray(x)[:0] if np.ndim(x) else x


def first_element(x):
    return np.ravel(x)[0] if np.size(x) else x


def check_shapes(f, arrays):
    """The derivative of every differentiable result has the shapes and dtypes of the arguments."""
    value, pullback = mg.vjp(lambda *xs: [x for x in leaves(f(*xs)) if x.dtype.kind in "fc"] or [xs[0] * 0], *arrays)
    for x, g in zip(arrays, pullback([np.ones_like(x) for x in value]), strict=True):
        assert (np.shape(g), g.dtype) == (np.shape(x), x.dtype)


# The tester is tested: rules are broken on purpose, and every one is noticed.


def scaled(factor):
    """A rule that is wrong by a factor: a sign, a forgotten 2, a thousandth."""
    return lambda rule: lambda g, out, *arrays, **options: rule(g, out, *arrays, **options) * factor


def without_an_element(rule):
    """A rule that misses the derivative with respect to the last element that has one."""

    def wrong(g, out, *arrays, **options):
        right = rule(g, out, *arrays, **options)
        return right * (np.arange(np.size(right)) != last_nonzero(right)).reshape(np.shape(right))

    return wrong


def without_a_path(rule):
    """A rule that misses what the last element of the result that matters has to do with the argument."""

    def wrong(g, out, *arrays, **options):
        for k in reversed(range(np.size(g))):
            missing = rule(g * (np.arange(np.size(g)) != k).reshape(np.shape(g)), out, *arrays, **options)
            right = rule(g, out, *arrays, **options)
            if np.any(plain(missing) != plain(right)):
                return missing
        return rule(g, out, *arrays, **options)

    return wrong


def last_nonzero(x):
    found = np.flatnonzero(plain(x))
    return found[-1] if found.size else 0


def turned_round(rule):
    """A rule that mixes up its indices."""

    def wrong(g, out, *arrays, **options):
        right = rule(g, out, *arrays, **options)
        return np.reshape(np.ravel(right)[::-1], np.shape(right))

    return wrong


def bent(rule):
    """A rule that is right, but has a derivative that is wrong by about a thousandth."""

    def wrong(g, out, *arrays, **options):
        right = rule(g, out, *arrays, **options)
        recorded = [x for x in (g, *arrays) if type(x) is mg.Tensor]
        nothing = sum(np.sum(x - x.detach()) for x in recorded)
        return right + 0.001 * np.sum(right * right) * nothing

    return wrong


MISTAKES = {
    "sign": (scaled(-1), 1),
    "factor 2": (scaled(2), 1),
    "thousandth": (scaled(1.001), 1),
    "missing element": (without_an_element, 1),
    "missing path": (without_a_path, 1),
    "transposed": (turned_round, 1),
    "second order": (bent, 2),
}


def broken(entry, mistake):
    """The rules of a function, each of them broken in turn."""
    if type(entry.rules) is tuple:
        for i, rule in enumerate(entry.rules):
            if rule and not isinstance(rule, Refusal):
                yield i, (*entry.rules[:i], mistake(rule), *entry.rules[i + 1 :])
        return
    for i in (0, -1):
        one = mistake(lambda *args, i=i, right=entry.rules, **options: right(*args, **options)[i])

        def joint(*args, i=i, one=one, right=entry.rules, **options):
            terms = list(right(*args, **options))
            terms[i] = one(*args, **options)
            return terms

        yield i, joint


@pytest.mark.parametrize("function", WITH_RULES, ids=readable)
def test_every_mistake_in_every_rule_is_noticed(function):
    entry = mg.registry[function]
    right = entry.rules
    mutants = {
        (name, i): (rules, order) for name, (mistake, order) in MISTAKES.items() for i, rules in broken(entry, mistake)
    }

    seen = set()

    class AllNoticed(Exception):
        pass

    @settings(max_examples=60, database=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(CASES[function].filter(lambda case: function in applied_by(case)))
    def notice(case):
        problem = prepared(case.function, case.arrays, argument_names(case.function, len(case.arrays)))
        v = np.random.default_rng(1).normal(size=problem.outputs.size)
        derivative = problem.pull(v)
        for key, (rules, order) in list(mutants.items()):
            entry.rules = rules
            try:
                if order == 2 or not np.allclose(problem.pull(v), derivative, rtol=1e-9, atol=1e-9):
                    seen.add(key)
                    check_gradients(case.function, *case.arrays, order=order, modes=("reverse",))
            except AssertionError:
                del mutants[key]
            finally:
                entry.rules = right
        if not mutants:
            raise AllNoticed

    with contextlib.suppress(AllNoticed):
        notice()
    # Elements that are all alike, or single ones, cannot be mixed up.
    assert [key for key in mutants if key in seen or key[0] != "transposed"] == []
