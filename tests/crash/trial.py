"""A scenario tried again and again from the same beginning, and judged after every change."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from gatepass.adapters.memory import MemoryClock, MemoryRandomness, MemoryRoles
from gatepass.domain.errors import GatepassError
from gatepass.domain.switch import CLOCK_STEP
from gatepass.sandbox.memory.faults import FaultKind
from tests.crash.access import ENGINEER, ENTERS, OLD_ID, RETIRING_ID, Access, past
from tests.crash.customer import ADMINISTRATOR, NAMES, Customer, Killed, Watch
from tests.crash.scenarios import Scenario
from tests.crash.verbs import Hands
from tests.people import CUSTOMER

A_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calm:
    """What a run without any trouble does and leaves.

    Attributes:
        calls: every call, in order.
        after: who can do what at the end.
    """

    calls: tuple[str, ...]
    after: Access = field(repr=False)


class Trial:
    """One scenario on the stage.

    Attributes:
        before: who can do what at the beginning.
        calm: what happens when nothing goes wrong.
    """

    def __init__(self, customer: Customer, scenario: Scenario) -> None:
        start = customer.aws.now().replace(microsecond=0)
        twin = MemoryRoles(CUSTOMER, MemoryClock(start - A_DAY), NAMES)
        self.hands = Hands(customer.roles, customer.clock, MemoryRandomness(), start)
        for verb in scenario.stands:
            verb(Hands(twin, twin.clock, self.hands.randomness, start))
        self._customer, self.scenario = customer, scenario
        self._beginning = customer.set_up(twin.roles.values())
        self._past = past(twin.roles.values(), start)
        self.before = self.now()
        self.calm = self._calm()
        self.begin()

    def __repr__(self) -> str:
        return f"Trial({self.scenario.name!r})"

    def _calm(self) -> Calm:
        with self.watched(Watch()) as watch:
            self.scenario.verb(self.hands)
        return Calm(tuple(watch.calls), self.settled())

    def begin(self) -> None:
        """Go back to the beginning, with no fault in sight."""
        self._customer.aws.clear_faults()
        self._customer.aws.put_back(self._beginning)

    def attempt(self, where: str, *, since: int = 0) -> GatepassError | None:
        """Run the verb, judging each change from that call on, and return how it stopped; None when it was done."""

        def look(call: str) -> None:
            if len(watch.calls) > since:
                self.judge(f"{where}, then {call}")

        watch = Watch(look=look)
        try:
            with self.watched(watch):
                self.scenario.verb(self.hands)
        except GatepassError as error:
            return error
        return None

    def stage(self, kind: FaultKind, *, after: int) -> None:
        """Let one call of the administrator go wrong, after so many."""
        self._customer.aws.stage_fault(kind, after=after, principal=ADMINISTRATOR)

    @property
    def fault_hit(self) -> bool:
        """Whether the staged fault hit."""
        return any(fault["hit"] for fault in self._customer.aws.faults())

    def now(self) -> Access:
        """Return who can do what now."""
        return self._customer.access(self._past)

    def settled(self) -> Access:
        """Return who can do what once sessions are younger than the line that ends the older ones."""
        self.hands.clock.sleep(CLOCK_STEP)
        return self.now()

    def kill(self, *, before: int | None = None, after: int | None = None) -> None:
        """Run the verb until it is killed, at the call of that number."""
        with self.watched(Watch(kill_before=before, kill_after=after)) as watch, pytest.raises(Killed):
            self.scenario.verb(self.hands)
        assert watch.calls == list(self.calm.calls[: len(watch.calls)]), "another run makes other calls"

    def judge(self, where: str) -> None:
        """Hold what stands against the beginning and the end, and see that nobody is shut out who must not be."""
        left = self.now()
        more = min(left - self.before, left - self.calm.after, key=len)
        assert left <= self.before or left <= self.calm.after, f"{where}: somebody can do more: {sorted(more)[:5]}"
        if self.scenario.always_in:
            entrances = {(ENGINEER, way, ENTERS, "now") for way in (OLD_ID, RETIRING_ID)}
            assert left & entrances, f"{where}: no ID that was handed out opens"

    def finish(self, where: str) -> None:
        """Run the verb to its end, judging each change, and see that the end is right."""
        stopped = self.attempt(where)
        assert stopped is None, f"{where}, then run again: {stopped.what}"
        assert self.settled() == self.calm.after, where

    def stays(self, where: str) -> None:
        """See that the verb, done, has nothing left to do."""
        if self.scenario.writes_again:
            return
        with self.watched(Watch()) as again:
            self.scenario.verb(self.hands)
        assert again.writes == [], where

    @contextmanager
    def watched(self, watch: Watch) -> Iterator[Watch]:
        """Watch the administrator's calls while the context lasts."""
        with self._customer.watched(watch):
            yield watch
