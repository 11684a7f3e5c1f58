"""Bring one machine's journal to the log, or leave it where the log's keeper takes it in."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from gatepass.domain.audit_record import AuditRecord, parse_record
from gatepass.domain.errors import InvalidInput
from gatepass.ports.audit import AuditLog, Inbox, Journal

# Records in one batch; with every field as long as it may be it is under what an inbox takes.
_BATCH = 2000


@dataclass(frozen=True, slots=True)
class Delivered:
    """What was delivered.

    Attributes:
        records: how many records the journal held.
        new: how many of them were not in the log yet; all of them where they were left in an inbox.
        unreadable: how many lines were no records; they are kept aside.
    """

    records: int = 0
    new: int = 0
    unreadable: int = 0


def deliver(journal: Journal, to: AuditLog | Inbox) -> Delivered:
    """Deliver batch by batch; each is forgotten here only once it is there.

    Stopped anywhere, the next delivery goes on: what is delivered twice is one record.

    Raises:
        GatepassError: it was not taken; it is kept here.
    """
    total, new, bad = 0, 0, 0
    for name in journal.batches():
        records, unreadable = _records(journal.read(name))
        for part in _parts(records):
            new += _given(part, to)
        total, bad = total + len(records), bad + len(unreadable)
        if unreadable:
            journal.set_aside(unreadable)
        journal.forget(name)
    return Delivered(total, new, bad)


@dataclass(frozen=True, slots=True)
class Collected:
    """What was taken in.

    Attributes:
        batches: how many batches were.
        records: how many records they held.
        new: how many of them were not in the log yet.
        refused: the batches that were not, each with why; they stay where they are.
    """

    batches: int
    records: int
    new: int
    refused: tuple[tuple[str, str], ...]


def collect(inbox: Inbox, log: AuditLog) -> Collected:
    """Take every batch that waits into the log; one that cannot be read holds up no other.

    Raises:
        GatepassError: the inbox cannot be read, or the log not written.
    """
    batches, total, new = 0, 0, 0
    refused: list[tuple[str, str]] = []
    for name in inbox.names():
        try:
            records, unreadable = _records(inbox.take(name).split("\n"))
        except InvalidInput as error:
            refused.append((name, error.what))
            continue
        if unreadable:
            refused.append((name, "a line in it is no record"))
            continue
        for part in _parts(records):
            new += log.append(part)
        inbox.done(name)
        batches, total = batches + 1, total + len(records)
    return Collected(batches, total, new, tuple(refused))


def _given(records: Sequence[AuditRecord], to: AuditLog | Inbox) -> int:
    if hasattr(to, "append"):
        return to.append(records)
    text = "".join(f"{record.text}\n" for record in records)
    # Named by what is in it: delivered once more it is the same batch.
    to.put(f"{hashlib.sha256(text.encode()).hexdigest()}.jsonl", text)
    return len(records)


def _parts(records: Sequence[AuditRecord]) -> Iterator[Sequence[AuditRecord]]:
    return (records[begin : begin + _BATCH] for begin in range(0, len(records), _BATCH))


def _records(lines: Sequence[str]) -> tuple[list[AuditRecord], list[str]]:
    records, unreadable = [], []
    for line in lines:
        if not line:
            continue
        try:
            records.append(parse_record(line))
        except InvalidInput:
            unreadable.append(line)
    return records, unreadable
