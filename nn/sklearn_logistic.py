"""LogisticRegressionClassifier: logistic regression in scikit-learn's convention, to the optimum of its convex cost."""

import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
import scipy.optimize
from numpy.typing import DTypeLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning

import micrograd_nd as mg
from micrograd_nd.nn.affine import Linear
from micrograd_nd.nn.containers import Sequential
from micrograd_nd.nn.cross_entropies import binary_cross_entropy, cross_entropy
from micrograd_nd.nn.descent import plain
from micrograd_nd.nn.models import MLP, LogisticRegression
from micrograd_nd.nn.predictions import parameter_dtype
from micrograd_nd.nn.settings import check_count, finite_number, positive_number
from micrograd_nd.nn.sklearn_classification import (
    ClassifierOfModel,
    class_rows,
    classes_of,
    indices_of,
    weighted_by_class,
)
from micrograd_nd.nn.sklearn_data import checked, sample_weights

__all__ = ["LogisticRegressionClassifier"]

Array = NDArray[Any]
EPSILON = float(np.finfo(np.float64).eps)


class LogisticRegressionClassifier(ClassifierOfModel, BaseEstimator):  # type: ignore[misc] # no types in scikit-learn
    r"""Logistic regression, of two classes by a sigmoid or of more by a softmax, in scikit-learn's convention.

    It minimises the cost of scikit-learn's ``LogisticRegression``, here divided by :math:`C \sum_i w_i`,

    .. math:: J(W, b) = \frac{\sum_i w_i L_i}{\sum_i w_i} + \frac{1}{2 C \sum_i w_i} \lVert W \rVert_F^2

    with :math:`L_i` the cross-entropy of sample i and :math:`w_i` its weight; b is not penalised. J is convex. It is
    minimised over all samples at once by L-BFGS-B (Zhu, Byrd, Lu and Nocedal 1997) as SciPy has it, with the
    derivatives of a compiled program. The search runs on centred features in units of the root of a bound on their
    curvature, so that features need not be scaled; the minimum is that of the features as they are.

    Parameters
    ----------
    C : float
        Inverse of the strength of regularisation; positive, or ``numpy.inf`` for none.
    tol : float
        The search ends where no derivative of J, in the units above, is larger.
    max_iter : int
        The most iterations.
    class_weight : mapping or "balanced", optional
        What the weight of each sample is multiplied by, by its label. "balanced" lets all classes count the same.
    dtype : {None, float32, float64}
        Of the parameters and probabilities: by default float32 for samples in float32, and else float64. The minimum
        is searched for in float64 whatever it is.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    coef_ : ndarray, shape (1, n_features) or (n_classes, n_features)
        W, with a single row for two classes.
    intercept_ : ndarray, shape (1,) or (n_classes,)
        b.
    model_ : Sequential
        The model of columns, for what else `micrograd_nd.nn` does with one.
    loss_curve_ : list of float
        J after each iteration.
    loss_ : float
        J in the end.
    n_iter_ : int
        Number of iterations.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where the samples had names of columns.

    Examples
    --------
    >>> from sklearn.datasets import load_breast_cancer
    >>> from micrograd_nd.nn.sklearn import LogisticRegressionClassifier
    >>> X, y = load_breast_cancer(return_X_y=True)
    >>> classifier = LogisticRegressionClassifier().fit(X, y)
    >>> round(classifier.score(X, y), 3), classifier.coef_.shape
    (0.958, (1, 30))
    """

    def __init__(
        self,
        C: float = 1.0,
        *,
        tol: float = 1e-8,
        max_iter: int = 10_000,
        class_weight: Any = None,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.C = C
        self.tol = tol
        self.max_iter = max_iter
        self.class_weight = class_weight
        self.dtype = dtype

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the minimum, from the beginning.

        Parameters
        ----------
        X : array_like, shape (m, n_features)
            A sample a row; also a DataFrame.
        y : array_like, shape (m,)
            Labels: of any kind that scikit-learn takes for classes, at least two.
        sample_weight : array_like, shape (m,), optional
            How much each sample counts, not negative: one of weight 2 counts as two.

        Returns
        -------
        LogisticRegressionClassifier
            This one.

        Raises
        ------
        TypeError, ValueError
            For samples, labels, weights and settings that make no sense.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If the minimum was not reached.
        """
        self.__dict__.pop("model_", None)  # that of other classes must not answer if this fails
        X, y = checked(self, X, y, reset=True)
        weights = sample_weights(sample_weight, len(X))
        self.classes_ = classes_of(y)
        indices = indices_of(y, self.classes_)
        weights = weighted_by_class(self.class_weight, self.classes_, indices, weights)
        weights = np.ones(len(X)) if weights is None else weights
        Y = class_rows(indices, len(self.classes_), np.float64)
        W, b = self._minimum(np.asarray(X.T, dtype=np.float64), Y, weights)
        self.model_ = model_of(W.astype(X.dtype), b.astype(X.dtype))
        self.coef_, self.intercept_ = W.astype(X.dtype), b[:, 0].astype(X.dtype)
        return self

    def decision_function(self, X: Any) -> Array:
        """Give the logits.

        Parameters
        ----------
        X : array_like, shape (m, n_features)

        Returns
        -------
        ndarray, shape (m,) or (m, n_classes)
            ``X @ coef_.T + intercept_``: for two classes that of ``classes_[1]`` alone.

        Raises
        ------
        sklearn.exceptions.NotFittedError, ValueError
            As `predict`.
        """
        samples = self._columns(X)
        samples = samples.astype(parameter_dtype(self.model_), copy=False)
        with mg.no_grad():
            Z = plain(self.model_.logits(samples))
        return np.array(Z[0] if len(Z) == 1 else Z.T)

    def _minimum(self, X: Array, Y: Array, weights: Array) -> tuple[Array, Array]:
        """Search for W and b, and note how that went."""
        C = np.inf if is_infinite(self.C) else positive_number("C", self.C)
        tol = positive_number("tol", self.tol)
        check_count("max_iter", self.max_iter)
        total = finite_number("the sum of all weights", weights.sum().item())
        strength = 1 / C / total
        mean = X @ weights[:, None] / total
        units = np.sqrt((X - mean) ** 2 @ weights[:, None] / total / 4 + strength)
        units[units == 0] = 1
        search = Search((X - mean) / units, Y, weights[None] / total * weights.size, strength, units.T)
        found = scipy.optimize.minimize(
            search.value_and_gradient,
            np.zeros(search.size),
            jac=True,
            method="L-BFGS-B",
            callback=search.note,
            # ftol as scikit-learn has it. Remembering 50 steps, not 10, saves up to three quarters of the iterations.
            options={"maxiter": self.max_iter, "maxfun": 10**9, "maxcor": 50, "gtol": tol, "ftol": 64 * EPSILON},
        )
        if not found.success and np.abs(found.jac).max() > tol:
            warnings.warn(
                f"the minimum was not reached in {found.nit} iterations: a derivative is still "
                f"{np.abs(found.jac).max():.2g}, and tol is {tol:g}. Increase max_iter, or decrease C",
                ConvergenceWarning,
                stacklevel=3,
            )
        self.n_iter_, self.loss_, self.loss_curve_ = int(found.nit), float(found.fun), search.costs
        V, c = search.parts(found.x)
        W = V / units.T
        return W, c - W @ mean


def is_infinite(C: Any) -> bool:
    """Tell the C of no regularisation."""
    return isinstance(C, float) and bool(np.isposinf(C))


class Search:
    """The cost over parameters laid into one vector, as an optimiser wants it.

    Parameters
    ----------
    X : ndarray, shape (n_x, m)
        In the units of the search.
    Y : ndarray, shape (1, m) or (n_y, m)
        Zeros and ones, or columns with a single 1.
    weights : ndarray, shape (1, m)
        With a mean of 1.
    strength : float
        What the halved squares of the weights are multiplied by.
    units : ndarray, shape (1, n_x)
        What weights of the search are divided by to be those of features as they are.
    """

    def __init__(self, X: Array, Y: Array, weights: Array, strength: float, units: Array) -> None:
        self.shape = (len(Y), len(X))
        self.size = len(Y) * (len(X) + 1)
        self.data = (X, Y, weights, units)
        self.program: Callable[..., Any] = mg.compile(mg.value_and_grad(cost_of(len(Y), strength)))
        self.costs: list[float] = []

    def parts(self, x: Array) -> tuple[Array, Array]:
        """Take weights and biases out of a vector."""
        n_y, n_x = self.shape
        return x[: n_y * n_x].reshape(n_y, n_x), x[n_y * n_x :].reshape(n_y, 1)

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """Compute the cost and its derivatives."""
        V, b = self.parts(x)
        J, gradients = self.program({"V": V, "b": b}, *self.data)
        return float(J), np.concatenate([gradients["V"].ravel(), gradients["b"].ravel()])

    def note(self, intermediate_result: Any) -> None:
        """Remember the cost after an iteration."""
        self.costs.append(float(intermediate_result.fun))


def cost_of(n_y: int, strength: float) -> Callable[..., Any]:
    """Make the function that is minimised."""
    loss = binary_cross_entropy if n_y == 1 else cross_entropy

    def cost(parameters: Any, X: Any, Y: Any, weights: Any, units: Any) -> Any:
        Z = parameters["V"] @ X + parameters["b"]
        penalty = strength / 2 * np.sum(np.square(parameters["V"] / units))
        return loss(Z, Y, from_logits=True, sample_weight=weights) + penalty

    return cost


def model_of(W: Array, b: Array) -> Sequential:
    """Make a model of its parameters."""
    n_y, n_x = W.shape
    model: Sequential
    if n_y == 1:
        model = LogisticRegression(n_x, dtype=W.dtype)
    else:
        model = MLP([n_x, n_y], output="softmax", weights="zeros", dtype=W.dtype)
    layer = model.layers[0]
    assert isinstance(layer, Linear)  # noqa: S101 - for type checkers
    layer.W.data, layer.b.data = W, b
    return model
