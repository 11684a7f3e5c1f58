"""Runs on SQLite's file: what is begun is finished or named, whoever is killed."""

from __future__ import annotations

import os
import random
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from gatepass.domain.errors import InvalidInput, NotThere
from gatepass.fleet.database import Database
from gatepass.fleet.ledger import RUN, Ledger, queue_of
from gatepass.fleet.run import Order
from gatepass.fleet.runners import SolePlace
from gatepass.fleet.schedules import Schedules
from gatepass.fleet.work import Result
from tests.fleet.counting import Hand, deeds, doers, hand, until

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)


@pytest.fixture
def ledger(tmp_path: Path) -> Iterator[Ledger]:
    found = Ledger(Database(tmp_path / "fleet"))
    yield found
    found.close()


@pytest.fixture
def worker(ledger: Ledger) -> Iterator[Hand]:
    assert ledger.client
    found = hand(ledger.database.folder)
    yield found
    found.kill()


def order(tmp_path: Path, units: int, max_failures: float = 0.05, **more: str) -> Order:
    return Order("count", {"units": str(units), "deeds": str(tmp_path / "deeds"), **more}, {}, max_failures)


@pytest.mark.thorough
def test_a_run_of_300_survives_20_kills_of_its_only_worker(ledger: Ledger, tmp_path: Path) -> None:
    """Between two kills a random number of deeds is done; what was remembered is not done again."""
    chance, file = random.Random(7), tmp_path / "deeds"  # noqa: S311 - no secret
    options = {"units": "300", "deeds": str(file), "waits": "yes"}
    run = ledger.begin(Order("count", options, max_in_flight=20), NOW)
    for _ in range(20):
        before, some = deeds(file).total(), chance.randrange(1, 20)
        one = hand(ledger.database.folder)
        until(lambda before=before, some=some: deeds(file).total() >= before + some)  # type: ignore[misc]
        one.kill()

    assert not ledger.progress(run).is_over, "nothing was left for the last worker"
    last = hand(ledger.database.folder)
    until(lambda: ledger.progress(run).is_over)
    last.kill()

    progress, done = ledger.progress(run), deeds(file)
    assert (progress.total, progress.count(Result.DONE), progress.left) == (300, 300, 0)
    assert len({one.subject for one in progress.outcomes}) == 300
    assert len(done) == 600
    assert len(doers(file)) == 21
    assert max(done.values()) <= 21
    # At most what was in flight is done again at each kill; in truth it is far less.
    assert done.total() - 600 < 300


def test_too_many_failures_of_one_cause_stop_a_run_and_it_goes_on_when_they_are_mended(
    ledger: Ledger, worker: Hand, tmp_path: Path
) -> None:
    del worker
    mended = tmp_path / "mended"
    run = ledger.begin(order(tmp_path, 200, refused="all", until=str(mended)), NOW)

    until(lambda: ledger.progress(run).is_over)

    stopped = ledger.progress(run)
    assert "11 of 200 failed for the same cause: AWS refused to enter …" in stopped.stopped
    assert stopped.count(Result.DONE) == 0
    until(lambda: not ledger.under_way(run))
    begun = {line.split()[0] for line in deeds(tmp_path / "deeds")}
    assert len(begun) < 200, "units began after the run was stopped"
    mended.touch()
    ledger.resume(run)
    until(lambda: ledger.progress(run).is_over)
    last = ledger.progress(run)
    assert (last.stopped, last.left, len(last.outcomes)) == ("", 0, 200)
    assert 11 <= last.count(Result.FAILED) <= len(begun), "what failed before it was mended stays named"


def test_a_stopped_run_that_only_reads_names_what_failed_and_does_the_rest_later(
    ledger: Ledger, worker: Hand, tmp_path: Path
) -> None:
    del worker
    mended = tmp_path / "mended"
    run = ledger.begin(order(tmp_path, 400, refused="all", until=str(mended), reads="yes"), NOW)
    until(lambda: ledger.progress(run).is_over and not ledger.under_way(run))

    stopped = ledger.progress(run)
    assert "21 of 400 failed for the same cause" in stopped.stopped
    assert 21 <= stopped.count(Result.FAILED) == len(stopped.outcomes) < 400

    mended.touch()
    ledger.resume(run)
    until(lambda: ledger.progress(run).is_over)
    last = ledger.progress(run)
    assert {one.subject for one in stopped.outcomes} == last.forgiven, "these do not count against it again"
    assert (last.left, len({one.subject for one in last.outcomes})) == (0, 400)
    assert last.count(Result.FAILED) == stopped.count(Result.FAILED)


def test_a_few_failures_are_named_with_their_cause_and_stop_nothing(
    ledger: Ledger, worker: Hand, tmp_path: Path
) -> None:
    del worker
    run = ledger.begin(order(tmp_path, 60, refused="3,5", broken="7", reads="yes"), NOW)

    until(lambda: ledger.progress(run).is_over)

    progress = ledger.progress(run)
    failed = {one.subject: one.result for one in progress.outcomes if one.result.result is Result.FAILED}
    assert set(failed) == {"c3/support", "c5/support", "c7/support"}
    assert failed["c3/support"].cause == "AWS refused to enter c3/support: the role may be gone"
    assert failed["c3/support"].next_step == "look at c3/support"
    assert failed["c7/support"].cause == "unforeseen error: ZeroDivisionError"
    assert progress.count(Result.DONE) == 57
    assert b"gp1.AAAA" not in b"".join(each.read_bytes() for each in ledger.database.folder.iterdir())


def test_a_unit_that_hangs_holds_up_no_others_and_is_finished_by_whoever_comes_next(
    ledger: Ledger, tmp_path: Path
) -> None:
    file, pipe = tmp_path / "deeds", tmp_path / "pipe"
    os.mkfifo(pipe)
    run = ledger.begin(order(tmp_path, 120, hangs="3", pipe=str(pipe)), NOW)
    one = hand(ledger.database.folder)

    until(lambda: ledger.progress(run).left == 1)

    assert "c3/support" not in {each.subject for each in ledger.progress(run).outcomes}
    one.kill()
    other = hand(ledger.database.folder)
    pipe.write_text("go on", encoding="ascii")
    until(lambda: ledger.progress(run).is_over)
    other.kill()
    assert ledger.progress(run).count(Result.DONE) == 120
    assert set(deeds(file).values()) == {1}, "each deed was done once"


def test_a_stopped_run_is_left_alone_until_it_is_resumed(ledger: Ledger, tmp_path: Path) -> None:
    run = ledger.begin(order(tmp_path, 120), NOW)
    one = hand(ledger.database.folder)
    until(lambda: len(ledger.progress(run).outcomes) > 5)
    ledger.stop(run, "stopped by hand")
    until(lambda: not ledger.under_way(run))
    one.kill()
    before = deeds(tmp_path / "deeds").total()
    other = hand(ledger.database.folder)
    second = ledger.begin(order(tmp_path, 1), NOW)

    until(lambda: ledger.progress(second).is_over)

    assert deeds(tmp_path / "deeds").total() == before + 2, "the stopped run went on"
    ledger.resume(run)
    until(lambda: ledger.progress(run).left == 0)
    other.kill()
    assert ledger.progress(run).count(Result.DONE) == 120


def test_what_another_version_began_and_kinds_it_does_not_know_are_left_alone(
    ledger: Ledger, worker: Hand, tmp_path: Path
) -> None:
    del worker
    facts = order(tmp_path, 3).facts()
    of_older = {"workflow_name": RUN, "queue_name": queue_of("count"), "workflow_id": "count-old", "app_version": "0"}
    ledger.client.enqueue(of_older, "count-old", facts)  # type: ignore[arg-type]
    unknown = ledger.begin(Order("of-tomorrow"), NOW)
    run = ledger.begin(order(tmp_path, 3), NOW)

    until(lambda: ledger.progress(run).is_over)

    assert ledger.progress(run).count(Result.DONE) == 3
    for left in ("count-old", unknown):
        assert (ledger.progress(left).total, ledger.under_way(left)) == (None, 1), left


def test_a_schedule_begins_runs_while_a_worker_is_there(ledger: Ledger, worker: Hand, tmp_path: Path) -> None:
    """Six fields are cron with seconds: the clock is the machine's, so the test's schedule is a quick one."""
    del worker
    Schedules(ledger).add("count", "* * * * * *", order(tmp_path, 2))

    until(lambda: any(one.left == 0 for one in ledger.runs()))

    assert [one["schedule_name"] for one in Schedules(ledger).all()] == ["count"]
    with pytest.raises(InvalidInput, match="there is a schedule count already"):
        Schedules(ledger).add("count", "0 3 * * *", order(tmp_path, 2))
    Schedules(ledger).remove("count")
    assert not Schedules(ledger).all()
    with pytest.raises(NotThere):
        Schedules(ledger).remove("count")


def test_only_one_process_works_on_a_file_and_the_file_is_private(ledger: Ledger, tmp_path: Path) -> None:
    assert ledger.client
    first, second = SolePlace(ledger.database), SolePlace(ledger.database)

    assert first.take()
    assert not second.take()
    first.give_up()
    assert second.take()
    second.give_up()

    for each in (tmp_path / "fleet").iterdir():
        assert stat.S_IMODE(each.stat().st_mode) == 0o600, each
    assert stat.S_IMODE((tmp_path / "fleet").stat().st_mode) == 0o700


def test_what_is_no_time_and_what_is_no_run_is_refused(ledger: Ledger, tmp_path: Path) -> None:
    with pytest.raises(InvalidInput, match="no time in cron's way"):
        Schedules(ledger).add("count", "at night", order(tmp_path, 2))
    with pytest.raises(NotThere, match="there is no run count-1"):
        ledger.progress("count-1")
    with pytest.raises(NotThere, match="there is no run yet"):
        ledger.last()
