"""What every log promises: memory, a SQLite file, and PostgreSQL."""

from __future__ import annotations

import os
import signal
import sqlite3
import stat
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import psycopg
import pytest

from gatepass.adapters.audit_postgres import PostgresAuditLog
from gatepass.adapters.audit_sqlite import SqliteAuditLog
from gatepass.adapters.memory_audit import MemoryAuditLog
from gatepass.adapters.signing_keys import Ed25519Signatures
from gatepass.domain.errors import Conflict, GatepassError, NotAnswered
from gatepass.ports.audit import AuditLog
from gatepass.usecases.verify_log import Notary, verify_log
from tests.adapters.audit_logs import records
from tests.fleet.postgres import postgres

NOBODY = Notary((), Ed25519Signatures())
# What another process does: it appends records one by one, telling each once it is in the log.
WRITER = """
import sys
from gatepass.wiring.audit import log_at
from tests.adapters.audit_logs import records
log = log_at(sys.argv[1])
log.head()
print("ready", flush=True)
sys.stdin.readline()
for number in range(int(sys.argv[2]), int(sys.argv[3])):
    log.append(records(1, number))
    print(number, flush=True)
"""


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres() as found:
        yield found.full_url


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def log(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[AuditLog]:
    if request.param == "memory":
        yield MemoryAuditLog()
    elif request.param == "sqlite":
        yield SqliteAuditLog(tmp_path / "audit.db")
    else:
        url = request.getfixturevalue("server")
        _emptied(url)
        found = PostgresAuditLog(url)
        yield found
        found.close()


def _emptied(url: str) -> None:
    with psycopg.connect(url) as connection:
        connection.execute("DROP TABLE IF EXISTS gatepass_audit_records, gatepass_audit_checkpoints")


def test_a_log_begins_empty(log: AuditLog) -> None:
    assert (log.head().size, list(log.lines()), list(log.checkpoints())) == (0, [], [])


def test_records_are_kept_in_the_order_in_which_they_came(log: AuditLog) -> None:
    assert log.append(records(3)) == 3
    assert log.append(records(2, 3)) == 2

    assert [(line.index, line.id) for line in log.lines()] == [(each, f"r{each}") for each in range(5)]
    assert [line.id for line in log.lines(3)] == ["r3", "r4"]
    assert log.head().size == 5
    assert verify_log(log, NOBODY).is_sound


def test_a_record_is_there_once_however_often_it_is_appended(log: AuditLog) -> None:
    log.append(records(2))

    assert log.append((*records(3), *records(3))) == 1
    assert log.append(()) == 0

    assert [line.id for line in log.lines()] == ["r0", "r1", "r2"]
    assert verify_log(log, NOBODY).is_sound


def test_of_two_records_with_one_id_the_first_stands(log: AuditLog) -> None:
    first = records(1)[0]
    log.append([first])

    assert log.append([replace(first, action="open")]) == 0

    assert [line.text for line in log.lines()] == [first.text]


def test_more_ids_than_one_question_takes_are_told_apart(log: AuditLog) -> None:
    log.append(records(2500))

    assert log.append(records(2501)) == 1
    assert log.head().size == 2501


def test_every_log_chains_alike(log: AuditLog) -> None:
    twin = MemoryAuditLog()
    for each in (log, twin):
        each.append(records(4))

    assert log.head() == twin.head()


def test_a_checkpoint_that_is_kept_stays(log: AuditLog) -> None:
    log.keep_checkpoint(7, "seven")
    log.keep_checkpoint(3, "three")
    log.keep_checkpoint(7, "another")

    assert list(log.checkpoints()) == ["three", "seven"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE {}records SET line = 'x'",
        "DELETE FROM {}records WHERE place = 1",
        "INSERT INTO {}records VALUES (9, 'new', 'x', 'y')",
        "UPDATE {}checkpoints SET note = 'x'",
        "DELETE FROM {}checkpoints",
    ],
)
def test_the_databases_themselves_refuse_to_change_what_is_in_the_log(
    server: str, tmp_path: Path, statement: str
) -> None:
    _emptied(server)
    for each in (SqliteAuditLog(tmp_path / "audit.db"), PostgresAuditLog(server)):
        each.append(records(3))
        each.keep_checkpoint(3, "three")

    with sqlite3.connect(tmp_path / "audit.db") as database, pytest.raises(sqlite3.DatabaseError):
        database.execute(statement.format("").replace("'y'", "x'00'"))
    database.close()
    with psycopg.connect(server) as connection, pytest.raises(psycopg.Error):
        connection.execute(statement.format("gatepass_audit_"))


def test_replacing_and_truncating_are_refused_too(server: str, tmp_path: Path) -> None:
    _emptied(server)
    for each in (SqliteAuditLog(tmp_path / "audit.db"), PostgresAuditLog(server)):
        each.append(records(3))

    for values in ("(1, 'r1', 'x', x'00')", "(3, 'r1', 'x', x'00')", "(1, 'new', 'x', x'00')"):
        with sqlite3.connect(tmp_path / "audit.db") as database, pytest.raises(sqlite3.DatabaseError):
            database.execute(f"INSERT OR REPLACE INTO records VALUES {values}")  # noqa: S608 - written above
        database.close()
    with psycopg.connect(server) as connection, pytest.raises(psycopg.Error):
        connection.execute("TRUNCATE gatepass_audit_records")
    assert SqliteAuditLog(tmp_path / "audit.db").head() == PostgresAuditLog(server).head()


def writer(place: str, begin: int, end: int) -> subprocess.Popen[str]:
    argv = [sys.executable, "-c", WRITER, place, str(begin), str(end)]
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)


def begun(*writers: subprocess.Popen[str]) -> None:
    """Let all begin at once, when each has loaded what it needs."""
    for each in writers:
        assert each.stdout is not None
        assert each.stdout.readline() == "ready\n"
    for each in writers:
        assert each.stdin is not None
        each.stdin.write("\n")
        each.stdin.flush()


def place_of(kind: str, request: pytest.FixtureRequest, folder: Path) -> str:
    if kind == "sqlite":
        return str(folder / "audit.db")
    url: str = request.getfixturevalue("server")
    _emptied(url)
    return url


def reopened(place: str) -> AuditLog:
    return PostgresAuditLog(place) if "://" in place else SqliteAuditLog(Path(place))


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_two_processes_at_once_leave_each_record_once_in_one_chain(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = place_of(kind, request, tmp_path)

    both = [writer(place, 0, 120), writer(place, 40, 160)]
    begun(*both)
    for each in both:
        each.communicate()

    assert [each.returncode for each in both] == [0, 0]
    log = reopened(place)
    assert sorted(line.id for line in log.lines()) == sorted(f"r{each}" for each in range(160))
    assert verify_log(log, NOBODY).is_sound


@pytest.mark.parametrize("kind", ["sqlite", "postgres"])
def test_killed_in_the_middle_what_was_told_is_there_and_going_on_adds_each_once(
    kind: str, request: pytest.FixtureRequest, tmp_path: Path
) -> None:
    place = place_of(kind, request, tmp_path)
    for stop in (3, 11, 17):
        killed = writer(place, 0, 500)
        begun(killed)
        assert killed.stdout is not None
        told = [int(killed.stdout.readline()) for _ in range(stop)]
        os.kill(killed.pid, signal.SIGKILL)
        killed.communicate()

        assert {f"r{each}" for each in told} <= {line.id for line in reopened(place).lines()}

    log = reopened(place)
    log.append(records(500))
    assert sorted(line.id for line in log.lines()) == sorted(f"r{each}" for each in range(500))
    assert verify_log(log, NOBODY).is_sound


def test_the_file_and_its_companions_are_for_their_owner_alone(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "state" / "audit.db")
    log.append(records(1))
    lines = log.lines()
    next(lines)

    files = list((tmp_path / "state").iterdir())
    assert len(files) > 1
    assert {stat.S_IMODE(each.stat().st_mode) for each in files} == {0o600}


def test_a_file_that_others_may_read_is_not_used(tmp_path: Path) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    log.append(records(1))
    (tmp_path / "audit.db").chmod(0o644)

    with pytest.raises(Conflict, match="is not used"):
        log.append(records(2))


def test_a_file_that_is_no_log_is_told_and_left(tmp_path: Path) -> None:
    path = tmp_path / "audit.db"
    path.write_text("these are notes of somebody, and no database at all\n" * 50)
    path.chmod(0o600)

    with pytest.raises(Conflict, match="not used as a log"):
        SqliteAuditLog(path).append(records(1))

    assert path.read_text().startswith("these are notes")


def test_a_database_that_does_not_answer_is_told_without_its_password() -> None:
    log = PostgresAuditLog("postgresql://alice:MARKER@127.0.0.1:1/audit")

    with pytest.raises(NotAnswered) as told:
        log.append(records(1))

    assert "MARKER" not in f"{told.value} {told.value.why} {told.value.next_step} {log.title} {log!r}"
    assert "127.0.0.1" in told.value.what


def test_who_may_only_add_and_read_can_do_that_and_no_more(server: str) -> None:
    _emptied(server)
    PostgresAuditLog(server).append(records(1))
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE ROLE worker LOGIN PASSWORD 'theirs'")
        connection.execute("GRANT SELECT, INSERT ON gatepass_audit_records, gatepass_audit_checkpoints TO worker")
    theirs = f"postgresql://worker:theirs@{server.partition('@')[2]}"

    assert PostgresAuditLog(theirs).append(records(2)) == 1

    with psycopg.connect(theirs) as connection, pytest.raises(psycopg.errors.InsufficientPrivilege):
        connection.execute("ALTER TABLE gatepass_audit_records DISABLE TRIGGER ALL")


def test_a_full_disk_is_told_and_adds_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    log = SqliteAuditLog(tmp_path / "audit.db")
    log.append(records(1))
    log.close()
    whole = sqlite3.connect

    def small(*given: object, **options: object) -> sqlite3.Connection:
        database: sqlite3.Connection = whole(*given, **options)  # type: ignore[call-overload]
        database.execute("PRAGMA max_page_count = 12")
        return database

    monkeypatch.setattr(sqlite3, "connect", small)

    with pytest.raises(GatepassError, match="full"):
        log.append(records(1000))

    assert log.head().size == 1
