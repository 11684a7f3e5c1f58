"""What the log of a home says was done, its chain proved."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from gatepass.adapters.audit_sqlite import SqliteAuditLog
from gatepass.domain.audit_record import AuditRecord, parse_record
from gatepass.usecases.read_log import read_log


def recorded(home: Path, action: str) -> Sequence[AuditRecord]:
    """Return the records of one kind of deed, in order."""
    log = SqliteAuditLog(home / "state" / "gatepass" / "audit.db")
    try:
        reading = read_log(log)
        assert not reading.flaws
        found = [parse_record(line.text) for line in log.lines()]
    finally:
        log.close()
    return [one for one in found if one.action == action]
