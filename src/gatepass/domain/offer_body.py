"""An offer as it stands in its file, and is signed; and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from gatepass.domain.documents import Document, document
from gatepass.domain.grant import PrincipalPattern
from gatepass.domain.identifiers import AccountId, GrantName
from gatepass.domain.offer import Offer, wrong_offer
from gatepass.domain.register import CustomerName
from gatepass.domain.rotation_statement import MOST_ROTATIONS, RotationStatement, parse_rotation_statement
from gatepass.domain.signed_file import demand_keys
from gatepass.domain.signed_words import duration_text, read_duration, read_instant
from gatepass.domain.trust import instant_text

_TEXTS = (
    "id", "provider_name", "provider", "customer", "customer_key", "grant", "verifier", "reason", "session",
    "made_at", "valid_until", "seal_to",
)  # fmt: skip
_OPTIONAL_TEXTS = ("customer_account", "until")
_LISTS = ("permissions", "principals")
_KEYS = {*_TEXTS, *_OPTIONAL_TEXTS, *_LISTS, "custom_policy", "rotations"}


def offer_body(offer: Offer, rotations: tuple[RotationStatement, ...] = ()) -> dict[str, object]:
    """Return the body of the signed file.

    Args:
        offer: the offer.
        rotations: how the key that signs it came after older ones, for customers who know one of those.
    """
    return {
        "id": offer.id,
        "provider_name": offer.provider_name,
        "provider": str(offer.provider),
        "customer": str(offer.customer),
        "customer_account": str(offer.customer_account) if offer.customer_account else None,
        "customer_key": offer.customer_key,
        "grant": str(offer.grant),
        "permissions": list(offer.permissions),
        "custom_policy": offer.custom_policy.data if offer.custom_policy else None,
        "principals": [pattern.text for pattern in offer.principals],
        "verifier": offer.verifier.text,
        "reason": offer.reason,
        "until": instant_text(offer.until) if offer.until else None,
        "session": duration_text(offer.session_limit),
        "made_at": instant_text(offer.made_at),
        "valid_until": instant_text(offer.valid_until),
        "seal_to": offer.seal_to,
        "rotations": [rotation.tree for rotation in rotations],
    }


def parse_offer(body: Mapping[str, object]) -> tuple[Offer, tuple[RotationStatement, ...]]:
    """Return the offer of a file's body, and the rotations of the key that come with it.

    Raises:
        InvalidInput: a key is missing, unknown or of another type, or a value is out of range.
    """
    demand_keys(body, _KEYS)
    texts = {key: body[key] for key in _TEXTS}
    optional = {key: body[key] for key in _OPTIONAL_TEXTS}
    wrong = [key for key, value in texts.items() if not isinstance(value, str)]
    wrong += [key for key, value in optional.items() if not isinstance(value, str | None)]
    if wrong:
        raise wrong_offer(f"its {wrong[0]} is no text")
    text = {key: str(value) for key, value in texts.items()}
    account, until = optional["customer_account"], optional["until"]
    offer = Offer(
        id=text["id"],
        provider_name=text["provider_name"],
        provider=AccountId(text["provider"]),
        customer=CustomerName(text["customer"]),
        customer_account=AccountId(str(account)) if account is not None else None,
        customer_key=text["customer_key"],
        grant=GrantName(text["grant"]),
        permissions=_list(body["permissions"], "permissions"),
        custom_policy=_custom_policy(body["custom_policy"]),
        principals=tuple(PrincipalPattern(each) for each in _list(body["principals"], "principals")),
        verifier=PrincipalPattern(text["verifier"]),
        reason=text["reason"],
        until=_instant(str(until)) if until is not None else None,
        session_limit=_duration(text["session"]),
        made_at=_instant(text["made_at"]),
        valid_until=_instant(text["valid_until"]),
        seal_to=text["seal_to"],
    )
    return offer, _rotations(body["rotations"])


def _list(value: object, name: str) -> tuple[str, ...]:
    texts = [each for each in value if isinstance(each, str)] if isinstance(value, list) else []
    if not isinstance(value, list) or len(texts) < len(value):
        raise wrong_offer(f"its {name} are no list of texts")
    return tuple(texts)


def _custom_policy(value: object) -> Document | None:
    if value is None:
        return None
    if not isinstance(value, dict):
        raise wrong_offer("its custom_policy is no policy")
    return document(value)


def _rotations(value: object) -> tuple[RotationStatement, ...]:
    if not isinstance(value, list) or len(value) > MOST_ROTATIONS:
        raise wrong_offer("its rotations are no short list")
    return tuple(parse_rotation_statement(each) for each in value)


def _duration(text: str) -> timedelta:
    duration = read_duration(text)
    if duration is None:
        raise wrong_offer("its session is not written as 4h or 90m")
    return duration


def _instant(text: str) -> datetime:
    instant = read_instant(text)
    if instant is None:
        raise wrong_offer("an instant in it is not written as 2026-11-22T08:00:00Z")
    return instant
