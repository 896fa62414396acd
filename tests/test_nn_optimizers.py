"""Optimisers make the steps of their formulas, compiled or not, group by group, and go on from where they were."""

import re

import hypothesis.extra.numpy as hnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.compiled_steps import CompiledSteps
from micrograd_nd.nn.elementwise_optimizer import ElementwiseOptimizer

# Each with what it remembers.
MAKERS = {
    "SGD": nn.SGD,
    "momentum": lambda p, rate: nn.SGD(p, rate, momentum=0.9),
    "Nesterov": lambda p, rate: nn.SGD(p, rate, momentum=0.9, nesterov=True, weight_decay=0.01),
    "Momentum": lambda p, rate: nn.Momentum(p, rate, weight_decay=0.01),
    "AdaGrad": lambda p, rate: nn.AdaGrad(p, rate, weight_decay=0.01),
    "RMSProp": lambda p, rate: nn.RMSProp(p, rate, weight_decay=0.01),
    "Adam": lambda p, rate: nn.Adam(p, rate, weight_decay=0.01),
    "AdamW": lambda p, rate: nn.AdamW(p, rate, weight_decay=0.1),
    "clipped by value": lambda p, rate: nn.Adam(p, rate, clip_value=0.01),
    "clipped by norm": lambda p, rate: nn.SGD(p, rate, momentum=0.5, clip_norm=0.1),
    "clipped both ways": lambda p, rate: nn.RMSProp(p, rate, clip_value=0.05, clip_norm=0.1),
    "two groups": lambda p, rate: nn.Adam(
        [{"parameters": p[::2], "weight_decay": 0.1}, {"parameters": p[1::2], "learning_rate": 2 * rate}], rate
    ),
}
every = pytest.mark.parametrize("make", MAKERS.values(), ids=MAKERS.keys())

values = hnp.arrays(float, (2, 3), elements=st.floats(-9, 9))
gradients = st.lists(values, min_size=1, max_size=4)


def tensors(dtype=np.float64):
    rng = np.random.default_rng(0)
    return [mg.Tensor(rng.normal(size=shape), dtype=dtype, name=name) for name, shape in (("W", (2, 3)), ("b", (2, 1)))]


def steps(optimizer, number, seed=0):
    """Make steps with gradients that are the same for the same seed."""
    rng = np.random.default_rng(seed)
    for _ in range(number):
        for p in optimizer.parameters:
            p.grad = rng.normal(size=p.shape).astype(p.dtype)
        optimizer.step()


def bits(parameters):
    return [p.numpy().tobytes() for p in parameters]


def data(m=23, n_y=1, seed=0):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, max(2, n_y), (1, m))


def fit(model, **options):
    X, Y = data()
    given = {"epochs": 4, "learning_rate": 0.05, "seed": 0, "progress": False, "batch_size": 8}
    return nn.fit(model, X, Y, **given | options)


def assert_same(parameters, others, rtol=1e-9):
    for p, q in zip(parameters, others, strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=rtol, atol=rtol, strict=True)


# Formulas, as the papers and the course have them


def assert_moves(optimizer, p, start, given, expected):
    for g in given:
        p.grad = g
        optimizer.step()
    np.testing.assert_allclose(p.numpy(), expected(start, given), rtol=1e-10, atol=1e-12)


@given(values, gradients, st.floats(0.01, 1), st.floats(0, 0.99))
def test_momentum_is_that_of_the_course(start, given, rate, beta):
    def expected(p, given):
        v = 0
        for dp in given:
            v = beta * v + (1 - beta) * dp
            p = p - rate * v
        return p

    p = mg.Tensor(start)
    assert_moves(nn.Momentum([p], rate, beta=beta), p, start, given, expected)


@given(values, gradients, st.floats(0.01, 1), st.floats(0.1, 0.99), st.booleans())
def test_sgd_with_momentum_goes_along_a_sum_of_gradients(start, given, rate, momentum, nesterov):
    def expected(p, given):
        v = 0
        for dp in given:
            v = momentum * v + dp
            p = p - rate * (dp + momentum * v if nesterov else v)
        return p

    p = mg.Tensor(start)
    assert_moves(nn.SGD([p], rate, momentum=momentum, nesterov=nesterov), p, start, given, expected)


@given(values, gradients, st.floats(0.01, 1), st.floats(0.1, 0.99))
def test_the_momentum_of_the_course_is_the_other_with_a_smaller_rate(start, given, rate, beta):
    one, other = mg.Tensor(start), mg.Tensor(start)
    for p, optimizer in (
        (one, nn.Momentum([one], rate, beta=beta)),
        (other, nn.SGD([other], (1 - beta) * rate, momentum=beta)),
    ):
        for g in given:
            p.grad = g
            optimizer.step()
    np.testing.assert_allclose(one.numpy(), other.numpy(), rtol=1e-10, atol=1e-12)


@given(values, gradients, st.floats(0.01, 1), st.floats(0, 0.99), st.floats(0, 0.999), st.floats(1e-8, 1e-2))
def test_adam_is_algorithm_1_of_its_paper(start, given, rate, beta1, beta2, epsilon):
    def expected(p, given):
        m, v = 0, 0
        for t, dp in enumerate(given, 1):
            m = beta1 * m + (1 - beta1) * dp
            v = beta2 * v + (1 - beta2) * dp**2
            p = p - rate * (m / (1 - beta1**t)) / (np.sqrt(v / (1 - beta2**t)) + epsilon)
        return p

    p = mg.Tensor(start)
    assert_moves(nn.Adam([p], rate, beta1=beta1, beta2=beta2, epsilon=epsilon), p, start, given, expected)


@given(values, gradients, st.floats(0.01, 1), st.floats(0, 0.99), st.floats(1e-8, 1e-2))
def test_rmsprop_divides_by_the_root_of_the_mean_square(start, given, rate, beta, epsilon):
    def expected(p, given):
        s = 0
        for dp in given:
            s = beta * s + (1 - beta) * dp**2
            p = p - rate * dp / (np.sqrt(s) + epsilon)
        return p

    p = mg.Tensor(start)
    assert_moves(nn.RMSProp([p], rate, beta=beta, epsilon=epsilon), p, start, given, expected)


@given(values, gradients, st.floats(0.01, 1), st.floats(1e-8, 1e-2))
def test_adagrad_divides_by_the_root_of_the_sum_of_squares(start, given, rate, epsilon):
    def expected(p, given):
        s = 0
        for dp in given:
            s = s + dp**2
            p = p - rate * dp / (np.sqrt(s) + epsilon)
        return p

    p = mg.Tensor(start)
    assert_moves(nn.AdaGrad([p], rate, epsilon=epsilon), p, start, given, expected)


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Momentum, nn.AdaGrad, nn.RMSProp, nn.Adam])
def test_weight_decay_is_the_gradient_of_a_penalty(optimizer):
    decayed, penalised = mg.Tensor([1.0, -2.0]), mg.Tensor([1.0, -2.0])
    one, other = optimizer([decayed], 0.1, weight_decay=0.3), optimizer([penalised], 0.1)
    for _ in range(3):
        decayed.grad = np.array([0.5, 0.5])
        penalised.grad = np.array([0.5, 0.5]) + 0.3 * penalised.numpy()
        one.step()
        other.step()
    np.testing.assert_array_equal(decayed.numpy(), penalised.numpy())


def test_the_decay_of_adamw_is_no_part_of_the_means():
    p, q = mg.Tensor([1.0, -2.0]), mg.Tensor([1.0, -2.0])
    decoupled, plain = nn.AdamW([p], 0.1, weight_decay=0.3), nn.Adam([q], 0.1)
    for _ in range(3):
        before = p.numpy().copy()
        p.grad = q.grad = np.array([0.5, -0.25])
        q.data = before
        decoupled.step()
        plain.step()
        np.testing.assert_allclose(p.numpy(), q.numpy() - 0.1 * 0.3 * before)


@pytest.mark.parametrize("clip_value", [None, 0.3])
@pytest.mark.parametrize("clip_norm", [None, 0.5])
@given(values, hnp.arrays(float, (2, 1), elements=st.floats(-9, 9)))
def test_an_optimizer_clips_the_gradients_of_all_groups_by_value_and_then_by_norm(clip_value, clip_norm, dW, db):
    W, b = tensors()
    before = W.numpy().copy(), b.numpy().copy()
    groups = [{"parameters": [W]}, {"parameters": [b]}]
    optimizer = nn.SGD(groups, 0.1, clip_value=clip_value, clip_norm=clip_norm)
    W.grad, b.grad = dW, db
    optimizer.step()
    expected = [dW, db]
    if clip_value is not None:
        expected = [np.clip(g, -clip_value, clip_value) for g in expected]
    if clip_norm is not None:
        norm = np.sqrt(sum(np.sum(np.square(g)) for g in expected))
        expected = [g * min(1, clip_norm / norm) if norm else g for g in expected]
    for p, start, g in zip((W, b), before, expected, strict=True):
        np.testing.assert_allclose(p.numpy(), start - 0.1 * g, rtol=1e-9, atol=1e-12)
    np.testing.assert_array_equal(W.grad, dW)


@every
@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_parameters_and_what_is_remembered_keep_their_dtype(make, dtype):
    optimizer = make(tensors(dtype), np.float64(0.01))
    steps(optimizer, 3)
    assert {p.dtype for p in optimizer.parameters} == {np.dtype(dtype)}
    assert {x.dtype for x in optimizer.state_dict().values() if isinstance(x, np.ndarray)} <= {np.dtype(dtype)}


@every
def test_a_parameter_without_gradient_stays_as_it_is_and_so_does_what_is_remembered(make):
    W, b = tensors()
    optimizer = make([W, b], 0.1)
    steps(optimizer, 2)
    before, state = b.numpy().copy(), optimizer.state_dict()
    W.grad, b.grad = np.ones((2, 3)), None
    optimizer.step()
    np.testing.assert_array_equal(b.numpy(), before)
    after = optimizer.state_dict()
    number = next(str(i) for i, p in enumerate(optimizer.parameters) if p is b)
    for name in state:
        if name.endswith(f".{number}"):
            np.testing.assert_array_equal(after[name], state[name])


def test_a_step_without_any_gradient_is_none():
    optimizer = nn.Adam(tensors(), 0.1)
    before = bits(optimizer.parameters)
    optimizer.step()
    assert bits(optimizer.parameters) == before
    assert optimizer.state_dict()["steps"] == 0


# Compiled steps


@pytest.fixture
def compiled_steps(monkeypatch):
    """Counts the steps that were compiled."""
    made = []
    original = CompiledSteps.step

    def step(self, X, Y):
        made.append(X.shape[1])
        return original(self, X, Y)

    monkeypatch.setattr(CompiledSteps, "step", step)
    return made


@every
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_a_run_is_that_of_uncompiled_steps(compiled_steps, make, dtype):
    model, plain = (nn.MLP([3, 5, 1], seed=2, dtype=dtype) for _ in range(2))
    history = fit(model, optimizer=make)
    expected = fit(plain, optimizer=make, compiled=False)
    rtol = 1e-9 if dtype is np.float64 else 1e-3
    np.testing.assert_allclose(history.cost, expected.cost, rtol=rtol)
    assert_same(model.parameters(), plain.parameters(), rtol)
    assert {p.dtype for p in model.parameters()} == {np.dtype(dtype)}
    assert compiled_steps == [8, 7] + [8, 8, 7] * 3
    assert bits(model.parameters()) != bits(nn.MLP([3, 5, 1], seed=2, dtype=dtype).parameters())


@every
def test_what_is_remembered_after_a_run_is_that_of_uncompiled_steps(make):
    states = []
    for compiled in (True, False):
        made = []
        fit(
            nn.MLP([3, 5, 1], seed=2), compiled=compiled,
            optimizer=lambda p, rate, made=made: made.append(make(p, rate)) or made[0],
        )  # fmt: skip
        states.append(made[0].state_dict())
    assert states[0].keys() == states[1].keys()
    for name, value in states[0].items():
        np.testing.assert_allclose(value, states[1][name], rtol=1e-9, atol=1e-12, err_msg=name)


class Bare:
    """Has what fit needs, and parameters in a form of its own."""

    def __init__(self, parameters, learning_rate):
        self.parameters, self.learning_rate = dict(enumerate(parameters)), learning_rate

    def zero_grad(self):
        for p in self.parameters.values():
            p.grad = None

    def step(self):
        for p in self.parameters.values():
            p.data = p.numpy() - self.learning_rate * p.grad


def test_an_optimizer_that_cannot_be_compiled_may_keep_its_parameters_in_any_form():
    model, plain = nn.LogisticRegression(3), nn.LogisticRegression(3)
    with pytest.warns(UserWarning, match=r"a step of Bare, which has no method updated\(\)"):
        fit(model, optimizer=Bare)
    fit(plain, compiled=False)
    assert bits(model.parameters()) == bits(plain.parameters())


class WithUnused(nn.LogisticRegression):
    """Has a parameter that the cost does not reach."""

    def __init__(self):
        super().__init__(3)
        self.unused = mg.Tensor([3.0, -0.0])


@every
def test_a_parameter_that_the_cost_does_not_reach_is_not_decayed_compiled_or_not(make):
    for compiled in (True, False):
        model = WithUnused()
        fit(model, optimizer=make, compiled=compiled)
        assert model.unused.numpy().tobytes() == np.array([3.0, -0.0]).tobytes()


@pytest.mark.parametrize("compiled", [True, False])
def test_only_the_parameters_that_an_optimizer_was_given_are_moved(compiled):
    model = nn.MLP([3, 5, 1], seed=2)
    before = bits(model.parameters())
    fit(model, optimizer=lambda p, rate: nn.Adam([p[2], p[1]], rate), compiled=compiled)
    assert [now == then for now, then in zip(bits(model.parameters()), before, strict=True)] == [
        True,
        False,
        False,
        True,
    ]


def test_an_optimizer_of_some_parameters_moves_them_the_same_compiled_or_not():
    make = lambda p, rate: nn.Adam([p[2], p[1]], rate)
    model, plain = nn.MLP([3, 5, 1], seed=2), nn.MLP([3, 5, 1], seed=2)
    fit(model, optimizer=make)
    fit(plain, optimizer=make, compiled=False)
    assert_same(model.parameters(), plain.parameters())


@every
def test_what_is_remembered_stays_where_weights_are_set_while_a_run_goes_on(make):
    def run(compiled):
        model, calls = nn.MLP([3, 4, 1], seed=0), []

        def resetting(A, Y):
            calls.append(1)
            if len(calls) in (3, 5):
                for p in model.parameters():
                    p.data = np.full(p.shape, 0.25)
            return 0.0

        fit(model, metric=resetting, optimizer=make, compiled=compiled)
        return model.parameters()

    assert_same(run(True), run(False))


class BranchingLate(nn.Module):
    """Looks at a value in the smaller last batch, of which no program can be made."""

    def __init__(self):
        self.layer = nn.Linear(3, 1, seed=1)

    def forward(self, X):
        A = self.layer(X)
        return nn.sigmoid(A) if X.shape[1] == 8 or np.sum(A) < 1e9 else A


@every
def test_what_is_remembered_goes_on_with_a_run_that_cannot_be_compiled_to_its_end(make):
    model, plain = BranchingLate(), BranchingLate()
    with pytest.warns(UserWarning, match="This run goes on uncompiled"):
        fit(model, cost=nn.mse, optimizer=make)
    fit(plain, cost=nn.mse, optimizer=make, compiled=False)
    assert_same(model.parameters(), plain.parameters())


@pytest.mark.parametrize("compiled", [True, False])
def test_an_optimizer_forgets_a_run_that_diverged(compiled):
    made = []

    def optimizer(parameters, rate):
        made.append(nn.SGD(parameters, rate, momentum=0.9))
        return made[0]

    model = nn.MLP([3, 4, 1], output="linear", seed=0)
    X, Y = data()
    with pytest.raises(FloatingPointError):
        nn.fit(
            model, 100 * X, 1.0 * Y, epochs=200, learning_rate=100.0, seed=0, progress=False, optimizer=optimizer,
            compiled=compiled,
        )  # fmt: skip
    assert not any(np.any(x) for name, x in made[0].state_dict().items() if name != "learning_rate")


@pytest.fixture
def programs(monkeypatch):
    """The programs of each run, by the size of batch."""
    found = []
    original = CompiledSteps.__init__

    def remembered(self, *args):
        original(self, *args)
        found.append(self.programs)

    monkeypatch.setattr(CompiledSteps, "__init__", remembered)
    return found


@every
def test_each_size_of_batch_has_one_program_with_one_piece_of_memory_whatever_the_rate(programs, make):
    layers = nn.Dense(3, 5, "tanh", seed=2), nn.BatchNorm(5), nn.Dense(5, 1, "sigmoid", seed=3)
    fit(nn.Sequential(*layers), optimizer=make, learning_rate=nn.ExponentialDecay(0.05, 0.9))
    assert len(programs[0]) == 2
    for program in programs[0].values():
        (made,) = program.programs.values()
        assert len(made.idle) == 1


@pytest.mark.parametrize("name", ["momentum", "Momentum", "AdaGrad", "RMSProp", "Adam", "AdamW"])
def test_a_compiled_update_is_one_array_for_each_kind_of_state(programs, name):
    fit(nn.MLP([3, 5, 4, 1], seed=2), optimizer=MAKERS[name], batch_size=None)
    (program,) = programs[0].values()
    lines = program.source_fast.splitlines()
    updates = next(iter(program.programs.values())).recipe.program.updates
    assert [new.shape for _, new in updates] == [(49,)] * {"Adam": 3, "AdamW": 3}.get(name, 2)
    assert not any("concatenate" in line or "copyto" in line for line in lines)
    assert sum("sqrt(" in line for line in lines) <= 1


# Groups


def test_a_group_has_settings_of_its_own_and_the_others_of_the_optimizer():
    W, b = tensors()
    groups = [{"parameters": [W]}, {"parameters": b, "weight_decay": 0, "learning_rate": 0.2}]
    optimizer = nn.SGD(groups, 0.1, weight_decay=0.5)
    start = W.numpy().copy(), b.numpy().copy()
    W.grad, b.grad = np.ones((2, 3)), np.ones((2, 1))
    optimizer.step()
    np.testing.assert_allclose(W.numpy(), start[0] - 0.1 * (1 + 0.5 * start[0]))
    np.testing.assert_allclose(b.numpy(), start[1] - 0.2)
    assert optimizer.parameters == [W, b]
    assert [group.settings["weight_decay"] for group in optimizer.groups] == [0.5, 0.0]


def test_the_rate_of_an_optimizer_may_be_left_out_where_every_group_has_one():
    W, b = tensors()
    groups = [{"parameters": [W], "learning_rate": 0.1}, {"parameters": [b], "learning_rate": 0.3}]
    start = b.numpy().copy()
    optimizer = nn.SGD(groups)
    assert optimizer.learning_rate == 0.1
    b.grad = np.ones((2, 1))
    optimizer.step()
    np.testing.assert_allclose(b.numpy(), start - 0.3)


@given(st.floats(1e-3, 10), st.floats(1e-3, 10), st.floats(1e-3, 10))
def test_groups_keep_the_ratio_of_their_rates(rate, own, later):
    W, b = tensors()
    start = b.numpy().copy()
    optimizer = nn.SGD([{"parameters": [W]}, {"parameters": [b], "learning_rate": own}], rate)
    optimizer.learning_rate = later
    b.grad = np.ones((2, 1))
    optimizer.step()
    np.testing.assert_allclose(b.numpy(), start - later * own / rate, rtol=1e-9, atol=1e-9)


W0, B0 = tensors()


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.SGD([], 0.1), "there are no parameters to optimise"),
        (lambda: nn.SGD(W0, 0.1), "takes a list of parameters, or of groups of them; got a Tensor: put it into a list"),
        (lambda: nn.SGD({"parameters": [W0]}, 0.1), "got a dict: put it into a list"),
        (lambda: nn.SGD([W0, W0], 0.1), "W stands in the parameters twice, and would be moved twice a step"),
        (
            lambda: nn.Adam([{"parameters": [W0]}, {"parameters": [B0, W0]}], 0.1),
            "W stands in groups 0 and 1, and would be moved twice a step",
        ),
        (lambda: nn.Adam([{"parameters": []}], 0.1), "group 0 holds no parameters"),
        (lambda: nn.Adam([{"params": [W0]}], 0.1), "group 0 has no \"parameters\"; it has 'params'"),
        (lambda: nn.Adam([{}], 0.1), 'group 0 has no "parameters"; it has nothing'),
        (lambda: nn.Adam([{"parameters": [W0]}, B0], 0.1), "parameters beside groups of parameters must be in a"),
        (
            lambda: nn.SGD([{"parameters": [W0], "beta": 0.9}], 0.1),
            "group 0 has an unknown setting 'beta'; SGD knows learning_rate, momentum, nesterov, weight_decay",
        ),
        (lambda: nn.SGD([{"parameters": [W0], "clip_norm": 1.0}], 0.1), "group 0 has an unknown setting 'clip_norm'"),
        (
            lambda: nn.SGD([{"parameters": [W0], "momentum": 1}], 0.1),
            "momentum of group 0 must be at least 0 and below 1; got 1",
        ),
        (lambda: nn.SGD([{"parameters": [W0], "learning_rate": 0}], 0.1), "the learning rate must be a positive"),
        (lambda: nn.SGD([np.ones(2)], 0.1), "a parameter is a Tensor with requires_grad; got array"),
        (lambda: nn.Adam([W0]), "Adam: the learning rate must be a number, such as 0.01; got None"),
        (
            lambda: nn.Adam([{"parameters": [W0], "learning_rate": 1}, {"parameters": [B0]}]),
            "the learning rate must be a number, such as 0.01; got None: group 1 has none of its own",
        ),
        (lambda: nn.SGD([W0], 0.1, momentum=-0.1), "momentum must be at least 0 and below 1; got -0.1"),
        (lambda: nn.SGD([W0], 0.1, nesterov=True), "nesterov needs a momentum above 0, such as momentum=0.9"),
        (lambda: nn.SGD([W0], 0.1, momentum=0.9, nesterov=1), "nesterov must be True or False; got 1"),
        (lambda: nn.SGD([W0], 0.1, weight_decay=-1), "weight_decay must not be negative; got -1"),
        (lambda: nn.SGD([W0], 0.1, weight_decay=np.nan), "weight_decay must be a finite number; got nan"),
        (lambda: nn.Momentum([W0], 0.1, beta=1), "beta must be at least 0 and below 1; got 1"),
        (lambda: nn.RMSProp([W0], 0.1, beta=True), "beta must be a number; got True"),
        (lambda: nn.AdaGrad([W0], 0.1, epsilon=0), "epsilon must be positive; got 0"),
        (lambda: nn.Adam([W0], 0.1, beta2=1.5), "beta2 must be at least 0 and below 1; got 1.5"),
        (lambda: nn.Adam([W0], 0.1, clip_norm=0), "clip_norm must be positive; got 0"),
        (lambda: nn.Adam([W0], 0.1, clip_value="1"), "clip_value must be a number; got '1'"),
    ],
)  # fmt: skip
def test_what_cannot_be_optimised_is_told(make, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        make()


def test_a_formula_that_is_missing_is_told():
    with pytest.raises(NotImplementedError, match=r"Bare must define formula\(\)"):
        steps(type("Bare", (ElementwiseOptimizer,), {})(tensors(), 0.1, None, None), 1)


# Going on


@every
@given(st.integers(0, 4), st.integers(1, 4))
@settings(max_examples=5)
def test_a_state_goes_on_to_the_same_bits(make, before, after):
    there = make(tensors(), 0.1)
    steps(there, before)
    there.learning_rate *= 0.5
    here = make([mg.Tensor(p.numpy(), name=p.name) for p in sorted(there.parameters, key=lambda p: p.name)], 0.1)
    here.load_state_dict(there.state_dict())
    for optimizer in (there, here):
        steps(optimizer, after, seed=1)
    assert bits(here.parameters) == bits(there.parameters)
    assert here.learning_rate == there.learning_rate


def test_a_state_is_a_copy_in_both_directions():
    optimizer = nn.Adam(tensors(), 0.1)
    steps(optimizer, 2)
    state = optimizer.state_dict()
    state["mean.0"][:] = 7
    assert not np.any(optimizer.state_dict()["mean.0"] == 7)
    optimizer.load_state_dict(state)
    state["mean.0"][:] = 8
    assert np.all(optimizer.state_dict()["mean.0"] == 7)


def test_a_state_holds_arrays_and_numbers_by_name():
    W, b = tensors()
    optimizer = nn.Adam([W, b], 0.1)
    steps(optimizer, 3)
    state = optimizer.state_dict()
    assert {name: np.shape(value) for name, value in state.items()} == {
        "learning_rate": (), "steps": (), "mean.0": (2, 3), "mean.1": (2, 1), "squares.0": (2, 3), "squares.1": (2, 1),
    }  # fmt: skip
    assert state["steps"] == 3


def test_a_state_that_does_not_fit_is_told_in_full_and_changes_nothing():
    optimizer = nn.Adam(tensors(), 0.1)
    steps(optimizer, 2)
    good = optimizer.state_dict()
    bad = dict(good, **{"mean.0": np.zeros((3, 2)), "mean.1": np.zeros((2, 1), np.float32), "velocity.0": 1.0})
    bad.update(steps=-1, learning_rate="fast")
    del bad["squares.0"]
    with pytest.raises(ValueError, match="the state does not fit this Adam") as error:
        optimizer.load_state_dict(bad)
    assert str(error.value).splitlines()[1:] == [
        "  learning_rate must be a number, finite and not negative; got 'fast'",
        "  steps must be a number, finite and not negative; got -1",
        "  mean.0 must have shape (2, 3); got (3, 2)",
        "  mean.1 must have dtype float64; got float32",
        "  squares.0 is missing",
        "  velocity.0 is unexpected",
    ]
    for name, value in optimizer.state_dict().items():
        np.testing.assert_array_equal(value, good[name])
    with pytest.raises(TypeError, match="load_state_dict needs a dict of arrays and numbers; got list"):
        optimizer.load_state_dict([good])


def test_two_runs_are_one_where_the_state_is_handed_over():
    def run(epochs, model, state=None):
        made = []

        def optimizer(parameters, rate):
            made.append(nn.Adam(parameters, rate))
            if state is not None:
                made[0].load_state_dict(state)
            return made[0]

        fit(model, epochs=epochs, optimizer=optimizer, batch_size=None, compiled=False)
        return made[0].state_dict()

    model, whole = nn.MLP([3, 4, 1], seed=0), nn.MLP([3, 4, 1], seed=0)
    run(3, model, run(2, model))
    run(5, whole)
    assert bits(model.parameters()) == bits(whole.parameters())
