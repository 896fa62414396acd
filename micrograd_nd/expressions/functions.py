"""The functions that an expression may call: NumPy's and this library's own, by their names, and no others.

A line of the table has the functions' home, their names, their arrays, their other arguments with the kinds of these
(``!`` for one that has to be given), and how their work is counted. ``...`` after an array says that it is a list.
"""

from collections.abc import Callable, Collection, Iterator
from difflib import get_close_matches
from typing import Any, NamedTuple

import numpy as np

from micrograd_nd.expressions.work import WORK
from micrograd_nd.rules import activations, gaussian

__all__ = ["CONSTANTS", "FUNCTIONS", "HOMES", "Function", "named_function", "nearest"]

# What may stand before a name, and which home it says.
HOMES = {
    "": None,
    "np": "np",
    "numpy": "np",
    "linalg": "np.linalg",
    "np.linalg": "np.linalg",
    "numpy.linalg": "np.linalg",
    "mg": "mg",
}

LONGEST_NAME = 40

CONSTANTS = {"pi": np.float64(np.pi), "π": np.float64(np.pi), "e": np.float64(np.e)}


class Function(NamedTuple):
    """A function that an expression may call.

    Attributes
    ----------
    name : str
        As it is written.
    home : str
        Where it is found: ``"np"``, ``"np.linalg"`` or ``"mg"``, which may stand before the name.
    call : callable
        What computes it.
    arrays : tuple of str
        Its array arguments.
    of_list : bool
        Whether its one array argument is a list of arrays.
    options : dict
        The kinds of its other arguments, in order.
    required : int
        How many of these have to be given.
    work : callable
        Bounds from above how many elements a call computes, from the shapes of the arrays and the options.
    """

    name: str
    home: str
    call: Callable[..., Any]
    arrays: tuple[str, ...]
    of_list: bool
    options: dict[str, str]
    required: int
    work: Callable[..., int]

    @property
    def signature(self) -> str:
        """How it is called: ``sum(x, axis=)``."""
        needed, more = list(self.options)[: self.required], list(self.options)[self.required :]
        arrays = [f"[{x}1, {x}2]" for x in self.arrays] if self.of_list else self.arrays
        return f"{self.name}({', '.join([*arrays, *needed, *(f'{name}=' for name in more)])})"

    def apply(self, arguments: list[Any], options: dict[str, Any]) -> Any:
        """Call it."""
        needed = [options[name] for name in list(self.options)[: self.required]]
        others = {name: value for name, value in options.items() if name not in list(self.options)[: self.required]}
        return self.call(*([arguments] if self.of_list else arguments), *needed, **others)


UNARY = """
    abs absolute acos acosh arccos arccosh arcsin arcsinh arctan arctanh asin asinh atan atanh cbrt ceil cos cosh
    deg2rad degrees exp exp2 expm1 fabs floor isfinite isinf isnan log log10 log1p log2 logical_not negative
    positive rad2deg radians reciprocal rint round sign sin sinc sinh sqrt square tan tanh trunc
"""

BINARY = """
    add arctan2 atan2 copysign divide equal float_power floor_divide fmax fmin fmod greater greater_equal heaviside
    hypot less less_equal logaddexp logaddexp2 logical_and logical_or logical_xor maximum minimum mod multiply
    not_equal power remainder subtract true_divide
"""

TABLE = (
    ("np", UNARY, "x", "", "elementwise"),
    ("np", BINARY, "x y", "", "elementwise"),
    ("np", "where", "condition x y", "", "elementwise"),
    ("np", "clip", "x low high", "", "elementwise"),
    ("mg", "normal_cdf relu sigmoid silu softplus", "x", "", "elementwise"),
    ("mg", "leaky_relu", "x", "slope:number", "elementwise"),
    ("mg", "elu", "x", "alpha:number", "elementwise"),
    ("mg", "gelu", "x", "approximate:flag", "elementwise"),
    ("mg", "softmax log_softmax", "x", "axis:axes", "given"),
    ("mg", "logsumexp", "x", "axis:axes keepdims:flag", "given"),
    ("np", "all amax amin any max mean min prod ptp sum", "x", "axis:axes keepdims:flag", "given"),
    ("np", "std var", "x", "axis:axes ddof:int keepdims:flag", "given"),
    ("np", "argmax argmin", "x", "axis:axis", "given"),
    ("np", "cumprod cumsum", "x", "axis:axis", "given"),
    ("np", "median", "x", "axis:axes keepdims:flag", "ordered"),
    ("np", "sort argsort", "x", "axis:axis", "ordered"),
    ("np", "diff", "x", "", "given"),
    ("np", "dot inner matmul vdot", "x y", "", "contracted"),
    ("np", "convolve kron outer", "x y", "", "pairs"),
    ("np", "tensordot", "x y", "axes:axis", "pairs"),
    ("np", "cross", "x y", "", "pairs"),
    ("np", "ravel transpose", "x", "", "given"),
    ("np", "reshape", "x", "shape:shape!", "shaped"),
    ("np", "broadcast_to", "x", "shape:shape!", "shaped"),
    ("np", "expand_dims", "x", "axis:axes!", "given"),
    ("np", "squeeze flip", "x", "axis:axes", "given"),
    ("np", "swapaxes", "x", "axis1:axis! axis2:axis!", "given"),
    ("np", "moveaxis", "x", "source:axes! destination:axes!", "given"),
    ("np", "roll", "x", "shift:ints! axis:axes", "given"),
    ("np", "repeat", "x", "repeats:int! axis:axis", "repeated"),
    ("np", "tile", "x", "reps:ints!", "repeated"),
    ("np", "diagonal trace", "x", "offset:int", "given"),
    ("np", "tril triu", "x", "k:int", "square"),
    ("np", "diag", "x", "k:int", "square"),
    ("np", "concatenate stack", "x...", "axis:axis", "given"),
    ("np", "hstack vstack", "x...", "", "given"),
    ("np", "array", "x", "", "given"),
    ("np", "ones zeros", "", "shape:shape!", "shaped"),
    ("np", "eye", "", "N:int! M:int k:int", "square"),
    ("np", "linspace", "start stop", "num:int", "counted"),
    ("np", "arange", "", "start:number! stop:number step:number", "ranged"),
    ("np.linalg", "cholesky det eigvalsh inv pinv", "x", "", "cubed"),
    ("np.linalg", "solve", "x y", "", "cubed"),
    ("np.linalg", "matrix_power", "x", "n:int!", "cubed"),
    ("np.linalg", "norm", "x", "ord:number axis:axes keepdims:flag", "cubed"),
)


def itself(x: Any) -> Any:
    """Return the argument: a list in an expression is an array already."""
    return x


def table() -> Iterator[Function]:
    """Make functions of the lines of the table."""
    homes: dict[str, tuple[Any, ...]] = {"np": (np,), "np.linalg": (np.linalg,), "mg": (activations, gaussian)}
    for home, names, arrays, options, work in TABLE:
        kinds = dict(option.rstrip("!").split(":") for option in options.split())
        for name in names.split():
            call = next(getattr(module, name) for module in homes[home] if hasattr(module, name))
            yield Function(
                name,
                home,
                itself if name == "array" else call,
                tuple(arrays.replace("...", "").split()),
                "..." in arrays,
                kinds,
                options.count("!"),
                WORK[work],
            )


FUNCTIONS = {function.name: function for function in table()}


def named_function(name: str) -> Function | None:
    """Find a function by a name that may have its home before it: ``exp``, ``np.exp``, ``np.linalg.inv``, ``mg.relu``.

    Parameters
    ----------
    name : str
        Of one of those of the table.

    Returns
    -------
    Function or None
        None for any other.
    """
    home, _, short = name.rpartition(".")
    found = FUNCTIONS.get(short)
    return found if found and home in HOMES and HOMES[home] in (None, found.home) else None


def nearest(name: str, names: Collection[str]) -> str:
    """Suggest what was meant by a name, in words; nothing if no other is near, or if it is too long to be compared."""
    names = [x for x in names if max(len(x), len(name)) <= LONGEST_NAME]
    close = get_close_matches(name, sorted(names), n=1, cutoff=0.6) or [x for x in names if x.lower() == name.lower()]
    return f": did you mean {close[0]}?" if close else ""
