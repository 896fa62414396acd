"""NeuralNetwork: what the networks in scikit-learn's convention have in common: settings, and training by `nn.fit`."""

import warnings
from collections.abc import Callable, Sequence
from typing import Any, Self

import numpy as np
from numpy.typing import DTypeLike, NDArray
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state

from micrograd_nd import Tensor
from micrograd_nd.nn.callbacks import Callback, Training
from micrograd_nd.nn.history import History
from micrograd_nd.nn.models import MLP
from micrograd_nd.nn.optimizers import Optimizer
from micrograd_nd.nn.settings import check_count, checked_rate, nonnegative_number, truth
from micrograd_nd.nn.sklearn_settings import batch_size_of, hidden_sizes, named_activation, named_optimizer
from micrograd_nd.nn.training import fit

__all__ = ["NeuralNetwork"]

Array = NDArray[Any]

# Making a program takes as long as about so many steps without one, which partial_fit rarely makes.
WORTH_COMPILING = 100

# The sixth moment of the standard normal distribution: 1 * 3 * 5.
NORMAL_MOMENT = 15


class NeuralNetwork(BaseEstimator):  # type: ignore[misc] # scikit-learn ships no types
    """What both networks are: a `micrograd_nd.nn.MLP`, and the state of its training.

    A subclass says in ``_read`` what its samples and targets are, and in ``output`` and ``cost`` what it ends in.
    """

    cost: Any = None

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
        random_state: Any = None,
        verbose: bool = False,
        dtype: DTypeLike | None = None,
    ) -> None:
        self.hidden_layer_sizes = hidden_layer_sizes
        self.activation = activation
        self.optimizer = optimizer
        self.alpha = alpha
        self.batch_size = batch_size
        self.learning_rate_init = learning_rate_init
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.random_state = random_state
        self.verbose = verbose
        self.dtype = dtype

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train a new network.

        Parameters
        ----------
        X : array_like, shape (m, n_features)
            A sample a row; also a DataFrame. Features should be scaled to about 1.
        y : array_like, shape (m,)
            Labels of classes, or numbers; for a regressor also of shape (m, n_outputs).
        sample_weight : array_like, shape (m,), optional
            How much each sample counts, not negative: one of weight 0 is left out.

        Returns
        -------
        NeuralNetwork
            This one.

        Raises
        ------
        FloatingPointError
            When the cost stops being finite.
        TypeError, ValueError
            For samples, targets, weights and settings that make no sense.

        Warns
        -----
        sklearn.exceptions.ConvergenceWarning
            If the cost was still falling after `max_iter` epochs.
        UserWarning
            When it was interrupted from the keyboard: then the network is as trained up to there.
        """
        check_count("max_iter", self.max_iter)
        check_count("n_iter_no_change", self.n_iter_no_change)
        tol = nonnegative_number("tol", self.tol)
        self.__dict__.pop("model_", None)  # that of other classes must not answer if this fails
        data = self._read(X, y, sample_weight, None, reset=True)
        begun = self._begun(*data)
        stopping = StopOnceLevel(tol, self.n_iter_no_change)
        history = self._trained(*begun, *data, epochs=self.max_iter, callbacks=[stopping])
        self.model_, self._optimizer, self._generator = begun
        self.loss_curve_: list[float] = []
        self._note(history)
        if history.interrupted:
            warnings.warn(f"training was interrupted after {len(history)} epochs", stacklevel=2)
        elif history.stopped is None:
            warnings.warn(
                f"the cost is still falling after {self.max_iter} epochs, the maximum. Increase max_iter",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _partially_fit(self, X: Any, y: Any, sample_weight: Any, classes: Any) -> None:
        """Go through samples once, from where the network is, or from the beginning."""
        first = not hasattr(self, "model_")
        data = self._read(X, y, sample_weight, classes, reset=first)
        begun = self._begun(*data) if first else (self.model_, self._optimizer, self._generator)
        history = self._trained(*begun, *data, epochs=1)
        self.model_, self._optimizer, self._generator = begun
        if first:
            self.loss_curve_ = []
        self._note(history)

    def _read(self, X: Any, y: Any, sample_weight: Any, classes: Any, reset: bool) -> tuple[Array, Array, Array | None]:
        """Check what is to be trained on, and lay each sample into a column."""
        raise NotImplementedError(f"{type(self).__name__} must define _read()")

    def _output(self, n_y: int) -> str:
        """Name the activation of the output."""
        return "linear"

    def _begun(self, X: Array, Y: Array, weights: Array | None) -> tuple[MLP, Any, np.random.Generator]:
        """Make a network for such samples, its optimiser, and what randomness comes from."""
        generator = np.random.default_rng(check_random_state(self.random_state).randint(2**31 - 1))
        model = MLP(
            [len(X), *hidden_sizes(self.hidden_layer_sizes), len(Y)],
            hidden=named_activation(self.activation),
            output=self._output(len(Y)),
            seed=generator,
            dtype=X.dtype,
        )
        first = model.layers[0].W  # type: ignore[attr-defined]
        first.data = first.numpy() / size_of_features(X, weights)
        rate = checked_rate(self.learning_rate_init)
        return model, named_optimizer(self.optimizer)(model.parameters(), rate), generator

    def _trained(
        self,
        model: MLP,
        optimizer: Any,
        generator: np.random.Generator,
        X: Array,
        Y: Array,
        weights: Array | None,
        epochs: int,
        callbacks: Sequence[Callback] = (),
    ) -> History:
        """Train a network by `nn.fit`, which keeps using the optimiser that there is."""
        alpha, rate = nonnegative_number("alpha", self.alpha), checked_rate(self.learning_rate_init)
        if weights is not None and not weights.all():
            counting = weights > 0
            X, Y, weights = X[:, counting], Y[:, counting], weights[counting]
        m = X.shape[1]
        size = batch_size_of(self.batch_size, m)
        steps = epochs * -(-m // size)

        def resumed(parameters: Sequence[Tensor], rate: float) -> Any:
            if hasattr(optimizer, "learning_rate"):
                optimizer.learning_rate = rate
            return optimizer

        return fit(
            model,
            X,
            Y,
            epochs=epochs,
            learning_rate=rate,
            seed=generator,
            batch_size=None if size == m else size,
            cost=self.cost,
            metric=None if self.verbose else False,
            optimizer=resumed,
            l2=alpha * m / size / (1.0 if weights is None else weights.mean().item()),
            sample_weight=weights,
            progress=truth("verbose", self.verbose),
            compiled=steps >= WORTH_COMPILING,
            callbacks=callbacks,
        )

    def _note(self, history: History) -> None:
        """Add to what is known of the training."""
        self.loss_curve_ += history.cost
        self.n_iter_ = len(self.loss_curve_)
        if self.loss_curve_:
            self.loss_ = self.loss_curve_[-1]


class StopOnceLevel:
    """A callback that ends a run whose cost did not fall below its lowest by `tol` for more than so many epochs."""

    only_looks, reads_model = True, False

    def __init__(self, tol: float, patience: int) -> None:
        self.tol = tol
        self.patience = patience
        self.lowest = float("inf")
        self.waiting = 0

    def __call__(self, training: Training) -> None:
        """Look at the cost of the last epoch."""
        cost = training.history.cost[-1]
        self.waiting = self.waiting + 1 if cost > self.lowest - self.tol else 0
        self.lowest = min(self.lowest, cost)
        if self.waiting > self.patience:
            training.stop("the cost has levelled off")


def size_of_features(X: Array, weights: Array | None) -> float:
    """Measure the features of samples, weighted where they have weights; 1 where all are zero.

    By their sixth moment, for normally distributed ones the standard deviation: rare large values, such as those of
    standardised pixels that are nearly always black, count more than in the root mean square. Networks that start with
    weights too large for these learn them by heart.
    """
    if weights is not None:
        X, weights = X[:, weights > 0], weights[weights > 0] / weights.max()
    largest = float(np.max(np.abs(X)))
    if not largest:
        return 1.0
    squares = np.square(X / largest)
    of_samples = np.mean(squares * squares * squares, axis=0, dtype=np.float64)
    measured = largest * float(np.cbrt(np.sqrt(np.average(of_samples, weights=weights) / NORMAL_MOMENT)))
    return max(measured, 1024 * float(np.finfo(X.dtype).tiny))  # so that no weight becomes infinite
