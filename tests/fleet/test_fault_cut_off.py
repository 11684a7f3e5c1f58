"""A worker that is cut off from PostgreSQL begins nothing more, for others may do its work by now."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path

import psycopg
import pytest

from gatepass.fleet import held_lock, runners
from gatepass.fleet.database import Database
from gatepass.fleet.held_lock import LOCK_CLASS, answer, connected
from gatepass.fleet.ledger import Ledger
from gatepass.fleet.run import Order
from gatepass.fleet.runners import SharedPlace, new_worker
from gatepass.fleet.work import Result
from tests.fleet.counting import Hand, deeds, hand, until
from tests.fleet.cut_line import CutLine
from tests.fleet.postgres import Postgres, postgres

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as found:
        yield found


@pytest.fixture
def line(server: Postgres) -> Iterator[CutLine]:
    with CutLine(server.port) as found:
        yield found


@pytest.fixture
def begun() -> Iterator[Callable[[Path, str], Hand]]:
    """Start workers that are ended afterwards, whatever happens."""
    hands: list[Hand] = []

    def begin(folder: Path, url: str) -> Hand:
        hands.append(hand(folder, url))
        return hands[-1]

    yield begin
    for one in hands:
        one.kill()


def through(line: CutLine, server: Postgres) -> str:
    return server.full_url.replace(f":{server.port}/", f":{line.port}/")


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have the same promises at a tenth of the time."""
    monkeypatch.setattr(runners, "BACK_WITHIN_SECONDS", 0.5)
    monkeypatch.setattr(runners, "_PING_SECONDS", 0.05)
    monkeypatch.setattr(held_lock, "_ANSWER_SECONDS", 0.3)


class Worker:
    """A worker's place, what it heard, and whether it was told that it is lost."""

    def __init__(self, folder: Path, url: str) -> None:
        self.told: list[str] = []
        self.lost = False
        self.name = new_worker()
        self.place = SharedPlace(Database(folder, url), self.name, self._lose, self.told.append, grace_seconds=1.0)
        assert self.place.take()

    def _lose(self) -> None:
        self.lost = True

    @property
    def may_begin(self) -> bool:
        return self.place._is_sure()  # noqa: SLF001 - without waiting for it


@pytest.mark.usefixtures("quick")
def test_who_is_cut_off_by_silence_begins_nothing_and_ends_when_others_could_have_taken_over(
    line: CutLine, server: Postgres, tmp_path: Path
) -> None:
    cut_off = Worker(tmp_path, through(line, server))
    survivor = Worker(tmp_path, server.full_url)
    cut_off.place.may_begin()
    with survivor.place.if_dead(cut_off.name) as is_dead:
        assert not is_dead
    line.silence()

    until(lambda: not cut_off.may_begin)
    until(lambda: bool(cut_off.told))

    assert "out of reach; nothing is begun until it is back" in cut_off.told[0]
    assert server.password not in cut_off.told[0]
    assert not cut_off.lost, "nobody can know yet"
    line.restore()
    until(lambda: cut_off.lost)
    assert survivor.may_begin
    survivor.place.give_up()


@pytest.mark.usefixtures("quick")
def test_who_loses_the_connection_for_a_moment_goes_on_and_nobody_takes_over(
    line: CutLine, server: Postgres, tmp_path: Path
) -> None:
    worker, other = Worker(tmp_path, through(line, server)), Worker(tmp_path, server.full_url)
    sure_at = worker.place._held.sure_at  # noqa: SLF001
    line.refuse()
    line.restore()

    until(lambda: worker.place._held.sure_at > sure_at + 0.5)  # noqa: SLF001

    with other.place.if_dead(worker.name) as is_dead:
        assert not is_dead
    assert (worker.lost, worker.may_begin) == (False, True)
    assert other.place.workers() == 2
    for each in (worker, other):
        each.place.give_up()


@pytest.mark.usefixtures("quick")
def test_postgresql_looks_for_a_worker_whose_machine_has_lost_its_power(server: Postgres, tmp_path: Path) -> None:
    """Nobody closes such a connection; by default its lock would be held for two hours."""
    worker = Worker(tmp_path, server.full_url)

    held = worker.place._held._connection  # noqa: SLF001
    assert held is not None
    worker.place._stop.set()  # noqa: SLF001 - so that nobody else asks by this connection
    idle, interval, count = (answer(held, f"SHOW tcp_keepalives_{word}") for word in ("idle", "interval", "count"))

    assert int(idle) + int(interval) * int(count) < runners.GRACE_SECONDS
    worker.place.give_up()


def test_a_question_that_nobody_answers_ends_in_time(
    line: CutLine, server: Postgres, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(held_lock, "_ANSWER_SECONDS", 0.1)
    connection = connected(Database(tmp_path, through(line, server)))
    assert answer(connection, "SELECT 1; SELECT 2") == "2"
    with pytest.raises(psycopg.OperationalError, match="refused"):
        answer(connection, "SELECT nothing")
    line.silence()

    with pytest.raises(psycopg.OperationalError, match="no answer in time"):
        answer(connection, "SELECT 1")

    connection.close()


@pytest.mark.thorough
@pytest.mark.parametrize("is_silent", [True, False])
def test_what_a_worker_that_was_cut_off_had_begun_is_taken_over_and_it_does_nothing_more(
    line: CutLine, server: Postgres, begun: Callable[[Path, str], Hand], tmp_path: Path, *, is_silent: bool
) -> None:
    file = tmp_path / "deeds"
    urls = {"cut-off": through(line, server), "survivor": server.full_url}
    ledger = Ledger(Database(tmp_path / "fleet", server.full_url))
    assert ledger.client
    cut_off = begun(tmp_path / "cut-off", urls["cut-off"])
    options = {"units": "400", "deeds": str(file), "waits": "yes"}
    run = ledger.begin(Order("count", options, max_in_flight=20), NOW)
    until(lambda: deeds(file).total() > 20)
    before = locks(ledger.database)
    begun(tmp_path / "survivor", urls["survivor"])
    until(lambda: locks(ledger.database) == before + 1)
    until(lambda: has_begun_something(ledger, cut_off))

    line.silence() if is_silent else line.refuse()
    assert has_begun_something(ledger, cut_off)
    until(lambda: not has_begun_something(ledger, cut_off))
    by_then = done_by(file, cut_off.pid)
    line.restore()
    until(lambda: not cut_off.process.is_alive())
    until(lambda: ledger.progress(run).is_over)

    progress, done = ledger.progress(run), deeds(file)
    ledger.close()
    assert done_by(file, cut_off.pid) == by_then, "it did something after others had taken over"
    assert cut_off.process.exitcode == 1
    assert (progress.count(Result.DONE), progress.left) == (400, 0)
    assert max(done.values()) <= 2
    assert done.total() - 800 <= 40, "more was done again than was in flight"


def locks(database: Database) -> int:
    """Return how many workers hold a lock."""
    with closing(connected(database)) as connection:
        held = "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND granted AND classid::bigint = "
        return int(answer(connection, f"{held}{LOCK_CLASS}"))


def has_begun_something(ledger: Ledger, worker: Hand) -> bool:
    return any(f"-{worker.pid}-" in one for one in ledger.other_workers("nobody"))


def done_by(file: Path, pid: int) -> int:
    return sum(1 for line in file.read_text(encoding="ascii").splitlines() if line.endswith(f" {pid}"))
