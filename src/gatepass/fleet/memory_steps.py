"""A twin of the durable steps that runs in memory and can be killed before or after any step."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum


class Killed(BaseException):
    """The process is gone; nothing that follows in it is run."""


class Moment(Enum):
    """When in a step the process dies."""

    BEFORE = "before the deed"
    BETWEEN = "after the deed, before it is remembered"
    AFTER = "after it is remembered"


@dataclass
class MemorySteps:
    """Durable steps of one unit; what is remembered outlives a kill, as does this object.

    Call ``begin_again`` before the work is run once more: it then meets its steps from the first.

    Attributes:
        clock: the instant; waiting moves it.
        die_at: the step's number, from 0, and the moment of it at which the process dies; then it is None again.
        done: every deed in order, by the step's name, a repeated one as often as it was done.
    """

    clock: datetime = datetime(2026, 1, 1, tzinfo=UTC)
    die_at: tuple[int, Moment] | None = None
    done: list[str] = field(default_factory=list)
    _remembered: list[tuple[str, str]] = field(default_factory=list)
    _next: int = 0

    def begin_again(self) -> None:
        """Start from the first step, as a new process does."""
        self._next = 0

    def do(self, name: str, act: Callable[[], str]) -> str:
        """Do the step, or return what is remembered of it."""
        number = self._next
        self._next += 1
        if number < len(self._remembered):
            known, text = self._remembered[number]
            if known != name:
                raise AssertionError(f"step {number} was {known}, and is {name} now: work must be the same each time")
            return text
        self._die(number, Moment.BEFORE)
        text = act()
        self.done.append(name)
        self._die(number, Moment.BETWEEN)
        self._remembered.append((name, text))
        self._die(number, Moment.AFTER)
        return text

    def wait(self, duration: timedelta) -> None:
        """Move the clock to where the wait ends."""
        end = datetime.fromisoformat(self.do("wait", (self.clock + duration).isoformat))
        self.clock = max(self.clock, end)

    def now(self) -> datetime:
        """Return the clock's instant, or the one told first."""
        return datetime.fromisoformat(self.do("now", self.clock.isoformat))

    def _die(self, number: int, moment: Moment) -> None:
        if self.die_at == (number, moment):
            self.die_at = None
            raise Killed
