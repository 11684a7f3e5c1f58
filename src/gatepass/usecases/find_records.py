"""Find records in a log."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from gatepass.domain.audit_record import AuditRecord, parse_record
from gatepass.domain.errors import InvalidInput
from gatepass.ports.audit import AuditLog


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which records are wanted; what is empty does not narrow.

    Attributes:
        engineer: a person's name, as the last part of the actor's ARN, or the whole ARN.
        since: the earliest instant.
    """

    customer: str = ""
    engineer: str = ""
    action: str = ""
    since: datetime | None = None

    @property
    def marks(self) -> tuple[str, ...]:
        """What every wanted line holds; a value's own quotation marks are escaped in it, so nothing else does."""
        asked = {"customer": self.customer, "action": self.action}
        return tuple(f'"{name}":{json.dumps(value)}' for name, value in asked.items() if value)

    def wants(self, record: AuditRecord) -> bool:
        """Say whether the record is wanted, by what its line alone does not show."""
        if self.engineer and self.engineer not in (record.actor, record.actor.rpartition("/")[2]):
            return False
        return self.since is None or record.at >= self.since


def find_records(log: AuditLog, wanted: Wanted) -> Iterator[tuple[int, AuditRecord | None]]:
    """Yield the records with their places; None for a line that is no record, which verify tells more of."""
    marks = wanted.marks
    for line in log.lines():
        if all(mark in line.text for mark in marks):
            try:
                record = parse_record(line.text)
            except InvalidInput:
                yield line.index, None
                continue
            if wanted.wants(record):
                yield line.index, record
