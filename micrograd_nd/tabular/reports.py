"""Reports: how good predictions are, beside what one would reach without a network."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import nn
from micrograd_nd.tabular.cells import Numbers
from micrograd_nd.tabular.features import mean_and_scale
from micrograd_nd.tabular.targets import ClassTarget, NumberTarget, Target

__all__ = ["counted", "report"]

# A table of more classes is not read: the most frequent confusions are named instead.
TABLE_OF = 15
MOST_FREQUENT = 10
LONGEST_LABEL = 20


def report(target: Target, predicted: Numbers, true: NDArray[Any], baseline: float | None = None) -> list[str]:
    r"""Compare predictions with what was to be predicted.

    Parameters
    ----------
    target : ClassTarget or NumberTarget
    predicted : ndarray
        As `TableModel.predicted` gives it.
    true : ndarray, shape (1, m)
        Positions of labels, or numbers.
    baseline : float, optional
        What one would predict without a network: the most frequent label or the mean of the training rows. Without
        it, that of `true`.

    Returns
    -------
    list of str
        Lines.

    Examples
    --------
    >>> target = ClassTarget("grown", ("no", "yes"), numeric=False)
    >>> P = np.array([[0.9, 0.6, 0.2], [0.1, 0.4, 0.8]])
    >>> print(*report(target, P, np.array([[0, 1, 1]])), sep="\n")
    accuracy 0.6667, 2 of 3 right; always 'yes' would be right for 0.6667
    true / predicted
           no  yes
      no    1    0
      yes   1    1
    """
    if isinstance(target, ClassTarget):
        return report_of_classes(target, predicted.argmax(axis=0), true[0], baseline)
    return report_of_numbers(target, predicted[0], true[0], baseline)


def report_of_classes(
    target: ClassTarget, predicted: NDArray[np.intp], true: NDArray[np.intp], baseline: float | None
) -> list[str]:
    """Report accuracy, that of the most frequent class, and the confusions."""
    n, m = len(target.labels), len(true)
    usual = int(np.bincount(true).argmax() if baseline is None else baseline)
    right, right_anyway = int((predicted == true).sum()), float((true == usual).mean())
    counts = nn.confusion_matrix(predicted[None], true[None], classes=n)
    labels = [label_text(label) for label in target.labels]
    accuracy = f"accuracy {right / m:.4f}, {right} of {m} right"
    first = f"{accuracy}; always '{labels[usual]}' would be right for {right_anyway:.4f}"
    return [first, *(table_of(labels, counts) if n <= TABLE_OF else most_frequent(labels, counts))]


def table_of(labels: Sequence[str], counts: NDArray[np.int64]) -> list[str]:
    """Write a confusion matrix, a true class a row."""
    cells = [["", *labels], *([label, *map(str, row)] for label, row in zip(labels, counts.tolist(), strict=True))]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    lines = (
        [row[0].ljust(widths[0]), *(cell.rjust(width) for cell, width in zip(row[1:], widths[1:], strict=True))]
        for row in cells
    )
    return ["true / predicted", *("  " + "  ".join(line) for line in lines)]


def most_frequent(labels: Sequence[str], counts: NDArray[np.int64]) -> list[str]:
    """Name the classes that are most often taken for another."""
    wrong = counts * (1 - np.eye(len(counts), dtype=np.int64))
    order = np.argsort(-wrong.ravel(), kind="stable")[:MOST_FREQUENT]
    pairs = [divmod(int(place), len(labels)) for place in order if wrong.ravel()[place]]
    return [f"  {counted(wrong[k, j], 'time')} '{labels[k]}' was taken for '{labels[j]}'" for k, j in pairs]


def report_of_numbers(target: NumberTarget, predicted: Numbers, true: Numbers, baseline: float | None) -> list[str]:
    """Report the root of the mean squared error, that of the mean, and the coefficient of determination."""
    own_mean, spread = mean_and_scale(true)
    mean = own_mean if baseline is None else baseline
    error, error_anyway = root_mean_square(predicted - true), root_mean_square(true - mean)
    ratio = error / spread if spread else 0.0
    R2 = f"R2 {1 - ratio * ratio:.4f}" if spread else "R2 is not defined, since all of these are the same"
    return [
        f"RMSE {error:.5g}, {R2}; always {mean:.5g} would have RMSE {error_anyway:.5g} ({counted(len(true), 'row')})"
    ]


def root_mean_square(values: Numbers) -> float:
    """Compute the root of the mean square of numbers of any size."""
    largest = float(np.abs(values).max())
    if not largest or not np.isfinite(largest):
        return largest
    return largest * float(np.sqrt(np.mean((values / largest) ** 2)))


def counted(n: int, noun: str) -> str:
    """Write a number of things."""
    return f"{n} {noun}" if n == 1 else f"{n} {noun}s"


def label_text(label: str) -> str:
    """Shorten a label, and write what a terminal would not show."""
    text = label if label.isprintable() else repr(label)[1:-1]
    return text if len(text) <= LONGEST_LABEL else text[: LONGEST_LABEL - 3] + "..."
