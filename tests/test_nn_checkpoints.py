"""A run that goes on from a checkpoint has the bits of one that was not interrupted; any other file does no harm."""

import json
import os
import re
import subprocess
import sys
from contextlib import suppress
from functools import partial

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from safetensors import safe_open
from safetensors.numpy import save as serialized

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.checkpoint_files import Snapshot, read_snapshot, write_snapshot
from micrograd_nd.nn.compiled_steps import CompiledSteps

reusing_the_folder = settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)


def data(seed=0, m=23):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, 2, (1, m))


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 7, "learning_rate": 0.1, "seed": 0, "progress": False} | options)


def network(dtype=np.float64):
    return nn.MLP([3, 4, 1], seed=1, dtype=dtype)


def bits(model):
    return {name: (x.tobytes(), x.dtype, x.shape) for name, x in model.state_dict().items()}


SERIES = ("cost", "metric", "validation_cost", "validation_metric", "learning_rate")


def whole_and_resumed(folder, make, at=(3,), **options):
    """Train without a break, and with breaks after some epochs; give what came of each."""
    optimizers = []
    made_by = options.pop("optimizer", nn.SGD)

    def kept(parameters, rate):
        optimizers.append(made_by(parameters, rate))
        return optimizers[-1]

    results = []
    X, Y = options.pop("samples", data())
    for breaks in ((), at):
        path = folder / "run.checkpoint"
        resume = None
        for epochs in (*breaks, 7):
            model = make()
            callbacks = [nn.Checkpoint(path)] if breaks else []
            history = fit(
                model, X, Y, epochs=epochs, callbacks=callbacks, resume=resume, optimizer=kept, **options
            )  # fmt: skip
            resume = path
        series = {name: np.array(getattr(history, name)).tobytes() for name in SERIES}
        state = {name: np.asarray(x).tobytes() for name, x in optimizers[-1].state_dict().items()}
        results.append((bits(model), series, state, len(history.seconds)))
    return results


def assert_goes_on(*args, **options):
    whole, resumed = whole_and_resumed(*args, **options)
    assert whole == resumed


compiled_or_not = pytest.mark.parametrize("compiled", [True, False])


# The same bits


OPTIMIZERS = {
    "SGD": nn.SGD,
    "SGD with momentum": partial(nn.SGD, momentum=0.9, nesterov=True, clip_norm=1.0),
    "Momentum": nn.Momentum,
    "AdaGrad": nn.AdaGrad,
    "RMSProp": nn.RMSProp,
    "Adam": partial(nn.Adam, weight_decay=1e-3),
    "AdamW": nn.AdamW,
}


@compiled_or_not
@pytest.mark.parametrize("batch_size", [None, 8, 12])
@pytest.mark.parametrize("name", list(OPTIMIZERS))
def test_a_resumed_run_has_the_bits_of_one_without_a_break(name, batch_size, compiled, tmp_path):
    assert_goes_on(tmp_path, network, optimizer=OPTIMIZERS[name], batch_size=batch_size, compiled=compiled)


@compiled_or_not
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_schedule_validation_and_penalties_go_on(dtype, compiled, tmp_path):
    schedule = nn.Warmup(2, nn.CosineDecay(0.1, 5))
    options = {"learning_rate": schedule, "validation": data(seed=1), "l2": 0.3, "l1": 0.1, "class_weight": "balanced"}
    assert_goes_on(
        tmp_path, partial(network, dtype), optimizer=nn.Adam, batch_size=8, compiled=compiled, **options
    )  # fmt: skip


@compiled_or_not
@pytest.mark.parametrize("at", [(1,), (1, 2), (2, 6), (6, 7), (7,)])
def test_a_run_may_be_broken_off_anywhere_and_more_than_once(at, compiled, tmp_path):
    assert_goes_on(tmp_path, network, at=at, optimizer=nn.Adam, batch_size=8, compiled=compiled)


@pytest.mark.parametrize(("m", "batch_size"), [(15, 8), (9, 8), (16, 8), (8, 8), (3, 1), (40, 13)])
def test_the_sizes_of_batches_do_not_matter(m, batch_size, tmp_path):
    wide = partial(nn.MLP, [3, 33, 17, 1], hidden="relu", seed=1, dtype=np.float32)
    assert_goes_on(tmp_path, wide, samples=data(m=m), optimizer=nn.Adam, batch_size=batch_size, at=(1, 3))


def turned(sizes):
    """A network whose matrices lie column by column."""
    model = nn.MLP(sizes, hidden="relu", output="linear", seed=1)
    for p in model.parameters():
        p.data = np.asfortranarray(p.numpy())
    return model


@pytest.mark.parametrize("n_y", [1, 3])
@compiled_or_not
def test_parameters_that_lie_otherwise_in_memory_go_on(n_y, compiled, tmp_path):
    rng = np.random.default_rng(0)
    samples = rng.normal(size=(3, 23)), rng.normal(size=(n_y, 23))
    assert_goes_on(
        tmp_path, partial(turned, [3, 40, 30, n_y]), samples=samples, optimizer=nn.Adam, batch_size=8, compiled=compiled
    )


def test_a_program_does_not_depend_on_how_parameters_lay_in_memory_before(monkeypatch):
    runs = []
    begin = CompiledSteps.begin
    monkeypatch.setattr(CompiledSteps, "begin", lambda self: runs.append(self) or begin(self))

    def turn(training):
        for p in training.model.parameters():
            p.data = np.asfortranarray(p.numpy())

    for callbacks in ([], [turn]):
        fit(nn.MLP([3, 40, 30, 1], seed=1), *data(), l2=0.1, epochs=2, callbacks=callbacks)
    # Blocks of memory are numbered as it happens.
    one, other = (
        {size: sorted(re.sub(r"\bm\d+", "m", made.source_fast).splitlines()) for size, made in run.programs.items()}
        for run in runs
    )
    assert len(one) == 1
    assert one == other


class Noisy(nn.Module):
    """Draws from generators of both kinds, in attributes and in containers."""

    def __init__(self):
        self.layer = nn.Linear(3, 1, seed=1)
        self.rngs = {"noise": [mg.default_rng(5)]}
        self.plain = np.random.default_rng(6)

    def forward(self, X):
        rng = self.rngs["noise"][0]
        return self.layer(X * (rng.random(X.shape) < 0.7)) if self.training else self.layer(X)


class Drawing(Noisy):
    """Draws from NumPy's generator, which no program can."""

    def forward(self, X):
        return self.layer(X + self.plain.normal(size=X.shape)) if self.training else self.layer(X)


@compiled_or_not
@pytest.mark.parametrize("batch_size", [None, 8])
def test_random_generators_of_modules_go_on(batch_size, compiled, tmp_path):
    assert_goes_on(tmp_path, Noisy, cost=nn.mse, batch_size=batch_size, compiled=compiled, at=(1, 4))


def test_random_generators_of_numpy_go_on(tmp_path):
    assert_goes_on(tmp_path, Drawing, cost=nn.mse, batch_size=8, compiled=False)


@pytest.mark.parametrize("kind", ["PCG64", "PCG64DXSM", "MT19937", "Philox", "SFC64"])
def test_the_order_of_samples_goes_on_whatever_it_is_drawn_from(kind, tmp_path):
    path = tmp_path / "run"
    make = lambda: np.random.Generator(getattr(np.random, kind)(3))
    whole, resumed = network(), network()
    fit(whole, *data(), batch_size=8, seed=make())
    fit(network(), *data(), batch_size=8, seed=make(), epochs=3, callbacks=[nn.Checkpoint(path)])
    fit(resumed, *data(), batch_size=8, seed=make(), resume=path)
    assert bits(whole) == bits(resumed)


@compiled_or_not
@pytest.mark.parametrize("first", [True, False])
@pytest.mark.parametrize("at", [1, 2, 3, 4, 5, 6, 7])
def test_early_stopping_goes_on_wherever_it_stands_in_the_list(at, first, compiled, tmp_path):
    def callbacks():
        both = [nn.Checkpoint(tmp_path / "run"), nn.EarlyStopping(patience=3)]
        return both if first else both[::-1]

    options = {"validation": data(seed=5), "learning_rate": 2.0, "compiled": compiled, "batch_size": 8}
    whole, model = network(), network()
    expected = fit(whole, *data(), callbacks=callbacks(), **options)
    fit(network(), *data(), epochs=min(at, len(expected)), callbacks=callbacks(), **options)
    last = callbacks()
    history = fit(model, *data(), callbacks=last, resume=tmp_path / "run", **options)
    assert history.validation_cost == expected.validation_cost
    assert history.stopped == expected.stopped
    assert bits(model) == bits(whole)


def test_early_stopping_that_was_not_there_before_watches_from_the_last_epoch_on(tmp_path):
    fit(network(), *data(), epochs=3, callbacks=[nn.Checkpoint(tmp_path / "run")])
    stopping = nn.EarlyStopping()
    history = fit(network(), *data(), epochs=5, callbacks=[stopping], resume=tmp_path / "run")
    assert stopping.best == min(history.cost[2:])


def test_a_run_without_an_epoch_left_gives_back_where_it_was(tmp_path):
    model, same = network(), network()
    expected = fit(model, *data(), callbacks=[nn.Checkpoint(tmp_path / "run")])
    history = fit(same, *data(), resume=str(tmp_path / "run"))
    assert history.cost == expected.cost
    assert history.seconds == expected.seconds
    assert bits(model) == bits(same)


def test_a_resumed_run_that_diverges_at_once_has_the_parameters_of_the_file(tmp_path):
    fit(network(), *data(), epochs=2, callbacks=[nn.Checkpoint(tmp_path / "run")], cost=nn.mse)
    model = network()
    saved = read_snapshot(tmp_path / "run").arrays["model"]

    def mse(A, Y):
        return nn.mse(A, Y) * np.nan

    for compiled in (True, False):
        with pytest.raises(FloatingPointError, match="the cost became nan in epoch 3"):
            fit(model, *data(), cost=mse, metric=None, resume=tmp_path / "run", compiled=compiled)
        assert {name: x.tobytes() for name, x in model.state_dict().items()} == {
            name: x.tobytes() for name, x in saved.items()
        }


def test_the_bar_of_a_resumed_run_begins_where_the_other_ended(tmp_path, capsys):
    fit(network(), *data(), epochs=3, callbacks=[nn.Checkpoint(tmp_path / "run")])
    fit(network(), *data(), epochs=4, resume=tmp_path / "run", progress=True)
    shown = capsys.readouterr().err
    assert "3/4" in shown
    assert "4/4 cost=" in shown


# When a file is written


@pytest.mark.parametrize(("every", "epochs", "written"), [(1, 3, [1, 2, 3]), (2, 5, [2, 4, 5]), (9, 3, [3])])
def test_a_file_is_written_every_so_many_epochs_and_after_the_last(every, epochs, written, tmp_path):
    path, seen = tmp_path / "run", []

    def look(training):
        if path.exists():
            seen.append(read_snapshot(path).facts["epoch"])
            path.unlink()

    fit(network(), *data(), epochs=epochs, callbacks=[nn.Checkpoint(path, every=every), look])
    assert seen == written


@pytest.mark.parametrize("first", [True, False])
def test_the_last_epoch_is_written_whichever_callback_ends_the_run(first, tmp_path):
    path = tmp_path / "run"
    stopping = nn.EarlyStopping(patience=2, min_improvement=1e9)
    callbacks = [nn.Checkpoint(path, every=10), stopping]
    model = network()
    history = fit(model, *data(), epochs=9, callbacks=callbacks if first else callbacks[::-1])
    assert len(history) == 3
    taken = read_snapshot(path)
    assert taken.facts["epoch"] == 3
    whole = network()
    fit(whole, *data(), epochs=3)
    np.testing.assert_array_equal(taken.arrays["model"]["layers.0.W"], whole.state_dict()["layers.0.W"])
    again = [nn.Checkpoint(path, every=10), nn.EarlyStopping(patience=2, min_improvement=1e9)]
    content = path.read_bytes()
    resumed = fit(network(), *data(), epochs=9, resume=path, callbacks=again if first else again[::-1])
    assert resumed.stopped == history.stopped
    assert path.read_bytes() == content


def test_a_run_that_is_interrupted_goes_on_from_its_last_complete_epoch(tmp_path):
    def act(training):
        if training.epoch == 4:
            raise KeyboardInterrupt

    whole, model = network(), network()
    fit(whole, *data(), batch_size=8)
    fit(network(), *data(), batch_size=8, callbacks=[act, nn.Checkpoint(tmp_path / "run")])
    assert read_snapshot(tmp_path / "run").facts["epoch"] == 3
    fit(model, *data(), batch_size=8, resume=tmp_path / "run")
    assert bits(model) == bits(whole)


def test_a_folder_that_is_not_there_is_told_before_anything_changes(tmp_path):
    model = network()
    with pytest.raises(FileNotFoundError, match=r"there is no such folder to write to: .*missing"):
        fit(model, *data(), callbacks=[nn.Checkpoint(tmp_path / "missing" / "run")])
    assert bits(model) == bits(network())


def test_an_optimizer_that_cannot_go_on_is_told_before_anything_changes(tmp_path):
    class Plain:
        def __init__(self, parameters, rate):
            pass

        def step(self):
            pass

        def zero_grad(self):
            pass

    for options in ({"callbacks": [nn.Checkpoint(tmp_path / "run")]}, {"resume": tmp_path / "run"}):
        with pytest.raises(TypeError, match=r"a checkpoint needs an optimiser with state_dict\(\) .*; Plain lacks"):
            fit(network(), *data(), optimizer=Plain, **options)


class Foreign(np.random.PCG64):
    pass


@pytest.mark.parametrize(
    ("generator", "message"),
    [
        (np.random.RandomState(0), "model.noise is a RandomState, whose state cannot be kept"),
        (np.random.Generator(Foreign(0)), "model.noise draws from Foreign, whose state cannot be kept"),
    ],
)
def test_a_generator_whose_state_cannot_be_kept_is_told_before_anything_changes(generator, message, tmp_path):
    model = network()
    model.noise = generator
    with pytest.raises(TypeError, match=re.escape(message)):
        fit(model, *data(), callbacks=[nn.Checkpoint(tmp_path / "run")])


@pytest.mark.parametrize("every", [0, 1.5, True])
def test_settings_that_make_no_sense_are_told(every):
    with pytest.raises((TypeError, ValueError), match="every must be"):
        nn.Checkpoint("run", every=every)


# Files of other runs


def other_generator():
    model = network()
    model.noise = mg.default_rng(0)
    return model


def of_groups(parameters, rate):
    return nn.SGD([{"parameters": parameters[:2]}, {"parameters": parameters[2:], "weight_decay": 0.5}], rate)


@pytest.mark.parametrize(
    ("make", "options", "message"),
    [
        (partial(nn.MLP, [3, 5, 1]), {}, "layers.0 was 'Linear(3, 4)'; got 'Linear(3, 5)'"),
        (partial(network, np.float32), {}, "layers.0 was 'Linear(3, 4)'; got 'Linear(3, 4, dtype=float32)'"),
        (partial(nn.MLP, [3, 4, 1], hidden="tanh"), {}, "layers.1 was 'ReLU()'; got 'Tanh()'"),
        (partial(nn.LogisticRegression, 3), {}, "model was 'MLP'; got 'LogisticRegression'"),
        (partial(nn.LogisticRegression, 3), {}, "layers.3 was 'Sigmoid()'; got none"),
        (network, {"optimizer": nn.Adam}, "optimizer was 'SGD'; got 'Adam'"),
        (network, {"optimizer": partial(nn.SGD, momentum=0.9)}, "momentum of the optimizer was 0.0; got 0.9"),
        (network, {"optimizer": partial(nn.SGD, weight_decay=0.1)}, "weight_decay of the optimizer was 0.0; got 0.1"),
        (network, {"optimizer": partial(nn.SGD, clip_norm=1.0)}, "clip_norm of the optimizer was None; got 1.0"),
        (network, {"optimizer": lambda p, r: nn.SGD(p, 2 * r)}, "learning_rate of the optimizer was none; got 0.2"),
        (network, {"optimizer": lambda p, r: nn.SGD(p[:2], r)}, "parameters of the optimizer was ['W1', 'b1', 'W2'"),
        (network, {"optimizer": of_groups}, "weight_decay of group 1 of the optimizer was none; got 0.5"),
        (network, {"samples": data(m=22)}, "samples was 23; got 22"),
        (network, {"samples": (data()[0] + 1e-9, data()[1])}, "values of X are others"),
        (network, {"samples": (data()[0], 1 - data()[1])}, "values of Y are others"),
        (network, {"class_weight": {0: 2.0}}, "values of the weights are others"),
        (network, {"sample_weight": np.arange(23.0)}, "values of the weights are others"),
        (network, {"batch_size": 4}, "batch_size was 8; got 4"),
        (network, {"learning_rate": 0.2}, "learning_rate was 0.1; got 0.2"),
        (network, {"learning_rate": nn.ConstantRate(0.1)}, "learning_rate was 0.1; got 'a schedule'"),
        (network, {"l2": 0.1}, "l2 was 0.0; got 0.1"),
        (network, {"l1": 0.1}, "l1 was 0.0; got 0.1"),
        (network, {"cost": nn.mse}, "cost was 'binary_cross_entropy'; got 'mse'"),
        (network, {"validation": data()}, "series was ['cost', 'accuracy']; got ['cost', 'accuracy', 'validation"),
        (network, {"epochs": 2}, "3 epochs have been run already; epochs=2 is how many there are in all"),
        (other_generator, {}, "its random generators are batches.generator; this run has batches.generator, model.no"),
        (network, {"seed": np.random.Generator(np.random.Philox(0))}, "is no part of the state of Generator"),
    ],
)
def test_a_file_of_another_run_is_told_and_nothing_has_changed(make, options, message, tmp_path):
    path = tmp_path / "run"
    fit(network(), *data(), epochs=3, batch_size=8, callbacks=[nn.Checkpoint(path)])
    content = path.read_bytes()
    model = make()
    before = bits(model)
    options = {"samples": data(), "batch_size": 8, "resume": path} | options
    X, Y = options.pop("samples")
    with pytest.raises(nn.ModelFileError) as error:
        fit(model, X, Y, **options)
    assert message in str(error.value).replace("layers.0.W", "W1")
    assert str(error.value).startswith(f"{path}: ")
    assert bits(model) == before
    assert path.read_bytes() == content


@pytest.mark.parametrize(
    ("then", "now", "message"),
    [
        (partial(nn.Adam, beta1=0.8), nn.Adam, "beta1 of the optimizer was 0.8; got 0.9"),
        (partial(nn.Adam, beta2=0.99), nn.Adam, "beta2 of the optimizer was 0.99; got 0.999"),
        (nn.Adam, partial(nn.Adam, epsilon=1e-7), "epsilon of the optimizer was 1e-08; got 1e-07"),
        (nn.AdamW, partial(nn.AdamW, weight_decay=0.0), "weight_decay of the optimizer was 0.01; got 0.0"),
        (of_groups, nn.SGD, "weight_decay of group 1 of the optimizer was 0.5; got none"),
        (nn.RMSProp, partial(nn.RMSProp, clip_value=2.0), "clip_value of the optimizer was None; got 2.0"),
    ],
)
def test_a_setting_of_the_optimizer_that_differs_is_named(then, now, message, tmp_path):
    fit(network(), *data(), epochs=3, optimizer=then, callbacks=[nn.Checkpoint(tmp_path / "run")])
    model = network()
    with pytest.raises(nn.ModelFileError, match=re.escape(message)):
        fit(model, *data(), optimizer=now, resume=tmp_path / "run")
    assert bits(model) == bits(network())
    fit(model, *data(), optimizer=partial(then), resume=tmp_path / "run")


@pytest.mark.parametrize(
    ("then", "now", "message"),
    [
        (nn.CosineDecay(0.1, 7), nn.CosineDecay(0.1, 9), "the learning rate of epoch 2 was 0.0950"),
        (lambda epoch: 0.1, lambda epoch: 0.1 / (1 + epoch // 2), "the learning rate of epoch 3 was 0.1; got 0.05"),
        (nn.ConstantRate(0.1), 0.1, "learning_rate was 'a schedule'; got 0.1"),
    ],
)
def test_another_schedule_is_told_by_the_first_epoch_in_which_it_differs(then, now, message, tmp_path):
    fit(network(), *data(), epochs=5, learning_rate=then, callbacks=[nn.Checkpoint(tmp_path / "run")])
    with pytest.raises(nn.ModelFileError, match=re.escape(message)):
        fit(network(), *data(), learning_rate=now, resume=tmp_path / "run")


def test_a_longer_run_goes_on_with_the_same_schedule_written_otherwise(tmp_path):
    fit(network(), *data(), epochs=5, learning_rate=nn.ConstantRate(0.1), callbacks=[nn.Checkpoint(tmp_path / "run")])
    history = fit(network(), *data(), epochs=9, learning_rate=lambda epoch: 0.1, resume=tmp_path / "run")
    assert len(history) == 9


def test_a_run_that_names_the_cost_that_its_model_has_goes_on_from_one_that_does_not(tmp_path):
    fit(network(), *data(), epochs=2, callbacks=[nn.Checkpoint(tmp_path / "run")])
    history = fit(network(), *data(), epochs=3, cost=nn.binary_cross_entropy, resume=tmp_path / "run")
    assert len(history) == 3


def test_the_arguments_that_partial_fixes_of_a_cost_are_compared(tmp_path):
    steep, flat = (partial(nn.huber, delta=delta) for delta in (1.0, 2.0))
    fit(network(), *data(), epochs=3, cost=steep, callbacks=[nn.Checkpoint(tmp_path / "run")])
    with pytest.raises(nn.ModelFileError, match=re.escape("cost was 'huber(delta=1.0)'; got 'huber(delta=2.0)'")):
        fit(network(), *data(), cost=flat, resume=tmp_path / "run")
    fit(network(), *data(), cost=partial(nn.huber, delta=1.0), resume=tmp_path / "run")


def test_an_optimizer_of_ones_own_may_tell_its_settings(tmp_path):
    class Own(nn.SGD):
        def settings(self):
            return {"phase": phase}

    phase = "begin"
    fit(network(), *data(), epochs=3, optimizer=Own, callbacks=[nn.Checkpoint(tmp_path / "run")])
    phase = "end"
    with pytest.raises(nn.ModelFileError, match="phase of the optimizer was 'begin'; got 'end'"):
        fit(network(), *data(), optimizer=Own, resume=tmp_path / "run")


@pytest.mark.parametrize("layout", ["C", "F"])
@pytest.mark.parametrize("batch_size", [None, 8])
def test_the_same_samples_are_known_however_they_lie_in_memory(layout, batch_size, tmp_path):
    X, Y = data(m=600)
    options = {"batch_size": batch_size, "epochs": 2}
    fit(network(), X, Y, callbacks=[nn.Checkpoint(tmp_path / "run")], **options)
    again = np.asarray(X.tolist(), order=layout), np.asarray(Y, np.float32, order=layout)
    fit(network(), *again, resume=tmp_path / "run", **options)
    again[0][2, 599] += 1
    with pytest.raises(nn.ModelFileError, match="values of X are others"):
        fit(network(), *again, resume=tmp_path / "run", **options)


def test_weights_that_were_there_before_are_missed(tmp_path):
    fit(network(), *data(), epochs=3, class_weight="balanced", callbacks=[nn.Checkpoint(tmp_path / "run")])
    with pytest.raises(nn.ModelFileError, match="values of the weights are others"):
        fit(network(), *data(), resume=tmp_path / "run")


def test_a_file_that_a_callback_cannot_go_on_from_changes_nothing(tmp_path):
    path = tmp_path / "run"
    fit(network(), *data(), epochs=3, callbacks=[nn.Checkpoint(path), nn.EarlyStopping(monitor="accuracy")])
    model, seed = network(), np.random.default_rng(9)
    before = seed.bit_generator.state
    with pytest.raises(nn.ModelFileError, match="early stopping watched accuracy in that run; got cost"):
        fit(model, *data(), callbacks=[nn.EarlyStopping()], resume=path, seed=seed)
    assert bits(model) == bits(network())
    assert seed.bit_generator.state == before


def test_a_model_that_was_saved_is_no_checkpoint(tmp_path):
    nn.save(network(), tmp_path / "m")
    with pytest.raises(nn.ModelFileError, match=r"not written by nn\.Checkpoint; it is a model, which nn\.load reads"):
        fit(network(), *data(), resume=tmp_path / "m")


def test_a_missing_file_is_an_os_error(tmp_path):
    with pytest.raises(FileNotFoundError):
        fit(network(), *data(), resume=tmp_path / "m")


def test_a_file_of_a_later_version_is_told(tmp_path):
    metadata = {"micrograd_nd.checkpoint": "2", "micrograd_nd.facts": "{}", "micrograd_nd.layouts": "{}"}
    (tmp_path / "m").write_bytes(serialized({"W": np.zeros(1)}, metadata=metadata))
    with pytest.raises(nn.ModelFileError, match="written in version 2 of the format; this package reads version 1"):
        fit(network(), *data(), resume=tmp_path / "m")


# Files that are damaged, or not to be trusted


@pytest.fixture(scope="module")
def checkpoint(tmp_path_factory):
    path = tmp_path_factory.mktemp("checkpoints") / "run"
    callbacks = [nn.EarlyStopping(), nn.Checkpoint(path)]
    fit(network(), *data(), epochs=3, batch_size=8, optimizer=nn.Adam, callbacks=callbacks)
    return path


def go_on(path):
    """Resume, and if that fails see that it is with the one error, and that nothing has changed."""
    model = network()
    options = {"epochs": 3, "batch_size": 8, "optimizer": nn.Adam, "callbacks": [nn.EarlyStopping()]}
    try:
        fit(model, *data(), resume=path, **options)
    except nn.ModelFileError:
        assert bits(model) == bits(network())
        raise


@given(st.binary(max_size=200))
@reusing_the_folder
def test_any_bytes_are_an_error(tmp_path, content):
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(nn.ModelFileError):
        go_on(tmp_path / "m")


@given(st.data())
@reusing_the_folder
def test_a_truncated_file_is_an_error(checkpoint, tmp_path, data):
    content = checkpoint.read_bytes()
    (tmp_path / "m").write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    with pytest.raises(nn.ModelFileError):
        go_on(tmp_path / "m")


@given(st.data())
@reusing_the_folder
def test_a_file_with_changed_bytes_is_a_checkpoint_or_an_error(checkpoint, tmp_path, data):
    content = bytearray(checkpoint.read_bytes())
    header = 8 + int.from_bytes(content[:8], "little")
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, header - 1))] = data.draw(st.integers(32, 126))
    (tmp_path / "m").write_bytes(content)
    with suppress(nn.ModelFileError):
        go_on(tmp_path / "m")


@given(st.data())
@reusing_the_folder
def test_a_bit_that_is_flipped_in_an_array_is_an_error(checkpoint, tmp_path, data):
    content = bytearray(checkpoint.read_bytes())
    start = 8 + int.from_bytes(content[:8], "little")
    content[data.draw(st.integers(start, len(content) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    (tmp_path / "m").write_bytes(content)
    with pytest.raises(nn.ModelFileError, match="it has changed since it was written: its checksum is another"):
        go_on(tmp_path / "m")


@pytest.mark.parametrize("shape", [(), (0,), (2, 0), (3, 2)])
@pytest.mark.parametrize("dtype", [bool, np.int8, np.float16, np.float64])
def test_arrays_of_any_shape_and_dtype_have_a_checksum(shape, dtype, tmp_path):
    values = np.asfortranarray(np.ones(shape, dtype))
    write_snapshot(Snapshot({"model": {"a": values}}, {"epoch": 1}), tmp_path / "m")
    assert np.array_equal(read_snapshot(tmp_path / "m").arrays["model"]["a"], values)


def paths_in(nest, path=()):
    """List the paths to all leaves and nests in JSON."""
    yield path
    if isinstance(nest, dict):
        for key, value in nest.items():
            yield from paths_in(value, (*path, key))


ODD = [None, True, -1, 2**200, 1e400, float("nan"), "", "PCG64", [], [0], {}, {"state": 1}, 10**9]


@given(st.data())
@reusing_the_folder
def test_any_facts_are_a_checkpoint_or_an_error(checkpoint, tmp_path, data):
    snapshot = read_snapshot(checkpoint)
    path = data.draw(st.sampled_from(list(paths_in(snapshot.facts))[1:]))
    nest = snapshot.facts
    for key in path[:-1]:
        nest = nest[key]
    nest[path[-1]] = data.draw(st.sampled_from(ODD))
    write_snapshot(snapshot, tmp_path / "m")
    with suppress(nn.ModelFileError):
        go_on(tmp_path / "m")


@pytest.mark.parametrize("part", ["model", "optimizer", "history", "callback EarlyStopping 1"])
@pytest.mark.parametrize("change", ["missing", "renamed", "shape", "dtype"])
def test_other_arrays_are_an_error(part, change, checkpoint, tmp_path):
    snapshot = read_snapshot(checkpoint)
    arrays = snapshot.arrays[part]
    name = next(iter(arrays))
    values = arrays.pop(name)
    if change == "renamed":
        arrays["other"] = values
    elif change == "shape":
        arrays[name] = np.zeros((7, *values.shape))
    elif change == "dtype":
        arrays[name] = values.astype(np.int8)
    write_snapshot(snapshot, tmp_path / "m")
    with pytest.raises(nn.ModelFileError):
        go_on(tmp_path / "m")


@pytest.mark.parametrize(
    ("kind", "path", "value"),
    [
        ("MT19937", ("state", "pos"), 625),
        ("MT19937", ("state", "pos"), -1),
        ("MT19937", ("state", "key"), [0] * 623),
        ("MT19937", ("state", "key"), [2**32] * 624),
        ("Philox", ("buffer_pos",), 5),
        ("Philox", ("buffer_pos",), -3),
        ("SFC64", ("has_uint32",), 2),
        ("PCG64", ("uinteger",), 2**32),
        ("PCG64", ("state", "state"), 2**128),
        ("PCG64", ("bit_generator",), "MT19937"),
    ],
)
def test_no_state_that_would_lead_a_generator_out_of_its_memory_is_taken_over(kind, path, value, tmp_path):
    make = lambda: np.random.Generator(getattr(np.random, kind)(3))
    fit(network(), *data(), epochs=3, seed=make(), callbacks=[nn.Checkpoint(tmp_path / "m")])
    snapshot = read_snapshot(tmp_path / "m")
    nest = snapshot.facts["generators"]["batches.generator"]
    for key in path[:-1]:
        nest = nest[key]
    nest[path[-1]] = value
    write_snapshot(snapshot, tmp_path / "m")
    with pytest.raises(nn.ModelFileError, match=re.escape(".".join(path))):
        fit(network(), *data(), seed=make(), resume=tmp_path / "m")


@pytest.mark.parametrize("layouts", [3, {"a/x": 3}, {"a/x": [0, 0]}, {"a/x": [0, 2]}, {"a/x": [True, False]}])
def test_a_layout_that_is_none_is_an_error(layouts, tmp_path):
    metadata = {"micrograd_nd.checkpoint": "1", "micrograd_nd.facts": "{}", "micrograd_nd.layouts": json.dumps(layouts)}
    (tmp_path / "m").write_bytes(serialized({"a/x": np.zeros((2, 3))}, metadata=metadata))
    with pytest.raises(nn.ModelFileError, match="what it says of"):
        read_snapshot(tmp_path / "m")


# Files


@given(st.data())
@reusing_the_folder
def test_arrays_come_back_with_their_bits_and_their_layout(tmp_path, data):
    dtype = data.draw(st.sampled_from(["f2", "f4", "f8", "i1", "i8", "u4", "?"]))
    shape = data.draw(st.lists(st.integers(1, 4), max_size=4))
    axes = data.draw(st.permutations(range(len(shape))))
    raw = np.random.default_rng(data.draw(st.integers(0, 99))).bytes(8 * int(np.prod(shape)))
    values = np.frombuffer(raw, np.uint8)[: int(np.prod(shape))].astype(dtype).reshape(shape).transpose(axes)
    write_snapshot(Snapshot({"part": {"a/b": values}}, {"x": 1}), tmp_path / "m")
    back = read_snapshot(tmp_path / "m").arrays["part"]["a/b"]
    assert back.dtype == values.dtype
    assert back.tobytes() == values.tobytes()
    long = [i for i, n in enumerate(values.shape) if n > 1]
    assert [np.argsort([-back.strides[i] for i in long]).tolist()] == [
        np.argsort([-values.strides[i] for i in long]).tolist()
    ]


def test_nan_and_zeros_below_zero_come_back_with_their_bits(tmp_path):
    values = np.array([np.nan, -0.0, np.inf, 5e-324])
    values.view(np.uint64)[0] |= 12345
    write_snapshot(Snapshot({"a": {"x": values}}, {"y": [0.1, 1e-310]}), tmp_path / "m")
    back = read_snapshot(tmp_path / "m")
    assert back.arrays["a"]["x"].tobytes() == values.tobytes()
    assert back.facts == {"y": [0.1, 1e-310]}


def test_a_checkpoint_is_a_safetensors_file(checkpoint):
    with safe_open(checkpoint, framework="numpy") as file:
        assert "model/layers.0.W" in file.keys()  # noqa: SIM118 - it is no dict


KILLING = """
import os, random, signal, sys, time
from pathlib import Path
import numpy as np
from micrograd_nd import nn
from micrograd_nd.nn.checkpoint_files import read_snapshot

path = Path(sys.argv[1])
X, Y = np.ones((300, 3)), np.array([[0, 1, 1]])
settings = {"learning_rate": 0.1, "seed": 0, "progress": False, "compiled": False, "optimizer": nn.Adam}

def train(resume):
    model = nn.MLP([300, 40, 1], seed=0)
    nn.fit(model, X, Y, epochs=10**6, callbacks=[nn.Checkpoint(path)], resume=resume, **settings)

random.seed(0)
epochs, written = [0], None
for kill in range(50):
    child = os.fork()
    if child == 0:
        train(path if epochs[-1] else None)
    while not path.exists() or path.stat().st_ino == written:
        time.sleep(0.001)
    time.sleep(random.uniform(0, 0.03))
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    written = path.stat().st_ino
    epochs.append(read_snapshot(path).facts["epoch"])
assert all(before < after for before, after in zip(epochs, epochs[1:])), epochs
left = nn.MLP([300, 40, 1], seed=0)
history = nn.fit(left, X, Y, epochs=epochs[-1], resume=path, **settings)
whole = nn.fit(nn.MLP([300, 40, 1], seed=0), X, Y, epochs=epochs[-1], **settings)
assert history.cost == whole.cost
print("fine")
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_a_process_that_is_killed_while_it_writes_leaves_a_whole_file(tmp_path):
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    command = [sys.executable, "-c", KILLING, str(tmp_path / "run")]
    done = subprocess.run(command, capture_output=True, text=True, env=environment, check=False, timeout=120)
    assert done.stdout == "fine\n", done.stderr


@pytest.mark.parametrize("compiled", [True, False])
def test_a_run_with_dropout_and_batch_normalisation_goes_on_with_the_same_bits(compiled, tmp_path):
    def model():
        return nn.Sequential(
            nn.Dense(3, 8, "relu", seed=1),
            nn.BatchNorm(8),
            nn.Dropout(keep_prob=0.7, seed=2),
            nn.Dense(8, 1, "sigmoid"),
        )

    rng = np.random.default_rng(0)
    X, Y = rng.normal(size=(3, 50)), rng.integers(0, 2, size=(1, 50))
    settings = {"learning_rate": 0.01, "optimizer": nn.Adam, "batch_size": 16, "seed": 0, "progress": False}
    first, second, whole = (model() for _ in range(3))
    for other in (second, whole):
        other.load_state_dict(first.state_dict())
    expected = nn.fit(whole, X, Y, epochs=6, compiled=compiled, **settings)
    path = tmp_path / "run.checkpoint"
    nn.fit(first, X, Y, epochs=3, compiled=compiled, callbacks=[nn.Checkpoint(path)], **settings)
    history = nn.fit(second, X, Y, epochs=6, compiled=compiled, resume=path, **settings)
    assert history.cost == expected.cost
    for name, values in second.state_dict().items():
        np.testing.assert_array_equal(values, whole.state_dict()[name])
