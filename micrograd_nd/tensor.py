"""Tensor: an array that remembers how it was computed.

Operators and NumPy's functions, which reach a Tensor through NumPy's own dispatch protocols, all go through one
funnel, `record`: it computes with plain arrays and remembers the operation as a `Node`.
"""

import operator
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Self, final

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

import micrograd_nd.rules  # noqa: F401 - registers the rules that the operators below look up
from micrograd_nd.anomalies import watch
from micrograd_nd.array_methods import ArrayMethods
from micrograd_nd.calls import compose, explain, refuse_output, sorted_arguments
from micrograd_nd.graph import Constant, Node, Traced, next_serial, own, seed_for, sweep
from micrograd_nd.handle import (
    constant_value,
    described,
    held,
    is_result,
    leaf,
    no_gradient,
    owned_copy,
    plain,
    remember,
)
from micrograd_nd.modes import TraceError, current, mode, tracer, tracing
from micrograd_nd.primitives import Primitive, lookup, readable, registry
from micrograd_nd.reading import Readable
from micrograd_nd.rules.optional import load_optional
from micrograd_nd.rules.refusals import advice
from micrograd_nd.rules.ufunc_methods import call_method

__all__ = ["Tensor", "known", "new_leaf", "record", "tensor_of"]

# What may stand beside a Tensor as it is; anything else is looked at first.
PLAIN = frozenset({np.ndarray, float, int, bool, np.float64, np.float32, np.int64, np.bool_})


_add, _subtract, _multiply, _divide = (registry[f] for f in (np.add, np.subtract, np.multiply, np.divide))
_power, _matmul = registry[np.power], registry[np.matmul]
_negative, _positive, _absolute = registry[np.negative], registry[np.positive], registry[np.absolute]
_remainder = registry[np.remainder]
_square, _getitem, _setitem = registry[np.square], registry[operator.getitem], registry[operator.setitem]
_astype = registry[np.ndarray.astype]


@final
class Tensor(Readable, ArrayMethods):
    """An array whose computation is recorded, so that derivatives can be taken of what is made from it.

    Parameters
    ----------
    data : array_like
        The values, which are copied. Integers stay integers, and have no gradient: write ``Tensor(3.0)``.
    name : str, optional
        What pictures and messages call it.
    dtype : dtype, optional
        NumPy's choice by default.
    requires_grad : bool
        False makes a constant.

    Raises
    ------
    TypeError
        For data that are not numbers, or that hold Tensors (`array` assembles those).

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> a, b, c = mg.Tensor(5.0), mg.Tensor(3.0), mg.Tensor(2.0)
    >>> J = 3 * (a + b * c)
    >>> J.backward()
    >>> J, float(a.grad), float(b.grad), float(c.grad)
    (Tensor(33.0), 3.0, 6.0, 9.0)

    NumPy's functions work on it:

    >>> x = mg.Tensor([0.0, 1.0], name="x")
    >>> np.exp(x).sum().backward()
    >>> x.grad
    array([1.        , 2.71828183])
    """

    __slots__ = ()

    def __init__(
        self,
        data: ArrayLike,
        *,
        name: str | None = None,
        dtype: DTypeLike | None = None,
        requires_grad: bool = True,
    ) -> None:
        value = owned_copy(data, dtype)
        self._grad = None
        if requires_grad and value.dtype.kind in "fc":
            self._node = leaf(self, value, name)
        else:
            self._node = Constant(value, name)

    def __init_subclass__(cls, **kwargs: Any) -> None:
        raise TypeError("Tensor cannot be subclassed; register functions of your own with mg.primitive")

    def detach(self) -> "Tensor":
        """Return a constant Tensor of the same values and name, cut off from the graph on purpose.

        Returns
        -------
        Tensor
            With ``requires_grad`` False.
        """
        if (now := tracer()) is not None:
            return now.hold(self)  # type: ignore[no-any-return]
        state = self.node
        return tensor_of(Constant(state.out, state.name))

    def astype(self, dtype: DTypeLike) -> "Tensor":
        """Convert to another dtype.

        Parameters
        ----------
        dtype : dtype
            The derivative comes back in the dtype from before. Integers and booleans are constants.

        Returns
        -------
        Tensor
        """
        source = self if np.dtype(dtype).kind in "fc" else self.detach()
        return record_one(_astype, source, {"dtype": np.dtype(dtype)})

    # Derivatives

    def backward(self, gradient: ArrayLike | None = None) -> None:
        """Add to the `grad` of every Tensor that is still held the derivative of this one with respect to it.

        Parameters
        ----------
        gradient : array_like, optional
            The derivative of some final result with respect to this Tensor, of its shape. Needed unless this Tensor
            has a single element, for which it is 1.

        Raises
        ------
        TypeError
            If this Tensor does not depend on any that has a gradient.
        ValueError
            If it has several elements and no `gradient` was given, or one of another shape.

        Examples
        --------
        >>> import micrograd_nd as mg
        >>> b, c = mg.Tensor(3.0), mg.Tensor(2.0)
        >>> u = b * c
        >>> J = 3 * u
        >>> J.backward()
        >>> float(u.grad), float(b.grad)
        (3.0, 6.0)
        """
        if tracing():
            raise TraceError(
                "backward() inside a compiled function would leave its derivatives behind, unseen by the program: "
                "return those of mg.grad or mg.value_and_grad"
            )
        root = self.node
        if type(root) is not Node:
            raise TypeError(no_gradient(self))
        seed = seed_for(root, gradient)
        # All derivatives first, so that an error in a rule leaves every grad as it was.
        results = [(tensor, node, g) for node, g in sweep({root: seed}) if (tensor := node()) is not None]
        taken: set[int] = set()
        for tensor, node, g in results:
            if tensor._stands_for(node):
                own_g = own(g, taken)
                tensor._grad = own_g if tensor._grad is None else tensor._grad + own_g

    # NumPy's protocols

    def __array_ufunc__(self, ufunc: np.ufunc, method: str, *args: Any, **kwargs: Any) -> Any:
        if method == "__call__":
            if not kwargs and (primitive := lookup(ufunc)) is not None:
                if primitive.arity == 1:
                    return record_one(primitive, args[0])
                if primitive.arity == 2:
                    return record_two(primitive, args[0], args[1])
            return apply(ufunc, args, kwargs)
        return call_method(ufunc, method, args, kwargs)

    def __array_function__(
        self, function: Callable[..., Any], types: Any, args: Sequence[Any], kwargs: dict[str, Any]
    ) -> Any:
        return apply(function, args, kwargs)

    @staticmethod
    def __apply_primitive__(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
        return apply(function, args, kwargs)

    # Operators

    def __add__(self, other: Any) -> "Tensor":
        return record_two(_add, self, other)

    def __radd__(self, other: Any) -> "Tensor":
        return record_two(_add, other, self)

    def __sub__(self, other: Any) -> "Tensor":
        return record_two(_subtract, self, other)

    def __rsub__(self, other: Any) -> "Tensor":
        return record_two(_subtract, other, self)

    def __mul__(self, other: Any) -> "Tensor":
        return record_two(_multiply, self, other)

    def __rmul__(self, other: Any) -> "Tensor":
        return record_two(_multiply, other, self)

    def __truediv__(self, other: Any) -> "Tensor":
        return record_two(_divide, self, other)

    def __rtruediv__(self, other: Any) -> "Tensor":
        return record_two(_divide, other, self)

    def __pow__(self, other: Any) -> "Tensor":
        if type(other) is int and other == 2:
            return record_one(_square, self)
        return record_two(_power, self, other)

    def __rpow__(self, other: Any) -> "Tensor":
        return record_two(_power, other, self)

    def __mod__(self, other: Any) -> "Tensor":
        return record_two(_remainder, self, other)

    def __rmod__(self, other: Any) -> "Tensor":
        return record_two(_remainder, other, self)

    def __floordiv__(self, other: Any) -> Any:
        return apply(np.floor_divide, (self, other), {})

    def __rfloordiv__(self, other: Any) -> Any:
        return apply(np.floor_divide, (other, self), {})

    def __divmod__(self, other: Any) -> Any:
        return self // other, self % other

    def __rdivmod__(self, other: Any) -> Any:
        return other // self, other % self

    def __matmul__(self, other: Any) -> "Tensor":
        return record_two(_matmul, self, other)

    def __rmatmul__(self, other: Any) -> "Tensor":
        return record_two(_matmul, other, self)

    def __neg__(self) -> "Tensor":
        return record_one(_negative, self)

    def __pos__(self) -> "Tensor":
        return record_one(_positive, self)

    def __abs__(self) -> "Tensor":
        return record_one(_absolute, self)

    def __iter__(self) -> Iterator["Tensor"]:
        return (self[i] for i in range(len(self)))

    # In place: the handle moves on to a new node; nothing that was recorded changes.

    def __iadd__(self, other: Any) -> Self:
        return self._rebind(self + other)

    def __isub__(self, other: Any) -> Self:
        return self._rebind(self - other)

    def __imul__(self, other: Any) -> Self:
        return self._rebind(self * other)

    def __itruediv__(self, other: Any) -> Self:
        return self._rebind(self / other)

    def __imod__(self, other: Any) -> Self:
        return self._rebind(self % other)

    def __ipow__(self, other: Any) -> Self:
        return self._rebind(self**other)

    def __imatmul__(self, other: Any) -> Self:
        return self._rebind(self @ other)

    def __setitem__(self, index: Any, values: Any) -> None:
        if not np.can_cast(np.asarray(plain(values)).dtype, self.dtype, "same_kind"):
            raise TypeError(f"{described(self)} is of dtype {self.dtype}; it cannot hold {described(values)}")
        self._rebind(record(_setitem, (self, values), {"index": index if tracing() else held(index)}))

    def __getitem__(self, index: Any) -> "Tensor":
        if type(index) is int:
            return record_one(_getitem, self, {"index": index})
        if (now := tracer()) is not None:
            return now.record(_getitem, (self,), {"index": index})  # type: ignore[no-any-return]
        return record_one(_getitem, self, {"index": held(index)})

    def _rebind(self, result: "Tensor") -> Self:
        state, new = self.node, result.node
        if np.shape(new.out) != np.shape(state.out):
            raise ValueError(
                f"an in-place operation must keep the shape {np.shape(state.out)} of {described(self)}; "
                f"its result has shape {np.shape(new.out)}"
            )
        if new.out.dtype != state.out.dtype:
            if not np.can_cast(new.out.dtype, state.out.dtype, "same_kind"):
                raise TypeError(
                    f"an in-place operation must keep the dtype {state.out.dtype} of {described(self)}; "
                    f"its result has dtype {new.out.dtype}"
                )
            new = result.astype(state.out.dtype).node
        if (now := tracer()) is not None:
            now.note_change(self, state)
        if type(new) is Node:
            self._node = remember(self, new.primitive, new.inputs, new.options, new.out)
            self._node.name = state.name
        elif type(new) is Traced:
            self._node = new
        elif is_result(state):  # under no_grad
            raise TypeError(
                f"{described(self)} is the result of a recorded operation: changed under no_grad it would be cut off "
                "from what it was computed from. Use t = t.detach() first"
            )
        else:  # a parameter that is updated under no_grad stays one
            self._node = self._fresh(new.out, state)
        return self


_new = object.__new__


def tensor_of(node: Node | Constant) -> Tensor:
    """Make a new handle of a node."""
    tensor = _new(Tensor)
    tensor._grad = None
    tensor._node = node
    return tensor


def new_leaf(value: Any) -> Tensor:
    """Make a Tensor of an array that is not copied; written out, since every derivative begins with it."""
    tensor = _new(Tensor)
    tensor._grad = None
    tensor._node = node = Node(tensor)
    node.primitive = None
    node.inputs = ()
    node.options = None
    node.out = value
    node.name = None
    node.serial = next_serial()
    return tensor


def record(primitive: Primitive, args: Sequence[Any], options: dict[str, Any] | None = None) -> Tensor:
    """Apply a primitive and remember it: every operation on Tensors comes through here.

    Parameters
    ----------
    primitive : Primitive
        What to apply.
    args : sequence
        Its array arguments: Tensors, arrays, numbers.
    options : dict, optional
        Its other arguments.

    Returns
    -------
    Tensor
        A constant where no argument has a gradient, and under `no_grad`.
    """
    if options is not None and (now := tracer()) is not None:
        return now.record(primitive, args, options)  # type: ignore[no-any-return]
    inputs: list[Any] = []
    values: list[Any] = []
    tracked = False
    for x in args:
        if type(x) is Tensor:
            node = x._node
            if type(node) is Node:
                tracked = True
            else:
                node = x.node
                tracked = tracked or type(node) is Node
            inputs.append(node)
            values.append(node.out)
        else:
            value = x if type(x) in PLAIN else constant_value(x, primitive)
            inputs.append(value)
            values.append(value)
    try:
        out = primitive.evaluate(*values) if options is None else primitive.evaluate(*values, **options)
    except (TypeError, ValueError) as error:
        explain(error, primitive, args)
        raise
    tensor = _new(Tensor)
    tensor._grad = None
    if tracked and mode.get() is None:
        tensor._node = remember(tensor, primitive, tuple(inputs), options, out)
    else:
        tensor._node = unusual_node(tensor, primitive, args, tuple(inputs), options, out, tracked)
    return tensor


def record_one(primitive: Primitive, x: "Tensor", options: dict[str, Any] | None = None) -> Tensor:
    """Do what `record` does, written out for one Tensor: most calls come here or to `record_two`."""
    if type(node := x._node) is not Node:
        node = x.node
    try:
        out = primitive.evaluate(node.out) if options is None else primitive.evaluate(node.out, **options)
    except (TypeError, ValueError) as error:
        explain(error, primitive, (x,))
        raise
    tensor = _new(Tensor)
    tensor._grad = None
    if type(node) is Node and mode.get() is None:
        tensor._node = new = Node(tensor)
        new.primitive = primitive
        new.inputs = (node,)
        new.options = options
        new.out = out
        new.name = None
        new.serial = next_serial()
    else:
        tensor._node = unusual_node(tensor, primitive, (x,), (node,), options, out, type(node) is Node)
    return tensor


def record_two(primitive: Primitive, x: Any, y: Any) -> Tensor:
    """Do what `record` does, written out for two arguments and no options."""
    if type(x) is not Tensor:
        x_node = x_value = x if type(x) in PLAIN else constant_value(x, primitive, y)
    else:
        if type(x_node := x._node) is not Node:
            x_node = x.node
        x_value = x_node.out
    if type(y) is not Tensor:
        y_node = y_value = y if type(y) in PLAIN else constant_value(y, primitive, x)
    else:
        if type(y_node := y._node) is not Node:
            y_node = y.node
        y_value = y_node.out
    try:
        out = primitive.evaluate(x_value, y_value)
    except (TypeError, ValueError) as error:
        explain(error, primitive, (x, y))
        raise
    tensor = _new(Tensor)
    tensor._grad = None
    if (type(x_node) is Node or type(y_node) is Node) and mode.get() is None:
        tensor._node = node = Node(tensor)
        node.primitive = primitive
        node.inputs = (x_node, y_node)
        node.options = None
        node.out = out
        node.name = None
        node.serial = next_serial()
    else:
        tracked = type(x_node) is Node or type(y_node) is Node
        tensor._node = unusual_node(tensor, primitive, (x, y), (x_node, y_node), None, out, tracked)
    return tensor


def unusual_node(
    tensor: Tensor,
    primitive: Primitive,
    args: Sequence[Any],
    inputs: Sequence[Any],
    options: Any,
    out: Any,
    tracked: bool,
) -> Node | Constant:
    """Make what a Tensor holds where there is nothing to record, or more to do than to record it."""
    now = current()
    if now.tracer is not None:
        now.tracer.note_constants(args, inputs)
    node: Node | Constant
    if tracked and not now.paused:
        node = remember(tensor, primitive, inputs, options, out)
    else:
        node = Constant(out) if now.tracer is None else Traced(out, primitive, inputs, options)
    if now.watched:
        watch(node, primitive, inputs)
    return node


def apply(function: Callable[..., Any], args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Sort the arguments of a NumPy function that was called on Tensors, and record it."""
    if (now := tracer()) is not None:
        return now.apply(function, args, kwargs)
    primitive = known(function)
    if len(args) == primitive.arity and (not kwargs or may_pass_on(kwargs, primitive)):
        if len(args) == 1:
            return record_one(primitive, args[0], kwargs or None)
        return record(primitive, args, kwargs or None)
    refuse_output(function, kwargs.pop("out", None))
    if primitive.rules == ():
        return function(*plain(args), **plain(kwargs))
    if primitive.rules is None:
        return compose(primitive, args, kwargs)
    arrays, options = sorted_arguments(primitive, args, kwargs)
    return record(primitive, arrays, options or None)


def known(function: Callable[..., Any]) -> Primitive:
    """Look up a function."""
    primitive = lookup(function) or load_optional(function)
    if primitive is None:
        raise TypeError(f"{readable(function)} {advice(function)}")
    return primitive


# Options of these types are looked at, or copied: an array may be written to before the backward pass.
WATCHED = frozenset({Tensor, np.ndarray, list})


def may_pass_on(options: dict[str, Any], primitive: Primitive) -> bool:
    """Tell whether options need no sorting and no checks."""
    return options.keys() <= primitive.accepts and WATCHED.isdisjoint(map(type, options.values()))
