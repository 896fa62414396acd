"""Batch normalisation computes what its paper says, in training and in evaluation, compiled and not."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_nd import nn
from micrograd_nd.graph import ancestors
from micrograd_nd.testing import check_gradients

few = settings(max_examples=20)
# Apart, so that no batch has a variance near zero.
batches = hnp.arrays(float, (2, 5), elements=st.integers(-32, 32).map(lambda k: k / 16), unique=True)


def data(m=23, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(1.0, 2.0, (3, m)), rng.integers(0, 2, (1, m))


@given(batches)
def test_each_feature_of_a_batch_gets_mean_zero_and_variance_one(Z):
    out = nn.BatchNorm(2, eps=1e-12)(Z).numpy()
    np.testing.assert_allclose(out.mean(axis=1), 0, atol=1e-9)
    np.testing.assert_allclose(out.var(axis=1), 1, rtol=1e-6)


@given(batches, st.integers(0, 99))
def test_gamma_and_beta_are_the_deviation_and_mean_that_a_feature_gets(Z, seed):
    norm = nn.BatchNorm(2, eps=1e-12)
    norm.gamma.data, norm.beta.data = np.random.default_rng(seed).normal(size=(2, 2, 1))
    out = norm(Z).numpy()
    np.testing.assert_allclose(out.mean(axis=1, keepdims=True), norm.beta.numpy(), atol=1e-9)
    np.testing.assert_allclose(out.std(axis=1, keepdims=True), np.abs(norm.gamma.numpy()), rtol=1e-6)


@few
@given(batches)
def test_batch_norm_has_the_derivatives_of_its_formula(Z):
    norm = nn.BatchNorm(2, eps=0.1)

    def forward(gamma, beta, Z):
        norm.gamma, norm.beta = gamma, beta
        return norm(Z) * np.arange(1.0, 11.0).reshape(2, 5)

    check_gradients(forward, np.array([[1.5], [0.5]]), np.zeros((2, 1)), Z)


@given(st.lists(batches, min_size=1, max_size=4), st.sampled_from([0.1, 0.5, 1.0]))
def test_running_mean_and_variance_move_by_the_momentum_towards_those_of_each_batch(Zs, momentum):
    norm = nn.BatchNorm(2, momentum=momentum)
    mean, variance = np.zeros((2, 1)), np.ones((2, 1))
    for Z in Zs:
        norm(Z)
        mean = (1 - momentum) * mean + momentum * Z.mean(axis=1, keepdims=True)
        variance = (1 - momentum) * variance + momentum * Z.var(axis=1, ddof=1, keepdims=True)
    np.testing.assert_allclose(norm.running_mean.numpy(), mean, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(norm.running_variance.numpy(), variance, rtol=1e-12)


def test_in_evaluation_a_sample_is_judged_by_the_running_values_alone():
    X, _ = data()
    norm = nn.BatchNorm(3)
    norm(X)
    norm.eval()
    whole = norm(X).numpy()
    expected = (X - norm.running_mean.numpy()) / np.sqrt(norm.running_variance.numpy() + 1e-5)
    np.testing.assert_allclose(whole, expected, rtol=1e-12)
    np.testing.assert_array_equal(norm(X[:, :1]).numpy(), whole[:, :1])


def test_evaluation_leaves_the_running_values_as_they_are():
    norm = nn.BatchNorm(3).eval()
    before = norm.state_dict()
    norm(data()[0])
    assert all(np.array_equal(before[name], values) for name, values in norm.state_dict().items())


def test_the_running_values_are_buffers():
    norm = nn.BatchNorm(3)
    assert [name for name, _ in norm.named_parameters()] == ["gamma", "beta"]
    assert [name for name, _ in norm.named_buffers()] == ["running_mean", "running_variance"]


def test_a_batch_of_one_sample_is_an_error_in_training_alone():
    norm = nn.BatchNorm(3)
    before = norm.state_dict()
    with pytest.raises(ValueError, match=r"BatchNorm\(3\) got a batch of 1 in training: a mean and a variance need"):
        norm(np.ones((3, 1)))
    assert all(np.array_equal(before[name], values) for name, values in norm.state_dict().items())
    assert norm.eval()(np.ones((3, 1))).shape == (3, 1)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_last_batch_of_one_sample_is_told(compiled):
    model = nn.Sequential(nn.BatchNorm(3), nn.Linear(3, 1, seed=0), nn.Sigmoid())
    with pytest.raises(ValueError, match="also for the last batch of an epoch"):
        nn.fit(
            model, *data(), epochs=1, learning_rate=0.1, seed=0, batch_size=11, progress=False, compiled=compiled
        )  # fmt: skip
    assert not any(buffer.requires_grad for buffer in model.buffers())


def test_a_last_batch_that_is_too_small_is_told_before_anything_is_changed():
    model = nn.Sequential(nn.Linear(3, 3, seed=1), nn.BatchNorm(3), nn.Linear(3, 1, seed=0), nn.Sigmoid())
    before = model.state_dict()
    with pytest.raises(ValueError, match=r"BatchNorm\(3\) got a batch of 1 in training"):
        nn.fit(model, *data(), epochs=1, learning_rate=0.1, seed=0, batch_size=11, progress=False)
    assert all(np.array_equal(values, before[name]) for name, values in model.state_dict().items())


def make(dtype=np.float64):
    return nn.Sequential(
        nn.Linear(3, 4, seed=1, dtype=dtype), nn.BatchNorm(4, dtype=dtype), nn.ReLU(),
        nn.Linear(4, 1, seed=2, dtype=dtype), nn.BatchNorm(1, momentum=0.3, dtype=dtype), nn.Sigmoid(),
    )  # fmt: skip


@pytest.mark.parametrize("batch_size", [None, 8])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_compiled_run_is_that_of_uncompiled_steps(batch_size, dtype):
    options = {"epochs": 3, "learning_rate": 0.1, "seed": 0, "progress": False, "batch_size": batch_size}
    model, plain = make(dtype), make(dtype)
    history = nn.fit(model, *data(), **options, validation=data(seed=1))
    other = nn.fit(plain, *data(), **options, validation=data(seed=1), compiled=False)
    rtol = 1e-3 if dtype == np.float32 else 1e-8
    np.testing.assert_allclose(history.cost, other.cost, rtol=rtol)
    np.testing.assert_allclose(history.validation_cost, other.validation_cost, rtol=rtol)
    for (name, one), two in zip(model.state_dict().items(), plain.state_dict().values(), strict=True):
        np.testing.assert_allclose(one, two, rtol=rtol, atol=rtol, err_msg=name, strict=True)


def test_running_values_tend_to_those_of_the_samples_in_training():
    X, Y = data(m=400)
    model = nn.Sequential(nn.BatchNorm(3), nn.Linear(3, 1, seed=0), nn.Sigmoid())
    nn.fit(model, X, Y, epochs=20, learning_rate=0.1, seed=0, batch_size=100, progress=False)
    np.testing.assert_allclose(model[0].running_mean.numpy()[:, 0], X.mean(axis=1), atol=0.1)
    np.testing.assert_allclose(model[0].running_variance.numpy()[:, 0], X.var(axis=1), rtol=0.1)


def test_float32_is_kept_throughout():
    out = make(np.float32)(data()[0].astype(np.float32))
    assert {node.out.dtype for node in ancestors(out.node)} == {np.dtype(np.float32)}


@pytest.mark.parametrize(
    ("Z", "message"),
    [
        (np.ones((2, 5)), "BatchNorm(3) needs Z of shape (3, m); got (2, 5)"),
        (np.ones((5, 3)), "got (5, 3). A sample is a column: did you mean Z.T?"),
        (np.ones(3), "got (3,), a rank-1 array. Write Z.reshape(-1, 1) for one sample"),
    ],
)
@pytest.mark.parametrize("training", [True, False])
def test_a_wrong_dimension_is_told(Z, message, training):
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        nn.BatchNorm(3).train(training)(Z)


@pytest.mark.parametrize(
    ("n", "options", "message"),
    [
        (0, {}, "n is a number of units, at least 1; got 0"),
        (2.0, {}, "n is a number of units, an int; got 2.0"),
        (2, {"momentum": 0}, "the momentum must be above 0 and at most 1, such as 0.1; got 0"),
        (2, {"momentum": 1.5}, "the momentum must be above 0 and at most 1"),
        (2, {"momentum": "0.1"}, "the momentum must be a number; got '0.1'"),
        (2, {"eps": 0.0}, "eps must be a positive number, such as 1e-5; got 0.0"),
        (2, {"eps": np.inf}, "eps must be a finite number; got inf"),
        (2, {"dtype": int}, "parameters are floating-point numbers; got dtype int64"),
    ],
)
def test_batch_norm_refuses_what_makes_no_layer(n, options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.BatchNorm(n, **options)


def test_the_repr_shows_what_was_chosen():
    assert repr(nn.BatchNorm(3)) == "BatchNorm(3)"
    assert repr(nn.BatchNorm(3, momentum=0.5, eps=0.1, dtype=np.float32)) == (
        "BatchNorm(3, momentum=0.5, eps=0.1, dtype=float32)"
    )
