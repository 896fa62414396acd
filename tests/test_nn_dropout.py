"""Dropout leaves out the share of units that it was told, keeps the mean, and does nothing in evaluation."""

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn

arrays = hnp.arrays(float, hnp.array_shapes(min_dims=0, max_dims=3), elements=st.floats(-9, 9))
shares = st.sampled_from([0.1, 0.5, 0.8, 1.0])


def data(m=23, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, 2, (1, m))


@given(arrays, shares, st.integers(0, 99))
def test_every_unit_is_left_out_or_divided_by_the_probability_to_keep_it(A, keep_prob, seed):
    out = nn.Dropout(keep_prob=keep_prob, seed=seed)(A)
    assert np.all((out == 0) | (out == A / keep_prob))


@pytest.mark.parametrize("keep_prob", [0.2, 0.5, 0.9])
def test_so_many_units_are_kept_and_the_mean_stays(keep_prob):
    out = nn.Dropout(keep_prob=keep_prob, seed=0)(np.ones((200, 200)))
    error = 5 / 200
    assert np.mean(out != 0) == pytest.approx(keep_prob, abs=error)
    assert np.mean(out) == pytest.approx(1, abs=error / keep_prob)


@given(arrays, shares)
def test_in_evaluation_what_comes_in_goes_out(A, keep_prob):
    assert nn.Dropout(keep_prob=keep_prob).eval()(A) is A


def test_to_keep_all_is_to_do_nothing():
    A = np.ones((2, 3))
    assert nn.Dropout(keep_prob=1)(A) is A


@given(st.integers(0, 99))
def test_the_derivative_passes_the_units_that_are_kept(seed):
    A = mg.Tensor(np.arange(1.0, 13.0).reshape(3, 4))
    out = nn.Dropout(keep_prob=0.5, seed=seed)(A)
    out.sum().backward()
    np.testing.assert_array_equal(A.grad, (out.numpy() != 0) / 0.5)


def test_the_same_seed_leaves_out_the_same_units_and_each_call_others():
    one, other, third = nn.Dropout(keep_prob=0.5, seed=1), nn.Dropout(keep_prob=0.5, seed=1), nn.Dropout(keep_prob=0.5)
    A = np.ones((5, 9))
    first, second = one(A), one(A)
    assert not np.array_equal(first, second)
    assert not np.array_equal(first, third(A))
    np.testing.assert_array_equal([first, second], [other(A), other(A)])


def test_a_compiled_function_draws_anew_at_every_call():
    dropout, eager = (nn.Dropout(keep_prob=0.5, seed=1) for _ in range(2))
    program = mg.compile(dropout)
    A = np.ones((5, 9))
    for _ in range(3):
        np.testing.assert_array_equal(program(A), eager(A))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_the_dtype_is_kept(dtype):
    assert nn.Dropout(keep_prob=0.8)(np.ones((2, 3), dtype)).dtype == dtype


def test_lists_and_whole_numbers_are_arrays():
    out = nn.Dropout(keep_prob=0.5, seed=0)([[2, 4], [6, 8]])
    assert out.dtype == float


@pytest.mark.parametrize("batch_size", [None, 8])
def test_a_compiled_run_is_that_of_uncompiled_steps(batch_size):
    def run(compiled):
        rng = np.random.default_rng(3)
        model = nn.Sequential(
            nn.Dropout(keep_prob=0.9, seed=rng), nn.Dense(3, 8, seed=1), nn.Dropout(keep_prob=0.5, seed=rng),
            nn.Dense(8, 1, "sigmoid", seed=2),
        )  # fmt: skip
        options = {"epochs": 4, "learning_rate": 0.3, "seed": 0, "progress": False, "validation": data(seed=1)}
        history = nn.fit(model, *data(), **options, batch_size=batch_size, compiled=compiled)
        return model, history

    (model, history), (plain, other) = run(True), run(False)
    np.testing.assert_allclose(history.cost, other.cost, rtol=1e-9)
    np.testing.assert_allclose(history.validation_cost, other.validation_cost, rtol=1e-9)
    for p, q in zip(model.parameters(), plain.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("keep_prob", "message"),
    [
        (0, "keep_prob must be a probability above 0 and at most 1, such as 0.8; got 0"),
        (1.2, "keep_prob must be a probability above 0 and at most 1"),
        (-0.5, "keep_prob must be a probability above 0 and at most 1"),
        (np.nan, "keep_prob must be a finite number; got nan"),
        ("0.5", "keep_prob must be a number; got '0.5'"),
        (True, "keep_prob must be a number; got True"),
    ],
)
def test_keep_prob_is_a_probability(keep_prob, message):
    with pytest.raises((TypeError, ValueError), match=message):
        nn.Dropout(keep_prob=keep_prob)


def test_keep_prob_is_given_by_name():
    with pytest.raises(TypeError, match="positional"):
        nn.Dropout(0.5)


def test_the_repr_shows_keep_prob():
    assert repr(nn.Dropout(keep_prob=0.8, seed=1)) == "Dropout(keep_prob=0.8)"
