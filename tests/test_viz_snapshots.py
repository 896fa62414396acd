"""Snapshots of a model on its way."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from micrograd_nd import nn, viz

X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 0, 1, 1]])


def run(frames, epochs, model=None, **options):
    options = {"learning_rate": 0.5, "seed": 0, "progress": False, **options}
    return nn.fit(model or nn.LogisticRegression(1), X, Y, epochs=epochs, callbacks=[frames], **options)


@given(st.integers(1, 30), st.integers(1, 12))
@settings(max_examples=30)
def test_snapshots_are_taken_before_training_every_so_many_epochs_and_in_the_end(epochs, every):
    frames = viz.Snapshots(every)
    run(frames, epochs)
    assert frames.epochs == sorted({*range(0, epochs + 1, every), epochs})
    assert len(frames.states) == len(frames.epochs)


@given(st.integers(1, 60), st.integers(1, 3), st.integers(2, 6))
@settings(max_examples=30)
def test_there_are_never_more_than_the_limit_and_the_last(epochs, every, limit):
    frames = viz.Snapshots(every, limit=limit)
    run(frames, epochs)
    assert len(frames.epochs) <= limit + 1
    assert (frames.epochs[0], frames.epochs[-1]) == (0, epochs)
    assert all(epoch % frames.every == 0 for epoch in frames.epochs[:-1])
    # At least about half of what there is room for is there.
    assert len(frames.epochs) >= min(epochs // every, limit // 2)


@pytest.mark.parametrize("compiled", [True, False])
def test_a_snapshot_is_what_the_model_was_after_its_epoch(compiled):
    frames = viz.Snapshots(every=3)
    run(frames, 8, compiled=compiled)
    for epoch, state in zip(frames.epochs[1:], frames.states[1:], strict=True):
        model = nn.LogisticRegression(1)
        run(viz.Snapshots(), epoch, model, compiled=compiled)
        for name, value in model.state_dict().items():
            assert np.array_equal(state[name], value)
    assert not frames.states[0]["layers.0.W"].any()


def test_buffers_and_dtypes_are_kept():
    model = nn.Sequential(nn.BatchNorm(1, dtype=np.float32), nn.Dense(1, 1, "sigmoid", seed=0, dtype=np.float32))
    frames = viz.Snapshots()
    run(frames, 2, model)
    assert frames.states[-1].keys() == model.state_dict().keys()
    assert all(value.dtype == np.float32 for value in frames.states[-1].values())
    assert not np.array_equal(*(state["layers.0.running_variance"] for state in frames.states[:2]))


def test_another_run_is_recorded_anew():
    frames = viz.Snapshots(every=2, limit=3)
    run(frames, 20)
    run(frames, 3)
    assert frames.epochs == [0, 2, 3]


def test_the_last_epoch_is_there_also_where_a_callback_ends_the_run():
    frames = viz.Snapshots(every=4)
    model = nn.LogisticRegression(1)
    seen = []

    def stop(training):
        seen.append(training.model.state_dict())
        if training.epoch == 6:
            training.stop("enough")

    settings = {"epochs": 50, "learning_rate": 0.5, "seed": 0, "progress": False}
    nn.fit(model, X, Y, callbacks=[frames, stop], **settings)
    assert frames.epochs == [0, 4, 6]
    assert np.array_equal(frames.states[-1]["layers.0.W"], seen[-1]["layers.0.W"])


def test_a_run_that_fails_leaves_what_there_was_until_then():
    frames = viz.Snapshots(every=4)

    def fail(training):
        if training.epoch == 6:
            raise RuntimeError("no more")

    with pytest.raises(RuntimeError, match="no more"):
        nn.fit(
            nn.LogisticRegression(1),
            X,
            Y,
            epochs=9,
            learning_rate=0.5,
            seed=0,
            callbacks=[frames, fail],
            progress=False,
        )
    assert frames.epochs == [0, 4, 6]


@pytest.mark.parametrize("snapshots_first", [True, False])
@pytest.mark.parametrize("broken_off", [4, 7])
def test_a_run_that_goes_on_from_a_checkpoint_has_the_snapshots_of_a_whole_one(tmp_path, snapshots_first, broken_off):
    def go(frames, epochs, **options):
        callbacks = [frames, nn.Checkpoint(tmp_path / "run")]
        settings = {"learning_rate": 0.5, "seed": 0, "progress": False, **options}
        ordered = callbacks if snapshots_first else callbacks[::-1]
        nn.fit(nn.LogisticRegression(1), X, Y, epochs=epochs, callbacks=ordered, **settings)

    whole, resumed = viz.Snapshots(every=2, limit=4), viz.Snapshots(every=2, limit=4)
    go(whole, 12)
    go(viz.Snapshots(every=2, limit=4), broken_off)
    go(resumed, 12, resume=tmp_path / "run")
    assert resumed.epochs == whole.epochs
    for one, other in zip(resumed.states, whole.states, strict=True):
        assert all(np.array_equal(one[name], other[name]) for name in other)
    assert len(resumed.history) == 12


def test_a_checkpoint_without_snapshots_is_gone_on_from_with_those_that_follow(tmp_path):
    settings = {"learning_rate": 0.5, "seed": 0, "progress": False}
    nn.fit(nn.LogisticRegression(1), X, Y, epochs=3, callbacks=[nn.Checkpoint(tmp_path / "run")], **settings)
    frames = viz.Snapshots(every=2)
    nn.fit(nn.LogisticRegression(1), X, Y, epochs=6, callbacks=[frames], resume=tmp_path / "run", **settings)
    assert frames.epochs == [3, 4, 6]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"epochs": np.array([2, 1])}, "malformed"),
        ({"epochs": np.array([0, 99])}, "malformed"),
        ({"epochs": None}, "malformed"),
        ({"every": 0}, "malformed"),
        ({"every": "2"}, "malformed"),
        ({"states.layers.0.W": np.zeros((2, 5, 5))}, "snapshots of layers.0.W are not of this model"),
        ({"states.layers.0.b": None}, "snapshots of layers.0.b are not of this model"),
    ],
)
def test_a_state_that_is_none_is_refused(change, message):
    frames = viz.Snapshots()
    model = nn.LogisticRegression(1)
    run(frames, 1, model)
    training = nn.Training(model, None, nn.History(), 5, epoch=1)
    with pytest.raises(ValueError, match=message):
        viz.Snapshots().resume(training, frames.state_dict() | change)


@pytest.mark.parametrize(("settings", "error"), [((0,), ValueError), ((1.5,), TypeError), ((True,), TypeError)])
def test_numbers_that_count_nothing_are_told(settings, error):
    with pytest.raises(error, match="every must be"):
        viz.Snapshots(*settings)


def test_a_limit_leaves_room_for_two():
    with pytest.raises(ValueError, match="limit must be at least 2"):
        viz.Snapshots(limit=1)
