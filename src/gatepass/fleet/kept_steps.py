"""Steps of one unit, kept in the book of steps; while the unit waits it holds no thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from gatepass.fleet.remembered import Unforeseen, remembered, to_remember
from gatepass.fleet.step_book import Row, Step, StepBook

_SHORT = timedelta(seconds=5)


class Paused(BaseException):
    """The unit waits: its work ends here, and is met again from its first step when the time has come.

    Attributes:
        seconds: how long it waits, by a clock that nobody moves.
    """

    def __init__(self, seconds: float) -> None:
        super().__init__(seconds)
        self.seconds = seconds


@dataclass
class KeptSteps:
    """The steps of one unit; each is in the book before the next one begins.

    Call ``begin_again`` before the work is met once more, after a wait or in a new process.

    Attributes:
        known: what the book held of the unit when this process took it.
    """

    book: StepBook
    run: str
    subject: str
    known: Sequence[Step] = ()
    _steps: list[Step] = field(init=False)
    _next: int = 0
    _unwritten: list[Row] = field(default_factory=list)
    _waited: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self._steps = list(self.known)

    def begin_again(self) -> None:
        """Start from the first step; what is remembered is not done again."""
        self._next = 0

    def do(self, name: str, act: Callable[[], str]) -> str:
        """Do the step and have its text remembered, or return what is remembered of it; errors are remembered too."""
        number = self._next
        self._next += 1
        if number == len(self._steps):
            self.book.may_begin()
            self._kept(number, Step(name, to_remember(act)), is_short_wait=False)
        elif self._steps[number].name != name:
            # Work that is not the same each time would take one step's answer for another's.
            raise Unforeseen("StepsDiffer")
        return remembered(self._steps[number].told)

    def _kept(self, number: int, step: Step, *, is_short_wait: bool) -> None:
        self._unwritten.append(Row(self.run, self.subject, number, step))
        self._steps.append(step)
        if not is_short_wait:
            rows, self._unwritten = self._unwritten, []
            self.book.keep(rows)

    def wait(self, duration: timedelta) -> None:
        """Wait; a process that starts again waits only for what is left, or for a few seconds once more."""
        number, until = self._next, (datetime.now(UTC) + duration).isoformat
        if number == len(self._steps) and duration <= _SHORT:
            # It is written with the next step: the disk is dearer than to wait once more after a crash.
            self._kept(number, Step("wait", to_remember(until)), is_short_wait=True)
        end = datetime.fromisoformat(self.do("wait", until))
        if number not in self._waited:
            self._waited.add(number)
            # A clock that was set back makes no wait longer than it was meant to be.
            left = min(end - datetime.now(UTC), duration)
            if left > timedelta():
                raise Paused(left.total_seconds())

    def now(self) -> datetime:
        """Return the instant that is remembered."""
        return datetime.fromisoformat(self.do("now", lambda: datetime.now(UTC).isoformat()))
