"""A first course row by row, each row by its own name and with values that are computed by hand or by plain NumPy.

What holds for all inputs is tested where each of them is; what the course proves of logistic regression and its cost is
in test_nn_course_facts.py.
"""

import math
from functools import partial

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn

X = np.array([[0.5, -1.0, 2.0, 0.0, 1.5], [1.0, 0.5, -0.5, -1.0, 0.0]])
Y = np.array([[1, 0, 1, 0, 1]])

e = math.e


# Activations: value and derivative at some z

ACTIVATIONS = {
    "sigmoid": [(0.0, 0.5, 0.25), (1.0, e / (1 + e), e / (1 + e) ** 2)],
    "tanh": [(0.0, 0.0, 1.0), (0.5, (e - 1) / (e + 1), 1 - ((e - 1) / (e + 1)) ** 2)],
    "relu": [(-2.0, 0.0, 0.0), (0.0, 0.0, 1.0), (2.0, 2.0, 1.0)],
    "leaky_relu": [(-2.0, -0.02, 0.01), (0.0, 0.0, 1.0), (2.0, 2.0, 1.0)],
    "linear": [(-2.0, -2.0, 1.0), (2.0, 2.0, 1.0)],
    "softplus": [(0.0, math.log(2), 0.5), (1.0, math.log(1 + e), e / (1 + e))],
    "elu": [(-1.0, 1 / e - 1, 1 / e), (2.0, 2.0, 1.0)],
    "silu": [(0.0, 0.0, 0.5), (1.0, e / (1 + e), e / (1 + e) + e / (1 + e) ** 2)],
    "gelu": [(0.0, 0.0, 0.5)],
}


@pytest.mark.parametrize(
    ("name", "z", "a", "slope"), [(name, *row) for name, rows in ACTIVATIONS.items() for row in rows]
)
def test_an_activation_has_its_value_and_derivative_as_function_module_and_name(name, z, a, slope):
    for g in (getattr(nn, name), nn.activation(name), nn.Dense(1, 1, name).activation):
        assert mg.value_and_grad(lambda z, g=g: np.sum(g(z)))(np.array([[z]])) == (
            pytest.approx(a, rel=1e-14),
            pytest.approx(slope, rel=1e-14),
        )


def test_softmax_gives_each_class_its_share_of_exp_z():
    Z = np.log([[1.0, 3.0], [2.0, 1.0], [1.0, 4.0]])
    np.testing.assert_allclose(nn.softmax(Z), [[0.25, 0.375], [0.5, 0.125], [0.25, 0.5]], rtol=1e-14)


def test_log_softmax_is_the_logarithm_of_softmax():
    Z = np.log([[1.0], [2.0], [1.0]])
    np.testing.assert_allclose(nn.log_softmax(Z), np.log([[0.25], [0.5], [0.25]]), rtol=1e-14)


def test_different_layers_have_different_activations():
    model = nn.MLP([2, 3, 4, 1], hidden=["tanh", "relu"], output="sigmoid", seed=0)
    W1, b1, W2, b2, W3, b3 = (p.numpy() for p in model.parameters())
    A2 = np.maximum(0, W2 @ np.tanh(W1 @ X + b1) + b2)
    np.testing.assert_allclose(model(X).numpy(), 1 / (1 + np.exp(-(W3 @ A2 + b3))), rtol=1e-14)


# How weights start


def test_zero_initialisation_keeps_hidden_units_identical_for_ever_and_small_random_weights_do_not():
    for weights, alike in (("zeros", True), ("small", False)):
        model = nn.MLP([2, 3, 1], hidden="sigmoid", weights=weights, seed=0)
        nn.fit(model, X, Y, epochs=100, learning_rate=1.0, seed=0, progress=False)
        W1 = model.layers[0].W.numpy()
        assert np.all(W1 != 0)
        assert np.all(W1[0] == W1) == alike


@pytest.mark.parametrize(
    ("weights", "deviation"),
    [("small", 0.01), ("xavier", math.sqrt(2 / (300 + 200))), ("he", math.sqrt(2 / 300)), ("zeros", 0.0)],
)
def test_an_initialisation_has_its_standard_deviation(weights, deviation):
    W = nn.Linear(300, 200, weights=weights, seed=0).W.numpy()
    assert np.std(W) == pytest.approx(deviation, rel=0.02)
    assert abs(np.mean(W)) <= deviation / 50


@pytest.mark.parametrize(
    "weights", ["small", "xavier", "he", "orthogonal", lambda rng, shape: rng.uniform(-1, 1, shape)]
)
def test_the_same_seed_gives_the_same_run_compiled_or_eager(weights):
    def run(compiled):
        model = nn.MLP([2, 4, 1], weights=weights, seed=3)
        settings = {"epochs": 5, "learning_rate": 0.1, "batch_size": 2, "seed": 4, "progress": False}
        return nn.fit(model, X, Y, compiled=compiled, **settings).cost

    assert run(True) == run(True)
    assert run(False) == run(False)
    np.testing.assert_allclose(run(True), run(False), rtol=1e-12)


def test_linear_activations_collapse_to_one_linear_map():
    model = nn.MLP([2, 5, 4, 1], hidden="linear", output="linear", seed=0)
    (W1, b1), (W2, b2), (W3, b3) = ((layer.W.numpy(), layer.b.numpy()) for layer in model.layers[::2])
    W, b = W3 @ W2 @ W1, W3 @ (W2 @ b1 + b2) + b3
    np.testing.assert_allclose(model(X).numpy(), W @ X + b, rtol=1e-13)


# Gradient descent: which samples a step takes


def steps_by_hand(batches, rate=0.5):
    """Go against the gradient of logistic regression on each batch in turn."""
    w, b = np.zeros((1, 2)), np.zeros((1, 1))
    for chosen in batches:
        x, y = X[:, chosen], Y[:, chosen]
        dZ = 1 / (1 + np.exp(-(w @ x + b))) - y
        w, b = w - rate * dZ @ x.T / len(chosen), b - rate * dZ.mean(axis=1, keepdims=True)
    return w, b


def orders(seed, epochs):
    """The orders of the samples that a run draws, one an epoch."""
    rng = np.random.default_rng(seed)
    return [rng.permutation(5) for _ in range(epochs)]


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(
    ("batch_size", "batches"),
    [
        pytest.param(None, [np.arange(5)] * 3, id="batch gradient descent"),
        pytest.param(5, orders(7, 3), id="batch gradient descent, batch_size=m"),
        pytest.param(1, [[i] for order in orders(7, 3) for i in order], id="stochastic gradient descent"),
        pytest.param(
            2,
            [order[k : k + 2] for order in orders(7, 3) for k in (0, 2, 4)],
            id="mini-batch gradient descent with a smaller last batch, shuffled each epoch",
        ),
    ],
)
def test_gradient_descent_takes_the_samples_of_its_kind(batch_size, batches, compiled):
    model = nn.LogisticRegression(2)
    settings = {"epochs": 3, "learning_rate": 0.5, "seed": 7, "progress": False, "compiled": compiled}
    nn.fit(model, X, Y, batch_size=batch_size, **settings)
    w, b = steps_by_hand(batches)
    np.testing.assert_allclose(model.layers[0].W.numpy(), w, rtol=1e-12)
    np.testing.assert_allclose(model.layers[0].b.numpy(), b, rtol=1e-12)


# Optimisers: two steps with the gradients 2 and 1, from p = 1, with a rate of 0.1

TWO_STEPS = {
    "SGD": (nn.SGD, [0.8, 0.7]),
    "momentum of the course": (partial(nn.Momentum, beta=0.5), [0.9, 0.8]),  # v = 1, 1
    "momentum as a sum": (partial(nn.SGD, momentum=0.5), [0.8, 0.6]),  # v = 2, 2
    "Nesterov": (partial(nn.SGD, momentum=0.5, nesterov=True), [0.7, 0.5]),  # dp + v / 2 = 3, 2
    "AdaGrad": (nn.AdaGrad, [0.9, 0.9 - 0.1 / math.sqrt(5)]),
    "RMSProp": (partial(nn.RMSProp, beta=0.5), [1 - 0.2 / math.sqrt(2), 1 - 0.2 / math.sqrt(2) - 0.1 / math.sqrt(1.5)]),
    "Adam": (partial(nn.Adam, beta1=0.5, beta2=0.5), [0.9, 0.9 - 0.1 * (4 / 3) / math.sqrt(2)]),
    "AdamW": (partial(nn.AdamW, beta1=0.5, beta2=0.5, weight_decay=1.0), [0.8, 0.72 - 0.1 * (4 / 3) / math.sqrt(2)]),
    "weight decay": (partial(nn.SGD, weight_decay=1.0), [0.7, 0.53]),
    "clipping by value": (partial(nn.SGD, clip_value=0.5), [0.95, 0.9]),
    "clipping by norm": (partial(nn.SGD, clip_norm=0.5), [0.95, 0.9]),
    "parameter groups": (lambda p, rate: nn.SGD([{"parameters": p, "learning_rate": 0.2}], rate), [0.6, 0.4]),
}


@pytest.mark.parametrize("name", list(TWO_STEPS))
def test_an_optimizer_makes_the_steps_of_its_formula(name):
    make, expected = TWO_STEPS[name]
    p = mg.Tensor([1.0])
    optimizer = make([p], 0.1)
    for gradient, after in zip((2.0, 1.0), expected, strict=True):
        p.grad = np.array([gradient])
        optimizer.step()
        assert p.item() == pytest.approx(after, rel=1e-7)


# Schedules: the rate of the epochs 0, 1, 2 and 4

SCHEDULES = {
    "constant": (nn.ConstantRate(0.4), [0.4, 0.4, 0.4, 0.4]),
    "step": (nn.StepDecay(0.4, every=2, factor=0.5), [0.4, 0.4, 0.2, 0.1]),
    "exponential": (nn.ExponentialDecay(0.4, 0.5), [0.4, 0.2, 0.1, 0.025]),
    "alpha_0 over 1 + decay times epoch": (nn.InverseTimeDecay(0.4, 1), [0.4, 0.2, 0.4 / 3, 0.08]),
    "cosine": (nn.CosineDecay(0.4, 4), [0.4, 0.2 + 0.1 * math.sqrt(2), 0.2, 0.0]),
    "warm-up": (nn.Warmup(2, nn.ConstantRate(0.4), start=0.5), [0.2, 0.3, 0.4, 0.4]),
}


@pytest.mark.parametrize("name", list(SCHEDULES))
def test_a_schedule_has_the_rates_of_its_formula(name):
    schedule, expected = SCHEDULES[name]
    assert [schedule(epoch) for epoch in (0, 1, 2, 4)] == pytest.approx(expected, rel=1e-12, abs=1e-15)


# Regularisation


@pytest.mark.parametrize("compiled", [True, False])
def test_l2_regularisation_makes_weights_decay_by_alpha_lambda_over_m_and_leaves_biases(compiled):
    runs = []
    for l2 in (0.0, 1.5):
        model = nn.MLP([2, 3, 1], hidden="tanh", seed=0)
        before = model.state_dict()
        nn.fit(model, X, Y, epochs=1, learning_rate=0.1, l2=l2, seed=0, progress=False, compiled=compiled)
        runs.append(model.state_dict())
    for name, plain in runs[0].items():
        decay = 0.1 * 1.5 / 5 * before[name] if name.endswith("W") else 0.0
        np.testing.assert_allclose(runs[1][name], plain - decay, rtol=1e-12, atol=1e-15)


def test_l1_regularisation_moves_each_weight_by_alpha_lambda_over_m_towards_zero():
    runs = []
    for l1 in (0.0, 1.5):
        model = nn.MLP([2, 3, 1], hidden="tanh", seed=0)
        before = model.state_dict()
        nn.fit(model, X, Y, epochs=1, learning_rate=0.1, l1=l1, seed=0, progress=False)
        runs.append(model.state_dict())
    for name, plain in runs[0].items():
        change = 0.1 * 1.5 / 5 * np.sign(before[name]) if name.endswith("W") else 0.0
        np.testing.assert_allclose(runs[1][name], plain - change, rtol=1e-12, atol=1e-15)


def test_inverted_dropout_keeps_the_expected_value_and_does_nothing_in_evaluation():
    dropout, A = nn.Dropout(keep_prob=0.8, seed=0), np.full((4, 50_000), 3.0)
    np.testing.assert_allclose(dropout(A).mean(axis=1), 3.0, atol=0.03)
    assert set(np.unique(dropout(A))) == {0.0, 3.0 / 0.8}
    np.testing.assert_array_equal(dropout.eval()(A), A)


def test_early_stopping_gives_back_the_weights_of_the_best_epoch():
    model, states = nn.MLP([2, 8, 1], seed=0), []
    stopping = nn.EarlyStopping(patience=3)
    settings = {"epochs": 60, "learning_rate": 0.5, "seed": 0, "progress": False}
    callbacks = [lambda training: states.append(training.model.state_dict()), stopping]
    history = nn.fit(model, X, Y, validation=(-X, Y), callbacks=callbacks, **settings)
    best = int(np.argmin(history.validation_cost))
    assert stopping.best_epoch == best + 1
    for name, values in model.state_dict().items():
        np.testing.assert_array_equal(values, states[best][name])


# Batch normalisation, residual blocks, gradient checking


def test_batch_norm_normalises_by_the_batch_in_training_and_by_running_statistics_in_evaluation():
    norm, Z = nn.BatchNorm(1, momentum=1.0, eps=1e-12), np.array([[1.0, 3.0, 5.0]])
    np.testing.assert_allclose(norm(Z).numpy(), [[-math.sqrt(1.5), 0, math.sqrt(1.5)]], rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(norm.eval()(Z).numpy(), [[-1, 0, 1]], rtol=1e-9, atol=1e-12)


def test_a_residual_block_adds_what_it_was_given():
    block = nn.Residual(nn.Dense(2, 2, "tanh", seed=0))
    W, b = (p.numpy() for p in block.parameters())
    np.testing.assert_allclose(block(X).numpy(), X + np.tanh(W @ X + b), rtol=1e-14)


def test_gradient_checking_of_a_whole_model_is_one_call():
    model = nn.Sequential(nn.Dense(2, 4, "gelu", seed=0), nn.BatchNorm(4), nn.Residual(nn.Dense(4, 4, "silu", seed=1)))
    assert nn.check_gradients(nn.Sequential(model, nn.Dense(4, 1, "sigmoid", seed=2)), X, Y).largest < 1e-6
