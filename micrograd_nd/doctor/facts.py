"""What is: versions, the processor, the BLAS library of NumPy, and the variables that are set. Nothing is measured."""

import importlib
import importlib.metadata
import os
import platform
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from micrograd_nd import __version__
from micrograd_nd.doctor import cores
from micrograd_nd.doctor.turn import loaded_blas

__all__ = ["VARIABLES", "Blas", "Facts", "Processor", "blas_of", "collect", "processor_model"]

VARIABLES = (
    "OPENBLAS_CORETYPE",
    "OPENBLAS_NUM_THREADS",
    "GOTO_NUM_THREADS",
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NPY_DISABLE_CPU_FEATURES",
)
PACKAGES = {
    "NumPy": "numpy",
    "SciPy": "scipy",
    "threadpoolctl": "threadpoolctl",
    "graphviz": "graphviz",
    "pygraphviz": "pygraphviz",
    "matplotlib": "matplotlib",
    "safetensors": "safetensors",
    "scikit-learn": "scikit-learn",
    "Hypothesis": "hypothesis",
    "tqdm": "tqdm",
}
# The names that BLAS libraries go by, in NumPy's configuration and in threadpoolctl, and what people call them.
FAMILIES = {"openblas": "OpenBLAS", "mkl": "MKL", "accelerate": "Accelerate", "blis": "BLIS", "nvpl": "NVPL"}
# OpenBLAS has kernels for these, but NumPy does not look for them; as /proc/cpuinfo writes them.
FURTHER_FEATURES = {"avx512_bf16", "amx_bf16"}


@dataclass(frozen=True)
class Blas:
    """The library that multiplies NumPy's matrices.

    Attributes
    ----------
    family : str
        ``"OpenBLAS"``, ``"MKL"``, ``"Accelerate"``, ``"BLIS"``, ``"NVPL"``; ``""`` for one that is not known.
    name : str
        What NumPy's configuration calls it; ``""`` for none.
    version : str
        Likewise.
    dynamic : bool or None
        Whether it chooses its kernels as it loads; None where nothing says so.
    kernels : str or None
        What its kernels were written for, such as ``"Haswell"``; None where it is not known.
    threads : int or None
        How many it uses.
    layer : str or None
        What makes its threads, such as ``"openmp"``.
    threadpoolctl : bool
        Whether threadpoolctl is installed.
    """

    family: str
    name: str
    version: str
    dynamic: bool | None
    kernels: str | None
    threads: int | None
    layer: str | None
    threadpoolctl: bool


@dataclass(frozen=True)
class Processor:
    """What the processor offers to this process.

    Attributes
    ----------
    model : str
        Its name.
    machine : str
        Its family, such as ``"x86_64"``.
    features : tuple of str
        What NumPy found that it can do, in NumPy's names.
    logical : int
        The cores of the machine.
    allowed : int
        Those that this process may be put on.
    quota : float or None
        How many cores' time a control group allows; None for no limit.
    """

    model: str
    machine: str
    features: tuple[str, ...]
    logical: int
    allowed: int
    quota: float | None

    @property
    def cores(self) -> int:
        """How many threads can run at once."""
        return cores.usable(self.allowed, self.quota)


@dataclass(frozen=True)
class Facts:
    """All that is known before anything is measured.

    Attributes
    ----------
    versions : dict
        By name, of what is installed.
    processor : Processor
    blas : Blas
    environment : dict
        The variables in `VARIABLES` that are set.
    system : str
        ``sys.platform``.
    """

    versions: Mapping[str, str]
    processor: Processor
    blas: Blas
    environment: Mapping[str, str]
    system: str


def collect() -> Facts:
    """Collect the facts of this process.

    Examples
    --------
    >>> collect().versions["NumPy"] == np.__version__
    True
    """
    configuration: Any = np.show_config(mode="dicts")
    return Facts(
        versions=versions(),
        processor=processor(),
        blas=blas_of(configuration.get("Build Dependencies", {}).get("blas", {}), loaded_blas()),
        environment={name: os.environ[name] for name in VARIABLES if os.environ.get(name)},
        system=sys.platform,
    )


def versions() -> dict[str, str]:
    """The versions of what is installed."""
    found = {"Python": platform.python_version(), "micrograd-nd": __version__}
    for name, distribution in PACKAGES.items():
        try:
            found[name] = importlib.metadata.version(distribution)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def blas_of(built: Mapping[str, Any], loaded: Mapping[str, Any] | None) -> Blas:
    """Make one description of what NumPy was built with and what threadpoolctl sees loaded.

    Parameters
    ----------
    built : dict
        ``np.show_config(mode="dicts")["Build Dependencies"]["blas"]``.
    loaded : dict or None
        What `loaded_blas` returns.

    Examples
    --------
    >>> blas_of({"name": "mkl-sdl", "found": True, "version": "2024.2"}, None).family
    'MKL'
    """
    told = loaded or {}
    name = str(built.get("name", "")) if built.get("found", True) else ""
    name = "" if name.lower() in ("none", "unknown") else name
    configured = str(built.get("openblas configuration", ""))
    return Blas(
        family=family_of(str(told.get("internal_api", "")) or name),
        name=name,
        version=str(told.get("version") or built.get("version", "")),
        dynamic="DYNAMIC_ARCH" in configured if "OpenBLAS" in configured else None,
        kernels=told.get("architecture"),
        threads=told.get("num_threads"),
        layer=told.get("threading_layer"),
        threadpoolctl=loaded is not None,
    )


def family_of(name: str) -> str:
    """What people call a library of that name."""
    return next((family for part, family in FAMILIES.items() if part in name.lower()), "")


def processor() -> Processor:
    """Look at the processor, as the system and NumPy describe it."""
    described = cpuinfo()
    return Processor(
        model=processor_model(described) or model_elsewhere(),
        machine=platform.machine(),
        features=(*numpy_features(), *sorted(FURTHER_FEATURES & set(described.get("flags", "").split()))),
        logical=os.cpu_count() or 1,
        allowed=cores.affinity(),
        quota=cores.cgroup_quota(),
    )


def numpy_features() -> list[str]:
    """What NumPy found that the processor can do, in no public place but this."""
    try:
        table = importlib.import_module("numpy._core._multiarray_umath").__cpu_features__
    except (ImportError, AttributeError):
        return []
    return [name for name, present in table.items() if present]


def cpuinfo(path: Path = Path("/proc/cpuinfo")) -> dict[str, str]:
    """Read what Linux says of the first core; empty elsewhere."""
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return {}
    pairs = [line.partition(":") for line in text.split("\n\n")[0].splitlines()]
    return {key.strip(): value.strip() for key, _, value in pairs}


def processor_model(described: Mapping[str, str]) -> str:
    """The model in ``/proc/cpuinfo``; ARM's has only numbers.

    Examples
    --------
    >>> processor_model({"CPU implementer": "0x41", "CPU part": "0xd40"})
    'ARM implementer 0x41, part 0xd40'
    """
    if "CPU part" in described:
        return f"ARM implementer {described.get('CPU implementer', 'unknown')}, part {described['CPU part']}"
    return described.get("model name", "")


def model_elsewhere() -> str:
    """The model of the processor on other systems."""
    if sys.platform == "darwin":
        asked = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
        try:
            return subprocess.run(asked, capture_output=True, text=True, check=True, timeout=5).stdout.strip()  # noqa: S603
        except (OSError, subprocess.SubprocessError):
            pass
    return platform.processor()
