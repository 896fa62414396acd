"""How a Tensor is read: as an array, a number, a text, in comparisons. No conversion cuts a graph in silence.

Where a person reads a number it is given; where a program would go on with it, unseen by the graph, it is refused, and
the message says what was meant.
"""

import operator
import sys
from collections.abc import Callable
from dis import opmap
from types import FrameType
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micrograd_nd.display import Displayed
from micrograd_nd.graph import Constant, Node
from micrograd_nd.handle import Handle, described, is_result, plain, refuse_in_trace
from micrograd_nd.modes import inside_transform, tracer

__all__ = ["Readable"]

STORE_SUBSCR = opmap["STORE_SUBSCR"]


class Readable(Handle, Displayed):
    """A handle with Python's and NumPy's ways to read its values."""

    __slots__ = ()

    def tolist(self) -> Any:
        """Return the values as a number or as nested lists of numbers, outside of the graph.

        Returns
        -------
        float, int, bool or list

        Examples
        --------
        >>> import micrograd_nd as mg
        >>> mg.Tensor([[1.0, 2.0]]).tolist()
        [[1.0, 2.0]]
        """
        return self.numpy().tolist()

    def item(self) -> Any:
        """Return the only element as a Python number.

        Returns
        -------
        float, int or bool

        Raises
        ------
        ValueError
            If there is not exactly one element.
        TypeError
            Inside a transform such as `grad`, where it would make the derivative wrong.
        """
        return self._read("item()").item()

    def __array__(self, dtype: DTypeLike | None = None, copy: bool | None = None) -> NDArray[Any]:
        refuse_in_trace(self, "a plain array")
        state = self.node
        if type(state) is Node:
            raise TypeError(
                f"converting {described(self)} to a plain array would cut the graph unseen. Meant was one of: "
                "t.numpy() for its values, t.detach() for a constant Tensor, mg.array([t, u]) to assemble Tensors"
            )
        array = np.array(state.out, dtype=dtype, copy=copy)
        if np.may_share_memory(array, state.out):  # the Tensor's own values, which nobody writes to
            array = array.view()
            array.flags.writeable = False
        return array

    # Comparisons give plain arrays

    def __eq__(self, other: object) -> Any:
        return compared(operator.eq, self, other)

    def __ne__(self, other: object) -> Any:
        return compared(operator.ne, self, other)

    def __lt__(self, other: Any) -> Any:
        return compared(operator.lt, self, other)

    def __le__(self, other: Any) -> Any:
        return compared(operator.le, self, other)

    def __gt__(self, other: Any) -> Any:
        return compared(operator.gt, self, other)

    def __ge__(self, other: Any) -> Any:
        return compared(operator.ge, self, other)

    __hash__ = object.__hash__

    # Python's protocols

    def __bool__(self) -> bool:
        refuse_in_trace(self, "the truth")
        return bool(self.node.out)

    def __float__(self) -> float:
        if type(self._recorded) is Node and is_storing(sys._getframe(1)):
            raise TypeError(
                f"storing {described(self)} in an array would cut the graph unseen. Assemble Tensors with "
                "mg.array([[t, u], [v, w]]), or store float(t) to keep the number alone"
            )
        return float(self._read("float()"))

    def __int__(self) -> int:
        return int(self._read("int()"))

    def __index__(self) -> int:
        return operator.index(self._read("an index")[()])

    def __complex__(self) -> complex:
        return complex(self._read("complex()"))

    def __len__(self) -> int:
        if not self.shape:
            raise TypeError("a 0-d Tensor has no length")
        return self.shape[0]

    def __repr__(self) -> str:
        state = self.node
        values = np.array2string(np.asarray(state.out), separator=", ", prefix="Tensor(")
        notes = [values]
        if self.ndim:
            notes.append(f"shape={self.shape}")
        if self.dtype not in (np.float64, np.int64, np.bool_, np.complex128):
            notes.append(f"dtype={self.dtype}")
        if self.name is not None:
            notes.append(f"name={self.name!r}")
        if type(state) is Constant and self.dtype.kind in "fc":
            notes.append("requires_grad=False")
        return f"Tensor({', '.join(notes)})"

    def __format__(self, spec: str) -> str:
        if spec:
            refuse_in_trace(self, "the digits")
        return format(self.node.out[()], spec) if spec else str(self)

    def __reduce__(self) -> Any:
        state = self.node
        if is_result(state):
            raise TypeError(
                f"{described(self)} is the result of a recorded operation and cannot be copied or pickled with its "
                "graph; t.detach() can"
            )
        grad = None if self._grad is None else np.array(self._grad)[()]
        return remade, (type(self), state.out, state.name, type(state) is Node, grad)

    def _read(self, conversion: str) -> NDArray[Any]:
        refuse_in_trace(self, conversion)
        state = self.node
        if type(state) is Node and inside_transform.get():
            raise TypeError(
                f"{conversion} of {described(self)} inside a transform such as mg.grad would cut the graph and make "
                "the derivative wrong. Use NumPy's functions on the Tensor (np.sin, not math.sin), or t.detach() to "
                "hold it constant on purpose"
            )
        return np.asarray(state.out)


def compared(compare: Callable[[Any, Any], Any], x: Handle, other: Any) -> Any:
    """Compare values; the result is a plain array."""
    now = tracer()
    return compare(x.node.out, plain(other)) if now is None else now.apply(compare, (x, other), {})


def is_storing(frame: FrameType) -> bool:
    """Tell whether a frame is at ``array[index] = value``, from where NumPy asks a value for its number."""
    return frame.f_code.co_code[frame.f_lasti] == STORE_SUBSCR


def remade(cls: type, value: Any, name: str | None, requires_grad: bool, grad: Any) -> Any:
    """Make a Tensor again from what was copied or pickled of it."""
    tensor = cls(value, name=name, requires_grad=requires_grad)
    tensor._grad = grad
    return tensor
