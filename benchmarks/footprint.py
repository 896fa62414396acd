"""Report how long packages take to import, over Python itself, and how much they and what they need take on the disk.

    python benchmarks/footprint.py --out benchmarks/results

Imports are made in new processes that take turns in interleaved rounds; the median of each is reported. A package's
size is that of the files which it and its dependencies, extras apart, have installed, compiled Python files apart.
"""

import argparse
import os
import re
import statistics
import subprocess
import sys
from importlib import metadata
from pathlib import Path
from time import perf_counter

from comparison import machine
from comparison.report import setting, table

# What is imported, and the distribution that brings it.
PACKAGES = {
    "numpy": "numpy",
    "micrograd_nd": "micrograd-nd",
    "autograd": "autograd",
    "mygrad": "mygrad",
    "torch": "torch",
    "jax": "jax",
}
ROUNDS = 15


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--out", type=Path, help="folder to write the table into")
    options = parser.parse_args()
    installed = [name for name, distribution in PACKAGES.items() if machine.version_of(distribution)]
    text = footprint(
        import_times(installed, options.rounds), {name: size_with_needs(PACKAGES[name]) for name in installed}
    )
    print(text)
    if options.out:
        options.out.mkdir(parents=True, exist_ok=True)
        (options.out / "footprint.md").write_text(text, encoding="utf-8")


def import_times(packages: list[str], rounds: int) -> dict[str, float]:
    """Return the seconds that each import takes, less those of Python with nothing to import."""
    statements = {"": "pass"} | {name: f"import {name}" for name in packages}
    seconds: dict[str, list[float]] = {name: [] for name in statements}
    for statement in statements.values():
        python(statement)  # once untimed: its compiled files are written, and the disk's are in memory
    for _ in range(rounds):
        for name, statement in statements.items():
            start = perf_counter()
            python(statement)
            seconds[name].append(perf_counter() - start)
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {name: medians[name] - medians[""] for name in packages}


def python(statement: str) -> None:
    # As users have it: what was compiled at the first import is there at the next.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
    subprocess.run([sys.executable, "-c", statement], check=True, env=environment)  # noqa: S603 - this Python


def size_with_needs(distribution: str) -> int:
    """Return the bytes of a distribution and of everything that it needs."""
    return sum(size(name) for name in needs(distribution, set()))


def needs(distribution: str, found: set[str]) -> set[str]:
    """Collect a distribution and its dependencies; those that only extras or other systems need are not installed."""
    name = re.sub(r"[-_.]+", "-", distribution).lower()
    if name not in found and machine.version_of(name):
        found.add(name)
        for requirement in metadata.requires(name) or []:
            if "extra ==" not in requirement:
                needs(re.split(r"[^\w.-]", requirement, maxsplit=1)[0], found)
    return found


def size(distribution: str) -> int:
    """Return the bytes of the files of a distribution; of one that is installed editable, those of its folder."""
    files = [Path(str(path.locate())) for path in metadata.files(distribution) or []]
    if distribution == "micrograd-nd":
        package = Path(__file__).resolve().parents[1] / "micrograd_nd"
        files = [path for part in (package, package / "nn", package / "viz") for path in part.rglob("*.py")]
    return sum(path.stat().st_size for path in set(files) if path.is_file() and path.suffix != ".pyc")


def footprint(seconds: dict[str, float], sizes: dict[str, int]) -> str:
    """Write the table; packages that are not installed are named below it."""
    rows = [["package", "import, ms", "installed with dependencies, MB"]]
    rows += [[f"`{name}`", f"{1000 * seconds[name]:.0f}", f"{sizes[name] / 1e6:.0f}"] for name in seconds]
    missing = [f"`{name}`" for name in PACKAGES if name not in seconds]
    return "\n\n".join(
        [
            "# Import time and size",
            "Milliseconds over Python itself, median of interleaved rounds; files of a package and all that it needs.",
            table(rows),
            *([f"Missing, since not installed: {', '.join(missing)}."] if missing else []),
            setting(machine.describe()),
        ]
    )


if __name__ == "__main__":
    main()
