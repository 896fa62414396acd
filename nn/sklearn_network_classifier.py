"""NeuralNetworkClassifier: a network that classifies, in scikit-learn's convention."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micrograd_nd import Tensor
from micrograd_nd.nn.optimizers import Optimizer
from micrograd_nd.nn.sklearn_classification import (
    ClassifierOfModel,
    class_rows,
    classes_of,
    indices_of,
    weighted_by_class,
)
from micrograd_nd.nn.sklearn_data import checked, sample_weights
from micrograd_nd.nn.sklearn_network import NeuralNetwork

__all__ = ["NeuralNetworkClassifier"]

Array = NDArray[Any]


class NeuralNetworkClassifier(ClassifierOfModel, NeuralNetwork):
    r"""Network that classifies, in scikit-learn's convention; trained by `micrograd_nd.nn.fit` in compiled steps.

    For two classes it ends in a sigmoid, for more in a softmax, and minimises the cross-entropy, on the average over
    the samples, weighted where they have weights, plus :math:`\frac{\alpha}{2 B} \sum_W \lVert W \rVert_F^2`, with B
    the size of batches or, where samples have weights, the sum of these in a batch on the average. That is the penalty
    of scikit-learn's ``MLPClassifier``, whose settings have the same names and defaults here.

    Weights start as those of `micrograd_nd.nn.MLP`, those of the first layer divided by the size of the features,
    :math:`(\sum x^6 / 15 m n)^{1/6}` over m samples of n features, so that what comes out in the beginning does not
    depend on the unit that features are in; biases at zero. For normally distributed features that is their standard
    deviation; rare large values make it larger. The penalty does depend on the unit: it is large where features are
    small. And the cost may be hard to minimise where some features are much larger than others: scale them, each to
    about 1.

    Parameters
    ----------
    hidden_layer_sizes : int or sequence of int
        Numbers of units in the hidden layers; ``()`` for none.
    activation : str
        Of the hidden layers, by its name in `micrograd_nd.nn.activation` or in scikit-learn, where the sigmoid is
        ``"logistic"`` and none at all ``"identity"``.
    optimizer : str or callable
        ``"adam"``, ``"adamw"``, ``"sgd"``, ``"momentum"``, ``"rmsprop"``, ``"adagrad"``, or what `micrograd_nd.nn.fit`
        takes: a class such as `micrograd_nd.nn.SGD`, or ``partial(nn.SGD, momentum=0.9)``.
    alpha : float
        Strength of L2 regularisation, not negative.
    batch_size : int or "auto"
        Samples a step, at most all; "auto" is 200. Where a batch holds all samples their order does not matter, and
        is left as it is.
    learning_rate_init : float
        Positive and finite.
    max_iter : int
        The most epochs that are made.
    tol, n_iter_no_change : float, int
        Training ends when the cost has fallen by less than `tol` below its lowest for more than `n_iter_no_change`
        epochs in a row, as in scikit-learn. If it never does, a ConvergenceWarning says so.
    class_weight : mapping or "balanced", optional
        What the weight of each sample is multiplied by, by its label. "balanced" lets all classes count the same.
    random_state : int, numpy.random.RandomState, optional
        Where first weights and the order of samples are drawn from; unpredictable by default. An int gives the same
        network every time.
    verbose : bool
        Show a bar with cost and accuracy.
    dtype : {None, float32, float64}
        What to compute in: by default float32 for samples in float32, which is faster, and else float64.

    Attributes
    ----------
    classes_ : ndarray, shape (n_classes,)
    model_ : MLP
        The network, of columns, for what else `micrograd_nd.nn` does with one.
    loss_curve_ : list of float
        The cost of each epoch.
    loss_ : float
        The last of them.
    n_iter_ : int
        Number of epochs, with those of `partial_fit`.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        Where the samples had names of columns.

    Examples
    --------
    >>> from sklearn.datasets import make_moons
    >>> from micrograd_nd.nn.sklearn import NeuralNetworkClassifier
    >>> X, y = make_moons(200, noise=0.1, random_state=0)
    >>> classifier = NeuralNetworkClassifier((16, 16), learning_rate_init=0.03, random_state=0).fit(X, y)
    >>> classifier.score(X, y)
    1.0
    """

    def __init__(
        self,
        hidden_layer_sizes: Any = (100,),
        activation: str = "relu",
        *,
        optimizer: str | Callable[[list[Tensor], float], Optimizer] = "adam",
        alpha: float = 0.0001,
        batch_size: int | str = "auto",
        learning_rate_init: float = 0.001,
        max_iter: int = 200,
        tol: float = 0.0001,
        n_iter_no_change: int = 10,
        class_weight: Any = None,
        random_state: Any = None,
        verbose: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        super().__init__(
            hidden_layer_sizes,
            activation,
            optimizer=optimizer,
            alpha=alpha,
            batch_size=batch_size,
            learning_rate_init=learning_rate_init,
            max_iter=max_iter,
            tol=tol,
            n_iter_no_change=n_iter_no_change,
            random_state=random_state,
            verbose=verbose,
            dtype=dtype,
        )
        self.class_weight = class_weight

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """Go through these samples once, on from where `fit` or this method has ended.

        Parameters
        ----------
        X : array_like, shape (m, n_features)
        y : array_like, shape (m,)
        classes : array_like, shape (n_classes,)
            All labels that there will be. Needed in the first call, and later left out or the same.
        sample_weight : array_like, shape (m,), optional
            As for `fit`.

        Returns
        -------
        NeuralNetworkClassifier
            This one.

        Raises
        ------
        FloatingPointError, TypeError, ValueError
            As `fit`, for other features or classes than before, and for ``class_weight="balanced"``, which needs all
            samples at once.
        """
        if isinstance(self.class_weight, str):
            raise ValueError(
                f"class_weight={self.class_weight!r} needs all samples at once; for partial_fit give a dict of weights"
            )
        self._partially_fit(X, y, sample_weight, self._known_classes(classes))
        return self

    def _known_classes(self, classes: Any) -> Array:
        """Find the classes that a call of `partial_fit` is about."""
        given = None if classes is None else classes_of(np.asarray(classes))
        if hasattr(self, "model_"):
            if given is not None and not np.array_equal(given, self.classes_):
                raise ValueError(f"classes must be those of before, {self.classes_.tolist()}; got {given.tolist()}")
            return self.classes_
        if given is None:
            raise ValueError("the first call of partial_fit needs classes, all labels that there will be")
        return given

    def _read(self, X: Any, y: Any, sample_weight: Any, classes: Any, reset: bool) -> tuple[Array, Array, Array | None]:
        X, y = checked(self, X, y, reset=reset)
        weights = sample_weights(sample_weight, len(X))
        self.classes_ = classes_of(y) if classes is None else classes
        indices = indices_of(y, self.classes_)
        Y = class_rows(indices, len(self.classes_), X.dtype)
        return X.T, Y, weighted_by_class(self.class_weight, self.classes_, indices, weights)

    def _output(self, n_y: int) -> str:
        return "sigmoid" if n_y == 1 else "softmax"
