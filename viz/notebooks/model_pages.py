"""How a model and its summary look on the page of a notebook: the table of its dimensions, and its picture."""

import numpy as np

from micrograd_nd.nn.dimensions import Summary, summary
from micrograd_nd.nn.module import Module
from micrograd_nd.viz.drawing import without_prologue
from micrograd_nd.viz.hypertext import attempt, paragraph, preformatted, section, table
from micrograd_nd.viz.networks.network_picture import drawing_of
from micrograd_nd.viz.rendering import render
from micrograd_nd.viz.themes import NOTEBOOK, on_any_page

__all__ = ["model_page", "summary_page"]

# A model of more numbers than these is not copied to be run for its table.
MOST_NUMBERS = 20_000_000


def model_page(model: Module) -> str:
    """Show a model: the table of `micrograd_nd.nn.summary` for one sample, and its picture.

    Where it cannot be run on zeros, or holds more than 20 million numbers, its parameters are listed instead. Without
    Graphviz there is no picture.

    Parameters
    ----------
    model : Module

    Returns
    -------
    str
        HTML.
    """
    found = attempt(lambda: summary_page(summarised(model))) or attempt(lambda: parameters_table(model))
    return section(paragraph(type(model).__name__, strong=True), attempt(lambda: inline_picture(model)), found)


def summary_page(found: Summary) -> str:
    """Show the dimensions of a model.

    Parameters
    ----------
    found : Summary

    Returns
    -------
    str
        HTML.
    """
    head, *rows = found.table()
    return section(table(head, rows, words=len(head) - 1), *map(paragraph, found.totals()))


def summarised(model: Module) -> Summary:
    """Find the dimensions of a model that is small enough to be run for that."""
    if sum(p.size for p in model.parameters()) > MOST_NUMBERS:
        raise ValueError("the model is too large to be copied for a display")
    with np.errstate(all="ignore"):
        return summary(model)


def parameters_table(model: Module) -> str:
    """List the parameters of a model, if it has any, under its repr, if that can be written."""
    named = model.named_parameters()
    rows = [(path, p.name or "", str(p.shape), str(p.dtype), f"{p.size:,}") for path, p in named]
    listed = table(("path", "name", "shape", "dtype", "numbers"), rows, words=4) if rows else ""
    total = paragraph(f"parameters: {sum(p.size for _, p in named):,}")
    return section(attempt(lambda: preformatted(repr(model))), listed, total)


def inline_picture(model: Module) -> str:
    """Draw a network in the colours of the page that it stands on."""
    svg = without_prologue(render(drawing_of(model, NOTEBOOK), "svg").decode())
    return f'<div style="color:inherit">{on_any_page(svg)}</div>'
