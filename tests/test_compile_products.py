"""Large products are computed the way that is chosen for them, with the same results to rounding."""

import operator
from dataclasses import replace

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd.compiler import recipes
from micrograd_nd.compiler.capture import capture
from micrograd_nd.compiler.making import kept
from micrograd_nd.compiler.passes import laid_out, optimised, products
from micrograd_nd.compiler.passes.flattening import updates_flattened
from micrograd_nd.compiler.passes.products import products_planned
from micrograd_nd.compiler.program import Value, replaced
from micrograd_nd.tree import leaves


def donated(f, *args):
    """The program of a step whose first argument is state."""
    captured = capture(f, args, {})
    program = optimised(captured.program)
    program = replace(program, kept=kept(captured, args, 0))
    for x in program.kept.values():
        x.owned = True
    return program


def evaluated(program, *args):
    """What a program computes, one operation after the other."""
    values = dict(zip(program.inputs, leaves(args), strict=True))

    def value(x):
        return values.get(x, getattr(x, "data", None)) if isinstance(x, Value) else x

    for x in program.operations:
        values[x] = x.primitive.evaluate(*replaced(x.arguments, value), **replaced(x.options, value))
        assert np.shape(values[x]) == x.shape
    return [value(x) for x in program.outputs]


def assert_close(program, expected, *args):
    for x, y in zip(evaluated(program, *args), evaluated(expected, *args), strict=True):
        np.testing.assert_allclose(x, y, rtol=1e-12, atol=1e-12, strict=True)


def network(widths, bias=True):
    rng = np.random.default_rng(0)
    params = {}
    for l in range(1, len(widths)):
        params[f"W{l}"] = rng.normal(size=(widths[l], widths[l - 1]))
        if bias:
            params[f"b{l}"] = rng.normal(size=(widths[l], 1))
    return params, rng.normal(size=(widths[0], 24)), rng.normal(size=(widths[-1], 24))


def cost(params, X, Y):
    A = X
    for l in range(1, 1 + sum(name[0] == "W" for name in params)):
        A = np.tanh(params[f"W{l}"] @ A + params.get(f"b{l}", 0.5))
    return np.sum(np.square(A - Y)) / X.shape[1]


def step(params, X, Y):
    J, grads = mg.value_and_grad(cost)(params, X, Y)
    return {name: p - 0.1 * grads[name] for name, p in params.items()}, J


@pytest.fixture
def every_product_is_large(monkeypatch):
    monkeypatch.setattr(products, "LARGE", 1)
    monkeypatch.setattr(products, "PIECES", range(2, 5))


@pytest.mark.usefixtures("every_product_is_large")
@pytest.mark.parametrize("number", range(9))
def test_each_way_to_compute_products_gives_the_same_to_rounding(number):
    args = network([12, 8, 12, 8])
    program = donated(step, *args)
    chosen = []

    def choose(x, y, ways):
        if number < len(ways):
            chosen.append(ways[number])
            return ways[number]
        return None

    planned = products_planned(program, choose)
    assert chosen
    assert planned.operations != program.operations
    assert_close(planned, program, *args)
    assert_close(laid_out(donated(step, *args), choose), program, *args)


@pytest.mark.usefixtures("every_product_is_large")
@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("number", range(9))
def test_a_step_whose_products_are_computed_another_way_trains_the_same(monkeypatch, number, bias):
    monkeypatch.setattr(recipes, "fastest", lambda x, y, ways: ways[number] if number < len(ways) else None)
    state, X, Y = network([12, 8, 12, 8], bias=bias)
    run = mg.compile(step, donate=0)
    expected = state
    for _ in range(3):
        (state, J), (expected, cost) = run(state, X, Y), step(expected, X, Y)
        for x, y in zip(leaves((state, J)), leaves((expected, cost)), strict=True):
            np.testing.assert_allclose(x, y, rtol=1e-11, atol=1e-12)


@pytest.mark.usefixtures("every_product_is_large")
@pytest.mark.parametrize("by_columns", [False, True])
def test_a_trial_computes_what_its_way_builds(by_columns):
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=(12, 8)).T if by_columns else rng.normal(size=(8, 12)), rng.normal(size=(12, 24))
    offered = []
    program = capture(
        (lambda x, y: x.T @ y) if by_columns else operator.matmul, (a.T if by_columns else a, b), {}
    ).program
    products_planned(program, lambda x, y, ways: offered.extend(ways))
    assert {way.turned for way in offered} == {False, True}
    for way in offered:
        found = way.trial(a, b)()
        found = found.reshape(24, 8).T if way.turned else found.reshape(8, 24)
        np.testing.assert_allclose(found, a @ b, rtol=1e-12, atol=1e-12)


@pytest.mark.usefixtures("every_product_is_large")
def test_state_lies_as_its_gradient_does():
    args = network([12, 8, 5], bias=False)
    program = donated(step, *args)
    planned = products_planned(program, lambda x, y, ways: next((way for way in ways if way.turned), None))
    assert {x.name for x in planned.inputs if x.turned} == {"W1", "W2"}
    assert_close(planned, program, *args)
    assert_close(updates_flattened(planned), program, *args)


@pytest.mark.usefixtures("every_product_is_large")
def test_a_product_that_others_need_is_offered_no_way_that_turns_it():
    offered = []
    program = capture(lambda x, y: np.tanh(x @ y) + 1, (np.ones((8, 12)), np.ones((12, 24))), {}).program
    products_planned(program, lambda x, y, ways: offered.extend(ways))
    assert offered
    assert not any(way.turned for way in offered)


def test_small_products_vectors_and_integers_are_not_planned():
    def choose(x, y, ways):
        raise AssertionError

    for x, y in (
        (np.ones((8, 8)), np.ones((8, 8))),
        (np.ones((1, 600)), np.ones((600, 600))),
        (np.ones((600, 600), int), np.ones((600, 600), int)),
        (np.ones((2, 600, 600)), np.ones((2, 600, 600))),
    ):
        program = capture(operator.matmul, (x, y), {}).program
        assert products_planned(program, choose) is program
