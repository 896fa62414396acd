"""Optimisers, clipping and schedules are those of PyTorch, step by step.

Optional: needs PyTorch; `make against-torch` installs it beside everything else.
"""

import warnings

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn

torch = pytest.importorskip("torch", reason="compares with PyTorch, which is not installed: pip install torch")

SHAPES = [(3, 4), (3, 1), (2, 3), (2, 1)]
STEPS = 50
RNG = np.random.default_rng(0)
START = [RNG.normal(size=shape) for shape in SHAPES]
# Gradients of sums of curvature * (p - goal)**2 / 2, whose goals move: they depend on where a parameter is, as ever.
CURVATURES = [RNG.uniform(0.1, 2, size=shape) for shape in SHAPES]
GOALS = [[RNG.normal(size=shape) for shape in SHAPES] for _ in range(STEPS)]


def gradients(t, values, scale=1.0):
    return [scale * c * (p - goal) for c, p, goal in zip(CURVATURES, values, GOALS[t], strict=True)]


def assert_same_steps(make, make_torch, scale=1.0, missing=lambda t, i: False, clip=None):
    """Make the same steps with both, and compare the parameters after each."""
    ours = [mg.Tensor(p) for p in START]
    theirs = [torch.tensor(p, requires_grad=True) for p in START]
    optimizer, reference = make(ours), make_torch(theirs)
    for t in range(STEPS):
        for i, (p, g) in enumerate(zip(ours, gradients(t, [p.numpy() for p in ours], scale), strict=True)):
            p.grad = None if missing(t, i) else g
        optimizer.step()
        found = gradients(t, [q.detach().numpy() for q in theirs], scale)
        for i, (q, g) in enumerate(zip(theirs, found, strict=True)):
            q.grad = None if missing(t, i) else torch.tensor(g)
        if clip is not None:
            clip(theirs)
        reference.step()
        for p, q in zip(ours, theirs, strict=True):
            np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-12, atol=1e-14, err_msg=f"step {t}")
    assert not any(np.allclose(p.numpy(), start) for p, start in zip(ours, START, strict=True))


CASES = {
    "SGD": (lambda p: nn.SGD(p, 0.1), lambda p: torch.optim.SGD(p, 0.1)),
    "SGD, decay": (
        lambda p: nn.SGD(p, 0.1, weight_decay=0.05),
        lambda p: torch.optim.SGD(p, 0.1, weight_decay=0.05),
    ),
    "SGD, momentum": (lambda p: nn.SGD(p, 0.1, momentum=0.9), lambda p: torch.optim.SGD(p, 0.1, momentum=0.9)),
    "SGD, Nesterov, decay": (
        lambda p: nn.SGD(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.05),
        lambda p: torch.optim.SGD(p, 0.1, momentum=0.8, nesterov=True, weight_decay=0.05),
    ),
    "Momentum, decay": (
        lambda p: nn.Momentum(p, 0.1, beta=0.9, weight_decay=0.05),
        lambda p: torch.optim.SGD(p, 0.1 * (1 - 0.9), momentum=0.9, weight_decay=0.05),
    ),
    "AdaGrad": (lambda p: nn.AdaGrad(p, 0.1), lambda p: torch.optim.Adagrad(p, 0.1)),
    "AdaGrad, decay": (
        lambda p: nn.AdaGrad(p, 0.1, epsilon=1e-3, weight_decay=0.05),
        lambda p: torch.optim.Adagrad(p, 0.1, eps=1e-3, weight_decay=0.05),
    ),
    "RMSProp": (lambda p: nn.RMSProp(p, 0.01, beta=0.99), lambda p: torch.optim.RMSprop(p, 0.01)),
    "RMSProp, decay": (
        lambda p: nn.RMSProp(p, 0.01, epsilon=1e-3, weight_decay=0.05),
        lambda p: torch.optim.RMSprop(p, 0.01, alpha=0.9, eps=1e-3, weight_decay=0.05),
    ),
    "Adam": (lambda p: nn.Adam(p, 0.01), lambda p: torch.optim.Adam(p, 0.01)),
    "Adam, decay": (
        lambda p: nn.Adam(p, 0.01, beta1=0.7, beta2=0.9, epsilon=1e-3, weight_decay=0.05),
        lambda p: torch.optim.Adam(p, 0.01, betas=(0.7, 0.9), eps=1e-3, weight_decay=0.05),
    ),
    "AdamW": (lambda p: nn.AdamW(p, 0.01), lambda p: torch.optim.AdamW(p, 0.01)),
    "AdamW, decay": (
        lambda p: nn.AdamW(p, 0.01, beta1=0.7, beta2=0.9, epsilon=1e-3, weight_decay=0.5),
        lambda p: torch.optim.AdamW(p, 0.01, betas=(0.7, 0.9), eps=1e-3, weight_decay=0.5),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_steps_are_the_same(name):
    assert_same_steps(*CASES[name])


@pytest.mark.parametrize("name", [name for name in CASES if "Adam" not in name])
def test_steps_are_the_same_where_a_parameter_has_no_gradient_for_a_while(name):
    assert_same_steps(*CASES[name], missing=lambda t, i: i == 1 and 5 <= t < 20)


def test_groups_have_settings_of_their_own():
    assert_same_steps(
        lambda p: nn.Adam(
            [{"parameters": p[::2], "learning_rate": 0.1}, {"parameters": p[1::2], "weight_decay": 0}],
            0.01,
            weight_decay=0.05,
        ),
        lambda p: torch.optim.Adam(
            [{"params": p[::2], "lr": 0.1}, {"params": p[1::2], "weight_decay": 0}], 0.01, weight_decay=0.05
        ),
    )


def test_clipping_by_value_is_the_same():
    assert_same_steps(
        lambda p: nn.SGD(p, 0.1, clip_value=0.3),
        lambda p: torch.optim.SGD(p, 0.1),
        clip=lambda p: torch.nn.utils.clip_grad_value_(p, 0.3),
    )


def test_clipping_by_norm_is_the_same():
    # PyTorch adds 1e-6 to the norm, which drowns in one of 1e9.
    assert_same_steps(
        lambda p: nn.SGD(p, 0.1, clip_norm=0.7),
        lambda p: torch.optim.SGD(p, 0.1),
        scale=1e9,
        clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 0.7),
    )


def test_short_gradients_are_left_alone_as_there():
    assert_same_steps(
        lambda p: nn.SGD(p, 0.1, clip_norm=1e3, clip_value=1e3),
        lambda p: torch.optim.SGD(p, 0.1),
        clip=lambda p: torch.nn.utils.clip_grad_norm_(p, 1e3),
    )


SCHEDULES = {
    "constant": (nn.ConstantRate(0.3), lambda o: torch.optim.lr_scheduler.ConstantLR(o, factor=1)),
    "step": (nn.StepDecay(0.3, every=7, factor=0.2), lambda o: torch.optim.lr_scheduler.StepLR(o, 7, gamma=0.2)),
    "exponential": (nn.ExponentialDecay(0.3, 0.9), lambda o: torch.optim.lr_scheduler.ExponentialLR(o, 0.9)),
    "inverse time": (
        nn.InverseTimeDecay(0.3, 0.5),
        lambda o: torch.optim.lr_scheduler.LambdaLR(o, lambda epoch: 1 / (1 + 0.5 * epoch)),
    ),
    "cosine": (
        nn.CosineDecay(0.3, STEPS, lowest=0.01),
        lambda o: torch.optim.lr_scheduler.CosineAnnealingLR(o, STEPS, eta_min=0.01),
    ),
    "warm-up": (
        nn.Warmup(5, nn.CosineDecay(0.3, STEPS - 5), start=0.25),
        lambda o: torch.optim.lr_scheduler.SequentialLR(
            o,
            [
                torch.optim.lr_scheduler.LinearLR(o, start_factor=0.25, total_iters=5),
                torch.optim.lr_scheduler.CosineAnnealingLR(o, STEPS - 5),
            ],
            milestones=[5],
        ),
    ),
}


@pytest.mark.parametrize("name", SCHEDULES)
def test_rates_are_the_same(name):
    schedule, make = SCHEDULES[name]
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], 0.3)
    expected = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of what PyTorch calls within itself
        scheduler = make(optimizer)
        for _ in range(STEPS):
            expected.append(optimizer.param_groups[0]["lr"])
            optimizer.step()
            scheduler.step()
    np.testing.assert_allclose([schedule(epoch) for epoch in range(STEPS)], expected, rtol=1e-11)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("name", CASES)
def test_logistic_regression_is_trained_the_same(name, compiled):
    make, make_torch = CASES[name]
    X, Y = RNG.normal(size=(4, 30)), RNG.integers(0, 2, (1, 30)) * 1.0
    model = nn.LogisticRegression(4)
    nn.fit(
        model, X, Y, epochs=STEPS, learning_rate=1.0, seed=0, progress=False, compiled=compiled,
        optimizer=lambda parameters, rate: make(parameters),
    )  # fmt: skip
    W, b = torch.zeros((1, 4), dtype=float, requires_grad=True), torch.zeros((1, 1), dtype=float, requires_grad=True)
    optimizer = make_torch([W, b])
    for _ in range(STEPS):
        optimizer.zero_grad()
        Z = W @ torch.tensor(X) + b
        torch.nn.functional.binary_cross_entropy_with_logits(Z, torch.tensor(Y)).backward()
        optimizer.step()
    for p, q in zip(model.parameters(), (W, b), strict=True):
        np.testing.assert_allclose(p.numpy(), q.detach().numpy(), rtol=1e-9)
