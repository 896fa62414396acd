"""Compare this package with NumPy written by hand and with its peers.

    python benchmarks/compare.py --out benchmarks/results
    python benchmarks/compare.py --workloads planar deep --dtypes float64 --threads 1 --measure time
    python benchmarks/compare.py --workloads cat --contenders hand_flat ours_compiled --kernel default SkylakeX

Tables are printed; with --out they are written, and drawn, into a folder. Peers that are not installed are reported as
missing: `pip install -r benchmarks/requirements.txt`. Let nothing else run; tables say if something did.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter
from typing import Any

from comparison import report
from comparison.cell import Cell
from comparison.child import ask
from comparison.contenders import CONTENDERS, OUR_OWN
from comparison.memory import ENVIRONMENT
from comparison.plot import draw
from comparison.workloads import DTYPES, WORKLOADS

MEMORY_WORKLOADS = ("mlp_large", "elementwise", "hvp", "chain")
MEMORY_DTYPE = "float64"


def main() -> int:
    options = arguments()
    failed = False
    if "time" in options.measure:
        for kernel in options.kernel:
            for threads in options.threads:
                run = timed(options, threads, None if kernel == "default" else kernel)
                if not run.cells:
                    continue
                failed |= any(name in OUR_OWN for cell in run.cells for name in cell.wrong)
                publish(report.times(run), run.stem, options.out)
                if options.out and run.contenders:
                    picture(run, options.out / f"{run.stem}.png")
        if "chain" in options.workloads:
            answer = asked("chain", {"measure": "chain", "contenders": options.contenders})
            publish(report.chains(answer["outcome"], answer["machine"]), "chain", options.out)
    if "memory" in options.measure:
        sizes, machine = remembered(options)
        if sizes:
            publish(report.memory(sizes, MEMORY_DTYPE, machine), "memory", options.out)
    return int(failed)


def timed(options: argparse.Namespace, threads: int, kernel: str | None) -> report.Run:
    """Measure every cell of the table in one setting."""
    run = report.Run(threads, kernel, options.rounds, {})
    for workload in WORKLOADS:
        for dtype in options.dtypes if workload in options.workloads else ():
            request = {
                "measure": "time",
                "workload": workload,
                "dtype": dtype,
                "contenders": options.contenders,
                "rounds": options.rounds,
            }
            answer = asked(f"{workload} {dtype}, {run.title}", request, threads=threads, kernel=kernel)
            run.cells.append(Cell(**answer["outcome"]))
            run.machine = answer["machine"]
    return run


def remembered(options: argparse.Namespace) -> tuple[dict[str, dict[str, int | str]], dict[str, Any]]:
    """Measure the extra peak memory of every contender, each in a child of its own."""
    sizes: dict[str, dict[str, int | str]] = {}
    machine: dict[str, Any] = {}
    for workload in MEMORY_WORKLOADS:
        for name in options.contenders if workload in options.workloads else ():
            request = {"measure": "memory", "workload": workload, "dtype": MEMORY_DTYPE, "contender": name}
            answer = asked(f"memory of {name}, {workload}", request, environment=ENVIRONMENT)
            outcome, machine = answer["outcome"], answer["machine"]
            if outcome.get("missing") != "does not take part":
                sizes.setdefault(workload, {})[name] = outcome.get("bytes", outcome.get("missing"))
    return sizes, machine


def asked(label: str, request: dict[str, Any], **settings: Any) -> dict[str, Any]:
    """Ask a child, tell how long it took, and stop if it died: a table with holes would look complete."""
    start = perf_counter()
    answer: dict[str, Any] = ask(request, **settings)
    if "died" in answer:
        raise SystemExit(f"{label}: {answer['died']}")
    print(f"{label}: {perf_counter() - start:.0f} s", file=sys.stderr)
    return answer


def publish(text: str, stem: str, folder: Path | None) -> None:
    print(text)
    if folder:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{stem}.md").write_text(text, encoding="utf-8")


def picture(run: report.Run, path: Path) -> None:
    """Draw, or say what drawing needs."""
    try:
        draw(run, path)
    except ModuleNotFoundError as error:
        print(f"no {path.name}: it needs {error.name} (pip install -r benchmarks/requirements.txt)", file=sys.stderr)


def arguments() -> argparse.Namespace:
    everything = (*WORKLOADS, "chain")
    parser = argparse.ArgumentParser(
        description=__doc__.partition("\n")[0], formatter_class=argparse.ArgumentDefaultsHelpFormatter
    )
    add = parser.add_argument
    add("--workloads", nargs="+", choices=everything, default=everything, metavar="NAME", help=", ".join(everything))
    add(
        "--contenders",
        nargs="+",
        choices=CONTENDERS,
        default=list(CONTENDERS),
        metavar="NAME",
        help=", ".join(CONTENDERS),
    )
    add("--dtypes", nargs="+", choices=DTYPES, default=DTYPES)
    add("--threads", nargs="+", type=int, default=[1, 2], help="settings of threads, a table each")
    add("--kernel", nargs="+", default=["default"], help="OpenBLAS kernels, such as Haswell or SkylakeX, a table each")
    add("--rounds", type=int, default=15)
    add("--measure", nargs="+", choices=("time", "memory"), default=("time", "memory"))
    add("--out", type=Path, help="folder to write tables and pictures into")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
