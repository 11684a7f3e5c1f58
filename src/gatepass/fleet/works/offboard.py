"""An engineer's leave as a unit of work: what sessions of that name still live in a customer's account are ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from gatepass.domain.errors import GatepassError
from gatepass.domain.identifiers import AccountId, EngineerName, GrantName
from gatepass.fleet.patient import Facts, patiently
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.fleet.works.chosen import chosen
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.usecases.end_sessions import end_sessions


@dataclass(frozen=True, slots=True)
class Leaving:
    """Who leaves, and where sessions of that name may live.

    Attributes:
        subjects: every grant of every customer's file, as ``444455556666/support``.
        roles: the roles of an account, entered by a role that is the customer's own.
    """

    engineer: EngineerName
    subjects: Callable[[], Sequence[str]]
    roles: Callable[[AccountId], RoleDirectory]
    clock: Clock


def offboard_kind(leaving: Leaving) -> Kind:
    """Return the end of one engineer's sessions as a kind of work."""

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        return chosen(leaving.subjects(), wanted)

    def work(unit: Unit, steps: Steps) -> UnitResult:
        try:
            facts = patiently(steps, "end the sessions", lambda: _ended(unit.subject, leaving))
        except GatepassError as error:
            cause = f"{error.what}: {error.why}" if error.why else error.what
            return UnitResult(Result.FAILED, cause, error.next_step)
        return UnitResult(Result.DONE, facts=facts)

    return Kind("offboard", units, work)


def _ended(subject: str, leaving: Leaving) -> Facts:
    account, _, grant = subject.partition("/")
    ended = end_sessions(GrantName(grant), leaving.roles(AccountId(account)), leaving.clock, leaving.engineer)
    return {
        "engineer": str(leaving.engineer),
        "roles": ", ".join(str(one.arn) for one in ended),
        "denied": "sessions of the engineer from before" if any(one.changed for one in ended) else "everything already",
    }
