"""How a compiled function looks on the page of a notebook: what it was made for, and its program to be read."""

from collections.abc import Iterator

from micrograd_nd.compiler.aliasing import is_view
from micrograd_nd.compiler.function import Compiled
from micrograd_nd.compiler.making import Made
from micrograd_nd.compiler.program import Value
from micrograd_nd.nn.dimensions import in_units
from micrograd_nd.viz.hypertext import attempt, paragraph, preformatted, section, table
from micrograd_nd.viz.printable import visible

__all__ = ["program_page"]

MOST = 40


def program_page(compiled: Compiled) -> str:
    """Show a compiled function: the inputs and results of its latest program, the memory it works in, and its text.

    Parameters
    ----------
    compiled : Compiled

    Returns
    -------
    str
        HTML.
    """
    made = compiled.latest
    heading = paragraph(repr(compiled), strong=True)
    if made is None:
        return section(heading, paragraph("The first call makes a program, for the shapes of its arguments."))
    shows = lambda: arrays(made), lambda: paragraph(work(made)), lambda: preformatted(made.text.source)
    return section(heading, *map(attempt, shows))


def arrays(made: Made) -> str:
    """List what goes in and what comes out."""
    inputs, outputs = made.recipe.program.inputs, made.recipe.program.outputs
    rows = [*(row("takes", x) for x in inputs), *(row("returns", x) for x in outputs)]
    return section(table(["", "name", "shape", "dtype"], rows[:MOST], words=4), *more(len(rows) - MOST))


def row(role: str, x: Value) -> list[str]:
    """Describe one array."""
    return [role, visible(x.name or ""), str(x.shape) if x.shape else "a number", str(x.dtype)]


def more(left_out: int) -> Iterator[str]:
    """Say how many arrays are left out."""
    if left_out > 0:
        yield paragraph(f"… and {left_out:,} more arrays")


def work(made: Made) -> str:
    """Say how much is computed, and in how much memory."""
    operations = [x for x in made.recipe.fast.program.operations if not is_view(x)]
    written = sum(x.size * x.dtype.itemsize for x in operations)
    kept = sum(made.recipe.fast.sizes)
    ratio = f", {kept / written:.0%} of that" if written else ""
    return (
        f"{len(operations):,} operations have results of {in_units(written)}; "
        f"the program keeps {in_units(kept)} of memory for them{ratio}"
    )
