"""fit trains by compiled steps, and nobody can tell: parameters and history are those of a run without, to rounding."""

import warnings

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.compiled_steps import CompiledSteps


def data(n_x=3, n_y=1, m=23, kind="classes", seed=0):
    rng = np.random.default_rng(seed)
    X = rng.normal(size=(n_x, m))
    if kind == "numbers":
        return X, rng.normal(size=(n_y, m))
    return X, rng.integers(0, max(2, n_y), (1, m))


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 3, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


def values(model):
    return [p.numpy() for p in model.parameters()]


def assert_same_parameters(model, other, rtol=1e-9):
    for p, q in zip(values(model), values(other), strict=True):
        np.testing.assert_allclose(p, q, rtol=rtol, atol=rtol, strict=True)


def assert_same_history(history, other, rtol=1e-9):
    assert list(history.series()) == list(other.series())
    assert history.interrupted == other.interrupted
    for name, series in history.series().items():
        np.testing.assert_allclose(series, other.series()[name], rtol=rtol, atol=rtol, err_msg=name, strict=True)


def assert_same_runs(make, X, Y, rtol=1e-9, **options):
    """Train a model both ways and compare all that can be seen."""
    model, plain = make(), make()
    assert_same_history(fit(model, X, Y, **options), fit(plain, X, Y, **options, compiled=False), rtol)
    assert_same_parameters(model, plain, rtol)
    assert any(not np.array_equal(p, q) for p, q in zip(values(model), values(make()), strict=True))
    assert all(p.grad is None for p in (*model.parameters(), *plain.parameters()))
    return model


@pytest.fixture(autouse=True)
def compiled_steps(monkeypatch):
    """The number of samples of each step that was compiled."""
    steps = []
    original = CompiledSteps.step

    def step(self, X, Y):
        result = original(self, X, Y)
        steps.append(X.shape[1])
        return result

    monkeypatch.setattr(CompiledSteps, "step", step)
    return steps


# The same run


@pytest.mark.parametrize("batch_size", [None, 1, 8, 23])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("validation", [None, data(seed=1)], ids=["", "validated"])
def test_a_run_is_that_of_uncompiled_steps(compiled_steps, batch_size, dtype, validation):
    X, Y = data()
    rtol = 1e-3 if dtype is np.float32 else 1e-9
    options = {"batch_size": batch_size, "validation": validation}
    model = assert_same_runs(lambda: nn.MLP([3, 4, 1], seed=2, dtype=dtype), X, Y, rtol, **options)
    sizes = {None: [23], 1: [1] * 23, 8: [8, 8, 7], 23: [23]}[batch_size]
    assert compiled_steps == (sizes * 3)[1:]  # the first is not
    assert {p.dtype for p in model.parameters()} == {np.dtype(dtype)}


@pytest.mark.parametrize("hidden", ["tanh", "relu", "sigmoid", "leaky_relu", "elu", "gelu", "silu", "softplus"])
@pytest.mark.parametrize(
    ("output", "kind"),
    [("sigmoid", "classes"), ("softmax", "classes"), ("log_softmax", "classes"), ("linear", "numbers")],
)
def test_every_activation_trains_the_same(hidden, output, kind):
    n_y = 1 if output == "sigmoid" else 3
    X, Y = data(n_y=n_y, kind=kind)
    assert_same_runs(lambda: nn.MLP([3, 5, 4, n_y], hidden=hidden, output=output, seed=1), X, Y, batch_size=8)


@pytest.mark.parametrize(
    ("output", "cost"),
    [
        ("sigmoid", nn.binary_cross_entropy),
        ("sigmoid", nn.mse),
        ("softmax", nn.cross_entropy),
        ("softmax", nn.mse),
        ("linear", nn.mse),
        ("linear", lambda A, Y: np.sum(np.abs(A - Y)) / A.shape[1]),
        ("sigmoid", lambda A, Y: np.mean(mg.softplus(-A * Y)) + 0.1 * np.max(np.square(A))),
    ],
)
def test_every_cost_trains_the_same(output, cost):
    X, Y = data(n_y=2)
    make = lambda: nn.MLP([3, 4, 2], output=output, seed=1)
    assert_same_runs(make, X, nn.one_hot(Y, 2), cost=cost, batch_size=8)


@pytest.mark.parametrize("metric", [None, nn.accuracy, lambda A, Y: float(np.max(np.abs(A - Y)))])
def test_logistic_regression_and_its_metrics_are_the_same(metric):
    assert_same_runs(lambda: nn.LogisticRegression(3), *data(), metric=metric, validation=data(seed=1), batch_size=10)


class Residual(nn.Module):
    """A module with a connection around a layer, and parameters that are no layer's."""

    def __init__(self):
        self.first = nn.Linear(3, 4, seed=1)
        self.second = nn.Linear(4, 4, seed=2)
        self.scale = mg.Tensor(np.full((4, 1), 0.5))

    def forward(self, X):
        A = np.tanh(self.first(X))
        A = A + self.scale * np.tanh(self.second(A))
        return nn.sigmoid(np.sum(A, axis=0, keepdims=True))


class Tied(nn.Module):
    """One matrix for two layers."""

    def __init__(self):
        self.there = nn.Linear(3, 2, seed=1)
        self.W = self.there.W
        self.b = mg.Tensor(np.zeros((3, 1)))

    def forward(self, X):
        return self.W.T @ np.tanh(self.there(X)) + self.b


class Penalised(nn.Module):
    """Weights that a penalty sums by themselves."""

    def __init__(self):
        self.layer = nn.Linear(3, 2, seed=1)

    def forward(self, X):
        return self.layer(X) + 0.1 * np.sum(np.square(np.sum(self.layer.W, axis=0))) + np.max(self.layer.W)


class Noisy(nn.Module):
    """Dropout."""

    def __init__(self):
        self.layer = nn.Linear(3, 1, seed=1)
        self.rng = mg.default_rng(5)

    def forward(self, X):
        return self.layer(X * (self.rng.random(X.shape) < 0.7)) if self.training else self.layer(X)


@pytest.mark.parametrize("module", [Residual, Tied, Penalised, Noisy])
def test_a_module_of_ones_own_trains_the_same(compiled_steps, module):
    X, Y = data(n_y={Tied: 3, Penalised: 2}.get(module, 1), kind="numbers")
    assert_same_runs(module, X, Y, cost=nn.mse, batch_size=8, learning_rate=0.05)
    assert len(compiled_steps) == 8


@pytest.mark.parametrize("batch_size", [None, 8])
def test_the_same_seed_gives_the_same_bits(batch_size):
    runs = []
    for _ in range(2):
        model = nn.MLP([3, 4, 1], seed=0)
        history = fit(model, *data(), batch_size=batch_size, seed=7)
        runs.append((history.cost, history.metric, [p.tobytes() for p in values(model)]))
    assert runs[0] == runs[1]


def test_a_parameter_that_the_cost_does_not_reach_stays_as_it_is():
    def make():
        model = nn.LogisticRegression(3)
        model.unused = mg.Tensor([3.0, -0.0])
        return model

    model = assert_same_runs(make, *data())
    assert values(model)[-1].tobytes() == np.array([3.0, -0.0]).tobytes()


def test_weights_are_trained_from_the_values_that_they_have_when_fit_is_called():
    def twice(compiled):
        model = nn.MLP([3, 4, 1], seed=0)
        fit(model, *data(), compiled=compiled)
        model.parameters()[0].data = np.full((4, 3), 0.25)
        model.parameters()[1].data *= 3
        fit(model, *data(), compiled=compiled)
        return model

    assert_same_parameters(twice(True), twice(False))


@pytest.mark.parametrize("chosen", [slice(None), slice(1), slice(1, 3)])
def test_weights_may_be_set_while_a_run_goes_on(chosen):
    def run(compiled):
        model = nn.MLP([3, 4, 1], seed=0)
        calls = []

        def resetting(A, Y):
            calls.append(1)
            if len(calls) == 3:
                for p in model.parameters()[chosen]:
                    p.data = np.full(p.shape, 0.25)
            return 0.0

        fit(model, *data(), metric=resetting, optimizer=Momentum, epochs=5, compiled=compiled)
        return model

    assert_same_parameters(run(True), run(False))


def test_a_learning_rate_that_changes_during_the_run_is_read_at_every_step():
    def run(compiled):
        made = []

        def slowing(A, Y):
            made[0].learning_rate *= 0.5
            return 0.0

        def optimizer(parameters, learning_rate):
            made.append(nn.SGD(parameters, learning_rate))
            return made[0]

        model = nn.LogisticRegression(3)
        fit(model, *data(), metric=slowing, optimizer=optimizer, epochs=5, compiled=compiled)
        return model

    assert_same_parameters(run(True), run(False))


class Momentum:
    """An optimiser that remembers, in both forms."""

    def __init__(self, parameters, learning_rate):
        self.parameters, self.learning_rate = parameters, learning_rate
        self.speed = [np.zeros(p.shape) for p in parameters]

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    def step(self):
        self.speed = [0.9 * v + p.grad for v, p in zip(self.speed, self.parameters, strict=True)]
        for p, v in zip(self.parameters, self.speed, strict=True):
            p.data = p.numpy() - self.learning_rate * v

    def slots(self, parameters):
        return dict(zip(parameters, self.speed, strict=True))

    def updated(self, parameters, gradients, slots, learning_rate):
        slots = {name: 0.9 * v + gradients[name] for name, v in slots.items()}
        return {name: p - learning_rate * slots[name] for name, p in parameters.items()}, slots


def test_an_optimizer_that_remembers_can_be_compiled(compiled_steps):
    assert_same_runs(lambda: nn.MLP([3, 4, 1], seed=0), *data(), optimizer=Momentum, epochs=5, batch_size=8)
    assert len(compiled_steps) == 14


# Where no program can be made


class Branching(nn.Module):
    """Looks at a value."""

    def __init__(self):
        self.layer = nn.Linear(3, 1, seed=1)

    def forward(self, X):
        A = self.layer(X)
        return nn.sigmoid(A) if np.sum(A) < 1e9 else A


class Bare:
    """An optimiser with nothing but what fit needs."""

    def __init__(self, parameters, learning_rate):
        self.parameters, self.rate = parameters, learning_rate

    def zero_grad(self):
        for p in self.parameters:
            p.grad = None

    def step(self):
        for p in self.parameters:
            p.data = p.numpy() - self.rate * np.sign(p.grad)


def counted(A, Y):
    return nn.mse(A, Y) * float(np.max(np.abs(A.numpy())) > -1)


@pytest.mark.parametrize(
    ("make", "options", "reason"),
    [
        (
            Branching,
            {"cost": nn.mse},
            r"the truth of a Tensor.*test_nn_compiled\.py, line \d+.*This run goes on uncompiled",
        ),
        (lambda: nn.LogisticRegression(3), {"cost": counted}, r"numpy\(\).*test_nn_compiled\.py, line \d+"),
        (lambda: nn.LogisticRegression(3), {"optimizer": Bare}, r"a step of Bare, which has no method updated\(\)"),
    ],
    ids=["model", "cost", "optimizer"],
)
def test_a_run_that_cannot_be_compiled_says_why_once_and_goes_on_without(compiled_steps, make, options, reason):
    model, plain = make(), make()
    with pytest.warns(UserWarning, match=reason) as warned:
        history = fit(model, *data(), batch_size=8, **options)
    assert len(warned) == 1
    assert compiled_steps == []
    other = fit(plain, *data(), batch_size=8, **options, compiled=False)
    assert (history.cost, history.metric) == (other.cost, other.metric)
    assert [p.tobytes() for p in values(model)] == [p.tobytes() for p in values(plain)]


class BranchingLate(Branching):
    """Looks at a value in the smaller last batch alone."""

    def forward(self, X):
        return super().forward(X) if X.shape[1] < 8 else nn.sigmoid(self.layer(X))


def test_a_run_that_cannot_be_compiled_to_its_end_goes_on_from_where_it_is(compiled_steps):
    model, plain = BranchingLate(), BranchingLate()
    with pytest.warns(UserWarning, match="This run goes on uncompiled"):
        history = fit(model, *data(), cost=nn.mse, batch_size=8)
    assert compiled_steps == [8]
    assert_same_history(history, fit(plain, *data(), cost=nn.mse, batch_size=8, compiled=False))
    assert_same_parameters(model, plain)


def test_a_step_of_an_optimizer_of_ones_own_is_the_one_that_is_made():
    class Sign(nn.SGD):
        def step(self):
            for p in self.parameters:
                p.data = p.numpy() - self.learning_rate * np.sign(p.grad)

    model, plain = nn.LogisticRegression(3), nn.LogisticRegression(3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)  # it may go on uncompiled
        fit(model, *data(), optimizer=Sign)
    fit(plain, *data(), optimizer=Sign, compiled=False)
    assert_same_parameters(model, plain)


def test_nothing_is_compiled_where_that_is_not_wanted(compiled_steps):
    fit(nn.LogisticRegression(3), *data(), compiled=False)
    assert compiled_steps == []


def test_what_is_wrong_with_a_cost_is_told_by_the_first_step_as_ever():
    for compiled in (True, False):
        with pytest.raises(TypeError, match="a cost must return a 0-d Tensor"):
            fit(nn.LogisticRegression(3), *data(), cost=lambda A, Y: A - Y, compiled=compiled)


# Known parts


def steps_of(model, **options):
    descents, begin = [], CompiledSteps.__init__

    def noted(self, *args):
        begin(self, *args)
        descents.append(self)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(CompiledSteps, "__init__", noted)
        settings = {"epochs": 3, "learning_rate": 0.1, "seed": 0, "progress": False} | options
        nn.fit(model, np.ones((2, 4)), np.array([[0, 1, 0, 1]]), **settings)
    return descents[0]


class Own(nn.ReLU):
    pass


class OwnAdam(nn.Adam):
    pass


def own_cost(out, Y):
    return nn.mse(out, Y)


def changed(model):
    model.layers[0].forward = lambda A: A + 1.0
    return model


OTHERS = {
    "module": (lambda: nn.Sequential(nn.Linear(2, 1, seed=0), Own()), {}),
    "cost": (lambda: nn.MLP([2, 3, 1], seed=0), {"cost": own_cost}),
    "optimiser": (lambda: nn.MLP([2, 3, 1], seed=0), {"optimizer": OwnAdam}),
    "function": (lambda: changed(nn.Sequential(nn.ReLU(), nn.Linear(2, 1, seed=0))), {"cost": nn.mse}),
}


@pytest.mark.parametrize("cost", [None, nn.mse, nn.binary_cross_entropy])
@pytest.mark.parametrize("optimizer", [nn.SGD, nn.AdamW, lambda p, rate: nn.Adam(p, rate, weight_decay=0.1)])
def test_steps_of_known_parts_alone_are_traced_once(cost, optimizer):
    model = nn.Sequential(nn.Dense(2, 3, "tanh", seed=0), nn.Dropout(keep_prob=0.5, seed=1), nn.Dense(3, 1, "sigmoid"))
    assert steps_of(model, cost=cost, optimizer=optimizer, l2=0.1).repeats


@pytest.mark.parametrize("name", OTHERS)
def test_steps_with_a_part_of_a_users_are_traced_twice(name):
    make, options = OTHERS[name]
    assert not steps_of(make(), **options).repeats
