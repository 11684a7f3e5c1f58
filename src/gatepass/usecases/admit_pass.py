"""Admit a customer's pass: prove the door, keep the second factor where the team can use it, enter the register."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import assert_never

from gatepass.domain.errors import Conflict, GatepassError, Overtaken
from gatepass.domain.handed_pass import role_terms
from gatepass.domain.handshake import Handshake, Verdict, surprises_text
from gatepass.domain.kept_factor import KeptFactor
from gatepass.domain.offer import Offer
from gatepass.domain.register import Register
from gatepass.ports.register import RegisterBook
from gatepass.ports.secrets import SecretStore
from gatepass.usecases.keep_factor import Places, keep, places_of
from gatepass.usecases.place_customer import Placed, Wish, key_of, place_customer
from gatepass.usecases.read_pass import AdmissionDesk, ReadPass, read_pass
from gatepass.usecases.shake_hands import Probers, demand_probers, shake_hands


@dataclass(frozen=True, slots=True)
class Provider:
    """What the provider's side consists of.

    Attributes:
        register: its customers.
        secrets: the store that its teams share.
        offers: what it offered.
        desk: what reading a pass needs.
        probers: who makes the handshake.
    """

    register: RegisterBook
    secrets: SecretStore
    offers: Collection[Offer]
    desk: AdmissionDesk
    probers: Probers


@dataclass(frozen=True, slots=True)
class Trust:
    """What a person vouches for.

    Attributes:
        key: that a changed key is the customer's own.
        no_second_factor: that a role may open without an external ID.
    """

    key: bool = False
    no_second_factor: bool = False


@dataclass(frozen=True, slots=True)
class Admission:
    """A pass that may be admitted, once a person agrees; nothing is written yet."""

    read: ReadPass
    placed: Placed
    handshake: Handshake

    @property
    def places(self) -> Places:
        """Where the second factor will be kept."""
        return places_of(self.placed.after, self.read.handed.grant)


def examine_pass(text: str, wish: Wish, provider: Provider, trust: Trust) -> Admission:
    """Check everything about a pass, its role's door included.

    Raises:
        InvalidInput: it is no pass, was changed, or is sealed to another key.
        Conflict: it is not for us, not in time, no newer than the last, another customer's, or its door is not safe.
        AccessRefused: AWS does not accept the verifier's credentials.
    """
    register = provider.register.load()
    read = read_pass(text, register, provider.desk, trust_key=trust.key)
    if read.factor is None and not trust.no_second_factor:
        raise Conflict(
            f"the role {read.role.arn} opens without a second factor",
            why="anybody who makes this account enter a role of their choosing could make it enter this one",
            next_step="ask the customer for second_factor: required; or, if it must be: --accept-no-second-factor",
        )
    demand_probers(provider.probers, register.account)
    key = key_of(read, provider.secrets, provider.probers.randomness)
    placed = place_customer(read, wish, register, provider.offers, key)
    factor = read.factor.external_id if read.factor is not None else None
    handshake = shake_hands(read.role.arn, factor, provider.probers)
    demand_sound(handshake)
    return Admission(read, placed, handshake)


def admit(admission: Admission, provider: Provider) -> None:
    """Keep the second factor, then enter the register, which remembers the pass and its key.

    Stopped in between, the same pass can be admitted again: a second factor that no register names lets
    nobody in whom it did not before.

    Raises:
        Conflict: the register says something else of the customer than when the pass was examined.
        GatepassError: the store or the register cannot be written; what was written stands and is told.
    """
    read, customer = admission.read, admission.placed.after
    _demand_unchanged(admission.placed, provider.register.load())
    keep(KeptFactor(read.role.arn, read.factor, role_terms(read.role)), admission.places, provider.secrets)
    try:
        provider.register.exchange(admission.placed.before, customer)
    except GatepassError as error:
        kept = ", ".join(admission.places.wanted)
        error.next_step += f"; the second factor stays in {provider.secrets.title} as {kept}: admit the pass again"
        raise


def _demand_unchanged(placed: Placed, register: Register) -> None:
    """While a person thought about it, somebody may have admitted a newer pass, which must not be undone."""
    found = next((each for each in register.customers.values() if each.account == placed.after.account), None)
    if found != placed.before:
        raise Overtaken(
            f"the register has changed what it says of {placed.after.name} meanwhile, and nothing was admitted",
            why="somebody else admitted a pass or edited the entry after this one was examined",
            next_step="admit the pass again; it is examined anew",
        )


def demand_sound(handshake: Handshake) -> None:
    """Let only a role pass that opens to its second factor and to nothing else.

    Raises:
        Conflict: it opens to something else too, or not at all.
    """
    seen = surprises_text(handshake)
    match handshake.verdict:
        case Verdict.UNSAFE:
            raise Conflict(
                f"the role {handshake.role} is not safe, and nothing was admitted",
                why=seen,
                next_step="tell the customer; the role's trust must compare sts:ExternalId with StringEquals, "
                "as gatepass apply writes it",
            )
        case Verdict.SHUT:
            raise Conflict(
                f"the role {handshake.role} does not open, and nothing was admitted",
                why=f"{seen}\nlikely causes: the door was closed or rotated since, its window is not open, "
                "it names other principals than the verifier, or the verifier's own policy does not allow "
                "sts:AssumeRole, sts:SetSourceIdentity and sts:TagSession",
                next_step="look at the verifier's policy, then ask the customer for a new pass",
            )
        case Verdict.SOUND:
            return
        case _:
            assert_never(handshake.verdict)
