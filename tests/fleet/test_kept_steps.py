"""Steps are kept many at a time, and whoever is told that a step is kept finds it after any crash."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatepass.domain.errors import AccessRefused, NotAnswered
from gatepass.fleet.crew import Crew, CrewEnded, Job
from gatepass.fleet.database import Database
from gatepass.fleet.failing_database import LeftAsItIs
from gatepass.fleet.kept_steps import KeptSteps, Paused
from gatepass.fleet.memory_steps import Killed, Moment
from gatepass.fleet.remembered import Unforeseen
from gatepass.fleet.step_book import Row, Shelf, Step, StepBook
from gatepass.fleet.step_shelves import SqliteShelf, open_shelf
from tests.fleet.counting import until

RUN, UNIT = "rotate-1", "444455556666/support"
SHORT, LONG = timedelta(seconds=3), timedelta(seconds=30)


@dataclass
class MemoryShelf:
    """What outlives a process; it can die before, in and after a write, and hold a writer up."""

    rows: dict[tuple[str, str, int], Row] = field(default_factory=dict)
    writes: list[int] = field(default_factory=list)
    die_at: tuple[int, Moment] | None = None
    gate: threading.Event | None = None

    def write(self, rows: Sequence[Row]) -> None:
        if self.gate is not None:
            self.gate.wait(20)
        number = len(self.writes)
        self.writes.append(len(rows))
        self._die(number, Moment.BEFORE)
        for row in rows:
            self.rows.setdefault((row.run, row.subject, row.number), row)
        self._die(number, Moment.AFTER)

    def read(self, run: str, subjects: Sequence[str]) -> Sequence[Row]:
        found = (row for row in self.rows.values() if row.run == run and row.subject in subjects)
        return sorted(found, key=lambda row: (row.subject, row.number))

    def forget(self, run: str) -> None:
        self.rows = {place: row for place, row in self.rows.items() if row.run != run}

    def close(self) -> None:
        """Nothing is held."""

    def _die(self, number: int, moment: Moment) -> None:
        if self.die_at == (number, moment):
            self.die_at = None
            raise Killed


def begun(shelf: Shelf) -> KeptSteps:
    """Return the unit's steps as a new process finds them."""
    book = StepBook(lambda: shelf)
    return KeptSteps(book, RUN, UNIT, book.read(RUN, [UNIT])[UNIT])


def met(steps: KeptSteps, work: Callable[[KeptSteps], str]) -> str:
    """Meet the work again after each of its waits."""
    while True:
        steps.begin_again()
        try:
            return work(steps)
        except Paused:
            continue


@given(st.integers(0, 4), st.sampled_from([Moment.BEFORE, Moment.AFTER]))
def test_work_killed_around_any_write_does_each_step_once_or_twice(number: int, moment: Moment) -> None:
    shelf, deeds = MemoryShelf(die_at=(number, moment)), list[str]()

    def deed(name: str) -> str:
        deeds.append(name)
        return name

    def work(steps: KeptSteps) -> str:
        first = steps.do("first", lambda: deed("first"))
        steps.wait(SHORT)
        second = steps.do("second", lambda: deed("second"))
        steps.wait(LONG)
        return first + second + steps.do("third", lambda: deed("third"))

    try:
        told = met(begun(shelf), work)
    except Killed:
        told = met(begun(shelf), work)

    assert told == "firstsecondthird"
    assert sorted(set(deeds)) == ["first", "second", "third"]
    assert len(deeds) <= 4, "only the step in flight is done again"
    is_repeated = number < len(shelf.writes) and moment is Moment.BEFORE
    assert len(deeds) == 3 or is_repeated, "what was written before the kill is not done again"


def test_a_wait_ends_the_work_here_and_is_over_the_second_time_whatever_the_clock_says() -> None:
    steps = begun(MemoryShelf())
    for duration in (SHORT, LONG):
        with pytest.raises(Paused) as pause:
            steps.wait(duration)
        assert 0 < pause.value.seconds <= duration.total_seconds()

        steps.begin_again()
        steps.wait(SHORT)
    steps.wait(LONG)


def test_a_new_process_waits_no_longer_than_the_wait_was_though_the_clock_was_set_back() -> None:
    shelf = MemoryShelf()
    with pytest.raises(Paused):
        begun(shelf).wait(LONG)
    (row,) = shelf.rows.values()
    shelf.rows[RUN, UNIT, 0] = Row(RUN, UNIT, 0, Step("wait", row.step.told.replace("20", "21", 1)))

    with pytest.raises(Paused) as pause:
        begun(shelf).wait(LONG)

    assert pause.value.seconds <= LONG.total_seconds()


def test_errors_are_remembered_and_work_that_differs_is_not_given_another_steps_answer() -> None:
    shelf, refusals = MemoryShelf(), [AccessRefused("AWS refused", why="gone", next_step="look", code="AccessDenied")]

    def refuse() -> str:
        raise refusals.pop()

    for _ in range(2):
        steps = begun(shelf)
        with pytest.raises(AccessRefused, match="AWS refused") as told:
            steps.do("enter", refuse)
        assert (told.value.why, told.value.next_step, told.value.code) == ("gone", "look", "AccessDenied")
    with pytest.raises(NotAnswered):
        steps.do("ask", lambda: (_ for _ in ()).throw(NotAnswered("busy")))
    with pytest.raises(Unforeseen, match="ZeroDivisionError"):
        steps.do("divide", lambda: str(1 / 0))
    with pytest.raises(Unforeseen, match="StepsDiffer"):
        begun(shelf).do("another step", lambda: "done")


def test_steps_that_gather_while_one_is_written_are_written_together() -> None:
    shelf = MemoryShelf(gate=threading.Event())
    book = StepBook(lambda: shelf)
    assert shelf.gate is not None

    def keep(number: int) -> None:
        book.keep([Row(RUN, f"c{number}", 0, Step("first", "{}"))])

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(20)]
    for thread in threads:
        thread.start()
    until(lambda: len(book._waiting) == 19)  # noqa: SLF001 - how many gather is seen nowhere else
    shelf.gate.set()
    for thread in threads:
        thread.join()

    assert shelf.writes == [1, 19]
    assert len(shelf.rows) == 20, "each was told that it is kept"


@pytest.mark.parametrize("moment", [Moment.BEFORE, Moment.AFTER])
def test_a_writer_that_fails_takes_nobody_elses_step_with_it(moment: Moment) -> None:
    """The one that writes for all dies, before or after the commit; the others write what is not there yet."""
    shelf = MemoryShelf(die_at=(1, moment), gate=threading.Event())
    book, died = StepBook(lambda: shelf), list[int]()
    assert shelf.gate is not None

    def keep(number: int) -> None:
        try:
            book.keep([Row(RUN, f"c{number}", 0, Step("first", "{}"))])
        except Killed:
            died.append(number)

    threads = [threading.Thread(target=keep, args=(number,)) for number in range(10)]
    for thread in threads:
        thread.start()
    until(lambda: len(book._waiting) == 9)  # noqa: SLF001 - as above
    shelf.gate.set()
    for thread in threads:
        thread.join()

    assert len(died) == 1
    assert len(shelf.rows) == 10


def test_a_database_that_fails_is_told_at_once_and_is_nobodys_own_fault() -> None:
    told: list[BaseException] = []

    def broken() -> Shelf:
        raise OSError("disk full")

    steps = KeptSteps(StepBook(broken, told.append), RUN, UNIT)
    with pytest.raises(LeftAsItIs):
        steps.do("first", lambda: "done")

    assert [type(error) for error in told] == [OSError]


def test_the_file_keeps_steps_in_order_each_once_and_forgets_a_run(tmp_path: Path) -> None:
    database = Database(tmp_path / "fleet")
    database.make_ready()
    shelf = open_shelf(database)
    subjects = [f"c{number}" for number in range(1200)]
    rows = [Row(RUN, each, number, Step(f"step {number}", "{}")) for each in subjects for number in (1, 0, 2)]
    shelf.write(rows)
    shelf.write([Row(RUN, "c7", 1, Step("another", "{}")), Row("rotate-2", "c7", 0, Step("other run", "{}"))])
    shelf.close()

    again = SqliteShelf(database)
    found = StepBook(lambda: again).read(RUN, subjects)
    assert [step.name for step in found["c7"]] == ["step 0", "step 1", "step 2"], "what was there first stays"
    assert len(found) == 1200
    assert all(len(steps) == 3 for steps in found.values())
    again.forget(RUN)
    assert not again.read(RUN, subjects)
    assert [row.step.name for row in again.read("rotate-2", ["c7"])] == ["other run"]


def test_units_that_wait_hold_no_thread_and_count_as_in_flight() -> None:
    """Three of ten may be in flight on as many threads; all ten wait once, and none before it is begun."""
    crew, begun_at_once, seen, lock = Crew(3), 0, list[int](), threading.Lock()

    def unit(number: int) -> Callable[[], int]:
        has_waited = False

        def act() -> int:
            nonlocal has_waited, begun_at_once
            with lock:
                if not has_waited:
                    begun_at_once += 1
                    seen.append(begun_at_once)
            if not has_waited:
                has_waited = True
                raise Paused(0.01)
            with lock:
                begun_at_once -= 1
            return number

        return act

    jobs = [crew.begin(unit(number)) for number in range(10)]

    assert [job.ended.result(20) for job in jobs] == list(range(10))
    assert max(seen) <= 3
    crew.end()


def test_a_crew_that_ends_tells_everybody_who_waits_for_it() -> None:
    crew, held = Crew(1), threading.Event()

    def paused() -> str:
        raise Paused(3600)

    waiting = crew.begin(paused)
    queued = crew.begin(held.wait)
    until(lambda: bool(crew._paused))  # noqa: SLF001 - until then it is not waiting
    crew.end()
    late = crew.begin(held.wait)

    for job in (waiting, queued, late):
        assert isinstance(job, Job)
        with pytest.raises(CrewEnded):
            job.ended.result(20)
