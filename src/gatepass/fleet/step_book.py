"""What each unit's steps came to, many kept at once: a thousand units do not wait for the disk a thousand times."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, TypeVar

from gatepass.fleet.failing_database import LeftAsItIs

_Answer = TypeVar("_Answer")


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a unit that is done.

    Attributes:
        told: what it came to, as JSON; nothing in it is secret.
    """

    name: str
    told: str


@dataclass(frozen=True, slots=True)
class Row:
    """A step with its place: the unit, and its number there, from 0."""

    run: str
    subject: str
    number: int
    step: Step


class Shelf(Protocol):
    """Where the rows lie; one thread at a time asks."""

    def write(self, rows: Sequence[Row]) -> None:
        """Keep all rows, or none; one that is there already stays as it is."""
        ...

    def read(self, run: str, subjects: Sequence[str]) -> Sequence[Row]:
        """Return what is kept of these units, each unit's steps in order."""
        ...

    def forget(self, run: str) -> None:
        """Keep nothing of the run any longer."""
        ...

    def close(self) -> None:
        """Let the database go."""
        ...


@dataclass
class _Waiting:
    rows: Sequence[Row]
    is_kept: bool = False


@dataclass
class StepBook:
    """The steps of all units under way; any thread may ask.

    Attributes:
        open_shelf: opens the place where they lie; called once.
        fails: hears what no second try helps against, before it is raised.
        may_begin: waits while others may think this worker dead, and do its next step.
    """

    open_shelf: Callable[[], Shelf]
    fails: Callable[[BaseException], None] = lambda _: None
    may_begin: Callable[[], None] = lambda: None
    _shelf: Shelf | None = None
    _waiting: deque[_Waiting] = field(default_factory=deque)
    _alone: threading.Lock = field(default_factory=threading.Lock)

    def keep(self, rows: Sequence[Row]) -> None:
        """Keep one unit's steps, and return when they are in the database.

        While one thread writes, the steps of others gather; the next that comes writes all of them together.
        """
        mine = _Waiting(rows)
        self._waiting.append(mine)
        with self._alone:
            if not mine.is_kept:
                self._write_together()

    def read(self, run: str, subjects: Sequence[str]) -> Mapping[str, Sequence[Step]]:
        """Return what is kept of these units, by subject."""
        found: dict[str, list[Step]] = {subject: [] for subject in subjects}
        with self._alone:
            for row in self._guarded(lambda shelf: shelf.read(run, subjects)):
                found[row.subject].append(row.step)
        return found

    def forget(self, run: str) -> None:
        """Let go of a run that is over."""
        with self._alone:
            self._guarded(lambda shelf: shelf.forget(run))

    def close(self) -> None:
        """Let the database go."""
        with self._alone:
            if self._shelf is not None:
                self._shelf.close()
                self._shelf = None

    def _write_together(self) -> None:
        together = []
        while self._waiting:
            together.append(self._waiting.popleft())
        try:
            self._guarded(lambda shelf: shelf.write([row for each in together for row in each.rows]))
        except BaseException:
            # The others wait for this lock, and each tries for itself; whoever leaves, its step is written too.
            self._waiting.extendleft(reversed(together))
            raise
        for each in together:
            each.is_kept = True

    def _guarded(self, ask: Callable[[Shelf], _Answer]) -> _Answer:
        try:
            if self._shelf is None:
                self._shelf = self.open_shelf()
            return ask(self._shelf)
        except Exception as error:  # noqa: BLE001 - of two libraries, and not all of one family
            self.fails(error)
            raise LeftAsItIs(error) from None
