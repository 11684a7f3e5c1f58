"""A full disk, made by the system itself: what could not be written is named, nothing is half done, and all goes on."""

from __future__ import annotations

import errno
import logging
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from gatepass.adapters.audit_journal import add_line
from gatepass.adapters.memory_register import MemoryRegister
from gatepass.adapters.register_book import FileRegisterBook
from gatepass.adapters.secret_file import FileSecrets
from gatepass.adapters.trays import FolderTray
from gatepass.domain.errors import GatepassError
from gatepass.domain.register import Customer
from gatepass.fleet.database import Database
from gatepass.fleet.failing_database import failed
from gatepass.fleet.machine_log import log_handler
from gatepass.fleet.work import Result
from gatepass.render.register_text import register_text
from gatepass.usecases.customer_half import receipt_name
from tests.fleet.counting import until
from tests.fleet.full_disk import fill_up, full_disk
from tests.fleet.recorded import recorded
from tests.fleet.rotation_scene import ROTATES, RotationScene, make_scene
from tests.fleet.rotation_stub import RotationAws
from tests.fleet.stub import World, admits, rotates
from tests.people import CUSTOMER, SUPPORT
from tests.teams import NETOPS, customer, register

ROLES = 3


def rotated_on_a_disk_that_fills_up(home: Path, aws: RotationAws, asked: int) -> tuple[RotationScene, str]:
    """Return what a run tells whose disk is full after so many calls to AWS."""
    scene = make_scene(home, aws, ROLES, "file")
    aws.asked.clear()
    worker = scene.begins(f"{ROTATES} --store file")
    until(lambda: aws.asked.total() >= asked or worker.poll() is not None)
    fill_up(worker.pid)
    told, _ = worker.communicate()
    assert worker.returncode == 1, told
    assert [number for number in range(ROLES) if not scene.opens(number)] == []
    return scene, told


def is_finished_once_there_is_room(scene: RotationScene) -> None:
    code, told = scene.runs("fleet resume")

    assert code == 0, told + scene.runs("fleet failures")[1]
    assert f"{ROLES} of {ROLES}, {ROLES} done, 0 failed" in told
    assert [number for number in range(ROLES) if not scene.opens(number)] == []
    assert sorted(one.customer for one in recorded(scene.home, "rotate")) == sorted(scene.aws.accounts)


@pytest.mark.thorough
def test_a_run_on_a_full_disk_is_named_as_stopped_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    with RotationAws({}) as aws:
        scene, told = rotated_on_a_disk_that_fills_up(tmp_path, aws, 20)

        assert "cannot be used" in told
        assert "SQLite says: disk I/O error; what was begun is remembered" in told
        assert "gatepass fleet resume" in told
        assert "Traceback" not in told
        assert "Logging error" not in told
        is_finished_once_there_is_room(scene)


@pytest.mark.thorough
@pytest.mark.parametrize("asked", [1, 8, 30, 45])
def test_whenever_the_disk_fills_up_nothing_is_lost(tmp_path: Path, asked: int) -> None:
    with RotationAws({}) as aws:
        scene, told = rotated_on_a_disk_that_fills_up(tmp_path, aws, asked)

        assert "Traceback" not in told
        is_finished_once_there_is_room(scene)


def test_a_run_cannot_be_begun_on_a_full_disk_and_the_error_says_why(tmp_path: Path) -> None:
    """With the words that SQLite has for a disk without room, and none of the statement that failed."""
    file = tmp_path / "full.sqlite"
    connection = sqlite3.connect(file)
    connection.execute("CREATE TABLE kept (words TEXT)")
    connection.execute("PRAGMA max_page_count = 2")

    with pytest.raises(sqlite3.OperationalError) as met:
        connection.execute("INSERT INTO kept VALUES (?)", ["gp1.KEY.CODE" * 2000])
    told = failed(Database(tmp_path), OperationalError("INSERT gp1.KEY.CODE", {"words": "gp1.KEY.CODE"}, met.value))

    connection.close()
    assert told.why.startswith("SQLite says: database or disk is full")
    assert "fleet resume" in told.next_step
    assert "gp1." not in f"{told.what}{told.why}{told.next_step}"


@dataclass
class Kept:
    """Something that lies on a disk, and what changes it.

    Attributes:
        reads: what is there.
        writes: puts something else there.
    """

    reads: Callable[[], object]
    writes: Callable[[], None]


def a_register(folder: Path) -> Kept:
    file = folder / "customers.yml"
    file.write_text(register_text(register(replace(customer(1, NETOPS), key="7KQ2M9XW4T"))), encoding="utf-8")
    book = FileRegisterBook(file)
    return Kept(
        lambda: (book.load(), file.read_bytes()), lambda: book.add(replace(customer(2, NETOPS), key="8KQ2M9XW4T"))
    )


def a_secret(folder: Path) -> Kept:
    store = FileSecrets(folder / "secrets")
    store.put("netops/acme-prod/support", "before")
    return Kept(
        lambda: store.get("netops/acme-prod/support"), lambda: store.put("netops/acme-prod/support", "afterwards")
    )


def a_pass(folder: Path) -> Kept:
    tray = FolderTray(folder)
    tray.put("a.pass.json", "before")
    return Kept(lambda: (tray.names(), tray.get("a.pass.json")), lambda: tray.put("a.pass.json", "afterwards"))


def a_journal(folder: Path) -> Kept:
    add_line('{"before":""}')
    journal = folder / "gatepass" / "audit" / "journal.jsonl"
    return Kept(lambda: journal.read_text(encoding="ascii").split(), lambda: add_line('{"after":""}'))


@pytest.mark.parametrize("make", [a_register, a_secret, a_pass, a_journal])
def test_what_a_full_disk_does_not_take_stays_as_it_was(
    make: Callable[[Path], Kept], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kept = make(tmp_path)
    before = kept.reads()

    with full_disk(), pytest.raises((OSError, GatepassError)) as met:
        kept.writes()

    assert "File too large" in str(met.value) or getattr(met.value, "errno", 0) == errno.EFBIG
    assert kept.reads() == before
    kept.writes()
    assert kept.reads() != before


def test_a_record_for_which_there_is_half_the_room_is_not_taken_for_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The system writes what fits and calls that a success; the record is written whole when there is room."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    kept = a_journal(tmp_path)
    journal = tmp_path / "gatepass" / "audit" / "journal.jsonl"

    with full_disk(room=journal.stat().st_size + 8), pytest.raises(OSError, match="No space left"):
        kept.writes()
    kept.writes()

    first, torn, last = filter(None, journal.read_text(encoding="ascii").splitlines())
    assert (first, last) == ('{"before":""}', '{"after":""}')
    assert last.startswith(torn)


def test_a_log_on_a_full_disk_says_nothing_on_the_terminal(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Python would print the record there, with all that the error quotes."""
    handler = log_handler(Database(tmp_path / "fleet"))
    record = logging.LogRecord("dbos", logging.ERROR, __file__, 1, "it failed: gp1.KEY.CODE", None, None)

    with full_disk():
        handler.handle(record)
    told = capsys.readouterr()

    handler.handle(record)
    handler.close()
    assert (told.out, told.err) == ("", "")
    assert "it failed" in (tmp_path / "fleet" / "fleet.log").read_text(encoding="utf-8")


@dataclass
class FullRegister(MemoryRegister):
    """A register on a disk that is full for the first so many writes."""

    full: int = 0

    def add(self, *customers: Customer) -> None:
        """Write, if there is room."""
        if self.full > 0:
            self.full -= 1
            raise OSError(errno.ENOSPC, "No space left on device")
        super().add(*customers)


@pytest.mark.parametrize(("full", "becomes"), [(2, Result.DONE), (1000, Result.FAILED)])
def test_a_register_without_room_is_waited_for_or_named_and_answers_nothing(full: int, becomes: Result) -> None:
    world = World()
    rotates(world, both=False)
    old = world.held_by_provider()
    world.register = FullRegister(world.register.load(), full=full)

    admitted = admits(world)

    assert admitted.result is becomes
    if becomes is Result.FAILED:
        assert "No space left on device" in admitted.cause
        assert receipt_name(CUSTOMER, SUPPORT) not in world.receipts.files, "nothing may end the one from before"
        world.register = replace(world.register, full=0)
        assert admits(world, "run-3").result is Result.DONE
    assert world.enters(world.held_by_provider())
    assert world.held_by_provider() != old
    assert world.enters(old), "until the customer has read the receipt"
