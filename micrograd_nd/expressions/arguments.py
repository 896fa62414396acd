"""What ``micrograd-nd graph`` takes on the command line."""

import argparse
import re
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

__all__ = ["LOOKS", "add_graph", "graph_arguments"]

# What `viz.graph` is told, and the options that a value follows.
LOOKS = ("direction", "theme", "detail", "title", "local_derivatives")
WITH_VALUE = ("-o", "--out", "--direction", "--theme", "--detail", "--title")
# What is meant as an option, if perhaps as one that there is not.
OPTION = re.compile("-h|-o[^(]*|--[a-z]+(-[a-z]+)*(=.*)?", re.DOTALL)


def add_graph(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """Say what ``micrograd-nd graph`` takes."""
    graph = commands.add_parser(
        "graph",
        help="draw how an expression is computed, and print its derivatives",
        allow_abbrev=False,
        epilog="example: micrograd-nd graph 'u = b*c; v = a + u; J = 3*v' a=5 b=3 c=2 -o graph.svg",
    )
    graph.add_argument("expression", metavar="EXPRESSION", help="with NumPy's functions: 'sum(tanh(W @ x))'")
    graph.add_argument("values", nargs="*", metavar="NAME=VALUE", help="a number or a list of them: a=5 'x=[1, 2]'")
    graph.add_argument(
        "-o", "--out", type=Path, metavar="FILE", help="the picture: .svg, .png, .pdf, .dot or .html; none without it"
    )
    graph.add_argument("--no-derivatives", dest="gradients", action="store_false", help="values only")
    graph.add_argument(
        "--direction", choices=("LR", "RL", "TB", "BT"), default="LR", help="left to right, ... (default: %(default)s)"
    )
    graph.add_argument(
        "--theme", choices=("light", "dark"), help="for a page that is so (default: light; in .html the reader's)"
    )
    graph.add_argument(
        "--detail",
        choices=("low", "high"),
        default="high",
        help="low folds steps of arithmetic into formulas (default: %(default)s)",
    )
    graph.add_argument("--title", metavar="TEXT", help="above the picture")
    graph.add_argument(
        "--local-derivatives", action="store_true", help="the derivative of each step beside its arrow back"
    )


def graph_arguments(argv: Sequence[str]) -> list[str]:
    """Put what ``micrograd-nd graph`` takes by its place after its options: -a*b and --2*b are expressions."""
    if not argv or argv[0] != "graph" or "--" in argv:
        return list(argv)
    places: list[str] = []
    options: list[str] = []
    rest = iter(argv[1:])
    for argument in rest:
        if argument in WITH_VALUE:
            options += [argument, *islice(rest, 1)]
        elif OPTION.fullmatch(argument):
            options.append(argument)
        else:
            places.append(argument)
    return ["graph", *options, "--", *places] if places else ["graph", *options]
