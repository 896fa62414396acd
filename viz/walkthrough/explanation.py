"""What `viz.explain` does: a Tensor becomes a scene, the scene steps, and these a page."""

import os
from pathlib import Path
from typing import Literal

import numpy as np

from micrograd_nd.graph import Node, ancestors
from micrograd_nd.nn.module import Module
from micrograd_nd.tensor import Tensor
from micrograd_nd.viz.destinations import check_folder, write
from micrograd_nd.viz.graphs.folding import LONGEST
from micrograd_nd.viz.graphs.local_derivatives import with_local_derivatives
from micrograd_nd.viz.graphs.picture import scene_of
from micrograd_nd.viz.walkthrough.page import page_of
from micrograd_nd.viz.walkthrough.steps import count_of_steps, steps_of

__all__ = ["explain"]

MOST_STEPS = 300


def explain(
    J: Tensor,
    path: str | os.PathLike[str],
    *,
    gradients: bool = True,
    detail: Literal["low", "high"] = "high",
    direction: Literal["LR", "RL", "TB", "BT"] = "LR",
    theme: Literal["auto", "light", "dark"] = "auto",
    title: str | None = None,
    model: Module | None = None,
) -> Path:
    """Write a page that goes through how a Tensor was computed step by step: forward, then backward.

    The page shows the picture of `graph` and one step at a time: what is given, then each operation with its numbers,
    ``u = b × c = 3 × 2 = 6``, then each derivative by the chain rule, ``dJ/db = dJ/du · du/db = 3 · c = 3 · 2 = 6``.
    Where a value was used several times, each way back is a step, and so is their sum. Of arrays the rule stands in
    matrices, ``dJ/dW = dZ Xᵀ``; small ones are written out, large ones as shape and range. ``≈`` stands beside numbers
    that are written with fewer digits than they have.

    One goes on by buttons, a slider or keys, or lets it play. Pointing at a box tells its full values. The page is one
    file that needs no network and no other file; without JavaScript, and on paper, it is a list of all steps.

    Parameters
    ----------
    J : Tensor
        The result. If it has several elements there are no derivatives, and the page says so.
    path : path
        The file, whose name ends in ``.html``. An existing file is replaced, in one step, once the page is complete.
    gradients : bool
        Whether to go back through the derivatives.
    detail : {"low", "high"}
        As for `graph`: ``"high"`` has a step for every operation, ``"low"`` one for every formula.
    direction : {"LR", "RL", "TB", "BT"}
        Where the computation goes: from left to right, top to bottom, or the reverse.
    theme : {"auto", "light", "dark"}
        The colours; ``"auto"`` takes what the reader's system asks for.
    title : str, optional
        The heading.
    model : Module, optional
        Whose parameters are told from other variables, and called by their paths where they have no names.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    TypeError
        If `J` is not a Tensor, the model no Module, or the title no text.
    ValueError
        For another ending, direction, theme or detail; for a computation of more than 300 steps.
    OSError
        If the file cannot be written.
    ImportError
        Without Graphviz.

    Examples
    --------
    >>> import tempfile
    >>> import micrograd_nd as mg
    >>> from micrograd_nd import viz
    >>> a, b, c = mg.Tensor(5.0, name="a"), mg.Tensor(3.0, name="b"), mg.Tensor(2.0, name="c")
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     page = viz.explain(3 * (a + b * c), Path(folder, "explain.html")).read_text(encoding="utf-8")
    >>> page.count("<li ")
    11
    """
    path = Path(path)
    if not isinstance(J, Tensor):
        raise TypeError(f"viz.explain goes through how a Tensor was computed; got {type(J).__name__}")
    if path.suffix.lower() != ".html":
        raise ValueError(f"a page's file name ends in .html; got {path.name!r}")
    if direction not in ("LR", "RL", "TB", "BT"):
        raise ValueError(f'direction is "LR", "RL", "TB" or "BT" (from left to right, ...); got {direction!r}')
    if theme not in ("auto", "light", "dark"):
        raise ValueError(f'theme is "auto", "light" or "dark"; got {theme!r}')
    if title is not None and not isinstance(title, str):
        raise TypeError(f"title is a text; got {type(title).__name__}")
    fewer = "a smaller graph" if detail == "low" else 'detail="low", which has a step a formula, or a smaller graph'
    if fewest_steps(J) > MOST_STEPS:
        raise ValueError(f"the page would have more than {MOST_STEPS} steps, and has no more than that; try {fewer}")
    scene = scene_of(J, gradients=gradients, detail=detail, model=model)
    if (count := count_of_steps(scene)) > MOST_STEPS:
        raise ValueError(f"the page would have {count:,} steps, and has at most {MOST_STEPS}; try {fewer}")
    check_folder(path)
    if gradients:
        scene = with_local_derivatives(scene)
    heading = f"{scene.names[scene.root]}, step by step" if title is None else title
    page = page_of(scene, steps_of(scene), title=heading, theme=theme, direction=direction)
    write(path, page.encode(), "page")
    return path


def fewest_steps(J: Tensor) -> float:
    """Say how many steps a page has at least: found in a moment, of a graph whose scene would take seconds."""
    nodes = ancestors(J.node) if type(J.node) is Node else []
    # In a formula each operation takes a character at least, a plus sign before something none.
    signs = sum(node.primitive is not None and node.primitive.function is not np.positive for node in nodes)
    return signs / LONGEST
