"""Make a record of what was done: who, by the caller's ARN, what, to whom, and what came of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from gatepass.domain.audit_record import AuditRecord, Outcome
from gatepass.domain.audit_words import NOTES, customer_word, digest_word, grant_word, plain_word
from gatepass.domain.errors import (
    AccessRefused,
    Conflict,
    CredentialsRefused,
    GatepassError,
    InvalidInput,
    NotAnswered,
    NotThere,
)


@dataclass(frozen=True, slots=True)
class Deed:
    """One thing done or tried, in the words of whoever did it; nothing of it is believed to be free of secrets."""

    action: str
    side: str
    outcome: Outcome
    customer: str = ""
    grant: str = ""
    ticket: str = ""
    before: str = ""
    after: str = ""
    note: str = ""


def record_of(deed: Deed, actor: str, at: datetime, record_id: str) -> AuditRecord:
    """Return the record; what has not the shape of its field, or looks like a secret, is left out of it.

    Args:
        deed: what was done.
        actor: the ARN of who did it, or another name for who it was.
        at: when.
        record_id: what tells it from every other; the same for the same deed told again.
    """
    return AuditRecord(
        id=record_id,
        at=at.replace(microsecond=0),
        actor=plain_word(actor),
        side=deed.side,
        action=plain_word(deed.action),
        outcome=deed.outcome,
        customer=customer_word(deed.customer),
        grant=grant_word(deed.grant),
        ticket=plain_word(deed.ticket),
        before=digest_word(deed.before),
        after=digest_word(deed.after),
        note=deed.note if deed.note in NOTES else "",
    )


def outcome_of(error: BaseException) -> tuple[Outcome, str]:
    """Return what a failure counts as, with a note; the error's own words are not looked at."""
    return next(told for kind, told in _TOLD if isinstance(error, kind))


# The narrower ones first.
_TOLD: tuple[tuple[type[BaseException], tuple[Outcome, str]], ...] = (
    (CredentialsRefused, (Outcome.REFUSED, "credentials refused")),
    (AccessRefused, (Outcome.REFUSED, "access denied")),
    (NotThere, (Outcome.FAILED, "not there")),
    (Conflict, (Outcome.FAILED, "conflict")),
    (NotAnswered, (Outcome.FAILED, "no answer")),
    (InvalidInput, (Outcome.FAILED, "invalid input")),
    (GatepassError, (Outcome.FAILED, "")),
    (KeyboardInterrupt, (Outcome.FAILED, "stopped by the person")),
    (BaseException, (Outcome.FAILED, "an error nobody foresaw")),
)
