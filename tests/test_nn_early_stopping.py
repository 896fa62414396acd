"""EarlyStopping ends a run where it no longer gets better, and gives back the best epoch to the bit."""

import re

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_nd import nn


def data(seed=0, m=23):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, 2, (1, m))


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 30, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


def network():
    return nn.MLP([3, 4, 1], seed=1)


def bits(model):
    return [p.numpy().tobytes() for p in model.parameters()]


def scripted(values, name):
    """A metric that takes the values of a list, an epoch each."""
    left = iter(values)

    def metric(A, Y):
        return next(left)

    metric.__name__ = name
    return metric


def run(values, name="score", **options):
    """Train with a metric of such values; full batches, so that it is called once an epoch."""
    stopping = nn.EarlyStopping(monitor=name, **options)
    seen = []
    model = network()
    callbacks = [lambda training: seen.append(bits(training.model)), stopping]
    history = fit(model, *data(), metric=scripted(values, name), epochs=len(values), callbacks=callbacks)
    return model, history, stopping, seen


# When it ends, and where


@given(st.lists(st.integers(0, 9), min_size=1, max_size=12), st.integers(1, 4), st.integers(0, 3), st.booleans())
@settings(max_examples=40, deadline=None)
def test_a_run_ends_once_patience_is_over_with_the_bits_of_its_best_epoch(values, patience, margin, higher):
    options = {"patience": patience, "min_improvement": margin, "higher_is_better": higher}
    model, history, stopping, seen = run([float(v) for v in values], **options)
    best, best_epoch, ended = None, None, len(values)
    for epoch, value in enumerate(values, 1):
        if best is None or (value - best if higher else best - value) > margin:
            best, best_epoch = value, epoch
        elif epoch - best_epoch == patience:
            ended = epoch
            break
    assert len(history) == ended
    assert (stopping.best, stopping.best_epoch) == (best, best_epoch)
    assert bits(model) == seen[best_epoch - 1]
    assert (history.stopped is not None) == (ended - best_epoch == patience)


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize("batch_size", [None, 8])
def test_the_best_epoch_on_the_validation_samples_comes_back_to_the_bit(compiled, batch_size):
    seen = []
    options = {"validation": data(seed=5), "batch_size": batch_size, "compiled": compiled, "learning_rate": 2.0}
    stopping = nn.EarlyStopping(patience=3)
    model = network()
    callbacks = [stopping, lambda training: seen.append(bits(training.model))]
    history = fit(model, *data(), callbacks=callbacks, **options)
    best = int(np.argmin(history.validation_cost))
    assert stopping.best_epoch == best + 1 < len(history) < 30
    assert bits(model) == seen[best] != seen[-1]


def test_a_model_stays_at_its_last_epoch_where_that_is_asked_for():
    model, _, stopping, seen = run([3.0, 2.0, 1.0], patience=2, restore_best=False)
    assert stopping.best_epoch == 1
    assert bits(model) == seen[-1] != seen[0]


def test_the_best_epoch_comes_back_also_where_the_run_ends_otherwise():
    model, history, _, seen = run([3.0, 2.0, 1.0], patience=9)
    assert history.stopped is None
    assert bits(model) == seen[0]


def test_the_best_epoch_comes_back_after_an_interrupt():
    def interrupting(training):
        seen.append(bits(training.model))
        if training.epoch == 3:
            raise KeyboardInterrupt

    seen = []
    model = network()
    callbacks = [nn.EarlyStopping(monitor="score"), interrupting]
    history = fit(model, *data(), metric=scripted([3.0, 2.0, 1.0], "score"), epochs=3, callbacks=callbacks)
    assert history.interrupted
    assert bits(model) == seen[0]


def test_a_run_that_fails_keeps_the_values_that_its_error_tells_of():
    def failing(training):
        if training.epoch == 3:
            raise ZeroDivisionError

    model, three = network(), network()
    callbacks = [nn.EarlyStopping(monitor="score"), failing]
    with pytest.raises(ZeroDivisionError):
        fit(model, *data(), metric=scripted([3.0, 2.0, 1.0], "score"), epochs=3, callbacks=callbacks)
    fit(three, *data(), epochs=3)
    assert bits(model) == bits(three)


def test_nan_is_never_better():
    model, history, stopping, seen = run([np.nan, 1.0, np.nan, np.nan], patience=2)
    assert stopping.best_epoch == 2
    assert len(history) == 4
    assert bits(model) == seen[1]
    model, history, stopping, seen = run([np.nan] * 3, patience=2)
    assert history.stopped == "score has been nan for 2 epochs"
    assert stopping.best is None
    assert bits(model) == seen[-1]


def test_it_says_why_the_run_ended():
    assert run([2.0, 1.0], patience=1)[1].stopped == "score has not been above 2, that of epoch 1, for 1 epoch"
    _, history, *_ = run([1.0, 1.0, 1.0], "error", patience=2, min_improvement=0.5)
    assert history.stopped == "error has not been below 1, that of epoch 1, by more than 0.5 for 2 epochs"


def test_one_object_serves_several_runs():
    stopping = nn.EarlyStopping(patience=2, monitor="score")
    for values in ([9.0, 8.0, 7.0, 6.0], [1.0, 0.0, 0.0, 0.0]):
        history = fit(network(), *data(), metric=scripted(values, "score"), epochs=4, callbacks=[stopping])
        assert len(history) == 3
        assert stopping.best == values[0]


# What it watches


@pytest.mark.parametrize(
    ("options", "series"), [({}, "cost"), ({"validation": data(seed=1)}, "validation cost")], ids=["", "validated"]
)
def test_the_cost_on_the_validation_samples_is_watched_where_there_are_any_else_that_in_training(options, series):
    stopping = nn.EarlyStopping()
    history = fit(network(), *data(), epochs=3, callbacks=[stopping], **options)
    assert stopping.best == min(history.series()[series])


@pytest.mark.parametrize("monitor", ["validation cost", "validation_cost", "accuracy", "validation accuracy"])
def test_a_series_is_watched_by_its_name(monitor):
    stopping = nn.EarlyStopping(monitor=monitor)
    history = fit(network(), *data(), epochs=3, validation=data(seed=1), callbacks=[stopping])
    values = history.series()[monitor.replace("_", " ")]
    assert stopping.best == (max(values) if "accuracy" in monitor else min(values))


@pytest.mark.parametrize(
    ("monitor", "message"),
    [
        ("validation cost", "this run has no series 'validation cost' without validation samples: give fit(..., valid"),
        ("f1", "this run has no series 'f1'; it has 'cost', 'accuracy'"),
    ],
)
def test_a_series_that_the_run_does_not_have_is_told_before_anything_changes(monitor, message):
    model = network()
    with pytest.raises(ValueError, match=re.escape(message)):
        fit(model, *data(), callbacks=[nn.EarlyStopping(monitor=monitor)])
    assert bits(model) == bits(network())


def test_a_series_whose_better_direction_its_name_does_not_say_is_told():
    with pytest.raises(ValueError, match="is more of 'spread' better, or less"):
        run([1.0], "spread")
    assert run([1.0, 2.0], "spread", higher_is_better=True)[2].best == 2
    assert run([1.0, 2.0], "spread", higher_is_better=False)[2].best == 1


@pytest.mark.parametrize(
    ("setting", "message"),
    [
        ({"patience": 0}, "patience must be at least 1; got 0"),
        ({"patience": 1.5}, "patience must be an int; got 1.5"),
        ({"min_improvement": -1}, "min_improvement must not be negative; got -1"),
        ({"monitor": 3}, "monitor must be the name of a series, such as 'validation cost'; got 3"),
        ({"restore_best": 1}, "restore_best must be True or False; got 1"),
        ({"higher_is_better": "yes"}, "higher_is_better must be True or False; got 'yes'"),
    ],
)
def test_settings_that_make_no_sense_are_told(setting, message):
    with pytest.raises((TypeError, ValueError), match=re.escape(message)):
        nn.EarlyStopping(**setting)
