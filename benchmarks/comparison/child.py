"""A measurement in a process of its own, where threads, cores and BLAS kernel are set before anything loads.

    python -m comparison.child '{"measure": "time", ...}' outcome.json

The request and the outcome are JSON.
"""

import dataclasses
import json
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).resolve().parents[1]

THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS", "BLIS_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
# OpenBLAS's second thread waits busily for more work, 2^26 cycles by default. In that time it takes a core from the
# contender whose turn is next: PyTorch's large products took up to 1.9 times as long. 2^20 cycles, half a millisecond,
# keep it awake from product to product, and everyone is as fast as alone.
PATIENCE = {"OPENBLAS_THREAD_TIMEOUT": "20"}


def ask(
    request: dict[str, Any], *, threads: int = 1, kernel: str | None = None, environment: dict[str, str] | None = None
) -> dict[str, Any]:
    """Make a measurement in a child and return its outcome; a child that dies gives ``{"died": why}``."""
    settings = dict.fromkeys(THREADS, str(threads)) | PATIENCE | {"JAX_PLATFORMS": "cpu"} | (environment or {})
    if kernel:
        settings["OPENBLAS_CORETYPE"] = kernel
    with tempfile.TemporaryDirectory() as folder:
        outcome = Path(folder, "outcome.json")
        command = [sys.executable, "-m", "comparison.child", json.dumps(request | {"threads": threads}), str(outcome)]
        done = subprocess.run(  # noqa: S603 - this Python, this module
            command, cwd=FOLDER, env=os.environ | settings, capture_output=True, text=True, check=False
        )
        if done.returncode or not outcome.is_file():
            last = (done.stderr.strip().splitlines() or [f"exit status {done.returncode}"])[-1]
            return {"died": last}
        answer: dict[str, Any] = json.loads(outcome.read_text(encoding="utf-8"))
        return answer


def main(request: dict[str, Any]) -> dict[str, Any]:
    """Pin this process, then load what measures."""
    if hasattr(os, "sched_setaffinity"):
        # Some libraries ignore every setting of threads, and use the cores they find.
        os.sched_setaffinity(0, sorted(os.sched_getaffinity(0))[: request["threads"]])
    from comparison import cell, chains, machine, memory
    from comparison.job import Missing

    described = machine.describe()
    outcome: dict[str, Any]
    if request["measure"] == "time":
        measured = cell.measure(request["workload"], request["dtype"], request["contenders"], request["rounds"])
        outcome = dataclasses.asdict(measured)
    elif request["measure"] == "memory":
        try:
            outcome = {"bytes": memory.extra_peak(request["contender"], request["workload"], request["dtype"])}
        except Missing as missing:
            outcome = {"missing": str(missing)}
    else:
        outcome = chains.measure(request["contenders"])
    return {"outcome": outcome, "machine": described}


if __name__ == "__main__":
    answer = main(json.loads(sys.argv[1]))
    Path(sys.argv[2]).write_text(json.dumps(answer), encoding="utf-8")
