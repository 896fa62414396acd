"""fit: the training loop.

This file knows models, objectives and optimisers by what they do, and nothing of particular ones.
"""

import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from time import perf_counter
from typing import Any, Literal, Self

import numpy as np
from numpy.typing import ArrayLike

from micrograd_nd import Tensor
from micrograd_nd.nn.batch_sources import batches_of, number_of_samples
from micrograd_nd.nn.callbacks import Callback, Training, checked_callbacks, observed
from micrograd_nd.nn.checkpoints import resumed
from micrograd_nd.nn.descent import Descent
from micrograd_nd.nn.filling import filling
from micrograd_nd.nn.held_out_batches import held_out_of
from micrograd_nd.nn.history import History
from micrograd_nd.nn.interrupts import completed
from micrograd_nd.nn.module import Module, check_model
from micrograd_nd.nn.objective import Cost, Metric, Objective, objective
from micrograd_nd.nn.optimizers import SGD, Optimizer
from micrograd_nd.nn.penalties import training_penalty
from micrograd_nd.nn.run_checks import (
    check_finite,
    check_moves,
    check_optimizer_maker,
    check_rate_can_change,
    check_smallest_batch,
    train_on,
)
from micrograd_nd.nn.run_settings import settings_of
from micrograd_nd.nn.sample_weights import ClassWeight, SampleWeight
from micrograd_nd.nn.schedules import Schedule, rates
from micrograd_nd.nn.settings import check_count, generator_of

__all__ = ["fit"]


def fit(
    model: Module,
    X: ArrayLike | Tensor | Iterable[tuple[Any, Any]],
    Y: ArrayLike | Tensor | None = None,
    *,
    epochs: int,
    learning_rate: float | Schedule,
    seed: int | np.random.Generator,
    batch_size: int | None = None,
    validation: tuple[Any, Any] | Iterable[tuple[Any, Any]] | None = None,
    cost: Cost | None = None,
    metric: Metric | Literal[False] | None = None,
    optimizer: Callable[[list[Tensor], float], Optimizer] = SGD,
    l2: float = 0.0,
    l1: float = 0.0,
    sample_weight: SampleWeight | None = None,
    class_weight: ClassWeight | None = None,
    progress: bool = True,
    compiled: bool = True,
    callbacks: Iterable[Callback] = (),
    resume: str | os.PathLike[str] | None = None,
) -> History:
    """Train a model.

    Parameters
    ----------
    model : Module
        Its parameters are changed.
    X : array_like, shape (n_x, m)
        A sample a column; converted to the dtype of the parameters. Or, without `Y`, batches that are made elsewhere:
        a list or another object that gives pairs (X, Y) of these shapes, anew for every epoch. With `l2` or `l1` they
        are gone through once before, to count the samples.
    Y : array_like, shape (n_y, m) or (1, m)
        What the cost takes: labels 0 and 1 for a sigmoid, one-hot or class indices for a softmax, else numbers.
    epochs : int
        How often to go through all samples.
    learning_rate : float or callable
        How far to go against the gradient; positive and finite. Or a schedule such as `CosineDecay`: a callable from
        the epoch, counted from 0, to the rate that the optimiser is given when the epoch starts.
    seed : int or numpy.random.Generator
        What the order of the samples is drawn from, and seeds of `Dropout` layers that were given none; the same seed
        gives the same run.
    batch_size : int, optional
        Samples a step; by default all. The order changes every epoch, and the last batch may be smaller. Samples are
        then copied once, into an order that makes batches cheap. If X or Y lies in a file (`numpy.memmap`) or has more
        than 1 GiB, both stay where they are: each batch is taken from there, and only then checked.
    validation : (X, Y), or iterable of such pairs, optional
        Samples that are not trained on, to be judged after each epoch, some at a time, so that large ones need little
        memory; those in a file stay there. Batches that are made elsewhere should be the same in every epoch, and are
        gone through once before the first, to be checked. A cost that is NaN is reported as such.
    cost : callable, optional
        ``cost(prediction, Y)`` gives a 0-d Tensor. By default what belongs to the last activation of a `Sequential`:
        `binary_cross_entropy` to a sigmoid, `cross_entropy` to a softmax or its logarithm, else `mse`. The first two
        are computed from the logits, and so is `hinge`.
    metric : callable or False, optional
        ``metric(prediction, Y)`` gives a number from arrays: the output, and Y as numbers or, for classes, one-hot.
        By default accuracy for the two cross-entropies and none for other costs; False for none at all, which saves the
        time that it takes.
    optimizer : callable
        ``optimizer(parameters, learning_rate)`` gives an object with ``step()`` and ``zero_grad()``: a class such as
        `Adam`, or ``lambda parameters, rate: nn.Adam(parameters, rate, weight_decay=1e-4)``.
    l2, l1 : float
        The lambda of L2 and of L1 regularisation: ``lambda / (2 m) * sum(W ** 2)`` and ``lambda / m * sum(abs(W))``
        are added to the cost, over all weights and no biases, as `nn.l2` and `nn.l1` tell them apart. m is the number
        of all training samples, also for batches, so that their size does not move the optimum. Costs are reported with
        it, those of `validation` too.
    sample_weight : array_like, shape (1, m) or (m,), optional
        How much each training sample counts, not negative: the cost is the weighted mean, as of `mse`. Weights are
        scaled to a mean of 1 over all training samples, and the cost of a batch is ``sum(w * loss)`` over its number of
        samples. A cost of your own must take such a row as ``sample_weight``, and return that. Metric and validation
        are not weighted.
    class_weight : mapping, array_like or "balanced", optional
        Likewise by class, for labels that are classes; counted over all training samples where "balanced". See
        `binary_cross_entropy`. With both, they are multiplied.
    progress : bool
        Show a bar with cost and metric.
    compiled : bool
        Run the steps as a program that `micrograd_nd.compile` makes, where it can make one; where not, a warning says
        why. The results are the same to rounding. A model that computes otherwise from one step to the next, without
        its inputs saying so, needs False.
    callbacks : list of callable
        Each is called after every epoch with the running `Training`, such as `EarlyStopping` and `Checkpoint`.
    resume : path-like, optional
        A file that a `Checkpoint` wrote in a run like this one: to go on after its epoch, up to `epochs` in all, with
        the bits that the run would have had. The order of the samples goes on from there, whatever the seed.

    Returns
    -------
    History
        Also when the run is interrupted from the keyboard: then of the epochs completed, and `interrupted` is True.
        Where a callback ended it, `stopped` says why.

    Raises
    ------
    FloatingPointError
        When cost or parameters stop being finite; the parameters are then those before the step that made them so.
    TypeError, ValueError
        For samples and labels that do not fit the model or each other, or are not finite, for settings that make no
        sense, and for a cost that gives no parameter a gradient; nothing has been changed then. What is wrong with a
        sample that is not held in memory is told when its turn comes.
    ModelFileError
        For a file to resume from that is damaged or of another run; nothing has been changed then. A ValueError.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> X, Y = np.array([[-2.0, -1.0, 1.0, 2.0]]), np.array([[0, 0, 1, 1]])
    >>> model = nn.LogisticRegression(1)
    >>> history = nn.fit(model, X, Y, epochs=10, learning_rate=1.0, seed=0, progress=False)
    >>> history.cost[0], history.metric[-1]
    (0.6931471805599453, 1.0)
    >>> nn.predict(model, X)
    array([[0, 0, 1, 1]])
    """
    check_model(model)
    check_count("epochs", epochs)
    check_optimizer_maker(optimizer)
    plan = objective(model, cost, metric)
    generator = generator_of(seed)
    batches = batches_of(
        model, plan, X, Y, size=batch_size, generator=generator, sample_weight=sample_weight, class_weight=class_weight
    )
    check_smallest_batch(model, batches)
    held_out = None if validation is None else held_out_of(model, plan, validation)
    plan = replace(plan, penalty=training_penalty(model, l2, l1, m=number_of_samples(batches) if l2 or l1 else 1))
    rate_of = rates(learning_rate, epochs)
    descent = Descent(model, plan, optimizer(model.parameters(), rate_of[0]), compiled, filling(model, plan, batches))
    check_moves(model, descent.optimizer)
    if resume is None:
        check_finite(model)
    if callable(learning_rate):
        check_rate_can_change(descent.optimizer)
    history = History(metric_name=plan.metric_name)
    run = Training(
        model, descent.optimizer, history, epochs, series_of(plan, held_out), checked_callbacks(callbacks), batches
    )
    run.settings = settings_of(
        run,
        cost=cost,
        learning_rate=learning_rate,
        rates=rate_of,
        batch_size=batch_size,
        l2=l2,
        l1=l1,
    )
    run.begin()
    observed_model = held_out is not None or run.reads_model()
    if resume is None:
        seed_layers(model, generator)
    else:
        resumed(run, resume)
        descent.resume()
    with observed(run), training(model, descent, history), progress_bar(progress, run, batches.steps) as bar:
        for epoch in range(run.epoch + 1, epochs + 1):
            if history.stopped:
                break
            if run.callbacks:
                train_on(descent, run)
            start = perf_counter()
            if callable(learning_rate):
                descent.optimizer.learning_rate = rate_of[epoch - 1]  # type: ignore[attr-defined]
            rate = getattr(descent.optimizer, "learning_rate", None)
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
                judged = descent.epoch(epoch, batches, bar.update)
            if observed_model:
                descent.synchronise()
            validated = None if held_out is None else held_out.judged(plan)
            history.append(judged, validated, perf_counter() - start, rate)
            bar.set_description_str(f"{epoch}/{epochs} {history.latest()}", refresh=False)
            run.ended(epoch)
    return history


def series_of(plan: Objective, held_out: Any) -> tuple[str, ...]:
    """Name the series that the history will have."""
    trained = ("cost",) if plan.metric is None else ("cost", plan.metric_name)
    return trained if held_out is None else (*trained, *(f"validation {name}" for name in trained))


def seed_layers(model: Module, generator: np.random.Generator) -> None:
    """Let layers that draw from an unpredictable generator draw from one that the seed of the run decides."""
    for module in model.modules():
        if hasattr(module, "seed_by"):
            module.seed_by(generator)


@contextmanager
def training(model: Module, descent: Descent, history: History) -> Iterator[None]:
    """Switch a model to training and back; an interrupt from the keyboard ends the block, and is noted."""
    before = [(module, module.training) for module in model.modules()]
    model.train()
    try:
        yield
    except KeyboardInterrupt:
        history.interrupted = True
        history.trim()
    finally:
        if completed(lambda: leave(descent, before)):
            history.interrupted = True


def leave(descent: Descent, before: list[tuple[Module, bool]]) -> None:
    """Give the model its last values, the modes that its modules had, and no gradients."""
    descent.synchronise()
    for module, mode in before:
        module.training = mode
    descent.optimizer.zero_grad()


class NoBar:
    """Stands for a bar that is not shown."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None: ...

    def update(self) -> None:
        """Move by a batch."""

    def set_description_str(self, text: str, refresh: bool) -> None:
        """Change the text."""


def progress_bar(shown: bool, run: Training, batches: int | None) -> Any:
    """Make a bar that moves with every batch; its text comes first, so that a narrow terminal cuts the bar."""
    if not shown or sys.stderr is None:  # as in a program without a console
        return NoBar()
    from tqdm.auto import tqdm  # loading it takes as long as a hundred steps of a small network

    done, total = (None if batches is None else epochs * batches for epochs in (run.epoch, run.epochs))
    form = "{desc} {remaining} {bar}" if total else "{desc} {elapsed}"
    start = f"{run.epoch}/{run.epochs}"
    return tqdm(total=total, initial=done or 0, desc=start, bar_format=form)
