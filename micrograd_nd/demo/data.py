"""Real data that scikit-learn carries with it, in the course's layout: a sample is a column."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

__all__ = ["Split", "breast_cancer", "digits"]

Array = NDArray[np.float64]


class Split(NamedTuple):
    """Samples to train on, and others held out to judge by. X is (n_x, m), Y is (1, m)."""

    X: Array
    Y: NDArray[np.intp]
    X_test: Array
    Y_test: NDArray[np.intp]


def breast_cancer(seed: int = 0) -> Split:
    """Load 569 tumours of 30 measurements, 1 for benign; standardised by the training part's mean and deviation."""
    from sklearn.datasets import load_breast_cancer

    bunch = load_breast_cancer()
    split = columns(bunch.data, bunch.target, seed)
    mean, deviation = split.X.mean(axis=1, keepdims=True), split.X.std(axis=1, keepdims=True)
    return split._replace(X=(split.X - mean) / deviation, X_test=(split.X_test - mean) / deviation)


def digits(seed: int = 0) -> Split:
    """Load 1,797 handwritten digits of 8 x 8 pixels, scaled to between 0 and 1."""
    from sklearn.datasets import load_digits

    bunch = load_digits()
    return columns(bunch.data / 16, bunch.target, seed)


def columns(rows: Array, labels: NDArray[np.intp], seed: int) -> Split:
    """Turn samples in rows into columns, and hold a random fifth of them out."""
    order = np.random.default_rng(seed).permutation(len(rows))
    cut = len(rows) * 4 // 5
    train, test = order[:cut], order[cut:]
    return Split(rows[train].T.copy(), labels[None, train], rows[test].T.copy(), labels[None, test])
