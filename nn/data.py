"""What may be fed to models and costs: samples and labels, checked, with messages in the course's words.

A sample is a column: X is (n_x, m), Y is (1, m) or (n_y, m).
"""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from micrograd_nd import Tensor
from micrograd_nd.modes import tracing

__all__ = [
    "binary_labels",
    "class_indices",
    "matrix",
    "one_hot",
    "orientation_hint",
    "refuse_masked",
    "refuse_recorded",
    "samples",
    "targets",
]

Array = NDArray[Any]


def samples(X: Any, dtype: np.dtype[Any] | None = None, name: str = "X") -> Array:
    """Check that X is a matrix of finite numbers, and bring it to a dtype.

    Parameters
    ----------
    X : array_like or Tensor, shape (n_x, m)
        A sample a column, at least one. Whatever `numpy.asarray` makes an array of, so also a DataFrame.
    dtype : dtype, optional
        Of the parameters it will meet; its own by default, float64 for integers.
    name : str
        What messages call it.

    Returns
    -------
    ndarray, shape (n_x, m)
        `X` itself where nothing had to change.

    Raises
    ------
    TypeError
        If it does not hold real numbers, or is a masked array.
    ValueError
        If it is not a matrix, is empty, or holds a NaN or an infinity; the message says where.
    """
    values = matrix(X, name)
    if values.dtype.kind != "f" and dtype is None:
        dtype = np.dtype(np.float64)
    with np.errstate(over="ignore"):
        converted = values if dtype is None else values.astype(dtype, copy=False)
    if not np.isfinite(converted).all():
        row, column = np.argwhere(~np.isfinite(converted))[0]
        value = values[row, column]
        too_large = f", which is too large for {dtype}" if np.isfinite(value) else ""
        raise ValueError(
            f"{name} holds {value} in row {row} (feature), column {column} (sample){too_large}. "
            "Clean the data first: np.isfinite(X) tells which values are usable"
        )
    return converted  # type: ignore[no-any-return]


def matrix(A: Any, name: str) -> Any:
    """Check that something is a matrix of real numbers, of at least one row and column.

    While a function is compiled a Tensor stays one: its values are those of every call, and cannot be checked.
    """
    refuse_masked(A, name)
    values: Any = A if is_traced(A) else A.numpy() if isinstance(A, Tensor) else as_array(A, name)
    if values.dtype.kind not in "biuf":
        raise TypeError(f"{name} must hold real numbers; got dtype {values.dtype}{dtype_hint(A, values, name)}")
    if values.ndim != 2:
        hint = rank_hint(values, name)
        raise ValueError(f"{name} must be a matrix with a sample a column; got shape {values.shape}{hint}")
    if not values.size:
        raise ValueError(f"{name} is empty: its shape is {values.shape}")
    return values


def as_array(A: Any, name: str) -> Array:
    """Make an array of a list or whatever else NumPy makes one of."""
    try:
        return np.asarray(A)
    except ValueError as error:
        raise ValueError(f"{name} must be a matrix with a sample a column, and its rows differ in length") from error


def refuse_masked(A: Any, name: str) -> None:
    """Refuse a masked array, of which `numpy.asarray` would bring back what the mask hides."""
    if isinstance(A, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array: fill it, {name}.filled(0), or leave its samples out")


def binary_labels(Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str = "Y") -> Array:
    """Check that Y holds zeros and ones, and bring it to a dtype.

    Parameters
    ----------
    Y : array_like or Tensor
        Of that shape.
    shape : tuple of int
        Of the predictions, ``(n_y, m)``.
    dtype : dtype
        Of the predictions.
    name : str
        What messages call it.

    Returns
    -------
    ndarray

    Raises
    ------
    TypeError
        If `Y` is the recorded result of an operation: labels are constants.
    ValueError
        If it has another shape or other values.
    """
    labels = constant_labels(Y, name)
    check_shape(labels, name, shape)
    if is_traced(labels):
        return labels.astype(dtype)  # type: ignore[no-any-return]
    wrong = (labels != 0) & (labels != 1)
    if wrong.any():
        row, column = np.argwhere(wrong)[0]
        value = labels[row, column]
        hint = f"; for labels -1 and 1 use ({name} + 1) / 2" if value == -1 else ""
        if value > 1 and value == np.floor(value):
            hint = "; for more than two classes let the model end in a softmax, with a row a class"
        raise ValueError(f"labels must be 0 or 1; {name} holds {value} in row {row}, column {column}{hint}")
    return labels.astype(dtype, copy=False)  # type: ignore[no-any-return]


def class_indices(Y: Any, n_y: int, m: int, name: str = "Y") -> NDArray[np.intp]:
    """Read classes, given by their index or one-hot.

    Parameters
    ----------
    Y : array_like or Tensor, shape (1, m) or (n_y, m)
        A row of whole numbers from 0 to ``n_y - 1``, or columns with a single 1 among zeros.
    n_y, m : int
        Number of classes and of samples.
    name : str
        What messages call it.

    Returns
    -------
    ndarray of int, shape (1, m)

    Raises
    ------
    TypeError
        If `Y` is the recorded result of an operation: labels are constants.
    ValueError
        If it has another shape or other values.
    """
    labels = constant_labels(Y, name)
    if n_y < 2:
        raise ValueError("softmax needs at least two classes, so two rows; for a single row use binary cross-entropy")
    check_shape(labels, name, (n_y, m), (1, m))
    if labels.shape[0] != 1:
        check_one_hot(labels, name)
        labels = labels.argmax(axis=0, keepdims=True)
    if is_traced(labels):
        return labels.astype(np.intp)  # type: ignore[no-any-return]
    wrong = ~((labels >= 0) & (labels < n_y) & (labels == np.floor(labels)))
    if wrong.any():
        column = np.argwhere(wrong)[0][1]
        raise ValueError(
            f"class indices must be whole numbers from 0 to {n_y - 1}; "
            f"{name} holds {labels[0, column]} in column {column}"
        )
    return labels.astype(np.intp, copy=False)  # type: ignore[no-any-return]


def one_hot(indices: Any, n_y: int) -> Array:
    """Write class indices as columns with a single 1.

    Parameters
    ----------
    indices : array_like of int, shape (1, m)
        From 0 to ``n_y - 1``.
    n_y : int
        Number of classes.

    Returns
    -------
    ndarray of float64, shape (n_y, m)

    Raises
    ------
    ValueError
        If `indices` has another shape or other values.

    Examples
    --------
    >>> from micrograd_nd import nn
    >>> nn.one_hot([[0, 2]], 3)
    array([[1., 0.],
           [0., 0.],
           [0., 1.]])
    """
    row = matrix(indices, "indices")
    if row.shape[0] != 1:
        raise ValueError(f"class indices must form a row (1, m); got shape {row.shape}")
    return np.eye(n_y)[:, class_indices(row, n_y, row.shape[1], "indices")[0]]


def targets(Y: Any, shape: tuple[int, ...], dtype: np.dtype[Any], name: str = "Y") -> Array:
    """Check that Y holds finite numbers in the shape of the predictions, and bring it to a dtype."""
    Y = matrix(Y, name)
    check_shape(Y, name, shape)
    return Y.astype(dtype) if is_traced(Y) else samples(Y, dtype, name)


def is_traced(A: Any) -> bool:
    """Tell what stands for other values at every call of a compiled function."""
    return isinstance(A, Tensor) and tracing()


def constant_labels(Y: Any, name: str) -> Any:
    """Refuse labels that were computed with gradients, and what is not a matrix."""
    refuse_recorded(Y, name, "labels")
    return matrix(Y, name)


def refuse_recorded(A: Any, name: str, what: str) -> None:
    """Refuse constants that were computed with gradients, which would get lost."""
    if isinstance(A, Tensor) and not tracing() and A.requires_grad and A.node.inputs:  # type: ignore[union-attr]
        raise TypeError(f"{what} are constants, and {name} is the result of a recorded operation: use {name}.detach()")


def check_shape(Y: Array, name: str, *accepted: tuple[int, ...]) -> None:
    """Refuse labels that do not belong to the predictions: of their shape, or for classes a row of indices."""
    if Y.shape in accepted:
        return
    needed = " (one-hot) or ".join(map(str, accepted)) + (" (class indices)" if len(accepted) > 1 else "")
    hint = f"; did you mean {name}.T?" if Y.shape[::-1] in accepted else ""
    raise ValueError(f"{name} must be of shape {needed} for these predictions; got {Y.shape}{hint}")


def check_one_hot(Y: Array, name: str) -> None:
    """Refuse columns that are not a single 1 among zeros."""
    if is_traced(Y):
        return
    wrong = ((Y != 0) & (Y != 1)).any(axis=0) | (Y.sum(axis=0) != 1)
    if wrong.any():
        column = np.flatnonzero(wrong)[0]
        raise ValueError(
            f"each column of one-hot labels is a single 1 among zeros; column {column} of {name} is {Y[:, column]}"
        )


def dtype_hint(A: Any, values: Array, name: str) -> str:
    """Tell how to make numbers of what holds none."""
    if hasattr(A, "toarray"):
        return f", a sparse matrix: use {name}.toarray()"
    if values.dtype.kind == "O":
        return f": use {name}.astype(float), once all columns hold numbers and none is missing"
    if values.dtype.kind in "UST":
        return f", text: np.unique({name}, return_inverse=True) numbers its classes"
    return ""


def rank_hint(A: Array, name: str) -> str:
    """Tell how to make a matrix of a rank-1 array."""
    if A.ndim != 1:
        return ""
    return f", a rank-1 array. Write {name}.reshape(1, -1) for a row or {name}.reshape(-1, 1) for a column"


def orientation_hint(shape: tuple[int, ...], n_in: int, name: str) -> str:
    """Tell how an array that does not fit was probably meant."""
    if len(shape) == 1:
        fix = f"{name}.reshape(-1, 1) for one sample" if shape[0] == n_in else f"{name}.reshape({n_in}, -1)"
        return f", a rank-1 array. Write {fix}"
    if len(shape) == 2 and shape[1] == n_in:
        return f". A sample is a column: did you mean {name}.T?"
    return ""
