"""Several workers share PostgreSQL: one dies, or the database itself, and everything is finished all the same."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatepass.fleet.database import Database
from gatepass.fleet.ledger import Ledger
from gatepass.fleet.run import Order
from gatepass.fleet.runners import SharedPlace, new_worker
from gatepass.fleet.work import Result
from tests.fleet.counting import deeds, doers, hand, until
from tests.fleet.postgres import Postgres, postgres

# Runs with: make test-thorough
pytestmark = pytest.mark.thorough

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture(scope="module")
def server() -> Iterator[Postgres]:
    with postgres() as found:
        yield found


@pytest.fixture
def ledger(server: Postgres, tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(Database(tmp_path / "fleet", server.full_url))
    yield found
    found.close()


def test_the_survivor_finishes_what_a_killed_worker_had_begun(ledger: Ledger, server: Postgres, tmp_path: Path) -> None:
    """And the database itself is killed in between."""
    file = tmp_path / "deeds"
    assert ledger.client
    workers = [hand(tmp_path / f"worker-{number}", server.full_url) for number in range(2)]
    options = {"units": "300", "deeds": str(file), "waits": "yes"}
    run = ledger.begin(Order("count", options, max_in_flight=20), NOW)
    until(lambda: len(doers(file)) == 2)
    until(lambda: deeds(file).total() > 100)
    server.kill()
    server.start()
    until(lambda: deeds(file).total() > 200)
    until(lambda: len(ledger.other_workers("nobody")) == 2)
    workers[0].kill()
    left_behind = ledger.other_workers("nobody")

    until(lambda: ledger.progress(run).is_over)

    workers[1].kill()
    progress, done = ledger.progress(run), deeds(file)
    assert len(left_behind) == 2
    assert (progress.count(Result.DONE), progress.left) == (300, 0)
    assert len(done) == 600
    assert max(done.values()) <= 3
    assert done.total() - 600 <= 80, "more was done again than was in flight at two deaths"
    assert len(doers(file)) == 2
    for each in tmp_path.rglob("*.log"):
        assert server.password not in each.read_text(encoding="utf-8")


def test_a_living_worker_is_never_taken_for_dead(ledger: Ledger, server: Postgres, tmp_path: Path) -> None:
    del server
    ledger.database.make_ready()
    mine, other = new_worker(), new_worker()
    here, there = (SharedPlace(ledger.database, name, lambda: None) for name in (mine, other))
    assert here.take()
    assert there.take()
    assert tmp_path.exists()

    with here.if_dead(other) as is_dead:
        assert not is_dead
    with here.if_dead(mine) as is_dead:
        assert not is_dead
    assert here.workers() == 2
    there.give_up()
    until(lambda: here.workers() == 1)
    with here.if_dead(other) as is_dead:
        assert not is_dead, "it may only have lost its connection, and be back in a moment"
        third = SharedPlace(ledger.database, new_worker(), lambda: None, grace_seconds=0.0)
        with third.if_dead(other) as found_by_two:
            assert not found_by_two
    with third.if_dead(other) as is_dead:
        assert is_dead
    here.give_up()
