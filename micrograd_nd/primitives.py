"""What the engine knows of a function: how to call it, and a derivative rule for each array it takes.

A *primitive* is a function that is recorded as one node. The registry maps the function that users call
(``np.tanh``, ``mg.sigmoid``, one of their own) to its `Primitive`. Rules are plain NumPy expressions::

    derivative(np.arctan2,
        lambda g, out, y, x: g * x / (x * x + y * y),
        lambda g, out, y, x: -g * y / (x * x + y * y))

``g`` is the derivative of the final result with respect to ``out``; a rule returns the derivative with respect
to one argument. It may return anything that broadcasts with that argument: the sweep brings shape and dtype back
to the argument's own. This file knows nothing of Tensors or graphs.
"""

import functools
import inspect
import sys
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Literal, TypeVar

import numpy as np

__all__ = ["Primitive", "composition", "constant", "derivative", "lookup", "primitive", "registry"]

Rule = Callable[..., Any]
Rules = tuple[Rule | None, ...] | Rule | None
Linear = bool | Literal["jointly"]
Bound = tuple[tuple[Any, ...], dict[str, Any]]
F = TypeVar("F", bound=Callable[..., Any])


class Primitive:
    """A function with its derivative rules.

    Attributes
    ----------
    function : callable
        The function as users call it: its key in the registry.
    evaluate : callable
        Computes the value from ``(*arrays, **options)``; `function` itself unless a faster or simpler one was given.
    rules : tuple of callable or None, callable, or None
        For each array argument, ``rule(g, out, *arrays, **options)``; None where there is no derivative.
        Empty for a function that is piecewise constant. For a function of any number of arrays, one callable that
        returns the derivatives with respect to all. None for a composition: `evaluate` applies other functions, which
        are recorded in its place.
    bind : callable
        Sorts the arguments of a call into ``(arrays, options)``.
    accepts : frozenset of str
        The options that every rule knows.
    arity : int or None
        How many arguments, all arrays, a call may simply pass on; None where `bind` must sort them first.
    elementwise : bool
        Each element of the value depends on the same element of the arguments, broadcast, and on no other.
    linear : bool or "jointly"
        Whether the value is linear in each array while the others are held, or in all of them together.
    """

    __slots__ = ("accepts", "arity", "bind", "elementwise", "evaluate", "function", "linear", "rules")

    function: Callable[..., Any]
    evaluate: Callable[..., Any]
    rules: Rules
    bind: Callable[..., Bound]
    accepts: frozenset[str]
    arity: int | None
    elementwise: bool
    linear: Linear

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    @property
    def name(self) -> str:
        """The function's own name, such as ``"tanh"``."""
        return str(self.function.__name__)

    def __repr__(self) -> str:
        return f"Primitive({readable(self.function)})"


_registry: dict[Callable[..., Any], Primitive] = {}

registry: Mapping[Callable[..., Any], Primitive] = MappingProxyType(_registry)
"""Every function that can be applied to Tensors, with its `Primitive`; read-only."""

# The same as registry.get, without the way through the proxy: every call of a NumPy function on a Tensor comes here.
lookup = _registry.get


def derivative(
    function: Callable[..., Any],
    *rules: Rule | None,
    joint: Rule | None = None,
    bind: Callable[..., Bound] | None = None,
    evaluate: Callable[..., Any] | None = None,
    arity: int | None = None,
    elementwise: bool = False,
    linear: Linear = False,
) -> Primitive:
    """Register the derivative rules of a NumPy function, or of any ufunc.

    Parameters
    ----------
    function : callable
        A ufunc, or a function that dispatches through ``__array_function__``.
    *rules : callable or None
        One for each array argument, in order: ``rule(g, out, *arrays, **options)``. None says that the function has
        no derivative with respect to that argument (a condition, a mask).
    joint : callable, optional
        Instead of `rules`, for a function of any number of arrays: ``joint(g, out, *arrays, **options)`` returns a
        list of the derivatives with respect to each.
    bind : callable, optional
        Takes the arguments of a call and returns ``(arrays, options)``. By default the first ``len(rules)``
        parameters of `function` are the arrays and the rest are options.
    evaluate : callable, optional
        Computes the value from ``(*arrays, **options)``; `function` by default.
    arity : int, optional
        A number of arguments of which `bind` would change nothing, with options that the rules know.
    elementwise : bool
        Says that each element of the value depends on the same element of the arguments, broadcast, and on no other.
        True for every ufunc without a signature. Forward mode then applies the rules themselves to tangents.
    linear : bool or "jointly"
        Says that the value is linear in each array while the others are held, as a product is, or in all of them
        together, as a concatenation is. Forward mode then applies the function itself to tangents. Of a function
        that is neither, it transposes the rules.

    Returns
    -------
    Primitive
        What was registered. Registering a function again replaces its rules.

    Raises
    ------
    TypeError
        When no rule is given, or one that cannot be called.

    Examples
    --------
    >>> import micrograd_nd as mg
    >>> _ = mg.derivative(np.cbrt, lambda g, out, x: g / (3 * out * out))
    >>> mg.grad(np.cbrt)(8.0)
    np.float64(0.08333333333333333)
    """
    if not callable(function):
        raise TypeError(f"derivative needs a function to register rules for; got {function!r}")
    if joint is None and not any(rules):
        raise TypeError(
            f"{readable(function)} was given no rule: pass one a differentiable argument, "
            "such as lambda g, out, x: g * 2 * x"
        )
    if linear not in (False, True, "jointly"):
        raise ValueError(f"linear is True, False or 'jointly'; got {linear!r}")
    if elementwise and (joint is not None or linear):
        raise ValueError(
            f"{readable(function)} is elementwise: it needs a rule for each argument, and linear says no more"
        )
    for rule in (*rules, joint):
        if not (rule is None or callable(rule)):
            raise TypeError(f"the rules of {readable(function)} must be callable or None; got {rule!r}")
    if isinstance(function, np.ufunc) and (function.nout != 1 or (rules and len(rules) != function.nin)):
        raise TypeError(
            f"{readable(function)} takes {function.nin} arrays and returns {function.nout}; "
            f"rules are for one result, one rule for each array: got {len(rules)}"
        )
    entry = _register(function, joint or rules, bind, evaluate)
    entry.arity = entry.arity if arity is None else arity
    entry.elementwise = elementwise or (isinstance(function, np.ufunc) and function.signature is None)
    entry.linear = linear
    return entry


def composition(*functions: Callable[..., Any]) -> Callable[[F], F]:
    """Register functions that are composed of others, by what they are composed of.

    Parameters
    ----------
    *functions : callable
        NumPy functions or ufuncs.

    Returns
    -------
    callable
        A decorator of the function that is called in their place, with the arguments as they were given. It applies
        other functions, which are recorded, so that derivatives of any order follow.

    Examples
    --------
    >>> @composition(np.deg2rad)
    ... def deg2rad(x):
    ...     return x * (np.pi / 180)
    >>> import micrograd_nd as mg
    >>> mg.grad(np.deg2rad)(90.0)
    np.float64(0.017453292519943295)
    """

    def register(body: F) -> F:
        for function in functions:
            _register(function, None, _all_arrays, body)
        return body

    return register


def constant(*functions: Callable[..., Any]) -> None:
    """Register functions whose derivative is zero or has no meaning: comparisons, ``np.sign``, ``np.argmax``.

    Applied to Tensors in eager code they give plain arrays.

    Parameters
    ----------
    *functions : callable
        NumPy functions or ufuncs.
    """
    for function in functions:
        _register(function, (), _all_arrays, None)


def primitive(function: F, *rules: Rule | None) -> F:
    """Make a function of arrays one that Tensors record as a single node, with rules of its own.

    Parameters
    ----------
    function : callable
        Plain NumPy code from arrays to one array. Array arguments come first, one a rule; the rest are options.
    *rules : callable or None
        As in `derivative`. They may also be given later, by ``derivative(f, ...)``.

    Returns
    -------
    callable
        `function` as before for arrays and numbers; recorded for Tensors.

    Examples
    --------
    A function that NumPy does not have, in one statement:

    >>> import micrograd_nd as mg
    >>> cube = mg.primitive(lambda x: x * x * x, lambda g, out, x: g * 3 * x * x)
    >>> cube(2.0), mg.grad(cube)(2.0), mg.grad(mg.grad(cube))(2.0)
    (8.0, np.float64(12.0), np.float64(12.0))

    As a decorator, with the rules in a second statement:

    >>> @mg.primitive
    ... def swish(x, *, beta=1.0):
    ...     return x / (1 + np.exp(-beta * x))
    >>> _ = mg.derivative(
    ...     swish,
    ...     lambda g, out, x, *, beta=1.0: g * (beta * out + mg.sigmoid(beta * x) * (1 - beta * out)),
    ... )
    >>> mg.grad(swish)(0.0)
    np.float64(0.5)
    """
    if not callable(function):
        raise TypeError(f"primitive needs a function; got {function!r}")

    @functools.wraps(function)
    def call(*args: Any, **kwargs: Any) -> Any:
        for argument in (*args, *kwargs.values()):
            apply = getattr(type(argument), "__apply_primitive__", None)
            if apply is not None:
                return apply(call, args, kwargs)
        return function(*args, **kwargs)

    call.__primitive_body__ = one_array(function)  # type: ignore[attr-defined]
    if rules:
        derivative(call, *rules)
    return call  # type: ignore[return-value]


def one_array(function: Callable[..., Any]) -> Callable[..., Any]:
    """Make sure that a user's function returns one array, which a node can hold."""

    @functools.wraps(function)
    def evaluate(*arrays: Any, **options: Any) -> Any:
        out = function(*arrays, **options)
        if not hasattr(out, "dtype"):
            if not isinstance(out, int | float | complex):
                raise TypeError(f"a primitive returns one array; {readable(function)} returned {type(out).__name__}")
            out = np.asarray(out)[()]
        return out

    return evaluate


def readable(function: Callable[..., Any]) -> str:
    """Name a function as users write it: ``np.exp``, ``np.linalg.inv``, ``mg.sigmoid``."""
    name = str(getattr(function, "__qualname__", None) or getattr(function, "__name__", repr(function)))
    if isinstance(function, np.ufunc):
        packages = {"np": np, "scipy.special": sys.modules.get("scipy.special._ufuncs")}
        found = (package for package, module in packages.items() if getattr(module, name, None) is function)
        # What SciPy keeps private, `_zeta`, is called by a function of that name.
        return next((f"{package}.{name.lstrip('_')}" for package in found), name)
    module = (getattr(function, "__module__", None) or "").split(".")
    package = {"numpy": "np", "micrograd_nd": "mg"}.get(module[0])
    if package is None:
        return name
    public = [part for part in module[1:] if package == "np" and not part.startswith("_")]
    return ".".join([package, *public, name])


def _register(
    function: Callable[..., Any],
    rules: Rules,
    bind: Callable[..., Bound] | None,
    evaluate: Callable[..., Any] | None,
) -> Primitive:
    entry = _registry.get(function) or Primitive(function)
    entry.evaluate = evaluate if evaluate is not None else getattr(function, "__primitive_body__", function)
    entry.rules = rules
    entry.bind = bind or _default_bind(function, rules)
    entry.accepts = _options_known([rules] if callable(rules) else [rule for rule in rules or () if rule])
    entry.arity = len(rules) if rules and bind is None and not callable(rules) else None
    entry.elementwise = entry.linear = False
    _registry[function] = entry
    return entry


def _options_known(rules: Sequence[Rule]) -> frozenset[str]:
    """Find the keyword parameters that all of `rules` take."""
    known = [
        frozenset(p.name for p in inspect.signature(rule).parameters.values() if p.kind is p.KEYWORD_ONLY)
        for rule in rules
    ]
    return frozenset.intersection(*known) if known else frozenset()


def _default_bind(function: Callable[..., Any], rules: Rules) -> Callable[..., Bound]:
    """Arrays are the first parameters, one a rule; the others are options, by keyword."""
    if isinstance(function, np.ufunc) or callable(rules) or rules is None:
        return _all_arrays
    parameters = inspect.signature(function).parameters.values()
    names = [p.name for p in parameters if p.kind not in (p.VAR_POSITIONAL, p.VAR_KEYWORD)]
    arrays = names[: len(rules)]
    missing = object()

    def bind(*args: Any, **kwargs: Any) -> Bound:
        given = dict(zip(names, args, strict=False))
        if twice := given.keys() & kwargs.keys():
            raise TypeError(f"got two values for {min(twice)}=")
        given |= kwargs
        if given.get("out", missing) is None:
            del given["out"]
        values = [given.pop(name, missing) for name in arrays]
        while values and values[-1] is missing:
            values.pop()
        if len(args) > len(names) or not values or any(value is missing for value in values):
            raise TypeError(f"takes {', '.join(names)}; got {len(args)} positional arguments")
        return tuple(values), {k: v for k, v in given.items() if v is not np._NoValue}

    return bind


def _all_arrays(*arrays: Any, **options: Any) -> Bound:
    return arrays, options
