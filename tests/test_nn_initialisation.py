"""Weights start as they were asked to, and what the course says about how they start is so."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn

sizes = st.integers(1, 8)


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 20, "learning_rate": 0.5, "seed": 0, "progress": False} | options)


def xor():
    return np.array([[0.0, 0.0, 1.0, 1.0], [0.0, 1.0, 0.0, 1.0]]), np.array([[0, 1, 1, 0]])


# Orthogonal


@given(sizes, sizes, st.integers(0, 99))
def test_orthogonal_weights_have_orthonormal_rows_or_columns(n_in, n_out, seed):
    W = nn.Linear(n_in, n_out, weights="orthogonal", seed=seed).W.numpy()
    product = W @ W.T if n_out <= n_in else W.T @ W
    np.testing.assert_allclose(product, np.eye(min(n_in, n_out)), atol=1e-12)


# The squares of smaller numbers lose their digits.
lengths = st.floats(-9, 9).filter(lambda x: x == 0 or abs(x) > 1e-100)


@given(hnp.arrays(float, (4, 3), elements=lengths), st.integers(0, 99))
def test_square_orthogonal_weights_keep_lengths(X, seed):
    layer = nn.Linear(4, 4, weights="orthogonal", seed=seed)
    np.testing.assert_allclose(np.linalg.norm(layer(X).numpy(), axis=0), np.linalg.norm(X, axis=0), rtol=1e-9)


def test_orthogonal_weights_favour_no_sign():
    draws = [nn.Linear(2, 2, weights="orthogonal", seed=seed).W.numpy() for seed in range(400)]
    assert np.all(np.abs(np.mean(draws, axis=0)) < 5 * np.sqrt(0.5 / 400))
    assert np.mean([np.linalg.det(W) for W in draws]) == pytest.approx(0, abs=5 / np.sqrt(400))


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_every_way_to_start_keeps_the_dtype_and_follows_the_seed(dtype):
    for weights in ("he", "xavier", "small", "zeros", "orthogonal", lambda rng, shape: rng.uniform(-1, 1, shape)):
        one, other = (nn.Linear(3, 2, weights=weights, seed=5, dtype=dtype).W for _ in range(2))
        assert one.dtype == dtype
        np.testing.assert_array_equal(one.numpy(), other.numpy())


# Functions of one's own


def test_a_function_of_ones_own_is_given_a_generator_and_the_shape():
    def uniform(rng, shape):
        assert isinstance(rng, np.random.Generator)
        return rng.uniform(-1, 1, shape)

    layer = nn.Linear(3, 2, weights=uniform, seed=7)
    np.testing.assert_array_equal(layer.W.numpy(), np.random.default_rng(7).uniform(-1, 1, (2, 3)))


@pytest.mark.parametrize("made", [[[1, 2, 3]], mg.Tensor([[1.0, 2.0, 3.0]]), np.array([[1, 2, 3]], np.float32)])
def test_a_function_of_ones_own_may_return_what_makes_an_array(made):
    assert nn.Linear(3, 1, weights=lambda rng, shape: made).W.numpy().tolist() == [[1.0, 2.0, 3.0]]


def test_the_weights_of_a_layer_are_its_own():
    array = np.ones((1, 2))
    layer = nn.Linear(2, 1, weights=lambda rng, shape: array)
    array[:] = 7
    assert layer.W.numpy().tolist() == [[1.0, 1.0]]


@pytest.mark.parametrize(
    ("made", "message"),
    [
        (np.ones((3, 2)), "weights must have shape (n_out, n_in), here (2, 3); made returned (3, 2), its transpose"),
        (np.ones(3), "weights must have shape (n_out, n_in), here (2, 3); made returned (3,)"),
        (1.0, "made returned ()"),
        (None, "weights must be real numbers; made returned dtype object"),
        (np.ones((2, 3)) * 1j, "weights must be real numbers; made returned dtype complex128"),
        (np.full((2, 3), np.nan), "weights must be finite; made returned nan in row 0, column 0"),
        (np.full((2, 3), 1e39), "weights must be finite; made returned 1e+39 in row 0, column 0"),
    ],
)
@pytest.mark.parametrize("layer", [nn.Linear, nn.Dense])
def test_weights_that_do_not_fit_are_told(layer, made, message):
    def function(rng, shape):
        return made

    function.__name__ = "made"
    with pytest.raises((TypeError, ValueError), match=re.escape(message) + "$"):
        layer(3, 2, weights=function, dtype=np.float32)


@pytest.mark.parametrize("weights", ["hee", None, 3, ["he"], np.ones((2, 3))])
def test_an_unknown_way_to_start_is_told_the_known_ones(weights):
    with pytest.raises(ValueError, match=r"he, xavier, small, zeros, orthogonal, or a function of \(rng, shape\); got"):
        nn.Linear(3, 2, weights=weights)


@pytest.mark.parametrize("weights", ["orthogonal", lambda rng, shape: np.full(shape, 0.5)])
def test_an_mlp_starts_all_its_weights_as_it_is_told(weights):
    model = nn.MLP([4, 4, 4], weights=weights, seed=3)
    rng = np.random.default_rng(3)
    for layer in (model[0], model[2]):
        np.testing.assert_array_equal(layer.W.numpy(), nn.Linear(4, 4, weights=weights, seed=rng).W.numpy())


@pytest.mark.parametrize("activation", ["relu", "leaky_relu", "elu", "gelu", "silu"])
def test_a_dense_layer_starts_by_he_before_what_is_like_relu(activation):
    expected = nn.Linear(6, 5, weights="he", seed=1).W.numpy()
    np.testing.assert_array_equal(nn.Dense(6, 5, activation, seed=1).W.numpy(), expected)


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "softplus", "softmax", "log_softmax", "linear"])
def test_a_dense_layer_starts_by_xavier_elsewhere(activation):
    expected = nn.Linear(6, 5, weights="xavier", seed=1).W.numpy()
    np.testing.assert_array_equal(nn.Dense(6, 5, activation, seed=1).W.numpy(), expected)


# What the course says


@pytest.mark.parametrize("hidden", ["sigmoid", "tanh", "relu", "gelu"])
@pytest.mark.parametrize("weights", ["zeros", lambda rng, shape: np.full(shape, 0.3)], ids=["zeros", "alike"])
def test_hidden_units_that_start_alike_stay_alike_for_ever(hidden, weights):
    model = nn.MLP([2, 4, 1], hidden=hidden, weights=weights)
    fit(model, *xor(), epochs=50)
    W1, b1, W2 = (p.numpy() for p in model.parameters()[:3])
    for units in (W1, b1, W2.T):
        np.testing.assert_allclose(units, np.repeat(units[:1], 4, axis=0), rtol=1e-12)


def test_weights_of_zero_never_move_behind_a_tanh():
    model = nn.MLP([2, 4, 1], hidden="tanh", weights="zeros")
    X, Y = xor()
    fit(model, X, Y.copy() | 1, epochs=50)
    assert [bool(p.numpy().any()) for p in model.parameters()] == [False, False, False, True]


def test_random_weights_learn_what_weights_that_are_alike_cannot():
    X, Y = xor()
    alike = nn.MLP([2, 8, 1], hidden="tanh", weights=lambda rng, shape: np.full(shape, 0.3))
    random = nn.MLP([2, 8, 1], hidden="tanh", seed=0)
    for model in (alike, random):
        fit(model, X, Y, epochs=2000)
    assert nn.accuracy(nn.predict(alike, X), Y) < 1
    assert nn.accuracy(nn.predict(random, X), Y) == 1


@given(hnp.arrays(float, (3, 6), elements=st.floats(-9, 9)), st.lists(sizes, max_size=3), st.integers(0, 99))
def test_layers_with_linear_activations_collapse_to_one_linear_map(X, hidden, seed):
    model = nn.MLP([3, *hidden, 2], hidden="linear", output="linear", seed=seed)
    W, b = np.eye(3), np.zeros((3, 1))
    for layer in model[::2]:
        layer.b.data = np.random.default_rng(seed).standard_normal(layer.b.shape)
        W, b = layer.W.numpy() @ W, layer.W.numpy() @ b + layer.b.numpy()
    np.testing.assert_allclose(model(X).numpy(), W @ X + b, rtol=1e-9, atol=1e-9)


def test_a_network_with_linear_hidden_layers_learns_no_more_than_logistic_regression():
    X, Y = xor()
    network = nn.MLP([2, 8, 1], hidden="linear", seed=0)
    fit(network, X, Y, epochs=2000)
    np.testing.assert_allclose(network(X).numpy(), 0.5, atol=1e-3)
