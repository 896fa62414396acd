"""The ratios of a run as a picture: a point for each contender and workload, on a logarithmic axis."""

from pathlib import Path
from typing import Any

from comparison.contenders import CONTENDERS
from comparison.report import Run

# A colour is a library, of Okabe and Ito's palette, which colour-blind readers tell apart; the markers differ too.
# Hollow is eager, filled is compiled.
BLACK, GREY, OURS = "#000000", "#8c8c8c", "#D55E00"
BLUE, GREEN, PURPLE, ORANGE = "#0072B2", "#009E73", "#CC79A7", "#E69F00"
STYLES = {
    "hand_opt": (BLACK, "|", BLACK),
    "hand_flat": (GREY, "|", GREY),
    "ours_eager": (OURS, "o", "white"),
    "ours_gradient": (OURS, "d", OURS),
    "ours_compiled": (OURS, "*", OURS),
    "ours_native": (OURS, "X", OURS),
    "autograd": (BLUE, "v", "white"),
    "mygrad": (ORANGE, "^", "white"),
    "torch_eager": (PURPLE, "s", "white"),
    "torch_compile": (PURPLE, "s", PURPLE),
    "jax_jit": (GREEN, "P", GREEN),
}
# What takes longer than this stands at the edge, with its ratio beside it.
LONGEST = 16


def draw(run: Run, path: Path) -> None:
    """Write a PNG: a panel for each dtype, a band for each workload."""
    from matplotlib.figure import Figure

    workloads, contenders = run.workloads, run.contenders
    figure = Figure(figsize=(6.2 * len(run.dtypes), 1.4 + 0.95 * len(workloads)), layout="constrained")
    panels = figure.subplots(1, len(run.dtypes), sharey=True, squeeze=False)[0]
    for panel, dtype in zip(panels, run.dtypes, strict=True):
        for name in contenders:
            ratios = [run.cell(workload, dtype).ratio(name) for workload in workloads]
            points = [
                (ratio, band + offset(name, contenders)) for band, ratio in enumerate(ratios) if ratio is not None
            ]
            mark(panel, name, points)
        dress(panel, dtype, workloads)
    figure.suptitle(f"Time of one training step (or evaluation) over that of NumPy by hand, {run.title}")
    handles, labels = panels[0].get_legend_handles_labels()
    figure.legend(handles, labels, loc="outside lower center", ncols=5, frameon=False)
    figure.savefig(path, dpi=110)


def offset(name: str, contenders: list[str]) -> float:
    """Spread the contenders over the height of a band."""
    return 0.0 if len(contenders) < 2 else 0.76 * (contenders.index(name) / (len(contenders) - 1) - 0.5)


def mark(panel: Any, name: str, points: list[tuple[float, float]]) -> None:
    """Put a contender's marker at its ratios."""
    colour, marker, face = STYLES[name]
    panel.plot(
        [min(ratio, LONGEST) for ratio, _ in points],
        [height for _, height in points],
        linestyle="none",
        marker=marker,
        markersize={"*": 13, "|": 9}.get(marker, 7),
        markeredgewidth=2.2 if marker == "|" else 1.3,
        markeredgecolor=colour,
        markerfacecolor=face,
        label=CONTENDERS[name].title,
        zorder=4 if colour == OURS else 3,
        clip_on=False,
    )
    for ratio, height in points:
        if ratio > LONGEST:
            panel.annotate(
                f"{ratio:.0f} ",
                (LONGEST, height),
                ha="right",
                va="center",
                fontsize=7,
                xytext=(-5, 0),
                textcoords="offset points",
            )


def dress(panel: Any, dtype: str, workloads: list[str]) -> None:
    """Draw the bands, the line where `hand` is, and an axis that reads 0.5, 1, 2, not powers of ten."""
    panel.set_xscale("log")
    low, high = panel.get_xlim()
    panel.set_xlim(min(low, 0.45), min(max(high, 2.2), LONGEST * 1.06))
    panel.axvline(1, color="black", linewidth=1, zorder=1)
    for band in range(0, len(workloads), 2):
        panel.axhspan(band - 0.5, band + 0.5, color="#f2f2f2", zorder=0)
    low, high = panel.get_xlim()
    ticks = [tick for tick in (0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, LONGEST) if low <= tick <= high]
    panel.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    panel.minorticks_off()
    panel.grid(axis="x", color="#d0d0d0", linewidth=0.6)
    panel.set_axisbelow(True)
    panel.set_yticks(range(len(workloads)), workloads)
    panel.set_ylim(len(workloads) - 0.5, -0.5)
    panel.set_title(dtype)
    panel.set_xlabel("ratio to NumPy by hand (left is faster)")
