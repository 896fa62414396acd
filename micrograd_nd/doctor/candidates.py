"""Which settings are worth trying on a machine: from facts to environments, nothing is run."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from micrograd_nd.doctor.facts import Blas, Facts

__all__ = ["AS_IS", "Setting", "settings", "thread_variable", "threads_now", "with_instructions"]

Subject = Literal["nothing", "kernels", "threads"]

CORETYPE = "OPENBLAS_CORETYPE"
THREAD_VARIABLES = {
    "OpenBLAS": "OPENBLAS_NUM_THREADS",
    "MKL": "MKL_NUM_THREADS",
    "BLIS": "BLIS_NUM_THREADS",
    "Accelerate": "VECLIB_MAXIMUM_THREADS",
}
# OpenBLAS's kernels, each with what a processor needs for them (one of these features), the widest first.
KERNELS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("SapphireRapids", ("AVX512_SPR", "amx_bf16")),
    ("Cooperlake", ("AVX512_SPR", "avx512_bf16")),
    ("SkylakeX", ("AVX512_SKX",)),
    ("NEOVERSEV1", ("SVE",)),
    ("NEOVERSEN1", ("ASIMDDP",)),
)
# For processors without any of those.
NARROW_KERNELS: tuple[tuple[str, tuple[str, ...]], ...] = (("Haswell", ("AVX2",)), ("Zen", ("AVX2",)))
# The widest instructions that kernels use.
INSTRUCTIONS = {
    "AVX-512": ("skylakex", "cooperlake", "sapphirerapids"),
    "AVX2": ("haswell", "zen", "excavator"),
    "AVX": ("sandybridge", "bulldozer", "piledriver", "steamroller"),
    "SSE": ("prescott", "core2", "penryn", "dunnington", "nehalem", "atom", "bobcat", "barcelona"),
}


@dataclass(frozen=True)
class Setting:
    """An environment to try.

    Attributes
    ----------
    label : str
        For readers.
    subject : str
        What it is to improve: ``"kernels"`` or ``"threads"``; ``"nothing"`` for no change.
    changes : dict
        Variables by name; None for one that is to be unset.
    """

    label: str
    subject: Subject
    changes: Mapping[str, str | None]


AS_IS = Setting("as things are", "nothing", {})


def settings(facts: Facts) -> list[Setting]:
    """List what to measure: the environment as it is, then what could be faster.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    list of Setting
    """
    return [AS_IS, *threads(facts), *kernels(facts)]


def threads(facts: Facts) -> Iterator[Setting]:
    """One thread, and as many as there are cores, where it is another number than now."""
    now = threads_now(facts)
    if now != 1:
        yield thread_setting(facts.blas, 1)
    if now is not None and facts.processor.cores not in (now, 1):
        yield thread_setting(facts.blas, facts.processor.cores)


def threads_now(facts: Facts) -> int | None:
    """How many threads BLAS uses: as threadpoolctl says, as a variable says, or a thread a core.

    Parameters
    ----------
    facts : Facts

    Returns
    -------
    int or None
        None for a library that may have no threads.
    """
    if facts.blas.threads is not None:
        return facts.blas.threads
    for name in (thread_variable(facts.blas), "OMP_NUM_THREADS"):
        if (text := facts.environment.get(name, "")).isdecimal() and int(text):
            return int(text)
    return None if facts.blas.family in ("", "Accelerate") else facts.processor.allowed


def thread_setting(blas: Blas, count: int) -> Setting:
    """The environment for a number of threads."""
    return Setting(f"{count} thread{'s' * (count > 1)}", "threads", {thread_variable(blas): str(count)})


def thread_variable(blas: Blas) -> str:
    """The variable that sets the number of a library's threads."""
    if blas.layer == "openmp" and blas.family != "MKL":
        return "OMP_NUM_THREADS"
    return THREAD_VARIABLES.get(blas.family, "OMP_NUM_THREADS")


def with_instructions(kernels: str) -> str:
    """The name of kernels, with the instructions that they use.

    Examples
    --------
    >>> with_instructions("SkylakeX"), with_instructions("ARMV8")
    ('SkylakeX (AVX-512)', 'ARMV8')
    """
    used = next((name for name, users in INSTRUCTIONS.items() if kernels.lower() in users), None)
    return f"{kernels} ({used})" if used else kernels


def kernels(facts: Facts) -> Iterator[Setting]:
    """OpenBLAS's own choice, if a variable overrides it, and kernels that the processor could run as well."""
    if facts.blas.family != "OpenBLAS" or facts.blas.dynamic is False:
        return
    chosen = facts.environment.get(CORETYPE)
    if chosen:
        yield Setting(f"{CORETYPE} unset", "kernels", {CORETYPE: None})
    in_use = (facts.blas.kernels or "").lower()
    for name in offered(facts.processor.features):
        if name.lower() not in (in_use, (chosen or "").lower()):
            yield Setting(f"{CORETYPE}={name}", "kernels", {CORETYPE: name})


def offered(features: tuple[str, ...]) -> list[str]:
    """The kernels that a processor with these features can run."""
    found = [name for name, needs in KERNELS if not set(needs).isdisjoint(features)]
    return found or [name for name, needs in NARROW_KERNELS if not set(needs).isdisjoint(features)]
