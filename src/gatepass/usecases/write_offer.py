"""Write a provider's offer to one customer, signed with the provider's key."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import timedelta

from gatepass.decision.policy import parse_policy
from gatepass.domain.documents import Document
from gatepass.domain.errors import Conflict
from gatepass.domain.grant import SHORTEST_SESSION_LIMIT, PrincipalPattern
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.offer import OFFER, VALID_FOR, VERIFIER_PATTERN, Offer
from gatepass.domain.offer_body import offer_body
from gatepass.domain.offered_keys import CUSTOMER_KEY_BITS, is_customer_key
from gatepass.domain.provider_keys import ProviderKeys
from gatepass.domain.register import CustomerName, Register
from gatepass.domain.signed_file import SignedFile, message_to_sign
from gatepass.ports.machine import Clock, Randomness
from gatepass.ports.signatures import SigningKey

_ID_BITS = 130
_MOST_DRAWS = 100


@dataclass(frozen=True, slots=True)
class OfferWish:
    """What a provider wants of a customer, as typed.

    Attributes:
        duration: how long the grant may last at most, counted from now; None for until it is withdrawn.
        customer_account: the one account that may accept; None for whichever does.
        customer_key: the one that the register has of the customer; None to draw one.
    """

    customer: CustomerName
    grant: GrantName
    permissions: tuple[str, ...]
    reason: str
    custom_policy: Document | None = None
    principals: tuple[PrincipalPattern, ...] = ()
    verifier: PrincipalPattern = VERIFIER_PATTERN
    duration: timedelta | None = None
    session_limit: timedelta = SHORTEST_SESSION_LIMIT
    customer_account: AccountId | None = None
    valid_for: timedelta = VALID_FOR
    customer_key: str | None = None


def as_registered(wish: OfferWish, register: Register | None) -> OfferWish:
    """Return the wish with the account and the customer key that the register has of the customer, if it has it.

    All grants of a customer share one key, so an answer to the offer is known again, on any machine.

    Raises:
        Conflict: the register has the customer with another account.
    """
    known = register.customers.get(wish.customer) if register is not None else None
    if known is None:
        return wish
    if wish.customer_account not in (None, known.account):
        raise Conflict(
            f"the register has {known.name} with account {known.account}",
            why=f"the offer is for account {wish.customer_account}",
            next_step="leave --customer-account out, or call the other account's customer otherwise",
        )
    key = known.key if is_customer_key(known.key) else None
    return replace(wish, customer_account=known.account, customer_key=key)


def write_offer(  # noqa: PLR0913, PLR0917 - the wish, and what it takes to make an offer of it
    wish: OfferWish,
    keys: ProviderKeys,
    signer: SigningKey,
    clock: Clock,
    randomness: Randomness,
    taken_keys: Collection[str],
) -> tuple[Offer, SignedFile]:
    """Return the offer, with the customer's own key or one that nobody has yet, and the file to send.

    Args:
        wish: what is wanted.
        keys: the provider's keys.
        signer: the key of theirs that signs.
        clock: the provider's own.
        randomness: for the customer key.
        taken_keys: the customer keys of the whole register.

    Raises:
        InvalidInput: something in the wish is none that a customer can be shown, or out of range.
        MalformedPolicy: AWS would not save the custom policy.
    """
    if wish.custom_policy is not None:
        parse_policy(wish.custom_policy.text, name="of the offer")
    now = clock.now().replace(microsecond=0)
    offer = Offer(
        id=randomness.word(_ID_BITS),
        provider_name=keys.name,
        provider=keys.account,
        customer=wish.customer,
        customer_account=wish.customer_account,
        customer_key=wish.customer_key or _free_key(randomness, taken_keys),
        grant=wish.grant,
        permissions=wish.permissions,
        custom_policy=wish.custom_policy,
        principals=wish.principals,
        verifier=wish.verifier,
        reason=wish.reason.strip(),
        until=now + wish.duration if wish.duration is not None else None,
        session_limit=wish.session_limit,
        made_at=now,
        valid_until=now + wish.valid_for,
        seal_to=keys.public.seal_to,
    )
    body, public = offer_body(offer, keys.rotations), signer.public_key
    return offer, SignedFile(OFFER, body, public, signer.sign(message_to_sign(OFFER, body, public)))


def _free_key(randomness: Randomness, taken_keys: Collection[str]) -> str:
    for _ in range(_MOST_DRAWS):
        key = randomness.word(CUSTOMER_KEY_BITS)
        if key not in taken_keys:
            return key
    raise Conflict(
        "no free customer key was drawn",
        why=f"{_MOST_DRAWS} draws were all of keys that the register has",
        next_step="look at the register: gatepass customers list",
    )
