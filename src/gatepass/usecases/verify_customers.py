"""Make the handshake again with registered customers, and withhold what opens a door that is not safe."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import assert_never

from gatepass.domain.errors import GatepassError, NotThere
from gatepass.domain.handshake import Handshake, Verdict, surprises_text
from gatepass.domain.identifiers import GrantName
from gatepass.domain.kept_factor import KeptFactor, Quarantine
from gatepass.domain.register import Customer, CustomerName, Register
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.keep_factor import Places, keep, places_of, what_is_kept, withhold
from gatepass.usecases.shake_hands import Probers, shake_hands


class Outcome(Enum):
    """What became of one grant of one customer."""

    SOUND = "sound"
    RELEASED = "sound again, released from quarantine"
    PLACED = "sound; its second factor lies now where its teams read it"
    SHUT = "does not open; nothing is withheld"
    QUARANTINED = "quarantined"
    UNKNOWN = "not verified"

    @property
    def is_well(self) -> bool:
        """Whether an engineer can work."""
        return self in {Outcome.SOUND, Outcome.RELEASED, Outcome.PLACED}


@dataclass(frozen=True, slots=True)
class Verified:
    """One grant with what the handshake showed.

    Attributes:
        handshake: None when there was nothing to make one with.
        why: what a person should know, in words; empty when all is well.
    """

    customer: Customer
    grant: GrantName
    outcome: Outcome
    handshake: Handshake | None = None
    why: str = ""


def chosen_grants(
    register: Register, name: CustomerName | None, grant: GrantName | None
) -> tuple[tuple[Customer, GrantName], ...]:
    """Return the grants to verify: of everybody, of one customer, or one.

    Raises:
        NotThere: the register knows no such customer or grant.
    """
    if name is None:
        return tuple((customer, each) for customer in register.customers.values() for each in customer.roles)
    customer = register.customers.get(name)
    if customer is None:
        raise NotThere(
            f"the register has no customer {name}",
            why="it may be spelled otherwise",
            next_step="gatepass customers list",
        )
    if grant is None:
        return tuple((customer, each) for each in customer.roles)
    customer.role(grant)
    return ((customer, grant),)


def verify_customers(
    grants: tuple[tuple[Customer, GrantName], ...], secrets: SecretStore, probers: Probers, *, quick: bool = False
) -> Iterator[Verified]:
    """Yield what became of each grant; one that cannot be asked about stops none after it.

    An unsafe door is put into quarantine: its second factor is moved to where only the verifier reads.
    A door that merely does not open is told and left: its customer may have closed it.

    Args:
        grants: whose.
        secrets: the provider's store.
        probers: who tries.
        quick: whether two probes are enough for doors that nobody doubts; what is in quarantine is always proved whole.
    """
    for customer, grant in grants:
        try:
            yield _verified(customer, grant, secrets, probers, quick=quick)
        except GatepassError as error:
            yield Verified(customer, grant, Outcome.UNKNOWN, why=f"{error.what}: {error.why}")


def _verified(customer: Customer, grant: GrantName, secrets: SecretStore, probers: Probers, *, quick: bool) -> Verified:
    places = places_of(customer, grant)
    kept = what_is_kept(places, secrets)
    found = next((one for one in kept.values() if isinstance(one, KeptFactor)), None)
    if found is None or found.role != customer.role(grant):
        return Verified(customer, grant, Outcome.UNKNOWN, why=_why_unknown(found, secrets))
    external_id = found.factor.external_id if found.factor is not None else None
    handshake = shake_hands(found.role, external_id, probers, quick=quick and not _is_doubted(kept, places))
    match handshake.verdict:
        case Verdict.UNSAFE:
            why = surprises_text(handshake)
            withhold(found, places, secrets, Quarantine(why, probers.clock.now()))
            return Verified(customer, grant, Outcome.QUARANTINED, handshake, why)
        case Verdict.SHUT:
            # What was withheld stays so: that nobody gets in does not show that the door is safe.
            outcome = Outcome.QUARANTINED if places.withheld in kept else Outcome.SHUT
            return Verified(customer, grant, outcome, handshake, surprises_text(handshake))
        case Verdict.SOUND:
            outcome = _outcome(kept, places)
            if outcome is not Outcome.SOUND:
                keep(found, places, secrets)
            return Verified(customer, grant, outcome, handshake)
        case _:
            assert_never(handshake.verdict)


def _outcome(kept: Mapping[str, KeptFactor | Quarantine], places: Places) -> Outcome:
    if _is_doubted(kept, places):
        return Outcome.RELEASED
    return Outcome.SOUND if set(kept) == set(places.wanted) else Outcome.PLACED


def _is_doubted(kept: Mapping[str, KeptFactor | Quarantine], places: Places) -> bool:
    return places.withheld in kept or any(isinstance(one, Quarantine) for one in kept.values())


def _why_unknown(found: KeptFactor | None, secrets: SecretStore) -> str:
    if found is None:
        return f"{secrets.title} keeps no second factor for it: ask the customer for a pass and admit it"
    return "the register names another role than the pass did: ask the customer for a new pass and admit it"
