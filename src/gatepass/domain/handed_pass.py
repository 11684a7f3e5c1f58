"""What a customer hands to its provider: the roles and their terms in clear, the second factors sealed.

The file is signed, so nobody changes it on the way, and holds nothing that a stranger could enter with.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from gatepass.domain.errors import InvalidInput
from gatepass.domain.grant import LONGEST_SESSION_LIMIT, SHORTEST_SESSION_LIMIT, PrincipalPattern, Window
from gatepass.domain.identifiers import AccountId, GrantName, RoleArn
from gatepass.domain.offered_keys import demand_customer_key
from gatepass.domain.signed_file import demand_keys
from gatepass.domain.signed_words import is_file_id, read_instant
from gatepass.domain.trust import instant_text

# What a signed file that holds a pass calls itself.
PASS = "pass"  # noqa: S105 - a kind of file
# How long a pass may be admitted.
USABLE_FOR = timedelta(days=30)
# A grant has one role, and a second one while its provider or its naming changes.
MOST_ROLES = 4
_LARGEST_SEALED = 16_384

_KEYS = {
    "id", "grant", "customer", "provider", "offer", "customer_key", "roles", "sealed", "made_at", "usable_until",
}  # fmt: skip
_TERMS = {"second_factor", "principals", "window", "session", "require_source_identity"}
_MINUTES = re.compile(r"([1-9][0-9]{1,2})m", re.ASCII)
_ARMOUR = re.compile(
    r"-----BEGIN AGE ENCRYPTED FILE-----\n[A-Za-z0-9+/=\n]+\n-----END AGE ENCRYPTED FILE-----\n?", re.ASCII
)


@dataclass(frozen=True, slots=True)
class PassedRole:
    """One role with the terms under which it lets the provider in.

    Attributes:
        needs_second_factor: whether entering needs an external ID; it is in the sealed part then.
        principals: which of the provider's principals may enter; empty for any that its account allows.
        session_limit: the longest session, in whole minutes.
        requires_source_identity: whether nobody enters without naming the engineer.
    """

    arn: RoleArn
    needs_second_factor: bool
    principals: tuple[PrincipalPattern, ...]
    window: Window
    session_limit: timedelta
    requires_source_identity: bool


@dataclass(frozen=True, slots=True)
class HandedPass:
    """What one customer lets one provider do, ready to be admitted.

    Attributes:
        id: random, at least 128 bits, so that no pass is admitted twice.
        offer: the id of the offer that the customer accepted; None when the customer began.
        customer_key: the customer key of the external IDs; None where others chose them, or there are none.
        roles: the roles of the grant, one of them but in the middle of a change.
        sealed: the external IDs, as an armored age file that only the provider's key opens.
        made_at: when it was written, by the customer's clock, UTC, whole seconds.
        usable_until: from when on nobody should admit it.

    Raises:
        InvalidInput: a part of it is none that Gatepass writes.
    """

    id: str
    grant: GrantName
    customer: AccountId
    provider: AccountId
    offer: str | None
    customer_key: str | None
    roles: tuple[PassedRole, ...]
    sealed: str = field(repr=False)
    made_at: datetime
    usable_until: datetime

    def __post_init__(self) -> None:
        if not is_file_id(self.id):
            raise _wrong("its id is not one that Gatepass draws")
        if self.offer is not None and not is_file_id(self.offer):
            raise _wrong("the id of its offer is not one that Gatepass draws")
        if self.customer_key is not None:
            demand_customer_key(self.customer_key)
        if self.customer == self.provider:
            raise _wrong("its customer and its provider are the same account")
        if not 1 <= len(self.roles) <= MOST_ROLES:
            raise _wrong(f"it has {len(self.roles)} roles, and a pass has 1 to {MOST_ROLES}")
        if any(role.arn.account != self.customer for role in self.roles):
            raise _wrong("a role in it is not in the customer's account")
        if len({role.arn for role in self.roles}) != len(self.roles):
            raise _wrong("a role in it is named twice")
        if len(self.sealed) > _LARGEST_SEALED or not _ARMOUR.fullmatch(self.sealed):
            raise _wrong("its sealed part is no armored age file")
        if not timedelta() < self.usable_until - self.made_at <= USABLE_FOR:
            raise _wrong("it wants to be usable for longer than 30 days, or not at all")


def pass_body(handed: HandedPass) -> dict[str, object]:
    """Return the pass as it stands in its file, and is signed."""
    return {
        "id": handed.id,
        "grant": str(handed.grant),
        "customer": str(handed.customer),
        "provider": str(handed.provider),
        "offer": handed.offer,
        "customer_key": handed.customer_key,
        "roles": {str(role.arn): role_terms(role) for role in handed.roles},
        "sealed": handed.sealed,
        "made_at": instant_text(handed.made_at),
        "usable_until": instant_text(handed.usable_until),
    }


def parse_pass(body: Mapping[str, object]) -> HandedPass:
    """Return the pass of a file's body.

    Raises:
        InvalidInput: a key is missing, unknown or of another type, or a value is out of range.
    """
    demand_keys(body, _KEYS)
    roles, offer, key = body["roles"], body["offer"], body["customer_key"]
    if not isinstance(roles, dict) or not isinstance(offer, str | None) or not isinstance(key, str | None):
        raise _wrong("a part of it is of another type than it must be")
    return HandedPass(
        id=_text(body["id"]),
        grant=GrantName(_text(body["grant"])),
        customer=AccountId(_text(body["customer"])),
        provider=AccountId(_text(body["provider"])),
        offer=offer,
        customer_key=key,
        roles=tuple(parse_terms(arn, terms) for arn, terms in roles.items()),
        sealed=_text(body["sealed"]),
        made_at=_instant(body["made_at"]),
        usable_until=_instant(body["usable_until"]),
    )


def role_terms(role: PassedRole) -> dict[str, object]:
    """Return the terms of a role as they stand in a pass; nothing of them is secret."""
    begin, end = role.window.begin, role.window.end
    return {
        "second_factor": "required" if role.needs_second_factor else "none",
        "principals": [pattern.text for pattern in role.principals],
        "window": {"from": begin and instant_text(begin), "until": end and instant_text(end)},
        "session": f"{role.session_limit // timedelta(minutes=1)}m",
        "require_source_identity": role.requires_source_identity,
    }


def parse_terms(arn: str, terms: object) -> PassedRole:
    """Return a role with its terms.

    Raises:
        InvalidInput: they are not as Gatepass writes them.
    """
    if not isinstance(terms, dict):
        raise _wrong("the terms of a role are of another type than they must be")
    demand_keys(terms, _TERMS)
    factor, principals, window = terms["second_factor"], terms["principals"], terms["window"]
    named = terms["require_source_identity"]
    if factor not in ("required", "none") or not isinstance(principals, list) or not isinstance(window, dict):
        raise _wrong("the terms of a role are not as Gatepass writes them")
    if not isinstance(named, bool):
        raise _wrong("the terms of a role are not as Gatepass writes them")
    demand_keys(window, {"from", "until"})
    begin, end = (None if window[end] is None else _instant(window[end]) for end in ("from", "until"))
    return PassedRole(
        arn=RoleArn(arn),
        needs_second_factor=factor == "required",
        principals=tuple(PrincipalPattern(_text(pattern)) for pattern in principals),
        window=Window(begin, end),
        session_limit=_minutes(_text(terms["session"])),
        requires_source_identity=named,
    )


def _minutes(text: str) -> timedelta:
    match = _MINUTES.fullmatch(text)
    limit = timedelta(minutes=int(match[1])) if match is not None else timedelta()
    if not SHORTEST_SESSION_LIMIT <= limit <= LONGEST_SESSION_LIMIT:
        raise _wrong("the length of its sessions is not written as 60m to 720m")
    return limit


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise _wrong("a part of it is no text")
    return value


def _instant(value: object) -> datetime:
    instant = read_instant(value)
    if instant is None:
        raise _wrong("an instant in it is not written as 2026-11-22T08:00:00Z")
    return instant


def _wrong(why: str) -> InvalidInput:
    return InvalidInput(
        "the pass cannot be used", why=why, next_step="ask the customer to write it again: gatepass pass GRANT -o FILE"
    )
