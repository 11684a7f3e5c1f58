"""This machine's journal: every line whole, none lost while another program delivers, for its owner alone."""

from __future__ import annotations

import fcntl
import os
import signal
import stat
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from gatepass.adapters.audit_journal import add_line, journal_path, note_entry
from gatepass.adapters.audit_outbox import FileOutbox
from gatepass.adapters.audit_sqlite import SqliteAuditLog
from gatepass.adapters.signing_keys import Ed25519Signatures
from gatepass.domain.audit_record import Outcome, parse_record
from gatepass.domain.errors import Conflict
from gatepass.usecases.deliver_records import deliver
from gatepass.usecases.record_deeds import Deed
from gatepass.usecases.verify_log import Notary, verify_log
from gatepass.wiring.audit import deliver_journal, note_deed
from tests.adapters.audit_logs import ALICE, AT, records

WRITER = """
import sys
from gatepass.adapters.audit_journal import add_line
from tests.adapters.audit_logs import records
for number in range(int(sys.argv[1]), int(sys.argv[2])):
    add_line(records(1, number)[0].text)
    print(number, flush=True)
"""


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    return tmp_path


def lines() -> list[str]:
    outbox = FileOutbox()
    return [line for name in outbox.batches() for line in outbox.read(name)]


def test_an_entry_is_noted_as_a_record_of_the_log() -> None:
    note_entry(ALICE, "acme-prod", "support", "refused", "ABC-1", note="access denied")
    note_entry(ALICE, "acme-prod", "support", "done")

    first, second = (parse_record(line) for line in lines())
    assert (first.actor, first.action, first.outcome, first.ticket) == (ALICE, "enter", Outcome.REFUSED, "ABC-1")
    assert first.id != second.id


def test_the_hot_path_needs_nothing_but_the_standard_library() -> None:
    """And no SQLite: who enters a customer's account waits for what is loaded here."""
    code = (
        "import sys; from gatepass.adapters.audit_journal import note_entry; note_entry('a', 'b', 'c', 'done');"
        "print(*sorted(m for m in sys.modules if m.partition('.')[0] in"
        " {'gatepass', 'sqlite3', 'boto3', 'click', 'hashlib', 'secrets', 'random'}))"
    )
    loaded = subprocess.run([sys.executable, "-c", code], check=True, text=True, stdout=subprocess.PIPE).stdout.split()

    assert set(loaded) <= {
        "gatepass", "gatepass.adapters", "gatepass.adapters.audit_journal", "gatepass.private_files",
        "gatepass.domain", "gatepass.domain.errors",
    }  # fmt: skip


def test_a_deed_that_is_told_again_after_a_crash_is_one_record(tmp_path: Path) -> None:
    deed = Deed("rotate", "provider", Outcome.DONE, "acme-prod", "support")
    for _ in range(2):
        note_deed(deed, "worker-1", AT, "run-7/acme-prod/support/rotate")

    assert deliver_journal(str(tmp_path / "audit.db")).new == 1


def test_without_anything_noted_there_is_nothing_to_deliver(state: Path) -> None:
    assert list(FileOutbox().batches()) == []
    assert list(state.iterdir()) == []


def test_the_journal_is_for_its_owner_alone(state: Path) -> None:
    add_line("x")

    assert stat.S_IMODE(Path(journal_path()).stat().st_mode) == 0o600
    assert stat.S_IMODE((state / "gatepass" / "audit").stat().st_mode) == 0o700


def test_a_journal_that_others_may_write_is_not_used() -> None:
    add_line("x")
    Path(journal_path()).chmod(0o666)

    with pytest.raises(Conflict, match="is not used"):
        add_line("y")


def test_a_link_in_place_of_the_journal_is_not_followed(tmp_path: Path) -> None:
    add_line("x")
    Path(journal_path()).unlink()
    Path(journal_path()).symlink_to(tmp_path / "elsewhere")

    with pytest.raises(OSError, match="symbolic"):
        add_line("y")
    assert not (tmp_path / "elsewhere").exists()


def test_after_a_torn_line_the_next_one_is_whole() -> None:
    add_line(records(1)[0].text)
    with Path(journal_path()).open("ab") as file:
        file.write(b'{"torn')
    add_line(records(1, 1)[0].text)

    assert [line == '{"torn' or parse_record(line).id for line in lines()] == ["r0", True, "r1"]


def test_what_is_written_during_a_delivery_belongs_to_the_next() -> None:
    add_line("one")
    outbox = FileOutbox()
    batches = outbox.batches()
    first = next(batches)
    add_line("two")
    outbox.forget(first)

    assert list(batches) == []
    assert lines() == ["two"]


@pytest.mark.skipif(not Path("/proc/locks").exists(), reason="only Linux tells who waits for a lock")
def test_a_delivery_waits_for_who_is_writing() -> None:
    """Between looking where the journal is and writing, a line must not end in a batch that was read already."""
    add_line("one")
    found: list[str] = []
    with Path(journal_path()).open("ab") as writing:
        fcntl.flock(writing, fcntl.LOCK_EX)
        delivering = threading.Thread(target=lambda: found.extend(lines()))
        delivering.start()
        while delivering.is_alive() and not _is_waited_for(writing.fileno()):
            pass
        writing.write(b"two\n")
    delivering.join()

    assert found == ["one", "two"]


def test_a_journal_that_another_program_put_aside_meanwhile_is_left_to_it() -> None:
    add_line("one")
    outbox = FileOutbox()
    names = list(outbox.batches())
    outbox.forget(names[0])

    assert outbox.read(names[0]) == ()
    add_line("two")
    outbox.forget(names[0])
    assert lines() == ["two"]
    assert list(outbox.batches()) != names


def _is_waited_for(descriptor: int) -> bool:
    inode = os.fstat(descriptor).st_ino
    locks = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    return any("->" in each and f":{inode} " in each for each in locks)


def test_many_processes_write_while_two_deliver_and_are_killed_and_nothing_is_lost(tmp_path: Path) -> None:
    log = tmp_path / "audit.db"
    deliverer = (
        "import sys; from pathlib import Path\n"
        "from gatepass.wiring.audit import deliver_journal\n"
        "while True:\n    deliver_journal(sys.argv[1]); print('.', flush=True)"
    )
    writers = [
        subprocess.Popen(
            [sys.executable, "-c", WRITER, str(begin), str(begin + 200)], stdout=subprocess.PIPE, text=True
        )
        for begin in (0, 200, 400)
    ]
    delivering = [
        subprocess.Popen([sys.executable, "-c", deliverer, str(log)], stdout=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    for each in delivering:
        assert each.stdout is not None
        each.stdout.readline()
        os.kill(each.pid, signal.SIGKILL)
        each.communicate()
    for each in writers:
        each.communicate()

    deliver(FileOutbox(), SqliteAuditLog(log))

    found = SqliteAuditLog(log)
    assert sorted(line.id for line in found.lines()) == sorted(f"r{number}" for number in range(600))
    assert verify_log(found, Notary((), Ed25519Signatures())).is_sound
