"""The clock is moved while rotations run: nothing waits for longer than it was meant to, and nothing is forgotten."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from gatepass.adapters import renewed_credentials
from gatepass.adapters.memory import MemoryClock
from gatepass.domain.session import Credentials
from gatepass.fleet import kept_steps
from gatepass.fleet import ledger as ledger_module
from gatepass.fleet.database import Database
from gatepass.fleet.kept_steps import KeptSteps, Paused
from gatepass.fleet.ledger import Ledger
from gatepass.fleet.run import Order
from gatepass.fleet.step_book import Row, StepBook
from gatepass.fleet.work import Result, Unit, UnitResult
from gatepass.fleet.works.rotate import BothSides, RotationDesk, rotate_kind
from tests.fleet.counting import hand, until
from tests.fleet.stub import SUBJECT, World, finished, overlaps, rotates, steps_of
from tests.fleet.stub_parts import StubTokens
from tests.people import MORNING

HOUR = timedelta(hours=1)


class MovedClock(datetime):
    """A machine's clock that somebody moves."""

    moved = timedelta()

    @classmethod
    def now(cls, tz: object = None) -> datetime:  # type: ignore[override]
        del tz
        return datetime.now(UTC) + cls.moved


@dataclass
class MemoryShelf:
    """Steps that outlive the process, in memory."""

    rows: list[Row] = field(default_factory=list)

    def write(self, rows: Sequence[Row]) -> None:
        self.rows += rows

    def read(self, run: str, subjects: Sequence[str]) -> Sequence[Row]:
        return [row for row in self.rows if row.run == run and row.subject in subjects]

    def forget(self, run: str) -> None:
        raise NotImplementedError

    def close(self) -> None:
        raise NotImplementedError


@dataclass
class Process:
    """A process that does one unit, and those that come after it."""

    shelf: MemoryShelf = field(default_factory=MemoryShelf)

    def begins(self) -> KeptSteps:
        book = StepBook(lambda: self.shelf)
        return KeptSteps(book, "run-1", "acme/support", book.read("run-1", ["acme/support"])["acme/support"])


def waits(steps: KeptSteps) -> float:
    """Return for how many seconds the process sleeps that meets a wait of a minute."""
    steps.begin_again()
    try:
        steps.wait(timedelta(minutes=1))
    except Paused as pause:
        return pause.seconds
    return 0.0


@pytest.mark.parametrize(("moved", "seconds"), [(-HOUR, 60), (HOUR, 0), (timedelta(), 60), (timedelta(seconds=-5), 60)])
def test_a_process_that_begins_after_the_clock_was_moved_waits_no_longer_than_it_was_meant_to(
    moved: timedelta, seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_steps, "datetime", MovedClock)
    monkeypatch.setattr(MovedClock, "moved", timedelta())
    process = Process()
    assert 59 < waits(process.begins()) <= 60
    MovedClock.moved = moved

    again = process.begins()

    assert seconds - 1 <= waits(again) <= seconds
    assert waits(again) == 0.0, "once in each process"


def test_units_that_end_after_the_clock_was_set_back_are_counted_at_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A look goes on where the last one ended, by the clock; one that was set back must not hide what ended since."""
    ledger = Ledger(Database(tmp_path / "fleet"))
    worker = hand(ledger.database.folder)
    try:
        options = {"units": "40", "deeds": str(tmp_path / "deeds"), "waits": "yes"}
        run = ledger.begin(Order("count", options, max_in_flight=2), datetime.now(UTC))
        until(lambda: len(ledger.progress(run).outcomes) > 2)
        # As if all so far had ended an hour later by the clock.
        known = ledger._known[run]  # noqa: SLF001
        known.until += int(HOUR.total_seconds() * 1000)

        seen = len(ledger.progress(run).outcomes)
        monkeypatch.setattr(ledger_module, "_WHOLE_LOOK", sys.maxsize)
        until(lambda: len(ledger.progress(run).outcomes) > seen)
    finally:
        worker.kill()
        ledger.close()


@dataclass
class Clocks:
    """A customer's machine whose clock differs from AWS's and the provider's."""

    world: World
    moved: timedelta

    def now(self) -> datetime:
        return self.world.clock.now() + self.moved

    def sleep(self, duration: timedelta) -> None:
        self.world.clock.instant += duration


def rotates_by(world: World, moved: timedelta, run: str) -> UnitResult:
    """Rotate both halves with the customer's clock moved."""
    half = replace(world.half, tools=replace(world.half.tools, clock=Clocks(world, moved)))
    both = BothSides(world.provider_half, StubTokens(world))
    steps = steps_of(world)
    steps.clock += moved
    return finished(world, rotate_kind(RotationDesk(lambda: [SUBJECT], lambda _: half, both)).work,
                    Unit("rotate", SUBJECT, run), steps)  # fmt: skip


@pytest.mark.parametrize("moved", [-HOUR, timedelta(minutes=-3), timedelta(minutes=3), HOUR])
def test_a_customers_clock_that_is_wrong_is_named_or_does_no_harm(moved: timedelta) -> None:
    """Dates in a trust are AWS's own; only the pass is dated by the machine."""
    world = World()
    assert rotates(world).result is Result.DONE
    before = world.held_by_provider()
    world.clock.instant += timedelta(minutes=1)

    result = rotates_by(world, moved, "run-2")

    assert world.enters(world.held_by_provider())
    if result.result is Result.DONE:
        assert world.held_by_provider() != before
        return
    assert overlaps(world), "the one that the provider holds is not taken away"
    assert result.cause
    assert result.next_step
    told = result.cause
    world.clock.instant += timedelta(minutes=1)
    mended = rotates_by(world, timedelta(), "run-3")
    assert (mended.result, mended.facts.get("stage")) == (Result.DONE, "finished"), (told, mended.cause)
    assert world.held_by_provider() != before


def test_credentials_are_exchanged_in_time_though_the_clock_was_set_back(monkeypatch: pytest.MonkeyPatch) -> None:
    """By the clock alone they would be used for an hour after AWS takes them no more."""
    clock, seconds, made = MemoryClock(MORNING), [0.0], 0

    def exchanged() -> Credentials:
        nonlocal made
        made += 1
        return Credentials("ASIAMEMORY", "x", "x", clock.now() + HOUR)

    monkeypatch.setattr(renewed_credentials, "time", SimpleNamespace(monotonic=lambda: seconds[0]))
    kept = renewed_credentials._Renewed(exchanged, clock, lambda found: found)  # noqa: SLF001
    kept.get()
    clock.instant -= HOUR
    seconds[0] += 50 * 60
    kept.get()
    assert made == 1
    seconds[0] += 8 * 60

    kept.get()

    assert made == 2
    clock.instant += 2 * HOUR
    kept.get()
    assert made == 3, "set forward they are exchanged early"
