"""The log: records appended in batches and one by one, the chain verified, one record noted on the hot path."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from gatepass.adapters.audit_journal import note_entry
from gatepass.adapters.audit_sqlite import SqliteAuditLog
from gatepass.adapters.signing_keys import Ed25519Signatures, FileSigningKey
from gatepass.domain.audit_record import BEGINNING, AuditRecord, Outcome, chained
from gatepass.domain.identifiers import AccountId
from gatepass.usecases.checkpoint_log import Signer, own_signer
from gatepass.usecases.export_records import export_records
from gatepass.usecases.verify_log import Notary, verify_log

_MANY, _BATCH, _SINGLE = 100_000, 1000, 200
_ACTOR = "arn:aws:sts::111122223333:assumed-role/AWSReservedSSO_NetOps_0123456789abcdef/maria@example.com"


def main() -> None:
    """Print records a second, and how that stands to the hash alone."""
    at = datetime(2026, 11, 22, 8, tzinfo=UTC)
    records = [
        AuditRecord(
            f"{number:032x}", at, _ACTOR, "provider", "enter", Outcome.DONE, customer=f"customer-{number % 1000}",
            grant="support", ticket="ABC-123",
        )
        for number in range(_MANY)
    ]  # fmt: skip
    texts = [record.text for record in records]
    floor = _seconds(lambda: _chain_alone(texts))
    print(f"chain alone, in memory:   {_MANY / floor:10,.0f} records/s")  # noqa: T201
    with tempfile.TemporaryDirectory() as name:
        os.environ["XDG_STATE_HOME"] = name
        log = SqliteAuditLog(Path(name) / "audit.db")
        took = _seconds(lambda: _append(log, records))
        _tell("appended, 1,000 a batch", _MANY, took, floor)
        took = _seconds(lambda: verify_log(log, Notary((), Ed25519Signatures())))
        _tell("verified, chain and tree", _MANY, took, floor)
        single = SqliteAuditLog(Path(name) / "single.db")
        took = _seconds(lambda: [single.append([record]) for record in records[:_SINGLE]])
        _tell("appended one by one", _SINGLE, took, floor * _SINGLE / _MANY)
        note_entry(_ACTOR, "acme-prod", "support", "done")
        took = _seconds(lambda: [note_entry(_ACTOR, "acme-prod", "support", "done") for _ in range(_SINGLE)])
        _tell("noted in the journal", _SINGLE, took, floor * _SINGLE / _MANY)
        took = _seconds(lambda: export_records(log, ["customer-7"], _signer()))
        _tell("one customer's exported", _MANY, took, floor)


def _signer() -> Signer:
    return own_signer(AccountId("111122223333"), FileSigningKey(), Ed25519Signatures())


def _chain_alone(texts: list[str]) -> None:
    head = BEGINNING
    for text in texts:
        head = chained(head, text)


def _append(log: SqliteAuditLog, records: list[AuditRecord]) -> None:
    for begin in range(0, len(records), _BATCH):
        log.append(records[begin : begin + _BATCH])


def _seconds(work: Callable[[], object]) -> float:
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def _tell(what: str, count: int, took: float, floor: float) -> None:
    print(f"{what + ':':25} {count / took:10,.0f} records/s, {took / floor:5.1f} x the chain alone")  # noqa: T201


if __name__ == "__main__":
    main()
