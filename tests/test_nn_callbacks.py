"""Callbacks see a run after every epoch, may end it, and cannot spoil it."""

import gc
import re
import signal
import weakref
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest

import micrograd_nd as mg
from micrograd_nd import nn
from micrograd_nd.nn.descent import Descent


def data(seed=0, m=23):
    rng = np.random.default_rng(seed)
    return rng.normal(size=(3, m)), rng.integers(0, 2, (1, m))


def fit(model, X, Y, **options):
    return nn.fit(model, X, Y, **{"epochs": 5, "learning_rate": 0.3, "seed": 0, "progress": False} | options)


def network():
    return nn.MLP([3, 4, 1], seed=1)


def bits(model):
    return [p.numpy().tobytes() for p in model.parameters()]


def interrupt(*_):
    raise KeyboardInterrupt


both_ways = pytest.mark.parametrize("compiled", [True, False])
in_batches = pytest.mark.parametrize("batch_size", [None, 8])


# What they see


@both_ways
@in_batches
def test_a_callback_sees_the_model_as_it_is_after_each_epoch(compiled, batch_size):
    seen = []
    options = {"batch_size": batch_size, "compiled": compiled}
    fit(network(), *data(), callbacks=[lambda training: seen.append(bits(training.model))], **options)
    for epochs in range(1, 6):
        model = network()
        fit(model, *data(), epochs=epochs, **options)
        assert bits(model) == seen[epochs - 1]


def test_a_callback_sees_the_epoch_and_the_history_up_to_it():
    seen = []

    def look(training):
        assert training.epochs == 5
        assert isinstance(training.optimizer, nn.SGD)
        seen.append((training.epoch, len(training.history), repr(training)[:24]))

    fit(network(), *data(), callbacks=[look])
    assert seen == [(i, i, f"Training(epoch {i} of 5, M") for i in range(1, 6)]


def test_callbacks_are_called_in_their_order():
    seen = []
    fit(network(), *data(), epochs=2, callbacks=[lambda _: seen.append("a"), lambda _: seen.append("b")])
    assert seen == ["a", "b", "a", "b"]


@both_ways
@in_batches
def test_a_run_that_is_only_looked_at_has_the_same_bits(compiled, batch_size):
    one, other = network(), network()
    options = {"batch_size": batch_size, "compiled": compiled, "optimizer": nn.Adam}
    plain = fit(one, *data(), **options)
    seen = fit(other, *data(), callbacks=[lambda training: training.model.state_dict()], **options)
    assert plain.cost == seen.cost
    assert bits(one) == bits(other)


@pytest.mark.parametrize(
    ("options", "series"),
    [
        ({}, ("cost", "accuracy")),
        ({"cost": nn.mse}, ("cost",)),
        ({"validation": data(seed=1)}, ("cost", "accuracy", "validation cost", "validation accuracy")),
    ],
)
def test_a_callback_is_told_before_the_run_which_series_there_will_be(options, series):
    class Look:
        def start(self, training):
            self.series, self.epoch, self.length = training.series, training.epoch, len(training.history)

        def __call__(self, training):
            assert tuple(training.history.series()) == self.series

    look = Look()
    fit(network(), *data(), callbacks=[look], **options)
    assert (look.series, look.epoch, look.length) == (series, 0, 0)


# What they may do


def test_a_callback_ends_the_run_after_its_epoch_and_says_why():
    def stop(training):
        if training.epoch == 3:
            training.stop("enough")

    history = fit(network(), *data(), callbacks=[stop])
    assert len(history) == 3
    assert history.stopped == "enough"
    assert not history.interrupted
    assert "3 epochs in" in repr(history)
    assert "stopped" in repr(history)
    assert fit(network(), *data()).stopped is None


def test_the_callbacks_after_one_that_ends_the_run_are_still_called_and_the_first_reason_counts():
    seen = []

    def second(training):
        seen.append(training.epoch)
        training.stop("second")

    history = fit(network(), *data(), callbacks=[lambda training: training.stop("first"), second])
    assert seen == [1]
    assert history.stopped == "first"


@pytest.mark.parametrize("reason", [None, "", 3])
def test_a_run_is_not_ended_without_a_reason(reason):
    with pytest.raises((TypeError, ValueError), match="stop needs"):
        fit(network(), *data(), callbacks=[lambda training: training.stop(reason)])


@both_ways
def test_a_callback_may_give_the_model_other_values_and_the_optimizer_another_rate(compiled):
    start = network().state_dict()

    def back(training):
        training.model.load_state_dict(start)
        training.optimizer.learning_rate = 0.01

    model, once = network(), network()
    history = fit(model, *data(), callbacks=[back], compiled=compiled)
    np.testing.assert_allclose(history.cost, [history.cost[0]] * 5, rtol=1e-12)
    assert history.learning_rate == [0.3, 0.01, 0.01, 0.01, 0.01]
    assert bits(model) == bits(once)


@both_ways
@in_batches
def test_a_callback_that_leaves_the_model_in_evaluation_does_not_end_its_training(compiled, batch_size):
    def judge(training):
        modes.append(training.model.training)
        training.model.eval()

    def model():
        drop = nn.Dropout(keep_prob=0.5, seed=2)
        return nn.Sequential(nn.Dense(3, 8, seed=1), nn.BatchNorm(8), drop, nn.Dense(8, 1, "sigmoid", seed=2))

    modes, first, second = [], model(), model()
    settings = {"compiled": compiled, "batch_size": batch_size}
    assert fit(first, *data(), callbacks=[judge], **settings).cost == fit(second, *data(), **settings).cost
    assert modes == [True] * 5
    assert first.training


def replaced(training):
    training.model.layers[0].W = mg.Tensor(np.ones((4, 3)), name="W1")


def added(training):
    training.model.layers.insert(1, nn.Dense(4, 4, seed=0))


def removed(training):
    training.model.layers[2].b = None


@both_ways
@pytest.mark.parametrize("change", [replaced, added, removed])
def test_parameters_that_would_not_be_trained_end_the_run(change, compiled):
    with pytest.raises(ValueError, match="the model has other parameters than when the run began"):
        fit(network(), *data(), callbacks=[change], compiled=compiled)


@pytest.mark.filterwarnings("ignore:no program can be made")
@both_ways
@pytest.mark.parametrize("keep", [lambda A: A.detach(), lambda A: A.shape])
def test_a_module_may_keep_what_it_has_computed(keep, compiled):
    class Watched(nn.Module):
        def __init__(self):
            self.layer = nn.Linear(3, 1, seed=0)

        def forward(self, X):
            A = self.layer(X)
            self.last = keep(A)
            return A

    def look(training):
        seen.append(training.epoch)

    seen = []
    fit(Watched(), *data(), cost=nn.mse, callbacks=[look], compiled=compiled)
    assert seen == [1, 2, 3, 4, 5]


def test_what_is_derived_from_a_callback_of_this_package_is_looked_after():
    class Judging(nn.EarlyStopping):
        def __call__(self, training):
            super().__call__(training)
            modes.append(training.model.training)
            training.model.eval()

    modes = []
    fit(network(), *data(), callbacks=[Judging()])
    assert modes == [True] * 5


@pytest.mark.parametrize("name", ["model", "optimizer"])
def test_a_run_keeps_its_model_and_optimizer(name):
    others = {"model": network(), "optimizer": nn.SGD(network().parameters(), 0.1)}
    with pytest.raises(ValueError, match="a run goes on with the model and optimiser that it began with"):
        fit(network(), *data(), callbacks=[lambda training: setattr(training, name, others[name])])


def test_a_model_may_be_changed_after_its_last_epoch():
    model = network()

    def change(training):
        if training.epoch == training.epochs:
            added(training)

    fit(model, *data(), callbacks=[change])
    assert len(model.layers) == 5


@both_ways
def test_another_model_may_be_trained_in_a_callback(compiled):
    other, costs = network(), []
    history = fit(
        network(), *data(), compiled=compiled, callbacks=[lambda _: costs.extend(fit(other, *data(), epochs=1).cost)]
    )
    assert history.cost == fit(network(), *data(), compiled=compiled).cost
    np.testing.assert_allclose(costs, history.cost, rtol=1e-12)


@both_ways
def test_the_same_model_may_be_trained_in_a_callback(compiled):
    def twice(training):
        fit(training.model, *data(), epochs=1, compiled=compiled)

    history = fit(network(), *data(), compiled=compiled, callbacks=[twice])
    np.testing.assert_allclose(
        history.cost, fit(network(), *data(), epochs=10, compiled=compiled).cost[::2], rtol=1e-12
    )


def test_models_are_trained_in_several_threads_as_one_after_the_other():
    def model():
        return nn.Sequential(nn.Dense(3, 8, seed=1), nn.Dropout(keep_prob=0.5), nn.Dense(8, 1, "sigmoid", seed=2))

    settings = {"epochs": 40, "batch_size": 7, "optimizer": nn.Adam, "learning_rate": 0.01}
    with ThreadPoolExecutor(6) as threads:
        costs = list(threads.map(lambda seed: fit(model(), *data(), seed=seed, **settings).cost, range(6)))
    assert costs == [fit(model(), *data(), seed=seed, **settings).cost for seed in range(6)]


def test_an_object_is_told_that_a_run_was_ended_after_all_have_seen_the_last_epoch():
    class Watching:
        def __call__(self, training):
            seen.append(("called", training.epoch))

        def stopped(self, training):
            seen.append(("stopped", training.epoch))

        def finish(self, training):
            seen.append(("finished", training.epoch))

    def end(training):
        if training.epoch == 2:
            training.stop("enough")

    seen = []
    fit(network(), *data(), callbacks=[Watching(), end])
    assert seen == [("called", 1), ("called", 2), ("stopped", 2), ("finished", 2)]
    seen.clear()
    fit(network(), *data(), epochs=1, callbacks=[Watching()])
    assert seen == [("called", 1), ("finished", 1)]


def test_an_object_is_told_of_the_end_once_the_model_has_its_last_values():
    class Last:
        def __call__(self, training):
            assert training.model.training

        def finish(self, training):
            self.bits, self.training = bits(training.model), training.model.training

    last, model = Last(), network()
    model.eval()
    fit(model, *data(), callbacks=[last])
    assert last.bits == bits(model)
    assert last.training is False


class Recorder:
    """Counts the ends of runs."""

    def __init__(self, act=lambda training: None, end=lambda training: None):
        self.act, self.end = act, end
        self.finished = []

    def __call__(self, training):
        self.act(training)

    def finish(self, training):
        self.finished.append(training.failed)
        self.end(training)


def fail(*_):
    raise ZeroDivisionError("mine")


@pytest.mark.parametrize("act", [lambda training: None, lambda training: training.stop("enough"), interrupt])
def test_every_callback_is_told_of_the_end_of_a_run(act):
    recorders = [Recorder(act), Recorder()]
    fit(network(), *data(), callbacks=recorders)
    assert [recorder.finished for recorder in recorders] == [[False], [False]]


def test_every_callback_is_told_of_the_end_of_a_run_that_fails():
    recorders = [Recorder(), Recorder()]
    model = nn.MLP([3, 4, 1], output="linear", hidden="relu", seed=0)
    with pytest.raises(FloatingPointError):
        fit(model, *data(), learning_rate=1e100, epochs=50, callbacks=recorders)
    assert [recorder.finished for recorder in recorders] == [[True], [True]]


# What goes wrong


@both_ways
def test_an_error_of_a_callback_passes_through_and_the_model_keeps_its_values(compiled):
    def failing(training):
        if training.epoch == 3:
            fail()

    recorders = [Recorder(failing), Recorder()]
    model, three = network(), network()
    with pytest.raises(ZeroDivisionError, match="mine"):
        fit(model, *data(), callbacks=recorders, compiled=compiled)
    fit(three, *data(), epochs=3, compiled=compiled)
    assert bits(model) == bits(three)
    assert all(p.grad is None for p in model.parameters())
    assert [recorder.finished for recorder in recorders] == [[True], [True]]


def test_an_error_at_the_end_passes_through_once_every_callback_is_told():
    recorders = [Recorder(end=fail), Recorder()]
    with pytest.raises(ZeroDivisionError, match="mine"):
        fit(network(), *data(), callbacks=recorders)
    assert recorders[1].finished == [False]


@both_ways
@in_batches
def test_an_interrupt_in_a_callback_ends_the_run_with_the_history_so_far(compiled, batch_size):
    def act(training):
        if training.epoch == 3:
            interrupt()

    options = {"compiled": compiled, "batch_size": batch_size}
    model, three = network(), network()
    recorder = Recorder(act)
    history = fit(model, *data(), callbacks=[recorder], **options)
    expected = fit(three, *data(), epochs=3, **options)
    assert history.interrupted
    assert history.cost == expected.cost
    assert bits(model) == bits(three)
    assert recorder.finished == [False]


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="needs timers")
@pytest.mark.filterwarnings("ignore::pytest.PytestUnraisableExceptionWarning")  # a file just opened is left to Python
@both_ways
def test_an_interrupt_at_any_moment_leaves_a_history_of_whole_epochs_and_parameters_of_a_step(
    compiled, tmp_path, monkeypatch
):
    rng = np.random.default_rng(0)
    steps, step = set(), Descent.step

    def watched(self, *args):
        judged = step(self, *args)
        steps.add(tuple(np.array(x).tobytes() for x in self.values()))
        return judged

    def soon(training):
        if training.epoch == 1:
            signal.setitimer(signal.ITIMER_REAL, rng.uniform(1e-4, 2e-2))

    options = {"batch_size": 8, "epochs": 60, "optimizer": nn.Adam, "compiled": compiled}
    with monkeypatch.context() as patched:
        patched.setattr(Descent, "step", watched)
        expected = fit(network(), *data(), **options)
    before = signal.signal(signal.SIGALRM, interrupt)
    try:
        for _ in range(30):
            model = network()
            history = fit(model, *data(), callbacks=[soon, nn.Checkpoint(tmp_path / "run", every=3)], **options)
            signal.setitimer(signal.ITIMER_REAL, 0)
            assert tuple(bits(model)) in steps
            assert {len(values) for values in (history.metric, history.seconds, history.learning_rate)} == {
                len(history)
            }
            assert history.cost == expected.cost[: len(history)]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def test_an_interrupt_at_the_end_is_noted_and_every_callback_is_told():
    recorders = [Recorder(end=interrupt), Recorder()]
    history = fit(network(), *data(), callbacks=recorders)
    assert history.interrupted
    assert len(history) == 5
    assert recorders[1].finished == [False]


@pytest.mark.parametrize(
    ("callbacks", "message"),
    [
        (lambda training: None, "callbacks must be a list, such as [nn.EarlyStopping()]; got <function"),
        (nn.EarlyStopping(), "callbacks must be a list, such as [nn.EarlyStopping()]; got EarlyStopping("),
        ("stop", "callbacks must be a list, such as [nn.EarlyStopping()]; got 'stop'"),
        (3, "callbacks must be a list, such as [nn.EarlyStopping()]; got 3"),
        ([nn.EarlyStopping], "a callback is a function or an object, and EarlyStopping is a class: make one of it"),
        (["stop"], "a callback must be a function of the running nn.Training; got 'stop'"),
    ],
)
def test_what_is_no_list_of_callbacks_is_told_before_anything_changes(callbacks, message):
    model = network()
    with pytest.raises(TypeError, match=re.escape(message)):
        fit(model, *data(), callbacks=callbacks)
    assert bits(model) == bits(network())


@pytest.fixture
def no_collector():
    gc.collect()
    gc.disable()
    yield
    gc.enable()


@pytest.mark.usefixtures("no_collector")
def test_a_run_with_callbacks_leaves_nothing_to_the_collector():
    model, recorder = network(), Recorder()
    seen = [*map(weakref.ref, model.modules()), weakref.ref(recorder)]
    fit(model, *data(), callbacks=[recorder, nn.EarlyStopping()], batch_size=8)
    del model, recorder
    assert [reference() for reference in seen] == [None] * len(seen)


@pytest.mark.parametrize("reads", [True, False])
def test_a_callback_that_does_not_read_the_model_need_not_find_its_values_there(reads):
    class Watching:
        reads_model = reads
        seen = ()

        def __call__(self, training):
            self.seen = (*self.seen, training.model.layers[0].b.numpy().copy())

    watching, X = Watching(), np.array([[-2.0, -1.0, 1.0, 3.0]])
    model = nn.LogisticRegression(1)
    nn.fit(model, X, [[0, 0, 1, 1]], epochs=4, learning_rate=0.5, seed=0, progress=False, callbacks=[watching])
    assert np.unique(watching.seen).size == (4 if reads else 1)
    assert watching.seen[-1].item() != model.layers[0].b.item() or reads
