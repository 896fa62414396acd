"""What everything in a picture is called: the user's names, told apart, and names for what has none."""

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, count

from micrograd_nd.viz.graphs.scene import Kind, Scene
from micrograd_nd.viz.printable import visible

__all__ = ["named", "names_for"]

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
    names = names_for([(box.given_name, box.kind) for box in scene.boxes])
    return scene.renamed({box.id: name for box, name in zip(scene.boxes, names, strict=True)})


def names_for(boxes: Sequence[tuple[str | None, Kind]]) -> list[str]:
    """Find the names of boxes, as `named` gives them, by what their user called them and their kinds."""
    taken: set[str] = set()
    names: dict[int, str] = {}
    repeats: Counter[str] = Counter()
    for place, (given, _) in enumerate(boxes):
        if given and (name := visible(given)):
            names[place] = _first_free(_primed(name, repeats[name]), taken)
            repeats[name] += 1
    numbered = {letter: map(f"{letter}{{}}".format, count(1)) for letter in set(LETTERS.values())}
    for place, (_, kind) in enumerate(boxes):
        if place not in names:
            own = ["J"] * (kind == "result")
            names[place] = _first_free(chain(own, numbered[LETTERS[kind]]), taken)
    return [names[place] for place in range(len(boxes))]


def _primed(name: str, repeats: int) -> Iterator[str]:
    """List u, u′, u″, u‴, u⁽⁴⁾, u⁽⁵⁾, ... from the given place on."""
    return (name + (PRIMES[i] if i < 4 else f"({i})".translate(SUPERSCRIPTS)) for i in count(repeats))


def _first_free(candidates: Iterable[str], taken: set[str]) -> str:
    for name in candidates:
        if name not in taken:
            taken.add(name)
            return name
    raise AssertionError("there are as many names as numbers")
