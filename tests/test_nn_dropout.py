"""Dropout leaves out the share of units that it was told, keeps the mean, and does nothing in evaluation."""

import copy

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


# What the units are drawn from


def network(seed=None):
    return nn.Sequential(
        nn.Dense(3, 16, seed=1),
        nn.Dropout(keep_prob=0.5, seed=seed),
        nn.Residual(nn.Dense(16, 16, seed=2), nn.Dropout(keep_prob=0.5)),
        nn.Dense(16, 1, "sigmoid", seed=3),
    )


def trained(model, **options):
    settings = {"epochs": 4, "learning_rate": 0.1, "batch_size": 8, "seed": 0, "progress": False}
    return nn.fit(model, *data(), **settings | options).cost


@pytest.mark.parametrize("compiled", [True, False])
def test_the_seed_of_a_run_decides_what_layers_without_a_seed_leave_out(compiled):
    assert trained(network(), compiled=compiled) == trained(network(), compiled=compiled)
    assert trained(network(), compiled=compiled) != trained(network(), compiled=compiled, seed=1)


def test_layers_without_a_seed_leave_out_the_same_compiled_or_not():
    np.testing.assert_allclose(trained(network()), trained(network(), compiled=False), rtol=1e-12)


def test_layers_without_a_seed_leave_out_other_units_than_each_other():
    model = nn.Sequential(nn.Dropout(keep_prob=0.5), nn.Dropout(keep_prob=0.5), nn.Dense(3, 1, "sigmoid", seed=1))
    trained(model, epochs=1)
    A = np.ones((9, 9))
    assert not np.array_equal(model[0](A), model[1](A))


@pytest.mark.parametrize("again", [lambda model: model, copy.deepcopy])
def test_every_run_chooses_anew_and_so_may_be_repeated(again):
    model, second = nn.Sequential(nn.Dropout(keep_prob=0.5), nn.Dense(3, 1, "sigmoid", seed=1)), []
    start = model.state_dict()
    for _ in range(2):
        model = again(model)
        model.load_state_dict(start)
        second.append(trained(model))
    assert second[0] == second[1]


def test_a_model_that_is_loaded_is_trained_the_same_every_time(tmp_path):
    nn.save(network(seed=5), tmp_path / "m")
    assert trained(nn.load(tmp_path / "m")) == trained(nn.load(tmp_path / "m"))


@pytest.mark.parametrize("seed", [5, np.random.default_rng(5), mg.default_rng(5)])
def test_a_seed_that_was_given_counts(seed):
    dropout = nn.Dropout(keep_prob=0.5, seed=seed)
    chosen = dropout.rng
    trained(nn.Sequential(dropout, nn.Dense(3, 1, "sigmoid", seed=1)))
    assert dropout.rng is chosen


def test_a_generator_that_was_given_later_counts():
    dropout = nn.Dropout(keep_prob=0.5)
    dropout.rng = chosen = mg.default_rng(0)
    trained(nn.Sequential(dropout, nn.Dense(3, 1, "sigmoid", seed=1)))
    assert dropout.rng is chosen


def test_layers_with_a_seed_leave_the_order_of_the_samples_as_it_is():
    generator, other = np.random.default_rng(0), np.random.default_rng(0)
    trained(nn.Sequential(nn.Dropout(keep_prob=0.5, seed=1), nn.Dense(3, 1, "sigmoid", seed=1)), seed=generator)
    trained(nn.Sequential(nn.Dense(3, 1, "sigmoid", seed=1)), seed=other)
    assert generator.bit_generator.state == other.bit_generator.state


def test_a_run_that_does_not_begin_leaves_the_layers_as_they_are():
    model = network()
    chosen = [part.rng for part in model.modules() if isinstance(part, nn.Dropout)]
    with pytest.raises(ValueError, match="batch_size"):
        trained(model, batch_size=0)
    assert [part.rng for part in model.modules() if isinstance(part, nn.Dropout)] == chosen


@pytest.mark.parametrize("compiled", [True, False])
def test_a_run_with_layers_without_a_seed_goes_on_with_the_same_bits(compiled, tmp_path):
    whole = trained(network(), epochs=6, compiled=compiled)
    trained(network(), epochs=3, compiled=compiled, callbacks=[nn.Checkpoint(tmp_path / "run")])
    assert trained(network(), epochs=6, compiled=compiled, resume=tmp_path / "run", seed=9) == whole
