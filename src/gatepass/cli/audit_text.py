"""The log's records, and what is wrong with it, as lines and as facts."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import TYPE_CHECKING

from gatepass.domain.audit_record import AuditRecord
from gatepass.domain.table import Table
from gatepass.domain.trust import instant_text

if TYPE_CHECKING:
    from gatepass.domain.audit_export import AuditExport
    from gatepass.domain.checkpoint import SignedCheckpoint
    from gatepass.usecases.check_export import CheckedExport
    from gatepass.usecases.read_log import Flaw

_COLUMNS = ("WHEN", "WHO", "DID", "CUSTOMER", "GRANT", "TICKET", "OUTCOME")


def record_table(records: Sequence[tuple[int, AuditRecord]]) -> Table:
    """Return the records as a table."""
    return Table(_COLUMNS, tuple(_row(record) for _, record in records))


def _row(record: AuditRecord) -> tuple[str, ...]:
    outcome = record.outcome.value + (f" ({record.note})" if record.note else "")
    return (
        instant_text(record.at), _who(record.actor), record.action, record.customer or "-", record.grant or "-",
        record.ticket or "-", outcome,
    )  # fmt: skip


def _who(actor: str) -> str:
    """Return the person's name; of an account's root user, whose ARN has none, the account too."""
    parts = actor.split(":")
    return f"root of {parts[4]}" if len(parts) == 6 and parts[5] == "root" else actor.rpartition("/")[2]


def record_facts(index: int | None, record: AuditRecord) -> dict[str, object]:
    """Return a record as facts."""
    facts: dict[str, object] = {each.name: getattr(record, each.name) for each in fields(record)}
    facts |= {"at": instant_text(record.at), "outcome": record.outcome.value}
    return facts if index is None else {"index": index, **facts}


def flaw_lines(flaws: Sequence[Flaw], count: int) -> Iterator[str]:
    """Yield what is wrong with a log."""
    for flaw in flaws:
        yield f"- {flaw.what}"
    if count > len(flaws):
        yield f"- and {count - len(flaws)} more"


def checkpoint_facts(signed: SignedCheckpoint, anchors: Sequence[str]) -> dict[str, object]:
    """Return a checkpoint as facts."""
    found = signed.checkpoint
    facts = {"origin": found.origin, "size": found.size, "head": found.head.hex(), "note": signed.text}
    return {**facts, "anchors": list(anchors)}


def export_facts(made: AuditExport) -> dict[str, object]:
    """Return what an export is, without its records."""
    found = made.checkpoint.checkpoint
    return {
        "customer": list(made.customer), "records_in_file": len(made.lines), "origin": found.origin,
        "log_size": found.size, "head": found.head.hex(), "key": str(made.key), "fingerprint": made.key.fingerprint,
    }  # fmt: skip


def check_lines(checked: CheckedExport) -> Iterator[str]:
    """Yield what came of checking an export."""
    export = checked.export
    for flaw in checked.flaws:
        yield f"- {flaw}"
    proven, found = len(checked.records), len(export.lines)
    yield f"customer:  {', '.join(export.customer)}"
    yield f"records:   {proven} of {found} proven to be in the log of {export.checkpoint.checkpoint.size} records"
    yield f"log:       {export.checkpoint.checkpoint.origin}"
    yield f"signed by: {export.key.fingerprint}"
    yield f"           {checked.standing.value}"
    if checked.flaws:
        yield "NOT SOUND: do not rely on this file; ask the provider for it again"
    else:
        yield "sound" if checked.is_sound else "its proofs hold; whose they are, the fingerprint tells"


def counted(number: int, word: str, plural: str = "") -> str:
    """Return the number with its word."""
    return f"{number} {word if number == 1 else plural or word + 's'}"
