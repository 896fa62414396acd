"""How a call of a NumPy function on Tensors is read: which arguments are arrays, which options, and what is refused."""

from collections.abc import Callable, Sequence
from inspect import signature
from typing import Any

import numpy as np
from numpy.typing import DTypeLike

from micrograd_nd.handle import Handle, described, held
from micrograd_nd.modes import TraceError, tracing
from micrograd_nd.primitives import Primitive, readable
from micrograd_nd.rules.arguments import as_array

__all__ = ["compose", "explain", "refuse_output", "sorted_arguments"]

# These cast to whatever they are told to, as in NumPy.
CASTING = frozenset({np.sum, np.prod, np.cumsum, np.cumprod})


def refuse_output(function: Callable[..., Any], out: Any) -> None:
    """Refuse ``out=``, unless there is none."""
    if any(array is not None for array in (out if isinstance(out, tuple) else (out,))):
        raise TypeError(
            f"{readable(function)} cannot write the result of Tensors into an existing array (out=, or array += t): "
            "a graph may hold that array. Write array = array + t"
        )


def sorted_arguments(primitive: Primitive, args: Sequence[Any], kwargs: dict[str, Any]) -> tuple[Any, dict[str, Any]]:
    """Sort the arguments of a call into arrays, in the dtype that was asked for, and options that the rules know."""
    name = readable(primitive.function)
    try:
        arrays, options = primitive.bind(*args, **kwargs)
    except TraceError:
        raise
    except TypeError as error:
        raise TypeError(f"{name} on Tensors: {without_prefix(error)}") from None
    if "dtype" in options and "dtype" not in primitive.accepts:
        dtype = options.pop("dtype")
        if dtype is not None:
            check_castable(primitive, arrays, dtype)
            arrays = tuple(as_array(x).astype(dtype) for x in arrays)
    check_options(primitive, options)
    return arrays, options


def compose(primitive: Primitive, args: Sequence[Any], kwargs: dict[str, Any]) -> Any:
    """Call a composition, and put what it cannot take in terms of the function that the user called."""
    try:
        return primitive.evaluate(*args, **kwargs)
    except TypeError as error:
        parameters = signature(primitive.evaluate)
        try:
            parameters.bind(*args, **kwargs)
        except TypeError as misfit:
            known = ", ".join(parameters.parameters)
            raise TypeError(f"{readable(primitive.function)} on Tensors takes {known}; {misfit}") from None
        error.add_note(f"in {readable(primitive.function)}")
        raise


def explain(error: Exception, primitive: Primitive, args: Sequence[Any]) -> None:
    """Add to NumPy's message which function it came from, and the names and shapes of the arguments."""
    error.add_note(f"in {readable(primitive.function)} of {', '.join(map(described, args))}")


def check_castable(primitive: Primitive, arrays: Sequence[Any], dtype: DTypeLike) -> None:
    """Refuse a dtype that cannot hold the arguments, as NumPy does, or that has no derivatives."""
    for x in arrays if primitive.function not in CASTING else ():
        source = as_array(x).dtype
        if not np.can_cast(source, dtype, "same_kind"):
            raise TypeError(
                f"{readable(primitive.function)} cannot be computed in dtype {np.dtype(dtype)}, which does not hold "
                f"{source}; convert with t.astype"
            )


def check_options(primitive: Primitive, options: dict[str, Any]) -> None:
    """Refuse what the rules do not know of, before the value is computed."""
    unknown = [name for name in options if name not in primitive.accepts]
    if unknown:
        known = ", ".join(f"{name}=" for name in sorted(primitive.accepts)) or "no options"
        raise TypeError(f"{readable(primitive.function)} on Tensors takes {known}; got {unknown[0]}=")
    for name, value in options.items():
        if isinstance(value, Handle) and value.requires_grad:
            raise TypeError(f"{readable(primitive.function)} has no derivative with respect to {name}=")
        options[name] = value if tracing() else held(value)


def without_prefix(error: TypeError) -> str:
    """Leave out of Python's message the name of the function that sorted the arguments."""
    return str(error).partition("() ")[2] or str(error)
