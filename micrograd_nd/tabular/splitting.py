"""Splitting: which rows are trained on, which tell when to stop, and which are held out to judge by."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.tabular.errors import TableError

__all__ = ["EveryRowNeededError", "Parts", "split"]

Rows = NDArray[np.intp]

# Of what is not held out, where training is to stop early.
VALIDATION = 0.2


class EveryRowNeededError(TableError):
    """Categories that are so many that all rows have to be trained on."""


@dataclass(frozen=True)
class Parts:
    """Rows by their positions, each in one part, in the order of the table.

    Attributes
    ----------
    train, validation, held_out : ndarray of int
    """

    train: Rows
    validation: Rows
    held_out: Rows


def split(
    groups: Rows, categories: Sequence[Rows], holdout: float, validation: bool, rng: np.random.Generator
) -> Parts:
    """Draw the rows of each part, so that each has its share of every group.

    Parameters
    ----------
    groups : ndarray of int, shape (m,)
        The class of each row; the same for all where there are none.
    categories : sequence of ndarray of int, shape (m,)
        For each column of categories, that of each row: each is put into the training part at least once, since a
        network knows nothing of one that it was not trained on.
    holdout : float
        The fraction to hold out; 0 for none.
    validation : bool
        Whether a part is to tell when to stop: a fifth of the rest.
    rng : numpy.random.Generator

    Returns
    -------
    Parts

    Raises
    ------
    TableError
        If there are too few rows.
    EveryRowNeededError
        If no row is left to hold out, or to stop by, once every category is trained on.

    Examples
    --------
    >>> parts = split(np.array([0] * 10 + [1] * 5), [], 0.2, False, np.random.default_rng(0))
    >>> len(parts.train), np.bincount(parts.held_out // 10)
    (12, array([2, 1]))
    """
    held_out, rest = drawn(np.arange(len(groups)), groups, holdout, rng)
    stop_by, train = drawn(rest, groups, VALIDATION if validation else 0.0, rng)
    parts = with_every_category(Parts(train, stop_by, held_out), categories)
    if len(held_out) > len(parts.held_out) == 0 or len(stop_by) > len(parts.validation) == 0:
        raise EveryRowNeededError
    if holdout and not len(parts.held_out):
        raise TableError(
            f"{len(groups)} rows are too few to hold {holdout:g} of them out. --holdout 0 trains on all, judged by none"
        )
    if validation and not len(parts.validation):
        raise TableError(f"{len(rest)} rows are too few to take some from, to stop early by")
    return parts


def drawn(rows: Rows, groups: Rows, fraction: float, rng: np.random.Generator) -> tuple[Rows, Rows]:
    """Draw a fraction of rows, the same of every group as nearly as can be; give those and the rest."""
    members = [rows[groups[rows] == group] for group in np.unique(groups[rows])]
    counts = shares(np.array([len(member) for member in members]), fraction)
    chosen = [rng.permutation(member)[:count] for member, count in zip(members, counts, strict=True)]
    taken = np.isin(rows, np.concatenate(chosen))
    return rows[taken], rows[~taken]


def shares(sizes: Rows, fraction: float) -> Rows:
    """Take a fraction of groups: whole numbers, of the right sum, that leave at least one in each group."""
    exact = sizes * fraction
    counts = np.minimum(np.floor(exact).astype(np.intp), sizes - 1)
    missing = round(float(exact.sum())) - counts.sum()
    for group in np.argsort(counts - exact, kind="stable"):  # the largest remainders first
        if missing > 0 and counts[group] < sizes[group] - 1:
            counts[group] += 1
            missing -= 1
    return np.asarray(counts)


def with_every_category(parts: Parts, categories: Sequence[Rows]) -> Parts:
    """Move rows into the training part until it has every category."""
    for codes in categories:
        lacking = np.setdiff1d(codes, codes[parts.train])
        if not len(lacking):
            continue
        elsewhere = np.concatenate([parts.validation, parts.held_out])
        _, first = np.unique(codes[elsewhere], return_index=True)
        moved = elsewhere[first][np.isin(codes[elsewhere[first]], lacking)]
        parts = replace(
            parts,
            train=np.sort(np.concatenate([parts.train, moved])),
            validation=np.setdiff1d(parts.validation, moved),
            held_out=np.setdiff1d(parts.held_out, moved),
        )
    return parts
