"""Take a new offer for a grant that stands: the provider's new key goes into it, and its terms stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

from gatepass.domain.errors import Conflict
from gatepass.domain.grant import Declaration, Grant, Window
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.offer import Offer
from gatepass.domain.signed_words import duration_text
from gatepass.domain.trust import instant_text


def standing_grant(offer: Offer, name: GrantName | None, declaration: Declaration | None) -> Grant | None:
    """Return the grant that the offer is about once more: of the same provider, under the same name.

    Args:
        offer: the offer.
        name: what the customer calls the grant, if not as offered.
        declaration: the customer's file; None when there is none yet.
    """
    wanted = str(name or offer.grant).lower()
    for grant in declaration.grants if declaration is not None else ():
        if grant.provider == offer.provider and str(grant.name).lower() == wanted:
            return grant
    return None


def renewed_words(offer: Offer, grant: Grant, account: AccountId) -> dict[str, str]:
    """Return what is to be written into the grant: to whom its passes are sealed, and which offer they answer.

    Raises:
        Conflict: the offer is for another account, or comes with another customer key than the grant has.
    """
    if offer.customer_account not in (None, account):
        raise Conflict(
            f"the offer is for account {offer.customer_account}",
            why=f"the file is of account {account}",
            next_step="name the file of the account that the offer is for with --file",
        )
    if grant.customer_key not in (None, offer.customer_key):
        raise Conflict(
            f"the offer comes with another customer key than the grant {grant.name} has",
            why=f"offered: {offer.customer_key}\nthe grant: {grant.customer_key}\n"
            "the provider's register would not know the pass of this grant for an answer to it",
            next_step="ask the provider to write the offer with the register that has you in it; or, if it has "
            f"nothing of you, write customer_key: {offer.customer_key} into the grant, then: gatepass apply, "
            f"gatepass rotate {grant.name}",
        )
    return {"seal_to": offer.seal_to, "offer": offer.id}


def unlike(offer: Offer, grant: Grant) -> Iterator[str]:
    """Yield where the offer asks for something else than the grant gives, in words; nothing of it is taken."""
    asked, given = offer.terms, grant
    for what, wanted, stands in (
        ("permissions", _listed(asked.permissions), _listed(given.permissions)),
        ("principals", _principals(asked), _principals(given)),
        ("end", _end(asked.window), _end(given.window)),
        ("sessions", duration_text(asked.session_limit), duration_text(given.session_limit)),
    ):
        if wanted != stands:
            yield f"{what}: offered {wanted}; the grant keeps {stands}"
    if asked.custom_policy != given.custom_policy:
        yield "custom policy: another one is offered; the grant keeps what it has"


def _listed(words: tuple[str, ...]) -> str:
    return ", ".join(sorted(words)) or "none"


def _principals(grant: Grant) -> str:
    return ", ".join(sorted(pattern.text for pattern in grant.principals)) or "any"


def _end(window: Window) -> str:
    return instant_text(window.end) if window.end is not None else "none"
