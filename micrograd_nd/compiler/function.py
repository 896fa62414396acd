"""compile: a function that is run as a NumPy program, made for the shapes and dtypes that it is called with."""

import functools
import threading
import warnings
from collections.abc import Callable
from pathlib import Path
from types import MethodType
from typing import Any, overload

from micrograd_nd import tree
from micrograd_nd.compiler.capture import is_input
from micrograd_nd.compiler.entry import MISS
from micrograd_nd.compiler.making import Made, array, form_of, kind_of
from micrograd_nd.display import Displayed
from micrograd_nd.files import replace_file
from micrograd_nd.modes import mode, recording, tracing
from micrograd_nd.primitives import readable
from micrograd_nd.tensor import Tensor
from micrograd_nd.transforms.reverse import check_function
from micrograd_nd.uncollected import uncollected

__all__ = ["Compiled", "compile"]

# So many programs that differ in values alone are a sign that one of these values is meant to change.
MANY = 16


@overload
def compile(
    f: Callable[..., Any], *, donate: int | None = ..., measure: bool = ..., native: bool = ...
) -> "Compiled": ...


@overload
def compile(
    *, donate: int | None = ..., measure: bool = ..., native: bool = ...
) -> Callable[[Callable[..., Any]], "Compiled"]: ...


def compile(f: Any = None, *, donate: int | None = None, measure: bool = True, native: bool = True) -> Any:
    """Make a function run as a NumPy program.

    The first call traces the function, derivatives that it takes included, and makes of what it computed a program for
    arguments of these shapes and dtypes: straight-line NumPy that writes into memory it asked for once. Later calls run
    the program.

    Parameters
    ----------
    f : callable, optional
        From arrays, or nests of tuples, lists and dicts of arrays, to the same; often a transform such as
        ``mg.value_and_grad(cost)``, or a module. Arrays, NumPy's numbers and Python's floats among its arguments may
        be different at every call; anything else, such as an int, is part of the program. So are arrays that `f` does
        not take as arguments, as they are at the first call; Tensors that it does not take are read at every call. It
        has to take the same steps whatever the values are. Left out, for a decorator: ``@mg.compile(donate=0)``.
    donate : int, optional
        The number of an argument that is state: `f` returns its new values, as a nest of the same form, alone or in a
        tuple. The program keeps them in memory of its own and returns the same arrays each time, with new values. What
        is passed in is not written to unless it came from the program.
    measure : bool
        Find out, when a program is made, which large matrix products are faster the other way round. The bits of
        results may then differ from one machine, or one run, to another.
    native : bool
        Let numba compile the arithmetic of long elementwise runs, where it is installed (``pip install
        micrograd-nd[native]``) and measured to be faster. The bits stay the same; making the program takes seconds.

    Returns
    -------
    Compiled
        Takes and returns what `f` does, in plain arrays of the caller's own. Where derivatives are taken of its
        arguments, `f` itself is called.

    Raises
    ------
    TraceError
        By a call, where `f` looks at a value, as in ``if x > 0``, or computes something else each time. The message
        names the line.

    Notes
    -----
    Results agree with those of `f` to rounding: common factors of sums are taken out, and what is constant is computed
    once. ``docs/compile.md`` says what else is done.

    Examples
    --------
    >>> import numpy as np
    >>> import micrograd_nd as mg
    >>> def energy(x):
    ...     y = np.sin(x)
    ...     return np.sum(y * y)
    >>> slope = mg.compile(mg.grad(energy))
    >>> slope(np.array([0.0, 1.0]))
    array([0.        , 0.90929743])
    >>> print(slope.source[slope.source.index("def") :])
    def energy(x):
        y = np.sin(x)                                             # (2,)
        dy = y + y                                                # (2,)
        dx = dy * np.cos(x)                                       # (2,)
        return dx
    <BLANKLINE>
    """
    if f is None:
        return functools.partial(compile, donate=donate, measure=measure, native=native)
    check_function(f)
    return Compiled(f, donate, measure, native)


class Compiled(Displayed):
    """A function that runs as a NumPy program; `compile` makes it.

    Without `named`, the programs are not for reading: local variables are not looked for, and give them no names. With
    `repeats`, the function is known to take the same steps every time, and is traced once.

    Attributes
    ----------
    programs : dict
        The programs made so far, one for each form, shapes and dtypes of arguments.
    """

    def __init__(
        self,
        f: Callable[..., Any],
        donate: int | None = None,
        measure: bool = True,
        native: bool = True,
        named: bool = True,
        repeats: bool = False,
    ) -> None:
        self.f = f
        self.donate = donate
        self.measure = measure
        self.native = native
        self.named = named
        self.repeats = repeats
        self.programs: dict[Any, Made] = {}
        self.latest: Made | None = None
        self.enter: Callable[[Any], Any] | None = None
        self.making = threading.Lock()
        functools.update_wrapper(self, f)

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program for such arguments; make it first if there is none."""
        enter = self.enter
        if enter is not None and not kwargs and mode.get() is None:
            result = enter(args)
            if result is not MISS:
                return result
        return self.called(args, kwargs)

    def __get__(self, instance: Any, owner: Any = None) -> Any:
        """Bind to an instance, as methods are; each has programs of its own."""
        return self if instance is None else MethodType(self, instance)

    def called(self, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Find the program for such arguments, or make it, and run it."""
        leaves = list(tree.leaves((args, kwargs)))
        if tracing() or (recording() and any(type(x) is Tensor and x.requires_grad for x in leaves)):
            return self.f(*args, **kwargs)
        key = (form_of((args, kwargs)), tuple(map(kind_of, leaves)))
        try:
            made = self.programs.get(key)
        except TypeError as error:  # what has no hash
            raise TypeError(
                f"{readable(self.f)} was called with something that is no array and cannot be told from others of its "
                f"kind ({error}): compiled functions take arrays, numbers, text and what else can be a key of a dict"
            ) from None
        if made is None:
            with self.making:
                made = self.programs.get(key)
                if made is None:
                    settings = self.donate, self.measure, self.native, self.named, self.repeats
                    with uncollected():
                        made = Made(self.f, args, kwargs, *settings)
                    self.programs[key] = made
                    self.warn_of_many()
        self.latest = made
        self.enter = made.enter
        return made.run([array(x) for x in leaves if is_input(x)])

    @property
    def source(self) -> str:
        """The program of the last call, written to be read: a module that defines a function."""
        return self.made().text.source

    @property
    def source_fast(self) -> str:
        """The program of the last call as it runs: the same steps, written into memory that is used again."""
        return self.made().recipe.fast.source

    def save(self, path: str | Path) -> None:
        """Write the program of the last call, as `source` shows it, as a module that needs only NumPy.

        Parameters
        ----------
        path : str or Path
            Where; a file that is there is replaced whole.

        Raises
        ------
        TypeError
            For a program that calls functions whose text cannot be written down: lambdas and closures that were
            registered with ``mg.primitive``, and random generators.
        ValueError
            Before the first call.
        """
        made = self.made()
        if made.text.names:
            raise TypeError(
                f"the program calls {', '.join(made.text.names)}, whose text cannot be written down: "
                "a function that was defined with def in a file can"
            )
        replace_file(Path(path), made.text.source.encode())

    def __repr__(self) -> str:
        count = len(self.programs)
        made = f"{count} program{'s' * (count != 1)}" if count else "not called yet"
        return f"Compiled({readable(self.f)}, {made})"

    def made(self) -> Made:
        """Find the program of the last call."""
        if self.latest is None:
            raise ValueError("there is no program yet: it is made by the first call, for the shapes of its arguments")
        return self.latest

    def warn_of_many(self) -> None:
        """Say so when programs are made again and again for other values."""
        kinds = [tuple(kind for kind in kinds if not is_value(kind)) for _, kinds in self.programs]
        if len(kinds) - len(set(kinds)) == MANY:
            warnings.warn(
                f"{readable(self.f)} was compiled {MANY} times for other values of an argument that is no array. "
                "What changes from call to call is passed as a float, or as an array: np.asarray(n)",
                stacklevel=5,
            )


def is_value(kind: Any) -> bool:
    """Tell the description of an argument by its value."""
    return isinstance(kind, tuple) and isinstance(kind[0], type)
