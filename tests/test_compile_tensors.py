"""Tensors that a compiled function uses without taking them as arguments: read at every call, and never changed."""

import re

import numpy as np
import pytest

import micrograd_nd as mg

KINDS = [{"requires_grad": True}, {"requires_grad": False}]
kinds = pytest.mark.parametrize("kind", KINDS, ids=["parameter", "constant"])


def square(x):
    return x * x


@kinds
@pytest.mark.parametrize(
    "f",
    [
        lambda t, x: t + x,
        lambda t, x: x @ t,
        lambda t, x: np.sum(np.exp(t)) * x,
        lambda t, x: np.concatenate([t, x]),
        lambda t, x: x * t.detach(),
        lambda t, x: mg.grad(lambda x: np.sum(square(x) * t))(x),
        lambda t, x: np.where(t > 2, x, -x),
        lambda t, x: (t, x),
    ],
)
def test_other_values_of_a_tensor_are_seen_by_the_next_call(f, kind):
    t, x = mg.Tensor([1.0, 2.0, 3.0], **kind), np.array([4.0, 5.0, 6.0])
    program = mg.compile(lambda x: f(t, x))
    program(x)
    t.data = [3.0, -1.0, 2.0]
    expected = f(t, x)
    for ours, theirs in zip(np.atleast_2d(program(x)), np.atleast_2d(plain(expected)), strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=1e-15)
    assert len(program.programs) == 1


def plain(result):
    parts = result if isinstance(result, tuple) else (result,)
    arrays = [x.numpy() if isinstance(x, mg.Tensor) else x for x in parts]
    return arrays if isinstance(result, tuple) else arrays[0]


def test_whole_numbers_are_read_anew_too():
    count = mg.Tensor(3)
    program = mg.compile(lambda x: x * count)
    program(1.5)
    count.data = 5
    assert program(1.5) == 7.5


def test_what_is_made_inside_of_the_function_is_part_of_the_program():
    def f(x):
        half = mg.Tensor(0.5, requires_grad=False)
        return x * half, half

    program = mg.compile(f)
    assert [float(y) for y in program(3.0)] == [1.5, 0.5]
    assert "0.5" in program.source


def changing(t, x):
    t += x
    return t * 2


def assigning(t, x):
    t[0] = x[0]
    return t * 2


@kinds
@pytest.mark.parametrize("f", [changing, assigning])
def test_a_function_that_changes_a_tensor_of_others_is_refused_and_changes_nothing(f, kind):
    t = mg.Tensor([1.0, 2.0], name="t", **kind)
    node = t.node
    message = re.escape("t with shape (2,) is changed in place, in test_compile_tensors.py, line ")
    for _ in range(2):
        with pytest.raises(mg.TraceError, match=message + r"\d+, which a program would not do"):
            mg.compile(lambda x: f(t, x))(np.ones(2))
        assert t.node is node


@kinds
def test_a_tensor_is_given_back_its_values_where_tracing_fails(kind):
    t = mg.Tensor([1.0, 2.0], **kind)
    node = t.node

    def f(x):
        changing(t, x)
        return float(np.sum(x))

    with pytest.raises(mg.TraceError, match="float"):
        mg.compile(f)(np.ones(2))
    assert t.node is node


@kinds
def test_a_function_may_change_tensors_of_its_own(kind):
    def f(x):
        t = mg.Tensor(np.zeros(2), **kind)
        t += x
        t[1] = 5.0
        return t * x, t

    given = np.array([3.0, 4.0])
    for ours, theirs in zip(mg.compile(f)(given), f(given), strict=True):
        np.testing.assert_array_equal(ours, theirs.numpy() if isinstance(theirs, mg.Tensor) else theirs)


def test_a_tensor_among_the_arguments_may_be_changed_inside():
    def f(x):
        x += 1
        return x

    given = mg.Tensor([1.0, 2.0], requires_grad=False)
    np.testing.assert_array_equal(mg.compile(f)(given), [2.0, 3.0])
    assert given.numpy().tolist() == [1.0, 2.0]
