"""How the findings are written: as text for a terminal of 80 columns, and as one JSON object."""

import dataclasses
import json
import textwrap
from collections.abc import Sequence
from typing import Any

from micrograd_nd.doctor.advice import Advice
from micrograd_nd.doctor.candidates import with_instructions
from micrograd_nd.doctor.facts import Blas, Facts, Processor
from micrograd_nd.doctor.measuring import DTYPES, Measured, Measurements

__all__ = ["advice_text", "facts_text", "json_text", "measurements_text"]

WIDTH = 79
# NumPy's name of a feature, ours, and how many float64 and float32 numbers it computes at once; the widest first.
VECTORS = (
    ("AVX512F", "AVX-512", 8),
    ("AVX2", "AVX2", 4),
    ("AVX", "AVX", 4),
    ("SVE", "SVE", 0),
    ("ASIMD", "NEON", 2),
    ("VSX", "VSX", 2),
    ("VX", "VX", 2),
    ("SSE2", "SSE2", 2),
)
LEGEND = (
    "GFLOP/s: 10^9 additions and multiplications a second; cores: those at work, on average; ratio: how many times as "
    "fast as things are"
)


def facts_text(facts: Facts) -> str:
    """Write what is.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    str
    """
    versions = ", ".join(f"{name} {version}" for name, version in facts.versions.items())
    lines = ["Versions", *wrapped(versions, "  ")]
    lines += ["", "Processor", *fields(processor_fields(facts.processor))]
    lines += ["", "What multiplies NumPy's matrices (BLAS)", *fields(blas_fields(facts.blas))]
    if facts.environment:
        lines += fields([("set", ", ".join(f"{name}={value}" for name, value in facts.environment.items()))])
    return "\n".join(lines)


def processor_fields(processor: Processor) -> list[tuple[str, str]]:
    """Describe the processor."""
    cores = f"{processor.cores} for this process, of {processor.logical}"
    if processor.quota is not None:
        cores += f" (a control group allows the time of {processor.quota:g})"
    return [
        ("model", f"{processor.model or 'not known'} ({processor.machine})"),
        ("vectors", vectors(processor.features)),
        ("cores", cores),
    ]


def vectors(features: Sequence[str]) -> str:
    """Describe the widest vector instructions.

    Examples
    --------
    >>> vectors(["SSE2", "AVX", "AVX2", "FMA3"])
    'AVX2: 4 float64 or 8 float32 numbers at once; also AVX, SSE2'
    """
    found = [(name, count) for feature, name, count in VECTORS if feature in features]
    if not found:
        return "none that NumPy knows"
    (widest, count), *others = found
    text = f"{widest}: {count} float64 or {2 * count} float32 numbers at once" if count else widest
    return f"{text}; also {', '.join(name for name, _ in others)}" if others else text


def blas_fields(blas: Blas) -> list[tuple[str, str]]:
    """Describe the library."""
    called = blas.family or blas.name or "none"
    built = f" ({blas.name} in NumPy's configuration)" if blas.name and blas.name.lower() != called.lower() else ""
    unknown = (
        "not known: threadpoolctl does not know this library"
        if blas.threadpoolctl
        else "not known without threadpoolctl"
    )
    kernels = f"written for {with_instructions(blas.kernels)}" if blas.kernels else unknown
    return [
        ("library", f"{called} {blas.version}".rstrip() + built),
        ("kernels", kernels),
        ("threads", unknown if blas.threads is None else str(blas.threads)),
    ]


def measurements_text(measurements: Measurements) -> str:
    """Write what was measured, as a table.

    Parameters
    ----------
    measurements : Measurements

    Returns
    -------
    str
    """
    if not measurements.rows:
        return "Measured\n  nothing"
    size = measurements.size
    title = f"Measured: {size} x {size} matrix products, {measurements.rounds} turns each, in GFLOP/s"
    width = max(len(row.setting.label) for row in measurements.rows)
    heads = "  cores" + "".join(f"  {dtype}  ratio" for dtype in DTYPES)
    lines = [title, f"  {'':{width}}{heads}", *(table_row(row, width) for row in measurements.rows)]
    return "\n".join([*lines, *wrapped(LEGEND, "  ")])


def table_row(row: Measured, width: int) -> str:
    """Write what was measured of one setting."""
    if row.ratios:
        cells = "".join(f"  {speed(row.gflops[dtype]):>7}  {row.ratios[dtype]:5.2f}" for dtype in DTYPES)
        return f"  {row.setting.label:{width}}  {row.cores:5.1f}{cells}"
    return f"  {row.setting.label:{width}}  {textwrap.shorten(row.dropped, WIDTH - width - 4)}"


def speed(gflops: float) -> str:
    """Write a speed with the digits that it deserves."""
    return f"{gflops:.{1 if gflops >= 10 else 2}f}"


def advice_text(advice: Sequence[Advice]) -> str:
    """Write the advice.

    Parameters
    ----------
    advice : sequence of Advice

    Returns
    -------
    str

    Examples
    --------
    >>> print(advice_text([Advice("Set this:", "export OMP_NUM_THREADS=2")]))
    Advice
      - Set this:
            export OMP_NUM_THREADS=2
    """
    lines = ["Advice"]
    for item in advice:
        lines += wrapped(item.text, "    ", "  - ")
        if item.command:
            lines.append(f"        {item.command}")
    return "\n".join(lines)


def json_text(facts: Facts, measurements: Measurements, advice: Sequence[Advice]) -> str:
    """Write everything as one JSON object.

    Parameters
    ----------
    facts : Facts
    measurements : Measurements
    advice : sequence of Advice

    Returns
    -------
    str
    """
    whole = {
        **dataclasses.asdict(facts),
        "measurements": {
            "size": measurements.size,
            "rounds": measurements.rounds,
            "failure": measurements.failure or None,
            "settings": [json_row(row) for row in measurements.rows],
        },
        "advice": [dataclasses.asdict(item) for item in advice],
    }
    whole["processor"]["cores"] = facts.processor.cores
    return json.dumps(whole, indent=2)


def json_row(row: Measured) -> dict[str, Any]:
    """What was measured of one setting."""
    return {
        "label": row.setting.label,
        "changes": dict(row.setting.changes),
        "kernels": row.kernels,
        "threads": row.threads,
        "cores": row.cores,
        "gflops": row.gflops,
        "ratios": row.ratios,
        "dropped": row.dropped or None,
    }


def fields(pairs: Sequence[tuple[str, str]]) -> list[str]:
    """Write names and what they are, what is long on lines of its own."""
    return [line for name, text in pairs for line in wrapped(text, " " * 12, f"  {name:10}")]


def wrapped(text: str, indent: str, first: str | None = None) -> list[str]:
    """Break a text into lines of a terminal."""
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=indent if first is None else first,
        subsequent_indent=indent,
        break_long_words=False,
        break_on_hyphens=False,
    )
