"""TableModel: a network with what its inputs and outputs mean in a table."""

from dataclasses import dataclass

import numpy as np

from micrograd_nd import nn
from micrograd_nd.tabular.cells import Numbers
from micrograd_nd.tabular.csv_files import Table
from micrograd_nd.tabular.errors import TableError
from micrograd_nd.tabular.features import Feature
from micrograd_nd.tabular.targets import NumberTarget, Target

__all__ = ["TableModel", "encoded"]


@dataclass(frozen=True)
class TableModel:
    """A network with what its inputs and outputs mean in a table.

    Attributes
    ----------
    network : Sequential
        Of n_x inputs, as many as the features make together.
    features : tuple of NumberFeature or CategoryFeature
        What columns become, in the order of the rows of X.
    target : ClassTarget or NumberTarget
    """

    network: nn.Sequential
    features: tuple[Feature, ...]
    target: Target

    def predicted(self, table: Table) -> Numbers:
        """Predict every row of a table, whatever the order of its columns and whatever others it has.

        Parameters
        ----------
        table : Table

        Returns
        -------
        ndarray
            The probability of each label, of shape (number of labels, m); or numbers, of shape (1, m).

        Raises
        ------
        TableError
            For columns that are missing, or hold what the model knows nothing of; or if the network gives no number.
        """
        table.require(feature.name for feature in self.features)
        values = self.outputs(encoded(self.features, table))
        if not np.isfinite(values).all():
            column = int(np.argwhere(~np.isfinite(values))[0][1])
            raise table.error(column, "the model gives no finite number for this row")
        return values

    def outputs(self, X: Numbers) -> Numbers:
        """Predict samples, shape (n_x, m): probabilities or numbers, as `predicted` gives them."""
        with np.errstate(all="ignore"):
            if isinstance(self.target, NumberTarget):
                return self.target.restored(nn.predict(self.network, X).astype(np.float64))
            P = nn.predict_proba(self.network, X).astype(np.float64)
        return np.concatenate([1 - P, P]) if self.target.n_y == 1 else P


def encoded(features: tuple[Feature, ...], table: Table) -> Numbers:
    """Make X of a table, shape (n_x, m).

    Raises
    ------
    TableError
        For columns that are missing, or hold what features know nothing of, and if there is too much of them.
    """
    try:
        X = np.empty((sum(feature.size for feature in features), len(table)))
    except MemoryError as error:
        raise TableError(f"{table.path} is too large: {error}") from None
    start = 0
    for feature in features:
        X[start : start + feature.size] = feature.encoded(table)
        start += feature.size
    return X
