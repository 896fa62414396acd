"""A schedule is a function of the epoch, and fit gives the optimiser its rate when the epoch starts."""

import math
import re

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from micrograd_nd import nn

rates = st.floats(1e-6, 1e3)
epochs = st.one_of(st.integers(0, 200), st.floats(0, 200))
falling = st.one_of(
    st.builds(nn.ConstantRate, rates),
    st.builds(nn.StepDecay, rates, st.integers(1, 50), st.floats(0.5, 1)),
    st.builds(nn.ExponentialDecay, rates, st.floats(0.5, 1)),
    st.builds(nn.InverseTimeDecay, rates, st.floats(0, 10)),
    st.builds(nn.CosineDecay, rates, st.integers(1, 100)),
)
X, Y = np.array([[-2.0, -1.0, 1.0, 2.5]]), np.array([[0, 0, 1, 1]])


def fit(**options):
    model = nn.LogisticRegression(1)
    settings = {"epochs": 6, "learning_rate": 0.5, "seed": 0, "progress": False}
    return model, nn.fit(model, X, Y, **settings | options)


# Schedules


@given(falling)
def test_every_schedule_begins_with_its_rate(schedule):
    assert schedule(0) == schedule.rate


@given(falling, epochs, epochs)
def test_a_rate_that_decays_never_rises(schedule, one, other):
    earlier, later = sorted([one, other])
    assert 0 <= schedule(later) <= schedule(earlier) * (1 + 1e-12) <= schedule.rate * (1 + 1e-9)


@given(rates, st.integers(1, 100), epochs)
def test_the_cosine_falls_as_far_below_the_middle_as_it_was_above(rate, length, epoch):
    schedule, epoch = nn.CosineDecay(rate, length, lowest=rate / 4), min(epoch, length)
    assert schedule(epoch) + schedule(length - epoch) == pytest.approx(rate + rate / 4)


@given(rates, st.integers(1, 100), epochs)
def test_the_cosine_stays_at_its_lowest(rate, length, epoch):
    assert nn.CosineDecay(rate, length, lowest=rate / 4)(length + epoch) == pytest.approx(rate / 4)


@given(rates, st.integers(1, 20), st.integers(0, 9), st.floats(0.5, 1))
def test_a_step_decay_is_constant_between_steps(rate, every, steps, factor):
    schedule = nn.StepDecay(rate, every, factor)
    first = steps * every
    assert {schedule(first), schedule(first + every / 2), schedule(first + every - 0.01)} == {rate * factor**steps}


@given(falling, st.integers(1, 20), epochs)
def test_after_the_warm_up_comes_the_other_schedule_from_its_beginning(then, length, epoch):
    assert nn.Warmup(length, then)(length + epoch) == then(length + epoch - length)


@given(falling, st.integers(1, 20), st.floats(0.01, 1), st.floats(0, 1))
def test_a_warm_up_rises_linearly_from_its_start(then, length, start, part):
    schedule = nn.Warmup(length, then, start=start)
    assert schedule(0) == pytest.approx(start * then(0))
    assert schedule(part * length) == pytest.approx((start + part * (1 - start)) * then(0))


def test_a_warm_up_may_come_before_any_function_and_another_warm_up():
    assert nn.Warmup(2, lambda epoch: 1 / (1 + epoch))(3) == 0.5
    assert nn.Warmup(2, nn.Warmup(4, nn.ConstantRate(1.0), start=0.5))(4) == 0.75


@given(falling)
def test_the_repr_of_a_schedule_makes_it_again(schedule):
    assert eval(repr(schedule), vars(nn)) == schedule  # noqa: S307 - of a repr made here


@pytest.mark.parametrize(
    ("schedule", "text"),
    [
        (nn.StepDecay(1, every=10), "StepDecay(rate=1.0, every=10, factor=0.1)"),
        (nn.CosineDecay(0.1, 30), "CosineDecay(rate=0.1, epochs=30, lowest=0.0)"),
        (
            nn.Warmup(5, nn.InverseTimeDecay(0.2, 1)),
            "Warmup(epochs=5, then=InverseTimeDecay(rate=0.2, decay_rate=1.0), start=0.1)",
        ),
    ],
)
def test_a_schedule_reads_as_it_was_made(schedule, text):
    assert repr(schedule) == text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: nn.ConstantRate(0), "the learning rate must be a positive number, such as 0.01; got 0"),
        (lambda: nn.StepDecay(0.1, every=0), "every must be positive; got 0"),
        (lambda: nn.StepDecay(0.1, every=2, factor=-1), "factor must be positive; got -1"),
        (lambda: nn.ExponentialDecay(0.1, math.inf), "factor must be a finite number; got inf"),
        (lambda: nn.ExponentialDecay("0.1", 0.9), "the learning rate must be a number; got '0.1'"),
        (lambda: nn.InverseTimeDecay(0.1, -1), "decay_rate must not be negative; got -1"),
        (lambda: nn.CosineDecay(0.1, 0), "epochs must be positive; got 0"),
        (lambda: nn.CosineDecay(0.1, 9, lowest=0.2), "the lowest rate must not be above the first, 0.1; got 0.2"),
        (lambda: nn.Warmup(5, 0.1), "then must be a schedule, such as nn.ConstantRate(0.1); got 0.1"),
        (
            lambda: nn.Warmup(5, nn.ConstantRate(1), start=2),
            "start is a fraction of the rate to reach, at most 1; got 2",
        ),
        (lambda: nn.Warmup(5, nn.ConstantRate(1), start=0), "start must be positive; got 0"),
        (lambda: nn.ConstantRate(1)(-1), "an epoch must not be negative; got -1"),
        (lambda: nn.CosineDecay(1, 5)("1"), "an epoch must be a number; got '1'"),
    ],
)
def test_numbers_that_make_no_schedule_are_told(make, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        make()


# In training


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("batch_size", [None, 3])
def test_fit_sets_the_rate_of_each_epoch_and_records_it(compiled, batch_size):
    schedule = nn.Warmup(2, nn.CosineDecay(0.5, 4))
    _, history = fit(learning_rate=schedule, compiled=compiled, batch_size=batch_size)
    assert history.learning_rate == [schedule(epoch) for epoch in range(6)]


def test_the_steps_of_an_epoch_have_its_rate():
    model, _ = fit(learning_rate=lambda epoch: [0.5, 0.25][epoch], epochs=2, optimizer=nn.SGD)
    same, _ = fit(learning_rate=0.5, epochs=1)
    nn.fit(same, X, Y, epochs=1, learning_rate=0.25, seed=0, progress=False)
    for p, q in zip(model.parameters(), same.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-12)


@pytest.mark.parametrize("optimizer", [nn.SGD, nn.Adam, lambda p, rate: nn.SGD(p, rate, momentum=0.5)])
def test_a_schedule_trains_the_same_compiled_or_not(optimizer):
    schedule = nn.Warmup(2, nn.ExponentialDecay(0.5, 0.5))
    (one, _), (other, _) = (
        fit(learning_rate=schedule, optimizer=optimizer, compiled=compiled, batch_size=3) for compiled in (True, False)
    )
    for p, q in zip(one.parameters(), other.parameters(), strict=True):
        np.testing.assert_allclose(p.numpy(), q.numpy(), rtol=1e-9)


def test_a_constant_rate_is_recorded_too_and_may_be_changed_by_whom_it_belongs_to():
    made = []

    def optimizer(parameters, rate):
        made.append(nn.SGD(parameters, rate))
        return made[0]

    def halving(A, Y):
        made[0].learning_rate /= 2
        return 0.0

    assert fit(learning_rate=0.5, epochs=2)[1].learning_rate == [0.5, 0.5]
    assert fit(learning_rate=0.5, epochs=3, optimizer=optimizer, metric=halving)[1].learning_rate == [0.5, 0.25, 0.125]


def test_groups_keep_their_ratio_to_the_rate_of_a_schedule():
    def optimizer(parameters, rate):
        W, b = parameters
        return nn.SGD([{"parameters": [W], "learning_rate": 4 * rate}, {"parameters": [b]}], rate)

    model, plain = nn.LogisticRegression(1), nn.LogisticRegression(1)
    options = {"epochs": 1, "seed": 0, "progress": False}
    for one, rate in ((model, lambda epoch: 0.25), (plain, 0.25)):
        nn.fit(one, X + 1, Y, learning_rate=rate, optimizer=optimizer if one is model else nn.SGD, **options)
    np.testing.assert_allclose(model.layers[0].W.numpy(), 4 * plain.layers[0].W.numpy())
    np.testing.assert_allclose(model.layers[0].b.numpy(), plain.layers[0].b.numpy())


@pytest.mark.parametrize(
    ("schedule", "message"),
    [
        (
            nn.CosineDecay(0.5, 4),
            "lowest=0.0) gives for epoch 4 must be positive; got 0.0. Epochs count from 0, and this run has 6",
        ),
        (lambda epoch: "fast", "gives for epoch 0 must be a number; got 'fast'"),
        (lambda epoch: math.nan, "gives for epoch 0 must be a finite number; got nan"),
    ],
)
def test_a_schedule_that_gives_no_rate_for_some_epoch_is_told_before_anything_changes(schedule, message):
    model = nn.LogisticRegression(1)
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.fit(model, X, Y, epochs=6, learning_rate=schedule, seed=0, progress=False)
    assert not any(p.numpy().any() for p in model.parameters())


class Fixed:
    """An optimiser whose rate is its own affair."""

    def __init__(self, parameters, rate):
        self.parameters = parameters

    def zero_grad(self):
        pass

    def step(self):
        pass


def test_an_optimizer_that_a_schedule_would_not_reach_is_refused():
    with pytest.raises(TypeError, match="sets the attribute learning_rate of the optimiser, and Fixed has none"):
        fit(learning_rate=nn.ConstantRate(0.1), optimizer=Fixed)
    assert fit(learning_rate=0.1, optimizer=Fixed, compiled=False)[1].learning_rate == []
