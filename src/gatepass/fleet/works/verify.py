"""The work of proving customers' doors again, for all of them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import GrantName
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.fleet.work import Kind, Result, Steps, Unit, UnitResult
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.shake_hands import Probers, demand_probers
from gatepass.usecases.verify_customers import Outcome, Verified, chosen_grants, verify_customers

NAME = "verify"
# What a filter may choose by.
FILTERS = ("customer", "company", "account", "grant", "team")

# The verifier's session of a role lasts 15 minutes, and one handshake far less than 5.
_GOOD_FOR_SECONDS = 600.0


@dataclass(frozen=True, slots=True)
class Doors:
    """What proving doors needs: who is registered, where second factors lie, who tries.

    Attributes:
        quick: whether two probes are enough for doors that nobody doubts.
    """

    register: Register
    secrets: SecretStore
    probers: Probers
    quick: bool = False


def verify_kind(doors: Callable[[], Doors], monotonic: Callable[[], float] = time.monotonic) -> Kind:
    """Return the kind of work; the handshake may be made twice without harm."""
    ready = _Ready(doors, monotonic)

    def units(wanted: Mapping[str, str]) -> Sequence[str]:
        return chosen_subjects(ready.doors().register, wanted)

    def work(unit: Unit, steps: Steps) -> UnitResult:
        del steps
        return _verified(unit.subject, ready.doors())

    return Kind(NAME, units, work, only_reads=True)


@dataclass
class _Ready:
    """What proving doors needs, made once for many units, and anew before the verifier's own session ends."""

    make: Callable[[], Doors]
    monotonic: Callable[[], float]
    _made: tuple[float, Doors] | None = None
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def doors(self) -> Doors:
        with self._lock:
            now = self.monotonic()
            if self._made is None or now - self._made[0] > _GOOD_FOR_SECONDS:
                found = self.make()
                demand_probers(found.probers, found.register.account)
                self._made = (now, found)
            return self._made[1]


def chosen_subjects(register: Register, wanted: Mapping[str, str]) -> Sequence[str]:
    """Return ``customer/grant`` for every grant that the filter leaves.

    Raises:
        InvalidInput: the filter names something that grants are not chosen by.
    """
    unknown = sorted(set(wanted) - set(FILTERS))
    if unknown:
        raise InvalidInput(
            f"customers are not chosen by {unknown[0]}",
            why="a filter that was not understood would let everybody in",
            next_step="filter by: " + ", ".join(FILTERS),
        )
    return [
        f"{customer.name}/{grant}"
        for customer, grant in chosen_grants(register, None, None)
        if all(_fits(customer, grant, key, value) for key, value in wanted.items())
    ]


def _fits(customer: Customer, grant: GrantName, key: str, pattern: str) -> bool:
    """Say whether the pattern, in which ``*`` and ``?`` are allowed, fits what the register says under that key."""
    said = {
        "customer": (str(customer.name),),
        "company": (customer.company,),
        "account": (str(customer.account),),
        "grant": (str(grant),),
        "team": tuple(str(team) for team in customer.teams.get(grant, ())),
    }
    return any(fnmatchcase(each, pattern) for each in said[key])


def _verified(subject: str, doors: Doors) -> UnitResult:
    name, _, word = subject.partition("/")
    customer = doors.register.customers.get(CustomerName(name))
    grant = GrantName(word)
    if customer is None or grant not in customer.roles:
        return UnitResult(Result.SKIPPED, "the register has it no longer")
    (one,) = verify_customers(((customer, grant),), doors.secrets, doors.probers, quick=doors.quick)
    facts = {"outcome": one.outcome.name.lower()}
    if one.handshake is not None:
        facts["probes"] = str(len(one.handshake.probes))
    if one.outcome.is_well:
        return UnitResult(Result.DONE, facts=facts)
    cause = f"{one.outcome.value}: {one.why}" if one.why else one.outcome.value
    return UnitResult(Result.FAILED, " ".join(cause.split()), _next_step(one, subject), facts)


def _next_step(one: Verified, subject: str) -> str:
    match one.outcome:
        case Outcome.QUARANTINED:
            return f"tell the customer; once the role is mended: gatepass verify {subject}"
        case Outcome.SHUT:
            return f"ask the customer whether the door is closed on purpose; then: gatepass verify {subject}"
        case _:
            return f"gatepass verify {subject}"
