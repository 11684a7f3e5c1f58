"""Two people move doors of one file at once, and change places before any call to the outside."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatepass.domain.errors import Conflict
from gatepass.domain.role import SWITCH_POLICY
from gatepass.domain.trust import is_closed
from gatepass.domain.workspace_door import Step
from gatepass.fleet.memory_steps import Killed
from gatepass.usecases.close_workspace_door import close_workspace_door
from gatepass.usecases.door_records import door_records
from gatepass.usecases.open_workspace_door import open_workspace_door, says_all
from gatepass.usecases.rotate_workspace_door import rotate_workspace
from tests.usecases.workspace_world import AUDIT, DOORS, OVERLAP, SUPPORT, World

Act = Callable[[World], object]


@dataclass
class AtOnce:
    """People in threads of which one goes on at a time; who is next is said before each call.

    Attributes:
        turns: who goes on at each call; afterwards whoever is on stays so to the end.
        ends: what each of them ended with: a conflict, or None.
    """

    world: World
    turns: list[int]
    ends: dict[int, BaseException | None] = field(default_factory=dict)
    on: int = 0

    def do(self, acts: Sequence[Act]) -> list[BaseException | None]:
        """Let all of them act, each to the end."""
        self._alive, self._changed, self._who = set(range(len(acts))), threading.Condition(), threading.local()
        self.world.switch = self._before_a_call
        threads = [threading.Thread(target=self._person, args=(who, act)) for who, act in enumerate(acts)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        self.world.switch = lambda: None
        return [self.ends[who] for who in range(len(acts))]

    def _person(self, who: int, act: Act) -> None:
        self._who.number = who
        with self._changed:
            self._changed.wait_for(lambda: self.on == who)
        end: BaseException | None = AssertionError("it never ended")
        try:
            act(self.world)
            end = None
        except BaseException as error:  # noqa: BLE001 - told by the test
            end = error
        finally:
            with self._changed:
                self.ends[who] = end
                self._alive.discard(who)
                self.on = min(self._alive, default=-1)
                self._changed.notify_all()

    def _before_a_call(self) -> None:
        who = self._who.number
        with self._changed:
            asked = self.turns.pop(0) if self.turns else who
            self.on = asked if asked in self._alive else who
            self._changed.notify_all()
            self._changed.wait_for(lambda: self.on == who)


turns = st.lists(st.integers(0, 1), max_size=160)
in_stretches = st.lists(st.tuples(st.integers(0, 1), st.integers(1, 40)), max_size=8).map(
    lambda parts: [who for who, length in parts for _ in range(length)]
)
orders = turns | in_stretches
often = settings(max_examples=25, deadline=None)


def _rotates(*names: object) -> Act:
    return lambda world: rotate_workspace(names, world.desk(), OVERLAP)  # type: ignore[arg-type]


def _closes(world: World) -> None:
    close_workspace_door(SUPPORT, world.moves)


def _opens(world: World) -> None:
    open_workspace_door(SUPPORT, world.desk())


def _is_shut(world: World) -> bool:
    role = world.roles.roles[world.role(SUPPORT)]
    return is_closed(role.trust) and SWITCH_POLICY in role.inline


def _says_all(world: World) -> bool:
    """Say whether the variable says what the records say, so that a run by itself moves nothing."""
    return says_all(world.platform.our_workspace(world.setup), door_records(world.file, world.store), world.moves)


def _calls_before(act: Act, what: str) -> int:
    """Return how many calls it makes before this one, where nobody else does anything."""
    world = World()
    act(world)
    return world.kills.made.index(what)


def test_who_writes_the_variable_after_the_door_was_closed_writes_it_again() -> None:
    world = World()
    world.hidden.add(SUPPORT)
    stalls = _calls_before(_rotates(SUPPORT), "platform.write_doors")

    rotated, closed = AtOnce(world, [0] * stalls + [1]).do([_rotates(SUPPORT), _closes])

    assert isinstance(rotated, Conflict)
    assert closed is None
    assert _says_all(world)
    assert _is_shut(world)


def test_who_closes_looks_whether_somebody_who_died_wrote_over_it_before_the_run_planned() -> None:
    world = World()
    world.hidden.add(SUPPORT)
    stalls = _calls_before(_rotates(SUPPORT), "platform.write_doors")
    runs = _calls_before(_closes_freely, "platform.start_run")
    # The second to write the variable is the one who stalled, and dies of it.
    world.kills.at, world.kills.what = 1, "platform.write_doors"

    rotated, closed = AtOnce(world, [0] * stalls + [1] * (1 + runs) + [0]).do([_rotates(SUPPORT), _closes])

    assert isinstance(rotated, Killed)
    assert closed is None
    assert _says_all(world)
    assert _is_shut(world)


def test_who_wrote_over_a_close_lets_a_run_follow_for_another_may_have_planned_meanwhile() -> None:
    world = World()
    world.hidden.add(SUPPORT)
    stalls = _calls_before(_rotates(SUPPORT), "platform.write_doors")
    workspace = world.platform.our_workspace(world.setup).workspace

    def before_a_call() -> None:
        if len(world.kills.made) == stalls:
            world.switch = lambda: None
            _closes(world)
            world.switch = after_the_write

    def after_the_write() -> None:
        if world.kills.made[-1] == "platform.write_doors":
            world.switch = lambda: None
            world.platform.run(world.platform.begin_by_somebody(workspace, "schedule").id)

    world.switch = before_a_call
    with pytest.raises(Conflict):
        rotate_workspace((SUPPORT,), world.desk(), OVERLAP)

    for run in world.platform.runs:
        while not world.platform.run(run).is_over:
            pass

    assert "schedule" in world.applies
    assert _says_all(world)
    assert _is_shut(world)


def _closes_freely(world: World) -> None:
    world.hidden.add(SUPPORT)
    _closes(world)


def _demand_conflicts(ends: Sequence[BaseException | None]) -> None:
    for end in ends:
        if end is not None and not isinstance(end, Conflict):
            raise end


@often
@given(orders)
def test_two_doors_moved_by_two_people_are_both_moved(order: list[int]) -> None:
    world = World()

    ends = AtOnce(world, order).do([_rotates(SUPPORT), _rotates(AUDIT)])

    assert ends == [None, None]
    assert _says_all(world)
    for name in (SUPPORT, AUDIT):
        # Who finds the other's move begun finishes it too; then the pass may be written once more.
        assert world.record(name).step is not Step.WRITTEN
        assert world.takes_two(name)
        world.admits(name)
        assert world.opens_with(name, world.current(name))


@often
@given(orders)
def test_one_door_rotated_by_two_people_is_rotated_once_and_can_be_handed_over(order: list[int]) -> None:
    world = World(DOORS[:1])

    ends = AtOnce(world, order).do([_rotates(), _rotates()])
    _demand_conflicts(ends)
    rotate_workspace((), world.desk(), OVERLAP)

    assert world.record(SUPPORT).step is Step.HANDED_OVER
    world.admits(SUPPORT)
    assert world.opens_with(SUPPORT, world.current(SUPPORT))
    assert world.current(SUPPORT) == world.record(SUPPORT).ids[0].reveal()


@pytest.mark.parametrize("other", [_rotates(SUPPORT), _rotates(), _closes], ids=["rotate", "rotate both", "close"])
def test_a_door_that_is_closed_by_one_stays_closed_whatever_the_other_does(other: Act) -> None:
    @often
    @given(orders)
    def closes_at_once(order: list[int]) -> None:
        world = World()
        world.hidden.add(SUPPORT)

        closed, end = AtOnce(world, order).do([_closes, other])
        _demand_conflicts([end])

        assert closed is None
        assert _is_shut(world)
        assert _says_all(world)
        rotate_workspace((), world.desk(), OVERLAP)
        assert _is_shut(world)
        assert world.opens_with(AUDIT, world.current(AUDIT))

    closes_at_once()


@often
@given(orders)
def test_a_door_opened_and_closed_at_once_ends_as_its_record_says(order: list[int]) -> None:
    world = World()
    world.hidden.add(SUPPORT)
    _closes(world)

    ends = AtOnce(world, order).do([_opens, _closes])
    _demand_conflicts(ends)
    rotate_workspace((AUDIT,), world.desk(), OVERLAP)

    assert _is_shut(world) == (not world.record(SUPPORT).ids)
