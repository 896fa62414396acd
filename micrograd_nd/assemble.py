"""Tensors put together from parts, as ``np.array`` puts together numbers."""

from typing import Any

import numpy as np

from micrograd_nd.graph import Constant
from micrograd_nd.handle import holds_tensor, owned_copy
from micrograd_nd.primitives import registry
from micrograd_nd.tensor import Tensor, record, tensor_of

__all__ = ["array"]


def array(nest: Any) -> Tensor:
    """Assemble a Tensor from a nest of Tensors, arrays and numbers, as ``np.array`` does from numbers.

    Parameters
    ----------
    nest : Tensor, array_like or nested sequence of them
        All parts at the same depth have the same shape.

    Returns
    -------
    Tensor
        Differentiable with respect to the Tensors in it.

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
        return record(registry[np.positive], (nest,))
    if isinstance(nest, list | tuple) and holds_tensor(nest):
        parts = [part if type(part) is Tensor else array(part) for part in nest]
        return record(registry[np.stack], parts, {"axis": 0})
    return tensor_of(Constant(owned_copy(nest)))
