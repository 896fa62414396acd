"""What a user holds of a graph: values to change, a name, a gradient, and the link to the node on the tape.

`Handle` is the part of a Tensor that keeps state; it knows nothing of computing. The rules it keeps: a recorded value
never changes, and a user may write to `data` of a leaf at any time.
"""

from collections.abc import Sequence
from sys import getrefcount
from typing import Any

import numpy as np
from numpy.typing import DTypeLike, NDArray

from micrograd_nd.anomalies import user_line
from micrograd_nd.graph import Constant, Node, next_serial
from micrograd_nd.modes import TraceError, inside_transform, tracing
from micrograd_nd.primitives import Primitive, readable

__all__ = [
    "Handle",
    "constant_value",
    "described",
    "held",
    "holds_tensor",
    "is_result",
    "leaf",
    "no_gradient",
    "owned_copy",
    "plain",
    "refuse_in_trace",
    "refuse_masked",
    "remember",
]


# What getrefcount says of an object that only one attribute holds: that, and its own argument.
SOLE_OWNER = 2


class Exposed:
    """Stands in for the node of a Tensor whose `data` somebody holds and may write to at any time."""

    __slots__ = ("buffer", "state")

    def __init__(self, buffer: NDArray[Any], state: Node | Constant) -> None:
        self.buffer = buffer
        self.state = state


class Handle:
    """The state of a Tensor: its node, and the derivative that a backward pass left."""

    __slots__ = ("__weakref__", "_grad", "_node")

    _grad: Any
    _node: Node | Constant | Exposed

    @property
    def node(self) -> Node | Constant:
        """What the tape remembers of it: a `Node`, or a `Constant` if no derivative is taken."""
        exposed = self._node
        if type(exposed) is not Exposed:
            return exposed  # type: ignore[return-value]
        state, buffer = exposed.state, exposed.buffer
        if buffer.shape != np.shape(state.out):
            raise ValueError(f"data of {state.name or 'a Tensor'} was given the shape {buffer.shape}; use t.reshape")
        if not same_bytes(buffer, state.out):
            exposed.state = state = self._fresh(buffer.copy(), state)
        del buffer
        if getrefcount(exposed.buffer) <= SOLE_OWNER:
            self._node = state
        return state

    @property
    def _recorded(self) -> Node | Constant:
        """The node as it was recorded last: enough to tell shape, dtype and name, which writing to `data` keeps."""
        state = self._node
        return state.state if type(state) is Exposed else state  # type: ignore[return-value]

    def _fresh(self, values: Any, state: Node | Constant) -> Node | Constant:
        """Make the node of new values in place of `state`."""
        return leaf(self, values, state.name) if type(state) is Node else Constant(values, state.name)

    @property
    def grad(self) -> Any:
        """The derivative that `backward` left here, of this shape and dtype; None if there is none.

        Raises
        ------
        TypeError
            For integers and booleans, which have no gradient.
        """
        if self._grad is None and self.dtype.kind in "biu":
            raise TypeError(no_gradient(self))
        return self._grad

    @grad.setter
    def grad(self, gradient: Any) -> None:
        if gradient is not None and np.shape(gradient) != self.shape:
            raise ValueError(f"the grad of {described(self)} must have its shape; got {np.shape(gradient)}")
        self._grad = gradient if gradient is None or isinstance(gradient, np.ndarray) else np.asarray(gradient)[()]

    def zero_grad(self) -> None:
        """Forget `grad`."""
        self._grad = None

    @property
    def data(self) -> Any:
        """The values, for their owner to change: an array (of a 0-d Tensor, a NumPy scalar).

        Write to it, or assign to it: the Tensor takes the new values at its next use. What was recorded before keeps
        the values that it was computed with. The values of a recorded result can only be read: `detach` it, or
        assign to its elements, ``t[i] = v``, to go on from other values.

        Examples
        --------
        >>> import micrograd_nd as mg
        >>> p = mg.Tensor([1.0, 2.0])
        >>> (p * p).sum().backward()
        >>> p.data -= 0.1 * p.grad
        >>> p
        Tensor([0.8, 1.6], shape=(2,))
        """
        if type(self._node) is Exposed:
            return self._node.buffer
        refuse_in_trace(self, "data")
        state = self.node
        if np.ndim(state.out) == 0:
            return state.out[()]
        if is_result(state) or inside_transform.get():
            return self.numpy()
        buffer = np.array(state.out)
        self._node = Exposed(buffer, state)
        return buffer

    @data.setter
    def data(self, values: Any) -> None:
        if type(self._node) is Exposed and values is self._node.buffer:
            return
        state = self.node
        if is_result(state):
            raise TypeError(
                f"{described(self)} is the result of a recorded operation: new data would cut it off from what it was "
                "computed from. Make a new Tensor of the values, or t.detach() it"
            )
        if inside_transform.get():
            raise TypeError(
                f"data of {described(self)} is given inside a transform such as mg.grad, unseen by the derivative. "
                "Assign to elements, t[...] = values"
            )
        new = owned_copy(values)
        if new.shape != np.shape(state.out):
            raise ValueError(
                f"data of {described(self)} must keep its shape {np.shape(state.out)}; got {new.shape}. "
                "Make a new Tensor for a new shape"
            )
        if not np.can_cast(new.dtype, state.out.dtype, "same_kind"):
            raise TypeError(f"data of {described(self)} must keep its dtype {state.out.dtype}; got {new.dtype}")
        self._node = self._fresh(new.astype(state.out.dtype, copy=False), state)

    def numpy(self) -> NDArray[Any]:
        """Return the values as a read-only array, without copying, outside of the graph.

        Returns
        -------
        ndarray

        Examples
        --------
        >>> import micrograd_nd as mg
        >>> mg.Tensor([1.0, 2.0]).numpy()
        array([1., 2.])
        """
        refuse_in_trace(self, "numpy()")
        view = np.asarray(self.node.out).view()
        view.flags.writeable = False
        return view

    @property
    def name(self) -> str | None:
        """What pictures and messages call it."""
        return self._recorded.name

    @name.setter
    def name(self, name: str | None) -> None:
        if not (name is None or isinstance(name, str)):
            raise TypeError(f"a name is a string; got {name!r}")
        self._recorded.name = name

    @property
    def requires_grad(self) -> bool:
        """Whether derivatives are taken with respect to it."""
        return type(self._recorded) is Node

    @property
    def shape(self) -> tuple[int, ...]:
        """Length of each axis."""
        return np.shape(self._recorded.out)

    @property
    def ndim(self) -> int:
        """Number of axes."""
        return np.ndim(self._recorded.out)

    @property
    def size(self) -> int:
        """Number of elements."""
        return np.size(self._recorded.out)

    @property
    def dtype(self) -> np.dtype[Any]:
        """Type of the elements."""
        out = self._recorded.out
        try:
            return out.dtype  # type: ignore[no-any-return]
        except AttributeError:  # a Python number, which `compile` leaves what it is
            return np.result_type(out)

    def _stands_for(self, node: Node) -> bool:
        """Tell whether a derivative at `node` belongs to this handle, which may have moved on since."""
        state = self._recorded
        return state is node or (type(state) is Node and state.primitive is None is node.primitive)


def refuse_in_trace(x: Handle, conversion: str) -> None:
    """Refuse, while a function is compiled, to look at values that every call of the program has anew."""
    if tracing():
        raise TraceError(
            f"{conversion} of {described(x)}, {user_line()}, needs its value while the function is compiled, and the "
            "program has to be right for every value: choose with np.where, keep the step outside of the compiled "
            "function, or leave this function uncompiled"
        )


def is_result(state: Node | Constant) -> bool:
    """Tell whether a value was computed from others that are recorded."""
    return type(state) is Node and state.primitive is not None


def remember(handle: Handle, primitive: Primitive | None, inputs: Sequence[Any], options: Any, out: Any) -> Node:
    """Make the node that a Tensor holds."""
    node = Node(handle)
    node.primitive = primitive
    node.inputs = inputs
    node.options = options
    node.out = out
    node.name = None
    node.serial = next_serial()
    return node


def leaf(handle: Handle, value: Any, name: str | None) -> Node:
    """Make the node of a Tensor that was not computed from others."""
    node = remember(handle, None, (), None, value)
    node.name = name
    return node


def owned_copy(data: Any, dtype: DTypeLike | None = None) -> Any:
    """Copy to an array that nobody else holds; a NumPy scalar, which nobody can change, for a single number."""
    if isinstance(data, Handle):
        refuse_in_trace(data, "a copy, as a new Tensor,")
        data = np.asarray(data)
    refuse_masked(data)
    if isinstance(data, list | tuple) and holds_tensor(data):
        raise TypeError("a Tensor cannot be made from a nest of Tensors; mg.array([t, u]) assembles them")
    value = np.array(data, dtype=dtype)
    if value.dtype.kind not in "biufc":
        raise TypeError(f"a Tensor holds numbers; got {shortened(data)}, of dtype {value.dtype}")
    return value[()]


def refuse_masked(x: Any) -> None:
    """Refuse an array whose mask would be lost."""
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError("a masked array would lose its mask: fill it, x.filled(0), and use np.where")


def holds_tensor(nest: Any) -> bool:
    """Look for a Tensor in a nest of lists and tuples."""
    return isinstance(nest, Handle) or (isinstance(nest, list | tuple) and any(map(holds_tensor, nest)))


def plain(x: Any) -> Any:
    """Replace Tensors by their arrays, in lists, tuples, slices and dicts too."""
    if isinstance(x, Handle):
        return x.node.out
    if isinstance(x, list | tuple) and type(x) in (list, tuple):
        return type(x)(map(plain, x))
    if type(x) is dict:
        return {key: plain(value) for key, value in x.items()}
    if type(x) is slice:
        return slice(plain(x.start), plain(x.stop), plain(x.step))
    return x


def held(index: Any) -> Any:
    """Copy what an index is made of, so that the graph does not change with it."""
    index = plain(index)
    if isinstance(index, tuple):
        return tuple(map(held, index))
    if isinstance(index, list) and not np.size(index):
        return np.array(index, np.intp)
    return np.array(index) if isinstance(index, np.ndarray | list) else index


def constant_value(x: Any, primitive: Primitive, beside: Any = None) -> Any:
    """Look at an argument that is neither Tensor nor plain array.

    Lists, and tables that are no arrays in NumPy's sense (pandas), are converted; other array libraries pass.
    """
    if type(x) is complex:  # Python's own, and what it makes of a float64, which is a float to it, has no dtype
        return np.complex128(x) if np.result_type(beside) == np.float64 else x
    if isinstance(x, np.ma.MaskedArray):
        raise TypeError(f"{readable(primitive.function)} of a masked array: fill it, x.filled(0), and use np.where")
    if isinstance(x, np.ndarray):  # np.matrix, whose * is not that of arrays
        return np.asarray(x)
    if isinstance(x, np.generic) or (hasattr(type(x), "__array_ufunc__") and hasattr(type(x), "__array_function__")):
        return x
    if x is None and primitive.function is np.clip:
        return x
    if isinstance(x, list | tuple) and holds_tensor(x):
        raise TypeError(f"{readable(primitive.function)} of a list of Tensors; mg.array([t, u]) makes one Tensor of it")
    value = np.asarray(x)
    if value.dtype.kind not in "biufc":
        raise TypeError(f"{readable(primitive.function)} needs numbers beside a Tensor; got {shortened(x)}")
    return value


def same_bytes(a: NDArray[Any], b: Any) -> bool:
    """Compare bit by bit, so that NaN equals itself and -0.0 differs from 0.0."""
    return np.array_equal(a.reshape(-1).view(np.uint8), np.ascontiguousarray(b).reshape(-1).view(np.uint8))


def described(x: Any) -> str:
    """Say what an argument is, for a message: ``W1 with shape (4, 3)``."""
    if isinstance(x, Handle):
        return f"{x.name or 'a Tensor'} with shape {x.shape}"
    return f"an array with shape {np.shape(x)}" if isinstance(x, np.ndarray) else shortened(x)


def shortened(x: Any) -> str:
    """Show a value in a message, cut where it is long."""
    text = " ".join(repr(x).split())
    return text if len(text) <= 60 else text[:57] + "..."


def no_gradient(x: Handle) -> str:
    """Say why a Tensor has no gradient."""
    if x.dtype.kind in "biu":
        example = float(x.numpy().flat[0]) if x.size else 0.0
        return (
            f"{described(x)} is of dtype {x.dtype}, which has no gradient; "
            f"gradients are of floating-point numbers: write {example}, or dtype=float"
        )
    return (
        f"{described(x)} is a constant: it does not depend on any Tensor with requires_grad, "
        "or was computed under mg.no_grad()"
    )
