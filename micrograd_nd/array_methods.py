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

    # Of masks, which are Tensors only while a function is compiled.

    def __and__(self, other: Any) -> Any:
        return self.__apply_primitive__(np.bitwise_and, (self, other), {})

    def __rand__(self, other: Any) -> Any:
        return self.__apply_primitive__(np.bitwise_and, (other, self), {})

    def __or__(self, other: Any) -> Any:
        return self.__apply_primitive__(np.bitwise_or, (self, other), {})

    def __ror__(self, other: Any) -> Any:
        return self.__apply_primitive__(np.bitwise_or, (other, self), {})

    def __xor__(self, other: Any) -> Any:
        return self.__apply_primitive__(np.bitwise_xor, (self, other), {})

    def __rxor__(self, other: Any) -> Any:
        return self.__apply_primitive__(np.bitwise_xor, (other, self), {})

    def __invert__(self) -> Any:
        return self.__apply_primitive__(np.invert, (self,), {})

    @property
    def T(self) -> "Tensor":
        """The axes in reverse order: for a matrix, its transpose."""
        return self.__apply_primitive__(np.transpose, (self,), {})

    @property
    def mT(self) -> "Tensor":
        """The transpose of each matrix of a stack: the last two axes in reverse order."""
        return self.__apply_primitive__(np.matrix_transpose, (self,), {})

    @property
    def real(self) -> "Tensor":
        """The real parts."""
        return self.__apply_primitive__(np.real, (self,), {})

    @property
    def imag(self) -> "Tensor":
        """The imaginary parts."""
        return self.__apply_primitive__(np.imag, (self,), {})

    def sum(self, axis: Axis = None, *, keepdims: bool = False, **options: Any) -> "Tensor":
        """Sum over axes, with the options dtype, initial and where, as `numpy.sum`."""
        return self.__apply_primitive__(np.sum, (self,), reduced(axis, keepdims, options))

    def mean(self, axis: Axis = None, *, keepdims: bool = False, **options: Any) -> "Tensor":
        """Mean over axes, with the options dtype and where, as `numpy.mean`."""
        return self.__apply_primitive__(np.mean, (self,), reduced(axis, keepdims, options))

    def prod(self, axis: Axis = None, *, keepdims: bool = False, **options: Any) -> "Tensor":
        """Product over axes, with the options dtype, initial and where, as `numpy.prod`."""
        return self.__apply_primitive__(np.prod, (self,), reduced(axis, keepdims, options))

    def var(self, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False, **options: Any) -> "Tensor":
        """Variance over axes, with the options dtype, where, mean and correction, as `numpy.var`."""
        return self.__apply_primitive__(np.var, (self,), reduced(axis, keepdims, {"ddof": ddof, **options}))

    def std(self, axis: Axis = None, *, ddof: float = 0, keepdims: bool = False, **options: Any) -> "Tensor":
        """Standard deviation over axes, with the options of `var`, as `numpy.std`."""
        return self.__apply_primitive__(np.std, (self,), reduced(axis, keepdims, {"ddof": ddof, **options}))

    def max(self, axis: Axis = None, *, keepdims: bool = False, **options: Any) -> "Tensor":
        """Maximum over axes, with the options initial and where; equal maxima share the derivative evenly."""
        return self.__apply_primitive__(np.max, (self,), reduced(axis, keepdims, options))

    def min(self, axis: Axis = None, *, keepdims: bool = False, **options: Any) -> "Tensor":
        """Minimum over axes, with the options initial and where; equal minima share the derivative evenly."""
        return self.__apply_primitive__(np.min, (self,), reduced(axis, keepdims, options))

    def cumsum(self, axis: int | None = None, **options: Any) -> "Tensor":
        """Sums of the elements so far, as `numpy.cumsum`."""
        return self.__apply_primitive__(np.cumsum, (self,), {"axis": axis, **options})

    def cumprod(self, axis: int | None = None, **options: Any) -> "Tensor":
        """Products of the elements so far, as `numpy.cumprod`."""
        return self.__apply_primitive__(np.cumprod, (self,), {"axis": axis, **options})

    def round(self, decimals: int = 0) -> "Tensor":
        """Round, as `numpy.round`."""
        return self.__apply_primitive__(np.round, (self,), {"decimals": decimals})

    def conj(self) -> "Tensor":
        """Complex conjugates."""
        return self.__apply_primitive__(np.conjugate, (self,), {})

    def conjugate(self) -> "Tensor":
        """Complex conjugates."""
        return self.__apply_primitive__(np.conjugate, (self,), {})

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

    def repeat(self, repeats: Any, axis: int | None = None) -> "Tensor":
        """Repeat each element, as `numpy.repeat`."""
        return self.__apply_primitive__(np.repeat, (self, repeats), {"axis": axis})

    def take(self, indices: Any, axis: int | None = None, *, mode: str = "raise") -> "Tensor":
        """Elements, or layers along an axis, at positions, as `numpy.take`."""
        return self.__apply_primitive__(np.take, (self, indices), {"axis": axis, "mode": mode})

    def compress(self, condition: Any, axis: int | None = None) -> "Tensor":
        """Layers where a condition holds, as `numpy.compress`."""
        return self.__apply_primitive__(np.compress, (condition, self), {"axis": axis})

    def diagonal(self, offset: int = 0, axis1: int = 0, axis2: int = 1) -> "Tensor":
        """Diagonals, along the last axis of the result, as `numpy.diagonal`."""
        return self.__apply_primitive__(np.diagonal, (self, offset, axis1, axis2), {})

    def trace(self, offset: int = 0, axis1: int = 0, axis2: int = 1, **options: Any) -> "Tensor":
        """Sums of diagonals, as `numpy.trace`."""
        return self.__apply_primitive__(np.trace, (self, offset, axis1, axis2), options)

    def clip(self, min: Any = None, max: Any = None) -> "Tensor":
        """Limit the values, as `numpy.clip`."""
        return self.__apply_primitive__(np.clip, (self, min, max), {})

    def dot(self, other: Any) -> "Tensor":
        """Multiply as `numpy.dot` does."""
        return self.__apply_primitive__(np.dot, (self, other), {})

    def copy(self) -> "Tensor":
        """Return a Tensor of the same values, whose handle moves by itself; derivatives pass through."""
        return self.__apply_primitive__(np.copy, (self,), {})

    def argmax(self, axis: int | None = None, *, keepdims: bool = False) -> Any:
        """Positions of the maxima, as a plain array."""
        return self.__apply_primitive__(np.argmax, (self,), reduced(axis, keepdims, {}))

    def argmin(self, axis: int | None = None, *, keepdims: bool = False) -> Any:
        """Positions of the minima, as a plain array."""
        return self.__apply_primitive__(np.argmin, (self,), reduced(axis, keepdims, {}))

    def argsort(self, axis: int | None = -1, **options: Any) -> Any:
        """Positions in ascending order, as a plain array, as `numpy.argsort`."""
        return self.__apply_primitive__(np.argsort, (self, axis), options)

    def argpartition(self, kth: Any, axis: int | None = -1, **options: Any) -> Any:
        """Positions of a partition, as a plain array, as `numpy.argpartition`."""
        return self.__apply_primitive__(np.argpartition, (self, kth, axis), options)

    def searchsorted(self, v: Any, side: str = "left", sorter: Any = None) -> Any:
        """Positions where values would keep the order, as a plain array, as `numpy.searchsorted`."""
        return self.__apply_primitive__(np.searchsorted, (self, v, side, sorter), {})

    def nonzero(self) -> Any:
        """Positions of the elements that are not zero, as plain arrays, as `numpy.nonzero`."""
        return self.__apply_primitive__(np.nonzero, (self,), {})

    def any(self, axis: Axis = None, *, keepdims: bool = False) -> Any:
        """Whether any element is not zero, as a plain array."""
        return self.__apply_primitive__(np.any, (self,), reduced(axis, keepdims, {}))

    def all(self, axis: Axis = None, *, keepdims: bool = False) -> Any:
        """Whether every element is not zero, as a plain array."""
        return self.__apply_primitive__(np.all, (self,), reduced(axis, keepdims, {}))


def reduced(axis: Axis, keepdims: bool, options: dict[str, Any]) -> dict[str, Any]:
    """Name the options of a reduction that are not NumPy's defaults."""
    if axis is not None:
        options["axis"] = axis
    if keepdims:
        options["keepdims"] = True
    return options
