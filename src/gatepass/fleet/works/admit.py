"""Admission as a unit of work: every new pass that lies in the inbox; what is refused is named and left there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from gatepass.domain.errors import Conflict, GatepassError
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.fleet.works.chosen import chosen
from gatepass.fleet.works.trying import until_it
from gatepass.usecases.customer_half import RECEIPT_END
from gatepass.usecases.take_pass import ProviderHalf, has_answered, look_at, opens_with, take_pass


def admit_kind(half: ProviderHalf) -> Kind:
    """Return admission as a kind of work; a unit's subject is the name of a file in the inbox."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        return chosen([name for name in half.inbox.names() if not name.endswith(RECEIPT_END)], wanted, ("pass",))

    def work(unit: Unit, steps: Steps) -> UnitResult:
        try:
            return _admit(unit, steps, half)
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            return UnitResult(Result.FAILED, cause, error.next_step)

    return Kind("admit", units, work)


def _admit(unit: Unit, steps: Steps, half: ProviderHalf) -> UnitResult:
    seen = patiently(steps, "look at the pass", lambda: _looked(unit.subject, half))
    if seen["answered"]:
        return UnitResult(Result.SKIPPED, "it was admitted already", facts=seen)
    until_it(
        steps,
        "opens",
        lambda: opens_with(_text(unit.subject, half), half),
        Conflict(
            "the role does not open with what the pass hands over",
            why="AWS refused it for a minute: the door was closed or rotated since, or it names other principals",
            next_step="ask the customer for a new pass",
        ),
    )
    proved = patiently(steps, "admit", lambda: _taken(unit.subject, half))
    return UnitResult(Result.DONE, facts={**seen, **proved})


def _looked(name: str, half: ProviderHalf) -> Facts:
    looked = look_at(_text(name, half), half)
    answered = looked.is_admitted and has_answered(looked.handed, half)
    return {
        "pass": looked.handed.id,
        "account": str(looked.handed.customer),
        "grant": str(looked.handed.grant),
        "customer": str(looked.customer.name) if looked.customer is not None else "",
        "answered": "yes" if answered else "",
    }


def _taken(name: str, half: ProviderHalf) -> Facts:
    handshake = take_pass(_text(name, half), half)
    return {"role": str(handshake.role), "handshake": handshake.verdict.value}


def _text(name: str, half: ProviderHalf) -> str:
    text = half.inbox.get(name)
    if text is None:
        raise Conflict(
            "the pass is there no more",
            why=f"somebody took {name} out of {half.inbox.title} after this run had found it",
            next_step="run it again",
        )
    return text
