"""Tensors put together from parts, as ``np.array`` puts together numbers; and what NumPy makes ``like=`` a Tensor."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from micrograd_nd.graph import Constant
from micrograd_nd.handle import holds_tensor, owned_copy
from micrograd_nd.primitives import composition, registry
from micrograd_nd.tensor import Tensor, record, tensor_of

__all__ = ["array"]


def array(nest: Any, dtype: DTypeLike | None = None) -> Tensor:
    """Assemble a Tensor from a nest of Tensors, arrays and numbers, as ``np.array`` does from numbers.

    NumPy's own name for it is ``np.array(nest, like=t)``, where `t` is any Tensor.

    Parameters
    ----------
    nest : Tensor, array_like or nested sequence of them
        All parts at the same depth have the same shape.
    dtype : dtype, optional
        That of the parts by default.

    Returns
    -------
    Tensor
        Differentiable with respect to the Tensors in it; a constant if there are none.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> t = mg.Tensor(2.0)
    >>> row = mg.array([t, 1.0, t * t])
    >>> row.sum().backward()
    >>> row, t.grad
    (Tensor([2., 1., 4.], shape=(3,)), np.float64(5.0))
    """
    if type(nest) is Tensor:
        whole = record(registry[np.positive], (nest,))
    elif isinstance(nest, list | tuple) and holds_tensor(nest):
        whole = record(registry[np.stack], [x if type(x) is Tensor else array(x) for x in nest], {"axis": 0})
    else:
        return tensor_of(Constant(owned_copy(nest, dtype)))
    return whole if dtype is None or whole.dtype == dtype else whole.astype(dtype)


@composition(np.array, np.asarray, np.asanyarray, np.ascontiguousarray, np.asfortranarray)
def array_like(a: Any, dtype: DTypeLike | None = None, *, copy: bool | None = None, order: str | None = None) -> Tensor:
    """Assemble a Tensor; neither the layout of memory nor a copy makes a difference to what is recorded."""
    return array(a, dtype)


@composition(np.full)
def full_like_tensor(
    shape: Any, fill_value: Any, dtype: DTypeLike | None = None, order: str = "C", *, device: str | None = None
) -> Tensor:
    """Repeat a value, which may be recorded."""
    return np.broadcast_to(array(fill_value, dtype), shape)  # type: ignore[return-value]


def constant_like(function: Callable[..., Any], *args: Any, **kwargs: Any) -> Tensor:
    """Make a constant Tensor of what a creation function makes."""
    return tensor_of(Constant(owned_copy(function(*args, **kwargs))))


for creation in (np.zeros, np.ones, np.empty, np.arange, np.eye, np.identity, np.tri, np.fromfunction):
    composition(creation)(partial(constant_like, creation))
