"""Dense layers are a linear layer and an activation, and show every step of backpropagation by name."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn

NAMES = ["sigmoid", "tanh", "relu", "leaky_relu", "elu", "gelu", "silu", "softplus", "softmax", "log_softmax", "linear"]
sizes = st.integers(1, 4)
few = settings(max_examples=20)


def example(n_in=3, n_out=2, m=5, seed=0, dtype=float):
    rng = np.random.default_rng(seed)
    return rng.standard_normal((n_in, m)).astype(dtype), rng.standard_normal((n_out, m)).astype(dtype)


@pytest.mark.parametrize("name", NAMES)
def test_a_dense_layer_is_a_linear_layer_and_its_activation(name):
    X, _ = example()
    layer = nn.Dense(3, 2, name, seed=1)
    Z = layer.W.numpy() @ X + layer.b.numpy()
    np.testing.assert_array_equal(layer(X).numpy(), nn.activation(name)(Z))
    assert type(layer.activation) is type(nn.activation(name))


def test_the_activation_of_a_dense_layer_is_relu_unless_it_is_told():
    assert repr(nn.Dense(2, 3)) == "Dense(2, 3, ReLU())"


def test_a_dense_layer_takes_a_module_as_its_activation():
    slope = nn.LeakyReLU(0.3)
    layer = nn.Dense(2, 3, slope, dtype=np.float32)
    assert layer.activation is slope
    assert repr(layer) == "Dense(2, 3, LeakyReLU(slope=0.3), dtype=float32)"


# Forward and backward


@pytest.mark.parametrize("name", NAMES)
@few
@given(n_in=sizes, n_out=sizes, m=sizes, seed=st.integers(0, 99))
def test_a_step_backward_finds_the_derivatives_that_the_graph_has(name, n_in, n_out, m, seed):
    A_prev, dA = example(n_in, n_out, m, seed)
    layer = nn.Dense(n_in, n_out, name, seed=seed)
    _, cache = layer.linear_activation_forward(A_prev)
    gradients = layer.backward(dA, cache)
    X = mg.Tensor(A_prev)
    Z = layer.linear(X)
    np.sum(layer.activation(Z) * dA).backward()
    for ours, graph in zip(gradients, (Z.grad, layer.W.grad, layer.b.grad, X.grad), strict=True):
        np.testing.assert_allclose(ours, graph, rtol=1e-12, atol=1e-13)


@given(hnp.arrays(float, (3, 5), elements=st.floats(-3, 3)))
def test_a_step_backward_follows_the_formulas_of_the_course(A_prev):
    layer = nn.Dense(3, 2, "tanh", seed=0)
    A, cache = layer.linear_activation_forward(A_prev)
    dZ, dW, db, dA_prev = layer.backward(np.ones((2, 5)), cache)
    np.testing.assert_allclose(dZ, 1 - A * A, rtol=1e-12)
    np.testing.assert_allclose(dW, dZ @ A_prev.T, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(db, dZ.sum(axis=1, keepdims=True), rtol=1e-12)
    np.testing.assert_allclose(dA_prev, layer.W.numpy().T @ dZ, rtol=1e-12, atol=1e-13)


def test_steps_through_all_layers_give_the_gradient_of_the_network():
    X, _ = example(n_in=3)
    Y = np.array([[0, 1, 1, 0, 1]])
    model = nn.Sequential(nn.Dense(3, 4, "relu", seed=1), nn.Dense(4, 1, "sigmoid", seed=2))
    A, caches = X, []
    for layer in model:
        A, cache = layer.linear_activation_forward(A)
        caches.append(cache)
    dA, found = -(Y / A - (1 - Y) / (1 - A)) / 5, {}
    for l, layer, cache in zip((2, 1), reversed(model.layers), reversed(caches), strict=True):
        _, found[f"W{l}"], found[f"b{l}"], dA = layer.backward(dA, cache)
    nn.binary_cross_entropy(model(X), Y).backward()
    for p in model.parameters():
        np.testing.assert_allclose(found[p.name], p.grad, rtol=1e-12)


def test_the_cache_has_what_the_course_keeps_by_name():
    X, _ = example()
    layer = nn.Dense(3, 2, "relu", seed=1)
    A, cache = layer.linear_activation_forward(X)
    np.testing.assert_array_equal(cache.A_prev, X)
    np.testing.assert_array_equal(cache.W, layer.W.numpy())
    np.testing.assert_array_equal(cache.b, layer.b.numpy())
    np.testing.assert_array_equal(cache.Z, layer.W.numpy() @ X)
    np.testing.assert_array_equal(A, np.maximum(cache.Z, 0))
    assert {type(x) for x in (A, *cache)} == {np.ndarray}


def test_a_cache_stays_right_when_the_parameters_are_changed():
    X, dA = example()
    layer = nn.Dense(3, 2, "tanh", seed=1)
    _, cache = layer.linear_activation_forward(X)
    before = layer.backward(dA, cache)
    layer.W.data *= 2
    layer.b.data += 1
    for old, new in zip(before, layer.backward(dA, cache), strict=True):
        np.testing.assert_array_equal(old, new)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_steps_forward_and_backward_keep_the_dtype(dtype):
    X, dA = example(dtype=dtype)
    layer = nn.Dense(3, 2, "gelu", seed=1, dtype=dtype)
    A, cache = layer.linear_activation_forward(X)
    assert {x.dtype for x in (A, *cache, *layer.backward(dA, cache))} == {np.dtype(dtype)}


def test_whole_numbers_are_samples_too():
    X = np.array([[1, 2], [3, 4]])
    layer = nn.Dense(2, 1, "linear", seed=1)
    _, cache = layer.linear_activation_forward(X.tolist())
    np.testing.assert_array_equal(layer.backward([[1, 1]], cache).dW, [[3.0, 7.0]])


def test_steps_on_tensors_are_recorded():
    X, dA = example()
    layer = nn.Dense(3, 2, "tanh", seed=1)

    def slopes(X):
        _, cache = layer.linear_activation_forward(X)
        return np.sum(np.square(layer.backward(dA, cache).dW))

    def by_hand(X):
        Z = layer.W.numpy() @ X
        return np.sum(np.square((dA * (1 - np.tanh(Z) ** 2)) @ X.T))

    np.testing.assert_allclose(mg.grad(slopes)(X).numpy(), mg.grad(by_hand)(X), rtol=1e-10)


def test_steps_can_be_compiled():
    X, dA = example()
    layer = nn.Dense(3, 2, "elu", seed=1)

    def step(X, dA):
        A, cache = layer.linear_activation_forward(X)
        return A, tuple(layer.backward(dA, cache))

    program = mg.compile(step)
    for _ in range(2):
        (A, gradients), (A_too, too) = step(X, dA), program(X, dA)
        for one, other in zip((A, *gradients), (A_too, *too), strict=True):
            np.testing.assert_allclose(one, other, rtol=1e-12)
        layer.W.data *= 1.5


def test_a_wrong_dimension_names_the_layer():
    layer = nn.Dense(20, 5, layer=2)
    message = re.escape("layer 2: W2 is (5, 20) and needs A1 of shape (20, m); got (7, 9)")
    for forward in (layer, layer.linear_activation_forward):
        with pytest.raises(ValueError, match=message):
            forward(np.ones((7, 9)))
    _, cache = layer.linear_activation_forward(np.ones((20, 3)))
    with pytest.raises(ValueError, match=re.escape("dA must have the shape of A, (5, 3); got (3, 5)")):
        layer.backward(np.ones((3, 5)), cache)


def test_backward_says_which_cache_it_takes():
    layer = nn.Dense(1, 1)
    with pytest.raises(TypeError, match=r"the cache that linear_activation_forward returned beside A; got ndarray"):
        layer.backward(np.ones((1, 1)), np.ones((1, 1)))


# In networks


def test_dense_layers_are_numbered_among_linear_ones():
    model = nn.Sequential(nn.Dense(2, 3), nn.Residual(nn.Dense(3, 3)), nn.Linear(3, 2), nn.Dense(2, 1, layer=9))
    assert [p.name for p in model.parameters()] == ["W1", "b1", "W2", "b2", "W3", "b3", "W9", "b9"]
    assert [p.name for p in nn.Dense(2, 3).parameters()] == ["W", "b"]


@pytest.mark.parametrize(("hidden", "output"), [("relu", "sigmoid"), ("tanh", "softmax"), ("gelu", "linear")])
def test_a_network_of_dense_layers_is_the_mlp(hidden, output):
    rng = np.random.default_rng(4)
    dense = nn.Sequential(nn.Dense(3, 5, hidden, seed=rng), nn.Dense(5, 2, output, seed=rng))
    mlp = nn.MLP([3, 5, 2], hidden=hidden, output=output, seed=4)
    X, Y = example()
    Y = Y if output == "linear" else nn.one_hot([[0, 1, 1, 0, 1]], 2)
    options = {"epochs": 3, "learning_rate": 0.1, "seed": 0, "progress": False, "batch_size": 2}
    assert nn.fit(dense, X, Y, **options).cost == nn.fit(mlp, X, Y, **options).cost
    np.testing.assert_array_equal(nn.predict(dense, X), nn.predict(mlp, X))
    assert [p.numpy().tolist() for p in dense.parameters()] == [p.numpy().tolist() for p in mlp.parameters()]


@pytest.mark.parametrize(
    ("activation", "message"),
    [
        ("rleu", "unknown activation 'rleu'; known are sigmoid"),
        (nn.relu, 'an activation is a name, such as "relu", or a Module, such as nn.ReLU(); got <function relu'),
        (nn.Dropout(keep_prob=0.5), "computes the same every time: put Dropout(keep_prob=0.5) behind the layer"),
        (nn.Sequential(nn.Tanh(), nn.BatchNorm(1)), "put Sequential(Tanh(), BatchNorm(1)) behind the layer"),
        (nn.ReLU, "an activation is a module, not its class: write ReLU(), not ReLU"),
        (None, 'an activation is a name, such as "relu", or a Module, such as nn.ReLU(); got None'),
    ],
)
def test_a_dense_layer_says_how_its_activation_is_given(activation, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.Dense(1, 1, activation)
