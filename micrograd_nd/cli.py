"""The command line: ``micrograd-nd`` and ``python -m micrograd_nd``."""

import argparse
import io
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from micrograd_nd import __version__
from micrograd_nd.expressions.arguments import LOOKS, add_graph, graph_arguments
from micrograd_nd.tabular.arguments import add_predict, add_train, predict_settings, train_settings

__all__ = ["main"]


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line.

    Parameters
    ----------
    argv : sequence of str, optional
        The arguments; those of the process by default.

    Returns
    -------
    int
        The exit status: 0; 1 where a derivative is wrong; 2 with a message on standard error for what a user can mend;
        130 after an interrupt from the keyboard.
    """
    parser = argparse.ArgumentParser(prog="micrograd-nd", description="Automatic differentiation of NumPy code.")
    parser.add_argument("--version", action="version", version=f"micrograd-nd {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser("demo", help="draw the graph of J = 3(a + bc) and train networks on real data")
    demo.add_argument(
        "--out", type=Path, default=Path("demo-output"), metavar="DIR", help="where pictures go (default: %(default)s)"
    )
    add_train(commands)
    add_predict(commands)
    check = commands.add_parser(
        "check",
        help="hold the derivatives of a NumPy function of yours against numerical ones",
        epilog="example: micrograd-nd check model:cost --at 'w=[0.5, -1], b=2'",
    )
    check.add_argument("function", metavar="MODULE:FUNCTION", help="imported from the current folder, or installed")
    check.add_argument(
        "--at",
        action="append",
        default=[],
        metavar="'X=..., Y=...'",
        help="the arguments: numbers, and lists of them; may be repeated",
    )
    check.add_argument("--order", type=positive, default=2, metavar="N", help="of derivatives (default: %(default)s)")
    verify = commands.add_parser(
        "verify", help="hold the first derivatives of every function in the registry against numerical ones"
    )
    verify.add_argument("--examples", type=positive, default=20, metavar="N", help="of each (default: %(default)s)")
    verify.add_argument("--only", default="", metavar="NAME", help="functions with this in their names")
    commands.add_parser("functions", help="list NumPy's functions by whether they can be differentiated, in Markdown")
    doctor = commands.add_parser("doctor", help="measure matrix products here, and say what would make them faster")
    doctor.add_argument("--json", action="store_true", help="print one JSON object")
    add_graph(commands)
    options = parser.parse_args(graph_arguments(sys.argv[1:] if argv is None else argv))
    try:
        return run(options)
    except BrokenPipeError:  # nobody reads on, as in: micrograd-nd demo | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt as interrupt:
        complain(f"\nmicrograd-nd {options.command}: {str(interrupt) or 'interrupted'}")
        return 130


def run(options: argparse.Namespace) -> int:
    """Run the command that was asked for."""
    if options.command in ("train", "predict"):
        return run_on_table(options)
    if options.command == "check":
        return run_check(options.function, options.at, options.order)
    if options.command == "verify":
        return run_verify(options.examples, options.only)
    if options.command == "doctor":
        from micrograd_nd.doctor.report import findings

        for part in findings(as_json=options.json):
            print(part, flush=True)
        return 0
    if options.command == "graph":
        return run_graph(options)
    if options.command == "functions":
        from micrograd_nd.coverage import page

        print(page(), end="", flush=True)
        return 0
    return run_demo(options.out)


def run_on_table(options: argparse.Namespace) -> int:
    """Train on a table, or predict by what was trained."""
    from micrograd_nd.tabular.errors import what_to_mend

    try:
        return run_train(options) if options.command == "train" else run_predict(options)
    except BrokenPipeError:
        raise
    except (ArithmeticError, MemoryError, OSError, ValueError) as error:
        if (message := what_to_mend(error)) is None:
            raise
        complain(f"micrograd-nd {options.command}: {message}")
        return 2


def run_train(options: argparse.Namespace) -> int:
    """Train, and print the report as it comes."""
    from micrograd_nd.tabular.training import train

    settings = train_settings(options)
    speak_utf8()
    for line in train(settings, lambda reason: complain(f"micrograd-nd train: {reason}")):
        if not settings.quiet:
            print(line, flush=True)
    return 0


def run_predict(options: argparse.Namespace) -> int:
    """Predict; what predictions are worth goes where they do not."""
    from micrograd_nd.tabular.prediction import predict

    settings = predict_settings(options)
    predictions = predict(settings)
    speak_utf8()
    if settings.out is None:
        print(predictions.csv, end="", flush=True)
    report = sys.stderr if settings.out is None else sys.stdout
    if report is not None:  # where it is closed, print would write among the predictions
        print(*predictions.report, sep="\n", end="\n" * bool(predictions.report), file=report)
    return 0


def run_check(function: str, at: Sequence[str], order: int) -> int:
    """Check the derivatives of one function."""
    from micrograd_nd.testing.command import Misuse, check_report

    try:
        lines, good = check_report(function, at, order)
    except Misuse as error:
        complain(f"micrograd-nd check: {error}")
        return 2
    print(*lines, sep="\n")
    return 0 if good else 1


def run_verify(examples: int, only: str) -> int:
    """Check the first derivatives of everything."""
    try:
        from micrograd_nd.testing.survey import survey, survey_report

        rows = list(survey(examples, only))
    except ImportError as error:
        complain(f"micrograd-nd verify: {error}")
        return 2
    if not rows:
        complain(f"micrograd-nd verify: no differentiable function has {only!r} in its name")
        return 2
    lines, good = survey_report(rows)
    print(*lines, sep="\n")
    return 0 if good else 1


def run_graph(options: argparse.Namespace) -> int:
    """Draw an expression, and say what came out."""
    try:
        from micrograd_nd.viz.command import graph_report

        looks = {name: value for name in LOOKS if (value := getattr(options, name)) is not None}
        report = graph_report(options.expression, options.values, options.out, gradients=options.gradients, **looks)
        for note in report.notes:
            complain(f"note: {note}")
        speak_utf8()
        print(*report.lines, sep="\n", flush=True)
    except BrokenPipeError:
        raise
    except (ImportError, OSError, ValueError) as error:
        system = isinstance(error, OSError) and error.strerror
        told = f"{system}: {getattr(error, 'filename', None) or 'output'}" if system else error
        complain(f"micrograd-nd graph: {told}")
        return 2
    return 0


def complain(message: str) -> None:
    """Say what is wrong on standard error; where that is closed, ``print`` would say it among the results."""
    if sys.stderr is not None:
        print(message, file=sys.stderr)


def speak_utf8() -> None:
    """Write what a table holds, and paths, as they would be in a file, whatever the terminal is set to."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="surrogateescape")


def positive(text: str) -> int:
    """Read a number of 1 or more."""
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError("must be 1 or more")
    return number


def run_demo(out: Path) -> int:
    """Run the demonstration, and say what is missing or in the way."""
    try:
        from micrograd_nd.demo import demo

        out.mkdir(parents=True, exist_ok=True)
        check_writable(out)
        demo(out)
    except BrokenPipeError:
        raise
    except (OSError, ImportError) as error:
        complain(f"micrograd-nd demo: {reason(error, out)}")
        return 2
    return 0


def check_writable(folder: Path) -> None:
    """Find out before the work, and not after it, that pictures cannot be written."""
    probe = folder / ".micrograd-nd-probe"
    probe.touch()
    probe.unlink()


def reason(error: Exception, out: Path) -> str:
    """Put an error in a user's words."""
    if isinstance(error, OSError) and error.strerror:
        return f"cannot write into {str(out)!r}: {error.strerror.lower()}. Name another folder with --out"
    return str(error)
