"""Pictures as files: Graphviz, wherever it is installed, lays a graph out and renders it."""

import os
import shutil
from contextlib import closing
from pathlib import Path

import graphviz

from micrograd_nd.viz.destinations import check_folder, write
from micrograd_nd.viz.group_titles import has_groups, with_clear_titles

__all__ = ["render", "save"]

FORMATS = ("svg", "png", "pdf")
DOTS_PER_INCH = "200"


def save(picture: graphviz.Digraph, path: str | os.PathLike[str]) -> Path:
    """Write a graph to a file, in the format of the file's ending.

    Parameters
    ----------
    picture : graphviz.Digraph
        What to draw.
    path : path
        Its ending says what to write: ``.svg``, ``.png``, ``.pdf`` or ``.dot``, as for `draw`. An existing file is
        replaced, in one step, once the picture is complete.

    Returns
    -------
    Path
        The file.

    Raises
    ------
    ValueError, OSError, ImportError
        As for `draw`.
    """
    path = Path(path)
    ending = path.suffix.lower().removeprefix(".")
    if ending not in (*FORMATS, "dot"):
        raise ValueError(f"a picture's file name ends in .svg, .png, .pdf or .dot; got {path.name!r}")
    check_folder(path)
    content = picture.source.encode() if ending == "dot" else render(picture, ending)
    write(path, content, "picture")
    return path


def render(picture: graphviz.Digraph, format: str) -> bytes:
    """Lay a graph out and render it, by the system's ``dot`` if there is one, else by pygraphviz.

    Parameters
    ----------
    picture : graphviz.Digraph
        What to draw.
    format : {"svg", "png", "pdf"}
        What to make of it.

    Returns
    -------
    bytes
        The file's content.

    Raises
    ------
    ValueError
        For another format.
    ImportError
        Without Graphviz, with what would help.
    """
    if format not in FORMATS:
        raise ValueError(f'a picture is rendered as "svg", "png" or "pdf"; got {format!r}')
    if format == "png":
        picture = picture.copy()
        picture.graph_attr["dpi"] = DOTS_PER_INCH
    source: str = picture.source
    if has_groups(source):
        return drawn(with_clear_titles(drawn(source, "dot").decode()), format, laid_out=True)
    return drawn(source, format)


def drawn(source: str, format: str, *, laid_out: bool = False) -> bytes:
    """Draw a graph by the Graphviz that there is; one that is laid out as it is."""
    if shutil.which("dot"):
        how = {"engine": "neato", "neato_no_op": 2} if laid_out else {"engine": "dot"}
        content: bytes = graphviz.Source(source).pipe(format=format, quiet=True, **how)
        return content
    try:
        import pygraphviz
    except ImportError:
        raise ImportError(
            "drawing needs Graphviz, and there is none. Either install it, https://graphviz.org/download, so that its "
            "program dot is found, or run: pip install 'micrograd-nd[draw]'. The graph's source needs neither: "
            "viz.graph(J).source"
        ) from None
    with closing(pygraphviz.AGraph(source)) as graph:
        rendered: bytes = graph.draw(format=format, prog="nop2" if laid_out else "dot")
    return rendered
