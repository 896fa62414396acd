"""Weights that were learned in PyTorch or Keras predict the same here."""

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn

RNG = np.random.default_rng(0)


def model():
    return nn.Sequential(nn.Dense(3, 4, "relu", seed=0), nn.BatchNorm(4), nn.Dense(4, 2, "softmax", seed=0))


def torch_state(**changes):
    """As PyTorch names the arrays of Sequential(Linear, ReLU, BatchNorm1d, Linear)."""
    state = {
        "0.weight": RNG.normal(size=(4, 3)).astype(np.float32),
        "0.bias": RNG.normal(size=4).astype(np.float32),
        "2.weight": RNG.normal(size=4).astype(np.float32),
        "2.bias": RNG.normal(size=4).astype(np.float32),
        "2.running_mean": RNG.normal(size=4).astype(np.float32),
        "2.running_var": RNG.random(4).astype(np.float32),
        "2.num_batches_tracked": np.int64(7),
        "3.weight": RNG.normal(size=(2, 4)).astype(np.float32),
        "3.bias": RNG.normal(size=2).astype(np.float32),
    }
    return {name: value for name, value in {**state, **changes}.items() if value is not None}


def test_pytorchs_weights_are_taken_as_they_lie():
    net, state = model(), torch_state()
    nn.load_torch_weights(net, state)
    ours = net.state_dict()
    np.testing.assert_array_equal(ours["layers.0.layers.0.W"], state["0.weight"])
    np.testing.assert_array_equal(ours["layers.0.layers.0.b"], state["0.bias"][:, None])
    np.testing.assert_array_equal(ours["layers.1.gamma"], state["2.weight"][:, None])
    np.testing.assert_array_equal(ours["layers.1.running_variance"], state["2.running_var"][:, None])
    np.testing.assert_array_equal(ours["layers.2.layers.0.b"], state["3.bias"][:, None])
    assert all(values.dtype == np.float64 for values in ours.values())


def test_a_pytorch_layer_without_a_bias_gets_one_of_zeros():
    net = nn.LogisticRegression(3)
    net.layers[0].b.data = [[5.0]]
    nn.load_torch_weights(net, {"weight": np.ones((1, 3))})
    np.testing.assert_array_equal(net.layers[0].b.numpy(), [[0.0]])


def test_keras_kernels_are_transposed():
    net = model()
    weights = [RNG.normal(size=shape) for shape in [(3, 4), 4, 4, 4, 4, 4, (4, 2), 2]]
    weights[5] = abs(weights[5])
    nn.load_keras_weights(net, weights)
    X = RNG.normal(size=(3, 5))
    A = np.maximum(X.T @ weights[0] + weights[1], 0)  # as Keras computes, a sample a row
    A = weights[2] * (A - weights[4]) / np.sqrt(weights[5] + 1e-5) + weights[3]
    Z = A @ weights[6] + weights[7]
    with mg.no_grad():
        np.testing.assert_allclose(net.eval()(X).numpy(), nn.softmax(Z.T), rtol=1e-12)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"3.weight": None, "3.bias": None}, "layers Linear, BatchNorm; the model has Linear, BatchNorm, Linear"),
        ({"0.weight": np.ones((5, 3))}, r"layers\.0\.layers\.0\.W must have shape \(4, 3\); got \(5, 3\)"),
        ({"2.running_mean": np.ones(3)}, r"running_mean must have shape \(4, 1\); got \(3, 1\)"),
        ({"4.weight": np.ones((2, 2, 3, 3))}, "4 has weight, which is neither a linear layer nor"),
        ({"4.weight_ih_l0": np.ones((2, 2))}, "4 has weight_ih_l0, which is neither"),
    ],
)
def test_weights_of_another_network_are_refused_and_nothing_has_changed(changes, message):
    net = model()
    before = net.state_dict()
    with pytest.raises(ValueError, match=message):
        nn.load_torch_weights(net, torch_state(**changes))
    for name, values in net.state_dict().items():
        np.testing.assert_array_equal(values, before[name])


@pytest.mark.parametrize(
    ("weights", "error", "message"),
    [
        ([np.ones((3, 1))], ValueError, "2 arrays of weights; got 1"),
        ([np.ones((1, 3)), np.ones(1)], ValueError, r"W must have shape \(1, 3\); got \(3, 1\)"),
        (np.ones(3), TypeError, r"the list that get_weights\(\) returns; got ndarray"),
    ],
)
def test_what_keras_would_not_return_is_refused(weights, error, message):
    with pytest.raises(error, match=message):
        nn.load_keras_weights(nn.LogisticRegression(3), weights)


def test_what_is_no_state_is_refused():
    with pytest.raises(TypeError, match="needs a state_dict; got list"):
        nn.load_torch_weights(model(), [1])


def test_a_pytorch_network_predicts_the_same_here():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    theirs = torch.nn.Sequential(
        torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.BatchNorm1d(4), torch.nn.Linear(4, 2), torch.nn.Softmax(dim=1)
    ).double()
    X = RNG.normal(size=(3, 50))
    theirs(torch.tensor(X.T))  # moves the running mean
    net = model()
    nn.load_torch_weights(net, theirs.state_dict())
    with mg.no_grad():
        np.testing.assert_allclose(
            net.eval()(X).numpy(), theirs.eval()(torch.tensor(X.T)).detach().numpy().T, rtol=1e-12
        )


def test_weights_in_bfloat16_are_taken_without_a_change():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    theirs = torch.nn.Linear(3, 2).bfloat16()
    layer = nn.Linear(3, 2, seed=0)
    nn.load_torch_weights(layer, theirs.state_dict())
    assert np.array_equal(layer.W.numpy(), theirs.weight.detach().double().numpy())


@pytest.mark.parametrize(
    "load",
    [
        lambda layer, W: nn.load_torch_weights(layer, {"weight": W, "bias": np.zeros(1)}),
        lambda layer, W: nn.load_keras_weights(layer, [W.T, np.zeros(1)]),
    ],
)
def test_a_weight_that_would_become_infinite_is_refused_and_nothing_has_changed(load):
    layer = nn.Linear(3, 1, dtype=np.float32, seed=0)
    before = layer.state_dict()
    with pytest.raises(ValueError, match=r"W of the model is float32, in which 1e\+300 is infinite"):
        load(layer, np.array([[1.0, 1e300, 2.0]]))
    assert all(np.array_equal(values, before[name]) for name, values in layer.state_dict().items())


def test_a_state_of_pytorch_in_the_wrong_hands_names_the_right_ones():
    with pytest.raises(ValueError, match=r"there is nn\.load_torch_weights"):
        nn.Linear(3, 1).load_state_dict({"weight": np.ones((1, 3)), "bias": np.ones(1)})
