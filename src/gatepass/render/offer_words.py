"""A provider's offer in plain words, for the customer who is to decide and for the provider who sends it."""

from __future__ import annotations

import json
from collections.abc import Iterator

from gatepass.domain.grant import Grant
from gatepass.domain.known_accounts import name_of_account
from gatepass.domain.offer import Offer
from gatepass.domain.signed_file import PublicKey
from gatepass.domain.signed_words import duration_text
from gatepass.domain.trust import instant_text

_INDENT = " " * 11


def offer_lines(offer: Offer) -> list[str]:
    """Return what is offered, one fact a line, so that no text can pass for another's line."""
    here = f", account {offer.customer_account} only" if offer.customer_account is not None else ""
    return [
        f"from:      {offer.provider_name}, as it calls itself",
        f"account:   {offer.provider}, {_known_as(offer)}",
        f"to:        {offer.customer}, as it calls you{here}",
        f"reason:    {offer.reason}",
        *terms_lines(offer.terms),
        f"verifier:  {offer.verifier.text} tries the door, and can do nothing behind it",
        f"offer id:  {offer.id}",
        f"made at:   {instant_text(offer.made_at)}, to be accepted by {instant_text(offer.valid_until)}",
    ]


def terms_lines(terms: Grant) -> list[str]:
    """Return what a grant on these terms says."""
    who = ", ".join(pattern.text for pattern in terms.principals) or "any principal that the account allows"
    end = instant_text(terms.window.end) if terms.window.end is not None else "you withdraw it"
    lines = [
        f"grant:     {terms.name}",
        f"who:       {who}",
        f"may do:    {', '.join(terms.permissions) or 'what the custom policy says'}",
        f"how long:  until {end}; sessions up to {duration_text(terms.session_limit)}",
    ]
    if terms.custom_policy is not None:
        lines[3:3] = [f"{_INDENT}and by a policy of its own:" if terms.permissions else f"{_INDENT}it reads:"]
        lines[4:4] = [f"{_INDENT}  {line}" for line in _policy_lines(terms)]
    return lines


def key_lines(offer: Offer, key: PublicKey, known: PublicKey | None, *, vouched: bool) -> list[str]:
    """Return how far the customer may believe who wrote it.

    Args:
        offer: what was offered.
        key: the key that signed it.
        known: the key that the provider is known by, or None.
        vouched: whether the known key is this one, or says that this one comes after it.
    """
    lines = [f"key:       {key.fingerprint}"]
    if known == key:
        return [*lines, f"{_INDENT}the key that you know account {offer.provider} by"]
    if vouched and known is not None:
        return [*lines, f"{_INDENT}it comes after {known.fingerprint},", f"{_INDENT}and the old key says so"]
    why = "you have accepted nothing of this account yet" if known is None else f"ANOTHER KEY than {known.fingerprint}"
    return [
        *lines,
        f"{_INDENT}{why}: nothing shows yet who wrote this",
        f"{_INDENT}before you accept, call the provider on a number you know and have it read out;",
        f"{_INDENT}the provider sees it with: gatepass keys show",
    ]


def _known_as(offer: Offer) -> str:
    vendor = name_of_account(offer.provider)
    return f"known as {vendor}'s" if vendor is not None else "which is on no list of known vendors"


def _policy_lines(terms: Grant) -> Iterator[str]:
    if terms.custom_policy is not None:
        # Escapes keep characters that a terminal would act upon out of sight.
        yield from json.dumps(terms.custom_policy.data, indent=2, ensure_ascii=True).splitlines()
