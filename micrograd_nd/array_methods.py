"""The methods of ndarray that a Tensor has too: each is NumPy's function of the same name."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from micrograd_nd.tensor import Tensor

__all__ = ["ArrayMethods"]

Axis = int | Sequence[int] | None


class ArrayMethods:
    """Methods in NumPy's notation, such as ``t.sum(axis=0)``."""

    __slots__ = ()

    if TYPE_CHECKING:

        @staticmethod
        def __apply_primitive__(function: Any, args: Any, kwargs: Any) -> "Tensor":
            """Apply a function to Tensors, as NumPy's dispatch would; Tensor has it."""

    @property
    def T(self) -> "Tensor":
        """The axes in reverse order: for a matrix, its transpose."""
        return self.__apply_primitive__(np.transpose, (self,), {})

    def sum(self, axis: Axis = None, *, keepdims: bool = False) -> "Tensor":
        """Sum over axes, as `numpy.sum`."""
        return self.__apply_primitive__(np.sum, (self,), reduced(axis, keepdims))

    def mean(self, axis: Axis = None, *, keepdims: bool = False) -> "Tensor":
        """Mean over axes, as `numpy.mean`."""
        return self.__apply_primitive__(np.mean, (self,), reduced(axis, keepdims))

    def max(self, axis: Axis = None, *, keepdims: bool = False) -> "Tensor":
        """Maximum over axes, as `numpy.max`; equal maxima share the derivative evenly."""
        return self.__apply_primitive__(np.max, (self,), reduced(axis, keepdims))

    def min(self, axis: Axis = None, *, keepdims: bool = False) -> "Tensor":
        """Minimum over axes, as `numpy.min`; equal minima share the derivative evenly."""
        return self.__apply_primitive__(np.min, (self,), reduced(axis, keepdims))

    def reshape(self, *shape: Any, order: str = "C") -> "Tensor":
        """Return the same elements in another shape, given as one tuple or as several integers."""
        return self.__apply_primitive__(np.reshape, (self, shape[0] if len(shape) == 1 else shape, order), {})

    def ravel(self, order: str = "C") -> "Tensor":
        """Return the elements in one axis."""
        return self.__apply_primitive__(np.ravel, (self, order), {})

    def flatten(self, order: str = "C") -> "Tensor":
        """Return the elements in one axis."""
        return self.ravel(order)

    def transpose(self, *axes: Any) -> "Tensor":
        """Permute the axes, given as one tuple or as several integers; reverse them if none is given."""
        order = axes[0] if len(axes) == 1 and not isinstance(axes[0], int) else axes
        return self.__apply_primitive__(np.transpose, (self,), {"axes": order} if order else {})

    def swapaxes(self, axis1: int, axis2: int) -> "Tensor":
        """Exchange two axes."""
        return self.__apply_primitive__(np.swapaxes, (self,), {"axis1": axis1, "axis2": axis2})

    def squeeze(self, axis: Axis = None) -> "Tensor":
        """Drop axes of length 1."""
        return self.__apply_primitive__(np.squeeze, (self,), {} if axis is None else {"axis": axis})

    def clip(self, min: Any = None, max: Any = None) -> "Tensor":
        """Limit the values, as `numpy.clip`."""
        return self.__apply_primitive__(np.clip, (self, min, max), {})

    def dot(self, other: Any) -> "Tensor":
        """Multiply as `numpy.dot` does."""
        return self.__apply_primitive__(np.dot, (self, other), {})

    def copy(self) -> "Tensor":
        """Return a Tensor of the same values, whose handle moves by itself; derivatives pass through."""
        return self.__apply_primitive__(np.positive, (self,), {})

    def argmax(self, axis: int | None = None, *, keepdims: bool = False) -> Any:
        """Positions of the maxima, as a plain array."""
        return self.__apply_primitive__(np.argmax, (self,), reduced(axis, keepdims))

    def argmin(self, axis: int | None = None, *, keepdims: bool = False) -> Any:
        """Positions of the minima, as a plain array."""
        return self.__apply_primitive__(np.argmin, (self,), reduced(axis, keepdims))

    def any(self, axis: Axis = None, *, keepdims: bool = False) -> Any:
        """Whether any element is not zero, as a plain array."""
        return self.__apply_primitive__(np.any, (self,), reduced(axis, keepdims))

    def all(self, axis: Axis = None, *, keepdims: bool = False) -> Any:
        """Whether every element is not zero, as a plain array."""
        return self.__apply_primitive__(np.all, (self,), reduced(axis, keepdims))


def reduced(axis: Axis, keepdims: bool) -> dict[str, Any]:
    """Name the options of a reduction that are not NumPy's defaults."""
    if axis is None:
        return {"keepdims": True} if keepdims else {}
    return {"axis": axis, "keepdims": True} if keepdims else {"axis": axis}
