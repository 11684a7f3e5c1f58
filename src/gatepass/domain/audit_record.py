"""One line of the log of what was done: who did what to whose grant, and what came of it; nothing secret."""

from __future__ import annotations

import hashlib
import json
import re
from dataclasses import dataclass, fields
from datetime import datetime
from enum import Enum

from gatepass.domain.errors import InvalidInput
from gatepass.domain.json_text import read_json
from gatepass.domain.trust import instant_text, read_instant

# What stands before the first record.
BEGINNING = "0" * 64
# One encoder for all: json.dumps makes another at each call.
_encoded = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode
_WORD = re.compile(r"[\x20-\x7e]{0,256}", re.ASCII)


class Outcome(Enum):
    """What came of it."""

    DONE = "done"
    REFUSED = "refused"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class AuditRecord:
    """One thing that was done, or tried.

    Attributes:
        id: what tells it from every other, so that the same thing recorded twice is one record.
        at: when, UTC, whole seconds.
        actor: who did it: a principal's ARN, or a worker.
        side: ``customer`` or ``provider``.
        customer: the customer's name or account; empty for what concerns none.
        grant: the grant; empty in the same way.
        action: what was done, such as ``rotate`` or ``enter``.
        ticket: why, by the number of somebody's ticket.
        before: a digest of how it was; empty where nothing was changed.
        after: a digest of how it is.
        outcome: what came of it.
        note: one line for a person; never an external ID or a credential.
    """

    id: str
    at: datetime
    actor: str
    side: str
    action: str
    outcome: Outcome
    customer: str = ""
    grant: str = ""
    ticket: str = ""
    before: str = ""
    after: str = ""
    note: str = ""

    def __post_init__(self) -> None:
        for each in fields(self):
            value = getattr(self, each.name)
            if isinstance(value, str) and not _WORD.fullmatch(value):
                raise _unreadable(f"its {each.name} is longer than 256 characters, or not printable")

    @property
    def text(self) -> str:
        """The record as one line of JSON, always the same for the same record."""
        return _encoded(
            {
                "action": self.action, "actor": self.actor, "after": self.after, "at": instant_text(self.at),
                "before": self.before, "customer": self.customer, "grant": self.grant, "id": self.id,
                "note": self.note, "outcome": self.outcome.value, "side": self.side, "ticket": self.ticket,
            }
        )  # fmt: skip


def chained(previous: str, text: str) -> str:
    """Return the hash of a record's line behind the one before it: SHA-256 over that one's hash and the line."""
    return hashlib.sha256(bytes.fromhex(previous) + text.encode("ascii")).hexdigest()


def digest(text: str) -> str:
    """Return what a record keeps of how something was: its SHA-256."""
    return hashlib.sha256(text.encode()).hexdigest()


def parse_record(text: str) -> AuditRecord:
    """Return the record of its line.

    Raises:
        InvalidInput: it is none, or not as Gatepass writes them.
    """
    data = read_json(text)
    names = {each.name for each in fields(AuditRecord)}
    if not isinstance(data, dict) or set(data) != names or not all(isinstance(each, str) for each in data.values()):
        raise _unreadable("it has not the fields of one")
    at = read_instant(data["at"])
    if at is None or data["outcome"] not in {each.value for each in Outcome}:
        raise _unreadable("its instant or its outcome is none")
    found = AuditRecord(**{**data, "at": at, "outcome": Outcome(data["outcome"])})
    if found.text != text:
        raise _unreadable("it is written otherwise than Gatepass writes it")
    return found


def _unreadable(why: str) -> InvalidInput:
    return InvalidInput("that is no record of the log", why=why, next_step="gatepass audit verify")
