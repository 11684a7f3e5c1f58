"""What the fleet did stands in the log: one record for each outcome that matters, whoever is killed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatepass.adapters.audit_sqlite import SqliteAuditLog
from gatepass.domain import audit_record
from gatepass.domain.audit_record import parse_record
from gatepass.domain.audit_words import NOTES
from gatepass.fleet.database import Database
from gatepass.fleet.ledger import Ledger
from gatepass.fleet.records import deed_of, is_deed, record_id
from gatepass.fleet.run import Order, Outcome
from gatepass.fleet.work import Result, UnitResult
from gatepass.usecases.record_deeds import record_of
from gatepass.wiring import audit, fleet
from tests.fleet.counting import deeds, hand, until

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
UNITS, REFUSED = 120, (3, 50)


@pytest.mark.parametrize("reads", [False, True])
def test_killed_and_resumed_each_outcome_has_one_record(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, reads: bool
) -> None:
    """Both ways of remembering: a unit at a time, and batches of work that only reads."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.delenv("GATEPASS_AUDIT", raising=False)
    chance, file = random.Random(11), tmp_path / "deeds"  # noqa: S311 - no secret
    refused = ",".join(map(str, REFUSED))
    options = {"units": str(UNITS), "deeds": str(file), "refused": refused, **({"reads": "yes"} if reads else {})}
    ledger = Ledger(Database(tmp_path / "fleet"))
    run = ledger.begin(Order("count", options, by="maria@laptop"), NOW)
    for _ in range(5):
        before, some = deeds(file).total(), chance.randrange(1, 20)
        one = hand(ledger.database.folder, environment={"XDG_STATE_HOME": str(tmp_path / "state")})
        until(lambda before=before, some=some: deeds(file).total() >= before + some or ledger.progress(run).is_over)  # type: ignore[misc]
        one.kill()
        audit.deliver_journal()
    last = hand(ledger.database.folder, environment={"XDG_STATE_HOME": str(tmp_path / "state")})
    until(lambda: ledger.progress(run).is_over)
    last.kill()
    audit.deliver_journal()
    audit.deliver_journal()
    ledger.close()

    records = [parse_record(line.text) for line in SqliteAuditLog().lines()]

    assert len(records) == UNITS
    assert {one.customer for one in records} == {f"c{number}" for number in range(UNITS)}
    failed = {one.customer for one in records if one.outcome is audit_record.Outcome.FAILED}
    assert failed == {f"c{number}" for number in REFUSED}
    assert {(one.actor, one.action, one.grant) for one in records} == {("local:maria@laptop", "count", "support")}


def test_a_journal_that_cannot_be_written_for_a_while_loses_no_record(tmp_path: Path) -> None:
    """The unit is done, and is over only when its record is kept."""
    state = tmp_path / "state" / "gatepass"
    state.mkdir(parents=True, mode=0o700)
    in_the_way = state / "audit"
    in_the_way.touch()
    file, ledger = tmp_path / "deeds", Ledger(Database(tmp_path / "fleet"))
    run = ledger.begin(Order("count", {"units": "3", "deeds": str(file)}, by="maria@laptop"), NOW)
    worker = hand(ledger.database.folder, environment={"XDG_STATE_HOME": str(tmp_path / "state")})
    until(lambda: deeds(file).total() == 6)
    assert not ledger.progress(run).outcomes

    in_the_way.unlink()

    until(lambda: ledger.progress(run).is_over)
    worker.kill()
    ledger.close()
    lines = (in_the_way / "journal.jsonl").read_text(encoding="ascii").split()
    assert len({parse_record(line).id for line in lines}) == 3


def test_a_log_that_is_out_of_reach_is_told_and_stops_no_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    fleet.record("run-1", Order("count", by="maria@laptop"), outcome(Result.DONE, {}))
    told: list[str] = []

    monkeypatch.setenv("GATEPASS_AUDIT", "postgresql://127.0.0.1:1/log")
    fleet.deliver(told.append)
    monkeypatch.delenv("GATEPASS_AUDIT")
    fleet.deliver(told.append)

    assert len(told) == 1
    assert told[0].startswith("the journal was not delivered, and is kept")
    assert [parse_record(line.text).customer for line in SqliteAuditLog().lines()] == ["acme-prod"]


def outcome(result: Result, facts: Mapping[str, str], subject: str = "acme-prod/support") -> Outcome:
    return Outcome(subject, UnitResult(result, "AWS said gp1.KEY.SECRET", "", facts))


@pytest.mark.parametrize(
    ("kind", "options", "result", "facts", "kept"),
    [
        ("verify", {}, Result.DONE, {"outcome": "sound"}, False),
        ("verify", {}, Result.DONE, {"outcome": "released"}, True),
        ("verify", {}, Result.FAILED, {"outcome": "quarantined"}, True),
        ("verify", {}, Result.SKIPPED, {}, False),
        ("reconcile", {"side": "customer"}, Result.DONE, {"changes": "3"}, False),
        ("reconcile", {"side": "customer", "apply": "yes"}, Result.DONE, {"changes": "0"}, False),
        ("reconcile", {"side": "provider", "apply": "yes"}, Result.DONE, {"changes": "3"}, True),
        ("rotate", {}, Result.DONE, {"stage": "finished"}, True),
        ("rotate", {}, Result.SKIPPED, {}, False),
        ("admit", {}, Result.DONE, {"account": "444455556666"}, True),
        ("expire", {}, Result.DONE, {"told": "", "ended": "support"}, False),
        ("expire", {"apply": "yes"}, Result.DONE, {"told": "", "ended": "support"}, True),
        ("expire", {}, Result.DONE, {"told": "support", "ended": ""}, True),
        ("offboard", {}, Result.DONE, {}, True),
    ],
)
def test_what_changed_something_or_failed_is_kept(
    kind: str, options: dict[str, str], result: Result, facts: dict[str, str], *, kept: bool
) -> None:
    assert is_deed(Order(kind, options), outcome(result, facts)) is kept


def test_a_record_says_whose_grant_it_was_and_quotes_no_cause() -> None:
    one = outcome(Result.FAILED, {"outcome": "quarantined"})
    record = record_of(deed_of(Order("verify"), one), "local:maria@laptop", NOW, record_id("verify-1", one))

    assert (record.side, record.customer, record.grant, record.note) == (
        "provider",
        "acme-prod",
        "support",
        "quarantined",
    )
    assert "SECRET" not in record.text
    assert record.note in NOTES

    passed = outcome(Result.DONE, {"account": "444455556666", "grant": "audit", "customer": ""}, "x.pass.json")
    admitted = deed_of(Order("admit"), passed)
    assert (admitted.side, admitted.customer, admitted.grant) == ("provider", "444455556666", "audit")
    side = deed_of(Order("reconcile", {"side": "provider"}), outcome(Result.DONE, {}, "111122223333")).side
    assert side == "provider"


def test_an_outcome_is_known_by_its_run_its_unit_and_what_it_was() -> None:
    done, failed = outcome(Result.DONE, {}), outcome(Result.FAILED, {})

    assert record_id("run-1", done) == record_id("run-1", outcome(Result.DONE, {"other": "facts"}))
    assert len({record_id("run-1", done), record_id("run-2", done), record_id("run-1", failed)}) == 3
