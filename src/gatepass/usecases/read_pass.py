"""Read a customer's pass on the provider's side, and let nothing pass that was changed, is old, or is not for us."""

from __future__ import annotations

from dataclasses import dataclass

from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.handed_pass import PASS, HandedPass, PassedRole, parse_pass
from gatepass.domain.register import Customer, Register
from gatepass.domain.sealed_factors import Factor, parse_sealed_text
from gatepass.domain.signed_file import PublicKey, SignedFile, parse_signed_file
from gatepass.domain.trust import instant_text
from gatepass.ports.machine import Clock
from gatepass.ports.secrets import Opener
from gatepass.ports.signatures import SignatureChecker


@dataclass(frozen=True, slots=True)
class AdmissionDesk:
    """What reading a pass needs besides the register: mathematics, the key that unseals, the time."""

    signatures: SignatureChecker
    opener: Opener
    clock: Clock


@dataclass(frozen=True, slots=True)
class ReadPass:
    """A pass that is whole, signed, in time, for us, and not admitted yet.

    Attributes:
        role: its one role.
        factor: what opens the role; None when it asks for none.
        key: whose holder signed it.
        known: the customer whose account it is, as the register has it; None for a new one.
    """

    handed: HandedPass
    role: PassedRole
    factor: Factor | None
    key: PublicKey
    known: Customer | None

    @property
    def known_key(self) -> PublicKey | None:
        """The key that this customer's passes came with before; None before the first one."""
        return self.known.signed_by if self.known is not None else None

    @property
    def key_is_new(self) -> bool:
        """Whether nobody has vouched for the key yet: the first of this customer, or another than before."""
        return self.known_key != self.key


def read_pass(text: str, register: Register, desk: AdmissionDesk, *, trust_key: bool = False) -> ReadPass:
    """Return what the file hands over; nothing is remembered, and nobody is asked.

    It is unsealed last: only what is signed, in time and ours is worth the key.

    Args:
        text: the file's content.
        register: our customers, with their keys and their last passes: the same on everybody's machine.
        desk: mathematics, key and time.
        trust_key: take a key other than this customer's known one, because a person vouches for it.

    Raises:
        InvalidInput: it is no pass, or was changed after it was signed, or sealed to another key.
        Conflict: expired, not newer than the one admitted last, signed with another key, or for another provider.
    """
    signed = parse_signed_file(text, PASS)
    handed = parse_pass(signed.body)
    _demand_signature(signed, desk.signatures)
    if handed.provider != register.account:
        raise Conflict(
            f"the pass is for the provider of account {handed.provider}",
            why=f"the register is of account {register.account}",
            next_step="give it to whom it is for, or name the register of that account with --file",
        )
    _demand_in_time(handed, desk.clock)
    known = next((each for each in register.customers.values() if each.account == handed.customer), None)
    if known is not None:
        _demand_newer(handed, known)
    known_key = known.signed_by if known is not None else None
    if known_key not in (None, signed.key) and not trust_key:
        raise _other_key(handed, known_key, signed.key)
    role = _only_role(handed)
    return ReadPass(handed, role, _unsealed(handed, role, desk.opener), signed.key, known)


def _demand_newer(handed: HandedPass, known: Customer) -> None:
    last = known.last_pass.get(handed.grant)
    if last is None or handed.made_at > last:
        return
    what = "was admitted already" if handed.made_at == last else "is older than the one that was admitted last"
    raise Conflict(
        f"the pass of account {handed.customer} {what}",
        why=f"it was written at {instant_text(handed.made_at)}, and the register has admitted the one of "
        f"{instant_text(last)}; an old pass would bring back what the customer has replaced",
        next_step=f"ask the customer for a new one, if something has changed: gatepass pass {handed.grant} -o FILE",
    )


def _demand_signature(signed: SignedFile, signatures: SignatureChecker) -> None:
    if not signatures.is_signed_by(signed.key, signed.message, signed.signature):
        raise InvalidInput(
            "the signature of the pass is not right",
            why="the file was changed after it was signed, or was never signed with that key",
            next_step="admit nothing; ask the customer, by another way, to send it again",
        )


def _demand_in_time(handed: HandedPass, clock: Clock) -> None:
    now = clock.now()
    # Taken from our side: what a stranger wrote may be the last instant that there is.
    if now - CLOCK_SKEW >= handed.usable_until:
        raise Conflict(
            f"the pass of account {handed.customer} has expired",
            why=f"it was usable until {handed.usable_until:%Y-%m-%d %H:%M:%SZ}",
            next_step="ask the customer for a new one: gatepass pass GRANT -o FILE",
        )
    if handed.made_at > now + CLOCK_SKEW:
        raise Conflict(
            f"the pass of account {handed.customer} is from the future",
            why=f"it was made at {handed.made_at:%Y-%m-%d %H:%M:%SZ}, and here it is {now:%Y-%m-%d %H:%M:%SZ}",
            next_step="set the clock of the machine that is wrong, then ask for a new pass",
        )


def _only_role(handed: HandedPass) -> PassedRole:
    if len(handed.roles) > 1:
        raise Conflict(
            f"the pass of account {handed.customer} has {len(handed.roles)} roles for the grant {handed.grant}",
            why="the register keeps one role for each grant, and nobody could say which of them is meant",
            next_step="ask the customer to finish the change (gatepass plan, apply --prune) and to write a new pass",
        )
    return handed.roles[0]


def _unsealed(handed: HandedPass, role: PassedRole, opener: Opener) -> Factor | None:
    """Return what opens the role; what is sealed must be what stands in clear."""
    factors = parse_sealed_text(opener.open(handed.sealed))
    if set(factors) != ({role.arn} if role.needs_second_factor else set()):
        raise _contradiction("it seals second factors for other roles than it names")
    factor = factors.get(role.arn)
    if factor is not None and factor.external_id.customer_key != handed.customer_key:
        raise _contradiction("the customer key in clear is not the one of the sealed external ID")
    return factor


def _contradiction(why: str) -> InvalidInput:
    return InvalidInput(
        "the pass contradicts itself", why=why, next_step="admit nothing; ask the customer how it was written"
    )


def _other_key(handed: HandedPass, known: PublicKey | None, key: PublicKey) -> Conflict:
    was = known.fingerprint if known is not None else "none"
    return Conflict(
        f"the pass of account {handed.customer} is signed with another key than before",
        why=f"before: {was}\nnow:    {key.fingerprint}\n"
        "somebody else may be writing in the customer's name, or the customer has a new machine",
        next_step="call the customer, have the new key read out, and only if it is the same: "
        "gatepass admit PASS --trust-key",
    )
