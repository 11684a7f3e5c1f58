"""Rotations of both parties, the switch's verbs and crashes in any order; the world judges every single write."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from gatepass.domain.errors import Conflict
from gatepass.domain.switch import Position, doors
from gatepass.fleet.memory_steps import Killed, MemorySteps, Moment
from gatepass.fleet.work import Result, Unit, UnitResult, Work
from gatepass.usecases.close_door import close_door
from gatepass.usecases.end_sessions import end_sessions
from gatepass.usecases.keep_second_factor import keep_second_factor
from gatepass.usecases.open_door import open_door
from gatepass.usecases.rotate_factor import rotate_factor
from tests.fleet.stub import SUBJECT, World, finished, steps_of
from tests.fleet.stub_parts import Fault
from tests.people import SUPPORT, declaration

PASS = "444455556666-support.pass.json"
WAITABLE = (Fault.THROTTLED, Fault.FAILED, Fault.TIMED_OUT_AFTER_EFFECT, Fault.DOWN, Fault.DISK_FULL)
# Far more than a run of the machine lasts: what nobody comes back for ends by its date, which is another test.
LONG = timedelta(days=365)
# A person whose command is killed types it again; a step of the fleet is killed at each of its moments.
kills = st.none() | st.tuples(st.integers(0, 8), st.sampled_from([Fault.KILLED_BEFORE, Fault.KILLED_AFTER]))
deaths = st.none() | st.tuples(st.integers(0, 30), st.sampled_from(Moment))
trouble = st.none() | st.tuples(
    st.integers(0, 60), st.sampled_from([Fault.KILLED_BEFORE, Fault.KILLED_AFTER, *WAITABLE])
)


_Trouble = tuple[int, Fault] | None
_Death = tuple[int, Moment] | None


class TwoParties(RuleBasedStateMachine):
    """A customer and a provider who do what they like, whenever they like."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World(overlap=LONG)
        self.runs = 0
        self.stopped: list[tuple[Work, Unit, MemorySteps]] = []
        self.closed = False

    @rule(both=st.booleans(), trouble=trouble, death=deaths, comes_back=st.booleans())
    def rotate(self, *, both: bool, trouble: _Trouble, death: _Death, comes_back: bool) -> None:
        """Rotate; a process that dies is begun again, or another run comes first."""
        result = self.does(self.world.rotation(both=both), "rotate", SUBJECT, trouble, death, comes_back=comes_back)
        if result is not None and self.closed:
            assert result.result is Result.FAILED
        if result is not None and result.facts.get("stage") == "finished":
            self.world.hidden = False

    @rule(trouble=trouble, death=deaths, comes_back=st.booleans())
    def admit(self, *, trouble: _Trouble, death: _Death, comes_back: bool) -> None:
        """Admit whatever pass lies there."""
        if PASS not in self.world.passes.files:
            return
        result = self.does(self.world.admission(), "admit", PASS, trouble, death, comes_back=comes_back)
        if result is not None and result.result is Result.DONE:
            self.world.hidden = False

    @precondition(lambda self: self.stopped)
    @rule()
    def come_back(self) -> None:
        """Go on with what was stopped longest ago, though much may have happened since."""
        work, unit, steps = self.stopped.pop(0)
        steps.clock = self.world.clock.now()
        result = finished(self.world, work, unit, steps)
        assert result.result is Result.DONE or result.cause

    @rule(kill=kills)
    def close(self, kill: _Trouble) -> None:
        world = self.world
        self.types(lambda: close_door(SUPPORT, world.roles, world.clock, timedelta(seconds=5)), kill)
        self.closed = True

    @precondition(lambda self: self.closed)
    @rule(kill=kills)
    def open(self, kill: _Trouble) -> None:
        """Open: a new second factor, of which the provider knows nothing until the next pass."""
        world = self.world
        world.hidden = True
        self.types(lambda: open_door(declaration(), SUPPORT, world.roles, world.clock, world.randomness), kill)
        self.closed = False
        self.keeps()

    @rule(kill=kills)
    def revoke(self, kill: _Trouble) -> None:
        self.types(lambda: end_sessions(SUPPORT, self.world.roles, self.world.clock), kill)

    @rule(kill=kills)
    def rotate_by_hand(self, kill: _Trouble) -> None:
        """Rotate with the single command, whose pass nobody writes into the outbox."""
        before = self.world.role
        try:
            self.types(lambda: rotate_factor(SUPPORT, self.world.roles, self.world.randomness, LONG), kill)
        except Conflict:
            assert self.closed
            return
        assert not self.closed
        if self.world.role != before:
            self.keeps()

    @rule(minutes=st.integers(1, 60))
    def time_passes(self, minutes: int) -> None:
        self.world.clock.instant += timedelta(minutes=minutes)

    @invariant()
    def a_closed_door_stays_closed(self) -> None:
        role = self.world.role
        assert role is not None
        assert not self.closed or doors(role).position is Position.CLOSED

    @invariant()
    def what_the_provider_holds_opens(self) -> None:
        self.world.judge("a rule")

    def keeps(self) -> None:
        """Let the store follow AWS, as every verb of the command line does."""
        keep_second_factor(SUPPORT, self.world.roles, self.world.customer_store)

    def types(self, command: Callable[[], object], kill: _Trouble) -> None:
        """Let a person type the command, and type it again when it was killed."""
        if kill is not None:
            self.world.faults[len(self.world.calls) + kill[0]] = kill[1]
        try:
            with contextlib.suppress(Killed):
                command()
                return
            command()
        finally:
            self.world.faults.clear()

    def does(
        self, work: Work, kind: str, subject: str, trouble: _Trouble, death: _Death, *, comes_back: bool
    ) -> UnitResult | None:
        self.runs += 1
        unit, steps = Unit(kind, subject, f"run-{self.runs}"), steps_of(self.world)
        steps.die_at = death
        if trouble is not None:
            self.world.faults[len(self.world.calls) + trouble[0]] = trouble[1]
        try:
            if comes_back:
                return finished(self.world, work, unit, steps)
            return work(unit, steps)
        except Killed:
            self.stopped.append((work, unit, steps))
            return None
        finally:
            self.world.faults.clear()


TestTwoParties = TwoParties.TestCase
TestTwoParties.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
