"""NeuralNetworkRegressor: a network that predicts numbers, in scikit-learn's convention."""

from typing import Any, Self

from numpy.typing import NDArray
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils.validation import check_is_fitted

from micrograd_nd.nn.predictions import predict
from micrograd_nd.nn.regression_costs import half_mse
from micrograd_nd.nn.sklearn_data import checked, sample_weights
from micrograd_nd.nn.sklearn_network import NeuralNetwork

__all__ = ["NeuralNetworkRegressor"]

Array = NDArray[Any]


class NeuralNetworkRegressor(MultiOutputMixin, RegressorMixin, NeuralNetwork):  # type: ignore[misc] # no types there
    r"""Network that predicts numbers, in scikit-learn's convention; trained by `micrograd_nd.nn.fit` in compiled steps.

    It minimises half the squared error, added up over the outputs, on the average over the samples, weighted where they
    have weights, plus :math:`\frac{\alpha}{2 B} \sum_W \lVert W \rVert_F^2`, with B the size of batches or, where
    samples have weights, the sum of these in a batch on the average. For one output that is the cost of scikit-learn's
    ``MLPRegressor``, whose settings have the same names and defaults here. Weights start as those of
    `NeuralNetworkClassifier`. Targets should be scaled to about 1, too.

    Parameters
    ----------
    hidden_layer_sizes, activation, optimizer, alpha, batch_size, learning_rate_init
        As of `NeuralNetworkClassifier`.
    max_iter, tol, n_iter_no_change, random_state, verbose, dtype
        As of `NeuralNetworkClassifier`.

    Attributes
    ----------
    model_, loss_curve_, loss_, n_iter_, n_features_in_, feature_names_in_
        As of `NeuralNetworkClassifier`.

    Examples
    --------
    >>> import numpy as np
    >>> from micrograd_nd.nn.sklearn import NeuralNetworkRegressor
    >>> X = np.linspace(-3, 3, 200).reshape(-1, 1)
    >>> y = np.sin(X[:, 0])
    >>> settings = {"activation": "tanh", "learning_rate_init": 0.01, "max_iter": 500, "tol": 1e-5}
    >>> NeuralNetworkRegressor((20,), random_state=0, **settings).fit(X, y).score(X, y) > 0.99
    True
    """

    cost = staticmethod(half_mse)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Go through these samples once, on from where `fit` or this method has ended.

        Parameters
        ----------
        X : array_like, shape (m, n_features)
        y : array_like, shape (m,) or (m, n_outputs)
        sample_weight : array_like, shape (m,), optional
            As for `fit`.

        Returns
        -------
        NeuralNetworkRegressor
            This one.

        Raises
        ------
        FloatingPointError, TypeError, ValueError
            As `fit`, and for other features or outputs than before.
        """
        self._partially_fit(X, y, sample_weight, None)
        return self

    def predict(self, X: Any) -> Array:
        """Predict numbers.

        Parameters
        ----------
        X : array_like, shape (m, n_features)

        Returns
        -------
        ndarray, shape (m,) or (m, n_outputs)
            As the targets were, in the dtype that was trained in.

        Raises
        ------
        sklearn.exceptions.NotFittedError
            Before `fit`.
        ValueError
            For samples with other features than `fit` was given, or with a NaN or an infinity.
        """
        check_is_fitted(self, "model_")
        values = predict(self.model_, checked(self, X, reset=False).T)
        return values[0] if self._one_row else values.T

    def _read(self, X: Any, y: Any, sample_weight: Any, classes: Any, reset: bool) -> tuple[Array, Array, Array | None]:
        X, y = checked(self, X, y, reset=reset, multi_output=True, y_numeric=True)
        weights = sample_weights(sample_weight, len(X))
        if reset:
            self._one_row = y.ndim == 1
        Y = y.reshape(1, -1) if y.ndim == 1 else y.T
        return X.T, Y.astype(X.dtype), weights
