"""Layers compute what their formulas say, start as they say, and name themselves where shapes do not fit."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.graph import ancestors
from micrograd_nd.testing import check_gradients

# A derivative takes many evaluations.
few = settings(max_examples=20)
sizes = st.integers(1, 4)
# Away from the kinks at 0.
smooth = st.integers(-40, 40).map(lambda k: (k + 0.5) / 16)
FUNCTIONS = {
    "sigmoid": nn.sigmoid,
    "tanh": nn.tanh,
    "relu": nn.relu,
    "leaky_relu": nn.leaky_relu,
    "elu": nn.elu,
    "gelu": nn.gelu,
    "silu": nn.silu,
    "softplus": nn.softplus,
    "softmax": nn.softmax,
    "log_softmax": nn.log_softmax,
    "linear": nn.linear,
}
ACTIVATIONS = list(FUNCTIONS)


@given(sizes, sizes, sizes, st.integers(0, 99))
def test_linear_computes_z_from_w_a_and_b(n_in, n_out, m, seed):
    layer = nn.Linear(n_in, n_out, seed=seed)
    layer.b.data = np.arange(n_out, dtype=float).reshape(-1, 1)
    A = np.random.default_rng(seed).standard_normal((n_in, m))
    np.testing.assert_array_equal(layer(A).numpy(), layer.W.numpy() @ A + layer.b.numpy())
    np.testing.assert_array_equal(layer(mg.Tensor(A)).numpy(), layer(A).numpy())


@few
@given(hnp.arrays(float, (3, 2), elements=smooth), hnp.arrays(float, (4, 3), elements=smooth))
def test_linear_has_the_derivatives_of_its_formula(A, W):
    layer = nn.Linear(3, 4)

    def forward(W, b, A):
        layer.W, layer.b = W, b
        return layer(A)

    check_gradients(forward, W, np.ones((4, 1)), A)


@pytest.mark.parametrize("name", ACTIVATIONS)
@few
@given(x=hnp.arrays(float, (3, 2), elements=smooth, unique=True))
def test_every_activation_module_has_the_derivatives_of_its_formula(name, x):
    module = nn.activation(name)
    check_gradients(lambda x: module(x) * np.arange(1.0, 7.0).reshape(3, 2), x)


@pytest.mark.parametrize(("name", "function"), FUNCTIONS.items())
@given(x=hnp.arrays(float, (3, 2), elements=st.floats(-1e3, 1e3)))
def test_activation_modules_and_functions_agree(name, function, x):
    np.testing.assert_array_equal(nn.activation(name)(mg.Tensor(x)).numpy(), function(x))


def test_an_unknown_activation_is_told_the_known_ones():
    with pytest.raises(ValueError, match=r"unknown activation 'rleu'; known are sigmoid, tanh, relu, leaky_relu, e"):
        nn.activation("rleu")


@pytest.mark.parametrize("slope", [np.nan, np.inf, pytest.param(10**400, id="10**400"), True, "0.1", None, 1j])
def test_the_slope_of_a_leaky_relu_is_a_finite_number(slope):
    with pytest.raises((TypeError, ValueError), match=r"the slope must be a (finite )?number; got"):
        nn.LeakyReLU(slope)


@pytest.mark.parametrize("alpha", [np.nan, np.inf, True, "1", None])
def test_the_alpha_of_an_elu_is_a_finite_number(alpha):
    with pytest.raises((TypeError, ValueError), match=r"alpha must be a (finite )?number; got"):
        nn.ELU(alpha)


@pytest.mark.parametrize("approximate", [1, None, "tanh"])
def test_whether_a_gelu_is_approximate_is_true_or_false(approximate):
    with pytest.raises(TypeError, match="approximate must be True or False; got"):
        nn.GELU(approximate)


@given(hnp.arrays(float, (3, 2), elements=st.floats(-1e3, 1e3)))
def test_modules_compute_with_the_settings_that_they_show(x):
    np.testing.assert_array_equal(nn.ELU(0.5)(x), nn.elu(x, alpha=0.5))
    np.testing.assert_array_equal(nn.GELU(approximate=False)(x), nn.gelu(x, approximate=False))
    modules = [nn.ELU(), nn.ELU(0.5), nn.GELU(), nn.GELU(approximate=False), nn.LeakyReLU(0.2)]
    assert list(map(repr, modules)) == [
        "ELU()", "ELU(alpha=0.5)", "GELU()", "GELU(approximate=False)", "LeakyReLU(slope=0.2)"
    ]  # fmt: skip


@given(hnp.arrays(float, (3, 2), elements=st.floats(-1e3, 1e3)))
def test_a_log_softmax_at_the_end_is_a_classifier_as_a_softmax_is(X):
    one, other = (nn.MLP([3, 4, 3], hidden="tanh", output=output, seed=1) for output in ("softmax", "log_softmax"))
    np.testing.assert_array_equal(nn.predict(one, X), nn.predict(other, X))
    options = {"epochs": 2, "learning_rate": 0.1, "seed": 0, "progress": False}
    histories = [nn.fit(model, X, [[0, 2]], **options) for model in (one, other)]
    assert histories[0].cost == histories[1].cost
    assert histories[0].metric == histories[1].metric
    seen = []
    nn.fit(other, X, [[0, 2]], **options, metric=lambda A, Y: seen.append(A.max()) or 0.0)
    assert max(seen) <= 0


@given(hnp.arrays(float, (3, 2), elements=st.floats(-1e3, 1e3)))
def test_each_column_of_a_softmax_sums_to_one(Z):
    np.testing.assert_allclose(nn.Softmax()(Z).sum(axis=0), 1)


@pytest.mark.parametrize(
    ("weights", "variance"), [("he", 2 / 300), ("xavier", 2 / 500), ("small", 1e-4), ("zeros", 0.0)]
)
def test_weights_start_with_the_variance_of_their_scheme_and_biases_at_zero(weights, variance):
    layer = nn.Linear(300, 200, weights=weights, seed=3)
    W = layer.W.numpy()
    assert W.var() == pytest.approx(variance, rel=0.05)
    assert abs(W.mean()) <= 5 * np.sqrt(variance / W.size)
    assert not layer.b.numpy().any()


def test_the_same_seed_gives_the_same_weights():
    def weights(seed):
        return nn.Linear(3, 2, seed=seed).W.numpy().tolist()

    assert weights(1) == weights(1) == weights(np.random.default_rng(1))
    assert weights(1) != weights(2)
    assert weights(None) != weights(None)


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((0, 1), {}, "n_in is a number of units, at least 1; got 0"),
        ((1, -1), {}, "n_out is a number of units, at least 1; got -1"),
        ((1.5, 1), {}, "n_in is a number of units, an int; got 1.5"),
        ((True, 1), {}, "n_in is a number of units, an int; got True"),
        (
            (1, 1),
            {"weights": "hee"},
            "zeros, orthogonal, or a function of (rng, shape); got 'hee'",
        ),
        ((1, 1), {"layer": 0}, "layer is the number of a layer, from 1 to 9999; got 0"),
        ((1, 1), {"layer": 10**30}, f"layer is the number of a layer, from 1 to 9999; got {10**30}"),
        ((1, 1), {"layer": "1"}, "layer is the number of a layer, an int; got '1'"),
        ((1, 1), {"layer": True}, "layer is the number of a layer, an int; got True"),
        ((1, 1), {"dtype": int}, "parameters are floating-point numbers; got dtype int64"),
    ],
)
def test_linear_refuses_what_makes_no_layer(arguments, options, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.Linear(*arguments, **options)


@pytest.mark.parametrize(
    ("layer", "shape", "message"),
    [
        (2, (7, 209), "layer 2: W2 is (5, 20) and needs A1 of shape (20, m); got (7, 209)"),
        (1, (7, 209), "layer 1: W1 is (5, 20) and needs X of shape (20, m); got (7, 209)"),
        (None, (7, 9), "Linear(20, 5): W is (5, 20) and needs X of shape (20, m); got (7, 9)"),
        (1, (209, 20), "got (209, 20). A sample is a column: did you mean X.T?"),
        (1, (20,), "got (20,), a rank-1 array. Write X.reshape(-1, 1) for one sample"),
        (1, (40,), "got (40,), a rank-1 array. Write X.reshape(20, -1)"),
        (1, (), "got ()"),
        (1, (20, 3, 1), "got (20, 3, 1)"),
    ],
)
@pytest.mark.parametrize("kind", [np.asarray, mg.Tensor, np.ndarray.tolist])
def test_a_wrong_dimension_is_told_in_the_words_of_the_course(kind, layer, shape, message):
    with pytest.raises(ValueError, match=re.escape(message) + "$"):
        nn.Linear(20, 5, layer=layer)(kind(np.ones(shape)))


def test_a_network_names_the_layer_that_does_not_fit():
    model = nn.Sequential(nn.Linear(2, 7), nn.ReLU(), nn.Linear(20, 5))
    with pytest.raises(ValueError, match=re.escape("layer 2: W2 is (5, 20) and needs A1 of shape (20, m); got (7, 4)")):
        model(np.ones((2, 4)))


def test_sequential_numbers_its_layers_also_in_nests_and_keeps_given_numbers():
    model = nn.Sequential(nn.Sequential(nn.Linear(1, 1)), nn.Linear(1, 1), nn.Linear(1, 1, layer=7))
    assert [p.name for p in model.parameters()] == ["W1", "b1", "W2", "b2", "W7", "b7"]


def test_nested_sequentials_are_numbered_through_by_the_outermost():
    linear = [nn.Linear(3, 2), nn.Linear(5, 3), nn.Linear(3, 3, layer=1)]
    model = nn.Sequential(nn.Sequential(linear[0], nn.ReLU()), nn.Sequential(*linear[1:]))
    assert [layer.layer for layer in linear] == [1, 2, 1]
    assert [layer.W.name for layer in linear] == ["W1", "W2", "W1"]
    with pytest.raises(ValueError, match=re.escape("layer 2: W2 is (3, 5) and needs A1 of shape (5, m); got (2, 2)")):
        model(np.ones((3, 2)))


def test_sequential_applies_its_layers_in_order():
    class Times(nn.Module):
        def __init__(self, factor):
            self.factor = factor

        def forward(self, X):
            return X * self.factor + 1

    assert nn.Sequential(Times(2), Times(3))(5) == (5 * 2 + 1) * 3 + 1
    assert nn.Sequential()(5) == 5


@pytest.mark.parametrize(("output", "function"), [
    ("sigmoid", nn.sigmoid), ("softmax", nn.softmax), ("log_softmax", nn.log_softmax), ("linear", None),
])  # fmt: skip
@pytest.mark.parametrize("nested", [False, True])
def test_the_output_is_the_last_activation_of_the_logits(output, function, nested):
    model = nn.MLP([3, 4, 2], output=output, seed=1)
    model = nn.Sequential(model) if nested else model
    X = np.random.default_rng(0).standard_normal((3, 5))
    Z = model.logits(X).numpy()
    np.testing.assert_array_equal(function(Z) if function else Z, model(X).numpy())
    assert type(model.last).__name__ == {"linear": "Identity", "log_softmax": "LogSoftmax"}.get(output, output.title())


def test_a_sequential_is_a_sequence_of_its_layers():
    model = nn.Sequential(nn.Linear(1, 2), nn.Tanh())
    assert len(model) == 2
    assert list(model) == [model[0], model[1]] == model.layers


@pytest.mark.parametrize(
    ("layer", "message"),
    [
        (nn.ReLU, "write ReLU(), not ReLU"),
        (nn.relu, "a layer is a Module, such as nn.ReLU() for the function relu"),
        ([nn.ReLU()], "Sequential takes its layers one by one: Sequential(*layers)"),
    ],
)
def test_sequential_says_how_a_layer_is_given(layer, message):
    with pytest.raises(TypeError, match=re.escape(message)):
        nn.Sequential(layer)


@given(st.lists(sizes, min_size=2, max_size=4), st.sampled_from(ACTIVATIONS))
def test_an_mlp_has_the_sizes_names_and_dtype_it_was_asked_for(sizes, hidden):
    model = nn.MLP(sizes, hidden=hidden, output="linear", seed=0, dtype=np.float32)
    L = len(sizes) - 1
    shapes = [shape for l in range(1, L + 1) for shape in ((sizes[l], sizes[l - 1]), (sizes[l], 1))]
    assert [p.name for p in model.parameters()] == [f"{v}{l}" for l in range(1, L + 1) for v in "Wb"]
    assert [p.shape for p in model.parameters()] == shapes
    assert {p.dtype for p in model.parameters()} == {np.dtype(np.float32)}
    assert model(np.ones((sizes[0], 3), dtype=np.float32)).dtype == np.float32


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu"])
def test_an_mlp_starts_by_he_before_relu_and_by_xavier_elsewhere(hidden):
    model = nn.MLP([400, 400, 400], hidden=hidden, output="sigmoid", seed=0)
    W1, W2 = model.layers[0].W.numpy(), model.layers[2].W.numpy()
    assert W1.var() == pytest.approx(2 / 400, rel=0.05)
    assert W2.var() == pytest.approx(1 / 400, rel=0.05)
    zeros = nn.MLP([4, 4, 4], weights="zeros")
    assert not any(p.numpy().any() for p in zeros.parameters())


@pytest.mark.parametrize(
    ("sizes", "options", "message"),
    [
        ([3], {}, "an MLP needs the sizes [n_x, n_1, ..., n_y] of at least an input and an output; got [3]"),
        (3, {}, "got 3"),
        ("31", {}, "got '31'"),
        ([3, 1], {"weights": ""}, "zeros, orthogonal, or a function of (rng, shape); got ''"),
        ([3, 0, 1], {}, "n_out is a number of units, at least 1; got 0"),
        ([3, 1], {"output": "softmax"}, 'the softmax of a single output is always 1: use output="sigmoid"'),
        ([3, 1], {"output": "log_softmax"}, 'the softmax of a single output is always 1: use output="sigmoid"'),
        ([3, 2, 1], {"hidden": "rleu"}, "unknown activation 'rleu'"),
        ([3, 2, 1], {"hidden": ["rleu"]}, "unknown activation 'rleu'"),
        ([3, 2, 2, 1], {"hidden": ["tanh"]}, "hidden must name the activations of 2 hidden layers; got 1: ['tanh']"),
        ([3, 1], {"hidden": ("tanh",)}, "hidden must name the activations of 0 hidden layers; got 1: ('tanh',)"),
    ],
)
def test_an_mlp_refuses_what_describes_no_network(sizes, options, message):
    with pytest.raises(ValueError, match=re.escape(message)):
        nn.MLP(sizes, **options)


@pytest.mark.parametrize("hidden", [nn.relu, nn.ReLU(), None, [nn.relu], ["relu", 1]])
def test_hidden_activations_are_given_by_name(hidden):
    with pytest.raises(TypeError, match=r'hidden is the name of an activation, such as "relu", or a list of na'):
        nn.MLP([3, 2, 2, 1], hidden=hidden)


@given(st.lists(st.sampled_from(ACTIVATIONS), max_size=4))
def test_each_hidden_layer_of_an_mlp_may_have_its_own_activation(hidden):
    model = nn.MLP([3, *[2] * len(hidden), 1], hidden=hidden, seed=0)
    assert [type(layer) for layer in model[1::2]] == [type(nn.activation(name)) for name in [*hidden, "sigmoid"]]
    one_by_one = nn.MLP([3, *[2] * len(hidden), 1], hidden=tuple(hidden), seed=0)
    assert [p.numpy().tolist() for p in model.parameters()] == [p.numpy().tolist() for p in one_by_one.parameters()]


@pytest.mark.parametrize("sizes", [range(3, 0, -1), (3, 2, 1), np.array([3, 2, 1]), [np.int64(3), 2, 1]])
def test_the_sizes_of_an_mlp_may_be_any_sequence_of_ints(sizes):
    assert repr(nn.MLP(sizes)) == repr(nn.MLP([3, 2, 1]))


@pytest.mark.parametrize("sizes", [np.array([3.0, 1.0]), np.array([True, True]), np.ones((2, 2), dtype=int)])
def test_an_array_that_is_no_row_of_ints_makes_no_mlp(sizes):
    with pytest.raises(TypeError, match="n_in is a number of units, an int"):
        nn.MLP(sizes)


def test_logistic_regression_starts_undecided():
    model = nn.LogisticRegression(3, dtype=np.float32)
    A = model(np.ones((3, 4), dtype=np.float32))
    assert A.numpy().tolist() == [[0.5] * 4]
    assert A.dtype == np.float32


@given(hnp.arrays(float, (2, 5), elements=smooth), hnp.arrays(bool, (1, 5)))
def test_logistic_regression_has_the_derivatives_of_the_course(X, Y):
    model = nn.LogisticRegression(2)
    model.layers[0].W.data = [[0.5, -1.5]]
    Z = model.logits(X)
    J = nn.binary_cross_entropy(nn.sigmoid(Z), Y)
    J.backward()
    dZ = (nn.sigmoid(Z.numpy()) - Y) / 5
    W, b = model.parameters()
    np.testing.assert_allclose(Z.grad, dZ, rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(W.grad, dZ @ X.T, rtol=1e-10, atol=1e-13)
    np.testing.assert_allclose(b.grad, dZ.sum(axis=1, keepdims=True), rtol=1e-10, atol=1e-13)


@pytest.mark.parametrize("hidden", ACTIVATIONS)
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "log_softmax", "linear"])
def test_float32_models_compute_in_float32_throughout(hidden, output):
    model = nn.MLP([3, 4, 2], hidden=hidden, output=output, seed=0, dtype=np.float32)
    A = model(np.ones((3, 5), dtype=np.float32))
    assert {node.out.dtype for node in ancestors(A.node)} == {np.dtype(np.float32)}
