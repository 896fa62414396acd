"""Train networks on scikit-learn's digits here, there and in PyTorch: how long it takes, and how often they are right.

    python benchmarks/digits.py --out benchmarks/results

Times are of 64-100-10 networks with ReLU, by Adam, in batches of 200 and 50 epochs, on one thread. Processes take
turns; in each, the first fit is timed, and three more after it: the first makes what later ones use again. Accuracy is
of the estimators' own defaults, on what five stratified folds hold out; PyTorch's network has scikit-learn's defaults.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np
from comparison import machine
from comparison.child import PATIENCE, THREADS
from comparison.report import setting, table

OURS = "micrograd_nd"
WHO = ("scikit-learn", OURS, "PyTorch")
DTYPES = ("float64", "float32")
EPOCHS, BATCH, RATE = 50, 200, 1e-3
ROUNDS, SEEDS = 10, 12
# scikit-learn's defaults, which end a run whose cost has not fallen by so much for so long.
LONGEST, TOLERANCE, PATIENT, PENALTY = 200, 1e-4, 10, 1e-4
SCALES = ("raw", "from 0 to 1", "standardised")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--seeds", type=int, default=SEEDS, help="of each fold's networks; 0 leaves accuracy out")
    parser.add_argument("--out", type=Path, help="folder to write the tables into")
    parser.add_argument("--child", nargs=3, metavar=("WHAT", "WHO", "HOW"), help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.child:
        what, who, how = options.child
        print(json.dumps(seconds(who, how) if what == "time" else accuracies(who, how, options.seeds)))
        return
    who = [name for name in WHO if machine.version_of({"PyTorch": "torch"}.get(name, name.replace("_", "-")))]
    times: dict[tuple[str, str], list[list[float]]] = {(name, dtype): [] for dtype in DTYPES for name in who}
    for _ in range(options.rounds):
        for (name, dtype), found in times.items():
            found.append(child("time", name, dtype))
    right = {(name, scale): child("accuracy", name, scale, options.seeds) for scale in SCALES for name in who}
    text = report(who, times, right if options.seeds else {})
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "digits.md").write_text(text, encoding="utf-8")


def child(what: str, who: str, how: str, seeds: int = 0) -> list[float]:
    """Measure in a process of its own, on one thread."""
    command = [sys.executable, __file__, "--child", what, who, how, "--seeds", str(seeds)]
    environment = os.environ | dict.fromkeys(THREADS, "1") | PATIENCE
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)  # noqa: S603 - this file
    found: list[float] = json.loads(done.stdout.splitlines()[-1])
    return found


def seconds(who: str, dtype: str) -> list[float]:
    """Time the first fit and three more."""
    X, y = digits(np.dtype(dtype), "from 0 to 1")
    fit = TIMED[who](X, y)
    found = []
    for _ in range(4):
        start = perf_counter()
        fit()
        found.append(perf_counter() - start)
    return found


def accuracies(who: str, scale: str, seeds: int) -> list[float]:
    """Compute the share of right answers of each seed, over five folds."""
    from sklearn.model_selection import StratifiedKFold

    if not seeds:
        return []
    X, y = digits(np.dtype(np.float64), scale)
    found = []
    for seed in range(seeds):
        right = 0
        for train, test in StratifiedKFold(5, shuffle=True, random_state=seed).split(X, y):
            right += np.count_nonzero(ANSWERS[who](X[train], y[train], X[test], seed) == y[test])
        found.append(right / len(y))
    return found


def digits(dtype: np.dtype[Any], scale: str) -> tuple[Any, Any]:
    """Return the samples, a row each, and their classes."""
    from sklearn.datasets import load_digits

    X, y = load_digits(return_X_y=True)
    if scale == "from 0 to 1":
        X = X / 16
    elif scale == "standardised":
        X = (X - X.mean(axis=0)) / np.where(X.std(axis=0) > 0, X.std(axis=0), 1)
    return X.astype(dtype), y


def time_scikit_learn(X: Any, y: Any) -> Callable[[], Any]:
    from sklearn.neural_network import MLPClassifier

    rule: dict[str, Any] = {"max_iter": EPOCHS, "n_iter_no_change": EPOCHS, "alpha": 0, "random_state": 0}
    return lambda: MLPClassifier((100,), batch_size=BATCH, learning_rate_init=RATE, **rule).fit(X, y)


def time_micrograd_nd(X: Any, y: Any) -> Callable[[], Any]:
    from micrograd_nd.nn.sklearn import NeuralNetworkClassifier

    rule: dict[str, Any] = {"max_iter": EPOCHS, "n_iter_no_change": EPOCHS, "alpha": 0, "random_state": 0}
    return lambda: NeuralNetworkClassifier((100,), batch_size=BATCH, learning_rate_init=RATE, **rule).fit(X, y)


def time_pytorch(X: Any, y: Any) -> Callable[[], Any]:
    return lambda: trained_in_pytorch(X, y, seed=0, epochs=EPOCHS)


def answers_of_scikit_learn(X: Any, y: Any, X_test: Any, seed: int) -> Any:
    from sklearn.neural_network import MLPClassifier

    return MLPClassifier(random_state=seed).fit(X, y).predict(X_test)


def answers_of_micrograd_nd(X: Any, y: Any, X_test: Any, seed: int) -> Any:
    from micrograd_nd.nn.sklearn import NeuralNetworkClassifier

    return NeuralNetworkClassifier(random_state=seed).fit(X, y).predict(X_test)


def answers_of_pytorch(X: Any, y: Any, X_test: Any, seed: int) -> Any:
    import torch

    model = trained_in_pytorch(X, y, seed, epochs=LONGEST, penalty=PENALTY, tolerance=TOLERANCE)
    with torch.no_grad():
        return model(torch.from_numpy(X_test)).argmax(dim=1).numpy()


def trained_in_pytorch(
    X: Any, y: Any, seed: int, epochs: int, penalty: float = 0.0, tolerance: float | None = None
) -> Any:
    """Train as PyTorch's tutorials do: a network of its modules, its optimiser, and a loop over shuffled batches."""
    import torch

    torch.set_num_threads(1)
    torch.manual_seed(seed)
    samples, classes = torch.from_numpy(X), torch.from_numpy(y).long()
    model = torch.nn.Sequential(torch.nn.Linear(64, 100), torch.nn.ReLU(), torch.nn.Linear(100, 10)).to(samples.dtype)
    # scikit-learn divides its penalty by the samples of the batch, and penalises no biases.
    weights = [p for p in model.parameters() if p.ndim > 1]
    biases = [p for p in model.parameters() if p.ndim == 1]
    groups = [{"params": weights, "weight_decay": penalty / BATCH}, {"params": biases}]
    optimizer, cost = torch.optim.Adam(groups, lr=RATE), torch.nn.CrossEntropyLoss()
    best, waiting = float("inf"), 0
    for _ in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(samples)).split(BATCH):
            optimizer.zero_grad()
            J = cost(model(samples[chosen]), classes[chosen])
            J.backward()
            optimizer.step()
            total += J.item() * len(chosen)
        if tolerance is not None:
            waiting = waiting + 1 if total / len(samples) > best - tolerance else 0
            best = min(best, total / len(samples))
            if waiting > PATIENT:
                break
    return model


TIMED = {"scikit-learn": time_scikit_learn, "micrograd_nd": time_micrograd_nd, "PyTorch": time_pytorch}
ANSWERS = {
    "scikit-learn": answers_of_scikit_learn,
    "micrograd_nd": answers_of_micrograd_nd,
    "PyTorch": answers_of_pytorch,
}


def report(who: list[str], times: Any, right: Any) -> str:
    """Write the tables."""
    rows = [
        ["dtype", "fit", *(f"`{name}`, ms" for name in who), *(f"{name} over ours" for name in who if name != OURS)]
    ]
    for dtype in DTYPES:
        for fit, part in (("first", slice(0, 1)), ("later", slice(1, None))):
            medians = {
                name: statistics.median([t for run in times[name, dtype] for t in run[part]]) * 1e3 for name in who
            }
            ratios = [f"{medians[name] / medians[OURS]:.2f}" for name in who if name != OURS]
            rows.append([dtype, fit, *(f"{medians[name]:.0f}" for name in who), *ratios])
    told = (
        "64-100-10, ReLU, Adam, batches of 200, 50 epochs on 1,797 samples, on one thread: the median of the first fit "
        "of a process, and of later ones."
    )
    parts = ["# Digits", told, table(rows)]
    if right:
        seeds = len(next(iter(right.values())))
        rows = [["features", *(f"`{name}`, %" for name in who)]]
        for scale in SCALES:
            rows.append([scale, *(shares(right[name, scale]) for name in who)])
        parts += [
            f"Right answers on five held-out folds, by the defaults of each: mean over {seeds} seeds ± its error.",
            table(rows),
        ]
    return "\n\n".join([*parts, setting(machine.describe())])


def shares(found: list[float]) -> str:
    """Write a mean of shares and its standard error."""
    error = statistics.stdev(found) / len(found) ** 0.5 if len(found) > 1 else 0.0
    return f"{100 * statistics.mean(found):.2f} ± {100 * error:.2f}"


if __name__ == "__main__":
    main()
