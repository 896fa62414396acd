"""What estimators are given, a sample a row: checked by scikit-learn itself, so that it says what it always says."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd.nn.sample_weights import sample_row

__all__ = ["checked", "sample_weights"]

Array = NDArray[Any]


def checked(estimator: Any, X: Any, y: Any = None, *, reset: bool, **options: Any) -> Any:
    """Check samples, and targets where there are to be some, and keep or compare the features' number and names.

    Parameters
    ----------
    estimator : BaseEstimator
        Gets ``n_features_in_``, and ``feature_names_in_`` where columns have names.
    X : array_like, shape (m, n_features)
        Or a DataFrame.
    y : array_like, optional
        Left out in predicting.
    reset : bool
        Take the features as they are; else they must be as before.
    **options
        As `sklearn.utils.check_X_y` takes them.

    Returns
    -------
    ndarray, or a pair of them
        float32 stays float32, and all else becomes float64, unless the estimator has a ``dtype``.
    """
    options["dtype"] = dtypes(estimator.dtype)
    if reset or y is not None:
        options["y"] = y
    try:
        from sklearn.utils.validation import validate_data
    except ImportError:  # before scikit-learn 1.6
        return estimator._validate_data(X, reset=reset, **options)
    return validate_data(estimator, X, reset=reset, **options)


def dtypes(dtype: Any) -> list[Any]:
    """List the dtypes that samples may keep; others become the first."""
    if dtype is None:
        return [np.float64, np.float32]
    try:
        chosen = np.dtype(dtype)
    except TypeError:
        chosen = None
    if chosen not in (np.float32, np.float64):
        raise ValueError(f"dtype must be float32, float64, or None for that of the samples; got {dtype!r}")
    return [chosen]


def sample_weights(sample_weight: Any, m: int) -> Array | None:
    """Check the weights of m samples, of which one at least must count.

    Parameters
    ----------
    sample_weight : array_like, shape (m,), or None
    m : int

    Returns
    -------
    ndarray of float64, shape (m,), or None

    Raises
    ------
    TypeError, ValueError
        For other shapes, and weights that are no numbers, negative, not finite, or all zero.
    """
    if sample_weight is None:
        return None
    weights: Array = sample_row(np.asarray(sample_weight), m, np.dtype(np.float64))[0]
    if not weights.any():
        raise ValueError("sample_weight is zero for every sample, so there is nothing to learn from")
    return weights
