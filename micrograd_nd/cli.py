"""The command line: ``micrograd-nd`` and ``python -m micrograd_nd``."""

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from micrograd_nd import __version__

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
        The exit status: 0, or 2 with a message on standard error for what a user can mend.
    """
    parser = argparse.ArgumentParser(prog="micrograd-nd", description="Automatic differentiation of NumPy code.")
    parser.add_argument("--version", action="version", version=f"micrograd-nd {__version__}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    demo = commands.add_parser("demo", help="draw the graph of J = 3(a + bc) and train networks on real data")
    demo.add_argument(
        "--out", type=Path, default=Path("demo-output"), metavar="DIR", help="where pictures go (default: %(default)s)"
    )
    options = parser.parse_args(argv)
    return run_demo(options.out)


def run_demo(out: Path) -> int:
    """Run the demonstration, and say what is missing or in the way."""
    try:
        from micrograd_nd.demo import demo

        out.mkdir(parents=True, exist_ok=True)
        check_writable(out)
        demo(out)
    except BrokenPipeError:  # nobody reads on, as in: micrograd-nd demo | head
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except (OSError, ImportError) as error:
        print(f"micrograd-nd demo: {reason(error, out)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("\nmicrograd-nd demo: interrupted", file=sys.stderr)
        return 130
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
