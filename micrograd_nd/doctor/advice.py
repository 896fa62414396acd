"""What to do: from facts and measurements to advice. Nothing is read or run here."""

from collections.abc import Iterator
from dataclasses import dataclass

from micrograd_nd.doctor.candidates import CORETYPE, Subject, thread_variable, threads_now, with_instructions
from micrograd_nd.doctor.facts import Facts
from micrograd_nd.doctor.measuring import DTYPES, Measured, Measurements

__all__ = ["MARGIN", "Advice", "advise"]

# How many times as fast a setting has to be for being advised, in the dtype that gains most ...
MARGIN = 1.15
# ... and how slow the other dtype may become.
LOSS = 0.95
# What NumPy finds in a processor, the GFLOP/s of one thread in float64 below which BLAS cannot be using it, and
# what it should reach at the least; the first feature that a processor has counts.
EXPECTED = (
    ("AVX512F", 4.0, 15.0),
    ("AVX2", 4.0, 10.0),
    ("ASIMD", 1.5, 5.0),
    ("", 1.0, 3.0),
)
# The share of the cores that it may use below which the process was disturbed.
UNDISTURBED = 0.75


@dataclass(frozen=True)
class Advice:
    """One thing to do or to know.

    Attributes
    ----------
    text : str
        What was found.
    command : str or None
        What to type; None where there is nothing to type.
    """

    text: str
    command: str | None = None


def advise(facts: Facts, measurements: Measurements) -> list[Advice]:
    """Judge what was measured.

    Parameters
    ----------
    facts : Facts
    measurements : Measurements

    Returns
    -------
    list of Advice
        What is to be known first, what to change, and what to know besides.
    """
    found = [*faster(facts, measurements), *slow_library(facts, measurements)]
    if measurements.rows and not found:
        found = [nothing_to_change(measurements)]
    before = [*unmeasured(measurements), *disturbance(facts, measurements)]
    return [*before, *found, *kept(facts, measurements), *idle_threads(facts, measurements), *untold(facts)]


def nothing_to_change(measurements: Measurements) -> Advice:
    """Say that all is well, or that nothing could be tried."""
    if len(measurements.rows) == 1:
        return Advice("Nothing to change: there is no other setting to try.")
    return Advice(f"Nothing to change: no setting that was tried is {MARGIN} times as fast as things are.")


def faster(facts: Facts, measurements: Measurements) -> Iterator[Advice]:
    """Advise the best kernels, and the best number of threads, where they are worth it."""
    best_kernels = best(measurements, "kernels")
    best_threads = best(measurements, "threads")
    if best_kernels:
        yield kernel_advice(facts, measurements, best_kernels)
    if best_threads:
        yield thread_advice(facts, measurements, best_threads)
    if best_kernels and best_threads:
        yield Advice("Each of these two was measured without the other; run this command again when one is set.")


def best(measurements: Measurements, subject: Subject) -> Measured | None:
    """The fastest setting of one kind among those that are faster by the margin."""
    good = [row for row in measurements.rows if row.setting.subject == subject and worth_it(row)]
    return max(good, key=lambda row: row.ratios[DTYPES[0]] * row.ratios[DTYPES[1]], default=None)


def worth_it(row: Measured) -> bool:
    """Tell whether a setting is really faster."""
    return bool(row.ratios) and max(row.ratios.values()) >= MARGIN and min(row.ratios.values()) >= LOSS


def kernel_advice(facts: Facts, measurements: Measurements, row: Measured) -> Advice:
    """Say what other kernels gain."""
    now = measurements.rows[0].kernels
    runs = f"OpenBLAS runs its {with_instructions(now)} kernels" if now else "OpenBLAS does not run its fastest kernels"
    value = row.setting.changes[CORETYPE]
    if value is None:
        better = f"its own choice, {with_instructions(row.kernels)}," if row.kernels else "its own choice"
        why = f"{runs} because {CORETYPE}={facts.environment[CORETYPE]} is set; {better} is {times(row)}."
        return Advice(f"{why} {before_python('Unset it')}", unset(CORETYPE, facts.system))
    why = f"{runs} here. Its {with_instructions(value)} kernels, which this processor can run too, are {times(row)}."
    return Advice(f"{why} {before_python('Set')}", assignment(CORETYPE, value, facts.system))


def thread_advice(facts: Facts, measurements: Measurements, row: Measured) -> Advice:
    """Say what another number of threads gains."""
    variable, cores, now = thread_variable(facts.blas), facts.processor.cores, threads_now(facts)
    count = int(row.setting.changes[variable] or 1)
    causes = [f"{name}={value}" for name, value in facts.environment.items() if name.endswith("_THREADS")]
    set_by = f" ({', '.join(causes)} is set)" if causes else ""
    uses = f"BLAS uses {number(now, 'thread')}{set_by}" if now else f"BLAS uses its own number of threads{set_by}"
    passing = count == 1 and disturbed(facts, measurements)
    better = f"{number(count, 'thread')} {'is' if count == 1 else 'are'} {times(row)}"
    why = f"{uses}, and this process has {number(cores, 'core')}; {'disturbed as it is, ' * passing}{better}."
    when = "For as long as that lasts, set before Python starts:" if passing else before_python("Set")
    return Advice(f"{why} {when}", assignment(variable, str(count), facts.system))


def slow_library(facts: Facts, measurements: Measurements) -> Iterator[Advice]:
    """Notice a BLAS that does not use what the processor has."""
    speeds = [row.gflops["float64"] for row in measurements.rows if row.ratios]
    if not speeds:
        return
    feature, least, usual = next(row for row in EXPECTED if not row[0] or row[0] in facts.processor.features)
    if max(speeds) < least:
        name = facts.blas.name or "none at all"
        has = f" with {feature}" if feature else ""
        yield Advice(
            f"Products reach {max(speeds):.2g} GFLOP/s in float64, where one thread of a processor{has} should reach "
            f"{usual:.0f} or more. NumPy's BLAS library ({name}) seems to be a plain one, or this machine is very "
            "busy. The wheels on PyPI bring a fast library:",
            "python -m pip install --force-reinstall --only-binary=numpy numpy",
        )


def kept(facts: Facts, measurements: Measurements) -> Iterator[Advice]:
    """Say what the kernels that a user has chosen are worth."""
    chosen = facts.environment.get(CORETYPE)
    if best(measurements, "kernels"):
        return
    for row in measurements.rows:
        if chosen and row.setting.changes.get(CORETYPE, "") is None:
            if row.ratios and max(row.ratios.values()) <= 1 / MARGIN:
                gains = " and ".join(f"{1 / row.ratios[dtype]:.2f} in {dtype}" for dtype in DTYPES)
                own = f"OpenBLAS's own choice{f' ({row.kernels})' if row.kernels else ''}"
                yield Advice(f"{CORETYPE}={chosen} is worth keeping: {gains} times as fast as {own}.")
            elif row.kernels is not None and row.kernels == measurements.rows[0].kernels:
                yield Advice(f"{CORETYPE}={chosen} changes nothing: OpenBLAS runs {row.kernels} without it too.")


def idle_threads(facts: Facts, measurements: Measurements) -> Iterator[Advice]:
    """Notice threads that bring nothing."""
    if threads_now(facts) in (None, 1) or disturbed(facts, measurements):
        return
    for row in measurements.rows:
        near = bool(row.ratios) and min(row.ratios.values()) > 1 / MARGIN
        if near and not worth_it(row) and "1" in row.setting.changes.values():
            yield Advice(
                "One thread is nearly as fast as all: the cores may be two halves of one, or something limits what "
                "this process gets of them."
            )


def unmeasured(measurements: Measurements) -> Iterator[Advice]:
    """Say why nothing was measured."""
    if measurements.failure:
        yield Advice(f"Nothing could be measured: the process that multiplies matrices {measurements.failure}.")


def disturbance(facts: Facts, measurements: Measurements) -> Iterator[Advice]:
    """Say that something else had the cores."""
    if disturbed(facts, measurements):
        yield Advice(
            f"BLAS got the time of {measurements.rows[0].cores:.1f} cores where this process has "
            f"{number(facts.processor.cores, 'core')}: other programs compute here, or something limits it. Speeds are "
            "lower than they could be. Before relying on what follows, repeat this when the machine is quiet."
        )


def disturbed(facts: Facts, measurements: Measurements) -> bool:
    """Tell whether the threads of BLAS got less than the cores that they could have had."""
    got = measurements.rows[0].cores if measurements.rows else None
    return got is not None and got < UNDISTURBED * min(threads_now(facts) or 1, facts.processor.cores)


def untold(facts: Facts) -> Iterator[Advice]:
    """Say what would tell more."""
    if not facts.blas.threadpoolctl:
        yield Advice(
            "To see which kernels and how many threads BLAS uses, install threadpoolctl:",
            "python -m pip install 'micrograd-nd[doctor]'",
        )


def times(row: Measured) -> str:
    """Write what was measured of a setting."""
    return f"measured {row.ratios['float64']:.2f} times as fast in float64 and {row.ratios['float32']:.2f} in float32"


def number(count: int, what: str) -> str:
    """Write a number of things.

    Examples
    --------
    >>> number(1, "core"), number(2, "core")
    ('1 core', '2 cores')
    """
    return f"{count} {what}{'s' * (count != 1)}"


def before_python(verb: str) -> str:
    """Say when a variable has to be set."""
    return f"{verb}, before Python starts, in the shell or in its start-up file:"


def assignment(name: str, value: str, system: str) -> str:
    """The line that sets a variable in a shell.

    Examples
    --------
    >>> assignment("OMP_NUM_THREADS", "2", "linux"), assignment("OMP_NUM_THREADS", "2", "win32")
    ('export OMP_NUM_THREADS=2', 'set OMP_NUM_THREADS=2')
    """
    return f"{'set' if system == 'win32' else 'export'} {name}={value}"


def unset(name: str, system: str) -> str:
    """The line that unsets a variable in a shell."""
    return f"set {name}=" if system == "win32" else f"unset {name}"
