"""Steps that DBOS itself remembers, for what is done once for a whole batch."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from dbos import DBOS

from gatepass.fleet.remembered import remembered, to_remember


class DurableSteps:
    """Steps inside a workflow of DBOS; they must be met in the same order each time."""

    @staticmethod
    def do(name: str, act: Callable[[], str]) -> str:
        """Do the step and have its text remembered, or return what is remembered of it; errors are remembered too."""
        return remembered(DBOS.run_step({"name": name}, lambda: to_remember(act)))

    @staticmethod
    def wait(duration: timedelta) -> None:
        """Wait until the instant that is remembered."""
        DBOS.sleep(duration.total_seconds())

    def now(self) -> datetime:
        """Return the instant that is remembered."""
        return datetime.fromisoformat(self.do("now", lambda: datetime.now(UTC).isoformat()))


class ForgetfulSteps:
    """Steps of work that only reads: the whole batch is one step of DBOS, so nothing smaller is remembered."""

    @staticmethod
    def do(name: str, act: Callable[[], str]) -> str:
        """Do the step."""
        del name
        return act()

    @staticmethod
    def wait(duration: timedelta) -> None:
        """Refuse: a wait that is not remembered would begin again."""
        raise AssertionError(f"work that only reads does not wait {duration}")

    @staticmethod
    def now() -> datetime:
        """Return this instant."""
        return datetime.now(UTC)
