"""The command ``micrograd-nd doctor``: what is, what was measured, and what to do."""

from collections.abc import Iterator

from micrograd_nd.doctor.advice import advise
from micrograd_nd.doctor.candidates import settings
from micrograd_nd.doctor.facts import Facts, collect
from micrograd_nd.doctor.measuring import Runner, measure, run_turn
from micrograd_nd.doctor.rendering import advice_text, facts_text, json_text, measurements_text

__all__ = ["findings"]


def findings(as_json: bool = False, facts: Facts | None = None, runner: Runner = run_turn) -> Iterator[str]:
    """Examine this machine, and tell each part as soon as it is known.

    Parameters
    ----------
    as_json : bool
        One JSON object instead of text.
    facts : Facts, optional
        Of this process by default.
    runner : callable
        What measures, as `measure` takes it.

    Yields
    ------
    str
        Parts of the report, without the newline at their ends.
    """
    facts = facts or collect()
    if not as_json:
        yield facts_text(facts) + "\n\nMeasuring takes some ten seconds ...\n"
    measurements = measure(settings(facts), runner)
    advice = advise(facts, measurements)
    if as_json:
        yield json_text(facts, measurements, advice)
    else:
        yield measurements_text(measurements) + "\n\n" + advice_text(advice)
