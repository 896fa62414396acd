"""The report of the demonstration, part by part, on standard output."""

from importlib.util import find_spec
from pathlib import Path
from shutil import which
from time import perf_counter

from micrograd_nd.demo.graphs import course_graph, logistic_regression_example
from micrograd_nd.demo.networks import gradient_check, logistic_regression, train_digits
from micrograd_nd.demo.three_ways import three_ways

__all__ = ["demo"]


def demo(out: Path) -> None:
    """Run every part.

    Parameters
    ----------
    out : Path
        A folder that exists; pictures are written there.

    Raises
    ------
    ImportError
        Without scikit-learn, matplotlib or a way to draw; the message names the pip command that helps.
    OSError
        When a picture cannot be written.
    """
    check_packages()
    start = perf_counter()
    heading(1, "The computation graph of J = 3(a + bc) at a = 5, b = 3, c = 2")
    course_graph(out)
    heading(2, "One example of logistic regression")
    logistic_regression_example(out)
    heading(3, "Logistic regression on scikit-learn's breast-cancer data")
    logistic_regression()
    heading(4, "An L-layer network on scikit-learn's handwritten digits")
    model, _ = train_digits(out)
    heading(5, "Its gradients against central differences")
    gradient_check(model)
    heading(6, "The same logistic regression three ways")
    three_ways()
    print(f"\nDone in {perf_counter() - start:.1f} s. Pictures are in {out}")


def check_packages() -> None:
    """Name at once everything that is missing."""
    present = {
        "scikit-learn (for its data)": find_spec("sklearn"),
        "matplotlib": find_spec("matplotlib"),
        "pygraphviz (or Graphviz's program dot: https://graphviz.org/download)": which("dot")
        or find_spec("pygraphviz"),
    }
    if absent := [name for name, found in present.items() if not found]:
        raise ImportError(f"needs {', '.join(absent)}: pip install 'micrograd-nd[all]'")


def heading(number: int, title: str) -> None:
    """Begin a part of the report."""
    print(f"\n{number}. {title}\n")
