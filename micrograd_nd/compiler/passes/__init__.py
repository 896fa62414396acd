"""Passes: each makes of a program a better one that computes the same.

Most give the same bits; each of the others says what it changes.
"""

from micrograd_nd.compiler.passes.biases import biases_folded
from micrograd_nd.compiler.passes.block_sums import large_sums_in_blocks
from micrograd_nd.compiler.passes.broadcasts import broadcasts_made_implicit
from micrograd_nd.compiler.passes.factoring import factored
from micrograd_nd.compiler.passes.flattening import updates_flattened
from micrograd_nd.compiler.passes.folding import folded
from micrograd_nd.compiler.passes.merging import merged
from micrograd_nd.compiler.passes.products import Choose, products_planned
from micrograd_nd.compiler.passes.scaling import scale_folded
from micrograd_nd.compiler.passes.simplifying import simplified
from micrograd_nd.compiler.passes.stacking import equal_work_stacked
from micrograd_nd.compiler.passes.sums import sums_as_products
from micrograd_nd.compiler.program import Program

__all__ = ["laid_out", "optimised"]


def optimised(program: Program) -> Program:
    """Apply all passes, until none finds anything to do."""
    while True:
        before = program
        for improve in (broadcasts_made_implicit, simplified, merged, factored):
            program = improve(program)
        if program is before:
            return merged(broadcasts_made_implicit(folded(program)))


def laid_out(program: Program, choose: Choose | None) -> Program:
    """Apply the passes that decide how arrays lie in memory.

    Parameters
    ----------
    program : Program
    choose : callable, optional
        Says how large products are best computed.
    """
    for x in program.kept.values():
        x.owned = True
    program = folded(scale_folded(program))
    program = sums_as_products(biases_folded(program))
    if choose is not None:
        program = simplified(products_planned(program, choose))
    for improve in (updates_flattened, merged, equal_work_stacked, simplified, merged, large_sums_in_blocks):
        program = improve(program)
    return program
