"""What ``micrograd-nd graph`` takes on the command line."""

import argparse
from collections.abc import Sequence
from itertools import islice
from pathlib import Path

__all__ = ["add_graph", "graph_arguments"]

# The options that a value follows.
WITH_VALUE = ("-o", "--out", "--direction")


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


def graph_arguments(argv: Sequence[str]) -> list[str]:
    """Put what ``micrograd-nd graph`` takes by its place before its options: -a*b is an expression, and no option."""
    if not argv or argv[0] != "graph" or "--" in argv:
        return list(argv)
    places: list[str] = []
    options: list[str] = []
    rest = iter(argv[1:])
    for argument in rest:
        if argument in WITH_VALUE:
            options += [argument, *islice(rest, 1)]
        elif argument.startswith(("--", "-o")) or argument == "-h":
            options.append(argument)
        else:
            places.append(argument)
    return ["graph", *options, "--", *places] if places else ["graph", *options]
