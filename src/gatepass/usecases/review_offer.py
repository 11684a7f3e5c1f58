"""Read a provider's offer on the customer's side, and say what taking it would mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from gatepass.decision.policy import parse_policy
from gatepass.domain.access_request import CLOCK_SKEW
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict, InvalidInput
from gatepass.domain.grant import Declaration, Grant
from gatepass.domain.identifiers import AccountId, Partition, PolicyArn
from gatepass.domain.offer import OFFER, Offer
from gatepass.domain.offer_body import parse_offer
from gatepass.domain.rotation_statement import RotationStatement, successors
from gatepass.domain.signed_file import PublicKey, SignedFile, parse_signed_file
from gatepass.ports.books import ProviderPins
from gatepass.ports.machine import Clock
from gatepass.ports.roles import RoleDirectory
from gatepass.ports.signatures import SignatureChecker
from gatepass.usecases.judge_grants import Judgement, judge_grants
from gatepass.usecases.resolve_policies import find_policies

# Stands for the customer's account where nobody has said which it is: any but the one that stands for providers.
_NO_ACCOUNT = AccountId("999999999999")


@dataclass(frozen=True, slots=True)
class ReadOffer:
    """An offer that is whole, signed and in time.

    Attributes:
        key: whose holder signed it.
        known_key: the key that this provider is known by, or None of a provider that nobody accepted anything from.
        is_vouched: whether the known key is this one, or says that this one comes after it.
    """

    offer: Offer
    key: PublicKey
    known_key: PublicKey | None
    is_vouched: bool

    @property
    def key_is_other(self) -> bool:
        """Whether the provider is known by another key, which says nothing of this one."""
        return self.known_key is not None and not self.is_vouched


@dataclass(frozen=True, slots=True)
class OfferDesk:
    """What reading offers needs besides the file: memory, mathematics and the time."""

    pins: ProviderPins
    signatures: SignatureChecker
    clock: Clock


@dataclass(frozen=True, slots=True)
class Premises:
    """The customer's account as far as it bears on an offer.

    Attributes:
        resolved: the ARNs of the managed policies that are asked about, by the words of the offer.
        texts: what they say, by the same words, as far as it can be read.
        missing: the words that the account has no policy for.
    """

    partition: Partition
    account: AccountId
    resolved: Mapping[str, PolicyArn]
    texts: Mapping[str, Document]
    missing: tuple[str, ...] = ()


def read_offer(text: str, desk: OfferDesk) -> ReadOffer:
    """Return what the file offers; nothing is remembered.

    Raises:
        InvalidInput: it is no offer, or was changed after it was signed.
        Conflict: it has expired, or is from the future.
    """
    signed = parse_signed_file(text, OFFER)
    _demand_signature(signed, desk.signatures)
    offer, rotations = parse_offer(signed.body)
    if offer.custom_policy is not None:
        parse_policy(offer.custom_policy.text, name="of the offer")
    _demand_in_time(offer, desk.clock)
    known = desk.pins.known_key(offer.provider)
    vouched = is_vouched(offer.provider, signed.key, known, rotations, desk.signatures)
    return ReadOffer(offer, signed.key, known, vouched)


def look_around(words: tuple[str, ...], roles: RoleDirectory) -> Premises:
    """Return the account that an offer would be accepted in, with the texts of the policies it speaks of.

    Raises:
        AccessRefused: the credentials may not list the account's policies.
    """
    partition, account = roles.owner()
    resolved = find_policies(words, roles.managed_policies())
    read = {word: roles.policy_text(arn) for word, arn in sorted(resolved.items())}
    texts = {word: text for word, text in read.items() if text is not None}
    return Premises(partition, account, resolved, texts, tuple(word for word in words if word not in resolved))


def judge_offer(terms: Grant, premises: Premises | None, clock: Clock) -> Judgement:
    """Return what the decision engine finds about a grant on these terms.

    Args:
        terms: the grant.
        premises: the account; None to judge by what is known of AWS's own policies.
        clock: the customer's own.
    """
    account = premises.account if premises is not None else _NO_ACCOUNT
    partition = premises.partition if premises is not None else Partition()
    texts = premises.texts if premises is not None else {}
    declaration = Declaration(account, (terms,))
    return judge_grants(declaration, (terms,), clock.now(), partition, texts)[terms.name]


def _demand_signature(signed: SignedFile, signatures: SignatureChecker) -> None:
    if not signatures.is_signed_by(signed.key, signed.message, signed.signature):
        raise InvalidInput(
            "the signature of the offer is not right",
            why="the file was changed after it was signed, or was never signed with that key",
            next_step="do not accept it; ask the provider, by another way, to send it again",
        )


def _demand_in_time(offer: Offer, clock: Clock) -> None:
    now = clock.now()
    # Nothing is added to an instant of a stranger: after the year 9999 comes none.
    if now - CLOCK_SKEW >= offer.valid_until:
        raise Conflict(
            f"the offer of account {offer.provider} has expired",
            why=f"it could be accepted until {offer.valid_until:%Y-%m-%d %H:%M:%SZ}",
            next_step="ask the provider for a new one",
        )
    if offer.made_at > now + CLOCK_SKEW:
        raise Conflict(
            f"the offer of account {offer.provider} is from the future",
            why=f"it was made at {offer.made_at:%Y-%m-%d %H:%M:%SZ}, and here it is {now:%Y-%m-%d %H:%M:%SZ}",
            next_step="set the clock of the machine that is wrong, then ask for a new offer",
        )
    if offer.until is not None and offer.until <= now:
        raise Conflict(
            f"what account {offer.provider} offers is over",
            why=f"the grant would have ended at {offer.until:%Y-%m-%d %H:%M:%SZ}",
            next_step="ask the provider for a new one",
        )


def is_vouched(
    provider: AccountId,
    key: PublicKey,
    known: PublicKey | None,
    rotations: tuple[RotationStatement, ...],
    signatures: SignatureChecker,
) -> bool:
    """Say whether the known key is this one, or leads to it by rotations that each older key signed."""
    if known is None:
        return False
    believed = [
        each
        for each in rotations
        if each.provider == provider and signatures.is_signed_by(each.old, each.message, each.signature)
    ]
    return key in successors(known, believed)
