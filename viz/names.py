"""What everything in a picture is called: the user's names, told apart, and names for what has none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count
from typing import Any

from micrograd_nd.viz.contents import given_name, kind

__all__ = ["named", "visible"]

JOINERS = "\u200c\u200d"  # parts of words and of emoji
PRIMES = ("", "′", "″", "‴")
SUPERSCRIPTS = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")


def visible(name: str) -> str:
    r"""Make a name printable: what has no glyph, or no place in XML, is written as Python writes it.

    Parameters
    ----------
    name : str
        Any string.

    Returns
    -------
    str

    Examples
    --------
    >>> print(visible("x\n\x00"), visible('a"] b [<x>'))
    x\n\x00 a"] b [<x>
    """
    return "".join(c if c.isprintable() or c in JOINERS else repr(c)[1:-1] for c in name)


def named(things: Sequence[Any], root: Any) -> dict[int, str]:
    """Give every thing in a picture a name of its own.

    Parameters
    ----------
    things : sequence
        Nodes, constants and plain arrays, oldest first.
    root : Node or Constant
        The result; J unless it has a name, or another has that one.

    Returns
    -------
    dict
        The name of each thing by its ``id``. A name that was taken gets primes, the unnamed are numbered: leaves x1,
        x2, ..., operations t1, t2, ..., constants c1, c2, ...
    """
    taken: set[str] = set()
    names: dict[int, str] = {}
    repeats: Counter[str] = Counter()
    for x in things:
        if name := visible(given_name(x) or ""):
            names[id(x)] = _first_free(_primed(name, repeats[name]), taken)
            repeats[name] += 1
    letters = {"leaf": "x", "operation": "t", "constant": "c"}
    numbered = {what: map(f"{letter}{{}}".format, count(1)) for what, letter in letters.items()}
    for x in things:
        if id(x) not in names:
            is_result = x is root and kind(x) == "operation"
            names[id(x)] = _first_free(chain(["J"] * is_result, numbered[kind(x)]), taken)
    return names


def _primed(name: str, repeats: int) -> Iterator[str]:
    """List u, u′, u″, u‴, u⁽⁴⁾, u⁽⁵⁾, ... from the given place on."""
    return (name + (PRIMES[i] if i < 4 else f"({i})".translate(SUPERSCRIPTS)) for i in count(repeats))


def _first_free(candidates: Iterable[str], taken: set[str]) -> str:
    free = next(name for name in candidates if name not in taken)
    taken.add(free)
    return free
