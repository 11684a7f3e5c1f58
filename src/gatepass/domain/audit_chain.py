"""The log as it is kept: each record's line sealed behind the one before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from gatepass.domain.audit_record import BEGINNING, AuditRecord, chained


@dataclass(frozen=True, slots=True)
class Head:
    """Where a log ends: how many records it has, and the hash of the last one's line behind all others."""

    size: int = 0
    chain: str = BEGINNING


@dataclass(frozen=True, slots=True)
class Line:
    """One record as it is kept.

    Attributes:
        index: its place in the log, from 0.
        id: the record's id.
        text: the record as one line of JSON.
        chain: the hash of the line behind the one before it.
    """

    index: int
    id: str
    text: str
    chain: str


def next_lines(head: Head, records: Iterable[AuditRecord]) -> tuple[Line, ...]:
    """Return the records' lines behind the head; of several with one id the first counts."""
    lines: list[Line] = []
    seen: set[str] = set()
    size, chain = head.size, head.chain
    for record in records:
        if record.id in seen:
            continue
        seen.add(record.id)
        text = record.text
        chain = chained(chain, text)
        lines.append(Line(size, record.id, text, chain))
        size += 1
    return tuple(lines)
