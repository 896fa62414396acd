"""A model whose gradients are right passes, whatever its kinks and its dtype, and a wrong rule in it does not."""

import re

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn

square = lambda x: x * x


def data(n_x=3, m=40, n_y=2, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(n_x, m)), rng.integers(0, n_y, (1, m))


class Activation(nn.Module):
    """An activation of one's own."""

    def __init__(self, function):
        self.function = function

    def forward(self, Z):
        return self.function(Z)


def with_activation(function, **options):
    return nn.Sequential(nn.Linear(3, 5, seed=0, **options), Activation(function), nn.Linear(5, 1, seed=1, **options))


# What is right passes


@pytest.mark.parametrize("hidden", ["relu", "leaky_relu", "tanh", "sigmoid"])
@pytest.mark.parametrize("output", ["sigmoid", "softmax", "linear"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_networks_of_every_kind_pass_with_small_errors(hidden, output, dtype):
    n_y = 1 if output == "sigmoid" else 3
    model = nn.MLP([3, 20, 20, n_y], hidden=hidden, output=output, seed=1, dtype=dtype)
    X, Y = data(n_y=max(2, n_y))
    Y = Y if output != "linear" else np.random.default_rng(1).normal(size=(3, 40))
    check = nn.check_gradients(model, X, Y)
    assert list(check.errors) == ["W1", "b1", "W2", "b2", "W3", "b3"]
    assert check.largest == max(check.errors.values()) < 1e-6


@pytest.mark.parametrize("seed", range(20))
def test_the_kinks_of_many_units_and_samples_give_no_false_alarm(seed):
    X, Y = data(m=200, seed=seed)
    model = nn.MLP([3, 50, 50, 1], hidden="relu", seed=seed)
    assert nn.check_gradients(model, X, Y, seed=seed).largest < 1e-6


@pytest.mark.parametrize("cost", [nn.mse, nn.half_mse, nn.mae, nn.huber, nn.hinge])
def test_every_cost_passes(cost):
    X, Y = data()
    model = nn.MLP([3, 4, 1], hidden="tanh", output="linear", seed=1)
    assert nn.check_gradients(model, X, Y, cost=cost).largest < 1e-6


def test_a_unit_that_stands_exactly_at_its_kink_gives_no_false_alarm():
    model = nn.MLP([2, 3, 1], hidden="relu", seed=0)
    nn.check_gradients(model, [[0.0, 1.0], [0.0, -1.0]], [[1, 0]])


def test_parameters_without_influence_have_no_error():
    model = nn.LogisticRegression(3)
    model.unused = mg.Tensor([1.0, 2.0])
    check = nn.check_gradients(model, *data())
    assert check.errors["unused"] == 0


def test_a_module_of_ones_own_is_checked_with_its_cost_and_named_by_its_paths():
    class Net(nn.Module):
        def __init__(self):
            self.hidden = nn.Linear(3, 4, seed=1)
            self.output = nn.Linear(4, 1, seed=2)

        def forward(self, X):
            return nn.sigmoid(self.output(np.tanh(self.hidden(X))))

    check = nn.check_gradients(Net(), *data(), cost=nn.binary_cross_entropy)
    assert list(check.errors) == ["hidden.W", "hidden.b", "output.W", "output.b"]
    with pytest.raises(ValueError, match="Net is not a Sequential"):
        nn.check_gradients(Net(), *data())


def test_the_report_is_a_line_a_parameter():
    check = nn.GradientCheck({"W1": 1.2e-9, "hidden.b": 0.0})
    assert repr(check) == "parameter  relative error\nW1         1.2e-09\nhidden.b   0.0e+00"


def test_the_model_stays_as_it_is():
    model = nn.MLP([3, 4, 1], seed=1)
    model.layers[1].eval()
    before = [(p.node, p.grad) for p in model.parameters()]
    modes = [module.training for module in model.modules()]
    nn.check_gradients(model, *data())
    assert all(p.node is node and p.grad is grad for p, (node, grad) in zip(model.parameters(), before, strict=True))
    assert [module.training for module in model.modules()] == modes


def test_the_same_seed_gives_the_same_report():
    model = nn.MLP([3, 4, 1], seed=1)
    assert nn.check_gradients(model, *data(), seed=3) == nn.check_gradients(model, *data(), seed=3)


# What is wrong does not


WRONG = {
    "a factor": mg.primitive(lambda x: x * x, lambda g, out, x: g * x),
    "a sign": mg.primitive(lambda x: x * x, lambda g, out, x: -2 * g * x),
    "0.1 %": mg.primitive(lambda x: x * x, lambda g, out, x: 2.002 * g * x),
    "no gradient": mg.primitive(lambda x: x * x, lambda g, out, x: 0 * g),
    "one sample": mg.primitive(lambda x: x * x, lambda g, out, x: 2 * g * x * (np.arange(x.shape[1]) > 0)),
}


@pytest.mark.parametrize("mistake", WRONG)
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_wrong_rule_in_a_module_fails(mistake, dtype):
    X, Y = data(m=5)
    right = with_activation(square, dtype=dtype)
    nn.check_gradients(right, X, Y)
    with pytest.raises(
        AssertionError, match=r"^dJ/dW1 is wrong: dJ / d W1\[\d, \d\]\n    analytic .*\n    numerical .* ± "
    ):
        nn.check_gradients(with_activation(WRONG[mistake], dtype=dtype), X, Y)


def test_the_parameters_that_a_wrong_rule_does_not_reach_are_right():
    model = nn.Sequential(nn.Linear(3, 5, seed=0), nn.Linear(5, 1, seed=1), Activation(WRONG["a factor"]))
    first = model.layers[0]
    first.W, first.b = (mg.Tensor(p.numpy(), requires_grad=False) for p in (first.W, first.b))
    with pytest.raises(AssertionError, match="dJ/dW2 is wrong"):
        nn.check_gradients(model, *data(m=5))


def test_a_module_that_cuts_the_graph_fails():
    model = with_activation(lambda Z: np.tanh(Z.detach()))
    with pytest.raises(AssertionError, match=r"dJ/dW1 is wrong: .*\n    analytic   -?0\.0"):
        nn.check_gradients(model, *data(m=5))


def test_the_element_that_is_most_wrong_is_named():
    class Scaled(nn.Module):
        def __init__(self):
            self.W = mg.Tensor(np.ones((3, 1)))
            wrong = np.array([[2.0], [2.0], [1.0]])
            self.square = mg.primitive(lambda x: x * x, lambda g, out, x: wrong * g * x)

        def forward(self, X):
            return np.sum(self.square(self.W) * X, axis=0, keepdims=True)

    X, _ = data(m=5)
    with pytest.raises(AssertionError, match=r"dJ/dW is wrong: dJ / d W\[2, 0\]"):
        nn.check_gradients(Scaled(), np.abs(X), -np.ones((1, 5)), cost=nn.mse)


# What cannot be checked is told


def test_a_random_model_is_told():
    rng = np.random.default_rng(0)
    model = with_activation(lambda Z: Z * (rng.random(Z.shape) < 0.5))
    with pytest.raises(ValueError, match="the cost is another at every call, with the same parameters: is it random"):
        nn.check_gradients(model, *data())


def test_dropout_is_off_since_a_model_is_checked_in_evaluation():
    class Dropout(nn.Module):
        def forward(self, A):
            return A * np.nan if self.training else A

    model = nn.Sequential(nn.Linear(3, 1, seed=0), Dropout())
    assert nn.check_gradients(model, *data()).largest < 1e-6


@pytest.mark.parametrize(
    ("model", "options", "message"),
    [
        (nn.Sequential(nn.Sigmoid()), {"cost": nn.mse}, "Y must be of shape (3, 40)"),
        (nn.LogisticRegression(3), {"cost": lambda A, Y: A - Y}, "the cost must be one finite number"),
        (nn.LogisticRegression(3), {"cost": lambda A, Y: np.sum(A) * np.inf}, "the cost must be one finite number"),
        (nn.LogisticRegression(2), {}, "W1 is (1, 2) and needs X of shape (2, m); got (3, 40)"),
        (nn.LogisticRegression(3), {"cost": "mse"}, "cost must be a function, such as nn.mse; got 'mse'"),
    ],
)
def test_what_cannot_be_checked_is_told(model, options, message):
    X, Y = data()
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.check_gradients(model, X, Y, **options)


def test_a_model_without_parameters_has_no_gradient_to_check():
    with pytest.raises(ValueError, match="Sequential has no parameters, so there is no gradient to check"):
        nn.check_gradients(nn.Sequential(nn.Sigmoid()), [[1.0]], [[1]])
