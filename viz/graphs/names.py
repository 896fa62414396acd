"""What everything in a picture is called: the user's names, told apart, and names for what has none."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import chain, count

from micrograd_nd.viz.graphs.scene import Kind, Scene
from micrograd_nd.viz.printable import visible

__all__ = ["named"]

LETTERS: dict[Kind, str] = {
    "parameter": "x",
    "variable": "x",
    "input": "c",
    "constant": "c",
    "operation": "t",
    "module": "t",
    "summary": "t",
    "result": "t",
}
PRIMES = ("", "′", "″", "‴")
SUPERSCRIPTS = str.maketrans("0123456789()", "⁰¹²³⁴⁵⁶⁷⁸⁹⁽⁾")


def named(scene: Scene) -> Scene:
    """Give every box in a scene a name of its own.

    Parameters
    ----------
    scene : Scene
        Of any names.

    Returns
    -------
    Scene
        The names that users gave come first; one that was taken gets primes. The unnamed are numbered in the order of
        computation: leaves x1, x2, ..., operations t1, t2, ..., constants c1, c2, ...; the result is J unless it has a
        name, or another has that one.
    """
    taken: set[str] = set()
    names: dict[str, str] = {}
    repeats: Counter[str] = Counter()
    for box in scene.boxes:
        if name := visible(box.given_name or ""):
            names[box.id] = _first_free(_primed(name, repeats[name]), taken)
            repeats[name] += 1
    numbered = {letter: map(f"{letter}{{}}".format, count(1)) for letter in set(LETTERS.values())}
    for box in scene.boxes:
        if box.id not in names:
            own = ["J"] * (box.kind == "result")
            names[box.id] = _first_free(chain(own, numbered[LETTERS[box.kind]]), taken)
    return scene.renamed(names)


def _primed(name: str, repeats: int) -> Iterator[str]:
    """List u, u′, u″, u‴, u⁽⁴⁾, u⁽⁵⁾, ... from the given place on."""
    return (name + (PRIMES[i] if i < 4 else f"({i})".translate(SUPERSCRIPTS)) for i in count(repeats))


def _first_free(candidates: Iterable[str], taken: set[str]) -> str:
    free = next(name for name in candidates if name not in taken)
    taken.add(free)
    return free
