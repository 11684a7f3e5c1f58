"""An engineer's request that a customer's door be opened: which one, for how long, and why."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from gatepass.domain.errors import InvalidInput
from gatepass.domain.identifiers import AccountId, EngineerName, GrantName
from gatepass.domain.plain_lines import demand_line
from gatepass.domain.signed_file import demand_keys
from gatepass.domain.signed_words import duration_text, is_file_id, read_duration, read_instant
from gatepass.domain.trust import instant_text

# What a signed file that holds a request calls itself.
REQUEST = "request"
# How long a request may be acted upon.
USABLE_FOR = timedelta(hours=24)
# How far the clocks of two careful machines may differ.
CLOCK_SKEW = timedelta(minutes=5)
SHORTEST_OPENING = timedelta(minutes=15)
LONGEST_OPENING = timedelta(days=7)
_LONGEST_REASON = 300
_LONGEST_TICKET = 64

_KEYS = {
    "id",
    "account",
    "grant",
    "provider",
    "engineer",
    "for",
    "reason",
    "ticket",
    "made_at",
    "usable_until",
}


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What an engineer asks of a customer.

    Attributes:
        id: random, at least 128 bits, so that no request is acted upon twice.
        account: the customer's account.
        provider: the account that the engineer works from.
        duration: how long the door shall be open, from when it is opened; whole minutes.
        reason: why, in one line that a terminal can show.
        ticket: the engineer's own reference, if any.
        made_at: when it was written, by the engineer's clock, UTC, whole seconds.
        usable_until: from when on nobody should act upon it.

    Raises:
        InvalidInput: out of range, or with characters in it that could deceive whoever reads it.
    """

    id: str
    account: AccountId
    grant: GrantName
    provider: AccountId
    engineer: EngineerName
    duration: timedelta
    reason: str
    ticket: str | None
    made_at: datetime
    usable_until: datetime

    def __post_init__(self) -> None:
        if not is_file_id(self.id):
            raise _wrong("its id is not one that Gatepass draws")
        if not SHORTEST_OPENING <= self.duration <= LONGEST_OPENING or self.duration % timedelta(minutes=1):
            raise InvalidInput(
                f"a door cannot be asked for {self.duration}",
                why="a request is for 15 minutes to 7 days, in whole minutes",
                next_step="ask for example for: --for 4h",
            )
        demand_line(self.reason, "reason", _LONGEST_REASON)
        if self.ticket is not None:
            demand_line(self.ticket, "ticket", _LONGEST_TICKET)
        if not timedelta() < self.usable_until - self.made_at <= USABLE_FOR:
            raise _wrong("it wants to be usable for longer than a day, or not at all")


def request_body(request: AccessRequest) -> dict[str, object]:
    """Return the request as it stands in its file, and is signed."""
    return {
        "id": request.id,
        "account": str(request.account),
        "grant": str(request.grant),
        "provider": str(request.provider),
        "engineer": str(request.engineer),
        "for": duration_text(request.duration),
        "reason": request.reason,
        "ticket": request.ticket,
        "made_at": instant_text(request.made_at),
        "usable_until": instant_text(request.usable_until),
    }


def parse_request(body: Mapping[str, object]) -> AccessRequest:
    """Return the request of a file's body.

    Raises:
        InvalidInput: a key is missing, unknown or of another type, or a value is out of range.
    """
    demand_keys(body, _KEYS)
    ticket = body["ticket"]
    if not isinstance(ticket, str | None):
        raise _wrong("its ticket is no text")
    texts = {key: value for key, value in body.items() if isinstance(value, str)}
    if not _KEYS - {"ticket"} <= set(texts):
        raise _wrong("a part of it is no text")
    return AccessRequest(
        id=texts["id"],
        account=AccountId(texts["account"]),
        grant=GrantName(texts["grant"]),
        provider=AccountId(texts["provider"]),
        engineer=EngineerName(texts["engineer"]),
        duration=_duration(texts["for"]),
        reason=texts["reason"],
        ticket=ticket,
        made_at=_instant(texts["made_at"]),
        usable_until=_instant(texts["usable_until"]),
    )


def _duration(text: str) -> timedelta:
    duration = read_duration(text)
    if duration is None:
        raise _wrong("its duration is not written as 4h or 90m")
    return duration


def _instant(text: str) -> datetime:
    instant = read_instant(text)
    if instant is None:
        raise _wrong("an instant in it is not written as 2026-11-22T08:00:00Z")
    return instant


def _wrong(why: str) -> InvalidInput:
    return InvalidInput(
        "the request cannot be used", why=why, next_step="ask the engineer to write it with: gatepass request"
    )
