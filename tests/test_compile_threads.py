"""The blocks of a long run are shared out among threads: all of them, once each, and nobody can tell."""

import threading
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import micrograd_nd as mg
from micrograd_nd.compiler import threads
from micrograd_nd.compiler.threads import cores, share, shares


@pytest.fixture
def three_threads(monkeypatch):
    """Three cores, and everything worth sharing."""
    monkeypatch.setattr(threads, "cores", lambda: 3)
    monkeypatch.setattr(threads, "WORTHWHILE", 0)
    monkeypatch.setattr(threads, "POOL", threads.Pool())


@given(length=st.integers(1, 10**7), step=st.integers(1, 10**5), n=st.integers(1, 64))
def test_shares_are_whole_blocks_one_after_the_other(length, step, n):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(threads, "cores", lambda: n)
        found = shares(length, step, 1 << 20)
    assert (found[0][0], found[-1][1]) == (0, length)
    assert all(first < last for first, last in found)
    assert all(last == first and first % step == 0 for (_, last), (first, _) in pairwise(found))
    assert len(found) == min(n, -(-length // step))


def test_little_work_is_not_shared(monkeypatch):
    monkeypatch.setattr(threads, "cores", lambda: 8)
    assert len(shares(40_000, 1000, 5)) == 1
    assert len(shares(40_000, 1000, 50)) == 8


@pytest.mark.parametrize(("told", "count"), [("3", 3), ("2,4", 2), (" 5 ", 5)])
def test_the_number_of_threads_is_what_openmp_is_told(monkeypatch, told, count):
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert cores() == count


@pytest.mark.parametrize("told", ["", "0", "-1", "many"])
def test_all_cores_are_used_where_openmp_is_told_nothing(monkeypatch, told):
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    usual = cores()
    assert usual >= 1
    monkeypatch.setenv("OMP_NUM_THREADS", told)
    assert cores() == usual


@pytest.mark.usefixtures("three_threads")
def test_every_part_is_done_in_a_thread_of_its_own_before_sharing_returns():
    done, together = {}, threading.Barrier(3, timeout=30)

    def work(part):
        together.wait()  # all three are there at once
        done[part] = threading.current_thread()

    share(work, ["a", "b", "c"])
    assert set(done) == {"a", "b", "c"}
    assert len(set(done.values())) == 3
    assert done["a"] is threading.current_thread()


@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize("bad", ["b", "c"])
def test_an_error_in_another_thread_is_raised_once_all_others_are_done(bad):
    done = []

    def work(part):
        if part == bad:
            raise ValueError(part)
        done.append(part)

    with pytest.raises(ValueError, match=bad):
        share(work, ["a", "b", "c"])
    assert sorted([*done, bad]) == ["a", "b", "c"]


@pytest.mark.usefixtures("three_threads")
def test_numpys_error_state_holds_in_all_threads():
    states = []
    with np.errstate(divide="ignore", over="raise"):
        share(lambda part: states.append(np.geterr()), range(3))
        assert states == [np.geterr()] * 3


@pytest.mark.usefixtures("three_threads")
def test_a_process_that_was_forked_makes_threads_of_its_own():
    first = threads.POOL.get()
    assert threads.POOL.get() is first
    threads.POOL.process -= 1
    assert threads.POOL.get() is not first


@pytest.mark.usefixtures("three_threads")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("shape", [(70_000,), (7, 10_000), (300, 310)])
def test_three_threads_compute_the_bits_that_one_does(monkeypatch, dtype, shape):
    def f(x, row):
        y = np.tanh(x * 0.5) / (1 + x * x)
        return np.sum(np.exp(y) - x), y * row + np.sin(x), np.sum(y * y)

    rng = np.random.default_rng(0)
    x, row = rng.normal(size=shape).astype(dtype), rng.normal(size=shape[-1:]).astype(dtype)
    shared = mg.compile(mg.value_and_grad(lambda x, row: sum(np.sum(part) for part in f(x, row)), (0, 1)))
    alone = mg.compile(mg.value_and_grad(lambda x, row: sum(np.sum(part) for part in f(x, row)), (0, 1)))
    J, gradients = shared(x, row)
    assert threads.POOL.executor is not None
    monkeypatch.setattr(threads, "cores", lambda: 1)
    expected_J, expected = alone(x, row)
    assert expected_J == J
    for a, b in zip(gradients, expected, strict=True):
        np.testing.assert_array_equal(a, b, strict=True)


@pytest.mark.usefixtures("three_threads")
def test_where_no_thread_can_be_had_the_caller_does_everything(monkeypatch):
    class Ended:
        def submit(self, function):
            raise RuntimeError("cannot schedule new futures after shutdown")

    monkeypatch.setattr(threads.POOL, "get", Ended)
    done = []
    share(lambda part: done.append((part, threading.current_thread())), ["a", "b", "c"])
    assert done == [(part, threading.current_thread()) for part in "abc"]


@pytest.mark.usefixtures("three_threads")
def test_parts_that_no_thread_comes_to_are_done_by_the_caller(monkeypatch):
    class Busy:
        def submit(self, function):
            pass

    monkeypatch.setattr(threads.POOL, "get", Busy)
    done = []
    share(done.append, ["a", "b", "c"])
    assert done == ["a", "b", "c"]


@pytest.mark.usefixtures("three_threads")
def test_after_an_interrupt_nothing_works_on_and_nothing_begins(monkeypatch):
    submitted, release, working = [], threading.Event(), threading.Event()
    pool = threads.POOL.get()

    class Slow:
        def submit(self, function):
            submitted.append(function)
            if len(submitted) == 1:
                pool.submit(function)

    monkeypatch.setattr(threads.POOL, "get", Slow)
    done = []

    def work(part):
        if part == "a":
            working.wait(30)
            threading.Timer(0.05, release.set).start()
            raise KeyboardInterrupt
        working.set()
        release.wait(30)
        done.append(part)

    with pytest.raises(KeyboardInterrupt):
        share(work, ["a", "b", "c"])
    assert done == ["b"]
    submitted[1]()  # a thread comes to the last part too late
    assert done == ["b"]


@pytest.mark.usefixtures("three_threads")
def test_a_second_interrupt_does_not_end_the_waiting(monkeypatch):
    interrupts = iter([KeyboardInterrupt("second"), KeyboardInterrupt("third")])
    release = threading.Event()
    real = threading.Event.wait

    def wait(event, timeout=None):
        if event is not release and timeout is None and (interrupt := next(interrupts, None)):
            release.set()
            raise interrupt
        return real(event, timeout)

    monkeypatch.setattr(threading.Event, "wait", wait)
    done = []

    def work(part):
        if part == "a":
            raise KeyboardInterrupt("first")
        real(release, 30)
        done.append(part)

    with pytest.raises(KeyboardInterrupt):
        share(work, ["a", "b"])
    assert done in ([], ["b"])  # done before the call has ended, or never
    count = len(done)
    real(threading.Event(), 0.05)
    assert len(done) == count
